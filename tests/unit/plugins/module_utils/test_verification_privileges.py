# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Privileges in a verification: which are held, how that is known, which are too much, and who takes them away."""

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
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.wanted import Grant
from ansible_collections.lakeops.databricks.plugins.module_utils._api.grants import Securable
from tests.support.verification import (
    CATALOG,
    IMPORT,
    ME,
    STAGING,
    WISH,
    all_well,
    denied,
    failed,
    rows,
    verdicts,
    without,
)

OTHER = Securable("schema", "other.tmp")
HIVE = Securable("schema", "hive_metastore.legacy")
METASTORE = Securable("metastore", "m")
IDS = {grant.of: grant.id for grant in WISH.grants}


def told(check: Check) -> tuple[str, str]:
    return check.result, check.evidence


def wishing(of: Securable, *names: str) -> t.Any:
    """The wish, with these privileges on one securable more, or in place of those on it."""
    kept = [grant for grant in WISH.grants if grant.of != of]
    return dataclasses.replace(WISH, grants=(*kept, Grant(IDS.get(of, "more"), of, frozenset(names))))


def doubtful(evidence: Evidence) -> Evidence:
    """Nobody could read everybody's privileges, so what is not shown may be there."""
    evidence.read_by_runner = set()
    return evidence


def held(evidence: Evidence, of: Securable, *names: str) -> tuple[str, str]:
    """The verdict on privileges that nobody is shown to hold by name."""
    evidence.grants[of] = evidence.effective[of] = Outcome([])
    return told(verdicts(doubtful(evidence), wish=wishing(of, *names))[f"grants_{IDS.get(of, 'more')}"])


# -- held by name -------------------------------------------------------------------------------
def test_what_is_held_by_name_is_listed() -> None:
    check = verdicts(all_well())["grants_tmp"]
    assert told(check) == ("passed", "On main.tmp: CREATE_TABLE, MODIFY, SELECT, USE_SCHEMA.")


def test_either_source_of_what_is_held_will_do() -> None:
    nothing_read = dataclasses.replace(all_well(), grants={}, effective={}, read_by_runner=set())
    assert told(verdicts(nothing_read)["grants_tmp"]) == ("skipped", "Not run: there was no SQL session.")
    assert verdicts(dataclasses.replace(all_well(), grants={}))["grants_tmp"].result == "passed"
    assert verdicts(dataclasses.replace(all_well(), effective={}))["grants_tmp"].result == "passed"


@pytest.mark.parametrize("code", ["SCHEMA_NOT_FOUND", "SCHEMA_DOES_NOT_EXIST"])
def test_a_schema_that_is_not_there(code: str) -> None:
    evidence = all_well()
    evidence.grants[STAGING] = failed("Who knows it.", code)
    assert told(verdicts(evidence)["grants_tmp"]) == ("failed", "There is no schema main.tmp: Who knows it.")


def test_nobody_could_tell_what_is_held() -> None:
    evidence = all_well()
    evidence.grants[STAGING] = failed("No.", "PERMISSION_DENIED", 403)
    evidence.effective[STAGING] = Outcome(rows(STAGING, "SELECT", who="others"))
    evidence.probes, evidence.forbidden = {}, {}
    check = verdicts(doubtful(evidence))["grants_tmp"]
    assert told(check) == (
        "warned",
        "On main.tmp: CREATE_TABLE, MODIFY, SELECT, USE_SCHEMA not held by name; whether through a group or an owner "
        "could not be established.",
    )
    assert told(verdicts(evidence)["surplus_tmp"])[0] == "skipped"


def test_all_that_is_missing_is_said_with_one_statement() -> None:
    evidence = without(all_well(), STAGING, "MODIFY", "CREATE_TABLE")
    evidence.probes = {}
    check = verdicts(evidence)["grants_tmp"]
    assert told(check) == ("failed", "On main.tmp: missing CREATE_TABLE, MODIFY.")
    assert check.hint == (
        "Run the set-up again, or have the owner run: "
        "GRANT CREATE TABLE, MODIFY ON SCHEMA `main`.`tmp` TO the principal."
    )


