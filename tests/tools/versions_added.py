# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Since which version each module, plugin and entry point of a role is there, as its documentation says.

The changelog lists a new module in the release that its ``version_added`` names. A module that names an older release
would be in none.
"""

from __future__ import annotations

import ast
import re
import typing as t
from collections.abc import Iterator
from pathlib import Path

import yaml

Json = dict[str, t.Any]
VERSION = re.compile(r"\d+\.\d+\.\d+")
IN_PYTHON, IN_YAML = ("modules", "lookup", "inventory"), ("filter",)


class Documented(t.NamedTuple):
    """One thing that users call by its name."""

    place: str
    kind: str  # module, role, or the type of a plugin
    name: str
    document: Json


def problems(root: Path) -> Iterator[str]:
    """What says no version, or one that it cannot have come with."""
    releases = yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    for one in documented(root):
        said = str(one.document.get("version_added") or "")
        if not VERSION.fullmatch(said):
            yield f"{one.place}: {one.name} has no version_added; give the next release, {following(root)}"
        elif said in releases and one.name not in listed(releases[said], one.kind):
            yield (
                f"{one.place}: {one.name} says version_added {said}, and that release came without it; "
                f"give the next one, {following(root)}"
            )


def documented(root: Path) -> Iterator[Documented]:
    for kind in IN_PYTHON:
        for path in sorted((root / "plugins" / kind).glob("*.py")):
            if document := _constant(path, "DOCUMENTATION"):
                yield Documented(_place(root, path), "module" if kind == "modules" else kind, path.stem, document)
    for kind in IN_YAML:
        for path in sorted((root / "plugins" / kind).glob("*.yml")):
            document = yaml.safe_load(path.read_text(encoding="utf-8"))["DOCUMENTATION"]
            yield Documented(_place(root, path), kind, path.stem, document)
    for path in sorted((root / "roles").glob("*/meta/argument_specs.yml")):
        for entry, document in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].items():
            yield Documented(f"{_place(root, path)}, {entry}", "role", path.parents[1].name, document)


def listed(release: Json, kind: str) -> set[str]:
    """What a release has as new, of one kind."""
    found = {"module": release.get("modules"), "role": (release.get("objects") or {}).get("role")}
    rows = found[kind] if kind in found else (release.get("plugins") or {}).get(kind)
    return {row["name"] for row in rows or ()}


def following(root: Path) -> str:
    """The version that something new will come with: that of galaxy.yml, or the next minor one if that is released."""
    version = str(yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    released = yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    major, minor, _patch = version.split(".")
    return f"{major}.{int(minor) + 1}.0" if version in released else version


def _place(root: Path, path: Path) -> str:
    return str(path.relative_to(root))


def _constant(path: Path, name: str) -> Json | None:
    """The YAML in a constant of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return yaml.safe_load(ast.literal_eval(node.value))
    return None
