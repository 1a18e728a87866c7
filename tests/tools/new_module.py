# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All the places of a new module, filled so that it works and its tests pass.

A name that ends in ``_info`` makes a module that only reads, any other one that manages an object. What it makes calls
a list of objects that have a name, an owner and a comment, as most of Unity Catalog is; from there on it is yours.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template

import module_places as places
import versions_added

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).with_name("module_templates")
MODULES = ("info", "managing")

# Where neighbours import a name from, a new module does, too. Each kind of file needs these.
IMPORTS = {
    "action": ("_in_process",),
    "info": ("names", "inform", "Json", "Workspace"),
    "managing": ("names", "manage", "Json"),
    "api": ("Json", "Workspace", "text"),
    "api that writes": ("Failure", "is_absent"),
}
# What no neighbour may import, since its class lies elsewhere: it is looked for where it is defined.
DEFINED = ("Managed", "plan")
# A file of the API beside which that of a new module goes.
NEIGHBOUR = "schemas"

# What a module that only reads leaves out of the file of the API.
WRITES = "\n\n\ndef create("
READING, WRITING = {"get", "listing"}, {"create", "update", "delete"}


class CannotMake(Exception):
    """Something that is there, or is not, stands in the way; nothing was written."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make new-module", description=__doc__)
    parser.add_argument("name", help="a noun, for instance volume, or volume_info for a module that only reads")
    parser.add_argument("--path", help="where the API lists the objects; default: /api/2.1/unity-catalog/<plural>")
    parser.add_argument("--plural", help="the noun in the plural; default: what English does to most nouns")
    wanted = parser.parse_args(arguments)
    try:
        written = make(ROOT, wanted.name, wanted.path, wanted.plural)
    except CannotMake as reason:
        print(f"Nothing was written: {reason}", file=sys.stderr)
        return 1
    print("\n".join(written))
    print(f"\nNow: make unit ARGS='-k {wanted.name}', make lint. Then make it say what your object is: its options in")
    print(
        f"plugins/modules/{wanted.name}.py, its fields in the file of the API, its life in the tests. The last step is"
    )
    print("make integration: the sandbox has to know the object, as the service documents it.")
    return 0


def make(root: Path, name: str, path: str | None = None, plural: str | None = None) -> list[str]:
    """Write all places, and give them back.

    :raises CannotMake: the name cannot be that of a module, or something is in the way
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or name == "info":
        raise CannotMake(f"{name!r} is no name for a module; give a noun in lower case, such as volume_info.")
    if (root / "plugins" / "modules" / f"{name}.py").exists():
        raise CannotMake(f"there is a module {name} already.")
    info = name.endswith("_info")
    words = _words(root, name, path, plural)
    files = dict(_files(root, name, info, words))
    edits = {
        places.RUNTIME: _listed(_read(root, places.RUNTIME), name),
        places.README: _in_readme(_read(root, places.README), name, info, words),
        places.BAD_INPUTS: _read(root, places.BAD_INPUTS) + _bad_input(name, info, words),
        places.EVERY_MODULE: _played(_read(root, places.EVERY_MODULE), name, info, words),
    }
    if not info:
        edits[places.LIVES] = _lived(_read(root, places.LIVES), name, words)
    for place, content in {**files, **edits}.items():
        (root / place).write_text(content, encoding="utf-8")
    _format(root, [place for place in files if place.endswith(".py")])
    return [*files, *edits]


def _words(root: Path, name: str, path: str | None, plural: str | None) -> dict[str, str]:
    """What the templates say, in all its forms."""
    noun = name.removesuffix("_info")
    plural = plural or _plural(noun)
    path = (path or f"/api/2.1/unity-catalog/{plural.replace('_', '-')}").rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._-]+)+", path):
        raise CannotMake(f"{path!r} is no path of the API; give one such as /api/2.1/unity-catalog/catalogs.")
    return {
        "name": name,
        "NAME": noun.upper(),
        "Class": "".join(word.capitalize() for word in noun.split("_")),
        "thing": noun.replace("_", " "),
        "things": plural.replace("_", " "),
        "Things": plural.replace("_", " ").capitalize(),
        "plural": plural,
        "api": plural,
        "path": path,
        "key": path.rpartition("/")[2].replace("-", "_"),
        "version_added": versions_added.following(root),
    }


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|z|ch|sh)$", noun) else f"{noun}s"


