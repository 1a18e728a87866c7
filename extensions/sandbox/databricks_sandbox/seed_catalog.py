# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogs, tables, grants and warehouses that are there from the start; most of them belong to bystanders."""

from __future__ import annotations

import re
import typing as t

from .model import Catalog, ExternalLocation, Schema, Table, Warehouse, Workspace

ADMIN, ADA, BOB = "admin@example.com", "ada.analyst@example.com", "Bob.Builder@example.com"
SYSTEM_USER = "System user"  # as captured answers spell the owner of what the service itself made
METASTORE_ADMIN = "data-platform"
INFORMATION_SCHEMA = "information_schema"
SHARED = "shared"
EVERYBODY = "account users"


# SDK ColumnInfoTypeName, where it is not the name itself.
_TYPE_NAMES = {"bigint": "LONG", "smallint": "SHORT", "tinyint": "BYTE"}


def column(name: str, kind: str, position: int) -> dict[str, t.Any]:
    simple = _TYPE_NAMES.get(kind, re.split(r"[(<]", kind)[0].upper())
    return {"name": name, "type_text": kind, "type_name": simple, "position": position, "nullable": True}


def seed(workspace: Workspace) -> None:
    """Called once per workspace, after its identities are there."""
    _warehouses(workspace)
    if workspace.has_metastore:
        _metastore(workspace)
        _external_location(workspace)
        _workspace_catalog(workspace)
        _made_by_hand(workspace)
        _of_the_service(workspace)
        information_schemas(workspace)


# -- one of each ------------------------------------------------------------------------------
def _uuid(workspace: Workspace) -> str:
    text = f"{workspace.rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _catalog(workspace: Workspace, name: str, owner: str, **more: t.Any) -> None:
    now = workspace.clock.now_ms()
    workspace.catalogs[name] = Catalog(
        name,
        owner,
        created_at=now,
        created_by=owner,
        updated_at=now,
        updated_by=owner,
        catalog_id=_uuid(workspace),
        **more,
    )


def _schema(workspace: Workspace, catalog: str, name: str, owner: str) -> None:
    now = workspace.clock.now_ms()
    made = Schema(
        catalog, name, owner, _uuid(workspace), created_at=now, created_by=owner, updated_at=now, updated_by=owner
    )
    workspace.schemas[made.full_name] = made


def _table(workspace: Workspace, full_name: str, owner: str, columns: dict[str, str]) -> None:
    now = workspace.clock.now_ms()
    catalog, schema, name = full_name.split(".")
    made = Table(
        catalog,
        schema,
        name,
        owner=owner,
        columns=[column(key, kind, number) for number, (key, kind) in enumerate(columns.items())],
        table_id=_uuid(workspace),
        created_at=now,
        created_by=owner,
        updated_at=now,
        updated_by=owner,
    )
    workspace.tables[made.full_name] = made


# -- what is there ----------------------------------------------------------------------------
def _external_location(workspace: Workspace) -> None:
    """Somebody's bucket; granted on, and nothing else."""
    now = workspace.clock.now_ms()
    url = {"aws": "s3://landing", "azure": "abfss://landing@storage.dfs.core.windows.net", "gcp": "gs://landing"}
    made = ExternalLocation("landing", BOB, url[workspace.cloud], "landing-credential", "", now, BOB, now, BOB)
    workspace.external_locations[made.name] = made
    workspace.grants[("external_location", made.name)] = {ADA: {"READ_FILES"}}


def _metastore(workspace: Workspace) -> None:
    workspace.metastore_admins = {METASTORE_ADMIN}
    # Captured outputs of SHOW GRANTS ON SCHEMA carry such rows: READ METADATA on the METASTORE.
    # The ten of the administrators are those that Databricks docs list, "Admin privileges in Unity Catalog", for a
    # workspace that was enabled automatically.
    workspace.grants[("metastore", workspace.metastore_id)] = {
        METASTORE_ADMIN: {"READ_METADATA"},
        workspace.system_group("admins"): {
            "CREATE_CATALOG",
            "CREATE_CLEAN_ROOM",
            "CREATE_CONNECTION",
            "CREATE_EXTERNAL_LOCATION",
            "CREATE_MATERIALIZED_VIEW",
            "CREATE_PROVIDER",
            "CREATE_RECIPIENT",
            "CREATE_SERVICE_CREDENTIAL",
            "CREATE_SHARE",
            "CREATE_STORAGE_CREDENTIAL",
        },
    }


def _workspace_catalog(workspace: Workspace) -> None:
    """What comes with a workspace that was enabled for Unity Catalog automatically, the default since November 2023.

    Sources: Databricks docs, "Admin privileges in Unity Catalog", "Manage privileges" and "Limit catalog access to
    specific workspaces" (this catalog is bound to its workspace); the owner as captured answers show it.
    """
    name = re.sub(r"[^a-z0-9_]", "_", workspace.name.lower())
    admins, users = workspace.system_group("admins"), workspace.system_group("users")
    workspace.workspace_catalog = workspace.default_catalog = name
    _catalog(workspace, name, admins, isolation_mode="ISOLATED", bound_to={workspace.workspace_id})
    _schema(workspace, name, "default", admins)
    _schema(workspace, name, SHARED, BOB)
    _table(workspace, f"{name}.{SHARED}.regions", BOB, {"code": "string", "region": "string"})
    workspace.grants[("catalog", name)] = {users: {"USE_CATALOG"}}
    workspace.grants[("schema", f"{name}.default")] = {
        users: {
            "USE_SCHEMA",
            "CREATE_TABLE",
            "CREATE_VOLUME",
            "CREATE_FUNCTION",
            "CREATE_MODEL",
            "CREATE_MATERIALIZED_VIEW",
        }
    }


