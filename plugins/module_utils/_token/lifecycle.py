# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The life of an access token as pure functions: (what is there, what is wished, the time) -> the next step.

The service shows a token's value once, so "present" cannot mean "create". Every run derives where things stand from the
live tokens that bear our marker and from the record in the store. The record is written ahead: what a run is about to
make is named there before it is made. So a token that a dead run left is known by its nonce and never guessed; every
other token with our marker is a stranger, and strangers are not revoked.
"""

from __future__ import annotations

import math
import re
import typing as t
from dataclasses import dataclass, replace

DAY = 86_400.0
# A token this close to its end is refused by the service already ("Token is expiring within 30 seconds").
_LAST_MINUTE = 60.0
# The service revokes tokens that nobody used for 90 days (Databricks docs: Monitor and revoke personal access tokens).
_IDLE_WARNING = 75 * DAY

# How long after the stored token one of the same announcement may still be made, by a request that was held up.
_LATEST = 3_600.0

INTEGRATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_MARKER = re.compile(
    rf"(?:^|\s)(?P<integration>{INTEGRATION.pattern})\s+lakeops:g(?P<generation>\d{{1,6}}):(?P<nonce>[0-9a-f]{{8,64}})"
    r"(?::s(?P<store>[0-9a-f]{8,32}))?(?=\s|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Marker:
    """How a token of ours is recognised: by its comment, which people read, too.

    :ivar store: the identity of the store whose record named the token first; empty in old markers
    """

    integration: str
    generation: int
    nonce: str
    store: str = ""

    def __str__(self) -> str:
        return f"{self.integration} lakeops:g{self.generation}:{self.nonce}{f':s{self.store}' if self.store else ''}"


def marker_in(comment: str | None) -> Marker | None:
    """The marker in a token's comment; None for a token that is not ours, whatever words its comment has."""
    found = _MARKER.search(comment or "")
    if not found:
        return None
    return Marker(
        found["integration"], int(found["generation"]), found["nonce"].lower(), (found["store"] or "").lower()
    )


# How long the token of a rehearsal lives, in seconds; and what a service may add to it.
REHEARSAL, _ROUNDED = 600.0, 60.0
_REHEARSAL_MARKER = re.compile(
    rf"(?:^|\s)(?P<integration>{INTEGRATION.pattern})\s+lakeops:rehearsal:(?P<nonce>[0-9a-f]{{8,64}})"
    r"(?::s(?P<store>[0-9a-f]{8,32}))?(?=\s|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class RehearsalMarker:
    """How the token of a rehearsal is recognised. Nobody but the run that made it knows its value.

    :ivar store: the identity of the store that was rehearsed with; empty if it held no record
    """

    integration: str
    nonce: str
    store: str = ""

    def __str__(self) -> str:
        return f"{self.integration} lakeops:rehearsal:{self.nonce}{f':s{self.store}' if self.store else ''}"


def rehearsal_in(comment: str | None) -> RehearsalMarker | None:
    """The marker of a rehearsal in a token's comment."""
    found = _REHEARSAL_MARKER.search(comment or "")
    if not found:
        return None
    return RehearsalMarker(found["integration"], found["nonce"].lower(), (found["store"] or "").lower())


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
    created_by: str | None = None  # who asked for it; None: unknown
    rehearsal: RehearsalMarker | None = None  # it bears the marker of a rehearsal

    @property
    def is_rehearsal(self) -> bool:
        """Whether it is of a rehearsal; what lives longer is not, whatever its comment says."""
        short = self.expiry is not None and self.expiry - self.created <= REHEARSAL + _ROUNDED
        return self.rehearsal is not None and short

    @property
    def generation(self) -> int:
        return self.marker.generation if self.marker else 0

    def alive(self, now: float) -> bool:
        return self.expiry is None or self.expiry > now


@dataclass(frozen=True)
class Predecessor:
    """A token that the record names as replaced."""

    token_id: str
    expiry: float | None = None
    confirmed: bool = False  # a person said that the partner has its successor


@dataclass(frozen=True)
class Intent:
    """A token that this store's record names as about to be made."""

    nonce: str
    generation: int
    when: float


@dataclass(frozen=True)
class Known:
    """The token in the store's record, without its value."""

    token_id: str
    created: float
    expiry: float | None
    generation: int
    works: bool | None  # in this run: the stored value signed in as the principal, was refused, or was not tried
    predecessors: tuple[Predecessor, ...] = ()
    nonce: str | None = None


@dataclass(frozen=True)
class Wishes:
    state: str = "present"  # present, absent, rotate, revoke_superseded
    lifetime: float = 90 * DAY
    renew_before: float = 30 * DAY
    grace: float = 14 * DAY
    confirmed: bool = False
    unknown: str = "refuse"  # strangers: refuse, keep, replace


@dataclass(frozen=True)
class Found:
    """Where things stand."""

    tokens: tuple[Token, ...] = ()  # with the marker, and those the record names
    known: Known | None = None
    intents: tuple[Intent, ...] = ()
    announced: Intent | None = None  # the one that a token may be made for now
    in_hand: Token | None = None  # minted and proven in this run, not stored yet
    minted: bool = False  # in this run
    supplied: bool = False  # what is in hand was made by a person
    adopted: bool = False  # strangers became predecessors, in this run
    finished: bool = False  # a rotation, in this run
    mintable: bool = True  # nobody but a person can make a token for that person
    # Proven by others than us: the partner signs in with the stored token. None: could not be established.
    partner_uses_new: bool | None = None
    # The partner is known to have run no statement for as long as the service tells (see use.py).
    partner_silent: bool = False

    def live(self, now: float) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens if token.alive(now))


