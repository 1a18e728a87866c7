# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurement 4: klaviyo_setup twice on a fleet, in slices by ansible-runner, with a SCIM that throttles."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playing import PlayFailed, run
from sampling import TreeSampler
from table import Results

from tests.support.fleet import Fleet, options, table
from tests.support.sandbox import Sandbox, running_sandbox

WORKSPACES, SLICES, FORKS, SCIM_AT_ONCE = 200, 4, 50, 4
SETUP = "lakeops.databricks.klaviyo_setup"


def measure(results: Results, workspaces: int = WORKSPACES) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="lakeops-bench-") as name,
        running_sandbox(*options(workspaces, SCIM_AT_ONCE)) as started,
    ):
        fleet = Fleet([Sandbox(one) for one in started.ready["workspaces"]], Path(name))
        for which in ("first", "second"):
            _once(results, fleet, which)
        given = set(fleet.given().values())
        results.verdict(
            f"each of {workspaces} workspaces has one principal with one live token", given == {(1, 1)}, str(given)
        )


def _failures(fleet: Fleet) -> str:
    """What the slices say of hosts that failed."""
    return "\n".join(line[:4000] for line in fleet.stdout().splitlines() if "fatal: [" in line)


def _once(results: Results, fleet: Fleet, which: str) -> None:
    workspaces = len(fleet.workspaces)
    results.say(f"klaviyo_setup on {workspaces} workspaces in {SLICES} slices, {FORKS} forks each ({which})")
    said = fleet.folder / f"{which}.log"
    command = fleet.command(SETUP, SLICES, FORKS)
    status, cost = run(command, fleet.folder, fleet.environment, said, watching=TreeSampler)
    text = said.read_text(encoding="utf-8", errors="replace")
    lines = table(text)
    for line in lines:
        results.say(line)
    if status:
        raise PlayFailed(f"{which} run of the fleet ended with status {status}:\n{_failures(fleet) or text[-4000:]}")
    changed, peak = fleet.changed(), cost.memory.controller
    results.say(f"{which}: {cost.wall:.0f} s, {cost.cpu:.0f} s of CPU, at most {peak or 0:.0f} MiB")
    results.add("fleet", workspaces=workspaces, slices=SLICES, forks=FORKS, run=which).sample(
        wall=cost.wall,
        cpu=cost.cpu,
        changed=sum(changed.values()),
        throttled_so_far=fleet.throttled(),
        peak_mib=peak,
    )
    results.verdict(
        f"all are well after the {which} run, in one table",
        lines[-1] == f"total of {workspaces}: {workspaces} ok",
        lines[-1],
    )
    if which == "second":
        results.verdict("a second run changes nothing", not any(changed.values()), f"{sum(changed.values())} changes")
