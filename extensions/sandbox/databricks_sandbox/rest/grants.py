# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Privileges over REST, in all four forms (SDK service/catalog.py, GrantsAPI)."""

from __future__ import annotations

import re
import typing as t

from .. import privileges
from ..errors import ApiError
from ..http import Call, route
from ..masking import sha256
from ..model import Securable
from . import external_locations, unity_catalog, volumes

BASE = "/api/2.1/unity-catalog"
SMALLEST_PAGE = 150  # "to fit one complete assignment" (SDK docstring)
LARGEST_PAGE = 200  # privileges; the service has such a bound, and nobody says which
KEYS = {"principal", "add", "remove"}


def _securable(call: Call) -> Securable:
    """The securable of the path. Types are taken in any case (databricks-sdk-go internal/catalog_test.go sends TABLE);
    what Python makes of the enumeration itself, SecurableType.TABLE, is refused (several public reports).
    """
    kind, name = call.params["kind"].lower(), call.params["name"]
    workspace = call.workspace
    unity_catalog.need_metastore(workspace)
    if kind not in privileges.APPLICABLE:
        raise ApiError(
            400,
            "INVALID_PARAMETER_VALUE",
            f"Invalid input: RPC GetPermissions Field securable_type: {kind.upper()} is not a valid securable type",
        )
    parts = {"schema": 2, "table": 3, "volume": 3, "function": 3}.get(kind, 1)
    if len(name.split(".")) != parts:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"GetPermissions invalid {kind} name: '{name}'")
    if kind == "metastore":
        if name != workspace.metastore_id:
            raise ApiError(404, "METASTORE_DOES_NOT_EXIST", f"Metastore '{name}' does not exist.")
        return kind, name
    find: dict[str, t.Callable[..., t.Any]] = {
        "catalog": unity_catalog.catalog_of,
        "schema": unity_catalog.schema_of,
        "table": unity_catalog.table_of,
        "volume": volumes.volume_of,
        "function": volumes.function_of,
        "external_location": external_locations.location_of,
    }
    found = find[kind](workspace, name)
    return kind, getattr(found, "full_name", found.name)


def _asked(call: Call, parameter: str) -> int:
    try:
        asked = int(call.one(parameter) or 0)
    except ValueError as error:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{parameter} must be a number.") from error
    if asked < 0 or 0 < asked < SMALLEST_PAGE:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{parameter} must be 0 or at least {SMALLEST_PAGE}.")
    return asked


def _rows(call: Call, securable: Securable, effective: bool) -> list[dict[str, t.Any]]:
    """Assignments in random order, the privileges of each sorted (CLI libs/testserver/grants.go)."""
    workspace, only = call.workspace, (call.one("principal") or "").lower()
    everybody = privileges.administers(workspace, call.me, securable)
    if not everybody and only not in workspace.principals_of(call.me):
        # Anybody may ask for their own.
        if only:
            raise privileges.denied(
                f"User is not an owner of {privileges.spelled_kind(securable[0])} '{securable[1]}'.", *securable
            )
        message = privileges.missing_way_in(workspace, call.me, securable)
        if message:
            raise privileges.denied(message, *securable, call.me.principal)
    mine = workspace.principals_of(call.me)
    rows: list[dict[str, t.Any]] = []
    if effective:
        for principal, held in privileges.effective(workspace, securable).items():
            shown = [
                {
                    "privilege": one.privilege,
                    **(
                        {"inherited_from_type": one.source[0].upper(), "inherited_from_name": one.source[1]}
                        if one.source != securable
                        else {}
                    ),
                }
                for one in sorted(held)
            ]
            rows.append({"principal": principal, "privileges": shown})
    else:
        for principal, names in privileges.direct(workspace, securable).items():
            rows.append({"principal": principal, "privileges": sorted(names)})
    rows = [row for row in rows if (everybody or row["principal"].lower() in mine) and row["privileges"]]
    if only:
        rows = [row for row in rows if row["principal"].lower() == only]
    workspace.rng.shuffle(rows)
    return rows