@dataclass(frozen=True)
class Step:
    """One thing to do: announce, mint, store, settle, revoke or clear; or stop, with the reason as code."""

    do: str
    token: Token | None = None
    why: str = ""
    generation: int = 0
    predecessors: tuple[Predecessor, ...] = ()


# Why a run stops.
STRANGER, REFUSED, NOT_PROVEN = "STRANGER_TOKEN", "STORED_TOKEN_REFUSED", "NOT_PROVEN"


def next_step(found: Found, wishes: Wishes, now: float) -> Step | None:
    """The one thing to do now, or None when all is as it should be."""
    if found.in_hand:
        return Step("store", found.in_hand, predecessors=_replaced(found, wishes, now))
    orphan = next(iter(orphans(found, now)), None)
    if orphan:
        return Step("revoke", orphan, ORPHAN)
    if wishes.state == "absent":
        for token in named(found, now):
            if token.marker:
                return Step("revoke", token, "no token is wanted")
        return Step("clear") if found.known or found.intents else None
    if refused(found, now) and wishes.unknown != "replace":
        return Step("stop", why=REFUSED)
    if not usable(found, now):
        if wishes.state == "revoke_superseded":
            return Step("stop", why=NOT_PROVEN) if wishes.confirmed else None
        return _make(found, wishes, now, "no usable token")
    return _with_a_usable_token(found, wishes, now)


