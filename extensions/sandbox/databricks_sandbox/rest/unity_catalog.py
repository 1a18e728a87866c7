# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogs, schemas and tables (SDK service/catalog.py)."""

from __future__ import annotations

import re
import typing as t
import uuid

from .. import privileges, seed_catalog
from ..errors import ApiError
from ..http import Call, route
from ..model import Catalog, Schema, Table, Workspace
from ..sql import duck

BASE = "/api/2.1/unity-catalog"
_INVALID = re.compile(r"[ ./\x00-\x1f\x7f]")
PAGE = 4  # small, so that every client meets a second page


def need_metastore(workspace: Workspace) -> None:
    if workspace.feature_tier == "standard":
        # databricks/cli acceptance/bundle/templates/default-python/no-uc/test.toml
        raise ApiError(404, "FEATURE_DISABLED", "Unity Catalog is not available for feature tier STANDARD_TIER.")
    if not workspace.has_metastore:
        raise ApiError(404, "METASTORE_DOES_NOT_EXIST", "No metastore assigned for the current workspace.")


def catalog_of(workspace: Workspace, name: str) -> Catalog:
    need_metastore(workspace)
    found = workspace.catalogs.get(name.lower())
    if found is None:
        raise ApiError(404, "CATALOG_DOES_NOT_EXIST", f"Catalog '{name.lower()}' does not exist.")
    sentence = privileges.inaccessible(workspace, found)
    if sentence:
        raise privileges.denied(sentence, "catalog", found.name)
    return found


def not_there(workspace: Workspace, kind: str, sentence: str) -> ApiError:
    """Status and sentence were recorded (databricks/cli acceptance/selftest/record_cloud/volume-io), the code is known
    from lists of codes only.
    """
    return ApiError(404, "RESOURCE_DOES_NOT_EXIST" if workspace.second_form else f"{kind}_DOES_NOT_EXIST", sentence)


def schema_of(workspace: Workspace, full_name: str) -> Schema:
    catalog_of(workspace, full_name.split(".")[0])
    found = workspace.schemas.get(full_name.lower())
    if found is None:
        raise not_there(workspace, "SCHEMA", f"Schema '{full_name.lower()}' does not exist.")
    return found


def table_of(workspace: Workspace, full_name: str) -> Table:
    schema_of(workspace, ".".join(full_name.split(".")[:2]))
    found = workspace.tables.get(full_name.lower())
    if found is None:
        raise not_there(workspace, "TABLE", f"Table '{full_name.lower()}' does not exist.")
    return found


def valid_name(operation: str, kind: str, name: t.Any) -> str:
    if not isinstance(name, str) or not name or len(name) > 255 or _INVALID.search(name):
        raise ApiError(
            400,
            "INVALID_PARAMETER_VALUE",
            f'Invalid input: RPC {operation} Field managedcatalog.{kind}.name: name "{name}" is not a valid name. '
            "Valid names cannot contain spaces, periods, forward slashes, or control characters.",
        )
    return name.lower()


def paged(call: Call, key: str, items: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """Pages as the service may send them: a page can be empty and still have a successor."""
    try:
        asked = int(call.one("max_results") or 0)
        start = int(call.one("page_token") or 0)
    except ValueError as error:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Invalid page token or max_results.") from error
    if asked < 0:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "max_results must not be negative.")
    if call.one("max_results") is None and call.one("page_token") is None:
        return {key: items} if items else {}
    # The first page of an unlimited listing is empty: no client may take that for the end.
    if start == 0 and asked == 0 and items:
        return {key: [], "next_page_token": "1"}
    begin = max(start - 1, 0) if asked == 0 else start
    size = asked or PAGE
    page = items[begin : begin + size]
    answer: dict[str, t.Any] = {key: page}
    if begin + size < len(items):
        answer["next_page_token"] = str(begin + size + (1 if asked == 0 else 0))
    return answer


def stamp(thing: t.Any, call: Call) -> None:
    thing.updated_at, thing.updated_by = call.workspace.clock.now_ms(), call.me.principal


# -- metastore --------------------------------------------------------------------------------
@route("GET", f"{BASE}/current-metastore-assignment")
def current_assignment(call: Call) -> dict[str, t.Any]:
    need_metastore(call.workspace)
    return {
        "metastore_id": call.workspace.metastore_id,
        "workspace_id": call.workspace.workspace_id,
        "default_catalog_name": call.workspace.default_catalog,
    }


