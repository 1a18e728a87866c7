# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trouble on demand: a test of a client is worth what the failures are that it survives.

Nothing here is the service's behaviour, except where a docstring names a source.
"""

from __future__ import annotations

import time
import typing as t

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import InternalError

from tests.sandbox.people import cursor, rows
from tests.sandbox.wire import SCIM, ask, coded, control, create_group, groups, journal
from tests.support.sandbox import Sandbox

ME = f"{SCIM}/Me"


def quick(sandbox: Sandbox, seconds: int = 5) -> WorkspaceClient:
    return WorkspaceClient(
        config=Config(host=sandbox.host, token=sandbox.token, auth_type="pat", retry_timeout_seconds=seconds)
    )


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_status_instead_of_the_answer(sandbox: Sandbox, when: str, made: int) -> None:
    sandbox.fault(method="POST", path="*/Groups", status=503, when=when)
    assert create_group(sandbox) == 503
    assert groups(sandbox) == made
    entry = journal(sandbox)[-1]
    assert entry["status"] == 503 and entry.get("handled_status") == (201 if made else None) and entry["fault"]


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
def test_no_answer_at_all(sandbox: Sandbox, drop: str, made: int) -> None:
    sandbox.fault(method="POST", path="*/Groups", drop=drop)
    with pytest.raises(requests.ConnectionError):
        create_group(sandbox)
    assert groups(sandbox) == made
    assert journal(sandbox)[-1]["status"] is None


def test_the_nth_and_those_that_follow(sandbox: Sandbox) -> None:
    sandbox.fault(method="GET", path="*/Me", status=500, nth=2, times=2)
    assert [ask(sandbox, "GET", ME).status_code for _each in range(4)] == [200, 500, 500, 200]
    fault = sandbox.control("GET", "faults")["faults"][0]
    assert (fault["matched"], fault["applied"]) == (4, 2)
    sandbox.fault(path="*/Me", status=504, times=0)
    assert {ask(sandbox, "GET", ME).status_code for _each in range(4)} == {504}
    sandbox.control("DELETE", "faults")
    assert ask(sandbox, "GET", ME).status_code == 200


def test_a_delay(sandbox: Sandbox) -> None:
    sandbox.fault(path="*/Me", delay_ms=150)
    begun = time.monotonic()
    assert ask(sandbox, "GET", ME).status_code == 200
    assert time.monotonic() - begun >= 0.15


def test_retry_after_is_what_the_sdk_waits_for(sandbox: Sandbox) -> None:
    """SDK retries.py: 429 and 503 are repeated after so many seconds, 500 is not repeated."""
    sandbox.fault(path="*/Me", status=429, retry_after=0)
    w = quick(sandbox)
    with sandbox.recorded() as seen:
        assert w.current_user.me().user_name
    assert seen.count(f"GET {ME}") == 2
    sandbox.fault(path="*/Me", status=429, retry_after=7, error_code="X", message="Y", headers={"X-Z": "1"})
    answer = ask(sandbox, "GET", ME)
    assert answer.json() == {"error_code": "X", "message": "Y"}
    assert (answer.headers["Retry-After"], answer.headers["X-Z"]) == ("7", "1")
    sandbox.fault(path="*/Me", status=500)
    with sandbox.recorded() as seen, pytest.raises(InternalError):
        w.current_user.me()
    assert seen.count(f"GET {ME}") == 1


def test_an_answer_that_is_none(sandbox: Sandbox) -> None:
    """What proxies, portals and broken servers send."""
    sandbox.fault(path=ME, body="<html>Sign in</html>", content_type="text/html", status=200)
    sandbox.fault(path="*/Groups", method="POST", body="", when="after")
    page = ask(sandbox, "GET", ME)
    assert (page.status_code, page.text, page.headers["Content-Type"]) == (200, "<html>Sign in</html>", "text/html")
    answer = ask(sandbox, "POST", f"{SCIM}/Groups", json={"displayName": "g"})
    assert (answer.status_code, answer.content, groups(sandbox)) == (200, b"", 1)
    assert journal(sandbox)[-1]["handled_status"] == 201


def test_an_answer_that_is_cut(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", path="*/Groups", cut=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        create_group(sandbox)
    assert groups(sandbox) == 1


def test_an_answer_that_comes_by_and_by(sandbox: Sandbox) -> None:
    sandbox.fault(path=ME, body="{}", drip_ms=100)
    begun = time.monotonic()
    assert ask(sandbox, "GET", ME).json() == {} and time.monotonic() - begun >= 0.2


def test_what_a_fault_can_be_about(sandbox: Sandbox) -> None:
    sandbox.fault(path="^/api/2.0/token/(list|x)$", status=500)
    sandbox.fault(path_regex="Users$", status=501)
    sandbox.fault(match={"statement": "drop\\s+schema"}, effect={"status": 400})
    made = sandbox.control("POST", "faults", {"call": "CloseSession", "delay_ms": 1})["faults"][0]
    assert ask(sandbox, "GET", "/api/2.0/token/list").status_code == 500
    assert ask(sandbox, "GET", f"{SCIM}/Users").status_code == 501
    run = {"warehouse_id": sandbox.warehouse_id, "statement": "DROP SCHEMA main.none"}
    assert ask(sandbox, "POST", "/api/2.0/sql/statements", json=run).status_code == 400
    with cursor(sandbox) as session:
        rows(session, "SELECT 1")
    assert [one["call"] for one in journal(sandbox) if one.get("fault") == made["id"]] == ["CloseSession"]


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"path": "*"}, {"status": "503"}, {"status": 200}, {"status": 503, "nonsense": 1}, {"drop": "sometimes"},
        {"status": 503, "when": "later"}, {"status": 503, "nth": 0}, {"delay_ms": -1}, {"delay_ms": "9"},
        {"status": 503, "path": "^("}, {"status": 503, "headers": {"X": 1}}, {"status": 503, "retry_after": "soon"},
        {"status": True}, {"status": 100, "body": ""}, {"body": 1}, {"cut": "yes"}, {"drip_ms": -1}, {"cut": False},
        [{"status": 503}, {"status": 1}], "x", 7,
    ],
)  # fmt: skip
def test_what_is_no_fault(sandbox: Sandbox, wrong: t.Any) -> None:
    """A mistyped fault must not make a test pass by doing nothing."""
    assert coded(control(sandbox, "POST", "faults", json=wrong)) == (400, "INVALID_PARAMETER_VALUE")
    assert sandbox.control("GET", "faults") == {"faults": []}
