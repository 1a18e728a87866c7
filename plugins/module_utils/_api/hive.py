# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Schemas of hive_metastore, which only SQL can reach."""

from __future__ import annotations

from .._common import names
from .._common.failure import BadOption, Failure
from .._common.json_types import Json
from .._wire.sql import Session, literal, quote
from .._wire.workspace import Workspace
from . import warehouses

HIVE = "hive_metastore"
# "Schema already exists", in REST and in SQL (SQLSTATE 42P06).
ALREADY = ("SCHEMA_ALREADY_EXISTS", "RESOURCE_ALREADY_EXISTS", "DATABASE_ALREADY_EXISTS")


def session(workspace: Workspace, warehouse: str | None) -> Session:
    """The session through which hive_metastore is reached.

    :raises BadOption: no warehouse is named
    """
    if not (warehouse or "").strip():
        raise BadOption("warehouse", "is needed for hive_metastore, which can be reached by SQL only.")
    path = warehouses.find(workspace, str(warehouse))["http_path"]
    return workspace.shared(f"SQL session on {path}", lambda: Session(workspace, path))


class Catalog:
    """The schemas of hive_metastore, in the shape that _api.schemas gives."""

    # Properties and locations can be set there, too, but not read back reliably (Databricks docs, "DESCRIBE SCHEMA").
    fields = ("comment", "owner")

    def __init__(self, over: Session) -> None:
        self.over = over

    def get(self, name: str) -> Json | None:
        """The schema, or None."""
        try:
            rows = self.over.run(f"DESCRIBE SCHEMA {quote(HIVE, name)}").rows
        except Failure as failure:
            if failure.code == "SCHEMA_NOT_FOUND":
                return None
            raise
        described = {str(row[0]).lower(): str(row[1] or "") for row in rows}
        return {
            "catalog_name": HIVE,
            "name": name,
            "full_name": f"{HIVE}.{name}",
            "owner": described.get("owner") or "",
            # Comment in the words of Databricks, Description in those of Spark.
            "comment": described.get("comment", described.get("description", "")),
        }

    def listing(self) -> list[Json]:
        """The names of the schemas."""
        rows = self.over.run(f"SHOW SCHEMAS IN {quote(HIVE)}").rows
        return [{"catalog_name": HIVE, "name": str(row[0]), "full_name": f"{HIVE}.{row[0]}"} for row in sorted(rows)]

    def listed(self, name: str) -> Json | None:
        """The schema as SHOW SCHEMAS shows it. None says nothing: it may exist and not be shown."""
        return next((one for one in self.listing() if names.same(one["name"], name)), None)

    def create(self, name: str, *, comment: str | None = None, owner: str | None = None, unseen: bool = False) -> bool:
        """Create a schema.

        :param unseen: whether it was there before is not known
        :returns: False if it was there already; it is then as it was
        """
        comment_clause = f" COMMENT {literal(comment)}" if comment else ""
        try:
            self.over.run(f"CREATE SCHEMA {quote(HIVE, name)}{comment_clause}")
        except Failure as failure:
            if failure.code in ALREADY:
                return False
            raise
        if owner:
            self.update(name, owner=owner)
        return True

    def update(self, name: str, *, comment: str | None = None, owner: str | None = None) -> None:
        """Change a schema; the owner last, since whoever gives it away may not change it any more."""
        if comment is not None:
            self.over.run(f"COMMENT ON SCHEMA {quote(HIVE, name)} IS {literal(comment)}")
        if owner is not None:
            self.over.run(f"ALTER SCHEMA {quote(HIVE, name)} OWNER TO {quote(owner)}")

    def holds(self, name: str) -> tuple[list[Json], list[str]]:
        """The tables and views in a schema, or why they cannot be read; functions are not looked for."""
        try:
            rows = self.over.run(f"SHOW TABLES IN {quote(HIVE, name)}").rows
        except Failure as failure:
            return [], [failure.message]
        return [{"kind": "table", "full_name": ".".join((HIVE, name, str(row[1])))} for row in rows], []

    def delete(self, name: str, *, force: bool) -> None:
        """Drop a schema; ``force`` takes everything in it along."""
        self.over.run(f"DROP SCHEMA IF EXISTS {quote(HIVE, name)} {'CASCADE' if force else 'RESTRICT'}")
