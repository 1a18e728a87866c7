# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""57 statements with Spark's answers, and what it means to answer alike: spark_statements.json."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

from databricks.sql.exc import ServerOperationError

Answer = dict[str, t.Any]

STATEMENTS = json.loads(Path(__file__).with_name("spark_statements.json").read_text(encoding="utf-8"))["statements"]


def _shown(value: t.Any) -> t.Any:
    """A value as Python prints it, which is how Spark's were kept."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        value = dict(value)
    if hasattr(value, "tzinfo") and value.tzinfo:
        value = value.replace(tzinfo=None)
    return None if value is None else str(value)


def _type(column: t.Sequence[t.Any]) -> str:
    """The connector tells no more of a nested type than its kind."""
    name, kind, precision, scale = column[0], column[1], column[4], column[5]
    return f"{name}:{kind}({precision},{scale})" if kind == "decimal" else f"{name}:{kind}"


def answer(session: t.Any, statement: str) -> Answer:
    """What the SQL connector got, as the file keeps it."""
    try:
        session.execute(statement)
        rows = [[_shown(value) for value in row] for row in session.fetchall()]
        return {"columns": [_type(column) for column in session.description or []], "rows": rows}
    except ServerOperationError as error:
        said = str(error)
        found = re.search(r"\[([A-Z_.]+)\]", said), re.search(r"SQLSTATE: (\w+)", said)
        return {"error": found[0][1] if found[0] else None, "sqlstate": found[1][1] if found[1] else None}


def filled_in(said: Answer, catalog: str, user: str) -> Answer:
    """An answer of the file, with the session's own names."""
    filled = json.dumps(said).replace("{catalog}", catalog).replace("{user}", user)
    return t.cast(Answer, json.loads(filled))


def fits(found: Answer, wanted: Answer) -> bool:
    """The same error, or the same columns and rows; what is in a nested type is not compared."""
    if "error" in wanted:
        return found == wanted
    if _kinds(wanted["columns"]) != _kinds(found.get("columns", ["none"])):
        return False
    rows = found["rows"]
    if len(rows) != len(wanted["rows"]):
        return False
    return all(
        _same(value, want)
        for row, needed in zip(rows, wanted["rows"], strict=True)
        for value, want in zip(row, needed, strict=True)
    )


def _kinds(columns: list[str]) -> list[str]:
    return [re.sub("<.*", "", one) for one in columns]


def _same(value: t.Any, want: t.Any) -> bool:
    if value is None or want is None:
        return value is want
    return re.fullmatch(re.escape(want).replace(r"\{anything\}", ".*"), value, re.DOTALL) is not None
