# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registered models (SDK RegisteredModelsAPI): that there are some, and without versions."""

from __future__ import annotations

import typing as t

from .. import privileges
from ..errors import ApiError
from ..http import Call, route
from . import unity_catalog
from .unity_catalog import BASE


def _info(full_name: str, owner: str) -> dict[str, t.Any]:
    catalog, schema, name = full_name.split(".")
    return {"catalog_name": catalog, "schema_name": schema, "name": name, "full_name": full_name, "owner": owner}


@route("POST", f"{BASE}/models")
def create(call: Call) -> dict[str, t.Any]:
    workspace, body = call.workspace, call.body
    if set(body) - {"name", "catalog_name", "schema_name"}:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The sandbox makes models with a name only.")
    schema = unity_catalog.schema_of(workspace, f"{body.get('catalog_name')}.{body.get('schema_name')}")
    name = unity_catalog.valid_name("CreateRegisteredModel", "RegisteredModelInfo", body.get("name"))
    privileges.need(workspace, call.me, "CREATE_MODEL", ("schema", schema.full_name))
    full_name = f"{schema.full_name}.{name}"
    if full_name in workspace.models:
        raise ApiError(400, "RESOURCE_ALREADY_EXISTS", f"Model '{full_name}' already exists")
    workspace.models[full_name] = call.me.principal
    return _info(full_name, call.me.principal)


@route("GET", f"{BASE}/models")
def listing(call: Call) -> dict[str, t.Any]:
    """Shown to the owner and to a metastore admin (SDK RegisteredModelsAPI.list), and to nobody else, however the rest
    may be: owning the schema is not said to be enough."""
    workspace = call.workspace
    schema = unity_catalog.schema_of(workspace, f"{call.one('catalog_name') or ''}.{call.one('schema_name') or ''}")
    everything = privileges.is_metastore_admin(workspace, call.me)
    held = [(name, workspace.models[name]) for name in unity_catalog.models_in(workspace, schema.full_name)]
    shown = [_info(name, owner) for name, owner in held if everything or owner == call.me.principal]
    return unity_catalog.paged(call, "registered_models", shown)
