# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures of reports, by ssh-keygen of OpenSSH 8.2 and later (ssh-keygen(1), -Y sign)."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

# What a signature is for, so that one made for something else proves nothing here (PROTOCOL.sshsig of OpenSSH).
NAMESPACE = "report@lakeops.databricks"
_SECONDS = 30
_KEY = re.compile(r"SHA256:[A-Za-z0-9+/]+=*")


class NoSignature(Exception):
    """ssh-keygen is missing, or says why it does not sign."""


class NoProgram(NoSignature):
    """ssh-keygen is missing or did not end, so nothing is known."""


def fingerprint(key: Path) -> str:
    """The fingerprint of a key, as ``SHA256:...``.

    :raises NoSignature: it cannot be read
    """
    done = _run("-l", "-f", str(key))
    found = _KEY.search(done.stdout)
    if done.returncode or found is None:
        raise NoSignature(_said(done))
    return found[0]


def sign(key: Path, file: Path) -> None:
    """Make the signature of a file beside it, as ``<file>.sig``.

    :param key: a private key without passphrase, or one of which ssh-agent holds the private half
    :raises NoSignature: it could not be made
    """
    done = _run("-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(file))
    if done.returncode or not Path(f"{file}.sig").is_file():
        raise NoSignature(_said(done))


def key_of(data: bytes, signature: Path) -> str | None:
    """The fingerprint of the key that made a signature; None where the signature is not that of the data.

    :raises NoProgram: ssh-keygen is missing
    """
    done = _run("-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(signature), data=data)
    found = _KEY.search(done.stdout)
    return found[0] if done.returncode == 0 and found is not None else None


def signer(data: bytes, signature: Path, signers: Path) -> str | None:
    """Who made a signature, by a file of allowed signers; None for somebody else.

    :raises NoProgram: ssh-keygen is missing
    """
    for who in _run("-Y", "find-principals", "-s", str(signature), "-f", str(signers)).stdout.splitlines():
        words = ("-I", who, "-n", NAMESPACE, "-s", str(signature))
        if _run("-Y", "verify", "-f", str(signers), *words, data=data).returncode == 0:
            return who
    return None


def _run(*words: str, data: bytes = b"") -> subprocess.CompletedProcess[str]:
    # It must not ask for a passphrase, neither on the terminal nor in a window: a run that nobody watches would hang.
    environment = {**os.environ, "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"}
    environment.pop("DISPLAY", None)
    try:
        done = subprocess.run(
            ["ssh-keygen", *words],
            check=False,
            input=data,
            capture_output=True,
            env=environment,
            start_new_session=True,
            timeout=_SECONDS,
        )
    except FileNotFoundError:
        raise NoProgram("There is no program ssh-keygen on the machine that runs the play.") from None
    except subprocess.TimeoutExpired:
        raise NoProgram(f"ssh-keygen did not end within {_SECONDS} s.") from None
    text = (done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
    return subprocess.CompletedProcess(done.args, done.returncode, *text)


def _said(done: subprocess.CompletedProcess[str]) -> str:
    words = " ".join(f"{done.stderr} {done.stdout}".split())
    return f"ssh-keygen says: {words or f'nothing, with status {done.returncode}'}"
