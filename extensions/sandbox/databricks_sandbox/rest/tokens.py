# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Personal access tokens of the caller (SDK service/settings.py, TokensAPI), and how a token is made."""

from __future__ import annotations

import typing as t

from .. import auth
from ..errors import ApiError
from ..http import Call, route
from ..masking import issue, sha256
from ..model import DAY, Identity, Token, Workspace

BASE = "/api/2.0/token"
QUOTA = 600
PLATFORM_DAYS = 730


def longest_days(workspace: Workspace) -> int:
    """The workspace's maximum; 0 or unset means the platform's (Databricks docs: Monitor and revoke tokens)."""
    configured = int(workspace.conf.get("maxTokenLifetimeDays") or 0)
    return configured if 0 < configured < PLATFORM_DAYS else PLATFORM_DAYS


def mint(workspace: Workspace, owner: Identity, creator: Identity, wish: dict[str, t.Any]) -> Token:
    """A new token.

    :raises ApiError: tokens are switched off, the owner may not use them, too many, or a lifetime that is not allowed
    """
    if not auth.tokens_enabled(workspace):
        raise ApiError(403, "FEATURE_DISABLED", "Personal access tokens are disabled for this workspace.")
    if not auth.may_use_tokens(workspace, owner):
        raise ApiError(403, "PERMISSION_DENIED", f"User {owner.principal} does not have permission to use tokens.")
    if sum(1 for token in workspace.tokens.values() if token.owner_id == owner.id) >= QUOTA:
        raise ApiError(400, "QUOTA_EXCEEDED", f"The quota of {QUOTA} tokens has been reached.")
    now, longest = workspace.clock.now_ms(), longest_days(workspace)
    seconds = wish.get("lifetime_seconds")
    if seconds is None:
        seconds = longest * DAY
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"requirement failed: Invalid timeout: {seconds}")
    if seconds > longest * DAY:
        raise ApiError(
            400, "INVALID_PARAMETER_VALUE", f"lifetime_seconds is above the maximum token lifetime of {longest} days."
        )
    scopes = wish.get("scopes") or []
    unknown = sorted(set(scopes) - set(auth.SCOPES))
    if unknown or wish.get("autoscope_enabled"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown scope {unknown[0] if unknown else 'autoscope'}.")
    value = issue(workspace, "dapi")
    made = Token(
        sha256(value),
        value,
        owner.id,
        creator.id,
        now,
        now + seconds * 1000,
        str(wish.get("comment") or ""),
        list(scopes),
    )
    workspace.tokens[made.token_id] = made
    return made


def _check_keys(call: Call, known: set[str]) -> None:
    unknown = sorted(set(call.body) - known)
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown field {unknown[0]}.")


def info(token: Token) -> dict[str, t.Any]:
    shown = {
        "token_id": token.token_id,
        "creation_time": token.creation_time,
        "expiry_time": token.expiry_time,
        "comment": token.comment,
    }
    return {**shown, "scopes": token.scopes} if token.scopes else shown


def own(call: Call) -> list[Token]:
    mine = [token for token in call.workspace.tokens.values() if token.owner_id == call.me.id]
    return [token for token in mine if auth.is_live(call.workspace, token)]


@route("POST", f"{BASE}/create")
def create(call: Call) -> dict[str, t.Any]:
    """The token belongs to whoever calls; there is no argument for anybody else."""
    _check_keys(call, {"comment", "lifetime_seconds", "scopes", "autoscope_enabled"})
    made = mint(call.workspace, call.me, call.me, call.body)
    return {"token_value": made.value, "token_info": info(made)}


@route("GET", f"{BASE}/list")
def listing(call: Call) -> dict[str, t.Any]:
    return {"token_infos": [info(token) for token in own(call)]}


@route("POST", f"{BASE}/delete")
def delete(call: Call) -> dict[str, t.Any]:
    token = call.workspace.tokens.get(str(call.body.get("token_id")))
    if token is None or token.owner_id != call.me.id:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Token with ID {call.body.get('token_id')} does not exist")
    del call.workspace.tokens[token.token_id]
    return {}


@route("PATCH", f"{BASE}/{{token_id}}")
def update(call: Call) -> dict[str, t.Any]:
    """Comment and scopes can be changed, the lifetime cannot (SDK TokensAPI.update)."""
    token = call.workspace.tokens.get(call.params["token_id"])
    if token is None or token.owner_id != call.me.id:
        raise ApiError(404, "NOT_FOUND", f"Token with ID {call.params['token_id']} does not exist")
    mask = set(str(call.body.get("update_mask") or "").split(",")) - {""}
    wanted = call.body.get("token") or {}
    if not mask or mask - {"comment", "scopes"}:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "update_mask takes comment and scopes.")
    if "scopes" in mask and set(wanted.get("scopes") or []) - set(auth.SCOPES):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Unknown scope.")
    if "comment" in mask:
        token.comment = str(wanted.get("comment") or "")
    if "scopes" in mask:
        token.scopes = list(wanted.get("scopes") or [])
    return {}
