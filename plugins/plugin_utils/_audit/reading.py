# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of a workspace as it is, without a judgement."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from .._reports import chain, files
from .._reports.writing import FORMAT, LATEST, VERSION
from . import form

_CACHE = ".index.json"


class Held(t.NamedTuple):
    """What the folder of a run holds; None for a file that is missing."""

    run: str
    report: bytes | None
    page: bytes | None
    signature: bytes | None

    @property
    def report_sha256(self) -> str:
        """Empty where there is no report."""
        return "" if self.report is None else chain.digest(self.report)

    @property
    def page_sha256(self) -> str:
        """Empty where there is no page."""
        return "" if self.page is None else chain.digest(self.page)


class History(t.NamedTuple):
    """All that is left of the runs of one workspace and partner.

    :ivar text: of the chain file; None where there is none
    :ivar named: runs that pages and ``latest`` lead to; they prove nothing, but nobody takes away what he forgets
    """

    folder: Path
    partner: str
    text: str | None
    held: dict[str, Held]
    named: frozenset[str]


def workspaces(directory: Path) -> list[Path]:
    """Directories below it that hold a chain or a run.

    :raises OSError: it cannot be read
    """
    found = [one for one in directory.iterdir() if one.is_dir() and not one.is_symlink() and _partners(one)]
    return sorted(found)


def histories(folder: Path) -> list[History]:
    """What is there, by partner.

    :raises OSError: something cannot be read
    """
    leads = _leads(folder)
    return [_history(folder, partner, leads) for partner in _partners(folder)]


def name_of(folder: Path, history: History) -> str:
    """What the workspace is called, by the newest report that can be read; else its directory."""
    for run in sorted(history.held, reverse=True):
        report = document(history.held[run])
        if report is not None:
            return str(report["workspace"]["name"])
    return folder.name


def partner_of(run: str) -> str:
    """The partner in the name of a run. The word for what was done, behind it, holds no underscore."""
    found = chain.NAME.fullmatch(run)
    return found["what"].rpartition("_")[0] if found else ""


def document(held: Held) -> Json | None:
    """The report, if it is one of the format that is known here."""
    report = anything(held)
    return report if report is not None and is_known(report) and form.has_its_form(report) else None


def is_known(report: Json) -> bool:
    """Whether it says that it has the format that is known here."""
    return (report.get("format"), report.get("version")) == (FORMAT, VERSION)


def anything(held: Held) -> Json | None:
    """The report, whatever its format; None for what is no JSON object."""
    return files.as_object(held.report or b"")


def _partners(folder: Path) -> list[str]:
    chains = [one.stem for one in folder.glob("*.sha256") if one.is_file()]
    runs = [partner_of(one.name) for one in folder.iterdir() if not one.is_symlink()]
    return sorted({*chains, *filter(None, runs)})


def _history(folder: Path, partner: str, leads: set[str]) -> History:
    path = chain.file_of(folder, partner)
    text = path.read_bytes().decode("utf-8", errors="replace") if path.is_file() else None
    runs = [one for one in folder.iterdir() if one.is_dir() and not one.is_symlink()]
    held = {run.name: _held(run) for run in runs if partner_of(run.name) == partner}
    # A folder that retention left since somebody else keeps something in it is no run any more.
    held = {name: one for name, one in held.items() if one[1:] != (None, None, None)}
    return History(folder, partner, text, held, frozenset(run for run in leads if partner_of(run) == partner))


def _held(folder: Path) -> Held:
    ours = [folder / name for name in chain.OURS]
    return Held(folder.name, *(file.read_bytes() if file.is_file() else None for file in ours))


def _leads(folder: Path) -> set[str]:
    found = set()
    latest = folder / LATEST
    if latest.is_symlink():
        found.add(latest.readlink().name)
    with contextlib.suppress(OSError):
        runs = (files.as_object((folder / _CACHE).read_bytes()) or {}).get("runs")
        found |= set(runs) if isinstance(runs, dict) else set()
    return found
