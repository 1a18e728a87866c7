# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a task takes in a real play, and what a user sees of a long wait."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import Site, start_site

LOOK = {"lakeops.databricks.schema_info": {"catalog": "main"}}
START = {"lakeops.databricks.warehouse_info": {"warehouse": "Cold Warehouse", "state": "running"}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("site"), "--cold-start-seconds", "7") as started:
        yield started


def play(site: Site, folder: Path, task: dict[str, t.Any], *options: str, **host: t.Any) -> tuple[int, str]:
    """A play of one task: its exit status and what it showed."""
    variables = {**site.variables, **host}
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": {"acme": variables}}}), encoding="utf-8")
    content = [{"hosts": "all", "gather_facts": False, "tasks": [{"name": "The task", **task}]}]
    (folder / "play.json").write_text(json.dumps(content), encoding="utf-8")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ANSIBLE_"))}
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, "play.json", "-i", "inventory.json", *options],
        check=False,
        cwd=folder,
        env={**mine, "ANSIBLE_NOCOLOR": "true", "ANSIBLE_ASYNC_DIR": str(folder / "async")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("keywords", "host", "way"),
    [
        ({}, {}, "runs inside the worker"),
        # Ansible itself asks for the state of such a task, with the Python of the host.
        (
            {"async": 60, "poll": 1},
            {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "runs as a program: the task is asynchronous",
        ),
        ({"environment": {"TZ": "UTC"}}, {}, "runs as a program: a running process cannot take over TZ"),
        ({"environment": {"HTTPS_PROXY": "http://localhost:9"}}, {}, "runs inside the worker"),
        ({}, {"databricks_in_process": "never"}, "runs as a program: databricks_in_process is never"),
    ],
    ids=["plain", "async", "environment too late", "environment", "never"],
)
def test_the_task_succeeds_and_says_its_way(site, tmp_path, keywords, host, way):
    status, shown = play(site, tmp_path, {**LOOK, **keywords}, "-vv", **host)
    assert status == 0, shown
    assert f"lakeops.databricks.schema_info {way}" in shown


def test_another_user_is_not_played_by_the_worker(site, tmp_path):
    # Whether this user may become another one does not matter: the worker must not have run the module.
    _status, shown = play(site, tmp_path, {**LOOK, "become": True, "become_user": "nobody"}, "-vv")
    assert "lakeops.databricks.schema_info runs as a program: the task becomes another user" in shown


def test_a_wrong_choice_is_refused(site, tmp_path):
    status, shown = play(site, tmp_path, LOOK, databricks_in_process="sometimes")
    assert status != 0
    assert "databricks_in_process is 'sometimes'; give auto, always or never" in shown


def test_a_cold_warehouse_is_waited_for_in_sight(site, tmp_path):
    status, shown = play(site, tmp_path, START)
    assert status == 0, shown
    lines = re.findall(r"^warehouse_info: \[acme\] SQL warehouse Cold Warehouse \(\w+\) is STARTING; .*$", shown, re.M)
    assert 1 <= len(lines) <= 3, shown


def test_a_module_that_crashes_fails_its_task_and_not_the_play(site, tmp_path, monkeypatch):
    # The last thing before the module's own code that a user could break from outside.
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import sys\n"
        "if 'ansible-playbook' in sys.argv[0]:\n"
        "    import requests\n"
        "    class Broken(BaseException): pass\n"
        "    def request(*args, **kwargs): raise Broken('broken from below')\n"
        "    requests.Session.request = request\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    status, shown = play(site, tmp_path, {**LOOK, "register": "crashed", "ignore_errors": True})
    assert status == 0, shown
    assert "The module crashed: Broken: broken from below." in shown
    assert "ignored=1" in shown


def test_an_ansible_core_without_a_name_that_is_leaned_on_plays_by_programs(site, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'ansible-playbook' in sys.argv[0]:\n"
        "    from ansible.module_utils import basic\n"
        "    del basic._PARSED_MODULE_ARGS\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    status, shown = play(site, tmp_path, LOOK, "-vv")
    assert status == 0, shown
    said = "this release of ansible-core has no basic._PARSED_MODULE_ARGS."
    assert f"lakeops.databricks.schema_info runs as a program: {said}" in shown
    assert f"lakeops.databricks: modules run as programs, which is slower: {said}" in " ".join(shown.split())
