# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL warehouses (SDK service/sql.py, WarehousesAPI): names, states, cold starts."""

from __future__ import annotations

import re
import time
import typing as t
from urllib.parse import urlsplit

from ..errors import ApiError
from ..http import Call, route
from ..model import Identity, ServicePrincipal, Warehouse, Workspace

BASE = "/api/2.0/sql/warehouses"


def warehouse_of(workspace: Workspace, warehouse_id: str) -> Warehouse:
    if not re.fullmatch(r"[0-9a-f]{16}", warehouse_id):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{warehouse_id} is not a valid endpoint id.")
    found = workspace.warehouses.get(warehouse_id)
    if found is None:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"SQL warehouse {warehouse_id} does not exist.")
    return found


def not_authorized(identity: Identity) -> ApiError:
    """A user by name, a service principal by its application id (several public reports)."""
    who = f"Service principal {identity.principal}" if isinstance(identity, ServicePrincipal) else identity.principal
    return ApiError(403, "PERMISSION_DENIED", f"PERMISSION_DENIED: {who} is not authorized to use this SQL Endpoint.")


def settle(workspace: Workspace, warehouse: Warehouse) -> None:
    """A start that has taken long enough is over."""
    if (
        warehouse.state == "STARTING"
        and warehouse.starting_polls_left <= 0
        and time.monotonic() >= warehouse.starting_until
    ):
        warehouse.state = "RUNNING"


def start(workspace: Workspace, warehouse: Warehouse) -> None:
    if warehouse.state in ("STOPPED", "STOPPING"):
        warehouse.state = "STARTING"
        warehouse.starting_until = time.monotonic() + workspace.cold_start_seconds
        warehouse.starting_polls_left = workspace.cold_start_polls


# What goes with each size on the wire (terraform-provider-databricks exporter/test-data/get-sql-endpoint.json has
# "XXSMALL" for "2X-Small"; the others follow).
_SIZES = {
    "2X-Small": "XXSMALL",
    "X-Small": "XSMALL",
    "Small": "SMALL",
    "Medium": "MEDIUM",
    "Large": "LARGE",
    "X-Large": "XLARGE",
    "2X-Large": "XXLARGE",
    "3X-Large": "XXXLARGE",
    "4X-Large": "XXXXLARGE",
    "5X-Large": "XXXXXLARGE",
}


def _info(call: Call, warehouse: Warehouse) -> dict[str, t.Any]:
    """Fields of a published answer of a workspace (terraform-provider-databricks
    exporter/test-data/get-sql-endpoint.json), and health and warehouse_type of the SDK.
    """
    hostname = urlsplit(call.workspace.host)
    path = f"/sql/1.0/warehouses/{warehouse.id}"
    running = warehouse.state == "RUNNING"
    return {
        "id": warehouse.id,
        "name": warehouse.name,
        "state": warehouse.state,
        "size": _SIZES[warehouse.cluster_size],
        "cluster_size": warehouse.cluster_size,
        "warehouse_type": warehouse.warehouse_type,
        "enable_photon": warehouse.photon,
        "enable_serverless_compute": warehouse.serverless,
        "auto_resume": True,
        "auto_stop_mins": warehouse.auto_stop_mins,
        "min_num_clusters": warehouse.min_num_clusters,
        "max_num_clusters": warehouse.max_num_clusters,
        "num_clusters": warehouse.min_num_clusters if running else 0,
        "num_active_sessions": warehouse.num_active_sessions,
        "creator_name": warehouse.creator_name,
        "creator_id": warehouse.creator_id,
        "channel": warehouse.channel,
        "spot_instance_policy": warehouse.spot_instance_policy,
        "tags": {"custom_tags": warehouse.tags} if warehouse.tags else {},
        "health": {"status": "HEALTHY"} if running else {},
        "odbc_params": {
            "hostname": hostname.hostname,
            "path": path,
            "port": hostname.port or 443,
            "protocol": hostname.scheme,
        },
        "jdbc_url": f"jdbc:spark://{hostname.netloc}/default;transportMode=http;ssl=0;AuthMech=3;httpPath={path};",
    }