# -- held through others ------------------------------------------------------------------------
def test_how_each_privilege_is_held_is_said() -> None:
    evidence = without(all_well(), STAGING, "MODIFY", "SELECT", "USE_SCHEMA")
    evidence.effective[STAGING].value.extend(
        [
            *rows(STAGING, "SELECT", "APPLY_TAG", who="zebras"),
            *rows(STAGING, "SELECT", who="staff", source=CATALOG),
            *rows(STAGING, "MODIFY", who="account users"),
        ]
    )
    assert told(verdicts(evidence)["grants_tmp"]) == (
        "passed",
        "On main.tmp: CREATE_TABLE, MODIFY, SELECT, USE_SCHEMA; "
        "MODIFY through account users (granted on schema main.tmp), "
        "SELECT through staff (granted on catalog main), "
        "USE_SCHEMA in some way that a probe went.",
    )


@pytest.mark.parametrize(
    ("owned", "owner", "way"),
    [
        ("main.tmp", ME.upper(), "MODIFY owner of schema main.tmp"),
        ("main", "Staff", "MODIFY owner of catalog main through staff"),
        ("main", "others", None),
        ("main.import", ME, None),
    ],
)
def test_who_owns_a_schema_or_its_catalog_holds_everything(owned: str, owner: str, way: str | None) -> None:
    evidence = without(all_well(), STAGING, "MODIFY")
    evidence.owners = {owned: owner}
    check = verdicts(evidence)["grants_tmp"]
    assert check.result == ("passed" if way else "failed")
    if way:
        assert check.evidence.endswith(f"; {way}.")


@pytest.mark.parametrize(("admin", "result"), [(True, "passed"), (False, "warned"), (None, "warned")])
def test_what_the_administrators_hold_reaches_administrators_only(admin: bool | None, result: str) -> None:
    evidence = without(all_well(), STAGING, "MODIFY")
    evidence.effective[STAGING].value.extend(rows(STAGING, "MODIFY", who="_Workspace_Admins_acme_1"))
    if admin is None:
        evidence.me = failed("No.")
    else:
        evidence.me.value["admin"] = admin
    assert verdicts(doubtful(evidence))["grants_tmp"].result == result


# -- proven by what went through ----------------------------------------------------------------
PROVEN, UNKNOWN = "passed", "warned"


@pytest.mark.parametrize(
    ("of", "privilege", "result"),
    [
        (CATALOG, "USE_CATALOG", PROVEN),
        (IMPORT, "USE_SCHEMA", PROVEN),
        (STAGING, "USE_SCHEMA", PROVEN),
        (IMPORT, "SELECT", PROVEN),
        (IMPORT, "MODIFY", UNKNOWN),
        # Whoever makes a table owns it, whatever else it may do there.
        (STAGING, "SELECT", UNKNOWN),
        (CATALOG, "SELECT", UNKNOWN),
        (STAGING, "MODIFY", UNKNOWN),
        (STAGING, "CREATE_TABLE", PROVEN),
        (IMPORT, "CREATE_TABLE", UNKNOWN),
        (CATALOG, "CREATE_TABLE", UNKNOWN),
        (OTHER, "USE_SCHEMA", UNKNOWN),
        (OTHER, "SELECT", UNKNOWN),
        (Securable("catalog", "other"), "USE_CATALOG", UNKNOWN),
    ],
)
def test_a_probe_proves_what_it_needed(of: Securable, privilege: str, result: str) -> None:
    assert held(all_well(), of, privilege)[0] == result


def test_use_is_proven_by_making_or_by_reading() -> None:
    for changed in ({"probes": {}}, {"reads": {}}):
        assert held(dataclasses.replace(all_well(), **changed), CATALOG, "USE_CATALOG")[0] == PROVEN
    assert held(dataclasses.replace(all_well(), probes={}, reads={}), CATALOG, "USE_CATALOG")[0] == UNKNOWN
    assert held(dataclasses.replace(all_well(), probes={}), STAGING, "USE_SCHEMA")[0] == UNKNOWN


