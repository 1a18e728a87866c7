# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the workspace: strings, and null where nobody set them (terraform-provider-databricks workspace_conf)."""

from __future__ import annotations

import typing as t

from ..errors import ApiError
from ..http import Call, Reply, route

KNOWN = {"enableIpAccessLists", "enableTokensConfig", "maxTokenLifetimeDays"}


@route("GET", "/api/2.0/workspace-conf")
def get(call: Call) -> dict[str, t.Any]:
    call.need_admin("Workspace configuration")
    keys = [key for key in (call.one("keys") or "").split(",") if key]
    _check(keys)
    return {key: call.workspace.conf.get(key) for key in keys}


@route("PATCH", "/api/2.0/workspace-conf")
def patch(call: Call) -> Reply:
    call.need_admin("Workspace configuration")
    _check(call.body)
    for key, value in call.body.items():
        if not isinstance(value, str):
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{key} must be a string.")
        if key == "maxTokenLifetimeDays" and value and not (value.isdecimal() and 0 <= int(value) <= 730):
            raise ApiError(400, "INVALID_PARAMETER_VALUE", "maxTokenLifetimeDays must be from 1 to 730.")
        if key.startswith("enable") and value not in ("true", "false"):
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{key} must be true or false.")
    call.workspace.conf.update(call.body)
    return Reply(None, status=204, content=b"")


def _check(keys: t.Iterable[str]) -> None:
    unknown = sorted(set(keys) - KNOWN)
    if unknown or not list(keys):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Invalid keys: {unknown}")
