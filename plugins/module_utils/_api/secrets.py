# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Secret scopes on the wire (SDK service/workspace.py, SecretsAPI)."""

from __future__ import annotations

import base64
import binascii

from .._common.failure import Failure
from .._common.json_types import Json
from .._wire.errors import is_absent
from .._wire.retry import Repeat
from .._wire.workspace import Workspace

BASE = "/api/2.0/secrets"


def get(workspace: Workspace, scope: str, key: str) -> str | None:
    """The secret's text; None where scope or key do not exist, by the service's own code and no other 404."""
    try:
        found = workspace.call(
            "GET",
            f"{BASE}/get",
            f"read secret {key} of scope {scope}",
            query={"scope": scope, "key": key},
            holds=("key",),
        )
    except Failure as failure:
        if is_absent(failure):
            return None
        raise
    try:
        return base64.b64decode(found.get("value") or "").decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Failure(f"Could not read secret {key} of scope {scope}: it is not text.", code="NOT_A_RECORD") from error


def put(workspace: Workspace, scope: str, key: str, value: str) -> None:
    body = {"scope": scope, "key": key, "string_value": value}
    workspace.call("POST", f"{BASE}/put", f"write secret {key} of scope {scope}", body=body, repeat=Repeat.SAFE)


def delete(workspace: Workspace, scope: str, key: str) -> None:
    """Delete a secret. One that is gone already is fine."""
    try:
        body = {"scope": scope, "key": key}
        workspace.call("POST", f"{BASE}/delete", f"delete secret {key} of scope {scope}", body=body, repeat=Repeat.SAFE)
    except Failure as failure:
        if not is_absent(failure):
            raise


def has_scope(workspace: Workspace, scope: str) -> bool:
    found = workspace.call("GET", f"{BASE}/scopes/list", "list the secret scopes").get("scopes") or []
    return any(one.get("name") == scope for one in found)


def create_scope(workspace: Workspace, scope: str) -> None:
    """A scope with a right for the caller only. Workspace admins get into every scope all the same.

    Databricks, "Workspace secret scopes": workspace admins can access and read secrets.
    """
    try:
        workspace.call("POST", f"{BASE}/scopes/create", f"create secret scope {scope}", body={"scope": scope})
    except Failure as failure:
        if failure.code not in ("RESOURCE_ALREADY_EXISTS", "LOST_ANSWER") or not has_scope(workspace, scope):
            raise


def readers(workspace: Workspace, scope: str) -> list[Json]:
    """Who may do what with a scope."""
    answer = workspace.call(
        "GET", f"{BASE}/acls/list", f"read who may see secret scope {scope}", query={"scope": scope}
    )
    return answer.get("items") or answer.get("acls") or []
