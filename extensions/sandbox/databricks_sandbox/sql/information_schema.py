# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few views of information_schema, for whoever may enter the catalog (Databricks docs, "Information schema")."""

from __future__ import annotations

import typing as t

from sqlglot import exp

from .. import privileges
from ..rest import unity_catalog
from . import refusals
from .session import Session

NAME = privileges.INFORMATION_SCHEMA

Rows = list[tuple[str, ...]]


def _schemata(session: Session, catalog: str) -> Rows:
    return [
        (schema.catalog_name, schema.name, schema.owner)
        for _name, schema in sorted(session.workspace.schemas.items())
        if schema.catalog_name == catalog and unity_catalog.sees_schema(session.workspace, session.identity, schema)
    ]


def _tables(session: Session, catalog: str) -> Rows:
    return [
        (table.catalog_name, table.schema_name, table.name, table.table_type, table.owner)
        for _name, table in sorted(session.workspace.tables.items())
        if table.catalog_name == catalog and unity_catalog.sees_table(session.workspace, session.identity, table)
    ]


# Name -> its columns, and the rows that the caller sees.
VIEWS: dict[str, tuple[tuple[str, ...], t.Callable[[Session, str], Rows]]] = {
    "schemata": (("catalog_name", "schema_name", "schema_owner"), _schemata),
    "tables": (("table_catalog", "table_schema", "table_name", "table_type", "table_owner"), _tables),
}


def view(session: Session, full: tuple[str, str, str]) -> exp.Select:
    """The view as a query without tables.

    :raises SqlError: there is none of this name
    """
    if full[2] not in VIEWS:
        raise refusals.table_not_found(*full)
    columns, rows_of = VIEWS[full[2]]
    rows = rows_of(session, full[0])
    shown = exp.values(rows or [("",) * len(columns)], alias="listed", columns=list(columns))
    query = exp.select(*columns).from_(shown)
    return query if rows else query.where("FALSE")
