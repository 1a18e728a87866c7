# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogs, metastores, volumes, external locations, and what tables there are, through the real SDK."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.catalog import CatalogIsolationMode, PermissionsChange, Privilege, VolumeType

from tests.sandbox.people import client, cursor, person, rows
from tests.sandbox.wire import ask, coded
from tests.support.sandbox import Sandbox

BASE = "/api/2.1/unity-catalog"


@pytest.fixture
def made(sandbox: Sandbox) -> str:
    """A catalog that a metastore admin made."""
    token = sandbox.control("POST", "mint", {"owner": "Bob.Builder@example.com"})["token_value"]
    bob = client(sandbox, token)
    bob.catalogs.create(name="Mine")
    bob.schemas.update("mine.default", owner="admin@example.com")
    bob.catalogs.update("mine", owner="admin@example.com")
    return "mine"


def test_the_fields_of_a_catalog(sandbox: Sandbox, made: str) -> None:
    """The answer of a workspace of 2026, see rest/wire_parts.py; no comment where there is none."""
    shown = ask(sandbox, "GET", f"{BASE}/catalogs/{made}").json()
    assert set(shown) == {
        *("name", "owner", "enable_auto_maintenance", "enable_predictive_optimization", "catalog_type", "metastore_id"),
        *("created_at", "created_by", "updated_at", "updated_by", "isolation_mode", "accessible_in_current_workspace"),
        *(
            "effective_auto_maintenance_flag",
            "effective_predictive_optimization_flag",
            "browse_only",
            "id",
            "full_name",
        ),
        *("securable_type", "securable_kind", "resource_name", "metastore_version", "cache_version_info", "etag"),
    }
    for name in ("system", "samples"):
        one = ask(sandbox, "GET", f"{BASE}/catalogs/{name}").json()
        assert (one["owner"], one["catalog_type"], one["securable_kind"]) == (
            "System user",
            "SYSTEM_CATALOG",
            "CATALOG_SYSTEM",
        )
        assert one["provisioning_info"] == {"state": "ACTIVE"} and "enable_auto_maintenance" not in one


def test_a_catalog_is_deleted_with_what_is_in_it_by_force(sandbox: Sandbox, made: str) -> None:
    """databricks/cli acceptance/bundle/deployment/bind/catalog: deleted with --force; the code: databricks-sdk-go."""
    w, before = client(sandbox), sandbox.state()["bystanders"]
    with cursor(sandbox) as session:
        rows(session, f"CREATE TABLE {made}.default.t (id INT)")
    w.grants.update(
        "schema", f"{made}.default", changes=[PermissionsChange(principal="analysts", add=[Privilege.SELECT])]
    )
    with pytest.raises(BadRequest) as caught:
        w.catalogs.delete(made)
    assert caught.value.error_code == "CATALOG_NOT_EMPTY"
    with pytest.raises(PermissionDenied):
        person(sandbox).client.catalogs.delete(made, force=True)
    w.catalogs.delete(made, force=True)
    with pytest.raises(NotFound):
        w.catalogs.get(made)
    state = sandbox.state()
    assert made not in str([state[kind] for kind in ("catalogs", "schemas", "tables", "grants")])
    assert state["bystanders"] == before
    with pytest.raises(PermissionDenied):
        w.catalogs.delete("samples", force=True)


def test_a_catalog_is_bound_to_workspaces(sandbox: Sandbox, made: str) -> None:
    """databricks-sdk-go internal/catalog_test.go, TestUcAccCatalogWorkspaceBindings."""
    w, here = client(sandbox), sandbox.state()["workspace_id"]
    w.catalogs.update(made, isolation_mode=CatalogIsolationMode.ISOLATED)
    assert w.workspace_bindings.get(made).workspaces == [here]
    w.workspace_bindings.update(made, unassign_workspaces=[here], assign_workspaces=[here + 1])
    with pytest.raises(PermissionDenied, match="is not accessible in current workspace"):
        w.catalogs.get(made)


