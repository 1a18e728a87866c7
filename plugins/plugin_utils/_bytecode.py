# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have Python keep the bytecode of this collection, as it does with every other library.

Ansible's importer of collections compiles each file anew in every run, which for our hundred files takes as long as
half an empty play. Files that Ansible loads as plugins have their bytecode kept in any case, beside them in
``__pycache__``. Where that place cannot be written, everything is as it would be without this.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
import types
import typing as t
from importlib.machinery import ModuleSpec
from pathlib import Path

PLUGINS = __name__.rpartition(".plugin_utils.")[0] + "."


class _Files(importlib.abc.MetaPathFinder):
    """Finds our files only; packages and all that is Ansible's business, such as redirections, are left to it."""

    def find_spec(
        self, fullname: str, path: t.Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(PLUGINS):
            return None
        for folder in path or ():
            file = Path(folder, f"{fullname.rpartition('.')[2]}.py")
            if file.is_file():
                return importlib.util.spec_from_file_location(fullname, file)
        return None


def keep() -> None:
    """From now on, in this process."""
    if not any(isinstance(finder, _Files) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Files())
