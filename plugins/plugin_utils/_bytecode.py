# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code of this collection is compiled once and not at each start, as Python does with all code but that of collections.

Ansible's loader of collections compiles every file whenever a playbook starts (``get_code`` in
ansible.utils.collection_loader), which was a sixth of the time of an unchanged run. Python's own loader does the same
work, and keeps what it compiled in ``__pycache__`` where it may write there; it looks whether the file has changed
since, and honours PYTHONDONTWRITEBYTECODE and PYTHONPYCACHEPREFIX. Only modules of this collection are found here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType

_OURS = __name__.rpartition(".plugin_utils.")[0] + "."


class Finder(MetaPathFinder):
    """Finds the modules of this collection where Ansible would, for Python's own loader."""

    def __init__(self) -> None:
        self._folders: dict[str, FileFinder] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What Ansible has found for the package decides where to look.

        :param fullname: the module's whole name
        :param path: the folders of its package
        :param target: not used
        :return: None for what is none of ours, and for folders without code; Ansible then looks for it
        """
        if not fullname.startswith(_OURS) or path is None or len(path) != 1:
            return None
        folder = path[0]
        if folder not in self._folders:
            self._folders[folder] = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))
        spec = self._folders[folder].find_spec(fullname, target)
        return spec if spec is not None and spec.loader is not None else None


def install() -> None:
    """Ask it before Ansible's own."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
