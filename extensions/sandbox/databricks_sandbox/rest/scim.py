# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workspace SCIM: users, service principals, groups, Me (SDK service/iam.py; terraform-provider-databricks scim/)."""

from __future__ import annotations

import re
import typing as t
import uuid

from .. import scim_filter
from ..errors import ApiError, ScimError
from ..http import Call, Reply, route
from ..model import Group, Identity, ServicePrincipal, User, Workspace
from . import rule_sets

BASE = "/api/2.0/preview/scim/v2"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
_PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTITLEMENTS = {
    "allow-cluster-create",
    "allow-instance-pool-create",
    "databricks-sql-access",
    "workspace-access",
    "workspace-consume",
}
PAGE = 100
_BAD_SYNTAX = "Request is unparsable, syntactically incorrect, or violates schema."


# -- shapes -----------------------------------------------------------------------------------
def _values(items: t.Iterable[str]) -> list[dict[str, str]]:
    return [{"value": item} for item in sorted(items)]


def _groups_of(workspace: Workspace, identity_id: str) -> list[dict[str, str]]:
    names = workspace.groups_of(identity_id)
    found = [group for group in workspace.groups.values() if group.display_name in names]
    return [
        {
            "display": group.display_name,
            "type": "direct" if identity_id in group.members else "indirect",
            "value": group.id,
            "$ref": f"Groups/{group.id}",
        }
        for group in sorted(found, key=lambda group: group.display_name)
    ]


def shape(workspace: Workspace, thing: User | ServicePrincipal | Group) -> dict[str, t.Any]:
    shown: dict[str, t.Any] = {"id": thing.id, "displayName": thing.display_name}
    if thing.external_id:
        shown["externalId"] = thing.external_id
    if thing.entitlements:
        shown["entitlements"] = _values(thing.entitlements)
    groups = _groups_of(workspace, thing.id)
    if groups:
        shown["groups"] = groups
    if isinstance(thing, Group):
        members = [
            {"value": one, "display": _name_of(workspace, one), "$ref": f"{_kind_of(workspace, one)}/{one}"}
            for one in sorted(thing.members)
        ]
        if members:
            shown["members"] = members
        shown["meta"] = {"resourceType": "Group" if thing.account_level else "WorkspaceGroup"}
        return {**shown, "schemas": [f"{_SCHEMA}Group"]}
    shown["active"] = thing.active
    if isinstance(thing, User):
        shown["userName"] = thing.user_name
        shown["emails"] = [{"type": "work", "value": thing.user_name, "primary": True}]
        shown["name"] = {"givenName": thing.display_name}
        return {**shown, "schemas": [f"{_SCHEMA}User"]}
    return {**shown, "applicationId": thing.application_id, "schemas": [f"{_SCHEMA}ServicePrincipal"]}


def _name_of(workspace: Workspace, member: str) -> str:
    found = workspace.identity(member) or workspace.groups.get(member)
    return found.display_name if found else ""


def _kind_of(workspace: Workspace, member: str) -> str:
    if member in workspace.users:
        return "Users"
    return "ServicePrincipals" if member in workspace.service_principals else "Groups"


def _only(call: Call, shown: dict[str, t.Any]) -> dict[str, t.Any]:
    """attributes and excludedAttributes; id and schemas always come."""
    wanted = {name.split(".")[0] for name in (call.one("attributes") or "").split(",") if name}
    unwanted = {name.split(".")[0] for name in (call.one("excludedAttributes") or "").split(",") if name}
    if wanted:
        shown = {key: value for key, value in shown.items() if key in wanted | {"id", "schemas"}}
    return {key: value for key, value in shown.items() if key not in unwanted or key == "id"}


# -- reading ----------------------------------------------------------------------------------
@route("GET", f"{BASE}/Me", scim=True)
def me(call: Call) -> Reply:
    """A service principal's userName is its application id (terraform-provider-databricks)."""
    shown = shape(call.workspace, call.me)
    if isinstance(call.me, ServicePrincipal):
        shown["userName"] = call.me.application_id
        shown.pop("applicationId")
        shown["schemas"] = [f"{_SCHEMA}User"]
    if call.workspace.me_lists_system_groups:
        # Nobody has proven that Me lists them, or that it does not.
        kinds = ("users", "admins") if call.workspace.is_admin(call.me) else ("users",)
        shown["groups"] = [*shown.get("groups", []), *(_system_group(call.workspace, kind) for kind in kinds)]
    return Reply(_only(call, shown))


