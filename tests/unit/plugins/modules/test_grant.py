# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grants where answers leave something out, and where the caller may not see what others hold."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import grants
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.sql import Rows
from tests.support.modules import run_module
from tests.support.scripted_host import TOKEN, Answer, Host

WHO = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"
ON = "/api/2.1/unity-catalog/permissions/schema/main.one"
EFFECTIVE = "/api/2.1/unity-catalog/effective-permissions/{}"
SCIM = "/api/2.0/preview/scim/v2"
DENIED = Answer({"error_code": "PERMISSION_DENIED", "message": "User is not an owner of Schema 'main.one'."}, 403)
MAY_NOT = Answer({"error_code": "PERMISSION_DENIED", "message": "User does not have MANAGE on Schema 'main.one'."}, 403)


def row(*privileges: t.Any, principal: t.Any = WHO) -> dict[str, t.Any]:
    return {"principal": principal, "privileges": list(privileges)}


def rows(*those: dict[str, t.Any]) -> Answer:
    return Answer({"privilege_assignments": list(those)})


def run(host: Host, check: bool = False, module: str = "grant", **options: t.Any) -> dict[str, t.Any]:
    host.on("GET", EFFECTIVE.format("catalog/main"), rows(row({"privilege": "USE_CATALOG"}, principal="account users")))
    connection = {"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}
    where = {"securable": "schema", "name": "main.one", "principal": WHO}
    patience = {} if module.endswith("_info") else {"visible_timeout": 1, "principal_timeout": 1}
    return run_module(module, {**connection, **where, **patience, **options}, check=check)


def changes(host: Host) -> list[dict[str, t.Any]]:
    return [one for request in host.seen("PATCH") for one in request["body"]["changes"]]


NOTHING = [
    Answer({}),
    rows(),
    Answer({"privilege_assignments": None}),
    rows({"principal": WHO}),
    rows({"principal": WHO, "privileges": None}),
    rows(row(principal=None), row("SELECT", principal="")),
    Answer({"privilege_assignments": [], "next_page_token": ""}),
]


@pytest.mark.parametrize("answer", NOTHING)
def test_every_form_of_nothing_is_nothing(scripted: Host, answer: Answer) -> None:
    scripted.on("GET", ON, answer)
    result = run(scripted, True, privileges=["SELECT"])
    assert result["changed"] and result["diff"]["before"] == {"privileges": []}
    assert not run(scripted, state="absent", purge=True)["changed"] and changes(scripted) == []


def test_a_page_without_rows_is_not_the_end(scripted: Host) -> None:
    scripted.on("GET", ON, Answer({"next_page_token": "1"}), rows(row("SELECT")))
    assert not run(scripted, privileges=["SELECT"])["changed"]


def test_what_is_new_to_us_is_shown_and_counted(scripted: Host) -> None:
    scripted.on("GET", ON, rows(row("INSERT", "SELECT"), row("INSERT", principal="")))
    effective = {"privilege": "FLY", "inherited_from_type": "PLANET", "inherited_from_name": None}
    scripted.on("GET", EFFECTIVE.format("schema/main.one"), rows(row(effective, {"privilege": None}, principal="")))
    assert run(scripted, privileges=["INSERT"])["grant"]["privileges"] == ["INSERT", "SELECT"]
    found = run(scripted, module="grant_info", principal=None)
    assert found["direct"][0] == {"principal": "", "privileges": ["INSERT"]}
    assert [(one["privilege"], one["source_type"], one["source"]) for one in found["effective"]] == [
        ("FLY", "planet", "")
    ]


@pytest.mark.parametrize("text", ["use  schema", " USE_SCHEMA ", "Use\u00a0Schema\n"])
def test_blanks_in_and_around_a_name_do_not_count(scripted: Host, text: str) -> None:
    scripted.on("GET", ON, rows(row("USE_SCHEMA")))
    result = run(scripted, privileges=[text])
    assert not result["changed"] and result["warnings"] == []


# -- rows that the caller may not see -------------------------------------------------------------
def test_check_mode_says_that_it_does_not_know(scripted: Host) -> None:
    scripted.on("GET", ON, DENIED)
    result = run(scripted, True, privileges=["SELECT"])
    assert not result["changed"] and changes(scripted) == []
    assert any("could not be read" in one and "sends the grant" in one for one in result["warnings"])


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"privileges": ["SELECT", "USE SCHEMA"]}, {"add": ["SELECT", "USE_SCHEMA"], "remove": []}),
        ({"privileges": ["SELECT"], "state": "absent"}, {"add": [], "remove": ["SELECT"]}),
    ],
)
def test_the_act_is_tried_and_what_is_not_known_is_said(
    scripted: Host, options: dict[str, t.Any], sent: dict[str, t.Any]
) -> None:
    scripted.on("GET", ON, DENIED).on("PATCH", ON, Answer({}))
    result = run(scripted, **options)
    assert result["changed"] and changes(scripted) == [{"principal": WHO, **sent}]
    assert any("whether that changed anything could not be established" in one for one in result["warnings"])


