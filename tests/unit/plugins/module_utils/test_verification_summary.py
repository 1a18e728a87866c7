# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signs in and with what, what the verdicts come to, and what a person enters at the partner."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.evidence import (
    NOT_TRIED,
    Evidence,
    Outcome,
    when,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.judging import (
    Handover,
    Judged,
    connection,
    judge,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.verdict import Check
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from tests.support.verification import ME, NOW, WISH, all_well, failed, verdicts

WITH_HINT = Outcome(failure=Failure("It broke.", code="SOMETHING", status=400, hint="Mend it."))
GONE = failed("It is not there.", "RESOURCE_DOES_NOT_EXIST", 404)
REFUSALS = [("PERMISSION_DENIED", 401), ("PERMISSION_DENIED", 403), ("UNAUTHENTICATED", None)]


def verdict(name: str, **changed: t.Any) -> Check:
    return verdicts(dataclasses.replace(all_well(), **changed))[name]


def told(check: Check) -> tuple[str, str]:
    return check.result, check.evidence


# -- the token ----------------------------------------------------------------------------------
def test_a_store_that_cannot_be_used() -> None:
    check = verdict("token", record=WITH_HINT)
    assert (*told(check), check.hint) == ("failed", "The store cannot be used: It broke.", "Mend it.")


def test_a_store_without_a_token() -> None:
    check = verdict("token", record=Outcome(None))
    assert told(check) == ("failed", "There is no token in file token.json.")
    assert check.hint == "Run the set-up again; it makes and stores one."


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (1, ("passed", "Token aaaaaaaa, valid until {end}.")),
        (0, ("failed", "Token aaaaaaaa expired on {end}.")),
        (-1, ("failed", "Token aaaaaaaa expired on {end}.")),
        (None, ("passed", "Token aaaaaaaa, valid until it is revoked.")),
    ],
)
def test_the_end_of_a_token(left: float | None, expected: tuple[str, str]) -> None:
    end = None if left is None else when(NOW + left)
    check = verdict("token", record=Outcome({"token_id": "a" * 64, "expiry": end}))
    assert told(check) == (expected[0], expected[1].format(end=end))


def test_what_opens_a_session_or_signs_in_is_alive() -> None:
    assert verdict("token", me=failed("No.", "PERMISSION_DENIED", 403)).result == "passed"
    assert verdict("token", session=NOT_TRIED).result == "passed"


@pytest.mark.parametrize(("code", "status"), REFUSALS)
def test_a_token_that_the_workspace_refuses(code: str, status: int | None) -> None:
    evidence = dataclasses.replace(all_well(), me=failed("Not you.", code, status), session=NOT_TRIED)
    found = verdicts(evidence)
    assert told(found["token"]) == ("failed", "Token aaaaaaaa is refused: Not you.")
    assert told(found["identity"]) == ("failed", "The token did not sign in: Not you.")
    assert told(found["session"]) == ("skipped", "Not run: there is no token, or no SQL warehouse.")


def test_a_token_of_which_nothing_is_known() -> None:
    away = failed("No answer.", "UNREACHABLE")
    found = verdicts(dataclasses.replace(all_well(), me=away, session=away))
    assert told(found["token"]) == (
        "skipped",
        "Whether token aaaaaaaa is alive could not be established: No answer.",
    )
    assert told(found["identity"]) == ("skipped", "Could not be established: No answer.")
    untried = verdicts(dataclasses.replace(all_well(), me=NOT_TRIED, session=NOT_TRIED))
    assert untried["token"].result == "skipped"
    assert told(untried["identity"]) == ("skipped", "Not run: there is no token to sign in with.")


# -- who it is ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("principal", "names", "expected"),
    [
        (ME.upper(), {}, ("passed", f"partner ({ME}).")),
        ("Partner", {}, ("passed", f"partner ({ME}).")),
        ("eve@example.com", {"user_name": "Eve@example.com"}, ("passed", "partner (Eve@example.com).")),
        (ME, {"display_name": None}, ("passed", f"{ME} ({ME}).")),
        ("other", {}, ("failed", f"The token belongs to partner ({ME}), not to other.")),
        ("none", {"display_name": None}, ("failed", f"The token belongs to {ME} ({ME}), not to none.")),
    ],
)
def test_whose_token_it_is(principal: str, names: dict[str, t.Any], expected: tuple[str, str]) -> None:
    me = {**all_well().me.value, **names}
    assert told(verdict("identity", principal=principal, me=Outcome(me))) == expected


def test_a_session_tells_who_it_is_where_the_workspace_does_not() -> None:
    refused = failed("Not in scope.", "PERMISSION_DENIED", 403)
    mine = verdict("identity", me=refused, current_user=Outcome([[ME.upper()]]))
    assert told(mine) == (
        "passed",
        f"{ME.upper()}, by its SQL session; asking the workspace was refused: Not in scope.",
    )
    other = verdict("identity", me=refused, current_user=Outcome([["bob"]]))
    assert told(other) == ("failed", f"The SQL session belongs to bob, not to {ME}.")
    by_mail = verdict("identity", me=refused, current_user=Outcome([["bob"]]), principal="eve@example.com")
    assert by_mail.result == "failed"
    # Of a display name nobody knows whose it is.
    unclear = verdict("identity", me=WITH_HINT, current_user=Outcome([["bob"]]), principal="klaviyo")
    assert (*told(unclear), unclear.hint) == (
        "skipped",
        "The SQL session belongs to bob; whether that is klaviyo is not known: It broke.",
        "Mend it.",
    )
    assert verdict("identity", me=NOT_TRIED, current_user=Outcome([["bob"]]), principal="klaviyo").hint is None


