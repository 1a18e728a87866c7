# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The algebra of privileges: spelling, what is valid where, what ALL PRIVILEGES stands for, what else is needed.

The lists hold what we know, which is less than there is: the service adds privileges (INSERT, UPDATE and DELETE in
2026), so a name that is on none of them is not refused here.

Source where none is named: Databricks docs, "Unity Catalog privileges reference".
"""

from __future__ import annotations

import difflib
import re
import typing as t

from .._common.failure import BadOption

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

_KNOWN = HIVE_VALID.union(*VALID.values())
# Names end up in statements, so they are names and nothing else.
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")

# The way in: nothing below a catalog or schema can be reached without it.
WAY_IN = {"catalog": "USE_CATALOG", "schema": "USE_SCHEMA"}

Names = frozenset[str]


def spelled(text: str) -> str:
    """The REST spelling of a privilege that was written in any way: use schema, USE-SCHEMA, Use_Schema."""
    return "_".join(text.replace("-", " ").replace("_", " ").upper().split())


def checked(option: str, names: t.Iterable[str], securable: str, *, hive: bool = False) -> Names:
    """The privileges in REST spelling. Those that we know are valid for the securable; the service may know more.

    :param securable: catalog, schema or table
    :param hive: it lies in hive_metastore; privileges of Unity Catalog are then translated where that is exact
    :raises BadOption: names those that belong elsewhere, and lists the valid ones; or what cannot be a privilege
    """
    asked = {spelled(name) for name in names}
    if "" in asked:
        raise BadOption(option, "must not hold an empty name.")
    odd = sorted(name for name in asked if not _NAME.fullmatch(name))
    if odd:
        raise BadOption(
            option, f"{odd[0]!r} is not the name of one privilege. Give a list, such as [USE SCHEMA, SELECT]."
        )
    if hive:
        asked = {_hive(name, securable) for name in asked}
    valid = _valid(securable, hive)
    wrong = sorted((asked - valid) & _KNOWN)
    if wrong:
        where = _where(securable, hive)
        raise BadOption(
            option, f"{', '.join(wrong)} cannot be granted on {where}. Valid there: {', '.join(sorted(valid))}."
        )
    return frozenset(asked)


def doubts(option: str, names: t.Iterable[str], securable: str, *, hive: bool = False) -> list[str]:
    """A sentence about each privilege that we do not know, with the one that may be meant."""
    valid, where = _valid(securable, hive), _where(securable, hive)
    return [
        f"{option}: {name} is no privilege that this collection knows on {where}{_meant(name, valid)}. "
        "It is passed on as it is; the service decides."
        for name in sorted(set(names) - valid)
    ]


def _meant(name: str, valid: t.Iterable[str]) -> str:
    # Cut-off from trying: SELCT, MODFY and USE_SHEMA find theirs, INSERT and DELETE find none.
    close = difflib.get_close_matches(name, sorted(valid), n=1, cutoff=0.75)
    return f" (did you mean {close[0]}?)" if close else ""


def _valid(securable: str, hive: bool) -> Names:
    return HIVE_VALID if hive else VALID[securable]


def _where(securable: str, hive: bool) -> str:
    return f"a {securable} of hive_metastore" if hive else f"a {securable}"


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
    return frozenset(name for name in named if covers(left, name))


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