def test_reading_one_table_of_several_proves_the_way_in_and_not_the_right_to_read_all() -> None:
    evidence = all_well()
    evidence.reads["main.import.views"] = failed("It is broken.")
    assert held(evidence, IMPORT, "SELECT")[0] == UNKNOWN
    assert held(evidence, IMPORT, "USE_SCHEMA")[0] == PROVEN
    assert held(dataclasses.replace(all_well(), reads={}), IMPORT, "SELECT")[0] == UNKNOWN


def test_reading_proves_nothing_where_the_principal_owns_the_table_or_more_is_wished() -> None:
    own = dataclasses.replace(all_well(), reads={"main.tmp.partner_probe_00": Outcome()})
    assert held(own, STAGING, "SELECT")[0] == UNKNOWN
    evidence = doubtful(all_well())
    evidence.grants[CATALOG] = evidence.effective[CATALOG] = Outcome([])
    only_read = dataclasses.replace(wishing(CATALOG, "SELECT"), schemas=WISH.schemas[:1])
    assert verdicts(evidence, wish=only_read)["grants_catalog"].result == UNKNOWN


def test_a_table_of_a_schema_with_a_longer_name_proves_nothing() -> None:
    evidence = dataclasses.replace(all_well(), reads={"main.import_old.people": Outcome()}, probes={})
    assert held(evidence, IMPORT, "USE_SCHEMA")[0] == UNKNOWN


@pytest.mark.parametrize(("made", "result"), [(Outcome(), PROVEN), (NOT_TRIED, UNKNOWN)])
def test_a_schema_that_was_made_proves_the_right_to_make_it(made: Outcome, result: str) -> None:
    evidence = dataclasses.replace(all_well(), made_schema={"main": made})
    assert held(evidence, CATALOG, "CREATE_SCHEMA")[0] == result


def test_reading_metadata_is_proven_by_a_list_of_tables() -> None:
    assert held(all_well(), IMPORT, "READ_METADATA")[0] == PROVEN
    assert held(dataclasses.replace(all_well(), tables={}), IMPORT, "READ_METADATA")[0] == UNKNOWN


# -- known to be missing ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("privilege", "on", "missing"),
    [
        ("MODIFY", "Schema 'main.tmp'", True),
        ("MODIFY", "Table 'main.tmp.partner_probe_00'", True),
        ("SELECT,MODIFY", "Table 'main.tmp.x'", True),
        ("MODIFY", "Table 'main.tmp_old.x'", False),
        ("MODIFY", "Catalog 'main'", False),
        ("SELECT", "Table 'main.tmp.x'", False),
    ],
)
@pytest.mark.parametrize("where", ["schemas", "tables", "reads", "probes", "made_schema"])
def test_a_denial_of_any_statement_names_what_is_missing(where: str, privilege: str, on: str, missing: bool) -> None:
    evidence = without(all_well(), STAGING, "MODIFY")
    no = denied(privilege, on)
    kept = getattr(evidence, where)
    kept.update({"main.tmp": {"create": no}} if where == "probes" else {"main": no} if where != "reads" else {"x": no})
    result = verdicts(doubtful(evidence))["grants_tmp"].result
    assert result == ("failed" if missing else "warned")


def test_a_denial_in_the_legacy_metastore_may_leave_its_name_out() -> None:
    for name in ("legacy", "legacy.people", "hive_metastore.legacy"):
        evidence = dataclasses.replace(all_well(), reads={"x": denied("MODIFY", f"database `{name}`")})
        assert held(evidence, HIVE, "MODIFY") == ("failed", "On hive_metastore.legacy: missing MODIFY.")
    evidence = dataclasses.replace(all_well(), reads={"x": denied("MODIFY", "database `another`")})
    assert held(evidence, HIVE, "MODIFY")[0] == "warned"


def test_a_list_that_leaves_out_what_is_known_to_be_held_proves_nothing() -> None:
    evidence = without(all_well(), STAGING, "MODIFY")
    evidence.effective[STAGING] = Outcome(rows(STAGING, "SELECT", who="others"))
    assert verdicts(evidence)["grants_tmp"].result == "warned"


