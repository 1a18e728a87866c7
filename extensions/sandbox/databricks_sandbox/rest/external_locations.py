# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""External locations (SDK ExternalLocationsAPI): to look at and to grant on. Nothing lies behind them."""

from __future__ import annotations

import typing as t

from .. import privileges
from ..errors import ApiError
from ..http import Call, route
from ..model import ExternalLocation, Workspace
from . import unity_catalog, wire_parts
from .unity_catalog import BASE


def location_of(workspace: Workspace, name: str) -> ExternalLocation:
    unity_catalog.need_metastore(workspace)
    found = workspace.external_locations.get(name.lower())
    if found is None:
        raise ApiError(404, "EXTERNAL_LOCATION_DOES_NOT_EXIST", f"External Location '{name.lower()}' does not exist.")
    return found


def _info(workspace: Workspace, location: ExternalLocation) -> dict[str, t.Any]:
    return {
        "name": location.name,
        "url": location.url,
        "credential_name": location.credential_name,
        "owner": location.owner,
        "read_only": False,
        "isolation_mode": "ISOLATION_MODE_OPEN",
        "metastore_id": workspace.metastore_id,
        "browse_only": False,
        **wire_parts.stamps(location),
    }


def _sees(call: Call, location: ExternalLocation) -> bool:
    """SDK docstring: a metastore admin, the owner, or somebody with some privilege on it."""
    place = ("external_location", location.name)
    return privileges.administers(call.workspace, call.me, place) or bool(
        privileges.held_by(call.workspace, call.me, place)
    )


@route("GET", f"{BASE}/external-locations")
def listing(call: Call) -> dict[str, t.Any]:
    unity_catalog.need_metastore(call.workspace)
    held = [one for _name, one in sorted(call.workspace.external_locations.items()) if _sees(call, one)]
    return unity_catalog.paged(call, "external_locations", [_info(call.workspace, one) for one in held])


@route("GET", f"{BASE}/external-locations/{{name}}")
def get(call: Call) -> dict[str, t.Any]:
    found = location_of(call.workspace, call.params["name"])
    if not _sees(call, found):
        sentence = f"User is not an owner of External Location '{found.name}'."
        raise privileges.denied(sentence, "external_location", found.name, call.me.principal)
    return _info(call.workspace, found)
