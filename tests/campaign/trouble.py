# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The families of trouble: which cases each has, and how one is brought about."""

from __future__ import annotations

import signal
import time
import typing as t
from dataclasses import asdict, dataclass, field

import requests

from .fleet import many_that_throttle
from .hostile import TEXTS as HOSTILE
from .hostile import came_to_life, named
from .lane import BOUND, PLAYS, Lane
from .stores import DAMAGES, DISKS, TEXTS, damaged, damaged_text
from .verdict import Verdict
from .warm import orphans_end

FAULTS: dict[str, dict[str, t.Any]] = {
    "429": {"status": 429},
    "429 with Retry-After": {"status": 429, "retry_after": 1},
    "500": {"status": 500},
    "503": {"status": 503},
    "504": {"status": 504},
    "REQUEST_LIMIT_EXCEEDED": {"status": 500, "error_code": "REQUEST_LIMIT_EXCEEDED"},
    "401": {"status": 401},
    "403": {"status": 403},
    "lost before": {"drop": "before"},
    "lost after": {"drop": "after"},
    "cut": {"cut": True},
    "html": {"status": 200, "body": "<html>Sign in</html>", "content_type": "text/html"},
    "empty": {"body": ""},
    "stalled": {"delay_ms": 8_000},
}
SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT}
_LONG = 60_000  # ms, longer than anybody waits
_AFTERWARDS = 30.0  # seconds for workers that a signal did not reach


@dataclass(frozen=True)
class Case:
    """One trouble for one run of a playbook."""

    family: str
    cloud: str
    play: str
    trouble: str
    request: int = 0
    more: dict[str, t.Any] = field(default_factory=dict)

    def row(self, verdict: Verdict | None) -> dict[str, t.Any]:
        """What is kept of it; without a verdict its trouble never came about."""
        if verdict is None:
            return {**asdict(self), "missed": True}
        return {**asdict(self), "found": dict(verdict.counts), "words": verdict.words}


Act = t.Callable[[Lane, Case, Verdict], bool]


def planned(counts: t.Mapping[str, t.Mapping[str, int]]) -> list[Case]:
    """All cases, always in the same order.

    :param counts: by cloud and playbook, how many requests it sends
    """
    cases: list[Case] = []
    for cloud, sent in counts.items():
        for play in PLAYS:
            for number in range(1, sent[play] + 1):
                moments = [f"{name} {moment}" for moment in ("before", "after") for name in SIGNALS]
                cases += [Case("a", cloud, play, trouble, number) for trouble in moments]
                cases += [Case("b", cloud, play, trouble, number) for trouble in FAULTS]
        cases += _elsewhere(cloud, sent)
    cases += _with_other_stores()
    return sorted(cases, key=lambda case: case.family)


def _elsewhere(cloud: str, sent: t.Mapping[str, int]) -> t.Iterator[Case]:
    """Trouble that is not at one request."""
    for play, what in PLAYS.items():
        yield from (Case("c", cloud, play, f"{reads} reads", more={"lag": reads}) for reads in range(1, 6))
        yield from (Case("e", cloud, play, how) for how in (*DAMAGES, *DISKS) if what.begins != "fresh")
        yield from (Case("e", cloud, play, how) for how in DISKS if play == "setup")
        yield from (Case("f", cloud, play, f"name: {text}") for text in HOSTILE)
        numbers = range(1, sent[play] + 1, 3)
        yield from (Case("f", cloud, play, f"answer: {text}", number) for text in HOSTILE for number in numbers)
        yield from (Case("g", cloud, play, f"{days} days", more={"days": days}) for days in (-2, -1, 1, 2))
        yield from (
            Case("d", cloud, play, f"with {other}", more=_pair(play, other)) for other in PLAYS if other >= play
        )
        yield Case("d", cloud, play, "four of it", more={"runs": [play] * 4})
    yield from (Case("e", cloud, "setup", f"{how}, set up", more={"begins": "set up"}) for how in DAMAGES)
    yield Case("d", cloud, "setup", "50 workspaces that throttle", more={"workspaces": 50})


def _with_other_stores() -> t.Iterator[Case]:
    """What is told by the kind of store; the cloud makes no difference to it."""
    for store in ("databricks_secret", "tasks"):
        kind: dict[str, t.Any] = {"store": store}
        for play, what in PLAYS.items():
            yield from (
                Case("d", "aws", play, f"with {other}, {store}", more={**_pair(play, other), **kind})
                for other in PLAYS
                if other >= play
            )
            yield Case("d", "aws", play, f"four of it, {store}", more={"runs": [play] * 4, **kind})
            if what.begins != "fresh":
                yield from (Case("e", "aws", play, how, more=kind) for how in TEXTS)
        yield from (Case("e", "aws", "setup", how, more={"begins": "set up", **kind}) for how in TEXTS)


def _pair(play: str, other: str) -> dict[str, t.Any]:
    """Two playbooks, in the state that is further on of those that they begin in."""
    begins = max(PLAYS[play].begins, PLAYS[other].begins, key=("fresh", "set up", "handover").index)
    return {"runs": [play, other], "begins": begins}