def _need(call: Call, warehouse: Warehouse, *levels: str) -> None:
    if call.workspace.acl_level(("warehouses", warehouse.id), call.me) not in levels:
        raise not_authorized(call.me)


_ANY = ("CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE", "IS_OWNER")
_USE = ("CAN_USE", "CAN_MONITOR", "CAN_MANAGE", "IS_OWNER")
_MANAGE = ("CAN_MANAGE", "IS_OWNER")


@route("GET", BASE)
def listing(call: Call) -> dict[str, t.Any]:
    """Two per page, and a last page that is empty."""
    seen = [
        w
        for _id, w in sorted(call.workspace.warehouses.items())
        if call.workspace.acl_level(("warehouses", w.id), call.me)
    ]
    token = call.one("page_token") or "0"
    if not token.isdecimal():
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Invalid page token.")
    wanted = call.one("page_size") or "2"
    if not wanted.isdecimal() or int(wanted) < 1:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "page_size is a positive number.")
    size = int(wanted)
    begin = int(token)
    for warehouse in seen:
        settle(call.workspace, warehouse)
    answer: dict[str, t.Any] = {"warehouses": [_info(call, w) for w in seen[begin : begin + size]]}
    if begin + size <= len(seen):
        answer["next_page_token"] = str(begin + size)
    return answer


@route("GET", f"{BASE}/{{id}}")
def get(call: Call) -> dict[str, t.Any]:
    warehouse = warehouse_of(call.workspace, call.params["id"])
    _need(call, warehouse, *_ANY)
    warehouse.starting_polls_left = max(0, warehouse.starting_polls_left - 1)
    answer = _info(call, warehouse)
    settle(call.workspace, warehouse)
    return answer


def _bad(sentence: str) -> ApiError:
    return ApiError(400, "INVALID_PARAMETER_VALUE", sentence)


def _wish(call: Call, now: Warehouse) -> dict[str, t.Any]:
    """What the body asks for, checked as the SDK's docstrings of WarehousesAPI.create say; the rest stays as it is."""
    body = call.body
    unknown = sorted(set(body) - _FIELDS)
    if unknown:
        raise _bad(f"The sandbox makes SQL warehouses without {', '.join(unknown)}.")
    wish = {field: getattr(now, field) if body.get(name) is None else body[name] for name, field in _WIRE.items()}
    if body.get("min_num_clusters") and body.get("max_num_clusters") is None:
        wish["max_num_clusters"] = max(wish["min_num_clusters"], wish["max_num_clusters"])
    for field in ("photon", "serverless"):
        if not isinstance(wish[field], bool):
            raise _bad(f"enable_{field} must be true or false.")
    _check_numbers(wish)
    if not isinstance(wish["name"], str) or not 0 < len(wish["name"]) < 100:
        raise _bad("A SQL warehouse needs a name of less than 100 characters.")
    for field, allowed in _ALLOWED.items():
        if wish[field] not in allowed:
            raise _bad(f"{field} {wish[field]} is not one of {', '.join(allowed)}.")
    if wish["serverless"] and wish["warehouse_type"] != "PRO":
        raise _bad("enable_serverless_compute needs the warehouse_type PRO.")
    same = [one for one in call.workspace.warehouses.values() if one.name == wish["name"] and one.id != now.id]
    if same:
        raise _bad(f"SQL warehouse with name `{wish['name']}` already exists")
    return {**wish, "channel": _channel(wish["channel"]), "tags": _tags(wish["tags"])}


def _check_numbers(wish: dict[str, t.Any]) -> None:
    numbers = [wish[field] for field in ("auto_stop_mins", "min_num_clusters", "max_num_clusters")]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in numbers):
        raise _bad("auto_stop_mins, min_num_clusters and max_num_clusters are numbers.")
    stop, least, most = numbers
    if stop < 0 or 0 < stop < 10:
        raise _bad("auto_stop_mins must be 0 or at least 10.")
    if not 0 < least <= 30 or not least <= most <= 40:
        raise _bad("min_num_clusters is from 1 to 30, max_num_clusters from min_num_clusters to 40.")


