# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurement 2: klaviyo_setup on a new workspace, and again, near to it and far from it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playing import Requests, debug, play, write_inventory
from table import Results

from tests.support.klaviyo import HOST, start_site

LATENCIES_MS = (0, 50)
FIRST, SECOND, FLOOR = "first", "second", "debug floor"
MOST_REST, MOST_LATENCIES = 24, 2.0


def measure(results: Results, repetitions: int) -> None:
    for number in range(repetitions):
        for latency in LATENCIES_MS:
            results.say(f"klaviyo_setup, {latency} ms ({number + 1} of {repetitions})")
            _once(results, latency)
    _judge(results)


def _once(results: Results, latency: int) -> None:
    """A workspace that nobody has seen before, so that the first run is a first run."""
    with (
        tempfile.TemporaryDirectory(prefix="lakeops-bench-") as name,
        start_site(Path(name), "--latency-ms", str(latency)) as site,
    ):
        inventory = write_inventory(Path(name), {HOST: site.variables})
        for run in (FIRST, SECOND):
            site.forget_journal()
            cost = play("klaviyo_setup", inventory)
            asked = Requests.of(site)
            results.add("setup", run=run, latency_ms=latency).sample(
                tasks=cost.tasks,
                changed=cost.changed,
                rest=asked.rest,
                sql=asked.sql,
                sessions=asked.sessions,
                wall=cost.wall,
                cpu=cost.cpu,
            )
        floor = play(debug(Path(name), cost.tasks), inventory)
        results.add("setup", run=FLOOR, latency_ms=latency).sample(tasks=floor.tasks, wall=floor.wall, cpu=floor.cpu)


def _judge(results: Results) -> None:
    far = LATENCIES_MS[-1]
    second = {
        key: results.median("setup", key, run=SECOND, latency_ms=far) for key in ("rest", "sql", "sessions", "wall")
    }
    most = {key: results.most("setup", key, run=SECOND) for key in ("rest", "sessions", "changed")}
    floor = results.median("setup", "wall", run=FLOOR, latency_ms=far)
    results.verdict(
        f"a second klaviyo_setup needs at most {MOST_REST} REST requests and one SQL session, and changes nothing",
        most["rest"] <= MOST_REST and most["sessions"] == 1 and most["changed"] == 0,
        f"{most['rest']:g} requests, {most['sessions']:g} session, {most['changed']:g} changes",
    )
    asked = second["rest"] + second["sql"]
    bound = MOST_LATENCIES * asked * far / 1000 + floor
    rest_alone = MOST_LATENCIES * second["rest"] * far / 1000 + floor
    results.verdict(
        f"at {far} ms it takes at most {MOST_LATENCIES:g} x requests x latency + debug floor, SQL round trips included",
        second["wall"] <= bound,
        f"{second['wall']:.2f} s of {bound:.2f} s ({asked:g} requests, floor {floor:.2f} s); "
        f"with REST requests alone the bound were {rest_alone:.2f} s",
    )
