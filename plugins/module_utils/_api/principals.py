# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Users, service principals and groups on the wire: workspace SCIM (SDK service/iam.py).

A service principal has three names: a numeric id (SCIM), an application id (everything else), and a display name that
need not be unique. Every other service wants the application id (terraform-provider-databricks#2237).
"""

from __future__ import annotations

import random
import re
import time
import typing as t

from .._common import names
from .._common.failure import BadOption, Failure
from .._common.hints import hint_for
from .._common.json_types import Json
from .._wire import retry
from .._wire.errors import is_absent
from .._wire.workspace import Workspace, rows
from .fields import number, objects, text

T = t.TypeVar("T")

BASE = "/api/2.0/preview/scim/v2"
SERVICE_PRINCIPALS, USERS, GROUPS = f"{BASE}/ServicePrincipals", f"{BASE}/Users", f"{BASE}/Groups"

_PAGE = 1000
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# Known to Unity Catalog without being a group of any workspace (Databricks docs: Manage privileges).
ACCOUNT_USERS = "account users"

# How the services say that they do not know a principal. The second is the permissions service, whose sentence is
# "Principal: ServicePrincipalName(x) does not exist" (terraform-provider-databricks#1415).
UNKNOWN = "PRINCIPAL_DOES_NOT_EXIST"
_UNKNOWN_WORDS = re.compile(
    r"Could not find principal|Principal: \w+\(.*\) does not exist|Principal .* not in workspace", re.IGNORECASE
)

# How long a list may take to show what was just made; SCIM promises no read after write
# (terraform-provider-databricks#3807).
_LAG_SECONDS = 8.0
_CREATIONS = 3


class Principal(t.NamedTuple):
    """Somebody who can be granted something."""

    kind: str  # service_principal, user or group
    id: str | None  # numeric SCIM id; None where nobody had to ask
    name_for_services: str  # application id, e-mail or group name
    display: str
    local: bool = False  # a group of this workspace only, which Unity Catalog refuses

    @property
    def acl_key(self) -> str:
        """The field that names this principal in an access control list (SDK service/iam.py, AccessControlRequest)."""
        return {"service_principal": "service_principal_name", "user": "user_name", "group": "group_name"}[self.kind]


def filled(option: str, value: str | None) -> str | None:
    """A name as it was given, unless it is blank.

    :raises BadOption: blank
    """
    if value is not None and not value.strip():
        raise BadOption(option, "must not be empty.")
    return value


def application_id(option: str, value: str | None) -> str | None:
    """An application ID as it was given.

    :raises BadOption: it is something else
    """
    if value is not None and not names.UUID.match(value):
        raise BadOption(
            option, f"{value!r} is not an application ID; it looks like 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47."
        )
    return value


def email(option: str, value: str) -> str:
    """The name of a user.

    :raises BadOption: not an e-mail
    """
    if not _EMAIL.fullmatch(value.strip()):
        raise BadOption(option, f"{value!r} is not an e-mail, which is what users are called.")
    return value.strip()


# -- reading ------------------------------------------------------------------------------------
def quoted(value: str) -> str:
    """A value for a SCIM filter."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def search(
    workspace: Workspace, path: str, doing: str, where: str | None = None, attributes: str | None = None
) -> list[Json]:
    """Everything that fits a SCIM filter. Stops when all are seen: the SDK always asks for one more, empty page."""
    query: Json = {"startIndex": 1, "count": _PAGE}
    if where:
        query["filter"] = where
    if attributes:
        query["attributes"] = attributes
    found: list[Json] = []
    seen: set[str] = set()
    while True:
        page = workspace.call("GET", path, doing, query=query)
        items = rows(page, "Resources", doing)
        ids = {text(item, "id") for item in items}
        if items and ids <= seen:
            why = "the list has no end, since the workspace sends the same page for ever."
            raise Failure(f"Could not {doing}: {why}", code="ENDLESS")
        found, seen = found + items, seen | ids
        if not items or len(found) >= (number(page.get("totalResults")) or 0):
            return found
        query = {**query, "startIndex": len(found) + 1}


