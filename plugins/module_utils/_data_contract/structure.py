# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The tests that a rule of the contract may name, on what is known without reading a row. Pure."""

from __future__ import annotations

import typing as t
from collections import defaultdict

from .contract import DAY, IDENTIFIERS, NUMBER, PROFILE, TEXT, UNKNOWN, Column, Contract, Rule
from .roles import TIMES, Understood

# What may stand for an identifier: text as the partner wants it, or a number, which text can be made of.
_USABLE = (TEXT, NUMBER)
_NEST = "___"


class Hit(t.NamedTuple):
    """A rule that is hurt: where, and what the sentences are filled in with."""

    column: str | None = None
    values: dict[str, str | int] = {}


class Scene(t.NamedTuple):
    """Everything that a test may look at."""

    one: Understood
    all: t.Sequence[Understood]
    contract: Contract
    rule: Rule


Test = t.Callable[[Scene], t.Iterable[Hit]]


def _on(column: Column) -> Hit:
    return Hit(column.name, {"column": column.name, "type": column.shown_type})


def _when(hurt: bool, **values: str | int) -> list[Hit]:
    return [Hit(None, values)] if hurt else []


def _listed(columns: t.Iterable[Column]) -> list[Hit]:
    names = [column.name for column in columns]
    return [Hit(names[0] if len(names) == 1 else None, {"columns": ", ".join(names)})] if names else []


# -- the table ------------------------------------------------------------------------------------
def _missing(scene: Scene) -> t.Iterable[Hit]:
    return _when(not scene.one.table.there)


def _unread(scene: Scene) -> t.Iterable[Hit]:
    return _when(scene.one.table.there and scene.one.table.columns is None)


def _kind(scene: Scene) -> t.Iterable[Hit]:
    return _when(scene.one.table.columns is not None and scene.one.kind == UNKNOWN)


def _said_column(scene: Scene) -> t.Iterable[Hit]:
    there = {column.name.lower() for column in scene.one.all}
    known = scene.one.table.columns is not None
    names = scene.one.said.columns.values()
    return [Hit(name, {"column": name}) for name in names if known and name.lower() not in there]


def _row_filter(scene: Scene) -> t.Iterable[Hit]:
    return _when(scene.one.table.row_filter)


def _masked(scene: Scene) -> t.Iterable[Hit]:
    return _listed(column for column in scene.one.all if column.masked)


# -- who ------------------------------------------------------------------------------------------
def _ours(scene: Scene) -> dict[str, Column]:
    roles = scene.contract.identifiers[scene.one.kind]
    return {role: column for role, column in scene.one.identifiers.items() if role in roles}


def _identifier_impossible(scene: Scene) -> t.Iterable[Hit]:
    return _when(scene.one.table.columns is not None and not scene.one.of(*_USABLE))


def _identifier_unusable(scene: Scene) -> t.Iterable[Hit]:
    found = list(_ours(scene).values())
    if scene.one.of(*_USABLE) and found and not any(column.family in _USABLE for column in found):
        return [_on(found[0])]
    return []


def _identifier_unclear(scene: Scene) -> t.Iterable[Hit]:
    return _when(bool(scene.one.of(*_USABLE)) and not _ours(scene))


def _identifiers_differ(scene: Scene) -> t.Iterable[Hit]:
    """Tables of profiles that share no identifier with this one."""
    mine = set(_ours(scene))
    others = [
        one.table.name.rsplit(".", maxsplit=1)[-1]
        for one in scene.all
        if one is not scene.one
        and one.kind == PROFILE
        and one.identifiers
        and not mine & set(_ours(scene._replace(one=one)))
    ]
    return _when(bool(mine and others), columns=", ".join(sorted(mine)), tables=", ".join(sorted(others)))


def _property_twice(scene: Scene) -> t.Iterable[Hit]:
    """The same property from two tables of profiles; identifiers and times of change belong into each."""
    others: dict[str, set[str]] = defaultdict(set)
    for one in scene.all:
        if one is not scene.one and one.kind == PROFILE:
            for column in _properties(one, scene.contract):
                others[column.key].add(one.table.name.rsplit(".", maxsplit=1)[-1])
    twice = [column for column in _properties(scene.one, scene.contract) if column.key in others]
    tables = sorted({name for column in twice for name in others[column.key]})
    return [Hit(hit.column, {**hit.values, "tables": ", ".join(tables)}) for hit in _listed(twice)]


def _properties(table: Understood, contract: Contract) -> list[Column]:
    known = {column.name for column in table.columns.values()}
    lists = (*IDENTIFIERS, "changed", "created", "technical")
    apart = {name for one_list in lists for name in contract.names.get(one_list, ())}
    return [column for column in table.all if column.name not in known and column.key not in apart]


# -- when -----------------------------------------------------------------------------------------
def _change_impossible(scene: Scene) -> t.Iterable[Hit]:
    return _when(scene.one.table.columns is not None and not scene.one.of(*TIMES))


def _change_unclear(scene: Scene) -> t.Iterable[Hit]:
    times = [column for column in scene.one.of(*TIMES) if column != scene.one.columns.get("happened")]
    return _listed(times) if times and "changed" not in scene.one.columns and not _created(scene) else []


def _change_is_creation(scene: Scene) -> t.Iterable[Hit]:
    return [_on(column) for column in _created(scene)[:1]] if "changed" not in scene.one.columns else []


