# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at every request of a minting; the next run ends with one live token, stored and verified."""

from __future__ import annotations

import functools
import typing as t
from pathlib import Path

import pytest

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox, running_sandbox
from tests.support.token_life import Life, Run, leaks, wait_until

# On each cloud a token is made in another way.
MINT = {"aws": "/api/2.0/token-management/on-behalf-of/tokens", "azure": "/api/2.0/token/create"}
LONG = 5_000


@pytest.fixture(scope="module", params=list(MINT))
def sandbox(request: pytest.FixtureRequest) -> t.Iterator[Sandbox]:
    with running_sandbox("--cloud", request.param) as running:
        running.cloud = request.param
        yield running


@pytest.fixture
def life(sandbox: Sandbox, tmp_path: Path) -> Life:
    return Life(sandbox, tmp_path)


def start(life: Life, **options: t.Any) -> Run:
    return Run(functools.partial(run_module, "token", {**life.sandbox.connection, **life.options, **options}))


def entries(sandbox: Sandbox) -> list[dict[str, t.Any]]:
    return sandbox.control("GET", "journal")["entries"]


def at(sandbox: Sandbox, number: int) -> bool:
    """Whether the request with this number has arrived."""
    return len(entries(sandbox)) >= number


def kill_before(life: Life, number: int, **options: t.Any) -> None:
    """The request arrives, and nothing comes of it."""
    life.sandbox.fault(nth=number, delay_ms=LONG, drop="before")
    run = start(life, **options)
    wait_until(lambda: at(life.sandbox, number), f"request {number}")
    run.kill()


def kill_after(life: Life, number: int, **options: t.Any) -> None:
    """The request is carried out although nobody waits for its answer any more."""
    life.sandbox.fault(nth=number, delay_ms=150)
    run = start(life, **options)
    wait_until(lambda: at(life.sandbox, number), f"request {number}")
    run.kill()
    wait_until(lambda: entries(life.sandbox)[number - 1]["status"], f"the end of request {number}")


def kill_after_a_lost_answer(life: Life, number: int, **options: t.Any) -> None:
    """The answer is lost; the run notices, and dies at what it does next."""
    life.sandbox.control(
        "POST", "faults", [{"nth": number, "drop": "after"}, {"nth": number + 1, "delay_ms": LONG, "drop": "before"}]
    )
    run = start(life, **options)
    wait_until(lambda: at(life.sandbox, number + 1) or not run.process.is_alive(), f"request {number + 1}")
    run.kill()


def begin_again(life: Life) -> None:
    life.sandbox.control("DELETE", "faults")
    life.sandbox.reset()
    life.prepare()
    life.store.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        ("present", kill_before),
        ("present", kill_after),
        ("present", kill_after_a_lost_answer),
        ("rotate", kill_after),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_the_next_run_ends_well(life: Life, state: str, fate: t.Callable[..., None]) -> None:
    sandbox = life.sandbox

    def lead_up() -> str | None:
        begin_again(life)
        if state == "present":
            return None
        life.token()
        return life.record["token_id"]

    lead_up()
    with sandbox.recorded() as requests:
        assert start(life, state=state).result()["changed"]
    assert f"POST {MINT[sandbox.cloud]}" in requests
    for number, request in enumerate(requests, 1):
        first = lead_up()
        sandbox.control("DELETE", "journal")
        fate(life, number, state=state)
        sandbox.control("DELETE", "faults")
        # What the killed run left is there for real, or this would prove nothing.
        if fate is kill_after and request.startswith("POST") and request.endswith((MINT[sandbox.cloud], "/secrets")):
            left = life.oauth_secrets() or life.live() != [first]
            assert left, f"{request} left nothing"
        print(f"{fate.__name__} at {number}: {request}: {len(life.live())} live, {len(life.oauth_secrets())} secrets")
        again = life.token()
        if again["phase"] == "handover":
            assert sorted(life.live()) == sorted([life.record["token_id"], str(first)])
            life.token(state="revoke_superseded", confirmed=True)
        life.settled()
        assert not life.token()["changed"]
        assert leaks(sandbox.host, str(again)) == []


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_alone_is_survived(life: Life, drop: str) -> None:
    """The same run looks for what was made, revokes it, and only then asks again."""
    begin_again(life)
    life.sandbox.fault(method="POST", path=MINT[life.sandbox.cloud], drop=drop)
    with life.sandbox.recorded() as requests:
        assert life.token()["phase"] == "current"
    life.settled()
    asked = [number for number, request in enumerate(requests) if request == f"POST {MINT[life.sandbox.cloud]}"]
    revoked = any(request.startswith("DELETE /api/2.0/token-management/") for request in requests[asked[0] : asked[1]])
    assert len(asked) == 2 and revoked == (drop == "after")
