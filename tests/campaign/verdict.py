# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is counted of a case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

COLUMNS = ("secrets", "orphans", "duplicates", "bystanders", "unclear", "other")


@dataclass
class Verdict:
    """What went wrong in one case, by column, and in words."""

    counts: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # outputs, for the search for secrets

    def wrong(self, column: str, words: str, count: int = 1) -> None:
        if count:
            self.counts[column] += count
            self.words.append(f"{column}: {words}")
