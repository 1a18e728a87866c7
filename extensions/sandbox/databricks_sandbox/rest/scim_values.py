# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of SCIM resources as they arrive: read, checked, and refused in SCIM's words."""

from __future__ import annotations

import typing as t

from ..account import ADMIN
from ..errors import ScimError
from ..http import Call
from ..model import Group, User

ENTITLEMENTS = {
    "allow-cluster-create",
    "allow-instance-pool-create",
    "databricks-sql-access",
    "workspace-access",
    "workspace-consume",
}
BAD_SYNTAX = "Request is unparsable, syntactically incorrect, or violates schema."


def text(body: dict[str, t.Any], key: str) -> str | None:
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise ScimError(400, f"{BAD_SYNTAX} {key} must be a string.", "invalidSyntax")
    return value


def listed(attribute: str, items: t.Any) -> set[str]:
    """The values of a multi-valued attribute, however often each is there.

    One without a value is nothing at all: the Terraform provider says ``"entitlements": [{}]`` for none
    (terraform-provider-databricks scim/scim.go, readEntitlementsFromData and the omitempty of ComplexValue).
    """
    if not isinstance(items, list):
        raise ScimError(400, f"{BAD_SYNTAX} {attribute} must be a list.", "invalidSyntax")
    values = [item.get("value") if isinstance(item, dict) else item for item in items]
    if not all(isinstance(one, str) for one in values if one is not None):
        raise ScimError(400, f"{BAD_SYNTAX} A value of {attribute} is text.", "invalidSyntax")
    return {one for one in values if one}


def entitlements(items: t.Any) -> set[str]:
    found = listed("entitlements", items)
    unknown = sorted(found - ENTITLEMENTS)
    if unknown:
        raise ScimError(400, f"Entitlement {unknown[0]} is not valid", "invalidValue")
    return found


def check_consumer(held: set[str]) -> None:
    if "workspace-consume" in held and held & {"workspace-access", "databricks-sql-access"}:
        raise ScimError(400, "workspace-consume cannot be combined with other entitlements", "invalidValue")


def boolean(value: t.Any) -> bool:
    if not isinstance(value, bool):
        raise ScimError(400, f"{BAD_SYNTAX} active must be a boolean.", "invalidValue")
    return value


def patched_boolean(value: t.Any) -> bool:
    """In a patch it may be text as well, also as the one value of a list: databricks-sdk-go internal/scim_test.go sends
    "false", and the Terraform provider [{"value": "false"}] (scim/scim.go, PatchRequestWithValue).
    """
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        value = value[0].get("value")
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return boolean(value)


def roles(call: Call, found: t.Any, wish: set[str]) -> set[str]:
    """The roles after a change: those of the account are changed there, and the others in the workspace."""
    here = {one for one in wish if (one == ADMIN) == call.account}
    return here | {one for one in found.roles if (one == ADMIN) != call.account}


def members(call: Call, items: t.Any) -> set[str]:
    if items is not None and not isinstance(items, list):
        raise ScimError(400, f"{BAD_SYNTAX} members must be a list.", "invalidSyntax")
    found = {str(item.get("value")) if isinstance(item, dict) else str(item) for item in items or []}
    account = {**call.workspace.account.users(), **call.workspace.account.service_principals()} if call.account else {}
    for one in found - set(account):
        if call.workspace.identity(one) is None and one not in call.workspace.groups:
            raise ScimError(404, f"Member {one} not found.")
    return found


def display_name(call: Call, found: t.Any, name: str) -> str:
    """Under identity federation the account decides how a user is called (SDK UsersAPI)."""
    federated = call.workspace.unity_catalog and not call.account
    if isinstance(found, User) and federated and name != found.display_name:
        raise ScimError(400, "displayName cannot be changed in the workspace, only in the account", "mutability")
    others = call.workspace.groups.values() if isinstance(found, Group) else ()
    if any(one.id != found.id and one.display_name.lower() == name.lower() for one in others):
        raise ScimError(409, f"Group with name {name} already exists.", "uniqueness")
    if isinstance(found, Group) and found.display_name in ("admins", "users") and name != found.display_name:
        raise ScimError(403, f"Group {found.display_name} cannot be renamed.")
    return name