@pytest.mark.parametrize("wish", [5, "all", {"workspace_id": 5}, ["5"], [True], [{"workspace_id": None}]])
def test_workspaces_of_a_catalog_are_a_list_of_numbers(sandbox: Sandbox, made: str, wish: object) -> None:
    path = f"{BASE}/workspace-bindings/catalogs/{made}"
    answer = ask(sandbox, "PATCH", path, json={"assign_workspaces": wish})
    assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")


def test_a_catalog_is_changed(sandbox: Sandbox, made: str) -> None:
    w = client(sandbox)
    changed = w.catalogs.update(made, comment="new", properties={"a": "b"})
    assert (changed.comment, changed.properties, changed.updated_by) == ("new", {"a": "b"}, "admin@example.com")
    with pytest.raises(BadRequest, match="UpdateCatalog Nothing to update"):
        w.catalogs.update(made)


def test_metastores(sandbox: Sandbox) -> None:
    """SDK MetastoresAPI: an admin lists, a metastore admin gets, everybody reads the summary."""
    w, somebody = client(sandbox), person(sandbox).client
    current = w.metastores.current().metastore_id
    assert [one.metastore_id for one in w.metastores.list()] == [current]
    assert somebody.metastores.summary().metastore_id == current
    for refused in (lambda: list(somebody.metastores.list()), lambda: somebody.metastores.get(str(current))):
        with pytest.raises(PermissionDenied):
            refused()
    with pytest.raises(NotFound):
        w.metastores.get("00000000-0000-0000-0000-000000000000")


def test_whether_a_table_exists(sandbox: Sandbox) -> None:
    """SDK TablesAPI.exists; who may browse is told the truth, and who may not see the schema nothing."""
    w, somebody = client(sandbox), person(sandbox)
    assert w.tables.exists("main.analytics.orders").table_exists is True
    assert w.tables.exists("main.analytics.none").table_exists is False
    assert somebody.client.tables.exists("main.analytics.orders").table_exists is True
    with pytest.raises(NotFound):
        w.tables.exists("main.none.orders")
    with pytest.raises(PermissionDenied):
        somebody.client.tables.exists("sales.emea.leads")


def test_summaries_of_tables(sandbox: Sandbox) -> None:
    """databricks-sdk-go internal/catalog_test.go, TestUcAccTables; SDK TablesAPI.list_summaries: LIKE patterns."""
    w = client(sandbox)
    found = list(w.tables.list_summaries("main", schema_name_pattern="analyt%"))
    assert [(one.full_name, one.table_type.value if one.table_type else None) for one in found] == [
        ("main.analytics.orders", "MANAGED")
    ]
    assert list(w.tables.list_summaries("main", table_name_pattern="order_")) == found
    assert list(w.tables.list_summaries("main", table_name_pattern="order")) == []


def test_volumes_and_grants_on_them(sandbox: Sandbox) -> None:
    """SDK VolumesAPI; databricks/cli acceptance/selftest/record_cloud/volume-io for the sentence of a missing one."""
    w, somebody = client(sandbox), person(sandbox)
    one = w.volumes.create("main", "default", "Landing", VolumeType.MANAGED, comment="c")
    assert (one.full_name, one.owner, one.comment) == ("main.default.landing", "admin@example.com", "c")
    somebody.may("catalog", "main", "USE_CATALOG")
    somebody.may("schema", "main.default", "USE_SCHEMA")
    with pytest.raises(PermissionDenied, match="READ VOLUME on Volume"):
        somebody.client.volumes.read("main.default.landing")
    somebody.may("volume", "main.default.landing", "READ_VOLUME")
    assert somebody.client.volumes.read("main.default.landing").volume_id == one.volume_id
    assert [found.name for found in somebody.client.volumes.list("main", "default")] == ["landing"]
    answer = ask(
        sandbox,
        "PATCH",
        f"{BASE}/permissions/volume/main.default.landing",
        json={"changes": [{"principal": "analysts", "add": ["SELECT"]}]},
    )
    assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")
    w.volumes.delete("main.default.landing")
    with pytest.raises(NotFound, match=r"Volume 'main\.default\.landing' does not exist\."):
        w.grants.get("volume", "main.default.landing")


