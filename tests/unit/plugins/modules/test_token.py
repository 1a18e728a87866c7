# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules token and token_info against a workspace in memory: every way to mint, every store, every place to die."""

from __future__ import annotations

import base64
import contextlib
import json
import multiprocessing
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure, Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._token import (
    minting,
    module_token,
    module_token_info,
    principal_tokens,
    stores,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from ansible_collections.lakeops.databricks.plugins.modules import token as module
from tests.support.token_service import ANNE, APPLICATION_ID, PERSON, PRINCIPAL, Died, Service

DAY = 86_400


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "SETTLE", 0.0)
    monkeypatch.setattr(minting, "DOUBT", 0.04)
    monkeypatch.setattr(retry, "_backoff", lambda attempt: 0.01)
    monkeypatch.setattr(minting.time, "sleep", lambda seconds: None)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "new" / "folder" / "token.json")


def run(service: Service, path: str | None = None, *, check: bool = False, **given: t.Any) -> dict[str, t.Any]:
    defaults = {name: option.get("default") for name, option in module.SPEC.items()}
    params = {**defaults, "principal": APPLICATION_ID, "store": {"type": "file", "path": path}, **given}
    result = module_token.run(service, params, check)
    shown = json.dumps({key: value for key, value in result.items() if key != "store_write"})
    for value in service.state.issued:
        assert value not in shown, "a secret is in the result"
    return result


def record(path: str) -> dict[str, t.Any]:
    return json.loads(Path(path).read_text())


def live(service: Service) -> list[str]:
    return sorted(service.state.tokens)


@pytest.mark.parametrize(("cloud", "method"), [("aws", "on_behalf_of"), ("gcp", "on_behalf_of"), ("azure", "self")])
def test_life(path: str, cloud: str, method: str) -> None:
    service = Service(cloud)
    predicted = run(service, path, check=True)
    assert predicted["changed"] and not service.state.tokens and not Path(path).parent.exists()
    assert all(call[0] == "GET" for call in service.state.log)
    made = run(service, path)
    assert (
        [row["method"] for row in made["actions"]]
        == [row["method"] for row in predicted["actions"]]
        == ["announce", "mint", "store"]
    )
    assert made["token"]["method"] == method and made["phase"] == "current" and made["token"]["days_left"] == 90
    assert live(service) == [record(path)["token_id"]] and service.state.oauth == {}
    assert "klaviyo" in service.state.tokens[live(service)[0]]["comment"]
    assert Path(path).stat().st_mode & 0o777 == 0o600 and Path(path).parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in Path(path).parent.iterdir()] == ["token.json"]
    assert not run(service, path)["changed"]
    rotated = run(service, path, state="rotate")
    assert rotated["phase"] == "handover" and len(live(service)) == 2
    assert rotated["token"]["predecessor"]["token_id"] == made["token"]["token_id"]
    assert not run(service, path, state="rotate")["changed"] and not run(service, path)["changed"]
    done = run(service, path, state="revoke_superseded", confirmed=True)
    assert done["phase"] == "current" and live(service) == [record(path)["token_id"]]
    assert run(service, path, state="absent")["changed"] and not live(service) and not Path(path).exists()
    assert not run(service, path, state="absent")["changed"]


@pytest.mark.parametrize("cloud", ["aws", "azure"])
@pytest.mark.parametrize("fate", ["die before", "die after", "lose before", "lose after"])
@pytest.mark.parametrize("number", range(4))
def test_every_request_of_a_minting_may_fail(path: str, cloud: str, fate: str, number: int) -> None:
    service = Service(cloud)
    service.state.fault = (number, fate)
    with contextlib.suppress(Died, Failure):
        run(service, path)
    service.state.fault = None
    run(service, path)
    assert live(service) == [record(path)["token_id"]] and service.state.oauth == {}
    assert not run(service, path)["changed"]


