# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation rehearsed: what it tells, what it names, and that nothing of it stays, wherever it is killed."""

from __future__ import annotations

import base64
import errno
import time
import typing as t
from pathlib import Path

import pytest
import requests

from ansible_collections.lakeops.databricks.plugins.module_utils._token import minting, store_file
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from tests.support.modules import run_module
from tests.support.partner import Partner
from tests.support.sandbox import Sandbox
from tests.support.token_life import NAME, Life, Run, wait_until

SECRET = {"type": "databricks_secret", "scope": "klaviyo", "key": "token", "create_scope": True}
_DELAY = 0.3  # of a request, in which its sender is killed
_TEN_MINUTES_MS = 600_000


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "DOUBT", 0.5)
    monkeypatch.setattr(retry, "_backoff", lambda attempt: 0.05)


@pytest.fixture
def life(sandbox: Sandbox, tmp_path: Path) -> Life:
    made = Life(sandbox, tmp_path)
    made.prepare()
    made.token()
    return made


def rehearse(life: Life, **options: t.Any) -> dict[str, t.Any]:
    found: dict[str, t.Any] = life.token(state="rehearse", **options)
    return found


def nothing_stays(life: Life, stored: bytes) -> None:
    assert life.store.read_bytes() == stored
    assert life.live() == [life.record["token_id"]]
    assert life.oauth_secrets() == []
    assert [one.name for one in life.store.parent.iterdir()] == [life.store.name]


@pytest.mark.parametrize("cloud", ["aws", "azure"])
def test_a_rehearsal_is_a_rotation_that_leaves_nothing(life: Life, cloud: str) -> None:
    life.sandbox.set(on_behalf_of=cloud == "aws")
    stored = life.store.read_bytes()
    done = rehearse(life)
    told = done["rehearsal"]
    assert done["changed"] and told["would_succeed"] and told["findings"] == []
    assert told["method"] == ("on_behalf_of" if cloud == "aws" else "self")
    assert told["lifetime_days"] == 90 and told["due"] and len(told["steps"]) == 3
    assert life.store.read_bytes() == stored
    # With the token of the rehearsal everything can be tried that a partner does.
    assert life.do("workspace_info", token_store=told["store"])["caller"]["display_name"] == NAME
    ends = {one["token_id"]: one["expiry_time"] for one in life.sandbox.state()["tokens"]}[told["token_id"]]
    assert ends - life.sandbox.control("GET", "clock")["now_ms"] <= _TEN_MINUTES_MS
    # In between it is no stranger, and in nobody's way.
    info = life.info()
    assert info["strangers"] == info["other_tokens"] == [] and not life.token()["changed"]
    ended = life.token(state="rehearsed")
    assert [row["method"] for row in ended["actions"]] == ["revoke", "clear"]
    nothing_stays(life, stored)
    again = life.token(state="rehearsed")
    assert not again["changed"] and again["diff"]["before"] == {}


def test_every_check_runs_with_the_token_of_the_rehearsal(sandbox: Sandbox, tmp_path: Path) -> None:
    partner = Partner(sandbox, tmp_path).set_up()
    stored = Path(partner.store["path"]).read_bytes()
    wish = {"principal": partner.principal, "integration": "partner", "store": partner.store}
    told = partner.do("token", **wish, state="rehearse")["rehearsal"]
    seen = partner.verify(token_store=told["store"])
    assert seen.result["passed"], seen
    assert f"Token {told['token_id'][:8]}" in str(seen.checks["token"])
    partner.do("token", **wish, state="rehearsed")
    assert Path(partner.store["path"]).read_bytes() == stored
    # What the rehearsal ran is ours; nobody takes it for the partner's use.
    use = partner.do("token_info", **wish, prove=False)["token"]["use"]
    assert use["by"] == "us" and use["our_last_used"] and use["partner_last_used"] is None


def test_check_mode_announces_it(life: Life) -> None:
    stored = life.store.read_bytes()
    options = {**life.sandbox.connection, **life.options}
    for state in ("rehearse", "rehearsed"):
        announced = run_module("token", {**options, "state": state}, check=True)
        assert announced["changed"] is (state == "rehearse")
        nothing_stays(life, stored)


