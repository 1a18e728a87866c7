# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: made here, and kept out of everything that is shown.

The journal exists to be read and attached to reports, so it must be able to hold any request without holding a secret.
"""

from __future__ import annotations

import hashlib
import secrets
import typing as t

from .model import Workspace

MASK = "***"
SHORTEST = 8  # characters from which a value is looked for wherever it might be shown
# Fields whose value is secret whoever made it up, e.g. what a client puts into a secret scope.
SECRET_FIELDS = {
    "access_token",
    "bytes_value",
    "client_assertion",
    "client_secret",
    "password",
    "secret",
    "string_value",
    "subject_token",
    "token_value",
}


def sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def issue(workspace: Workspace, prefix: str) -> str:
    """A new secret value, remembered so that it can be masked and searched for."""
    value = prefix + secrets.token_hex(16)
    if workspace.cloud == "azure" and prefix == "dapi":
        value += "-2"
    workspace.issued_secret_values.append(value)
    return value


def remember(workspace: Workspace, value: str) -> None:
    """A secret that a client made up. A very short one would make everything unreadable and give nothing away."""
    if len(value) >= SHORTEST and value not in workspace.issued_secret_values:
        workspace.issued_secret_values.append(value)


def masked(workspace: Workspace, value: t.Any) -> t.Any:
    """A copy of any JSON value without secrets."""
    if isinstance(value, dict):
        return {
            str(masked(workspace, key)): MASK if str(key).lower() in SECRET_FIELDS else masked(workspace, item)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [masked(workspace, item) for item in value]
    if isinstance(value, str):
        for secret in workspace.issued_secret_values:
            if secret in value:
                value = value.replace(secret, MASK)
    return value


def leaks(workspace: Workspace, text: str) -> list[str]:
    """Ids (SHA-256) of all secrets ever issued that occur in the text."""
    return sorted({sha256(secret) for secret in workspace.issued_secret_values if secret in text})