@pytest.mark.parametrize("grants", [Outcome([]), NOT_TRIED])
def test_where_nothing_is_held_a_whole_list_elsewhere_shows_that_lists_are_whole(grants: Outcome) -> None:
    evidence = all_well()
    evidence.grants[STAGING], evidence.effective[STAGING] = grants, Outcome([])
    assert verdicts(evidence)["grants_tmp"].result == "failed"
    for of in (CATALOG, IMPORT):
        evidence.effective[of] = Outcome(rows(of, "SELECT", who="others"))
    assert verdicts(evidence)["grants_tmp"].result == "warned"


# -- too much by name ---------------------------------------------------------------------------
def test_what_is_too_much_is_said_with_the_statement_that_takes_it_away() -> None:
    evidence = all_well()
    evidence.grants[STAGING].value.extend(rows(STAGING, "MANAGE", "APPLY_TAG"))
    check = verdicts(evidence)["surplus_tmp"]
    assert told(check) == ("failed", "Surplus: APPLY_TAG on schema main.tmp; MANAGE on schema main.tmp.")
    assert check.hint and check.hint.endswith(
        "or run: REVOKE APPLY TAG ON SCHEMA `main`.`tmp` FROM the principal; "
        "REVOKE MANAGE ON SCHEMA `main`.`tmp` FROM the principal."
    )
    fine = verdicts(all_well())["surplus_tmp"]
    assert told(fine) == ("passed", "On main.tmp: nothing beyond CREATE_TABLE, MODIFY, SELECT, USE_SCHEMA.")


def test_what_was_granted_above_counts_below_where_nothing_is_wished_above() -> None:
    evidence = all_well()
    evidence.grants[STAGING].value.extend(
        [*rows(STAGING, "USE_CATALOG", source=CATALOG), *rows(STAGING, "CREATE_CATALOG", source=METASTORE)]
    )
    assert verdicts(evidence)["surplus_tmp"].result == "passed"
    wish = dataclasses.replace(WISH, grants=tuple(grant for grant in WISH.grants if grant.of != CATALOG))
    assert told(verdicts(evidence, wish=wish)["surplus_tmp"]) == ("failed", "Surplus: USE_CATALOG on catalog main.")
    evidence.grants[STAGING] = Outcome(rows(STAGING, "SELECT", source=CATALOG))
    assert verdicts(evidence, wish=wish)["surplus_tmp"].result == "passed", "it is wished, wherever it was granted"


def test_all_privileges_on_a_schema_do_not_excuse_privileges_on_its_catalog() -> None:
    wish = wishing(STAGING, "ALL_PRIVILEGES")
    evidence = all_well()
    assert verdicts(evidence, wish=wish)["surplus_tmp"].result == "passed", "what they cover is wished"
    wish = dataclasses.replace(wish, grants=tuple(grant for grant in wish.grants if grant.of != CATALOG))
    evidence.grants[STAGING].value.extend(rows(STAGING, "EXECUTE", source=CATALOG))
    assert told(verdicts(evidence, wish=wish)["surplus_tmp"]) == ("failed", "Surplus: EXECUTE on catalog main.")


# -- too much through others --------------------------------------------------------------------
def through(*found: t.Any, **owners: str) -> Check:
    evidence = all_well()
    evidence.effective[STAGING].value.extend(found)
    evidence.owners |= {name.replace("_", "."): owner for name, owner in owners.items()}
    return verdicts(evidence)["indirect_tmp"]


def test_nothing_comes_through_others() -> None:
    assert told(verdicts(all_well())["indirect_tmp"]) == ("passed", "On main.tmp: none.")
    strangers = rows(STAGING, "MANAGE", who="strangers")
    wished = rows(STAGING, "SELECT", who="staff")
    above = rows(STAGING, "MANAGE", who="staff", source=CATALOG)
    assert through(*strangers, *wished, *above).result == "passed", "what is granted above is judged there"