def test_in_a_secret_of_the_workspace(life: Life) -> None:
    there = {"store": SECRET, "unknown_tokens": "keep"}
    life.token(**there)
    before = life.sandbox.state()["secret_scopes"]
    told = rehearse(life, **there)["rehearsal"]
    assert told["store"]["key"] == "token.rehearsal"
    assert life.do("workspace_info", token_store=told["store"])["caller"]["display_name"] == NAME
    life.token(**there, state="rehearsed")
    assert life.sandbox.state()["secret_scopes"] == before


def test_with_a_store_of_ones_own_tasks(life: Life) -> None:
    there = {"store": {"type": "tasks", "record": life.store.read_text(encoding="utf-8")}}
    done = rehearse(life, **there)
    assert done["rehearsal"]["would_succeed"]
    assert [row["code"] for row in done["rehearsal"]["findings"]] == ["NOT_TRIED"]
    record = base64.b64decode(done["rehearsal_record"]).decode()
    where = {**done["rehearsal"]["store"], "record": record}
    assert life.do("workspace_info", token_store=where)["caller"]["display_name"] == NAME
    assert life.token(**there, state="rehearsed")["changed"]
    assert len(life.live()) == 1


# -- what stands in the way -------------------------------------------------------------------
def shorter_life(life: Life, _patch: pytest.MonkeyPatch) -> None:
    answer = requests.patch(
        f"{life.sandbox.host}/api/2.0/workspace-conf",
        headers={"Authorization": f"Bearer {life.sandbox.token}"},
        json={"maxTokenLifetimeDays": "30"},
        timeout=10,
    )
    answer.raise_for_status()


def restricted(life: Life, _patch: pytest.MonkeyPatch) -> None:
    life.sandbox.set(restrict_tokens_and_job_run_as=True)


def read_only_store(_life: Life, patch: pytest.MonkeyPatch) -> None:
    """The tests may run as root, for whom no directory is read-only."""

    def refuse(_self: t.Any) -> int:
        raise OSError(errno.EROFS, "")

    patch.setattr(store_file.FileStore, "_new_file", refuse)


def no_permission(life: Life, _patch: pytest.MonkeyPatch) -> None:
    life.sandbox.fault(
        path="/api/2.0/token*", method="POST", status=403, times=0, message="no permission to use tokens"
    )


def a_stranger(life: Life, _patch: pytest.MonkeyPatch) -> None:
    other = str(life.store.with_name("other.json"))
    life.token(store={"type": "file", "path": other}, unknown_tokens="keep")
    Path(other).unlink()


def a_waiting_successor(life: Life, _patch: pytest.MonkeyPatch) -> None:
    life.token(state="rotate")


@pytest.mark.parametrize(
    ("seed", "options", "code", "words", "blocks"),
    [
        (shorter_life, {}, "LIFETIME", "the workspace allows at most 30 days", False),
        (restricted, {}, "METHOD", "refused a token on behalf of", False),
        (restricted, {"method": "on_behalf_of"}, "PERMISSION_DENIED", "Service Principal User role", True),
        (read_only_store, {}, "STORE", "the file system is read-only", True),
        (no_permission, {}, "PERMISSION_DENIED", "no permission to use tokens", True),
        (a_stranger, {}, "STRANGER_TOKEN", "does not know", True),
        (a_waiting_successor, {}, "HANDOVER", "waits to be confirmed", False),
    ],
)
def test_what_stands_in_the_way_is_named(
    life: Life,
    monkeypatch: pytest.MonkeyPatch,
    seed: t.Callable[[Life, pytest.MonkeyPatch], None],
    options: dict[str, t.Any],
    code: str,
    words: str,
    blocks: bool,
) -> None:
    seed(life, monkeypatch)
    stored, before = life.store.read_bytes(), life.live()
    told = rehearse(life, **options)["rehearsal"]
    found = [row for row in told["findings"] if row["code"] == code]
    assert found and words in found[0]["message"], told["findings"]
    assert found[0]["blocks"] is blocks and told["would_succeed"] is not blocks
    monkeypatch.undo()
    life.sandbox.control("DELETE", "faults")
    life.token(state="rehearsed")
    assert life.store.read_bytes() == stored and life.live() == before


