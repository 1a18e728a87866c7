# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurement 1: some tasks that have nothing to do, as programs, inside the worker, and as debug."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playing import debug, play, write_inventory, write_tasks
from table import Results

from tests.support.klaviyo import HOST, start_site

TASKS = 20
PROGRAM, WORKER, DEBUG, NOTHING = "as programs", "inside the worker", "debug", "start-up alone"
TIMES_FASTER, TIMES_DEBUG = 12, 3


def measure(results: Results, repetitions: int, number_of_tasks: int = TASKS) -> None:
    with tempfile.TemporaryDirectory(prefix="lakeops-bench-") as name, start_site(Path(name)) as site:
        folder = Path(name)
        inventory = write_inventory(folder, {HOST: site.variables})
        # A schema that is there: one request, and nothing to change.
        schema = {"catalog": site.ready["catalog"], "name": "default"}
        no_ops = write_tasks(folder / "no-ops.json", "lakeops.databricks.schema", schema, number_of_tasks)
        ways = {
            PROGRAM: (no_ops, "-e", "databricks_in_process=never"),
            WORKER: (no_ops, "-e", "databricks_in_process=always"),
            DEBUG: (debug(folder, number_of_tasks),),
            NOTHING: (write_tasks(folder / "nothing.json", "ansible.builtin.debug", {"msg": "x"}, 1),),
        }
        for number in range(repetitions):
            for way, arguments in ways.items():
                results.say(f"{number_of_tasks} tasks, {way} ({number + 1} of {repetitions})")
                cost = play(arguments[0], inventory, *arguments[1:])
                results.add("tasks", way=way, tasks=cost.tasks).sample(wall=cost.wall, cpu=cost.cpu)
    _judge(results)


def _judge(results: Results) -> None:
    wall = {way: results.median("tasks", "wall", way=way) for way in (PROGRAM, WORKER, DEBUG, NOTHING)}
    # The play with one debug task stands for start-up, so its one task is in neither difference.
    net = {way: seconds - wall[NOTHING] for way, seconds in wall.items()}
    faster, slower = wall[PROGRAM] / wall[WORKER], wall[WORKER] / wall[DEBUG]
    results.verdict(
        f"inside the worker at least {TIMES_FASTER} times faster than as programs, whole plays",
        faster >= TIMES_FASTER,
        f"{faster:.1f} times; without start-up {net[PROGRAM] / net[WORKER]:.1f} times",
    )
    results.verdict(
        f"inside the worker at most {TIMES_DEBUG} times debug, whole plays",
        slower <= TIMES_DEBUG,
        f"{slower:.2f} times; without start-up {net[WORKER] / net[DEBUG]:.2f} times",
    )
