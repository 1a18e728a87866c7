# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas, tables and probes in a verification: what works, what is left behind, and what is rightly refused."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.evidence import (
    NOT_TRIED,
    Evidence,
    Outcome,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.verdict import Check
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.wanted import Grant, Schema, Wanted
from ansible_collections.lakeops.databricks.plugins.module_utils._api.grants import Securable
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from tests.support.verification import (
    CATALOG,
    IMPORT,
    ME,
    NOW,
    WISH,
    all_well,
    denied,
    failed,
    rows,
    verdicts,
)

DAY = 86_400
NO_SESSION = ("skipped", "Not run: there was no SQL session.")
AWAY = failed("No answer.", "UNREACHABLE")
HINTED = Outcome(failure=Failure("It broke.", code="SOMETHING", status=400, hint="Mend it."))
AWAY_HINTED = Outcome(failure=Failure("No answer.", code="UNREACHABLE", hint="Look at the network."))
ITS_OWN = "Run the set-up again, which makes what is missing; what is not its own, such as a table, its owner repairs."


def told(check: Check) -> tuple[str, str]:
    return check.result, check.evidence


def verdict(name: str, wish: Wanted = WISH, /, **changed: t.Any) -> Check:
    return verdicts(dataclasses.replace(all_well(), **changed), wish=wish)[name]


def with_schemas(*schemas: Schema, **changed: t.Any) -> Wanted:
    return dataclasses.replace(WISH, schemas=schemas, **changed)


LATER = with_schemas(WISH.schemas[0], dataclasses.replace(WISH.schemas[1], partner_makes_it=True))


# -- the schemas --------------------------------------------------------------------------------
def test_the_schemas_are_visible() -> None:
    check = verdict("schemas")
    assert (*told(check), check.title) == ("passed", "Visible: main.import, main.tmp.", "Both schemas are visible")
    one = verdict("schemas", LATER, schemas={"main": Outcome(["import"])})
    assert (*told(one), one.title) == ("passed", "Visible: main.import.", "The schemas are visible")


def test_a_schema_that_is_not_visible() -> None:
    check = verdict("schemas", schemas={"main": Outcome(["default"]), "other": Outcome(["tmp", "import"])})
    assert told(check) == ("failed", "Not visible: main.import, main.tmp.")
    assert check.hint and "no USE SCHEMA" in check.hint


def test_schemas_that_were_not_listed() -> None:
    nothing = verdicts(dataclasses.replace(all_well(), schemas={}))
    assert told(nothing["schemas"]) == told(nothing["no_other_schemas"]) == NO_SESSION
    refused = verdicts(dataclasses.replace(all_well(), schemas={"main": Outcome(["import", "tmp"]), "other": HINTED}))
    assert (*told(refused["schemas"]), refused["schemas"].hint) == ("failed", "It broke.", "Mend it.")
    assert told(refused["no_other_schemas"]) == ("skipped", "Could not be established: It broke.")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Outcome(), ("passed", "Created and dropped again.")),
        (denied("CREATE SCHEMA", "Catalog 'main'"), ("failed", denied("CREATE SCHEMA", "Catalog 'main'").said)),
        (AWAY, ("skipped", "Could not be established: No answer.")),
        (NOT_TRIED, NO_SESSION),
    ],
)
def test_a_partner_that_makes_schemas_of_its_own(made: Outcome, expected: tuple[str, str]) -> None:
    wish = dataclasses.replace(WISH, grants=(Grant("catalog", CATALOG, frozenset({"CREATE_SCHEMA"})),))
    assert told(verdict("probe_schema", wish, made_schema={"main": made})) == expected


# -- probes -------------------------------------------------------------------------------------
STEPS = ("create", "insert", "count", "drop")


def probes(**changed: Outcome) -> dict[str, dict[str, Outcome]]:
    return {"main.tmp": {**all_well().probes["main.tmp"], **changed}}


def probed(wish: Wanted = WISH, /, **changed: t.Any) -> dict[str, tuple[str, str]]:
    found = verdicts(dataclasses.replace(all_well(), **changed), wish=wish)
    return {step: told(found[f"probe_{step}"]) for step in STEPS}


def test_a_table_is_made_and_goes() -> None:
    assert probed() == {
        "create": ("passed", "Created main.tmp.partner_probe_00."),
        "insert": ("passed", "Two rows inserted."),
        "count": ("passed", "Two rows counted."),
        "drop": ("passed", "Dropped."),
    }


