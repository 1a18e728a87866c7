# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""One run over a principal's tokens: look, take the steps that the lifecycle names, tell what was done."""

from __future__ import annotations

import abc
import typing as t
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from . import _token_lifecycle as lifecycle
from ._failure import Failure
from ._stores import Rival
from ._token_lifecycle import Found, Step, Token, Wishes

# A principal has at most 600 tokens; a run that takes more steps than that has somebody working against it.
_MOST_STEPS = 700


class World(abc.ABC):
    """What a run can see and do. Each method is one deed; a run may die before or after any of them."""

    @abc.abstractmethod
    def now(self) -> float: ...

    @abc.abstractmethod
    def look(self) -> Found: ...

    @abc.abstractmethod
    def revoke(self, token: Token) -> None: ...

    @abc.abstractmethod
    def mint(self, step: Step, wishes: Wishes) -> Token:
        """Make a token and prove that it works; its value stays in the world's hand."""

    @abc.abstractmethod
    def store(self, token: Token, predecessor: Token | None) -> None:
        """Write the token in hand, read it back, compare.

        :raises Rival: another run stored something meanwhile
        """

    @abc.abstractmethod
    def clear(self) -> None: ...

    def lifetime(self, wishes: Wishes) -> float:
        """How long a new token will live, for check mode to tell."""
        return wishes.lifetime


@dataclass
class Outcome:
    before: Found
    after: Found
    steps: list[Step] = field(default_factory=list)


def keep(world: World, wishes: Wishes, *, check: bool) -> Outcome:
    """Bring a principal's tokens into the wished state; in check mode only say what would be done."""
    found = world.look()
    outcome = Outcome(found, found)
    for _number in range(_MOST_STEPS):
        step = lifecycle.next_step(found, wishes, world.now())
        if step is None:
            outcome.after = found
            return outcome
        try:
            found = _predicted(world, found, step, wishes) if check else _taken(world, found, step, wishes)
        except Rival:
            # The other run's token is in the store; ours is known to nobody.
            if found.in_hand:
                world.revoke(found.in_hand)
            found = replace(world.look(), minted=True)
            continue
        outcome.steps.append(step)
    raise Failure("Other runs keep changing the tokens of this principal.", code="RIVALS", retryable=True)


def _taken(world: World, found: Found, step: Step, wishes: Wishes) -> Found:
    if step.do == "mint":
        return lifecycle.after(found, step, world.mint(step, wishes))
    if step.do == "store" and found.in_hand:
        world.store(found.in_hand, step.predecessor)
    elif step.do == "clear":
        world.clear()
    elif step.token:
        world.revoke(step.token)
    return lifecycle.after(found, step)


def _predicted(world: World, found: Found, step: Step, wishes: Wishes) -> Found:
    made = None
    if step.do == "mint":
        now = world.now()
        made = Token("", now, now + world.lifetime(wishes), lifecycle.Marker("new", step.generation, "0" * 8))
    return lifecycle.after(found, step, made)


def when(seconds: float | None) -> str | None:
    """A time as people and programs read it: ISO 8601, UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def describe(found: Found, now: float) -> dict[str, t.Any]:
    """The stored token and the phase, without the value."""
    known, old = found.known, lifecycle.superseded(found, now)
    listed = next((token for token in found.tokens if known and token.token_id == known.token_id), None)
    end = known.expiry if known else None
    return {
        "phase": lifecycle.phase(found, now),
        "live": lifecycle.usable(found, now),
        "token_id": known.token_id if known else None,
        "generation": known.generation if known else None,
        "created": when(known.created) if known else None,
        "expiry": when(end),
        "days_left": None if end is None else round((end - now) / lifecycle.DAY, 2),
        "last_used": when(listed.last_used) if listed else None,
        "scopes": list(listed.scopes) if listed else [],
        "predecessor": one(old, now) if old else None,
    }


def one(token: Token, now: float) -> dict[str, t.Any]:
    """A live token in a list."""
    return {
        "token_id": token.token_id,
        "generation": token.generation,
        "created": when(token.created),
        "expiry": when(token.expiry),
        "last_used": when(token.last_used),
        "used_within_a_day": lifecycle.used_within_a_day(token, now),
        "made_here": token.marker is not None,
    }