def service_principals(
    workspace: Workspace, *, name: str | None = None, application_id: str | None = None
) -> list[Json]:
    """Service principals by display name or application id; without either, all."""
    where, what = None, "list the service principals"
    if application_id is not None:
        where, what = f"applicationId eq {quoted(application_id)}", f"look up service principal {application_id}"
    elif name is not None:
        where, what = f"displayName eq {quoted(name)}", f"look up service principal {name!r}"
    fields = "id,applicationId,displayName,active,entitlements,groups"
    found = [_service_principal(raw) for raw in search(workspace, SERVICE_PRINCIPALS, what, where, fields)]
    # SCIM compares display names without regard to case, and so do we; what the filter gave is compared again.
    if application_id is not None:
        found = [principal for principal in found if names.same(principal["application_id"], application_id)]
    elif name is not None:
        found = [principal for principal in found if names.same(principal["display_name"], name)]
    return sorted(found, key=lambda principal: (principal["display_name"].lower(), principal["id"]))


def users(workspace: Workspace, *, name: str | None = None) -> list[Json]:
    """Users by name, which is an e-mail; without it, all."""
    where = None if name is None else f"userName eq {quoted(name)}"
    doing = "list the users" if name is None else f"look up user {name}"
    found = [
        _user(raw)
        for raw in search(workspace, USERS, doing, where, "id,userName,displayName,active,entitlements,groups")
    ]
    if name is not None:
        found = [user for user in found if names.same(user["user_name"], name)]
    return sorted(found, key=lambda user: user["user_name"].lower())


def groups(workspace: Workspace, name: str) -> list[Json]:
    """Groups with this name."""
    where = f"displayName eq {quoted(name)}"
    found = search(workspace, GROUPS, f"look up group {name!r}", where, "id,displayName,meta")
    return [raw for raw in found if names.same(raw.get("displayName"), name)]


def service_principal(workspace: Workspace, scim_id: str) -> Json | None:
    """One service principal by its numeric id."""
    raw = workspace.find(f"{SERVICE_PRINCIPALS}/{scim_id}", f"read service principal {scim_id}", holds=("id",))
    return _service_principal(raw) if raw else None


def user(workspace: Workspace, scim_id: str) -> Json | None:
    """One user by its numeric id."""
    raw = workspace.find(f"{USERS}/{scim_id}", f"read user {scim_id}", holds=("id",))
    return _user(raw) if raw else None


def find_service_principal(workspace: Workspace, *, name: str | None, application_id: str | None) -> Json | None:
    """The one service principal that is meant, or None.

    :raises Failure: several have this display name
    """
    found = service_principals(workspace, name=name, application_id=application_id)
    if len(found) > 1:
        raise ambiguous(name or application_id or "", [_described(one) for one in found])
    return found[0] if found else None


def find_user(workspace: Workspace, name: str) -> Json | None:
    """The user with this e-mail, or None."""
    found = users(workspace, name=name)
    return found[0] if found else None


def me(workspace: Workspace) -> Json:
    """The caller: id, names, entitlements, groups, and whether it is an administrator of the workspace."""
    raw = workspace.call("GET", f"{BASE}/Me", "ask who the caller is")
    groups = sorted({text(group, "display") for group in objects(raw, "groups")} - {""})
    user_name = text(raw, "userName")
    if not raw.get("id"):
        raise Failure(
            "Could not ask who the caller is: the answer names nobody.",
            code="NOT_THE_API",
            hint=hint_for("NOT_THE_API", None, ""),
        )
    return {
        "id": str(raw["id"]),
        "user_name": user_name,
        "display_name": text(raw, "displayName"),
        # A service principal's user name is its application id (terraform-provider-databricks, scim).
        "application_id": user_name if names.UUID.match(user_name) else None,
        "admin": "admins" in groups,
        "entitlements": _values(raw, "entitlements"),
        "groups": groups,
    }


