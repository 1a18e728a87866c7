# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All reports below a directory, read and judged: one document, and the lines that a person sees first."""

from __future__ import annotations

import contextlib
import typing as t
from datetime import UTC, date, datetime
from pathlib import Path

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from .._reports import chain, files, index, writing
from . import difference, findings, lines, proof, reading, signatures

FORMAT, VERSION = "lakeops.databricks.audit", 1


class Wish(t.NamedTuple):
    """What is to be read.

    :ivar directories: of reports
    :ivar workspaces: their names in the inventory; None for all that have a directory
    :ivar since: changes before it are not told; an aware time
    :ivar signers: the keys that count
    :ivar copies: a directory as this one, with copies of chain files that were kept elsewhere
    """

    directories: list[Path]
    workspaces: list[str] | None = None
    since: datetime | None = None
    signers: Path | None = None
    copies: Path | None = None


class NothingThere(Exception):
    """There is no report, so there is nothing to be said well of."""


def read(wish: Wish, now: datetime) -> Json:
    """Read and judge everything.

    :param now: with a time zone
    :raises NothingThere: neither a report nor a chain
    :raises OSError: something cannot be read
    """
    chains: list[Json] = []
    for folder in _folders(wish):
        # A run that writes meanwhile would look like one that was interfered with.
        with _alone(folder):
            found = reading.histories(folder)
        chains += [_chain(wish, history) for history in found]
    if not chains:
        raise NothingThere(f"There is no report in {', '.join(map(str, wish.directories))}.")
    absent = _absent(wish)
    return {
        "format": FORMAT,
        "version": VERSION,
        "read": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "directories": [str(directory) for directory in wish.directories],
        "since": wish.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if wish.since else None,
        "signers": str(wish.signers) if wish.signers else None,
        "status": _worst([*(one["status"] for one in chains), *(["unknown"] if absent else [])]),
        "without_reports": absent,
        "chains": chains,
    }


def since(value: t.Any) -> datetime | None:
    """A day, or a time, of UTC unless it says otherwise; None for nothing.

    :raises ValueError: a sentence without the name of the option
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    text = str("" if value is None else value).strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"is {text!r}. Give a day such as 2026-07-01, or a time such as 2026-07-01T09:00:00Z."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _folders(wish: Wish) -> list[Path]:
    if wish.workspaces is None:
        return [folder for directory in wish.directories for folder in reading.workspaces(directory)]
    return [folder for name in wish.workspaces for folder in _there(wish, name)]


def _absent(wish: Wish) -> list[str]:
    """Workspaces that are asked for, or that the page of all of them leads to, and of which there is nothing."""
    if wish.workspaces is not None:
        return [name for name in wish.workspaces if not _there(wish, name)]
    known = (
        (name, directory / folder) for directory in wish.directories for name, folder in index.known(directory).items()
    )
    return sorted(name for name, folder in known if not folder.is_dir())


def _there(wish: Wish, name: str) -> list[Path]:
    """Where a workspace has reports.

    :raises OSError: a directory cannot be read
    """
    folder = writing.folder_name(name)
    return [directory / folder for directory in wish.directories if directory / folder in set(directory.iterdir())]


def _alone(folder: Path) -> contextlib.AbstractContextManager[None]:
    """The lock of who writes, where it can be had: an auditor may be allowed to read only."""
    return files.alone(folder) if files.writable(folder) else contextlib.nullcontext()


def _worst(levels: t.Iterable[str]) -> str:
    found = set(levels)
    return next(one for one in ("broken", "unknown", "unbroken") if one in found)


def _chain(wish: Wish, history: reading.History) -> Json:
    proven = proof.prove(history)
    entries, reports = proven.entries, proven.reports
    found = [*proven.findings, *_copied(wish, history)]
    signed = signatures.check(history, entries, reports, wish.signers)
    found += signed.findings
    differences = difference.between([reports[entry.run] for entry in entries if entry.run in reports])
    events = [event for event in differences.events if wish.since is None or _time(event.written) >= wish.since]
    unseen = [
        run for run in differences.unseen if wish.since is None or (chain.written(run) or wish.since) >= wish.since
    ]
    newest = entries[-1] if entries else None
    return {
        "workspace": reading.name_of(history.folder, history),
        "directory": str(history.folder.parent),
        "folder": history.folder.name,
        "partner": history.partner,
        "status": findings.worst(found),
        "chain": findings.worst(one for one in found if one.code not in findings.SEALS),
        "findings": [{"code": one.code, "level": one.level, "run": one.run, "line": one.sentence()} for one in found],
        "said": found,
        "runs": [_row(entry, reports.get(entry.run), signed) for entry in entries if entry.run in history.held],
        "pruned": proven.pruned,
        "known_since": _known_since(entries, reports, wish.since) if proven.pruned else None,
        "signed": len(signed.good),
        "signers": sorted(set(signed.good.values())) if signed.trusted else [],
        "newest": newest and {"run": newest.run, "number": newest.number, "sha256": newest.report},
        "events": [event._asdict() for event in events],
        "unseen": unseen,
    }


def _row(entry: chain.Entry, report: Json | None, signed: signatures.Seals) -> Json:
    run = (report or {}).get("run", {})
    return {
        "run": entry.run,
        "number": entry.number,
        "written": run.get("written") or reading_time(entry.run),
        "entry": run.get("entry"),
        "mode": run.get("mode"),
        "status": (report or {}).get("status"),
        "who": difference.who(report) if report else None,
        "signer": signed.good.get(entry.run),
        "sha256": entry.report,
    }


def reading_time(run: str) -> str:
    """When a run was written, by its name."""
    found = chain.written(run)
    return found.strftime("%Y-%m-%dT%H:%M:%SZ") if found else ""


def _known_since(
    entries: t.Sequence[chain.Entry], reports: t.Mapping[str, Json], wanted: datetime | None
) -> str | None:
    """When the oldest report was written that is kept, unless it was before what was asked for."""
    first = next((str(reports[entry.run]["run"]["written"]) for entry in entries if entry.run in reports), None)
    return first if first is not None and (wanted is None or _time(first) > wanted) else None


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _copied(wish: Wish, history: reading.History) -> list[findings.Finding]:
    if wish.copies is None:
        return []
    copy = chain.file_of(wish.copies / history.folder.name, history.partner)
    if not copy.is_file():
        return []
    text = copy.read_bytes().decode("utf-8", errors="replace")
    return lines.against_copy(history.text or "", text)
