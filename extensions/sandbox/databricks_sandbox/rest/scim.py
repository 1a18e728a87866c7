# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workspace SCIM: users, service principals, groups, Me (SDK service/iam.py; terraform-provider-databricks scim/)."""

from __future__ import annotations

import re
import typing as t
import uuid

from .. import scim_filter
from ..account import ADMIN
from ..errors import ApiError, ScimError
from ..http import Call, Reply, route
from ..model import Group, Identity, ServicePrincipal, User, Workspace
from . import rule_sets, scim_patch
from . import scim_values as values

BASE = "/api/2.0/preview/scim/v2"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
PAGE = 100


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


def shape(
    workspace: Workspace, thing: User | ServicePrincipal | Group, *, of_account: bool = False
) -> dict[str, t.Any]:
    """As SCIM of the workspace shows it, or that of the account, which has roles of its own and no entitlements."""
    shown: dict[str, t.Any] = {"id": thing.id, "displayName": thing.display_name}
    if thing.external_id:
        shown["externalId"] = thing.external_id
    if thing.entitlements and not of_account:
        shown["entitlements"] = _values(thing.entitlements)
    roles = thing.roles & {ADMIN} if of_account else thing.roles - {ADMIN}
    if roles:
        shown["roles"] = _values(roles)
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


def only(call: Call, shown: dict[str, t.Any]) -> dict[str, t.Any]:
    """attributes and excludedAttributes; id and schemas always come.

    Who asks for userName gets applicationId too, which is what a service principal has in its place: the Terraform
    provider reads it so (terraform-provider-databricks scim/resource_service_principal.go, Read).
    """
    wanted = {name.split(".")[0] for name in (call.one("attributes") or "").split(",") if name}
    if "userName" in wanted:
        wanted.add("applicationId")
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
    return Reply(only(call, shown))


def _system_group(workspace: Workspace, kind: str) -> dict[str, str]:
    found = workspace.system_group_ids[kind]
    return {"display": workspace.system_group(kind), "type": "direct", "value": found, "$ref": f"Groups/{found}"}


def listing(call: Call, things: t.Iterable[t.Any], *, of_account: bool = False) -> dict[str, t.Any]:
    shown = [shape(call.workspace, thing, of_account=of_account) for thing in things]
    text = call.one("filter")
    if text:
        matches = scim_filter.compiled(text)
        shown = [one for one in shown if matches(one)]
    shown = _sorted(call, shown)
    try:
        start, count = int(call.one("startIndex") or 1), int(call.one("count") or PAGE)
    except ValueError as error:
        raise ScimError(400, values.BAD_SYNTAX, "invalidValue") from error
    start = max(start, 1)
    page = [only(call, one) for one in shown[start - 1 : start - 1 + max(count, 0)]]
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
        raise ScimError(400, f"{values.BAD_SYNTAX} Cannot sort by {by} {order}.", "invalidValue")
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
def _new_identity(call: Call, made: Identity) -> None:
    """Other services hear of a new identity later; everybody is in the group users."""
    call.workspace.made_at[made.id] = call.workspace.clock.now()
    welcome(call.workspace, made, call.me)


def welcome(workspace: Workspace, made: Identity, creator: Identity) -> None:
    """Of whom this workspace has not heard before."""
    if isinstance(made, ServicePrincipal):
        rule_sets.created(workspace, made, creator)
    lag = workspace.new_principal_lag
    if lag:
        workspace.unknown_to_uc[made.principal] = lag
        workspace.unknown_to_permissions[made.principal] = lag
    for group in workspace.groups.values():
        if group.display_name == "users":
            group.members.add(made.id)


def _holdings(call: Call) -> dict[str, t.Any]:
    """What users, service principals and groups may be made with alike."""
    held = values.entitlements(call.body.get("entitlements", []))
    values.check_consumer(held)
    return {
        "entitlements": held,
        "roles": {one for one in values.listed("roles", call.body.get("roles", [])) if (one == ADMIN) == call.account},
        "external_id": values.text(call.body, "externalId"),
    }


