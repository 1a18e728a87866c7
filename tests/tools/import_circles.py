# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Circles of imports: files that can only be read together, and none of which can be changed alone.

Every import counts: also one inside a function, which only hides the circle from Python, and one for the type checker,
which hides it from nobody who reads.
"""

from __future__ import annotations

import ast
import collections
from collections.abc import Iterator
from pathlib import Path

Imports = dict[str, set[str]]  # the name of a module -> the modules of the same package that it imports


def circles(folder: Path, package: str) -> list[list[str]]:
    """The circles in a folder of Python files, each one as a way that ends where it began.

    :param package: the name that the folder is imported by
    """
    imports = _imports(folder, package)
    found: list[list[str]] = []
    left = set(imports)
    while left:
        start = min(left)
        way = _way_back(imports, start)
        left.discard(start)
        if way:
            found.append(way)
            left -= set(way)
    return found


def _imports(folder: Path, package: str) -> Imports:
    files = {_name(path.relative_to(folder), package): path for path in folder.rglob("*.py")}
    return {name: set(_imported(name, path, set(files))) - {name} for name, path in files.items()}


def _name(path: Path, package: str) -> str:
    parts = path.with_suffix("").parts
    return ".".join([package, *(parts[:-1] if parts[-1] == "__init__" else parts)])


def _imported(name: str, path: Path, known: set[str]) -> Iterator[str]:
    inside = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package itself, each further one its parent.
            above = inside.split(".")[: len(inside.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                module = f"{source}.{alias.name}"
                yield from [one for one in (module, source) if one in known][:1]


def _way_back(imports: Imports, start: str) -> list[str]:
    """The shortest way from a module over its imports back to itself; empty for none."""
    ways, seen = collections.deque([[start]]), set()
    while ways:
        way = ways.popleft()
        for name in sorted(imports[way[-1]]):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
