# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files, by which tests, and what is known of faults that no test can see."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml

from .faults import Mutant

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("survivors.yml")

_UTILS = "plugins/module_utils"
_UNIT = "tests/unit/plugins"
_VERIFICATION = f"{_UNIT}/module_utils/test_verification"

# What decides without touching anything, and the tests that are to hold it.
TESTS: dict[str, tuple[str, ...]] = {
    f"{_UTILS}/_token/lifecycle.py": (
        f"{_UNIT}/module_utils/test_token_decisions.py",
        f"{_UNIT}/module_utils/test_token_rehearsal.py",
        f"{_UNIT}/module_utils/test_token_lifecycle.py",
    ),
    f"{_UTILS}/_objects/privileges.py": (f"{_UNIT}/module_utils/test_privileges.py",),
    f"{_UTILS}/_engine/reconcile.py": (f"{_UNIT}/module_utils/test_reconcile.py",),
    f"{_UTILS}/_access_check/judging.py": (f"{_VERIFICATION}.py", f"{_VERIFICATION}_summary.py"),
    f"{_UTILS}/_access_check/judging_access.py": (
        f"{_VERIFICATION}.py",
        f"{_VERIFICATION}_privileges.py",
        f"{_VERIFICATION}_objects.py",
    ),
    f"{_UTILS}/_access_check/judging_objects.py": (f"{_VERIFICATION}.py", f"{_VERIFICATION}_objects.py"),
    f"{_UTILS}/_data_contract/judging.py": (f"{_UNIT}/module_utils/test_data_contract.py",),
    f"{_UTILS}/_preflight/judge.py": (
        f"{_UNIT}/module_utils/test_preflight.py",
        f"{_UNIT}/module_utils/test_preflight_findings.py",
    ),
}

Entry = dict[str, t.Any]


class Judged(t.NamedTuple):
    """:ivar explained: how many of the faults that survived the table explains
    :ivar problems: a sentence about each fault without an explanation, and each explanation without its fault
    """

    explained: int
    problems: list[str]


def table() -> dict[str, list[Entry]]:
    """By file: what survives, as ``within``, ``at``, ``was`` and ``becomes``, and ``why`` no test can see it."""
    return yaml.safe_load(TABLE.read_text(encoding="utf-8")) or {}


def judged(name: str, every: list[Mutant], left: list[Mutant]) -> Judged:
    """The faults of a file that survived, held against the table."""
    known = {key(entry) for entry in table().get(name, ())}
    new = [one for one in left if one.key not in known]
    problems = [f"line {one.line} ({one.within or 'module'}): {one.was}  ->  {one.becomes}" for one in new]
    seen = {one.key for one in every} - {one.key for one in left}
    problems += [f"survivors.yml explains what a test sees by now: {' | '.join(one)}" for one in sorted(known & seen)]
    return Judged(len(left) - len(new), problems + gone(name, every))


def gone(name: str, every: list[Mutant]) -> list[str]:
    """Entries of the table whose fault cannot be put into the file any more."""
    possible = {one.key for one in every}
    return [
        f"survivors.yml explains what is not in {name} any more: {' | '.join(key(entry))}"
        for entry in table().get(name, ())
        if key(entry) not in possible
    ]


def key(entry: Entry) -> tuple[str, str, str, str]:
    """As Mutant.key."""
    return (entry.get("within") or "", entry["at"], entry["was"], entry["becomes"])
