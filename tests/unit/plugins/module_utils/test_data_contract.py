# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data contract of Klaviyo: tables in, kind, importable and findings out."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._data_contract import counting, structure
from ansible_collections.lakeops.databricks.plugins.module_utils._data_contract.contract import Column, Table, contract
from ansible_collections.lakeops.databricks.plugins.module_utils._data_contract.judging import fill, judge, summary
from ansible_collections.lakeops.databricks.plugins.module_utils._data_contract.roles import Said, said, understand

PROFILES = Path(__file__).resolve().parents[4] / "roles" / "partner" / "profiles"
DOCUMENT = yaml.safe_load((PROFILES / "klaviyo.yml").read_text(encoding="utf-8"))
CONTRACT = contract(DOCUMENT["data_contract"])
assert CONTRACT is not None


def table(name: str, columns: str | None, **more: t.Any) -> Table:
    """From "email string, changed timestamp"; a * behind a type is a column mask."""
    parts = [part.strip().rsplit(" ", 1) for part in (columns or "").split(", ") if part]
    made = [Column(name.strip(), kind.rstrip("*"), kind.endswith("*")) for name, kind in parts]
    return Table(f"main.import.{name}", None if columns is None else tuple(made), **more)


class Case:
    """One case of data_contract_cases.yml."""

    def __init__(self, raw: dict[str, t.Any]) -> None:
        self.what, self.kind, self.importable = raw["what"], raw["kind"], raw["importable"]
        self.findings = set(raw.get("findings", ()))
        more = {key: raw[key] for key in ("rows", "row_filter", "uncounted") if key in raw}
        if "counts" in raw:
            more["counts"] = {(rule, column): count for rule, column, count in raw["counts"]}
        self.table = table(raw["table"], raw["columns"], **more)
        self.said = said({raw["table"]: raw["said"]}) if "said" in raw else {}

    def judged(self) -> dict[str, t.Any]:
        (found,) = judge([self.table], CONTRACT, self.said)
        return found


CASES = [
    Case(raw) for raw in yaml.safe_load(Path(__file__).with_name("data_contract_cases.yml").read_text(encoding="utf-8"))
]
PERSON = "email string, updated_at timestamp"
EVENT = "event_id string, metric_name string, email string, event_timestamp timestamp, inserted_at timestamp"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_case(case: Case) -> None:
    found = case.judged()
    named = {one["id"] for one in found["findings"]} | {f"{one['id']}:{one['column']}" for one in found["findings"]}
    assert (found["kind"], found["importable"]) == (case.kind, case.importable), found
    assert case.findings <= named and {one["id"] for one in found["findings"]} == {
        one.split(":", maxsplit=1)[0] for one in case.findings
    }, found["findings"]


def test_every_rule_is_hurt_by_some_case_or_by_a_test_below() -> None:
    hurt = {one.split(":", maxsplit=1)[0] for case in CASES for one in case.findings}
    below = {"property_twice", "identifiers_differ", "table_missing"}
    counts = {rule.id for rule in CONTRACT.rules if rule.test in counting.COUNTS}
    assert {rule.id for rule in CONTRACT.rules} - hurt - below - counts == set()
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_finding_is_a_whole_sentence_with_its_source(case: Case) -> None:
    found = case.judged()
    for one in found["findings"]:
        assert one["source"].startswith("https://help.klaviyo.com/") and one["title"].endswith(
            (".", *"abcdefghij_kluyxz")
        )
        assert "{" not in one["title"] + one["hint"], one
    order = [one["severity"] for one in found["findings"]]
    assert order == sorted(order, key=["error", "warning", "advice"].index)
    assert (found["importable"] == "no") == ("error" in order)


# -- several tables -------------------------------------------------------------------------------
def test_the_same_property_from_two_tables() -> None:
    people = table(
        "customers", "email string, first_name string, City string, updated_at timestamp, created_at timestamp"
    )
    more = table("members", "email string, city string, points int, updated_at timestamp, created_at timestamp")
    events = table("events", f"{EVENT}, city string")
    by_table = {one["table"]: one["findings"] for one in judge([people, more, events], CONTRACT)}
    (one,) = by_table["main.import.customers"]
    assert one["id"] == "property_twice" and one["column"] == "City"
    assert one["title"] == "City: the same profile property would come from members, too."
    assert [one["id"] for one in by_table["main.import.members"]] == ["property_twice"]
    assert [one["id"] for one in by_table["main.import.events"]] == ["personal_in_event"]


def test_tables_that_identify_people_in_different_ways() -> None:
    by_mail, by_phone = table("customers", PERSON), table("members", "phone string, updated_at timestamp")
    both = table("contacts", "email string, phone string, updated_at timestamp")
    found = judge([by_mail, by_phone, both], CONTRACT)
    assert [[one["title"] for one in each["findings"]] for each in found] == [
        ["It identifies people by email, and members by something else."],
        ["It identifies people by phone_number, and customers by something else."],
        [],
    ]


def test_a_table_that_is_only_said() -> None:
    found = judge([table("customers", PERSON)], CONTRACT, {"custmers": Said("profile")})
    assert [(one["table"], one["importable"], [f["id"] for f in one["findings"]]) for one in found] == [
        ("main.import.customers", "yes", []),
        ("custmers", "unknown", ["table_missing"]),
    ]


