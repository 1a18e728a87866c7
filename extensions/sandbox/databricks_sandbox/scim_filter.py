# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCIM filters: eq, ne, co, sw, joined by and / or (SDK docstrings of service/iam.py).

Values are in double quotes, in single ones (databricks-sdk-go internal/scim_test.go) or in none (the same,
internal/account_test.go; databricks-sdk-py tests/integration/test_iam.py).
"""

from __future__ import annotations

import re
import typing as t

from .errors import ScimError

_TOKEN = re.compile(r"""\s*(?:(?P<paren>[()])|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[^\s()"']+))""")
Matches = t.Callable[[dict[str, t.Any]], bool]
_COMPARE: dict[str, t.Callable[[str, str], bool]] = {
    "eq": lambda have, want: have == want,
    "ne": lambda have, want: have != want,
    "co": lambda have, want: want in have,
    "sw": lambda have, want: have.startswith(want),
}
_ATTRIBUTES = {"id", "username", "displayname", "applicationid", "externalid", "emails.value", "active"}


def compiled(text: str) -> Matches:
    """A predicate over a resource as it is shown.

    :raises ScimError: 400 for anything that is not such a filter
    """
    tokens = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if not match:
            raise _invalid(text)
        tokens.append(match.group().strip())
        at = match.end()
    predicate, rest = _either(tokens, text)
    if rest:
        raise _invalid(text)
    return predicate


def _invalid(text: str) -> ScimError:
    return ScimError(400, f"Given filter operator is not supported: {text}", "invalidFilter")


def _either(tokens: list[str], text: str) -> tuple[Matches, list[str]]:
    left, rest = _both(tokens, text)
    while rest and rest[0].lower() == "or":
        right, rest = _both(rest[1:], text)
        left = _joined(any, left, right)
    return left, rest


def _both(tokens: list[str], text: str) -> tuple[Matches, list[str]]:
    left, rest = _one(tokens, text)
    while rest and rest[0].lower() == "and":
        right, rest = _one(rest[1:], text)
        left = _joined(all, left, right)
    return left, rest


def _joined(how: t.Callable[[t.Iterable[bool]], bool], left: Matches, right: Matches) -> Matches:
    return lambda shown: how(predicate(shown) for predicate in (left, right))


def _one(tokens: list[str], text: str) -> tuple[Matches, list[str]]:
    if tokens and tokens[0] == "(":
        inner, rest = _either(tokens[1:], text)
        if not rest or rest[0] != ")":
            raise _invalid(text)
        return inner, rest[1:]
    if len(tokens) < 3:
        raise _invalid(text)
    attribute, operator, value = tokens[0], tokens[1].lower(), tokens[2]
    if attribute.lower() not in _ATTRIBUTES or operator not in _COMPARE or value in ("(", ")"):
        raise _invalid(text)
    bare = value[1:-1] if value[0] in "\"'" else value
    want = re.sub(r"\\(.)", r"\1", bare).lower()

    def matches(shown: dict[str, t.Any]) -> bool:
        if attribute.lower() == "emails.value":
            have = [email["value"] for email in shown.get("emails", [])]
        else:
            have = [next((item for key, item in shown.items() if key.lower() == attribute.lower()), "")]
        return any(_COMPARE[operator](str(one).lower(), want) for one in have)

    return matches, tokens[3:]
