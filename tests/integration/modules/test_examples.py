# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation shows works as shown, returns what is documented, and leaves no option without an example."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import test_lives
import yaml

from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection
from tests.support.sandbox import Sandbox

Json = dict[str, t.Any]

ROOT = Path(__file__).resolve().parents[3]
INTEGRATION = ROOT / "tests" / "integration"
COLLECTION = "lakeops.databricks."
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")
FILTERS = sorted(path.stem for path in (ROOT / "plugins" / "filter").glob("*.yml"))

# What Ansible itself puts beside the keys of a module, and what every module of ours has without naming it each time.
ANSIBLES_OWN = {"changed", "failed", "skipped", "diff", "invocation", "warnings", "deprecations", "msg"}
ANSIBLES_OWN |= {"exception", "error"}
# After these the second run finds another state than the first one left.
_MOVES_ON = ("absent", "rotate", "revoke_superseded")
# What an example cannot bring along, and which test shows it instead.
SHOWN_ELSEWHERE = {
    "report_audit": "reads reports that a site has kept: tests/integration/klaviyo/test_audit.py",
    "partner_state": "for the roles alone: tests/unit/plugins/module_utils/test_role_work.py",
    "partner_outcome": "the same",
}
# Options that name a store are one option with several names.
_STORES = ("store", "token_store")


def ansible(program: str, *arguments: str, home: Path) -> str:
    """What a program of Ansible says, without anything of the tester's own."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ANSIBLE_"))}
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        check=False,
        cwd=home,
        env={**mine, "HOME": str(home), "ANSIBLE_NOCOLOR": "true", "ANSIBLE_LOCALHOST_WARNING": "false"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout


@pytest.fixture(scope="session")
def documentation(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """What ansible-doc knows of every module and filter, by short name."""
    home, found = tmp_path_factory.mktemp("doc"), {}
    for kind, names in (("module", MODULES), ("filter", FILTERS)):
        full = [COLLECTION + name for name in names]
        told = json.loads(ansible("ansible-doc", "--json", "--type", kind, *full, home=home))
        found.update({name.removeprefix(COLLECTION): plugin for name, plugin in told.items()})
    assert set(found) == {*MODULES, *FILTERS}
    return found


def tasks_of(plugin: Json) -> list[Json]:
    return yaml.safe_load(plugin["examples"])


def called(task: Json) -> tuple[str, Json] | None:
    """Which module of ours a task calls, and how."""
    for name, options in task.items():
        if name.startswith(COLLECTION):
            return name.removeprefix(COLLECTION), options or {}
    return None


def foretold(tasks: list[Json], name: str) -> list[Json]:
    """The tasks, each call of a module also in check mode just before it is made."""
    both: list[Json] = []
    for number, task in enumerate(tasks):
        if (called(task) or ("",))[0] == name:
            both.append({**task, "check_mode": True, "register": f"foretold_{number}"})
        both.append(task)
    return both


def play(tasks: list[Json], sandbox: Sandbox, results: Path) -> Json:
    """The tasks as one play that keeps what each of them registered."""
    named = [{"register": f"example_{number}", **task} for number, task in enumerate(tasks)]
    keep = {
        "name": "Keep what was registered",
        "ansible.builtin.copy": {
            "content": "{{ [" + ", ".join(task["register"] for task in named) + "] | to_json }}",
            "dest": str(results),
            "mode": "0600",
        },
    }
    return {
        "name": "The examples",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {
            "group/lakeops.databricks.workspace": {"host": sandbox.host, "token": sandbox.token},
        },
        "tasks": [*named, keep],
    }


@pytest.mark.parametrize("name", [name for name in (*MODULES, *FILTERS) if name not in SHOWN_ELSEWHERE])
def test_examples_work_and_return_what_is_documented(
    sandbox: Sandbox, tmp_path: Path, documentation: dict[str, Json], name: str
) -> None:
    tasks = foretold(tasks_of(documentation[name]), name)
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    playbook = tmp_path / "examples.yml"
    playbook.write_text(json.dumps([play(tasks, sandbox, file) for file in files]), encoding="utf-8")
    playbook.chmod(0o600)
    ansible("ansible-playbook", str(playbook), home=tmp_path)
    first, second = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    if not any(options.get("state") in _MOVES_ON for _module, options in filter(None, map(called, tasks))):
        assert not any(result["changed"] for result in second), "the second run changes something"
    results = [
        result
        for task, pair in zip(tasks, zip(first, second, strict=True), strict=True)
        for result in pair
        if (called(task) or ("",))[0] == name
    ]
    if name in FILTERS:
        assert any("lakeops.databricks." + name in json.dumps(task) for task in tasks)
        return
    assert results, "no example calls the module itself"
    documented = documentation[name]["return"]
    for result in results:
        assert set(result) - ANSIBLES_OWN <= set(documented), "a key that is not documented"
        missing = list(missing_in(result, documented))
        assert not missing, f"documented as returned, but not there: {missing}"


def missing_in(result: Json, documented: Json, where: str = "") -> t.Iterator[str]:
    """What a result lacks of what its documentation promises without a condition, at any depth."""
    for key, about in documented.items():
        if key not in result:
            if about.get("returned") in ("success", "always"):
                yield where + key
            continue
        value, inner = result[key], about.get("contains") or {}
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(one, dict) and one:
                yield from missing_in(one, inner, f"{where}{key}[{number}]." if value is not one else f"{where}{key}.")


def test_what_is_missing_is_found_at_any_depth() -> None:
    documented = {
        "a": {"returned": "always", "contains": {"b": {"returned": "always"}, "c": {"returned": "if wished"}}},
        "d": {"returned": "success"},
        "e": {"returned": "with O(f)"},
    }
    assert list(missing_in({"a": [{"b": 1}, {"c": 1}]}, documented)) == ["a[1].b", "d"]
    assert list(missing_in({"a": {}, "d": None}, documented)) == []


# -- options ------------------------------------------------------------------------------------
def paths(options: t.Any, prefix: str = "") -> t.Iterator[str]:
    """The names of options in use, with those of their parts after a dot."""
    for each in options if isinstance(options, list) else [options]:
        if isinstance(each, dict):
            for name, value in each.items():
                yield prefix + name
                yield from paths(value, f"{prefix}{name}.")


def documented_paths(options: Json, prefix: str = "") -> t.Iterator[str]:
    for name, about in options.items():
        yield prefix + name
        yield from documented_paths(about.get("suboptions") or {}, f"{prefix}{name}.")


def tasks_in(value: t.Any) -> t.Iterator[tuple[str, Json]]:
    """Every call of a module of ours anywhere in a file of plays."""
    if isinstance(value, list):
        for each in value:
            yield from tasks_in(each)
    elif isinstance(value, dict):
        call = called(value)
        if call:
            yield call
        for each in value.values():
            yield from tasks_in(each)


def calls_in(source: str) -> t.Iterator[tuple[str, Json]]:
    """Every call in a test whose first argument is the name of a module, with its keywords as options."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            given: Json = {}
            for word in node.keywords:
                if word.arg:
                    given[word.arg] = literal(word.value)
            yield str(node.args[0].value), given


