# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Row filters hide rows from everybody, owners too, and tables tell of them (Databricks docs, "Row filters")."""

from __future__ import annotations

import pytest
from databricks.sql.exc import ServerOperationError

from tests.sandbox.people import client, cursor, rows
from tests.support.sandbox import Sandbox

TABLE = "main.default.numbers"


def test_hides_rows_and_shows_itself(sandbox: Sandbox) -> None:
    with cursor(sandbox) as session:
        for statement in (
            f"CREATE TABLE {TABLE} (id INT, name STRING)",
            f"INSERT INTO {TABLE} VALUES (1, 'one'), (2, 'two')",
            "CREATE FUNCTION main.default.high(number INT) RETURN number > 1",
            f"ALTER TABLE {TABLE} SET ROW FILTER main.default.high ON (id)",
        ):
            rows(session, statement)
        assert rows(session, f"SELECT name FROM {TABLE}") == [("two",)]
        assert rows(session, f"SELECT n.name FROM {TABLE} AS n WHERE n.id < 2") == []
        assert client(sandbox).tables.get(TABLE).row_filter.as_dict() == {
            "function_name": "main.default.high",
            "input_column_names": ["id"],
        }
        rows(session, f"INSERT INTO {TABLE} VALUES (3, 'three')")
        rows(session, "CREATE OR REPLACE FUNCTION main.default.high(number INT) RETURN current_user() = 'nobody'")
        assert rows(session, f"SELECT name FROM {TABLE}") == []
        rows(session, f"ALTER TABLE {TABLE} DROP ROW FILTER")
        assert len(rows(session, f"SELECT name FROM {TABLE}")) == 3
        assert client(sandbox).tables.get(TABLE).row_filter is None


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (f"ALTER TABLE {TABLE} SET ROW FILTER main.default.nothing ON (id)", "UNRESOLVED_ROUTINE"),
        (f"ALTER TABLE {TABLE} SET ROW FILTER main.default.high ON (nothing)", "UNRESOLVED_COLUMN"),
        (f"ALTER TABLE {TABLE} SET ROW FILTER main.default.high ON (id, name)", "WRONG_NUM_ARGS"),
        ("ALTER TABLE main.default.nothing DROP ROW FILTER", "TABLE_OR_VIEW_NOT_FOUND"),
        ("CREATE FUNCTION main.default.high(number INT) RETURN true", "ROUTINE_ALREADY_EXISTS"),
        ("CREATE FUNCTION main.nowhere.high(number INT) RETURN true", "SCHEMA_NOT_FOUND"),
    ],
)
def test_refusals(sandbox: Sandbox, statement: str, says: str) -> None:
    with cursor(sandbox) as session:
        rows(session, f"CREATE TABLE {TABLE} (id INT, name STRING)")
        rows(session, "CREATE FUNCTION main.default.high(number INT) RETURN number > 1")
        with pytest.raises(ServerOperationError, match=says):
            rows(session, statement)


def test_a_filter_that_went_with_its_schema(sandbox: Sandbox) -> None:
    client(sandbox).schemas.create(name="rules", catalog_name="main")
    with cursor(sandbox) as session:
        rows(session, f"CREATE TABLE {TABLE} (id INT)")
        rows(session, "CREATE FUNCTION main.rules.high(number INT) RETURN number > 1")
        rows(session, f"ALTER TABLE {TABLE} SET ROW FILTER main.rules.high ON (id)")
        rows(session, "DROP SCHEMA main.rules CASCADE")
        with pytest.raises(ServerOperationError, match="UNRESOLVED_ROUTINE"):
            rows(session, f"SELECT id FROM {TABLE}")
