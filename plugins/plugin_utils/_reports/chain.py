# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of the runs of one workspace and partner: a file of two lines a run, as sha256sum writes and checks them.

Each report holds the hash of the one before it, and that of the chain file as it was before the run. So the newest
report vouches for every line above its own, also for those of runs whose folders retention took away.
"""

from __future__ import annotations

import hashlib
import re
import typing as t
from datetime import UTC, datetime
from pathlib import Path

REPORT, PAGE, SIGNATURE = "report.json", "report.html", "report.json.sig"
OURS = (REPORT, PAGE, SIGNATURE)
NAME = re.compile(r"(?P<time>[0-9]{8}T[0-9]{6}Z)-(?P<what>[a-z][a-z0-9_]*)(?:-[0-9]+)?")
_LINE = re.compile(rf"(?P<hash>[0-9a-f]{{64}})  (?P<run>{NAME.pattern})/(?P<file>report\.json|report\.html)\n")
_STAMP = "%Y%m%dT%H%M%SZ"


class Entry(t.NamedTuple):
    """A run as the chain file names it.

    :ivar number: counted from 1
    """

    number: int
    run: str
    report: str
    page: str


class Chain(t.NamedTuple):
    """A chain file: its text, and the runs that it names."""

    entries: list[Entry]
    text: str


def file_of(folder: Path, partner: str) -> Path:
    """Where the chain of a partner is."""
    return folder / f"{partner}.sha256"


def read(path: Path) -> Chain:
    """The chain file as it is; an empty one where there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    return parse(data.decode("utf-8", errors="replace"))


def parse(text: str) -> Chain:
    """The lines of a chain file, in pairs; whatever else stands there is passed over."""
    entries: list[Entry] = []
    report: re.Match[str] | None = None
    for line in text.splitlines(keepends=True):
        found = _LINE.fullmatch(line)
        if found is not None and found["file"] == REPORT:
            report = found
        elif found is not None and report is not None and report["run"] == found["run"]:
            entries.append(Entry(len(entries) + 1, found["run"], report["hash"], found["hash"]))
            report = None
    return Chain(entries, text)


def lines(run: str, report: str, page: str) -> str:
    """What a run adds to the chain file."""
    return f"{report}  {run}/{REPORT}\n{page}  {run}/{PAGE}\n"


def digest(data: bytes | str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data.encode("utf-8") if isinstance(data, str) else data).hexdigest()


def stamp(now: datetime) -> str:
    """How the name of a run begins."""
    return now.astimezone(UTC).strftime(_STAMP)


def written(run: str) -> datetime | None:
    """When a run was written, by its name; None for another name."""
    found = NAME.fullmatch(run)
    return datetime.strptime(found["time"], _STAMP).replace(tzinfo=UTC) if found else None
