# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Files of Ansible Vault, opened and sealed with keys that are derived from the password elsewhere.

The format (docs.ansible.com, "Ansible Vault payload format 1.1 - 1.2"): a header line, then hexadecimal digits of
three lines, which are the salt, the HMAC of the ciphertext and the ciphertext, each in hexadecimal digits again.
PBKDF2 makes 80 bytes of the password and the salt: a key for AES-256 in counter mode, one for HMAC-SHA256, and the
first counter. Whoever has those 80 bytes can open this one file, and cannot tell the password; so the password stays on
the machine that runs the play.
"""

from __future__ import annotations

import abc
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from .._common.failure import Failure, Refused

HEADER = "$ANSIBLE_VAULT"
# The code of a failure that the action answers with keys.
KEYS_NEEDED = "VAULT_KEYS"
# How many texts a run may seal. A salt is never used twice: the same keys for two texts would give both away.
TEXTS = 12
# The option by which the action sends what a program needs; module_utils/_engine/module.py takes it out again.
OPTION = "_vault_keys"

_ITERATIONS, _SALT, _KEY, _COUNTER = 10_000, 32, 32, 16
_LINE = 80
_BLOCK = 16


class Damaged(ValueError):
    """A text that begins like one of Ansible Vault, and cannot be one."""


@dataclass(frozen=True)
class Envelope:
    """A sealed text, taken apart. ``vault_id`` is None in format 1.1, which has none."""

    vault_id: str | None
    salt: bytes
    mac: bytes
    ciphertext: bytes


class Vault(abc.ABC):
    """What a store needs to know of vault secrets."""

    @abc.abstractmethod
    def decrypt(self, text: str) -> str:
        """The text inside.

        :raises Refused: no secret opens it, or it is damaged
        """

    @abc.abstractmethod
    def encrypt(self, text: str, like: str | None = None) -> str:
        """The text, sealed.

        :param like: the sealed text that this one replaces; its secret and its vault id stay
        """


class SentVault(Vault):
    """Keys that the action sent to a module that runs as a program.

    :param document: JSON text with ``vault_id`` (of what is sealed), ``open`` (keys by salt, null where no secret
        fits), ``write`` (pairs of fresh salt and keys) and ``may_ask`` (whether the action answers when keys are
        missing)
    """

    def __init__(self, document: str) -> None:
        sent = json.loads(document)
        self.vault_id, self.may_ask = sent["vault_id"], sent["may_ask"]
        self._open: dict[str, str | None] = sent["open"]
        self._write: list[list[str]] = sent["write"]

    def decrypt(self, text: str) -> str:
        envelope = parsed(text)
        keys = self._open.get(envelope.salt.hex(), "")
        if keys is None:
            raise wrong_secret()
        if not keys:
            raise self._keys_needed(text)
        return opened(envelope, bytes.fromhex(keys))

    def encrypt(self, text: str, like: str | None = None) -> str:
        if not self._write:
            raise Failure(
                "store: this run wrote to the store more often than it has keys for.", code="STORE_BUSY", retryable=True
            )
        salt, keys = self._write.pop(0)
        self._open[salt] = keys
        # The keys are of this vault id, whatever the text that is replaced was sealed for.
        return sealed(text, self.vault_id, bytes.fromhex(salt), bytes.fromhex(keys))

    def _keys_needed(self, text: str) -> Failure:
        message = "store.path: the file is encrypted, and the keys that came with the task do not belong to it."
        if self.may_ask:
            return Failure(message, code=KEYS_NEEDED, retryable=True, sealed=text)
        return Refused(
            message,
            code="VAULT",
            hint="An asynchronous task cannot ask for other keys. Leave out async, or become.",
        )


def is_sealed(text: str) -> bool:
    return text.startswith(HEADER)


def parsed(text: str) -> Envelope:
    """Take a sealed text apart.

    :raises Refused: it is damaged, or made with another cipher
    """
    try:
        return _parsed(text)
    except (ValueError, IndexError) as error:
        raise Refused(
            "store.path: the file begins like one of Ansible Vault, and is damaged.",
            code="VAULT",
            hint="Take it from a backup, or remove it, and the next run replaces the token.",
        ) from error


def _parsed(text: str) -> Envelope:
    first, *lines = text.strip().splitlines()
    _name, version, cipher, *rest = (word.strip() for word in first.split(";"))
    if version not in ("1.1", "1.2") or cipher != "AES256":
        raise Damaged
    salt, mac, ciphertext = (binascii.unhexlify(part) for part in binascii.unhexlify("".join(lines)).split(b"\n"))
    if not ciphertext or len(ciphertext) % _BLOCK:
        raise Damaged
    return Envelope(rest[0] if rest else None, salt, mac, ciphertext)


def derive(password: bytes, salt: bytes) -> bytes:
    """The 80 bytes that open or seal texts with this salt."""
    return hashlib.pbkdf2_hmac("sha256", password, salt, _ITERATIONS, 2 * _KEY + _COUNTER)


def fits(envelope: Envelope, keys: bytes) -> bool:
    """Whether these are the keys of this text; needs no library."""
    return hmac.compare_digest(_mac(envelope.ciphertext, keys), envelope.mac)


def opened(envelope: Envelope, keys: bytes) -> str:
    """The text inside.

    :raises Refused: the keys do not fit
    """
    if not fits(envelope, keys):
        raise wrong_secret()
    padded = _in_counter_mode(envelope.ciphertext, keys)
    return padded[: -padded[-1]].decode()


def sealed(text: str, vault_id: str | None, salt: bytes, keys: bytes) -> str:
    """The text in the format that ``ansible-vault view`` reads.

    :param vault_id: for the header, None for none
    """
    raw = text.encode()
    missing = _BLOCK - len(raw) % _BLOCK
    ciphertext = _in_counter_mode(raw + bytes([missing]) * missing, keys)
    parts = (binascii.hexlify(part) for part in (salt, _mac(ciphertext, keys), ciphertext))
    digits = binascii.hexlify(b"\n".join(parts)).decode()
    header = f"{HEADER};1.2;AES256;{vault_id}" if vault_id else f"{HEADER};1.1;AES256"
    return "\n".join([header, *(digits[at : at + _LINE] for at in range(0, len(digits), _LINE)), ""])


def wrong_secret() -> Refused:
    return Refused(
        "store.path: none of the play's vault secrets opens the file.",
        code="VAULT",
        hint="Give the vault secret that was used when the token was stored.",
    )


def _mac(ciphertext: bytes, keys: bytes) -> bytes:
    return hmac.new(keys[_KEY : 2 * _KEY], ciphertext, hashlib.sha256).digest()


def _in_counter_mode(data: bytes, keys: bytes) -> bytes:
    """Encrypts and decrypts, which is the same in this mode."""
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    except ImportError as error:
        raise Refused(
            "store.path: this play has a vault secret, and the Python that runs the module cannot encrypt.",
            code="VAULT",
            hint="Install the package cryptography for it, or leave out what makes the module run as a program "
            "(become, async, databricks_in_process=never, another connection).",
        ) from error
    worker = Cipher(algorithms.AES(keys[:_KEY]), modes.CTR(keys[2 * _KEY :])).encryptor()
    return worker.update(data) + worker.finalize()