@route("GET", f"{BASE}/metastore_summary")
def metastore_summary(call: Call) -> dict[str, t.Any]:
    need_metastore(call.workspace)
    admins = sorted(call.workspace.metastore_admins)
    return {
        "metastore_id": call.workspace.metastore_id,
        "name": "sandbox-metastore",
        "owner": admins[0] if admins else "System user",
        "cloud": call.workspace.cloud,
        "privilege_model_version": "1.0",
    }


# -- catalogs ---------------------------------------------------------------------------------
def catalog_info(workspace: Workspace, catalog: Catalog, browse_only: bool = False) -> dict[str, t.Any]:
    """The comment is left out when there is none (databricks/cli acceptance/bundle/deployment/bind/catalog)."""
    info = {
        "name": catalog.name,
        "full_name": catalog.name,
        "owner": catalog.owner,
        "catalog_type": catalog.catalog_type,
        "isolation_mode": catalog.isolation_mode,
        "accessible_in_current_workspace": privileges.inaccessible(workspace, catalog) is None,
        "metastore_id": workspace.metastore_id,
        "securable_type": "CATALOG",
        "created_at": catalog.created_at,
        "created_by": catalog.created_by,
        "browse_only": browse_only,
    }
    return {**info, "comment": catalog.comment} if catalog.comment else info


def _asked_to(call: Call, parameter: str) -> bool:
    return (call.one(parameter) or "").lower() == "true"


def _seen(call: Call, securable: tuple[str, str], sees: bool) -> bool | None:
    """Whether it is shown for BROWSE only (with include_browse, SDK CatalogsAPI.list); None if it is not shown."""
    if sees:
        return False
    browses = _asked_to(call, "include_browse") and privileges.may_browse(call.workspace, call.me, securable)
    return True if browses else None


def _sees_catalog(call: Call, catalog: Catalog) -> bool:
    place = ("catalog", catalog.name)
    return privileges.is_metastore_admin(call.workspace, call.me) or privileges.may(
        call.workspace, call.me, "USE_CATALOG", place
    )


@route("GET", f"{BASE}/catalogs")
def list_catalogs(call: Call) -> dict[str, t.Any]:
    need_metastore(call.workspace)
    shown = []
    for name, catalog in sorted(call.workspace.catalogs.items()):
        if privileges.inaccessible(call.workspace, catalog) and not (
            _asked_to(call, "include_unbound") and privileges.administers(call.workspace, call.me, ("catalog", name))
        ):
            continue
        only = _seen(call, ("catalog", name), _sees_catalog(call, catalog))
        if only is not None:
            shown.append(catalog_info(call.workspace, catalog, only))
    return paged(call, "catalogs", shown)


@route("GET", f"{BASE}/catalogs/{{name}}")
def get_catalog(call: Call) -> dict[str, t.Any]:
    catalog = catalog_of(call.workspace, call.params["name"])
    place = ("catalog", catalog.name)
    only = _seen(call, place, _sees_catalog(call, catalog))
    if only is None:
        message = privileges.lacking(call.workspace, call.me, "USE_CATALOG", place)
        raise privileges.denied(message, "catalog", catalog.name, call.me.principal)
    return catalog_info(call.workspace, catalog, only)


@route("POST", f"{BASE}/catalogs")
def create_catalog(call: Call) -> dict[str, t.Any]:
    workspace = call.workspace
    need_metastore(workspace)
    name = valid_name("CreateCatalog", "CatalogInfo", call.body.get("name"))
    metastore = ("metastore", workspace.metastore_id)
    if not privileges.is_metastore_admin(workspace, call.me) and "CREATE_CATALOG" not in privileges.held_by(
        workspace, call.me, metastore
    ):
        raise privileges.denied(
            privileges.lacking(workspace, call.me, "CREATE_CATALOG", ("metastore", "sandbox-metastore"))
        )
    if name in workspace.catalogs or name == "hive_metastore":
        raise ApiError(400, "CATALOG_ALREADY_EXISTS", f"Catalog '{name}' already exists")
    now = workspace.clock.now_ms()
    made = Catalog(name, call.me.principal, call.body.get("comment") or "", now, call.me.principal)
    workspace.catalogs[name] = made
    add_schema(workspace, made.name, "default", call.me.principal)
    seed_catalog.information_schemas(workspace)
    return catalog_info(workspace, made)