def test_what_it_comes_to() -> None:
    found = judge([table("customers", PERSON), table("t", "id int"), table("stuff", PERSON)], CONTRACT)
    assert [one["line"] for one in found] == [
        "customers (profiles): can be imported.",
        "t (profiles or events): cannot be imported. error: No column is a timestamp, so Klaviyo cannot tell which "
        "rows are new. (and 2 more)",
        "stuff (profiles or events): whether it can be imported is not established. warning: Whether it holds profiles "
        "or events could not be established from its name and its columns.",
    ]
    assert summary(found) == {
        "tables": 3,
        "importable": 1,
        "unknown": 1,
        "errors": 1,
        "warnings": 3,
        "advice": 0,
        "line": "3 tables, 1 importable, 1 could not be established; 1 error, 3 warnings, 0 advice",
    }
    assert summary([])["line"] == "0 tables, 0 importable, 0 could not be established; 0 errors, 0 warnings, 0 advice"


# -- the statement --------------------------------------------------------------------------------
def test_the_statement_reads_so_many_rows_and_gives_numbers_only() -> None:
    columns = "email string, phone string, updated_at timestamp, email_marketing_consent string, secret string"
    asked = counting.statement(understand(table("custo`mers", columns), CONTRACT), CONTRACT)
    assert asked is not None
    selected, inner = asked.sql.split(" FROM (", 1)
    assert inner == (
        "SELECT `updated_at`, `email`, `phone`, `email_marketing_consent` "
        "FROM `main`.`import`.`custo``mers` LIMIT 10000)"
    )
    for expression in (question.expression for question in asked.questions):
        assert expression.startswith(("count_if(", "count(")) and expression in selected
    assert [question.rule for question in asked.questions] == [
        *("change_time_null", "change_time_future", "identifier_empty", "consent_value", "email_form"),
        "phone_number_form",
    ]


def test_a_table_of_which_nothing_is_known_is_asked_nothing_but_its_rows() -> None:
    assert counting.statement(understand(table("customers", None), CONTRACT), CONTRACT) is None
    asked = counting.statement(understand(table("t", "x array<int>"), CONTRACT), CONTRACT)
    assert asked is not None and asked.sql == "SELECT count(*) FROM (SELECT `x` FROM `main`.`import`.`t` LIMIT 10000)"


@pytest.mark.parametrize(
    "answer",
    [None, [], [[1, 2]], [[3, "ada@example.com"]], [[3, None]], [[3, True]], [[1, 0], [1, 0]], "3"],
)
def test_what_is_no_row_of_numbers_is_not_taken(answer: t.Any) -> None:
    asked = counting.Statement("", (counting.Question("change_time_null", "updated_at", "count(*)", ("updated_at",)),))
    assert counting.counted(asked, answer) is None or answer == [[1, 2]]


# -- what a user says -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], None),
        (["customers"], "data: is no mapping. Give it like {customers: {kind: profile, changed: updated_at}}."),
        ({"a": "profile"}, "data.a: is no mapping. Give it like {kind: profile, changed: updated_at}."),
        ({"a": {"kind": "person"}}, "data.a.kind: is 'person'. Give profile or event."),
        ({"a": {"email": 3}}, "data.a.email: is 3. Give the name of a column."),
        ({"a": {"metric_in_sync": "yes"}}, "data.a.metric_in_sync: is 'yes'. Give true or false."),
        (
            {"a": {"emial": "x"}},
            "data.a.emial: is not known. Give one of kind, metric_in_sync, email, phone_number, external_id, "
            "klaviyo_id, changed, happened, metric, unique_id, value, value_currency.",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(given: t.Any, sentence: str | None) -> None:
    if sentence is None:
        assert said(given) == {}
        return
    with pytest.raises(BadOption) as refused:
        said(given)
    assert str(refused.value) == sentence


# -- the profile ----------------------------------------------------------------------------------
def test_tests_of_the_schema_are_those_that_there_are() -> None:
    schema = json.loads((PROFILES / "schema.json").read_text(encoding="utf-8"))
    rule = schema["properties"]["data_contract"]["properties"]["rules"]["items"]["properties"]
    assert set(rule["test"]["enum"]) == {*structure.TESTS, *counting.RESULTS}


def test_a_profile_needs_no_contract_and_a_broken_one_is_named() -> None:
    assert contract(None) is None
    broken = {**DOCUMENT["data_contract"], "rules": [{"id": "x"}]}
    with pytest.raises(BadOption, match=r"profile\.data_contract: cannot be used: KeyError 'test'\."):
        contract(broken)


def test_a_name_with_braces_stays_as_it_is() -> None:
    assert fill("{column} is {type}.", {"column": "{type}", "type": "INT"}) == "{type} is INT."
    assert fill("a { b {nothing} {column", {"column": "x"}) == "a { b {nothing} {column"


def test_what_is_not_there_is_said_whatever_the_name_would_have_made_of_it() -> None:
    """Rules are for kinds, and a table that is not there has the kind that somebody takes it for, or none."""
    rules = [{**rule, "kinds": ["event"]} for rule in DOCUMENT["data_contract"]["rules"]]
    only_events = contract({**DOCUMENT["data_contract"], "rules": rules})
    assert only_events is not None
    (found,) = judge([], only_events, said({"people": {}}))
    assert found["importable"] != "yes" and found["findings"], found


@pytest.mark.parametrize(("kinds", "words"), [(0, "0 errors, 0 warnings"), (1, "1 error, 1 warning")])
def test_a_summary_counts_as_people_do(kinds: int, words: str) -> None:
    findings = [{"severity": name} for name in ("error", "warning") for _number in range(kinds)]
    line = summary([{"importable": "no", "findings": findings}])["line"]
    assert line == f"1 table, 0 importable, 0 could not be established; {words}, 0 advice"


def test_a_line_names_the_gravest_finding_and_counts_the_others() -> None:
    (bad,) = judge([table("people", "first_name string")], CONTRACT, {})
    assert len(bad["findings"]) > 1, bad
    more = f" (and {len(bad['findings']) - 1} more)"
    assert bad["line"].endswith(f": {bad['findings'][0]['title']}{more}")
