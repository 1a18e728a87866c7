# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd statements of people who really use it: an answer, or a class with SQLSTATE, and no word of parser or engine.

odd_statements.json says of each what comes out: "answered", or the class and the SQLSTATE. Classes are those of Spark
4.0.1; SANDBOX_UNSUPPORTED is the sandbox's own, for what Databricks does and the sandbox does not.
"""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
from databricks.sql.exc import ServerOperationError

from tests.sandbox.people import cursor, rows
from tests.support.sandbox import Sandbox

_FILE = Path(__file__).with_name("odd_statements.json")
_WANTED: dict[str, str] = json.loads(_FILE.read_text(encoding="utf-8"))["statements"]
_TABLE = "main.default.people"
_FOREIGN = re.compile(
    r"duckdb|sqlglot|binder|parser error|catalog error|conversion error|exception|candidate|traceback|varchar|hugeint"
    r"|int32|int64|_literal|line 1, col|LINE 1:|list_value|struct_pack|pragma"
)


def _said(session: t.Any, statement: str) -> str:
    try:
        session.execute(statement)
        session.fetchall()
        return ""
    except ServerOperationError as error:
        return str(error)


@pytest.fixture(scope="module")
def said(process: Sandbox) -> dict[str, str]:
    """What each of them gets, in the order of the file; nothing, when it is answered."""
    process.reset()
    with cursor(process) as session:
        session.execute(f"CREATE TABLE {_TABLE} (id INT, name STRING, amount DECIMAL(10,2))")
        return {one: _said(session, one.replace("{t}", _TABLE)) for one in _WANTED}


@pytest.mark.parametrize("statement", list(_WANTED))
def test_statement(said: dict[str, str], statement: str) -> None:
    """Spark 4.0.1's classes."""
    found = re.search(r"\[([A-Z_.]+)\]", said[statement]), re.search(r"SQLSTATE: (\w{5})", said[statement])
    outcome = f"{found[0][1]} {found[1][1]}" if found[0] and found[1] else said[statement].split(":")[0] or "answered"
    assert outcome == _WANTED[statement], said[statement]
    own = said[statement].replace(statement.replace("{t}", _TABLE), "")
    foreign = [word for word in _FOREIGN.findall(own) if word.lower() not in statement.lower()]
    assert not foreign, said[statement]


def test_there_are_many_and_most_are_spark_s(said: dict[str, str]) -> None:
    """A person who tries things shall rarely hear that the sandbox does not do it."""
    unsupported = [one for one, outcome in _WANTED.items() if outcome.startswith("SANDBOX_UNSUPPORTED")]
    print(f"{len(said)} odd statements, {len(unsupported)} of them not done by the sandbox")
    assert len(said) >= 400 and len(unsupported) < len(said) / 3


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("SELECT CAST(1.9 AS INT)", 1),
        ("SELECT CAST(-1.9 AS BIGINT)", -1),
        ("SELECT TRY_CAST('1.5' AS INT)", None),
        ("SELECT user() = current_user() AND session_user() = current_user()", True),
        ("SELECT count_if(x > 1) FROM VALUES (1), (2) AS t(x)", 1),
    ],
)
def test_values(sandbox: Sandbox, statement: str, value: object) -> None:
    """Where the engine would answer in its own way (Spark 4.0.1, ANSI mode)."""
    with cursor(sandbox) as session:
        assert rows(session, statement) == [(value,)]
