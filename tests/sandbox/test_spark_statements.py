# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""57 statements as Spark 4.0.1 answered them, or as Databricks is known to differ: see spark_statements.json."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
from databricks.sql.exc import ServerOperationError

from tests.sandbox.people import client, cursor
from tests.support.sandbox import Sandbox

_FILE = Path(__file__).with_name("spark_statements.json")
_STATEMENTS = json.loads(_FILE.read_text(encoding="utf-8"))["statements"]
_CATALOG = "main"

Answer = dict[str, t.Any]


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


def _answer(session: t.Any, statement: str) -> Answer:
    try:
        session.execute(statement)
        rows = [[_shown(value) for value in row] for row in session.fetchall()]
        return {"columns": [_type(column) for column in session.description or []], "rows": rows}
    except ServerOperationError as error:
        said = str(error)
        found = re.search(r"\[([A-Z_.]+)\]", said), re.search(r"SQLSTATE: (\w+)", said)
        return {"error": found[0][1] if found[0] else None, "sqlstate": found[1][1] if found[1] else None}


@pytest.fixture(scope="module")
def answers(process: Sandbox) -> list[Answer]:
    """All of them in one session, because the later ones need what the earlier ones made."""
    process.reset()
    with cursor(process) as session:
        session.execute(f"USE CATALOG {_CATALOG}")
        return [_answer(session, one["statement"]) for one in _STATEMENTS]


def _expected(one: dict[str, t.Any], user: str) -> Answer:
    said = one.get("databricks") or one["spark"]
    filled = json.dumps(said).replace("{catalog}", _CATALOG).replace("{user}", user)
    return t.cast(Answer, json.loads(filled))


def _fits(found: Answer, wanted: Answer) -> bool:
    if "error" in wanted:
        return found == wanted
    if [re.sub("<.*", "", one) for one in wanted["columns"]] != found.get("columns"):
        return False
    rows = found["rows"]
    if len(rows) != len(wanted["rows"]):
        return False
    return all(
        _same(value, want)
        for row, needed in zip(rows, wanted["rows"], strict=True)
        for value, want in zip(row, needed, strict=True)
    )


def _same(value: t.Any, want: t.Any) -> bool:
    if value is None or want is None:
        return value is want
    return re.fullmatch(re.escape(want).replace(r"\{anything\}", ".*"), value, re.DOTALL) is not None


@pytest.mark.parametrize("number", range(len(_STATEMENTS)))
def test_statement(answers: list[Answer], process: Sandbox, number: int) -> None:
    """Apache Spark 4.0.1, in ANSI mode; Databricks where the file says so."""
    one = _STATEMENTS[number]
    wanted = _expected(one, client(process).current_user.me().user_name or "")
    assert _fits(answers[number], wanted), (one["statement"], answers[number], wanted)


def test_how_many_agree(answers: list[Answer], process: Sandbox) -> None:
    """At least 54 as Spark, or as Databricks differs; a difference without a reason does not count."""
    user = client(process).current_user.me().user_name or ""
    agree = [_fits(found, _expected(one, user)) for found, one in zip(answers, _STATEMENTS, strict=True)]
    different = [one for one in _STATEMENTS if "databricks" in one]
    print(f"{sum(agree)} of {len(agree)} agree, {len(different)} of them as Databricks, which differs from Spark")
    assert len(agree) == 57 and sum(agree) >= 54
    assert all(one["why"] for one in different)


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("SELECT array(1,2) AS a, map('k',1) AS m", ["ARRAY<INT>", "MAP<STRING,INT>"]),
        ("SELECT NULL AS n, 1.10BD AS d, X'1F' AS b", ["VOID", "DECIMAL(3,2)", "BINARY"]),
        (
            "SELECT TIMESTAMP'2024-01-01 00:00:00' AS t, DATE'2024-01-02' AS d, TRUE AS b",
            ["TIMESTAMP", "DATE", "BOOLEAN"],
        ),
    ],
)
def test_whole_types(process: Sandbox, statement: str, kinds: list[str]) -> None:
    """What the connector does not tell, the statement execution API does: types of elements, and VOID (Spark 4.0.1)."""
    done = client(process).statement_execution.execute_statement(statement, process.warehouse_id)
    assert done.manifest and done.manifest.schema and done.manifest.schema.columns, done.as_dict()
    assert [one.type_text for one in done.manifest.schema.columns] == kinds