@route("PATCH", f"{BASE}/catalogs/{{name}}")
def update_catalog(call: Call) -> dict[str, t.Any]:
    catalog = catalog_of(call.workspace, call.params["name"])
    if not privileges.administers(call.workspace, call.me, ("catalog", catalog.name)):
        raise privileges.denied(f"User is not an owner of Catalog '{catalog.name}'.", "catalog", catalog.name)
    unknown = sorted(set(call.body) - {"comment", "owner"})
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"UpdateCatalog cannot change {', '.join(unknown)} here")
    if "owner" in call.body:
        catalog.owner = privileges.resolve_principal(call.workspace, call.body["owner"])
    catalog.comment = call.body.get("comment", catalog.comment)
    return catalog_info(call.workspace, catalog)


# -- schemas ----------------------------------------------------------------------------------
def schema_info(workspace: Workspace, schema: Schema, browse_only: bool = False) -> dict[str, t.Any]:
    info = {
        "name": schema.name,
        "catalog_name": schema.catalog_name,
        "full_name": schema.full_name,
        "owner": schema.owner,
        "metastore_id": workspace.metastore_id,
        "schema_id": schema.schema_id,
        "catalog_type": workspace.catalogs[schema.catalog_name].catalog_type,
        "securable_type": "SCHEMA",
        "securable_kind": "SCHEMA_SYSTEM" if schema.name == privileges.INFORMATION_SCHEMA else "SCHEMA_STANDARD",
        "browse_only": browse_only,
        "enable_predictive_optimization": schema.enable_predictive_optimization,
        "effective_predictive_optimization_flag": {
            "value": "ENABLE",
            "inherited_from_type": "METASTORE",
            "inherited_from_name": "sandbox-metastore",
        },
        "created_at": schema.created_at,
        "created_by": schema.created_by,
        "updated_at": schema.updated_at,
        "updated_by": schema.updated_by,
    }
    for field in ("comment", "properties", "storage_root", "custom_max_retention_hours"):
        if getattr(schema, field):
            info[field] = getattr(schema, field)
    if schema.storage_root:
        info["storage_location"] = f"{schema.storage_root}/__unitystorage/schemas/{schema.schema_id}"
    return info


def sees_schema(workspace: Workspace, identity: t.Any, schema: Schema) -> bool:
    """Owned here or above, or USE SCHEMA (with USE CATALOG), or metastore admin (SDK docstring of SchemasAPI.list)."""
    place = ("schema", schema.full_name)
    if privileges.is_metastore_admin(workspace, identity) or privileges.owns(
        workspace, identity, ("catalog", schema.catalog_name)
    ):
        return True
    return privileges.missing_way_in(workspace, identity, place) is None


def add_schema(workspace: Workspace, catalog: str, name: str, owner: str, **fields: t.Any) -> Schema:
    now = workspace.clock.now_ms()
    made = Schema(
        catalog,
        name,
        owner,
        str(uuid.uuid4()),
        created_at=now,
        created_by=owner,
        updated_at=now,
        updated_by=owner,
        **fields,
    )
    workspace.schemas[made.full_name] = made
    return made


@route("POST", f"{BASE}/schemas")
def create_schema(call: Call) -> dict[str, t.Any]:
    workspace, body = call.workspace, call.body
    allowed = {"name", "catalog_name", "comment", "properties", "storage_root", "custom_max_retention_hours"}
    unknown = sorted(set(body) - allowed)
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"CreateSchema does not take {', '.join(unknown)}")
    catalog = catalog_of(workspace, str(body.get("catalog_name") or ""))
    name = valid_name("CreateSchema", "SchemaInfo", body.get("name"))
    privileges.need(workspace, call.me, "CREATE_SCHEMA", ("catalog", catalog.name))
    if f"{catalog.name}.{name}" in workspace.schemas:
        raise already_exists(name)
    # Unity Catalog adds properties of its own where none were given (CLI bundle/direct/dresources).
    properties = body.get("properties") or {"unity.catalog.managed.delta.defaults.enableRowTracking": "true"}
    made = add_schema(
        workspace,
        catalog.name,
        name,
        call.me.principal,
        comment=body.get("comment") or "",
        properties=dict(properties),
        storage_root=(body.get("storage_root") or "").rstrip("/") or None,
        custom_max_retention_hours=body.get("custom_max_retention_hours"),
    )
    return schema_info(workspace, made)


def already_exists(name: str) -> ApiError:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RESOURCE_ALREADY_EXISTS",
        "domain": "unity-catalog.databricks.com",
        "metadata": {"resourceType": "SCHEMA", "resourceIdentifier": name},
    }
    return ApiError(400, "SCHEMA_ALREADY_EXISTS", f"Schema '{name}' already exists", details=[info])


