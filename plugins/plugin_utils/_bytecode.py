# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code of this collection is compiled once and not at each start, as Python does with all code but that of collections.

Ansible's loader of collections compiles every file whenever a playbook starts (``get_code`` in
ansible.utils.collection_loader), which was a sixth of the time of an unchanged run. Python's own loader does the same
work, and keeps what it compiled in ``__pycache__`` where it may write there; it looks whether the file has changed
since, and honours PYTHONDONTWRITEBYTECODE.

A finder in ``sys.meta_path`` would be shorter, and ansible-test forbids it. So a module is loaded here together with
those that it imports, which it names in its compiled code; the import statements then find them. What is overlooked is
found by Ansible's loader, as ever.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import sys
import typing as t
from collections import Counter
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

_PLUGINS = __name__.rpartition(".plugin_utils.")[0]
_HERE = Path(__file__).parents[1]
_FOLDERS = ("module_utils", "modules", "plugin_utils")
# How often a module's own imports are being loaded at this moment. Not more than twice: one that is asked for again by
# what it imports imports that for its types only, so it can go first.
_begun: Counter[str] = Counter()
_MOST = 2


def submodules(package: str) -> t.Callable[[str], ModuleType]:
    """What a package of ours has as its ``__getattr__``: asked for a module that nobody has imported yet, it loads it.

    :param package: its ``__name__``
    """

    def __getattr__(name: str) -> ModuleType:
        module = f"{package}.{name}"
        if module not in _files():
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return load(module)

    return __getattr__


def load(name: str) -> ModuleType:
    """Import a module of this collection, and before it those of this collection that it imports.

    :param name: its whole name
    :raises ImportError: as ``import`` does
    """
    path = _files().get(name)
    if path is None or name in sys.modules:
        return importlib.import_module(name)
    # Ansible says where a package lies.
    package = importlib.import_module(name.rpartition(".")[0])
    loader = SourceFileLoader(name, path)
    try:
        code = loader.get_code(name)
    except Exception:  # noqa: BLE001
        # What was kept is damaged, or the source is; Ansible's loader reads the source only, and says what is wrong.
        return importlib.import_module(name)
    _begun[name] += 1
    try:
        for needed in sorted(_imported(t.cast(CodeType, code), name)):
            if needed not in sys.modules and _begun[needed] < _MOST:
                load(needed)
    finally:
        _begun[name] -= 1
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        return importlib.import_module(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        exec(t.cast(CodeType, code), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    setattr(package, name.rpartition(".")[2], module)
    return module


@functools.cache
def _files() -> dict[str, str]:
    """The files of modules by their names, packages left out."""
    found = {}
    for top in _FOLDERS:
        for folder, _folders, files in os.walk(_HERE / top):
            package = ".".join((_PLUGINS, *Path(folder).relative_to(_HERE).parts))
            for file in files:
                if file.endswith(".py") and file != "__init__.py":
                    found[f"{package}.{file[:-3]}"] = f"{folder}{os.sep}{file}"
    return found


@functools.cache
def _packages() -> frozenset[str]:
    return frozenset(name.rpartition(".")[0] for name in _files())


def _imported(code: CodeType, name: str) -> set[str]:
    """The modules of this collection that a module may import when it is loaded, by the names in its code."""
    package = name.rpartition(".")[0]
    above = package.rpartition(".")[0]
    files, packages = _files(), _packages()
    # What stands after from, in full or with one dot or two before it, may be a module or a package.
    bases = [base for one in code.co_names for base in (one, f"{package}.{one}", f"{above}.{one}")]
    # What an import statement takes out of a package is a tuple among the constants.
    taken = [one for constant in code.co_consts if isinstance(constant, tuple) for one in constant]
    inside = [f"{base}.{one}" for base in {package, *bases} if base in packages for one in taken]
    return {one for one in (*bases, *inside) if one in files}