def test_two_rows_are_two_rows() -> None:
    check = verdict("probe_count", probes=probes(count=Outcome([[1]])))
    assert told(check) == ("failed", "Two rows were expected, [[1]] came.")
    assert verdict("probe_count", probes=probes(count=HINTED)).evidence == "It broke."
    assert verdict("probe_insert", probes=probes(insert=Outcome([[3]]))).result == "passed"


def test_without_a_table_nothing_else_is_tried() -> None:
    found = probed(probes={"main.tmp": {"create": HINTED}})
    later = ("skipped", "Not run: no table could be created.")
    assert found == {"create": ("failed", "It broke."), "insert": later, "count": later, "drop": later}


def test_probes_that_were_not_run() -> None:
    assert set(probed(probes={}).values()) == {NO_SESSION}
    assert set(probed(probes={}, predict=True).values()) == {("skipped", "Not run in check mode.")}
    assert set(probed(probes={}, predict=True, session=NOT_TRIED).values()) == {NO_SESSION}


@pytest.mark.parametrize(
    ("left", "drop", "expected"),
    [
        (["main.tmp.partner_probe_00"], HINTED, ("failed", "main.tmp.partner_probe_00 is left behind: It broke.")),
        (["main.tmp.another"], HINTED, ("failed", "It broke.")),
        (["main.tmp.partner_probe_00"], Outcome(), ("passed", "Dropped.")),
    ],
)
def test_a_table_that_could_not_be_dropped(left: list[str], drop: Outcome, expected: tuple[str, str]) -> None:
    check = verdict("probe_drop", probes=probes(drop=drop), left_behind=left)
    assert told(check) == expected
    if expected[1].startswith("main"):
        assert check.hint and "an hour later" in check.hint
    assert verdict("probe_insert", probes=probes(insert=HINTED), left_behind=left).evidence == "It broke."


def test_a_schema_that_the_partner_makes_is_not_missed_before_its_first_sync() -> None:
    found = probed(LATER, schemas={"main": Outcome(["import"])}, probes={})
    assert set(found.values()) == {("passed", "Not tried: Partner makes main.tmp with its first sync.")}
    there = probed(LATER)
    assert there["create"] == ("passed", "Created main.tmp.partner_probe_00.")
    for unknown in ({}, {"main": AWAY}):
        assert set(probed(LATER, schemas=unknown, probes={}).values()) == {NO_SESSION}
    assert set(probed(schemas={"main": Outcome(["import"])}, probes={}).values()) == {NO_SESSION}


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (HINTED, ("failed", "It broke.", "Mend it.")),
        (failed("It broke."), ("failed", "It broke.", ITS_OWN)),
        (AWAY_HINTED, ("skipped", "Could not be established: No answer.", "Look at the network.")),
        (AWAY, ("skipped", "Could not be established: No answer.", ITS_OWN)),
    ],
)
def test_what_to_do_about_a_failure(outcome: Outcome, expected: tuple[str, str, str]) -> None:
    check = verdict("probe_insert", probes=probes(insert=outcome))
    assert (*told(check), check.hint) == expected


# -- what is left behind ------------------------------------------------------------------------
def leftovers(*names: str, owner: str | None = ME.upper(), age: float | None = 0.0, **changed: t.Any) -> Check:
    created = None if age is None else NOW - age
    details = {f"main.tmp.{name}".lower(): {"owner": owner, "created": created} for name in names}
    tables = {**all_well().tables, "main.tmp": Outcome(list(names))}
    return verdict("leftovers", **{"tables": tables, "details": details, **changed})


def test_nothing_is_left_behind() -> None:
    assert told(leftovers()) == ("passed", "It is empty.")
    assert told(leftovers("partner_probe_00")) == ("passed", "It is empty."), "that is this run's own"
    assert told(verdict("leftovers", LATER, schemas={"main": Outcome(["import"])})) == (
        "passed",
        "The schema is not there yet.",
    )


