# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Databricks CLI, as people type it: the calls of cli_calls.txt, each with what must come of it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from tests.judges.judging import NotHere, Verdict, run
from tests.support.sandbox import running_sandbox

_CALLS = Path(__file__).with_name("cli_calls.txt")
_ENV = ("PATH", "HOME", "LANG", "TMPDIR")


def _program() -> str:
    found = os.environ.get("DATABRICKS_CLI") or shutil.which("databricks")
    if not found:
        raise NotHere("databricks is not installed (DATABRICKS_CLI= names another place)")
    return found


def _words(typed: str) -> list[str]:
    """As a shell would; JSON has no blanks outside its texts, and those stay together."""
    if " --json " in typed:
        before, body = typed.split(" --json ", 1)
        return [*before.split(), "--json", body]
    return [one.strip("'") for one in re.findall(r"'[^']*'|\S+", typed)]


def judge() -> list[Verdict]:
    """:raises NotHere: the CLI is not installed, or is the old one"""
    program = _program()
    kept = {name: os.environ[name] for name in _ENV if name in os.environ}
    with running_sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="judge-") as folder:
        env = {**kept, "HOME": folder, "DATABRICKS_HOST": sandbox.host, "DATABRICKS_TOKEN": sandbox.token}
        status, version = run([program, "--version"], env, Path(folder))
        if status or "CLI v" not in version:
            raise NotHere(f"{program} --version says {version.strip()[:100]!r}: not the CLI, or the old one")
        verdict = Verdict(version.strip())
        known = {"warehouse_id": sandbox.warehouse_id}
        for line in _CALLS.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                _step(verdict, program, env, Path(folder), line, known)
    return [verdict]


def _step(verdict: Verdict, program: str, env: dict[str, str], folder: Path, line: str, known: dict[str, str]) -> None:
    for name, value in known.items():
        line = line.replace("{" + name + "}", value)
    typed, wanted, *more = [part.strip() for part in line.split(" |")]
    fails, typed = typed.startswith("!"), typed.lstrip("!")
    status, said = run([program, *_words(typed), "-o", "json"], env, folder, 60)
    number = len(verdict.agree) + len(verdict.disagree) + 1
    case = f"{number:02} {typed[:90]}"
    if (status != 0) != fails or wanted not in said:
        verdict.disagree[case] = f"status {status}, wanted {wanted!r}: {' '.join(said.split())[:200]}"
        return
    verdict.agree.append(case)
    if more and more[0]:
        name, pattern = more[0].split("=", 1)
        found = re.search(pattern, said)
        if found:
            known[name] = found[1]
