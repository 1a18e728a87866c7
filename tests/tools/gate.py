# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate, stage by stage, stopping at the first that fails.

Without arguments every stage runs; with names only those do, in the order given. What follows ``--`` goes to pytest.
The gate ends with pytest's own closing line, so that its last words are a count of what was tested.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import awx_collection
import browser as browsers
from copy_of_sources import COLLECTION, COLLECTIONS, copy_sources

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

Stage = Callable[[list[str]], None]


class StageFailed(Exception):
    """A command of the stage said no; it has told the reader why."""


def frame(_arguments: list[str]) -> None:
    """What must agree with each other: action group, licences, versions, requirement files."""
    _run(BIN / "python", "tests/tools/check_frame.py")
    _run(BIN / "reuse", "lint", "--lines")


def ruff(_arguments: list[str]) -> None:
    """Style and format of all Python."""
    _run(BIN / "ruff", "check", "--quiet", ".")
    _run(BIN / "ruff", "format", "--check", "--quiet", ".")


def types(_arguments: list[str]) -> None:
    """Types in plugins/ and in the sandbox fit each other, strictly (mypy.ini)."""
    # Where the collection has to lie to have the name that it is imported by.
    link = ROOT / ".cache" / "types" / "ansible_collections" / "lakeops" / "databricks"
    if not link.is_symlink():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(ROOT, target_is_directory=True)
    where = {"MYPYPATH": f"{ROOT / '.cache' / 'types'}{os.pathsep}{ROOT / 'extensions' / 'sandbox'}"}
    for package in ("ansible_collections.lakeops.databricks.plugins", "databricks_sandbox"):
        _run(BIN / "mypy", "--no-error-summary", "-p", package, env=where)


# What .ansible-lint leaves out since Galaxy's importer stumbles over it; here it is looked at.
ONLY_FOR_GALAXY = ("extensions/", "docs/examples/")


def ansible_lint(_arguments: list[str]) -> None:
    """Roles, playbooks and scenarios by the rules of the production profile."""
    copy_sources()
    try:
        awx_collection.provide()
    except RuntimeError as error:
        raise StageFailed(str(error)) from error
    settings = COLLECTION / ".ansible-lint"
    text = settings.read_text(encoding="utf-8")
    for folder in ONLY_FOR_GALAXY:
        text = _without_line(text, f"  - {folder}")
    settings.write_text(text, encoding="utf-8")
    _run(
        BIN / "ansible-lint",
        "--offline",
        "--nocolor",
        "--profile",
        "production",
        "-q",
        cwd=COLLECTION,
        env=_only_the_copy(),
    )


def _without_line(text: str, line: str) -> str:
    lines = text.splitlines()
    lines.remove(line)
    return "\n".join(lines) + "\n"


def docs(_arguments: list[str]) -> None:
    """Documentation of modules, roles and guides: it renders, and its references lead somewhere."""
    copy_sources()
    _run(
        *(BIN / "antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck"),
        *("--validate-collection-refs=all", "--check-extra-docs-refs", "."),
        cwd=COLLECTION,
        env=_only_the_copy(),
    )
    _run(BIN / "antsibull-changelog", "lint", cwd=COLLECTION)


def sanity(arguments: list[str]) -> None:
    """ansible-test sanity in virtual environments, without containers."""
    _run(BIN / "python", "tests/tools/sanity.py", *arguments)


def unit(arguments: list[str]) -> None:
    """Everything that needs no workspace."""
    _pytest("tests/unit", arguments)


def conformance(arguments: list[str]) -> None:
    """Does the sandbox behave like the service?"""
    _pytest("tests/sandbox", arguments)


def browser(arguments: list[str]) -> None:
    """The pages of reports in a headless Chromium, where there is one."""
    if browsers.found() is None:
        _say(f"    skipped: {browsers.MISSING}")
        return
    if browsers.install_driver():
        raise StageFailed("what drives the browser could not be installed")
    _pytest("tests/browser", arguments, by="load")  # they share nothing


