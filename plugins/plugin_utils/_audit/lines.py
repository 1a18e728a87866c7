# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a chain file, read so that one bad line does not hide the others."""

from __future__ import annotations

import re
import typing as t

from .._reports import chain
from . import findings
from .findings import Finding

_LINE = re.compile(rf"(?P<hash>[0-9a-f]{{64}})  (?P<run>{chain.NAME.pattern})/(?P<file>report\.json|report\.html)\n")
# More than these are not reported one by one.
_MANY = 3


def entries(text: str) -> tuple[list[chain.Entry], list[Finding]]:
    """The runs of a chain file. A hash is empty where its line cannot be read.

    :returns: the runs, and a finding for each line that is none
    """
    lines = text.splitlines(keepends=True)
    read = [_LINE.fullmatch(line) for line in lines]
    found: list[chain.Entry] = []
    bad: list[int] = []
    at = 0
    while at < len(read):
        here, after = read[at], read[at + 1] if at + 1 < len(read) else None
        more = at + 1 < len(read)
        report = here is not None and here["file"] == chain.REPORT
        if here is not None and report and after is not None and _pair(here, after):
            found.append(chain.Entry(len(found) + 1, here["run"], here["hash"], after["hash"]))
            at += 2
        elif here is not None and report:
            found.append(chain.Entry(len(found) + 1, here["run"], here["hash"], ""))
            bad.append(at + 2)
            at += 2 if more and after is None else 1
        elif here is not None or (after is not None and after["file"] == chain.PAGE):
            page = t.cast("re.Match[str]", here if here is not None else after)
            found.append(chain.Entry(len(found) + 1, page["run"], "", page["hash"]))
            bad.append(at + 1)
            at += 1 if here is not None else 2
        else:
            bad.append(at + 1)
            at += 1
    if len(bad) > _MANY:
        return found, [findings.of("lines_bad", count=len(bad), first=bad[0])]
    return found, [findings.of("line_bad", line=number) for number in bad]


def _pair(report: re.Match[str], page: re.Match[str]) -> bool:
    return page["file"] == chain.PAGE and page["run"] == report["run"]


def against_copy(text: str, copy: str) -> list[Finding]:
    """Whether the chain goes on where a copy of it, kept elsewhere, ends."""
    if text.startswith(copy):
        return []
    mine, theirs = text.splitlines(), copy.splitlines()
    if copy.startswith(text) or mine == theirs[: len(mine)]:
        return [findings.of("copy_longer", count=(len(theirs) - len(mine) + 1) // 2)]
    pairs = zip(mine, theirs, strict=False)
    line = next((number for number, (one, other) in enumerate(pairs, 1) if one != other), len(mine))
    return [findings.of("copy_differs", line=line)]