@route("GET", f"{BASE}/schemas")
def list_schemas(call: Call) -> dict[str, t.Any]:
    catalog = catalog_of(call.workspace, call.one("catalog_name") or "")
    shown = []
    for name, schema in sorted(call.workspace.schemas.items()):
        if schema.catalog_name == catalog.name:
            only = _seen(call, ("schema", name), sees_schema(call.workspace, call.me, schema))
            if only is not None:
                shown.append(schema_info(call.workspace, schema, only))
    return paged(call, "schemas", shown)


@route("GET", f"{BASE}/schemas/{{full_name}}")
def get_schema(call: Call) -> dict[str, t.Any]:
    schema = schema_of(call.workspace, call.params["full_name"])
    place = ("schema", schema.full_name)
    only = _seen(call, place, sees_schema(call.workspace, call.me, schema))
    if only is None:
        message = privileges.missing_way_in(call.workspace, call.me, place) or "denied"
        raise privileges.denied(message, "schema", schema.full_name, call.me.principal)
    return schema_info(call.workspace, schema, only)


_PATCHABLE = (
    "comment",
    "owner",
    "properties",
    "new_name",
    "enable_predictive_optimization",
    "custom_max_retention_hours",
)


@route("PATCH", f"{BASE}/schemas/{{full_name}}")
def update_schema(call: Call) -> dict[str, t.Any]:
    workspace, body = call.workspace, call.body
    schema = schema_of(workspace, call.params["full_name"])
    place = ("schema", schema.full_name)
    owner = privileges.owns_from_above(workspace, call.me, place)
    metastore_admin = privileges.is_metastore_admin(workspace, call.me)
    manages = privileges.administers(workspace, call.me, place)
    if not (owner or manages) or (metastore_admin and not owner and set(body) - {"owner"}):
        raise privileges.denied(f"User is not an owner of Schema '{schema.full_name}'.", "schema", schema.full_name)
    unknown = sorted(set(body) - set(_PATCHABLE))
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"UpdateSchema does not take {', '.join(unknown)}")
    changes = {key: value for key, value in body.items() if key != "new_name" and getattr(schema, key) != value}
    renamed = body.get("new_name")
    if not changes and not renamed:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "UpdateSchema Nothing to update")
    if "owner" in changes:
        changes["owner"] = privileges.resolve_principal(workspace, changes["owner"], "schema")
    for key, value in changes.items():
        setattr(schema, key, value)
    if renamed:
        _rename(call, schema, valid_name("UpdateSchema", "SchemaInfo", renamed))
    stamp(schema, call)
    return schema_info(workspace, schema)


def _rename(call: Call, schema: Schema, name: str) -> None:
    workspace = call.workspace
    privileges.need(workspace, call.me, "CREATE_SCHEMA", ("catalog", schema.catalog_name))
    if f"{schema.catalog_name}.{name}" in workspace.schemas:
        raise already_exists(name)
    if any(table.schema_name == schema.name for table in workspace.tables.values()):
        raise ApiError(400, "INVALID_STATE", "The sandbox renames empty schemas only")
    grants = workspace.grants.pop(("schema", schema.full_name), None)
    del workspace.schemas[schema.full_name]
    schema.name = name
    workspace.schemas[schema.full_name] = schema
    if grants:
        workspace.grants[("schema", schema.full_name)] = grants


def tables_in(workspace: Workspace, full_name: str) -> list[Table]:
    return [table for name, table in sorted(workspace.tables.items()) if name.startswith(f"{full_name}.")]


def drop_table(workspace: Workspace, table: Table) -> None:
    """The table with its grants and rows, whichever way it was asked for."""
    workspace.tables.pop(table.full_name, None)
    workspace.grants.pop(("table", table.full_name), None)
    if table.table_type != "VIEW":
        duck.drop_table(workspace, table.catalog_name, table.schema_name, table.name)


@route("DELETE", f"{BASE}/schemas/{{full_name}}")
def delete_schema(call: Call) -> dict[str, t.Any]:
    workspace = call.workspace
    schema = schema_of(workspace, call.params["full_name"])
    place = ("schema", schema.full_name)
    if not privileges.owns_from_above(workspace, call.me, place):
        raise privileges.denied(f"User is not an owner of Schema '{schema.full_name}'.", "schema", schema.full_name)
    inside = tables_in(workspace, schema.full_name)
    if inside and call.one("force") != "true":
        # Which status goes with the code is not known.
        raise ApiError(
            409 if workspace.second_form else 400,
            "SCHEMA_NOT_EMPTY",
            f"Schema '{schema.full_name}' is not empty. "
            f"The schema has {len(inside)} tables(s), 0 functions(s), 0 volumes(s)",
        )
    for table in inside:
        drop_table(workspace, table)
    remove_schema(workspace, schema)
    return {}


