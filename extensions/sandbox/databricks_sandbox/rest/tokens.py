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
        raise may_not_use(owner, creator)
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
    scopes, comment = _scopes(wish.get("scopes")), _comment(wish.get("comment"))
    if wish.get("autoscope_enabled"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The sandbox does not collect scopes by itself.")
    value = issue(workspace, "dapi")
    made = Token(
        sha256(value),
        value,
        owner.id,
        creator.id,
        now,
        now + seconds * 1000,
        comment,
        scopes,
    )
    workspace.tokens[made.token_id] = made
    workspace.had_token = True
    return made


def may_not_use(owner: Identity, caller: Identity) -> ApiError:
    """Without a name about the caller, with the application id about somebody else (both were reported)."""
    who = "User" if owner.id == caller.id else f"User {owner.principal}"
    return ApiError(403, "PERMISSION_DENIED", f"{who} does not have permission to use tokens.")


def _scopes(wish: t.Any) -> list[str]:
    scopes = [] if wish is None else wish
    if not isinstance(scopes, list):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "scopes is a list.")
    unknown = [scope for scope in scopes if not isinstance(scope, str) or scope not in auth.SCOPES]
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown scope {unknown[0]}.")
    return list(scopes)


def _comment(wish: t.Any) -> str:
    if wish is not None and not isinstance(wish, str):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "comment is text.")
    return wish or ""


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
    if not auth.may_use_tokens(call.workspace, call.me):
        raise may_not_use(call.me, call.me)
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
    change(call, token)
    return {}


def change(call: Call, token: Token) -> None:
    """What the body's update_mask names, all of it or nothing."""
    mask = set(str(call.body.get("update_mask") or "").split(",")) - {""}
    wanted = call.body.get("token")
    if not mask or mask - {"comment", "scopes"} or not isinstance(wanted, dict):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "update_mask takes comment and scopes, token their values.")
    scopes, comment = _scopes(wanted.get("scopes")), _comment(wanted.get("comment"))
    if "comment" in mask:
        token.comment = comment
    if "scopes" in mask:
        token.scopes = scopes
