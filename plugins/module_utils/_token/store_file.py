# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A token's record in a file that only its owner may read; encrypted when the play has vault secrets."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
import typing as t
from pathlib import Path

from .._common.failure import BadOption, Failure, Refused
from .store import Store, parse
from .vault import is_sealed

# A run holds the lock while it mints and proves, which may include waiting for a busy workspace.
_PATIENCE = 180.0
# Bytes that are reserved for a record before there is one. An encrypted record of today has about 3000.
ROOM = 16 * 1024

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the user's quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
}


class FileStore(Store):
    """One file. Everything that touches its directory happens here.

    :ivar warnings: what is to be told besides what was repaired
    """

    def __init__(self, path: str, vault: t.Any) -> None:
        # Not resolve(): a symbolic link must be seen to be refused.
        self.path = Path.cwd() / Path(path).expanduser()
        self.vault = vault
        self.warnings: list[str] = []
        self._reserved: int | None = None  # the inode of what prepare() made
        self.place = f"file {self.path}"
        self.folder, name = self.path.parent, self.path.name
        # Fixed names, so that the next run can clean up after an interrupted one.
        self.lock_path = self.folder / f".{name}.lakeops.lock"
        self.new_path = self.folder / f".{name}.lakeops.new"
        self._check_path()

    def _check_path(self) -> None:
        if self.path.is_symlink():
            raise BadOption("store.path", f"{self.path} is a symbolic link. Give the file itself.")
        if os.path.lexists(self.path) and not self.path.is_file():
            raise BadOption("store.path", f"{self.path} is not a file.")
        if not self._nearest().is_dir():
            raise BadOption("store.path", f"{self._nearest()} is not a directory.")

    def _nearest(self) -> Path:
        """The directory that is there already."""
        parent = self.folder
        while not os.path.lexists(parent):
            parent = parent.parent
        return parent

    # -- reading ------------------------------------------------------------------------------
    def read_text(self) -> str | None:
        text = self._raw()
        if text is None or not is_sealed(text):
            return text
        if self.vault is None:
            raise self._no_secret()
        return self.vault.decrypt(text)

    def _no_secret(self) -> Refused:
        return Refused(
            f"store.path: {self.path} is encrypted with Ansible Vault, and this play has no vault secret.",
            code="VAULT",
            hint="Run the play with --vault-id or --vault-password-file, as when the token was stored.",
        )

    def _raw(self) -> str | None:
        """What the file holds, as it is on the disk."""
        try:
            with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            return "not text"
        except OSError as error:
            raise Failure(f"store.path: could not read {self.path}: {error.strerror}.", code="STORE") from error

    # -- writing ------------------------------------------------------------------------------
    def prepare(self) -> None:
        """Have room for the record before there is one; the next write fills it.

        :raises Failure: there is none, or this user may not write
        """
        with self._writing():
            self._make_folder()
            self.new_path.unlink(missing_ok=True)
            with os.fdopen(self._new_file(), "wb") as file:
                # Random bytes, which no file system can compress: room that is not written to is not always there.
                file.write(os.urandom(ROOM))
                file.flush()
                os.fsync(file.fileno())
                self._reserved = os.fstat(file.fileno()).st_ino

    def _new_file(self) -> int:
        return os.open(self.new_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)

    def _room(self) -> int:
        """What prepare() reserved, opened to be written over; or a new file, and never one that somebody else made."""
        if self._reserved is not None:
            with contextlib.suppress(OSError):
                opened = os.open(self.new_path, os.O_WRONLY | os.O_NOFOLLOW)
                if os.fstat(opened).st_ino == self._reserved:
                    return opened
                os.close(opened)
        self.new_path.unlink(missing_ok=True)
        return self._new_file()

    def write_text(self, text: str) -> None:
        there = self._raw()
        like = there if there and is_sealed(there) else None
        if self.vault is not None:
            text = self.vault.encrypt(text, like)
        elif like:
            raise self._no_secret()
        with self._writing():
            self._make_folder()
            with os.fdopen(self._room(), "w", encoding="utf-8") as file:
                self._reserved = None
                file.write(text)
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
            self.new_path.rename(self.path)
            self._sync_folder()

    def clear(self) -> None:
        if self.path.exists():
            with self._writing():
                self.path.unlink(missing_ok=True)
                self._sync_folder()

    @contextlib.contextmanager
    def _writing(self) -> t.Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: OSError) -> Failure:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        return Failure(f"store.path: could not write {self.path}: {reason}.", code="STORE")

    # -- checking and repairing ---------------------------------------------------------------
    def check(self) -> None:
        """Find out without changing anything whether the record can be read and written; ``warnings`` has the rest.

        :raises Failure: it cannot be read, opened or written, or is not ours
        """
        self._refuse_what_is_not_ours()
        self._check_folder()
        self.read()

    def repair(self, check: bool) -> list[str]:
        self._refuse_what_is_not_ours()
        self._check_folder()
        text = self._raw()
        # Something that is not our record is refused before anything is done to it.
        plain = text is not None and not is_sealed(text) and parse(text, self.place) is not None
        repairs = []
        if os.path.lexists(self.new_path):
            repairs.append(f"removed {self.new_path}, left by a run that died")
            if not check:
                self.new_path.unlink(missing_ok=True)
        mode = stat.S_IMODE(self.path.stat().st_mode) if self.path.exists() else 0
        if mode & 0o077:
            repairs.append(f"made {self.path} readable for its owner only (mode 0600)")
            if not check:
                self.path.chmod(0o600)
        if mode & 0o044 and text:
            what = "the token in it" if plain else "it"
            self.warnings.append(
                f"store.path: {self.path} had mode {mode:04o}, so others on this machine could read {what}."
                + (" Replace the token (state=rotate, or klaviyo_rotate)." if plain else "")
            )
        if plain and self.vault is not None:
            repairs.append(f"encrypted {self.path}, which was plain text, with the play's vault secret")
            if not check:
                self.write_text(text or "")
        return repairs

    def _refuse_what_is_not_ours(self) -> None:
        """A file of another user may have been put there, and replacing it would take it away from that user."""
        if not self.path.exists():
            return
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise Refused(
                f"store.path: {self.path} belongs to another user (uid {owner}; this run has uid {os.geteuid()}).",
                code="STORE",
                hint="Run the play as that user, or give a file of this user's own.",
            )

    def _check_folder(self) -> None:
        """Whether the record could be written, as far as that can be told without writing.

        :raises Failure: it could not
        """
        nearest = self._nearest()
        if not os.access(nearest, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            read_only = os.statvfs(nearest).f_flag & os.ST_RDONLY
            raise self._cannot_write(OSError(errno.EROFS if read_only else errno.EACCES, ""))
        free = os.statvfs(nearest)
        if free.f_bavail * free.f_frsize < ROOM or (free.f_files and not free.f_favail):
            raise self._cannot_write(OSError(errno.ENOSPC, ""))
        mode = nearest.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            self.warnings.append(
                f"store.path: everybody on this machine may remove or replace files in {nearest}"
                f" (mode {stat.S_IMODE(mode):04o}). Take that away (chmod o-w), or keep the token elsewhere."
            )

    @contextlib.contextmanager
    def exclusive(self) -> t.Iterator[None]:
        try:
            self._make_folder()
            lock = self._locked()
        except OSError as error:
            raise self._cannot_write(error) from error
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                # Room that was reserved, and not needed.
                self.new_path.unlink(missing_ok=True)
                self.lock_path.unlink(missing_ok=True)
            os.close(lock)

    def _locked(self) -> int:
        deadline = time.monotonic() + _PATIENCE
        while True:
            lock = os.open(self.lock_path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Whoever held it takes the file away; a lock on a file without a name keeps nobody out.
                if os.fstat(lock).st_ino == self.lock_path.stat().st_ino:
                    return lock
            except (BlockingIOError, FileNotFoundError):
                pass
            os.close(lock)
            if time.monotonic() > deadline:
                raise Failure(
                    f"store.path: another run has been working on {self.path} for {_PATIENCE:g} s.",
                    code="STORE_BUSY",
                    retryable=True,
                    hint="Wait for that run to end, then run the task again.",
                )
            time.sleep(0.1)

    def _make_folder(self) -> None:
        missing = []
        parent = self.folder
        while not parent.is_dir():
            missing.append(parent)
            parent = parent.parent
        for folder in reversed(missing):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(0o700)

    def _sync_folder(self) -> None:
        opened = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