def test_two_things_are_named_at_once(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    shorter_life(life, monkeypatch)
    restricted(life, monkeypatch)
    read_only_store(life, monkeypatch)
    told = rehearse(life, method="on_behalf_of")["rehearsal"]
    assert {row["code"] for row in told["findings"]} == {"LIFETIME", "PERMISSION_DENIED"}
    told = rehearse(life)["rehearsal"]
    assert {row["code"] for row in told["findings"]} == {"LIFETIME", "METHOD", "STORE"}
    # What could not be stored was revoked at once.
    assert told["token_id"] is None and len(life.live()) == 1


def test_what_is_not_ours_beside_the_store_stays(life: Life) -> None:
    beside = life.store.with_name(f"{life.store.name}.rehearsal")
    beside.write_text("somebody's notes", encoding="utf-8")
    told = rehearse(life)["rehearsal"]
    assert not told["would_succeed"] and told["findings"][0]["code"] == "NOT_A_RECORD"
    assert beside.read_text(encoding="utf-8") == "somebody's notes" and len(life.live()) == 1


def test_a_token_that_only_calls_itself_so_is_left_alone(life: Life) -> None:
    answer = requests.post(
        f"{life.sandbox.host}/api/2.0/token-management/on-behalf-of/tokens",
        headers={"Authorization": f"Bearer {life.sandbox.token}"},
        json={
            "application_id": life.principals()[0]["application_id"],
            "comment": f"klaviyo lakeops:rehearsal:0123456789abcdef:s{life.record['store_id']}",
            "lifetime_seconds": 86_400,
        },
        timeout=10,
    )
    theirs = answer.json()["token_info"]["token_id"]
    rehearse(life)
    life.token(state="rehearsed")
    assert theirs in life.live()
    assert [one["token_id"] for one in life.info()["other_tokens"]] == [theirs]


# -- dying ------------------------------------------------------------------------------------
@pytest.mark.parametrize("cloud", ["aws", "azure"])
@pytest.mark.parametrize("state", ["rehearse", "rehearsed"])
def test_a_rehearsal_that_is_killed_at_any_request(life: Life, cloud: str, state: str) -> None:
    life.sandbox.set(on_behalf_of=cloud == "aws")
    stored = life.store.read_bytes()
    number, reached = 0, True
    while reached:
        number += 1
        if state == "rehearsed":
            rehearse(life)
        life.sandbox.control("DELETE", "faults")
        life.sandbox.fault(path="/api/*", nth=number, delay_ms=int(_DELAY * 1000))
        run = Run(lambda: run_module("token", {**life.sandbox.connection, **life.options, "state": state}))
        wait_until(lambda: _reached(life) or not run.process.is_alive(), f"request {number}")  # noqa: B023
        reached = _reached(life)
        run.kill()
        life.sandbox.control("DELETE", "faults")
        # What was under way is carried out although nobody waits for the answer.
        time.sleep(_DELAY)
        assert life.store.read_bytes() == stored
        now = life.sandbox.control("GET", "clock")["now_ms"]
        left = [one for one in life.sandbox.state()["tokens"] if one["token_id"] in life.live()]
        ends = [one["expiry_time"] for one in left if one["token_id"] != life.record["token_id"]]
        assert all(end - now <= _TEN_MINUTES_MS for end in ends), ends
        # The next one is in nobody's way, and takes along what is left.
        assert rehearse(life)["rehearsal"]["would_succeed"]
        life.token(state="rehearsed")
        if cloud == "aws":
            nothing_stays(life, stored)
        else:
            assert life.live() == [life.record["token_id"]]
    assert number > (6 if state == "rehearse" else 3), "the kills did not reach the end"


def _reached(life: Life) -> bool:
    return any(fault["applied"] for fault in life.sandbox.control("GET", "faults")["faults"])


def test_what_a_dead_rehearsal_left_ends_by_itself(life: Life) -> None:
    stored = life.store.read_bytes()
    rehearse(life)
    assert len(life.live()) == 2
    life.sandbox.control("POST", "clock", {"advance_seconds": 601})
    assert life.live() == [life.record["token_id"]] and life.store.read_bytes() == stored
    assert not life.token()["changed"]
    life.token(state="rehearsed")
    nothing_stays(life, stored)