def _with_a_usable_token(found: Found, wishes: Wishes, now: float) -> Step | None:
    known = t.cast(Known, found.known)
    if wishes.unknown == "replace" and wishes.state != "revoke_superseded":
        unknown = strangers(found, now)
        if unknown:
            adopted = tuple(Predecessor(token.token_id, token.expiry) for token in unknown)
            there = tuple(one for one in known.predecessors if not _somebody_revoked(found, one, now))
            return Step("settle", why="unknown tokens become replaced ones", predecessors=there + adopted)
    old = superseded(found, now)
    ended_in_this_run = found.minted or found.adopted
    if not ended_in_this_run:
        going = tuple(
            replace(one, confirmed=True) if _may_go(found, one, wishes, now) else one
            for one in known.predecessors
            if not _somebody_revoked(found, one, now)
        )
        if going != known.predecessors:
            # What a person said is written down first: a run that dies now has not to be told again.
            why = "its grace period is over, the partner uses its successor"
            why = "somebody revoked it" if len(going) < len(known.predecessors) else why
            return Step("settle", why="confirmed" if wishes.confirmed else why, predecessors=going)
    said = {one.token_id for one in known.predecessors if one.confirmed}
    for token in old:
        if token.marker and token.token_id in said:
            return Step("revoke", token, "replaced")
    if old or ended_in_this_run or wishes.state == "revoke_superseded":
        return None
    # The run that ends one rotation does not begin the next: whoever asked for it asked for one.
    if wishes.state == "rotate" and not wishes.confirmed and not found.finished:
        return _make(found, wishes, now, "rotation asked")
    # A stored token is worth more than a failure that says who has to make the next one.
    if due(found, wishes, now) and found.mintable:
        return _make(found, wishes, now, "the token expires soon")
    return None


ORPHAN = "the run that made it died before it was stored"


def _make(found: Found, wishes: Wishes, now: float, why: str) -> Step:
    if wishes.unknown == "refuse" and found.mintable and strangers(found, now):
        return Step("stop", why=STRANGER)
    generation = _next_generation(found)
    if found.announced is None:
        return Step("announce", why=why, generation=generation)
    return Step("mint", why=why, generation=found.announced.generation)


def after(found: Found, step: Step, made: Token | Intent | None = None) -> Found:
    """Where things stand once a step is done; check mode predicts with it."""
    if isinstance(made, Intent):
        return replace(found, announced=made, intents=(*found.intents, made))
    if step.do == "mint":
        return replace(found, in_hand=made, announced=None, minted=True)
    if step.do == "clear":
        return replace(found, known=None, intents=())
    if step.do == "revoke":
        left = tuple(token for token in found.tokens if token is not step.token)
        return replace(found, tokens=left, finished=found.finished or step.why == "replaced")
    if step.do == "settle":
        known = t.cast(Known, found.known)
        before = known.predecessors
        more = {one.token_id for one in step.predecessors} - {one.token_id for one in before}
        ends = any(one.confirmed and one not in before for one in step.predecessors)
        known = replace(known, predecessors=step.predecessors)
        return replace(found, known=known, adopted=found.adopted or bool(more), finished=found.finished or ends)
    token = found.in_hand
    if token is None:
        return found
    nonce = token.marker.nonce if token.marker else None
    known = Known(token.token_id, token.created, token.expiry, token.generation, True, step.predecessors, nonce)
    others = tuple(other for other in found.tokens if other.token_id != token.token_id)
    left_open = tuple(intent for intent in found.intents if intent.nonce != nonce)
    # What was known of the partner's use was about the token before.
    found = replace(found, partner_uses_new=None, partner_silent=False)
    return replace(found, tokens=(*others, token), known=known, in_hand=None, intents=left_open)


def usable(found: Found, now: float) -> bool:
    """Whether the store holds a token that was proven to work."""
    known = found.known
    return bool(known and known.works and (known.expiry is None or known.expiry > now + _LAST_MINUTE))


def refused(found: Found, now: float) -> bool:
    """Whether the service refuses the stored token although it lists it alive, so that nobody knows what is wrong."""
    known = found.known
    return bool(
        known
        and known.works is False
        and any(
            token.token_id == known.token_id and (token.expiry is None or token.expiry > now + _LAST_MINUTE)
            for token in found.tokens
        )
    )


