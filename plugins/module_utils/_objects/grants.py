# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Privileges of one principal on several securables: read at the same time, changed one after the other."""

from __future__ import annotations

from .._api import principals
from .._common.failure import BadOption, Failure
from .._common.json_types import Json
from .._engine.module import unread
from .._engine.reconcile import Plan, converge
from .._wire.workspace import Workspace
from . import privileges as algebra
from .grant import Grant


def run(workspace: Workspace, params: Json, check: bool) -> Json:
    """Module access, from its options to its result.

    :raises Failure: one of the grants failed; its details say what was changed before
    """
    things = _grants(workspace, params)
    _read_ahead(workspace, things, params["principal"])
    done: list[tuple[Grant, Plan]] = []
    for thing in things:
        try:
            done.append((thing, converge(thing, check=check)))
        except Failure as failure:
            failure.details["actions"] = _actions(done)
            raise
    changed = [(thing, plan) for thing, plan in done if plan.changed]
    shown = [thing.result(plan.after) for thing, plan in done]
    header = f"access of {params['principal']}"
    return {
        "changed": bool(changed),
        "diff": {
            "before": {str(thing.of): plan.before.get("privileges") for thing, plan in changed},
            "after": {str(thing.of): plan.after.get("privileges") for thing, plan in changed},
            "before_header": header,
            "after_header": header,
        },
        "grants": [{**one["grant"], "changed": plan.changed} for one, (_thing, plan) in zip(shown, done, strict=True)],
        "sql": [statement for one in shown for statement in one["sql"]],
        "actions": _actions(done),
        **unread(*done),
        # Several may say the same, as that a principal does not exist yet.
        "warnings_": list(dict.fromkeys(warning for thing in things for warning in thing.warnings)),
    }


def _grants(workspace: Workspace, params: Json) -> list[Grant]:
    shared = {key: value for key, value in params.items() if key != "grants"}
    things: list[Grant] = []
    for number, one in enumerate(params["grants"]):
        if params["state"] == "present" and one["privileges"] is None:
            raise BadOption(
                f"grants[{number}].privileges", "is missing. An empty list with purge takes everything away."
            )
        try:
            things.append(Grant(workspace, {**shared, **one}))
        except BadOption as bad:
            option = bad.details["option"]
            if option not in one:
                raise
            raise BadOption(f"grants[{number}].{option}", bad.message.partition(": ")[2]) from bad
    seen: set[str] = set()
    for thing in things:
        if str(thing.of) in seen:
            raise BadOption("grants", f"names {thing.of} more than once. Put its privileges into one list.")
        seen.add(str(thing.of))
    if params["state"] == "present":
        ways = {
            (thing.of.kind, thing.of.full_name)
            for thing in things
            if thing.of.kind in algebra.WAY_IN and algebra.covers(thing.named, algebra.WAY_IN[thing.of.kind])
        }
        for thing in things:
            thing.ways_given = ways
    return things


def _read_ahead(workspace: Workspace, things: list[Grant], principal: str) -> None:
    """Ask who is meant once, and read all at the same time. A SQL session does one thing after the other."""
    try:
        who = principals.resolve(workspace, principal)
    except Failure:
        return  # each grant meets it, and knows what it means there
    for thing in things:
        thing.who = who
    apart = [thing for thing in things if not thing.of.hive]
    if len(apart) > 1:
        workspace.together(*(thing.read_ahead for thing in apart))


def _actions(done: list[tuple[Grant, Plan]]) -> list[Json]:
    return [
        {"method": plan.action, "object": f"{thing.label} {thing.name}", "fields": sorted(plan.changes), **_moved(plan)}
        for thing, plan in done
        if plan.changed
    ]


def _moved(plan: Plan) -> Json:
    """Which privileges came and went, so that a report tells what a run did from what others did."""
    before, after = set(plan.before.get("privileges") or ()), set(plan.after.get("privileges") or ())
    return {"granted": sorted(after - before), "revoked": sorted(before - after)}
