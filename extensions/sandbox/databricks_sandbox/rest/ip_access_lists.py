# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IP access lists (SDK IpAccessListsAPI). They are kept and shown, and bar nobody: every caller is on the loopback."""

from __future__ import annotations

import ipaddress
import typing as t
import uuid

from ..errors import ApiError
from ..http import Call, route

BASE = "/api/2.0/ip-access-lists"
MOST_ADDRESSES = 1000
_KEYS = {"label", "list_type", "ip_addresses", "enabled"}


def _allowed(call: Call) -> None:
    call.need_admin("IP access lists")
    if call.workspace.feature_tier == "standard":
        # terraform-provider-databricks access/resource_ip_access_list_test.go; 404 FEATURE_DISABLED in cartography's.
        raise ApiError(404, "FEATURE_DISABLED", "IP access list is not available in the pricing tier of this workspace")


def _find(call: Call) -> dict[str, t.Any]:
    _allowed(call)
    found = call.workspace.ip_access_lists.get(call.params["id"])
    if found is None:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"IP access list {call.params['id']} does not exist.")
    return found


def _checked(call: Call, held: dict[str, t.Any]) -> dict[str, t.Any]:
    """The list as it would be.

    :raises ApiError: a label or an address that is none, or too many addresses in all lists together
    """
    wish = call.body
    unknown = sorted(set(wish) - _KEYS)
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown field {unknown[0]}.")
    made = {**held, **wish}
    if not isinstance(made.get("label"), str) or not made["label"]:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "label cannot be empty.")
    if made.get("list_type") not in ("ALLOW", "BLOCK") or not isinstance(made.get("enabled"), bool):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "list_type is ALLOW or BLOCK, enabled true or false.")
    addresses = made.get("ip_addresses") or []
    for one in addresses if isinstance(addresses, list) else [addresses]:
        try:
            ipaddress.IPv4Network(one)
        except (ValueError, TypeError) as error:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{one} is not an IPv4 address or CIDR range.") from error
    others = [row for key, row in call.workspace.ip_access_lists.items() if key != held.get("list_id")]
    if len(addresses) + sum(row["address_count"] for row in others) > MOST_ADDRESSES:
        raise ApiError(400, "QUOTA_EXCEEDED", f"At most {MOST_ADDRESSES} addresses in all lists together.")
    now = call.workspace.clock.now_ms()
    return {
        **made,
        "ip_addresses": list(addresses),
        "address_count": len(addresses),
        "updated_at": now,
        "updated_by": int(call.me.id),
    }


@route("GET", BASE)
def listing(call: Call) -> dict[str, t.Any]:
    _allowed(call)
    rows = [dict(row) for row in call.workspace.ip_access_lists.values()]
    return {"ip_access_lists": rows} if rows else {}


@route("POST", BASE)
def create(call: Call) -> dict[str, t.Any]:
    _allowed(call)
    if "enabled" in call.body:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Unknown field enabled.")
    made = _checked(call, {"list_id": str(uuid.uuid4()), "enabled": True, "list_type": None})
    made |= {"created_at": made["updated_at"], "created_by": made["updated_by"]}
    call.workspace.ip_access_lists[made["list_id"]] = made
    return {"ip_access_list": made}


@route("GET", f"{BASE}/{{id}}")
def get(call: Call) -> dict[str, t.Any]:
    return {"ip_access_list": dict(_find(call))}


@route("PATCH", f"{BASE}/{{id}}")
def update(call: Call) -> dict[str, t.Any]:
    found = _find(call)
    found.update(_checked(call, found))
    return {}


@route("PUT", f"{BASE}/{{id}}")
def replace(call: Call) -> dict[str, t.Any]:
    found = _find(call)
    missing = sorted({"label", "list_type", "enabled"} - set(call.body))
    if missing:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{missing[0]} is required.")
    found.update(_checked(call, {**found, "ip_addresses": []}))
    return {}


@route("DELETE", f"{BASE}/{{id}}")
def delete(call: Call) -> dict[str, t.Any]:
    del call.workspace.ip_access_lists[_find(call)["list_id"]]
    return {}