def orphans(found: Found, now: float) -> tuple[Token, ...]:
    """Live tokens that a run made for this store and never stored: their nonce is in its record.

    One that was used on a later day than it was made was stored and handed over all the same; the record is an old
    copy then. One that was made long after the stored one bears its comment because somebody copied that.
    """
    known = found.known
    # Until when a token with a nonce of the record may have been made; one without a time may be of any time.
    latest: dict[str | None, float] = {intent.nonce: math.inf for intent in found.intents}
    # A request whose answer was lost may be carried out late, beside the repeated one; both bear the same nonce.
    if known:
        latest[known.nonce] = known.created + _LATEST
    held = _held(found)
    return tuple(
        token
        for token in found.live(now)
        if token.marker
        and (token.created or math.inf) <= latest.get(token.marker.nonce, -math.inf)
        and token.token_id not in held
        and not _used_later(token)
    )


def strangers(found: Found, now: float) -> tuple[Token, ...]:
    """Live tokens with our marker that this store does not know."""
    held = _held(found)
    orphaned = {token.token_id for token in orphans(found, now)}
    return tuple(
        token
        for token in found.live(now)
        if token.marker and token.token_id not in held and token.token_id not in orphaned
    )


def named(found: Found, now: float) -> tuple[Token, ...]:
    """Live tokens that the record names: the stored one and those it replaces."""
    held = _held(found)
    return tuple(token for token in found.live(now) if token.token_id in held)


def superseded(found: Found, now: float) -> tuple[Token, ...]:
    """Live tokens that the record names as replaced by the stored one, that last used first.

    One that only its owner can delete is not waited for once it is confirmed.
    """
    known = found.known
    if known is None:
        return ()
    ids = {one.token_id: one.confirmed for one in known.predecessors if one.token_id != known.token_id}
    old = [token for token in found.live(now) if token.token_id in ids and (token.marker or not ids[token.token_id])]
    return tuple(sorted(old, key=lambda token: (-(token.last_used or 0), token.generation)))


def due(found: Found, wishes: Wishes, now: float) -> bool:
    """Whether the stored token expires within the renewal window."""
    known = found.known
    if known is None or known.expiry is None:
        return False
    return known.expiry - now <= renewal_window(known.created, known.expiry, wishes)


def renewal_window(created: float, expiry: float, wishes: Wishes) -> float:
    """In proportion for a token that lives shorter than wished, or each run would mint where it is limited."""
    return wishes.renew_before * min(1.0, (expiry - created) / wishes.lifetime)


def phase(found: Found, now: float) -> str:
    """none: no usable token; handover: a successor is stored and its predecessor still lives; current: one token."""
    if not usable(found, now):
        return "none"
    return "handover" if superseded(found, now) else "current"


def warnings(found: Found, wishes: Wishes, now: float, date: t.Callable[[float], str]) -> list[str]:
    """What a person should know although nothing was done about it."""
    said: list[str] = []
    if wishes.state == "absent" or not usable(found, now):
        return said
    known = t.cast(Known, found.known)
    if known.expiry is None:
        said.append("The stored token never expires. Rotate it once; its successor gets a lifetime.")
    old, end = superseded(found, now), t.cast(float, known.expiry)
    if not found.mintable and due(found, wishes, now):
        said.append(
            f"The stored token expires on {date(end)}, and only its owner can make the next one. "
            "Let the owner make it, and give it as supplied_token."
        )
    elif old and due(found, wishes, now):
        said.append(
            f"The stored token expires on {date(end)}, but its predecessor is not confirmed as "
            "replaced, so no further one is made. Put the stored token into use, then run again with confirmed=true."
        )
    for token in named(found, now):
        if not token.marker and wishes.confirmed and token.token_id != known.token_id:
            said.append(
                f"The replaced token {token.token_id[:12]} was not made here, so it is not revoked here. "
                "Let its owner delete it under Settings > Developer > Access tokens."
            )
    said += _grace(found, old, wishes, now)
    return said + idle(found, now)


def _grace(found: Found, old: tuple[Token, ...], wishes: Wishes, now: float) -> list[str]:
    if wishes.confirmed or not old or not grace_is_over(found, wishes, now) or found.partner_uses_new is True:
        return []
    why = "does not use its successor" if found.partner_uses_new is False else "is not known to use its successor"
    return [
        f"The grace period of the replaced token {old[0].token_id[:12]} is over, but the partner {why}, so it stays "
        "until somebody confirms with confirmed=true, or until its own end."
    ]


