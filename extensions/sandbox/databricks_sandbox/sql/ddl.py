# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CREATE and DROP of schemas, tables and views."""

from __future__ import annotations

import re
import typing as t
import uuid

from sqlglot import exp

from ..errors import SqlError
from ..model import Schema, Table
from ..rest import unity_catalog
from . import duck, functions, information_schema, parsing, query, refusals, rules
from .session import Result, Session


def create(session: Session, text: str) -> Result:
    tree = parsing.parsed(text)
    if not isinstance(tree, exp.Create):
        raise refusals.syntax(text.split(None, 2)[1] if " " in text else text)
    kind = str(tree.args.get("kind") or "").upper()
    if tree.expression is not None:
        functions.check(session, tree.expression, text)
    if kind in ("SCHEMA", "DATABASE"):
        return _create_schema(session, tree)
    if kind == "TABLE":
        return _create_table(session, tree)
    if kind == "VIEW":
        return _create_view(session, tree)
    raise refusals.unsupported(f"CREATE {kind}")


def drop(session: Session, text: str) -> Result:
    tree = parsing.parsed(text)
    if not isinstance(tree, exp.Drop):
        raise refusals.syntax(text)
    kind = str(tree.args.get("kind") or "").upper()
    targets = tree.args.get("tables") or [tree.this]
    if len(targets) != 1:
        raise refusals.syntax(",")
    parts = parsing.parts_of(targets[0])
    if kind in ("SCHEMA", "DATABASE"):
        return _drop_schema(session, parts, bool(tree.args.get("exists")), bool(tree.args.get("cascade")))
    if kind in ("TABLE", "VIEW"):
        return _drop_table(session, parts, bool(tree.args.get("exists")), kind)
    raise refusals.unsupported(f"DROP {kind}")


# -- schemas ----------------------------------------------------------------------------------
def _create_schema(session: Session, tree: exp.Create) -> Result:
    workspace = session.workspace
    catalog, schema = session.schema_name(parsing.parts_of(tree.this))
    session.check_catalog(catalog)
    allowed = r"[a-z0-9_]+" if catalog == rules.HIVE else r"[^./\s\x00-\x1f\x7f]+"
    if not re.fullmatch(allowed, schema) or len(schema) > 255:
        raise SqlError(
            "INVALID_SCHEMA_OR_RELATION_NAME", "42602", f"`{schema}` is not a valid name for tables/schemas."
        )
    # Also when it exists and IF NOT EXISTS was said (airbyte#35971).
    rules.need(workspace, session.identity, "CREATE_SCHEMA", ("catalog", catalog))
    if f"{catalog}.{schema}" in workspace.schemas:
        if tree.args.get("exists"):
            return Result()
        raise refusals.schema_exists(schema)
    comment = tree.find(exp.SchemaCommentProperty)
    now, me = workspace.clock.now_ms(), session.identity.principal
    made = Schema(
        catalog,
        schema,
        me,
        str(uuid.uuid4()),
        comment=comment.this.name if comment else "",
        created_at=now,
        created_by=me,
        updated_at=now,
        updated_by=me,
    )
    workspace.schemas[made.full_name] = made
    return Result()


def _drop_schema(session: Session, parts: list[str], if_exists: bool, cascade: bool) -> Result:
    workspace = session.workspace
    catalog, schema = session.schema_name(parts)
    session.check_catalog(catalog)
    full_name = f"{catalog}.{schema}"
    if full_name not in workspace.schemas:
        if if_exists:
            return Result()
        raise refusals.schema_not_found(catalog, schema)
    rules.need_owner(workspace, session.identity, ("schema", full_name))
    if not cascade and unity_catalog.holds_something(workspace, full_name):
        raise refusals.schema_not_empty(schema)
    unity_catalog.empty_schema(workspace, workspace.schemas[full_name])
    del workspace.schemas[full_name]
    workspace.grants.pop(("schema", full_name), None)
    return Result()


# -- tables and views -------------------------------------------------------------------------
def _target(session: Session, node: exp.Expr) -> tuple[str, str, str]:
    full = session.table_name(parsing.parts_of(node))
    session.check_schema(*full[:2])
    rules.need(session.workspace, session.identity, "CREATE_TABLE", ("schema", ".".join(full[:2])))
    return full


def _room_for(session: Session, tree: exp.Create, full: tuple[str, str, str]) -> bool:
    """Whether the statement goes on: an old table is replaced only by its owner."""
    name = ".".join(full)
    if name not in session.workspace.tables:
        return True
    if tree.args.get("exists"):
        return False
    if not tree.args.get("replace"):
        raise refusals.table_exists(*full)
    rules.need_owner(session.workspace, session.identity, ("table", name))
    unity_catalog.drop_table(session.workspace, session.workspace.tables[name])
    return True


