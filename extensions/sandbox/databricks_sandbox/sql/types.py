# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types as Spark spells them, from what DuckDB says; and values as text."""

from __future__ import annotations

import datetime
import decimal
import json
import re
import typing as t

_NAMES = {
    "BIGINT": "bigint",
    "HUGEINT": "bigint",  # sums of whole numbers, which are BIGINT in Spark
    "UBIGINT": "bigint",
    "INTEGER": "int",
    "INT": "int",
    "SMALLINT": "smallint",
    "TINYINT": "tinyint",
    "VARCHAR": "string",
    "STRING": "string",
    "DOUBLE": "double",
    "FLOAT": "float",
    "BOOLEAN": "boolean",
    "BOOL": "boolean",
    "BLOB": "binary",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "NULL": "void",
    '"NULL"': "void",
    "INTERVAL": "interval day to second",
}


def _split(text: str) -> list[str]:
    """The parts between commas that are in no bracket and no quotes."""
    parts, depth, start, quoted = [], 0, 0, False
    for number, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif sign in "(<":
            depth += 1
        elif sign in ")>":
            depth -= 1
        elif sign == "," and not depth:
            parts.append(text[start:number].strip())
            start = number + 1
    return [*parts, text[start:].strip()]


def spark(kind: str) -> str:
    """The Spark type, as DESCRIBE shows it, of a type as DuckDB shows it."""
    kind = kind.strip()
    if kind.endswith("[]"):
        return f"array<{spark(kind[:-2])}>"
    upper = kind.upper()
    if upper.startswith("MAP("):
        return f"map<{','.join(spark(part) for part in _split(kind[4:-1]))}>"
    if upper.startswith("STRUCT("):
        fields = [re.match(r'("(?:[^"]|"")*"|\S+)\s+(.*)', part, re.DOTALL) for part in _split(kind[7:-1])]
        return f"struct<{','.join(f'{_unquoted(one[1])}:{spark(one[2])}' for one in fields if one)}>"
    if upper.startswith("DECIMAL"):
        return upper.lower().replace(" ", "")
    return _NAMES.get(upper, "string")


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def sql(kind: str) -> str:
    """The type as the statement execution API spells it: in capitals, but for the names of fields.

    databricks-jdbc, recordings of complex types: ``STRUCT<street: STRING, zip: INT>``, ``MAP<STRING, STRING>``.
    """
    name, opened, inside = kind.partition("<")
    if not opened:
        return kind.upper()
    parts = _split(inside[:-1])
    if name.lower() != "struct":
        return f"{name.upper()}<{', '.join(sql(part) for part in parts)}>"
    fields = (part.partition(":") for part in parts)
    return f"STRUCT<{', '.join(f'{_quoted(field.strip())}: {sql(of.strip())}' for field, _colon, of in fields)}>"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else f"`{name.replace('`', '``')}`"


def json_value(value: t.Any) -> t.Any:
    """A nested value as JSON has it."""
    if isinstance(value, dict):
        return {str(key): json_value(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else text(value)


def text(value: t.Any) -> str:
    """A value in an answer that is all text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        moment = value.astimezone(datetime.UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(sep=" ")
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(json_value(value), separators=(",", ":"), ensure_ascii=False)
    return str(value)