def idle(found: Found, now: float) -> list[str]:
    """A warning if the partner does not use the stored token; the service revokes one that nobody uses."""
    if found.partner_silent and usable(found, now):
        return [
            "The partner ran no SQL statement with the stored token for at least 30 days; only runs of this collection "
            "keep it from being revoked, which the service does to tokens unused for 90 days. Let the partner use it, "
            "or remove the connection (lakeops.databricks.klaviyo_offboard)."
        ]
    for token in found.live(now):
        unused = now - max(token.last_used or token.created, token.created)
        if found.known and token.token_id == found.known.token_id and token.use_known and unused > _IDLE_WARNING:
            return [
                f"The stored token was not used for {int(unused / DAY)} days; "
                "the service revokes tokens unused for 90 days."
            ]
    return []


def used_within_a_day(token: Token, now: float) -> bool:
    """By the day, as the service tells it: today or yesterday."""
    return token.last_used is not None and now - token.last_used < 2 * DAY


def grace_is_over(found: Found, wishes: Wishes, now: float) -> bool:
    """Use is told by the day. On the day of the minting it may have been before it, so grace counts from its end."""
    return found.known is not None and now >= _day(found.known.created) + DAY + wishes.grace


def _held(found: Found) -> set[str]:
    known = found.known
    return {known.token_id, *(one.token_id for one in known.predecessors)} if known else set()


def _somebody_revoked(found: Found, one: Predecessor, now: float) -> bool:
    """It would live still, and is not there any more. What comes back all the same is a stranger, and left alone."""
    ended = one.expiry is not None and one.expiry <= now + _LAST_MINUTE
    return not one.confirmed and not ended and all(token.token_id != one.token_id for token in found.tokens)


def _day(at: float) -> float:
    return at // DAY * DAY


def _used_later(token: Token) -> bool:
    return token.last_used is not None and token.last_used > _day(token.created)


def _replaced(found: Found, wishes: Wishes, now: float) -> tuple[Predecessor, ...]:
    """What the token in hand replaces: all that the partner may be using."""
    old: dict[str, Predecessor] = {}
    known = found.known
    listed = {token.token_id for token in found.live(now)}
    # A list may lag behind; what was proven to work is there all the same.
    if known and (usable(found, now) or known.token_id in listed):
        old[known.token_id] = Predecessor(known.token_id, known.expiry)
    elif known and known.expiry is not None and known.expiry <= now + _LAST_MINUTE:
        # It ended before anybody said that the partner has another one.
        old[known.token_id] = Predecessor(known.token_id, known.expiry)
    for one in known.predecessors if known else ():
        ended_in_use = not one.confirmed and one.expiry is not None and one.expiry <= now
        if one.token_id in listed or ended_in_use:
            old.setdefault(one.token_id, one)
    if wishes.unknown == "replace":
        for token in strangers(found, now):
            old.setdefault(token.token_id, Predecessor(token.token_id, token.expiry))
    if found.in_hand:
        old.pop(found.in_hand.token_id, None)
    return tuple(old.values())


def _next_generation(found: Found) -> int:
    known = [found.known.generation] if found.known else []
    return 1 + max(
        [0, *known, *(token.generation for token in found.tokens), *(one.generation for one in found.intents)]
    )


def _may_go(found: Found, one: Predecessor, wishes: Wishes, now: float) -> bool:
    """Whether a replaced token is not needed any more: by a person's word, or by proof; never on not knowing."""
    if wishes.confirmed:
        return True
    old = next((token for token in found.live(now) if token.token_id == one.token_id), None)
    if found.partner_uses_new is not True or not grace_is_over(found, wishes, now):
        return False
    if old is None:
        return True
    return old.use_known and (old.last_used is None or old.last_used <= _day(t.cast(Known, found.known).created))
