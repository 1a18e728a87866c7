# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use SQL warehouses, tokens and passwords.

Sources: SDK service/iam.py, PermissionsAPI; terraform-provider-databricks permissions/.
"""

from __future__ import annotations

import typing as t

from ..errors import ApiError
from ..http import Call, route
from ..model import AclObject, Group
from . import warehouses

BASE = "/api/2.0/permissions"
TOKENS: AclObject = ("authorization", "tokens")
PASSWORDS: AclObject = ("authorization", "passwords")
# How long an answer about a new principal has no display_name. That it has none at first is in databricks/cli
# acceptance/bundle/resources/permissions/jobs/delete_one/script; for how long, nobody says.
FRESH_SECONDS = 3600
LEVELS = {"warehouses": ["CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE", "IS_OWNER"], "authorization": ["CAN_USE"]}
_KEYS = {"user_name": "user", "group_name": "group", "service_principal_name": "service_principal"}
_SENTENCE = {"user_name": "UserName", "group_name": "GroupName", "service_principal_name": "ServicePrincipalName"}


def _object(call: Call) -> AclObject:
    warehouse_id = call.params.get("id")
    if call.path.rstrip("/").removesuffix("/permissionLevels").endswith("/passwords"):
        call.need_admin("Password permissions")
        return PASSWORDS
    if warehouse_id is None:
        call.need_admin("Token permissions")
        if not call.workspace.had_token:
            # Until the workspace has had its first token; reading and writing alike (terraform-provider-databricks
            # #1122, #1524, docs/resources/permissions.md; Databricks.API.PowerShell#61).
            raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", "tokens tokens does not exist")
        return TOKENS
    found = ("warehouses", warehouses.warehouse_of(call.workspace, warehouse_id).id)
    if call.workspace.acl_level(found, call.me) not in ("CAN_MANAGE", "IS_OWNER"):
        raise ApiError(403, "PERMISSION_DENIED", "You don't have permission to this resource.")
    return found


def _shown(call: Call, where: AclObject) -> dict[str, t.Any]:
    workspace = call.workspace
    rows: list[dict[str, t.Any]] = []
    for principal, level in workspace.acls.get(where, {}).items():
        identity = workspace.identity_by_principal(principal)
        if identity is None and not any(one.display_name == principal for one in workspace.groups.values()):
            continue  # it is in the account, and no longer in this workspace
        if identity is None:
            rows.append({"group_name": principal, "all_permissions": [_level(level)]})
            continue
        key = "user_name" if "@" in identity.principal else "service_principal_name"
        row: dict[str, t.Any] = {key: identity.principal, "all_permissions": [_level(level)]}
        if workspace.clock.now() - workspace.made_at.get(identity.id, 0.0) >= FRESH_SECONDS:
            row["display_name"] = identity.display_name
        rows.append(row)
    if where[0] == "warehouses":
        inherited = {"permission_level": "CAN_MANAGE", "inherited": True, "inherited_from_object": ["/sql/warehouses/"]}
        rows.append({"group_name": "admins", "all_permissions": [inherited]})
    workspace.rng.shuffle(rows)
    if where[0] == "authorization":
        return {"object_id": "/" + "/".join(where), "object_type": where[1], "access_control_list": rows}
    return {"object_id": f"/sql/warehouses/{where[1]}", "object_type": "warehouses", "access_control_list": rows}


def _level(level: str) -> dict[str, t.Any]:
    return {"permission_level": level, "inherited": False}


def _wishes(call: Call, where: AclObject) -> list[tuple[str, str]]:
    """(principal as stored, level) of each entry; system principals come back empty. A PUT without a list takes all
    direct permissions away (SDK PermissionsAPI.set), which is how the Terraform provider ends those of passwords.
    """
    entries = call.body.get("access_control_list", [] if call.method == "PUT" else None)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "access_control_list is required.")
    return [wish for entry in entries for wish in _wish(call, where, entry)]


def _wish(call: Call, where: AclObject, entry: dict[str, t.Any]) -> list[tuple[str, str]]:
    workspace = call.workspace
    named = [key for key in _KEYS if entry.get(key)]
    if len(named) != 1 or set(entry) - set(_KEYS) - {"permission_level"}:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "An entry names one principal and a permission_level.")
    key, name, level = named[0], str(entry[named[0]]), str(entry.get("permission_level"))
    allowed = [*LEVELS[where[0]], *(["CAN_MANAGE"] if where == TOKENS else [])]
    if level not in allowed:
        # Databricks.API.PowerShell#69
        raise ApiError(500, "INTERNAL_ERROR", "Unhandled Permission level")
    if name in workspace.system_principals:
        return []
    unknown = ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Principal: {_SENTENCE[key]}({name}) does not exist")
    stored = _stored(call, key, name)
    if stored is None:
        raise unknown
    left = workspace.unknown_to_permissions.get(stored, 0)
    if left > 0:
        workspace.unknown_to_permissions[stored] = left - 1
        raise unknown
    if where == TOKENS and (level == "CAN_MANAGE") != (stored == "admins"):
        if stored == "admins":
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Cannot change permissions for group 'admins' to {level}.")
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"CAN_MANAGE cannot be given to {name}.")
    if level == "IS_OWNER" and key == "group_name":
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "A group cannot be the owner.")
    return [(stored, level)]


def _stored(call: Call, key: str, name: str) -> str | None:
    if key == "group_name":
        found = [
            group.display_name for group in call.workspace.groups.values() if group.display_name.lower() == name.lower()
        ]
        return found[0] if found else None
    identity = call.workspace.identity_by_principal(name)
    kind = "user_name" if identity and "@" in identity.principal else "service_principal_name"
    return identity.principal if identity and not isinstance(identity, Group) and kind == key else None


def get(call: Call) -> dict[str, t.Any]:
    return _shown(call, _object(call))


def levels(call: Call) -> dict[str, t.Any]:
    where = _object(call)
    return {"permission_levels": [{"permission_level": one, "description": one} for one in LEVELS[where[0]]]}


def patch(call: Call) -> dict[str, t.Any]:
    """Adds or raises those that are named, and leaves the rest."""
    where = _object(call)
    entries = call.workspace.acls.setdefault(where, {})
    for principal, level in _wishes(call, where):
        held = entries.get(principal)
        if level == "IS_OWNER":
            raise ApiError(400, "INVALID_PARAMETER_VALUE", "The owner is changed by PUT.")
        if held == "IS_OWNER":
            continue
        entries[principal] = level
    return _shown(call, where)


def put(call: Call) -> dict[str, t.Any]:
    """Replaces the list. Who was named in the one for tokens and is no longer loses them at once
    (terraform-provider-databricks#2431); who was in a group of it keeps them and cannot use them until the permission
    is back (docs.azure.cn, security/auth/api-access-permissions).
    """
    workspace, where = call.workspace, _object(call)
    # Who is named more than once has the last level (databricks/cli acceptance/bundle/resources/permissions/factcheck).
    entries = dict(_wishes(call, where))
    if where == PASSWORDS:
        # There is one level, and the administrators' entry is like any other (terraform-provider-databricks
        # permissions/permission_definitions.go, allowConfiguringAdmins).
        workspace.acls[where] = entries
        return _shown(call, where)
    if where == TOKENS:
        if entries.get("admins") != "CAN_MANAGE":
            raise ApiError(400, "INVALID_PARAMETER_VALUE", "Cannot change permissions for group 'admins' to None.")
        before = {principal.lower() for principal in workspace.acls.get(where, {})}
        workspace.acls[where] = entries
        for token in list(workspace.tokens.values()):
            owner = workspace.identity(token.owner_id)
            lost = owner is None or (workspace.acl_level(TOKENS, owner) is None and owner.principal.lower() in before)
            if lost:
                del workspace.tokens[token.token_id]
        return _shown(call, where)
    owners = [principal for principal, level in entries.items() if level == "IS_OWNER"]
    if not owners:
        # An owner that is there stays: the same recordings name none.
        owners = [
            who for who, level in workspace.acls.get(where, {}).items() if level == "IS_OWNER" and who not in entries
        ]
        entries |= dict.fromkeys(owners, "IS_OWNER")
    if len(owners) != 1:
        raise ApiError(
            400,
            "INVALID_PARAMETER_VALUE",
            f"PUT requests for warehouse {where[1]} with no existing owner must provide a new owner.",
        )
    workspace.acls[where] = entries
    return _shown(call, where)


for _path in (
    f"{BASE}/authorization/tokens",
    f"{BASE}/authorization/passwords",
    f"{BASE}/warehouses/{{id}}",
    f"{BASE}/sql/warehouses/{{id}}",
):
    route("GET", f"{_path}/permissionLevels")(levels)
    route("GET", _path)(get)
    route("PATCH", _path)(patch)
    route("PUT", _path)(put)
