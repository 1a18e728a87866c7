# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What is known of tables and columns, and what the access profile says of them: plain data in, typed data out."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from functools import cached_property

from .._common.failure import BadOption
from .._common.json_types import Json

PROFILE, EVENT, UNKNOWN = "profile", "event", "unknown"
KINDS = (PROFILE, EVENT)
YES, NO = "yes", "no"
SEVERITIES = ("error", "warning", "advice")
IDENTIFIERS = ("email", "phone_number", "external_id", "klaviyo_id")
# What a column may be to the partner besides an identifier.
ROLES = ("changed", "happened", "metric", "unique_id", "value", "value_currency")

TEXT, NUMBER, TRUTH, TIME, LOCAL_TIME, DAY = "text", "number", "truth", "time", "local_time", "day"
NESTED, BINARY, OTHER = "nested", "binary", "other"
# The first word of a type, as Unity Catalog and DESCRIBE spell it (Databricks docs, "Data types").
_FAMILIES = {
    **dict.fromkeys(("string", "char", "varchar"), TEXT),
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint", "long", "short", "byte"), NUMBER),
    **dict.fromkeys(("float", "real", "double", "decimal", "dec", "numeric"), NUMBER),
    "boolean": TRUTH,
    "timestamp": TIME,
    "timestamp_ltz": TIME,
    "timestamp_ntz": LOCAL_TIME,
    "date": DAY,
    **dict.fromkeys(("array", "map", "struct", "variant", "object"), NESTED),
    "binary": BINARY,
}


def key(name: str) -> str:
    """A name as it is recognised by: letters and digits, in lower case."""
    return re.sub(r"[\W_]+", "", name.lower())


@dataclass(frozen=True)
class Column:
    """A column; ``type`` as the service spells it."""

    name: str
    type: str
    masked: bool = False

    @property
    def family(self) -> str:
        """Which types it behaves like; ``other`` for what has none of the families, such as intervals."""
        word = re.match(r"[a-z_]+", self.type.strip().lower())
        return _FAMILIES.get(word[0], OTHER) if word else OTHER

    @property
    def shown_type(self) -> str:
        """The type for people: the fields of a structure would fill the screen."""
        text = self.type.strip().upper()
        return f"{re.split(r'[<(]', text, maxsplit=1)[0]}<...>" if self.family == NESTED and "<" in text else text

    @property
    def key(self) -> str:
        return key(self.name)


@dataclass(frozen=True)
class Table:
    """A table or view.

    :ivar columns: None where they could not be read
    :ivar counts: by rule and column: rows; None where they were not counted
    :ivar uncounted: why they could not be, as an error class; empty otherwise
    """

    name: str
    columns: tuple[Column, ...] | None
    row_filter: bool = False
    counts: t.Mapping[tuple[str, str], int] | None = None
    rows: int = 0
    uncounted: str = ""
    there: bool = True


@dataclass(frozen=True)
class Rule:
    """One rule of the contract.

    :ivar test: which test it is (tests.py, asking.py)
    :ivar importable: what a hit leaves of whether the partner can import the table: no or unknown; None if all of it
    :ivar given: what the test takes besides: role, types, words, pattern
    """

    id: str
    test: str
    severity: str
    title: str
    hint: str
    source: str
    kinds: tuple[str, ...] = (PROFILE, EVENT, UNKNOWN)
    importable: str | None = None
    given: t.Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """The data contract of an access profile."""

    schema: str
    rows: int
    rules: tuple[Rule, ...]
    tables: t.Mapping[str, frozenset[str]]  # kind -> words in the names of tables
    names: t.Mapping[str, tuple[str, ...]]  # role or list -> keys of names, the likeliest first
    identifiers: t.Mapping[str, tuple[str, ...]]  # kind -> roles
    values: t.Mapping[str, tuple[str, ...]]  # list -> values, in lower case

    @cached_property
    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*IDENTIFIERS, *ROLES)))


def contract(given: t.Any, option: str = "profile.data_contract") -> Contract | None:
    """The contract from the resolved access profile; None where the profile has none.

    :raises BadOption: says which key
    """
    if not given:
        return None
    try:
        sources = {name: str(source["address"]) for name, source in given["sources"].items()}
        rules = tuple(_rule(rule, sources) for rule in given["rules"])
        return Contract(
            schema=str(given["schema"]),
            rows=int(given["rows"]),
            rules=rules,
            tables={kind: frozenset(map(key, words)) for kind, words in given["tables"].items()},
            names={role: tuple(map(key, names)) for role, names in given["columns"].items()},
            identifiers={kind: tuple(roles) for kind, roles in given["identifiers"].items()},
            values={name: tuple(map(str.lower, values)) for name, values in given.get("values", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise BadOption(
            option,
            f"cannot be used: {type(wrong).__name__} {wrong}. Give what roles/partner/profiles/schema.json asks for.",
        ) from None


def _rule(given: Json, sources: t.Mapping[str, str]) -> Rule:
    own = {"id", "test", "severity", "title", "hint", "source", "kinds", "importable", "ko"}
    return Rule(
        id=given["id"],
        test=given["test"],
        severity=given["severity"],
        title=given["title"],
        hint=given["hint"],
        source=sources[given["source"]],
        kinds=tuple(given.get("kinds", (PROFILE, EVENT, UNKNOWN))),
        importable=given.get("importable"),
        given={name: value for name, value in given.items() if name not in own},
    )
