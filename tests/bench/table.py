# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured: a table for people, JSON for machines, and what must hold."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import sys
import typing as t
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("ansible-core", "databricks-sdk", "databricks-sql-connector")


@dataclass
class Row:
    """One thing measured several times; medians are what counts."""

    measurement: str
    labels: dict[str, t.Any]
    samples: dict[str, list[float]] = field(default_factory=dict)

    def sample(self, **values: float | None) -> None:
        for name, value in values.items():
            if value is not None:
                self.samples.setdefault(name, []).append(value)

    @property
    def repetitions(self) -> int:
        return max((len(values) for values in self.samples.values()), default=0)

    def as_dict(self) -> dict[str, t.Any]:
        medians = {name: round(statistics.median(values), 4) for name, values in self.samples.items()}
        samples = {name: [round(value, 4) for value in values] for name, values in self.samples.items()}
        return {**self.labels, "repetitions": self.repetitions, "median": medians, "samples": samples}


class Results:
    """Everything that one run of the benchmark found."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.verdicts: list[tuple[str, bool, str]] = []
        self.notes: list[str] = []
        self.started = datetime.datetime.now(datetime.UTC)

    def say(self, line: str) -> None:
        """Progress, which is no part of the table."""
        print(f"  {line}", file=sys.stderr, flush=True)

    def note(self, line: str) -> None:
        """What a reader of the table has to know."""
        self.notes.append(line)

    def add(self, measurement: str, **labels: t.Any) -> Row:
        """The row with these labels; made if there is none."""
        found = [row for row in self.rows if row.measurement == measurement and row.labels == labels]
        if not found:
            found = [Row(measurement, labels)]
            self.rows += found
        return found[0]

    def values(self, measurement: str, what: str, **labels: t.Any) -> list[float]:
        return [
            value
            for row in self.rows
            if row.measurement == measurement and labels.items() <= row.labels.items()
            for value in row.samples.get(what, ())
        ]

    def median(self, measurement: str, what: str, **labels: t.Any) -> float:
        return statistics.median(self.values(measurement, what, **labels))

    def most(self, measurement: str, what: str, **labels: t.Any) -> float | None:
        return max(self.values(measurement, what, **labels), default=None)

    def verdict(self, what: str, holds: bool, found: str) -> None:
        self.verdicts.append((what, holds, found))

    # -- showing ------------------------------------------------------------------------------
    def show(self) -> None:
        print("\nMedians of as many runs as column runs says, with the extremes; seconds and MiB.")
        for measurement in dict.fromkeys(row.measurement for row in self.rows):
            print(f"\n{measurement}")
            for line in _aligned(_cells([row for row in self.rows if row.measurement == measurement])):
                print(f"  {line}")
        print()
        for line in self.notes:
            print(f"note: {line}")
        for what, holds, found in self.verdicts:
            print(f"{'pass' if holds else 'FAIL'}: {what}: {found}")

    def write(self, path: Path) -> None:
        """All samples, with where and when they were taken."""
        content = {
            "started": self.started.isoformat(timespec="seconds"),
            "ended": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "machine": {
                "system": f"{platform.system()} {platform.machine()}",
                "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
                "load_average": [round(value, 2) for value in os.getloadavg()],
                "python": platform.python_version(),
                **{name: version(name) for name in LIBRARIES},
            },
            "measurements": {
                measurement: [row.as_dict() for row in self.rows if row.measurement == measurement]
                for measurement in dict.fromkeys(row.measurement for row in self.rows)
            },
            "notes": self.notes,
            "bounds": [{"what": what, "holds": holds, "found": found} for what, holds, found in self.verdicts],
        }
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    @property
    def hold(self) -> bool:
        return all(holds for _what, holds, _found in self.verdicts)


def _cells(rows: list[Row]) -> list[list[str]]:
    labels = list(dict.fromkeys(name for row in rows for name in row.labels))
    names = list(dict.fromkeys(name for row in rows for name in row.samples))
    head = [*labels, "runs", *names]
    return [head] + [
        [
            *(str(row.labels.get(name, "")) for name in labels),
            str(row.repetitions),
            *(_cell(row.samples.get(name)) for name in names),
        ]
        for row in rows
    ]


def _cell(values: list[float] | None) -> str:
    """The median; of times also the extremes, so that everybody sees how noisy the machine was."""
    if not values:
        return "-"
    median = statistics.median(values)
    if all(float(value).is_integer() for value in values):
        return f"{median:g}"
    return f"{median:.2f} ({min(values):.2f}-{max(values):.2f})"


def _aligned(cells: list[list[str]]) -> t.Iterator[str]:
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
