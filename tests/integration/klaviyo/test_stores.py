# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores made of tasks: the shipped recipes against stand-ins of their services, and tasks that go wrong."""

from __future__ import annotations

import base64
import json
import re
import sys
import typing as t

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.support.klaviyo import Played, Site, start_site
from tests.support.secret_services import AWS_CLI, Services, secret_services
from tests.support.token_life import files_below, leaks

ROLE = "lakeops.databricks.klaviyo"
# Whose tasks do the work; what it is told is what role klaviyo says.
PARTNER = "lakeops.databricks.partner"
FIRST = {"token_id": "1" * 64, "token_value": "dapi" + "1" * 32, "predecessor": None}
SECOND = {"token_id": "2" * 64, "token_value": "dapi" + "2" * 32, "predecessor": {"token_id": "1" * 64}}

# Tasks of one's own: a file that stat and copy look after.
GET = """
- name: Look
  ansible.builtin.stat:
    path: "{{ klaviyo_token_store.where }}"
  register: klaviyo_store_answer

- name: Hand over
  ansible.builtin.set_fact:
    klaviyo_store_record: >-
      {{ lookup('ansible.builtin.file', klaviyo_token_store.where) if klaviyo_store_answer.stat.exists else '' }}
"""
PUT = """
- name: Write
  ansible.builtin.copy:
    content: "{{ klaviyo_store_record }}"
    dest: "{{ klaviyo_token_store.where }}"
    mode: "0600"
"""
FAIL = """
- name: Write where nothing can be written
  ansible.builtin.copy:
    content: "{{ klaviyo_store_record | default('') }}"
    dest: "{{ klaviyo_token_store.where }}/no/such/folder"
    mode: "0600"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, python: str) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("stores")) as started:
        # By the environment: then no file of this folder holds it.
        del started.variables["databricks_token"]
        started.variables["ansible_python_interpreter"] = python
        yield started


@pytest.fixture(scope="module")
def services() -> t.Iterator[Services]:
    with secret_services() as running:
        yield running


def play(site: Site, playbook: str, *options: str, **variables: t.Any) -> Played:
    """Run a playbook as talkative as can be; neither that nor what Ansible keeps on the disk gives a secret away."""
    env = {
        "DATABRICKS_TOKEN": site.ready["token"],
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(site.folder / "facts"),
        "ANSIBLE_LOCAL_TEMP": str(site.folder / "local"),
        "ANSIBLE_REMOTE_TEMP": str(site.folder / "remote"),
    }
    played = site.play(playbook, "-vvvv", *options, env=env, **variables)
    assert leaks(site.host, played.output, *files_below(site.folder, site.folder / "mine.json")) == []
    return played


def included(tasks_from: str, **variables: t.Any) -> dict[str, t.Any]:
    role = {"name": ROLE if tasks_from == "inputs" else PARTNER, "tasks_from": tasks_from, "public": True}
    given = {} if tasks_from == "inputs" else {"_partner_prefix": "klaviyo_"}
    return {"name": f"Include {tasks_from}", "ansible.builtin.include_role": role, "vars": {**given, **variables}}


def handed_out(record: dict[str, t.Any]) -> dict[str, t.Any]:
    """What module token returns for tasks to store."""
    encoded = base64.b64encode(json.dumps(record).encode()).decode()
    return {
        "name": "Have something to store",
        "no_log": True,
        "ansible.builtin.set_fact": {"_partner_token": {"failed": False, "store_write": encoded}},
    }


# The role reads its variables before anything else.
INPUTS = included("inputs")


def read_back(record: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    check = {"that": "_partner_record == wanted"}
    given = {"_partner_prefix": "klaviyo_", "wanted": record}
    compare = {"name": "Compare", "no_log": True, "ansible.builtin.assert": check, "vars": given}
    return [included("store_get"), compare]


@pytest.fixture(scope="module")
def recipes(site: Site, services: Services) -> dict[str, dict[str, t.Any]]:
    """A host for each recipe."""
    command = site.folder / "aws"
    command.write_text(AWS_CLI.format(python=sys.executable, file=str(site.folder / "mine.json")), encoding="utf-8")
    command.chmod(0o755)
    bearer = {"url": services.url, "access_token": services.key, "name": "klaviyo-acme"}
    stores = {
        "hashicorp_vault": {"url": services.url, "path": "klaviyo/acme", "token": services.key},
        "aws_secrets_manager": {"cli": str(command), "secret_id": "klaviyo/acme"},
        "azure_key_vault": bearer,
        "gcp_secret_manager": {**bearer, "project": "shop"},
        "awx_credential": {"url": services.url, "credential": 42, "token": services.key},
    }
    return {
        name: {
            **site.variables,
            "klaviyo_token_store": {"type": "tasks", "recipe": name, **options},
            "klaviyo_catalog": site.catalog,
        }
        for name, options in stores.items()
    }


def held_by_aws(site: Site) -> tuple[dict[str, t.Any], int]:
    """The current record, and how many there ever were."""
    found = json.loads((site.folder / "mine.json").read_text())
    return json.loads(found["versions"][found["stages"]["AWSCURRENT"]]), len(found["versions"])


def test_every_recipe_stores_replaces_and_removes(site: Site, services: Services, recipes: t.Any) -> None:
    """The contract of tasks, in one play whose hosts are the services."""
    # The file store_put.yml reads back and compares what it stored.
    stored = [task for record in (FIRST, SECOND) for task in (handed_out(record), included("store_put"))]
    first = [{"name": "Store", "hosts": "all", "gather_facts": False, "tasks": [INPUTS, *read_back({}), *stored]}]
    removed = [INPUTS, *read_back(SECOND), handed_out({}), included("store_put")]
    second = [{"name": "Remove", "hosts": "all", "gather_facts": False, "tasks": removed}]
    assert run(site, first, recipes, KLAVIYO_TOKEN_RECORD="").ok().output.count("failed=0") == len(recipes)
    assert services.vault == [FIRST, SECOND]
    assert [json.loads(text) for text in services.gcp or []] == [FIRST, SECOND]
    assert services.gcp_aliases.pop("lakeops") == "2"
    # As it was before there was an alias: the latest version counts, and aliases of others stay.
    services.gcp_aliases["by_hand"] = "1"
    assert [json.loads(text) for text in services.azure] == [FIRST, SECOND]
    assert held_by_aws(site) == (SECOND, 2) and json.loads(services.awx["inputs"]["record"]) == SECOND
    # The next job: AWX gives it what is stored by then.
    run(site, second, recipes, KLAVIYO_TOKEN_RECORD=services.awx["inputs"]["record"]).ok()
    assert services.vault[-1] == held_by_aws(site)[0] == json.loads(services.azure[-1]) == {}
    assert json.loads((services.gcp or [])[int(services.gcp_aliases["lakeops"]) - 1]) == {}
    assert services.gcp_aliases["by_hand"] == "1"
    assert services.awx["description"] == ""
    # A job that started before another one stored something must not take the old record for the truth.
    services.awx["description"] = f"Klaviyo token {FIRST['token_id']}"
    stale = [
        {"name": "Read", "hosts": "awx_credential", "gather_facts": False, "tasks": [INPUTS, included("store_get")]}
    ]
    output = run(site, stale, recipes, KLAVIYO_TOKEN_RECORD=json.dumps(SECOND)).failed().output
    assert "changed after this job had started; run it again" in output


RIVAL = {"token_id": "3" * 64, "token_value": "dapi" + "3" * 32, "predecessor": None}


def test_a_rival_between_reading_and_writing_is_noticed(site: Site, services: Services, recipes: t.Any) -> None:
    """What the rival stored is what is stored in the end, whichever service it is; each says so itself."""
    hosts = {name: host for name, host in recipes.items() if name != "awx_credential"}
    # The rival is another run: it reads and writes with tasks that keep their facts to themselves.
    facts = ["_partner_vault_version", "_partner_aws_version", "_partner_azure_version", "_partner_gcp_etag"]
    before = {f"kept{name}": f"{{{{ {name} | default('') }}}}" for name in facts}
    after = {name: f"{{{{ kept{name} }}}}" for name in facts}
    rival = [
        {"name": "Remember what was read", "ansible.builtin.set_fact": before},
        handed_out(RIVAL),
        included("store_put"),
        {"name": "Know no more than before", "ansible.builtin.set_fact": after},
    ]
    tasks = [INPUTS, *read_back({}), *rival, handed_out(SECOND), included("store_put")]
    plays = [{"name": "Race", "hosts": "all", "gather_facts": False, "tasks": tasks}]
    output = run(site, plays, hosts).failed().output
    assert set(re.findall(r"fatal: \[(\w+)\].*did not store the record; what failed is the task", output)) == set(hosts)
    for said in (
        "Write the record to HashiCorp Vault (KV version 2), unless another run did meanwhile",
        "Make it the current version, unless another run has stored something since this one read",
        "Stop if another run has stored something since this one read",
        "Make it the current record, unless another run has stored something since this one read",
    ):
        assert said in output
    assert services.vault[-1] == held_by_aws(site)[0] == json.loads(services.azure[-1]) == RIVAL
    assert json.loads((services.gcp or [])[int(services.gcp_aliases["lakeops"]) - 1]) == RIVAL
    assert RIVAL["token_value"] not in output
    # And the next run goes on from there.
    tasks = [INPUTS, *read_back(RIVAL), handed_out({}), included("store_put")]
    run(site, [{"name": "Remove", "hosts": "all", "gather_facts": False, "tasks": tasks}], hosts).ok()


def run(site: Site, plays: list[dict[str, t.Any]], hosts: dict[str, t.Any], *options: str, **env: str) -> Played:
    """A playbook of this test, with its own hosts; the records must not show."""
    playbook = site.folder / "play.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    played = site.play(str(playbook), "-v", "-f", "5", *options, env={"ANSIBLE_PIPELINING": "true", **env}, hosts=hosts)
    for record in (FIRST, SECOND):
        assert record["token_value"] not in played.output
    return played


def test_a_life_in_hashicorp_vault(site: Site, services: Services) -> None:
    services.vault.clear()
    store = {"type": "tasks", "recipe": "hashicorp_vault", "url": services.url, "path": "klaviyo/acme"}
    store["token"] = services.key
    assert play(site, "klaviyo_setup", "--check", klaviyo_token_store=store).ok().changed > 0
    assert services.vault == []
    play(site, "klaviyo_setup", klaviyo_token_store=store).ok()
    assert live(site) == [str((services.vault[-1] or {})["token_id"])] and len(services.vault) == 2, (
        "first what is about to be made is stored, then the token"
    )
    assert site.objections == set()
    assert play(site, "klaviyo_setup", klaviyo_token_store=store).ok().changed == 0
    play(site, "klaviyo_rotate", klaviyo_token_store=store).ok()
    assert len(live(site)) == 2 and len(services.vault) == 4
    play(site, "klaviyo_offboard", klaviyo_token_store=store, klaviyo_offboard_in_use=True).ok()
    assert live(site) == [] and services.vault[-1] == {}


def live(site: Site, name: str = "klaviyo-import") -> list[str]:
    state = site.state
    mine = {one["application_id"] for one in state["service_principals"] if one["display_name"] == name}
    return [one["token_id"] for one in state["tokens"] if one["owner"] in mine and one["live"]]


HAVE_A_TOKEN = [
    INPUTS,
    included("principal_service_principal"),
    {
        "name": "Let it use tokens",
        "lakeops.databricks.permission": {
            "object_type": "tokens",
            "principal": "{{ _partner_made.service_principal.application_id }}",
            "level": "CAN_USE",
        },
    },
    included("token"),
]


def test_an_encrypted_file_and_a_secret_of_the_workspace(site: Site) -> None:
    """Each is read again by the next run, and by nobody else."""
    file, password = site.folder / "encrypted.json", site.folder / "password"
    password.write_text("correct horse battery staple", encoding="utf-8")
    scope = {"type": "databricks_secret", "scope": "klaviyo", "key": "token", "create_scope": True}
    hosts = {
        name: {
            **site.variables,
            "klaviyo_catalog": site.catalog,
            "klaviyo_principal_name": f"klaviyo-{name}",
            "klaviyo_token_store": store,
        }
        for name, store in (("file", {"type": "file", "path": str(file)}), ("scope", scope))
    }
    proof = {
        "name": "Act with the stored token",
        "lakeops.databricks.workspace_info": {"token_store": "{{ klaviyo_token_store }}"},
    }
    plays = [{"name": "Have tokens", "hosts": "all", "gather_facts": False, "tasks": [*HAVE_A_TOKEN, proof]}]
    env = {"DATABRICKS_TOKEN": site.ready["token"]}
    for _run in range(2):
        played = run(site, plays, hosts, "-vvvv", "--vault-password-file", str(password), **env).ok()
        assert leaks(site.host, played.output, *files_below(site.folder, site.folder / "mine.json")) == []
    assert played.changed == 0
    vault = VaultLib([("default", VaultSecret(password.read_bytes()))])
    opened = json.loads(vault.decrypt(file.read_bytes()))
    assert file.stat().st_mode & 0o777 == 0o600 and live(site, "klaviyo-file") == [opened["token_id"]]
    assert "no vault secret" in run(site, plays, {"file": hosts["file"]}, **env).failed().output
    runner = site.client().current_user.me().user_name
    made = [one for one in site.state["secret_scopes"] if one["name"] == "klaviyo"]
    assert [one["acls"] for one in made] == [{runner: "MANAGE"}]
    text = base64.b64decode(site.client().secrets.get_secret("klaviyo", "token").value or "")
    assert live(site, "klaviyo-scope") == [json.loads(text)["token_id"]]


def test_tasks_that_ansible_cannot_run_are_refused_before_any_change(site: Site) -> None:
    """Ansible reads them when it includes them, and would end the runs of all hosts."""
    folder = site.folder / "unfit"
    folder.mkdir()
    files = {
        "get": GET,
        "put": PUT,
        "missing": "- name: Read it\n  community.nowhere.secret:\n    name: x\n",
        "empty": "- name: Write it\n  register: klaviyo_store_answer\n",
        "shown": "- name: Write {{ klaviyo_store_record }}\n  ansible.builtin.debug:\n",
        "half": "- name: [half\n",
    }
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    why = "is none that Ansible can run"
    cases = {
        "fine": ("get", "put", ""),
        "missing": ("missing", "put", f"get: {{file}}: the task 'Read it' {why}: couldn't resolve module/action"),
        "empty": ("get", "empty", f"put: {{file}}: the task 'Write it' {why}: no module/action detected in task."),
        "shown": ("get", "shown", "put: {file}: the task 'Write {{ klaviyo_store_record }}' would show the record"),
        "half": ("half", "put", "get: {file} cannot be read: "),
    }
    hosts = {
        name: {
            **site.variables,
            "klaviyo_token_store": {
                "type": "tasks",
                "get": str(folder / f"{get}.yml"),
                "put": str(folder / f"{put}.yml"),
                "where": str(folder / "record"),
            },
        }
        for name, (get, put, _said) in cases.items()
    }
    site.forget_journal()
    played = site.play("klaviyo_preflight", hosts=hosts, env={"DATABRICKS_TOKEN": site.ready["token"]}).failed()
    assert re.search(r"fine\s+: ok=\d+ .*? failed=0", played.output)
    for name, (_get, _put, said) in cases.items():
        shown = re.sub(r"\s+", " ", " ".join(part for part in played.output.split("\n\n") if f"[{name}]" in part))
        file = str(folder / f"{name}.yml")
        assert f"klaviyo_token_store.{said.replace('{file}', file)}" in shown or not said, (name, shown)
    assert site.mutating() == [] and not (folder / "record").exists()


def test_tasks_of_ones_own_that_go_wrong(site: Site) -> None:
    """Each host has other tasks, and a principal of its own; what goes wrong is said without a secret."""
    folder = site.folder / "own"
    folder.mkdir()
    for name, text in (("get", GET), ("put", PUT), ("forget", "[]\n"), ("fail", FAIL)):
        (folder / f"{name}.yml").write_text(f"---\n{text}", encoding="utf-8")
    (folder / "notes").write_text("milk, eggs", encoding="utf-8")
    hosts = {
        name: {
            **site.variables,
            "klaviyo_catalog": site.catalog,
            "klaviyo_principal_name": f"klaviyo-{name}",
            "klaviyo_token_store": {
                "type": "tasks",
                "get": str(folder / f"{get}.yml"),
                "put": str(folder / f"{put}.yml"),
                "where": str(folder / name),
            },
        }
        for name, get, put in (
            ("good", "get", "put"),
            ("forgetful", "get", "forget"),
            ("unwritable", "get", "fail"),
            ("unreadable", "fail", "put"),
            ("notes", "get", "put"),
        )
    }
    plays = [{"name": "Have tokens", "hosts": "all", "gather_facts": False, "tasks": HAVE_A_TOKEN}]
    env = {"DATABRICKS_TOKEN": site.ready["token"]}
    # A host that did not fail looks through what Ansible keeps of those that did.
    facts = ("ansible_failed_result", "klaviyo_store_record", "klaviyo_store_answer")
    kept = " ".join(f"{{{{ hostvars[item].{fact} }}}}" for fact in facts)
    file = {"content": kept, "dest": f"{folder}/known-of-{{{{ item }}}}", "mode": "0600"}
    look = {
        "name": "Look at those that failed",
        "ansible.builtin.copy": file,
        "loop": [name for name in hosts if name not in ("good", "notes")],
        "when": "inventory_hostname == 'good'",
    }
    watched = [{**plays[0], "tasks": [*HAVE_A_TOKEN, look]}]
    played = run(site, watched, hosts, **env).failed()
    known = [path.read_text(encoding="utf-8") for path in folder.glob("known-of-*")]
    assert known == ["{}  {}"] * 3
    assert leaks(site.host, played.output) == []
    for host, said in (
        ("forgetful", "forget.yml did not store the record"),
        ("unwritable", 'what failed is the task \\"Write where nothing can be written\\"'),
        ("unreadable", "could not read the record. Its output is hidden. Nothing was changed."),
        ("notes", "holds something that is not the record of a token"),
    ):
        fatal = [
            line for line in re.split(r"\n(?=fatal|ok|changed|TASK|PLAY)", played.output) if f"fatal: [{host}]" in line
        ]
        assert any(said in line for line in fatal), fatal
    assert (folder / "notes").read_text(encoding="utf-8") == "milk, eggs"
    assert {name: len(live(site, f"klaviyo-{name}")) for name in hosts} == {
        "good": 1,
        "forgetful": 0,
        "unwritable": 0,
        "unreadable": 0,
        "notes": 0,
    }
    # With good tasks the next run stores a token, and revokes the one that was made in vain.
    mended = {name: hosts[name] for name in ("good", "forgetful", "unwritable")}
    for host in mended.values():
        host["klaviyo_token_store"]["put"] = str(folder / "put.yml")
    played = run(site, plays, mended, **env).ok()
    assert leaks(site.host, played.output) == []
    assert re.search(r"good\s+: ok=\d+\s+changed=0", played.output)
    for name in mended:
        assert live(site, f"klaviyo-{name}") == [json.loads((folder / name).read_text())["token_id"]]
