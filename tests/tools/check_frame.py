# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must agree with each other, checked and never remembered.

The action group and the modules, the size of the modules, the version in its two places, the requirement files, and
the licence of every file.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
TAG = re.compile(r"SPDX-License-Identifier: (\S+)")  # REUSE-IgnoreLine
LICENCES = {"plugins/module_utils/": "BSD-2-Clause"}
LICENCE = "GPL-3.0-or-later"

# A module is a noun with a spec; what needs more lines of code than this belongs into module_utils.
MOST_LINES, MEDIAN_LINES = 80, 40
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}


def main() -> None:
    problems = [*action_group(), *module_sizes(), *version(), *requirements(), *licences()]
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(bool(problems))


def action_group() -> Iterator[str]:
    """module_defaults reach a module only when it is in the group, and an action plugin only when it has a module."""
    listed = _yaml("meta/runtime.yml")["action_groups"]["workspace"]
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    # One that is documentation only is all in its action, and calls no workspace.
    modules_of_a_workspace = {name for name in modules if _lines_of_code(_module(name)) > 1}
    actions = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    if listed != sorted(listed):
        yield "meta/runtime.yml: the action group is not in alphabetical order"
    for name in sorted(modules_of_a_workspace - set(listed)):
        yield f"meta/runtime.yml: the action group lacks the module {name}"
    for name in sorted(set(listed) - modules_of_a_workspace):
        yield f"meta/runtime.yml: the action group names {name}, which is no module"
    for name in sorted(actions - modules):
        yield f"plugins/action/{name}.py: there is no module of that name"


def _module(name: str) -> Path:
    return ROOT / "plugins" / "modules" / f"{name}.py"


def module_sizes() -> Iterator[str]:
    """Lines of code without documentation, comments and blank lines."""
    sizes = {path.name: _lines_of_code(path) for path in (ROOT / "plugins" / "modules").glob("*.py")}
    median = statistics.median(sizes.values())
    print(f"{len(sizes)} modules, lines of code: median {median:g}, most {max(sizes.values())}")
    if median > MEDIAN_LINES:
        yield f"plugins/modules: the median module has {median:g} lines of code, more than {MEDIAN_LINES}"
    for name, lines in sorted(sizes.items()):
        if lines > MOST_LINES:
            yield f"plugins/modules/{name}: {lines} lines of code, more than {MOST_LINES}"


def _lines_of_code(path: Path) -> int:
    source = path.read_text(encoding="utf-8")
    documentation = {
        line
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in DOCUMENTATION
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = (line.strip() for number, line in enumerate(source.splitlines(), 1) if number not in documentation)
    return sum(1 for line in lines if line and not line.startswith("#"))


def version() -> Iterator[str]:
    """What the user agent says must be what galaxy.yml says."""
    said = _yaml("galaxy.yml")["version"]
    source = (ROOT / "plugins" / "module_utils" / "_version.py").read_text(encoding="utf-8")
    if f'"{said}"' not in source:
        yield f"plugins/module_utils/_version.py: it does not say {said}, as galaxy.yml does"


def requirements() -> Iterator[str]:
    """The sandbox stands on the same client libraries as the plays it answers, so the bounds must be the same."""
    plays, sandbox = _bounds("requirements.txt"), _bounds("extensions/sandbox/requirements.txt")
    for name, bounds in plays.items():
        if sandbox.get(name) != bounds:
            yield f"extensions/sandbox/requirements.txt: {name} is not bounded as in requirements.txt ({bounds})"


def licences() -> Iterator[str]:
    """Every file says under which licence it may be used, in itself or in REUSE.toml."""
    reuse = tomllib.loads((ROOT / "REUSE.toml").read_text(encoding="utf-8"))
    elsewhere = [pattern for entry in reuse["annotations"] for pattern in entry["path"]]
    for name in _tracked():
        if name.startswith("LICENSES/") or name == "COPYING" or any(fnmatch(name, pattern) for pattern in elsewhere):
            continue
        head = (ROOT / name).read_text(encoding="utf-8")[:1500]
        if not head:  # an empty file has nothing that could be protected
            continue
        wanted = next((licence for folder, licence in LICENCES.items() if name.startswith(folder)), LICENCE)
        found = TAG.search(head)
        if found is None:
            yield f"{name}: it says nothing about its licence ({wanted}), and REUSE.toml does not either"
        elif found[1] != wanted:
            yield f"{name}: it says {found[1]} where {wanted} is meant"


def _yaml(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def _bounds(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pairs = (re.match(r"([A-Za-z0-9_.-]+)(.*)", line) for line in lines if not line.startswith("#"))
    return {pair[1]: pair[2].strip() for pair in pairs if pair}


def _tracked() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


if __name__ == "__main__":
    main()
