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
from . import wire_parts

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


def managed_defaults(workspace: Workspace, thing: Catalog | Schema) -> None:
    """Where the service manages the defaults of tables it adds properties to what has none, right after it was made and
    by itself: updated_by is not its maker then (databricks/cli libs/testserver/schemas.go, and the script of
    acceptance/bundle/resources/grants/schemas/duplicate_principals). Not every workspace does.
    """
    if workspace.second_form and not thing.properties:
        thing.properties = dict(wire_parts.MANAGED_DEFAULTS)
        thing.updated_by = seed_catalog.SYSTEM_USER


def asked_to(call: Call, parameter: str) -> bool:
    return (call.one(parameter) or "").lower() == "true"


def seen(call: Call, securable: tuple[str, str], sees: bool) -> bool | None:
    """Whether it is shown for BROWSE only (with include_browse, SDK CatalogsAPI.list); None if it is not shown."""
    if sees:
        return False
    browses = asked_to(call, "include_browse") and privileges.may_browse(call.workspace, call.me, securable)
    return True if browses else None


# -- schemas ----------------------------------------------------------------------------------
def schema_info(workspace: Workspace, schema: Schema, browse_only: bool = False) -> dict[str, t.Any]:
    of_the_service = schema.owner == seed_catalog.SYSTEM_USER
    info = {
        "name": schema.name,
        "catalog_name": schema.catalog_name,
        "owner": schema.owner,
        "metastore_id": workspace.metastore_id,
        "full_name": schema.full_name,
        **wire_parts.stamps(schema),
        "catalog_type": workspace.catalogs[schema.catalog_name].catalog_type,
        "schema_id": schema.schema_id,
        "securable_type": "SCHEMA",
        "securable_kind": "SCHEMA_SYSTEM" if schema.name == privileges.INFORMATION_SCHEMA else "SCHEMA_STANDARD",
        "browse_only": browse_only,
        **wire_parts.versions(schema),
        **({} if of_the_service else wire_parts.maintenance(schema)),
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
    made = add_schema(
        workspace,
        catalog.name,
        name,
        call.me.principal,
        comment=body.get("comment") or "",
        properties=dict(body.get("properties") or {}),
        storage_root=(body.get("storage_root") or "").rstrip("/") or None,
        custom_max_retention_hours=body.get("custom_max_retention_hours"),
    )
    managed_defaults(workspace, made)
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
            only = seen(call, ("schema", name), sees_schema(call.workspace, call.me, schema))
            if only is not None:
                shown.append(schema_info(call.workspace, schema, only))
    return paged(call, "schemas", shown)


@route("GET", f"{BASE}/schemas/{{full_name}}")
def get_schema(call: Call) -> dict[str, t.Any]:
    schema = schema_of(call.workspace, call.params["full_name"])
    place = ("schema", schema.full_name)
    only = seen(call, place, sees_schema(call.workspace, call.me, schema))
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
    # Said of bodies without any field; the Terraform provider sends what is there already (catalog/resource_schema.go).
    if not body:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "UpdateSchema Nothing to update")
    if "owner" in changes:
        changes["owner"] = privileges.resolve_principal(workspace, changes["owner"], "schema")
    for key, value in changes.items():
        setattr(schema, key, value)
    if renamed and str(renamed).lower() != schema.name:
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


def volumes_in(workspace: Workspace, full_name: str) -> list[str]:
    return sorted(name for name in workspace.volumes if name.startswith(f"{full_name}."))


def functions_in(workspace: Workspace, full_name: str) -> list[str]:
    return sorted(name for name in workspace.functions if name.startswith(f"{full_name}."))


def models_in(workspace: Workspace, full_name: str) -> list[str]:
    return sorted(name for name in workspace.models if name.startswith(f"{full_name}."))


def holds_something(workspace: Workspace, full_name: str) -> bool:
    return any(held(workspace, full_name) for held in (tables_in, functions_in, models_in, volumes_in))


