# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role in other people's plays: any way of using it, more than once, by tags; only klaviyo_result stays."""

from __future__ import annotations

import json
import re
import sys
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import HOST, Played, Site

ROLE = "lakeops.databricks.klaviyo"
Task = dict[str, t.Any]


def use(action: str = "include_role", entry: str = "main", **more: t.Any) -> Task:
    return {
        "name": "Use the role",
        f"ansible.builtin.{action}": {"name": ROLE, "tasks_from": entry},
        **more,
    }


def other(name: str) -> dict[str, t.Any]:
    """Variables of a second use, with a principal of its own."""
    return {
        "klaviyo_principal_name": f"klaviyo-{name}",
        "klaviyo_token_store": {"type": "file", "path": f"{{{{ klaviyo_report_dir }}}}/../store/{name}.json"},
        "klaviyo_report_dir": f"{{{{ playbook_dir }}}}/reports-{name}",
    }


SHOW = {
    "name": "Hand all variables on",
    "ansible.builtin.copy": {
        "dest": "{{ playbook_dir }}/hostvars.json",
        "content": "{{ hostvars[inventory_hostname] | to_json }}",
        "mode": "0600",
    },
    "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    "changed_when": False,
    "tags": "always",
}


SHOW_RESULT = {
    "name": "Keep the result of the first use",
    "ansible.builtin.copy": {
        "dest": "{{ playbook_dir }}/second.json",
        "content": "{{ klaviyo_result | to_json }}",
        "mode": "0600",
    },
    "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    "changed_when": False,
}


def play(
    site: Site, tasks: list[Task], *options: str, inventory: dict[str, t.Any] | None = None, **play_keys: t.Any
) -> Played:
    book = site.folder / "book.yml"
    whole = {"name": "Play", "hosts": "all", "gather_facts": False, **play_keys, "tasks": [*tasks, SHOW]}
    book.write_text(json.dumps([whole]), encoding="utf-8")
    return site.play(str(book), *options, hosts=inventory)


def held(site: Site) -> dict[str, t.Any]:
    return json.loads((site.folder / "hostvars.json").read_text(encoding="utf-8"))


def left(site: Site) -> dict[str, t.Any]:
    """What the role left on the host, which may be nothing but its result."""
    found = held(site)
    ours = {name for name, value in found.items() if value and name.startswith(("_klaviyo", "_partner", "partner_"))}
    assert ours == set()
    assert site.record["token_value"] not in json.dumps(found)
    return t.cast(dict[str, t.Any], found["klaviyo_result"])


@pytest.mark.parametrize("action", ["include_role", "import_role"])
def test_included_and_imported(connected: Site, action: str) -> None:
    assert play(connected, [use(action)]).ok().changed == 0
    result = left(connected)
    assert (result["status"], result["passed"], result["changed"]) == ("ok", True, False)
    assert result["token"]["token_id"] == connected.record["token_id"] and "token_value" not in result["token"]
    assert result["principal"] == connected.record["principal"]
    assert {"checks", "summary", "connection", "report"} <= set(result)


def test_in_the_list_of_roles(connected: Site) -> None:
    assert play(connected, [], roles=[ROLE]).ok().changed == 0
    assert left(connected)["passed"]


def test_another_entry_point_delegated_and_once(connected: Site) -> None:
    more = {"delegate_to": "localhost", "run_once": True}
    role = {"name": ROLE, "tasks_from": "verify", "apply": more}
    play(connected, [{"name": "Verify", "ansible.builtin.include_role": role}]).ok()
    assert left(connected)["passed"]


# A machine of its own, as far as Ansible knows: it has another connection and another Python than the play.
ELSEWHERE = """
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = '''
name: elsewhere
short_description: another machine
description: [Runs on this machine and is not local.]
author: [test]
extends_documentation_fragment: [connection_pipelining]
'''


class Connection(Local):
    transport = "elsewhere"
"""


def test_delegated_to_another_machine(connected: Site) -> None:
    """The modules run there as programs, with the workspace and the variables of the host of the play."""
    plugins = connected.folder / "connection_plugins"
    plugins.mkdir()
    (plugins / "elsewhere.py").write_text(ELSEWHERE, encoding="utf-8")
    worker = {"ansible_connection": "elsewhere", "ansible_python_interpreter": sys.executable}
    hosts = {HOST: connected.variables, "worker": worker}
    role = {"name": ROLE, "apply": {"delegate_to": "worker"}}
    tasks = [{"name": "Delegate", "ansible.builtin.include_role": role}]
    played = play(connected, tasks, "-vv", "--limit", f"{HOST},worker", hosts=HOST, inventory=hosts).ok()
    assert played.changed == 0 and left(connected)["passed"]
    ways = set(re.findall(r"lakeops\.databricks\.(\w+) (runs [^\n]*)", played.output))
    assert {name for name, _way in ways} >= {"preflight", "token", "access_check"}
    assert {way for _name, way in ways} == {"runs as a program: the connection is elsewhere, not local"}


