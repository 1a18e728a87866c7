# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everybody's tokens, for administrators, and tokens on behalf of service principals (SDK TokenManagementAPI)."""

from __future__ import annotations

import typing as t

from .. import auth
from ..errors import ApiError
from ..http import Call, route
from ..model import ServicePrincipal, Token
from . import rule_sets, tokens

BASE = "/api/2.0/token-management"


def info(call: Call, token: Token) -> dict[str, t.Any]:
    creator = call.workspace.identity(token.created_by_id)
    shown = {
        **tokens.info(token),
        "created_by_id": int(token.created_by_id),
        "created_by_username": creator.principal if creator else "",
        "owner_id": int(token.owner_id),
        "workspace_id": call.workspace.workspace_id,
    }
    return {**shown, "last_used_day": token.last_used_day} if token.last_used_day is not None else shown


@route("POST", f"{BASE}/on-behalf-of/tokens")
def create_on_behalf_of(call: Call) -> dict[str, t.Any]:
    """AWS and GCP only (terraform-provider-databricks docs/resources/obo_token.md)."""
    call.need_admin("Token management")
    if not call.workspace.on_behalf_of:
        raise ApiError(
            400,
            "FEATURE_DISABLED",
            "On-behalf-of token creation for service principals is not enabled for this workspace",
        )
    unknown = sorted(set(call.body) - {"application_id", "comment", "lifetime_seconds", "scopes", "autoscope_enabled"})
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown field {unknown[0]}.")
    owner = call.workspace.identity_by_principal(str(call.body.get("application_id") or ""))
    if not isinstance(owner, ServicePrincipal):
        raise ApiError(
            404, "RESOURCE_DOES_NOT_EXIST", f"Service principal {call.body.get('application_id')} does not exist"
        )
    if call.workspace.restrict_tokens_and_job_run_as and not rule_sets.may_use(call.workspace, call.me, owner):
        # SDK RestrictWorkspaceAdminsAPI; the sentence is ours.
        raise ApiError(
            403,
            "PERMISSION_DENIED",
            f"{call.me.principal} does not have the Service Principal User role on {owner.application_id}.",
        )
    made = tokens.mint(call.workspace, owner, call.me, call.body)
    return {"token_value": made.value, "token_info": info(call, made)}


@route("GET", f"{BASE}/tokens")
def listing(call: Call) -> dict[str, t.Any]:
    call.need_admin("Token management")
    by_id, by_name = call.one("created_by_id"), (call.one("created_by_username") or "").lower()
    live = [token for token in call.workspace.tokens.values() if auth.is_live(call.workspace, token)]
    shown = [info(call, token) for token in live]
    if by_id:
        shown = [one for one in shown if str(one["created_by_id"]) == by_id]
    if by_name:
        shown = [one for one in shown if one["created_by_username"].lower() == by_name]
    return {"token_infos": shown} if shown else {}


def _find(call: Call) -> Token:
    call.need_admin("Token management")
    token = call.workspace.tokens.get(call.params["token_id"])
    if token is None:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", "Token does not exist")
    return token


@route("GET", f"{BASE}/tokens/{{token_id}}")
def get(call: Call) -> dict[str, t.Any]:
    return {"token_info": info(call, _find(call))}


@route("PATCH", f"{BASE}/tokens/{{token_id}}")
def update(call: Call) -> dict[str, t.Any]:
    """Like that of one's own tokens, but for everybody's (SDK TokenManagementAPI.update_token_management)."""
    token = _find(call)
    tokens.change(call, token)
    return info(call, token)


@route("DELETE", f"{BASE}/tokens/{{token_id}}")
def delete(call: Call) -> dict[str, t.Any]:
    del call.workspace.tokens[_find(call).token_id]
    return {}
