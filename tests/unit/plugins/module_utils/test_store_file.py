# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a token: room before there is a token, whose it is, who could read it, and what is said of it."""

from __future__ import annotations

import errno
import json
import os
import types
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._token import store_file
from ansible_collections.lakeops.databricks.plugins.module_utils._token.store_file import ROOM, FileStore
from ansible_collections.lakeops.databricks.plugins.plugin_utils._play_vault import PlayVault

RECORD = {"token_id": "1" * 64, "token_value": "dapi" + "1" * 32, "host": "https://a"}
TEXT = json.dumps(RECORD, indent=2, sort_keys=True) + "\n"
VAULT = PlayVault([("prod", b"blue")])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "token.json"


def stored(path: Path, vault: t.Any = None, mode: int = 0o600) -> FileStore:
    store = FileStore(str(path), vault)
    store.write_text(TEXT)
    path.chmod(mode)
    return store


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


# -- room -------------------------------------------------------------------------------------
def test_room_is_there_before_the_token_and_the_record_takes_it(path: Path) -> None:
    store = FileStore(str(path), None)
    with store.exclusive():
        store.prepare()
        room = path.parent / ".token.json.lakeops.new"
        assert room.stat().st_size == ROOM
        assert room.stat().st_mode & 0o777 == 0o600
        inode = room.stat().st_ino
        store.write_text(TEXT)
        assert path.stat().st_ino == inode and path.read_text() == TEXT and not room.exists()
        store.prepare()
    assert names(path) == ["token.json"], "room that was not needed is given back"
    assert FileStore(str(path), None).repair(check=True) == []