# -- writing ------------------------------------------------------------------------------------
def create_service_principal(
    workspace: Workspace,
    *,
    name: str | None,
    application_id: str | None = None,
    entitlements: t.Iterable[str] = (),
    active: bool = True,
    known: t.Container[str] = (),
) -> Json:
    """Make a service principal, exactly one: display names are not unique, so nothing else would prevent a second one.

    An answer that was lost is looked for before anything is sent again, and when another run made one of the same name
    at the same moment, one of the two withdraws its own.

    :param known: ids of those with this name that were there before
    """
    label = repr(name) if name is not None else application_id
    body = _body(
        "ServicePrincipal", displayName=name, applicationId=application_id, active=active, entitlements=entitlements
    )

    def candidates() -> list[Json]:
        found = service_principals(workspace, name=None if application_id else name, application_id=application_id)
        return [one for one in found if one["id"] not in known]

    for _round in range(_CREATIONS):
        try:
            made = _service_principal(
                workspace.call(
                    "POST", SERVICE_PRINCIPALS, f"create service principal {label}", body=body, holds=("id",)
                )
            )
        except Failure as failure:
            if not (failure.code == "LOST_ANSWER" or _is_conflict(failure)):
                raise
            new = _appeared(candidates)
            if len(new) > 1:
                raise ambiguous(str(name or application_id), [_described(one) for one in new]) from failure
            if new:
                return new[0]
            if failure.code != "LOST_ANSWER":
                raise
            continue
        kept = made if application_id else _only_one(workspace, made, candidates)
        if kept:
            return kept
    raise Failure(
        f"Could not create service principal {label}: no answer came to any of {_CREATIONS} requests, and none of "
        "them had an effect.",
        code="LOST_ANSWER",
        retryable=True,
    )


def create_user(
    workspace: Workspace,
    name: str,
    *,
    display_name: str | None = None,
    entitlements: t.Iterable[str] = (),
    active: bool = True,
) -> Json:
    """Make a user. The name is unique, so a lost answer or a faster run leaves nothing to decide."""
    body = _body("User", userName=name, displayName=display_name, active=active, entitlements=entitlements)
    lost: Failure | None = None
    for _round in range(_CREATIONS):
        try:
            return _user(workspace.call("POST", USERS, f"create user {name}", body=body, holds=("id",)))
        except Failure as failure:
            if not (failure.code == "LOST_ANSWER" or _is_conflict(failure)):
                raise
            found = _appeared(lambda: users(workspace, name=name))
            if found:
                return found[0]
            if failure.code != "LOST_ANSWER":
                raise
            lost = failure
    raise lost or Failure(f"Could not create user {name}.")


def change(workspace: Workspace, path: str, before: Json, doing: str, **wanted: t.Any) -> None:
    """Send what differs, and only that: a PUT would take groups and roles along.

    :param wanted: any of ``display_name``, ``active``, ``entitlements`` (the whole wished set)
    """
    operations: list[Json] = []
    if wanted.get("display_name") is not None and wanted["display_name"] != before["display_name"]:
        operations.append({"op": "replace", "path": "displayName", "value": wanted["display_name"]})
    if wanted.get("active") is not None and wanted["active"] != before["active"]:
        operations.append({"op": "replace", "path": "active", "value": wanted["active"]})
    removals: list[Json] = []
    if wanted.get("entitlements") is not None:
        have, want = set(before["entitlements"]), set(wanted["entitlements"])
        if want - have:
            operations.append(
                {"op": "add", "path": "entitlements", "value": [{"value": one} for one in sorted(want - have)]}
            )
        # A removal must not carry a value; the entitlement is chosen by the path (terraform-provider-databricks#3374).
        removals = [{"op": "remove", "path": f"entitlements[value eq {quoted(one)}]"} for one in sorted(have - want)]
    if operations:
        workspace.call("PATCH", f"{path}/{before['id']}", doing, body={"schemas": [_PATCH], "Operations": operations})
    if removals:
        _remove(workspace, f"{path}/{before['id']}", doing, removals)


def delete(workspace: Workspace, path: str, scim_id: str, doing: str) -> None:
    """Delete an identity. One that is gone already is fine."""
    try:
        workspace.call("DELETE", f"{path}/{scim_id}", doing)
    except Failure as failure:
        if not is_absent(failure):
            raise


# -- resolving ----------------------------------------------------------------------------------
def resolve(workspace: Workspace, name: str, *, verify: bool = False) -> Principal:
    """Who is meant by an application id, display name, e-mail, group name or numeric id; with the fewest requests.

    :param verify: also ask whether an application id exists, which otherwise costs no request; its ``id`` is then known
    :raises Failure: nobody (PRINCIPAL_DOES_NOT_EXIST) or several (PRINCIPAL_AMBIGUOUS) are meant
    """
    wanted = (filled("principal", name) or "").strip()
    if names.UUID.match(wanted):
        if not verify:
            return Principal("service_principal", None, wanted.lower(), wanted.lower())
        found = [_of_service_principal(principal) for principal in service_principals(workspace, application_id=wanted)]
    elif wanted.lower() == ACCOUNT_USERS:
        return Principal("group", None, ACCOUNT_USERS, ACCOUNT_USERS)
    elif _EMAIL.fullmatch(wanted):
        found = _by_email(workspace, wanted)
    elif wanted.isdecimal():
        found = _by_id(workspace, wanted) or _by_name(workspace, wanted)
    else:
        found = _by_name(workspace, wanted)
    if not found:
        raise unknown(wanted)
    if len(found) > 1:
        raise ambiguous(wanted, [f"{one.kind} {one.id} ({one.name_for_services})" for one in found])
    return found[0]