def test_the_hint_of_a_failure_is_passed_on() -> None:
    for name in ("identity", "session"):
        assert verdict(name, me=WITH_HINT, session=WITH_HINT).hint == "Mend it."
    plain = verdict("session", session=failed("No.", "PERMISSION_DENIED", 403))
    assert plain.hint == "The principal needs CAN USE on the warehouse and the entitlement databricks-sql-access."


def test_an_administrator_can_do_more_than_it_should() -> None:
    me = {**all_well().me.value, "admin": True}
    assert told(verdict("not_admin", me=Outcome(me))) == ("failed", "The principal is a member of admins.")
    assert told(verdict("not_admin")) == ("passed", "Not a member of admins.")
    assert verdict("not_admin", me=failed("No.")).result == "skipped"


# -- the warehouse and its session --------------------------------------------------------------
FOUND = {"name": "Main", "http_path": "/sql/1", "state": "RUNNING", "hostname": "elsewhere.cloud.databricks.com"}


@pytest.mark.parametrize(
    ("warehouse", "session", "expected"),
    [
        (Outcome(FOUND), Outcome(), ("passed", "Main, /sql/1, RUNNING.")),
        (GONE, Outcome(), ("failed", "The SQL warehouse cannot be read: It is not there.")),
        (failed("No answer."), Outcome(), ("skipped", "Could not be established: No answer.")),
        (NOT_TRIED, Outcome(), ("passed", "A session opened on /sql/1.0/warehouses/1.")),
        (NOT_TRIED, GONE, ("failed", "There is none at /sql/1.0/warehouses/1: It is not there.")),
        (NOT_TRIED, failed("No."), ("skipped", "Not run: no session was opened on it.")),
        (NOT_TRIED, NOT_TRIED, ("skipped", "Not run: no session was opened on it.")),
    ],
)
def test_whether_there_is_a_warehouse(warehouse: Outcome, session: Outcome, expected: tuple[str, str]) -> None:
    assert told(verdict("warehouse", warehouse=warehouse, session=session)) == expected


def test_how_long_a_session_took_to_open() -> None:
    assert told(verdict("session")) == ("passed", "Opened on /sql/1.0/warehouses/1 after 0.2 s.")


# -- what it comes to ---------------------------------------------------------------------------
def with_predecessors(*given: dict[str, t.Any]) -> Evidence:
    evidence = all_well()
    evidence.record.value["predecessors"] = [{"token_id": "t0", **one} for one in given]
    return evidence


SOON, LATER = when(NOW + 10), when(NOW + 20)


@pytest.mark.parametrize(
    ("given", "until"),
    [
        ([], None),
        ([{"expiry": SOON}, {"expiry": LATER}], LATER),
        ([{"expiry": LATER}, {"expiry": SOON}], LATER),
        ([{"expiry": when(NOW)}], None),
        ([{"expiry": when(NOW + 1)}], when(NOW + 1)),
        ([{"expiry": SOON, "confirmed": True}], None),
        ([{"expiry": SOON, "token_id": ""}], None),
        ([{"expiry": None}], "it is confirmed"),
        ([{"expiry": SOON}, {"expiry": None}], "it is confirmed"),
        ([{"expiry": when(NOW - 1)}, {"expiry": SOON}], SOON),
    ],
)
def test_a_replaced_token_that_lives_on_is_a_handover(given: list[dict[str, t.Any]], until: str | None) -> None:
    judged = judge(WISH, with_predecessors(*given), strict=True, allowed=())
    assert judged.status == ("handover" if until else "ok") and judged.passed
    line = judged.summary()["line"]
    count = len(judged.checks)
    assert line == (f"handover until {until}: {count} checks" if until else f"ok: {count} checks")


def test_without_a_record_there_is_no_handover() -> None:
    evidence = dataclasses.replace(all_well(), record=failed("No."))
    assert judge(WISH, evidence, strict=True, allowed=()).handover is None


def test_what_the_modules_for_tokens_tell_of_a_handover_comes_first() -> None:
    told_by = Handover("tomorrow")
    judged = judge(WISH, with_predecessors({"expiry": SOON}), strict=True, allowed=(), handover=told_by)
    assert judged.handover is told_by and judged.summary()["line"].startswith("handover until tomorrow: ")