def _created(scene: Scene) -> list[Column]:
    return [column for column in scene.one.of(*TIMES) if column.key in scene.contract.names.get("created", ())]


def _one_time_for_two(scene: Scene) -> t.Iterable[Hit]:
    times = scene.one.of(*TIMES, DAY)
    return [_on(times[0])] if len(times) == 1 and scene.one.of(*TIMES) else []


def _same_column(scene: Scene) -> t.Iterable[Hit]:
    changed, happened = (scene.one.columns.get(role) for role in ("changed", "happened"))
    enough = len(scene.one.of(*TIMES, DAY)) > 1
    return [_on(changed)] if enough and changed is not None and changed == happened else []


def _happened_unclear(scene: Scene) -> t.Iterable[Hit]:
    times = scene.one.of(*TIMES, DAY)
    return _listed(times) if len(times) > 1 and "happened" not in scene.one.columns else []


# -- what -----------------------------------------------------------------------------------------
def _wrong_type(scene: Scene) -> t.Iterable[Hit]:
    """The column in a role has a type that is none of those."""
    column = scene.one.columns.get(scene.rule.given["role"])
    return [_on(column)] if column is not None and column.family not in scene.rule.given["types"] else []


def _role_type(scene: Scene) -> t.Iterable[Hit]:
    """The column in a role has one of these types."""
    column = scene.one.columns.get(scene.rule.given["role"])
    return [_on(column)] if column is not None and column.family in scene.rule.given["types"] else []


def _column_type(scene: Scene) -> t.Iterable[Hit]:
    """Any column without a role has one of these types."""
    roles = {column.name for column in scene.one.columns.values()}
    return [
        _on(column)
        for column in scene.one.all
        if column.family in scene.rule.given["types"] and column.name not in roles
    ]


def _lacks(scene: Scene) -> t.Iterable[Hit]:
    metric_in_sync = scene.rule.given["role"] == "metric" and scene.one.said.metric_in_sync
    return _when(
        scene.one.table.columns is not None and scene.rule.given["role"] not in scene.one.columns and not metric_in_sync
    )


def _lacks_beside(scene: Scene) -> t.Iterable[Hit]:
    """One role is there, and the one that belongs to it is not."""
    column = scene.one.columns.get(scene.rule.given["beside"])
    return [_on(column)] if column is not None and scene.rule.given["role"] not in scene.one.columns else []


def _several(scene: Scene) -> t.Iterable[Hit]:
    """Several columns look like the same field, and none was said to be it."""
    hits = []
    for role in scene.rule.given["roles"]:
        if role not in scene.one.said.columns:
            hits += _listed(scene.one.rivals.get(role, ()))
    return hits


def _named(scene: Scene) -> t.Iterable[Hit]:
    """Columns whose names are in one of the profile's lists."""
    names = scene.contract.names.get(scene.rule.given["words"], ())
    roles = {column.name for column in scene.one.columns.values()}
    return _listed(column for column in scene.one.all if column.key in names and column.name not in roles)


def _named_type(scene: Scene) -> t.Iterable[Hit]:
    """Columns of such names that have a type which is none of those."""
    names, types = scene.contract.names.get(scene.rule.given["words"], ()), scene.rule.given["types"]
    return [_on(column) for column in scene.one.all if column.key in names and column.family not in types]


# -- names that nest ------------------------------------------------------------------------------
def _nesting(scene: Scene) -> list[Column]:
    return [column for column in scene.one.all if _NEST in column.name]


def _nested(scene: Scene) -> t.Iterable[Hit]:
    return _listed(_nesting(scene))


def _nested_empty(scene: Scene) -> t.Iterable[Hit]:
    # More than three in a row leave it open where the name of the child begins.
    return [
        _on(column)
        for column in _nesting(scene)
        if any(not part or part != part.strip("_") for part in column.name.split(_NEST))
    ]


def _nested_deep(scene: Scene) -> t.Iterable[Hit]:
    return [_on(column) for column in _nesting(scene) if len([part for part in column.name.split(_NEST) if part]) > 2]


def _nested_clash(scene: Scene) -> t.Iterable[Hit]:
    names = {column.name.lower() for column in scene.one.all}
    return [
        Hit(column.name, {"column": column.name, "parent": column.name.split(_NEST, 1)[0]})
        for column in _nesting(scene)
        if column.name.lower().split(_NEST, 1)[0] in names
    ]


TESTS: dict[str, Test] = {
    "missing_table": _missing,
    "unread": _unread,
    "kind_unknown": _kind,
    "said_column": _said_column,
    "row_filter": _row_filter,
    "masked": _masked,
    "identifier_impossible": _identifier_impossible,
    "identifier_unusable": _identifier_unusable,
    "identifier_unclear": _identifier_unclear,
    "identifiers_differ": _identifiers_differ,
    "property_twice": _property_twice,
    "change_impossible": _change_impossible,
    "change_unclear": _change_unclear,
    "change_is_creation": _change_is_creation,
    "one_time_for_two": _one_time_for_two,
    "same_column": _same_column,
    "happened_unclear": _happened_unclear,
    "wrong_type": _wrong_type,
    "role_type": _role_type,
    "column_type": _column_type,
    "lacks": _lacks,
    "lacks_beside": _lacks_beside,
    "several": _several,
    "named": _named,
    "named_type": _named_type,
    "nested": _nested,
    "nested_empty": _nested_empty,
    "nested_deep": _nested_deep,
    "nested_clash": _nested_clash,
}
