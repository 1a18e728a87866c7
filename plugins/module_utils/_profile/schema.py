# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The part of JSON Schema that the schema of access profiles uses, with sentences that name the key and the fix.

A library would be one more requirement of every play, for one file. A word of the standard that is not known here is an
error of ours, so that nothing is taken for checked that is not.
"""

from __future__ import annotations

import re
import typing as t
from datetime import date

from .._common.json_types import Json

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
}
_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text, in quotes",
    "integer": "a whole number",
    "boolean": "true or false",
}
_SILENT = ("$schema", "$defs", "title", "description")


def problems(value: t.Any, schema: Json, where: str = "", root: Json | None = None) -> list[str]:
    """What is wrong with a value, one sentence each, beginning with the key; empty if nothing is."""
    root = schema if root is None else root
    if "$ref" in schema:
        return problems(value, _resolved(schema["$ref"], root), where, root)
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        return [_said(where, f"is {_shown(value)}; give {_NAMES[kind]}")]
    found: list[str] = []
    for word, rule in schema.items():
        if word in (*_SILENT, "type"):
            continue
        found += _RULES[word](value, rule, where, schema, root)
    return found


def _is(value: t.Any, kind: str) -> bool:
    if kind == "integer" and isinstance(value, bool):
        return False
    return isinstance(value, _TYPES[kind])


def _resolved(reference: str, root: Json) -> Json:
    found: t.Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def _said(where: str, what: str) -> str:
    return f"{where or 'the profile'} {what}."


def _shown(value: t.Any) -> str:
    # YAML reads 2026-11-25 as a date.
    text = str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _inside(where: str, key: t.Any) -> str:
    if isinstance(key, int):
        return f"{where}[{key}]"
    return f"{where}.{key}" if where else str(key)


def _required(value: t.Any, rule: list[str], where: str, schema: Json, root: Json) -> list[str]:
    return [_said(_inside(where, key), "is missing") for key in rule if key not in value]


def _properties(value: t.Any, rule: Json, where: str, schema: Json, root: Json) -> list[str]:
    return [
        problem
        for key, of in rule.items()
        if key in value
        for problem in problems(value[key], of, _inside(where, key), root)
    ]


def _additional(value: t.Any, rule: t.Any, where: str, schema: Json, root: Json) -> list[str]:
    known = schema.get("properties", {})
    more = [key for key in value if key not in known]
    if rule is False:
        valid = ", ".join(sorted(known))
        return [_said(_inside(where, key), f"is not known; there are {valid}") for key in more]
    return [problem for key in more for problem in problems(value[key], rule, _inside(where, key), root)]


def _items(value: t.Any, rule: Json, where: str, schema: Json, root: Json) -> list[str]:
    return [
        problem for number, item in enumerate(value) for problem in problems(item, rule, _inside(where, number), root)
    ]


def _unique(value: t.Any, rule: bool, where: str, schema: Json, root: Json) -> list[str]:
    twice = rule and any(item in value[:number] for number, item in enumerate(value))
    return [_said(where, "holds something twice")] if twice else []


def _one_of(value: t.Any, rule: list[t.Any], where: str, schema: Json, root: Json) -> list[str]:
    return [] if value in rule else [_said(where, f"is {_shown(value)}; give one of {', '.join(map(str, rule))}")]


def _pattern(value: t.Any, rule: str, where: str, schema: Json, root: Json) -> list[str]:
    return [] if re.search(rule, value) else [_said(where, f"is {_shown(value)}, which does not look like {rule}")]


def _least(value: t.Any, rule: int, where: str, schema: Json, root: Json) -> list[str]:
    return [] if value >= rule else [_said(where, f"is {value}; give {rule} or more")]


def _not_empty(value: t.Any, rule: int, where: str, schema: Json, root: Json) -> list[str]:
    return [] if len(value) >= rule else [_said(where, "must not be empty")]


_RULES: dict[str, t.Callable[..., list[str]]] = {
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "uniqueItems": _unique,
    "enum": _one_of,
    "pattern": _pattern,
    "minimum": _least,
    "minLength": _not_empty,
    "minItems": _not_empty,
}
