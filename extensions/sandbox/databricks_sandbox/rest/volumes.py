# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed volumes (SDK VolumesAPI), without the files in them; and functions, which cannot be looked at one by one."""

from __future__ import annotations

import typing as t

from .. import privileges
from ..errors import ApiError
from ..http import Call, route
from ..model import Volume, Workspace
from . import unity_catalog, wire_parts
from .unity_catalog import BASE


def volume_of(workspace: Workspace, full_name: str) -> Volume:
    """The sentence was recorded (databricks/cli acceptance/selftest/record_cloud/volume-io)."""
    unity_catalog.schema_of(workspace, ".".join(full_name.split(".")[:2]))
    found = workspace.volumes.get(full_name.lower())
    if found is None:
        raise unity_catalog.not_there(workspace, "VOLUME", f"Volume '{full_name.lower()}' does not exist.")
    return found


def function_of(workspace: Workspace, full_name: str) -> t.Any:
    unity_catalog.schema_of(workspace, ".".join(full_name.split(".")[:2]))
    raise unity_catalog.not_there(workspace, "FUNCTION", f"Function '{full_name.lower()}' does not exist.")


def _info(workspace: Workspace, volume: Volume) -> dict[str, t.Any]:
    shown = {
        "name": volume.name,
        "catalog_name": volume.catalog_name,
        "schema_name": volume.schema_name,
        "full_name": volume.full_name,
        "owner": volume.owner,
        "volume_id": volume.volume_id,
        "volume_type": "MANAGED",
        "storage_location": f"s3://{wire_parts.METASTORE}/metastore/{workspace.metastore_id}/volumes/{volume.volume_id}",
        "metastore_id": workspace.metastore_id,
        "browse_only": False,
        **wire_parts.stamps(volume),
    }
    return {**shown, "comment": volume.comment} if volume.comment else shown


def _sees(call: Call, volume: Volume) -> bool:
    place = ("volume", volume.full_name)
    if privileges.administers(call.workspace, call.me, place):
        return True
    return privileges.missing_way_in(call.workspace, call.me, place) is None and any(
        privileges.may(call.workspace, call.me, one, place) for one in ("READ_VOLUME", "WRITE_VOLUME")
    )


@route("POST", f"{BASE}/volumes")
def create(call: Call) -> dict[str, t.Any]:
    workspace, body = call.workspace, call.body
    unknown = sorted(set(body) - {"name", "catalog_name", "schema_name", "volume_type", "comment"})
    if unknown or body.get("volume_type") != "MANAGED":
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The sandbox makes MANAGED volumes only, without a location.")
    schema = unity_catalog.schema_of(workspace, f"{body.get('catalog_name')}.{body.get('schema_name')}")
    name = unity_catalog.valid_name("CreateVolume", "VolumeInfo", body.get("name"))
    privileges.need(workspace, call.me, "CREATE_VOLUME", ("schema", schema.full_name))
    if f"{schema.full_name}.{name}" in workspace.volumes:
        raise ApiError(400, "VOLUME_ALREADY_EXISTS", f"Volume '{schema.full_name}.{name}' already exists")
    now, mine = workspace.clock.now_ms(), call.me.principal
    made = Volume(schema.catalog_name, schema.name, name, mine, body.get("comment") or "")
    made.created_at, made.created_by = now, mine
    unity_catalog.stamp(made, call)
    workspace.volumes[made.full_name] = made
    return _info(workspace, made)


@route("GET", f"{BASE}/volumes")
def listing(call: Call) -> dict[str, t.Any]:
    full_name = f"{call.one('catalog_name') or ''}.{call.one('schema_name') or ''}"
    schema = unity_catalog.schema_of(call.workspace, full_name)
    held = [call.workspace.volumes[name] for name in unity_catalog.volumes_in(call.workspace, schema.full_name)]
    return unity_catalog.paged(call, "volumes", [_info(call.workspace, one) for one in held if _sees(call, one)])


@route("GET", f"{BASE}/volumes/{{name}}")
def get(call: Call) -> dict[str, t.Any]:
    found = volume_of(call.workspace, call.params["name"])
    if not _sees(call, found):
        place = ("volume", found.full_name)
        message = privileges.missing_way_in(call.workspace, call.me, place)
        message = message or privileges.lacking(call.workspace, call.me, "READ_VOLUME", place)
        raise privileges.denied(message, "volume", found.full_name, call.me.principal)
    return _info(call.workspace, found)


def _owned(call: Call) -> Volume:
    found = volume_of(call.workspace, call.params["name"])
    if not privileges.owns_from_above(call.workspace, call.me, ("volume", found.full_name)):
        raise privileges.denied(f"User is not an owner of Volume '{found.full_name}'.", "volume", found.full_name)
    return found


@route("PATCH", f"{BASE}/volumes/{{name}}")
def update(call: Call) -> dict[str, t.Any]:
    found = _owned(call)
    unknown = sorted(set(call.body) - {"comment", "owner"})
    if unknown or not call.body:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The sandbox changes comment and owner of a volume.")
    if call.body.get("owner"):
        found.owner = privileges.resolve_principal(call.workspace, call.body["owner"], "volume")
    found.comment = call.body.get("comment", found.comment)
    unity_catalog.stamp(found, call)
    return _info(call.workspace, found)


@route("DELETE", f"{BASE}/volumes/{{name}}")
def delete(call: Call) -> dict[str, t.Any]:
    found = _owned(call)
    del call.workspace.volumes[found.full_name]
    call.workspace.grants.pop(("volume", found.full_name), None)
    return {}
