# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SELECT, INSERT, UPDATE and DELETE: every table that is touched is authorised before DuckDB sees the statement."""

from __future__ import annotations

import contextlib
import re
import typing as t

from sqlglot import exp
from sqlglot.errors import SqlglotError

from .. import privileges
from ..errors import SqlError
from . import decimals, duck, engine, filters, functions, information_schema, naming, parsing, refusals, rules
from .session import Result, Session

_PARAMETER_TYPE = re.compile(r"\w+(\(\s*\d+\s*(,\s*\d+\s*)?\))?")
_WRITES: dict[type[exp.Expr], str] = {exp.Insert: "INSERT", exp.Update: "UPDATE", exp.Delete: "DELETE"}


def run(session: Session, text: str, parameters: dict[str, tuple[str, str | None]]) -> Result:
    tree = _bound(parsing.parsed(text), parameters)
    columns = known_columns(session, tree)
    with in_sparks_words(session, text, columns):
        functions.check(session, tree, text)
        if isinstance(tree, exp.Query):
            statement = readable(session, tree)
            return Result(*duck.run(session.workspace, statement.sql(dialect="duckdb")))
        for kind in _WRITES:
            if isinstance(tree, kind):
                return _write(session, tree)
    raise refusals.unsupported(" ".join(text.split())[:200])


def known_columns(session: Session, tree: exp.Expr) -> list[str]:
    """The columns of all tables that the statement names, for suggestions."""
    found = []
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and len(parsing.parts_of(table)) <= 3:
            known = session.workspace.tables.get(".".join(session.table_name(parsing.parts_of(table))))
            found += [str(column["name"]) for column in known.columns] if known else []
    return found


@contextlib.contextmanager
def in_sparks_words(session: Session, text: str, columns: t.Sequence[str] = ()) -> t.Iterator[None]:
    """Whatever the engine or the parser says about the statement comes out as Spark would say it."""
    try:
        yield
    except SqlError:
        raise
    except Exception as error:
        raise engine.in_spark(error, text, columns, session.catalog, session.schema) from error


def _write(session: Session, tree: exp.Expr) -> Result:
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    if tree.find(exp.With) or tree.args.get("overwrite"):
        raise refusals.unsupported(tree.sql(dialect="databricks"))
    full = _existing(session, target)
    securable = ("table", ".".join(full))
    if session.workspace.tables[securable[1]].table_type == "VIEW":
        raise refusals.unsupported("writing into a view")
    own = _WRITES[type(tree)]
    if not privileges.may(session.workspace, session.identity, own, securable):
        rules.need(session.workspace, session.identity, "MODIFY", securable)
    if not isinstance(tree, exp.Insert):
        rules.need(session.workspace, session.identity, "SELECT", securable)
    for table in list(tree.find_all(exp.Table)):
        if table is not target:
            _make_readable(session, table, session.identity)
    target.replace(_in_duck(full, target))
    _functions(session, tree)
    functions.whole_numbers(tree)
    _decimals(session, tree)
    _arithmetic(tree)
    _columns, rows = duck.run(session.workspace, tree.sql(dialect="duckdb"))
    count = rows[0][0] if rows else 0
    names = [("num_affected_rows", "bigint")]
    if isinstance(tree, exp.Insert):
        return Result([*names, ("num_inserted_rows", "bigint")], [(count, count)])
    return Result(names, [(count,)])


def readable(session: Session, tree: exp.Expr) -> exp.Expr:
    """The query with every table authorised for the session's identity and moved to where DuckDB has it."""
    shell = exp.Subquery(this=tree)
    for table in list(shell.find_all(exp.Table)):
        _make_readable(session, table, session.identity)
    naming.name_all(shell)
    _functions(session, shell)
    functions.whole_numbers(shell)
    _decimals(session, shell)
    _arithmetic(shell)
    _counting(shell)
    return shell.this


def _decimals(session: Session, tree: exp.Expr) -> None:
    decimals.settle(tree, lambda query: duck.kind(session.workspace, query.sql(dialect="duckdb")))


def _arithmetic(tree: exp.Expr) -> None:
    """Division by zero is an error, and a string beside a number is read as one (ANSI mode)."""
    for node in list(tree.find_all(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)):
        for key in ("this", "expression"):
            part = node.args[key]
            other = node.args["expression" if key == "this" else "this"]
            if isinstance(part, exp.Literal) and part.is_string and isinstance(other, exp.Literal):
                node.set(key, exp.cast(part.copy(), "BIGINT"))
    for node in list(tree.find_all(exp.Div, exp.Mod, exp.IntDiv)):
        divisor = node.expression.copy()
        refused = exp.Anonymous(this="error", expressions=[exp.Literal.string(engine.ZERO)])
        checked = exp.Case(
            ifs=[
                exp.If(
                    this=exp.EQ(this=exp.paren(divisor.copy()), expression=exp.Literal.number(0)),
                    true=refused,
                )
            ],
            default=divisor,
        )
        node.set("expression", checked)


def _counting(tree: exp.Expr) -> None:
    """count_if of nothing is 0 and a BIGINT (Spark's CountIf); sqlglot makes a sum for DuckDB, which is NULL then."""
    for node in list(tree.find_all(exp.CountIf)):
        hit = exp.Case(ifs=[exp.If(this=node.this.copy(), true=exp.Literal.number(1))])
        node.replace(exp.Count(this=hit))


