# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The places that a module needs, compared in both directions; ``make new-module`` makes them all."""

from __future__ import annotations

import ast
import re
import typing as t
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
OURS = "lakeops.databricks."

RUNTIME = "meta/runtime.yml"
README = "README.md"
BAD_INPUTS = "tests/integration/modules/bad_inputs.yml"
LIVES = "tests/integration/modules/test_lives.py"
IN_PROCESS = "tests/integration/in_process"
EVERY_MODULE = f"{IN_PROCESS}/every_module.yml"
UNIT_TESTS = "tests/unit/plugins/modules"

# Its checks say how long each took, and name tables that are new each time.
NOT_COMPARED = {"verified"}

_CELL = re.compile(r"`(\w+)`")


class Modules(t.NamedTuple):
    """The modules by what they need."""

    all: set[str]
    of_a_workspace: set[str]  # the others are documentation only: all they do is in their action
    managing: set[str]  # one object each, in a wished state


def problems(root: Path) -> Iterator[str]:
    """A sentence for each place that is missing, or that names a module which is not there."""
    modules = _modules(root)
    yield from _actions(root, modules)
    yield from _action_group(root, modules)
    yield from _readme(root, modules)
    yield from _bad_inputs(root, modules)
    yield from _in_process(root, modules)
    yield from _lives(root, modules)
    yield from _unit_tests(root, modules)


def lines_of_code(path: Path) -> int:
    """Without documentation, comments and blank lines."""
    source = path.read_text(encoding="utf-8")
    documentation = {
        line
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in DOCUMENTATION
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = (line.strip() for number, line in enumerate(source.splitlines(), 1) if number not in documentation)
    return sum(1 for line in lines if line and not line.startswith("#"))


def _modules(root: Path) -> Modules:
    files = sorted((root / "plugins" / "modules").glob("*.py"))
    return Modules(
        {path.stem for path in files},
        {path.stem for path in files if lines_of_code(path) > 1},
        {path.stem for path in files if "manage" in _calls_of_main(path)},
    )


def _calls_of_main(path: Path) -> set[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == "main":
            return {call.func.id for call in ast.walk(node) if isinstance(call, ast.Call) and _named(call.func)}
    return set()


def _named(node: ast.expr) -> t.TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def _actions(root: Path, modules: Modules) -> Iterator[str]:
    """Without its action a module knows nothing of the inventory, and calls whatever host the environment names."""
    actions = {path.stem for path in (root / "plugins" / "action").glob("*.py")}
    for name in sorted(modules.all - actions):
        yield f"plugins/action/{name}.py: missing, so the module {name} ignores databricks_host of the inventory"
    for name in sorted(actions - modules.all):
        yield f"plugins/action/{name}.py: there is no module of that name"


def _action_group(root: Path, modules: Modules) -> Iterator[str]:
    """module_defaults reach a module only when it is in the group."""
    listed = _yaml(root / RUNTIME)["action_groups"]["workspace"]
    if listed != sorted(set(listed)):
        yield f"{RUNTIME}: the action group is not in alphabetical order, each module once"
    yield from _both_ways(RUNTIME, "the action group", modules.of_a_workspace, modules.of_a_workspace, listed)


def _readme(root: Path, modules: Modules) -> Iterator[str]:
    section = (root / README).read_text(encoding="utf-8").partition("\n## Modules\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    in_table = {name for row in rows for cell in (row[0], row[-1].partition(":")[0]) for name in _CELL.findall(cell)}
    mentioned = in_table | (set(_CELL.findall(section)) & modules.all)
    yield from _both_ways(README, "the section Modules", modules.all, modules.all, mentioned)


def _bad_inputs(root: Path, modules: Modules) -> Iterator[str]:
    rows = {row["module"] for row in _yaml(root / BAD_INPUTS)}
    yield from _both_ways(BAD_INPUTS, "the table of bad inputs", modules.of_a_workspace, modules.all, rows)


def _in_process(root: Path, modules: Modules) -> Iterator[str]:
    """Every module runs on both ways, and what it gives there is kept and compared."""
    played = {file.name: _yaml(file) for file in sorted((root / IN_PROCESS).glob("*.yml"))}
    called = {name for play in played.values() for name in _called(play)}
    yield from _both_ways(EVERY_MODULE, "the play of every module", modules.of_a_workspace, modules.all, called)
    *tasks, last = played[Path(EVERY_MODULE).name][0]["tasks"]
    yield from _both_ways(
        EVERY_MODULE,
        "the list of results to compare",
        {task["register"] for task in tasks} - NOT_COMPARED,
        None,
        last["vars"]["names"],
    )


def _called(value: t.Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _called(each)
    elif isinstance(value, dict):
        # The defaults of a play name modules, too, and run none.
        yield from (str(key).removeprefix(OURS) for key in value if str(key).startswith(OURS))
        yield from _called([each for key, each in value.items() if key != "module_defaults"])


def _lives(root: Path, modules: Modules) -> Iterator[str]:
    rows = {
        str(call.args[1].value)
        for call in ast.walk(ast.parse((root / LIVES).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _named(call.func) and call.func.id == "Life"
        if len(call.args) > 1 and isinstance(call.args[1], ast.Constant)
    }
    yield from _both_ways(LIVES, "the table of lives", modules.managing, modules.all, rows)


def _unit_tests(root: Path, modules: Modules) -> Iterator[str]:
    """What a module does with each answer is tried where no workspace is needed."""
    texts = {
        path: path.read_text(encoding="utf-8") for path in sorted((root / "tests/unit/plugins").rglob("test_*.py"))
    }
    for name in sorted(modules.of_a_workspace):
        by_name = re.compile(rf"[\"']{name}[\"']|\bmodules import [\w, ]*\b{name}\b")
        if not any(by_name.search(text) for text in texts.values()):
            yield f"{UNIT_TESTS}/test_{name}.py: missing, and no other unit test runs the module {name}"
    for path, text in texts.items():
        for name in re.findall(r'run_module\("(\w+)"', text):
            if name not in modules.all:
                yield f"{path.relative_to(root)}: it runs {name}, which is no module"


def _both_ways(file: str, what: str, wanted: set[str], known: set[str] | None, found: Iterable[str]) -> Iterator[str]:
    found = set(found)
    for name in sorted(wanted - found):
        yield f"{file}: {what} lacks {name}"
    for name in sorted(found - (wanted if known is None else known)):
        yield f"{file}: {what} names {name}, which is not there"


def _yaml(path: Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
