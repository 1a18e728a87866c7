# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Row filters: a function of SQL that says which rows of a table a caller sees (Databricks docs, "Row filters").

Functions are there for that only: no statement calls them, and one that no filter could use is refused.
"""

from __future__ import annotations

import re

from sqlglot import exp

from ..errors import SqlError
from ..model import Function, RowFilter, Table
from . import names, parsing, refusals, rules
from .session import Result, Session

_CREATE = re.compile(
    rf"CREATE\s+(?P<replace>OR\s+REPLACE\s+)?FUNCTION\s+(?P<name>{names.NAME})\s*\((?P<parameters>[^()]*)\)\s*"
    r"(?:RETURNS?\s+BOOLEAN\s+)?RETURN\s+(?P<body>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_SET = re.compile(
    rf"ALTER\s+TABLE\s+(?P<table>{names.NAME})\s+SET\s+ROW\s+FILTER\s+(?P<function>{names.NAME})\s+"
    r"ON\s*\((?P<columns>[^()]*)\)$",
    re.IGNORECASE,
)
_DROP = re.compile(rf"ALTER\s+TABLE\s+(?P<table>{names.NAME})\s+DROP\s+ROW\s+FILTER$", re.IGNORECASE)


def is_about_filters(text: str) -> bool:
    return bool(re.match(r"(CREATE\s+(OR\s+REPLACE\s+)?FUNCTION|ALTER\s+TABLE\b.*\bROW\s+FILTER\b)", text, re.I | re.S))


def run(session: Session, text: str) -> Result:
    """CREATE FUNCTION, and ALTER TABLE with SET or DROP ROW FILTER."""
    created, put, dropped = _CREATE.match(text), _SET.match(text), _DROP.match(text)
    if created:
        return _create(session, created)
    if put:
        return _put(session, put)
    if dropped:
        _owned(session, dropped["table"]).row_filter = None
        return Result()
    raise refusals.unsupported(" ".join(text.split())[:200])


def _create(session: Session, match: re.Match[str]) -> Result:
    full = session.table_name(names.parts(match["name"]))
    session.check_schema(*full[:2])
    rules.need(session.workspace, session.identity, "CREATE_FUNCTION", ("schema", ".".join(full[:2])))
    name, functions = ".".join(full), session.workspace.functions
    if name in functions and not match["replace"]:
        raise SqlError(
            "ROUTINE_ALREADY_EXISTS", "42723", f"Cannot create the routine `{name}` because it already exists."
        )
    parameters = [part.split()[0].strip("`").lower() for part in match["parameters"].split(",") if part.strip()]
    parsing.parsed(f"SELECT {match['body']}")
    functions[name] = Function(name, parameters, match["body"], session.identity.principal)
    return Result()


def _put(session: Session, match: re.Match[str]) -> Result:
    table = _owned(session, match["table"])
    parts = names.parts(match["function"])
    function = session.workspace.functions.get(".".join(session.table_name(parts)))
    if function is None:
        raise refusals.routine_not_found(".".join(parts), session.catalog, session.schema, match.string)
    known = {str(column["name"]).lower() for column in table.columns}
    columns = [column.strip().strip("`").lower() for column in match["columns"].split(",") if column.strip()]
    for column in columns:
        if column not in known:
            raise refusals.column_not_found(column, [f"`{one}`" for one in sorted(known)], match.string)
    if len(columns) != len(function.parameters):
        raise SqlError(
            "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
            "42605",
            f"The `{function.full_name}` requires {len(function.parameters)} parameters but the actual number is "
            f"{len(columns)}.",
        )
    table.row_filter = RowFilter(function.full_name, columns)
    return Result()


def _owned(session: Session, name: str) -> Table:
    full = session.table_name(names.parts(name))
    session.check_schema(*full[:2])
    found = session.workspace.tables.get(".".join(full))
    if found is None:
        raise refusals.table_not_found(*names.parts(name))
    rules.need_owner(session.workspace, session.identity, ("table", found.full_name))
    return found


def filtered(session: Session, table: Table, plain: exp.Table) -> exp.Expr:
    """The rows of the table that its filter lets through, as a query in its place; the filter is for owners, too."""
    if table.row_filter is None or isinstance(plain.parent, (exp.Insert, exp.Update, exp.Delete, exp.Schema)):
        return plain
    function = session.workspace.functions.get(table.row_filter.function_name)
    if function is None:  # dropped with its schema; that nothing can be read then is our guess
        name = table.row_filter.function_name
        raise refusals.routine_not_found(name, session.catalog, session.schema, plain.sql())
    given = dict(zip(function.parameters, table.row_filter.columns, strict=True))
    condition = parsing.parsed(f"SELECT {function.body}").expressions[0]
    for column in list(condition.find_all(exp.Column)):
        if column.name.lower() in given:
            column.set("this", exp.to_identifier(given[column.name.lower()], quoted=True))
    alias = plain.args["alias"]
    inner = plain.copy()
    inner.set("alias", None)
    return exp.Subquery(this=exp.select("*").from_(inner).where(condition), alias=alias.copy())