def literal(node: ast.expr) -> t.Any:
    """A dictionary as far as its keys are written out."""
    if isinstance(node, ast.Dict):
        return {key.value: literal(value) for key, value in zip(node.keys, node.values, strict=True) if constant(key)}
    return None


def constant(node: ast.expr | None) -> t.TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant)


def uses(documentation: dict[str, Json]) -> t.Iterator[tuple[str, Json]]:
    """Every use of a module in examples, tables, tests and the roles, which tests play."""
    for plugin in documentation.values():
        yield from filter(None, map(called, tasks_of(plugin)))
    for life in test_lives.TABLE:
        for options in (life.name, life.make, life.change, life.remove):
            yield life.module, options
        yield from life.needs
    for file in (*INTEGRATION.rglob("*.yml"), *(ROOT / "roles").glob("*/tasks/**/*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        yield from tasks_in(content)
        if file.name == "bad_inputs.yml":
            yield from ((row["module"], row["options"]) for row in content)
    for file in INTEGRATION.rglob("test_*.py"):
        yield from calls_in(file.read_text(encoding="utf-8"))


def shared(module: str, path: str) -> tuple[str, str]:
    """Options that are the same code in every module count once."""
    top, dot, rest = path.partition(".")
    if top in connection.SPEC:
        return "", path
    if dot and top in _STORES:
        return "", f"store.{rest}"
    return module, path


def test_every_option_is_used_somewhere(documentation: dict[str, Json]) -> None:
    used = {shared(module, path) for module, options in uses(documentation) for path in paths(options)}
    wanted = {
        shared(name, path)
        for name in MODULES
        for path in documented_paths(documentation[name]["doc"].get("options") or {})
        if not path.startswith("_")  # sent by actions, and never by people
    }
    left = sorted(".".join(filter(None, each)) for each in wanted - used)
    print("\n".join(left))
    assert not left, f"options that no example and no test uses: {left}"


def test_the_search_for_uses_finds_them() -> None:
    """Otherwise the test above would find everything unused, or miss what it does not see."""
    source = 'run("schema", check=True, name="a", properties={"team": "x"})\nother(name)'
    assert list(calls_in(source)) == [("schema", {"check": None, "name": None, "properties": {"team": None}})]
    plays = [{"tasks": [{"block": [{"name": "One", "lakeops.databricks.user": {"name": "a"}}]}]}]
    assert list(tasks_in(plays)) == [("user", {"name": "a"})]
    assert set(paths({"store": {"path": 1}, "statements": [{"sql": 1}]})) == {
        *("store", "store.path", "statements", "statements.sql")
    }