@pytest.mark.parametrize(
    ("owner", "age", "result", "said"),
    [
        (ME, 7 * DAY, "passed", f"7 days old, owned by {ME}"),
        (ME, 7 * DAY + 0.5, "warned", f"7 days old, owned by {ME}"),
        (ME, -DAY, "passed", f"0 days old, owned by {ME}"),
        (ME, 1.4 * DAY, "passed", f"1 days old, owned by {ME}"),
        (ME, None, "passed", f"of unknown age, owned by {ME}"),
        ("bob", 0, "warned", "0 days old, owned by bob"),
        ("bob", None, "warned", "of unknown age, owned by bob"),
        (None, 0, "passed", "0 days old, owned by somebody unknown"),
        (None, 8 * DAY, "warned", "8 days old, owned by somebody unknown"),
    ],
)
def test_a_table_that_is_old_or_of_another_stays_until_somebody_looks(
    owner: str | None, age: float | None, result: str, said: str
) -> None:
    assert told(leftovers("One", owner=owner, age=age)) == (result, f"One, {said}.")


def test_one_old_table_among_others_is_enough() -> None:
    details = {
        "main.tmp.a": {"owner": ME, "created": NOW - 30 * DAY},
        "main.tmp.b": {"owner": ME, "created": NOW},
    }
    check = leftovers("a", "b", "c", details=details)
    assert check.result == "warned"
    assert check.evidence == (
        f"a, 30 days old, owned by {ME}; b, 0 days old, owned by {ME}; c, of unknown age, owned by somebody unknown."
    )
    assert check.hint and check.hint.startswith("Partner drops what it made")


def test_what_a_dead_verification_left_was_dropped() -> None:
    dropped = ["main.tmp.partner_probe_01", "main.tmp.partner_probe_02", "main.other.partner_probe_03"]
    check = leftovers("partner_probe_01", "b", dropped=dropped)
    assert told(check) == (
        "passed",
        "dropped main.tmp.partner_probe_01, main.tmp.partner_probe_02, which a verification that died had left; "
        f"b, 0 days old, owned by {ME.upper()}.",
    )


@pytest.mark.parametrize(
    ("listed", "changed", "expected"),
    [
        (NOT_TRIED, {}, (*NO_SESSION, None)),
        (HINTED, {}, ("warned", "Could not be established: It broke.", "Mend it.")),
        (HINTED, {"probes": {}}, ("skipped", "Could not be established: It broke.", None)),
        (HINTED, {"probes": probes(create=AWAY)}, ("skipped", "Could not be established: It broke.", None)),
    ],
)
def test_a_staging_schema_that_cannot_be_listed(
    listed: Outcome, changed: dict[str, t.Any], expected: tuple[str, str, str | None]
) -> None:
    check = leftovers(tables={"main.tmp": listed}, **changed)
    assert (*told(check), check.hint) == expected


# -- reading ------------------------------------------------------------------------------------
def test_tables_can_be_read() -> None:
    found = verdicts(all_well())
    assert told(found["tables"]) == ("passed", "1 found.")
    assert told(found["select_main.import.people"]) == (
        "passed",
        "SELECT 1 FROM main.import.people LIMIT 0 went through.",
    )
    assert found["select_main.import.people"].title == "people can be read"


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (NOT_TRIED, NO_SESSION),
        (HINTED, ("failed", "It broke.")),
        (AWAY, ("skipped", "Could not be established: No answer.")),
    ],
)
def test_tables_that_cannot_be_listed(listed: Outcome, expected: tuple[str, str]) -> None:
    found = verdicts(dataclasses.replace(all_well(), tables={"main.import": listed}))
    assert told(found["tables"]) == expected and not any(name.startswith("select_") for name in found)


def test_an_empty_schema_is_no_failure() -> None:
    check = verdict("tables", reads={}, details={})
    assert told(check) == ("warned", "main.import is empty: there is nothing to read yet.")
    elsewhere = {"main.import_old.x": {"owner": "ada"}}
    assert verdict("tables", reads={}, details=elsewhere).result == "warned"


def test_what_the_token_does_not_list_is_hidden_from_it() -> None:
    details = {f"main.import.{name}": {"owner": "ada"} for name in ("people", "b", "a", "partner_probe_07")}
    evidence = dataclasses.replace(all_well(), details={**details, "main.tmp.x": {"owner": "ada"}})
    found = verdicts(evidence)
    hidden = [name for name, check in found.items() if name.startswith("select_") and check.result == "failed"]
    assert hidden == ["select_main.import.a", "select_main.import.b"]
    assert found[hidden[0]].title == "a can be read"
    assert told(found[hidden[0]]) == ("failed", "main.import.a is there, but the token does not list it.")
    only_hidden = dataclasses.replace(evidence, reads={})
    assert told(verdicts(only_hidden)["tables"]) == ("passed", "0 found.")