def _answer(call: Call, key: str, rows: list[dict[str, t.Any]], parameter: str) -> dict[str, t.Any]:
    asked = _asked(call, parameter)
    if not rows:
        # Nothing granted: an empty object is what the CLI shows, an empty list was quoted from a live case.
        return {key: []} if call.workspace.second_form else {}
    token = call.one("page_token") or ""
    if call.one(parameter) is None and not token:
        return {key: rows}
    if token and not re.fullmatch(r"from-\d+", token):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Invalid page token.")
    # A page may be empty and still have a successor (SDK docstring).
    if asked == 0 and not token:
        return {key: [], "next_page_token": "from-0"}
    begin = int(token.removeprefix("from-") or 0)
    page, end = _page(rows, begin, min(asked or LARGEST_PAGE, LARGEST_PAGE))
    return {key: page, **({"next_page_token": f"from-{end}"} if end < len(rows) else {})}


def _page(rows: list[dict[str, t.Any]], begin: int, size: int) -> tuple[list[dict[str, t.Any]], int]:
    """Whole assignments, as many as have at most so many privileges; and where the next page begins.

    Their order is the same for all pages, and none that a reader could rely on.
    """
    ordered = sorted(rows, key=lambda row: sha256(row["principal"]))
    end, counted = begin, 0
    while end < len(ordered) and (end == begin or counted + len(ordered[end]["privileges"]) <= size):
        counted += len(ordered[end]["privileges"])
        end += 1
    return ordered[begin:end], end


@route("GET", f"{BASE}/permissions/{{kind}}/{{name}}")
def get_permissions(call: Call) -> dict[str, t.Any]:
    return _answer(call, "privilege_assignments", _rows(call, _securable(call), False), "max_results")


@route("GET", f"{BASE}/effective-permissions/{{kind}}/{{name}}")
def get_effective(call: Call) -> dict[str, t.Any]:
    return _answer(call, "privilege_assignments", _rows(call, _securable(call), True), "max_results")


@route("GET", f"{BASE}/privilege-assignments/{{kind}}/{{name}}")
def list_permissions(call: Call) -> dict[str, t.Any]:
    return _answer(call, "privilege_assignments", _rows(call, _securable(call), False), "page_size")


@route("GET", f"{BASE}/effective-privilege-assignments/{{kind}}/{{name}}")
def list_effective(call: Call) -> dict[str, t.Any]:
    return _answer(call, "effective_privilege_assignments", _rows(call, _securable(call), True), "page_size")


@route("PATCH", f"{BASE}/permissions/{{kind}}/{{name}}")
def update_permissions(call: Call) -> dict[str, t.Any]:
    """All changes or none."""
    workspace, securable = call.workspace, _securable(call)
    changes = call.body.get("changes")
    if not isinstance(changes, list) or not changes:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "UpdatePermissions Nothing to update")
    if not privileges.administers(workspace, call.me, securable):
        raise privileges.denied(
            f"User is not an owner of {privileges.spelled_kind(securable[0])} '{securable[1]}'.",
            *securable,
            call.me.principal,
        )
    planned = [_planned(call, securable[0], change) for change in changes]
    for principal, add, remove in planned:
        privileges.change(workspace, securable, principal, add, remove)
    if securable[0] == "schema":
        unity_catalog.stamp(workspace.schemas[securable[1]], call)
    if call.body.get("omit_permissions_in_response"):
        return {}
    rows = [{"principal": p, "privileges": sorted(held)} for p, held in privileges.direct(workspace, securable).items()]
    workspace.rng.shuffle(rows)
    return {"privilege_assignments": rows} if rows else {"privilege_assignments": None} if workspace.second_form else {}


def _planned(call: Call, kind: str, change: t.Any) -> tuple[str, set[str], set[str]]:
    if not isinstance(change, dict) or set(change) - KEYS:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"A change takes {', '.join(sorted(KEYS))}.")
    add = {privileges.checked(kind, privilege) for privilege in change.get("add") or []}
    remove = {privileges.checked(kind, privilege) for privilege in change.get("remove") or []}
    principal = privileges.resolve_principal(call.workspace, change.get("principal"), kind)
    if add & remove:
        raise ApiError(
            400, "INVALID_PARAMETER_VALUE", f"Duplicate privileges to add and delete for principal {principal}."
        )
    return principal, add, remove
