# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL errors by their class and SQLSTATE (Spark error classes; product wording where it was reported)."""

from __future__ import annotations

import re

from ..errors import SqlError


def _quoted(*parts: str) -> str:
    return ".".join(f"`{part}`" for part in parts)


def place(statement: str, at: int) -> tuple[int, int]:
    """Line, from 1, and position in it, from 0."""
    before = statement[:at]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)


def _shown(statement: str, at: int) -> str:
    line, position = place(statement, at)
    lines = statement.split("\n")
    marked = [*lines[:line], "-" * position + "^^^", *lines[line:]]
    return f" (line {line}, pos {position})\n\n== SQL ==\n" + "\n".join(marked)


def syntax(near: str, statement: str = "", at: int = 0, more: str = "") -> SqlError:
    """What the parser of Spark says.

    :param near: the words it stumbles over, or nothing at the end of the statement
    :param at: where they begin in the statement
    :param more: such as "extra input 'x'"
    """
    words = f"'{near}'" if near else "end of input"
    tail = f": {more}" if more else ""
    return SqlError("PARSE_SYNTAX_ERROR", "42601", f"Syntax error at or near {words}{tail}.", _shown(statement, at))


def empty(statement: str) -> SqlError:
    return SqlError(
        "PARSE_EMPTY_STATEMENT",
        "42617",
        "Syntax error, unexpected empty statement.",
        _shown(statement, len(statement)),
    )


def unsupported(what: str) -> SqlError:
    """A class of the sandbox's own: nobody shall take it for the service's word."""
    return SqlError("SANDBOX_UNSUPPORTED", "0A000", f"The sandbox does not do this: {what}.")


def hyphen(name: str, statement: str = "") -> SqlError:
    line, position = place(statement, max(statement.find(name), 0))
    return SqlError(
        "INVALID_IDENTIFIER",
        "42602",
        f"The unquoted identifier {name} is invalid and must be back quoted as: `{name}`.\n"
        "Unquoted identifiers can only contain ASCII letters ('a' - 'z', 'A' - 'Z'), digits ('0' - '9'), "
        "and underbar ('_').",
        f" (line {line}, pos {position})",
    )


def _where(statement: str, name: str) -> str:
    found = re.search(rf"(?<!\w)`?{re.escape(name)}`?(?!\w)", statement, re.IGNORECASE)
    line, position = place(statement, found.start() if found else 0)
    return f"; line {line} pos {position}"


def column_not_found(name: str, suggested: list[str], statement: str) -> SqlError:
    kind, tail = "WITHOUT_SUGGESTION", ""
    if suggested:
        kind, tail = "WITH_SUGGESTION", f"Did you mean one of the following? [{', '.join(suggested)}]."
    return SqlError(
        f"UNRESOLVED_COLUMN.{kind}",
        "42703",
        f"A column, variable, or function parameter with name {_quoted(*name.split('.'))} cannot be resolved. {tail}",
        _where(statement, name.split(".")[0]),
    )


def ambiguous(name: str, statement: str) -> SqlError:
    return SqlError("AMBIGUOUS_REFERENCE", "42704", f"Reference `{name}` is ambiguous.", _where(statement, name))


def routine_not_found(name: str, catalog: str, schema: str, statement: str) -> SqlError:
    path = f"`system`.`builtin`, `system`.`session`, {_quoted(catalog, schema)}"
    return SqlError(
        "UNRESOLVED_ROUTINE",
        "42883",
        f"Cannot resolve routine {_quoted(*name.split('.'))} on search path [{path}].",
        _where(statement, name.split(".")[-1]),
    )


def cast(value: str, source: str, target: str) -> SqlError:
    return SqlError(
        "CAST_INVALID_INPUT",
        "22018",
        f'The value {value} of the type "{source}" cannot be cast to "{target}" because it is malformed. '
        "Correct the value as per the syntax, or change its target type. "
        "Use `try_cast` to tolerate malformed input and return NULL instead.",
    )


def division() -> SqlError:
    return SqlError(
        "DIVIDE_BY_ZERO",
        "22012",
        "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. "
        'If necessary set "ansi_mode" to "false" to bypass this error.',
    )


def overflow() -> SqlError:
    return SqlError(
        "ARITHMETIC_OVERFLOW", "22003", 'overflow. If necessary set "ansi_mode" to "false" to bypass this error.'
    )


def cast_overflow(value: str, target: str) -> SqlError:
    return SqlError(
        "CAST_OVERFLOW",
        "22003",
        f'The value {value} cannot be cast to "{target}" due to an overflow. Use `try_cast` to tolerate overflow and '
        "return NULL instead.",
    )


