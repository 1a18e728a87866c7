# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A token's record in a file that only its owner may read; encrypted when the play has vault secrets."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
import typing as t
from pathlib import Path

from ._failure import BadOption, Failure, Refused
from ._stores import Store

_VAULT = "$ANSIBLE_VAULT"
# A run holds the lock while it mints and proves, which may include waiting for a busy workspace.
_PATIENCE = 180.0


class FileStore(Store):
    """One file. Everything that touches its directory happens here."""

    def __init__(self, path: str, vault: t.Any) -> None:
        # Not resolve(): a symbolic link must be seen to be refused.
        self.path = Path.cwd() / Path(path).expanduser()
        self.vault = vault
        self.place = f"file {self.path}"
        self.folder, name = self.path.parent, self.path.name
        # Foreseeable names, so that the next run can clean up after one that died.
        self.lock_path = self.folder / f".{name}.lakeops.lock"
        self.new_path = self.folder / f".{name}.lakeops.new"
        self._check()

    def _check(self) -> None:
        if self.path.is_symlink():
            raise BadOption("store.path", f"{self.path} is a symbolic link. Give the file itself.")
        if os.path.lexists(self.path) and not self.path.is_file():
            raise BadOption("store.path", f"{self.path} is not a file.")
        parent = self.folder
        while not os.path.lexists(parent):
            parent = parent.parent
        if not parent.is_dir():
            raise BadOption("store.path", f"{parent} is not a directory.")

    def read_text(self) -> str | None:
        try:
            with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            text = "not text"
        except OSError as error:
            raise Failure(f"store.path: could not read {self.path}: {error.strerror}.", code="STORE") from error
        return self._decrypted(text) if text.startswith(_VAULT) else text

    def _decrypted(self, text: str) -> str:
        if self.vault is None:
            raise Refused(
                f"store.path: {self.path} is encrypted with Ansible Vault, and this play has no vault secret.",
                code="VAULT",
                hint="Run the play with --vault-id or --vault-password-file, as when the token was stored.",
            )
        try:
            return self.vault.decrypt(text)
        except Exception as error:
            raise Refused(
                f"store.path: none of the play's vault secrets opens {self.path}.",
                code="VAULT",
                hint="Give the vault secret that was used when the token was stored.",
            ) from error

    def write_text(self, text: str) -> None:
        if self.vault is not None:
            text = self.vault.encrypt(text)
        try:
            self._make_folder()
            self.new_path.unlink(missing_ok=True)
            opened = os.open(self.new_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(opened, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            self.new_path.rename(self.path)
            self._sync_folder()
        except OSError as error:
            raise Failure(f"store.path: could not write {self.path}: {error.strerror}.", code="STORE") from error

    def clear(self) -> None:
        if self.path.exists():
            self.path.unlink(missing_ok=True)
            self._sync_folder()

    def repair(self, check: bool) -> list[str]:
        said = []
        if os.path.lexists(self.new_path):
            said.append(f"removed {self.new_path}, left by a run that died")
            if not check:
                self.new_path.unlink(missing_ok=True)
        if self.path.exists() and stat.S_IMODE(self.path.stat().st_mode) & 0o077:
            said.append(f"took {self.path} away from the eyes of others (mode 0600)")
            if not check:
                self.path.chmod(0o600)
        return said

    @contextlib.contextmanager
    def exclusive(self) -> t.Iterator[None]:
        try:
            self._make_folder()
            lock = self._locked()
        except OSError as error:
            raise Failure(f"store.path: could not write in {self.folder}: {error.strerror}.", code="STORE") from error
        try:
            yield
        finally:
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