def test_what_is_called_stored_is_on_the_disk_name_included_before_the_run_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that loses its power after the token was made must find its value, or the room for it."""
    deeds: list[tuple[str, str, int]] = []
    there, moved = os.fsync, Path.rename

    def synced(number: int) -> None:
        name = Path(f"/proc/self/fd/{number}").readlink().name
        deeds.append(("sync", name, os.fstat(number).st_size if name != "folder" else 0))
        there(number)

    def renamed(self: Path, target: Path) -> Path:
        deeds.append(("rename", self.name, 0))
        return moved(self, target)

    monkeypatch.setattr(store_file.os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    store, new = FileStore(str(path), None), ".token.json.lakeops.new"
    store.prepare()
    assert deeds == [("sync", new, ROOM)], "room that is only promised may be given to somebody else"
    deeds.clear()
    store.write_text(TEXT)
    assert deeds == [("sync", new, len(TEXT)), ("rename", new, 0), ("sync", "folder", 0)]
    deeds.clear()
    store.clear()
    assert deeds == [("sync", "folder", 0)], "a token that was revoked would come back"


def test_room_that_somebody_else_put_in_its_place_is_not_written_to(path: Path) -> None:
    store = FileStore(str(path), None)
    store.prepare()
    room = path.parent / ".token.json.lakeops.new"
    room.rename(path.parent / "kept")
    room.write_text("")
    room.chmod(0o666)
    watched = room.open()
    store.write_text(TEXT)
    assert watched.read() == "" and path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the user's quota is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "this user may not write there"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("deed", ["prepare", "write", "clear", "exclusive"])
def test_why_it_cannot_be_written_is_one_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str, deed: str
) -> None:
    store = stored(path)

    def fail(*_given: t.Any, **_named: t.Any) -> t.NoReturn:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(store_file.os, "fsync", fail)
        patched.setattr(FileStore, "_make_folder", fail)
        with pytest.raises(Failure) as failed:
            if deed == "exclusive":
                with store.exclusive():
                    raise AssertionError
            {"prepare": store.prepare, "write": lambda: store.write_text(TEXT), "clear": store.clear}[deed]()
    assert str(failed.value) == f"store.path: could not write {path}: {said}."
    assert failed.value.code == "STORE"
    if deed != "clear":
        assert path.read_text() == TEXT


def test_a_place_that_cannot_be_written_is_told_before_anything_is_done(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    monkeypatch.setattr(store_file.os, "access", lambda *given, **named: False)
    with pytest.raises(Failure, match=r"could not write .*: this user may not write there"):
        FileStore(str(path), None).repair(check=True)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"f_bavail": 3}, "the disk is full"),
        ({"f_favail": 0}, "the disk is full"),
        ({"f_favail": 0, "f_files": 0}, None),  # a file system that does not count files
        ({}, None),
    ],
)
def test_a_look_tells_whether_there_is_room(
    path: Path, monkeypatch: pytest.MonkeyPatch, numbers: dict[str, int], said: str | None
) -> None:
    path.parent.mkdir()
    free = types.SimpleNamespace(**{"f_bavail": 1000, "f_frsize": 4096, "f_files": 9, "f_favail": 9, **numbers})
    monkeypatch.setattr(store_file.os, "statvfs", lambda where: free)
    store = FileStore(str(path), None)
    if said is None:
        store.check()
    else:
        with pytest.raises(Failure, match=said):
            store.check()
    assert names(path) == []


def test_a_look_reads_and_changes_nothing(path: Path) -> None:
    stored(path, VAULT, 0o644)
    for vault, said in ((None, "no vault secret"), (PlayVault([("prod", b"red")]), "none of the play's vault secrets")):
        with pytest.raises(Refused, match=said):
            FileStore(str(path), vault).check()
    FileStore(str(path), VAULT).check()
    assert path.stat().st_mode & 0o777 == 0o644 and names(path) == ["token.json"]


# -- whose and for whose eyes -----------------------------------------------------------------
def test_a_file_of_another_user_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = stored(path, mode=0o644)
    monkeypatch.setattr(store_file.os, "geteuid", lambda: path.stat().st_uid + 1)
    for check in (True, False):
        with pytest.raises(Refused, match=r"belongs to another user \(uid \d+; this run has uid \d+\)"):
            store.repair(check)
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(("mode", "readable"), [(0o644, True), (0o640, True), (0o604, True), (0o620, False)])
@pytest.mark.parametrize("vault", [None, VAULT], ids=["plain", "sealed"])
def test_a_file_that_others_could_read_is_repaired_and_told(
    path: Path, mode: int, readable: bool, vault: PlayVault | None
) -> None:
    stored(path, vault, mode)
    for check in (True, False):
        store = FileStore(str(path), vault)
        assert [said[:5] for said in store.repair(check)] == ["made "]
        assert path.stat().st_mode & 0o777 == (mode if check else 0o600)
        assert len(store.warnings) == readable
        if readable:
            assert f"had mode {mode:04o}, so others on this machine could read" in store.warnings[0]
            assert ("klaviyo_rotate" in store.warnings[0]) == (vault is None)
    again = FileStore(str(path), vault)
    assert again.repair(check=False) == again.warnings == []


@pytest.mark.parametrize(("mode", "warned"), [(0o777, True), (0o1777, False), (0o770, False), (0o700, False)])
def test_a_directory_where_everybody_may_replace_the_file_is_told(path: Path, mode: int, warned: bool) -> None:
    store = stored(path)
    path.parent.chmod(mode)
    assert store.repair(check=True) == []
    assert len(store.warnings) == warned
    if warned:
        assert f"{path.parent} (mode 0777). Take that away (chmod o-w)" in store.warnings[0]


# -- sealed -----------------------------------------------------------------------------------
def test_plain_text_is_sealed_when_there_is_a_secret(path: Path) -> None:
    stored(path)
    store = FileStore(str(path), VAULT)
    assert store.repair(check=True) == [f"encrypted {path}, which was plain text, with the play's vault secret"]
    assert path.read_text() == TEXT
    assert len(store.repair(check=False)) == 1
    assert path.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n") and store.read() == RECORD
    assert store.repair(check=False) == [] and names(path) == ["token.json"]


@pytest.mark.parametrize("text", ["shopping list", '{"a": 1}', "$ANSIBLE_VAULX;1.1;AES256\n"])
def test_what_is_not_a_record_is_not_sealed_and_not_repaired(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o644)
    with pytest.raises(Refused, match="not the record of a token"):
        FileStore(str(path), VAULT).repair(check=False)
    assert path.read_text() == text and path.stat().st_mode & 0o777 == 0o644


def test_it_stays_under_its_vault_id(path: Path) -> None:
    stored(path, VAULT)
    FileStore(str(path), PlayVault([("dev", b"red"), ("prod", b"blue")])).write_text(TEXT + "\n")
    assert path.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")
    assert FileStore(str(path), VAULT).read() == RECORD


def test_without_a_secret_it_is_not_read_and_not_replaced_by_plain_text(path: Path) -> None:
    stored(path, VAULT)
    store, before = FileStore(str(path), None), path.read_text()
    with pytest.raises(Refused, match="this play has no vault secret"):
        store.read()
    with pytest.raises(Refused, match="this play has no vault secret"):
        store.write({**RECORD, "generation": 2}, None)
    with pytest.raises(Refused, match="this play has no vault secret"):
        store.write_text(TEXT)
    assert path.read_text() == before
