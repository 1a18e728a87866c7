# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""One check and its verdict."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .._common.json_types import Json

WORKS, LEAST = "works", "least_privilege"
PASSED, FAILED, WARNED, SKIPPED = "passed", "failed", "warned", "skipped"


class Strictness(t.NamedTuple):
    """How much more than the wish is put up with."""

    strict: bool
    allowed: frozenset[str]  # schemas


@dataclass(frozen=True)
class Check:
    """``guide`` is the section of the partner's guide; ``evidence`` and ``hint`` are sentences."""

    id: str
    kind: str
    title: str
    guide: str = "0"
    result: str = SKIPPED
    evidence: str = ""
    hint: str | None = None
    seconds: float = 0.0

    def with_guide(self, guide: str) -> Check:
        return replace(self, guide=guide)

    def passed(self, evidence: str, seconds: float = 0.0) -> Check:
        return replace(self, result=PASSED, evidence=evidence, seconds=seconds)

    def failed(self, evidence: str, hint: str | None, seconds: float = 0.0) -> Check:
        return replace(self, result=FAILED, evidence=evidence, hint=hint, seconds=seconds)

    def warned(self, evidence: str, hint: str | None, seconds: float = 0.0) -> Check:
        return replace(self, result=WARNED, evidence=evidence, hint=hint, seconds=seconds)

    def skipped(self, evidence: str, hint: str | None = None) -> Check:
        return replace(self, result=SKIPPED, evidence=evidence, hint=hint)

    def surplus(self, evidence: str, hint: str | None, how: Strictness, seconds: float = 0.0) -> Check:
        """More than the wish, through others: a warning, or a failure where that is wished."""
        return (self.failed if how.strict else self.warned)(evidence, hint, seconds)

    def as_dict(self) -> Json:
        line = f"{self.result}: {self.id} (guide {self.guide}): {self.title}. {self.evidence}"
        return {
            "id": self.id,
            "title": self.title,
            "guide": self.guide,
            "kind": self.kind,
            "result": self.result,
            "evidence": self.evidence,
            "hint": self.hint,
            "seconds": round(self.seconds, 3),
            "line": line,
        }
