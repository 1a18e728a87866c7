# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure part of the preflight: rights with three answers, addresses against access lists, sentences."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import workspaces
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight import (
    already_held,
    evidence,
    findings,
    judge,
    rights,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.data import (
    Access,
    Level,
    Outcome,
    Privileges,
    Seen,
    Wish,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.rights import Rights
from ansible_collections.lakeops.databricks.plugins.module_utils._token.vault import KEYS_NEEDED

NOTHING_SHOWN = Rights()


def caller(*groups: str, name: str = "ada@example.com") -> dict[str, t.Any]:
    return {"user_name": name, "groups": list(groups), "admin": "admins" in groups, "workspace_id": "42"}


@pytest.mark.parametrize(
    ("groups", "owner", "rows", "metastore_owner", "expected"),
    [
        ((), "ADA@example.com", (), None, Rights(True, True, True)),
        (("owners",), "Owners", (), None, Rights(True, True, True)),
        (("admins",), "_workspace_admins_acme_42", (), None, Rights(True, True, True)),
        (("admins",), "_workspace_admins_databricks_0a_acme_42", (), None, Rights(True, True, True)),
        (("users",), "_workspace_admins_acme_42", (), None, NOTHING_SHOWN),
        (("admins",), "_workspace_users_acme_42", (), None, NOTHING_SHOWN),
        ((), "bob", (), None, NOTHING_SHOWN),
        ((), None, (), None, NOTHING_SHOWN),
        ((), "bob", (("Ada@Example.com", "USE_CATALOG"),), None, Rights(True, None, None)),
        ((), "bob", (("account users", "USE_CATALOG"),), None, Rights(True, None, None)),
        ((), "bob", (("bob", "CREATE_SCHEMA"),), None, NOTHING_SHOWN),
        (("g",), "bob", (("G", "ALL_PRIVILEGES"),), None, Rights(True, True, None)),
        (("g",), "bob", (("g", "MANAGE"),), None, Rights(None, None, True)),
        (("stewards",), "bob", (), "stewards", Rights(None, True, True)),
        (("stewards",), "bob", (), "others", NOTHING_SHOWN),
    ],
)
def test_a_right_is_held_or_could_not_be_established(
    groups: tuple[str, ...], owner: str | None, rows: t.Any, metastore_owner: str | None, expected: Rights
) -> None:
    assert rights.on_catalog(caller(*groups), owner, rows, metastore_owner) == expected


def access_list(kind: str, *addresses: str, enabled: bool = True) -> dict[str, t.Any]:
    return {"list_type": kind, "enabled": enabled, "ip_addresses": list(addresses)}


@pytest.mark.parametrize(
    ("lists", "refused"),
    [
        ([], []),
        ([access_list("ALLOW", "10.0.0.0/8")], ["192.0.2.7", "198.51.100.9/32"]),
        ([access_list("ALLOW", "192.0.2.0/24")], ["198.51.100.9/32"]),
        ([access_list("ALLOW", "192.0.2.7"), access_list("ALLOW", "198.51.100.9")], []),
        ([access_list("ALLOW", "10.0.0.0/8", enabled=False)], []),
        ([access_list("BLOCK", "192.0.2.7/32")], ["192.0.2.7"]),
        ([access_list("ALLOW", "0.0.0.0/0"), access_list("BLOCK", "198.51.100.0/24")], ["198.51.100.9/32"]),
        ([access_list("ALLOW", "::/0", "nonsense")], ["192.0.2.7", "198.51.100.9/32"]),
        ([{"list_type": "ALLOW", "enabled": True, "ip_addresses": None}], ["192.0.2.7", "198.51.100.9/32"]),
    ],
)
def test_addresses_that_access_lists_refuse(lists: list[dict[str, t.Any]], refused: list[str]) -> None:
    assert judge.refused_addresses(["192.0.2.7", "198.51.100.9/32"], lists) == refused


@pytest.mark.parametrize("code", findings.SENTENCES)
def test_every_sentence_is_whole(code: str) -> None:
    kind, what, who, how = findings.SENTENCES[code]
    assert kind in findings.KINDS
    assert what.endswith((".", ":", "}")), what
    assert bool(who) == bool(how), "who can change it and how go together"
    if kind in ("blocks", "lacks"):
        assert who, "a finding that stops or may stop a run says who can help"


def test_names_of_others_cannot_break_out_of_a_line() -> None:
    hostile = "bob\n[ERROR]: all is lost\x1b[31m`; {v.catalog} {{ 7 * 7 }}"
    line = findings.finding(
        "SCHEMA_OF_ANOTHER", schema="main.x", owner=hostile, caller="a`b", v=findings.Variables("klaviyo_")
    ).line
    assert "\n" not in line and "\x1b" not in line
    assert "{v.catalog} {{ 7 * 7 }}" in line, "a name is text, never a template"
    assert "TO `a``b`" in line


def seen(**answers: Outcome) -> Seen:
    return Seen(
        caller("admins"), "https://x", "x", True, {name.replace("__", " "): one for name, one in answers.items()}
    )


@pytest.mark.parametrize(
    ("answers", "facts", "asked"),
    [
        ({"catalog": Outcome({"owner": "ada"}), "store": Outcome({"token_id": "1"})}, False, set()),
        ({"catalog": Outcome({"owner": "ada"}), "store": Outcome({})}, False, {"cloud"}),
        (
            {"catalog": Outcome(failure=Failure("No.", status=404)), "store": Outcome({"token_id": "1"})},
            False,
            {"metastore"},
        ),
        ({"catalog": Outcome(failure=Failure("No.", status=404)), "store": Outcome({})}, True, set()),
    ],
)
def test_metastore_and_cloud_are_asked_where_a_finding_depends_on_them(
    answers: dict[str, Outcome], facts: bool, asked: set[str]
) -> None:
    wish = Wish(catalog="main", store={}, facts=facts)
    both = {"metastore", "cloud"}
    first = set(evidence._first(t.cast(t.Any, Unasked()), wish, lambda _workspace: "aws"))
    second = set(evidence._second(t.cast(t.Any, Unasked()), wish, seen(**answers), lambda _workspace: "aws"))
    assert first & both == (both if facts else set())
    assert second & both == asked


@pytest.mark.parametrize(
    ("hostname", "cloud"), [("adb-1.2.azuredatabricks.net", "azure"), ("abc.cloud.databricks.com", "aws"), ("x", None)]
)
def test_the_cloud_is_told_by_the_address_where_nobody_was_asked(hostname: str, cloud: str | None) -> None:
    """A plan says that a token is renewed by a secret of the principal, though none is missing yet."""
    known = replace(seen(catalog=Outcome({"owner": "ada"}), store=Outcome({"token_id": "1"})), hostname=hostname)
    facts = workspaces._facts(known, Wish(catalog="main", store={}))
    assert (facts["cloud"], facts["on_behalf_of"]) == (cloud, None)


class Unasked:
    """A workspace that nobody asks: what would be read is looked at, and not read."""

    call = None


@pytest.mark.parametrize("status", [500, 503, None, 400])
def test_what_is_no_answer_about_absence_is_a_failure(status: int | None) -> None:
    broken = Outcome(failure=Failure("Could not read catalog main: Oops.", code="INTERNAL_ERROR", status=status))
    with pytest.raises(Failure):
        judge.judge(seen(catalog=broken), Wish(catalog="main", provisioning=False), findings.Variables(""))


@pytest.mark.parametrize("code", ["HTTP_404", "ENDPOINT_NOT_FOUND", "FAILED"])
def test_a_page_that_is_not_there_says_nothing_about_a_catalog(code: str) -> None:
    lost = Outcome(failure=Failure("Could not read catalog main: not found", code=code, status=404))
    with pytest.raises(Failure):
        judge.judge(seen(catalog=lost), Wish(catalog="main", provisioning=False), findings.Variables(""))


@pytest.mark.parametrize(
    "code", ["CATALOG_DOES_NOT_EXIST", "CATALOG_NOT_FOUND", "RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"]
)
def test_the_service_says_in_several_ways_that_a_catalog_is_absent(code: str) -> None:
    gone = Outcome(
        failure=Failure("Could not read catalog main: Catalog 'main' does not exist.", code=code, status=404)
    )
    found = judge.judge(seen(catalog=gone), Wish(catalog="main", provisioning=False), findings.Variables("")).findings
    assert [one.code for one in found] == ["CATALOG_DOES_NOT_EXIST"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Could not read catalog x: Catalog 'x' is not accessible in current workspace", "CATALOG_BOUND_ELSEWHERE"),
        ("Could not read catalog x: User does not have USE CATALOG on Catalog 'x'.", "NO_USE_CATALOG"),
    ],
)
def test_a_refusal_of_the_catalog_is_read(message: str, code: str) -> None:
    answer = Outcome(failure=Failure(message, code="PERMISSION_DENIED", status=403))
    found = judge.judge(seen(catalog=answer), Wish(catalog="x", provisioning=False), findings.Variables("")).findings
    assert [one.code for one in found] == [code]


def test_a_store_that_may_answer_later_is_no_finding() -> None:
    busy = Outcome(failure=Failure("store: no answer.", code="STORE", retryable=True))
    with pytest.raises(Failure):
        judge.judge(seen(store=busy, settings=Outcome({}), metastore=Outcome({})), Wish(), findings.Variables(""))


# -- what is held already ---------------------------------------------------------------------
APPLICATION = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"
SCHEMA = already_held.grants.Securable("schema", "main.a")
ON_TOKENS = Level("tokens", None, "CAN_USE")
ON_WAREHOUSE = Level("warehouse", "w", "CAN_USE")
ON_SCHEMA = Privileges(SCHEMA, frozenset({"SELECT", "USE_SCHEMA"}), doubtful=False)
WANTED = Wish(principal="klaviyo", warehouse="w", access=Access((ON_WAREHOUSE, ON_TOKENS), (ON_SCHEMA,)))


def entry(level: str | None, principal: str = APPLICATION) -> dict[str, t.Any]:
    return {"key": "service_principal_name", "principal": principal, "level": level}


def rows(*privileges: str) -> list[already_held.grants.Held]:
    return [already_held.grants.Held(APPLICATION, name, SCHEMA) for name in privileges]


WHOLE: dict[str, t.Any] = {
    "principals": Outcome([{"id": "7", "application_id": APPLICATION, "display_name": "klaviyo"}]),
    "store": Outcome({"token_id": "1", "principal": APPLICATION.upper()}),
    ON_TOKENS.key: Outcome([entry("CAN_USE")]),
    ON_WAREHOUSE.key: Outcome([entry("CAN_MONITOR")]),
    ON_SCHEMA.key: Outcome(rows("SELECT", "USE_SCHEMA", "MODIFY")),
    "left behind": Outcome([]),
}
NO = Outcome(failure=Failure("No.", status=403))


def read(**others: Outcome) -> Seen:
    return Seen(caller("admins"), "https://x", "x", True, {**WHOLE, **others})


def test_all_that_is_wanted_is_held() -> None:
    assert already_held.told(WANTED, read()) == {
        "complete": True,
        "permissions": [
            {"object_type": "warehouse", "object": "w", "level": "CAN_MONITOR"},
            {"object_type": "tokens", "object": None, "level": "CAN_USE"},
        ],
        "grants": [{"securable": "schema", "name": "main.a", "privileges": ["MODIFY", "SELECT", "USE_SCHEMA"]}],
        "sql": [f"GRANT SELECT, USE SCHEMA ON SCHEMA `main`.`a` TO `{APPLICATION}`"],
    }
    assert already_held.told(WANTED, read(**{ON_SCHEMA.key: Outcome(rows("ALL_PRIVILEGES"))}))["complete"]


@pytest.mark.parametrize(
    "others",
    [
        {ON_TOKENS.key: NO},
        {ON_TOKENS.key: Outcome()},  # the workspace shows none, or it was not asked
        {ON_TOKENS.key: Outcome([entry(None)])},
        {ON_TOKENS.key: Outcome([entry("CAN_USE", "another")])},
        {ON_WAREHOUSE.key: Outcome([entry("CAN_VIEW")])},
        {ON_WAREHOUSE.key: NO},
        {ON_SCHEMA.key: Outcome(rows("SELECT"))},
        {ON_SCHEMA.key: NO},
        {ON_SCHEMA.key: Outcome()},
        {"left behind": Outcome(["1"])},
        {"left behind": Outcome()},
        {"principals": Outcome([])},
        {"principals": Outcome([*WHOLE["principals"].value, {"id": "8", "application_id": "other"}])},
        {"principals": NO},
        {"store": Outcome({"token_id": "1", "principal": "another"})},
        {"store": Outcome({})},
        {"store": NO},
    ],
)
def test_any_doubt_about_it_is_no_yes(others: dict[str, Outcome]) -> None:
    told = already_held.told(WANTED, read(**others))
    assert told["complete"] is False and told["sql"] == []


def test_a_privilege_that_nobody_knows_is_left_to_its_module() -> None:
    odd = Privileges(SCHEMA, frozenset({"SELECT", "FLY"}), doubtful=True)
    wish = Wish(principal="klaviyo", access=Access((), (odd,)))
    assert not already_held.told(wish, read(**{odd.key: Outcome(rows("SELECT", "FLY"))}))["complete"]
    params = {"permissions": [], "grants": [{"securable": "schema", "name": "main.a", "privileges": ["select", "fly"]}]}
    assert already_held.wished(params).privileges == (Privileges(SCHEMA, frozenset({"SELECT", "FLY"}), True),)


def test_nothing_wanted_is_nothing_known() -> None:
    assert already_held.told(Wish(principal="klaviyo"), read()) == {
        "complete": False,
        "permissions": [],
        "grants": [],
        "sql": [],
    }


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (
            {"permissions": [{"object_type": "warehouse", "object": None, "level": "CAN_USE"}]},
            "permissions[0].object: is",
        ),
        (
            {"permissions": [{"object_type": "tokens", "object": None, "level": "CAN_VIEW"}]},
            "permissions[0].level: can",
        ),
        ({"grants": [{"securable": "schema", "name": "main", "privileges": ["SELECT"]}]}, "grants[0].name: "),
        ({"grants": [{"securable": "catalog", "name": "main", "privileges": [""]}]}, "grants[0].privileges: must"),
    ],
)
def test_a_wish_that_cannot_be_meant_is_refused(params: dict[str, t.Any], says: str) -> None:
    with pytest.raises(BadOption) as refused:
        already_held.wished({"permissions": [], "grants": [], **params})
    assert refused.value.message.startswith(says)


@pytest.mark.parametrize("record", [{}, {"principal": APPLICATION}, {"token_id": "1"}])
def test_without_a_stored_token_of_somebody_nothing_is_asked(record: dict[str, str]) -> None:
    assert already_held.first_reads(t.cast(t.Any, Unasked()), WANTED.access, record) == {}
    assert already_held.second_reads(t.cast(t.Any, Unasked()), WANTED, seen(warehouse=Outcome({"id": "w"}))) == {}


def test_a_file_that_waits_for_keys_is_no_finding() -> None:
    """On another machine the action gives the keys and asks again; anything else is an answer."""
    for code in (KEYS_NEEDED, "NOT_FOUND"):

        def read(code: str = code) -> t.NoReturn:
            raise Failure("no", code=code)

        if code == KEYS_NEEDED:
            with pytest.raises(Failure):
                evidence.outcome(read)
        else:
            assert evidence.outcome(read).failure
