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

from ._failure import BadOption, Failure, Refused
from ._stores import Store

_VAULT = "$ANSIBLE_VAULT"
# A run holds the lock while it mints and proves, which may include waiting for a busy workspace.
_PATIENCE = 180.0


class FileStore(Store):
    """One file. Everything that touches its directory happens here."""

    def __init__(self, path: str, vault: t.Any) -> None:
        self.path = os.path.abspath(os.path.expanduser(path))
        self.vault = vault
        self.place = f"file {self.path}"
        folder, name = os.path.split(self.path)
        self.folder = folder
        # Foreseeable names, so that the next run can clean up after one that died.
        self.lock_path = os.path.join(folder, f".{name}.lakeops.lock")
        self.new_path = os.path.join(folder, f".{name}.lakeops.new")
        self._check()

    def _check(self) -> None:
        if os.path.islink(self.path):
            raise BadOption("store.path", f"{self.path} is a symbolic link. Give the file itself.")
        if os.path.lexists(self.path) and not os.path.isfile(self.path):
            raise BadOption("store.path", f"{self.path} is not a file.")
        parent = self.folder
        while not os.path.lexists(parent):
            parent = os.path.dirname(parent)
        if not os.path.isdir(parent):
            raise BadOption("store.path", f"{parent} is not a directory.")

    def read_text(self) -> str | None:
        try:
            with open(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as file:
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
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.new_path)
            opened = os.open(self.new_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with open(opened, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.rename(self.new_path, self.path)
            self._sync_folder()
        except OSError as error:
            raise Failure(f"store.path: could not write {self.path}: {error.strerror}.", code="STORE") from error

    def clear(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
            self._sync_folder()

    def repair(self, check: bool) -> list[str]:
        said = []
        if os.path.lexists(self.new_path):
            said.append(f"removed {self.new_path}, left by a run that died")
            if not check:
                os.unlink(self.new_path)
        if os.path.exists(self.path) and stat.S_IMODE(os.stat(self.path).st_mode) & 0o077:
            said.append(f"took {self.path} away from the eyes of others (mode 0600)")
            if not check:
                os.chmod(self.path, 0o600)
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
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.lock_path)
            os.close(lock)

    def _locked(self) -> int:
        deadline = time.monotonic() + _PATIENCE
        while True:
            lock = os.open(self.lock_path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Whoever held it takes the file away; a lock on a file without a name keeps nobody out.
                if os.path.exists(self.lock_path) and os.fstat(lock).st_ino == os.stat(self.lock_path).st_ino:
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
        while not os.path.isdir(parent):
            missing.append(parent)
            parent = os.path.dirname(parent)
        for folder in reversed(missing):
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)

    def _sync_folder(self) -> None:
        opened = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
