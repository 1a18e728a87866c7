# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token belongs to one store: every way to lose or change a store, trouble at every request, and kills."""

from __future__ import annotations

import json
import shutil
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._token import minting
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from tests.support.sandbox import Sandbox
from tests.support.token_life import NAME, Life, Run, wait_until

SECRET = {"type": "databricks_secret", "scope": "klaviyo", "key": "token", "create_scope": True}

_DELAY = 0.3  # of a request, in which its sender is killed


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "DOUBT", 0.5)
    monkeypatch.setattr(retry, "_backoff", lambda attempt: 0.05)


@pytest.fixture
def life(sandbox: Sandbox, tmp_path: Path) -> Life:
    made = Life(sandbox, tmp_path)
    made.prepare()
    return made


def moved(life: Life, *parts: str) -> dict[str, t.Any]:
    """The options of somebody who looks in another place."""
    return {"store": {"type": "file", "path": str(life.store.parent.joinpath(*parts))}}


def another_home(life: Life) -> dict[str, t.Any]:
    return moved(life, "..", "another", "home", "token.json")


def a_renamed_host(life: Life) -> dict[str, t.Any]:
    return moved(life, "renamed.json")


def a_file_that_was_moved(life: Life) -> dict[str, t.Any]:
    life.store.rename(life.store.with_name("moved.json"))
    return {}


def a_file_that_was_deleted(life: Life) -> dict[str, t.Any]:
    life.store.unlink()
    return {}


def another_type(life: Life) -> dict[str, t.Any]:
    return {"store": SECRET}


def a_second_controller(life: Life) -> dict[str, t.Any]:
    """With a record of its own, whose token it revoked before it was off-boarded."""
    there = another_home(life)
    life.token(**there, unknown_tokens="keep")
    life.token(**there, state="absent")
    return there


def a_second_host_with_another_catalog(life: Life) -> dict[str, t.Any]:
    return moved(life, "second-host.json")


def an_old_copy(life: Life) -> dict[str, t.Any]:
    """Of the time before the last rotation, whose old token is gone."""
    shutil.copy(life.store, life.store.with_name("copy"))
    life.token(state="rotate")
    life.token(state="revoke_superseded", confirmed=True)
    life.store.with_name("copy").rename(life.store)
    return {}


LOSSES = [
    another_home,
    a_renamed_host,
    a_file_that_was_moved,
    a_file_that_was_deleted,
    another_type,
    a_second_controller,
    a_second_host_with_another_catalog,
    an_old_copy,
]


def stop(life: Life, **options: t.Any) -> dict[str, t.Any]:
    """A run that stops without having changed anything."""
    before = life.live()
    result = life.attempt(**options)
    assert result["failed"] and life.live() == before, result
    return result


@pytest.mark.parametrize("lose", LOSSES)
def test_the_used_token_lives_on_whatever_happens_to_its_store(life: Life, lose: t.Callable[[Life], t.Any]) -> None:
    life.token()
    there = lose(life)
    (used,) = life.live()
    for state in ("present", "rotate"):
        for check in (True, False):
            result = stop(life, **there, state=state, check=check)
            assert result["error"]["code"] == "STRANGER_TOKEN" and used[:12] in result["msg"]
    assert "klaviyo_unknown_tokens" in result["msg"] and NAME in result["msg"]
    made = life.token(**there, unknown_tokens="replace")
    assert made["phase"] == "handover" and made["token"]["predecessor"]["token_id"] == used
    assert not life.token(**there)["changed"] and len(life.live()) == 2
    done = life.token(**there, state="revoke_superseded", confirmed=True)
    assert life.live() == [done["token"]["token_id"]] != [used] and done["phase"] == "current"
    assert not life.token(**there)["changed"]


@pytest.mark.parametrize("lose", LOSSES)
def test_kept_strangers_outlive_all_that_is_done_beside_them(life: Life, lose: t.Callable[[Life], t.Any]) -> None:
    life.token()
    there = {**lose(life), "unknown_tokens": "keep"}
    (used,) = life.live()
    for wish in ({}, {"state": "rotate"}, {"state": "revoke_superseded", "confirmed": True}, {"state": "absent"}):
        life.token(**there, **wish)
        assert used in life.live()
    assert life.live() == [used]


def test_an_old_copy_whose_token_still_works_changes_nothing(life: Life) -> None:
    life.token()
    shutil.copy(life.store, life.store.with_name("copy"))
    life.token(state="rotate")
    new = life.record["token_id"]
    life.store.with_name("copy").rename(life.store)
    again = life.token()
    assert not again["changed"] and [one["token_id"] for one in again["strangers"]] == [new]
    assert any(new[:12] in said for said in again["warnings"]) and len(life.live()) == 2
    # Whoever says that the stored one is the right one ends the other by a word of its own.
    assert life.token(unknown_tokens="replace")["phase"] == "handover"
    life.token(state="revoke_superseded", confirmed=True)
    assert life.live() == [life.record["token_id"]] != [new]