def test_a_schema_with_a_volume_is_not_empty(sandbox: Sandbox) -> None:
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="main")
    w.volumes.create("main", "x", "v", VolumeType.MANAGED)
    with pytest.raises(BadRequest, match=r"0 tables\(s\), 0 functions\(s\), 1 volumes\(s\)"):
        w.schemas.delete("main.x")
    w.schemas.delete("main.x", force=True)
    assert sandbox.state()["volumes"] == []


def test_a_schema_with_a_function_is_not_empty_and_sql_says_so_too(sandbox: Sandbox) -> None:
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="main")

    def run(statement: str) -> str:
        done = w.statement_execution.execute_statement(statement, sandbox.warehouse_id, wait_timeout="30s")
        return str(done.status and done.status.error and done.status.error.message)

    assert run("CREATE FUNCTION main.x.only_mine(owner STRING) RETURN owner = 'me'") == "None"
    assert [one.full_name for one in w.functions.list("main", "x")] == ["main.x.only_mine"]
    with pytest.raises(BadRequest, match=r"0 tables\(s\), 1 functions\(s\), 0 volumes\(s\)"):
        w.schemas.delete("main.x")
    assert "[SCHEMA_NOT_EMPTY]" in run("DROP SCHEMA main.x")
    w.volumes.create("main", "x", "v", VolumeType.MANAGED)
    assert run("DROP SCHEMA main.x CASCADE") == "None"
    assert sandbox.state()["volumes"] == []
    w.schemas.create(name="x", catalog_name="main")
    assert run("DROP SCHEMA main.x") == "None"


def test_functions_and_external_locations(sandbox: Sandbox) -> None:
    """There is nothing to grant on for the first; the second are granted on, and seen by those who hold something."""
    w, somebody = client(sandbox), person(sandbox)
    with pytest.raises(NotFound, match=r"Function 'main\.default\.f' does not exist\."):
        w.grants.get("function", "main.default.f")
    assert list(somebody.client.external_locations.list()) == []
    bob = sandbox.control("POST", "mint", {"owner": "Bob.Builder@example.com"})["token_value"]
    grant = [PermissionsChange(principal=somebody.application_id, add=[Privilege.READ_FILES])]
    with pytest.raises(PermissionDenied):
        somebody.client.grants.update("external_location", "landing", changes=grant)
    client(sandbox, bob).grants.update("external_location", "landing", changes=grant)
    assert [one.name for one in somebody.client.external_locations.list()] == ["landing"]


def test_types_of_columns_are_those_of_the_enumeration(sandbox: Sandbox) -> None:
    """SDK catalog.ColumnTypeName: LONG, SHORT and BYTE for BIGINT, SMALLINT and TINYINT, and no VARCHAR; the SDK reads
    an unknown name as None.
    """
    kinds = {
        "BIGINT": "LONG",
        "SMALLINT": "SHORT",
        "TINYINT": "BYTE",
        "VARCHAR(10)": "STRING",
        "STRING": "STRING",
        "DECIMAL(10,2)": "DECIMAL",
        "TIMESTAMP_NTZ": "TIMESTAMP_NTZ",
        "ARRAY<INT>": "ARRAY",
        "BINARY": "BINARY",
        "MAP<STRING,INT>": "MAP",
        "STRUCT<a:INT>": "STRUCT",
    }
    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(kinds))
    with cursor(sandbox) as session:
        rows(session, f"CREATE TABLE main.default.kinds ({columns})")
    found = client(sandbox).tables.get("main.default.kinds").columns or []
    assert [one.type_name.value if one.type_name else None for one in found] == list(kinds.values())
    assert [(one.type_precision, one.type_scale) for one in found if one.type_text == "decimal(10,2)"] == [(10, 2)]
    assert {(one.type_precision, one.type_scale) for one in found if one.type_text != "decimal(10,2)"} == {(0, 0)}
