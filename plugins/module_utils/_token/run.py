# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""One run over a principal's tokens: read, take the steps that the lifecycle names, say what was done."""

from __future__ import annotations

import abc
from dataclasses import dataclass, field, replace

from .._common.failure import Failure, Refused
from . import lifecycle
from .lifecycle import Found, Intent, Predecessor, Step, Token, Wishes
from .store import Rival

# A principal has at most 600 tokens; a run that takes more steps than that has somebody working against it.
_MOST_STEPS = 700
_MOST_RIVALS = 5


class Tokens(abc.ABC):
    """The tokens of one principal, and what a run can do to them. A run may die before or after any method."""

    @abc.abstractmethod
    def now(self) -> float: ...

    @abc.abstractmethod
    def read(self) -> Found: ...

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
        """Make the token that was announced and prove that it works; its value stays here."""

    @abc.abstractmethod
    def store_token(self, token: Token, predecessors: tuple[Predecessor, ...]) -> None:
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

    def note(self) -> None:  # noqa: B027 - it may have nothing to write
        """Write into the record what it does not say yet of people.

        :raises Rival: another run stored something meanwhile
        """

    @abc.abstractmethod
    def stop(self, found: Found, code: str) -> Refused:
        """Why the run cannot go on, in words."""

    def may_mint(self, wishes: Wishes) -> None:  # noqa: B027 - it may have nothing to write
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
class Changes:
    """What a run found, what it left, and the steps between."""

    before: Found
    after: Found
    steps: list[Step] = field(default_factory=list)


def converge(tokens: Tokens, wishes: Wishes, *, check: bool) -> Changes:
    """Bring a principal's tokens into the wished state; in check mode only say what would be done.

    :raises Refused: nothing may be done before somebody decided (see Tokens.stop)
    """
    found = tokens.read()
    done = Changes(found, found)
    rivals = 0
    for _number in range(_MOST_STEPS):
        waits = tokens.waits() and not check
        step = None if waits else lifecycle.next_step(found, wishes, tokens.now()) or _note(tokens, wishes, done)
        if step is None:
            done.after = found
            return done
        if step.do == "stop":
            raise tokens.stop(found, step.why)
        try:
            found = _predict(tokens, found, step, wishes) if check else _do(tokens, found, step, wishes)
        except Rival:
            # The other run's token is in the store; ours is known to nobody.
            rivals += 1
            minted = found.minted
            if found.in_hand and not found.supplied:
                tokens.revoke(found.in_hand, "not stored")
            if rivals > _MOST_RIVALS:
                break
            found = replace(tokens.read(), minted=minted)
            continue
        except Failure as failure:
            if step.do == "store" and found.in_hand and not found.supplied:
                _take_back(tokens, found.in_hand, failure)
            raise
        done.steps.append(step)
    raise Failure("Other runs keep changing the tokens of this principal.", code="RIVALS", retryable=True)


def _note(tokens: Tokens, wishes: Wishes, done: Changes) -> Step | None:
    """What is known of people changes without a token: by itself only where no other step has written the record."""
    written = any(step.do in ("announce", "store", "settle", "note") for step in done.steps)
    changed = [] if wishes.state == "absent" or written else tokens.unnoted()
    return Step("note", why=f"other {', '.join(changed)}") if changed else None


def _take_back(tokens: Tokens, token: Token, failure: Failure) -> None:
    """A token that could not be stored goes in the same run: nobody would ever know its value."""
    short = token.token_id[:12]
    try:
        tokens.revoke(token, "not stored")
    except Failure as second:
        failure.message += (
            f" The token {short} that was made for it lives on; the next run revokes it: {second.message}"
        )
    else:
        failure.message += f" The token {short} that was made for it was revoked again."


def _do(tokens: Tokens, found: Found, step: Step, wishes: Wishes) -> Found:
    if step.do == "announce":
        tokens.may_mint(wishes)
        return lifecycle.after(found, step, tokens.announce(step.generation))
    if step.do == "mint" and found.announced:
        return lifecycle.after(found, step, tokens.mint(found.announced, wishes))
    if step.do == "store" and found.in_hand:
        tokens.store_token(found.in_hand, step.predecessors)
    elif step.do == "settle":
        tokens.settle(step.predecessors)
    elif step.do == "note":
        tokens.note()
    elif step.do == "clear":
        tokens.clear()
    elif step.token:
        tokens.revoke(step.token, step.why)
    return lifecycle.after(found, step)


def _predict(tokens: Tokens, found: Found, step: Step, wishes: Wishes) -> Found:
    now = tokens.now()
    if step.do == "announce":
        tokens.may_mint(wishes)
        return lifecycle.after(found, step, Intent("0" * 8, step.generation, now))
    if step.do == "mint":
        made = Token("", now, now + tokens.lifetime(wishes), lifecycle.Marker("new", step.generation, "0" * 8))
        return lifecycle.after(found, step, made)
    return lifecycle.after(found, step)
