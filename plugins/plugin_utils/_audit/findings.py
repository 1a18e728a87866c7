# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found, in words: a code, the run that it is about, and what the sentence needs."""

from __future__ import annotations

import typing as t

from .texts import FINDINGS

# What is no proof of anything wrong. Of the first kind, something could not be established.
UNKNOWN = frozenset({"format", "form", "unfinished", "no_program"})
NOTES = frozenset({"pruned", "unchecked", "unsigned_before"})
# About signatures; every other one is about the chain.
SEALS = frozenset(
    {"seal_missing", "seal_unasked", "seal_wrong", "seal_stranger", "seal_other", "unsigned", "no_program"}
    | {"unchecked", "unsigned_before"}
)


class Finding(t.NamedTuple):
    """One thing that a reader has to know.

    :ivar code: a key of texts.FINDINGS
    :ivar run: name of its folder; empty where it is about all of them
    """

    code: str
    run: str = ""
    values: tuple[tuple[str, str], ...] = ()

    @property
    def level(self) -> str:
        """broken, unknown or note."""
        return "unknown" if self.code in UNKNOWN else "note" if self.code in NOTES else "broken"

    def sentence(self, language: str = "en") -> str:
        """What it says."""
        return FINDINGS[language][self.code].format(run=self.run, **dict(self.values))


def of(code: str, run: str = "", **values: t.Any) -> Finding:
    """A finding."""
    return Finding(code, run, tuple((name, str(value)) for name, value in values.items()))


def worst(findings: t.Iterable[Finding]) -> str:
    """unbroken, or what is worse."""
    levels = {finding.level for finding in findings}
    return "broken" if "broken" in levels else "unknown" if "unknown" in levels else "unbroken"
