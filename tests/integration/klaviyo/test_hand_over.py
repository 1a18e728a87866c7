# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""klaviyo_hand_over: the user's own tasks get the verified token, from every kind of store, and nobody else does."""

from __future__ import annotations

import json
import re
import sys
import typing as t
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.klaviyo import Played, Site, start_site
from tests.support.token_life import files_below, kill_all_of, leaks, wait_until

HAND_OVER = """---
- name: Put the connection into a second place
  ansible.builtin.copy:
    content: "{{ klaviyo_handed_over | to_json }}\\n"
    dest: "{{ second_place }}"
    mode: "0600"

- name: Show it to nobody
  ansible.builtin.debug:
    var: klaviyo_handed_over
"""
WAIT = """---
- name: Say that it has begun
  ansible.builtin.copy:
    content: begun
    dest: "{{ second_place }}.begun"
    mode: "0600"

- name: Take long
  ansible.builtin.command: sleep 60
  changed_when: false
"""
FAIL = """---
- name: Fail with the value at hand
  ansible.builtin.command:
    argv: ["false", "{{ klaviyo_handed_over.token_value }}"]
  changed_when: false
"""
GET = """---
- name: Look
  ansible.builtin.stat:
    path: "{{ klaviyo_token_store.where }}"
  register: klaviyo_store_answer

- name: Hand over
  ansible.builtin.set_fact:
    klaviyo_store_record: >-
      {{ lookup('ansible.builtin.file', klaviyo_token_store.where) if klaviyo_store_answer.stat.exists else '' }}
"""
PUT = """---
- name: Write
  ansible.builtin.copy:
    content: "{{ klaviyo_store_record }}"
    dest: "{{ klaviyo_token_store.where }}"
    mode: "0600"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, python: str) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("hand-over")) as started:
        # By the environment: then no file of this folder holds it.
        del started.variables["databricks_token"]
        started.variables["ansible_python_interpreter"] = python
        texts = {"hand_over": HAND_OVER, "wait": WAIT, "fail": FAIL, "get": GET, "put": PUT}
        for name, text in texts.items():
            (started.folder / f"{name}.yml").write_text(text, encoding="utf-8")
        for name in ("secret", "store"):
            (started.folder / name).mkdir()
        yield started


def host(site: Site, name: str, store: dict[str, t.Any] | None = None, **variables: t.Any) -> dict[str, t.Any]:
    """Each host has a principal of its own in the one workspace."""
    return {
        **site.variables,
        "klaviyo_principal_name": f"klaviyo-{name}",
        "klaviyo_token_store": store or {"type": "file", "path": str(site.folder / "store" / f"{name}.json")},
        "klaviyo_hand_over": str(site.folder / "hand_over.yml"),
        "second_place": str(second(site, name)),
        **variables,
    }


def second(site: Site, name: str) -> Path:
    return site.folder / "secret" / f"{name}.json"


def handed(site: Site, name: str) -> dict[str, t.Any]:
    return json.loads(second(site, name).read_text(encoding="utf-8"))


def environment(site: Site) -> dict[str, str]:
    return {
        "DATABRICKS_TOKEN": site.ready["token"],
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(site.folder / "facts"),
        "ANSIBLE_LOCAL_TEMP": str(site.folder / "local"),
        "ANSIBLE_REMOTE_TEMP": str(site.folder / "remote"),
    }


def play(site: Site, playbook: str, hosts: dict[str, t.Any], *options: str) -> Played:
    """As talkative as can be; neither that nor what is left on the disk gives a secret away."""
    played = site.play(playbook, "-vvvv", "-f", "4", *options, env=environment(site), hosts=hosts)
    nobodys = files_below(site.folder, *(site.folder / "secret").iterdir(), *(site.folder / "store").iterdir())
    assert leaks(site.host, played.output, *nobodys) == []
    return played


def principal(site: Site, name: str) -> str:
    of_this_name = [one for one in site.state["service_principals"] if one["display_name"] == f"klaviyo-{name}"]
    assert len(of_this_name) == 1
    return of_this_name[0]["application_id"]


def live(site: Site, name: str) -> list[str]:
    owner = principal(site, name)
    return [one["token_id"] for one in site.state["tokens"] if one["owner"] == owner and one["live"]]


def is_right(site: Site, name: str) -> str:
    """What was handed over is the principal's live token, and the values of the connection; gives the token's id."""
    found = handed(site, name)
    assert live(site, name).count(found["token_id"]) == 1
    assert site.client(found["token_value"]).current_user.me().user_name == principal(site, name)
    assert found["http_path"] == f"/sql/1.0/warehouses/{site.ready['warehouse_id']}"
    assert found["hostname"] == urlsplit(site.host).hostname and found["catalog"] == site.catalog.lower()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["expiry"])
    return found["token_id"]


def changed(played: Played) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r"(\S+)\s+: ok=\d+\s+changed=(\d+)", played.output)}


def test_every_store_without_a_vault_secret(site: Site) -> None:
    own = {"type": "tasks", **{name: str(site.folder / f"{name}.yml") for name in ("get", "put")}}
    stores = {
        "file": None,
        "scope": {"type": "databricks_secret", "scope": "klaviyo", "key": "token", "create_scope": True},
        "own": {**own, "where": str(site.folder / "store" / "own.json")},
    }
    hosts = {name: host(site, name, store) for name, store in stores.items()}
    output = play(site, "klaviyo_setup", {"file": hosts["file"]}, "--check").ok().output
    assert "Check mode does not run" in output and not list((site.folder / "secret").iterdir())
    play(site, "klaviyo_setup", hosts).ok()
    first = {name: is_right(site, name) for name in hosts}
    # Tasks that have nothing to do change nothing.
    assert changed(play(site, "klaviyo_setup", hosts).ok()) == dict.fromkeys(hosts, 0)
    # They run each time, and what they change counts. A verification hands nothing over.
    second(site, "file").unlink()
    play(site, "klaviyo_verify", {"file": hosts["file"]}).ok()
    assert not second(site, "file").exists()
    assert play(site, "klaviyo_setup", {"file": hosts["file"]}).ok().changed == 1
    play(site, "klaviyo_rotate", hosts).ok()
    successors = {name: is_right(site, name) for name in hosts}
    assert not set(successors.values()) & set(first.values())
    # Handing over confirms nothing: the replaced tokens live.
    assert set(first.values()) <= {one["token_id"] for one in site.state["tokens"] if one["live"]}


def test_an_encrypted_file_by_a_relative_path(site: Site) -> None:
    password = site.folder / "secret" / "password"
    password.write_text("correct horse battery staple", encoding="utf-8")
    # A playbook of the collection: a relative path counts from the inventory.
    hosts = {"sealed": host(site, "sealed", klaviyo_hand_over="hand_over.yml")}
    for _run in range(2):
        played = play(site, "klaviyo_setup", hosts, "--vault-password-file", str(password)).ok()
        is_right(site, "sealed")
    assert played.changed == 0
    assert (site.folder / "store" / "sealed.json").read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT")


def test_tasks_that_fail_and_the_run_after(site: Site) -> None:
    """The host's variables are looked through afterwards, by another host: what Ansible keeps of a failure is there."""
    hosts: dict[str, t.Any] = {"failing": host(site, "failing", klaviyo_hand_over=str(site.folder / "fail.yml"))}
    role = {
        "name": "Set up",
        "ansible.builtin.include_role": {"name": "lakeops.databricks.klaviyo"},
        "when": "inventory_hostname == 'failing'",
    }
    look = {
        "name": "Keep what is known of it",
        "ansible.builtin.copy": {
            "content": "{{ known.ansible_failed_result }} {{ known.klaviyo_handed_over | default('no more') }}",
            "dest": str(site.folder / "known.txt"),
            "mode": "0600",
        },
        "vars": {"known": "{{ hostvars['failing'] }}"},
    }
    plays = [{"name": "Fail, and look", "hosts": "all", "gather_facts": False, "tasks": [role, look]}]
    playbook = site.folder / "play.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    hosts["looking"] = {name: site.variables[name] for name in ("ansible_connection", "ansible_python_interpreter")}
    output = play(site, str(playbook), hosts).failed().output
    assert 'klaviyo_hand_over: the task \\"Fail with the value at hand\\" failed' in output
    assert "The token is stored and verified; the next run hands it over again." in re.sub(r"\s+", " ", output)
    assert (site.folder / "known.txt").read_text(encoding="utf-8").endswith(" no more")
    assert not second(site, "failing").exists()
    hosts = {"failing": host(site, "failing")}
    assert play(site, "klaviyo_setup", hosts).ok().changed == 1
    first = is_right(site, "failing")
    # A token that failed a check is handed to nobody.
    change = {"principal": principal(site, "failing"), "remove": ["CREATE_TABLE"]}
    path = f"/api/2.1/unity-catalog/permissions/schema/{site.catalog}.klaviyo_tmp"
    site.client().api_client.do("PATCH", path, body={"changes": [change]})
    play(site, "klaviyo_rotate", hosts).failed()
    assert handed(site, "failing")["token_id"] == first


