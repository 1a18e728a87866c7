# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Takes secrets out of any text that may reach a person, a log or a result."""

from __future__ import annotations

import re
import typing as t

MASK = "********"
# What Ansible puts in the place of a value that is nothing but a secret.
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Shorter ones are no secrets of Databricks, and would be found inside ordinary words.
_SHORTEST = 4

# Token and secret values as the service issues them: PATs start with dapi, OAuth secrets with dose, OAuth access
# tokens are JWTs. A value we never saw (an echo of somebody else's) must not slip through either.
_SECRET = re.compile(
    r"\bdapi[0-9a-f]{16,}(?:-\d+)?|\bdose[0-9a-f]{16,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?i:\bbearer\s+)[\w.~+/-]{8,}=*"
)


def scrub(text: str, secrets: list[str] | tuple[str, ...] = ()) -> str:
    """Mask the given values and everything that has the shape of a Databricks secret."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _SECRET.sub(MASK, text)


def worth_hiding(values: t.Iterable[t.Any]) -> tuple[str, ...]:
    """Those that can be secrets: one blank as a secret would blot out every blank of a message."""
    return tuple(value for value in values if isinstance(value, str) and len(value.strip()) >= _SHORTEST)


def without(value: t.Any, secrets: t.Iterable[t.Any]) -> t.Any:
    """A result, or part of one, with every given secret masked, in keys, too.

    ansible-core 2.22 leaves that to whoever shows a result; before, AnsibleModule did it. Ours leave the module masked,
    so that registered results, facts and files made of them hold none. Only known values are masked here: what has the
    shape of a secret may be data that somebody asked for.
    """
    known = sorted(worth_hiding(secrets), key=len, reverse=True)
    return _without(value, known) if known else value


def _without(value: t.Any, known: list[str]) -> t.Any:
    if isinstance(value, str):
        if value in known:
            return WHOLE
        for secret in known:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {_without(key, known): _without(held, known) for key, held in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_without(held, known) for held in value]
    return value


def found(text: str) -> set[str]:
    """What in a text has the shape of a Databricks secret."""
    return {match[0] for match in _SECRET.finditer(text)}
