# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurement 2: klaviyo_setup on a new workspace, and again, beside terraform plan; near to it and far from it."""

from __future__ import annotations

import tempfile
import typing as t
from pathlib import Path

import guide
from playing import Cost, Requests, debug, play, write_inventory
from provider import NotThere, Terraform, installed
from table import Results

from tests.support.klaviyo import HOST, Site, start_site

LATENCIES_MS = (0, 150)
FIRST, SECOND, CHECK, FLOOR = "first run", "unchanged, verified", "--check", "debug floor"
PLAN, GUIDE = "terraform plan", "guide's checks by CLI"
MOST_RAN, MOST_SKIPPED, MOST_REST, MOST_SESSIONS, MOST_LATENCIES = 16, 4, 20, 2, 2.0
# How many times a plan of the same objects; the plan verifies nothing, so --check is the job that compares.
TIMES_THE_PLAN = ((SECOND, 0, 2.5), (SECOND, 150, 2.0), (CHECK, 150, 1.5))
# How many times the plan and the guide's checks, which together tell about as much as a run of ours.
TIMES_BOTH = 0.6


def measure(results: Results, repetitions: int, mirror: Path | None) -> None:
    try:
        theirs = installed(mirror)
    except NotThere as reason:
        results.note(str(reason))
        theirs = None
    try:
        by_hand = guide.installed()
    except NotThere as reason:
        results.note(str(reason))
        by_hand = None
    for number in range(repetitions):
        for latency in LATENCIES_MS:
            results.say(f"klaviyo_setup, {latency} ms ({number + 1} of {repetitions})")
            try:
                _once(results, latency, theirs, by_hand)
            except NotThere as reason:
                results.note(str(reason))
                theirs = None
                _once(results, latency, None, by_hand)
    _judge(results)
    if theirs:
        _compare(results)
    if theirs and by_hand:
        _compare_with_both(results)


def _once(results: Results, latency: int, theirs: tuple[str, Path] | None, by_hand: str | None) -> None:
    """Workspaces that nobody has seen before, one for each, so that a first run is a first run."""
    with (
        tempfile.TemporaryDirectory(prefix="lakeops-bench-") as name,
        start_site(Path(name), "--latency-ms", str(latency), "--workspaces", "2") as site,
    ):
        ours, other = site.ready["workspaces"]
        terraform = Terraform(*theirs, Path(name) / "terraform", other) if theirs else None
        variables = {"databricks_host": ours["host"], "databricks_token": ours["token"]}
        inventory = write_inventory(Path(name), {HOST: {**site.variables, **variables}})
        runs: dict[str, t.Callable[[], Cost]] = {
            FIRST: lambda: play("klaviyo_setup", inventory),
            SECOND: lambda: play("klaviyo_setup", inventory),
            CHECK: lambda: play("klaviyo_setup", inventory, "--check"),
        }
        for run, cost_of in runs.items():
            site.forget_journal()
            cost = cost_of()
            _sample(results, run, latency, cost, Requests.of(site))
            if run == SECOND:
                floor = play(debug(Path(name), cost.tasks), inventory)
                _sample(results, FLOOR, latency, floor, None)
        if by_hand:
            checks = guide.Guide(by_hand, Path(name), ours["host"], site.record, site.variables)
            site.forget_journal()
            _sample(results, GUIDE, latency, checks.check(), Requests.of(site))
        if terraform:
            there = Site(other, Path(name))
            there.forget_journal()
            _sample(results, PLAN, latency, terraform.plan(), Requests.of(there))


def _sample(results: Results, run: str, latency: int, cost: Cost, asked: Requests | None) -> None:
    results.add("setup", run=run, latency_ms=latency).sample(
        ran=cost.ran or None,
        skipped=cost.skipped if cost.ran else None,
        changed=cost.changed if cost.ran else None,
        rest=asked.rest if asked else None,
        sql=asked.sql if asked else None,
        sessions=asked.sessions if asked else None,
        wall=cost.wall,
        cpu=cost.cpu,
        per_task=cost.wall / cost.ran if cost.ran else None,
    )


def _judge(results: Results) -> None:
    keys = ("ran", "skipped", "rest", "sessions", "changed")
    most = {key: results.most("setup", key, run=SECOND) or 0 for key in keys}
    found = f"{most['ran']:g} and {most['skipped']:g} tasks, {most['rest']:g} requests, {most['sessions']:g} sessions"
    results.verdict(
        f"an unchanged klaviyo_setup runs at most {MOST_RAN} tasks and skips {MOST_SKIPPED}, with {MOST_REST} REST "
        f"requests and {MOST_SESSIONS} SQL sessions, and changes nothing",
        most["ran"] <= MOST_RAN
        and most["skipped"] <= MOST_SKIPPED
        and most["rest"] <= MOST_REST
        and most["sessions"] <= MOST_SESSIONS
        and most["changed"] == 0,
        f"{found}, {most['changed']:g} changes",
    )
    far = LATENCIES_MS[-1]
    asked = results.median("setup", "rest", run=SECOND, latency_ms=far) + results.median(
        "setup", "sql", run=SECOND, latency_ms=far
    )
    floor = results.median("setup", "wall", run=FLOOR, latency_ms=far)
    wall = results.median("setup", "wall", run=SECOND, latency_ms=far)
    bound = MOST_LATENCIES * asked * far / 1000 + floor
    results.verdict(
        f"at {far} ms it takes at most {MOST_LATENCIES:g} x requests x latency + debug floor, SQL round trips included",
        wall <= bound,
        f"{wall:.2f} s of {bound:.2f} s ({asked:g} requests, floor {floor:.2f} s)",
    )


def _compare(results: Results) -> None:
    for run, latency, times in TIMES_THE_PLAN:
        plan = results.median("setup", "wall", run=PLAN, latency_ms=latency)
        wall = results.median("setup", "wall", run=run, latency_ms=latency)
        results.verdict(
            f"{run} takes at most {times:g} times {PLAN}, {latency} ms",
            wall <= times * plan,
            f"{wall / plan:.2f} times ({wall:.2f} s, {plan:.2f} s)",
        )


def _compare_with_both(results: Results) -> None:
    for latency in LATENCIES_MS:
        wall, plan, checks = (
            results.median("setup", "wall", run=run, latency_ms=latency) for run in (SECOND, PLAN, GUIDE)
        )
        results.verdict(
            f"{SECOND} takes at most {TIMES_BOTH:g} times {PLAN} and {GUIDE}, {latency} ms",
            wall <= TIMES_BOTH * (plan + checks),
            f"{wall / (plan + checks):.2f} times ({wall:.2f} s, {plan:.2f} s and {checks:.2f} s)",
        )
