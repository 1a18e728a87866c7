# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit and integration tests at the ends of what is supported: the oldest of everything, each newer Python at hand, and
the ansible-core that is to come.

With each newer Python come the newest ansible-core that it can run, and that one's sanity and documentation checks.
An environment per combination is kept in .venv-<name>. An interpreter that is not there is said to be missing; the
oldest ansible-core on the oldest Python and at least one newer Python must have run for the matrix to have passed.
``--only NAME`` runs one of them, which then must be there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITES = ("tests/unit", "tests/integration")
VERSIONS = """\
import platform
from importlib.metadata import version
names = ("ansible-core", "databricks-sdk", "databricks-sql-connector")
print(f"Python {platform.python_version()},", ", ".join(f"{name} {version(name)}" for name in names))
"""


@dataclass(frozen=True)
class Combination:
    name: str
    python: str
    extra: tuple[str, ...] = ()
    required: bool = False


COMBINATIONS = (
    Combination(
        "3.11-oldest",
        "3.11",
        ("ansible-core==2.19.4", "databricks-sdk==0.140.0", "databricks-sql-connector==4.1.3"),
        required=True,
    ),
    Combination("3.12", "3.12"),
    Combination("3.13", "3.13"),
    Combination("3.14", "3.14"),
    # Where results are no longer masked by AnsibleModule; a release candidate until it is out.
    Combination("3.13-next", "3.13", ("ansible-core>=2.22.0rc1",)),
)


def main(arguments: list[str]) -> int:
    summary: list[str] = []
    failed, newer = False, False
    chosen = COMBINATIONS
    if arguments[:1] == ["--only"]:
        chosen, arguments = only(arguments[1:2]), arguments[2:]
        newer = True  # the others are somebody else's
    for combination in chosen:
        started = time.monotonic()
        interpreter = find(combination.python)
        if interpreter is None:
            summary.append(f"{combination.name}: not run, there is no Python {combination.python} on this machine")
            failed |= combination.required
            continue
        verdict = run(combination, interpreter, arguments)
        summary.append(f"{combination.name}: {verdict or 'passed'} ({time.monotonic() - started:.0f} s)")
        failed |= bool(verdict)
        newer |= not combination.extra
    print("\n" + "\n".join(summary), flush=True)
    if not newer:
        print("No newer Python than 3.11 is here, so half of the matrix is unproven.", file=sys.stderr)
    return int(failed or not newer)


def only(names: list[str]) -> tuple[Combination, ...]:
    """The one that is named, which then has to run."""
    chosen = tuple(replace(one, required=True) for one in COMBINATIONS if one.name in names)
    if not chosen:
        sys.exit(f"--only takes one of {', '.join(one.name for one in COMBINATIONS)}")
    return chosen


def run(combination: Combination, interpreter: str, arguments: list[str]) -> str:
    """What went wrong, or nothing."""
    venv = ROOT / f".venv-{combination.name}"
    made = subprocess.run(
        [interpreter, "tests/tools/make_venv.py", venv.name, *combination.extra], check=False, cwd=ROOT
    )
    if made.returncode:
        return "its environment could not be made"
    python = venv / "bin" / "python"
    print(f"==> {combination.name}: ", end="", flush=True)
    subprocess.run([python, "-c", VERSIONS], check=True)
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    environment = {
        **os.environ,
        "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "ANSIBLE_COLLECTIONS_PATH": purelib,
    }
    steps = {"pytest": [str(python), "-m", "pytest", "-q", "-n", "auto", *arguments, *SUITES]}
    if not combination.extra:
        steps["the checks"] = [str(python), "tests/tools/gate.py", "sanity", "docs"]
    for name, command in steps.items():
        done = subprocess.run(command, check=False, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
        if done.returncode:
            return f"{name} ended with status {done.returncode}"
    return ""


def find(version: str) -> str | None:
    """An interpreter that starts and is what its name says (a pyenv shim may be neither)."""
    candidates = [shutil.which(f"python{version}"), *_pyenv(version)]
    return next((path for path in candidates if path and _is(path, version)), None)


def _pyenv(version: str) -> list[str]:
    root = os.environ.get("PYENV_ROOT")
    if root is None and (pyenv := shutil.which("pyenv")):
        root = subprocess.run([pyenv, "root"], check=False, capture_output=True, text=True).stdout.strip()
    if not root:
        return []
    found = [path for path in Path(root, "versions").glob(f"{version}.*/bin/python") if path.exists()]
    return [str(path) for path in sorted(found, key=lambda path: _numbers(path.parts[-3]), reverse=True)]


def _numbers(name: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", name)]


def _is(path: str, version: str) -> bool:
    question = [path, "-c", "import sys; print('.'.join(map(str, sys.version_info[:2])))"]
    answer = subprocess.run(question, check=False, capture_output=True, text=True)
    return answer.returncode == 0 and answer.stdout.strip() == version


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
