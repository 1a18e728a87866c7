# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a run says the state first, escapes everything, and lacks no text in either language."""

from __future__ import annotations

import copy
import json
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import rendering
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports.texts import TEXTS

EXAMPLE = json.loads((Path(__file__).parent / "example.json").read_text(encoding="utf-8"))


def example(**changes: t.Any) -> dict[str, t.Any]:
    return {**copy.deepcopy(EXAMPLE), **changes}


def test_neither_language_lacks_a_text_or_a_value() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["ko"])
    for key, text in TEXTS["en"].items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", TEXTS["ko"][key])), key


def test_every_text_is_used() -> None:
    template = (Path(rendering.__file__).parent / "page.html.j2").read_text(encoding="utf-8")
    assert [key for key in TEXTS["en"] if f"'{key}'" not in template] == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_connection_sheet_is_there_when_it_works(language: str) -> None:
    page = rendering.page(example(), language)
    assert f'<html lang="{language}">' in page
    for field in EXAMPLE["connection"]["fields"]:
        assert field["value"] in page
    assert TEXTS[language]["first"] not in page
    assert "184.72.183.187/32" in page


def test_what_failed_comes_before_everything_else() -> None:
    broken = example(connection={}, passed=False, status="broken")
    broken["checks"][3] |= {"result": "failed", "observed": "It was refused.", "hint": "Ask the owner."}
    page = rendering.page(broken, "en")
    assert page.index("What to do first") < page.index("It was refused.") < page.index("Ask the owner.")
    assert page.index("Ask the owner.") < page.index("Checks, made with")
    assert "Connect in" not in page


def test_what_others_may_choose_is_escaped() -> None:
    hostile = "<script>alert(1)</script>{{ 7 * 7 }}"
    told = example()
    told["workspace"]["name"] = told["people"]["owner"] = told["checks"][0]["observed"] = hostile
    page = rendering.page(told, "en")
    assert "<script" not in page and "49" not in re.findall(r"alert\(1\).{0,40}", page)[0]


def test_check_mode_says_what_would_change() -> None:
    told = example(
        checks=[],
        connection={},
        passed=None,
        status="unverified",
        summary={"line": "check mode: 3 change(s) would be made"},
    )
    told["run"]["mode"] = "check"
    page = rendering.page(told, "en")
    assert "check mode: 3 change(s) would be made." in page and "What a run would change" in page
    assert "nothing was changed" in page and "Checks, made" not in page


@pytest.mark.parametrize(("day", "shown"), [("2026-12-20", True), ("2027-05-01", False), ("2026-01-01", True)])
def test_a_review_is_announced_thirty_days_ahead(day: str, shown: bool) -> None:
    told = example()
    told["people"]["review_by"] = day
    assert (f"A review of this access is due by {day}." in rendering.page(told, "en")) is shown