def test_a_record_of_another_address_of_the_same_workspace(life: Life) -> None:
    life.token()
    record = {**life.record, "host": "https://an.other.name.example.com"}
    life.store.write_text(json.dumps(record), encoding="utf-8")
    assert not life.token()["changed"] and life.info()["phase"] == "current"
    where = {"token_store": life.options["store"]}
    assert life.do("workspace_info", **where)["caller"]["display_name"] == NAME
    life.token(state="rotate")
    assert life.record["host"] == life.sandbox.host


def test_a_record_of_another_workspace(life: Life) -> None:
    life.token()
    record = {**life.record, "host": "https://an.other.name.example.com", "workspace_id": "12"}
    life.store.write_text(json.dumps(record), encoding="utf-8")
    for state in ("present", "rotate", "absent"):
        result = stop(life, state=state)
        assert result["error"]["code"] == "OTHER_WORKSPACE" and "(workspace id 12)" in result["msg"]


TROUBLES = {
    "401": {"status": 401, "message": "no"},
    "403": {"status": 403, "error_code": 403, "message": "Invalid access token."},
    "500": {"status": 500},
    "lost": {"drop": "after"},
}
PHASES: dict[str, tuple[dict[str, t.Any], int]] = {
    # What is asked for, and how many requests that takes.
    "setup during a handover": ({}, 4),
    "rotate": ({"state": "rotate"}, 8),
    "confirm": ({"state": "revoke_superseded", "confirmed": True}, 5),
}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("phase", PHASES)
def test_what_the_record_names_lives_through_trouble_at_any_request(
    life: Life, phase: str, trouble: str, times: int
) -> None:
    wish, requests = PHASES[phase]
    for number in range(1, requests + 1):
        life.token(unknown_tokens="replace")
        if phase != "rotate":
            life.token(state="rotate")
        before, named = life.live(), life.record
        life.sandbox.control("DELETE", "faults")
        life.sandbox.fault(path="/api/*", nth=number, times=times, **TROUBLES[trouble])
        result = life.attempt(**wish)
        applied = sum(fault["applied"] for fault in life.sandbox.control("GET", "faults")["faults"])
        life.sandbox.control("DELETE", "faults")
        assert applied, f"there was no request {number}"
        assert named["token_id"] in life.live(), "the stored token went"
        assert phase == "confirm" or set(before) <= set(life.live()), "a token in use went"
        assert not result["failed"] or len(result["msg"]) > 20
        life.token(**wish)
        assert life.record["token_id"] in life.live() and life.signs_in(life.record["token_value"])
        assert len(life.live()) == (1 if phase == "confirm" else 2)
        life.token(state="revoke_superseded", confirmed=True)
        assert life.live() == [life.record["token_id"]]


@pytest.mark.parametrize("kind", ["file", "secret"])
@pytest.mark.parametrize("state", ["present", "rotate"])
def test_a_run_that_is_killed_at_any_request_of_a_minting(life: Life, kind: str, state: str) -> None:
    life.token()
    strangers = life.live()
    there = {**(another_home(life) if kind == "file" else {"store": SECRET}), "unknown_tokens": "keep"}
    if state == "rotate":
        life.token(**there)
    number, reached = 0, True
    while reached:
        number += 1
        before = life.live()
        life.sandbox.control("DELETE", "faults")
        life.sandbox.control("DELETE", "journal")
        life.sandbox.fault(path="/api/*", nth=number, delay_ms=int(_DELAY * 1000))
        run = Run(lambda: life.attempt(**there, state=state))
        wait_until(lambda: _reached(life) or not run.process.is_alive(), f"request {number}")  # noqa: B023
        reached = _reached(life)
        run.kill()
        life.sandbox.control("DELETE", "faults")
        # What was under way is carried out although nobody waits for the answer.
        time.sleep(_DELAY)
        life.token(**there, state=state)
        mine = [token_id for token_id in life.live() if token_id not in strangers]
        assert set(strangers) <= set(life.live()), "a stranger was touched"
        told = life.do("token_info", principal=NAME, store=there["store"])
        assert told["token"]["live"] and len(mine) == (1 if state == "present" else 2), (number, before)
        assert life.oauth_secrets() == []
        if state == "rotate":
            life.token(**there, state="revoke_superseded", confirmed=True)
        else:
            life.token(**there, state="absent")
    assert number > (6 if state == "present" else 7), "the kills did not reach the end of a minting"


def _reached(life: Life) -> bool:
    return any(fault["applied"] for fault in life.sandbox.control("GET", "faults")["faults"])
