# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A renewal that nobody carried to the partner: since when, until when, and how urgent it is. Pure functions."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .lifecycle import DAY, Found

_WARN = 7 * DAY
_BROKEN = 1 * DAY


@dataclass(frozen=True)
class Handover:
    """The partner was given a token that is replaced, and nobody said that it has the successor.

    :ivar since: when the successor was made, in seconds since the epoch
    :ivar predecessor: id of the replaced token that ends first
    :ivar ends: its end; None if never
    :ivar level: note; warn in its last seven days; broken from a day before its end on, and after it
    """

    since: float
    successor: str
    predecessor: str
    ends: float | None
    days_left: float | None
    level: str


def handover(found: Found, now: float) -> Handover | None:
    """What a person has to carry to the partner; None if nothing waits."""
    known = found.known
    if known is None or known.works is False or (known.expiry is not None and known.expiry <= now):
        return None
    living = {token.token_id: token.expiry for token in found.live(now)}
    waiting: list[tuple[float, str]] = []
    for one in known.predecessors:
        end = living.get(one.token_id, one.expiry)
        ended = end is not None and end <= now
        if one.confirmed or one.token_id == known.token_id or (one.token_id not in living and not ended):
            continue
        if not (ended and found.partner_uses_new):
            waiting.append((float("inf") if end is None else end, one.token_id))
    if not waiting:
        return None
    # Nobody knows which of several the partner uses, so the first to end counts.
    end, predecessor = min(waiting)
    left = end - now
    level = "broken" if left <= _BROKEN else "warn" if left <= _WARN else "note"
    endless = end == float("inf")
    return Handover(
        since=known.created,
        successor=known.token_id,
        predecessor=predecessor,
        ends=None if endless else end,
        days_left=None if endless else round(left / DAY, 2),
        level="note" if found.partner_uses_new else level,
    )


def steps(one: Handover, integration: str, store: str, date: t.Callable[[float], str]) -> list[str]:
    """What to do, as sentences for the person who carries the token over."""
    old, new = one.predecessor[:12], one.successor[:12]
    if one.ends is None:
        state = f"The replaced token {old} never ends by itself."
    elif one.days_left is not None and one.days_left <= 0:
        state = f"The replaced token {old} ended on {date(one.ends)}: whoever still uses it is cut off."
    else:
        state = f"The replaced token {old} ends on {date(one.ends)}, in {one.days_left:.0f} day(s)."
    role = " (lakeops.databricks.klaviyo_rotate -e confirmed=true)" if integration.lower() == "klaviyo" else ""
    return [
        f"Since {date(one.since)} a new token {new} waits in {store}, and nobody said that {integration} has it.",
        state,
        f"Enter the stored token in {integration} in place of the old one, and let it run once.",
        f"Then say so: module token with state=revoke_superseded and confirmed=true{role}. "
        "That revokes the replaced token.",
    ]
