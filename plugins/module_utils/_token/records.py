# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The record in a store: which token it holds, which one it replaces, and which one is about to be made.

Keys of a record: ``store_id``, ``workspace_id``, ``host``, ``principal``, ``integration``; of its token ``token_id``,
``token_value``, ``nonce``, ``generation``, ``created``, ``expiry``, ``method``, ``verified``; ``predecessors``;
``intents``; ``people`` (see _role/people.py). Keys that are not known here are kept. Old records have
neither ``store_id`` nor ``intents``, and one ``predecessor``; they are read as they are and get the rest with the next
write.
"""

from __future__ import annotations

import secrets
import typing as t
from datetime import UTC, datetime

from .._common.json_types import Json
from .._role.people import People, updated
from .lifecycle import DAY, Intent, Marker, Predecessor, Token

# A token whose answer was lost may appear later in the list, but not after this time.
_OPEN = 1 * DAY


def when(seconds_: float | None) -> str | None:
    """A time as people and programs read it: ISO 8601, UTC."""
    return None if seconds_ is None else datetime.fromtimestamp(seconds_, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: t.Any) -> float | None:
    """A time of the record."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except (TypeError, ValueError):
        return None


def store_id(record: Json | None) -> str:
    """The store's identity: made once, kept for ever, carried in the markers of its tokens."""
    return str((record or {}).get("store_id") or secrets.token_hex(4))


def predecessors(record: Json, living: t.Container[str]) -> tuple[Predecessor, ...]:
    """The tokens that the stored one replaced.

    :param living: ids of live tokens. An old record names its predecessor for ever, also when it is settled.
    """
    if record.get("predecessor") and "predecessors" not in record:
        old = record["predecessor"]
        return (Predecessor(old["token_id"], seconds(old.get("expiry")), old["token_id"] not in living),)
    return tuple(
        Predecessor(predecessor["token_id"], seconds(predecessor.get("expiry")), bool(predecessor.get("confirmed")))
        for predecessor in record.get("predecessors") or ()
    )


def intents(record: Json | None) -> tuple[Intent, ...]:
    """The tokens that a run was about to make when it wrote this."""
    return tuple(
        Intent(intent["nonce"], int(intent["generation"]), seconds(intent.get("when")) or 0.0)
        for intent in (record or {}).get("intents") or ()
    )


def announced(record: Json | None, intent: Intent, about: Json) -> Json:
    """The record with one more intent.

    :param about: ``workspace_id``, ``host``, ``principal`` and ``integration`` of the token to be made
    """
    named = {**(record or {}), "store_id": store_id(record)}
    named |= {key: about[key] for key in ("workspace_id", "host")}
    if not named.get("token_id"):
        named |= {"principal": about["principal"], "integration": about["integration"]}
    row = {
        "nonce": intent.nonce,
        "generation": intent.generation,
        "principal": about["principal"],
        "workspace_id": about["workspace_id"],
        "when": when(intent.when),
    }
    return {**named, "intents": [*_still_open(record, intent.when), row]}


def stored(record: Json | None, token: Token, value: str, about: Json, now: float) -> Json:
    """The record with another token.

    :param about: as for ``announced``, and ``method`` and ``predecessors``
    """
    kept = {key: held for key, held in (record or {}).items() if key != "predecessor"}
    nonce = token.marker.nonce if token.marker else None
    return {
        **kept,
        "store_id": store_id(record),
        "token_id": token.token_id,
        "token_value": value,
        "nonce": nonce,
        "expiry": when(token.expiry),
        "created": when(token.created),
        "generation": token.generation,
        "verified": when(now),
        "intents": [one for one in _still_open(record, now) if one["nonce"] != nonce],
        **about,
        "predecessors": rows(about["predecessors"]),
    }


def settled(record: Json, now: t.Iterable[Predecessor]) -> Json:
    """The record with other replaced tokens."""
    kept = {key: held for key, held in record.items() if key != "predecessor"}
    return {**kept, "store_id": store_id(record), "predecessors": rows(now)}


def noted(record: Json, given: People | None) -> Json:
    """The record with what a task says of people; without any, without the key, as in old records."""
    people = updated(record.get("people"), given)
    kept = {key: held for key, held in record.items() if key != "people"}
    return {**kept, **({"people": people} if people else {})}


def rows(replaced: t.Iterable[Predecessor]) -> list[Json]:
    return [{"token_id": one.token_id, "expiry": when(one.expiry), "confirmed": one.confirmed} for one in replaced]


def marker(record: Json | None, integration: str, intent: Intent) -> Marker:
    """How the token will be recognised that this record announces."""
    return Marker(integration, intent.generation, intent.nonce, store_id(record))


def fault_in(record: Json) -> str | None:
    """What is wrong with something that looks like a record, as the name of a key; None if nothing is."""
    texts = ("token_id", "token_value", "host", "principal", "integration", "store_id", "nonce")
    for key in texts:
        if record.get(key) is not None and not isinstance(record[key], str):
            return key
    if not _is_number(record.get("generation") or 0):
        return "generation"
    if record.get("predecessor") and not _names_token(record["predecessor"]):
        return "predecessor"
    for key, fits in (("predecessors", _names_token), ("intents", _is_intent)):
        many = record.get(key) or []
        if not isinstance(many, list) or not all(fits(one) for one in many):
            return key
    people = record.get("people")
    if people is not None and not (isinstance(people, dict) and all(isinstance(one, str) for one in people.values())):
        return "people"
    value = record.get("token_value") or ""
    return "token_value" if any(char.isspace() or not char.isprintable() for char in value) else None


def _still_open(record: Json | None, now: float) -> list[Json]:
    return [
        intent for intent in (record or {}).get("intents") or () if now - (seconds(intent.get("when")) or 0.0) < _OPEN
    ]


def _is_number(value: t.Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isdecimal() and len(value) < 7)


def _names_token(value: t.Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("token_id"), str)


def _is_intent(value: t.Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("nonce"), str) and _is_number(value.get("generation"))
