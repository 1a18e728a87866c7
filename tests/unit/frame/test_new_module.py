# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make new-module`` makes every place of a module, and ``make lint`` names each that is missing or left over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("plugins", "meta", "changelogs", "tests", "galaxy.yml", "README.md", "pytest.ini", "ruff.toml")
INFO, MANAGING = "external_location_info", "storage_policy"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This collection with two modules more, where Python finds it as a collection."""
    root = tmp_path_factory.mktemp("copy") / "ansible_collections" / "lakeops" / "databricks"
    unwanted = shutil.ignore_patterns("__pycache__", "output", ".*")
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(
            source, root / name, **({"ignore": unwanted} if source.is_dir() else {"follow_symlinks": True})
        )
    import new_module

    new_module.make(root, INFO)
    new_module.make(root, MANAGING)
    return root


def problems(root: Path) -> list[str]:
    import module_places

    return list(module_places.problems(root))


def test_the_check_finds_nothing_missing(copy: Path) -> None:
    assert problems(copy) == []


def test_what_was_made_is_well_formed_and_its_own_tests_pass(copy: Path) -> None:
    """In processes of their own: this one has loaded the collection without these modules."""
    made = [str(path.relative_to(copy)) for name in (INFO, MANAGING) for path in sorted(copy.rglob(f"*{name}.py"))]
    assert len(made) == 6
    made += [f"plugins/module_utils/_api/{name}.py" for name in ("external_locations", "storage_policies")]
    ruff = Path(sys.executable).with_name("ruff")
    for command in ([ruff, "check", *made], [ruff, "format", "--check", *made]):
        done = subprocess.run([str(word) for word in command], check=False, cwd=copy, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    environment = {**os.environ, "PYTHONPATH": str(copy.parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
    tests = [word for word in made if "/test_" in word]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *tests],
        check=False,
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "11 passed" in done.stdout


def without(path: Path, *words: str) -> str:
    """The file without the lines that have one of the words."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not any(word in line for word in words))


# (file, words of the lines to take away, or None for the whole file; what the check says then)
PLACES = [
    ("plugins/action/{name}.py", None, "plugins/action/{name}.py: missing, so the module {name} ignores"),
    ("meta/runtime.yml", ["- {name}\n"], "meta/runtime.yml: the action group lacks {name}"),
    ("README.md", ["`{name}`"], "README.md: the section Modules lacks {name}"),
    (
        "tests/integration/modules/bad_inputs.yml",
        ["module: {name}\n"],
        "tests/integration/modules/bad_inputs.yml: the table of bad inputs lacks {name}",
    ),
    (
        "tests/integration/in_process/every_module.yml",
        ["lakeops.databricks.{name}:"],
        "tests/integration/in_process/every_module.yml: the play of every module lacks {name}",
    ),
    (
        "tests/integration/in_process/every_module.yml",
        ["- {name}_"],
        "tests/integration/in_process/every_module.yml: the list of results to compare lacks {name}_",
    ),
    ("tests/unit/plugins/modules/test_{name}.py", None, "tests/unit/plugins/modules/test_{name}.py: missing"),
]


@pytest.mark.parametrize("name", [INFO, MANAGING])
@pytest.mark.parametrize(("file", "words", "said"), PLACES, ids=lambda value: str(value)[:60])
def test_a_place_that_is_missing_is_named(copy: Path, name: str, file: str, words: list[str] | None, said: str) -> None:
    place = copy / file.format(name=name)
    whole = place.read_text(encoding="utf-8")
    if words is None:
        place.unlink()
    elif file.endswith("bad_inputs.yml"):
        place.write_text(whole.replace(f"module: {name}\n", "module: schema\n"), encoding="utf-8")
    elif "lakeops" in words[0]:
        place.write_text(whole.replace(f"lakeops.databricks.{name}:", "ansible.builtin.debug:"), encoding="utf-8")
    else:
        place.write_text(without(place, *(word.format(name=name) for word in words)), encoding="utf-8")
    try:
        found = problems(copy)
    finally:
        place.write_text(whole, encoding="utf-8")
    assert found and all(problem.startswith(said.format(name=name)) for problem in found), found


def test_a_managing_module_without_a_life_is_named(copy: Path) -> None:
    place = copy / "tests/integration/modules/test_lives.py"
    whole = place.read_text(encoding="utf-8")
    place.write_text(whole.replace(f'"{MANAGING}"', '"schema"'), encoding="utf-8")
    try:
        assert problems(copy) == [f"tests/integration/modules/test_lives.py: the table of lives lacks {MANAGING}"]
    finally:
        place.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize("name", [INFO, MANAGING])
def test_every_place_that_outlives_its_module_is_named(copy: Path, name: str) -> None:
    module = copy / "plugins" / "modules" / f"{name}.py"
    whole = module.read_text(encoding="utf-8")
    module.unlink()
    try:
        found = problems(copy)
    finally:
        module.write_text(whole, encoding="utf-8")
    lives = [] if name == INFO else [f"tests/integration/modules/test_lives.py: the table of lives names {name}"]
    wanted = [
        f"plugins/action/{name}.py: there is no module of that name",
        f"meta/runtime.yml: the action group names {name}",
        f"README.md: the section Modules names {name}",
        f"tests/integration/modules/bad_inputs.yml: the table of bad inputs names {name}",
        f"tests/integration/in_process/every_module.yml: the play of every module names {name}",
        *lives,
        f"tests/unit/plugins/modules/test_{name}.py: it runs {name}",
    ]
    assert [problem[: len(said)] for problem, said in zip(found, wanted, strict=True)] == wanted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["schema"], "there is a module schema already."),
        (["Catalog-Info"], "'Catalog-Info' is no name for a module; give a noun in lower case, such as volume_info."),
        (["thing_info", "--path", "catalogs"], "'catalogs' is no path of the API"),
        (["schema_thing", "--plural", "schemas"], "_api/schemas.py is there and lacks create, delete, get, listing"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    import new_module

    monkeypatch.setattr(new_module, "ROOT", copy)
    before = sorted(copy.rglob("*"))
    assert new_module.main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("Nothing was written: ") and said in told
    assert sorted(copy.rglob("*")) == before
