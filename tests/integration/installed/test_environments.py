# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user installs: the tarball and the libraries it asks for, in execution environments and beside other Ansibles.

No image is built here. Its context is made, and what its steps would install is installed and played with.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import typing as t
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.environments import ROOT, Environment, downloaded, environment, needed_by, of_another_python
from tests.support.klaviyo import HOST, Site, start_site

sys.path.insert(0, str(ROOT / "tests" / "tools"))
from copy_of_sources import copy_sources_to
from matrix import find

EE = ROOT / "extensions" / "ee"
# What the SQL connector asks for and none of our modules uses.
LEFT_OUT = {"pandas", "openpyxl"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("installed")) as site:
        yield site


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as it is published, from what git tracks or would track."""
    folder = tmp_path_factory.mktemp("published")
    copy_sources_to(folder / "sources")
    command = [
        sys.executable,
        "-m",
        "ansible",
        "galaxy",
        "collection",
        "build",
        "--output-path",
        str(folder),
        "sources",
    ]
    subprocess.run(command, check=True, cwd=folder, capture_output=True)
    (made,) = folder.glob("*.tar.gz")
    return made


@pytest.fixture(scope="module")
def unpacked(tarball: Path) -> Path:
    """The tarball where ansible-galaxy puts it: a folder with ansible_collections in it."""
    place = tarball.parent / "ansible_collections" / "lakeops" / "databricks"
    with tarfile.open(tarball) as archive:
        archive.extractall(place, filter="data")
    return tarball.parent


def context(name: str, folder: Path) -> Path:
    """What ansible-builder makes of a definition; the user builds the image from it."""
    builder = Path(sys.executable).with_name("ansible-builder")
    command = [builder, "create", "-f", EE / name, "-c", folder, "--output-filename", "Containerfile"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def asked_for(made: Path, unpacked: Path) -> tuple[list[str], list[str]]:
    """The Python and system packages that the image's own step finds, as names and bounds."""
    build, written = made / "_build", made / "written"
    written.mkdir()
    words = [f"--write-pip={written / 'pip'}", f"--write-bindep={written / 'bindep'}"]
    for option, file in (
        ("--user-pip", "requirements.txt"),
        ("--exclude-pip-reqs", "exclude-requirements.txt"),
        ("--user-bindep", "bindep.txt"),
    ):
        words += [f"{option}={build / file}"] if (build / file).exists() else []
    command = [sys.executable, str(build / "scripts" / "introspect.py"), "introspect", str(unpacked), *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = [(written / name).read_text(encoding="utf-8").splitlines() for name in ("pip", "bindep")]
    pip, bindep = ([line.split("#")[0].strip() for line in lines] for lines in found)
    return [line for line in pip if line], [line for line in bindep if line]


def installed_last(made: Path) -> list[str]:
    """What a definition installs by a step of its own, without what it needs."""
    steps = (made / "Containerfile").read_text(encoding="utf-8")
    return re.findall(r"RUN \$PYCMD -m pip install --no-cache-dir --no-deps '([^']+)'", steps)


def preflight(site: Site, where: Environment) -> None:
    """The playbook of the tarball finds the workspace, with that environment's Ansible."""
    inventory = site.folder / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": {HOST: site.variables}}}), encoding="utf-8")
    done = where.ansible("playbook", "lakeops.databricks.klaviyo_preflight", "-i", inventory, cwd=site.folder)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "The token will be made by admin@example.com" in done.stdout, done.stdout[-3000:]
    core = where.ansible("playbook", "--version", cwd=site.folder).stdout
    print(core.splitlines()[0], "on", str(where.python), "- ready")


def test_the_tarball_holds_what_an_image_needs_and_nothing_that_a_tool_left(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = set(archive.getnames())
    assert {"requirements.txt", "bindep.txt", "meta/execution-environment.yml", "meta/runtime.yml"} <= names
    assert {name.split("/")[0] for name in names} & {
        "tests",
        ".git",
        ".venv",
        ".cache",
        "Makefile",
        "ruff.toml",
    } == set()
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".tar.gz"))]