def empty_schema(workspace: Workspace, schema: Schema) -> None:
    """Take away what lies in it, with its grants."""
    for table in tables_in(workspace, schema.full_name):
        drop_table(workspace, table)
    for name in volumes_in(workspace, schema.full_name):
        del workspace.volumes[name]
        workspace.grants.pop(("volume", name), None)
    for name in functions_in(workspace, schema.full_name):
        del workspace.functions[name]
    for name in models_in(workspace, schema.full_name):
        del workspace.models[name]


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
    if holds_something(workspace, schema.full_name) and call.one("force") != "true":
        inside, volumes = tables_in(workspace, schema.full_name), volumes_in(workspace, schema.full_name)
        # A model is counted as a function (terraform-provider-databricks#4046). Which status goes with the code is not
        # known.
        functions = functions_in(workspace, schema.full_name) + models_in(workspace, schema.full_name)
        raise ApiError(
            409 if workspace.second_form else 400,
            "SCHEMA_NOT_EMPTY",
            f"Schema '{schema.full_name}' is not empty. "
            f"The schema has {len(inside)} tables(s), {len(functions)} functions(s), {len(volumes)} volumes(s)",
        )
    empty_schema(workspace, schema)
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
        "columns": [wire_parts.column(one) for one in table.columns],
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
    if table.row_filter:
        names = {"function_name": table.row_filter.function_name, "input_column_names": table.row_filter.columns}
        info["row_filter"] = names
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


@route("GET", f"{BASE}/tables/{{full_name}}/exists")
def table_exists(call: Call) -> dict[str, t.Any]:
    """SDK TablesAPI.exists: whoever may see it, or may browse; a missing schema is an error."""
    workspace, full_name = call.workspace, call.params["full_name"].lower()
    schema = schema_of(workspace, ".".join(full_name.split(".")[:2]))
    if privileges.may_browse(workspace, call.me, ("schema", schema.full_name)):
        return {"table_exists": full_name in workspace.tables}
    if not sees_schema(workspace, call.me, schema):
        message = privileges.missing_way_in(workspace, call.me, ("schema", schema.full_name)) or "denied"
        raise privileges.denied(message, "schema", schema.full_name, call.me.principal)
    found = workspace.tables.get(full_name)
    return {"table_exists": found is not None and sees_table(workspace, call.me, found)}


def _like(pattern: str | None) -> re.Pattern[str]:
    """A LIKE pattern; all where there is none (SDK TablesAPI.list_summaries)."""
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(one, re.escape(one)) for one in (pattern or "%").lower()), re.DOTALL)


@route("GET", f"{BASE}/table-summaries")
def list_summaries(call: Call) -> dict[str, t.Any]:
    catalog = catalog_of(call.workspace, call.one("catalog_name") or "")
    schemas, tables = _like(call.one("schema_name_pattern")), _like(call.one("table_name_pattern"))
    rows = [
        {"full_name": one.full_name, "table_type": one.table_type}
        for _name, one in sorted(call.workspace.tables.items())
        if one.catalog_name == catalog.name and schemas.fullmatch(one.schema_name) and tables.fullmatch(one.name)
        if sees_table(call.workspace, call.me, one)
    ]
    return paged(call, "tables", rows)


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


@route("GET", f"{BASE}/functions")
def list_functions(call: Call) -> dict[str, t.Any]:
    """Those that filter rows; shown to their owners and to a metastore admin (SDK FunctionsAPI.list;
    nobody can be granted EXECUTE here)."""
    workspace = call.workspace
    schema = schema_of(workspace, f"{call.one('catalog_name') or ''}.{call.one('schema_name') or ''}")
    held = [workspace.functions[name] for name in functions_in(workspace, schema.full_name)]
    if not privileges.is_metastore_admin(workspace, call.me):
        held = [one for one in held if one.owner == call.me.principal]
    shown = [
        {
            "name": one.full_name.rpartition(".")[2],
            "catalog_name": schema.catalog_name,
            "schema_name": schema.name,
            "full_name": one.full_name,
            "owner": one.owner,
        }
        for one in held
    ]
    return paged(call, "functions", shown)
