# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Schemas of hive_metastore, which only SQL can reach."""

from __future__ import annotations

from .._failure import Failure
from .._sql import Session, literal, quote
from .._workspace import Json, Workspace
from . import warehouses

HIVE = "hive_metastore"


def session(workspace: Workspace, warehouse: str) -> Session:
    """The session through which hive_metastore is reached."""
    return workspace.sql(warehouses.find(workspace, warehouse)["http_path"])


def get(over: Session, name: str) -> Json | None:
    """The schema in the shape that _api.schemas gives, or None."""
    try:
        rows = over.run(f"DESCRIBE SCHEMA {quote(HIVE, name)}").rows
    except Failure as failure:
        if failure.code in ("SCHEMA_NOT_FOUND", "SCHEMA_DOES_NOT_EXIST"):
            return None
        raise
    told = {str(row[0]).lower(): str(row[1] or "") for row in rows}
    return {
        "catalog_name": HIVE,
        "name": name,
        "full_name": f"{HIVE}.{name}",
        "owner": told.get("owner", ""),
        # Comment in the words of Databricks, Description in those of Spark.
        "comment": told.get("comment", told.get("description", "")),
        "properties": {},
        "storage_root": "",
        "schema_id": "",
    }


def listing(over: Session) -> list[Json]:
    """The names of the schemas, in the shape that _api.schemas gives."""
    return [
        {"catalog_name": HIVE, "name": str(row[0]), "full_name": f"{HIVE}.{row[0]}"}
        for row in sorted(over.run(f"SHOW SCHEMAS IN {quote(HIVE)}").rows)
    ]


def create(over: Session, name: str, comment: str | None = None) -> None:
    """Create a schema. Somebody who was faster has made the same one."""
    said = f" COMMENT {literal(comment)}" if comment else ""
    over.run(f"CREATE SCHEMA IF NOT EXISTS {quote(HIVE, name)}{said}")


def update(over: Session, name: str, *, comment: str | None = None, owner: str | None = None) -> None:
    """Change a schema; the owner last, since whoever gives it away may not change it any more."""
    if comment is not None:
        over.run(f"COMMENT ON SCHEMA {quote(HIVE, name)} IS {literal(comment)}")
    if owner is not None:
        over.run(f"ALTER SCHEMA {quote(HIVE, name)} OWNER TO {quote(owner)}")


def delete(over: Session, name: str, *, force: bool) -> None:
    """Drop a schema; ``force`` takes everything in it along."""
    over.run(f"DROP SCHEMA IF EXISTS {quote(HIVE, name)} {'CASCADE' if force else 'RESTRICT'}")
