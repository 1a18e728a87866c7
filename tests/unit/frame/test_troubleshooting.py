# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The troubleshooting guide has every hint that the code can give, in its words, and none that it cannot."""

from __future__ import annotations

import ast
import functools
import re
import typing as t
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree

from ansible_collections.lakeops.databricks.plugins.module_utils._common import hints

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "docsite" / "rst" / "troubleshooting_guide.rst"
# What a hint leaves open: an expression of the code, and who can grant what is missing.
OPEN, GRANT = "\0", "\1"
FILLED = {OPEN: ".+?", GRANT: "(?:The owner of|A metastore admin) .+?"}
# Who calls in the guide, and the statuses with which the service says no.
CALLER = "ada@example.com"
STATUSES = (None, 400, 401, 403, 404, 409, 429, 500, 503, 504)


@functools.cache
def written() -> dict[str, list[str]]:
    """The hints of the guide, each with the messages that it stands under."""
    found: dict[str, list[str]] = {}
    tree = publish_doctree(GUIDE.read_text(encoding="utf-8"), settings_overrides={"report_level": 2, "halt_level": 2})
    for item in tree.findall(nodes.definition_list_item):
        term, body = item.children[0].astext(), item.children[-1].astext()
        found.setdefault(plain(body), []).append(plain(term))
    return found


def plain(text: str) -> str:
    return " ".join(text.split())


def text_of(node: ast.expr) -> str | None:
    """A text as it is written in the code, with OPEN where a value goes; None for what is no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else OPEN for part in node.values)
    return None


def hints_in(source: str) -> t.Iterator[str]:
    """What code gives as a hint of a failure: a keyword of a call, or what it assigns."""
    tree = ast.parse(source)
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [word.value for word in node.keywords if word.arg == "hint"]
        elif isinstance(node, ast.Assign):
            given = [
                node.value for target in node.targets if isinstance(target, ast.Attribute) and target.attr == "hint"
            ]
        else:
            continue
        given = [constants.get(one.id, one) if isinstance(one, ast.Name) else one for one in given]
        # A hint that is nothing but somebody else's is found where that one is made.
        yield from (text for text in map(text_of, given) if text and text.strip(f"{OPEN}. "))


@functools.cache
def in_code() -> set[str]:
    """Every hint of the code, whatever file it is in."""
    causes = {cause.hint.replace("{grant}", GRANT) for cause in hints.CAUSES}
    files = sorted((ROOT / "plugins").rglob("*.py"))
    return causes | {hint for file in files for hint in hints_in(file.read_text(encoding="utf-8"))}


def pattern(hint: str) -> re.Pattern[str]:
    parts = re.split(f"([{OPEN}{GRANT}])", plain(hint))
    return re.compile("".join(FILLED.get(part) or re.escape(part) for part in parts))


def test_every_hint_of_the_code_is_in_the_guide() -> None:
    guide, code = written(), in_code()
    assert len(code) > 100
    lacking = [
        re.sub(f"[{OPEN}{GRANT}]", "...", hint) for hint in sorted(code) if not any(map(pattern(hint).fullmatch, guide))
    ]
    assert lacking == [], "hints that the troubleshooting guide lacks"


def test_the_guide_has_no_hint_that_the_code_does_not_give() -> None:
    patterns = [pattern(hint) for hint in in_code()]
    left = [hint for hint in written() if not any(each.fullmatch(hint) for each in patterns)]
    assert left == [], "hints that nothing gives any more"


def test_a_message_of_the_guide_leads_to_the_hint_under_it() -> None:
    """For those that the code finds by what the service said."""
    causes = [pattern(cause.hint.replace("{grant}", GRANT)) for cause in hints.CAUSES]
    tried = 0
    for hint, terms in written().items():
        if not any(each.fullmatch(hint) for each in causes):
            continue
        for term in terms:
            code, _colon, message = term.partition(": ")
            found = [hints.hint_for(code, status, message) for status in STATUSES]
            assert any(plain(one or "").replace(hints.CALLER, CALLER) == hint for one in found), (term, found)
            tried += 1
    assert tried >= 70


def test_a_hint_of_nobody_fits_no_pattern() -> None:
    patterns = [pattern(hint) for hint in in_code()]
    assert not any(each.fullmatch("Ask somebody else about it.") for each in patterns)


def test_the_search_for_hints_finds_them() -> None:
    source = """
_THREE = "Three."
fail(hint="One.")
fail(hint=_THREE)
fail(hint=other)
failure.hint = f"Two of {three}."
failure.hint = f"{all}."
"""
    assert sorted(hints_in(source)) == ["One.", "Three.", f"Two of {OPEN}."]
