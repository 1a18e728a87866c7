# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environments that hold what somebody installs and nothing else, made in a moment.

Their packages are links to those of the tester's environment: what pip would install there, without installing it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".cache" / "environments"


@dataclass(frozen=True)
class Environment:
    """A Python with packages, and a place for collections."""

    python: Path
    collections: Path

    def ansible(self, command: str, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """ansible-<command>, which finds no other collections than those of this place."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ANSIBLE_"))}
        mine |= {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "ANSIBLE_HOME": str(self.collections / "home"),
            "ANSIBLE_NOCOLOR": "true",
        }
        return subprocess.run(
            [str(self.python), "-m", "ansible", command, *map(str, words)],
            check=False,
            cwd=cwd,
            env=mine,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def install(self, collection: Path) -> str:
        """Install a collection's tarball; what ansible-galaxy said."""
        words = ("collection", "install", "--offline", collection, "-p", self.collections)
        done = self.ansible("galaxy", *words, cwd=self.collections)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def has(self, library: str) -> bool:
        done = subprocess.run([self.python, "-c", f"import {library}"], check=False, capture_output=True)
        return done.returncode == 0


def needed_by(requirements: t.Iterable[str], without: t.Collection[str] = ()) -> dict[str, Path]:
    """What pip would install for these requirements: the top of each package, and where the tester has it.

    :param without: distributions that are left out, with all that only they need
    :raises AssertionError: the tester's environment holds another version than is required
    """
    tops: dict[str, Path] = {}
    done: set[str] = set()
    queue = [Requirement(line) for line in requirements]
    while queue:
        wanted = queue.pop()
        name = canonicalize_name(wanted.name)
        if name in without or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        found = distribution(name)
        assert wanted.specifier.contains(found.version, prereleases=True), (
            f"{wanted} is asked for, {found.version} here"
        )
        if name in done:
            continue
        done.add(name)
        for file in found.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__"):
                tops[top] = Path(str(found.locate_file(top)))
        queue += [Requirement(line) for line in found.requires or ()]
    return tops


def environment(folder: Path, packages: t.Mapping[str, Path]) -> Environment:
    """An environment of the tester's Python with these packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    for top, path in packages.items():
        (site / top).symlink_to(path)
    (folder / "collections").mkdir()
    return Environment(folder / "venv" / "bin" / "python", folder / "collections")


def downloaded(name: str, version: str) -> dict[str, Path]:
    """The packages of one release, without what it needs; kept between runs of the tests."""
    folder = KEPT / f"{name}-{version}"
    if not folder.is_dir():
        made = folder.with_name(f"{folder.name}.{os.getpid()}")
        _pip("install", "--no-deps", "--no-compile", "--target", str(made), f"{name}=={version}")
        made.rename(folder)
    return {path.name: path for path in folder.iterdir() if path.name != "bin"}


def of_another_python(
    python: str, folder: Path, requirements: t.Collection[str], without_their_needs: t.Collection[str]
) -> Environment:
    """An environment of another interpreter; it is kept between runs of the tests, the collections are not."""
    digest = hashlib.sha256(repr((python, requirements, without_their_needs)).encode()).hexdigest()
    kept = KEPT / f"python-{digest[:12]}"
    if not kept.is_dir():
        made = kept.with_name(f"{kept.name}.{os.getpid()}")
        subprocess.run([python, "-m", "venv", "--without-pip", made], check=True)
        into = ("--python", str(made / "bin" / "python"), "install", "--no-compile")
        _pip(*into, *requirements)
        _pip(*into, "--no-deps", *without_their_needs)
        made.rename(kept)
    (folder / "collections").mkdir(parents=True)
    return Environment(kept / "bin" / "python", folder / "collections")


def _pip(*words: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    done = subprocess.run([*command, *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
