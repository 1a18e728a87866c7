# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogs, and the workspaces that they are bound to (SDK CatalogsAPI, WorkspaceBindingsAPI)."""

from __future__ import annotations

import typing as t

from .. import privileges, seed_catalog
from ..errors import ApiError
from ..http import Call, route
from ..model import Catalog, Workspace
from . import unity_catalog, wire_parts
from .unity_catalog import BASE

_CREATE = {"name", "comment", "properties", "storage_root", "isolation_mode"}
_UPDATE = ("comment", "owner", "properties", "isolation_mode", "enable_predictive_optimization", "new_name")


def info(workspace: Workspace, catalog: Catalog, browse_only: bool = False) -> dict[str, t.Any]:
    """What has no value is left out, the comment too (databricks/cli acceptance/bundle/deployment/bind/catalog); the
    other fields are those of a captured answer, see wire_parts.py.
    """
    of_the_service = catalog.owner == seed_catalog.SYSTEM_USER
    shown: dict[str, t.Any] = {
        "name": catalog.name,
        "owner": catalog.owner,
        "catalog_type": catalog.catalog_type,
        "metastore_id": workspace.metastore_id,
        **wire_parts.stamps(catalog),
        "isolation_mode": catalog.isolation_mode,
        "accessible_in_current_workspace": privileges.inaccessible(workspace, catalog) is None,
        "browse_only": browse_only,
        "id": catalog.catalog_id,
        "full_name": catalog.name,
        "securable_type": "CATALOG",
        "securable_kind": "CATALOG_SYSTEM" if of_the_service else "CATALOG_STANDARD",
        "resource_name": f"/metastores/{workspace.metastore_id}/catalogs/{catalog.catalog_id}",
        **wire_parts.versions(catalog),
    }
    shown |= {"provisioning_info": {"state": "ACTIVE"}} if of_the_service else wire_parts.maintenance(catalog)
    if catalog.storage_root:
        shown["storage_root"] = catalog.storage_root
        shown["storage_location"] = f"{catalog.storage_root}/__unitystorage/catalogs/{catalog.catalog_id}"
    return {**shown, **{name: getattr(catalog, name) for name in ("comment", "properties") if getattr(catalog, name)}}


def _sees(call: Call, catalog: Catalog) -> bool:
    place = ("catalog", catalog.name)
    return privileges.is_metastore_admin(call.workspace, call.me) or privileges.may(
        call.workspace, call.me, "USE_CATALOG", place
    )


@route("GET", f"{BASE}/catalogs")
def listing(call: Call) -> dict[str, t.Any]:
    unity_catalog.need_metastore(call.workspace)
    shown = []
    for name, catalog in sorted(call.workspace.catalogs.items()):
        if privileges.inaccessible(call.workspace, catalog) and not (
            unity_catalog.asked_to(call, "include_unbound")
            and privileges.administers(call.workspace, call.me, ("catalog", name))
        ):
            continue
        only = unity_catalog.seen(call, ("catalog", name), _sees(call, catalog))
        if only is not None:
            shown.append(info(call.workspace, catalog, only))
    return unity_catalog.paged(call, "catalogs", shown)


@route("GET", f"{BASE}/catalogs/{{name}}")
def get(call: Call) -> dict[str, t.Any]:
    catalog = unity_catalog.catalog_of(call.workspace, call.params["name"])
    place = ("catalog", catalog.name)
    only = unity_catalog.seen(call, place, _sees(call, catalog))
    if only is None:
        message = privileges.lacking(call.workspace, call.me, "USE_CATALOG", place)
        raise privileges.denied(message, "catalog", catalog.name, call.me.principal)
    return info(call.workspace, catalog, only)


def _new_name(call: Call, operation: str, name: t.Any) -> str:
    valid = unity_catalog.valid_name(operation, "CatalogInfo", name)
    if valid in call.workspace.catalogs or valid == "hive_metastore":
        raise ApiError(400, "CATALOG_ALREADY_EXISTS", f"Catalog '{valid}' already exists")
    return valid


@route("POST", f"{BASE}/catalogs")
def create(call: Call) -> dict[str, t.Any]:
    workspace, body = call.workspace, call.body
    unity_catalog.need_metastore(workspace)
    unknown = sorted(set(body) - _CREATE)
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"The sandbox makes catalogs without {', '.join(unknown)}")
    metastore = ("metastore", workspace.metastore_id)
    if not privileges.is_metastore_admin(workspace, call.me) and "CREATE_CATALOG" not in privileges.held_by(
        workspace, call.me, metastore
    ):
        raise privileges.denied(
            privileges.lacking(workspace, call.me, "CREATE_CATALOG", ("metastore", wire_parts.METASTORE))
        )
    name, now = _new_name(call, "CreateCatalog", body.get("name")), workspace.clock.now_ms()
    made = Catalog(name, call.me.principal, body.get("comment") or "", now, call.me.principal)
    made.properties = dict(body.get("properties") or {})
    made.storage_root = (body.get("storage_root") or "").rstrip("/") or None
    unity_catalog.stamp(made, call)
    unity_catalog.managed_defaults(workspace, made)
    _isolate(call, made, body.get("isolation_mode") or "OPEN")
    workspace.catalogs[name] = made
    unity_catalog.add_schema(
        workspace, made.name, "default", call.me.principal, comment="Default schema (auto-created)"
    )
    seed_catalog.information_schemas(workspace)
    return info(workspace, made)


