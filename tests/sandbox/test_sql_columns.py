# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about columns: over REST, by DESCRIBE and in information_schema."""

from __future__ import annotations

from tests.sandbox.people import client, cursor, rows
from tests.support.sandbox import Sandbox

_MADE = (
    "CREATE TABLE main.default.kinds (Id BIGINT NOT NULL COMMENT 'the id', Email STRING, d DECIMAL(10, 2), "
    "tags ARRAY<STRING>, m MAP<STRING, INT>, s STRUCT<a: INT, b: STRING>, raw BINARY)"
)
_TYPES = [
    ("Id", "bigint", "LONG"),
    ("Email", "string", "STRING"),
    ("d", "decimal(10,2)", "DECIMAL"),
    ("tags", "array<string>", "ARRAY"),
    ("m", "map<string,int>", "MAP"),
    ("s", "struct<a:int,b:string>", "STRUCT"),
    ("raw", "binary", "BINARY"),
]


def test_describe_keeps_case_types_and_comments(sandbox: Sandbox) -> None:
    """Spark 4.0.1, DESCRIBE TABLE: decimal(10,2) without a blank, names and comments as they were given."""
    with cursor(sandbox) as session:
        rows(session, _MADE)
        found = rows(session, "DESCRIBE TABLE main.default.kinds")
    assert [row[:2] for row in found] == [(name, kind) for name, kind, _simple in _TYPES]
    assert [row[2] for row in found] == ["the id", *[None] * 6]


def test_information_schema_columns(sandbox: Sandbox) -> None:
    """Databricks docs, "COLUMNS": positions from 1, YES or NO, the simple name and the full type."""
    with cursor(sandbox) as session:
        rows(session, _MADE)
        found = rows(
            session,
            "SELECT column_name, full_data_type, data_type, ordinal_position, is_nullable, comment "
            "FROM main.information_schema.columns WHERE table_name = 'kinds' ORDER BY ordinal_position",
        )
        assert [row[:3] for row in found] == _TYPES
        assert [row[3] for row in found] == list(range(1, 8))
        assert [row[4] for row in found] == ["NO", *["YES"] * 6] and found[0][5] == "the id"
        numbers = rows(
            session,
            "SELECT numeric_precision, numeric_precision_radix, numeric_scale FROM main.information_schema.columns "
            "WHERE table_name = 'kinds' AND column_name IN ('Id', 'd', 'Email') ORDER BY ordinal_position",
        )
    assert numbers == [(64, 2, 0), (None, None, None), (10, 10, 2)]


def test_columns_over_rest(sandbox: Sandbox) -> None:
    """SDK ColumnInfo: a type_name that is not of its enumeration would be read as None."""
    with cursor(sandbox) as session:
        rows(session, _MADE)
    found = client(sandbox).tables.get("main.default.kinds").columns or []
    assert [(one.name, one.type_text, one.type_name.value if one.type_name else None) for one in found] == _TYPES
