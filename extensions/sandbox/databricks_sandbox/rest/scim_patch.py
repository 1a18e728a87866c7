# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PATCH of SCIM resources (RFC 7644, 3.5.2, as far as the service follows it)."""

from __future__ import annotations

import re
import typing as t

from ..errors import ScimError
from ..http import Call
from ..model import Group
from . import scim_values as values

_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def patch(call: Call, found: t.Any) -> None:
    """Change the resource as the operations say, all of them or none."""
    if _SCHEMA not in (call.body.get("schemas") or []):
        raise ScimError(400, f"{values.BAD_SYNTAX} The schema of the patch is missing.", "invalidSyntax")
    operations = call.body.get("Operations")
    if not isinstance(operations, list) or not operations or not all(isinstance(one, dict) for one in operations):
        raise ScimError(400, f"{values.BAD_SYNTAX} Operations must be a list that is not empty.", "invalidSyntax")
    before = dict(vars(found))  # no operation changes a set in place
    try:
        for operation in operations:
            _operate(call, found, operation)
    except ScimError:
        vars(found).update(before)
        raise


def _operate(call: Call, found: t.Any, operation: dict[str, t.Any]) -> None:
    op, path, value = str(operation.get("op", "")).lower(), operation.get("path"), operation.get("value")
    if op not in ("add", "remove", "replace"):
        raise ScimError(400, f"{values.BAD_SYNTAX} op {op} is unknown.", "invalidSyntax")
    if not path:
        if op == "remove" or not isinstance(value, dict):
            raise ScimError(400, f"{values.BAD_SYNTAX} A path is required.", "noTarget")
        for key, item in value.items():
            _operate(call, found, {"op": op, "path": key, "value": item})
        return
    attribute, chosen = _target(str(path))
    if attribute in ("entitlements", "members", "roles"):
        _change_set(call, found, op, attribute, chosen, value)
    elif attribute == "displayName" and op != "remove":
        name = values.text({"displayName": value}, "displayName") or found.display_name
        found.display_name = values.display_name(call, found, name)
    elif attribute == "active" and op != "remove" and not isinstance(found, Group):
        found.active = values.patched_boolean(value)
    elif attribute in ("userName", "emails", "applicationId"):
        raise ScimError(400, f"{attribute} cannot be changed", "mutability")
    else:
        raise _no_such(attribute)


def _no_such(attribute: str) -> ScimError:
    return ScimError(400, f"No such attribute with the name : {attribute} in the current resource", "invalidPath")


def _target(path: str) -> tuple[str, str | None]:
    match = re.fullmatch(r'(\w+)(?:\[value eq "((?:[^"\\]|\\.)*)"\])?', path)
    if not match:
        raise ScimError(400, f"{values.BAD_SYNTAX} The path {path} cannot be read.", "invalidPath")
    return match[1], match[2]


def _named(call: Call, attribute: str, value: t.Any) -> set[str]:
    items = value if isinstance(value, list) else [value]
    if attribute == "members":
        return values.members(call, items)
    return values.entitlements(items) if attribute == "entitlements" else values.listed(attribute, items)


def _change_set(call: Call, found: t.Any, op: str, attribute: str, chosen: str | None, value: t.Any) -> None:
    if not hasattr(found, attribute):
        raise _no_such(attribute)
    held: set[str] = set(getattr(found, attribute))
    if op == "remove":
        if not held:
            raise _no_such(attribute)  # terraform-provider-databricks#3374
        if chosen is not None and value is not None:
            raise ScimError(400, f"{values.BAD_SYNTAX} The values are in the path already.", "invalidValue")
        # The Terraform provider removes entitlements by value, with the bare path (scim/resource_entitlement.go).
        gone = {chosen} if chosen is not None else held if value is None else _named(call, attribute, value)
        held = held - gone
    else:
        named = _named(call, attribute, value)
        held = held | named if op == "add" else named
    if attribute == "entitlements":
        values.check_consumer(held)
    setattr(found, attribute, values.roles(call, found, held) if attribute == "roles" else held)
