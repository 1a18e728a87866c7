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

BASE = "/api/2.1/unity-catalog/schemas"


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


def get(workspace: Workspace, full_name: str) -> Json | None:
    """The schema, or None. A missing catalog is an error: a schema cannot be made there."""
    raw = workspace.find(f"{BASE}/{full_name}", f"read schema {full_name}", gone=("SCHEMA_DOES_NOT_EXIST",))
    return _shape(raw) if raw else None


def listing(workspace: Workspace, catalog: str) -> list[Json]:
    """The schemas the caller may see; one that is not in the list may exist all the same."""
    found = workspace.pages(BASE, "schemas", f"list the schemas of {catalog}", catalog_name=catalog, max_results=0)
    return sorted((_shape(raw) for raw in found), key=lambda schema: schema["full_name"])


def create(workspace: Workspace, catalog: str, name: str, *, owner: str | None = None, **fields: t.Any) -> None:
    """Create a schema. The service takes an owner only when updating, so that is a second request."""
    full_name = f"{catalog}.{name}"
    try:
        body = {"catalog_name": catalog, "name": name, **fields}
        workspace.call("POST", BASE, f"create schema {full_name}", body=body)
    except Failure as failure:
        # Somebody was faster, or our own answer was lost: the schema is there either way, and it has only one name.
        if failure.code not in ("SCHEMA_ALREADY_EXISTS", "LOST_ANSWER") or get(workspace, full_name) is None:
            raise
    if owner:
        update(workspace, full_name, owner=owner)


def update(workspace: Workspace, full_name: str, **fields: t.Any) -> None:
    """Change a schema. The owner goes first and alone: an admin who does not own the schema may change nothing else."""
    owner = fields.pop("owner", None)
    for body in ({"owner": owner} if owner else {}, fields):
        if body:
            workspace.call("PATCH", f"{BASE}/{full_name}", f"change schema {full_name}", body=body)


def delete(workspace: Workspace, full_name: str, *, force: bool) -> None:
    """Drop a schema; ``force`` takes everything in it along. One that is gone already is fine."""
    try:
        workspace.call("DELETE", f"{BASE}/{full_name}", f"drop schema {full_name}", query={"force": force})
    except Failure as failure:
        if failure.code != "SCHEMA_DOES_NOT_EXIST":
            raise
