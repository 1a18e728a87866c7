# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A use that fails before its end leaves no result, and nothing of it is taken for another use's."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.klaviyo import HOST, Played, Site

ROLE = "lakeops.databricks.klaviyo"
HOSTS = (HOST, "other")

GET = """---
- name: Look for the record
  ansible.builtin.stat:
    path: "{{ klaviyo_token_store.file }}"
  register: klaviyo_store_answer
- name: Read the record
  ansible.builtin.set_fact:
    klaviyo_store_record: >-
      {{ lookup('ansible.builtin.file', klaviyo_token_store.file) if klaviyo_store_answer.stat.exists else '' }}
"""
PUT = """---
- name: Write the record
  ansible.builtin.copy:
    content: "{{ klaviyo_store_record }}"
    dest: "{{ klaviyo_token_store.file }}"
    mode: "0600"
- name: Fail with the second writing
  ansible.builtin.file:
    path: "{{ klaviyo_token_store.file }}.broken"
    state: absent
  failed_when: klaviyo_token_store.broken and 'token_value' in klaviyo_store_record
"""
TABLE = {
    "name": "Say how all workspaces stand",
    "ansible.builtin.debug": {"msg": "{{ hostvars | lakeops.databricks.standing_table(ansible_play_hosts_all) }}"},
    "run_once": True,
}


def use(entry: str, **variables: t.Any) -> dict[str, t.Any]:
    role = {"name": ROLE, "tasks_from": entry}
    return {"name": f"Use {entry}", "ansible.builtin.include_role": role, "vars": variables}


def failing(task: dict[str, t.Any]) -> dict[str, t.Any]:
    """A use that fails, after which the play goes on."""
    return {"name": "Fail", "block": [task], "rescue": [{"name": "Go on", "ansible.builtin.meta": "clear_host_errors"}]}


def play(site: Site, *tasks: dict[str, t.Any], keys: dict[str, t.Any] | None = None, **more: t.Any) -> Played:
    book = site.folder / "later.json"
    whole = {"name": "Play", "hosts": "all", "gather_facts": False, **(keys or {}), "tasks": tasks}
    book.write_text(json.dumps([whole]), encoding="utf-8")
    return site.play(str(book), **more)


def rows(played: Played) -> list[str]:
    return re.findall(r'^ +"(.*?)",?$', played.ok().output.partition("[Say how all")[2], re.MULTILINE)


def test_the_table_shows_no_result_of_an_earlier_use(connected: Site) -> None:
    """One of two workspaces verifies well, and cannot be verified any more later in the play."""
    hosts = {name: dict(connected.variables) for name in HOSTS}
    hosts["other"]["later"] = {
        "klaviyo_token_store": {"type": "tasks", "get": "/nowhere/get.yml", "put": "/nowhere/put.yml"}
    }
    store = "{{ (later | default({})).klaviyo_token_store | default(klaviyo_good) }}"
    for name in HOSTS:
        hosts[name]["klaviyo_good"] = hosts[name]["klaviyo_token_store"]
    shown = rows(play(connected, use("verify"), failing(use("verify", klaviyo_token_store=store)), TABLE, hosts=hosts))
    assert shown[1].startswith("other") and "no result" in shown[1], shown
    assert shown[-1] == "total of 2: 1 no result, 1 ok"


def test_nor_that_of_one_whose_variables_are_refused(connected: Site) -> None:
    hosts = {name: {**connected.variables, "choice": "no" if name == "other" else "warn"} for name in HOSTS}
    again = failing(use("verify", klaviyo_least_privilege="{{ choice }}"))
    assert rows(play(connected, use("verify"), again, TABLE, hosts=hosts))[-1] == "total of 2: 1 no result, 1 ok"


@pytest.mark.parametrize("entry", ["main", "preflight"])
def test_a_host_whose_play_ends_with_another_one_says_so(connected: Site, entry: str) -> None:
    """Nothing failed on it, so there is no failed task to tell of."""
    hosts = {HOST: connected.variables, "other": {**connected.variables, "klaviyo_catalog": "no_such_catalog"}}
    output = play(connected, use(entry), hosts=hosts, keys={"any_errors_fatal": True}).failed().output
    assert "Nothing failed on this host. The play was ended since it failed on another one" in output, output[-3000:]
    assert "undefined" not in output and "Report of this run, as far as it got" in output
    assert connected.report["status"] == "failed"


def test_what_a_failed_use_did_is_not_said_to_be_the_next_ones(connected: Site, tmp_path: Path) -> None:
    """With a store of own tasks several rounds are added up, of this use and of no other."""
    (tmp_path / "get.yml").write_text(GET, encoding="utf-8")
    (tmp_path / "put.yml").write_text(PUT, encoding="utf-8")
    files = {"type": "tasks", "get": str(tmp_path / "get.yml"), "put": str(tmp_path / "put.yml")}
    kept = {**files, "file": str(tmp_path / "record.json"), "broken": False}
    broken = {**files, "file": str(tmp_path / "broken.json"), "broken": True}
    python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "klaviyo_principal_name": "own-tasks"}
    play(connected, use("main", klaviyo_token_store=kept, **python)).ok()
    # What was made for the first is not in the report of the second, nor in its result.
    unchanged = {
        "name": "Look",
        "ansible.builtin.assert": {"that": ["klaviyo_result.passed", "not klaviyo_result.changed"]},
    }
    other = {**python, "klaviyo_principal_name": "own-tasks-broken"}
    played = play(
        connected,
        failing(use("main", klaviyo_token_store=broken, **other)),
        use("main", klaviyo_token_store=kept, **python),
        unchanged,
    ).ok()
    assert "did not store the record" in played.output
    assert connected.report["changed"] == [], connected.report["changed"]


def test_what_is_forgotten_at_the_end_is_forgotten_at_the_beginning() -> None:
    tasks = Path(__file__).resolve().parents[3] / "roles" / "partner" / "tasks"
    begin, end = (yaml.safe_load((tasks / f"{name}.yml").read_text("utf-8"))[0] for name in ("begin", "end"))
    assert set(begin["ansible.builtin.set_fact"]) == set(end["ansible.builtin.set_fact"])