def remove_schema(workspace: Workspace, schema: Schema) -> None:
    workspace.schemas.pop(schema.full_name, None)
    workspace.grants.pop(("schema", schema.full_name), None)


# -- tables -----------------------------------------------------------------------------------
def table_info(workspace: Workspace, table: Table) -> dict[str, t.Any]:
    info: dict[str, t.Any] = {
        "name": table.name,
        "catalog_name": table.catalog_name,
        "schema_name": table.schema_name,
        "full_name": table.full_name,
        "table_type": table.table_type,
        "owner": table.owner,
        "columns": table.columns,
        "table_id": table.table_id,
        "metastore_id": workspace.metastore_id,
        "created_at": table.created_at,
        "created_by": table.created_by,
        "updated_at": table.updated_at,
        "updated_by": table.updated_by,
    }
    if table.comment:
        info["comment"] = table.comment
    if table.view_definition:
        info["view_definition"] = table.view_definition
    if table.table_type == "MANAGED":
        info["data_source_format"] = "DELTA"
    return info


def sees_table(workspace: Workspace, identity: t.Any, table: Table) -> bool:
    place = ("table", table.full_name)
    if privileges.is_metastore_admin(workspace, identity):
        return True
    if any(privileges.owns(workspace, identity, above) for above in privileges.chain(workspace, place)[1:]):
        return True
    if privileges.missing_way_in(workspace, identity, ("schema", f"{table.catalog_name}.{table.schema_name}")):
        return False
    return any(privileges.may(workspace, identity, p, place) for p in ("SELECT", "MODIFY", "MANAGE"))


@route("GET", f"{BASE}/tables")
def list_tables(call: Call) -> dict[str, t.Any]:
    full_name = f"{call.one('catalog_name') or ''}.{call.one('schema_name') or ''}"
    schema = schema_of(call.workspace, full_name)
    if not sees_schema(call.workspace, call.me, schema):
        message = privileges.missing_way_in(call.workspace, call.me, ("schema", schema.full_name)) or "denied"
        raise privileges.denied(message, "schema", schema.full_name, call.me.principal)
    seen = [
        table_info(call.workspace, table)
        for table in tables_in(call.workspace, schema.full_name)
        if sees_table(call.workspace, call.me, table)
    ]
    if call.one("omit_columns") == "true":
        seen = [{key: value for key, value in info.items() if key != "columns"} for info in seen]
    return paged(call, "tables", seen)


@route("GET", f"{BASE}/tables/{{full_name}}")
def get_table(call: Call) -> dict[str, t.Any]:
    table = table_of(call.workspace, call.params["full_name"])
    if not sees_table(call.workspace, call.me, table):
        place = ("schema", f"{table.catalog_name}.{table.schema_name}")
        message = privileges.missing_way_in(call.workspace, call.me, place)
        message = message or privileges.lacking(call.workspace, call.me, "SELECT", ("table", table.full_name))
        raise privileges.denied(message, "table", table.full_name, call.me.principal)
    return table_info(call.workspace, table)


@route("DELETE", f"{BASE}/tables/{{full_name}}")
def delete_table(call: Call) -> dict[str, t.Any]:
    table = table_of(call.workspace, call.params["full_name"])
    if not privileges.owns_from_above(call.workspace, call.me, ("table", table.full_name)):
        raise privileges.denied(f"User is not an owner of Table '{table.full_name}'.", "table", table.full_name)
    drop_table(call.workspace, table)
    return {}


@route("GET", f"{BASE}/volumes")
def list_volumes(call: Call) -> dict[str, t.Any]:
    """The sandbox holds no volumes; the schema must exist all the same."""
    schema_of(call.workspace, f"{call.one('catalog_name') or ''}.{call.one('schema_name') or ''}")
    return {}


@route("GET", f"{BASE}/functions")
def list_functions(call: Call) -> dict[str, t.Any]:
    """The sandbox holds no functions; the schema must exist all the same."""
    schema_of(call.workspace, f"{call.one('catalog_name') or ''}.{call.one('schema_name') or ''}")
    return {}