def known(name: str, scim_id: str | None) -> Principal | None:
    """Who is meant, without a request, if the caller was told the numeric id by a search of his own.

    :param name: an application id or an e-mail; other names may be those of several kinds, and are looked up
    :raises BadOption: the id is no number
    """
    wanted, number = (filled("principal", name) or "").strip(), (scim_id or "").strip()
    if not number:
        return None
    if not number.isdecimal():
        raise BadOption("principal_id", f"{scim_id!r} is not the number of a principal, such as 4711.")
    if names.UUID.match(wanted):
        return Principal("service_principal", number, wanted.lower(), wanted.lower())
    if _EMAIL.fullmatch(wanted):
        return Principal("user", number, wanted, wanted)
    return None


def unknown(name: str) -> Failure:
    """The Failure for a principal that is not there."""
    return Failure(
        f"principal: no user, service principal or group of this workspace is called {name!r}.",
        code=UNKNOWN,
        status=404,
        hint="Check the spelling; give a service principal's application ID or display name, a user's e-mail or a "
        "group's name. "
        "Identities of the account must be assigned to the workspace first.",
    )


def ambiguous(name: str, candidates: t.Sequence[str]) -> Failure:
    """The Failure for a name that several have."""
    return Failure(
        f"{name!r} is the name of {len(candidates)}: {'; '.join(candidates)}.",
        code="PRINCIPAL_AMBIGUOUS",
        hint="Give the application ID of the one that is meant, or delete the others. If several runs create it at "
        "this moment, all but one withdraw; run the task again.",
        candidates=list(candidates),
    )


def is_unknown(failure: Failure) -> bool:
    """Whether a service does not know a principal: it does not exist, or is so new that the service has not heard."""
    return failure.code == UNKNOWN or bool(_UNKNOWN_WORDS.search(failure.message))


def when_known(workspace: Workspace, principal: Principal, timeout: float, act: t.Callable[[], T]) -> T:
    """Do something that needs the service to know a principal, which takes a while for a new one.

    Nobody waits for a principal that does not exist: an application id that was taken unseen is looked up once.
    """
    deadline = time.monotonic() + timeout
    pause, verified, announced = 0.5, principal.id is not None or principal.kind == "group", 0.0
    while True:
        try:
            return act()
        except Failure as failure:
            if not is_unknown(failure):
                raise
            if principal.local:
                failure.hint = (
                    f"{principal.display} is a group of this workspace only; Unity Catalog knows groups of the account."
                )
            if principal.kind == "group":
                raise
            if not verified:
                resolve(workspace, principal.name_for_services, verify=True)
                verified = True
            now = time.monotonic()
            if now + pause > deadline:
                failure.hint = (
                    f"The principal exists, but the service did not know it within {timeout:g} s; raise "
                    "principal_timeout."
                )
                failure.retryable = True
                raise
            if now - announced > 5:
                workspace.notify(f"Waiting until the workspace knows {principal.display}; {deadline - now:.0f} s left.")
                announced = now
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)


# -- details ------------------------------------------------------------------------------------
def _service_principal(raw: Json) -> Json:
    return {
        "id": str(raw.get("id") or ""),
        "application_id": text(raw, "applicationId"),
        "display_name": text(raw, "displayName"),
        "active": _active(raw),
        "entitlements": _values(raw, "entitlements"),
        "groups": _groups(raw),
    }


def _user(raw: Json) -> Json:
    return {
        "id": str(raw.get("id") or ""),
        "user_name": text(raw, "userName"),
        "display_name": text(raw, "displayName"),
        "active": _active(raw),
        "entitlements": _values(raw, "entitlements"),
        "groups": _groups(raw),
    }


def _active(raw: Json) -> bool:
    """Whether it may sign in; the service leaves the field out where nobody ever set it, and takes it as text, too."""
    return str(raw.get("active")).lower() != "false"


