# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Access levels on workspace objects (SDK service/iam.py, PermissionsAPI).

Adding is a PATCH, which leaves everybody else alone. The API has no way to take one entry away but PUT, which replaces
the whole list, and on tokens cuts off whoever is not in it (terraform-provider-databricks#2431). ``remove`` is
therefore the one place that sends a PUT, and does so only with a list it has just read, twice, minus that one entry.
"""

from __future__ import annotations

import typing as t

from .._common import names
from .._common.failure import BadOption, Failure, Refused
from .._common.json_types import Json
from .._wire.errors import is_absent
from .._wire.workspace import Workspace
from . import first_token, warehouses
from .principals import Principal, filled, resolve

BASE = "/api/2.0/permissions"
TOKENS = "tokens"

# What each level lets its holder do, as far as another level lets it too (Databricks docs: SQL warehouse ACLs). An
# owner
# can do whatever a manager can.
COVERS: dict[str, frozenset[str]] = {
    "CAN_VIEW": frozenset({"CAN_VIEW"}),
    "CAN_USE": frozenset({"CAN_USE"}),
    "CAN_MONITOR": frozenset({"CAN_VIEW", "CAN_USE", "CAN_MONITOR"}),
    "CAN_MANAGE": frozenset({"CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE"}),
    "IS_OWNER": frozenset({"CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE", "IS_OWNER"}),
}
LEVELS = {
    "warehouse": ("CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE"),
    # Nobody but the admins can have more (Databricks docs: Manage personal access token permissions).
    TOKENS: ("CAN_USE",),
}
_KEYS = ("user_name", "group_name", "service_principal_name")
Row = tuple[str, str, str]  # which of the keys, name, level


def check(object_type: str, name: str | None, level: str | None = None) -> None:
    """Refuse an object that is missing, or given where there is only one, and a level that it does not have.

    :raises BadOption: says which
    """
    if object_type == TOKENS and name is not None:
        raise BadOption("object", "is not for object_type=tokens; a workspace has one list of who may use tokens.")
    if object_type != TOKENS and not (name or "").strip():
        raise BadOption("object", f"is needed for object_type={object_type}: its name or ID.")
    if level is not None and level not in LEVELS[object_type]:
        raise BadOption("level", f"can only be {', '.join(LEVELS[object_type])} for object_type={object_type}.")


def find_object(workspace: Workspace, object_type: str, name: str | None) -> str:
    """The id of the object that is meant."""
    return TOKENS if object_type == TOKENS else warehouses.find(workspace, name or "", "object")["id"]


def find(workspace: Workspace, object_type: str, name: str | None) -> tuple[str, list[Json] | None]:
    """The id of the object that is meant and who has which level on it. An id is not looked up first."""
    if object_type != TOKENS and warehouses.is_id(name or ""):
        object_id = str(name).lower()
        try:
            return object_id, read(workspace, object_type, object_id)
        except Failure as failure:
            # There is none with this id; it may be a name that looks like one.
            if failure.status != 400 and not is_absent(failure):
                raise
    object_id = find_object(workspace, object_type, name)
    return object_id, read(workspace, object_type, object_id)


# The object's id, who has which level on it, who is meant, and what an earlier run left behind.
Seen = tuple[str, "list[Json] | None", Principal, list[str]]


def needs_number(wanted: Json) -> bool:
    """Whether the principal's numeric id is needed: whose tokens would be cut off is known by that only."""
    return wanted["state"] == "absent" and wanted["object_type"] == TOKENS


def look_for(workspace: Workspace, wanted: Json, known: Principal | None = None) -> Seen:
    """The same for the options of a task, who is meant by its principal, and what an earlier run left behind.

    :param known: who is meant, if that was asked already
    """
    kind = wanted["object_type"]
    filled("principal", wanted["principal"])
    (object_id, entries), who, left = workspace.together(
        lambda: find(workspace, kind, wanted["object"]),
        lambda: known or resolve(workspace, wanted["principal"], verify=needs_number(wanted)),
        lambda: first_token.left_behind(workspace) if kind == TOKENS else [],
    )
    return object_id, entries, who, left


def covers(level: str | None, wanted: str) -> bool:
    """Whether a level includes another one; a level that is new to us covers itself only."""
    return level is not None and (level == wanted or wanted in COVERS.get(level, ()))


def path(object_type: str, object_id: str) -> str:
    """Where the permissions of an object are."""
    return f"{BASE}/authorization/tokens" if object_type == TOKENS else f"{BASE}/warehouses/{object_id}"


def label(object_type: str, object_id: str) -> str:
    """The object in a sentence."""
    return "the tokens of the workspace" if object_type == TOKENS else f"SQL warehouse {object_id}"


def read(workspace: Workspace, object_type: str, object_id: str) -> list[Json] | None:
    """Who has which level on an object: one entry per principal, direct and inherited kept apart.

    None: the workspace shows no token permissions, since it has no token (see first_token).
    """
    try:
        return read_open(workspace, object_type, object_id)
    except Failure as failure:
        if object_type == TOKENS and first_token.is_missing(failure):
            return None
        raise


def read_open(workspace: Workspace, object_type: str, object_id: str) -> list[Json]:
    """The same for permissions that are there.

    :raises Failure: they are not
    """
    doing = f"read the permissions of {label(object_type, object_id)}"
    return entries_in(
        workspace.call("GET", path(object_type, object_id), doing, holds=("object_id or access_control_list",))
    )


def entries_in(answer: Json) -> list[Json]:
    """The entries in an answer of the service, to a read or to a change."""
    return [_shape(entry) for entry in answer.get("access_control_list") or []]


def entry_of(entries: t.Iterable[Json], principal: Principal) -> Json | None:
    """The entry of one principal; names may come back in another case (terraform-provider-databricks#5757)."""
    for entry in entries:
        if entry["key"] == principal.acl_key and names.same(entry["principal"], principal.name_for_services):
            return entry
    return None


def add(workspace: Workspace, object_type: str, object_id: str, principal: Principal, level: str) -> list[Json]:
    """Give one principal a level and leave everybody else alone.

    :returns: the entries that the answer shows, which may be none
    """
    answer = workspace.call(
        "PATCH",
        path(object_type, object_id),
        f"give {principal.display} {level} on {label(object_type, object_id)}",
        body={"access_control_list": [{principal.acl_key: principal.name_for_services, "permission_level": level}]},
    )
    return entries_in(answer)


def remove(
    workspace: Workspace, object_type: str, object_id: str, principal: Principal, seen: t.Iterable[Json]
) -> list[Row]:
    """Take one principal's direct entry away and keep every other entry exactly as it is.

    :param seen: the entries as they were read when this was decided; they must be the same right before it is done
    :returns: what was sent, for ``check_kept``
    :raises Refused: somebody else is changing the list, or it holds what cannot be sent back
    """
    what = label(object_type, object_id)
    listed = _rows(object_type, seen)
    if listed != _rows(object_type, read_open(workspace, object_type, object_id)):
        raise Refused(
            f"The permissions of {what} are being changed by somebody else; nothing was removed.",
            code="CONFLICT",
            retryable=True,
            hint="Run the task again. Removing sends the whole list, so it waits until nobody else is changing it.",
        )
    if any(not name for _key, name, _level in listed):
        raise Refused(
            f"The permissions of {what} hold an entry without a name, which cannot be sent back; nothing was removed.",
            hint="Remove the entry of the deleted principal in the workspace first, or delete this principal: its "
            "entries go with it.",
        )
    kept = [
        one for one in listed if not (one[0] == principal.acl_key and names.same(one[1], principal.name_for_services))
    ]
    if kept == listed:
        return listed
    workspace.call(
        "PUT",
        path(object_type, object_id),
        f"take {principal.display} from the permissions of {what}",
        body={"access_control_list": [{key: name, "permission_level": level} for key, name, level in kept]},
    )
    return kept


def check_kept(object_type: str, object_id: str, sent: t.Iterable[Row], entries: t.Iterable[Json]) -> None:
    """Make sure that an answer shows every entry that was sent.

    :raises Failure: the service lost some
    """
    lost = set(sent) - set(_rows(object_type, entries))
    if lost:
        shown = ", ".join(f"{name} {level}" for _key, name, level in sorted(lost))
        raise Failure(
            f"The permissions of {label(object_type, object_id)} do not show entries that were sent: {shown}.",
            code="ENTRIES_LOST",
            hint="Look at the permissions in the workspace, and give these principals their level again with module "
            "permission.",
        )


def check_change(have: str, wanted: str, *, lower: bool) -> None:
    """Refuse a change of level that takes something away without being told to.

    :param lower: it was told to
    :raises Refused: says what would be lost
    """
    if have == "IS_OWNER":
        raise Refused("level: the principal is the owner; make somebody else the owner first.")
    if not lower and not covers(wanted, have):
        raise Refused(
            f"level: the principal has {have}, which {wanted} does not include.",
            hint="Ask for a level that includes both, such as CAN_MONITOR, or set allow_lower.",
        )


def check_removal(workspace: Workspace, object_type: str, principal: Principal, have: str, *, force: bool) -> None:
    """Refuse a removal that leaves an object without owner, or cuts off live tokens without being told to.

    :param force: it was told to
    :raises Refused: says whom it would hurt
    """
    if have == "IS_OWNER":
        raise Refused(f"principal: {principal.display} is the owner; make somebody else the owner first.")
    live = [] if force or object_type != TOKENS else live_tokens(workspace, principal)
    if live:
        shown = ", ".join(f"{token['token_id'][:12]} ({token['comment'] or 'no comment'})" for token in live)
        raise Refused(
            f"principal: without it {len(live)} live token(s) of {principal.display} stop working: {shown}.",
            hint="Revoke them first, delete the principal instead, or set force.",
            live_tokens=live,
        )


def live_tokens(workspace: Workspace, principal: Principal) -> list[Json]:
    """The live personal access tokens that a principal owns (SDK service/settings.py, TokenManagementAPI.list).

    An on-behalf-of token is created by an administrator and owned by the service principal, so the owner decides.
    """
    found = (
        workspace.call("GET", "/api/2.0/token-management/tokens", "list the tokens of the workspace").get("token_infos")
        or []
    )
    return sorted(
        (
            {
                "token_id": raw.get("token_id") or "",
                "comment": raw.get("comment") or "",
                "last_used_day": raw.get("last_used_day"),
                "expiry_time": raw.get("expiry_time"),
            }
            for raw in found
            if principal.id is not None and str(raw.get("owner_id")) == principal.id
        ),
        key=lambda token: token["token_id"],
    )


def _shape(entry: Json) -> Json:
    key = next((name for name in _KEYS if entry.get(name)), _KEYS[0])
    levels = entry.get("all_permissions") or []
    direct = [level.get("permission_level") or "" for level in levels if not level.get("inherited")]
    inherited = [level.get("permission_level") or "" for level in levels if level.get("inherited")]
    return {
        "key": key,
        "principal": entry.get(key) or "",
        "kind": {"user_name": "user", "group_name": "group"}.get(key, "service_principal"),
        "display_name": entry.get("display_name") or "",
        "level": highest(direct),
        "direct_levels": sorted(direct),
        "inherited_level": highest(inherited),
        "inherited_from": sorted({source for level in levels for source in level.get("inherited_from_object") or []}),
    }


def highest(levels: t.Iterable[str]) -> str | None:
    """The level that includes most, or None for no level."""
    return max(levels, key=lambda name: (len(COVERS.get(name, ())), name), default=None)


def _rows(object_type: str, entries: t.Iterable[Json]) -> list[Row]:
    """The direct entries, as a PUT takes them. Their order says nothing and changes from read to read."""
    rows = {(entry["key"], entry["principal"], level) for entry in entries for level in entry["direct_levels"]}
    if object_type == TOKENS:
        # A list without it is refused (terraform-provider-databricks, permissions/permission_definitions.go).
        rows.add(("group_name", "admins", "CAN_MANAGE"))
    return sorted(rows)