def test_bystanders_stay(path: str) -> None:
    service = Service()
    for owner, comment in (
        (PERSON, "klaviyo lakeops:g1:5f2c9d0a7b1e4c68"),
        (PRINCIPAL, "klaviyo, by hand"),
        (PRINCIPAL, "other lakeops:g1:5f2c9d0a7b1e4c68"),
    ):
        service._issue(owner, {"comment": comment, "lifetime_seconds": 900 * DAY})
    before = live(service)
    run(service, path)
    run(service, path, state="absent")
    assert live(service) == before


def test_renewal_window_and_workspace_maximum(path: str) -> None:
    service = Service()
    service.state.conf["maxTokenLifetimeDays"] = "30"
    announced = run(service, path, check=True)
    assert announced["token"]["days_left"] == 30 and any("at most 30 days" in said for said in announced["warnings_"])
    made = run(service, path)
    assert made["token"]["days_left"] == 30 and any("at most 30 days" in said for said in made["warnings_"])
    service.state.time += 19 * DAY
    assert not run(service, path)["changed"]
    service.state.time += 2 * DAY
    assert run(service, path)["phase"] == "handover", "a third of the life it got, not of the life it was to get"
    service.state.conf["enableTokensConfig"] = "false"
    with pytest.raises(Refused, match="switched off"):
        run(service, path, store={"type": "file", "path": path + "2"}, unknown_tokens="keep")


def test_users_supply_their_token(path: str) -> None:
    service = Service()
    with pytest.raises(Refused) as refused:
        run(service, path, principal=ANNE)
    assert "Generate" in refused.value.hint
    value = service._issue(PERSON, {"comment": "mine", "lifetime_seconds": 10 * DAY})["token_value"]
    other = service._issue(PRINCIPAL, {"comment": "x", "lifetime_seconds": 10 * DAY})["token_value"]
    with pytest.raises(Refused, match="signs in as"):
        run(service, path, principal=ANNE, supplied_token=other)
    with pytest.raises(Refused, match="signs in with"):
        run(service, path, principal=ANNE, supplied_token=service.secrets[0])
    with pytest.raises(Refused, match="does not accept"):
        run(service, path, principal=ANNE, supplied_token="dapi" + "0" * 32)
    assert run(service, path, principal=ANNE, supplied_token=value)["token"]["method"] == "supplied"
    assert record(path)["token_value"] == value and record(path)["expiry"]
    assert not run(service, path, principal=ANNE, supplied_token=value)["changed"]
    assert not run(service, path, principal=ANNE)["warnings_"]
    service.state.time += 8 * DAY
    late = run(service, path, principal=ANNE)
    assert not late["changed"] and any("give it as supplied_token" in said for said in late["warnings_"])
    with pytest.raises(Refused, match="cannot make a token for the user"):
        run(service, path, principal=ANNE, state="rotate")
    following = service._issue(PERSON, {"comment": "mine", "lifetime_seconds": 90 * DAY})["token_value"]
    assert run(service, path, principal=ANNE, supplied_token=following)["phase"] == "handover"
    confirmed = run(service, path, principal=ANNE, confirmed=True)
    assert [row["method"] for row in confirmed["actions"]] == ["settle"] and confirmed["phase"] == "current"
    assert any("Let its owner delete it" in said for said in confirmed["warnings_"])
    assert not run(service, path, principal=ANNE, confirmed=True)["changed"]
    run(service, path, principal=ANNE, state="absent")
    assert len(live(service)) == 3, "tokens without our marker are not ours to revoke"


def test_a_secret_left_by_a_rotation_that_died_goes_with_the_next_run(path: str) -> None:
    service = Service("azure")
    run(service, path)
    service.state.changes, service.state.fault = (
        0,
        (1, "die after"),
    )  # the first asks in vain on behalf of the principal
    with pytest.raises(Died):
        run(service, path, state="rotate")
    service.state.fault = None
    assert len(service.state.oauth) == 1
    assert run(service, path, check=True)["changed"] and len(service.state.oauth) == 1
    assert run(service, path)["changed"] and service.state.oauth == {}
    assert not run(service, path)["changed"]


