# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Whether the principal holds already all that is wanted, for a play that then has nothing to give.

Read beside the rest of a preflight, for the principal that the store's record names. Only a yes says something: what is
missing, could not be read, or is in any doubt is left to the modules permission and access, which look for themselves.
"""

from __future__ import annotations

import functools

from .._api import first_token, grants, permissions, principals, warehouses
from .._common import names
from .._common.failure import BadOption
from .._common.json_types import Json
from .._objects import privileges as algebra
from .._token import token_list
from .._wire.workspace import Workspace
from .data import Access, Level, Privileges, Reads, Seen, Wish

_LEFT = "left behind"


def on_warehouse(wish: Wish) -> str:
    """The name of the read of who has which level on the warehouse of the wish."""
    return Level("warehouse", wish.warehouse, "").key


def wished(params: Json) -> Access:
    """The options permissions and grants of module preflight.

    :raises BadOption: names the one that cannot be used
    """
    levels = []
    for number, one in enumerate(params["permissions"]):
        try:
            permissions.check(one["object_type"], one["object"], one["level"])
        except BadOption as bad:
            option = f"permissions[{number}].{bad.details['option']}"
            raise BadOption(option, bad.message.partition(": ")[2]) from bad
        levels.append(Level(one["object_type"], one["object"], one["level"]))
    privileges = []
    for number, one in enumerate(params["grants"]):
        of = grants.securable(one["securable"], one["name"], f"grants[{number}].name")
        option = f"grants[{number}].privileges"
        named = algebra.checked(option, one["privileges"], of.kind, hive=of.hive)
        doubts = algebra.doubts(option, named, of.kind, hive=of.hive)
        privileges.append(Privileges(of, named, bool(doubts)))
    return Access(tuple(levels), tuple(privileges))


def first_reads(workspace: Workspace, access: Access, record: Json) -> Reads:
    """What can be asked at once, where an earlier run has stored whose token it is."""
    name = str(record.get("principal") or "")
    if not (access and name and record.get("token_id")):
        return {}
    reads: Reads = {"tokens": lambda: token_list.read(workspace)}
    reads |= {
        privilege.key: functools.partial(grants.Unity(workspace, privilege.of).direct, name)
        for privilege in access.privileges
        if not privilege.of.hive
    }
    for level in access.levels:
        if level.kind == permissions.TOKENS:
            reads[level.key] = lambda: permissions.read(workspace, permissions.TOKENS, permissions.TOKENS)
            reads[_LEFT] = lambda: first_token.left_behind(workspace)
        elif warehouses.is_id(level.object or ""):
            reads[level.key] = functools.partial(permissions.read, workspace, level.kind, str(level.object).lower())
    return reads


def second_reads(workspace: Workspace, wish: Wish, seen: Seen) -> Reads:
    """The permissions of a warehouse that was given by its name, once its id is known."""
    if not _asked(wish.access, seen):
        return {}
    warehouse = seen["warehouse"].value or {}
    named = {level.key for level in wish.access.levels if level.kind == "warehouse" and not seen[level.key].asked}
    if not warehouse or on_warehouse(wish) not in named:
        return {}
    return {on_warehouse(wish): lambda: permissions.read(workspace, "warehouse", warehouse["id"])}


def _asked(access: Access, seen: Seen) -> bool:
    keys = [*(privilege.key for privilege in access.privileges), *(level.key for level in access.levels)]
    return any(seen[key].asked for key in keys)


def tokens(seen: Seen) -> Json | None:
    """The principal's tokens, for the module that keeps one of them; None where they were not read."""
    found = seen["principals"].value or []
    return token_list.of_principal(seen["tokens"].value, str(found[0].get("id"))) if len(found) == 1 else None


def told(wish: Wish, seen: Seen) -> Json:
    """What was found, for the play to decide by ``complete`` whether there is anything to give."""
    found = seen["principals"].value or []
    record = seen["store"].value or {}
    mine = found[0] if len(found) == 1 else {}
    name = str(mine.get("application_id") or mine.get("user_name") or "")
    known = bool(name) and names.same(record.get("principal"), name)
    who = principals.Principal(wish.kind, str(mine.get("id")), name, name) if known else None
    levels = [_level(level, who, seen) for level in wish.access.levels]
    privileges = [_privileges(privilege, who, seen) for privilege in wish.access.privileges]
    enough = [permissions.covers(level, one.level) for one, level in zip(wish.access.levels, levels, strict=True)]
    enough += [
        held is not None and not one.doubtful and algebra.with_added(held, one.named) == frozenset(held)
        for one, held in zip(wish.access.privileges, privileges, strict=True)
    ]
    # A token that an earlier run could not revoke is left to module permission.
    tidy = not any(level.kind == permissions.TOKENS for level in wish.access.levels) or seen[_LEFT].value == []
    complete = bool(wish.access) and who is not None and tidy and all(enough)
    return {
        "complete": complete,
        "permissions": [
            {"object_type": one.kind, "object": one.object, "level": level}
            for one, level in zip(wish.access.levels, levels, strict=True)
        ],
        "grants": [
            {
                "securable": one.of.kind,
                "name": one.of.full_name,
                "privileges": sorted(held) if held is not None else None,
            }
            for one, held in zip(wish.access.privileges, privileges, strict=True)
        ],
        "sql": [
            grants.grant(privilege.of, privilege.named, name) for privilege in wish.access.privileges if privilege.named
        ]
        if complete
        else [],
    }


def _level(level: Level, who: principals.Principal | None, seen: Seen) -> str | None:
    """The direct level; None for none, and for what is not known."""
    entries = seen[level.key].value
    entry = permissions.entry_of(entries, who) if entries is not None and who is not None else None
    return entry["level"] if entry else None


def _privileges(wanted: Privileges, who: principals.Principal | None, seen: Seen) -> frozenset[str] | None:
    """The direct privileges; None for what is not known."""
    held = seen[wanted.key].value
    return None if held is None or who is None else frozenset(row.privilege for row in held)
