# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL errors by their class and SQLSTATE (Spark error classes; product wording where it was reported)."""

from __future__ import annotations

from ..errors import SqlError


def _quoted(*parts: str) -> str:
    return ".".join(f"`{part}`" for part in parts)


def syntax(near: str) -> SqlError:
    return SqlError("PARSE_SYNTAX_ERROR", "42601", f"Syntax error at or near {near}.")


def unsupported(what: str) -> SqlError:
    return SqlError("UNSUPPORTED_FEATURE", "0A000", f"The sandbox does not know this statement: {what}.")


def hyphen(name: str) -> SqlError:
    return SqlError(
        "INVALID_IDENTIFIER",
        "42602",
        f"The identifier {name} is invalid. Please, consider quoting it with back-quotes as `{name}`.(line 1, pos 0)",
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
        "NO_SUCH_CATALOG_EXCEPTION", "42704", f"Catalog '{catalog}' was not found. Please verify the spelling."
    )


def schema_exists(schema: str) -> SqlError:
    return SqlError("SCHEMA_ALREADY_EXISTS", "42P06", f"Cannot create schema `{schema}` because it already exists.")


def table_exists(*parts: str) -> SqlError:
    return SqlError(
        "TABLE_OR_VIEW_ALREADY_EXISTS",
        "42P07",
        f"Cannot create table or view {_quoted(*parts)} because it already exists.",
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
