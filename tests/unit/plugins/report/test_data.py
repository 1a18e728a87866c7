# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page says of the data: every finding, in either language, escaped; and no text is lacking."""

from __future__ import annotations

import html
import re

import pytest

from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import data_tables, rendering
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports.texts_data import KOREAN, WORDS
from tests.support import reports

RULES = {rule["id"]: rule for rule in reports.profile("klaviyo")["data_contract"]["rules"]}


def words(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def read(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page.replace("<wbr>", ""))).split())


def test_neither_language_lacks_a_word_and_every_word_is_used() -> None:
    assert set(WORDS["en"]) == set(WORDS["ko"])
    assert all(words(WORDS["en"][key]) == words(WORDS["ko"][key]) for key in WORDS["en"])
    code = "".join(
        (reports.ROOT / "plugins/plugin_utils/_reports" / name).read_text("utf-8")
        for name in ("data_tables.py", "data.html.j2")
    )
    severities = {"error", "warning", "advice", "profile", "event", "yes", "no", "unknown"}
    assert {key for key in WORDS["en"] if not re.search(rf"\b{key}\b", code)} <= severities


def test_every_rule_of_klaviyo_is_told_in_korean_with_the_same_values() -> None:
    assert set(KOREAN) == set(RULES)
    for name, rule in RULES.items():
        assert re.search(r"[가-힣]", KOREAN[name][0]) and re.search(r"[가-힣]", KOREAN[name][1]), name
        # A name may stand more often, and one that adds nothing may be left out of the hint.
        assert words(KOREAN[name][0]) == words(rule["title"]), name
        assert words(KOREAN[name][1]) <= words(rule["title"]) | words(rule["hint"]), name


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_finding_is_on_the_page(language: str) -> None:
    report = reports.data_problems()
    shown = data_tables.shown(report, language)
    page = read(rendering.page(report, language))
    found = [finding for table in shown["tables"] for finding in table["findings"]]
    assert len(shown["tables"]) == 13 and len(found) == sum(len(one["findings"]) for one in report["data"]) > 25
    for one in found:
        assert "{" not in one["title"] + one["hint"]
        assert " ".join(one["title"].split()) in page and " ".join(one["hint"].split()) in page
        assert bool(re.search(r"[가-힣]", one["title"])) == (language == "ko")
    assert "Understanding data warehouse event import in Klaviyo" in page
    gravity = [[f["level"] for f in table["findings"]].count("bad") for table in shown["tables"]]
    assert gravity == sorted(gravity, reverse=True) and gravity[0]


def test_names_are_escaped_and_an_address_is_one() -> None:
    report = reports.data_problems()
    for text in reports.HOSTILE:
        finding = report["data"][2]["findings"][0]
        finding |= {"title": text, "hint": text, "column": text, "source": "javascript:alert(1)", "id": "own_rule"}
        report["data"][2]["table"] = text
        for language in ("en", "ko"):
            page = rendering.page(report, language)
            part = page[page.index('aria-labelledby="data"') : page.index('aria-labelledby="checks"')]
            assert html.escape(text) == text or text not in part
            assert "<script" not in part and "<img" not in part and "javascript:" not in part


def test_where_nothing_was_looked_at_nothing_is_said() -> None:
    report = reports.all_well()
    report.pop("data", None)
    assert data_tables.shown(report, "en") == {} == data_tables.shown({**report, "data": []}, "ko")
    assert 'aria-labelledby="data"' not in rendering.page(report, "en")