def out_of_range(value: str, precision: str, scale: str) -> SqlError:
    return SqlError(
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        "22003",
        f"The {value} cannot be represented as Decimal({precision}, {scale}).",
    )


def not_grouped(name: str, statement: str) -> SqlError:
    """With GROUP BY and without are two classes in Spark."""
    if re.search(r"\bGROUP\s+BY\b", statement, re.IGNORECASE):
        return SqlError(
            "MISSING_AGGREGATION",
            "42803",
            f'The non-aggregating expression "{name}" is based on columns which are not participating in the GROUP BY '
            "clause.",
        )
    return SqlError(
        "MISSING_GROUP_BY",
        "42803",
        "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the window functions using OVER "
        "clauses.",
    )


def other_number_of_columns() -> SqlError:
    return SqlError(
        "NUM_COLUMNS_MISMATCH",
        "42826",
        "Set operations can only be performed on inputs with the same number of columns.",
    )


def wrong_number_of_values(needed: int, given: int) -> SqlError:
    kind = "NOT_ENOUGH_DATA_COLUMNS" if given < needed else "TOO_MANY_DATA_COLUMNS"
    reason = "not enough" if given < needed else "too many"
    return SqlError(
        f"INSERT_COLUMN_ARITY_MISMATCH.{kind}",
        "21S01",
        f"Cannot write to the table, the reason is {reason} data columns: it has {needed}, the data {given}.",
    )


def more_than_one_row() -> SqlError:
    return SqlError(
        "SCALAR_SUBQUERY_TOO_MANY_ROWS", "21000", "More than one row returned by a subquery used as an expression."
    )


def schema_not_found(catalog: str, schema: str) -> SqlError:
    return SqlError(
        "SCHEMA_NOT_FOUND",
        "42704",
        f"The schema {_quoted(catalog, schema)} cannot be found. Verify the spelling and "
        "correctness of the schema and catalog.\n"
        "If you did not qualify the name with a catalog, verify the current_schema() output, "
        "or qualify the name with the correct catalog.\nTo tolerate the error on drop use DROP SCHEMA IF EXISTS.",
    )


def table_not_found(*parts: str) -> SqlError:
    return SqlError(
        "TABLE_OR_VIEW_NOT_FOUND",
        "42P01",
        f"The table or view {_quoted(*parts)} cannot be found. Verify the spelling and "
        "correctness of the schema and catalog.\n"
        "If you did not qualify the name with a schema, verify the current_schema() output, "
        "or qualify the name with the correct schema and catalog.\n"
        "To tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.",
    )


def catalog_not_found(catalog: str) -> SqlError:
    return SqlError(
        "NO_SUCH_CATALOG_EXCEPTION",
        "42704",
        f"Catalog '{catalog}' was not found. Please verify the catalog name and then retry the query or command again.",
    )


def schema_exists(schema: str) -> SqlError:
    return SqlError(
        "SCHEMA_ALREADY_EXISTS",
        "42P06",
        f"Cannot create schema `{schema}` because it already exists.\n"
        "Choose a different name, drop the existing schema, or add the IF NOT EXISTS clause to tolerate pre-existing "
        "schema.",
    )


def table_exists(*parts: str) -> SqlError:
    return SqlError(
        "TABLE_OR_VIEW_ALREADY_EXISTS",
        "42P07",
        f"Cannot create table or view {_quoted(*parts)} because it already exists.\n"
        "Choose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate "
        "pre-existing objects.",
    )


def schema_not_empty(schema: str) -> SqlError:
    return SqlError(
        "SCHEMA_NOT_EMPTY",
        "2BP01",
        f"Cannot drop a schema `{schema}` because it contains objects. "
        "Use DROP SCHEMA ... CASCADE to drop the schema and all its objects.",
    )


def denied(sentence: str) -> SqlError:
    return SqlError("INSUFFICIENT_PERMISSIONS", "42501", f"Insufficient privileges:\n{sentence}")


def unauthorized(sentence: str) -> SqlError:
    """The other class of a denial; its text carries the code of the service behind it."""
    return SqlError("UNAUTHORIZED_ACCESS", "42501", f"Unauthorized access:\nPERMISSION_DENIED: {sentence}")


def principal_unknown(name: str) -> SqlError:
    return SqlError(None, None, f"PRINCIPAL_DOES_NOT_EXIST: Could not find principal with name {name}")


def invalid(sentence: str) -> SqlError:
    return SqlError("INVALID_PARAMETER_VALUE", "22023", sentence)
