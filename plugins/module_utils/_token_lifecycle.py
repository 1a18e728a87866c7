# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The life of an access token as pure functions: (what is there, what is wished, the time) -> the next step.

The service shows a token's value once, so "present" cannot mean "create". Nothing is remembered between runs: every run
derives where things stand from the live tokens that bear our marker and from the record in the store. A run may die
after any step; the next one starts from what it finds.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

DAY = 86_400.0
# A token this close to its end is refused by the service already ("Token is expiring within 30 seconds").
_LAST_MINUTE = 60.0
# From the minting of a token to its storing passes far less; one that is used later than this was handed to somebody.
_HANDED_OVER_AFTER = 3_600.0
# The service revokes tokens that nobody used for 90 days (Databricks docs: Monitor and revoke personal access tokens).
_IDLE_WARNING = 75 * DAY

INTEGRATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_MARKER = re.compile(
    rf"(?:^|\s)(?P<integration>{INTEGRATION.pattern})\s+lakeops:g(?P<generation>\d{{1,6}}):(?P<nonce>[0-9a-f]{{8,64}})(?=\s|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Marker:
    """How a token of ours is recognised: by its comment, which people read, too."""

    integration: str
    generation: int
    nonce: str

    def __str__(self) -> str:
        return f"{self.integration} lakeops:g{self.generation}:{self.nonce}"


def marker_in(comment: str | None) -> Marker | None:
    """The marker in a token's comment; None for a token that is not ours, whatever words its comment has."""
    found = _MARKER.search(comment or "")
    return Marker(found["integration"], int(found["generation"]), found["nonce"].lower()) if found else None


@dataclass(frozen=True)
class Token:
    """A token that the service lists. Times are seconds since the epoch."""

    token_id: str
    created: float
    expiry: float | None = None  # None: never
    marker: Marker | None = None
    last_used: float | None = None  # start of the day; None: never
    use_known: bool = True  # only administrators are told about use
    scopes: tuple[str, ...] = ()

    @property
    def generation(self) -> int:
        return self.marker.generation if self.marker else 0

    def alive(self, now: float) -> bool:
        return self.expiry is None or self.expiry > now


@dataclass(frozen=True)
class Known:
    """The record in the store, without the value."""

    token_id: str
    created: float
    expiry: float | None
    generation: int
    works: bool  # proven in this run: the stored value signs in as the principal
    predecessor: str | None = None


@dataclass(frozen=True)
class Wishes:
    state: str = "present"  # present, absent, rotate, revoke_superseded
    lifetime: float = 90 * DAY
    renew_before: float = 14 * DAY
    grace: float = 7 * DAY
    confirmed: bool = False


@dataclass(frozen=True)
class Found:
    """Where things stand."""

    tokens: tuple[Token, ...] = ()  # ours: with the marker, and the one the record names
    known: Known | None = None
    in_hand: Token | None = None  # minted and proven in this run, not stored yet
    minted: bool = False  # in this run
    finished: bool = False  # a rotation, in this run
    mintable: bool = True  # nobody but a person can make a token for that person

    def live(self, now: float) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens if token.alive(now))


@dataclass(frozen=True)
class Step:
    """One thing to do: mint, store, revoke or clear."""

    do: str
    token: Token | None = None
    why: str = ""
    generation: int = 0
    predecessor: Token | None = None


def next_step(found: Found, wishes: Wishes, now: float) -> Step | None:
    """The one thing to do now, or None when all is as it should be."""
    live = found.live(now)
    if wishes.state == "absent":
        for token in live:
            if token.marker:
                return Step("revoke", token, "no token is wanted")
        return Step("clear") if found.known else None

    old = superseded(found, now)
    if found.in_hand:
        return Step("store", found.in_hand, predecessor=_successor_of(found, now))
    kept = {old.token_id if old else "", found.known.token_id if found.known and usable(found, now) else ""}
    for token in live:
        if token.marker and token.token_id not in kept:
            return Step("revoke", token, "no store record knows it")
    if not usable(found, now):
        if wishes.state == "revoke_superseded":
            return None
        return Step("mint", why="no usable token", generation=_next_generation(found))
    if old and not found.minted and old.marker and _may_go(found, old, wishes, now):
        return Step(
            "revoke", old, "confirmed" if wishes.confirmed else "superseded, its grace period is over, not used since"
        )
    if old or found.minted or wishes.state == "revoke_superseded":
        return None
    # The run that ends one rotation does not begin the next: whoever asked for it asked for one.
    if wishes.state == "rotate" and not wishes.confirmed and not found.finished:
        return Step("mint", why="rotation asked", generation=_next_generation(found))
    # A stored token is worth more than a failure that says who has to make the next one.
    if due(found, wishes, now) and found.mintable:
        return Step("mint", why="the token expires soon", generation=_next_generation(found))
    return None


