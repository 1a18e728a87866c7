# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code and templates of the collection are compiled once; whatever keeps that from working changes nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
# What Ansible itself compiles at each start, before anybody else is asked.
BEGINNING = {"plugin_utils/__init__.py", "plugin_utils/_bytecode.py", "plugin_utils/_reports/__init__.py"}
# Where modules name each other for their types, the order is not always seen; Ansible then loads one of them.
OVERLOOKED = 5
# As ansible-playbook begins; then what the role's actions import, and what was compiled on the way.
START = """
import builtins, json, sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([sys.argv[1]])
compiled, real = [], builtins.compile
def counted(source, filename, *rest, **more):
    compiled.append(str(filename))
    return real(source, filename, *rest, **more)
builtins.compile = counted
import importlib
before = sys.meta_path[:]
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _in_process, _standing
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import action
action_of_a_module = _in_process.action("x.access_check")
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import rendering
from ansible_collections.lakeops.databricks.plugins.module_utils._common import hints
importlib.import_module("ansible_collections.other.things.plugins.plugin_utils.useful")
ours = [one for one in compiled if "lakeops" in one and not one.startswith("<")]
print(json.dumps({
    "ours": sorted({"/".join(one.split("/plugins/")[1].split("/")) for one in ours if one.endswith(".py")}),
    "pages": [one for one in ours if one.endswith(".j2")],
    "others": [one for one in compiled if one.endswith("useful.py")],
    "mark": getattr(hints, "MARK", None),
    "works": bool(rendering.environment().from_string("{{ 'a' | soft }}").render()),
    "finders": before == sys.meta_path,
}))
"""


@pytest.fixture
def collections(tmp_path: Path) -> Path:
    """A folder of collections with ours, as ansible-galaxy would leave it, and another one."""
    ours = tmp_path / "ansible_collections" / "lakeops" / "databricks"
    shutil.copytree(ROOT / "plugins", ours / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("galaxy.yml", "meta"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, ours / name)
    useful = tmp_path / "ansible_collections" / "other" / "things" / "plugins" / "plugin_utils" / "useful.py"
    useful.parent.mkdir(parents=True)
    useful.write_text("USEFUL = True\n", encoding="utf-8")
    return tmp_path


def plugins(collections: Path) -> Path:
    return collections / "ansible_collections" / "lakeops" / "databricks" / "plugins"


def start(collections: Path, **variables: str) -> dict[str, t.Any]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", START, str(collections)],
        check=True,
        capture_output=True,
        text=True,
        env={**environment, "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false", **variables},
    )
    return t.cast("dict[str, t.Any]", json.loads(done.stdout))


def test_the_second_start_compiles_next_to_nothing(collections: Path) -> None:
    first = start(collections)
    assert len(first["pages"]) == 3
    second = start(collections)
    assert set(second["ours"]) >= BEGINNING
    assert len(second["ours"]) <= len(BEGINNING) + OVERLOOKED < 100 < len(first["ours"])
    assert second["pages"] == []
    assert second["works"]
    assert second["finders"]


def test_the_code_of_others_is_none_of_its_business(collections: Path) -> None:
    for _time in range(2):
        assert len(start(collections)["others"]) == 1
    assert not list((collections / "ansible_collections" / "other").rglob("*.pyc"))


def test_a_changed_file_is_seen(collections: Path) -> None:
    start(collections)
    hints = plugins(collections) / "module_utils" / "_common" / "hints.py"
    with hints.open("a", encoding="utf-8") as file:
        file.write("\nMARK = 'changed'\n")
    page = plugins(collections) / "plugin_utils" / "_reports" / "page.html.j2"
    page.write_text(page.read_text(encoding="utf-8") + "\n<!-- more -->\n", encoding="utf-8")
    changed = start(collections)
    assert changed["mark"] == "changed"
    assert [Path(one).name for one in changed["pages"]] == ["page.html.j2"]


def test_changed_settings_of_the_templates_are_seen(collections: Path) -> None:
    """They are part of what is compiled: a page that does not escape its values must not be kept."""
    start(collections)
    rendering = plugins(collections) / "plugin_utils" / "_reports" / "rendering.py"
    rendering.write_text(rendering.read_text(encoding="utf-8") + "\n# other settings\n", encoding="utf-8")
    assert len(start(collections)["pages"]) == 3


def test_where_python_shall_write_nothing_nothing_is_written(collections: Path) -> None:
    for _time in range(2):
        done = start(collections, PYTHONDONTWRITEBYTECODE="1")
        assert done["works"]
        assert len(done["pages"]) == 3
    assert not list(collections.rglob("__pycache__"))


def test_where_nothing_can_be_written_it_is_compiled_each_time(collections: Path) -> None:
    """A file of that name stops everybody, the administrator too, whom no mode of a folder stops."""
    folders = [folder for folder in plugins(collections).rglob("*") if folder.is_dir()]
    for folder in folders:
        (folder / "__pycache__").touch()
    for _time in range(2):
        done = start(collections)
        assert done["works"]
        assert len(done["pages"]) == 3


@pytest.mark.parametrize("content", [b"", b"j2", b"something else"])
def test_a_damaged_page_is_compiled_anew(collections: Path, content: bytes) -> None:
    start(collections)
    kept = list((plugins(collections) / "plugin_utils" / "_reports" / "__pycache__").glob("template-*.pyc"))
    assert len(kept) == 3
    for file in kept:
        file.write_bytes(content)
    assert len(start(collections)["pages"]) == 3
    assert start(collections)["pages"] == []


@pytest.mark.parametrize("content", [b"", b"short", None])
def test_damaged_code_is_compiled_anew(collections: Path, content: bytes | None) -> None:
    """Empty, no code at all, and cut off in the middle."""
    start(collections)
    kept = next((plugins(collections) / "module_utils" / "_common" / "__pycache__").glob("hints.*.pyc"))
    kept.write_bytes(kept.read_bytes()[:200] if content is None else content)
    assert start(collections)["works"]
