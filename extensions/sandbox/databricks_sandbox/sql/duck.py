# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows: one DuckDB in memory per workspace, made when the first statement needs it."""

from __future__ import annotations

import typing as t

from ..model import Workspace
from . import decimals, refusals, types

if t.TYPE_CHECKING:
    import duckdb

# A catalog cannot be attached to DuckDB under a name such as main: catalog and schema make one schema there.
_OPEN: dict[int, t.Any] = {}
_LEAST, _MOST = -(2**63), 2**63 - 1
# By catalog, schema and table.
Rows = dict[tuple[str, str, str], list[tuple[t.Any, ...]]]


def schema_name(catalog: str, schema: str) -> str:
    return f"{catalog}.{schema}"


def connection(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """The workspace's database, with an empty table for everything that was there from the start."""
    made = _OPEN.get(id(workspace))
    if made is None:
        import duckdb

        made = duckdb.connect(":memory:", config={"threads": 1, "enable_external_access": False})
        made.execute("SET TimeZone = 'UTC'")
        for macro in decimals.MACROS:
            made.execute(macro)
        _OPEN[id(workspace)] = made
        workspace.on_discard.append(lambda: discard(workspace))
        for table in workspace.tables.values():
            if table.table_type == "MANAGED":
                ensure_schema(workspace, table.catalog_name, table.schema_name)
                columns = ", ".join(
                    f"{quoted(c['name'])} {c['type_text'].replace('string', 'varchar')}" for c in table.columns
                )
                made.execute(f"CREATE TABLE {place(table.catalog_name, table.schema_name, table.name)} ({columns})")
    return made


def rows_of(workspace: Workspace) -> Rows:
    """The rows of all tables that have any, by catalog, schema and table."""
    if id(workspace) not in _OPEN:
        return {}
    names = [(t.catalog_name, t.schema_name, t.name) for t in workspace.tables.values() if t.table_type == "MANAGED"]
    found = {name: connection(workspace).execute(f"SELECT * FROM {place(*name)}").fetchall() for name in names}
    return {name: rows for name, rows in found.items() if rows}


def fill(workspace: Workspace, rows: Rows) -> None:
    """Put rows into the tables of a workspace that has none yet."""
    for name, held in rows.items():
        marks = ", ".join("?" * len(held[0]))
        connection(workspace).executemany(f"INSERT INTO {place(*name)} VALUES ({marks})", held)


def discard(workspace: Workspace) -> None:
    made = _OPEN.pop(id(workspace), None)
    if made is not None:
        made.close()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def place(catalog: str, schema: str, table: str) -> str:
    return f"{quoted(schema_name(catalog, schema))}.{quoted(table)}"


def ensure_schema(workspace: Workspace, catalog: str, schema: str) -> None:
    connection(workspace).execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema_name(catalog, schema))}")


def drop_table(workspace: Workspace, catalog: str, schema: str, table: str) -> None:
    if id(workspace) in _OPEN:
        connection(workspace).execute(f"DROP TABLE IF EXISTS {place(catalog, schema, table)}")


def kind(workspace: Workspace, query: str) -> str | None:
    """The engine's type of the first column of a query, or None where it does not understand the query."""
    import duckdb

    try:
        return str(connection(workspace).execute(f"DESCRIBE {query}").fetchall()[0][1])
    except duckdb.Error:
        return None


def run(workspace: Workspace, statement: str) -> tuple[list[tuple[str, str]], list[tuple[t.Any, ...]]]:
    """Columns (name, Databricks type) and rows of a statement in DuckDB's dialect.

    :raises duckdb.Error: in the engine's words, which engine.py turns into Spark's
    :raises SqlError: a whole number that no BIGINT holds; the engine's own are wider
    """
    cursor = connection(workspace).execute(statement)
    columns = [(name, types.spark(str(kind))) for name, kind, *_rest in cursor.description or []]
    rows = cursor.fetchall()
    whole = [number for number, (_name, kind) in enumerate(columns) if kind == "bigint"]
    if any(row[number] is not None and not _LEAST <= row[number] <= _MOST for row in rows for number in whole):
        raise refusals.overflow()
    return columns, rows
