# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own importer, in a process of its own, finds our files compiled by an earlier run."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

LOAD = """
import sys
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader()
assert action_loader.get("lakeops.databricks.access_profile", class_only=True)
prefix = "ansible_collections.lakeops.databricks.plugins."
loaded = {name: module for name, module in sys.modules.items() if name.startswith(prefix)}
ours = [name for name, module in loaded.items() if getattr(module.__spec__, "cached", None) is None]
print(*sorted(name.removeprefix(prefix) for name in ours if not hasattr(loaded[name], "__path__")))
"""


def load(cache: Path) -> set[str]:
    """The modules of ours that were not kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    collections = {"ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"), "PYTHONPYCACHEPREFIX": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", LOAD], check=False, capture_output=True, text=True, env={**kept, **collections}
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_what_a_run_compiled_the_next_one_finds(tmp_path: Path) -> None:
    # What keeps it is itself imported before.
    assert load(tmp_path) <= {"plugin_utils._bytecode"}
    kept = {file.name.partition(".")[0]: file.stat().st_mtime_ns for file in tmp_path.rglob("*.pyc")}
    assert {"_role_inputs", "_failure", "_role_variables", "resolve"} <= set(kept)
    load(tmp_path)
    assert kept == {file.name.partition(".")[0]: file.stat().st_mtime_ns for file in tmp_path.rglob("*.pyc")}


def test_where_nothing_can_be_kept_all_is_as_before(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert load(tmp_path / "file") <= {"plugin_utils._bytecode"}