def _enter(call: Call, made: Identity) -> None:
    """Into the groups that it is created with (databricks-sdk-go internal/tokenmanagement_test.go), then the rest."""
    named = values.listed("groups", call.body.get("groups") or [])
    unknown = sorted(named - set(call.workspace.groups))
    if unknown:
        raise ScimError(404, f"Group {unknown[0]} not found.")
    for group_id in named:
        call.workspace.groups[group_id].members.add(made.id)
    _new_identity(call, made)


def new_user(call: Call, names: t.Iterable[str], identity_id: str = "") -> User:
    """The user of the body, kept nowhere yet. Names are kept in lower case (terraform-provider-databricks
    scim/user_test.go, TestAccUserResourceCaseInsensitive).

    :param names: of all users that there are
    """
    name = values.text(call.body, "userName")
    if not name or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", name):
        raise ScimError(400, f"{values.BAD_SYNTAX} userName must be an e-mail address.", "invalidValue")
    if name.lower() in {one.lower() for one in names}:
        raise ScimError(409, f"User with username {name} already exists.", "uniqueness")
    return User(
        identity_id or call.workspace.new_id(),
        name.lower(),
        values.text(call.body, "displayName") or name.lower(),
        values.boolean(call.body.get("active", True)),
        **_holdings(call),
    )


def _create_user(call: Call) -> dict[str, t.Any]:
    workspace, name = call.workspace, str(call.body.get("userName")).lower()
    distant = next((u for u in workspace.account_only.values() if u.principal.lower() == name), None)
    names = [user.user_name for user in workspace.users.values()]
    made = new_user(call, names, distant.id if distant else "")
    _enter(call, made)
    if distant:
        del workspace.account_only[distant.id]
    workspace.users[made.id] = made
    return shape(workspace, made)


def new_service_principal(call: Call, application_ids: t.Iterable[str]) -> ServicePrincipal:
    """The service principal of the body, kept nowhere yet.

    :param application_ids: of all service principals that there are
    """
    workspace, application_id = call.workspace, values.text(call.body, "applicationId")
    name = values.text(call.body, "displayName")
    if application_id and workspace.cloud != "azure":
        raise ScimError(
            400,
            f"{values.BAD_SYNTAX} applicationId must not be given for a managed service principal.",
            "invalidSyntax",
        )
    if application_id and application_id.lower() in set(application_ids):
        raise ScimError(409, f"Service principal with application ID {application_id} already exists.")
    if not name and not application_id:
        raise ScimError(400, f"{values.BAD_SYNTAX} displayName is required.", "invalidValue")
    return ServicePrincipal(
        workspace.new_id(),
        (application_id or str(uuid.UUID(int=workspace.rng.getrandbits(128), version=4))).lower(),
        name or str(application_id),
        values.boolean(call.body.get("active", True)),
        **_holdings(call),
    )


def _create_service_principal(call: Call) -> dict[str, t.Any]:
    workspace = call.workspace
    made = new_service_principal(call, [one.application_id for one in workspace.service_principals.values()])
    _enter(call, made)
    workspace.service_principals[made.id] = made
    return shape(workspace, made)


def new_group(call: Call, others: t.Iterable[Group], *, account_level: bool = False) -> Group:
    """The group of the body, kept nowhere yet.

    :param others: all groups that there are
    """
    name = values.text(call.body, "displayName")
    if not name:
        raise ScimError(400, f"{values.BAD_SYNTAX} displayName is required.", "invalidValue")
    if any(group.display_name.lower() == name.lower() for group in others):
        raise ScimError(409, f"Group with name {name} already exists.", "uniqueness")
    members = values.members(call, call.body.get("members", []))
    return Group(call.workspace.new_id(), name, members, account_level=account_level, **_holdings(call))


def _create_group(call: Call) -> dict[str, t.Any]:
    made = new_group(call, call.workspace.groups.values())
    call.workspace.groups[made.id] = made
    return shape(call.workspace, made)


_CREATE = {"Users": _create_user, "ServicePrincipals": _create_service_principal, "Groups": _create_group}


