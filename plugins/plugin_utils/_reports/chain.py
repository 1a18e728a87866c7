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
    :ivar before: SHA-256 of the chain file up to its lines
    """

    number: int
    run: str
    report: str
    page: str
    before: str


class Chain(t.NamedTuple):
    """A chain file.

    :ivar strange: lines that no run of ours wrote, with their numbers
    """

    entries: list[Entry]
    text: str
    strange: list[tuple[int, str]]

    def of(self, run: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.run == run), None)


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
    """The lines of a chain file, in pairs; whatever else stands there is strange."""
    entries: list[Entry] = []
    strange: list[tuple[int, str]] = []
    before = hashlib.sha256()
    first: tuple[re.Match[str], str] | None = None
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        found = _LINE.fullmatch(line)
        if found is not None and found["file"] == REPORT and first is None:
            first = (found, before.hexdigest())
        elif found is not None and found["file"] == PAGE and first is not None and first[0]["run"] == found["run"]:
            entries.append(Entry(len(entries) + 1, found["run"], first[0]["hash"], found["hash"], first[1]))
            first = None
        else:
            strange.append((number, line.rstrip("\n")))
        before.update(line.encode("utf-8"))
    if first is not None:
        strange.append((text.count("\n"), first[0][0].rstrip("\n")))
    return Chain(entries, text, strange)


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
