# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module gives the same result inside the worker as when it runs as a program, field by field."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import Site, start_site

PLAY = Path(__file__).with_name("play.yml")
PATHS = {"auto": "runs inside the worker", "never": "runs as a program: databricks_in_process is never"}
# Numbers that the service gives anew to every object and every answer.
_NEW_EACH_TIME = {"id", "application_id", "request_id"}


def run(site: Site, folder: Path, choice: str, *options: str) -> tuple[dict[str, t.Any], str]:
    """Registered results and everything shown, with a host that says nothing about its Python."""
    shutil.copy(PLAY, folder)
    (folder / "profiles.cfg").write_text(
        f"[other]\nhost = {site.host}\ntoken = {site.ready['token']}\n", encoding="utf-8"
    )
    results = folder / f"{choice}.json"
    host = {
        "ansible_connection": "local",
        "databricks_in_process": choice,
        "databricks_host": "{{ workspace_host }}",
        "databricks_token": "{{ workspace_token }}",
        "workspace_host": site.host,
        "workspace_token": site.ready["token"],
        "results_file": str(results),
    }
    inventory = folder / f"{choice}-inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"acme": host}}}), encoding="utf-8")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ANSIBLE_"))}
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-playbook")),
            str(folder / PLAY.name),
            "-i",
            str(inventory),
            *options,
        ],
        check=False,
        cwd="/",
        env={**mine, "ANSIBLE_NOCOLOR": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown[-6000:]
    return json.loads(results.read_text(encoding="utf-8")), shown


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture(scope="module")
def both(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, t.Any], str]]:
    """Each way's results and output, with all that -vvv adds to them."""
    folder = tmp_path_factory.mktemp("both")
    return {choice: run(site, folder, choice, "-vvv") for choice in PATHS}


def comparable(value: t.Any) -> t.Any:
    """The value without what cannot be the same twice."""
    if isinstance(value, dict):
        return {name: "new" if name in _NEW_EACH_TIME and held else comparable(held) for name, held in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value


def test_each_way_was_taken_and_said_so(both):
    for choice, sentence in PATHS.items():
        other = next(said for name, said in PATHS.items() if name != choice)
        assert sentence in both[choice][1]
        assert other not in both[choice][1]


def test_the_results_are_the_same_field_by_field(both):
    inside, program = both["auto"][0], both["never"][0]
    assert set(inside) == set(program)
    for name in program:
        assert comparable(inside[name]) == comparable(program[name]), name


@pytest.mark.parametrize("choice", PATHS)
def test_the_results_are_those_that_were_meant(both, choice):
    results = both[choice][0]
    assert [results[name]["changed"] for name in ("announced", "created", "again", "removed")] == [
        True,
        True,
        False,
        True,
    ]
    assert results["announced"]["diff"]["after"]["entitlements"] == ["databricks-sql-access"]
    for name in ("delegated", "from_environment", "from_profile"):
        assert results[name]["warehouses"] == results["listed"]["warehouses"] != [], name
    assert [each["warehouses"][0]["id"] for each in results["looped"]["results"]] == [
        warehouse["id"] for warehouse in results["listed"]["warehouses"]
    ]
    failed = {name: results[name]["msg"] for name in results if results[name].get("failed")}
    assert set(failed) == {"missing", "unknown", "wrong_type", "incomplete", "refused", "unreachable_workspace"}
    assert "http_timeout" in failed["wrong_type"]
    assert "nonsense" in failed["unknown"]
    assert results["unreachable_workspace"]["error"]["code"] == "UNREACHABLE"


def arguments(shown: str, task: str) -> dict[str, t.Any]:
    """What Ansible shows, when asked for details, as the arguments with which the module was called."""
    found = re.search(rf"TASK \[{re.escape(task)}\].*?=> (\{{\n.*?\n\}})", shown, re.DOTALL)
    assert found, f"nothing is shown for {task}"
    return json.loads(found[1])["invocation"]["module_args"]


@pytest.mark.parametrize("choice", PATHS)
def test_module_defaults_of_the_group_and_of_one_module_reach_the_task(both, choice):
    listed, created = (
        arguments(both[choice][1], task) for task in ("List the warehouses", "Create a service principal")
    )
    assert (listed["http_timeout"], listed["start_timeout"]) == (21, 77)
    assert created["http_timeout"] == 21
    assert "start_timeout" not in created


@pytest.mark.parametrize(
    "task",
    [
        "Create a service principal",
        "List the warehouses",
        "Show a token that is refused",
        "Call a workspace that is not there",
    ],
)
def test_the_invocation_is_the_same_and_censored(both, site, task):
    inside, program = (arguments(both[choice][1], task) for choice in PATHS)
    assert inside == program
    assert inside["token"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert inside["host"] == ("http://localhost:9" if task.startswith("Call") else site.host)


@pytest.mark.parametrize("choice", PATHS)
def test_no_token_is_shown(both, site, choice):
    results, shown = both[choice]
    assert site.ready["token"] not in shown
    assert site.ready["token"] not in json.dumps(results)
    assert not re.search("dapi0{32}", json.dumps(results))
