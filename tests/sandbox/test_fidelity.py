# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""extensions/sandbox/FIDELITY.md says where each row is from, what became of it, and which test shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "extensions" / "sandbox" / "FIDELITY.md").read_text(encoding="utf-8")
VERDICTS = {"agrees", "differs", "not offered"}


def tables() -> list[list[str]]:
    """The cells of each row of every table with a verdict."""
    lines = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return [row for row in rows if len(row) == 5 and row[3] != "verdict"]


def sources() -> set[str]:
    listed = TEXT.split("| name | where |", 1)[1].split("\n\n", 1)[0]
    return {line.split("|")[1].strip() for line in listed.splitlines() if line.startswith("| ")} - {"---"}


ROWS = tables()


def test_there_are_rows() -> None:
    assert len(ROWS) > 70
    assert len({tuple(row[:1]) for row in ROWS}) == len(ROWS), "a case is there twice"
    assert {row[3] for row in ROWS} == VERDICTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_has_a_source_a_verdict_and_what_shows_it(row: list[str]) -> None:
    _case, service, source, verdict, shown = row
    assert service and verdict in VERDICTS
    for one in source.split("; "):
        assert one.split(" ")[0] in {*sources(), "Spark"}, f"{one} is no source that is explained"
    tests = re.findall(r"`(test_\w+)::(test_\w+)`", shown)
    assert tests if verdict == "agrees" else shown, "it says neither what shows it nor why it is so"
    for file, name in tests:
        assert f"\ndef {name}(" in (Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8"), name
