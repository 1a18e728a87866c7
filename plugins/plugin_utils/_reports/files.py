# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole or not there, in directories that one run at a time writes in."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
import typing as t
from pathlib import Path

DIRECTORY_MODE, FILE_MODE = 0o750, 0o640
# How the names of unfinished files begin; whoever holds the lock may remove them.
UNFINISHED = ".writing-"
# Longer than hundreds of workspaces take to write one after the other.
_LOCK_SECONDS = 120.0


def as_object(data: bytes) -> dict[str, t.Any] | None:
    """The JSON object that a file holds; None for anything else. Anybody may have damaged it."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class Locked(Exception):
    """Another run holds the directory for longer than writing takes."""


@contextlib.contextmanager
def alone(folder: Path, seconds: float = _LOCK_SECONDS) -> t.Iterator[None]:
    """Nobody else writes in the directory meanwhile. The lock ends with the process, however that ends.

    :param seconds: how long to wait for it
    :raises Locked: somebody else has it all that time
    :raises OSError: the directory cannot be written in
    """
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        end = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise Locked from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def writable(folder: Path) -> bool:
    """Whether this user may write in a directory; somebody who may only read it cannot lock it either."""
    return os.access(folder, os.W_OK)


def make(folder: Path) -> None:
    """Make a directory and what is missing above it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        with contextlib.suppress(FileExistsError):
            one.mkdir()
            one.chmod(DIRECTORY_MODE)


def put(path: Path, text: str) -> None:
    """Write a new file, and have it on the disk."""
    with path.open("x", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all: whoever reads it meanwhile sees the old one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{UNFINISHED}{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            os.fchmod(descriptor, FILE_MODE)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def settled(folder: Path) -> None:
    """Have the names in a directory on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(folder: Path, names: t.Iterable[str]) -> None:
    """Take files of ours away, and the directory, unless somebody else keeps something in it."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def sweep(folder: Path) -> None:
    """Take away what a run that died did not finish. Only for who holds the lock."""
    for left in folder.glob(f"{UNFINISHED}*"):
        if left.is_dir() and not left.is_symlink():
            remove(left, [one.name for one in left.iterdir() if one.is_file()])
        else:
            left.unlink(missing_ok=True)
