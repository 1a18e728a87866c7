# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few cases of each family of the campaign: trouble in a whole run, then a clean one and one that changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.campaign.fixed import FIXED, Fixed
from tests.support.klaviyo import ROOT

Rows = dict[tuple[str, str, str], dict[str, t.Any]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    kept = tmp_path_factory.mktemp("campaign") / "campaign.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaign", "--fixed", "--cloud", "aws", "--lanes", "1", "--json", str(kept)],
        check=False,
        cwd=Path(ROOT),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert kept.exists(), done.stdout[-4000:]
    found = json.loads(kept.read_text(encoding="utf-8"))
    return {(row["family"], row["play"], row["trouble"]): row for row in found["cases"] + found["missed"]}


@pytest.mark.parametrize("case", FIXED, ids=lambda case: case.name)
def test_nothing_is_lost(rows: Rows, case: Fixed) -> None:
    row = rows[case.family, case.play, case.trouble]
    assert not row.get("missed"), f"{case.name}: the trouble never came about"
    assert row["found"] == {}, f"{case.name}: {row['words']}"
