# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as Galaxy gets it: built, judged by Galaxy's own importer, and published.

The importer wants older libraries than the gate does, so it has an environment of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from copy_of_sources import COLLECTION, ROOT, copy_sources

BIN = Path(sys.executable).parent
DIST = ROOT / "dist"
IMPORTER = ROOT / ".venv-galaxy"
REQUIREMENT = "galaxy-importer>=0.4.44"
# How the importer begins a line that it shows to whoever looks at the collection on Galaxy.
MESSAGES = ("WARNING", "ERROR", "CRITICAL")
DONE = "Importer processing completed successfully"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["dist", "importer", "release", "publish"])
    parser.add_argument("--tag", default="", help="the tag of a release")
    given = parser.parse_args(arguments)
    wanted = given.what
    if wanted == "release":
        problems = list(not_released(ROOT, given.tag))
        print("\n".join(problems), file=sys.stderr)
        return int(bool(problems))
    tarball = build()
    print(tarball.relative_to(ROOT), flush=True)
    if wanted == "importer":
        return judge(tarball)
    return publish(tarball) if wanted == "publish" else 0


def not_released(root: Path, tag: str) -> Iterator[str]:
    """What speaks against publishing this checkout as the version of the tag."""
    version = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    if tag != version:
        yield f"The tag is {tag!r}, and galaxy.yml says {version}."
    changelog = yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
    if version not in changelog["releases"]:
        yield f"changelogs/changelog.yaml tells nothing of {version}: antsibull-changelog release writes it."


def build() -> Path:
    """From the clean copy, so that what lies about in a checkout is in no release."""
    copy_sources()
    said = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    command = [BIN / "ansible-galaxy", "collection", "build", "--force", "--output-path", DIST, "."]
    subprocess.run([str(word) for word in command], check=True, cwd=COLLECTION, stdout=subprocess.DEVNULL)
    return DIST / f"{said['namespace']}-{said['name']}-{said['version']}.tar.gz"


def judge(tarball: Path) -> int:
    """Galaxy's importer, with no container; any message of it is one too many."""
    python = IMPORTER / "bin" / "python"
    if not python.exists():
        subprocess.run([getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(IMPORTER)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", REQUIREMENT], check=True)
    done = subprocess.run(
        [str(python), "-m", "galaxy_importer.main", tarball.name],
        check=False,
        cwd=tarball.parent,
        env={**os.environ, "PATH": f"{IMPORTER / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
        capture_output=True,
        text=True,
    )
    said = done.stdout.splitlines()
    problems = messages(said)
    print("\n".join(problems) or f"galaxy-importer: {len(said)} lines and no message", flush=True)
    if done.returncode or DONE not in said:
        print("\n".join([*said[-20:], done.stderr]), file=sys.stderr)
        return 1
    return int(bool(problems))


def messages(said: list[str]) -> list[str]:
    return [line for line in said if line.startswith(MESSAGES)]


def publish(tarball: Path) -> int:
    """To Galaxy, with the token in ANSIBLE_GALAXY_SERVER_GALAXY_TOKEN, which never reaches a command line."""
    if not os.environ.get("ANSIBLE_GALAXY_SERVER_GALAXY_TOKEN"):
        print("Nothing was published: ANSIBLE_GALAXY_SERVER_GALAXY_TOKEN holds no token of Galaxy.", file=sys.stderr)
        return 1
    environment = {
        **os.environ,
        "ANSIBLE_GALAXY_SERVER_LIST": "galaxy",
        "ANSIBLE_GALAXY_SERVER_GALAXY_URL": "https://galaxy.ansible.com/",
    }
    command = [str(BIN / "ansible-galaxy"), "collection", "publish", str(tarball)]
    return subprocess.run(command, check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
