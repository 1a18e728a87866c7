# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What people typed or pasted: slips at the ends are taken off, odd characters within are named."""

from __future__ import annotations

import re
import typing as t
import unicodedata

from .failure import BadOption

# Nobody sees them: zero-width and direction marks, the byte order mark, the soft hyphen.
_UNSEEN = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_PAIRS = {"`": "`", '"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u201e": "\u201c"}
# Bytes of the mark, read as Latin-1 or cp1252 by whatever handed the text on.
_MARK_AS_TEXT = "\u00ef\u00bb\u00bf"
# What a secret of the service never holds; its tokens and OAuth secrets are printable ASCII.
_NOT_IN_A_SECRET = re.compile(r"[^\x21-\x7e]")


def trimmed(text: str) -> str:
    """The text without blanks, line breaks and unseen characters at its ends."""
    if text.startswith(_MARK_AS_TEXT):
        text = text[len(_MARK_AS_TEXT) :]
    begin, end = 0, len(text)
    while begin < end and _is_nothing(text[begin]):
        begin += 1
    while end > begin and _is_nothing(text[end - 1]):
        end -= 1
    return text[begin:end]


def bare(text: str) -> str:
    """The same, also without the backticks or quotes around a whole name that was copied with them."""
    text = trimmed(text)
    while len(text) > 1 and _PAIRS.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        text = trimmed(text[1:-1])
    return text


def odd(text: str) -> str | None:
    """The first character within that cannot be meant, as U+2028, or None."""
    for char in text:
        if char in _UNSEEN or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
            return code(char)
    return None


def code(char: str) -> str:
    """A character by its number, as U+2028."""
    return f"U+{ord(char):04X}"


def secret(option: str, value: str) -> str:
    """A token or secret as it was meant: without what surrounds it.

    :raises BadOption: nothing is left, or it holds what no secret holds; the value is never quoted
    """
    text = bare(value)
    if not text:
        raise BadOption(option, "is empty. Give a value or leave it out.")
    wrong = _NOT_IN_A_SECRET.search(text)
    if wrong:
        place = f"character {wrong.start() + 1} of {len(text)} is {_called(wrong[0])}"
        raise BadOption(option, f"cannot be right: {place}. Copy the value again, on one line.")
    return text


def forms(value: t.Any) -> set[str]:
    """The forms in which a secret may be met in a text: as given, and as it is sent. Blanks alone are no secret."""
    if not isinstance(value, str) or not trimmed(value):
        return set()
    return {value, trimmed(value), bare(value)} - {""}


def _is_nothing(char: str) -> bool:
    return char.isspace() or char in _UNSEEN or unicodedata.category(char) == "Cc"


def _called(char: str) -> str:
    return {" ": "a blank", "\n": "a line break", "\r": "a line break", "\t": "a tab"}.get(char, code(char))
