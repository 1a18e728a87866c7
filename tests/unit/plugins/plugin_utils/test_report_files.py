# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of evidence: whole or not at all, for their owner and group, and not written in check mode."""

from __future__ import annotations

import types
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.lakeops.databricks.plugins.plugin_utils import _report_files


@pytest.fixture
def report(tmp_path, monkeypatch) -> t.Callable[..., dict[str, t.Any]]:
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})

    class Action(_report_files.ActionModule):
        """Without a play around it."""

        def __init__(self, check: bool, args: dict[str, t.Any]) -> None:
            self._task = types.SimpleNamespace(check_mode=check, args=args)
            self._loader = types.SimpleNamespace(get_basedir=lambda: str(tmp_path))

    def run(check: bool = False, **args: t.Any) -> dict[str, t.Any]:
        return Action(check, args).run()

    return run


def modes(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_files_and_missing_directories_are_made(report, tmp_path):
    result = report(directory="reports/acme", files={"a.json": "{}\n", "b.html": "<p>naïve</p>"})
    folder = tmp_path / "reports" / "acme"
    assert result == {"changed": True, "files": [str(folder / "a.json"), str(folder / "b.html")]}
    assert (folder / "b.html").read_text(encoding="utf-8") == "<p>naïve</p>"
    assert (modes(folder), modes(folder.parent), modes(folder / "a.json")) == (0o750, 0o750, 0o640)
    assert sorted(path.name for path in folder.iterdir()) == ["a.json", "b.html"]


def test_the_same_again_changes_nothing_and_another_text_one_file(report, tmp_path):
    report(directory=str(tmp_path), files={"a": "1", "b": "1"})
    before = (tmp_path / "a").stat().st_ino
    assert report(directory=str(tmp_path), files={"a": "1", "b": "1"})["changed"] is False
    assert report(directory=str(tmp_path), files={"a": "1", "b": "2"})["changed"] is True
    assert (tmp_path / "a").stat().st_ino == before
    assert (tmp_path / "b").read_text() == "2"


def test_a_file_that_others_may_read_is_put_right(report, tmp_path):
    report(directory=str(tmp_path), files={"a": "1"})
    (tmp_path / "a").chmod(0o644)
    assert report(directory=str(tmp_path), files={"a": "1"})["changed"] is True
    assert modes(tmp_path / "a") == 0o640


def test_check_mode_says_what_it_would_do_and_does_not(report, tmp_path):
    assert report(check=True, directory="new", files={"a": "1"})["changed"] is True
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../a", "/a", "a/b", "", "..", "."])
def test_a_file_elsewhere_is_refused(report, tmp_path, name):
    with pytest.raises(AnsibleActionFail, match="is not the name of a file"):
        report(directory="new", files={name: "1"})
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_is_told(report, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(AnsibleActionFail, match=r"directory: could not write in .*/file/sub: "):
        report(directory="file/sub", files={"a": "1"})


def test_a_write_that_fails_leaves_the_old_file(report, tmp_path, monkeypatch):
    report(directory=str(tmp_path), files={"a": "1"})

    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(AnsibleActionFail, match="No space left"):
        report(directory=str(tmp_path), files={"a": "2"})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "1"
