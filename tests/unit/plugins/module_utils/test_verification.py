# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts from evidence alone: what is known, what is not, and whence what is too much comes."""

from __future__ import annotations

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.evidence import Outcome
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.judging import connection, judge
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.verdict import Check
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.hints import hint_for
from tests.support.verification import (
    CATALOG,
    IMPORT,
    ME,
    NOW,
    STAGING,
    WISH,
    all_well,
    denied,
    failed,
    rows,
    verdicts,
    without,
)


def test_all_is_well() -> None:
    judged = judge(WISH, all_well(), strict=True, allowed=())
    assert {check.result for check in judged.checks} == {"passed"}, [c for c in judged.checks if c.result != "passed"]
    assert judged.passed and judged.status == "ok" and judged.summary()["line"] == f"ok: {len(judged.checks)} checks"


# -- denials --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "code", "sqlstate", "privileges", "name"),
    [
        ("User does not have SELECT on Table 'main.a.b'.", "INSUFFICIENT_PERMISSIONS", "42501", {"SELECT"}, "main.a.b"),
        (
            "PERMISSION_DENIED: User does not have CREATE TABLE on Schema 'm.s'.",
            "UNAUTHORIZED_ACCESS",
            "42501",
            {"CREATE_TABLE"},
            "m.s",
        ),
        ("Principal 'partner' does not have USE SCHEMA on Schema 'm.s'.", "SQL_ERROR", None, {"USE_SCHEMA"}, "m.s"),
        ("User does not have permission CREATE,USAGE on database `s`.", "SQL_ERROR", None, {"CREATE", "USAGE"}, "s"),
        ("Something else.", "INSUFFICIENT_PERMISSIONS", "42501", None, None),
    ],
)
def test_denials_in_either_class(
    text: str, code: str, sqlstate: str | None, privileges: set[str] | None, name: str | None
) -> None:
    outcome = failed(text, code, None, sqlstate)
    assert outcome.denied and outcome.judged_by_service
    assert (outcome.denial and (set(outcome.denial.privileges), outcome.denial.name)) == (
        privileges and (privileges, name)
    )


def test_other_failures_are_no_denials() -> None:
    assert not failed("The table cannot be found.", "TABLE_OR_VIEW_NOT_FOUND", None, "42P01").denied
    assert not failed("Connection reset.", "UNREACHABLE").judged_by_service
    assert not failed("Oops.", "INTERNAL_ERROR", None, "XX000").judged_by_service


# -- held, or not, or not known -------------------------------------------------------------------
def test_missing_where_everybodys_privileges_were_read() -> None:
    check = verdicts(without(all_well(), STAGING, "MODIFY"))["grants_tmp"]
    assert check.result == "failed" and "missing MODIFY" in check.evidence
    assert check.hint and "GRANT MODIFY ON SCHEMA `main`.`tmp`" in check.hint


def test_not_known_where_they_were_not() -> None:
    evidence = without(all_well(), STAGING, "MODIFY")
    evidence.read_by_runner = set()
    judged = judge(WISH, evidence, strict=False, allowed=())
    check = {one.id: one for one in judged.checks}["grants_tmp"]
    assert check.result == "warned" and "could not be established" in check.evidence
    assert judged.passed and judged.status == "ok", "what is not known is not counted as missing"


@pytest.mark.parametrize(
    ("who", "reached"),
    [
        ("account users", True),
        ("_workspace_users_acme_1", True),
        ("Staff", True),
        ("strangers", False),
        ("_workspace_admins_acme_1", False),
    ],
)
def test_what_comes_through_others_counts_as_held(who: str, reached: bool) -> None:
    evidence = without(all_well(), STAGING, "MODIFY")
    evidence.effective[STAGING].value.extend(rows(STAGING, "MODIFY", who=who, source=CATALOG))
    check = verdicts(evidence)["grants_tmp"]
    assert check.result == ("passed" if reached else "failed")
    assert (f"MODIFY through {who} (granted on catalog main)" in check.evidence) == reached


def test_all_privileges_cover_the_rest_and_are_too_much() -> None:
    evidence = without(all_well(), STAGING, "MODIFY", "SELECT")
    evidence.grants[STAGING].value.extend(rows(STAGING, "ALL_PRIVILEGES"))
    found = verdicts(evidence)
    assert found["grants_tmp"].result == "passed"
    assert found["surplus_tmp"].result == "failed" and "ALL_PRIVILEGES" in found["surplus_tmp"].evidence


def test_use_catalog_is_proven_by_what_went_through() -> None:
    evidence = without(all_well(), CATALOG, "USE_CATALOG")
    evidence.read_by_runner = set()
    check = verdicts(evidence)["grants_catalog"]
    assert check.result == "passed" and "a probe went" in check.evidence


def test_what_the_service_names_as_missing_is_missing() -> None:
    evidence = without(all_well(), IMPORT, "SELECT")
    evidence.read_by_runner = set()
    evidence.reads["main.import.people"] = denied("SELECT", "Table 'main.import.people'", "Principal 'partner'")
    found = verdicts(evidence)
    assert found["grants_import"].result == "failed" and found["select_main.import.people"].result == "failed"


