# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many workspaces stand, as one table: whatever needs a person comes first."""

from __future__ import annotations

import typing as t
from collections import Counter

HEAD = ("workspace", "status", "checks", "token ends", "failed")
NO_RESULT = "no result"
_WHY = "it stopped before anything was verified; its own lines say why"
# What a person has to look at first; whatever is not known here is looked at, too.
_ORDER = {NO_RESULT: 0, "broken": 1, "drift": 2, "handover": 4, "unverified": 5, "ok": 6}
_UNHEARD_OF = 3


class Standing(t.NamedTuple):
    """One row."""

    workspace: str
    status: str
    checks: str = "-"
    ends: str = "-"
    failed: str = "-"

    @property
    def rank(self) -> tuple[int, str]:
        return _ORDER.get(self.status, _UNHEARD_OF), self.workspace


def table(results: t.Mapping[str, t.Mapping[str, t.Any] | None]) -> list[str]:
    """The lines of the table, and one that counts.

    :param results: by workspace what a role has left; None or nothing where it has left nothing
    """
    rows = sorted((_standing(name, found or {}) for name, found in results.items()), key=lambda row: row.rank)
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (HEAD, *rows)
    ]
    counted = Counter(row.status for row in rows)
    return [*lines, f"total of {len(rows)}: {', '.join(f'{number} {status}' for status, number in counted.items())}"]


def _standing(name: str, result: t.Mapping[str, t.Any]) -> Standing:
    status = str(result.get("status") or "")
    if not status:
        return Standing(name, NO_RESULT, failed=_WHY)
    token = result.get("token") or {}
    summary = result.get("summary") or {}
    counts = [f"{summary[kind]} {kind}" for kind in ("passed", "failed", "warned", "skipped") if summary.get(kind)]
    failed = [str(check["id"]) for check in result.get("checks") or () if check.get("result") == "failed"]
    return Standing(name, status, ", ".join(counts) or "-", str(token.get("expiry") or "-"), ", ".join(failed) or "-")
