# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token's file in a play with vault secrets is encrypted, whichever way the module runs; as real playbooks show."""

from __future__ import annotations

import getpass
import json
import re
import tempfile
import typing as t
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.support.interpreter import CLIENTS, loaded_interpreter
from tests.support.klaviyo import Played, Site, start_site
from tests.support.token_life import files_below, leaks

DEV, PROD, WRONG = "correct horse battery", "staple of another colour", "none of them"
# What makes the module run as a program, and what the action says of it. The last one stands for another machine.
WAYS: dict[str, tuple[dict[str, t.Any], str]] = {
    "worker": ({}, "runs inside the worker"),
    "never": ({"databricks_in_process": "never"}, "databricks_in_process is never"),
    "async": ({"seconds": 120}, "the task is asynchronous"),
    "become": ({"becomes": True}, "the task becomes another user"),
    "locale": ({"variables": {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"}}, "cannot take over LC_ALL"),
    "elsewhere": ({"ansible_connection": "elsewhere"}, "the connection is elsewhere, not local"),
}
ELSEWHERE = """
from ansible.plugins.connection import local
DOCUMENTATION = local.DOCUMENTATION.replace("name: local", "name: elsewhere")
class Connection(local.Connection):
    transport = "elsewhere"
"""
KEYWORDS = {
    "become": "{{ becomes | default(false) }}",
    "become_user": getpass.getuser(),
    "async": "{{ seconds | default(0) }}",
    "poll": 1,
    "environment": "{{ variables | default({}) }}",
}
PRINCIPAL = {"principal": "klaviyo-vault"}
PREPARE = [
    {"name": "Have a principal", "lakeops.databricks.service_principal": {"name": "klaviyo-vault"}, "run_once": True},
    {
        "name": "Let it use tokens",
        "lakeops.databricks.permission": {"object_type": "tokens", "level": "CAN_USE", **PRINCIPAL},
        "run_once": True,
    },
]
TOKEN = {
    "name": "Have a token",
    "lakeops.databricks.token": {
        **PRINCIPAL,
        # Of its own for each store: a token in another store would be a stranger's.
        "integration": "{{ inventory_hostname }}-{{ folder | basename }}",
        "store": {"path": "{{ folder }}/{{ inventory_hostname }}.json"},
        "state": "{{ wish }}",
    },
    **KEYWORDS,
}
PROOF = {
    "name": "Act with it",
    "lakeops.databricks.workspace_info": {"token_store": {"path": "{{ folder }}/{{ inventory_hostname }}.json"}},
    **KEYWORDS,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with (
        start_site(tmp_path_factory.mktemp("vault")) as started,
        tempfile.TemporaryDirectory(prefix="vault-") as short,
        loaded_interpreter(Path(short), *CLIENTS) as python,
    ):
        started.variables["ansible_python_interpreter"] = str(python)
        plugins = started.folder / "connection_plugins"
        plugins.mkdir()
        (plugins / "elsewhere.py").write_text(ELSEWHERE, encoding="utf-8")
        passwords = {"dev": DEV, "prod": PROD, "wrong": WRONG}
        (started.folder / "passwords").mkdir()
        for name, password in passwords.items():
            (started.folder / "passwords" / name).write_text(password, encoding="utf-8")
        play(started, "nowhere", *PREPARE, ways=["worker"]).ok()
        yield started


def play(
    site: Site,
    folder: str,
    *tasks: t.Any,
    vault: t.Sequence[str] = (),
    ways: t.Iterable[str] = tuple(WAYS),
    check: bool = False,
    wish: str = "present",
) -> Played:
    """A play of all ways as hosts, and nothing secret in what it shows or leaves.

    :param vault: vault ids with the name of a password, as dev@dev
    """
    place = site.folder / "stores" / folder
    hosts = {name: {**site.variables, "folder": str(place), **WAYS[name][0]} for name in ways}
    options = [word for one in vault for word in ("--vault-id", one.replace("@", f"@{site.folder}/passwords/"))]
    options += ["--check"] if check else []
    playbook = site.folder / "play.yml"
    playbook.write_text(json.dumps([{"name": "Play", "hosts": "all", "gather_facts": False, "tasks": tasks}]))
    settings = {
        "ANSIBLE_CONNECTION_PLUGINS": str(site.folder / "connection_plugins"),
        "ANSIBLE_ASYNC_DIR": str(site.folder / "async"),
    }
    played = site.play(str(playbook), "-vvv", "-f", "6", *options, "-e", f"wish={wish}", env=settings, hosts=hosts)
    assert leaks(site.host, played.output) == []
    assert not [word for word in (DEV, PROD) if word in played.output]
    return played


def texts(site: Site, folder: str) -> dict[str, str]:
    return {name: (site.folder / "stores" / folder / f"{name}.json").read_text() for name in WAYS}


def headers(site: Site, folder: str) -> set[str]:
    return {text.splitlines()[0] for text in texts(site, folder).values()}


def changed(played: Played) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"^(\w+)\s+: ok=\d+\s+changed=(\d+)", played.output, re.M)}


def all_of(number: int) -> dict[str, int]:
    return dict.fromkeys(WAYS, number)


def test_each_way_seals_keeps_the_vault_id_and_refuses_other_secrets(site: Site) -> None:
    first = play(site, "new", TOKEN, vault=["dev@dev", "prod@prod"]).ok()
    for name, (_variables, way) in WAYS.items():
        assert re.search(rf"<{name}> lakeops\.databricks\.token .*{re.escape(way)}", first.output), name
    assert changed(first) == all_of(1)
    assert headers(site, "new") == {"$ANSIBLE_VAULT;1.2;AES256;dev"}
    lib = VaultLib([("dev", VaultSecret(DEV.encode()))])
    opened = {name: json.loads(lib.decrypt(text)) for name, text in texts(site, "new").items()}
    assert {name: record["integration"] for name, record in opened.items()} == {name: f"{name}-new" for name in WAYS}
    # The other order, and a rotation: not under the first id of the play, and not with its secret.
    turned = play(site, "new", TOKEN, vault=["prod@prod", "dev@dev"], wish="rotate").ok()
    assert changed(turned) == all_of(1) and headers(site, "new") == {"$ANSIBLE_VAULT;1.2;AES256;dev"}
    assert changed(play(site, "new", TOKEN, PROOF, vault=["dev@dev"]).ok()) == all_of(0)
    before = texts(site, "new")
    for vault, said in ((["dev@wrong"], "none of the play's vault secrets opens the file"), ([], "no vault secret")):
        refused = play(site, "new", TOKEN, vault=vault).failed()
        assert len(set(re.findall(rf"fatal: \[(\w+)\].*?{said}", refused.output, re.DOTALL))) == len(WAYS)
        assert texts(site, "new") == before


def test_a_rehearsal_asks_for_the_keys_and_does_not_call_the_store_unreadable(site: Site) -> None:
    """Twice: the second one finds the sealed record that the first one left beside the stored one."""
    show = {"ansible.builtin.debug": {"msg": "{{ answer.rehearsal.findings | map(attribute='message') | list }}"}}
    both = ["dev@dev", "prod@prod"]
    play(site, "drill", TOKEN, vault=both).ok()
    before = texts(site, "drill")
    for _time in range(2):
        played = play(site, "drill", {**TOKEN, "register": "answer"}, show, vault=both, wish="rehearse").ok()
        assert played.output.count('"msg": []') == len(WAYS), played.output[-3000:]
    left = sorted((site.folder / "stores" / "drill").glob("*.rehearsal"))
    assert len(left) == len(WAYS)
    assert {path.read_text().splitlines()[0] for path in left} == {"$ANSIBLE_VAULT;1.2;AES256;dev"}
    assert changed(play(site, "drill", TOKEN, vault=both, wish="rehearsed").ok()) == all_of(1)
    assert sorted((site.folder / "stores" / "drill").glob("*.rehearsal")) == []
    assert texts(site, "drill") == before


def test_plain_text_is_sealed_as_soon_as_there_is_a_secret(site: Site) -> None:
    play(site, "plain", TOKEN).ok()
    plain = texts(site, "plain")
    assert all(json.loads(text)["token_value"] for text in plain.values())
    told = play(site, "plain", TOKEN, vault=["prod@prod"], check=True, ways=[name for name in WAYS if name != "async"])
    assert set(changed(told.ok()).values()) == {1} and texts(site, "plain") == plain
    assert changed(play(site, "plain", TOKEN, vault=["prod@prod"]).ok()) == all_of(1)
    assert headers(site, "plain") == {"$ANSIBLE_VAULT;1.2;AES256;prod"}
    lib = VaultLib([("prod", VaultSecret(PROD.encode()))])
    assert {name: lib.decrypt(text).decode() for name, text in texts(site, "plain").items()} == plain
    # The inventory holds the token of the one who runs the play.
    assert leaks(site.host, *files_below(site.folder, site.folder / "inventory.json")) == []