def share(workspace: Workspace) -> None:
    """What everybody of the account holds on the shared schema of the workspace catalog: as the switch says."""
    if not workspace.has_metastore:
        return
    securable = ("schema", f"{workspace.workspace_catalog}.{SHARED}")
    workspace.grants.get(securable, {}).pop(EVERYBODY, None)
    if workspace.account_users_hold:
        workspace.grants.setdefault(securable, {})[EVERYBODY] = {"USE_SCHEMA", workspace.account_users_hold}


def _made_by_hand(workspace: Workspace) -> None:
    for name, owner in (("main", ADMIN), ("sales", BOB), ("vault", ADMIN)):
        _catalog(workspace, name, owner)
        _schema(workspace, name, "default", owner)
    # Even its owner is refused here: it is bound to a workspace that is not this one.
    _catalog(workspace, "elsewhere", ADMIN, isolation_mode="ISOLATED", bound_to={workspace.workspace_id + 1})
    _schema(workspace, "elsewhere", "default", ADMIN)
    _schema(workspace, "main", "analytics", ADA)
    _schema(workspace, "sales", "emea", BOB)
    _table(workspace, "main.analytics.orders", ADA, {"id": "bigint", "placed_at": "timestamp", "total": "double"})
    _table(workspace, "sales.emea.leads", BOB, {"id": "bigint", "email": "string"})
    # Databricks docs, "Unity Catalog privileges reference": all account users hold USE CATALOG on main; and BROWSE is
    # what Catalog Explorer gives them on a new catalog.
    workspace.grants[("catalog", "main")] = {
        EVERYBODY: {"USE_CATALOG", "BROWSE"},
        ADA: {"USE_CATALOG", "CREATE_SCHEMA"},
        "analysts": {"USE_CATALOG"},
    }
    workspace.grants[("schema", "main.analytics")] = {"analysts": {"USE_SCHEMA", "SELECT"}}
    workspace.grants[("catalog", "sales")] = {EVERYBODY: {"USE_CATALOG"}}
    workspace.grants[("schema", "sales.emea")] = {ADA: {"USE_SCHEMA", "SELECT"}}
    workspace.grants[("catalog", "elsewhere")] = {EVERYBODY: {"USE_CATALOG"}}
    for principal in workspace.service_principals.values():
        if principal.display_name == "nightly-etl":
            workspace.grants[("catalog", "main")][principal.application_id] = {"USE_CATALOG", "USE_SCHEMA", "SELECT"}


def _of_the_service(workspace: Workspace) -> None:
    """Listed, with this owner, in captured answers; that everybody reads the samples is their purpose."""
    for name, schema in (("system", "ai"), ("samples", "nyctaxi")):
        comment = "System catalog (auto-created)" if name == "system" else "These sample datasets are made available."
        _catalog(workspace, name, SYSTEM_USER, catalog_type="SYSTEM_CATALOG", comment=comment)
        _schema(workspace, name, schema, SYSTEM_USER)
    _table(
        workspace, "samples.nyctaxi.trips", SYSTEM_USER, {"tpep_pickup_datetime": "timestamp", "fare_amount": "double"}
    )
    workspace.grants[("catalog", "system")] = {EVERYBODY: {"USE_CATALOG", "BROWSE"}}
    workspace.grants[("catalog", "samples")] = {EVERYBODY: {"USE_CATALOG", "USE_SCHEMA", "SELECT", "BROWSE"}}


def information_schemas(workspace: Workspace) -> None:
    """In every catalog, or in none but system: both were reported of real workspaces."""
    for catalog in workspace.catalogs:
        name = f"{catalog}.{INFORMATION_SCHEMA}"
        if workspace.second_form and catalog != "system":
            workspace.schemas.pop(name, None)
        elif name not in workspace.schemas:
            _schema(workspace, catalog, INFORMATION_SCHEMA, SYSTEM_USER)
            workspace.schemas[name].comment = "Information schema (auto-created)"


def _warehouses(workspace: Workspace) -> None:
    creator = workspace.identity_by_principal(ADMIN)
    creator_id = int(creator.id) if creator else 0
    starter = Warehouse(workspace.default_warehouse_id, "Starter Warehouse", creator_name=ADMIN, creator_id=creator_id)
    cold = Warehouse(
        f"{workspace.rng.getrandbits(64):016x}",
        "Cold Warehouse",
        "STOPPED",
        creator_name=ADMIN,
        creator_id=creator_id,
        serverless=False,
    )
    for warehouse in (starter, cold):
        workspace.warehouses[warehouse.id] = warehouse
