# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup stored_token: where it reads, as whom, and what it refuses, without a secret in any message."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.template import Templar, trust_as_template

from ansible_collections.lakeops.databricks.plugins.lookup.stored_token import LookupModule
from tests.support.modules import run_module
from tests.support.sandbox import Sandbox

VALUE = "dapi" + "5" * 32
GIVEN = {"token_value": VALUE, "token_id": "5" * 64, "expiry": "2031-01-01T00:00:00Z", "principal": "partner"}
PASSWORD = b"correct horse battery staple"


class Play:
    """A directory with a playbook, and a host of its inventory."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        self.loader = DataLoader()
        self.loader.set_basedir(str(folder))
        self.variables: dict[str, t.Any] = {
            "databricks_host": sandbox.host,
            "databricks_token": sandbox.token,
            "inventory_dir": str(folder),
        }
        self.record = {**GIVEN, "host": sandbox.host}

    def stored(self, name: str = "token.json", **changes: t.Any) -> dict[str, str]:
        text = json.dumps({**self.record, **changes})
        (self.folder / name).write_text(text, encoding="utf-8")
        return {"path": name}

    def look_up(self, store: t.Any, **options: t.Any) -> dict[str, t.Any]:
        templar = Templar(loader=self.loader, variables=self.variables)
        lookup = LookupModule(loader=self.loader, templar=templar)
        return lookup.run([store], variables=self.variables, **options)[0]

    def refusal(self, store: t.Any, **options: t.Any) -> str:
        with pytest.raises(AnsibleLookupError) as caught:
            self.look_up(store, **options)
        said = str(caught.value)
        assert VALUE not in said and self.sandbox.token not in said
        return said


@pytest.fixture
def play(sandbox: Sandbox, tmp_path: Path) -> Play:
    return Play(sandbox, tmp_path)


def test_a_relative_path_counts_as_for_a_module_and_nobody_signs_in(play: Play) -> None:
    store = play.stored()
    with play.sandbox.recorded() as requests:
        found = play.look_up(store)
    assert found == {**GIVEN, "hostname": play.sandbox.host.removeprefix("http://")}
    assert [request for request in requests if "/api/" in request] == []
    # The variables may be templates, and the options of the lookup come first.
    play.variables |= {"databricks_host": trust_as_template("{{ address }}"), "address": play.sandbox.host}
    assert play.look_up(store)["token_value"] == VALUE
    play.variables["databricks_host"] = "http://127.0.0.1:9"
    assert play.look_up(store, host=play.sandbox.host, token="x")["token_value"] == VALUE


def test_a_file_that_is_encrypted(play: Play) -> None:
    store = play.stored()
    path, secrets = play.folder / "token.json", [("default", VaultSecret(PASSWORD))]
    path.write_bytes(VaultLib(secrets).encrypt(path.read_bytes()))
    assert "vault secret" in play.refusal(store)
    play.loader.set_vault_secrets(secrets)
    assert play.look_up(store)["token_value"] == VALUE


def test_a_secret_of_the_workspace_and_the_environment_of_the_task(play: Play) -> None:
    store = {"type": "databricks_secret", "scope": "partner", "key": "token"}
    do = {**play.sandbox.connection, "principal": "partner", "store": {**store, "create_scope": True}}
    for name, options in (
        ("service_principal", {"name": "partner", "entitlements": ["databricks-sql-access"]}),
        ("permission", {"object_type": "tokens", "principal": "partner", "level": "CAN_USE"}),
    ):
        assert not run_module(name, {**play.sandbox.connection, **options})["failed"]
    made = run_module("token", do)
    token = play.variables.pop("databricks_token")
    del play.variables["databricks_host"]
    assert play.refusal(store)
    play.variables |= {
        "environment": [
            None,
            {"DATABRICKS_HOST": play.sandbox.host, "DATABRICKS_TOKEN": trust_as_template("{{ mine }}")},
        ],
        "mine": token,
    }
    assert play.look_up(store)["token_id"] == made["token"]["token_id"]


def test_what_is_refused(play: Play) -> None:
    assert "holds no token" in play.refusal({"path": "none.json"})
    # Another address may be the same workspace, so the host is asked which one it is.
    said = play.refusal(play.stored(host="https://other.cloud.databricks.com", workspace_id="4711"))
    assert "holds the token of another workspace, https://other.cloud.databricks.com (workspace id 4711)" in said
    assert "another workspace" in play.refusal(
        {"type": "tasks", "record": {**play.record, "host": "https://other.cloud.databricks.com"}}
    )
    assert "hots: stored_token and its stores have no such option" in play.refusal(play.stored(), hots="https://a")
    assert "store.file: stored_token" in play.refusal({"path": "token.json", "file": "b"})
    assert "value of type must be one of" in play.refusal({"type": "vault"})
    assert "is not the record of a token" in play.refusal(play.stored(token_value=["a"]))
    play.variables["databricks_host"] = trust_as_template("{{ nothing }}")
    assert "nothing" in play.refusal(play.stored())
