# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hive_metastore: SQL only, and a privilege model of its own."""

from __future__ import annotations

import typing as t

import pytest
from databricks.sdk.errors import NotFound
from databricks.sql.exc import ServerOperationError

from tests.sandbox.people import Person, client, cursor, person, rows
from tests.support.sandbox import Sandbox, running_sandbox


@pytest.fixture
def who(sandbox: Sandbox) -> Person:
    with cursor(sandbox) as admin:
        rows(admin, "CREATE DATABASE hive_metastore.legacy")
        rows(admin, "CREATE TABLE hive_metastore.legacy.t (id INT)")
    return person(sandbox)


def grant(sandbox: Sandbox, statement: str) -> None:
    with cursor(sandbox) as admin:
        rows(admin, statement)


def refused(session: t.Any, statement: str, words: str) -> None:
    with pytest.raises(ServerOperationError) as caught:
        rows(session, statement)
    assert words in str(caught.value), str(caught.value)


def test_its_own_privileges(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, "Privileges and securable objects in the Hive metastore"."""
    me = f"`{who.application_id}`"
    with who.cursor() as session:
        refused(session, "SELECT * FROM hive_metastore.legacy.t", "User does not have permission SELECT,USAGE")
        grant(sandbox, f"GRANT SELECT ON DATABASE hive_metastore.legacy TO {me}")
        refused(session, "SELECT * FROM hive_metastore.legacy.t", "User does not have permission USAGE")
        grant(sandbox, f"GRANT USAGE ON SCHEMA hive_metastore.legacy TO {me}")
        assert rows(session, "SELECT * FROM hive_metastore.legacy.t") == []
        refused(session, "CREATE TABLE hive_metastore.legacy.u (id INT)", "CREATE")
        grant(sandbox, f"GRANT CREATE ON SCHEMA hive_metastore.legacy TO {me}")
        rows(session, "CREATE TABLE hive_metastore.legacy.u (id INT)")
        rows(session, "DROP TABLE hive_metastore.legacy.u")


@pytest.mark.parametrize("privilege", ["USE SCHEMA", "CREATE TABLE", "USE CATALOG"])
def test_names_of_unity_catalog_are_refused(sandbox: Sandbox, who: Person, privilege: str) -> None:
    """The guide's grants fail there as written (databrickslabs/ucx)."""
    with cursor(sandbox) as session:
        refused(
            session,
            f"GRANT {privilege} ON SCHEMA hive_metastore.legacy TO `{who.application_id}`",
            "Action Unknown ActionType",
        )


def test_show_grants_has_quirks(sandbox: Sandbox, who: Person) -> None:
    """databrickslabs/ucx hive_metastore/grants.py: DATABASE, and ownership as action OWN."""
    grant(sandbox, f"GRANT USAGE ON SCHEMA hive_metastore.legacy TO `{who.application_id}`")
    with cursor(sandbox) as session:
        assert rows(session, "SHOW GRANTS ON SCHEMA hive_metastore.legacy") == [
            (who.application_id, "USAGE", "DATABASE", "legacy"),
            ("admin@example.com", "OWN", "DATABASE", "legacy"),
        ] or rows(session, "SHOW GRANTS ON SCHEMA hive_metastore.legacy") == [
            ("admin@example.com", "OWN", "DATABASE", "legacy"),
            (who.application_id, "USAGE", "DATABASE", "legacy"),
        ]


def test_strict_names(sandbox: Sandbox) -> None:
    """Databricks docs, "Names": letters, digits and underscores only."""
    with cursor(sandbox) as session:
        refused(session, "CREATE DATABASE hive_metastore.`a-b`", "INVALID_SCHEMA_OR_RELATION_NAME")


def test_a_workspace_without_unity_catalog() -> None:
    """Its default catalog is hive_metastore; Unity Catalog's REST says that there is no metastore."""
    with running_sandbox("--no-unity-catalog") as sandbox:
        with cursor(sandbox) as session:
            assert rows(session, "SELECT current_catalog()") == [("hive_metastore",)]
            rows(session, "CREATE DATABASE legacy")
            assert ("legacy",) in rows(session, "SHOW DATABASES")
            refused(session, "USE CATALOG main", "NO_SUCH_CATALOG_EXCEPTION")
        with pytest.raises(NotFound) as caught:
            list(client(sandbox).schemas.list("main"))
        assert caught.value.error_code == "METASTORE_DOES_NOT_EXIST"
