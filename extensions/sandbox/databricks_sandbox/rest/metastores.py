# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one metastore of a workspace (SDK MetastoresAPI). It can be looked at, and neither made nor given to another."""

from __future__ import annotations

import typing as t

from .. import privileges
from ..errors import ApiError
from ..http import Call, route
from ..model import Workspace
from .unity_catalog import BASE, need_metastore, paged
from .wire_parts import METASTORE

_REGIONS = {"aws": "us-east-1", "azure": "eastus", "gcp": "us-central1"}


def info(workspace: Workspace) -> dict[str, t.Any]:
    admins, region = sorted(workspace.metastore_admins), _REGIONS[workspace.cloud]
    return {
        "metastore_id": workspace.metastore_id,
        "name": METASTORE,
        "owner": admins[0] if admins else "System user",
        "cloud": workspace.cloud,
        "region": region,
        "global_metastore_id": f"{workspace.cloud}:{region}:{workspace.metastore_id}",
        "privilege_model_version": "1.0",
        "delta_sharing_scope": "INTERNAL",
        "external_access_enabled": False,
    }


@route("GET", f"{BASE}/current-metastore-assignment")
def current_assignment(call: Call) -> dict[str, t.Any]:
    need_metastore(call.workspace)
    return {
        "metastore_id": call.workspace.metastore_id,
        "workspace_id": call.workspace.workspace_id,
        "default_catalog_name": call.workspace.default_catalog,
    }


@route("GET", f"{BASE}/metastore_summary")
def summary(call: Call) -> dict[str, t.Any]:
    need_metastore(call.workspace)
    return info(call.workspace)


def _need_admin(call: Call) -> None:
    """SDK docstrings: an admin to list, a metastore admin to get."""
    need_metastore(call.workspace)
    if not (call.workspace.is_admin(call.me) or privileges.is_metastore_admin(call.workspace, call.me)):
        raise privileges.denied("User is not an account admin or metastore admin.", "metastore", METASTORE)


@route("GET", f"{BASE}/metastores")
def listing(call: Call) -> dict[str, t.Any]:
    _need_admin(call)
    return paged(call, "metastores", [info(call.workspace)])


@route("GET", f"{BASE}/metastores/{{id}}")
def get(call: Call) -> dict[str, t.Any]:
    need_metastore(call.workspace)
    if call.params["id"] != call.workspace.metastore_id:
        raise ApiError(404, "METASTORE_DOES_NOT_EXIST", f"Metastore '{call.params['id']}' does not exist.")
    if not privileges.is_metastore_admin(call.workspace, call.me):
        raise privileges.denied(f"User is not an owner of Metastore '{METASTORE}'.", "metastore", METASTORE)
    return info(call.workspace)
