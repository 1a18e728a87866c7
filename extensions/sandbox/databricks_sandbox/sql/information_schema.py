# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few views of information_schema, for whoever may enter the catalog (Databricks docs, "Information schema")."""

from __future__ import annotations

import re
import typing as t

from sqlglot import exp

from .. import privileges
from ..model import Table
from ..rest import unity_catalog
from . import refusals
from .session import Session

NAME = privileges.INFORMATION_SCHEMA

Rows = list[tuple[t.Any, ...]]
STRING = "string"


def simple_name(type_text: str) -> str:
    """The name of a type without what is in it, as the SDK's ColumnInfoTypeName and DATA_TYPE have it."""
    name = re.split(r"[(<]", type_text)[0].strip().upper()
    return {"BIGINT": "LONG", "SMALLINT": "SHORT", "TINYINT": "BYTE"}.get(name, name)


def _schemata(session: Session, catalog: str) -> Rows:
    return [
        (schema.catalog_name, schema.name, schema.owner, schema.comment or None)
        for _name, schema in sorted(session.workspace.schemas.items())
        if schema.catalog_name == catalog and unity_catalog.sees_schema(session.workspace, session.identity, schema)
    ]


def _seen(session: Session, catalog: str) -> list[Table]:
    return [
        table
        for _name, table in sorted(session.workspace.tables.items())
        if table.catalog_name == catalog and unity_catalog.sees_table(session.workspace, session.identity, table)
    ]


def _tables(session: Session, catalog: str) -> Rows:
    return [
        (table.catalog_name, table.schema_name, table.name, table.table_type, table.owner, table.comment or None)
        for table in _seen(session, catalog)
    ]


def _views(session: Session, catalog: str) -> Rows:
    return [
        (table.catalog_name, table.schema_name, table.name, table.view_definition)
        for table in _seen(session, catalog)
        if table.table_type == "VIEW"
    ]


# Bits, radix and scale of the numbers; what is not here is no number (docs: NUMERIC_PRECISION and what follows).
_BITS = {"BYTE": 8, "SHORT": 16, "INT": 32, "LONG": 64, "FLOAT": 24, "DOUBLE": 53}


def _columns(session: Session, catalog: str) -> Rows:
    found: Rows = []
    for table in _seen(session, catalog):
        for number, column in enumerate(table.columns):
            name = simple_name(column["type_text"])
            digits = re.fullmatch(r"decimal\((\d+),(\d+)\)", column["type_text"])
            precision = int(digits[1]) if digits else _BITS.get(name)
            scale = int(digits[2]) if digits else 0 if name in ("BYTE", "SHORT", "INT", "LONG") else None
            radix = None if precision is None else 10 if digits else 2
            found.append(
                (table.catalog_name, table.schema_name, table.name, column["name"], number + 1, column.get("default"))
                + ("YES" if column.get("nullable", True) else "NO", column["type_text"], name)
                + (precision, radix, scale, "NO", "YES", column.get("comment"))
            )
    return found


def _strings(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, STRING) for name in names)


# Name -> its columns with their types, and the rows that the caller sees (Databricks docs, one page each). Positions
# are numbered from 1 there.
VIEWS: dict[str, tuple[tuple[tuple[str, str], ...], t.Callable[[Session, str], Rows]]] = {
    "schemata": (_strings("catalog_name", "schema_name", "schema_owner", "comment"), _schemata),
    "tables": (
        _strings("table_catalog", "table_schema", "table_name", "table_type", "table_owner", "comment"),
        _tables,
    ),
    "views": (_strings("table_catalog", "table_schema", "table_name", "view_definition"), _views),
    "columns": (
        (
            *_strings("table_catalog", "table_schema", "table_name", "column_name"),
            ("ordinal_position", "int"),
            *_strings("column_default", "is_nullable", "full_data_type", "data_type"),
            ("numeric_precision", "int"),
            ("numeric_precision_radix", "int"),
            ("numeric_scale", "int"),
            *_strings("is_identity", "is_updatable", "comment"),
        ),
        _columns,
    ),
}


def view(session: Session, full: tuple[str, str, str]) -> exp.Select:
    """The view as a query without tables.

    :raises SqlError: there is none of this name
    """
    if full[2] not in VIEWS:
        raise refusals.table_not_found(*full)
    columns, rows_of = VIEWS[full[2]]
    rows = rows_of(session, full[0])
    names = [name for name, _kind in columns]
    shown = exp.values(rows or [(None,) * len(columns)], alias="listed", columns=names)
    query = exp.select(*(f"CAST({name} AS {kind}) AS {name}" for name, kind in columns), dialect="databricks")
    return query.from_(shown) if rows else query.from_(shown).where("FALSE")
