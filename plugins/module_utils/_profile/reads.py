# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Which schemas of the user's own a partner reads: a list with * for any and ! before what is left out. Pure."""

from __future__ import annotations

import fnmatch
import typing as t

from .._common import names
from .._common.failure import BadOption
from .._common.json_types import Json

# What a catalog always has, and no list means.
_NEVER = ("information_schema",)


def expand(document: Json, values: Json, existing: t.Mapping[str, t.Sequence[str]] | None) -> Json:
    """The schemas that are meant, with what was asked and what was left out, for people to see.

    :param existing: catalog -> the names of its schemas; needed for lists with *
    :raises BadOption: names the variable
    """
    if "reads" not in document:
        return {"asked": [], "schemas": [], "left_out": []}
    option = document["reads"]["from"]
    asked = values.get(option) or []
    if not isinstance(asked, list):
        raise BadOption(option, "is not a list. Give names of schemas, such as [sales, '!hr'].")
    catalog = str(values["catalog"])
    wished = [_pair(option, str(one), catalog) for one in asked if not str(one).startswith("!")]
    without = [_pair(option, str(one)[1:], catalog) for one in asked if str(one).startswith("!")]
    if without and not wished:
        raise BadOption(option, "only leaves something out. Name what is read, such as '*', too.")
    found: set[tuple[str, str]] = set()
    for pair in wished:
        found |= set(_named(option, pair, existing)) if "*" in "".join(pair) else {pair}
    left_out = {pair for pair in found if any(_fits(pair, pattern) for pattern in without)}
    ours = {_own(schema["name"], values) for schema in document["schemas"]}
    kept = sorted(".".join(pair) for pair in found - left_out if ".".join(pair) not in ours)
    return {"asked": list(map(str, asked)), "schemas": kept, "left_out": sorted(".".join(pair) for pair in left_out)}


def catalogs(document: Json, values: Json) -> list[str]:
    """The catalogs whose schemas must be known to expand the list: none without *."""
    if "reads" not in document or not values.get("catalog"):
        return []
    asked = values.get(document["reads"]["from"]) or []
    if not isinstance(asked, list):
        raise BadOption(document["reads"]["from"], "is not a list. Give names of schemas, such as [sales, '!hr'].")
    pairs = [_pair("reads", str(one), str(values["catalog"])) for one in asked if not str(one).startswith("!")]
    return sorted({pair[0] for pair in pairs if "*" in "".join(pair)})


def _pair(option: str, text: str, catalog: str) -> tuple[str, str]:
    parts = text.strip().split(".")
    if len(parts) > 2:
        raise BadOption(
            option,
            f"{text!r} has {len(parts)} parts. Give schema or catalog.schema: a privilege on a schema holds for all "
            "its tables, and nothing can be taken out of it. What is not to be read goes into another schema.",
        )
    pair = (catalog, parts[0]) if len(parts) == 1 else (parts[0], parts[1])
    if "*" in pair[0]:
        raise BadOption(option, f"{text!r} stands for several catalogs; name the catalog.")
    for part in pair:
        names.identifier(option, part.replace("*", "x"))
    return pair[0].lower(), pair[1].lower()


def _named(
    option: str, pattern: tuple[str, str], existing: t.Mapping[str, t.Sequence[str]] | None
) -> t.Iterator[tuple[str, str]]:
    if existing is None or pattern[0] not in existing:
        raise BadOption(option, f"holds {'.'.join(pattern)}, but which schemas {pattern[0]} has is not known here.")
    for name in existing[pattern[0]]:
        if name.lower() not in _NEVER and _fits((pattern[0], name.lower()), pattern):
            yield pattern[0], name.lower()


def _fits(pair: tuple[str, str], pattern: tuple[str, str]) -> bool:
    return pair[0] == pattern[0] and fnmatch.fnmatchcase(pair[1], pattern[1])


def _own(name: str, values: Json) -> str:
    for key, value in values.items():
        name = name.replace(f"{{{key}}}", str(value))
    return name.lower()
