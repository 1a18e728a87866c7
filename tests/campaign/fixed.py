# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few cases that belong to the gate: some of each family, always the same."""

from __future__ import annotations

import typing as t


class Fixed(t.NamedTuple):
    """A case, found by how far into the playbook its request is, since a playbook may come to send more or fewer."""

    family: str
    play: str
    trouble: str
    how_far: float = 0.0

    @property
    def name(self) -> str:
        where = f" at {self.how_far:.0%} of its requests" if self.how_far else ""
        return f"{self.family}: {self.play}: {self.trouble}{where}"

    def request(self, sent: int) -> int:
        return max(1, round(self.how_far * sent)) if self.how_far else 0


FIXED = (
    Fixed("a", "setup", "kill after", 0.55),
    Fixed("a", "offboard", "int after", 0.5),
    Fixed("b", "rotate", "500", 0.5),
    Fixed("b", "confirm", "401", 0.95),
    Fixed("c", "setup", "2 reads"),
    Fixed("d", "setup", "with setup"),
    Fixed("e", "rotate", "truncated"),
    Fixed("f", "verify", "name: jinja"),
    Fixed("g", "verify", "2 days"),
)