_IMMUTABLE = {User: ("userName", "user_name"), ServicePrincipal: ("applicationId", "application_id")}


def replace(call: Call, found: t.Any) -> dict[str, t.Any]:
    """PUT: what is not said is gone; names that cannot be changed must be the same.

    That of a service principal may be missing (databricks-sdk-go internal/scim_test.go; terraform-provider-databricks,
    TestResourceServicePrincipalUpdateOnAWS), except on Azure, where the provider sends it.
    """
    wire, attribute = _IMMUTABLE.get(type(found), ("", ""))
    may_miss = isinstance(found, ServicePrincipal) and call.workspace.cloud != "azure" and wire not in call.body
    if wire and not may_miss and str(call.body.get(wire, "")).lower() != getattr(found, attribute).lower():
        raise ScimError(400, f"{wire} cannot be changed", "mutability")
    holdings = _holdings(call)
    name = values.display_name(call, found, values.text(call.body, "displayName") or found.display_name)
    if isinstance(found, Group):
        found.members = values.members(call, call.body.get("members", []))
    else:
        active, stays = values.boolean(call.body.get("active", True)), _groups_kept(call, found)
        found.active = active
        for group in () if call.account else call.workspace.groups.values():
            if group.id not in stays:
                group.members.discard(found.id)
    roles = values.roles(call, found, holdings["roles"])
    found.entitlements, found.roles, found.display_name = holdings["entitlements"], roles, name
    return shape(call.workspace, found)


def _groups_kept(call: Call, found: Identity) -> set[str]:
    """PUT takes along the memberships it does not repeat (terraform-provider-databricks scim/); all stay in users."""
    groups = call.body.get("groups") or []
    named = {str(one.get("value")) for one in groups if isinstance(one, dict)} if isinstance(groups, list) else set()
    held = {group.id for group in call.workspace.groups.values() if found.id in group.members}
    if len(named) != len(groups) or named - {group["value"] for group in _groups_of(call.workspace, found.id)}:
        raise ScimError(400, "groups is read-only; memberships are changed in the group", "mutability")
    return named | {group.id for group in call.workspace.groups.values() if group.display_name == "users"} & held


def _patch(call: Call, kind: str) -> Reply:
    found = _find(call, kind)
    scim_patch.patch(call, found)
    return Reply(shape(call.workspace, found))


def _delete(call: Call, kind: str) -> Reply:
    remove(call.workspace, _find(call, kind))
    return Reply(None, status=204, content=b"")


def remove(workspace: Workspace, found: t.Any) -> None:
    """An identity takes its tokens, secrets, permissions and memberships along."""
    if isinstance(found, Group) and found.display_name in ("admins", "users"):
        raise ScimError(403, f"Group {found.display_name} cannot be deleted.")
    for held in (workspace.users, workspace.service_principals, workspace.groups):
        held.pop(found.id, None)
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


def _register(kind: str) -> None:
    def admin(handler: t.Callable[[Call], t.Any]) -> t.Callable[[Call], t.Any]:
        def guarded(call: Call) -> t.Any:
            call.need_admin(f"{_SENTENCES[kind]}s")
            return handler(call)

        return guarded

    def created(call: Call) -> Reply:
        return Reply(_CREATE[kind](call), status=201)

    route("GET", f"{BASE}/{kind}", scim=True)(admin(lambda call: listing(call, _held(call.workspace, kind).values())))
    route("POST", f"{BASE}/{kind}", scim=True)(admin(created))
    route("GET", f"{BASE}/{kind}/{{id}}", scim=True)(
        admin(lambda call: only(call, shape(call.workspace, _find(call, kind))))
    )
    route("PUT", f"{BASE}/{kind}/{{id}}", scim=True)(admin(lambda call: replace(call, _find(call, kind))))
    route("PATCH", f"{BASE}/{kind}/{{id}}", scim=True)(admin(lambda call: _patch(call, kind)))
    route("DELETE", f"{BASE}/{kind}/{{id}}", scim=True)(admin(lambda call: _delete(call, kind)))


for _kind in ("Users", "ServicePrincipals", "Groups"):
    _register(_kind)
