# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all SQL warehouses have in common, and the data sources that queries and dashboards know them by."""

from __future__ import annotations

import typing as t
import uuid

from ..errors import ApiError
from ..http import Call, route

CONFIG = "/api/2.0/sql/config/warehouses"
_TYPES = ("CLASSIC", "PRO")
_DEFAULTS: dict[str, t.Any] = {
    "security_policy": "DATA_ACCESS_CONTROL",
    "data_access_config": [],
    "sql_configuration_parameters": {},
    "enable_serverless_compute": True,
    "enabled_warehouse_types": [{"warehouse_type": one, "enabled": True} for one in _TYPES],
}
_POLICIES = ("NONE", "DATA_ACCESS_CONTROL", "PASSTHROUGH")


@route("GET", CONFIG)
def get(call: Call) -> dict[str, t.Any]:
    """SDK GetWorkspaceWarehouseConfigResponse. Read by administrators, as the page with these settings is."""
    call.need_admin("The configuration of SQL warehouses")
    return {**_DEFAULTS, **call.workspace.warehouse_config}


@route("PUT", CONFIG)
def put(call: Call) -> dict[str, t.Any]:
    """Replaces everything, as terraform-provider-databricks sql/resource_sql_global_config.go expects. It is kept and
    shown, and has no effect on any warehouse here.
    """
    call.need_admin("The configuration of SQL warehouses")
    unknown = sorted(set(call.body) - set(_DEFAULTS))
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"The sandbox keeps no {', '.join(unknown)}.")
    if call.body.get("security_policy", "NONE") not in _POLICIES:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"security_policy is one of {', '.join(_POLICIES)}.")
    if call.body.get("enable_serverless_compute") not in (None, True, False):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "enable_serverless_compute is true or false.")
    call.workspace.warehouse_config = dict(call.body)
    return {}


@route("GET", "/api/2.0/preview/sql/data_sources")
def data_sources(call: Call) -> t.Any:
    """A bare list with one entry for each warehouse; its id is not that of the warehouse (SDK DataSource)."""
    workspace = call.workspace
    seen = [
        one for _id, one in sorted(workspace.warehouses.items()) if workspace.acl_level(("warehouses", one.id), call.me)
    ]
    return [
        {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{workspace.workspace_id}/{one.id}")),
            "name": one.name,
            "warehouse_id": one.id,
            "type": "databricks_internal",
            "syntax": "sql",
            "paused": 0,
            "supports_auto_limit": True,
            "view_only": False,
        }
        for one in seen
    ]
