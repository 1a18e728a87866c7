# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must agree with each other, checked and never remembered.

The places of each module, the size of the modules, the version in its two places and since which one things are there,
the requirement files, and the licence of every file.
"""

from __future__ import annotations

import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import copy_of_sources
import module_places
import versions_added
import yaml

ROOT = Path(__file__).resolve().parents[2]
# REUSE-IgnoreStart
TAG = re.compile(r"SPDX-License-Identifier: (\S+)")
# REUSE-IgnoreEnd
LICENCES = {"plugins/module_utils/": "BSD-2-Clause", "tests/tools/module_templates/api": "BSD-2-Clause"}
LICENCE = "GPL-3.0-or-later"

# A module is a noun with a spec; what needs more lines of code than this belongs into module_utils.
MOST_LINES, MEDIAN_LINES = 80, 40


def main() -> None:
    problems = [
        *module_places.problems(ROOT),
        *module_sizes(),
        *version(),
        *versions_added.problems(ROOT),
        *requirements(),
        *licences(),
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(bool(problems))


def module_sizes() -> Iterator[str]:
    """Lines of code without documentation, comments and blank lines."""
    sizes = {path.name: module_places.lines_of_code(path) for path in (ROOT / "plugins" / "modules").glob("*.py")}
    median = statistics.median(sizes.values())
    print(f"{len(sizes)} modules, lines of code: median {median:g}, most {max(sizes.values())}")
    if median > MEDIAN_LINES:
        yield f"plugins/modules: the median module has {median:g} lines of code, more than {MEDIAN_LINES}"
    for name, lines in sorted(sizes.items()):
        if lines > MOST_LINES:
            yield f"plugins/modules/{name}: {lines} lines of code, more than {MOST_LINES}"


def version() -> Iterator[str]:
    """What the user agent says must be what galaxy.yml says."""
    said = _yaml("galaxy.yml")["version"]
    source = (ROOT / "plugins" / "module_utils" / "_common/version.py").read_text(encoding="utf-8")
    if f'"{said}"' not in source:
        yield f"plugins/module_utils/_common/version.py: it does not say {said}, as galaxy.yml does"


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
    for name in copy_of_sources.sources(ROOT):
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


if __name__ == "__main__":
    main()
