# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which statements there are, over both SQL paths."""

from __future__ import annotations

import datetime
import decimal

import pytest
from databricks.sql.exc import ServerOperationError

from tests.sandbox.people import client, cursor, person, rows
from tests.support.sandbox import Sandbox


def test_the_guide_runs_as_it_is_printed(sandbox: Sandbox) -> None:
    """Klaviyo's guide, sections 1, 3 and 4."""
    somebody = person(sandbox, "klaviyo_service_user")
    with cursor(sandbox) as session:
        for statement in (
            "USE CATALOG main;",
            "CREATE SCHEMA IF NOT EXISTS KLAVIYO_IMPORT_FROM_DWH;",
            "CREATE DATABASE IF NOT EXISTS KLAVIYO_TMP",
            f"GRANT ALL PRIVILEGES ON SCHEMA main.KLAVIYO_TMP TO `{somebody.application_id}`;",
            "GRANT USE SCHEMA, MODIFY, SELECT, CREATE TABLE ON SCHEMA main.KLAVIYO_TMP TO "
            f"`{somebody.application_id}`;",
            f"GRANT USE SCHEMA, SELECT ON SCHEMA main.KLAVIYO_IMPORT_FROM_DWH TO `{somebody.application_id}`;",
            "USE SCHEMA main.klaviyo_tmp;",
            "CREATE TABLE IF NOT EXISTS test_permissions (id INT);",
            "DROP TABLE test_permissions;",
            "USE SCHEMA main.klaviyo_import_from_dwh",
        ):
            rows(session, statement)
        assert rows(session, "SHOW TABLES;") == []
        found = {row[0] for row in rows(session, "SHOW SCHEMAS IN main")}
        assert {"klaviyo_import_from_dwh", "klaviyo_tmp"} <= found
        granted = {
            row[1]
            for row in rows(session, "SHOW GRANTS ON SCHEMA main.klaviyo_tmp")
            if row[0] == somebody.application_id
        }
        assert granted == {"ALL PRIVILEGES", "USE SCHEMA", "MODIFY", "SELECT", "CREATE TABLE"}
        rows(session, f"REVOKE ALL PRIVILEGES ON SCHEMA main.klaviyo_tmp FROM `{somebody.application_id}`")
        granted = {
            row[1]
            for row in rows(session, "SHOW GRANTS ON SCHEMA main.klaviyo_tmp")
            if row[0] == somebody.application_id
        }
        assert granted == set()


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE TABLE main.analytics.orders",
        "EXPLAIN DROP SCHEMA main.x",
        "OPTIMIZE main.analytics.orders",
        "ALTER SCHEMA main.analytics SET OWNER TO x",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE",
        "SELECT 1; SELECT 2",
        "SHOW FUNCTIONS",
        "nonsense",
        "",
        "-- only a comment",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY INTO x FROM y",
    ],
)
def test_what_is_not_known_is_refused(sandbox: Sandbox, statement: str) -> None:
    """Never accepted in silence."""
    with cursor(sandbox) as session, pytest.raises(ServerOperationError):
        rows(session, statement)


def test_an_unquoted_hyphen(sandbox: Sandbox) -> None:
    """Spark error class INVALID_IDENTIFIER."""
    with cursor(sandbox) as session:
        with pytest.raises(ServerOperationError, match="INVALID_IDENTIFIER"):
            rows(session, "SHOW TABLES IN main.a-b")
        rows(session, "CREATE SCHEMA main.`a-b`")
        rows(session, "CREATE TABLE main.`a-b`.t (id INT)")
        assert rows(session, "SELECT count(*) FROM main.`a-b`.t") == [(0,)]


def test_types_come_back_as_they_should(sandbox: Sandbox) -> None:
    with cursor(sandbox) as session:
        rows(
            session,
            "CREATE TABLE main.default.kinds (i INT, b BIGINT, s STRING, d DOUBLE, "
            "n DECIMAL(10,2), f BOOLEAN, a DATE, w TIMESTAMP, l ARRAY<INT>)",
        )
        rows(
            session,
            "INSERT INTO main.default.kinds (i, b, s, d, n, f, a, w) "
            "VALUES (1, 2, 'x', 1.5, 9.99, true, DATE'2026-01-02', TIMESTAMP'2026-01-02 03:04:05')",
        )
        found = rows(session, "SELECT i, b, s, d, n, f, a, w FROM main.default.kinds")
        assert found == [
            (
                1,
                2,
                "x",
                1.5,
                decimal.Decimal("9.99"),
                True,
                datetime.date(2026, 1, 2),
                datetime.datetime(2026, 1, 2, 3, 4, 5),
            )
        ]
        described = {row[0]: row[1] for row in rows(session, "DESCRIBE TABLE main.default.kinds")}
        assert described["n"] == "decimal(10, 2)" or described["n"] == "decimal(10,2)"
        assert described["l"] == "array<int>"


