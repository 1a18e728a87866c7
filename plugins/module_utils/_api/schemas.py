# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Unity Catalog schemas on the wire (SDK service/catalog.py, SchemasAPI)."""

from __future__ import annotations

import typing as t

from .._common import names
from .._common.failure import Failure
from .._common.json_types import Json
from .._wire.errors import is_absent
from .._wire.workspace import Workspace
from . import hive
from .fields import text

UNITY = "/api/2.1/unity-catalog"
BASE = f"{UNITY}/schemas"
# What keeps a schema from being dropped (terraform-provider-databricks#2906, and #4046 of models): the last part of the
# path, the key of the list, and what need not be sent along.
_HELD: dict[str, tuple[str, str, Json]] = {
    "table": ("tables", "tables", {"omit_columns": True, "omit_properties": True}),
    "function": ("functions", "functions", {}),
    "volume": ("volumes", "volumes", {}),
    "model": ("models", "registered_models", {}),
}
ALREADY = hive.ALREADY


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
        raw = self.workspace.find(path, f"read schema {full_name}", holds=("name",))
        return _shape(raw) if raw else None

    def listing(self) -> list[Json]:
        """The schemas the caller may see; one that is not in the list may exist all the same."""
        found = self.workspace.pages(
            BASE, "schemas", f"list the schemas of {self.name}", catalog_name=self.name, max_results=0
        )
        return sorted((_shape(raw) for raw in found), key=lambda schema: schema["full_name"])

    def listed(self, name: str) -> Json | None:
        """The schema as the list of the catalog shows it, which tells whoever may browse more than a look at it does.

        None says nothing: a schema that is not in the list may exist all the same.
        """
        query = {"catalog_name": self.name, "max_results": 0, "include_browse": True}
        found = self.workspace.pages(BASE, "schemas", f"list the schemas of {self.name}", **query)
        return next((_shape(raw) for raw in found if names.same(raw.get("name"), name)), None)

    def create(self, name: str, *, owner: str | None = None, unseen: bool = False, **fields: t.Any) -> bool:
        """Create a schema. The service takes an owner only when updating, so that is a second request.

        :param unseen: whether it was there before is not known
        :returns: False if it was there already; it is then as it was
        """
        _path, full_name = self._path(name)
        try:
            body = {"catalog_name": self.name, "name": name, **fields}
            self.workspace.call("POST", BASE, f"create schema {full_name}", body=body)
        except Failure as failure:
            if failure.code in ALREADY:
                return False
            # Our own answer was lost: it was not there before, it has only one name, and now it is there.
            if failure.code != "LOST_ANSWER" or unseen or self.get(name) is None:
                raise
        if owner:
            self.update(name, owner=owner)
        return True

    def update(self, name: str, **fields: t.Any) -> None:
        """Change a schema. The owner goes first and alone: an admin who does not own it may change nothing else."""
        path, full_name = self._path(name)
        owner = fields.pop("owner", None)
        for body in ({"owner": owner} if owner else {}, fields):
            if body:
                self.workspace.call("PATCH", path, f"change schema {full_name}", body=body)

    def holds(self, name: str) -> tuple[list[Json], list[str]]:
        """What the caller is told of that lies in a schema. That need not be all: of functions, volumes and models the
        lists have what the caller owns or may use (SDK service/catalog.py), and owning the schema is not enough.

        :returns: each with ``kind`` and ``full_name``; and, for each kind that cannot be read, why
        """
        full_name = self._path(name)[1]
        found: list[Json] = []
        unknown = []
        for kind, (path, key, query) in _HELD.items():
            query = {"catalog_name": self.name, "schema_name": name, **query}
            try:
                rows = self.workspace.pages(f"{UNITY}/{path}", key, f"list the {path} of {full_name}", **query)
                found += [{"kind": kind, "full_name": text(raw, "full_name")} for raw in rows]
            except Failure as failure:
                unknown.append(failure.message)
        return found, unknown

    def delete(self, name: str, *, force: bool) -> None:
        """Drop a schema; ``force`` takes everything in it along. One that is gone already is fine."""
        path, full_name = self._path(name)
        try:
            self.workspace.call("DELETE", path, f"drop schema {full_name}", query={"force": force})
        except Failure as failure:
            if not is_absent(failure):
                raise

    def _path(self, name: str) -> tuple[str, str]:
        full_name = f"{self.name}.{name}"
        return f"{BASE}/{full_name}", full_name


def _shape(raw: Json) -> Json:
    """As the modules know it; what is absent, null or empty is the same."""
    return {
        **{name: text(raw, name) for name in ("catalog_name", "name", "full_name", "owner", "comment")},
        "properties": {key: "" if value is None else value for key, value in (raw.get("properties") or {}).items()},
        "storage_root": text(raw, "storage_root").rstrip("/"),
        "schema_id": text(raw, "schema_id"),
    }
