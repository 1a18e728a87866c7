# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic on decimals has Spark's types and digits: see decimal_statements.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sandbox.people import cursor
from tests.sandbox.spark import Answer, answer, fits
from tests.support.sandbox import Sandbox

_FILE = json.loads(Path(__file__).with_name("decimal_statements.json").read_text(encoding="utf-8"))
_STATEMENTS = _FILE["statements"]


@pytest.fixture(scope="module")
def answers(process: Sandbox) -> list[Answer]:
    process.reset()
    with cursor(process) as session:
        session.execute("USE CATALOG main")
        for statement in _FILE["setup"]:
            session.execute(statement)
        return [answer(session, one["statement"]) for one in _STATEMENTS]


@pytest.mark.parametrize("number", range(len(_STATEMENTS)), ids=lambda number: _STATEMENTS[number]["statement"])
def test_statement(answers: list[Answer], number: int) -> None:
    """Apache Spark 4.0.1, in ANSI mode: sum is (p+10,s), avg (p+4,s+4); products and quotients keep six digits."""
    assert fits(answers[number], _STATEMENTS[number]["spark"]), (answers[number], _STATEMENTS[number]["spark"])
