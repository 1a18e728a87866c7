# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run becomes a folder: complete or not there, next in its chain, and never touched again."""

from __future__ import annotations

import json
import os
import re
import shutil
import typing as t
from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from . import chain, files, index, rendering, signing
from .retention import Keep

FORMAT, VERSION = "lakeops.databricks.report", 1
LATEST = "latest"


class Wish(t.NamedTuple):
    """What is to be kept, and how.

    :ivar directory: of all reports
    :ivar workspace: its name in the inventory
    :ivar entry: setup, verify, rotate or offboard
    :ivar mode: run or check
    :ivar document: the keys of the report that are not made here
    """

    directory: Path
    workspace: str
    entry: str
    mode: str
    language: str
    keep: Keep
    sign_key: Path | None
    document: Json


class Kept(t.NamedTuple):
    """What came of it.

    :ivar removed: runs that retention took away
    :ivar unsigned: why there is no signature although a key was given; empty otherwise
    """

    run: str
    number: int
    folder: Path
    sha256: str
    signature: Path | None
    index: Path  # type: ignore[assignment]  # nobody looks for the place of a value in it
    removed: list[str]
    unsigned: str


def folder_name(workspace: str) -> str:
    """The directory of a workspace: its name, or one that cannot lead elsewhere and is no other's."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", workspace).lstrip(".")
    return plain if plain == workspace else f"{plain or '_'}-{chain.digest(workspace)[:8]}"


def write(wish: Wish, now: datetime | None = None) -> Kept:
    """Keep a run.

    :param now: with a time zone
    :raises files.Locked: another run holds the directory
    :raises OSError: it cannot be written there
    """
    now = now or datetime.now(UTC)
    folder = wish.directory / folder_name(wish.workspace)
    files.make(folder)
    with files.alone(folder):
        files.sweep(folder)
        partner = wish.document["partner"]["id"]
        known = resumed(folder, partner)
        kept = _written(wish, folder, known, now)
        removed = _retired(folder, kept, chain.read(chain.file_of(folder, partner)))
        _point(folder, kept.run)
        row = index.of_workspace(folder, wish.workspace, wish.language)
        # Within the other lock, so that of two runs the newer one has the last word.
        with files.alone(wish.directory):
            files.sweep(wish.directory)
            page = index.of_all(wish.directory, folder.name, row, wish.language)
    return kept._replace(removed=removed, index=page)


def resumed(folder: Path, partner: str) -> chain.Chain:
    """The chain, with the line of a run that died between its folder and its line. Only for who holds the lock."""
    path = chain.file_of(folder, partner)
    known = chain.read(path)
    left = unlisted(folder, partner, known)
    if left is not None:
        files.replace(path, known.text + chain.lines(*left))
        known = chain.read(path)
    return known


def unlisted(folder: Path, partner: str, known: chain.Chain) -> tuple[str, str, str] | None:
    """A run whose folder is complete, and which fits the end of the chain, but has no line in it: name and hashes."""
    listed = {entry.run for entry in known.entries}
    end = known.entries[-1] if known.entries else None
    previous = None if end is None else {"run": end.run, "sha256": end.report}
    for one in sorted(folder.glob(f"*-{partner}_*")):
        if one.name in listed or chain.NAME.fullmatch(one.name) is None or one.is_symlink():
            continue
        try:
            data, page = (one / chain.REPORT).read_bytes(), (one / chain.PAGE).read_bytes()
            report = files.as_object(data) or {}
            links = report["chain"]
            fits = (report["partner"]["id"], report["run"]["id"]) == (partner, one.name)
            fits = fits and links["page_sha256"] == chain.digest(page)
            fits = fits and (links["previous"], links["lines_sha256"]) == (previous, chain.digest(known.text))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if fits:
            return one.name, chain.digest(data), chain.digest(page)
    return None


def _written(wish: Wish, folder: Path, known: chain.Chain, now: datetime) -> Kept:
    partner = wish.document["partner"]["id"]
    run = _free(folder, f"{chain.stamp(now)}-{partner}_{wish.entry}", known)
    end = known.entries[-1] if known.entries else None
    number = len(known.entries) + 1
    kept_from = wish.keep.since(known.entries, number, now, _kept_from(folder, known))
    key, unsigned = _key(wish.sign_key)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "run": {
            "id": run,
            "number": number,
            "entry": wish.entry,
            "mode": wish.mode,
            "written": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "language": wish.language,
        },
        "chain": {
            "previous": None if end is None else {"run": end.run, "sha256": end.report},
            "lines_sha256": chain.digest(known.text),
            "kept_from": kept_from,
            "page_sha256": None,
            "signed_by": key,
        },
        **wish.document,
    }
    unfinished = folder / f"{files.UNFINISHED}{run}"
    unfinished.mkdir()
    unfinished.chmod(files.DIRECTORY_MODE)
    try:
        if key is not None and wish.sign_key is not None:
            unsigned = _texts(unfinished, document, wish.sign_key)
            document["chain"]["signed_by"] = None if unsigned else key
        if document["chain"]["signed_by"] is None:
            _texts(unfinished, document, None)
        files.settled(unfinished)
        report = chain.digest((unfinished / chain.REPORT).read_bytes())
        unfinished.rename(folder / run)
    except BaseException:
        files.remove(unfinished, chain.OURS)
        raise
    added = chain.lines(run, report, document["chain"]["page_sha256"])
    files.replace(chain.file_of(folder, partner), known.text + added)
    files.settled(folder)
    signature = folder / run / chain.SIGNATURE
    return Kept(
        run=run,
        number=number,
        folder=folder / run,
        sha256=report,
        signature=signature if signature.exists() else None,
        index=folder / index.NAME,
        removed=[],
        unsigned=unsigned,
    )


def _texts(folder: Path, document: Json, key: Path | None) -> str:
    """Both files, and the signature if there is a key; why there is none."""
    for name in chain.OURS:
        (folder / name).unlink(missing_ok=True)
    # The page cannot show its own hash, and the document that it is drawn from holds it.
    document["chain"]["page_sha256"] = None
    page = rendering.page(document, document["run"]["language"])
    document["chain"]["page_sha256"] = chain.digest(page)
    files.put(folder / chain.PAGE, page)
    files.put(folder / chain.REPORT, json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    if key is None:
        return ""
    try:
        signing.sign(key, folder / chain.REPORT)
    except signing.NoSignature as why:
        return str(why)
    (folder / chain.SIGNATURE).chmod(files.FILE_MODE)
    return ""


def _key(path: Path | None) -> tuple[str | None, str]:
    if path is None:
        return None, ""
    try:
        return signing.fingerprint(path), ""
    except signing.NoSignature as why:
        return None, str(why)


def _free(folder: Path, name: str, known: chain.Chain) -> str:
    """The name, with a number behind it where another run of the same second has it, or had."""
    taken = {entry.run for entry in known.entries}
    found, count = name, 1
    while found in taken or os.path.lexists(folder / found):
        count += 1
        found = f"{name}-{count}"
    return found


def _kept_from(folder: Path, known: chain.Chain) -> int:
    """What the newest run said; 1 where it cannot be read."""
    if not known.entries:
        return 1
    try:
        report = files.as_object((folder / known.entries[-1].run / chain.REPORT).read_bytes()) or {}
        return max(1, min(int(report["chain"]["kept_from"]), len(known.entries)))
    except (OSError, ValueError, KeyError, TypeError):
        return 1


def _retired(folder: Path, kept: Kept, known: chain.Chain) -> list[str]:
    """Take away the runs that this one no longer keeps: only what the chain names, and only as it was written."""
    kept_from = json.loads((kept.folder / chain.REPORT).read_bytes())["chain"]["kept_from"]
    removed = []
    for entry in known.entries[: kept_from - 1]:
        old = folder / entry.run
        if old.is_symlink() or not old.is_dir():
            continue
        try:
            held = [chain.digest((old / name).read_bytes()) for name in (chain.REPORT, chain.PAGE)]
        except OSError:
            continue
        if held == [entry.report, entry.page]:
            files.remove(old, (chain.PAGE, chain.SIGNATURE, chain.REPORT))
            removed.append(entry.run)
    return removed


def _point(folder: Path, run: str) -> None:
    """``latest`` leads to the run, or is a copy of it where there are no symbolic links."""
    latest, new = folder / LATEST, folder / f"{files.UNFINISHED}{LATEST}"
    try:
        new.symlink_to(run, target_is_directory=True)
    except OSError:
        shutil.copytree(folder / run, new)
    if latest.is_dir() and not latest.is_symlink():
        files.remove(latest, chain.OURS)
    elif not new.is_symlink():
        latest.unlink(missing_ok=True)
    new.replace(latest)