@pytest.mark.parametrize("name", ["execution-environment.yml", "small.yml"])
def test_an_execution_environment(site: Site, tmp_path: Path, tarball: Path, unpacked: Path, name: str) -> None:
    made = context(name, tmp_path / "context")
    definition = yaml.safe_load((EE / name).read_text(encoding="utf-8"))["dependencies"]
    steps = (made / "Containerfile").read_text(encoding="utf-8")
    assert f'PYPKG="{definition["python_interpreter"]["package_system"]}"' in steps

    # From Galaxy, which is out of reach here: the tarball is installed in its place, if it is what is asked for.
    galaxy = yaml.safe_load((made / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    ours = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert [one["name"] for one in galaxy["collections"]] == [f"{ours['namespace']}.{ours['name']}"]
    bounds = ",".join(one["version"] for one in galaxy["collections"])
    assert Requirement(f"x{bounds}").specifier.contains(ours["version"])

    python, system = asked_for(made, unpacked)
    assert system == ["openssh-clients [platform:rpm]", "openssh-client [platform:dpkg]"]
    assert all(re.search(r"[<]|==|~=", line) for line in python), "an upper bound each"
    core = Requirement(definition["ansible_core"]["package_pip"])
    without = installed_last(made)
    wanted = [f"ansible-core{core.specifier}", *python, *without]
    if without and not Requirement(without[0]).specifier.contains(version("databricks-sql-connector")):
        pytest.skip(f"{name} is for {without[0]}, and {version('databricks-sql-connector')} is installed here")
    here = environment(tmp_path, needed_by(wanted, without=LEFT_OUT if without else ()))
    assert "installed successfully" in here.install(tarball)
    assert [here.has(library) for library in ("pandas", "numpy", "openpyxl")] == [not without] * 3
    assert not here.has("duckdb"), "which the sandbox needs, and no play"
    preflight(site, here)
    if without:
        # What is left out is what nothing misses: SQL as a program, and inside the worker.
        for way in ("never", "auto"):
            said = select(site, here, way)
            assert '"rows": [[42]]' in said, said


def select(site: Site, where: Environment, way: str) -> str:
    """What a statement gives, on the way that databricks_in_process chooses."""
    statement = {"warehouse": site.ready["warehouse_id"], "statement": "SELECT 42 AS answer"}
    tasks = [
        {"name": "Ask", "lakeops.databricks.sql": statement, "register": "asked"},
        {"name": "Show", "ansible.builtin.debug": {"var": "asked"}},
    ]
    play = {"name": "Ask", "hosts": "all", "gather_facts": False, "tasks": tasks}
    (site.folder / "select.yml").write_text(json.dumps([play]), encoding="utf-8")
    words = ("-i", site.folder / "inventory.json", "-e", f"databricks_in_process={way}", "-vv")
    said = where.ansible("playbook", "select.yml", *words, cwd=site.folder).stdout
    assert ("runs as a program" if way == "never" else "runs inside the worker") in said, said
    return said


def test_the_small_one_leaves_out_nothing_else_that_the_connector_needs(tmp_path: Path) -> None:
    made = context("small.yml", tmp_path / "context")
    (ours,) = (Requirement(line) for line in installed_last(made))
    if not ours.specifier.contains(version("databricks-sql-connector")):
        pytest.skip(f"small.yml is for {ours}, and {version('databricks-sql-connector')} is installed here")
    needed = [Requirement(line) for line in requires("databricks-sql-connector") or ()]
    theirs = {one.name: one for one in needed if not one.marker or one.marker.evaluate({"extra": ""})}
    given = yaml.safe_load((EE / "small.yml").read_text(encoding="utf-8"))["dependencies"]["python"]
    listed = {canonicalize_name(Requirement(line).name) for line in given}
    # The connector imports six and says so nowhere.
    assert listed == ({canonicalize_name(name) for name in theirs} - LEFT_OUT) | {"six"}


def test_what_is_missing_is_named(site: Site, tmp_path: Path, tarball: Path) -> None:
    """Where the connector was installed without what it needs."""
    here = environment(
        tmp_path, needed_by(["ansible-core", *needed_lines()], without={"thrift", "pybreaker"} | LEFT_OUT)
    )
    here.install(tarball)
    (site.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": {HOST: site.variables}}}))
    told = " ".join(select(site, here, "auto").split())
    assert "The Python library databricks-sql-connector is not installed where this task runs." in told
    (half := tmp_path / "half").mkdir()
    here = environment(half, needed_by(["ansible-core", *needed_lines()], without={"pybreaker"} | LEFT_OUT))
    here.install(tarball)
    told = " ".join(select(site, here, "auto").split())
    assert "cannot be used where this task runs: the library pybreaker, which it needs, is not installed." in told


def needed_lines() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_oldest_ansible_core(site: Site, tmp_path: Path, tarball: Path) -> None:
    oldest = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["requires_ansible"].removeprefix(">=")
    if sys.version_info >= (3, 14):
        pytest.skip(f"ansible-core {oldest} runs on no newer Python than 3.13; make matrix tries it with 3.11")
    packages = {**needed_by(["ansible-core", *needed_lines()]), **downloaded("ansible-core", oldest)}
    here = environment(tmp_path, packages)
    here.install(tarball)
    assert f"[core {oldest}]" in here.ansible("playbook", "--version", cwd=tmp_path).stdout
    preflight(site, here)


def test_the_newest_ansible_core(site: Site, tmp_path: Path, tarball: Path) -> None:
    """The newest that an interpreter of this machine can run; without pandas, which would take longer than all else."""
    newest = next((minor for minor in (14, 13, 12) if find(f"3.{minor}")), sys.version_info.minor)
    if newest <= sys.version_info.minor:
        here = environment(tmp_path, needed_by(["ansible-core", *needed_lines()]))
    else:
        made = context("small.yml", tmp_path / "context")
        small = yaml.safe_load((EE / "small.yml").read_text(encoding="utf-8"))["dependencies"]["python"]
        (sdk,) = (line for line in needed_lines() if line.startswith("databricks-sdk"))
        core = next(
            line for line in (ROOT / "tests" / "requirements.txt").read_text().splitlines() if "ansible-core>" in line
        )
        python = find(f"3.{newest}") or ""
        here = of_another_python(python, tmp_path, (core, sdk, *small), tuple(installed_last(made)))
    here.install(tarball)
    preflight(site, here)