def test_nobody_elses_record_is_forgotten(path: str) -> None:
    service = Service()
    run(service, path)
    for name in (ANNE, "misspelled"):
        with pytest.raises(Refused, match="holds the token of klaviyo-import"):
            run(service, path, principal=name, state="absent")
    assert live(service) == [record(path)["token_id"]]
    # Of a principal that is gone nobody needs the record.
    Path(path).write_text(json.dumps({**record(path), "principal": "00000000-0000-0000-0000-000000000000"}))
    assert run(service, path, principal="misspelled", state="absent")["changed"] and not Path(path).exists()


def test_secret_scope(path: str) -> None:
    service = Service()
    store = {"type": "databricks_secret", "scope": "klaviyo", "key": "token"}
    with pytest.raises(Failure, match="no secret scope"):
        run(service, store=store)
    assert not live(service)
    run(service, store={**store, "create_scope": True})
    assert not run(service, store=store)["changed"]
    assert stores.stored_token(service, store) in service.state.values
    run(service, store=store, state="absent")
    assert service.state.scopes == {"klaviyo": {}}


def carried(result: dict[str, t.Any]) -> str:
    """What the tasks of somebody's own have stored after a run."""
    return base64.b64decode(result["store_write"]).decode()


def test_own_tasks_store_what_will_be_made_before_it_is_made() -> None:
    service = Service()
    announced = run(service, store={"type": "tasks", "record": ""})
    assert [row["method"] for row in announced["actions"]] == ["announce"] and not live(service)
    made = run(service, store={"type": "tasks", "record": carried(announced)})
    assert [row["method"] for row in made["actions"]] == ["mint", "store"] and len(live(service)) == 1
    stored = carried(made)
    assert json.loads(stored)["intents"] == [] and json.loads(stored)["token_value"] in service.state.values
    again = run(service, store={"type": "tasks", "record": stored})
    assert not again["changed"] and "store_write" not in again
    predicted = run(service, store={"type": "tasks", "record": ""}, unknown_tokens="keep", check=True)
    assert [row["method"] for row in predicted["actions"]] == ["announce", "mint", "store"]
    assert "store_write" not in predicted
    with pytest.raises(Refused, match="does not know"):
        run(service, store={"type": "tasks", "record": ""})


def test_own_tasks_that_did_not_store_the_token_leave_nothing_behind() -> None:
    service = Service()
    announced = carried(run(service, store={"type": "tasks", "record": ""}))
    run(service, store={"type": "tasks", "record": announced})
    left = live(service)
    again = run(service, store={"type": "tasks", "record": announced})
    assert [row["method"] for row in again["actions"]] == ["revoke", "announce"] and not live(service)
    made = run(service, store={"type": "tasks", "record": carried(again)})
    assert len(live(service)) == 1 and live(service) != left
    assert not run(service, store={"type": "tasks", "record": carried(made)})["changed"]
    # What was announced long ago is announced again: the tasks may have lost the way to write since.
    service.state.time += 400 * DAY
    assert [row["method"] for row in run(service, store={"type": "tasks", "record": announced})["actions"]] == [
        "announce"
    ]