def interrupted(lane: Lane, case: Case, verdict: Verdict) -> bool:
    """(a) A signal when a request arrives that is never carried out, or that is carried out unheard."""
    name, moment = case.trouble.split()
    rule = {"delay_ms": _LONG, "drop": "before"} if moment == "before" else {"delay_ms": 150}
    lane.site.post("faults", {"nth": case.request, **rule})
    others, began = lane.others(), time.monotonic()
    run = lane.start(case.play, "-vvvv")
    while not (tried := applied(lane)) and run.poll() is None and time.monotonic() - began < BOUND:
        time.sleep(0.02)
    if run.poll() is None:
        if SIGNALS[name] is signal.SIGKILL:
            run.kill()
        else:
            run.signal(SIGNALS[name])
            run.wait(BOUND)
    orphans_end(_AFTERWARDS, *others)
    verdict.said.append(run.output)
    while moment == "after" and tried and lane.site.journal[case.request - 1]["status"] is None:
        time.sleep(0.02)
    return tried


def faulty(lane: Lane, case: Case, verdict: Verdict) -> bool:
    """(b) One request has a faulty answer, or none."""
    lane.site.post("faults", {"nth": case.request, **FAULTS[case.trouble]})
    began = time.monotonic()
    run = lane.play(case.play, *(["-vvvv"] if case.request % 2 else []))
    lane.tried(verdict, run, began)
    return applied(lane)


def lagging(lane: Lane, case: Case, verdict: Verdict) -> bool:
    """(c) For some reads of an address after a change nothing has happened yet."""
    lane.site.post("settings", {"read_lag": case.more["lag"]})
    began = time.monotonic()
    lane.tried(verdict, lane.play(case.play, "-vvvv"), began)
    lane.site.post("settings", {"read_lag": 0})
    return True


def at_once(lane: Lane, case: Case, verdict: Verdict) -> bool:
    """(d) Several runs begin at the same moment, with one store."""
    began = time.monotonic()
    commands = [lane.command(name) for name in case.more["runs"]]
    for run in [lane.run(command) for command in commands]:
        run.wait(BOUND)
        lane.tried(verdict, run, began)
    return True


def with_a_damaged_store(lane: Lane, case: Case, verdict: Verdict) -> bool:
    """(e) The store is not what it was. Who is refused has changed nothing in the workspace."""
    how = case.trouble.removesuffix(", set up")
    trouble = damaged(lane.site.store, how) if "store" not in case.more else damaged_text(lane.place, how)
    with trouble as untouched:
        lane.site.forget_journal()
        began = time.monotonic()
        run = lane.play(case.play, "-vvvv")
        lane.tried(verdict, run, began)
        wrote = lane.site.mutating()
        refused = run.status != 0 and untouched()
        verdict.wrong("other", f"refused only after {wrote}", refused and bool(wrote))
    return True


def hostile(lane: Lane, case: Case, verdict: Verdict) -> bool:
    """(f) Somebody else's names, or the service's words, are out to do harm."""
    kind, text = case.trouble.split(": ")
    if kind == "name":
        tried = bool(named(lane.site, HOSTILE[text]))
        lane.bystanders_now()
        lane.site.forget_journal()
    else:
        rule = {"status": 400, "error_code": "INVALID_PARAMETER_VALUE", "message": HOSTILE[text]}
        lane.site.post("faults", {"nth": case.request, **rule})
    began = time.monotonic()
    run = lane.play(case.play, "-vvvv")
    lane.tried(verdict, run, began)
    alive = came_to_life([run.output], lane.site.folder)
    verdict.wrong("other", f"{alive}", len(alive))
    return tried if kind == "name" else applied(lane)


def skewed(lane: Lane, case: Case, verdict: Verdict) -> bool:
    """(g) The clocks of workspace and controller differ, and go on to."""
    lane.site.post("clock", {"skew_seconds": case.more["days"] * 86_400})
    began = time.monotonic()
    lane.tried(verdict, lane.play(case.play, "-vvvv"), began)
    return True


def applied(lane: Lane) -> bool:
    """Whether every rule has acted; what was not tried proves nothing."""
    rules = requests.get(f"{lane.site.host}/_sandbox/faults", timeout=30).json()["faults"]
    return all(rule["applied"] for rule in rules)


FAMILIES: dict[str, Act] = {
    "a": interrupted,
    "b": faulty,
    "c": lagging,
    "d": at_once,
    "e": with_a_damaged_store,
    "f": hostile,
    "g": skewed,
}


def carried_out(lane: Lane, case: Case) -> Verdict | None:
    """What went wrong; None where the trouble never came about."""
    if "workspaces" in case.more:
        return many_that_throttle(case)
    lane.restore(case.more.get("begins", PLAYS[case.play].begins))
    lane.site.forget_journal()
    verdict = Verdict()
    if not FAMILIES[case.family](lane, case, verdict):
        return None
    runs = case.more.get("runs", [case.play])
    # After an off-boarding at the same moment only another one has one outcome.
    of_one_kind = set(runs) == {case.play} and "begins" not in case.more
    last = "offboard" if "offboard" in runs else runs[0] if of_one_kind else "setup"
    # In f and g the workspace itself is another one.
    lane.closed(verdict, last, always=case.family in "fg")
    return verdict
