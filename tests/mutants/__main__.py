# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How firmly do the tests hold the files that decide? Small faults are put into these, one at a time.

Prints for each file how many faults its tests saw, and every one that they did not see. Those that no test can see are
in survivors.yml, each with the reason; anything else that survives is an error, and so is an entry there whose fault is
seen or gone. ``FILE ...`` (parts of paths) chooses files.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import survivors
from .faults import mutants
from .survivors import ROOT, TESTS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.mutants")
    parser.add_argument("files", nargs="*", metavar="FILE", help="parts of the paths of the files, by default all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes at once")
    asked = parser.parse_args()
    files = [name for name in TESTS if not asked.files or any(part in name for part in asked.files)]
    if not files:
        parser.error(f"none of these: {', '.join(TESTS)}")
    started, problems = time.monotonic(), 0
    tried = seen = 0
    for name in files:
        every = mutants((ROOT / name).read_text(encoding="utf-8"))
        left = [one for one, survived in zip(every, _survived(name, asked.jobs), strict=True) if survived]
        found = survivors.judged(name, every, left)
        print(f"{name}: {len(every) - len(left)} of {len(every)} faults seen, {found.explained} explained", flush=True)
        for line in found.problems:
            print(f"  {line}", flush=True)
        problems, tried, seen = problems + len(found.problems), tried + len(every), seen + len(every) - len(left)
    print(
        f"score: {100 * seen / tried:.1f} % ({seen} of {tried} faults seen), {problems} without an explanation,"
        f" {time.monotonic() - started:.0f} s"
    )
    return bool(problems)


def _survived(name: str, jobs: int) -> list[bool]:
    """Of every fault in a file, whether its tests passed all the same."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "-p", "tests.mutants.loop", *TESTS[name]]
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        environment = {**os.environ, "LAKEOPS_MUTANTS": json.dumps([str(ROOT / name), str(results), jobs])}
        done = subprocess.run(
            command, check=False, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if not results.is_file():
            sys.exit(f"{done.stdout}{name} could not be tried (status {done.returncode}).")
        found: list[bool] = json.loads(results.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    sys.exit(main())
