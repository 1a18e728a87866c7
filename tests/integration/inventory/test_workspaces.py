# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin, asked by the real ansible-inventory, on the account of a sandbox."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import environment
from tests.support.sandbox import Sandbox, running_sandbox

LIST = "*/workspaces"


@pytest.fixture(scope="module")
def started() -> t.Iterator[Sandbox]:
    with running_sandbox("--account", "--workspaces", "3") as running:
        yield running


@pytest.fixture
def workspaces(started: Sandbox) -> list[Sandbox]:
    found = [Sandbox(one) for one in started.ready["workspaces"]]
    for one in found:
        one.reset()
    return found


def source(folder: Path, sandbox: Sandbox, name: str = "", **options: t.Any) -> Path:
    """An inventory file that only its owner may read; an option that is None is left out."""
    ready = sandbox.ready
    given = {
        "plugin": "lakeops.databricks.workspaces",
        "host": ready["account_host"],
        "account_id": ready["account_id"],
        "client_id": ready["client_id"],
        "client_secret": ready["client_secret"],
        **options,
    }
    path = folder / f"{name}databricks_workspaces.yml"
    path.touch(mode=0o600)
    path.write_text(json.dumps({key: value for key, value in given.items() if value is not None}), encoding="utf-8")
    return path


def inventory(*sources: Path, options: t.Sequence[str] = (), **env: str) -> tuple[dict[str, t.Any], str]:
    """What ansible-inventory lists, and what it says besides in one line."""
    listed = sources[0].with_name("listed.json")
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "--list", "--output", str(listed), *options]
    for one in sources:
        command += ["-i", str(one)]
    only = {"ANSIBLE_INVENTORY_ENABLED": "lakeops.databricks.workspaces", "COLUMNS": "100000"}
    wanted = {**environment(), **only, "HOME": str(sources[0].parent), **env}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=wanted, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    # What comes from outside is marked: Ansible will never take it for a template.
    found = json.loads(listed.read_text(encoding="utf-8"), object_hook=lambda one: one.get("__ansible_unsafe", one))
    return found, " ".join((done.stdout + done.stderr).split())


def test_hosts_groups_and_variables(workspaces: list[Sandbox], tmp_path: Path) -> None:
    ready = workspaces[0].ready
    path = source(
        tmp_path,
        workspaces[0],
        client_secret="{{ lookup('env', 'ACCOUNT_SECRET') }}",
        keyed_groups=[{"key": "databricks_workspace.tags.team", "prefix": "team"}],
        groups={"us": "databricks_workspace.region.startswith('us-')"},
        compose={"klaviyo_catalog": "databricks_workspace.name | replace('-', '_')"},
    )
    found, said = inventory(path, options=["-vvvv"], ACCOUNT_SECRET=ready["client_secret"])
    names = ["dbc-sandbox-1", "dbc-sandbox-2", "dbc-sandbox-3"]
    hosts = found["_meta"]["hostvars"]
    assert sorted(hosts) == names
    assert hosts[names[1]] == {
        "ansible_connection": "local",
        "databricks_host": ready["account_host"],
        "databricks_account_id": ready["account_id"],
        "databricks_workspace_id": workspaces[1].ready["workspace_id"],
        "databricks_workspace": {
            "account_id": ready["account_id"],
            "workspace_id": workspaces[1].ready["workspace_id"],
            "name": "sandbox-2",
            "deployment_name": "dbc-sandbox-2",
            "host": ready["account_host"],
            "unified": True,
            "cloud": "aws",
            "region": "us-east-1",
            "status": "RUNNING",
            "status_message": "Workspace is running.",
            "pricing_tier": "PREMIUM",
            "tags": {"team": "finance"},
            "azure_resource_group": None,
            "azure_subscription_id": None,
        },
        "klaviyo_catalog": "sandbox_2",
    }
    groups = {name: sorted(found[name]["hosts"]) for name in found if found[name].get("hosts")}
    of_all = ("", "_cloud_aws", "_region_us_east_1", "_status_running", "_tier_premium")
    assert groups == {
        **{f"databricks{name}": names for name in of_all},
        "databricks_tag_team_finance": [names[1]],
        "databricks_tag_team_marketing": [names[0], names[2]],
        "team_finance": [names[1]],
        "team_marketing": [names[0], names[2]],
        "us": names,
    }
    assert ready["client_secret"] not in said + json.dumps(found)


