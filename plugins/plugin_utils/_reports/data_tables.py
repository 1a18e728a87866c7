# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page shows of the data: tables and findings in the language of the page, made of the report alone."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._data_contract.judging import fill

from .texts_data import KOREAN, WORDS

_LEVELS = {"error": "bad", "warning": "warn", "advice": "unknown", "yes": "good", "no": "bad", "unknown": "unknown"}


def shown(report: Json, language: str) -> Json:
    """The words, the summary and the tables, those with the gravest findings first; empty where nothing was looked at.

    :param report: as report.json has it
    """
    tables = report.get("data") or []
    if not tables:
        return {}
    words = WORDS[language]
    sources = ((report["wanted"].get("data_contract") or {}).get("sources") or {}).values()
    titles = {source["address"]: source["title"] for source in sources}
    return {
        "words": words,
        "summary": words["summary"].format(**report["data_summary"]),
        "tables": [_table(table, words, titles, language) for table in sorted(tables, key=_gravity)],
    }


def _gravity(table: Json) -> tuple[int, int]:
    """The more of the gravest, the earlier; where it is the same, the order stays."""
    severities = [finding["severity"] for finding in table["findings"]]
    return -severities.count("error"), -severities.count("warning")


def _table(table: Json, words: t.Mapping[str, str], titles: t.Mapping[str, str], language: str) -> Json:
    return {
        "name": table["table"].rsplit(".", maxsplit=1)[-1],  # all are of one schema
        "kind": words["unknown_kind" if table["kind"] == "unknown" else table["kind"]],
        "level": _LEVELS[table["importable"]],
        "importable": words[table["importable"]],
        "findings": [_finding(finding, words, titles, language) for finding in table["findings"]],
    }


def _finding(finding: Json, words: t.Mapping[str, str], titles: t.Mapping[str, str], language: str) -> Json:
    title, hint = finding["title"], finding["hint"]
    if language == "ko" and finding["id"] in KOREAN:
        title, hint = (fill(text, finding["values"]) for text in KOREAN[finding["id"]])
    address = finding["source"]
    return {
        "level": _LEVELS[finding["severity"]],
        "severity": words[finding["severity"]],
        "title": title,
        "hint": hint,
        # What a report says is no address until it looks like one.
        "address": address if re.match(r"https://", address) else "",
        "source": titles.get(address, address),
    }
