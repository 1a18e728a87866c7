# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a table and its columns are to the partner: by what the user says, else by their names. Pure.

The partner is told which column is what in its own pages, where nobody can read it. So a name that is not recognised
says nothing: whether the table can be imported is then unknown.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .._common.failure import BadOption
from .contract import DAY, EVENT, IDENTIFIERS, KINDS, LOCAL_TIME, PROFILE, ROLES, TIME, UNKNOWN, Column, Contract, Table

TIMES = (TIME, LOCAL_TIME)


@dataclass(frozen=True)
class Said:
    """What the user says of one table: its kind, and role -> name of the column."""

    kind: str | None = None
    columns: t.Mapping[str, str] = field(default_factory=dict)
    metric_in_sync: bool = False


@dataclass(frozen=True)
class Understood:
    """A table with what it and its columns are taken for.

    :ivar columns: role -> column
    :ivar rivals: role -> the columns whose names would all do
    """

    table: Table
    kind: str
    said: Said
    columns: t.Mapping[str, Column]
    rivals: t.Mapping[str, tuple[Column, ...]]

    @property
    def all(self) -> tuple[Column, ...]:
        return self.table.columns or ()

    def of(self, *families: str) -> list[Column]:
        """The columns of certain types."""
        return [column for column in self.all if column.family in families]

    @property
    def identifiers(self) -> dict[str, Column]:
        return {role: self.columns[role] for role in IDENTIFIERS if role in self.columns}


def said(given: t.Any, option: str = "data") -> dict[str, Said]:
    """What the user says of tables, by their names in lower case.

    :raises BadOption: names the table and the key
    """
    if not isinstance(given or {}, dict):
        raise BadOption(option, "is no mapping. Give it like {customers: {kind: profile, changed: updated_at}}.")
    return {str(name).lower(): _said(f"{option}.{name}", one) for name, one in (given or {}).items()}


def _said(where: str, given: t.Any) -> Said:
    known = ("kind", "metric_in_sync", *IDENTIFIERS, *ROLES)
    if not isinstance(given, dict):
        raise BadOption(where, "is no mapping. Give it like {kind: profile, changed: updated_at}.")
    for name, value in given.items():
        if name not in known:
            raise BadOption(f"{where}.{name}", f"is not known. Give one of {', '.join(known)}.")
        if name == "metric_in_sync" and not isinstance(value, bool):
            raise BadOption(f"{where}.{name}", f"is {value!r}. Give true or false.")
        if name != "metric_in_sync" and not isinstance(value, str):
            raise BadOption(f"{where}.{name}", f"is {value!r}. Give the name of a column.")
    kind = given.get("kind")
    if kind is not None and kind not in KINDS:
        raise BadOption(f"{where}.kind", f"is {kind!r}. Give profile or event.")
    columns = {role: given[role] for role in (*IDENTIFIERS, *ROLES) if role in given}
    return Said(kind, columns, given.get("metric_in_sync", False))


def understand(table: Table, contract: Contract, stated: Said | None = None) -> Understood:
    """Which kind of table it is and which column is what."""
    stated = stated or Said()
    by_name = {column.name.lower(): column for column in table.columns or ()}
    rivals = {role: _named(table, contract, role) for role in contract.roles}
    chosen = {role: by_name[name.lower()] for role, name in stated.columns.items() if name.lower() in by_name}
    kind = stated.kind or _kind(table, contract, chosen, rivals)
    found = dict(chosen)
    for role, columns in rivals.items():
        if columns and role not in found and (role != "happened" or kind != PROFILE):
            found[role] = _likeliest(role, columns)
    if kind == EVENT:
        _deduce(table, found)
    return Understood(table, kind, stated, found, {role: found for role, found in rivals.items() if len(found) > 1})


def _named(table: Table, contract: Contract, role: str) -> tuple[Column, ...]:
    order = contract.names.get(role, ())
    columns = [column for column in table.columns or () if column.key in order]
    return tuple(sorted(columns, key=lambda column: order.index(column.key)))


def _likeliest(role: str, columns: tuple[Column, ...]) -> Column:
    """The first that has a type which will do; the first of all where none has."""
    if role in ("changed", "happened"):
        return next((column for column in columns if column.family in TIMES), columns[0])
    return columns[0]


def _deduce(table: Table, found: dict[str, Column]) -> None:
    """An event needs two times: where one is known and only one other column could be the other, it is that."""
    times = [column for column in table.columns or () if column.family in (*TIMES, DAY)]
    for known, other in (("changed", "happened"), ("happened", "changed")):
        left = [column for column in times if column is not found.get(known)]
        if known in found and found[known] in times and other not in found and len(left) == 1:
            found[other] = left[0]


def _kind(
    table: Table,
    contract: Contract,
    chosen: t.Mapping[str, Column],
    rivals: t.Mapping[str, tuple[Column, ...]],
) -> str:
    if "happened" in chosen or "metric" in chosen:
        return EVENT
    name = table.name.rsplit(".", 1)[1] if "." in table.name else table.name
    words = {word for word in re.split(r"[\W_]+", name.lower()) if word}
    by_table = {kind for kind in KINDS if words & contract.tables.get(kind, frozenset())}
    by_columns = set()
    if rivals.get("happened") or rivals.get("metric"):
        by_columns.add(EVENT)
    elif any(column.key in contract.names.get("property", ()) for column in table.columns or ()):
        by_columns.add(PROFILE)
    found = by_table | by_columns if EVENT in by_columns else by_table or by_columns
    return found.pop() if len(found) == 1 else UNKNOWN
