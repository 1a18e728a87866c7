# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SQL warehouse as whoever runs a statement meets it: the permission, the entitlement, the cold start."""

from __future__ import annotations

import time

from ..errors import ApiError
from ..model import Identity, Warehouse, Workspace
from ..rest import warehouses

_USE = ("CAN_USE", "CAN_MONITOR", "CAN_MANAGE", "IS_OWNER")
ENTITLEMENT = "databricks-sql-access"
SECONDS_TO_WAIT = 120


def admit(workspace: Workspace, identity: Identity, warehouse_id: str) -> Warehouse:
    """The warehouse, for somebody who may run statements on it.

    :raises ApiError: 404 no such warehouse; 403 without CAN_USE or without the entitlement
    """
    warehouse = warehouses.warehouse_of(workspace, warehouse_id)
    if workspace.acl_level(("warehouses", warehouse.id), identity) not in _USE:
        raise warehouses.not_authorized(identity)
    if not workspace.has_entitlement(identity, ENTITLEMENT):
        raise ApiError(
            403,
            "PERMISSION_DENIED",
            f"PERMISSION_DENIED: {identity.principal} is not authorized to use this SQL Endpoint: "
            f"the entitlement {ENTITLEMENT} is missing.",
        )
    return warehouse


def wait_until_running(workspace: Workspace, warehouse: Warehouse) -> None:
    """A statement starts a stopped warehouse and waits. Called without the workspace's lock: others go on meanwhile."""
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while time.monotonic() < deadline:
        with workspace.lock:
            if warehouse.state in ("STOPPED", "STOPPING"):
                warehouses.start(workspace, warehouse)
                warehouse.starting_polls_left = 0
            warehouses.settle(workspace, warehouse)
            if warehouse.state == "RUNNING":
                return
        time.sleep(0.02)
    raise ApiError(504, "DEADLINE_EXCEEDED", f"SQL warehouse {warehouse.id} did not start in time.")
