# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every statement asks for its privileges, over the real connector."""

from __future__ import annotations

import typing as t

import pytest
from databricks.sql.exc import RequestError, ServerOperationError

from tests.sandbox.people import Person, client, cursor, person, rows
from tests.support.sandbox import Sandbox


@pytest.fixture
def who(sandbox: Sandbox) -> Person:
    with cursor(sandbox) as admin:
        for statement in (
            "CREATE SCHEMA main.x",
            "CREATE TABLE main.x.t (id INT, name STRING)",
            "INSERT INTO main.x.t VALUES (1, 'one'), (2, NULL)",
        ):
            rows(admin, statement)
    return person(sandbox)


def refused(session: t.Any, statement: str, words: str) -> None:
    with pytest.raises(ServerOperationError) as caught:
        rows(session, statement)
    assert words in str(caught.value), str(caught.value)


def test_use_catalog_use_schema_and_select_are_all_needed(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, "Unity Catalog privileges reference"."""
    query = "SELECT id FROM vault.x.t ORDER BY id"
    with cursor(sandbox) as admin:
        rows(admin, "CREATE SCHEMA vault.x")
        rows(admin, "CREATE TABLE vault.x.t AS SELECT * FROM main.x.t")
    with who.cursor() as session:
        refused(
            session,
            query,
            "[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have USE CATALOG on Catalog 'vault'",
        )
        who.may("schema", "vault.x", "USE_SCHEMA", "SELECT")
        refused(session, query, "USE CATALOG on Catalog 'vault'. SQLSTATE: 42501")
        who.may("catalog", "vault", "USE_CATALOG")
        assert rows(session, query) == [(1,), (2,)]
        refused(session, "INSERT INTO vault.x.t VALUES (3, 'x')", "MODIFY on Table 'vault.x.t'")
        refused(session, "DELETE FROM vault.x.t", "MODIFY on Table 'vault.x.t'")
        refused(session, "CREATE TABLE vault.x.u (id INT)", "CREATE TABLE on Schema 'vault.x'")
        refused(session, "DROP TABLE vault.x.t", "not an owner")


def test_privileges_are_inherited_downward(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs: a privilege on a catalog counts for all in it."""
    who.may("catalog", "main", "USE_CATALOG", "USE_SCHEMA", "SELECT")
    with who.cursor() as session:
        assert rows(session, "SELECT count(*) FROM main.x.t") == [(2,)]


def test_who_creates_a_table_owns_it_and_may_drop_it(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, CREATE TABLE."""
    who.may("catalog", "main", "USE_CATALOG")
    who.may("schema", "main.x", "USE_SCHEMA", "CREATE_TABLE")
    with who.cursor() as session:
        for statement in ("CREATE TABLE main.x.u (id INT)", "INSERT INTO main.x.u VALUES (1)", "DROP TABLE main.x.u"):
            rows(session, statement)
        refused(session, "SELECT * FROM main.x.u", "[TABLE_OR_VIEW_NOT_FOUND]")


def test_all_privileges_do_everything_but_manage(sandbox: Sandbox, who: Person) -> None:
    who.may("catalog", "main", "USE_CATALOG")
    who.may("schema", "main.x", "ALL_PRIVILEGES")
    with who.cursor() as session:
        rows(session, "INSERT INTO main.x.t VALUES (3, 'three')")
        assert rows(session, "SELECT count(*) FROM main.x.t") == [(3,)]
        refused(session, "GRANT SELECT ON SCHEMA main.x TO `analysts`", "not an owner")


def test_a_view_reads_with_the_rights_of_its_owner(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, CREATE VIEW."""
    with cursor(sandbox) as admin:
        rows(admin, "CREATE SCHEMA main.shared")
        rows(admin, "CREATE VIEW main.shared.v AS SELECT id FROM main.x.t WHERE id = 1")
    who.may("catalog", "main", "USE_CATALOG")
    who.may("schema", "main.shared", "USE_SCHEMA", "SELECT")
    with who.cursor() as session:
        assert rows(session, "SELECT * FROM main.shared.v") == [(1,)]
        refused(session, "SELECT * FROM main.x.t", "USE SCHEMA on Schema 'main.x'")


def test_tables_are_checked_wherever_they_hide(sandbox: Sandbox, who: Person) -> None:
    who.may("catalog", "main", "USE_CATALOG")
    who.may("schema", "main.x", "USE_SCHEMA", "CREATE_TABLE")
    with who.cursor() as session:
        for statement in (
            "SELECT 1 WHERE EXISTS (SELECT * FROM main.x.t)",
            "WITH t AS (SELECT * FROM main.x.t) SELECT * FROM t",
            "SELECT * FROM (SELECT * FROM main.x.t) AS q",
            "SELECT 1 UNION SELECT id FROM main.x.t",
            "CREATE TABLE main.x.copy AS SELECT * FROM main.x.t",
            "CREATE VIEW main.x.v AS SELECT * FROM main.x.t",
        ):
            refused(session, statement, "SELECT on Table 'main.x.t'")


def test_if_not_exists_still_needs_create_schema(sandbox: Sandbox, who: Person) -> None:
    """airbyte#35971."""
    who.may("catalog", "main", "USE_CATALOG")
    with who.cursor() as session:
        refused(session, "CREATE SCHEMA IF NOT EXISTS main.x", "CREATE SCHEMA on Catalog 'main'")


def test_show_schemas_shows_what_is_visible(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, SHOW SCHEMAS: one column, databaseName."""
    who.may("catalog", "main", "USE_CATALOG")
    with who.cursor() as session:
        assert rows(session, "SHOW SCHEMAS IN main") == [("information_schema",)]
        who.may("schema", "main.x", "USE_SCHEMA")
        assert rows(session, "SHOW SCHEMAS IN main LIKE 'X*|y'") == [("x",)]
        assert session.description[0][0] == "databaseName"
        refused(session, "SHOW TABLES IN main.analytics", "USE SCHEMA on Schema 'main.analytics'")
        assert rows(session, "SHOW TABLES IN main.x") == []
        who.may("schema", "main.x", "SELECT")
        assert rows(session, "SHOW TABLES IN main.x") == [("x", "t", False)]


def test_show_grants_with_inherited_rows_for_oneself_only(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, SHOW GRANTS. Of the catalog's privileges those a schema can carry: captured outputs never show
    USE CATALOG, CREATE SCHEMA or BROWSE.
    """
    who.may("catalog", "main", "USE_CATALOG", "CREATE_SCHEMA", "BROWSE", "SELECT")
    who.may("schema", "main.x", "USE_SCHEMA", "CREATE_TABLE")
    me = who.application_id
    with who.cursor() as session:
        assert rows(session, f"SHOW GRANTS `{me}` ON SCHEMA main.x") == [
            (me, "CREATE TABLE", "SCHEMA", "main.x"),
            (me, "SELECT", "CATALOG", "main"),
            (me, "USE SCHEMA", "SCHEMA", "main.x"),
        ]
        refused(session, "SHOW GRANTS ON SCHEMA main.x", "not an owner")
        refused(session, "SHOW GRANTS `analysts` ON SCHEMA main.x", "not an owner")
        refused(session, f"SHOW GRANTS `{me}` ON SCHEMA x", "please specify the catalog name explicitly")


def test_the_warehouse_and_the_entitlement_are_needed(sandbox: Sandbox) -> None:
    """Databricks docs, "SQL warehouse admin settings"; the connector shows the text of the refusal's headers."""
    without_warehouse = person(sandbox, "one", warehouse=False)
    without_entitlement = person(sandbox, "two", sql_access=False)
    for somebody in (without_warehouse, without_entitlement):
        with pytest.raises(RequestError, match="is not authorized to use this SQL Endpoint"), somebody.cursor():
            pass


def test_a_bad_token_opens_no_session(sandbox: Sandbox) -> None:
    with pytest.raises(RequestError, match="Invalid access token"), cursor(sandbox, "dapi" + "0" * 32):
        pass


def test_sessions_are_private(sandbox: Sandbox, who: Person) -> None:
    """USE lasts as long as its session and touches no other."""
    with cursor(sandbox) as one, cursor(sandbox) as other:
        rows(one, "USE SCHEMA main.x")
        assert rows(one, "SELECT current_schema()") == [("x",)]
        assert rows(other, "SELECT current_schema()") == [("default",)]


def test_the_state_of_a_revoked_token_is_seen_in_an_open_session(sandbox: Sandbox, who: Person) -> None:
    with who.cursor() as session:
        rows(session, "SELECT 1")
        for token in client(sandbox).token_management.list():
            if token.owner_id == int(who.id):
                client(sandbox).token_management.delete(str(token.token_id))
        with pytest.raises(RequestError, match="Invalid access token"):
            rows(session, "SELECT 1")