def _system_group(workspace: Workspace, kind: str) -> dict[str, str]:
    found = workspace.system_group_ids[kind]
    return {"display": workspace.system_group(kind), "type": "direct", "value": found, "$ref": f"Groups/{found}"}


def _listing(call: Call, things: t.Iterable[t.Any]) -> dict[str, t.Any]:
    shown = [shape(call.workspace, thing) for thing in things]
    text = call.one("filter")
    if text:
        matches = scim_filter.compiled(text)
        shown = [one for one in shown if matches(one)]
    shown = _sorted(call, shown)
    try:
        start, count = int(call.one("startIndex") or 1), int(call.one("count") or PAGE)
    except ValueError as error:
        raise ScimError(400, _BAD_SYNTAX, "invalidValue") from error
    start = max(start, 1)
    page = [_only(call, one) for one in shown[start - 1 : start - 1 + max(count, 0)]]
    answer: dict[str, t.Any] = {
        "totalResults": len(shown),
        "startIndex": start,
        "itemsPerPage": len(page),
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    }
    # A filter that matches nothing gives a list without Resources, not an error.
    if page:
        answer["Resources"] = page
    return answer


def _sorted(call: Call, shown: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    by, order = call.one("sortBy"), call.one("sortOrder") or "ascending"
    if by is None:
        return shown
    if by not in ("id", "userName", "displayName", "applicationId") or order not in ("ascending", "descending"):
        raise ScimError(400, f"{_BAD_SYNTAX} Cannot sort by {by} {order}.", "invalidValue")
    return sorted(shown, key=lambda one: str(one.get(by, "")).lower(), reverse=order == "descending")


_SENTENCES = {"Users": "User", "ServicePrincipals": "Service principal", "Groups": "Group"}


def _held(workspace: Workspace, kind: str) -> dict[str, t.Any]:
    held: dict[str, dict[str, t.Any]] = {
        "Users": workspace.users,
        "ServicePrincipals": workspace.service_principals,
        "Groups": workspace.groups,
    }
    return held[kind]


def _find(call: Call, kind: str) -> t.Any:
    found = _held(call.workspace, kind).get(call.params["id"])
    if found is None:
        if kind == "ServicePrincipals":
            # Some SCIM failures use the ordinary envelope (terraform-provider-databricks tests).
            raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Service principal with id {call.params['id']} not found.")
        raise ScimError(404, f"{_SENTENCES[kind]} not found.")
    return found


# -- writing ----------------------------------------------------------------------------------
def _text(body: dict[str, t.Any], key: str) -> str | None:
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise ScimError(400, f"{_BAD_SYNTAX} {key} must be a string.", "invalidSyntax")
    return value


def _entitlements(items: t.Any) -> set[str]:
    if not isinstance(items, list):
        raise ScimError(400, f"{_BAD_SYNTAX} entitlements must be a list.", "invalidSyntax")
    listed = [item.get("value") if isinstance(item, dict) else item for item in items]
    if not all(isinstance(one, str) for one in listed):
        raise ScimError(400, f"{_BAD_SYNTAX} An entitlement is text.", "invalidSyntax")
    found = set(listed)
    unknown = sorted(str(one) for one in found - ENTITLEMENTS)
    if unknown:
        raise ScimError(400, f"Entitlement {unknown[0]} is not valid", "invalidValue")
    return t.cast("set[str]", found)


def _check_consumer(entitlements: set[str]) -> None:
    if "workspace-consume" in entitlements and entitlements & {"workspace-access", "databricks-sql-access"}:
        raise ScimError(400, "workspace-consume cannot be combined with other entitlements", "invalidValue")


def _boolean(value: t.Any) -> bool:
    if not isinstance(value, bool):
        raise ScimError(400, f"{_BAD_SYNTAX} active must be a boolean.", "invalidValue")
    return value


def _new_identity(call: Call, made: Identity) -> None:
    """Other services hear of a new identity later; everybody is in the group users."""
    workspace = call.workspace
    if isinstance(made, ServicePrincipal):
        rule_sets.created(workspace, made, call.me)
    lag = workspace.new_principal_lag
    if lag:
        workspace.unknown_to_uc[made.principal] = lag
        workspace.unknown_to_permissions[made.principal] = lag
    for group in workspace.groups.values():
        if group.display_name == "users":
            group.members.add(made.id)


def _create_user(call: Call) -> dict[str, t.Any]:
    workspace, name = call.workspace, _text(call.body, "userName")
    if not name or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", name):
        raise ScimError(400, f"{_BAD_SYNTAX} userName must be an e-mail address.", "invalidValue")
    if any(user.user_name.lower() == name.lower() for user in workspace.users.values()):
        raise ScimError(409, f"User with username {name} already exists.", "uniqueness")
    entitlements = _entitlements(call.body.get("entitlements", []))
    _check_consumer(entitlements)
    distant = next((u for u in workspace.account_only.values() if u.principal.lower() == name.lower()), None)
    made = User(
        distant.id if distant else workspace.new_id(),
        name,
        _text(call.body, "displayName") or name,
        _boolean(call.body.get("active", True)),
        entitlements,
        _text(call.body, "externalId"),
    )
    if distant:
        del workspace.account_only[distant.id]
    workspace.users[made.id] = made
    _new_identity(call, made)
    return shape(workspace, made)


def _create_service_principal(call: Call) -> dict[str, t.Any]:
    workspace, application_id = call.workspace, _text(call.body, "applicationId")
    name = _text(call.body, "displayName")
    if application_id and workspace.cloud != "azure":
        raise ScimError(
            400, f"{_BAD_SYNTAX} applicationId must not be given for a managed service principal.", "invalidSyntax"
        )
    if application_id and any(
        p.application_id == application_id.lower() for p in workspace.service_principals.values()
    ):
        raise ScimError(409, f"Service principal with application ID {application_id} already exists.")
    if not name and not application_id:
        raise ScimError(400, f"{_BAD_SYNTAX} displayName is required.", "invalidValue")
    entitlements = _entitlements(call.body.get("entitlements", []))
    _check_consumer(entitlements)
    made = ServicePrincipal(
        workspace.new_id(),
        (application_id or str(uuid.UUID(int=workspace.rng.getrandbits(128), version=4))).lower(),
        name or str(application_id),
        _boolean(call.body.get("active", True)),
        entitlements,
        _text(call.body, "externalId"),
    )
    workspace.service_principals[made.id] = made
    _new_identity(call, made)
    return shape(workspace, made)


def _create_group(call: Call) -> dict[str, t.Any]:
    workspace, name = call.workspace, _text(call.body, "displayName")
    if not name:
        raise ScimError(400, f"{_BAD_SYNTAX} displayName is required.", "invalidValue")
    if any(group.display_name.lower() == name.lower() for group in workspace.groups.values()):
        raise ScimError(409, f"Group with name {name} already exists.", "uniqueness")
    entitlements = _entitlements(call.body.get("entitlements", []))
    _check_consumer(entitlements)
    made = Group(workspace.new_id(), name, _members(call, call.body.get("members", [])), entitlements)
    workspace.groups[made.id] = made
    return shape(workspace, made)


def _members(call: Call, items: t.Any) -> set[str]:
    if items is not None and not isinstance(items, list):
        raise ScimError(400, f"{_BAD_SYNTAX} members must be a list.", "invalidSyntax")
    found = {str(item.get("value")) if isinstance(item, dict) else str(item) for item in items or []}
    for one in found:
        if call.workspace.identity(one) is None and one not in call.workspace.groups:
            raise ScimError(404, f"Member {one} not found.")
    return found


_CREATE = {"Users": _create_user, "ServicePrincipals": _create_service_principal, "Groups": _create_group}


def _replace(call: Call, kind: str) -> dict[str, t.Any]:
    """PUT: what is not said is gone; names that cannot be changed must be the same."""
    found = _find(call, kind)
    immutable = {"Users": ("userName", "user_name"), "ServicePrincipals": ("applicationId", "application_id")}.get(kind)
    if immutable and str(call.body.get(immutable[0], "")).lower() != getattr(found, immutable[1]).lower():
        raise ScimError(400, f"{immutable[0]} cannot be changed", "mutability")
    entitlements = _entitlements(call.body.get("entitlements", []))
    _check_consumer(entitlements)
    name = _display_name(call, found, _text(call.body, "displayName") or found.display_name)
    if isinstance(found, Group):
        found.members = _members(call, call.body.get("members", []))
    else:
        active, stays = _boolean(call.body.get("active", True)), _groups_kept(call, found)
        found.active = active
        for group in call.workspace.groups.values():
            if group.id not in stays:
                group.members.discard(found.id)
    found.entitlements, found.display_name = entitlements, name
    return shape(call.workspace, found)


def _groups_kept(call: Call, found: Identity) -> set[str]:
    """PUT takes along the memberships it does not repeat (terraform-provider-databricks scim/); all stay in users."""
    groups = call.body.get("groups") or []
    named = {str(one.get("value")) for one in groups if isinstance(one, dict)} if isinstance(groups, list) else set()
    held = {group.id for group in call.workspace.groups.values() if found.id in group.members}
    if len(named) != len(groups) or named - {group["value"] for group in _groups_of(call.workspace, found.id)}:
        raise ScimError(400, "groups is read-only; memberships are changed in the group", "mutability")
    return named | {group.id for group in call.workspace.groups.values() if group.display_name == "users"} & held


def _display_name(call: Call, found: t.Any, name: str) -> str:
    """Under identity federation the account decides how a user is called (SDK UsersAPI)."""
    if isinstance(found, User) and call.workspace.unity_catalog and name != found.display_name:
        raise ScimError(400, "displayName cannot be changed in the workspace, only in the account", "mutability")
    others = call.workspace.groups.values() if isinstance(found, Group) else ()
    if any(one.id != found.id and one.display_name.lower() == name.lower() for one in others):
        raise ScimError(409, f"Group with name {name} already exists.", "uniqueness")
    if isinstance(found, Group) and found.display_name in ("admins", "users") and name != found.display_name:
        raise ScimError(403, f"Group {found.display_name} cannot be renamed.")
    return name


def _patch(call: Call, kind: str) -> Reply:
    found = _find(call, kind)
    if _PATCH_SCHEMA not in (call.body.get("schemas") or []):
        raise ScimError(400, f"{_BAD_SYNTAX} The schema of the patch is missing.", "invalidSyntax")
    operations = call.body.get("Operations")
    if not isinstance(operations, list) or not operations or not all(isinstance(one, dict) for one in operations):
        raise ScimError(400, f"{_BAD_SYNTAX} Operations must be a list that is not empty.", "invalidSyntax")
    before = dict(vars(found))  # no operation changes a set in place
    try:
        for operation in operations:
            _operate(call, found, operation)
    except ScimError:
        vars(found).update(before)  # all of them or none (RFC 7644, 3.5.2)
        raise
    return Reply(shape(call.workspace, found))


def _operate(call: Call, found: t.Any, operation: dict[str, t.Any]) -> None:
    op, path, value = str(operation.get("op", "")).lower(), operation.get("path"), operation.get("value")
    if op not in ("add", "remove", "replace"):
        raise ScimError(400, f"{_BAD_SYNTAX} op {op} is unknown.", "invalidSyntax")
    if not path:
        if op == "remove" or not isinstance(value, dict):
            raise ScimError(400, f"{_BAD_SYNTAX} A path is required.", "noTarget")
        for key, item in value.items():
            _operate(call, found, {"op": op, "path": key, "value": item})
        return
    attribute, chosen = _target(str(path))
    if attribute in ("entitlements", "members"):
        _change_set(call, found, op, attribute, chosen, value)
    elif attribute == "displayName" and op != "remove":
        found.display_name = _display_name(
            call, found, _text({"displayName": value}, "displayName") or found.display_name
        )
    elif attribute == "active" and op != "remove" and not isinstance(found, Group):
        found.active = _boolean(value)
    elif attribute in ("userName", "emails", "applicationId"):
        raise ScimError(400, f"{attribute} cannot be changed", "mutability")
    else:
        raise ScimError(400, f"No such attribute with the name : {attribute} in the current resource", "invalidPath")


def _target(path: str) -> tuple[str, str | None]:
    match = re.fullmatch(r'(\w+)(?:\[value eq "((?:[^"\\]|\\.)*)"\])?', path)
    if not match:
        raise ScimError(400, f"{_BAD_SYNTAX} The path {path} cannot be read.", "invalidPath")
    return match[1], match[2]


def _change_set(call: Call, found: t.Any, op: str, attribute: str, chosen: str | None, value: t.Any) -> None:
    if not hasattr(found, attribute):
        raise ScimError(400, f"No such attribute with the name : {attribute} in the current resource", "invalidPath")
    held: set[str] = set(getattr(found, attribute))
    if op == "remove":
        if value is not None:
            raise ScimError(400, f"{_BAD_SYNTAX} A removal carries no value.", "invalidValue")
        if not held:
            # terraform-provider-databricks#3374
            raise ScimError(
                400, f"No such attribute with the name : {attribute} in the current resource", "invalidPath"
            )
        held = held - {chosen} if chosen else set()
    else:
        items = value if isinstance(value, list) else [value]
        named = _entitlements(items) if attribute == "entitlements" else _members(call, items)
        held = held | named if op == "add" else named
    if attribute == "entitlements":
        _check_consumer(held)
    setattr(found, attribute, held)


def _delete(call: Call, kind: str) -> Reply:
    """An identity takes its tokens, secrets, permissions and memberships along."""
    workspace, found = call.workspace, _find(call, kind)
    if isinstance(found, Group) and found.display_name in ("admins", "users"):
        raise ScimError(403, f"Group {found.display_name} cannot be deleted.")
    del _held(workspace, kind)[found.id]
    for group in workspace.groups.values():
        group.members.discard(found.id)
    name = found.principal.lower()
    for entries in workspace.acls.values():
        for who in [who for who in entries if who.lower() == name]:
            del entries[who]
    if isinstance(found, ServicePrincipal):
        rule_sets.deleted(workspace, found)
    if not isinstance(found, Group):
        for token in [one for one in workspace.tokens.values() if one.owner_id == found.id]:
            del workspace.tokens[token.token_id]
        for secret in [one for one in workspace.oauth_secrets.values() if one.owner_id == found.id]:
            del workspace.oauth_secrets[secret.id]
        for access in [one for one in workspace.oauth_tokens.values() if one.owner_id == found.id]:
            del workspace.oauth_tokens[access.value]
    return Reply(None, status=204, content=b"")


def _register(kind: str) -> None:
    def admin(handler: t.Callable[[Call], t.Any]) -> t.Callable[[Call], t.Any]:
        def guarded(call: Call) -> t.Any:
            call.need_admin(f"{_SENTENCES[kind]}s")
            return handler(call)

        return guarded

    def created(call: Call) -> Reply:
        return Reply(_CREATE[kind](call), status=201)

    route("GET", f"{BASE}/{kind}", scim=True)(admin(lambda call: _listing(call, _held(call.workspace, kind).values())))
    route("POST", f"{BASE}/{kind}", scim=True)(admin(created))
    route("GET", f"{BASE}/{kind}/{{id}}", scim=True)(
        admin(lambda call: _only(call, shape(call.workspace, _find(call, kind))))
    )
    route("PUT", f"{BASE}/{kind}/{{id}}", scim=True)(admin(lambda call: _replace(call, kind)))
    route("PATCH", f"{BASE}/{kind}/{{id}}", scim=True)(admin(lambda call: _patch(call, kind)))
    route("DELETE", f"{BASE}/{kind}/{{id}}", scim=True)(admin(lambda call: _delete(call, kind)))


for _kind in ("Users", "ServicePrincipals", "Groups"):
    _register(_kind)