@pytest.mark.parametrize("entry", ["main", "rotate", "offboard"])
def test_check_mode_by_a_keyword_of_the_play_is_check_mode(connected: Site, entry: str) -> None:
    """The variable ansible_check_mode knows the command line only, which says the other mode here."""
    connected.forget_journal()
    play(connected, [use(entry=entry, vars={"klaviyo_offboard_in_use": True})], check_mode=True).ok()
    assert connected.mutating() == []
    assert (connected.report["run"]["mode"], connected.report["status"]) == ("check", "unverified")


def test_a_play_that_is_exempt_from_check_mode_does_what_it_reports(connected: Site) -> None:
    play(connected, [use()], "--check", check_mode=False).ok()
    assert (connected.report["run"]["mode"], connected.report["status"]) == ("run", "ok")
    assert left(connected)["plan"] == {}


def test_what_stops_the_role_is_not_ignored_for_a_whole_play(connected: Site) -> None:
    """What a play ignores would be the reasons to change nothing, one after another."""
    partner = connected.client(connected.record["token_value"])
    partner.statement_execution.execute_statement("SELECT 1", connected.ready["warehouse_id"], wait_timeout="30s")
    connected.forget_journal()
    another = f"{'0' * 8}-{'0' * 8}-{'0' * 40}"
    wish = {"klaviyo_plan": another, "klaviyo_tmp_privileges": "all"}
    for tasks, says in (
        ([use("import_role", "offboard")], "Klaviyo used a token of klaviyo-import within the last day"),
        ([use("import_role", vars=wish)], "klaviyo_plan"),
        ([use("import_role", vars={"klaviyo_purge_surplus": "perhaps"})], "klaviyo_purge_surplus: is 'perhaps'"),
    ):
        played = play(connected, tasks, ignore_errors=True).failed()
        assert says in played.output and "has no attribute" not in played.output, played.output[-3000:]
        assert connected.mutating() == []


def test_nor_is_a_machine_that_cannot_be_reached(connected: Site, tmp_path: Path) -> None:
    """Where nothing could be looked at, nothing was removed either."""
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\nexit 255\n", encoding="utf-8")
    ssh.chmod(0o755)
    away = {"ansible_connection": "ssh", "ansible_ssh_executable": str(ssh)}
    before = (connected.folder / "reports" / HOST / "latest").resolve()
    role = [use("import_role", "offboard")]
    played = play(connected, role, inventory={HOST: {**connected.variables, **away}}, ignore_unreachable=True).failed()
    assert "unreachable=1" in played.output, played.output[-3000:]
    assert (connected.folder / "reports" / HOST / "latest").resolve() == before


def test_a_tag_that_is_applied_runs_all_of_it(connected: Site) -> None:
    role = {"name": ROLE, "apply": {"tags": "nightly"}}
    nightly = {"name": "Use the role", "ansible.builtin.include_role": role, "tags": "nightly"}
    connected.forget_journal()
    assert play(connected, [nightly], "--tags", "nightly").ok().changed == 0
    assert writes(connected) and left(connected)["passed"]
    connected.forget_journal()
    play(connected, [nightly], "--tags", "weekly").ok()
    assert connected.journal == []


def test_run_once_for_two_hosts(connected: Site) -> None:
    """One of them is verified, and both hold what it came to."""
    hosts = dict.fromkeys((HOST, "twin"), connected.variables)
    role = {"name": ROLE, "tasks_from": "verify", "apply": {"run_once": True}}
    check = {"name": "Look", "ansible.builtin.assert": {"that": "klaviyo_result.passed"}}
    connected.forget_journal()
    play(connected, [{"name": "Verify", "ansible.builtin.include_role": role}, check], inventory=hosts).ok()
    assert len([entry for entry in connected.journal if entry.get("call") == "OpenSession"]) <= 2
    assert left(connected)["passed"]