# -- files of its own -------------------------------------------------------------------------
def _files(root: Path, name: str, info: bool, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    kind = "info" if info else "managing"
    api, package = _api(root, words["api"])
    modules = root / "plugins" / "modules"
    imports = [
        *_imports(modules, IMPORTS[kind]),
        *(() if info else _from_definition(root, DEFINED)),
        f"from {package} import {words['api']}",
    ]
    yield f"plugins/modules/{name}.py", _filled(kind, words, imports=imports)
    imported = "\n".join(_imports(root / "plugins" / "action", IMPORTS["action"]))
    yield f"plugins/action/{name}.py", _filled("action", {**words, "import_action": imported})
    if api.exists():
        lacks = (READING if info else READING | WRITING) - _functions(api)
        if lacks:
            raise CannotMake(f"{api.relative_to(root)} is there and lacks {', '.join(sorted(lacks))}. Add these first.")
    else:
        needed = [*IMPORTS["api"], *(() if info else IMPORTS["api that writes"])]
        whole = _filled("api", words, imports=_imports(api.parent, needed))
        yield str(api.relative_to(root)), f"{whole.partition(WRITES)[0]}\n" if info else whole
    yield f"{places.UNIT_TESTS}/test_{name}.py", _filled(f"test_{kind}", words)


def _filled(template: str, words: dict[str, str], imports: Iterable[str] = ()) -> str:
    source = (TEMPLATES / f"{template}.py.tmpl").read_text(encoding="utf-8")
    # A template is no module, so it may not have a module's first line.
    source = f"#!/usr/bin/python\n{source}" if template in MODULES else source
    return Template(source).substitute(words, imports="\n".join(imports))


def _api(root: Path, plural: str) -> tuple[Path, str]:
    """Where the file of the API goes, and the package that modules import it from."""
    neighbours = sorted((root / "plugins" / "module_utils").rglob(f"{NEIGHBOUR}.py"))
    line = _imports(root / "plugins" / "modules", [NEIGHBOUR])[0]
    package = line.split()[1]
    for neighbour in neighbours:
        if neighbour.parent.parts[-1] == package.rpartition(".")[2]:
            return neighbour.with_name(f"{plural}.py"), package
    raise CannotMake(f"no file {NEIGHBOUR}.py lies in {package}, beside which that of the API would go.")


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


def _imports(folder: Path, names: Iterable[str]) -> list[str]:
    """For each name the import by which a file in this folder has it."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                where = "." * node.level + (node.module or "")
                for alias in node.names:
                    if not alias.asname:
                        found.setdefault(alias.name, f"from {where} import {alias.name}")
    if missing := [name for name in names if name not in found]:
        raise CannotMake(f"no file in {folder} imports {', '.join(missing)}; tests/tools/new_module.py has to follow.")
    return [found[name] for name in names]


def _from_definition(root: Path, names: Iterable[str]) -> Iterator[str]:
    """For each name the import from the file of module_utils that defines it."""
    files = sorted((root / "plugins" / "module_utils").rglob("*.py"))
    for name in names:
        pattern = re.compile(rf"^(?:class|def) {name}\b", re.MULTILINE)
        found = [path for path in files if pattern.search(path.read_text(encoding="utf-8"))]
        if len(found) != 1:
            raise CannotMake(f"{len(found)} files of plugins/module_utils define {name}; one is expected.")
        package = ".".join(found[0].relative_to(root).with_suffix("").parts)
        yield f"from ansible_collections.lakeops.databricks.{package} import {name}"


def _format(root: Path, files: list[str]) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check", "--quiet", "--fix", "--select", "I"], ["format", "--quiet"]):
        subprocess.run([str(ruff), *command, *files], check=True, cwd=root)


# -- places in files of all modules -----------------------------------------------------------
def _read(root: Path, place: str) -> str:
    return (root / place).read_text(encoding="utf-8")


def _listed(source: str, name: str) -> str:
    """The action group with the name where the alphabet wants it."""
    head, mark, listed = source.partition("\n  workspace:\n")
    names = re.match(r"(?:    - \w+\n)+", listed)
    if names is None:
        raise CannotMake(f"{places.RUNTIME} has no list under workspace.")
    lines = sorted([*names[0].splitlines(), f"    - {name}"])
    return head + mark + "\n".join(lines) + "\n" + listed[names.end() :]


def _in_readme(source: str, name: str, info: bool, words: dict[str, str]) -> str:
    """A module that reads goes beside the one that manages; else the row is a new one at the end of the table."""
    noun = f"`{name.removesuffix('_info')}`"
    before, mark, section = source.partition("\n## Modules\n")
    lines = section.splitlines(keepends=True)
    rows = [number for number, line in enumerate(lines) if line.startswith("|")]
    if not rows:
        raise CannotMake(f"{places.README} has no table in its section Modules.")
    for number in rows:
        cells = lines[number].strip().strip("|").split("|")
        if info and noun in cells[0] and not cells[-1].strip():
            lines[number] = f"|{cells[0]}|{cells[1]}| `{name}` |\n"
            return before + mark + "".join(lines)
        if not info and f"`{name}_info`" in cells[-1].partition(":")[0] and not cells[0].strip():
            lines[number] = f"| `{name}` | {words['things']} |{cells[-1]}|\n"
            return before + mark + "".join(lines)
    row = f"| | | `{name}`: {words['things']} |\n" if info else f"| `{name}` | {words['things']} | |\n"
    lines.insert(rows[-1] + 1, row)
    return before + mark + "".join(lines)


def _bad_input(name: str, info: bool, words: dict[str, str]) -> str:
    what = f"{'a look at' if info else 'having'} a {words['thing']} whose name cannot be"
    return (
        f"- what: {what}\n  module: {name}\n"
        """  options: {name: "a?b"}\n  option: name\n  says: "contains '?'"\n"""
    )


def _played(source: str, name: str, info: bool, words: dict[str, str]) -> str:
    """Tasks that leave the workspace as they found it, and the names of their results."""
    steps = _looks(name, words) if info else _life(name, words)
    head, mark, last = source.partition("    - name: Keep what was registered\n")
    if not mark:
        raise CannotMake(f"{places.EVERY_MODULE} does not end with the task that keeps what was registered.")
    tasks = "".join(
        f"    - name: {title}\n      lakeops.databricks.{name}:{_options(options)}\n"
        + ("      check_mode: true\n" if register.endswith("_announced") else "")
        + f"      diff: true\n      register: {register}\n\n"
        for title, options, register in steps
    )
    indent = re.findall(r"^( *- )\w+$", last, re.MULTILINE)[-1]
    names = "".join(f"{indent}{register}\n" for _title, _options_of_it, register in steps)
    return head + tasks + mark + last.rstrip("\n") + "\n" + names


def _options(options: dict[str, str]) -> str:
    return "".join(f"\n        {option}: {value}" for option, value in options.items())


Step = tuple[str, dict[str, str], str]


def _looks(name: str, words: dict[str, str]) -> list[Step]:
    return [(f"Look at the {words['things']}", {}, f"{name}_seen")]


def _life(name: str, words: dict[str, str]) -> list[Step]:
    wish, gone = {"name": "every_module", "comment": "One"}, {"name": "every_module", "state": "absent"}
    thing = words["thing"]
    return [
        (f"Announce a {thing}", wish, f"{name}_announced"),
        (f"Have a {thing}", wish, f"{name}_made"),
        (f"Have a {thing} again", wish, f"{name}_again"),
        (f"Change a {thing}", {**wish, "comment": "Two"}, f"{name}_changed"),
        (f"Remove a {thing}", gone, f"{name}_removed"),
        (f"Remove a {thing} again", gone, f"{name}_removed_again"),
    ]


def _lived(source: str, name: str, words: dict[str, str]) -> str:
    head, mark, table = source.partition("\nTABLE = (\n")
    rows, end, rest = table.partition("\n)\n")
    if not (mark and end):
        raise CannotMake(f"{places.LIVES} has no TABLE.")
    row = f'''
    Life(
        "{words["thing"]}",
        "{name}",
        {{"name": "new_one"}},
        {{"comment": "First"}},
        {{"comment": "Second"}},
        # Look; look, send, look again.
        (Cost(1, 3, 1, 1), Cost(1, 3, 1, 1), Cost(1, 3, 1, 1)),
    ),'''
    return head + mark + rows + row + end + rest


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
