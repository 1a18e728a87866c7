# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Who uses a token: the partner, only our own runs, nobody; or it cannot be told. Pure functions.

Every run of ours signs in with the stored token, and the service tells the use of a token by the day and not by whom.
The query history tells statements and their principal, and not the token. So the partner's use is a statement that does
not bear our mark; which token it came by follows only where no other could have been it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .lifecycle import DAY, Known, Token

# The history is kept for 30 days, and no longer range may be asked for (Databricks docs, "Query history"). Less some
# minutes, since the service's clock is known to the second.
WINDOW = 30 * DAY - 300.0

PARTNER, US, NOBODY, UNKNOWN = "partner", "us", "nobody", "unknown"


@dataclass(frozen=True)
class Statement:
    """One row of the query history.

    :ivar at: when it started, in seconds since the epoch
    :ivar ours: whether it bears our mark; None if its text is hidden
    :ivar session: id of its session; None if it had none
    """

    at: float
    ours: bool | None
    session: str | None = None


@dataclass(frozen=True)
class Seen:
    """What the history tells of one principal.

    :ivar whole: whether nothing can be missing back to the partner's last statement, or to the beginning of WINDOW
    :ivar partner: start of the last statement that was not ours; None if there was none
    :ivar our_days: starts of the days on which ours ran
    """

    whole: bool
    since: float
    partner: float | None = None
    our_last: float | None = None
    our_days: frozenset[float] = frozenset()


@dataclass(frozen=True)
class Use:
    """Who uses the stored token.

    :ivar by: partner, us (only our own runs), nobody, or unknown
    :ivar lately: the same for today and yesterday, and for all tokens that the store names together
    :ivar silent: whether the partner is known to have run no statement for as long as the history is kept
    :ivar why: why something is unknown, as a sentence; empty if nothing is
    """

    by: str
    lately: str
    partner_last_used: float | None = None
    our_last_used: float | None = None
    silent: bool = False
    why: str = ""


def read(pages: t.Iterable[list[Statement]], since: float, *, sees_all: bool) -> Seen:
    """Read the history until the partner's last statement is found.

    :param sees_all: whether the caller is shown all that the principal ran
    """
    ours: list[float] = []
    doubt = False
    for page in pages:
        our_sessions = {row.session for row in page if row.ours and row.session}
        ours += [row.at for row in page if row.ours]
        foreign = [row for row in page if not row.ours and row.session not in our_sessions]
        partner = max((row.at for row in foreign if row.ours is False), default=None)
        # A statement whose text is hidden may be anybody's.
        doubt = doubt or any(row.ours is None and (partner is None or row.at > partner) for row in foreign)
        if partner is not None:
            return Seen(sees_all and not doubt, since, partner, *_ours(ours))
    return Seen(sees_all and not doubt, since, None, *_ours(ours))


def successor_used(
    known: Known, every: t.Sequence[Token], seen: Seen | None, other_ways: t.Callable[[], bool | None]
) -> bool | None:
    """Whether the partner uses the stored token, while replaced ones may still be used. None: not proven either way.

    :param every: all tokens of the principal that the service lists, whoever made them
    :param other_ways: whether the principal may sign in otherwise than by a token; asked only if all else is proven
    """
    if seen is None:
        return None
    if seen.partner is None or seen.partner < known.created:
        stored = next((one for one in every if one.token_id == known.token_id), None)
        ours_only = stored is not None and (_explained(stored, seen) or (stored.use_known and not stored.last_used))
        return False if seen.whole and ours_only else None
    if not _only(known, every, seen.partner) or other_ways() is not False:
        return None
    return True


def use(
    known: Known | None, ours: t.Sequence[Token], every: t.Sequence[Token], seen: Seen | None, now: float, why: str = ""
) -> Use:
    """Who uses the stored token, and who used any token of ours lately.

    :param ours: live tokens that the store names; without a store all that bear the mark
    :param every: all tokens of the principal
    :param seen: None if the history could not be read
    :param why: in that case, why
    """
    by, reason = _by(known, every, seen)
    recent, second = _lately(ours, seen, now)
    silent = bool(
        seen and seen.whole and seen.partner is None and known and known.created < seen.since and by in (US, NOBODY)
    )
    said = why or reason or second
    return Use(
        by,
        recent,
        seen.partner if seen else None,
        seen.our_last if seen else None,
        silent,
        said if UNKNOWN in (by, recent) else "",
    )


def _by(known: Known | None, every: t.Sequence[Token], seen: Seen | None) -> tuple[str, str]:
    token = next((one for one in every if known and one.token_id == known.token_id), None)
    if known is None or token is None:
        return UNKNOWN, "the store names no token that the workspace lists"
    if seen and seen.partner is not None and seen.partner >= known.created:
        if _only(known, every, seen.partner):
            return PARTNER, ""
        return UNKNOWN, "the principal has other tokens, and the query history does not tell which one was used"
    if not token.use_known:
        return UNKNOWN, "only a workspace administrator is told when a token was used"
    if token.last_used is None:
        return NOBODY, ""
    if seen is None:
        return UNKNOWN, "the query history could not be read"
    if not seen.whole:
        return UNKNOWN, "the caller is not shown the whole query history of the principal"
    if _explained(token, seen):
        return US, ""
    return UNKNOWN, "on the day of its last use the query history has no statement, of ours or of others"


def _lately(ours: t.Sequence[Token], seen: Seen | None, now: float) -> tuple[str, str]:
    since = _day(now) - DAY
    if seen and seen.partner is not None and seen.partner >= since:
        return PARTNER, ""
    if not all(token.use_known for token in ours):
        return UNKNOWN, "only a workspace administrator is told when a token was used"
    used = [token for token in ours if token.last_used is not None and token.last_used >= since]
    if not used:
        return NOBODY, ""
    if seen is None:
        return UNKNOWN, "the query history could not be read"
    if seen.whole and all(_explained(token, seen) for token in used):
        return US, ""
    return UNKNOWN, "a token was used, and the query history does not show by whom"


def _only(known: Known, every: t.Sequence[Token], at: float) -> bool:
    """Whether no other token can have been used at a time.

    Days of use are accurate up to one day (Databricks docs, Token management API), so the day before counts, too.
    """
    day = _day(at)
    token = next((one for one in every if one.token_id == known.token_id), None)
    if token is None:
        return False
    listed = {one.token_id for one in every}
    # Nobody but our own run knows the token of a rehearsal.
    others = [one for one in every if one is not token and not one.is_rehearsal]
    # Of those that are gone, confirmed ones went after the partner had the successor.
    gone = [one for one in known.predecessors if one.token_id not in listed and not one.confirmed]
    if not all(_ended(one.expiry, at) for one in gone):
        return False
    if not others:
        return True
    if not token.use_known or token.last_used is None or token.last_used < day - DAY:
        return False
    return all(
        one.created > at or _ended(one.expiry, at) or (one.use_known and (one.last_used or 0.0) < day - DAY)
        for one in others
    )


def _explained(token: Token, seen: Seen) -> bool:
    """Whether we ourselves used a token on the day of its last use; whoever makes one signs in with it."""
    return token.last_used in seen.our_days or (token.marker is not None and token.last_used == _day(token.created))


def _ended(expiry: float | None, at: float) -> bool:
    return expiry is not None and expiry <= at


def _ours(times: list[float]) -> tuple[float | None, frozenset[float]]:
    return max(times, default=None), frozenset(_day(at) for at in times)


def _day(at: float) -> float:
    return at // DAY * DAY