def test_the_result_is_handed_on_to_workflows(connected: Site) -> None:
    env = {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    output = connected.play("klaviyo_verify", env=env).ok().output
    assert '"klaviyo_result"' in output.split("CUSTOM STATS", 1)[1]


def test_twice_in_one_play_with_other_principals(connected: Site) -> None:
    """The second use of each kind is judged by what it finds itself."""
    first = use(vars=other("one"))
    again = use(entry="verify", vars=other("nobody"))
    played = play(connected, [first, again]).failed()
    assert "There is no token" in played.output, played.output[-3000:]
    broken = use(vars={"klaviyo_warehouse": "no-such-warehouse"})
    rescued = {"name": "Go on", "block": [broken], "rescue": [use(entry="verify")]}
    assert play(connected, [rescued]).ok()
    assert left(connected)["principal"] in (connected.record["principal"], "klaviyo-import")
    two = use(vars=other("two"))
    played = play(connected, [use(vars=other("one")), two, use()]).ok()
    names = {one["display_name"]: one["application_id"] for one in connected.state["service_principals"]}
    assert left(connected)["principal"] == names["klaviyo-import"]
    assert {"klaviyo-one", "klaviyo-two"} <= set(names)


def test_two_catalogs_in_one_play_have_nothing_in_common(connected: Site) -> None:
    """Each has its own principal, token, report and rights, whichever is used last."""
    mine, theirs = connected.variables["klaviyo_catalog"], connected.ready["catalog"]
    assert mine != theirs
    both = [use(vars={**other("second"), "klaviyo_catalog": theirs}), SHOW_RESULT, use()]
    play(connected, both).ok()
    second, first = json.loads((connected.folder / "second.json").read_text(encoding="utf-8")), left(connected)
    assert (second["passed"], first["passed"], first["changed"]) == (True, True, False)
    assert second["connection"]["catalog"].lower() == theirs and first["connection"]["catalog"].lower() == mine
    assert second["principal"] != first["principal"]
    assert second["token"]["token_id"] != first["token"]["token_id"]
    assert second["report"]["folder"] != first["report"]["folder"]
    assert play(connected, both).ok().changed == 0


def test_in_a_loop_over_item(connected: Site) -> None:
    looped = use(vars={**other("{{ item }}")}, loop=["one", "two"])
    assert play(connected, [looped]).ok()
    assert play(connected, [looped]).ok().changed == 0
    assert left(connected)["status"] == "ok"


def writes(site: Site) -> bool:
    return any("CREATE TABLE" in str(entry.get("statement")) for entry in site.journal)


@pytest.mark.parametrize("action", ["import_role", "include_role"])
def test_a_tag_verifies_alone(connected: Site, action: str) -> None:
    connected.forget_journal()
    play(connected, [use(action, **({"tags": "always"} if action == "include_role" else {}))], "--tags", "verify").ok()
    assert writes(connected), "what Klaviyo will do was done"
    assert not [entry for entry in connected.journal if "token-management" in entry["path"]]
    assert left(connected)["passed"]


@pytest.mark.parametrize("tag", ["preflight", "schemas", "principal", "access", "token", "report"])
def test_every_tag_works_alone(connected: Site, tag: str) -> None:
    connected.forget_journal()
    played = connected.play("klaviyo_setup", "--tags", tag).ok()
    assert played.changed == 0
    assert writes(connected) is False
    asked = {
        "preflight": "/workspace-conf",
        "schemas": "/unity-catalog/schemas/",
        "principal": "/ServicePrincipals",
        "access": "/permissions/authorization/tokens",
        "token": "/token-management/tokens",
    }
    if tag in asked:
        assert [entry for entry in connected.journal if asked[tag] in entry["path"]], f"{tag} did nothing"


@pytest.mark.parametrize("tag", ["token", "verify", "report"])
def test_a_tag_of_a_verification_runs_all_of_it(connected: Site, tag: str) -> None:
    connected.forget_journal()
    played = connected.play("klaviyo_verify", "--tags", tag).ok()
    assert "acme: ok: " in played.output
    assert any(entry.get("call") == "OpenSession" for entry in connected.journal)


def test_a_tag_finds_out_what_is_broken(connected: Site) -> None:
    client, record = connected.client(), connected.record
    path = f"/api/2.1/unity-catalog/permissions/schema/{connected.catalog}.klaviyo_tmp"
    for change, ends in (("remove", 2), ("add", 0)):
        body = {"changes": [{"principal": record["principal"], change: ["CREATE_TABLE"]}]}
        client.api_client.do("PATCH", path, body=body)
        played = connected.play("klaviyo_setup", "--tags", "verify")
        assert played.status == ends, played.output[-3000:]
    assert f"{HOST}: ok" in played.output


def test_more_than_the_wish_is_drift_and_shows_the_connection_sheet(connected: Site) -> None:
    client, record = connected.client(), connected.record
    path = f"/api/2.1/unity-catalog/permissions/schema/{connected.catalog}.klaviyo_import_from_dwh"
    client.api_client.do("PATCH", path, body={"changes": [{"principal": record["principal"], "add": ["MODIFY"]}]})
    output = connected.play("klaviyo_verify").failed().output
    client.api_client.do("PATCH", path, body={"changes": [{"principal": record["principal"], "remove": ["MODIFY"]}]})
    assert f"{HOST}: drift: surplus_import" in output and '"show_token"' in output
    assert connected.report["status"] == "drift"


def test_what_comes_through_everybody_fails_if_that_is_wished(connected: Site) -> None:
    client = connected.client()
    path = f"/api/2.1/unity-catalog/permissions/schema/{connected.catalog}.klaviyo_import_from_dwh"
    client.api_client.do("PATCH", path, body={"changes": [{"principal": "account users", "add": ["MODIFY"]}]})
    warned = connected.play("klaviyo_verify").ok().output
    strict = connected.play("klaviyo_verify", klaviyo_least_privilege="strict").failed().output
    client.api_client.do("PATCH", path, body={"changes": [{"principal": "account users", "remove": ["MODIFY"]}]})
    assert "warned: indirect_import" in warned and "failed: indirect_import" in strict


@pytest.mark.parametrize("task", ["Have the schemas", "Grant the privileges", "Verify as the principal"])
def test_a_play_may_begin_in_its_middle(connected: Site, task: str) -> None:
    played = connected.play("klaviyo_setup", "--start-at-task", f"*{task}*").ok()
    assert played.changed == 0
    assert "Read the variables" not in played.output, "it did not begin in the middle"
