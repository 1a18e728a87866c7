# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The algebra of privileges: spelling, what is valid where, what ALL PRIVILEGES stands for, what else is needed.

Source where none is named: Databricks docs, "Unity Catalog privileges reference".
"""

from __future__ import annotations

import typing as t

from ._failure import BadOption

ALL = "ALL_PRIVILEGES"
# What ALL PRIVILEGES does not stand for, and revoking it leaves alone (Databricks docs, "REVOKE").
NOT_COVERED = frozenset({"MANAGE", "EXTERNAL_USE_SCHEMA", "EXTERNAL_USE_LOCATION"})

_TABLE = frozenset({ALL, "APPLY_TAG", "MANAGE", "MODIFY", "SELECT"})
_SCHEMA = _TABLE | {
    "CREATE_FUNCTION",
    "CREATE_MATERIALIZED_VIEW",
    "CREATE_MODEL",
    "CREATE_TABLE",
    "CREATE_VOLUME",
    "EXECUTE",
    "EXTERNAL_USE_SCHEMA",
    "READ_VOLUME",
    "REFRESH",
    "USE_SCHEMA",
    "WRITE_VOLUME",
}
VALID: dict[str, frozenset[str]] = {
    "catalog": _SCHEMA | {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"},
    "schema": _SCHEMA,
    "table": _TABLE,
}

# hive_metastore has privileges of its own (Databricks docs, "Privileges and securable objects in the Hive metastore").
HIVE_VALID = frozenset(
    {ALL, "CREATE", "CREATE_NAMED_FUNCTION", "MODIFY", "MODIFY_CLASSPATH", "READ_METADATA", "SELECT", "USAGE"}
)
# Those of Unity Catalog that have an exact equivalent there (databrickslabs/ucx, hive_metastore/grants.py).
_TO_HIVE = {"USE_SCHEMA": "USAGE", "CREATE_TABLE": "CREATE", "CREATE_SCHEMA": "CREATE"}

# The way in: nothing below a catalog or schema can be reached without it.
WAY_IN = {"catalog": "USE_CATALOG", "schema": "USE_SCHEMA"}

Names = frozenset[str]


def spelled(text: str) -> str:
    """The REST spelling of a privilege that was written in any way: use schema, USE-SCHEMA, Use_Schema."""
    return "_".join(text.replace("-", " ").replace("_", " ").upper().split())


def checked(option: str, names: t.Iterable[str], securable: str, *, hive: bool = False) -> Names:
    """The privileges in REST spelling, each of them valid for the securable.

    :param securable: catalog, schema or table
    :param hive: it lies in hive_metastore; privileges of Unity Catalog are then translated where that is exact
    :raises BadOption: names those that are not valid, and lists the valid ones
    """
    asked = {spelled(name) for name in names}
    if "" in asked:
        raise BadOption(option, "must not hold an empty name.")
    if hive:
        asked = {_hive(name, securable) for name in asked}
    valid = HIVE_VALID if hive else VALID[securable]
    wrong = sorted(asked - valid)
    if wrong:
        where = f"a {securable} of hive_metastore" if hive else f"a {securable}"
        raise BadOption(
            option, f"{', '.join(wrong)} cannot be granted on {where}. Valid there: {', '.join(sorted(valid))}."
        )
    return frozenset(asked)


def _hive(name: str, securable: str) -> str:
    # On a catalog CREATE would let its holder make schemas, in a schema it would not.
    if (name, securable) in (("CREATE_SCHEMA", "schema"), ("CREATE_TABLE", "catalog")):
        return name
    return _TO_HIVE.get(name, name)


def covers(held: t.Iterable[str], name: str) -> bool:
    """Whether somebody who holds these directly can do what a privilege allows."""
    held = set(held)
    return name in held or (ALL in held and name not in NOT_COVERED)


def with_added(have: t.Iterable[str], named: t.Iterable[str]) -> Names:
    """What is held directly once these are there, too; what ALL PRIVILEGES covers already is not granted again."""
    have = set(have)
    return frozenset(have | {name for name in named if not covers(have, name)})


def with_removed(have: t.Iterable[str], named: t.Iterable[str]) -> Names:
    """What is held directly once these are revoked. Revoking ALL PRIVILEGES strips what it covers as well."""
    have, gone = set(have), set(named)
    if ALL in gone:
        gone |= {name for name in have if name not in NOT_COVERED}
    return frozenset(have - gone)


def still_held(have: t.Iterable[str], named: t.Iterable[str]) -> Names:
    """What cannot be taken away like this, because ALL PRIVILEGES, which stays, covers it."""
    left = with_removed(have, named)
    return frozenset(name for name in named if name not in left and covers(left, name))


def change(have: t.Iterable[str], wanted: t.Iterable[str]) -> tuple[list[str], list[str]]:
    """What to add and to remove to get from one set to the other in one request.

    The service removes before it adds (CLI bundle grants), so what ALL PRIVILEGES would strip along is added again.
    """
    have, wanted = set(have), set(wanted)
    add, remove = wanted - have, have - wanted
    if ALL in remove:
        add |= {name for name in wanted if name not in NOT_COVERED}
    return sorted(add), sorted(remove)


def parents(securable: str, full_name: str) -> list[tuple[str, str]]:
    """The securables on the way to this one, from the top: (type, full name)."""
    pieces = full_name.split(".")
    kinds = {"catalog": (), "schema": ("catalog",), "table": ("catalog", "schema")}[securable]
    return [(kind, ".".join(pieces[: number + 1])) for number, kind in enumerate(kinds)]


def sql_name(name: str) -> str:
    """The SQL spelling of a privilege, which has blanks."""
    return (
        name.replace("_", " ") if name not in ("READ_METADATA", "MODIFY_CLASSPATH", "CREATE_NAMED_FUNCTION") else name
    )
