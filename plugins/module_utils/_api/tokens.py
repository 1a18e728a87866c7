# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Personal access tokens on the wire (SDK service/settings.py, TokensAPI and TokenManagementAPI)."""

from __future__ import annotations

import hashlib
import typing as t

from .._common.failure import Failure
from .._common.json_types import Json
from .._token.lifecycle import Token, marker_in, rehearsal_in
from .._wire.errors import is_absent
from .._wire.retry import Repeat
from .._wire.workspace import Workspace, rows
from .fields import number, text

MANAGED = "/api/2.0/token-management/tokens"
ON_BEHALF = "/api/2.0/token-management/on-behalf-of/tokens"
OWN = "/api/2.0/token"


def shape(raw: Json, *, use_known: bool = True) -> Token:
    """A token as the service describes it; it speaks in milliseconds, and -1 means never."""
    expiry, used = number(raw.get("expiry_time")), number(raw.get("last_used_day"))
    return Token(
        token_id=text(raw, "token_id"),
        created=(number(raw.get("creation_time")) or 0) / 1000,
        expiry=expiry / 1000 if expiry else None,
        marker=marker_in(text(raw, "comment")),
        last_used=used / 1000 if used else None,
        use_known=use_known,
        scopes=tuple(sorted(raw.get("scopes") or ())),
        created_by=raw.get("created_by_username") or None,
        rehearsal=rehearsal_in(text(raw, "comment")),
    )


def owned_by(workspace: Workspace, scim_id: str) -> list[Token]:
    """The tokens of one principal, whoever created them: those made on its behalf name the administrator as creator."""
    return [shape(raw) for raw in listing(workspace) if str(raw.get("owner_id", "")) == str(scim_id)]


def listing(workspace: Workspace) -> list[Json]:
    """Everybody's tokens, as the service describes them; for administrators only."""
    return _infos(workspace, MANAGED, "list the tokens of the workspace")


def own(workspace: Workspace) -> list[Token]:
    """The caller's tokens; when they were used last is not told here."""
    found = _infos(workspace, f"{OWN}/list", "list the caller's tokens")
    return [shape(raw, use_known=False) for raw in found]


def create_on_behalf(workspace: Workspace, application_id: str, **wanted: t.Any) -> tuple[Token, str]:
    """A token for a service principal, made by an administrator; AWS and GCP only."""
    return _create(
        workspace,
        ON_BEHALF,
        f"make a token on behalf of {application_id}",
        {"application_id": application_id, **wanted},
    )


def create_own(workspace: Workspace, **wanted: t.Any) -> tuple[Token, str]:
    """A token for the caller."""
    return _create(workspace, f"{OWN}/create", "make a token", wanted)


def _create(workspace: Workspace, path: str, doing: str, wanted: Json) -> tuple[Token, str]:
    answer = workspace.call(
        "POST",
        path,
        doing,
        body={key: value for key, value in wanted.items() if value is not None},
        # Without its value or its number a token is made that nobody can use or revoke: it is looked for.
        holds=("token_value", "token_info"),
    )
    return shape(answer["token_info"]), text(answer, "token_value")


def _infos(workspace: Workspace, path: str, doing: str) -> list[Json]:
    return rows(workspace.call("GET", path, doing), "token_infos", doing)


def revoke(workspace: Workspace, token_id: str) -> None:
    """Revoke somebody's token as an administrator. One that is gone already is fine."""
    try:
        workspace.call("DELETE", f"{MANAGED}/{token_id}", f"revoke token {token_id[:12]}")
    except Failure as failure:
        if not is_absent(failure):
            raise


def revoke_own(workspace: Workspace, token_id: str) -> None:
    """Revoke a token of the caller's."""
    try:
        body = {"token_id": token_id}
        workspace.call("POST", f"{OWN}/delete", f"revoke token {token_id[:12]}", body=body, repeat=Repeat.SAFE)
    except Failure as failure:
        if not is_absent(failure):
            raise


def settings(workspace: Workspace) -> tuple[bool, int | None]:
    """Whether the workspace allows tokens, and the longest life in days; values are strings, null when unset.

    Only administrators are told; to others nothing is known.
    """
    keys = {"keys": "enableTokensConfig,maxTokenLifetimeDays"}
    try:
        found = workspace.call("GET", "/api/2.0/workspace-conf", "read the workspace's token settings", query=keys)
    except Failure as failure:
        if failure.status in (401, 403) or is_absent(failure) or failure.code == "ENDPOINT_NOT_FOUND":
            return True, None
        raise
    days = str(found.get("maxTokenLifetimeDays") or "")
    return str(found.get("enableTokensConfig")).lower() != "false", int(days) if days.isdecimal() and int(
        days
    ) else None


def which_is(value: str, candidates: t.Sequence[Token]) -> Token | None:
    """The token that has this value.

    The id is documented as the value's SHA-256 (SDK TokensAPI.update); where that does not hold, only a single
    candidate is certain.
    """
    digest = hashlib.sha256(value.encode()).hexdigest()
    return next(
        (token for token in candidates if token.token_id == digest), candidates[0] if len(candidates) == 1 else None
    )
