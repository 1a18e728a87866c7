# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs cost, measured against the sandbox: a table, bench.json, and whether the bounds hold (exit status 1: no).

Every number is from this run. The runs that are compared take turns, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import fleets  # noqa: E402  - our neighbours, found by the line above
import setups  # noqa: E402
import tasks  # noqa: E402
import workspaces  # noqa: E402
from playing import PlayFailed  # noqa: E402
from table import Results  # noqa: E402

LEAST = 5


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="once, with fewer tasks and workspaces: only to try it")
    parser.add_argument("--repetitions", type=int, default=LEAST, metavar="N", help=f"default: {LEAST}")
    parser.add_argument("--only", choices=("tasks", "setup", "workspaces", "fleet"), help="one of the measurements")
    parser.add_argument(
        "--terraform-plugins",
        type=Path,
        metavar="DIR",
        help="a mirror that has Terraform's provider databricks/databricks",
    )
    parser.add_argument("--json", type=Path, default=ROOT / "bench.json", metavar="FILE", help="default: bench.json")
    wishes = parser.parse_args(arguments)
    repetitions = 1 if wishes.quick else wishes.repetitions
    measurements: dict[str, t.Callable[[Results], None]] = {
        "tasks": lambda results: tasks.measure(results, repetitions, 10 if wishes.quick else tasks.TASKS),
        "setup": lambda results: setups.measure(results, repetitions, wishes.terraform_plugins),
        "workspaces": lambda results: workspaces.measure(results, repetitions, 3 if wishes.quick else 100),
        "fleet": lambda results: fleets.measure(results, 8 if wishes.quick else fleets.WORKSPACES),
    }
    results = Results()
    try:
        for name, measure in measurements.items():
            if wishes.only in (None, name):
                measure(results)
    except PlayFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    results.show()
    results.write(wishes.json)
    print(f"\nAll samples: {wishes.json}")
    if repetitions < LEAST:
        print(f"Only {repetitions} repetitions: to try it, not to quote it.")
    return 0 if results.hold else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