def molecule(arguments: list[str]) -> None:
    """The scenarios: converge, idempotence, verify."""
    _pytest("tests/molecule", arguments, by="load")  # all scenarios are in one file


def integration(arguments: list[str]) -> None:
    """Modules, role and playbooks against the sandbox."""
    _pytest("tests/integration", arguments)


STAGES: dict[str, Stage] = {
    "frame": frame,
    "ruff": ruff,
    "types": types,
    "ansible-lint": ansible_lint,
    "docs": docs,
    "unit": unit,
    "conformance": conformance,
    "sanity": sanity,
    "browser": browser,
    "molecule": molecule,
    "integration": integration,
}

# It keeps one core busy and needs nothing that others make: it begins first, and what it says is shown in its turn.
BESIDE = "sanity"


def main(arguments: list[str]) -> int:
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    names, rest = arguments[:cut] or list(STAGES), arguments[cut + 1 :]
    if unknown := set(names) - set(STAGES):
        print(f"There is no stage {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}.", file=sys.stderr)
        return 2
    if BESIDE in names[1:]:
        with beside(BESIDE, rest) as ended:
            return _all(names, rest, {BESIDE: ended})
    return _all(names, rest, {})


def _all(names: list[str], rest: list[str], instead: dict[str, Stage]) -> int:
    """Stage by stage; some of them are already running, and are only waited for."""
    begun = time.monotonic()
    took: list[str] = []
    for number, name in enumerate(names, 1):
        _say(f"==> {number}/{len(names)} {name}: {STAGES[name].__doc__}")
        if number == len(names) and took:
            _say(f"    so far: {', '.join(took)}; {time.monotonic() - begun:.0f} s in total")
        started = time.monotonic()
        try:
            instead.get(name, STAGES[name])(rest)
        except StageFailed as failure:
            _say(f"==> {name} failed after {time.monotonic() - started:.1f} s: {failure}")
            return 1
        took.append(f"{name} {time.monotonic() - started:.1f} s")
        if number < len(names):
            _say(f"    {name} passed in {time.monotonic() - started:.1f} s")
    return 0


@contextlib.contextmanager
def beside(name: str, rest: list[str]) -> Iterator[Stage]:
    """Begin a stage in a process of its own; what is given waits for it and shows what it said."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        command = [sys.executable, __file__, name, "--", *rest]
        # A session of its own, so that all of it can be ended.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )

        def ended(_arguments: list[str]) -> None:
            status = process.wait()
            output.seek(0)
            print(output.read(), end="", flush=True)
            if status:
                raise StageFailed(f"it ended with status {status}")

        try:
            yield ended
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()


def _say(line: str) -> None:
    print(line, flush=True)


def _pytest(folder: str, arguments: list[str], by: str = "loadfile") -> None:
    """In as many processes as there are cores, unless the caller wants it otherwise.

    Whole files go to one process: what a file sets up, such as a sandbox and a playbook's first run, is set up once.
    """
    # Not by the number of tests in a file, which says nothing of its time; see tests/integration/conftest.py.
    spread = [] if any(word.startswith(("-n", "--pdb")) for word in arguments) else ["-n", "auto", "--dist", by]
    spread += ["--no-loadscope-reorder"] if spread else []
    where = [] if any(word.startswith("tests/") for word in arguments) else [folder]
    _run(BIN / "python", "-m", "pytest", "-q", *spread, *arguments, *where)


def _only_the_copy() -> dict[str, str]:
    """Tools that look for the collection shall judge the clean copy, and no other they might find at home."""
    return {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}


def _run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    words = [str(word) for word in command]
    environment = {
        # Where it is set, each of some hundred plays would compile the collection anew, which no user's does.
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        # A copy of the collection in the user's home would otherwise come first, and be tested instead of this one.
        "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"),
        **(env or {}),
    }
    done = subprocess.run(words, check=False, cwd=cwd, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise StageFailed(f"{Path(words[0]).name} ended with status {done.returncode}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