@pytest.mark.parametrize(
    ("who", "privilege", "hint"),
    [
        (
            "staff",
            "MANAGE",
            "data-team, who owns schema main.tmp, can run REVOKE MANAGE ON SCHEMA `main`.`tmp` FROM `staff`, or the "
            "principal leaves the group.",
        ),
        (
            "Account Users",
            "MANAGE",
            "data-team, who owns schema main.tmp, can run REVOKE MANAGE ON SCHEMA `main`.`tmp` FROM `Account Users`, "
            "for everybody.",
        ),
        (
            "_workspace_users_acme_1",
            "MANAGE",
            "data-team, who owns schema main.tmp, can run REVOKE MANAGE ON SCHEMA `main`.`tmp` FROM "
            "`_workspace_users_acme_1`, for everybody.",
        ),
        (
            "account users",
            "BROWSE",
            "data-team, who owns schema main.tmp, can take it away; everybody has it by default and sees names only.",
        ),
    ],
)
def test_who_can_take_away_what_comes_through_others(who: str, privilege: str, hint: str) -> None:
    check = through(*rows(STAGING, privilege, who=who))
    assert told(check) == ("warned", f"{privilege} through {who} (granted on schema main.tmp).")
    assert check.hint == hint


def test_the_same_step_is_said_once_and_an_owner_who_is_not_known_is_called_that() -> None:
    evidence = all_well()
    evidence.owners = {}
    evidence.effective[STAGING].value.extend(
        [*rows(STAGING, "BROWSE", who="account users"), *rows(STAGING, "BROWSE", who="staff")]
    )
    check = verdicts(evidence)["indirect_tmp"]
    assert (
        check.hint == "Whoever owns schema main.tmp can take it away; everybody has it by default and sees names only."
    )
    assert "BROWSE through account users (granted on schema main.tmp); BROWSE through staff" in check.evidence


def test_a_group_of_the_principals_own_name_is_told_once() -> None:
    evidence = dataclasses.replace(all_well(), principal="staff")
    for found in (evidence.grants, evidence.effective):
        found[STAGING].value.extend(rows(STAGING, "MANAGE", who="staff"))
    found_out = verdicts(evidence)
    assert found_out["surplus_tmp"].result == "failed" and found_out["indirect_tmp"].result == "passed"


def test_an_owner_is_more_than_any_privilege() -> None:
    owner = through(main_tmp=ME)
    assert told(owner) == ("warned", "owner of schema main.tmp.")
    assert owner.hint == (
        "Whoever owns schema main.tmp gives it to somebody else: ALTER SCHEMA `main`.`tmp` SET OWNER TO `...`."
    )
    both = through(*rows(STAGING, "MANAGE", who="staff"), main_tmp=ME)
    assert told(both)[1] == "MANAGE through staff (granted on schema main.tmp); owner of schema main.tmp."


def test_what_is_granted_above_counts_where_nothing_is_wished_there() -> None:
    wish = dataclasses.replace(WISH, grants=tuple(grant for grant in WISH.grants if grant.of != CATALOG))
    evidence = all_well()
    evidence.effective[STAGING].value.extend(rows(STAGING, "MANAGE", who="staff", source=CATALOG))
    check = verdicts(evidence, wish=wish)["indirect_tmp"]
    assert told(check) == ("warned", "MANAGE through staff (granted on catalog main).")


def test_without_a_list_only_the_owner_is_known() -> None:
    evidence = all_well()
    evidence.effective[STAGING] = failed("Not for you.", "PERMISSION_DENIED", 403)
    assert told(verdicts(evidence)["indirect_tmp"]) == ("skipped", "Could not be established: Not for you.")
    del evidence.effective[STAGING]
    assert told(verdicts(evidence)["indirect_tmp"]) == (
        "skipped",
        "Could not be established: nobody could read the effective privileges.",
    )
    evidence.owners["main.tmp"] = ME
    assert told(verdicts(evidence)["indirect_tmp"]) == ("warned", "owner of schema main.tmp.")
    legacy = verdicts(all_well(), wish=wishing(HIVE, "SELECT"))["indirect_more"]
    assert told(legacy) == ("skipped", "Could not be established: SQL does not tell.")


@pytest.mark.parametrize("changed", [{"me": failed("No.")}, {"read_by_runner": set()}])
def test_that_none_is_known_is_not_that_there_is_none(changed: dict[str, t.Any]) -> None:
    check = verdicts(dataclasses.replace(all_well(), **changed))["indirect_tmp"]
    assert told(check) == ("skipped", "None is known, but not everybody's privileges could be read.")
