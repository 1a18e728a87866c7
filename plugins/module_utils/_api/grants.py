# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Privileges on the wire: REST for Unity Catalog, SQL for hive_metastore (SDK service/catalog.py, GrantsAPI)."""

from __future__ import annotations

import typing as t

from .._common import names
from .._common.failure import Failure
from .._common.json_types import Json
from .._objects import privileges as algebra
from .._wire.sql import Session, quote
from .._wire.workspace import Workspace
from . import hive

BASE = "/api/2.1/unity-catalog"
HIVE = hive.HIVE
PARTS = {"catalog": 1, "schema": 2, "table": 3}


class Securable(t.NamedTuple):
    """Something that privileges are granted on."""

    kind: str  # catalog, schema or table; a view is a table here
    full_name: str

    @property
    def hive(self) -> bool:
        return self.full_name.split(".")[0] == HIVE

    @property
    def sql(self) -> str:
        """As a statement names it."""
        return f"{self.kind.upper()} {quote(*self.full_name.split('.'))}"

    def __str__(self) -> str:
        return f"{self.kind} {self.full_name}"


class Held(t.NamedTuple):
    """A privilege as somebody holds it; ``source`` is where it was granted."""

    principal: str
    privilege: str
    source: Securable


def securable(kind: str, name: str, option: str = "name") -> Securable:
    """The securable that a task names.

    :raises BadOption: the name is not one of such a thing
    """
    return Securable(kind, names.full_name(option, name, PARTS[kind]))


class Unity:
    """Privileges on one securable of Unity Catalog. The typed classes of the SDK would drop what they do not know."""

    def __init__(self, workspace: Workspace, of: Securable) -> None:
        self.workspace, self.of = workspace, of

    def direct(self, principal: str | None = None) -> list[Held]:
        """What was granted on the securable itself; to one principal, or to all."""
        return self._held(self._rows("permissions", self.of, principal))

    def effective(self, principal: str | None = None, of: Securable | None = None) -> list[Held]:
        """What is held, inherited privileges included, each with where it was granted."""
        of = of or self.of
        return [
            Held(
                row.get("principal") or "",
                str(privilege["privilege"]),
                Securable(str(privilege["inherited_from_type"]).lower(), privilege.get("inherited_from_name") or "")
                if privilege.get("inherited_from_type")
                else of,
            )
            for row in self._rows("effective-permissions", of, principal)
            for privilege in row.get("privileges") or []
            if privilege.get("privilege")
        ]

    def change(self, principal: str, add: t.Sequence[str], remove: t.Sequence[str]) -> list[Held]:
        """Grant and revoke for one principal in one request, which leaves everybody else alone.

        :returns: what the answer says that the principal holds directly; nothing, where it says nothing
        """
        answer = self.workspace.call(
            "PATCH",
            f"{BASE}/permissions/{self.of.kind}/{self.of.full_name}",
            f"change the privileges of {principal} on {self.of}",
            body={"changes": [{"principal": principal, "add": list(add), "remove": list(remove)}]},
        )
        rows = answer.get("privilege_assignments") or []
        return self._held(row for row in rows if names.same(row.get("principal"), principal))

    def _held(self, rows: t.Iterable[Json]) -> list[Held]:
        # The principal of a row may be empty: it was deleted.
        return [
            Held(row.get("principal") or "", str(name), self.of)
            for row in rows
            for name in row.get("privileges") or []
            if name
        ]

    def _rows(self, which: str, of: Securable, principal: str | None) -> t.Iterator[Json]:
        found = self.workspace.pages(
            f"{BASE}/{which}/{of.kind}/{of.full_name}",
            "privilege_assignments",
            f"read the privileges on {of}",
            # Without max_results the service gives everything at once, and should it not, there is a next page.
            **({"principal": principal} if principal else {}),
        )
        # Whether the filter is exact in its case is not documented, so the answer is checked again.
        return (row for row in found if principal is None or names.same(row.get("principal"), principal))


class Hive:
    """Privileges on one securable of hive_metastore, by SQL."""

    def __init__(self, over: Session, of: Securable) -> None:
        self.over, self.of = over, of

    def direct(self, principal: str | None = None) -> list[Held]:
        return [held for held in self.effective(principal) if held.source == self.of]

    def effective(self, principal: str | None = None, of: Securable | None = None) -> list[Held]:
        """The rows of SHOW GRANTS, without ownership and denials (databrickslabs/ucx, hive_metastore/grants.py)."""
        of = of or self.of
        whom = f" {quote(principal)}" if principal else ""
        try:
            found = self.over.run(f"SHOW GRANTS{whom} ON {of.sql}").rows
        except Failure as failure:
            if failure.code == "SCHEMA_NOT_FOUND":
                failure.code = "SCHEMA_DOES_NOT_EXIST"
            raise
        return [
            Held(str(who or ""), algebra.spelled(str(action)), _hive_source(str(kind or ""), str(key or "")))
            for who, action, kind, key in (row[:4] for row in found)
            if action and action != "OWN" and not str(action).startswith("DENIED_")
            if principal is None or names.same(who, principal)
        ]

    def change(self, principal: str, add: t.Sequence[str], remove: t.Sequence[str]) -> list[Held]:
        """Statement by statement: first what goes, since revoking ALL PRIVILEGES strips more than its name.

        :returns: nothing; statements answer nothing
        """
        for statement in (
            *([revoke(self.of, remove, principal)] if remove else []),
            *([grant(self.of, add, principal)] if add else []),
        ):
            self.over.run(statement)
        return []


def on(workspace: Workspace, of: Securable, warehouse: str | None = None) -> Unity | Hive:
    """How to read and change the privileges on a securable.

    :raises BadOption: hive_metastore without a warehouse
    """
    return Hive(hive.session(workspace, warehouse), of) if of.hive else Unity(workspace, of)


def grant(of: Securable, privileges: t.Iterable[str], principal: str) -> str:
    """The statement that grants."""
    return f"GRANT {_listed(privileges)} ON {of.sql} TO {quote(principal)}"


def revoke(of: Securable, privileges: t.Iterable[str], principal: str) -> str:
    """The statement that revokes."""
    return f"REVOKE {_listed(privileges)} ON {of.sql} FROM {quote(principal)}"


def _listed(privileges: t.Iterable[str]) -> str:
    return ", ".join(algebra.sql_name(name) for name in sorted(privileges))


def _hive_source(kind: str, key: str) -> Securable:
    kind = {"DATABASE": "schema", "SCHEMA": "schema", "CATALOG$": "catalog", "CATALOG": "catalog"}.get(
        kind.upper(), kind.lower()
    )
    bare = key.replace("`", "").lower()
    if kind == "catalog" or not bare:
        return Securable(kind, HIVE)
    return Securable(kind, bare if bare.split(".")[0] == HIVE else f"{HIVE}.{bare}")