def after(found: Found, step: Step, made: Token | None = None) -> Found:
    """Where things stand once a step is done; check mode predicts with it."""
    if step.do == "mint":
        return replace(found, in_hand=made, minted=True)
    if step.do == "clear":
        return replace(found, known=None)
    if step.do == "revoke":
        left = tuple(token for token in found.tokens if token is not step.token)
        named = found.known is not None and step.token is not None and step.token.token_id == found.known.predecessor
        return replace(found, tokens=left, finished=found.finished or named)
    token = found.in_hand or step.token
    if token is None:
        return found
    predecessor = step.predecessor.token_id if step.predecessor else None
    known = Known(token.token_id, token.created, token.expiry, token.generation, True, predecessor)
    others = tuple(other for other in found.tokens if other.token_id != token.token_id)
    return replace(found, tokens=(*others, token), known=known, in_hand=None)


def usable(found: Found, now: float) -> bool:
    """Whether the store holds a token that works."""
    known = found.known
    return bool(known and known.works and (known.expiry is None or known.expiry > now + _LAST_MINUTE))


def superseded(found: Found, now: float) -> Token | None:
    """The one live token besides the stored one that somebody may still use.

    That is the one the record names as predecessor. A token that was used long after its minting was handed to somebody
    too, even if the store was lost or put back from a backup since. The stored one counts when its value is broken.
    """
    current = found.known.token_id if found.known and usable(found, now) else None
    others = [token for token in found.live(now) if token.token_id != current]
    named = [token for token in others if found.known and token.token_id == found.known.predecessor]
    if current and named:
        return named[0]
    mine = [token for token in others if found.known and token.token_id == found.known.token_id]
    candidates = {token.token_id: token for token in (*named, *mine, *filter(_handed_over, others))}
    return max(candidates.values(), key=lambda token: (token.last_used or 0, -token.generation), default=None)


def due(found: Found, wishes: Wishes, now: float) -> bool:
    """Whether the stored token expires within the renewal window."""
    known = found.known
    if known is None or known.expiry is None:
        return False
    return known.expiry - now <= renewal_window(known.created, known.expiry, wishes)


def renewal_window(created: float, expiry: float, wishes: Wishes) -> float:
    """Never the whole life of a token, or every run would mint: the workspace may have shortened it."""
    lifetime = expiry - created
    return wishes.renew_before if wishes.renew_before < lifetime else lifetime / 3


def phase(found: Found, now: float) -> str:
    """none: no usable token; handover: a successor is stored and its predecessor still lives; current: one token."""
    if not usable(found, now):
        return "none"
    return "handover" if superseded(found, now) else "current"


def warnings(found: Found, wishes: Wishes, now: float, date: t.Callable[[float], str]) -> list[str]:
    """What a person should know although nothing was done about it."""
    said = []
    known = found.known
    if wishes.state == "absent" or known is None or not usable(found, now):
        return said
    if known.expiry is None:
        said.append("The stored token never expires. Rotate it once; its successor gets a lifetime.")
    elif found.mintable and wishes.renew_before >= known.expiry - known.created:
        said.append(
            "The stored token lives shorter than renew_before_days; it is renewed in the last third of its life."
        )
    old = superseded(found, now)
    if not found.mintable and due(found, wishes, now):
        said.append(
            f"The stored token expires on {date(known.expiry or 0)}, and only its owner can make the next one. "
            "Let the owner make it, and give it as supplied_token."
        )
    elif old and due(found, wishes, now):
        said.append(
            f"The stored token expires on {date(known.expiry or 0)}, but its predecessor is not confirmed as "
            "replaced, so no further one is made. Put the stored token into use, then run again with confirmed=true."
        )
    if old and not old.marker and wishes.confirmed:
        said.append(
            f"The replaced token {old.token_id[:12]} was not made here, so it is not revoked here. "
            "Let its owner delete it under Settings > Developer > Access tokens."
        )
    return said + idle(found, now)


def idle(found: Found, now: float) -> list[str]:
    """A warning if the service is about to revoke the stored token because nobody uses it."""
    for token in found.live(now):
        unused = now - max(token.last_used or 0, token.created)
        if found.known and token.token_id == found.known.token_id and token.use_known and unused > _IDLE_WARNING:
            return [
                f"The stored token was not used for {int(unused / DAY)} days; "
                "the service revokes tokens unused for 90 days."
            ]
    return []


def used_within_a_day(token: Token, now: float) -> bool:
    """By the day, as the service tells it: today or yesterday."""
    return token.last_used is not None and now - token.last_used < 2 * DAY


def _handed_over(token: Token) -> bool:
    return token.last_used is not None and token.last_used - token.created > _HANDED_OVER_AFTER


def _successor_of(found: Found, now: float) -> Token | None:
    """The token that becomes the predecessor of one in hand."""
    known = found.known
    if known is None or not usable(found, now):
        return superseded(found, now)
    listed = (token for token in found.live(now) if token.token_id == known.token_id)
    # A list may lag behind; what was proven to work is there all the same.
    return next(listed, None) or Token(known.token_id, known.created, known.expiry)


def _next_generation(found: Found) -> int:
    return 1 + max([token.generation for token in found.tokens] + [found.known.generation if found.known else 0])


def _may_go(found: Found, old: Token, wishes: Wishes, now: float) -> bool:
    if wishes.confirmed:
        return True
    if found.known is None or not old.use_known:
        return False
    # Use is told by the day. On the day of the minting it may have been before it, so grace counts from that day's end.
    minting_day = found.known.created // DAY * DAY
    return now >= minting_day + DAY + wishes.grace and (old.last_used is None or old.last_used <= minting_day)
