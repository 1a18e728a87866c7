# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be repeated, and how long."""

from __future__ import annotations

import pytest
import requests

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, LostAnswer
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.retry import Repeat
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import TOKEN, Answer, Host

PATH = "/api/2.0/thing"
GOOD = Answer({"good": True})
BUSY = Answer({"error_code": "TOO_MANY_REQUESTS", "message": "Slow down."}, 429, {"Retry-After": "1"})
DOWN = Answer({"error_code": "TEMPORARILY_UNAVAILABLE", "message": "Later."}, 503)
TIRED = Answer({"error_code": "DEADLINE_EXCEEDED", "message": "Late."}, 504)
BROKEN = Answer({"error_code": "INTERNAL_ERROR", "message": "Oops."}, 500)
# databricks-sdk-go#721: SCIM says "too often" with HTTP 500, in its own form.
LIMIT = "REQUEST_LIMIT_EXCEEDED: Workspace 1234 exceeded the concurrent limit of 4 requests."
SCIM = Answer({"detail": LIMIT, "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "500"}, 500)
CODED = Answer({"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "concurrent limit of 4"}, 500)
PASSING = Answer({"error_code": "BAD_REQUEST", "message": "RPC token bucket limit has been exceeded"}, 400)
WRONG = Answer({"error_code": "INVALID_PARAMETER_VALUE", "message": "No."}, 400)
LOST = Answer(lost=True)
CUT = Answer({"token_value": "never seen"}, cut=True)
UNREADABLE = Answer("<html>", 200, {"Content-Type": "text/html"})


# As it is, before the tests take the pauses away.
JITTERED = retry._jittered


@pytest.fixture(autouse=True)
def _at_once(no_pauses: None) -> None:
    """No test waits."""


@pytest.mark.parametrize("trouble", [BUSY, DOWN, TIRED, SCIM, CODED, PASSING, LOST, CUT], ids=str)
@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_what_says_an_end_state_is_repeated(host: Host, workspace: Workspace, method: str, trouble: Answer) -> None:
    host.on(method, PATH, trouble, trouble, GOOD)
    assert workspace.call(method, PATH, "try") == {"good": True}
    assert len(host.requests) == 3


@pytest.mark.parametrize("trouble", [BUSY, SCIM, CODED], ids=["429", "scim", "coded"])
def test_a_creation_is_repeated_after_a_refusal_before_anything_was_done(
    host: Host, workspace: Workspace, trouble: Answer
) -> None:
    host.on("POST", PATH, trouble, GOOD)
    assert workspace.call("POST", PATH, "make") == {"good": True}


@pytest.mark.parametrize(
    "trouble", [DOWN, TIRED, BROKEN, LOST, CUT, UNREADABLE], ids=["503", "504", "500", "lost", "cut", "unreadable"]
)
def test_a_creation_whose_outcome_nobody_knows_is_sent_once(host: Host, workspace: Workspace, trouble: Answer) -> None:
    host.on("POST", PATH, trouble, GOOD)
    with pytest.raises(LostAnswer):
        workspace.call("POST", PATH, "make")
    assert len(host.requests) == 1


def test_a_creation_that_answers_too_late_is_sent_once(host: Host) -> None:
    host.on("POST", PATH, Answer({}, delay=2.5))
    workspace = Workspace({"host": host.url, "token": TOKEN, "http_timeout": 1, "retry_timeout": 30})
    with pytest.raises(LostAnswer):
        workspace.call("POST", PATH, "make")
    assert len(host.requests) == 1


def test_a_read_in_the_form_of_a_post_is_repeated(host: Host, workspace: Workspace) -> None:
    host.on("POST", PATH, LOST, GOOD)
    assert workspace.call("POST", PATH, "ask", repeat=Repeat.SAFE) == {"good": True}


@pytest.mark.parametrize("trouble", [WRONG, BROKEN, UNREADABLE], ids=["400", "500", "unreadable"])
def test_what_will_not_pass_is_not_repeated(host: Host, workspace: Workspace, trouble: Answer) -> None:
    host.on("GET", PATH, trouble, GOOD)
    with pytest.raises(Failure):
        workspace.call("GET", PATH, "try")
    assert len(host.requests) == 1


def test_the_budget_ends(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_jittered", lambda seconds: 0.3)
    host.on("GET", PATH, DOWN)
    workspace = Workspace({"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 1})
    with pytest.raises(Failure) as caught:
        workspace.call("GET", PATH, "try")
    assert caught.value.retryable and caught.value.status == 503 and 2 <= len(host.requests) <= 5


def test_a_long_wait_is_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(retry, "_jittered", lambda seconds: seconds)
    monkeypatch.setattr("time.sleep", waits.append)
    notices: list[str] = []
    host.on("GET", PATH, Answer({"error_code": "X", "message": "Slow."}, 429, {"Retry-After": "7"}), GOOD)
    workspace = Workspace(
        {"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 60}, notify=notices.append
    )
    workspace.call("GET", PATH, "try")
    assert 7.0 in waits and notices == ["The workspace is busy; trying to try again in 7 s."]


def test_pauses_grow_and_are_bounded() -> None:
    pauses = [retry._backoff(attempt) for attempt in range(12)]
    assert pauses == sorted(pauses) and pauses[0] <= 0.5 and max(pauses) == 10.0


def test_an_unreachable_host_is_not_tried_again() -> None:
    error = requests.ConnectionError("HTTPSConnectionPool: Max retries (Caused by NewConnectionError('refused'))")
    assert retry.wait_before_repeating(error, Repeat.SAFE, 0) is None


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_until_asks_again_until_there_is_something() -> None:
    time, answers = Time(), iter([None, None, "ready"])
    assert retry.until(lambda: next(answers), 60, clock=time.clock, sleep=time.sleep) == "ready"
    assert 0 < time.now < 5


def test_until_gives_up_in_time() -> None:
    time = Time()
    asked: list[float] = []
    assert retry.until(lambda: asked.append(time.now), 5, clock=time.clock, sleep=time.sleep) is None
    assert time.now == 5 and asked[-1] == 5 and len(asked) > 3


def test_until_asks_once_without_time() -> None:
    time = Time()
    asked: list[float] = []
    assert retry.until(lambda: asked.append(time.now), 0, clock=time.clock, sleep=time.sleep) is None
    assert asked == [0.0]


def test_until_takes_what_is_false_for_something() -> None:
    assert retry.until(lambda: 0, 5) == 0


def test_until_tells_how_much_time_is_left() -> None:
    time, told = Time(), []
    retry.until(lambda: None, 1, progress=told.append, clock=time.clock, sleep=time.sleep)
    assert told[0] == 1 and told == sorted(told, reverse=True)


@pytest.mark.parametrize(("asked", "longest"), [(0.0, 0.1), (1.0, 1.25), (8.0, 10.0)])
def test_runs_that_were_refused_at_once_do_not_come_back_at_once_nor_too_early(asked: float, longest: float) -> None:
    pauses = {JITTERED(asked) for _number in range(50)}
    assert len(pauses) > 40, "they would all meet again"
    assert asked <= min(pauses) and max(pauses) <= longest and max(pauses) - min(pauses) > (longest - asked) / 2