# -- too much -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("strict", "result"), [(False, "warned"), (True, "failed")])
def test_too_much_through_others(strict: bool, result: str) -> None:
    evidence = all_well()
    evidence.effective[IMPORT].value.extend(rows(IMPORT, "MODIFY", who="account users"))
    check = verdicts(evidence, strict)["indirect_import"]
    assert check.result == result and "MODIFY through account users (granted on schema main.import)" in check.evidence
    assert check.hint and "data-team" in check.hint and "FROM `account users`" in check.hint


def test_what_was_granted_above_is_told_once() -> None:
    evidence = all_well()
    for of in (CATALOG, IMPORT, STAGING):
        evidence.grants[of].value.extend(rows(of, "MODIFY", source=CATALOG))
    found = verdicts(evidence)
    assert {name for name, check in found.items() if check.result == "failed"} == {"surplus_catalog"}


def test_the_owner_may_do_more() -> None:
    evidence = all_well()
    evidence.owners["main.import"] = ME
    evidence.owners["main.tmp"] = "Staff"
    found = verdicts(evidence)
    assert (
        found["indirect_import"].result == "warned"
        and "owner of schema main.import" in found["indirect_import"].evidence
    )
    assert "owner of schema main.tmp through staff" in found["indirect_tmp"].evidence


def test_nobody_could_read_the_privileges_of_others() -> None:
    evidence = all_well()
    evidence.effective = {of: failed("No.", "PERMISSION_DENIED", 403) for of in evidence.effective}
    evidence.read_by_runner = set()
    found = verdicts(evidence)
    assert {name for name, check in found.items() if check.result == "skipped"} == {
        f"indirect_{one}" for one in ("catalog", "import", "tmp")
    }
    assert found["surplus_import"].result == "passed", "the token may ask for its own"


def test_writing_that_is_not_refused() -> None:
    evidence = all_well()
    evidence.forbidden["main.import"] = Outcome()
    check = verdicts(evidence)["forbidden_create"]
    assert check.result == "warned" and "by a group, an owner or everybody" in check.evidence
    evidence.grants[IMPORT].value.extend(rows(IMPORT, "CREATE_TABLE"))
    assert verdicts(evidence)["forbidden_create"].result == "failed"


def test_writing_that_failed_for_another_reason_proves_nothing() -> None:
    evidence = all_well()
    evidence.forbidden["main.import"] = failed("Connection reset.", "UNREACHABLE")
    assert verdicts(evidence)["forbidden_create"].result == "skipped"


# -- objects --------------------------------------------------------------------------------------
def test_a_view_whose_owner_lost_the_right() -> None:
    evidence = all_well()
    evidence.reads["main.import.people"] = denied("SELECT", "Table 'main.raw.people'")
    check = verdicts(evidence)["select_main.import.people"]
    assert check.result == "failed" and "ada, who owns it, has no SELECT on main.raw.people any more" in check.evidence
    assert check.hint and "grants SELECT on it to ada" in check.hint


def test_a_row_filter() -> None:
    evidence = all_well()
    evidence.details["main.import.people"]["row_filter"] = "main.filters.eu"
    name = "rows_main.import.people"
    assert "what the principal sees is not known" in verdicts(evidence)[name].evidence
    evidence.first_row["main.import.people"] = Outcome([])
    check = verdicts(evidence)[name]
    assert check.result == "warned" and "sees no row of it" in check.evidence and check.hint
    evidence.first_row["main.import.people"] = Outcome([[1]])
    assert verdicts(evidence)[name].result == "passed"


def test_a_table_that_the_token_does_not_list() -> None:
    evidence = all_well()
    evidence.details["main.import.hidden"] = {"owner": "ada", "type": "TABLE", "row_filter": None, "created": NOW}
    check = verdicts(evidence)["select_main.import.hidden"]
    assert check.result == "failed" and "the token does not list it" in check.evidence


def test_tables_in_the_staging_schema() -> None:
    def leftovers(owner: str, days: float | None) -> Check:
        evidence = all_well()
        evidence.tables["main.tmp"] = Outcome(["one"])
        created = None if days is None else NOW - days * 86400
        evidence.details["main.tmp.one"] = {"owner": owner, "type": "TABLE", "row_filter": None, "created": created}
        return verdicts(evidence)["leftovers"]

    assert leftovers(ME, 1).result == "passed", "a sync may be going on"
    assert leftovers(ME, 30).result == "warned" and "30 days old" in leftovers(ME, 30).evidence
    assert (
        leftovers("old-principal", 1).result == "warned"
        and "owned by old-principal" in leftovers("old-principal", 1).evidence
    )
    assert "of unknown age, owned by somebody unknown" in leftovers("", None).evidence