def qualified(session: Session, tree: exp.Expr) -> exp.Expr:
    """The query with full names, as a view keeps it."""
    common = _common(tree)
    for table in tree.find_all(exp.Table):
        if table.name.lower() in common and not table.db:
            continue
        full = session.table_name(parsing.parts_of(table))
        table.set("this", exp.to_identifier(full[2], quoted=True))
        table.set("db", exp.to_identifier(full[1], quoted=True))
        table.set("catalog", exp.to_identifier(full[0], quoted=True))
    return tree


def _common(tree: exp.Expr) -> set[str]:
    return {cte.alias.lower() for cte in tree.find_all(exp.CTE)}


def _existing(session: Session, node: exp.Expr) -> tuple[str, str, str]:
    named = parsing.parts_of(node)
    full = session.table_name(named)
    session.check_catalog(full[0])
    if ".".join(full[:2]) not in session.workspace.schemas:
        raise refusals.table_not_found(*named)
    if ".".join(full) not in session.workspace.tables:
        rules.need(session.workspace, session.identity, "USE_SCHEMA", ("schema", ".".join(full[:2])))
        raise refusals.table_not_found(*named)
    return full


def _make_readable(session: Session, table: exp.Table, reader: object) -> None:
    root = table.root()
    if table.name.lower() in _common(root) and not table.db:
        return
    if isinstance(table.this, exp.Anonymous) and table.this.name.lower() == "range" and not table.db:
        made = table.this.copy()
        made.set("expressions", made.expressions[:3])
        alias = exp.TableAlias(this=exp.to_identifier(table.alias or "range"), columns=[exp.to_identifier("id")])
        table.replace(exp.Table(this=made, alias=alias))
        return
    if not isinstance(table.this, exp.Identifier):
        raise refusals.unsupported(table.sql(dialect="databricks"))
    full = session.table_name(parsing.parts_of(table))
    if full[1] == information_schema.NAME:
        session.check_catalog(full[0])
        if ".".join(full[:2]) not in session.workspace.schemas:
            raise refusals.table_not_found(*parsing.parts_of(table))
        alias = exp.TableAlias(this=exp.to_identifier(table.alias or full[2], quoted=True))
        table.replace(exp.Subquery(this=information_schema.view(session, full), alias=alias))
        return
    full = _existing(session, table)
    securable = ("table", ".".join(full))
    rules.need(session.workspace, session.identity, "SELECT", securable)
    found = session.workspace.tables[securable[1]]
    if found.table_type != "VIEW":
        plain = _in_duck(full, table)
        table.replace(plain)
        kept = filters.filtered(session, found, plain)
        if kept is not plain:
            plain.replace(kept)
        return
    # A view reads with its owner's rights (Databricks docs, CREATE VIEW).
    owner = session.workspace.identity_by_principal(found.owner)
    if owner is None:
        raise refusals.denied(privileges.lacking(session.workspace, session.identity, "SELECT", securable))
    inner = readable(Session(session.workspace, owner, *full[:2]), parsing.parsed(found.view_definition or ""))
    table.replace(
        exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(table.alias or full[2], quoted=True)))
    )


def _in_duck(full: tuple[str, str, str], old: exp.Table) -> exp.Table:
    new = exp.Table(
        this=exp.to_identifier(full[2], quoted=True), db=exp.to_identifier(duck.schema_name(*full[:2]), quoted=True)
    )
    new.set("alias", old.args.get("alias") or exp.TableAlias(this=exp.to_identifier(full[2], quoted=True)))
    if isinstance(old.parent, (exp.Insert, exp.Update, exp.Delete, exp.Schema)):
        new.set("alias", None)
    return new


def _functions(session: Session, tree: exp.Expr) -> None:
    values = {
        exp.CurrentUser: session.identity.principal,
        exp.SessionUser: session.identity.principal,
        exp.CurrentCatalog: session.catalog,
        exp.CurrentSchema: session.schema,
    }
    for metastore in [one for one in tree.find_all(exp.Anonymous) if one.name.upper() == "CURRENT_METASTORE"]:
        workspace = session.workspace
        if not workspace.unity_catalog:
            # databrickslabs/ucx#1112
            raise SqlError(
                "OPERATION_REQUIRES_UNITY_CATALOG",
                "0AKUD",
                "Operation CURRENT_METASTORE requires Unity Catalog enabled.",
            )
        metastore.replace(exp.Literal.string(f"{workspace.cloud}:sandbox:{workspace.metastore_id}"))
    for user in [one for one in tree.find_all(exp.Anonymous) if one.name.upper() == "USER"]:
        user.replace(exp.CurrentUser())
    for kind, value in values.items():
        for node in list(tree.find_all(kind)):
            literal = exp.Literal.string(value)
            inside = isinstance(node.parent, exp.Select)
            node.replace(
                exp.alias_(literal, f"{node.sql(dialect='databricks').lower()}", quoted=True) if inside else literal
            )


def _bound(tree: exp.Expr, parameters: dict[str, tuple[str, str | None]]) -> exp.Expr:
    for node in list(tree.find_all(exp.Placeholder)):
        name = str(node.this or "")
        if name not in parameters:
            raise SqlError(
                "UNBOUND_SQL_PARAMETER",
                "42P02",
                f"Found the unbound parameter: {name}. Please, fix `args` and provide a mapping.",
            )
        kind, value = parameters[name]
        literal: exp.Expr = exp.Null() if value is None else exp.Literal.string(value)
        if value is not None and kind.upper() not in ("STRING", "VARCHAR"):
            if not _PARAMETER_TYPE.fullmatch(kind):
                raise refusals.syntax(kind)
            try:
                literal = exp.cast(literal, kind, dialect="databricks")
            except SqlglotError as error:
                raise refusals.syntax(kind) from error
        node.replace(literal)
    return tree
