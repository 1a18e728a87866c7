# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which functions and clauses reach the engine: those that Spark has and the engine answers alike.

The engine has functions of its own, and some of Spark's names mean something else there; it would answer for itself.
"""

from __future__ import annotations

import re

from sqlglot import exp

from . import refusals
from .session import Session

# Names that the parser does not know.
_ALIKE = frozenset(
    ["bin", "current_metastore", "e", "hypot", "isnull", "isnotnull", "make_date", "positive", "range", "user"]
)
# Functions of Spark and Databricks that are not here; any other name is nobody's.
_SPARKS_WORDS = """
aes_decrypt aes_encrypt ai_query approx_percentile assert_true bigint bit_get bitmap_count btrim cardinality
char charindex conv crc32 date_part decimal every expm1 find_in_set format_number format_string from_avro from_csv get
getbit h3_longlatash3 hash http_request input_file_name is_account_group_member is_member is_variant_null
java_method json_array_length json_object_keys json_tuple ln log1p mask monotonically_increasing_id percentile
pmod printf raise_error read_files reflect regr_slope rint schema_of_json secret sentences shiftrightunsigned
signum smallint some spark_partition_id stack timestamp timestamp_micros timestamp_millis timestamp_seconds tinyint
to_csv to_number try_avg try_sum try_to_number try_variant_get typeof variant_get version
weekday xpath xpath_string xxhash64
"""
_SPARKS = frozenset(_SPARKS_WORDS.split())
_NOT_ALIKE = (exp.CurrentVersion, exp.Typeof, exp.Columns)
# What may follow the name of a table here; the rest, such as VERSION AS OF or PIVOT, would be lost on the way.
_AFTER_A_TABLE = frozenset(["this", "db", "catalog", "alias", "joins", "laterals"])
_WHOLE = (
    exp.DataType.Type.TINYINT,
    exp.DataType.Type.SMALLINT,
    exp.DataType.Type.INT,
    exp.DataType.Type.BIGINT,
)


def check(session: Session, tree: exp.Expr, text: str) -> None:
    """Refuse what the engine would answer in its own way.

    :raises SqlError: UNRESOLVED_ROUTINE for a function that is not Spark's; SANDBOX_UNSUPPORTED for one that is
    """
    said = " ".join(text.split())[:200]
    for node in tree.find_all(exp.Anonymous):
        name = str(node.name).lower()
        if name in _SPARKS and not isinstance(node.parent, exp.Dot):
            raise refusals.unsupported(said)
        if name not in _ALIKE and not isinstance(node.parent, (exp.Dot, exp.Table)):
            raise refusals.routine_not_found(str(node.name), session.catalog, session.schema, text)
    if tree.find(*_NOT_ALIKE):
        raise refusals.unsupported(said)
    for table in tree.find_all(exp.Table):
        if any(value for key, value in table.args.items() if key not in _AFTER_A_TABLE):
            raise refusals.unsupported(said)


def whole_numbers(tree: exp.Expr) -> None:
    """A cast to a whole number cuts off a fraction, and reads no fraction from text (Spark 4.0.1, ANSI mode)."""
    for node in list(tree.find_all(exp.Cast)):
        if node.to.this not in _WHOLE:
            continue
        inner = node.this.this if isinstance(node.this, exp.Neg) else node.this
        if not isinstance(inner, exp.Literal):
            continue
        if inner.is_string and not re.fullmatch(r"\s*[+-]?\d+\s*", inner.name):
            if isinstance(node, exp.TryCast):
                node.set("this", exp.Null())
                continue
            raise refusals.cast(f"'{inner.name}'", "STRING", node.to.sql(dialect="databricks"))
        if not inner.is_string:
            node.set("this", exp.Trunc(this=node.this.copy()))
