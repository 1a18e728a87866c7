# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of faults that no test can see is about faults that there can be, in files that there are."""

from __future__ import annotations

import pytest

from tests.mutants import survivors
from tests.mutants.faults import mutants


@pytest.mark.parametrize("name", survivors.TESTS)
def test_what_is_explained_can_be_put_in(name: str) -> None:
    every = mutants((survivors.ROOT / name).read_text(encoding="utf-8"))
    assert len(every) > 20 and survivors.gone(name, every) == []
    assert all((survivors.ROOT / tests).is_file() for tests in survivors.TESTS[name])


def test_every_explanation_is_of_a_file_that_is_tried() -> None:
    table = survivors.table()
    assert set(table) <= set(survivors.TESTS)
    assert all(len(entry["why"]) > 20 for entries in table.values() for entry in entries)


def test_a_table_that_is_out_of_date_is_a_problem() -> None:
    name = next(iter(survivors.table()))
    every = mutants((survivors.ROOT / name).read_text(encoding="utf-8"))
    explained = {survivors.key(entry) for entry in survivors.table()[name]}
    left = [one for one in every if one.key in explained]
    assert survivors.judged(name, every, left) == (len(left), [])
    (problem,) = survivors.judged(name, every, left[1:]).problems
    assert problem.startswith("survivors.yml explains what a test sees by now")
    other = next(one for one in every if one.key not in explained)
    (problem,) = survivors.judged(name, every, [*left, other]).problems
    assert problem == f"line {other.line} ({other.within or 'module'}): {other.was}  ->  {other.becomes}"
    assert len(survivors.gone(name, [one for one in every if one.key not in explained])) == len(explained)


def test_each_kind_of_fault_is_made() -> None:
    lines = (
        "def f(a, b):",
        " if a < 1 and not b:",
        "  raise ValueError",
        " a += 2 if b else 3",
        " g(a)",
        " return a - 1",
    )
    source = "\n".join(lines)
    made = {(one.line, one.was, one.becomes) for one in mutants(source)}
    assert made == {
        (2, "a < 1", "a <= 1"),
        (2, "1", "2"),
        (2, "a < 1 and (not b)", "not b"),
        (2, "a < 1 and (not b)", "a < 1"),
        (2, "not b", "b"),
        (3, "raise ValueError", "pass"),
        (4, "a += 2 if b else 3", "pass"),
        (4, "2 if b else 3", "2 if not b else 3"),
        (4, "2", "3"),
        (4, "3", "4"),
        (5, "g(a)", "pass"),
        (6, "return a - 1", "return None"),
        (6, "a - 1", "a + 1"),
        (6, "1", "2"),
    }
