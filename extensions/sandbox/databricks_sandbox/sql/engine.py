# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine cannot do, in Spark's words: none of the engine's own ever reaches a client."""

from __future__ import annotations

import re
import typing as t

from ..errors import SqlError
from . import refusals

ZERO = "division by zero is refused"  # what the engine is told to say, see query.py
_COLUMN = re.compile(r'(?:Referenced column|Column) "([^"]+)"')
_INSERTED = re.compile(r'Table "[^"]+" does not have a column with name "([^"]+)"')
_QUALIFIED = re.compile(r'"([^"]+)" does not have a column named "([^"]+)"')
_TABLE = re.compile(r'Referenced table "([^"]+)" not found')
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "([^"]+)"')
_FUNCTION = re.compile(r"(?:Scalar|Aggregate|Table) Function with name \"?([\w.]+)\"? does not exist")
_CAST = re.compile(r"Could not convert string ['\"](.*?)['\"] to '?(\w+)", re.DOTALL)
_FIELD = re.compile(r'invalid (date|timestamp) field format: "(.*?)"', re.DOTALL)
_UPDATED = re.compile(r"Referenced update column (\w+) not found")
_OVERFLOW = re.compile(
    r"with value (\S+) can't be cast because the value is out of range for the destination type (\w+)"
)
_DECIMAL = re.compile(r"Could not cast value (\S+) to DECIMAL\((\d+),(\d+)\)")
_DAY = re.compile(r'date field value out of range: "(.*?)"', re.DOTALL)
_GROUPED = re.compile(r'column "([^"]+)" must appear in the GROUP BY clause')
_ARITY = re.compile(r"has (\d+) columns but (\d+) values were supplied")
_TARGETS = {"INT64": "BIGINT", "INT32": "INT", "INT16": "SMALLINT", "INT8": "TINYINT", "BOOL": "BOOLEAN"}


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for number, left in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, right in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (left != right))
    return row[-1]


def in_spark(error: Exception, statement: str, columns: t.Sequence[str], catalog: str, schema: str) -> SqlError:
    """The refusal for an error of the engine.

    :param columns: what the tables of the statement have, for the suggestions
    :param catalog: the session's, for the search path of functions; so is ``schema``
    """
    said = str(error).split("\nLINE ", maxsplit=1)[0]  # then it quotes the statement
    if ZERO in said:
        return refusals.division()
    qualified = _QUALIFIED.search(said)
    column = _COLUMN.search(said) or _TABLE.search(said) or _UPDATED.search(said) or _INSERTED.search(said)
    if qualified or column:
        name = f"{qualified[1]}.{qualified[2]}" if qualified else str(column and column[1])
        last = name.rsplit(".", maxsplit=1)[-1].lower()
        near = sorted(set(columns), key=lambda one: (_distance(one.lower(), last), one.lower()))[:5]
        return refusals.column_not_found(name, [f"`{one}`" for one in near], statement)
    answers: tuple[tuple[re.Pattern[str], t.Callable[[re.Match[str]], SqlError]], ...] = (
        (_AMBIGUOUS, lambda found: refusals.ambiguous(found[1], statement)),
        (_FUNCTION, lambda found: refusals.routine_not_found(found[1], catalog, schema, statement)),
        (_CAST, lambda found: refusals.cast(f"'{found[1]}'", "STRING", _TARGETS.get(found[2].upper(), found[2]))),
        (_OVERFLOW, lambda found: refusals.cast_overflow(found[1], _TARGETS.get(found[2].upper(), found[2]))),
        (_DECIMAL, lambda found: refusals.out_of_range(found[1], found[2], found[3])),
        (_DAY, lambda found: refusals.cast(f"'{found[1]}'", "STRING", "DATE")),
        (_GROUPED, lambda found: refusals.not_grouped(found[1], statement)),
        (_ARITY, lambda found: refusals.wrong_number_of_values(int(found[1]), int(found[2]))),
        (_FIELD, lambda found: refusals.cast(f"'{found[2]}'", "STRING", found[1].upper())),
    )
    for pattern, made in answers:
        found = pattern.search(said)
        if found:
            return made(found)
    if "the same number of result columns" in said:
        return refusals.other_number_of_columns()
    if "More than one row returned by a subquery" in said:
        return refusals.more_than_one_row()
    if type(error).__name__ == "OutOfRangeException":
        return refusals.overflow()
    return refusals.unsupported(" ".join(statement.split())[:200])