def test_tables_of_other_schemas_are_judged_there() -> None:
    check = verdict("tables", reads={"main.import.people": Outcome(), "main.import_old.x": HINTED})
    assert told(check) == ("passed", "1 found.")


@pytest.mark.parametrize("name", ["main.import.people", "main.import", "main", "import.people", "import"])
def test_a_denial_on_the_way_to_a_table_is_the_principals_own(name: str) -> None:
    no = denied("SELECT", f"Table '{name}'")
    assert told(verdict("select_main.import.people", reads={"main.import.people": no})) == ("failed", no.said)


@pytest.mark.parametrize(
    ("details", "owner"),
    [
        ({"main.import.people": {"owner": "ada"}}, "ada"),
        ({"main.import.people": {"owner": None}}, "its owner"),
        ({}, "its owner"),
    ],
)
def test_a_denial_elsewhere_is_of_the_owner_of_the_view(details: dict[str, t.Any], owner: str) -> None:
    no = denied("USE SCHEMA,SELECT", "Table 'main.raw.people'")
    check = verdict("select_main.import.people", reads={"main.import.people": no}, details=details)
    assert told(check) == (
        "failed",
        f"main.import.people is a view, and {owner}, who owns it, has no SELECT, USE_SCHEMA on main.raw.people any "
        f"more: {no.said}",
    )


def test_a_table_that_fails_for_another_reason() -> None:
    assert told(verdict("select_main.import.people", reads={"main.import.people": HINTED})) == ("failed", "It broke.")


@pytest.mark.parametrize(
    ("first", "result", "says"),
    [
        (Outcome([[1]]), "passed", "At least one row passes main.eu."),
        (Outcome([]), "warned", "the principal sees no row of it"),
        (NOT_TRIED, "warned", "what the principal sees is not known"),
        (AWAY, "warned", "what the principal sees is not known"),
    ],
)
def test_a_row_filter_that_may_hide_everything(first: Outcome, result: str, says: str) -> None:
    details = {"main.import.people": {"owner": "ada", "row_filter": "main.eu"}}
    found = verdicts(dataclasses.replace(all_well(), details=details, first_row={"main.import.people": first}))
    check = found["rows_main.import.people"]
    assert check.result == result and says in check.evidence
    assert check.title == "The row filter of people shows rows to the principal"
    assert "rows_main.import.people" not in verdicts(dataclasses.replace(all_well(), details={}))


# -- what is refused as it should be ------------------------------------------------------------
def forbidden(of: str, done: Outcome) -> dict[str, Outcome]:
    return {**all_well().forbidden, of: done}


def writing(done: Outcome, **changed: t.Any) -> Check:
    return verdict("forbidden_create", forbidden=forbidden("main.import", done), **changed)


def test_a_refusal_is_what_is_wished() -> None:
    no = denied("CREATE TABLE", "Schema 'main.import'")
    assert told(writing(no)) == ("passed", f"Refused as it should be: {no.said}")
    assert told(writing(failed("Oops."))) == (
        "skipped",
        "Could not be established: it failed for another reason: Oops.",
    )
    assert told(writing(NOT_TRIED)) == NO_SESSION
    assert told(writing(NOT_TRIED, predict=True)) == ("skipped", "Not run in check mode.")
    assert told(writing(NOT_TRIED, predict=True, session=NOT_TRIED)) == NO_SESSION


@pytest.mark.parametrize(
    ("left", "what"),
    [
        ([], "was dropped again"),
        (["MAIN.import.x"], "MAIN.import.x is left behind, since it could not be dropped"),
        (["main.tmp.x"], "was dropped again"),
    ],
)
def test_a_table_that_could_be_made_where_none_may_be(left: list[str], what: str) -> None:
    check = writing(Outcome(), left_behind=left)
    assert told(check) == (
        "warned",
        f"A table could be created in main.import, and {what}: not by a grant to the principal itself, so by a group, "
        "an owner or everybody.",
    )
    assert check.hint == "Whoever owns main.import (data-team) takes CREATE_TABLE from whom it was granted to."
    assert writing(Outcome(), owners={}).hint == (
        "Whoever owns main.import (its owner) takes CREATE_TABLE from whom it was granted to."
    )


