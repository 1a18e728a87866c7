# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogs, tables, grants and warehouses that are there from the start; most of them belong to bystanders."""

from __future__ import annotations

import typing as t

from .model import Catalog, Schema, Table, Warehouse, Workspace

ADMIN, ADA, BOB = "admin@example.com", "ada.analyst@example.com", "Bob.Builder@example.com"


def column(name: str, kind: str, position: int) -> dict[str, t.Any]:
    return {"name": name, "type_text": kind, "type_name": kind.upper(), "position": position, "nullable": True}


def seed(workspace: Workspace) -> None:
    """Called once per workspace, after its identities are there."""
    _warehouses(workspace)
    if not workspace.unity_catalog:
        return
    workspace.metastore_admins = {"data-platform"}
    workspace.default_catalog = "main"
    now = workspace.clock.now_ms()

    def uuid() -> str:
        text = f"{workspace.rng.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def schema(catalog: str, name: str, owner: str) -> None:
        made = Schema(catalog, name, owner, uuid(), created_at=now, created_by=owner, updated_at=now, updated_by=owner)
        workspace.schemas[made.full_name] = made

    def table(catalog: str, inside: str, name: str, owner: str, columns: dict[str, str]) -> None:
        listed = [column(key, kind, number) for number, (key, kind) in enumerate(columns.items())]
        made = Table(
            catalog,
            inside,
            name,
            owner,
            columns=listed,
            table_id=uuid(),
            created_at=now,
            created_by=owner,
            updated_at=now,
            updated_by=owner,
        )
        workspace.tables[made.full_name] = made

    # Whether a new workspace lets everybody use catalog main is not certain; the sandbox does not.
    for name, owner in (("main", ADMIN), ("sales", BOB), ("system", "System user")):
        workspace.catalogs[name] = Catalog(name, owner, created_at=now, created_by=owner)
        schema(name, "default", owner)
    workspace.catalogs["system"].catalog_type = "SYSTEM_CATALOG"
    schema("main", "analytics", ADA)
    schema("sales", "emea", BOB)
    table("main", "analytics", "orders", ADA, {"id": "bigint", "placed_at": "timestamp", "total": "double"})
    table("sales", "emea", "leads", BOB, {"id": "bigint", "email": "string"})
    workspace.grants[("catalog", "main")] = {ADA: {"USE_CATALOG", "CREATE_SCHEMA"}, "analysts": {"USE_CATALOG"}}
    workspace.grants[("schema", "main.analytics")] = {"analysts": {"USE_SCHEMA", "SELECT"}}
    workspace.grants[("catalog", "sales")] = {"account users": {"USE_CATALOG"}}
    workspace.grants[("schema", "sales.emea")] = {ADA: {"USE_SCHEMA", "SELECT"}}
    for principal in workspace.service_principals.values():
        if principal.display_name == "nightly-etl":
            workspace.grants[("catalog", "main")][principal.application_id] = {"USE_CATALOG", "USE_SCHEMA", "SELECT"}


def _warehouses(workspace: Workspace) -> None:
    starter = Warehouse(workspace.default_warehouse_id, "Starter Warehouse", creator_name=ADMIN)
    cold = Warehouse(
        f"{workspace.rng.getrandbits(64):016x}", "Cold Warehouse", "STOPPED", creator_name=ADMIN, serverless=False
    )
    for warehouse in (starter, cold):
        workspace.warehouses[warehouse.id] = warehouse