def _groups(raw: Json) -> list[str]:
    """The groups that it is a direct member of; one without a name is shown by its id."""
    return sorted({text(one, "display") or text(one, "value") for one in objects(raw, "groups")} - {""})


def _values(raw: Json, key: str) -> list[str]:
    return sorted({text(item, "value") for item in objects(raw, key)} - {""})


def _described(principal: Json) -> str:
    return f"id {principal['id']} (application ID {principal['application_id']})"


def _body(schema: str, *, entitlements: t.Iterable[str], **fields: t.Any) -> Json:
    body = {key: value for key, value in fields.items() if value is not None}
    body["schemas"] = [_SCHEMA + schema]
    wanted = sorted(set(entitlements))
    if wanted:
        body["entitlements"] = [{"value": one} for one in wanted]
    return body


def _is_conflict(failure: Failure) -> bool:
    return failure.status == 409 or failure.code in ("SCIM_409", "RESOURCE_ALREADY_EXISTS", "RESOURCE_CONFLICT")


def _appeared(candidates: t.Callable[[], list[Json]]) -> list[Json]:
    return retry.until(lambda: candidates() or None, _LAG_SECONDS) or []


def _only_one(workspace: Workspace, made: Json, candidates: t.Callable[[], list[Json]]) -> Json | None:
    """What stays of service principals that several runs made at once; None if nothing does and it must be made again.

    Whoever saw only its own keeps it. Of those who see each other, all but the one with the lowest id withdraw; that
    one withdraws only if another stays, since then somebody saw it alone and works with it already.
    """

    def rivals() -> list[Json]:
        return sorted((candidate for candidate in candidates() if candidate["id"] != made["id"]), key=_age)

    others = rivals()
    if not others:
        return made
    if _age(made) < _age(others[0]) and retry.until(lambda: None if rivals() else True, _LAG_SECONDS / 2):
        return made
    delete(workspace, SERVICE_PRINCIPALS, made["id"], f"withdraw the second service principal {made['display_name']!r}")
    # Two runs that withdraw at the same moment must not try again at the same moment.
    time.sleep(random.uniform(0, 0.5))
    return next(iter(rivals()), None)


def _age(principal: Json) -> tuple[int, str]:
    return len(principal["id"]), principal["id"]


def _remove(workspace: Workspace, path: str, doing: str, operations: list[Json]) -> None:
    try:
        workspace.call("PATCH", path, doing, body={"schemas": [_PATCH], "Operations": operations})
    except Failure as failure:
        # The service's sentence when there was nothing to remove (terraform-provider-databricks, scim/scim.go).
        if "No such attribute" not in failure.message:
            raise


def _of_service_principal(row: Json) -> Principal:
    return Principal(
        "service_principal", row["id"], row["application_id"], row["display_name"] or row["application_id"]
    )


def _of_user(row: Json) -> Principal:
    return Principal("user", row["id"], row["user_name"], row["display_name"] or row["user_name"])


def _of_group(raw: Json) -> Principal:
    local = (raw.get("meta") or {}).get("resourceType") == "WorkspaceGroup"
    name = raw.get("displayName") or ""
    return Principal("group", str(raw.get("id") or ""), name, name, local)


def _by_email(workspace: Workspace, name: str) -> list[Principal]:
    try:
        return [_of_user(one) for one in users(workspace, name=name)] or _by_name(workspace, name)
    except Failure as failure:
        # Only administrators may look people up; the service that is asked next knows them by e-mail anyway.
        if failure.status != 403 or failure.code == "INVALID_ACCESS_TOKEN":
            raise
        return [Principal("user", None, name, name)]


def _by_name(workspace: Workspace, name: str) -> list[Principal]:
    found, more = workspace.together(
        lambda: service_principals(workspace, name=name),
        lambda: groups(workspace, name),
    )
    return [*map(_of_service_principal, found), *map(_of_group, more)]


def _by_id(workspace: Workspace, scim_id: str) -> list[Principal]:
    one = service_principal(workspace, scim_id)
    if one:
        return [_of_service_principal(one)]
    one = user(workspace, scim_id)
    if one:
        return [_of_user(one)]
    raw = workspace.find(f"{GROUPS}/{scim_id}", f"read group {scim_id}")
    return [_of_group(raw)] if raw else []