@pytest.mark.parametrize("source", [IMPORT, CATALOG])
def test_a_table_that_could_be_made_by_a_grant_to_the_principal(source: Securable) -> None:
    evidence = all_well()
    evidence.forbidden["main.import"] = Outcome()
    evidence.grants[source].value.extend(rows(source, "CREATE_TABLE"))
    check = verdicts(evidence)["forbidden_create"]
    assert check.result == "failed" and check.evidence.endswith("was dropped again: the principal was granted that.")
    assert check.hint == "Revoke CREATE_TABLE from the principal."


def test_a_table_in_default_may_have_been_made_by_a_grant_to_the_principal() -> None:
    """What was granted on default is asked for as on every other schema that is seen, where it is not allowed."""
    default = Securable("schema", "main.default")
    evidence = dataclasses.replace(all_well(), forbidden={**all_well().forbidden, "main.default": Outcome()})
    said = "A table could be created in main.default, and was dropped again: "
    evidence.others["main.default"] = (Outcome([]), Outcome(rows(default, "CREATE_TABLE")))
    assert told(verdicts(evidence, allowed=())["default_schema"]) == (
        "failed",
        f"{said}the principal was granted that.",
    )
    evidence.others["main.default"] = (Outcome([]), failed("No."))
    assert told(verdicts(evidence, allowed=())["default_schema"]) == (
        "warned",
        f"{said}whether by a grant to the principal itself is not known.",
    )


def test_who_let_it_make_a_table_is_said_where_it_is_known() -> None:
    evidence = all_well()
    evidence.forbidden["main.import"] = Outcome()
    evidence.effective[IMPORT].value.extend(rows(IMPORT, "CREATE_TABLE", who="staff"))
    evidence.owners["main"] = ME
    said = verdicts(evidence)["forbidden_create"].evidence
    assert said.endswith(": through staff (granted on schema main.import), owner of catalog main.")
    evidence.grants, evidence.effective = {}, {}
    assert verdicts(evidence)["forbidden_create"].evidence.endswith(": owner of catalog main.")


def test_the_legacy_metastore_has_a_privilege_of_its_own_for_it() -> None:
    of = Securable("schema", "hive_metastore.legacy")
    wish = with_schemas(Schema("legacy", of.full_name, "read"), grants=())
    changed = {"forbidden": {of.full_name: Outcome()}, "grants": {of: Outcome(rows(of, "CREATE"))}}
    check = verdict("forbidden_create", wish, **changed)
    assert (check.result, check.hint) == ("failed", "Revoke CREATE from the principal.")


def default(done: Outcome, allowed: tuple[str, ...] = (), wish: Wanted = WISH, **changed: t.Any) -> Check:
    evidence = dataclasses.replace(all_well(), forbidden=forbidden("main.default", done), **changed)
    return verdicts(evidence, allowed=allowed, wish=wish)["default_schema"]


def test_everybody_may_make_tables_in_the_schema_default_of_a_workspaces_own_catalog() -> None:
    assert told(default(Outcome()))[0] == "warned"
    put_up_with = default(Outcome(), ("Default",))
    assert put_up_with.result == "passed" and "That is put up with" in put_up_with.evidence
    assert told(default(failed("No.", "SCHEMA_NOT_FOUND"))) == (
        "passed",
        "There is no such schema, or it cannot be seen.",
    )
    no = denied("CREATE TABLE", "Schema 'main.default'")
    assert told(default(no, ("default",))) == ("passed", f"Refused as it should be: {no.said}")
    assert told(default(NOT_TRIED, ("default",))) == NO_SESSION


def test_each_catalog_has_a_schema_default() -> None:
    wish = with_schemas(WISH.schemas[0], Schema("tmp", "other.tmp", "write"))
    found = verdicts(all_well(), wish=wish)
    assert {name for name in found if name.startswith("default_")} == {"default_schema_main", "default_schema_other"}


# -- other schemas ------------------------------------------------------------------------------
X = Securable("schema", "main.x")
NAME_ONLY = denied("USE SCHEMA", "Schema 'main.x'")


def others(
    *names: str, x: tuple[Outcome, Outcome] | None = None, allowed: tuple[str, ...] = (), **changed: t.Any
) -> Check:
    known = {"main.x": x} if x else {}
    schemas = {"main": Outcome(["import", "tmp", *names])}
    evidence = dataclasses.replace(all_well(), **{"schemas": schemas, "others": known, **changed})
    return verdicts(evidence, allowed=allowed)["no_other_schemas"]


