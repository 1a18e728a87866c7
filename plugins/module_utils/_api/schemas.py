# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Unity Catalog schemas on the wire (SDK service/catalog.py, SchemasAPI)."""

from __future__ import annotations

import typing as t

from .._failure import Failure
from .._workspace import Json, Workspace
from . import hive

BASE = "/api/2.1/unity-catalog/schemas"


def of(workspace: Workspace, catalog: str, warehouse: str | None = None) -> Catalog | hive.Catalog:
    """The schemas of a catalog, wherever it is kept.

    :raises BadOption: hive_metastore without a warehouse
    """
    if catalog == hive.HIVE:
        return hive.Catalog(hive.session(workspace, warehouse))
    return Catalog(workspace, catalog)


class Catalog:
    """The schemas of one catalog. Names are lower-cased, as the service stores them."""

    # The service takes all of these.
    fields = ("comment", "owner", "properties", "storage_root")

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.workspace, self.name = workspace, name

    def get(self, name: str) -> Json | None:
        """The schema, or None. A missing catalog is an error: a schema cannot be made there."""
        path, full_name = self._path(name)
        raw = self.workspace.find(path, f"read schema {full_name}", gone=("SCHEMA_DOES_NOT_EXIST",))
        return _shape(raw) if raw else None

    def listing(self) -> list[Json]:
        """The schemas the caller may see; one that is not in the list may exist all the same."""
        found = self.workspace.pages(
            BASE, "schemas", f"list the schemas of {self.name}", catalog_name=self.name, max_results=0
        )
        return sorted((_shape(raw) for raw in found), key=lambda schema: schema["full_name"])

    def create(self, name: str, *, owner: str | None = None, **fields: t.Any) -> None:
        """Create a schema. The service takes an owner only when updating, so that is a second request."""
        _path, full_name = self._path(name)
        try:
            body = {"catalog_name": self.name, "name": name, **fields}
            self.workspace.call("POST", BASE, f"create schema {full_name}", body=body)
        except Failure as failure:
            # Somebody was faster, or our own answer was lost: the schema is there either way, and it has only one name.
            if failure.code not in ("SCHEMA_ALREADY_EXISTS", "LOST_ANSWER") or self.get(name) is None:
                raise
        if owner:
            self.update(name, owner=owner)

    def update(self, name: str, **fields: t.Any) -> None:
        """Change a schema. The owner goes first and alone: an admin who does not own it may change nothing else."""
        path, full_name = self._path(name)
        owner = fields.pop("owner", None)
        for body in ({"owner": owner} if owner else {}, fields):
            if body:
                self.workspace.call("PATCH", path, f"change schema {full_name}", body=body)

    def delete(self, name: str, *, force: bool) -> None:
        """Drop a schema; ``force`` takes everything in it along. One that is gone already is fine."""
        path, full_name = self._path(name)
        try:
            self.workspace.call("DELETE", path, f"drop schema {full_name}", query={"force": force})
        except Failure as failure:
            if failure.code != "SCHEMA_DOES_NOT_EXIST":
                raise

    def _path(self, name: str) -> tuple[str, str]:
        full_name = f"{self.name}.{name}"
        return f"{BASE}/{full_name}", full_name


def _shape(raw: Json) -> Json:
    return {
        "catalog_name": raw.get("catalog_name", ""),
        "name": raw.get("name", ""),
        "full_name": raw.get("full_name", ""),
        "owner": raw.get("owner", ""),
        "comment": raw.get("comment", ""),
        "properties": raw.get("properties") or {},
        "storage_root": raw.get("storage_root", "").rstrip("/"),
        "schema_id": raw.get("schema_id", ""),
    }
