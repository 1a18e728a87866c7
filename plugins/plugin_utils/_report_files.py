# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of module report: files on the machine that runs the play, written by the worker itself.

With modules file, copy and template each workspace's report would start five programs, which took longer than all
else that a second run does.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from . import _paths

Data = dict[str, t.Any]

SPEC: Data = {"directory": {"type": "str", "required": True}, "files": {"type": "dict", "required": True}}
DIRECTORY_MODE, FILE_MODE = 0o750, 0o640


class ActionModule(ActionBase):
    """Writes texts into files."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Data | None = None) -> Data:
        result = super().run(None, task_vars)
        _validated, given = self.validate_argument_spec(argument_spec=SPEC)
        base = _paths.base(self._loader.get_basedir(), (task_vars or {}).get("inventory_dir"))
        folder = Path(_paths.on_this_machine(given["directory"], base))
        wanted = {folder / _name(name): str(text) for name, text in given["files"].items()}
        try:
            changed = [path for path, text in wanted.items() if _differs(path, text)]
            if changed and not self._task.check_mode:
                _make(folder)
                for path in changed:
                    write(path, wanted[path])
        except OSError as error:
            # Without its cause, which Ansible would add to the sentence that says it already.
            raise AnsibleActionFail(f"directory: could not write in {folder}: {error.strerror}.") from None
        return {**result, "changed": bool(changed), "files": [str(path) for path in wanted]}


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all: whoever reads it meanwhile sees the old one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, FILE_MODE)
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _name(name: t.Any) -> str:
    """The name of a file in the directory, and of nothing elsewhere."""
    if str(name) in ("", "..") or Path(str(name)).name != str(name):
        raise AnsibleActionFail(f"files: {str(name)!r} is not the name of a file.")
    return str(name)


def _differs(path: Path, text: str) -> bool:
    try:
        return path.stat().st_mode & 0o777 != FILE_MODE or path.read_text(encoding="utf-8") != text
    except (FileNotFoundError, UnicodeDecodeError):
        return True


def _make(folder: Path) -> None:
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        with contextlib.suppress(FileExistsError):
            one.mkdir()
            one.chmod(DIRECTORY_MODE)