def _isolate(call: Call, catalog: Catalog, mode: t.Any) -> None:
    """This workspace is bound at once (terraform-provider-databricks docs/resources/catalog.md, isolation_mode)."""
    if mode not in ("OPEN", "ISOLATED"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "isolation_mode is OPEN or ISOLATED.")
    if mode == "ISOLATED" and catalog.isolation_mode != mode:
        catalog.bound_to = {*catalog.bound_to, call.workspace.workspace_id}
    catalog.isolation_mode = mode


def _owned(call: Call, *, by_metastore_admin: bool = True) -> Catalog:
    """The catalog of the path, for somebody who may change it."""
    catalog = unity_catalog.catalog_of(call.workspace, call.params["name"])
    place = ("catalog", catalog.name)
    may = privileges.owns(call.workspace, call.me, place) or privileges.administers(call.workspace, call.me, place)
    if not may or (not by_metastore_admin and not privileges.owns(call.workspace, call.me, place)):
        raise privileges.denied(f"User is not an owner of Catalog '{catalog.name}'.", "catalog", catalog.name)
    return catalog


@route("PATCH", f"{BASE}/catalogs/{{name}}")
def update(call: Call) -> dict[str, t.Any]:
    workspace, body, catalog = call.workspace, call.body, _owned(call)
    unknown = sorted(set(body) - {*_UPDATE, "options"})
    if unknown or body.get("options"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"UpdateCatalog cannot change {', '.join(unknown)} here")
    if not body:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "UpdateCatalog Nothing to update")
    renamed = str(body.get("new_name") or catalog.name).lower()
    if renamed != catalog.name:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The sandbox does not rename catalogs.")
    owner = privileges.resolve_principal(workspace, body["owner"]) if body.get("owner") else catalog.owner
    if "isolation_mode" in body:
        _isolate(call, catalog, body["isolation_mode"])
    catalog.owner = owner
    for name in ("comment", "properties", "enable_predictive_optimization"):
        setattr(catalog, name, body.get(name, getattr(catalog, name)))
    unity_catalog.stamp(catalog, call)
    return info(workspace, catalog)


@route("DELETE", f"{BASE}/catalogs/{{name}}")
def delete(call: Call) -> dict[str, t.Any]:
    """Whatever lies in it goes along, by force only; information_schema does not count. The code is of the list in
    databricks-sdk-go, the sentence is ours.
    """
    workspace, catalog = call.workspace, _owned(call)
    if catalog.owner == seed_catalog.SYSTEM_USER:
        raise privileges.denied(f"User is not an owner of Catalog '{catalog.name}'.", "catalog", catalog.name)
    inside = [one for one in workspace.schemas.values() if one.catalog_name == catalog.name]
    counted = [one for one in inside if one.name != privileges.INFORMATION_SCHEMA]
    if counted and call.one("force") != "true":
        raise ApiError(
            400, "CATALOG_NOT_EMPTY", f"Catalog '{catalog.name}' is not empty. The catalog has {len(counted)} schema(s)"
        )
    for schema in inside:
        unity_catalog.empty_schema(workspace, schema)
        unity_catalog.remove_schema(workspace, schema)
    del workspace.catalogs[catalog.name]
    workspace.grants.pop(("catalog", catalog.name), None)
    return {}


# -- bindings ---------------------------------------------------------------------------------
def _ids(wish: t.Any) -> set[int]:
    """Numbers of workspaces, as numbers or as what the bindings of any securable have."""
    if not isinstance(wish or [], list):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Workspaces are given as a list.")
    listed = [one.get("workspace_id") if isinstance(one, dict) else one for one in wish or []]
    numbers = [one for one in listed if isinstance(one, int) and not isinstance(one, bool)]
    if len(numbers) != len(listed):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Workspaces are given by their ids, which are numbers.")
    if any(isinstance(one, dict) and one.get("binding_type", _READ_WRITE) != _READ_WRITE for one in wish or []):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"The sandbox binds with {_READ_WRITE} only.")
    return set(numbers)


_READ_WRITE = "BINDING_TYPE_READ_WRITE"


def _workspaces(catalog: Catalog) -> dict[str, t.Any]:
    return {"workspaces": sorted(catalog.bound_to)} if catalog.bound_to else {}


def _bindings(catalog: Catalog) -> dict[str, t.Any]:
    rows = [{"workspace_id": one, "binding_type": _READ_WRITE} for one in sorted(catalog.bound_to)]
    return {"bindings": rows} if rows else {}


def _rebind(call: Call, add: str, remove: str) -> Catalog:
    catalog = _owned(call)
    unknown = sorted(set(call.body) - {add, remove})
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown field {unknown[0]}.")
    catalog.bound_to = catalog.bound_to - _ids(call.body.get(remove)) | _ids(call.body.get(add))
    return catalog


route("GET", f"{BASE}/workspace-bindings/catalogs/{{name}}")(lambda call: _workspaces(_owned(call)))
route("PATCH", f"{BASE}/workspace-bindings/catalogs/{{name}}")(
    lambda call: _workspaces(_rebind(call, "assign_workspaces", "unassign_workspaces"))
)
route("GET", f"{BASE}/bindings/catalog/{{name}}")(lambda call: _bindings(_owned(call)))
route("PATCH", f"{BASE}/bindings/catalog/{{name}}")(lambda call: _bindings(_rebind(call, "add", "remove")))
