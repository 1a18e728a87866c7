# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Who answers for an access, what it is for, where it was asked for, and by when somebody looks at it again."""

from __future__ import annotations

import re
import typing as t
from datetime import date, timedelta

from .._common.failure import BadOption
from .._common.json_types import Json

People = dict[str, str]

NAMES = ("owner", "purpose", "ticket", "review_by")
SPEC: Json = {name: {"type": "str"} for name in NAMES}

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_REVIEW_AHEAD = timedelta(days=30)


def day(option: str, value: t.Any) -> str:
    """A day in the form that the record keeps; YAML makes a date of what looks like one.

    :param option: that the value was given as, for the sentence of a refusal
    :raises BadOption: no day, or not in this form
    """
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    # A time of day may follow where YAML or JSON wrote the date.
    text = re.sub(r"[T ]00:00(:00)?Z?$", "", text)
    try:
        if _DAY.fullmatch(text) and date.fromisoformat(text):
            return text
    except ValueError:
        pass  # it has the form of a day, and is none
    raise BadOption(option, f"is {text!r}. Give a day as year-month-day, like 2027-03-31.")


def checked(given: t.Mapping[str, t.Any] | None, option: str = "people") -> People | None:
    """What a task says; None if it says nothing of them.

    :raises BadOption: names the key
    """
    if given is None:
        return None
    people = {name: str(given[name]).strip() for name in NAMES if given.get(name) is not None}
    if people.get("review_by"):
        people["review_by"] = day(f"{option}.review_by", people["review_by"])
    return people


def updated(held: t.Any, given: People | None) -> People:
    """What a record holds once it was told: what is not said stays, and an empty text takes away."""
    before = held if isinstance(held, dict) else {}
    merged = {**before, **(given or {})}
    return {name: merged[name] for name in NAMES if merged.get(name)}


def review_due(people: t.Mapping[str, t.Any], today: date) -> str | None:
    """The day by which the access is to be reviewed, from thirty days before; None until then.

    What is no day is due at once, so that somebody sees it.
    """
    review_by = str(people.get("review_by") or "")
    try:
        ahead = date.fromisoformat(review_by) - _REVIEW_AHEAD
    except ValueError:
        return review_by or None
    return review_by if today >= ahead else None