# -- who ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused(status: int) -> None:
    evidence = all_well()
    evidence.me = failed("Invalid access token.", "INVALID_ACCESS_TOKEN", status)
    evidence.session = failed("Refused.", "PERMISSION_DENIED", status)
    found = verdicts(evidence)
    assert [found[name].result for name in ("token", "identity", "session")] == ["failed"] * 3


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("INVALID_ACCESS_TOKEN", 403, "Invalid access token."),
        ("401", 401, "Credential was not sent or was of an unsupported type for this API."),
        ("PERMISSION_DENIED", 403, "The token expired."),
    ],
)
def test_what_to_do_about_the_stored_token_is_not_what_to_do_about_the_callers(
    code: str, status: int, message: str
) -> None:
    evidence = all_well()
    refusal = Failure(message, code=code, status=status, hint=hint_for(code, status, message))
    evidence.me = evidence.session = Outcome(failure=refusal)
    found = verdicts(evidence)
    for name in ("token", "identity", "session"):
        assert found[name].hint == (
            "The stored token was revoked or is of another workspace, or its principal is deactivated or gone. Run the "
            "set-up again: it makes a new token, or says what has to be done first."
        )


def test_a_token_whose_scopes_reach_as_far_as_sql_only() -> None:
    evidence = all_well()
    evidence.me = failed("The token does not have the scope scim.", "PERMISSION_DENIED", 403)
    evidence.current_user = Outcome([[ME.upper()]])
    found = verdicts(evidence)
    assert found["token"].result == found["identity"].result == "passed"
    assert found["not_admin"].result == "skipped"


def test_a_session_of_an_id_is_not_said_to_be_of_somebody_else_than_a_display_name() -> None:
    """Who it is was not answered, so nobody knows which of the two names belongs to the other."""
    evidence = all_well()
    evidence.principal = "partner"
    evidence.me = failed("Too many requests.", "RESOURCE_EXHAUSTED", 429)
    evidence.current_user = Outcome([[ME]])
    found = verdicts(evidence)
    assert found["identity"].result == "skipped"
    assert found["identity"].evidence == (
        f"The SQL session belongs to {ME}; whether that is partner is not known: Too many requests."
    )
    # What it holds is listed under the name that the session told.
    evidence.grants[IMPORT] = Outcome([*evidence.grants[IMPORT].value, *rows(IMPORT, "MODIFY")])
    assert [one.id for one in verdicts(evidence).values() if one.result == "failed"] == ["surplus_import"]
    evidence.principal = "00000000-1111-4222-8333-444444444444"
    assert verdicts(evidence)["identity"].result == "failed"


def test_grants_are_not_looked_for_under_a_display_name() -> None:
    """No row bears it, which is no sign that nothing is granted."""
    evidence = all_well()
    evidence.principal = "partner"
    evidence.me = failed("Too many requests.", "RESOURCE_EXHAUSTED", 429)
    found = verdicts(evidence)
    assert {one.result for name, one in found.items() if name.startswith("surplus_")} == {"skipped"}
    assert not [name for name, one in found.items() if name.startswith("grants_") and one.result == "failed"]


def test_a_service_that_does_not_answer_says_nothing_of_the_token() -> None:
    evidence = all_well()
    evidence.me = failed("No answer.", "TIMEOUT", 504)
    evidence.session = failed("No answer.", "TIMEOUT", 504)
    found = verdicts(evidence)
    assert [found[name].result for name in ("token", "identity", "session")] == ["skipped"] * 3


SAYS_NOTHING = {
    "away": ("UNREACHABLE", None),
    "slow": ("TIMEOUT", None),
    "lost": ("CONNECTION_LOST", None),
    "untrusted": ("TLS", None),
    "a page": ("NOT_THE_API", None),
    "busy": ("REQUEST_LIMIT_EXCEEDED", 429),
    "an error": ("SQL_ERROR", 503),
    "not starting": ("DEADLINE_EXCEEDED", 504),
}
SAYS_NO = {
    "refused": ("PERMISSION_DENIED", 403),
    "a wrong token": ("UNAUTHENTICATED", 401),
    "gone": ("RESOURCE_DOES_NOT_EXIST", 404),
    "by SQL": ("SQL_ERROR", None),
}


@pytest.mark.parametrize("name", [*SAYS_NOTHING, *SAYS_NO])
def test_a_session_that_was_not_opened(name: str) -> None:
    evidence = all_well()
    evidence.session = failed("It said so.", *(SAYS_NOTHING.get(name) or SAYS_NO[name]))
    found = judge(WISH, evidence, strict=False, allowed=())
    session = next(check for check in found.checks if check.id == "session")
    if name in SAYS_NO:
        assert (session.result, session.evidence) == ("failed", "No SQL session: It said so.")
        assert found.status == "broken" and found.summary()["line"].startswith("broken: ")
    else:
        assert (session.result, session.evidence) == ("skipped", "Could not be established: It said so.")
        assert found.status == "unknown" and not found.passed
        assert found.summary()["line"] == "unknown: session: Could not be established: It said so."


def test_the_connection_sheet_is_filled_in() -> None:
    sheet = connection(WISH, all_well())
    assert sheet["fields"] == [{"label": "Host", "value": "https://abc.cloud.databricks.com/sql/1.0/warehouses/1"}]
    assert sheet["access_token"] == "field token_value in file token.json"