def test_no_other_schema_is_visible() -> None:
    assert told(others()) == ("passed", "Nothing else is visible.")
    assert told(others(allowed=("import",))) == ("passed", "Nothing else is visible."), "it is no other one"
    assert told(others("information_schema")) == (
        "passed",
        "Nothing else is visible. Every catalog has main.information_schema.",
    )
    assert others("information_schema", allowed=("information_schema",)) == others("information_schema"), "told once"
    wished = with_schemas(*WISH.schemas, Schema("info", "main.information_schema", "read"))
    listed = {"main": Outcome(["import", "tmp", "information_schema"])}
    assert verdict("no_other_schemas", wished, schemas=listed).evidence == "Nothing else is visible."
    assert told(others("y", "information_schema", "x", allowed=("X", "y"))) == (
        "passed",
        "Nothing else is visible. Every catalog has main.information_schema. Allowed by setting: main.x, main.y.",
    )


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (
            (Outcome([]), Outcome(rows(X, "SELECT", "MODIFY"))),
            ("failed", "The principal also has main.x (MODIFY, SELECT)."),
        ),
        ((NAME_ONLY, Outcome(rows(X, "SELECT"))), ("failed", "The principal also has main.x (SELECT).")),
        ((NAME_ONLY, Outcome([])), ("warned", "The principal also sees main.x (its name only).")),
        ((NAME_ONLY, failed("No.")), ("warned", "The principal also sees main.x (its name only).")),
        (
            (
                Outcome([]),
                Outcome([*rows(X, "SELECT", "USE_CATALOG", source=CATALOG), *rows(X, "SELECT", who="others")]),
            ),
            ("warned", "The principal also sees main.x (SELECT by a grant to the principal on catalog main)."),
        ),
        (
            (Outcome([]), failed("No.")),
            ("warned", "The principal also sees main.x (whether by a grant to the principal itself is not known)."),
        ),
        (
            (Outcome([]), Outcome(rows(X, "SELECT", who="others"))),
            (
                "warned",
                "The principal also sees main.x (not by a grant to the principal itself, so by a group, an owner or "
                "everybody).",
            ),
        ),
    ],
)
def test_another_schema_is_visible(x: tuple[Outcome, Outcome], expected: tuple[str, str]) -> None:
    assert told(others("x", x=x)) == expected


def test_what_is_seen_by_a_grant_above_comes_first_and_its_hint_is_to_revoke_that() -> None:
    above, by_others = Outcome(rows(X, "SELECT", source=CATALOG)), Outcome(rows(X, "SELECT", who="others"))
    whose = "(not by a grant to the principal itself, so by a group, an owner or everybody)"
    known = {"main.a": (Outcome([]), by_others), "main.x": (Outcome([]), above)}
    check = others("a", "x", others=known)
    assert told(check) == (
        "warned",
        f"The principal also sees main.x (SELECT by a grant to the principal on catalog main), main.a {whose}.",
    )
    assert (check.hint or "").startswith("Revoke what was granted to the principal there")
    hint = others("a", others={"main.a": known["main.a"]}).hint
    assert (hint or "").startswith("Whoever owns it takes the access from the group")


def test_through_whom_another_schema_is_visible_is_said_where_it_is_known() -> None:
    effective: dict[Securable, Outcome] = {
        **all_well().effective,
        X: Outcome(
            [
                *rows(X, "USE_SCHEMA", who="staff"),
                *rows(X, "SELECT", "USE_CATALOG", who="account users", source=CATALOG),
                *rows(X, "MANAGE", who="strangers"),
            ]
        ),
    }
    check = others("x", effective=effective, owners={"main": "staff"})
    assert told(check) == (
        "warned",
        "The principal also sees main.x (SELECT through account users (granted on catalog main), USE_SCHEMA through "
        "staff (granted on schema main.x), owner of catalog main through staff).",
    )


def test_all_other_schemas_are_told_at_once_and_the_worst_decides() -> None:
    known = {
        "main.a": (NAME_ONLY, Outcome([])),
        "main.b": (Outcome([]), Outcome(rows(Securable("schema", "main.b"), "SELECT"))),
    }
    check = others("a", "b", "c", "ok", allowed=("ok",), others=known)
    assert told(check) == (
        "failed",
        "The principal also has main.b (SELECT), main.c (whether by a grant to the principal itself is not known), "
        "main.a (its name only). Allowed by setting: main.ok.",
    )
    strict: Evidence = dataclasses.replace(all_well(), schemas={"main": Outcome(["import", "tmp", "x"])})
    assert verdicts(strict, strict=True)["no_other_schemas"].result == "failed"