class Vault:
    def encrypt(self, text: str, like: str | None = None) -> str:
        return "$ANSIBLE_VAULT;1.1;AES256\n" + base64.b64encode(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        return base64.b64decode(text.split("\n", 1)[1]).decode()


def test_vault(path: str) -> None:
    service = Service()
    run(service, path)
    service.vault = Vault()
    assert run(service, path, check=True)["changed"] and Path(path).read_text().startswith("{")
    assert [row["method"] for row in run(service, path)["actions"]] == ["repair"]
    assert not run(service, path)["changed"] and Path(path).read_text().startswith("$ANSIBLE_VAULT")
    run(service, path, state="rotate")
    text = Path(path).read_text()
    assert text.startswith("$ANSIBLE_VAULT") and not any(value in text for value in service.state.issued)
    assert not run(service, path)["changed"]
    service.vault = None
    with pytest.raises(Refused, match="no vault secret"):
        run(service, path)


def test_the_file_is_guarded(path: str, tmp_path: Path) -> None:
    service = Service()
    run(service, path)
    Path(path).chmod(0o644)
    assert run(service, path)["changed"] and Path(path).stat().st_mode & 0o777 == 0o600
    left = Path(path).parent / ".token.json.lakeops.new"
    left.write_text("half a record")
    assert run(service, path)["changed"] and not left.exists()
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "notes.txt").write_text("shopping list")
    for bad in (tmp_path / "link", tmp_path, tmp_path / "notes.txt", tmp_path / "notes.txt" / "x"):
        with pytest.raises((BadOption, Refused)):
            run(service, str(bad))
    assert (tmp_path / "notes.txt").read_text() == "shopping list"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("lifetime_days", 0),
        ("lifetime_days", 731),
        ("renew_before_days", 90),
        ("renew_before_days", -1),
        ("grace_days", -1),
        ("integration", "a b"),
        ("comment", "x" * 250),
        ("principal", " "),
    ],
)
def test_bad_options(path: str, option: str, value: t.Any) -> None:
    service = Service()
    with pytest.raises(BadOption, match=option):
        run(service, path, **{option: value})
    assert not service.state.tokens


def test_info(path: str) -> None:
    service = Service()
    run(service, path)
    store = {"type": "file", "path": path}
    told = module_token_info.info(service, {"principal": APPLICATION_ID, "integration": "klaviyo", "store": store})
    assert told["token"]["live"] and len(told["tokens"]) == 1 and not told["tokens"][0]["used_within_a_day"]
    bare = module_token_info.info(service, {"principal": APPLICATION_ID, "integration": "klaviyo", "store": None})
    assert bare["token"]["token_id"] is None and len(bare["tokens"]) == 1
    assert not any(value in json.dumps([told, bare]) for value in service.state.issued)
    service._issue(PRINCIPAL, {"comment": "by hand", "lifetime_seconds": DAY})
    service.state.time += DAY / 2
    service.state.log.clear()
    asked = {"principal": APPLICATION_ID, "integration": "klaviyo", "store": store, "prove": False}
    quiet = module_token_info.info(service, asked)
    assert [one["made_here"] for one in quiet["tokens"]] == [True] and quiet["warnings_"] == []
    assert [one["made_here"] for one in quiet["other_tokens"]] == [False]
    assert not any(path.endswith("/Me") for _method, path, _who in service.state.log), "it signed in with the token"
    service.state.time += 80 * DAY
    assert any("unused for 90 days" in said for said in module_token_info.info(service, asked)["warnings_"])


def _hold(path: str, log: str) -> None:
    store = stores.open_store(Service(), {"type": "file", "path": path})
    with store.exclusive(), Path(log).open("a") as file:
        file.write("in ")
        file.flush()
        threading.Event().wait(0.05)
        file.write("out\n")


def test_runs_at_the_same_moment_take_turns(path: str, tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    runs = [multiprocessing.get_context("fork").Process(target=_hold, args=(path, log)) for _number in range(6)]
    for one in runs:
        one.start()
    for one in runs:
        one.join(30)
    assert Path(log).read_text() == "in out\n" * 6
    assert list(Path(path).parent.iterdir()) == []


def test_the_loser_of_a_race_at_the_scope_revokes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    store = {"type": "databricks_secret", "scope": "klaviyo", "key": "token", "create_scope": True}
    rivals = []
    plain = principal_tokens.PrincipalTokens.store_token

    def slower(self: t.Any, token: t.Any, predecessor: t.Any) -> None:
        if not rivals:
            rivals.append(True)
            run(service, store=store)
        plain(self, token, predecessor)

    monkeypatch.setattr(principal_tokens.PrincipalTokens, "store_token", slower)
    with contextlib.suppress(Failure):
        run(service, store=store)
    monkeypatch.undo()
    run(service, store=store)
    assert len(live(service)) == 1 and stores.stored_token(service, store) in service.state.values
