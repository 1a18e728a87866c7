# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The one statement about the rows of a table, which gives counts and never a value of a row. Pure.

It reads so many rows and no more, so what it counts is the least that is there. Every column is an aggregate that is a
whole number, and nothing else of the answer is taken.
"""

from __future__ import annotations

import typing as t

from .._wire.sql import literal, quote
from .contract import DAY, NUMBER, TEXT, Column, Contract, Rule, Table
from .roles import TIMES, Understood
from .structure import Hit

_COUNTABLE = (TEXT, NUMBER)


class Question(t.NamedTuple):
    """What is counted: for which rule, of which column, by which expression and with which columns."""

    rule: str
    column: str
    expression: str
    reads: tuple[str, ...]


class Statement(t.NamedTuple):
    """The statement about one table; the first number that it gives counts the rows that were read."""

    sql: str
    questions: tuple[Question, ...]


def statement(understood: Understood, contract: Contract) -> Statement | None:
    """What to ask about the rows of a table; None where its columns are not known."""
    if not understood.all:
        return None
    questions = tuple(
        question
        for rule in contract.rules
        if understood.kind in rule.kinds and rule.test in COUNTS
        for question in COUNTS[rule.test](understood, contract, rule)
    )
    columns = list(dict.fromkeys(name for question in questions for name in question.reads)) or [understood.all[0].name]
    counts = ["count(*)", *(question.expression for question in questions)]
    table = quote(*understood.table.name.split(".", 2))
    inner = f"SELECT {', '.join(map(quote, columns))} FROM {table} LIMIT {contract.rows}"
    return Statement(f"SELECT {', '.join(counts)} FROM ({inner})", questions)


def counted(asked: Statement, answer: t.Any) -> tuple[int, dict[tuple[str, str], int]] | None:
    """The rows that were read and the counts; None unless the answer is one row of whole numbers."""
    row = answer[0] if isinstance(answer, list) and len(answer) == 1 else None
    if not isinstance(row, list) or len(row) != len(asked.questions) + 1:
        return None
    if any(isinstance(value, bool) or not isinstance(value, int) for value in row):
        return None
    return row[0], {
        (question.rule, question.column): value for question, value in zip(asked.questions, row[1:], strict=True)
    }


# -- what is asked --------------------------------------------------------------------------------
def _in_role(table: Understood, rule: Rule, *families: str) -> list[Column]:
    column = table.columns.get(str(rule.given.get("role")))
    return [column] if column is not None and (not families or column.family in families) else []


def _null(table: Understood, contract: Contract, rule: Rule) -> t.Iterable[Question]:
    for column in _in_role(table, rule):
        yield Question(rule.id, column.name, f"count_if({quote(column.name)} IS NULL)", (column.name,))


def _future(table: Understood, contract: Contract, rule: Rule) -> t.Iterable[Question]:
    for column in _in_role(table, rule, *TIMES, DAY):
        expression = f"count_if({quote(column.name)} > current_timestamp())"
        yield Question(rule.id, column.name, expression, (column.name,))


def _empty(table: Understood, contract: Contract, rule: Rule) -> t.Iterable[Question]:
    """Rows in which every identifier is NULL or blank."""
    roles = contract.identifiers[table.kind]
    columns = [column for role, column in table.identifiers.items() if role in roles and column.family in _COUNTABLE]
    if columns:
        texts = ", ".join(f"nullif({_trimmed(column)}, '')" for column in columns)
        names = tuple(column.name for column in columns)
        yield Question(rule.id, names[0] if len(names) == 1 else "", f"count_if(coalesce({texts}) IS NULL)", names)


def _duplicate(table: Understood, contract: Contract, rule: Rule) -> t.Iterable[Question]:
    for column in _in_role(table, rule, *_COUNTABLE):
        name = quote(column.name)
        yield Question(rule.id, column.name, f"count({name}) - count(DISTINCT {name})", (column.name,))


def _unlisted(table: Understood, contract: Contract, rule: Rule) -> t.Iterable[Question]:
    """Values that are none of those of a list; blanks are the rule's own business."""
    known = ", ".join(literal(value) for value in contract.values[rule.given["values"]])
    names = contract.names.get(rule.given["words"], ())
    for column in table.all:
        if column.key in names and column.family == TEXT:
            text = f"lower(replace({_trimmed(column)}, '_', ' '))"
            yield Question(rule.id, column.name, f"count_if({text} <> '' AND {text} NOT IN ({known}))", (column.name,))


def _unlike(table: Understood, contract: Contract, rule: Rule) -> t.Iterable[Question]:
    pattern = literal(rule.given["pattern"])
    for column in _in_role(table, rule, TEXT):
        text = _trimmed(column)
        expression = f"count_if({text} <> '' AND {text} NOT LIKE {pattern})"
        yield Question(rule.id, column.name, expression, (column.name,))


def _trimmed(column: Column) -> str:
    return f"trim(CAST({quote(column.name)} AS STRING))"


_Counting = t.Callable[[Understood, Contract, Rule], t.Iterable[Question]]
COUNTS: dict[str, _Counting] = {
    "count_null": _null,
    "count_future": _future,
    "count_empty": _empty,
    "count_duplicate": _duplicate,
    "count_unlisted": _unlisted,
    "count_unlike": _unlike,
}


# -- what it comes to -----------------------------------------------------------------------------
def _count(table: Table, rule: Rule) -> t.Iterable[Hit]:
    for (rule_id, column), count in (table.counts or {}).items():
        if rule_id == rule.id and count > 0:
            yield Hit(column or None, {"column": column, "count": count, "rows": table.rows})


def _no_rows(table: Table, rule: Rule) -> t.Iterable[Hit]:
    return [Hit()] if table.counts is not None and table.rows == 0 else []


def _uncounted(table: Table, rule: Rule) -> t.Iterable[Hit]:
    return [Hit(None, {"reason": table.uncounted})] if table.uncounted else []


RESULTS: dict[str, t.Callable[[Table, Rule], t.Iterable[Hit]]] = {
    **dict.fromkeys(COUNTS, _count),
    "no_rows": _no_rows,
    "uncounted": _uncounted,
}
