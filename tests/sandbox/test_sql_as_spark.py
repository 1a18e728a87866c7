# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements that people get wrong, and columns that nobody named: as Spark 4.0.1 answers, over both roads."""

from __future__ import annotations

import pytest
from databricks.sql.exc import ServerOperationError

from tests.sandbox.people import client, cursor, rows
from tests.support.sandbox import Sandbox

_WRONG = [
    ("SELECT 1/0", "DIVIDE_BY_ZERO", "22012"),
    ("SELECT 1 % 0", "DIVIDE_BY_ZERO", "22012"),
    ("SELECT CAST('x' AS INT)", "CAST_INVALID_INPUT", "22018"),
    ("SELECT 1 + 'x'", "CAST_INVALID_INPUT", "22018"),
    ("SELECT nope FROM samples.nyctaxi.trips", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
    ("SELECT nope", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703"),
    ("SELECT nope(1)", "UNRESOLVED_ROUTINE", "42883"),
    ("SELECT * FROM main.nosuch.t", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ("DELETE FROM main.default.nosuch", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    (" ", "PARSE_EMPTY_STATEMENT", "42617"),
    ("SELEC 1", "PARSE_SYNTAX_ERROR", "42601"),
    ("SELECT 1; SELECT 2", "PARSE_SYNTAX_ERROR", "42601"),
    ("SELECT (1", "PARSE_SYNTAX_ERROR", "42601"),
    ("SELECT 'abc", "PARSE_SYNTAX_ERROR", "42601"),
    ("SELECT a..b FROM t", "PARSE_SYNTAX_ERROR", "42601"),
    ("CREATE SCHEMA main.a-b", "INVALID_IDENTIFIER", "42602"),
    ("MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE", "SANDBOX_UNSUPPORTED", "0A000"),
    ("OPTIMIZE main.analytics.orders", "SANDBOX_UNSUPPORTED", "0A000"),
    ("SHOW FUNCTIONS", "SANDBOX_UNSUPPORTED", "0A000"),
    ("SELECT * FROM read_csv('/etc/passwd')", "SANDBOX_UNSUPPORTED", "0A000"),
]
_FOREIGN = (
    "duckdb",
    "sqlglot",
    "binder",
    "catalogexception",
    "catalog error",
    "parser error",
    "line 1, col",
    "candidate",
)


@pytest.mark.parametrize(("statement", "error_class", "sqlstate"), _WRONG)
def test_what_is_wrong(sandbox: Sandbox, statement: str, error_class: str, sqlstate: str) -> None:
    """Spark 4.0.1; SANDBOX_UNSUPPORTED is the sandbox's own, for what it does not do."""
    with cursor(sandbox) as session, pytest.raises(ServerOperationError) as caught:
        rows(session, statement)
    said = str(caught.value)
    assert f"[{error_class}]" in said and f"SQLSTATE: {sqlstate}" in said
    assert not [word for word in _FOREIGN if word in said.lower()]
    done = client(sandbox).statement_execution.execute_statement(statement, sandbox.warehouse_id).as_dict()
    assert done["status"]["state"] == "FAILED" and done["status"]["error"]["message"] in said


def test_where_the_syntax_breaks(sandbox: Sandbox) -> None:
    """Spark 4.0.1."""
    with cursor(sandbox) as session, pytest.raises(ServerOperationError) as caught:
        rows(session, "SELEC 1")
    words = "Syntax error at or near 'SELEC'. SQLSTATE: 42601 (line 1, pos 0)\n\n== SQL ==\nSELEC 1\n^^^"
    assert words in str(caught.value)


def test_a_count_of_nothing_is_zero(sandbox: Sandbox) -> None:
    """Spark's CountIf counts, so no row and no true condition are 0, never NULL."""
    statement = (
        "SELECT count_if(x > 1), count_if(x IS NULL), count_if(x = 2) FROM (SELECT CAST({} AS INT) AS x LIMIT {})"
    )
    with cursor(sandbox) as session:
        assert rows(session, statement.format("NULL", 1)) == [(0, 1, 0)]
        assert rows(session, statement.format("2", 1)) == [(1, 0, 1)]
        assert rows(session, statement.format("2", 0)) == [(0, 0, 0)]


@pytest.mark.parametrize(
    ("statement", "names", "types"),
    [
        ("SELECT COUNT(*) FROM samples.nyctaxi.trips", ["count(1)"], ["LONG"]),
        ("SELECT 1 + 1, -1, NULL AS n", ["(1 + 1)", "-1", "n"], ["INT", "INT", "NULL"]),
        ("SELECT array(1,2) AS a, map('k',1) AS m, struct(1 AS x) AS s", ["a", "m", "s"], ["ARRAY", "MAP", "STRUCT"]),
        ("SELECT X'1F' AS b, 1.10BD AS d", ["b", "d"], ["BINARY", "DECIMAL"]),
        ("SELECT * FROM range(3)", ["id"], ["LONG"]),
        ("EXPLAIN SELECT 1", ["plan"], ["STRING"]),
        ("SHOW COLUMNS IN samples.nyctaxi.trips", ["col_name"], ["STRING"]),
        ("SHOW CREATE TABLE samples.nyctaxi.trips", ["createtab_stmt"], ["STRING"]),
    ],
)
def test_columns(sandbox: Sandbox, statement: str, names: list[str], types: list[str | None]) -> None:
    """Spark 4.0.1; type names of the SDK's ColumnInfoTypeName, NULL for VOID (databricks-jdbc sqlexecapi)."""
    done = client(sandbox).statement_execution.execute_statement(statement, sandbox.warehouse_id)
    assert done.manifest and done.manifest.schema, done.as_dict()
    found = done.manifest.schema.columns or []
    assert [one.name for one in found] == names
    assert [one.type_name.value if one.type_name else None for one in found] == types
