# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""desired + actual -> plan -> apply. Planning is pure; check mode is "do not apply the plan"."""

from __future__ import annotations

import abc
import typing as t
from dataclasses import dataclass, field

from .._common.failure import Failure, Refused
from .._common.hints import is_denial
from .._common.json_types import Json
from .._wire import retry

if t.TYPE_CHECKING:
    from .._wire.workspace import Workspace


class Managed(abc.ABC):
    """One object in the workspace, and the four ways to touch it."""

    label: str  # what to call it in messages and actions, and the key of the result
    managed: tuple[str, ...] = ()  # options that are part of the wished state
    immutable: tuple[str, ...] = ()  # those of them that only count on creation
    # The service answers reads from replicas; a change may take this many seconds to show.
    settle_seconds: float = 60.0
    # What check mode predicts from, if something that the object needs does not exist yet.
    nothing: Json | None = None

    def __init__(self, workspace: Workspace, params: Json) -> None:
        self.workspace = workspace
        self.params = params
        self.warnings: list[str] = []

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """The object's name for messages and actions."""

    def desired(self, actual: Json | None) -> Json | None:
        """The wished state, or None for absent. A value of None means "leave it as it is"."""
        if self.params.get("state") == "absent":
            return None
        return {key: self.params[key] for key in self.managed}

    @abc.abstractmethod
    def read(self) -> Json | None:
        """The actual state in canonical form, or None if the object does not exist."""

    def unseen(self, denied: Failure, *, check: bool) -> Plan:
        """What to do when the caller may not see the actual state: by default nothing, since nothing is known.

        :param denied: what the service said
        :raises Failure: nothing can be done unseen
        """
        raise denied

    # Not abstract: an object that is always there, like a grant, can only be updated.
    def create(self, wanted: Json) -> bool | None:
        """Make it. False if it turned out to be there already, as it is wished."""
        raise NotImplementedError

    def update(self, changes: Json) -> None:
        raise NotImplementedError

    def delete(self) -> None:
        raise NotImplementedError

    def guard(self, plan: Plan) -> None:  # noqa: B027  most kinds do no harm
        """Raise Refused if the plan would do harm. Also called in check mode, before anything is sent."""

    def result(self, state: Json) -> Json:
        """What the module returns about the object."""
        return {self.label: state}


@dataclass(frozen=True)
class Plan:
    """What would have to happen, and what the object looks like before and after."""

    action: t.Literal["keep", "create", "update", "delete"]
    before: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)
    changes: Json = field(default_factory=dict)
    # In check mode: what is sent although nobody knows whether it changes anything, as a sentence.
    unread: str = ""

    @property
    def changed(self) -> bool:
        return self.action != "keep"


def plan(desired: Json | None, actual: Json | None) -> Plan:
    """``desired is None`` means absent; a key whose value is None means "leave it as it is"."""
    if desired is None:
        return Plan("keep") if actual is None else Plan("delete", before=actual)
    wanted = {key: value for key, value in desired.items() if value is not None}
    if actual is None:
        return Plan("create", after=wanted, changes=wanted)
    changes = {key: value for key, value in wanted.items() if actual.get(key) != value}
    return Plan("update" if changes else "keep", before=actual, after={**actual, **changes}, changes=changes)


def converge(thing: Managed, *, check: bool) -> Plan:
    """Read, plan, apply at most one change, and report what is true afterwards.

    :raises Refused: the plan is impossible or harmful; nothing was changed
    :raises Failure: the service refused, or did not show the change in time
    """
    try:
        actual = _predicted_read(thing) if check else thing.read()
    except Failure as failure:
        if not is_denial(failure):
            raise
        return thing.unseen(failure, check=check)
    todo = plan(thing.desired(actual), actual)
    frozen = sorted(set(todo.changes).intersection(thing.immutable))
    if todo.action == "update" and frozen:
        raise Refused(
            f"{thing.label} {thing.name}: {', '.join(frozen)} can only be set on creation.",
            code="IMMUTABLE",
            hint="Leave it out, or delete the object first.",
        )
    thing.guard(todo)
    if check or not todo.changed:
        return todo
    if todo.action == "delete":
        thing.delete()
    elif todo.action == "create":
        if thing.create(todo.changes) is False:
            there = _read_back(thing, todo)
            return Plan("keep", before=there, after=there)
    else:
        thing.update(todo.changes)
    return Plan(todo.action, before=todo.before, after=_read_back(thing, todo), changes=todo.changes)


# A playbook makes these in an earlier task, which check mode only announces.
NOT_YET_THERE = ("PRINCIPAL_DOES_NOT_EXIST", "SCHEMA_DOES_NOT_EXIST", "CATALOG_DOES_NOT_EXIST", "SCHEMA_NOT_FOUND")


def _predicted_read(thing: Managed) -> Json | None:
    try:
        return thing.read()
    except Failure as failure:
        if failure.code not in NOT_YET_THERE or thing.params.get("state") == "absent":
            raise
        thing.warnings.append(
            f"{failure.message} Check mode takes it for something that an earlier task of this play creates."
        )
        return thing.nothing


def _read_back(thing: Managed, done: Plan) -> Json:
    """The state once it shows what was done: the service may answer reads with the past for a while."""

    def shown() -> Json | None:
        actual = thing.read()
        if plan(thing.desired(actual), actual).changed:
            return None
        return actual or {}

    state = retry.until(shown, thing.settle_seconds)
    if state is None:
        raise Failure(
            f"The workspace accepted the {done.action} of {thing.label} {thing.name}, "
            f"but does not show it after {thing.settle_seconds:g} s.",
            code="NOT_VISIBLE",
            retryable=True,
            hint="Run the task again; if it fails again, the service ignored the change without saying so.",
        )
    return state