@pytest.mark.parametrize(
    ("given", "confirmed", "handover"),
    [
        (None, False, None),
        ({}, False, None),
        ({"ends": "noon", "level": "warn"}, False, Handover("noon", False)),
        ({"ends": None, "level": "note"}, False, Handover("it is confirmed", False)),
        ({"ends": "noon", "level": "broken"}, False, Handover("noon", True)),
        ({"ends": "noon", "level": "broken"}, True, Handover("noon", False)),
    ],
)
def test_a_handover_as_the_modules_tell_it(
    given: dict[str, t.Any] | None, confirmed: bool, handover: Handover | None
) -> None:
    assert Handover.from_option(given, confirmed=confirmed) == handover


def test_a_partner_that_is_about_to_be_cut_off_is_broken_although_all_works() -> None:
    judged = judge(WISH, all_well(), strict=True, allowed=(), handover=Handover("noon", late=True))
    assert judged.works and judged.late and judged.breaks and not judged.passed and judged.status == "broken"
    assert judged.summary()["line"] == "broken: the token that Partner was last given ended or ends within a day"
    # What does not work at all is said first.
    evidence = dataclasses.replace(all_well(), session=failed("No."))
    worse = judge(WISH, evidence, strict=True, allowed=(), handover=Handover("noon", late=True))
    assert worse.status == "broken" and worse.summary()["line"] == "broken: session: No SQL session: No."


def check(name: str, kind: str, result: str, evidence: str = "so.") -> Check:
    return Check(name, kind, name, result=result, evidence=evidence)


def judged_of(status: str, *checks: Check) -> Judged:
    return Judged(list(checks), status, None, "Partner")


@pytest.mark.parametrize(
    ("judged", "line"),
    [
        (
            judged_of("ok", check("a", "works", "warned"), check("b", "least_privilege", "skipped")),
            "ok: 2 checks, 1 warned, 1 skipped",
        ),
        (judged_of("broken", check("a", "works", "failed")), "broken: a: so."),
        (
            judged_of(
                "broken", check("x", "works", "skipped"), check("a", "works", "failed"), check("b", "works", "failed")
            ),
            "broken: a: so. (and 1 more)",
        ),
        (
            judged_of("drift", *(check(name, "least_privilege", "failed") for name in "abc")),
            "drift: a: so. (and 2 more)",
        ),
        # Of the other kind nothing is counted.
        (
            judged_of("broken", check("a", "works", "failed"), check("b", "least_privilege", "failed")),
            "broken: a: so.",
        ),
        (
            judged_of("unknown", check("a", "works", "skipped"), check("b", "least_privilege", "skipped")),
            "unknown: a: so.",
        ),
        (
            judged_of("unknown", check("a", "works", "skipped", "Not run: no."), check("b", "works", "skipped")),
            "unknown: b: so.",
        ),
        (judged_of("unknown", check("a", "works", "skipped", "Not run: no.")), "unknown: a: Not run: no."),
    ],
)
def test_one_line_for_people(judged: Judged, line: str) -> None:
    assert judged.summary()["line"] == line


def test_counts() -> None:
    checks = [check("a", "works", "passed"), check("b", "works", "warned"), check("c", "works", "passed")]
    counts = {key: count for key, count in judged_of("ok", *checks).summary().items() if key != "line"}
    assert counts == {"passed": 2, "failed": 0, "warned": 1, "skipped": 0}


def test_too_much_is_drift_and_the_partners_job_comes_first() -> None:
    evidence = all_well()
    evidence.me.value["admin"] = True
    judged = judge(WISH, evidence, strict=False, allowed=())
    assert judged.status == "drift" and judged.works and not judged.breaks and not judged.passed
    assert judged.summary()["line"] == "drift: not_admin: The principal is a member of admins."
    kinds = [one.kind for one in judged.checks]
    assert kinds == sorted(kinds, reverse=True) and set(kinds) == {"works", "least_privilege"}


def test_each_verdict_names_its_place_in_the_partners_guide() -> None:
    guided = dataclasses.replace(WISH, guides={"token": "3.2"})
    guides = {one.id: one.guide for one in judge(guided, all_well(), strict=False, allowed=()).checks}
    assert guides["token"] == "3.2" and guides["session"] == "0"


# -- what a person enters at the partner --------------------------------------------------------
def test_the_connection_comes_from_the_warehouse_where_it_could_be_read() -> None:
    evidence = dataclasses.replace(all_well(), warehouse=Outcome(FOUND))
    assert connection(WISH, evidence)["hostname"] == "elsewhere.cloud.databricks.com"
    evidence = dataclasses.replace(all_well(), hostname="127.0.0.1:8443", http_path=None)
    sheet = connection(WISH, evidence)
    assert (sheet["hostname"], sheet["http_path"], sheet["catalog"]) == ("127.0.0.1", "", "main")
    assert sheet["fields"] == [{"label": "Host", "value": "https://127.0.0.1"}] and sheet["steps"] == []


def test_a_partner_that_wants_nothing_entered_has_no_fields() -> None:
    assert connection(dataclasses.replace(WISH, connection={}), all_well())["fields"] == []
    named = dataclasses.replace(WISH, connection={"fields": [{"label": "Nothing"}]})
    assert connection(named, all_well())["fields"] == [{"label": "Nothing", "value": ""}]
