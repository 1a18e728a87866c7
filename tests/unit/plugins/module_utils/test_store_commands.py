# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that shows a stored token: run as it is printed, where the program is here or a stand-in is enough."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._token import store_commands
from ansible_collections.lakeops.databricks.plugins.module_utils._token.store_file import FileStore
from ansible_collections.lakeops.databricks.plugins.plugin_utils._play_vault import PlayVault

VALUE = "dapi" + "1" * 32
RECORD = {"token_id": "1" * 64, "token_value": VALUE}
# What a name must not be able to do.
HOSTILE = 'it\'s; touch broken $(touch broken) `touch broken` & "x"'


def printed(command: str | None, folder: Path, **environment: str) -> str:
    assert command and "\n" not in command
    path = os.pathsep.join([str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        check=False,
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "PATH": path, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not (folder / "broken").exists()
    return done.stdout


@pytest.mark.parametrize("name", ["token.json", "to ken.json", HOSTILE.replace("/", "-")])
@pytest.mark.parametrize("vault_id", [None, "default", "prod"])
@pytest.mark.parametrize("home", [False, True])
def test_a_file(tmp_path: Path, name: str, vault_id: str | None, home: bool) -> None:
    vault = PlayVault([(vault_id, b"blue")]) if vault_id else None
    FileStore(str(tmp_path / name), vault).write_text(json.dumps(RECORD))
    (tmp_path / "password").write_text("blue")
    path = f"~/{name}" if home else str(tmp_path / name)
    command = store_commands.command({"path": path}, encrypted=bool(vault))
    assert printed(command, tmp_path, ANSIBLE_VAULT_PASSWORD_FILE=str(tmp_path / "password")) == f"{VALUE}\n"


STORES: list[tuple[dict[str, t.Any], list[str], str]] = [
    (
        {"type": "databricks_secret", "scope": "klaviyo", "key": "token"},
        ["databricks", "secrets", "get-secret", "klaviyo", "token", "--output", "json"],
        json.dumps({"key": "token", "value": base64.b64encode(json.dumps(RECORD).encode()).decode()}),
    ),
    (
        {"type": "tasks", "recipe": "hashicorp_vault", "url": "https://v", "path": HOSTILE, "namespace": "n s"},
        ["vault", "kv", "get", "-address=https://v", "-mount=secret", "-namespace=n s", "-field=token_value", HOSTILE],
        VALUE + "\n",
    ),
    (
        {"type": "tasks", "recipe": "aws_secrets_manager", "secret_id": HOSTILE, "region": "eu-central-1"},
        [
            *("aws", "secretsmanager", "get-secret-value", "--secret-id", HOSTILE),
            *("--query", "SecretString", "--output", "text", "--region", "eu-central-1"),
        ],
        json.dumps(RECORD),
    ),
    (
        {"type": "tasks", "recipe": "azure_key_vault", "url": "https://v.vault.azure.net/", "name": HOSTILE},
        [
            *("az", "keyvault", "secret", "show", "--id", f"https://v.vault.azure.net/secrets/{HOSTILE}"),
            *("--query", "value", "--output", "tsv"),
        ],
        json.dumps(RECORD),
    ),
    (
        {"type": "tasks", "recipe": "gcp_secret_manager", "name": HOSTILE, "project": "shop"},
        ["gcloud", "secrets", "versions", "access", "lakeops", f"--secret={HOSTILE}", "--project=shop"],
        json.dumps(RECORD),
    ),
]


@pytest.mark.parametrize(("store", "words", "answer"), STORES, ids=[words[0] for _store, words, _answer in STORES])
def test_the_programs_of_services(tmp_path: Path, store: dict[str, t.Any], words: list[str], answer: str) -> None:
    """A stand-in notes with which words it was called, and answers as the program does."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / words[0]
    said = tmp_path / "answer"
    said.write_text(answer, encoding="utf-8")
    note = "import json, os, sys; json.dump([sys.argv[1:], os.environ.get('DATABRICKS_HOST')], open('words', 'w'))"
    program.write_text(f'#!/bin/sh\n{shlex.quote(sys.executable)} -c {shlex.quote(note)} "$@"\ncat answer\n')
    program.chmod(0o755)
    assert printed(store_commands.command(store, host="https://a b"), tmp_path) == f"{VALUE}\n"
    noted, host = json.loads((tmp_path / "words").read_text())
    assert noted == words[1:]
    assert (host == "https://a b") == (words[0] == "databricks")


@pytest.mark.parametrize("store", [{"type": "tasks", "recipe": "awx_credential"}, {"type": "tasks", "get": "/get.yml"}])
def test_where_no_command_can_show_it(store: dict[str, t.Any]) -> None:
    assert store_commands.command(store) is None


def test_who_else_can_read_a_secret_scope_is_said() -> None:
    assert store_commands.notes({"type": "databricks_secret"}) == [store_commands.ADMINS_READ]
    assert store_commands.notes({"type": "file"}) == store_commands.notes({}) == []