def test_the_answer_tells_what_is_held_then(scripted: Host) -> None:
    answer = rows(row("MODIFY", principal="somebody"), row("SELECT", "EXECUTE", principal=WHO.upper()))
    scripted.on("GET", ON, DENIED).on("PATCH", ON, answer)
    assert run(scripted, privileges=["SELECT"])["grant"]["privileges"] == ["EXECUTE", "SELECT"]


def test_who_may_neither_see_nor_grant_learns_the_missing_right(scripted: Host) -> None:
    scripted.on("GET", ON, DENIED).on("PATCH", ON, MAY_NOT)
    scripted.on("GET", f"{SCIM}/Me", Answer({"userName": "ada@example.com"}))
    result = run(scripted, privileges=["SELECT"])
    assert "does not have MANAGE on Schema 'main.one'" in result["msg"]
    assert "GRANT MANAGE ON SCHEMA `main`.`one` TO `ada@example.com`" in result["error"]["hint"]


@pytest.mark.parametrize("options", [{"privileges": ["SELECT"]}, {"state": "absent"}])
def test_exactly_these_takes_seeing_what_there_is(scripted: Host, options: dict[str, t.Any]) -> None:
    scripted.on("GET", ON, DENIED)
    result = run(scripted, purge=True, **options)
    assert result["failed"] and "leave purge out" in result["error"]["hint"] and changes(scripted) == []


def test_an_unknown_name_that_is_refused_comes_with_the_services_words_and_a_guess(scripted: Host) -> None:
    said = "Invalid input: RPC UpdatePermissions: SELCT is not a valid privilege."
    scripted.on("GET", ON, Answer({})).on(
        "PATCH", ON, Answer({"error_code": "INVALID_PARAMETER_VALUE", "message": said}, 400)
    )
    assert run(scripted, privileges=["SELCT"])["msg"] == (
        f"Could not change the privileges of {WHO} on schema main.one: {said} Hint: privileges: SELCT is no privilege "
        "that this collection knows on a schema (did you mean SELECT?)."
    )


# -- hive_metastore ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "key", "source"),
    [
        # Both forms of a name are met in answers (databrickslabs/ucx, hive_metastore/grants.py).
        ("DATABASE", "sales", ("schema", "hive_metastore.sales")),
        ("SCHEMA", "`hive_metastore`.`Sales`", ("schema", "hive_metastore.sales")),
        ("TABLE", "`sales`.`orders`", ("table", "hive_metastore.sales.orders")),
        ("TABLE", "hive_metastore.sales.orders", ("table", "hive_metastore.sales.orders")),
        ("CATALOG$", "", ("catalog", "hive_metastore")),
        ("CATALOG", "hive_metastore", ("catalog", "hive_metastore")),
    ],
)
def test_where_a_privilege_of_hive_metastore_comes_from_is_named_alike_however_it_is_written(
    kind: str, key: str, source: tuple[str, str]
) -> None:
    class Session:
        def run(self, statement: str) -> Rows:
            assert statement == f"SHOW GRANTS `{WHO}` ON SCHEMA `hive_metastore`.`sales`"
            return Rows(["Principal", "ActionType", "ObjectType", "ObjectKey"], [[WHO, "SELECT", kind, key]])

    over: t.Any = Session()
    of = grants.Securable("schema", "hive_metastore.sales")
    assert grants.Hive(over, of).effective(WHO) == [grants.Held(WHO, "SELECT", grants.Securable(*source))]
    assert bool(grants.Hive(over, of).direct(WHO)) is (source == ("schema", "hive_metastore.sales"))