def test_filters_names_and_what_is_left_out(workspaces: list[Sandbox], tmp_path: Path) -> None:
    workspaces[1].set(workspace_status="FAILED")
    workspaces[2].set(workspace_status="PROVISIONING")
    one = source(tmp_path, workspaces[0], "a.", hostnames=["name"], default_groups=False)
    other = source(tmp_path, workspaces[0], "b.", statuses=["FAILED"], hostnames=["workspace_id"])
    third = source(
        tmp_path,
        workspaces[0],
        "c.",
        statuses=["RUNNING", "FAILED", "PROVISIONING"],
        include_filters=[{"tags": {"team": "MARKET*"}}, {"name": ["x", "*-2"]}],
        exclude_filters=[{"status": "running"}, {"cloud": "aws", "name": "*-2"}],
    )
    none = source(tmp_path, workspaces[0], "d.", include_filters=[{"region": "eu-*"}])
    found, said = inventory(one, other, third, none)
    hosts = found["_meta"]["hostvars"]
    assert sorted(hosts) == sorted(["sandbox-1", workspaces[1].ready["workspace_id"], "dbc-sandbox-3"])
    assert [name for name in found if "sandbox-1" in found[name].get("hosts", [])] == ["ungrouped"]
    warnings = [re.sub(r"^ *: \S*/", "", part) for part in said.split("[WARNING]")[1:]]
    assert [one.strip() for one in warnings] == [
        "a.databricks_workspaces.yml: workspaces that are not RUNNING are left out: sandbox-2 (FAILED), sandbox-3 "
        "(PROVISIONING). Option statuses says which are taken.",
        "d.databricks_workspaces.yml: no workspace of the 3 that the account shows fits statuses and filters.",
    ]


def test_each_refusal_says_what_to_do(workspaces: list[Sandbox], tmp_path: Path) -> None:
    """All at once, since each start of ansible-inventory takes its time; a source that fails is a warning."""
    first = workspaces[0]
    ready = first.ready
    profiles = tmp_path / "profiles"
    profiles.touch(mode=0o600)
    profiles.write_text(f"[PAT]\nhost = {ready['account_host']}\ntoken = {ready['token']}\n", encoding="utf-8")
    # Of an account that shows a list, in the order in which the sources below are read.
    bodies = [
        ('{"workspaces": [], "next_page_token": "again"}', 2),
        ("[]", 1),
        ("{}", 1),
        ("<html><title>Maintenance</title></html>", 1),
        ('[{"workspace_name": "nameless"}]', 1),
        ('[{"workspace_id": 1, "workspace_name": "twin"}, {"workspace_id": 2, "workspace_name": "twin"}]', 1),
    ]
    for body, times in bodies:
        kind = "text/html" if "<html" in body else "application/json"
        first.fault(method="GET", path=LIST, body=body, times=times, content_type=kind)
    needs = (
        "Hint: The API of an account takes OAuth of an administrator of the account, such as client_id and "
        "client_secret of a service principal with the role account admin; a personal access token is good for one "
        "workspace only."
    )
    where = (
        "Hint: Check account_id, which the account console shows, and that host is that account's: "
        "https://accounts.cloud.databricks.com, https://accounts.azuredatabricks.net or "
        "https://accounts.gcp.databricks.com, unless the account has an address of its own."
    )
    nothing = (
        "The account shows this caller no workspace. This is an error, since an inventory without hosts may look as if "
        "all workspaces were gone. Hint: Check account_id, and that the caller is an administrator of the account. If "
        "it is right that there is none, set allow_empty."
    )
    other = "00000000-0000-4000-8000-000000000000"
    doing = "Could not list the workspaces of the account"
    cases: list[tuple[dict[str, t.Any], str]] = [
        ({}, f"{doing}: the list has no end, since the account names the same next page for ever."),
        ({}, nothing),
        ({}, nothing),
        ({}, f"{doing}: the host answered HTTP 200 with a web page (Maintenance) instead of JSON. {where}"),
        ({}, f"{doing}: one of them has no workspace_id."),
        (
            {"hostnames": ["name"]},
            "hostnames: the workspaces 1, 2 would all be called 'twin'. Add workspace_id, or use it.",
        ),
        ({"account_id": other}, f"Could not sign in to the account: Account {other} does not exist. {where}"),
        ({"account_id": "mine"}, "account_id: 'mine' is not an account ID, which the account console shows."),
        (
            {"client_secret": "wrong"},
            "Could not sign in to the account: invalid_client: Client authentication failed. Hint: The ID or the "
            "secret is wrong, or the secret was deleted. The API of an account takes OAuth of an administrator",
        ),
        (
            {"client_id": None, "client_secret": None, "profile": "PAT", "config_file": "profiles", "host": None},
            "Could not sign in to the account: the environment or the profile gives a credential of a workspace. "
            + needs,
        ),
        (
            {"host": None, "client_id": None, "client_secret": None},
            "host: is missing. Set the option, DATABRICKS_HOST or a profile.",
        ),
        (
            {"host": "http://accounts.example.com"},
            "host: 'http://accounts.example.com' would send the credentials in clear",
        ),
        ({"host": first.host}, f"{doing}: No API found for 'GET /accounts/{ready['account_id']}/workspaces'. {where}"),
        (
            {"include_filters": [{"team": "x"}]},
            "include_filters: 'team' is not known; there are name, deployment_name, workspace_id, cloud, region, "
            "status, pricing_tier, tags.",
        ),
        ({"exclude_filters": [{}]}, "exclude_filters: holds an empty filter, which fits everything."),
        ({"strict": True, "compose": {"x": "nowhere.at.all"}}, "Could not set x for host dbc-sandbox-"),
    ]
    sources = [source(tmp_path, first, f"{number:02}.", **options) for number, (options, _said) in enumerate(cases)]
    found, said = inventory(*sources)
    parts = said.split("as an inventory source")
    for number, (_options, wanted) in enumerate(cases):
        part = next(one for one in parts if one.endswith(f"/{number:02}.databricks_workspaces.yml "))
        # Ansible says it once as a warning and perhaps once more as its cause, and nothing besides.
        assert f"plugin: {wanted}" in part and part.count(wanted) <= 2, (wanted, part)
    assert ready["client_secret"] not in said and ready["token"] not in said
    assert [name for name in found["_meta"]["hostvars"] if not name.startswith("dbc-sandbox-")] == []


