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


def _info(call: Call, warehouse: Warehouse) -> dict[str, t.Any]:
    hostname = urlsplit(call.workspace.host)
    path = f"/sql/1.0/warehouses/{warehouse.id}"
    running = warehouse.state == "RUNNING"
    return {
        "id": warehouse.id,
        "name": warehouse.name,
        "state": warehouse.state,
        "size": warehouse.cluster_size,
        "cluster_size": warehouse.cluster_size,
        "warehouse_type": warehouse.warehouse_type,
        "enable_serverless_compute": warehouse.serverless,
        "auto_stop_mins": warehouse.auto_stop_mins,
        "min_num_clusters": 1,
        "max_num_clusters": 1,
        "num_clusters": 1 if running else 0,
        "num_active_sessions": warehouse.num_active_sessions,
        "creator_name": warehouse.creator_name,
        "channel": {"name": "CHANNEL_NAME_CURRENT"},
        "tags": {},
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


@route("POST", BASE)
def create(call: Call) -> dict[str, t.Any]:
    workspace, name = call.workspace, call.body.get("name")
    call.need_admin("Creating a SQL warehouse")
    if not isinstance(name, str) or not name:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "A SQL warehouse needs a name.")
    if any(w.name == name for w in workspace.warehouses.values()):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"SQL warehouse with name `{name}` already exists")
    stop = call.body.get("auto_stop_mins", 120)
    if not isinstance(stop, int) or 0 < stop < 10 or stop < 0:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "auto_stop_mins must be 0 or at least 10.")
    made = Warehouse(
        f"{workspace.rng.getrandbits(64):016x}",
        name,
        state="STOPPED",
        creator_name=call.me.principal,
        cluster_size=call.body.get("cluster_size") or "X-Small",
        warehouse_type=call.body.get("warehouse_type") or "PRO",
        auto_stop_mins=stop,
        serverless=bool(call.body.get("enable_serverless_compute")),
    )
    workspace.warehouses[made.id] = made
    workspace.acls[("warehouses", made.id)] = {call.me.principal: "IS_OWNER"}
    start(workspace, made)
    return {"id": made.id}


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
