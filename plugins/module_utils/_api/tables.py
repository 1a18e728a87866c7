# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Tables and views on the wire (SDK service/catalog.py, TablesAPI); in hive_metastore by SQL."""

from __future__ import annotations

from .._common.json_types import Json
from .._wire.sql import quote
from .._wire.workspace import Workspace
from . import hive
from .fields import number, objects, text

BASE = "/api/2.1/unity-catalog/tables"


def _shape(raw: Json, *, columns: bool) -> Json:
    shown: Json = {
        "full_name": text(raw, "full_name"),
        "name": text(raw, "name"),
        "type": text(raw, "table_type"),
        "owner": text(raw, "owner"),
        "comment": text(raw, "comment"),
    }
    if columns:
        ordered = sorted(objects(raw, "columns"), key=lambda column: number(column.get("position")) or 0)
        shown["columns"] = [_column(one) for one in ordered]
    return shown


def _column(raw: Json) -> Json:
    return {
        "name": text(raw, "name"),
        "type": text(raw, "type_text"),
        "nullable": raw.get("nullable") is not False,
        "comment": text(raw, "comment"),
    }


def listing(workspace: Workspace, catalog: str, schema: str, *, columns: bool = True) -> list[Json]:
    """The tables and views of a schema that the caller may see, by name."""
    found = workspace.pages(
        BASE,
        "tables",
        f"list the tables of {catalog}.{schema}",
        catalog_name=catalog,
        schema_name=schema,
        omit_columns=not columns,
        omit_properties=True,
    )
    return sorted((_shape(raw, columns=columns) for raw in found), key=lambda table: table["name"])


def hive_listing(workspace: Workspace, schema: str, warehouse: str | None, *, columns: bool = True) -> list[Json]:
    """The same for a schema of hive_metastore, which tells neither owner nor type in a list."""
    session = hive.session(workspace, warehouse)
    names = sorted(str(row[1]) for row in session.run(f"SHOW TABLES IN {quote(hive.HIVE, schema)}").rows)
    found = []
    for name in names:
        full_name = ".".join((hive.HIVE, schema, name))
        raw: Json = {"full_name": full_name, "name": name}
        if columns:
            rows = session.run(f"DESCRIBE TABLE {quote(hive.HIVE, schema, name)}").rows
            raw["columns"] = [
                {"name": row[0], "type_text": row[1], "comment": row[2] or "", "position": number}
                for number, row in enumerate(_until_partitions(rows))
            ]
        found.append(_shape(raw, columns=columns))
    return found


def _until_partitions(rows: list[list[str]]) -> list[list[str]]:
    """DESCRIBE repeats partition columns after an empty row or a row that begins with # (Databricks docs)."""
    kept = []
    for row in rows:
        if not row[0] or str(row[0]).startswith("#"):
            break
        kept.append(row)
    return kept


def of(workspace: Workspace, catalog: str, schema: str, warehouse: str | None, *, columns: bool) -> list[Json]:
    """The tables and views of a schema, wherever its catalog is kept."""
    if catalog == hive.HIVE:
        return hive_listing(workspace, schema, warehouse, columns=columns)
    return listing(workspace, catalog, schema, columns=columns)