def test_a_cache_asks_once_for_each_account_and_keeps_no_secret(workspaces: list[Sandbox], tmp_path: Path) -> None:
    first = workspaces[0]
    kept = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "kept"),
        "allow_empty": True,
    }
    path = source(tmp_path, first, **kept)
    before, _said = inventory(path)
    with first.recorded() as seen:
        assert inventory(path)[0] == before
    assert seen == []
    with first.recorded() as seen:
        assert inventory(path, options=["--flush-cache"])[0] == before
    assert [one for one in seen if one.endswith("/workspaces")]
    # The same file for another account must not be answered with this one's workspaces.
    other = source(tmp_path, first, **kept, account_id="00000000-0000-4000-8000-000000000000")
    found, said = inventory(other)
    assert not found["_meta"]["hostvars"] and "does not exist" in said
    held = "".join(one.read_text(encoding="utf-8") for one in (tmp_path / "kept").iterdir())
    assert "dbc-sandbox-1" in held and first.ready["client_secret"] not in held and "eyJ" not in held


def test_a_cache_is_of_the_account_that_the_profile_names(workspaces: list[Sandbox], tmp_path: Path) -> None:
    """The options are the same; the file of profiles, or what stands in it, is not."""
    first = workspaces[0]
    nobody = dict.fromkeys(("host", "account_id", "client_id", "client_secret"))
    kept = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "kept")}
    path = source(tmp_path, first, **nobody, **kept)
    files = [tmp_path / "mine", tmp_path / "other"]
    for file, account in zip(files, (first.ready["account_id"], "00000000-0000-4000-8000-000000000000"), strict=True):
        file.touch(mode=0o600)
        file.write_text(
            f"[DEFAULT]\nhost = {first.ready['account_host']}\naccount_id = {account}\n"
            f"client_id = {first.ready['client_id']}\nclient_secret = {first.ready['client_secret']}\n",
            encoding="utf-8",
        )
    before, _said = inventory(path, DATABRICKS_CONFIG_FILE=str(files[0]))
    assert "dbc-sandbox-1" in before["_meta"]["hostvars"]
    with first.recorded() as seen:
        assert inventory(path, DATABRICKS_CONFIG_FILE=str(files[0]))[0] == before
    assert seen == []
    found, said = inventory(path, DATABRICKS_CONFIG_FILE=str(files[1]))
    assert not found["_meta"]["hostvars"] and "does not exist" in said
    files[0].write_bytes(files[1].read_bytes())
    found, said = inventory(path, DATABRICKS_CONFIG_FILE=str(files[0]))
    assert not found["_meta"]["hostvars"] and "does not exist" in said


def test_an_empty_account_if_that_is_right(workspaces: list[Sandbox], tmp_path: Path) -> None:
    workspaces[0].fault(method="GET", path=LIST, body="[]", times=1)
    found, said = inventory(source(tmp_path, workspaces[0], allow_empty=True))
    assert found["_meta"]["hostvars"] == {} and "Failed to parse" not in said
