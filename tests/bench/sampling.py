# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is alive below a play, and how much memory it has to itself.

Workers are forks of the play's process. What a worker shares with it costs nothing; what counts is what it has written
since, which Linux tells as Private_* in smaps_rollup (proc(5)). Elsewhere nothing is sampled, and that is said.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
MIB = 1024  # /proc counts in KiB
# Looking costs time, too: at most a tenth of one core.
SECONDS_BETWEEN, SHARE = 0.05, 10


@dataclass
class Memory:
    """Peaks, in MiB; None where nothing could be seen."""

    controller: float | None = None  # resident, what it shares with its forks included
    fork: float | None = None  # unshared, of the fork that had most
    forks_seen: set[int] = field(default_factory=set)


class Sampler:
    """Watches a process and its direct children for the length of a ``with`` block."""

    def __init__(self, process_id: int) -> None:
        self.memory = Memory()
        self._process_id = process_id
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self.memory

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        pause = SECONDS_BETWEEN
        while not self._over.wait(pause):
            started = time.perf_counter()
            self._look()
            pause = max(SECONDS_BETWEEN, SHARE * (time.perf_counter() - started))

    def _look(self) -> None:
        memory = self.memory
        memory.controller = _most(memory.controller, _field(PROC / str(self._process_id) / "status", "VmHWM"))
        for child in children(self._process_id):
            private = _field(PROC / str(child) / "smaps_rollup", "Private_Clean", "Private_Dirty")
            if private is not None:
                memory.forks_seen.add(child)
                memory.fork = _most(memory.fork, private)


class TreeSampler(Sampler):
    """Watches a process and all that descends from it; what they share counts once (Pss in proc(5))."""

    def _look(self) -> None:
        total, waiting = 0.0, [self._process_id]
        while waiting:
            one = waiting.pop()
            waiting += children(one)
            total += _field(PROC / str(one) / "smaps_rollup", "Pss") or 0.0
        if total:
            self.memory.controller = _most(self.memory.controller, total)


def children(process_id: int) -> list[int]:
    """The direct children of a process, whichever of its threads started them."""
    found = []
    for task in (PROC / str(process_id) / "task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue  # it ended meanwhile
    return found


def _field(path: Path, *names: str) -> float | None:
    """The sum of some lines of such a file, in MiB."""
    try:
        text = path.read_text()
    except OSError:
        return None
    found = [int(value) for name in names for value in re.findall(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)]
    return sum(found) / MIB if found else None


def _most(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)