def test_a_run_that_is_killed_meanwhile(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Python of its own: what runs in it is killed, too.
    own = {"ansible_python_interpreter": sys.executable}
    killed = host(site, "killed", klaviyo_hand_over=str(site.folder / "wait.yml"), **own)
    begun = site.folder / "secret" / "killed.json.begun"
    with monkeypatch.context() as patch:
        patch.setattr(site, "variables", killed)
        run = site.start("klaviyo_setup", env=environment(site))
        wait_until(begun.exists, "the hand-over", seconds=90)
        kill_all_of(run.pid)
        run.wait(10)
    begun.unlink()
    assert not second(site, "killed").exists()
    hosts = {"acme": host(site, "killed")}
    assert play(site, "klaviyo_setup", hosts).ok().changed == 1
    is_right(site, "killed")
    assert live(site, "killed") == [handed(site, "killed")["token_id"]]


@pytest.mark.parametrize(
    ("given", "said"), [("/no/such/tasks.yml", "/no/such/tasks.yml is no file"), ("/tmp/", "is a directory")]
)
def test_a_path_that_cannot_be_meant_is_refused_before_any_change(site: Site, given: str, said: str) -> None:
    site.forget_journal()
    output = play(site, "klaviyo_setup", {"acme": host(site, "refused", klaviyo_hand_over=given)}).failed().output
    assert "klaviyo_hand_over: " in output and said in output and site.mutating() == []


NAMED = "- name: '{word} {{{{ klaviyo_handed_over.token_value }}}}'\n  ansible.builtin.debug:\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NAMED.format(word="Put"), "the task 'Put {{ klaviyo_handed_over.token_value }}' would show the connection"),
        (
            "- block:\n    - block: []\n      rescue:\n        "
            + NAMED.format(word="Undo").replace("\n", "\n        "),
            "the task 'Undo {{ klaviyo_handed_over.token_value }}' would show the connection",
        ),
        ("name: no list\n", "holds no list of tasks."),
        ("- name: [half\n", "cannot be read: "),
        (
            "- name: Put it there\n  community.nowhere.secret:\n    name: x\n",
            "the task 'Put it there' is none that Ansible can run: couldn't resolve module/action "
            "'community.nowhere.secret'. This often indicates a misspelling, missing collection, or incorrect module "
            "path.",
        ),
        (
            "- block:\n    - ansible.builtin.debug:\n  always:\n    - name: Two things\n      ansible.builtin.debug:\n"
            "      ansible.builtin.command: 'true'\n",
            "the task 'Two things' is none that Ansible can run: conflicting action statements: "
            "ansible.builtin.debug, ansible.builtin.command",
        ),
        ("- name: Nothing\n  tags: never\n", "the task 'Nothing' is none that Ansible can run: no module/action"),
    ],
    ids=["name", "name in a block", "no list", "no yaml", "no such module", "two modules", "no module"],
)
def test_tasks_that_would_show_it_or_cannot_be_read_are_refused_before_any_change(
    site: Site, text: str, said: str
) -> None:
    """Ansible prints names, no_log or not; and a file that it cannot read ends the runs of all hosts."""
    file = site.folder / "refused.yml"
    file.write_text(text, encoding="utf-8")
    site.forget_journal()
    given = {"fine": host(site, "fine"), "acme": host(site, "refused", klaviyo_hand_over=str(file))}
    output = re.sub(r"\s+", " ", play(site, "klaviyo_preflight", given).failed().output)
    assert f"klaviyo_hand_over: {file}" in output and said in output and site.mutating() == []
    assert re.search(r"fine : ok=\d+ .*? failed=0", output)


def test_a_name_that_shows_it_in_another_way_is_not_repeated(site: Site) -> None:
    """What Ansible prints of a name is out of our hands; what we say of it is not, nor is the report."""
    file = site.folder / "named.yml"
    file.write_text(
        "- name: Put {{ lookup('ansible.builtin.vars', 'klaviyo_' ~ 'handed' ~ '_over').token_value }} there\n"
        "  ansible.builtin.command: 'false'\n",
        encoding="utf-8",
    )
    hosts = {"named": host(site, "named", klaviyo_hand_over=str(file))}
    played = site.play("klaviyo_setup", env=environment(site), hosts=hosts).failed()
    value = json.loads((site.folder / "store" / "named.json").read_text(encoding="utf-8"))["token_value"]
    shown = [line for line in played.output.splitlines() if value in line]
    assert all(line.startswith("TASK [") for line in shown), shown
    assert 'klaviyo_hand_over: the task \\"Put ******** there\\" failed' in played.output
