# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts from registered results: every kind says passed, failed and skipped for the right reason."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.plugin_utils._access_checks import KINDS, evaluate

PRINCIPAL = "11111111-2222-3333-4444-555555555555"
ME = {"caller": {"user_name": PRINCIPAL, "display_name": "klaviyo-import", "admin": False}}
DENIED = {"error_class": "INSUFFICIENT_PERMISSIONS", "sqlstate": "42501", "message": "Insufficient privileges:\nno"}


def verdict(kind: str, evidence: dict[str, t.Any], **check: t.Any) -> dict[str, t.Any]:
    return evaluate([{"id": "x", "title": "X", "guide": "4.1", "kind": kind, **check}], evidence)[0]


def ran(ok: bool = True, **more: t.Any) -> dict[str, t.Any]:
    return {"sql": {"results": [{"id": "s", "statement": "S", "ok": ok, **more}]}}


def grants(*rows: tuple[str, str, str]) -> dict[str, t.Any]:
    return ran(rows=[[PRINCIPAL.upper(), action, kind, key] for action, kind, key in rows])


WANT = {"statement": "s", "object": "main.import", "principals": [PRINCIPAL], "from_above": ["USE_CATALOG"]}
READ = [("USE SCHEMA", "SCHEMA", "main.import"), ("SELECT", "SCHEMA", "main.import")]
ABOVE = ("USE CATALOG", "CATALOG", "main")


@pytest.mark.parametrize(
    ("kind", "evidence", "check", "result", "words"),
    [
        ("identity", {"identity": ME}, {"expected": PRINCIPAL.upper()}, "passed", "klaviyo-import"),
        ("identity", {"identity": ME}, {"expected": "somebody"}, "failed", "not to somebody"),
        ("identity", {"identity": ME}, {"expected": ""}, "failed", "known principal"),
        (
            "identity",
            {"identity": {"failed": True, "msg": "Invalid access token."}},
            {"expected": "x"},
            "failed",
            "Invalid access",
        ),
        ("not_admin", {"identity": ME}, {}, "passed", "admins"),
        ("not_admin", {"identity": {"caller": {"admin": True}}}, {}, "failed", "administrator"),
        ("not_admin", {}, {}, "skipped", "did not sign in"),
        ("warehouse", {"warehouse": {"failed": True, "msg": "gone"}}, {}, "failed", "gone"),
        (
            "warehouse",
            {"warehouse": {"warehouses": [{"name": "w", "http_path": "/p", "state": "STOPPED"}]}},
            {},
            "passed",
            "/p",
        ),
        ("session", {"sql": {"session_error": {"message": "no CAN_USE"}}}, {}, "failed", "no CAN_USE"),
        ("session", {"sql": {"failed": True, "error": {"message": "no"}}}, {}, "failed", "no"),
        ("session", ran(), {}, "passed", "1 statements"),
        ("session", {}, {}, "skipped", "Not run"),
        ("succeeds", ran(), {"statement": "s"}, "passed", "S"),
        ("succeeds", ran(rows=[[2]]), {"statement": "s", "rows": [[2]]}, "passed", "S"),
        ("succeeds", ran(rows=[[1]]), {"statement": "s", "rows": [[2]]}, "failed", "expected"),
        ("succeeds", ran(False, error=DENIED), {"statement": "s"}, "failed", "Insufficient"),
        ("succeeds", {"sql": {"session_error": {"message": "x"}}}, {"statement": "s"}, "skipped", "no SQL session"),
        ("succeeds", ran(ran=False), {"statement": "s"}, "skipped", "Not run"),
        ("refused", ran(False, error=DENIED), {"statement": "s"}, "passed", "Refused as it should be"),
        ("refused", ran(), {"statement": "s"}, "failed", "should have been refused"),
        ("refused", ran(False, error={"message": "connection reset"}), {"statement": "s"}, "failed", "another reason"),
        ("refused", {"sql": {"results": []}}, {"statement": "s", "skip_reason": "none"}, "skipped", "none"),
        ("includes", ran(rows=[["A"], ["b"]]), {"statement": "s", "names": ["a", "B"]}, "passed", "a, b"),
        (
            "includes",
            ran(rows=[{"databaseName": "a"}]),
            {"statement": "s", "names": ["a", "b"]},
            "failed",
            "visible: b",
        ),
        ("nothing_else", ran(rows=[["a"]]), {"statement": "s", "names": ["A"]}, "passed", "Nothing else"),
        ("nothing_else", ran(rows=[["a"], ["hr"]]), {"statement": "s", "names": ["a"]}, "failed", "hr"),
        ("grants", grants(*READ, ABOVE), {**WANT, "privileges": ["USE_SCHEMA", "SELECT"]}, "passed", "nothing more"),
        ("grants", grants(READ[0]), {**WANT, "privileges": ["USE_SCHEMA", "SELECT"]}, "failed", "missing SELECT"),
        (
            "grants",
            grants(*READ, ("MODIFY", "SCHEMA", "main.import")),
            {**WANT, "privileges": ["USE_SCHEMA", "SELECT"]},
            "failed",
            "surplus MODIFY",
        ),
        (
            "grants",
            grants(*READ, ("MODIFY", "CATALOG", "main")),
            {**WANT, "privileges": ["USE_SCHEMA", "SELECT"]},
            "failed",
            "surplus MODIFY",
        ),
        (
            "grants",
            grants(("ALL PRIVILEGES", "SCHEMA", "main.import")),
            {**WANT, "privileges": ["USE_SCHEMA", "SELECT"]},
            "failed",
            "surplus ALL_PRIVILEGES",
        ),
        (
            "grants",
            grants(("ALL PRIVILEGES", "SCHEMA", "main.import")),
            {**WANT, "privileges": ["ALL_PRIVILEGES"]},
            "passed",
            "ALL_PRIVILEGES",
        ),
        (
            "grants",
            ran(rows=[["other", "SELECT", "SCHEMA", "main.import"]]),
            {**WANT, "privileges": ["SELECT"]},
            "failed",
            "missing SELECT",
        ),
        ("lifetime", {"token": {"token": {"token_id": "abcdefghij", "days_left": 3}}}, {}, "passed", "abcdefgh"),
        ("lifetime", {"token": {"token": {"token_id": "abcdefghij", "days_left": 0}}}, {}, "failed", "expired"),
        ("lifetime", {"token": {"token": {"token_id": "abcdefghij", "live": False}}}, {}, "failed", "not alive"),
        ("lifetime", {"token": {}}, {}, "failed", "no token"),
    ],
)
def test_verdict(kind: str, evidence: dict[str, t.Any], check: dict[str, t.Any], result: str, words: str) -> None:
    found = verdict(kind, evidence, **check)
    assert (found["result"], words in found["evidence"]) == (result, True), found
    assert "guide 4.1" in found["line"] and found["id"] in found["line"]


def test_every_kind_is_tested() -> None:
    tested = {row[0] for row in test_verdict.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert tested == set(KINDS)


def test_an_unknown_kind_is_an_error_and_not_a_pass() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        verdict("no_such_kind", {})
