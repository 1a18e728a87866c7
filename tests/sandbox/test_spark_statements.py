# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""57 statements as Spark 4.0.1 answered them, or as Databricks is known to differ: see spark_statements.json."""

from __future__ import annotations

import typing as t

import pytest

from tests.sandbox.people import client, cursor
from tests.sandbox.spark import STATEMENTS, Answer, answer, filled_in, fits
from tests.support.sandbox import Sandbox

_CATALOG = "main"


@pytest.fixture(scope="module")
def answers(process: Sandbox) -> list[Answer]:
    """All of them in one session, because the later ones need what the earlier ones made."""
    process.reset()
    with cursor(process) as session:
        session.execute(f"USE CATALOG {_CATALOG}")
        return [answer(session, one["statement"]) for one in STATEMENTS]


def _expected(one: dict[str, t.Any], user: str) -> Answer:
    return filled_in(one.get("databricks") or one["spark"], _CATALOG, user)


@pytest.mark.parametrize("number", range(len(STATEMENTS)))
def test_statement(answers: list[Answer], process: Sandbox, number: int) -> None:
    """Apache Spark 4.0.1, in ANSI mode; Databricks where the file says so."""
    one = STATEMENTS[number]
    wanted = _expected(one, client(process).current_user.me().user_name or "")
    assert fits(answers[number], wanted), (one["statement"], answers[number], wanted)


def test_how_many_agree(answers: list[Answer], process: Sandbox) -> None:
    """At least 54 as Spark, or as Databricks differs; a difference without a reason does not count."""
    user = client(process).current_user.me().user_name or ""
    agree = [fits(found, _expected(one, user)) for found, one in zip(answers, STATEMENTS, strict=True)]
    different = [one for one in STATEMENTS if "databricks" in one]
    print(f"{sum(agree)} of {len(agree)} agree, {len(different)} of them as Databricks, which differs from Spark")
    assert len(agree) == 57 and sum(agree) >= 54
    assert all(one["why"] for one in different)


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("SELECT array(1,2) AS a, map('k',1) AS m", ["ARRAY<INT>", "MAP<STRING, INT>"]),
        (
            "SELECT named_struct('OrderId', 1, 'the day', '') AS s, array(struct(1.5BD AS Sum)) AS t",
            ["STRUCT<OrderId: INT, `the day`: STRING>", "ARRAY<STRUCT<Sum: DECIMAL(2,1)>>"],
        ),
        ("SELECT NULL AS n, 1.10BD AS d, X'1F' AS b", ["VOID", "DECIMAL(3,2)", "BINARY"]),
        (
            "SELECT TIMESTAMP'2024-01-01 00:00:00' AS t, DATE'2024-01-02' AS d, TRUE AS b",
            ["TIMESTAMP", "DATE", "BOOLEAN"],
        ),
    ],
)
def test_whole_types(process: Sandbox, statement: str, kinds: list[str]) -> None:
    """What the connector does not tell, the statement execution API does: types of elements, spelled as databricks-jdbc
    recorded them, and VOID (Spark 4.0.1).
    """
    done = client(process).statement_execution.execute_statement(statement, process.warehouse_id)
    assert done.manifest and done.manifest.schema and done.manifest.schema.columns, done.as_dict()
    assert [one.type_text for one in done.manifest.schema.columns] == kinds
