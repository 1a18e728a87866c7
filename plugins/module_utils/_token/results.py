# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Tokens as results show them: without their values."""

from __future__ import annotations

import typing as t

from .._common.json_types import Json
from . import handover, lifecycle
from .lifecycle import Found, Token
from .records import when
from .use import Use


def stored(found: Found, now: float) -> Json:
    """The stored token and the phase."""
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
        "predecessor": row(old[0], now) if old else None,
        "predecessors": [row(token, now) for token in old],
    }


def waiting(found: Found, now: float, integration: str, store: str) -> Json | None:
    """What somebody has to carry to the partner, and until when."""
    successor = handover.handover(found, now)
    if successor is None:
        return None
    return {
        "since": when(successor.since),
        "predecessor": successor.predecessor,
        "ends": when(successor.ends),
        "days_left": successor.days_left,
        "level": successor.level,
        "steps": handover.steps(successor, integration, store, lambda at: str(when(at))[:10]),
    }


def late(handover_: Json | None) -> list[str]:
    """A warning where the handover is too late, or nearly; nothing while there is time."""
    return [] if handover_ is None or handover_["level"] == "note" else [" ".join(handover_["steps"][:3])]


def used(use: Use) -> Json:
    """Who uses the stored token."""
    return {
        "by": use.by,
        "within_a_day": use.lately,
        "partner_last_used": when(use.partner_last_used),
        "our_last_used": when(use.our_last_used),
        "partner_silent": use.silent,
        "why_unknown": use.why or None,
    }


def row(token: Token, now: float) -> Json:
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


def rows(tokens: t.Iterable[Token], now: float) -> list[Json]:
    """Live tokens, the newest first."""
    return [row(token, now) for token in sorted(tokens, key=lambda token: -token.created)]
