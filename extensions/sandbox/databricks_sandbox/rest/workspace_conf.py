# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the workspace: strings, and null where nobody set them (terraform-provider-databricks workspace_conf)."""

from __future__ import annotations

import json
import typing as t

from ..errors import ApiError
from ..http import Call, Reply, route

# Those of the token settings, and those that databricks-sdk-go internal/workspaceconf_test.go and databricks-sdk-py
# tests/integration/test_settings.py read or write on real workspaces, which know many more.
KNOWN = {
    "enableIpAccessLists",
    "enableResultsDownloading",
    "enableTokensConfig",
    "enableWebTerminal",
    "enableWorkspaceFilesystem",
    "maxTokenLifetimeDays",
}


@route("GET", "/api/2.0/workspace-conf")
def get(call: Call) -> dict[str, t.Any]:
    """One entry for each key that is asked for, null where nobody set it."""
    call.need_admin("Workspace configuration")
    keys = [key for key in (call.one("keys") or "").split(",") if key]
    _check(keys)
    return {key: call.workspace.conf.get(key) for key in keys}


@route("PATCH", "/api/2.0/workspace-conf")
def patch(call: Call) -> Reply:
    call.need_admin("Workspace configuration")
    _check(call.body)
    bad = {key: value for key, value in call.body.items() if not _allowed(key, value)}
    if bad:
        # terraform-provider-databricks workspace/resource_workspace_conf.go, deleteWorkspaceConf
        shown = json.dumps(bad, separators=(",", ":"), sort_keys=True)
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Some values are not allowed: {shown}")
    call.workspace.conf.update(call.body)
    return Reply(None, status=204, content=b"")


def _allowed(key: str, value: t.Any) -> bool:
    """Values are text, and true or false of what is switched on and off; an empty number takes the limit away."""
    if not isinstance(value, str):
        return False
    if key == "maxTokenLifetimeDays":
        return not value or (value.isdecimal() and int(value) <= 730)
    return value in ("true", "false")


def _check(keys: t.Iterable[str]) -> None:
    """The sentence has them as a list in JSON (terraform-provider-databricks#1769)."""
    unknown = sorted(set(keys) - KNOWN)
    if unknown or not list(keys):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Invalid keys: {json.dumps(unknown)}")
