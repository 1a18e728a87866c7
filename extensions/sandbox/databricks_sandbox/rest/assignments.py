# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who of the account is in which workspace, as USER or ADMIN: asked of the account (SDK WorkspaceAssignmentAPI), or of
the workspace itself (terraform-provider-databricks access/resource_permission_assignment.go).
"""

from __future__ import annotations

import typing as t

from ..account import Account
from ..errors import ApiError
from ..http import Call, route
from ..model import Group, Identity, ServicePrincipal, User, Workspace
from . import scim
from .account_workspaces import BASE, workspace_of

_OF_ACCOUNT = f"{BASE}/workspaces/{{workspace_id}}/permissionassignments"
_OF_WORKSPACE = "/api/2.0/preview/permissionassignments"
Principal = Identity | Group


def _admins(workspace: Workspace) -> Group:
    return next(one for one in workspace.groups.values() if one.display_name == "admins")


def _shown(workspace: Workspace, one: Principal) -> dict[str, t.Any]:
    """SDK PrincipalOutput: the name is in a field that says what it is."""
    field = (
        "user_name" if isinstance(one, User) else "group_name" if isinstance(one, Group) else "service_principal_name"
    )
    principal = {"principal_id": int(one.id), "display_name": one.display_name, field: one.principal}
    level = "ADMIN" if one.id in _admins(workspace).members else "USER"
    return {"principal": principal, "permissions": [level]}


def _assigned(workspace: Workspace) -> dict[str, Principal]:
    groups = {one.id: one for one in workspace.groups.values() if one.account_level}
    return {**workspace.users, **workspace.service_principals, **groups}


def _rows(workspace: Workspace) -> dict[str, t.Any]:
    return {"permission_assignments": [_shown(workspace, one) for one in _assigned(workspace).values()]}


def _find(where: Account, workspace: Workspace, principal_id: str) -> Principal:
    """One that is in the workspace already, or in the account."""
    here = _assigned(workspace)
    found = here.get(principal_id) or workspace.account_only.get(principal_id)
    found = found or where.users().get(principal_id) or where.service_principals().get(principal_id)
    if found is None:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Principal {principal_id} does not exist.")
    return found


def _assign(call: Call, where: Account, workspace: Workspace, principal_id: str) -> dict[str, t.Any]:
    """SDK WorkspaceAssignmentAPI.update: ADMIN takes precedence, other values are ignored, none takes all away."""
    wish = call.body.get("permissions") or []
    if not isinstance(wish, list):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "permissions is a list.")
    return _assigned_to(call, workspace, _find(where, workspace, principal_id), wish)


def _assigned_to(call: Call, workspace: Workspace, found: Principal, wish: list[t.Any]) -> dict[str, t.Any]:
    with workspace.lock:
        if not {"USER", "ADMIN"} & set(map(str, wish)):
            _take_away(workspace, found)
            return {}
        if isinstance(found, User):
            workspace.users[found.id] = found
        elif isinstance(found, ServicePrincipal):
            workspace.service_principals[found.id] = found
        if not isinstance(found, Group) and found.id in workspace.account_only:
            del workspace.account_only[found.id]
            scim.welcome(workspace, found, call.me)
        (_admins(workspace).members.add if "ADMIN" in wish else _admins(workspace).members.discard)(found.id)
        return _shown(workspace, found)


def _take_away(workspace: Workspace, found: Principal) -> None:
    """The identity stays in the account, and what it held here is kept for the day it comes back (Databricks docs,
    "Manage service principals").
    """
    if isinstance(found, Group):
        _admins(workspace).members.discard(found.id)
        return
    if workspace.users.pop(found.id, None) or workspace.service_principals.pop(found.id, None):
        for group in workspace.groups.values():
            if not group.account_level:  # the account's groups are no business of the workspace
                group.members.discard(found.id)
        workspace.account_only[found.id] = found


def _delete(call: Call, where: Account, workspace: Workspace) -> dict[str, t.Any]:
    with workspace.lock:
        _take_away(workspace, _find(where, workspace, call.params["principal_id"]))
    return {}


# -- of the account ---------------------------------------------------------------------------
@route("GET", _OF_ACCOUNT)
def listing(call: Call) -> dict[str, t.Any]:
    return _rows(workspace_of(call))


@route("GET", f"{_OF_ACCOUNT}/permissions")
def levels(call: Call) -> dict[str, t.Any]:
    workspace_of(call)
    return {"permissions": [{"permission_level": one, "description": f"{one.title()} of the workspace"}
                            for one in ("USER", "ADMIN")]}  # fmt: skip


@route("PUT", f"{_OF_ACCOUNT}/principals/{{principal_id}}")
def assign(call: Call) -> dict[str, t.Any]:
    workspace = workspace_of(call)
    return _assign(call, t.cast(Account, workspace.account), workspace, call.params["principal_id"])


@route("DELETE", f"{_OF_ACCOUNT}/principals/{{principal_id}}")
def take_away(call: Call) -> dict[str, t.Any]:
    workspace = workspace_of(call)
    return _delete(call, t.cast(Account, workspace.account), workspace)


# -- of the workspace -------------------------------------------------------------------------
def _here(call: Call) -> Account:
    call.need_admin("Permission assignments")
    return t.cast(Account, call.workspace.account)


@route("GET", _OF_WORKSPACE)
def listing_here(call: Call) -> dict[str, t.Any]:
    _here(call)
    return _rows(call.workspace)


@route("PUT", f"{_OF_WORKSPACE}/principals/{{principal_id}}")
def assign_here(call: Call) -> dict[str, t.Any]:
    return _assign(call, _here(call), call.workspace, call.params["principal_id"])


@route("POST", _OF_WORKSPACE)
def assign_by_name(call: Call) -> dict[str, t.Any]:
    """terraform-provider-databricks access/resource_permission_assignment.go: principals of the account by name; one
    that is not there is an error of its row and not of the request.
    """
    where, wish = _here(call), call.body.get("permission_assignments")
    if not isinstance(wish, list) or not all(isinstance(one, dict) for one in wish):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "permission_assignments is a list.")
    return {"permission_assignments": [_by_name(call, where, one) for one in wish]}


def _by_name(call: Call, where: Account, wish: dict[str, t.Any]) -> dict[str, t.Any]:
    named = [wish[name] for name in ("user_name", "service_principal_name") if wish.get(name)]
    if wish.get("group_name"):
        found: Principal | None = next(
            (one for one in where.groups().values() if one.display_name == wish["group_name"]), None
        )
    else:
        found = call.workspace.identity_by_principal(str(named[0])) if named else None
        found = found or (where.identity_by_principal(str(named[0])) if named else None)
    if found is None:
        return {"principal": {}, "permissions": [], "error": f"Principal {wish.get('group_name') or named} not found."}
    return _assigned_to(call, call.workspace, found, wish.get("permissions") or [])


@route("DELETE", f"{_OF_WORKSPACE}/principals/{{principal_id}}")
def take_away_here(call: Call) -> dict[str, t.Any]:
    return _delete(call, _here(call), call.workspace)
