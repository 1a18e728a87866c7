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
import tempfile
import typing as t
from pathlib import Path

import pytest

from tests.support.interpreter import CLIENTS, loaded_interpreter
from tests.support.klaviyo import ROOT, Site, start_site

HERE = Path(__file__).parent
SPECIAL_CASES, EVERY_MODULE = "special_cases.yml", "every_module.yml"
PATHS = {"auto": "runs inside the worker", "never": "runs as a program: databricks_in_process is never"}
# Numbers that the service gives anew to every object and every answer.
_NEW_EACH_TIME = {"id", "application_id", "request_id", "days_left"}
_NEW_IN_TEXTS = {
    "an id": re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    "a token's id": re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b"),
    "a time": re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"),
    "a file": re.compile(r"/\S*/(?:auto|never)\.json"),
}


Run = tuple[dict[str, t.Any], str]


def run(site: Site, folder: Path, play: str, choice: str, *options: str, python: Path | None = None) -> Run:
    """Registered results and everything shown, with a host that says nothing about its Python unless one is given."""
    shutil.copy(HERE / play, folder)
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
        **({"ansible_python_interpreter": str(python)} if python else {}),
    }
    inventory = folder / f"{choice}-inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"acme": host}}}), encoding="utf-8")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ANSIBLE_"))}
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-playbook")),
            str(folder / play),
            "-i",
            str(inventory),
            *options,
        ],
        check=False,
        cwd="/",
        # Since ansible-core 2.21 the invocation is part of a result only where that is asked for.
        env={**mine, "ANSIBLE_NOCOLOR": "true", "ANSIBLE_INJECT_INVOCATION": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown[-6000:]
    return json.loads(results.read_text(encoding="utf-8")), shown


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture(scope="module")
def both(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Each way's results and output, with all that -vvv adds to them."""
    folder = tmp_path_factory.mktemp("both")
    return {choice: run(site, folder, SPECIAL_CASES, choice, "-vvv") for choice in PATHS}


@pytest.fixture(scope="module")
def lives(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The same for a play with every module."""
    folder = tmp_path_factory.mktemp("lives")
    # Some 150 programs; that one starts without help is shown by the other play.
    with tempfile.TemporaryDirectory(prefix="lives-") as short, loaded_interpreter(Path(short), *CLIENTS) as python:
        return {choice: run(site, folder, EVERY_MODULE, choice, "-vvv", python=python) for choice in PATHS}


def comparable(value: t.Any) -> t.Any:
    """The value without what cannot be the same twice."""
    if isinstance(value, dict):
        return {name: "new" if name in _NEW_EACH_TIME and held else comparable(held) for name, held in value.items()}
    if isinstance(value, list):
        items = [comparable(item) for item in value]
        # Lists of principals are in the order of ids that are new each time.
        return (
            sorted(items, key=repr) if any("principal" in item for item in items if isinstance(item, dict)) else items
        )
    if isinstance(value, str):
        for name, pattern in _NEW_IN_TEXTS.items():
            value = pattern.sub(name, value)
    return value


def test_each_way_was_taken_and_said_so(both):
    for choice, sentence in PATHS.items():
        other = next(said for name, said in PATHS.items() if name != choice)
        assert sentence in both[choice][1]
        assert other not in both[choice][1]


@pytest.mark.parametrize("plays", ["both", "lives"])
def test_the_results_are_the_same_field_by_field(plays, request):
    played = request.getfixturevalue(plays)
    inside, program = played["auto"][0], played["never"][0]
    assert set(inside) == set(program)
    for name in program:
        assert comparable(inside[name]) == comparable(program[name]), name


def test_every_module_lived_on_both_ways(lives):
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")} - {
        "report",
        "report_audit",
        "access_profile",
    }  # always in the worker
    for choice, sentence in PATHS.items():
        ran = set(re.findall(rf"lakeops\.databricks\.(\w+) {re.escape(sentence)}", lives[choice][1]))
        assert ran | {"warehouse_info"} == modules, choice  # that one has a play of its own


@pytest.mark.parametrize("choice", PATHS)
def test_lives_went_as_they_were_meant(lives, choice):
    results = lives[choice][0]
    for name, result in results.items():
        assert bool(result.get("failed")) == (name == "statement_failed"), name
        if name.endswith(("_announced", "_made", "_changed", "_dropped", "_removed", "_rotated", "_confirmed")):
            assert result["changed"], name
        elif name.endswith("_again"):
            assert not result["changed"], name
            assert result["diff"]["before"] == result["diff"]["after"] == {}, name
    rows = {one["id"]: one["rows"] for one in results["statements_run"]["results"]}
    assert rows["read"] == [[1, "2.50", "2026-01-02"]]
    assert results["grant_warned"].get("warnings") is None
    assert (
        results["workspace_as_principal"]["caller"]["application_id"]
        == results["statement_as_principal"]["results"][0]["rows"][0][0]
    )


@pytest.mark.parametrize("choice", PATHS)
def test_no_token_of_a_life_is_shown(lives, site, choice):
    results, shown = lives[choice]
    assert re.findall(r"dapi[0-9a-f]{32}", shown + json.dumps(results)) == []
    assert site.ready["token"] not in shown


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
