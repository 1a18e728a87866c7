# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks say is Korean on a Korean page: every title, and every sentence that is written in the judging."""

from __future__ import annotations

import ast
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils import _access_check
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import sentences
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports.texts_checks import KOREAN, OBJECTS, PROBLEMS
from tests.support import reports

HANGUL = re.compile(r"[가-힣]")
JUDGING = sorted(Path(next(iter(_access_check.__path__))).glob("judging*.py"))
VERDICTS = {"passed", "failed", "warned", "skipped", "surplus"}


def words(node: ast.expr) -> list[str]:
    """The sentences that an expression may be, with a word for whatever is filled in; none where only that is there."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        text = "".join(_filled(one) for one in node.values)
        return [text] if re.search(r"[a-z]{3}", text.replace("xyz", "")) else []
    if isinstance(node, ast.IfExp):
        return [*words(node.body), *words(node.orelse)]
    if isinstance(node, ast.BoolOp):
        return [text for one in node.values for text in words(one)]
    return []


def _filled(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    chosen = node.value if isinstance(node, ast.FormattedValue) else node
    return words(chosen)[0] if isinstance(chosen, ast.IfExp) and words(chosen) else "xyz"


def said() -> t.Iterator[tuple[str, str]]:
    for path in JUDGING:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id == "Check":
                chosen = node.args[2:3]
            elif isinstance(node.func, ast.Attribute) and node.func.attr in VERDICTS:
                chosen = node.args[:2]
            else:
                continue
            for one in chosen:
                for text in words(one):
                    yield f"{path.stem}:{node.lineno}", text


SAID = sorted(set(said()))


def test_there_are_sentences_to_look_at() -> None:
    assert len(SAID) > 80


@pytest.mark.parametrize(("where", "text"), SAID)
def test_what_a_check_says_is_known_in_korean(where: str, text: str) -> None:
    assert HANGUL.search(sentences.translated(text, "ko")), where


def test_what_is_filled_in_stays_and_what_is_not_known_too() -> None:
    assert sentences.translated("Visible: a.b, a.c.", "ko") == "보이는 스키마: a.b, a.c."
    assert sentences.translated("Visible: a.b, a.c.", "en") == "Visible: a.b, a.c."
    refused = "[INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does not have SELECT on Table 'a.b.c'."
    assert sentences.translated(refused, "ko") == refused
    assert sentences.translated(f"Refused as it should be: {refused}", "ko") == f"예상대로 거부됨: {refused}"
    assert sentences.translated(None, "ko") == ""
    assert sentences.translated("{0} {x} is empty: there is nothing to read yet.", "ko").startswith("{0} {x}")


def test_a_long_answer_of_the_service_takes_no_time() -> None:
    text = "Whether " * 40_000
    assert sentences.translated(text, "ko") == text.strip()


@pytest.mark.parametrize("table", [KOREAN, *OBJECTS.values()])
def test_a_translation_fills_in_what_the_sentence_has(table: dict[str, str]) -> None:
    for english, other in table.items():
        assert set(re.findall(r"{\w+}", other)) == set(re.findall(r"{\w+}", english)), english


def test_neither_language_lacks_a_problem_or_a_value() -> None:
    assert set(PROBLEMS["en"]) == set(PROBLEMS["ko"])
    for key, text in PROBLEMS["en"].items():
        assert set(re.findall(r"{\w+}", PROBLEMS["ko"][key])) == set(re.findall(r"{\w+}", text)), key
        assert HANGUL.search(PROBLEMS["ko"][key]), key


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_check_of_a_report_has_a_meaning_for_everybody(language: str) -> None:
    for check in reports.all_well()["checks"]:
        failed = {**check, "result": "failed"}
        said = sentences.problem(failed, 1, "Klaviyo", language)
        assert said != sentences.translated(check["title"], language), check["id"]
        assert "principal" not in said and "HTTP" not in said
