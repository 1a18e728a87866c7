# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What may stand in a field of the service's, and what it means: absent, null and empty are the same to a user.

Every field may be null or missing except those by which an object is known; an answer without these is not believed
(``holds`` of Workspace.call).
"""

from __future__ import annotations

import typing as t

from .._common.json_types import Json


def text(raw: Json, name: str) -> str:
    """A field as text; "" for one that is not there."""
    value = raw.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def number(value: t.Any) -> int | None:
    """A whole number that is not negative, also as text or with a point; None for anything else."""
    if isinstance(value, float):
        return int(value) if 0 <= value < 1e19 else None
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return int(value) if str(value).strip().isdecimal() and len(str(value)) < 20 else None


def objects(raw: Json, name: str) -> list[Json]:
    """The objects in a field that is a list of them; what is none of them is passed over."""
    value = raw.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
