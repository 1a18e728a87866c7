# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The query history: what is in it, who sees it, how it is filtered and paged.

Sources: SDK service/sql.py, QueryHistoryAPI; Databricks docs, "Query history" and "SQL warehouse access control".
"""

from __future__ import annotations

import typing as t

import pytest
from databricks.sdk.errors import InvalidParameterValue
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel
from databricks.sdk.service.sql import QueryFilter, QueryStatus, TimeRange

from tests.sandbox.people import Person, client, cursor, person, rows
from tests.sandbox.wire import advance, ask, coded, journal
from tests.support.sandbox import Sandbox

PATH = "/api/2.0/sql/history/queries"
DAY = 86_400_000


def texts(sandbox: Sandbox, token: str | None = None, **filters: t.Any) -> list[str]:
    found = client(sandbox, token).query_history.list(filter_by=QueryFilter(**filters) if filters else None)
    return [str(one.query_text) for one in found.res or []]


def run(somebody: Person, *statements: str, **session: t.Any) -> None:
    with cursor(somebody.sandbox, somebody.token, **session) as opened:
        for statement in statements:
            rows(opened, statement)


def test_statements_of_both_ways_are_there_newest_first(sandbox: Sandbox) -> None:
    somebody = person(sandbox)
    run(somebody, "/* said in front */ SELECT 1", query_tags={"team": "a"})
    advance(sandbox, advance_seconds=1)
    somebody.client.statement_execution.execute_statement("SELECT nothing FROM none", sandbox.warehouse_id)
    last, first = client(sandbox).query_history.list(filter_by=QueryFilter(user_ids=[int(somebody.id)])).res or []
    assert (first.query_text, first.status) == ("/* said in front */ SELECT 1", QueryStatus.FINISHED)
    assert (first.user_name, first.executed_as_user_id) == (somebody.application_id, int(somebody.id))
    assert first.session_id and first.warehouse_id == first.endpoint_id == sandbox.warehouse_id
    assert [(tag.key, tag.value) for tag in first.query_tags or []] == [("team", "a")]
    assert (last.status, last.session_id) == (QueryStatus.FAILED, None) and "none" in str(last.error_message)


def test_who_may_use_a_warehouse_sees_only_what_is_his_own(sandbox: Sandbox) -> None:
    """Docs: at least CAN VIEW on the warehouse; what may not be seen is missing without a word."""
    one, other = person(sandbox, "one"), person(sandbox, "other")
    run(one, "SELECT 1")
    run(other, "SELECT 2")
    assert texts(sandbox, one.token) == ["SELECT 1"]
    assert texts(sandbox, one.token, user_ids=[int(other.id)]) == []
    assert texts(sandbox, user_ids=[int(one.id), int(other.id)]) == ["SELECT 2", "SELECT 1"]


def test_who_may_monitor_the_warehouse_sees_all(sandbox: Sandbox) -> None:
    one, other = person(sandbox, "one"), person(sandbox, "other")
    run(other, "SELECT 2")
    entry = AccessControlRequest(
        service_principal_name=one.application_id, permission_level=PermissionLevel.CAN_MONITOR
    )
    client(sandbox).permissions.update("warehouses", sandbox.warehouse_id, access_control_list=[entry])
    assert texts(sandbox, one.token) == ["SELECT 2"]


def test_thirty_days_are_kept(sandbox: Sandbox) -> None:
    run(person(sandbox), "SELECT 1")
    advance(sandbox, advance_days=29)
    assert texts(sandbox) == ["SELECT 1"]
    advance(sandbox, advance_days=2)
    assert texts(sandbox) == []


def test_a_filter_by_time_and_status(sandbox: Sandbox) -> None:
    somebody = person(sandbox)
    begin = sandbox.control("GET", "clock")["now_ms"]
    run(somebody, "SELECT 1")
    advance(sandbox, advance_days=3)
    then = TimeRange(start_time_ms=begin - DAY, end_time_ms=begin + DAY)
    later = TimeRange(start_time_ms=begin + DAY, end_time_ms=begin + 2 * DAY)
    assert texts(sandbox, query_start_time_range=then) == ["SELECT 1"]
    assert texts(sandbox, query_start_time_range=later) == []
    assert texts(sandbox, statuses=[QueryStatus.FAILED]) == []
    with pytest.raises(InvalidParameterValue, match="30 days"):
        texts(sandbox, query_start_time_range=TimeRange(start_time_ms=begin - 31 * DAY, end_time_ms=begin))


def test_pages(sandbox: Sandbox) -> None:
    run(person(sandbox), "SELECT 1", "SELECT 2", "SELECT 3")
    api = client(sandbox).query_history
    first = api.list(max_results=2)
    assert first.has_next_page and len(first.res or []) == 2
    second = api.list(max_results=2, page_token=first.next_page_token)
    assert not second.has_next_page and len(second.res or []) == 1
    assert len({one.query_id for one in [*(first.res or []), *(second.res or [])]}) == 3


@pytest.mark.parametrize(
    "query", ["max_results=1000", "filter_by.user_ids=me", "filter_by.statuses=GOOD", "page_token=x", "filter=1"]
)
def test_what_is_refused(sandbox: Sandbox, query: str) -> None:
    assert coded(ask(sandbox, "GET", f"{PATH}?{query}")) == (400, "INVALID_PARAMETER_VALUE")


def test_a_token_for_the_next_page_may_come_although_nothing_follows(sandbox: Sandbox) -> None:
    run(person(sandbox), "SELECT 1")
    sandbox.set(forms="second")
    found = client(sandbox).query_history.list()
    assert found.next_page_token and not found.has_next_page
    assert client(sandbox).query_history.list(page_token=found.next_page_token).res == []


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ("/* whose */ (SELECT 1)", False),
        ("-- whose\n( /* a */ SELECT 1)", False),
        ("/* SELECT */ CREATE SCHEMA main.commented", True),
    ],
)
def test_the_journal_looks_behind_comments(sandbox: Sandbox, statement: str, changes: bool) -> None:
    sandbox.control("DELETE", "journal")
    client(sandbox).statement_execution.execute_statement(statement, sandbox.warehouse_id)
    assert [one["mutating"] for one in journal(sandbox) if one["statement"]] == [changes]