def test_named_parameters(sandbox: Sandbox) -> None:
    """Native parameters arrive beside the statement (connector 4.9.0)."""
    with cursor(sandbox) as session:
        assert rows(session, "SELECT :word AS word, :number + 1 AS number", {"word": "it's", "number": 4}) == [
            ("it's", 5)
        ]
        with pytest.raises(ServerOperationError, match="UNBOUND_SQL_PARAMETER"):
            rows(session, "SELECT :missing")


def test_errors_carry_class_and_sqlstate(sandbox: Sandbox) -> None:
    """Spark error classes."""
    with cursor(sandbox) as session:
        for statement, words in (
            ("USE SCHEMA main.none", "[SCHEMA_NOT_FOUND]"),
            ("SELECT * FROM main.default.none", "[TABLE_OR_VIEW_NOT_FOUND]"),
            ("CREATE SCHEMA main.default", "[SCHEMA_ALREADY_EXISTS]"),
            ("DROP SCHEMA main.analytics", "[SCHEMA_NOT_EMPTY]"),
            ("USE CATALOG none", "[NO_SUCH_CATALOG_EXCEPTION]"),
            ("GRANT SELECT ON SCHEMA main.default TO `nobody`", "PRINCIPAL_DOES_NOT_EXIST"),
        ):
            with pytest.raises(ServerOperationError) as caught:
                rows(session, statement)
            assert words in str(caught.value)


def test_the_statement_api_fails_with_http_200(sandbox: Sandbox) -> None:
    """SDK service/sql.py: a failing statement raises nothing."""
    w = client(sandbox)
    done = w.statement_execution.execute_statement("SELECT 1 AS x, NULL AS y", sandbox.warehouse_id)
    assert done.status.state.value == "SUCCEEDED"
    assert done.result.data_array == [["1", None]]
    failed = w.statement_execution.execute_statement("SELECT * FROM main.default.none", sandbox.warehouse_id)
    assert failed.status.state.value == "FAILED"
    assert failed.status.error.error_code.value == "BAD_REQUEST"


def test_the_statement_api_keeps_no_session(sandbox: Sandbox) -> None:
    """Databricks docs: catalog and schema come with each statement."""
    run = client(sandbox).statement_execution.execute_statement
    run("USE SCHEMA main.analytics", sandbox.warehouse_id)
    assert run("SELECT current_schema()", sandbox.warehouse_id).result.data_array == [["default"]]
    inside = run("SELECT current_schema()", sandbox.warehouse_id, catalog="main", schema="analytics")
    assert inside.result.data_array == [["analytics"]]


def test_the_journal_knows_the_statements(sandbox: Sandbox) -> None:
    with cursor(sandbox) as session:
        rows(session, "SELECT 'seen'")
    entries = sandbox.control("GET", "journal")["entries"]
    assert [e["statement"] for e in entries if e.get("call") == "ExecuteStatement"] == ["SELECT 'seen'"]
    assert [e["call"] for e in entries if e["path"].startswith("/sql/")] == [
        "OpenSession",
        "ExecuteStatement",
        "CloseSession",
    ]


def test_owners_and_comments_of_schemas(sandbox: Sandbox) -> None:
    """Databricks docs, "ALTER SCHEMA" and "COMMENT ON": for the owner, to a principal that Unity Catalog knows."""
    somebody = person(sandbox)
    somebody.may("catalog", "main", "USE_CATALOG")
    with cursor(sandbox) as session:
        rows(session, "CREATE SCHEMA main.given")
        rows(session, "COMMENT ON SCHEMA main.given IS 'it\\'s given'")
        assert client(sandbox).schemas.get("main.given").comment == "it's given"
        for statement in ("ALTER SCHEMA main.given OWNER TO `x`", "COMMENT ON SCHEMA main.given IS NULL"):
            with somebody.cursor() as other, pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
                rows(other, statement)
        for unknown in ("somebody", "nobody@example.com", "local-testers"):
            with pytest.raises(ServerOperationError, match="PRINCIPAL_DOES_NOT_EXIST"):
                rows(session, f"ALTER SCHEMA main.given OWNER TO `{unknown}`")
        rows(session, f"ALTER SCHEMA main.given SET OWNER TO `{somebody.application_id}`")
    assert client(sandbox).schemas.get("main.given").owner == somebody.application_id
    with somebody.cursor() as other:
        rows(other, "COMMENT ON SCHEMA main.given IS NULL")
    assert not client(sandbox).schemas.get("main.given").comment
