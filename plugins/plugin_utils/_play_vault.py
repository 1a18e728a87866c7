# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play's vault secrets, where the play runs: for a module in the worker, and as keys for one that is a program."""

from __future__ import annotations

import functools
import json
import os

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._token import vault

_SALT = 32  # bytes, as Ansible itself takes
_derive = functools.cache(vault.derive)


class PlayVault(vault.Vault):
    """Opens with whatever secret fits, the one named in the header first, as Ansible does.

    :param secrets: pairs of vault id and password, at least one
    :param encrypt_id: the vault id for new files, None for the first one
    :param match: whether a file is opened by the secret of its own vault id only
    """

    def __init__(self, secrets: list[tuple[str, bytes]], encrypt_id: str | None = None, match: bool = False) -> None:
        self.secrets, self.encrypt_id, self.match = secrets, encrypt_id, match

    def decrypt(self, text: str) -> str:
        envelope = vault.parsed(text)
        return vault.opened(envelope, _derive(self._opener(envelope), envelope.salt))

    def encrypt(self, text: str, like: str | None = None) -> str:
        vault_id, password = self._writer(like)
        salt = os.urandom(_SALT)
        return vault.sealed(text, vault_id, salt, vault.derive(password, salt))

    def document(self, *texts: str | None, may_ask: bool) -> str:
        """What SentVault needs for the files of one task.

        :param texts: what the files hold, None for one of which nothing is known; new text is sealed as the first is
        """
        known: dict[str, str | None] = {}
        writer: tuple[str | None, bytes] | None = None
        for text in filter(vault.is_sealed, filter(None, texts)):
            try:
                envelope = vault.parsed(text)
                found = self._writer(text)
                known[envelope.salt.hex()] = _derive(found[1], envelope.salt).hex()
                writer = writer or found
            except Failure:
                # The module refuses in its own words, as it does in the worker.
                with_salt = _salt(text)
                known |= {with_salt: None} if with_salt else {}
        vault_id, password = writer or self._writer(None)
        salts = [os.urandom(_SALT) for _number in range(vault.TEXTS)]
        write = [[salt.hex(), vault.derive(password, salt).hex()] for salt in salts]
        return json.dumps({"vault_id": vault_id, "open": known, "write": write, "may_ask": may_ask})

    def _opener(self, envelope: vault.Envelope) -> bytes:
        named = envelope.vault_id or "default"
        first = [password for vault_id, password in self.secrets if vault_id == named]
        others = [] if self.match else [password for vault_id, password in self.secrets if vault_id != named]
        for password in (*first, *others):
            if vault.fits(envelope, _derive(password, envelope.salt)):
                return password
        raise vault.wrong_secret()

    def _writer(self, like: str | None) -> tuple[str | None, bytes]:
        """Vault id for the header and password: those of the file that is replaced, else those for new files."""
        if like is not None:
            envelope = vault.parsed(like)
            return envelope.vault_id, self._opener(envelope)
        wanted = self.encrypt_id or self.secrets[0][0]
        for vault_id, password in self.secrets:
            if vault_id == wanted:
                return (None if vault_id == "default" else vault_id), password
        raise Refused(
            f"store.path: new files are to be encrypted under vault id {wanted}, and this play has no such secret.",
            code="VAULT",
            hint="Give it with --vault-id, or change ANSIBLE_VAULT_ENCRYPT_IDENTITY.",
        )


def _salt(text: str) -> str | None:
    try:
        return vault.parsed(text).salt.hex()
    except Failure:
        return None
