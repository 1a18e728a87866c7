# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Why a run over tokens stops before it changes anything: what was found, what it probably is, and the ways on."""

from __future__ import annotations

import typing as t

from .._common.failure import Refused
from . import lifecycle, results
from .lifecycle import Found, Token
from .records import when


class Subject(t.NamedTuple):
    """Whose tokens the sentences are about."""

    owner: str  # display name of the principal
    integration: str
    store: str  # for people
    store_id: str | None  # None: the store is empty, or its record is an old one


def _text(token: Token, subject: Subject) -> str:
    """A token as people can find it: short id, made when and by whom, used when, for which store."""
    used = f"last used on {str(when(token.last_used))[:10]}" if token.last_used else "never used"
    used = used if token.use_known else "last use not told to this caller"
    end = f"ends on {str(when(token.expiry))[:10]}" if token.expiry else "never ends"
    who = f" by {token.created_by}" if token.created_by else ""
    theirs = token.marker.store if token.marker else ""
    of = "" if not theirs or theirs == subject.store_id else f", for another store ({theirs})"
    return f"{token.token_id[:12]} (made on {str(when(token.created))[:10]}{who}, {used}, {end}{of})"


def strangers(found: Found, subject: Subject, now: float) -> Refused:
    """Tokens live with our marker that the store does not know, and another one would have to be made."""
    unknown = lifecycle.strangers(found, now)
    return Refused(
        f"store: {subject.owner} has {_many(unknown)} of {subject.integration} that {subject.store} does not know: "
        f"{_texts(unknown, subject)}. Somebody may be using it, so nothing was made or "
        "revoked. Probably it was made from another controller or home directory, the store was lost, moved or put "
        "back from an old copy, or a second host stands for the same workspace.",
        code=lifecycle.STRANGER,
        hint="Give the store that knows the token (option store, klaviyo_token_store in the role); or a principal or "
        "integration of its own (options principal and integration, klaviyo_principal_name in the role); or say what "
        "shall become of it with option unknown_tokens (klaviyo_unknown_tokens in the role): keep leaves it alone and "
        "makes another one beside it, replace makes a successor and revokes it once that is confirmed.",
        strangers=[results.row(token, now) for token in unknown],
    )


def unknown_tokens(found: Found, subject: Subject, now: float) -> list[str]:
    """A warning about the same tokens, where they do not stop the run."""
    unknown = lifecycle.strangers(found, now)
    if not unknown:
        return []
    return [
        f"{subject.owner} has {_many(unknown)} of {subject.integration} that {subject.store} does not know, left "
        f"alone: {_texts(unknown, subject)}. Probably another controller or an old store made it. "
        "Option unknown_tokens (klaviyo_unknown_tokens in the role) says what becomes of it before the next token is "
        "made: keep or replace."
    ]


def refused(found: Found, subject: Subject) -> Refused:
    """The service lists the stored token alive and refuses its value."""
    known = found.known
    short = known.token_id[:12] if known else ""
    return Refused(
        f"store: the workspace keeps refusing the value stored in {subject.store}, although it lists the token {short} "
        f"of {subject.owner} as alive. The partner may be using it, so nothing was made or revoked. Probably an IP "
        f"access list does not let this machine in as {subject.owner}, {subject.owner} is inactive or lost the "
        "permission to use tokens, or the store holds a wrong value.",
        code=lifecycle.REFUSED,
        hint="Look at these first and run again. If the value is wrong for good, set unknown_tokens=replace "
        "(klaviyo_unknown_tokens in the role): that makes a successor, and the old token lives until it is confirmed.",
        token_id=known.token_id if known else None,
    )


def not_proven(subject: Subject) -> Refused:
    """A replaced token is to go, but nothing proves that its successor works."""
    return Refused(
        f"confirmed: {subject.store} holds no token of {subject.owner} that works, so no replaced token was revoked.",
        code=lifecycle.NOT_PROVEN,
        hint="Make a token first (state=present, or lakeops.databricks.klaviyo_setup), give it to the partner, then "
        "confirm.",
    )


def inactive(owner: str, kind: str) -> Refused:
    """Tokens of an inactive principal are refused, old and new."""
    module = "service_principal" if kind == "service_principal" else "user"
    return Refused(
        f"principal: {owner} is inactive, so the workspace refuses its tokens. None was made.",
        code="PRINCIPAL_INACTIVE",
        hint=f"A workspace administrator can activate it: lakeops.databricks.{module} with active=true, or Settings > "
        "Identity and access. If somebody deactivated it on purpose, ask first.",
    )


def _texts(tokens: t.Sequence[Token], subject: Subject) -> str:
    return ", ".join(_text(token, subject) for token in tokens)


def _many(tokens: t.Sequence[Token]) -> str:
    return "a live token" if len(tokens) == 1 else f"{len(tokens)} live tokens"
