# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may have become of the file that holds the token, and how somebody puts it right again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import typing as t
from collections.abc import Callable
from pathlib import Path

from ansible.parsing.vault import VaultLib, VaultSecret

from .places import File

NOBODY = 65534
ROOM = 64 * 1024  # bytes of a small disk


def _vaulted(store: Path) -> None:
    sealed = VaultLib([("other", VaultSecret(b"another password"))]).encrypt(store.read_bytes(), vault_id="other")
    store.write_bytes(sealed)


def _linked(store: Path) -> None:
    store.rename(store.with_name("elsewhere.json"))
    store.symlink_to("elsewhere.json")


def _with(record: bytes, **values: t.Any) -> bytes:
    return json.dumps({**json.loads(record), **values}).encode()


# What may have become of the text in any kind of store.
TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "corrupted": lambda _record: bytes(range(256)),
    "truncated": lambda record: record[: len(record) // 2],
    "empty": lambda _record: b"",
    "foreign": lambda _record: b'{"version": 3, "settings": {"colour": "red"}}\n',
    "a list": lambda _record: b"[1, 2, 3]\n",
    "very deep": lambda _record: b"[" * 100_000 + b"]" * 100_000,
    "a generation in words": lambda record: _with(record, generation="zwei"),
    "an id that is a number": lambda record: _with(record, token_id=7),
    "a predecessor that is text": lambda record: _with(record, predecessors="none"),
    "an expiry of nobody": lambda record: _with(record, expiry="soon"),
    "another workspace": lambda record: _with(record, host="https://other.example", workspace_id="1"),
}
DAMAGES: dict[str, Callable[[Path], t.Any]] = {
    **{
        how: lambda store, change=change: store.write_bytes(change(store.read_bytes())) for how, change in TEXTS.items()
    },
    "another vault id": _vaulted,
    "symbolic link": _linked,
    "world-readable": lambda store: store.chmod(0o644),
    "other owner": lambda store: os.chown(store, NOBODY, NOBODY),
    "open directory": lambda store: store.parent.chmod(0o777),
}
DISKS = ("read-only", "full")
if os.geteuid():
    print("campaign: not root, so nothing about stores of another owner, full disks and read-only disks")
    DISKS = ()
    del DAMAGES["other owner"]


@contextlib.contextmanager
def damaged(store: Path, how: str) -> t.Iterator[Callable[[], bool]]:
    """A store in trouble; afterwards what the run made of it, in an ordinary directory.

    :returns: asks whether a run left the damage as it was
    """
    if how in DISKS:
        with _disk(store, how) as untouched:
            yield untouched
        return
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(store.parent, kept, dirs_exist_ok=True)
        DAMAGES[how](store)
        before = _look(store)
        yield lambda: _look(store) == before
        if _look(store) == before:  # somebody puts the file back
            shutil.rmtree(store.parent)
            shutil.copytree(kept, store.parent)


@contextlib.contextmanager
def damaged_text(place: File, how: str) -> t.Iterator[Callable[[], bool]]:
    """The same for what a store of another kind holds."""
    kept = place.raw() or b""
    damaged_one = TEXTS[how](kept)
    place.put(damaged_one)
    yield lambda: place.raw() == damaged_one
    if place.raw() == damaged_one:
        place.put(kept)


def _look(store: Path) -> tuple[t.Any, ...]:
    if not os.path.lexists(store):
        return ()
    seen = store.lstat()
    return seen.st_mode, seen.st_uid, store.parent.stat().st_mode, store.read_bytes()


@contextlib.contextmanager
def _disk(store: Path, how: str) -> t.Iterator[Callable[[], bool]]:
    """A small disk under the store, without room or without leave to write."""
    folder = store.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=700", "tmpfs", str(folder)], check=True)
        try:
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            if how == "read-only":
                subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
            else:
                _fill(folder / "filler")
            before = _look(store)
            yield lambda: _look(store) == before
            shutil.rmtree(kept)
            shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("filler"))
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        for left in {one.name for one in folder.iterdir()} - {one.name for one in Path(kept).iterdir()}:
            (folder / left).unlink()


def _fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 512)
