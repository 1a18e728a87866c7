# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret scopes and secrets (SDK service/workspace.py, SecretsAPI). Who has an ACL on a scope gets in, and every
workspace admin does without one.

Databricks, "Workspace secret scopes": "Workspace admins, secret creators, and users who have been granted permission
can access and read Databricks secrets". The Terraform provider's TestAccSecretAclResourceDefaultPrincipal
(secrets/secret_acl_test.go) lists the ACLs of a scope, which takes MANAGE, as an admin who has no ACL there.
"""

from __future__ import annotations

import base64
import binascii
import re
import typing as t

from ..errors import ApiError
from ..http import Call, route
from ..masking import remember, sha256

BASE = "/api/2.0/secrets"
_ORDER = ["READ", "WRITE", "MANAGE"]
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
MOST_SECRETS = 1000


def _scope(call: Call, name: t.Any, level: str) -> dict[str, t.Any]:
    found = call.workspace.secret_scopes.get(str(name))
    if found is None:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Scope {name} does not exist!")
    if call.workspace.is_admin(call.me):
        return found
    names = {call.me.principal.lower()} | {one.lower() for one in call.workspace.groups_of(call.me.id)}
    held = [one for who, one in found["acls"].items() if who.lower() in names]
    if not held or max(map(_ORDER.index, held)) < _ORDER.index(level):
        raise ApiError(
            403, "PERMISSION_DENIED", f"User {call.me.principal} does not have {level} permission on scope {name}"
        )
    return found


def _checked(what: str, name: t.Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ApiError(
            400,
            "INVALID_PARAMETER_VALUE",
            f"{what} consists of at most 128 letters, digits, dashes, underscores and periods.",
        )
    return name


def _principal(call: Call) -> str:
    """An existing user, service principal or group, as it is spelled."""
    name = call.body.get("principal")
    found = call.workspace.identity_by_principal(name) if isinstance(name, str) else None
    if found:
        return found.principal
    if any(group.display_name == name for group in call.workspace.groups.values()):
        return str(name)
    raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Principal {name} does not exist.")


@route("POST", f"{BASE}/scopes/create")
def create_scope(call: Call) -> dict[str, t.Any]:
    name = _checked("scope", call.body.get("scope"))
    if call.body.get("scope_backend_type", "DATABRICKS") != "DATABRICKS":
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The sandbox keeps secrets itself: DATABRICKS only.")
    if name in call.workspace.secret_scopes:
        raise ApiError(400, "RESOURCE_ALREADY_EXISTS", f"Scope {name} already exists!")
    initial = call.body.get("initial_manage_principal")
    if initial not in (None, "users"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "initial_manage_principal must be users.")
    call.workspace.secret_scopes[name] = {"acls": {initial or call.me.principal: "MANAGE"}, "secrets": {}}
    return {}


@route("GET", f"{BASE}/scopes/list")
def list_scopes(call: Call) -> dict[str, t.Any]:
    names = sorted(call.workspace.secret_scopes)
    return {"scopes": [{"name": name, "backend_type": "DATABRICKS"} for name in names]} if names else {}


@route("POST", f"{BASE}/scopes/delete")
def delete_scope(call: Call) -> dict[str, t.Any]:
    _scope(call, call.body.get("scope"), "MANAGE")
    del call.workspace.secret_scopes[str(call.body["scope"])]
    return {}


@route("POST", f"{BASE}/put")
def put(call: Call) -> dict[str, t.Any]:
    scope, key = _scope(call, call.body.get("scope"), "WRITE"), _checked("key", call.body.get("key"))
    given = [name for name in ("string_value", "bytes_value") if call.body.get(name) is not None]
    if len(given) != 1 or not isinstance(call.body[given[0]], str) or not call.body[given[0]]:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "One of string_value and bytes_value is required.")
    value = call.body[given[0]]
    try:
        raw = base64.b64decode(value, validate=True) if given[0] == "bytes_value" else value.encode()
    except binascii.Error as error:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "bytes_value must be base64.") from error
    if len(raw) > 128 * 1024:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "A secret holds at most 128 KB.")
    if key not in scope["secrets"] and len(scope["secrets"]) >= MOST_SECRETS:
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", f"A scope holds at most {MOST_SECRETS} secrets.")
    text = raw.decode(errors="replace")
    # What is put here is secret whoever made it up: it must not show in the journal either.
    remember(call.workspace, text)
    scope["secrets"][key] = {
        "value": base64.b64encode(raw).decode(),
        "sha256": sha256(text),
        "last_updated_timestamp": call.workspace.clock.now_ms(),
    }
    return {}


@route("GET", f"{BASE}/get")
def get(call: Call) -> dict[str, t.Any]:
    found = _scope(call, call.one("scope"), "READ")["secrets"].get(call.one("key"))
    if found is None:
        raise ApiError(
            404, "RESOURCE_DOES_NOT_EXIST", f"Failed to get secret {call.one('key')} for scope {call.one('scope')}."
        )
    return {"key": call.one("key"), "value": found["value"]}


@route("GET", f"{BASE}/list")
def listing(call: Call) -> dict[str, t.Any]:
    found = _scope(call, call.one("scope"), "READ")["secrets"]
    return {
        "secrets": [
            {"key": key, "last_updated_timestamp": one["last_updated_timestamp"]} for key, one in sorted(found.items())
        ]
    }


@route("POST", f"{BASE}/delete")
def delete(call: Call) -> dict[str, t.Any]:
    found = _scope(call, call.body.get("scope"), "WRITE")["secrets"]
    if call.body.get("key") not in found:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Secret {call.body.get('key')} does not exist.")
    del found[call.body["key"]]
    return {}


@route("GET", f"{BASE}/acls/list")
def list_acls(call: Call) -> dict[str, t.Any]:
    found = _scope(call, call.one("scope"), "MANAGE")["acls"]
    return {"items": [{"principal": who, "permission": level} for who, level in sorted(found.items())]}


@route("GET", f"{BASE}/acls/get")
def get_acl(call: Call) -> dict[str, t.Any]:
    found = _scope(call, call.one("scope"), "MANAGE")["acls"]
    if call.one("principal") not in found:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"No ACL for {call.one('principal')}.")
    return {"principal": call.one("principal"), "permission": found[call.one("principal")]}


@route("POST", f"{BASE}/acls/put")
def put_acl(call: Call) -> dict[str, t.Any]:
    found, level = _scope(call, call.body.get("scope"), "MANAGE")["acls"], call.body.get("permission")
    if level not in _ORDER:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "permission is READ, WRITE or MANAGE.")
    found[_principal(call)] = level
    return {}


@route("POST", f"{BASE}/acls/delete")
def delete_acl(call: Call) -> dict[str, t.Any]:
    found = _scope(call, call.body.get("scope"), "MANAGE")["acls"]
    if call.body.get("principal") not in found:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"No ACL for {call.body.get('principal')}.")
    del found[call.body["principal"]]
    return {}