def _create_table(session: Session, tree: exp.Create) -> Result:
    target = tree.this
    definitions = target.expressions if isinstance(target, exp.Schema) else []
    full = _target(session, target.this if isinstance(target, exp.Schema) else target)
    if tree.expression is not None:
        source = query.readable(session, tree.expression.copy())
        if not _room_for(session, tree, full):
            return Result()
        duck.ensure_schema(session.workspace, *full[:2])
        duck.run(session.workspace, f"CREATE TABLE {duck.place(*full)} AS {source.sql(dialect='duckdb')}")
        given, _rows = duck.run(session.workspace, f"SELECT * FROM {duck.place(*full)} LIMIT 0")
        _remember(session, full, "MANAGED", _queried(given))
        return Result([("num_affected_rows", "bigint"), ("num_inserted_rows", "bigint")])
    columns = []
    for definition in definitions:
        if not isinstance(definition, exp.ColumnDef) or definition.args.get("kind") is None:
            raise refusals.unsupported(definition.sql(dialect="databricks"))
        columns.append(_column(definition))
    if len({column["name"].lower() for column in columns}) != len(columns):
        raise SqlError("COLUMN_ALREADY_EXISTS", "42711", "The column already exists. Choose another name.")
    if not _room_for(session, tree, full):
        return Result()
    duck.ensure_schema(session.workspace, *full[:2])
    shown = ", ".join(
        f"{duck.quoted(definition.name)} {definition.args['kind'].sql(dialect='duckdb')}" for definition in definitions
    )
    if shown:
        duck.run(session.workspace, f"CREATE TABLE {duck.place(*full)} ({shown})")
    _remember(session, full, "MANAGED", columns)
    return Result()


def _column(definition: exp.ColumnDef) -> dict[str, t.Any]:
    """As the definition spells the name; the type as DESCRIBE shows it, without blanks."""
    kind = re.sub(r"\s*([,:<>()])\s*", r"\1", definition.args["kind"].sql(dialect="databricks").lower())
    found: dict[str, t.Any] = {"name": definition.name, "type_text": kind, "nullable": True}
    for constraint in definition.args.get("constraints") or []:
        if isinstance(constraint.kind, exp.CommentColumnConstraint):
            found["comment"] = constraint.kind.this.name
        elif isinstance(constraint.kind, exp.NotNullColumnConstraint) and not constraint.kind.args.get("allow_null"):
            found["nullable"] = False
    return found


def _queried(columns: list[tuple[str, str]]) -> list[dict[str, t.Any]]:
    return [{"name": name, "type_text": kind, "nullable": True} for name, kind in columns]


def _create_view(session: Session, tree: exp.Create) -> Result:
    full = _target(session, tree.this.this if isinstance(tree.this, exp.Schema) else tree.this)
    definition = query.qualified(session, tree.expression.copy())
    source = query.readable(session, definition.copy())
    columns, _rows = duck.run(session.workspace, f"SELECT * FROM ({source.sql(dialect='duckdb')}) LIMIT 0")
    if _room_for(session, tree, full):
        _remember(session, full, "VIEW", _queried(columns), definition.sql(dialect="databricks"))
    return Result()


def _remember(
    session: Session,
    full: tuple[str, str, str],
    kind: str,
    columns: list[dict[str, t.Any]],
    definition: str | None = None,
) -> None:
    now, me = session.workspace.clock.now_ms(), session.identity.principal
    listed = [
        {**column, "type_name": information_schema.simple_name(column["type_text"]), "position": number}
        for number, column in enumerate(columns)
    ]
    # Whoever creates it owns it, and may therefore drop it (Databricks docs, CREATE TABLE).
    session.workspace.tables[".".join(full)] = Table(
        *full,
        owner=me,
        table_type=kind,
        columns=listed,
        view_definition=definition,
        created_at=now,
        created_by=me,
        updated_at=now,
        updated_by=me,
    )


def _drop_table(session: Session, parts: list[str], if_exists: bool, kind: str) -> Result:
    full = session.table_name(parts)
    name = ".".join(full)
    session.check_catalog(full[0])
    found = session.workspace.tables.get(name)
    if found is None:
        if if_exists:
            return Result()
        raise refusals.table_not_found(*full)
    if (found.table_type == "VIEW") != (kind == "VIEW"):
        raise SqlError("WRONG_COMMAND_FOR_OBJECT_TYPE", "42809", f"DROP {kind} does not work on {name}.")
    rules.need_owner(session.workspace, session.identity, ("table", name))
    unity_catalog.drop_table(session.workspace, session.workspace.tables[name])
    return Result()