def _channel(wish: t.Any) -> dict[str, str]:
    names = ("CHANNEL_NAME_CURRENT", "CHANNEL_NAME_PREVIEW", "CHANNEL_NAME_PREVIOUS")
    if not isinstance(wish, dict) or wish.get("name", names[0]) not in names or set(wish) - {"name"}:
        raise _bad(f"channel has a name, one of {', '.join(names)}.")
    return {"name": wish.get("name", names[0])}


def _tags(wish: t.Any) -> list[dict[str, str]]:
    """As the body has them, or as they are kept."""
    tags = (wish.get("custom_tags") or []) if isinstance(wish, dict) else wish
    good = isinstance(tags, list) and all(
        isinstance(one, dict) and set(one) == {"key", "value"} and all(isinstance(text, str) for text in one.values())
        for one in tags
    )
    if not good or len(tags) >= 45:
        raise _bad("tags has custom_tags, less than 45, each with key and value.")
    return t.cast("list[dict[str, str]]", tags)


_WIRE = {
    "name": "name",
    "cluster_size": "cluster_size",
    "warehouse_type": "warehouse_type",
    "enable_photon": "photon",
    "enable_serverless_compute": "serverless",
    "auto_stop_mins": "auto_stop_mins",
    "min_num_clusters": "min_num_clusters",
    "max_num_clusters": "max_num_clusters",
    "spot_instance_policy": "spot_instance_policy",
    "channel": "channel",
    "tags": "tags",
}
_FIELDS = {*_WIRE, "creator_name", "id"}
_ALLOWED: dict[str, t.Collection[str]] = {
    "cluster_size": _SIZES,
    "warehouse_type": ("CLASSIC", "PRO"),
    "spot_instance_policy": ("COST_OPTIMIZED", "RELIABILITY_OPTIMIZED", "POLICY_UNSPECIFIED"),
}


@route("POST", BASE)
def create(call: Call) -> dict[str, t.Any]:
    """It starts at once. Without warehouse_type it is a classic one (Databricks docs, "SQL warehouse types": the
    default of the API).
    """
    workspace = call.workspace
    call.need_admin("Creating a SQL warehouse")
    made = Warehouse(
        f"{workspace.rng.getrandbits(64):016x}",
        "",
        state="STOPPED",
        creator_name=call.me.principal,
        creator_id=int(call.me.id),
        warehouse_type="CLASSIC",
        auto_stop_mins=120,
        serverless=False,
    )
    vars(made).update(_wish(call, made))
    workspace.warehouses[made.id] = made
    workspace.acls[("warehouses", made.id)] = {call.me.principal: "IS_OWNER"}
    start(workspace, made)
    return {"id": made.id}


@route("POST", f"{BASE}/{{id}}/edit")
def edit(call: Call) -> dict[str, t.Any]:
    """databricks-sdk-go internal/warehouses_test.go. Whether what is not named goes back to its default is not known;
    here it stays.
    """
    warehouse = warehouse_of(call.workspace, call.params["id"])
    _need(call, warehouse, *_MANAGE)
    vars(warehouse).update(_wish(call, warehouse))
    return {}


@route("POST", f"{BASE}/{{id}}/start")
def start_it(call: Call) -> dict[str, t.Any]:
    warehouse = warehouse_of(call.workspace, call.params["id"])
    _need(call, warehouse, *_USE)
    settle(call.workspace, warehouse)
    if warehouse.state in ("STOPPED", "STOPPING"):
        start(call.workspace, warehouse)
    return {}


@route("POST", f"{BASE}/{{id}}/stop")
def stop_it(call: Call) -> dict[str, t.Any]:
    warehouse = warehouse_of(call.workspace, call.params["id"])
    _need(call, warehouse, *_MANAGE)
    warehouse.state = "STOPPED"
    return {}


@route("DELETE", f"{BASE}/{{id}}")
def delete(call: Call) -> dict[str, t.Any]:
    warehouse = warehouse_of(call.workspace, call.params["id"])
    _need(call, warehouse, *_MANAGE)
    del call.workspace.warehouses[warehouse.id]
    call.workspace.acls.pop(("warehouses", warehouse.id), None)
    return {}
