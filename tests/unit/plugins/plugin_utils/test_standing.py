# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One table of many workspaces."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.filter.standing_table import standing_table
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _standing


def result(
    status: str, *failed: str, passed: int = 24, expiry: str | None = "2027-02-23T03:19:50Z"
) -> dict[str, t.Any]:
    return {
        "status": status,
        "summary": {"passed": passed, "failed": len(failed), "warned": 1, "skipped": 0, "line": "..."},
        "checks": [{"id": name, "result": "failed"} for name in failed] + [{"id": "token", "result": "passed"}],
        "token": {"expiry": expiry},
    }


def test_what_needs_a_person_comes_first() -> None:
    found = {
        "a": result("ok"),
        "b": result("handover"),
        "c": result("drift", "surplus_tmp"),
        "d": result("broken", "session", "schemas", passed=3),
        "e": None,
        "f": result("of tomorrow"),
    }
    lines = _standing.table(found)
    assert [line.split()[0] for line in lines[1:-1]] == ["e", "d", "c", "f", "b", "a"]
    assert lines[-1] == "total of 6: 1 no result, 1 broken, 1 drift, 1 of tomorrow, 1 handover, 1 ok"


def test_a_row_says_status_checks_end_of_the_token_and_what_failed() -> None:
    row = _standing.table({"acme": result("broken", "session", "schemas", passed=3)})[1]
    cells = ["acme", "broken", "3 passed, 2 failed, 1 warned", "2027-02-23T03:19:50Z", "session, schemas"]
    assert re.split(r"\s{2,}", row) == cells


@pytest.mark.parametrize("left", [None, {}, {"status": None}])
def test_a_host_that_left_nothing_is_shown(left: t.Any) -> None:
    row = _standing.table({"acme": left, "other": result("ok")})[1]
    assert row.startswith("acme") and "no result" in row and "its own lines say why" in row


def test_check_mode_verifies_nothing() -> None:
    row = _standing.table({"acme": {"status": "unverified", "passed": None, "summary": {}, "checks": [], "token": {}}})[
        1
    ]
    assert row.split() == ["acme", "unverified", "-", "-", "-"]


def test_columns_stand_below_each_other() -> None:
    lines = _standing.table({"a": result("ok"), "a-longer-name": result("broken", "session")})[:-1]
    assert len({line.index(cell) for line, cell in zip(lines[1:], ("broken", "ok"), strict=True)}) == 1


def test_the_filter_takes_hosts_that_nobody_knows() -> None:
    hostvars = {"a": {"klaviyo_result": result("ok"), "mine": {"status": "broken"}}, "b": {}}
    assert standing_table(hostvars, ["a", "b", "c"])[-1] == "total of 3: 2 no result, 1 ok"
    assert standing_table(hostvars, ["a"], "mine")[-1] == "total of 1: 1 broken"
    with pytest.raises(AnsibleFilterError, match="list of the names"):
        standing_table(hostvars, "a")
