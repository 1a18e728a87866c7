# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trouble at every request of every playbook, then clean runs: what is left, as one table and campaign.json."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import tempfile
import time
import traceback
import typing as t
from pathlib import Path

from tests.support.klaviyo import ROOT, start_site

from . import warm
from .fixed import FIXED
from .kept import Kept
from .lane import PLAYS, Lane
from .trouble import FAMILIES, Case, carried_out, planned
from .verdict import COLUMNS

KEEP = 20  # seconds between two looks at what the lanes have done


class Lanes:
    """The lanes of one worker; one with another store than a file begins when a case needs it."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.lanes: dict[tuple[str, str], Lane] = {}

    def of(self, cloud: str, store: str = "file") -> Lane:
        if (cloud, store) not in self.lanes:
            place = self.folder / f"{cloud}-{store}"
            place.mkdir(parents=True)
            site = self.stack.enter_context(start_site(place, "--cloud", cloud))
            self.lanes[cloud, store] = Lane(site, cloud, store)
        return self.lanes[cloud, store]

    def ready(self, cloud: str, store: str) -> Lane:
        lane = self.of(cloud, store)
        if not lane.known:
            lane.prepare(judged=False)
        return lane


def run_lane(lanes: Lanes, cases: t.Sequence[Case], rows: Path, end: float) -> None:
    """Carry cases out one after the other; a line of JSON for each."""
    warm.adopt()
    with rows.open("a", encoding="utf-8") as log, contextlib.ExitStack() as lanes.stack:
        for case in cases:
            if time.monotonic() > end:
                break
            began = time.monotonic()
            verdict = carried_out(lanes.ready(case.cloud, case.more.get("store", "file")), case)
            row = case.row(verdict)
            row["seconds"] = round(time.monotonic() - began, 1)
            log.write(json.dumps(row) + "\n")
            log.flush()
            if verdict and verdict.words:
                print(json.dumps(row), flush=True)


def in_a_fork(work: t.Callable[[], None]) -> int:
    """A lane's own process; the parent has no threads yet."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - nothing of it may come back into the parent
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(status)


def table(rows: t.Sequence[dict[str, t.Any]]) -> str:
    lines = ["family  playbook   cloud  cases  " + "  ".join(COLUMNS)]
    kinds = sorted({(row["family"], row["play"], row["cloud"]) for row in rows})
    for family, play, cloud in kinds:
        of = [row for row in rows if (row["family"], row["play"], row["cloud"]) == (family, play, cloud)]
        sums = (str(sum(row["found"].get(name, 0) for row in of)).rjust(len(name)) for name in COLUMNS)
        lines.append(f"{family:6}  {play:9}  {cloud:5}  {len(of):5}  " + "  ".join(sums))
    sums = (str(sum(row["found"].get(name, 0) for row in rows)).rjust(len(name)) for name in COLUMNS)
    return "\n".join([*lines, f"{'all':6}  {'':9}  {'':5}  {len(rows):5}  " + "  ".join(sums)])


def in_small(cases: list[Case], counts: dict[str, dict[str, int]]) -> list[Case]:
    """The cases of the gate."""
    found = []
    for one in FIXED:
        of = [
            case
            for case in cases
            if (case.family, case.play, case.trouble) == (one.family, one.play, one.trouble)
            and case.request == one.request(counts[case.cloud][one.play])
        ]
        if not of:
            raise LookupError(f"There is no case {one.name}.")
        found += of
    return found


def chosen(cases: list[Case], wish: argparse.Namespace) -> list[Case]:
    """Which of all cases are wanted."""
    cases = [case for case in cases if case.family in wish.family.split(",")]
    cases = [case for case in cases if not wish.play or case.play in wish.play.split(",")]
    if wish.each:
        families = [[case for case in cases if case.family == family] for family in wish.family.split(",")]
        dice = random.Random(wish.each)
        cases = [case for of in families for case in dice.sample(of, min(wish.each, len(of)))]
    if wish.limit and wish.limit < len(cases):
        cases = [cases[number * len(cases) // wish.limit] for number in range(wish.limit)]
    return cases


def wait_for(pids: list[int], keep: t.Callable[[], t.Any]) -> bool:
    """Until all lanes have ended, with what they have done kept now and then; whether all ended well."""
    statuses: list[int] = []
    while pids:
        time.sleep(0.2)
        for pid in list(pids):
            if (ended := os.waitpid(pid, os.WNOHANG))[0]:
                pids.remove(pid)
                statuses.append(ended[1])
        if time.monotonic() % KEEP < 0.2:
            keep()
    return not any(statuses)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", default=",".join(FAMILIES), help="families, with commas between")
    parser.add_argument("--play", default="", help="playbooks, with commas between; all of them if empty")
    parser.add_argument("--cloud", default="aws,azure", help="clouds, with commas between")
    parser.add_argument("--limit", type=int, default=0, help="so many cases, spread over all; 0 for all")
    parser.add_argument("--each", type=int, default=0, help="so many cases of each family, always the same; 0 for all")
    parser.add_argument("--fixed", action="store_true", help="the few cases that belong to the gate, and no others")
    parser.add_argument("--lanes", type=int, default=2, help="so many cases at once")
    parser.add_argument("--minutes", type=float, default=0, help="begin no case after this time; 0 for no end")
    parser.add_argument("--json", type=Path, default=ROOT / "campaign.json", help="where the cases are kept")
    parser.add_argument("--add", action="store_true", help="go on with that file: no case of it again, its rows kept")
    wish = parser.parse_args()
    begun = time.monotonic()
    end = begun + wish.minutes * 60 if wish.minutes else float("inf")
    kept = Kept(wish.json, add=wish.add)
    warm.adopt()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lanes: list[Lanes] = []
        # These two make the states that others begin in.
        plays = {"setup", "rotate", *(one.play for one in FIXED if one.how_far)} if wish.fixed else set(PLAYS)
        counts: dict[str, dict[str, int]] = {}
        for number in range(wish.lanes):
            lanes.append(Lanes(folder / str(number), stack))
            for cloud in wish.cloud.split(","):
                counts[cloud] = lanes[number].of(cloud).prepare(judged=number > 0 or wish.fixed, plays=plays)
        plan = in_small(planned(counts), counts) if wish.fixed else chosen(planned(counts), wish)
        random.Random(0).shuffle(plan)  # so that what --minutes leaves out is spread, too, and always the same
        left = kept.left(plan)
        files = [folder / f"rows-{number}" for number in range(wish.lanes)]
        pids = [
            in_a_fork(lambda number=number: run_lane(lanes[number], left[number :: wish.lanes], files[number], end))
            for number in range(wish.lanes)
        ]
        well = wait_for(pids, lambda: kept.take(files, time.monotonic() - begun))
        kept.take(files, time.monotonic() - begun)
    print(table(kept.cases))
    print(
        f"{len(kept.cases)} cases, {len(kept.missed)} more whose trouble never came about, "
        f"{len(kept.left(plan))} of {len(plan)} are left, {kept.seconds:.0f} s"
    )
    return int(not kept.cases or not well or any(row["found"] for row in kept.cases))
