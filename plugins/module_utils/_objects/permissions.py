# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Levels of one principal on several objects of the workspace: read at the same time, changed one after the other."""

from __future__ import annotations

from .._api import permissions, principals
from .._common.failure import BadOption, Failure
from .._common.json_types import Json
from .._engine.module import converged
from .._engine.reconcile import Plan, converge
from .._wire.workspace import Workspace
from .permission import Permission


def run(workspace: Workspace, params: Json, check: bool) -> Json:
    """Module permission, from its options to its result.

    :raises Failure: one of the permissions failed; its details say what was changed before
    """
    if params["permissions"] is None:
        _has_level(params, "level")
        return converged(Permission(workspace, params), check=check)
    things = _permissions(workspace, params)
    _read_ahead(workspace, things, params)
    done: list[tuple[Permission, Plan]] = []
    for thing in things:
        try:
            done.append((thing, converge(thing, check=check)))
        except Failure as failure:
            failure.details["actions"] = _actions(done)
            raise
    changed = [(thing, plan) for thing, plan in done if plan.changed]
    header = f"permissions of {params['principal']}"
    return {
        "changed": bool(changed),
        "diff": {
            "before": {thing.on: plan.before.get("level") for thing, plan in changed},
            "after": {thing.on: plan.after.get("level") for thing, plan in changed},
            "before_header": header,
            "after_header": header,
        },
        "permissions": [{**thing.result(plan.after)["permission"], "changed": plan.changed} for thing, plan in done],
        "actions": _actions(done),
        # Several may say the same, as that a principal does not exist yet.
        "warnings_": list(dict.fromkeys(warning for thing in things for warning in thing.warnings)),
    }


def _has_level(params: Json, option: str) -> None:
    if params["state"] == "present" and params["level"] is None:
        raise BadOption(option, "is missing. Name the level to have.")


def _permissions(workspace: Workspace, params: Json) -> list[Permission]:
    things: list[Permission] = []
    for number, one in enumerate(params["permissions"]):
        mine = {**params, **one}
        _has_level(mine, f"permissions[{number}].level")
        try:
            things.append(Permission(workspace, mine))
        except BadOption as bad:
            option = bad.details["option"]
            if option not in one:
                raise
            raise BadOption(f"permissions[{number}].{option}", bad.message.partition(": ")[2]) from bad
    named = [thing.on for thing in things]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise BadOption("permissions", f"names {twice} more than once. Give it one level.")
    return things


def _read_ahead(workspace: Workspace, things: list[Permission], params: Json) -> None:
    """Ask who is meant once, and read all at the same time."""
    principals.filled("principal", params["principal"])
    try:
        who = principals.resolve(
            workspace, params["principal"], verify=any(permissions.needs_number(thing.params) for thing in things)
        )
    except Failure:
        return  # each permission meets it, and knows what it means there
    for thing in things:
        thing.known = who
    if len(things) > 1:
        workspace.together(*(thing.read_ahead for thing in things))


def _actions(done: list[tuple[Permission, Plan]]) -> list[Json]:
    return [
        {"method": plan.action, "object": f"{thing.label} {thing.name}", "fields": sorted(plan.changes)}
        for thing, plan in done
        if plan.changed
    ]
