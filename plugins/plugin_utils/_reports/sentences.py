# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences of the checks in the language of the page. Pure."""

from __future__ import annotations

import functools
import re
import typing as t

from .texts_checks import KOREAN, OBJECTS, PROBLEMS

_WORD = re.compile(r"\{(\w+)\}")
# Longer ones hold an answer of the service, and looking for words in it would take long.
_LONGEST = 4000


def translated(sentence: str | None, language: str) -> str:
    """What a check says, in the language if that is known, else as it is."""
    text = (sentence or "").strip()
    return _said(text, "checks") if language == "ko" else text


def named(words: str, language: str) -> str:
    """What a run changed, in words of the language."""
    return _said(words, language)


def _said(text: str, table: str) -> str:
    if len(text) <= _LONGEST:
        for pattern, other in _patterns(table):
            found = pattern.fullmatch(text)
            if found is not None:
                held = found.groupdict()
                # Sentences that may follow.
                return other.format(**held | {name: _said(held[name], table) for name in ("more",) if name in held})
    return text


def problem(check: t.Mapping[str, t.Any], count: int, title: str, language: str) -> str:
    """What it means that a check did not pass, for somebody who does not run Databricks.

    :param count: how many checks of this kind did not
    """
    texts = PROBLEMS[language]
    sentence = translated(check["title"], language)
    if check["result"] == "skipped":
        return texts[":skipped"].format(check=sentence)
    key = kind(check)
    text = texts.get(f"{key}:{check['result']}") or texts.get(key)
    return text.format(title=title, count=count) if text else sentence


def kind(check: t.Mapping[str, t.Any]) -> str:
    """What a check is about: its id without the object."""
    pieces = str(check["id"]).split("_")
    names = ("_".join(pieces[:count]) for count in range(len(pieces), 0, -1))
    return next((name for name in names if name in PROBLEMS["en"]), str(check["id"]))


@functools.cache
def _patterns(table: str) -> list[tuple[re.Pattern[str], str]]:
    """The particular before the general: what has most letters of its own comes first."""
    texts = KOREAN if table == "checks" else OBJECTS[table]
    listed = sorted(texts.items(), key=lambda pair: -len(_WORD.sub("", pair[0])))
    return [(_pattern(english), other) for english, other in listed]


def _pattern(english: str) -> re.Pattern[str]:
    parts = _WORD.split(english)
    made = [re.escape(part) if number % 2 == 0 else f"(?P<{part}>.*?)" for number, part in enumerate(parts)]
    return re.compile("".join(made), re.DOTALL)
