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

from .._common.failure import Failure, Refused
from . import handover, lifecycle
from .lifecycle import Found, Intent, Predecessor, Step, Token, Wishes
from .record import when
from .stores import Rival
from .use import Use

# A principal has at most 600 tokens; a run that takes more steps than that has somebody working against it.
_MOST_STEPS = 700
_MOST_RIVALS = 5


class World(abc.ABC):
    """What a run can see and do. Each method is one deed; a run may die before or after any of them."""

    @abc.abstractmethod
    def now(self) -> float: ...

    @abc.abstractmethod
    def look(self) -> Found: ...

    @abc.abstractmethod
    def revoke(self, token: Token, why: str) -> None:
        """Revoke a token.

        :raises Rival: it was to go because the store does not know it, and the store is not what it was
        """

    @abc.abstractmethod
    def announce(self, generation: int) -> Intent:
        """Write into the store's record which token is about to be made.

        :raises Rival: another run stored something meanwhile
        """

    @abc.abstractmethod
    def mint(self, intent: Intent, wishes: Wishes) -> Token:
        """Make the token that was announced and prove that it works; its value stays in the world's hand."""

    @abc.abstractmethod
    def store(self, token: Token, predecessors: tuple[Predecessor, ...]) -> None:
        """Write the token in hand, read it back, compare.

        :raises Rival: another run stored something meanwhile
        """

    @abc.abstractmethod
    def settle(self, predecessors: tuple[Predecessor, ...]) -> None:
        """Write what is now known about the replaced tokens.

        :raises Rival: another run stored something meanwhile
        """

    @abc.abstractmethod
    def clear(self) -> None: ...

    def unnoted(self) -> list[str]:
        """What the record does not say yet of people, by name; every write of a record says it, too."""
        return []

    def note(self) -> None:  # noqa: B027 - a world may have nothing to say
        """Write into the record what it does not say yet of people.

        :raises Rival: another run stored something meanwhile
        """

    @abc.abstractmethod
    def stop(self, found: Found, code: str) -> Refused:
        """Why the run cannot go on, in words."""

    def may_mint(self, wishes: Wishes) -> None:  # noqa: B027 - a world may have nothing to say
        """Refuse what is known to fail, before anything is written.

        :raises Failure: no token can be made
        """

    def waits(self) -> bool:
        """Whether somebody else has to store something before the run can go on."""
        return False

    def lifetime(self, wishes: Wishes) -> float:
        """How long a new token will live, for check mode to tell."""
        return wishes.lifetime


@dataclass
class Outcome:
    before: Found
    after: Found
    steps: list[Step] = field(default_factory=list)


def keep(world: World, wishes: Wishes, *, check: bool) -> Outcome:
    """Bring a principal's tokens into the wished state; in check mode only say what would be done.

    :raises Refused: nothing may be done before somebody decided (see World.stop)
    """
    found = world.look()
    outcome = Outcome(found, found)
    rivals = 0
    for _number in range(_MOST_STEPS):
        waits = world.waits() and not check
        step = None if waits else lifecycle.next_step(found, wishes, world.now()) or _note(world, wishes, outcome)
        if step is None:
            outcome.after = found
            return outcome
        if step.do == "stop":
            raise world.stop(found, step.why)
        try:
            found = _predicted(world, found, step, wishes) if check else _taken(world, found, step, wishes)
        except Rival:
            # The other run's token is in the store; ours is known to nobody.
            rivals += 1
            minted = found.minted
            if found.in_hand and not found.supplied:
                world.revoke(found.in_hand, "not stored")
            if rivals > _MOST_RIVALS:
                break
            found = replace(world.look(), minted=minted)
            continue
        except Failure as failure:
            if step.do == "store" and found.in_hand and not found.supplied:
                _take_back(world, found.in_hand, failure)
            raise
        outcome.steps.append(step)
    raise Failure("Other runs keep changing the tokens of this principal.", code="RIVALS", retryable=True)


def _note(world: World, wishes: Wishes, outcome: Outcome) -> Step | None:
    """What is known of people changes without a token: by itself only where no other step has written the record."""
    written = any(step.do in ("announce", "store", "settle", "note") for step in outcome.steps)
    changed = [] if wishes.state == "absent" or written else world.unnoted()
    return Step("note", why=f"other {', '.join(changed)}") if changed else None


def _take_back(world: World, token: Token, failure: Failure) -> None:
    """A token that could not be stored goes in the same run: nobody would ever know its value."""
    short = token.token_id[:12]
    try:
        world.revoke(token, "not stored")
    except Failure as second:
        failure.message += (
            f" The token {short} that was made for it lives on; the next run revokes it: {second.message}"
        )
    else:
        failure.message += f" The token {short} that was made for it was revoked again."


def _taken(world: World, found: Found, step: Step, wishes: Wishes) -> Found:
    if step.do == "announce":
        world.may_mint(wishes)
        return lifecycle.after(found, step, world.announce(step.generation))
    if step.do == "mint" and found.announced:
        return lifecycle.after(found, step, world.mint(found.announced, wishes))
    if step.do == "store" and found.in_hand:
        world.store(found.in_hand, step.predecessors)
    elif step.do == "settle":
        world.settle(step.predecessors)
    elif step.do == "note":
        world.note()
    elif step.do == "clear":
        world.clear()
    elif step.token:
        world.revoke(step.token, step.why)
    return lifecycle.after(found, step)


def _predicted(world: World, found: Found, step: Step, wishes: Wishes) -> Found:
    now = world.now()
    if step.do == "announce":
        world.may_mint(wishes)
        return lifecycle.after(found, step, Intent("0" * 8, step.generation, now))
    if step.do == "mint":
        made = Token("", now, now + world.lifetime(wishes), lifecycle.Marker("new", step.generation, "0" * 8))
        return lifecycle.after(found, step, made)
    return lifecycle.after(found, step)


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
        "predecessor": one(old[0], now) if old else None,
        "predecessors": [one(token, now) for token in old],
    }


def describe_handover(found: Found, now: float, integration: str, store: str) -> dict[str, t.Any] | None:
    """What somebody has to carry to the partner, and until when."""
    waiting = handover.handover(found, now)
    if waiting is None:
        return None
    return {
        "since": when(waiting.since),
        "predecessor": waiting.predecessor,
        "ends": when(waiting.ends),
        "days_left": waiting.days_left,
        "level": waiting.level,
        "steps": handover.steps(waiting, integration, store, lambda at: str(when(at))[:10]),
    }


def handover_warnings(told: dict[str, t.Any] | None) -> list[str]:
    """What is too late, or nearly, as one sentence; nothing while there is time."""
    return [] if told is None or told["level"] == "note" else [" ".join(told["steps"][:3])]


def describe_use(use: Use) -> dict[str, t.Any]:
    """Who uses the stored token."""
    return {
        "by": use.by,
        "within_a_day": use.lately,
        "partner_last_used": when(use.partner_last_used),
        "our_last_used": when(use.our_last_used),
        "partner_silent": use.silent,
        "why_unknown": use.why or None,
    }


def one(token: Token, now: float) -> dict[str, t.Any]:
    """A live token in a list."""
    return {
        "token_id": token.token_id,
        "generation": token.generation,
        "created": when(token.created),
        "created_by": token.created_by,
        "expiry": when(token.expiry),
        "last_used": when(token.last_used),
        "used_within_a_day": lifecycle.used_within_a_day(token, now),
        "made_here": token.marker is not None,
    }
