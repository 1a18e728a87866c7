# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurement 3: a second klaviyo_setup on 1, 10 and 100 workspaces, or on as few as are wished."""

from __future__ import annotations

import tempfile
import time
import typing as t
from pathlib import Path

from playing import play, write_inventory
from table import Results

from tests.support.klaviyo import Site, start_site

WORKSPACES = (1, 10, 100)
FORKS = (10, 50)
MOST_UNSHARED_MIB = 40
# More repetitions of the largest runs than fit into this are not made; the table says how many there were.
PATIENCE = 600.0


def measure(results: Results, repetitions: int, most: int) -> None:
    numbers = sorted({min(number, most) for number in WORKSPACES})
    with (
        tempfile.TemporaryDirectory(prefix="lakeops-bench-") as name,
        start_site(Path(name), "--workspaces", str(max(numbers))) as site,
    ):
        folder = Path(name)
        inventory = write_inventory(folder, _hosts(site, folder))
        results.say(f"klaviyo_setup on {max(numbers)} workspaces, for the first time")
        play("klaviyo_setup", inventory, "--forks", str(max(FORKS)))
        spent: dict[int, list[float]] = {workspaces: [] for workspaces in numbers}
        for number in range(repetitions):
            for workspaces in numbers:
                took = spent[workspaces]
                if took and sum(took) + max(took) > PATIENCE:
                    continue
                took.append(_once(results, inventory, workspaces, f"{number + 1} of {repetitions}"))
    _judge(results, numbers)


def _once(results: Results, inventory: Path, workspaces: int, which: str) -> float:
    started = time.monotonic()
    for forks in FORKS:
        results.say(f"klaviyo_setup on {workspaces} workspaces, {forks} forks ({which})")
        cost = play("klaviyo_setup", inventory, "--forks", str(forks), "--limit", _range(workspaces))
        results.add("workspaces", workspaces=workspaces, forks=forks).sample(
            wall=cost.wall,
            cpu=cost.cpu,
            changed=cost.changed,
            controller_mib=cost.memory.controller,
            fork_mib=cost.memory.fork,
            forks_seen=len(cost.memory.forks_seen),
        )
    return time.monotonic() - started


def _hosts(site: Site, folder: Path) -> dict[str, dict[str, t.Any]]:
    found = site.ready.get("workspaces") or [site.ready]
    return {
        f"workspace{number:03}": {
            **site.variables,
            "databricks_host": ready["host"],
            "databricks_token": ready["token"],
            "klaviyo_catalog": ready["catalog"],
            "klaviyo_warehouse": ready["warehouse_id"],
            "klaviyo_token_store": {"type": "file", "path": str(folder / "store" / f"{number:03}.json")},
        }
        for number, ready in enumerate(found)
    }


def _range(workspaces: int) -> str:
    return f"all[0:{workspaces - 1}]" if workspaces > 1 else "all[0]"


def _judge(results: Results, numbers: list[int]) -> None:
    for forks in FORKS:
        wall = {number: results.median("workspaces", "wall", workspaces=number, forks=forks) for number in numbers}
        least, last = numbers[0], numbers[-1]
        results.verdict(
            f"{last} workspaces cost less than {last} times one, {forks} forks",
            wall[last] < last / least * wall[least],
            f"{wall[last]:.1f} s, one {wall[least]:.1f} s: {wall[last] / wall[least]:.1f} times",
        )
        if len(numbers) > 2:
            before = numbers[-2]
            growth = wall[last] / wall[before]
            results.verdict(
                f"from {before} to {last} workspaces growth is linear or better, {forks} forks",
                growth <= last / before,
                f"{growth:.1f} times the time for {last // before} times the workspaces",
            )
    unshared = results.most("workspaces", "fork_mib")
    if unshared is None:
        results.say("Memory could not be sampled here: there is no /proc/<pid>/smaps_rollup.")
        return
    results.verdict(
        f"no fork has more than {MOST_UNSHARED_MIB} MiB unshared", unshared <= MOST_UNSHARED_MIB, f"{unshared:.1f} MiB"
    )
