# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The workspaces of an account, GET /api/2.0/accounts/{id}/workspaces (SDK provisioning.WorkspacesAPI.list)."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from .._common.failure import Failure
from .._common.json_types import Json
from .._wire import connection, replies
from .._wire.account import LIST, Account

DOING = "list the workspaces of the account"
# Which field of the answer has the region, by cloud (SDK provisioning.Workspace).
_REGIONS = ("aws_region", "location")
_CLOUDS = {
    "azuredatabricks.net": "azure",
    "databricks.azure.us": "azure",
    "databricks.azure.cn": "azure",
    "gcp.databricks.com": "gcp",
    "cloud.databricks.com": "aws",
    "cloud.databricks.us": "aws",
}


def listed(account: Account) -> list[Json]:
    """All workspaces that the account shows to the caller, each once, by workspace_id.

    :raises Failure: the account gave no whole list
    """
    found: dict[str, Json] = {}
    for page in account.pages(f"/api/2.0/accounts/{account.account_id}/workspaces", LIST, DOING):
        if not page.get("workspace_id"):
            raise Failure(f"Could not {DOING}: one of them has no workspace_id.", code="NOT_THE_API")
        canonical = _canonical(page, account)
        found[canonical["workspace_id"]] = canonical
    return [found[key] for key in sorted(found)]


def address(account_host: str, deployment_name: str | None) -> str | None:
    """Where a workspace is. The answer does not say so: its name is put in the place of the account's own in the
    account's address (terraform-provider-databricks, mws/resource_mws_workspaces.go), and a host that is no account
    console serves the workspaces itself (databricks-sdk-go, account_functions.go).

    :return: None where nothing says it, as for a workspace that was never deployed
    """
    name = urlsplit(account_host).hostname or ""
    if not connection.is_account_console(name):
        return account_host
    zone = name.partition(".")[2]
    return f"https://{deployment_name}.{zone}" if deployment_name else None


def _canonical(workspace: Json, account: Account) -> Json:
    info = workspace.get("azure_workspace_info")
    azure = info if isinstance(info, dict) else {}
    deployment = _text(workspace.get("deployment_name"))
    tags = workspace.get("custom_tags")
    return {
        "account_id": account.account_id,
        "workspace_id": _text(workspace["workspace_id"]),
        "name": _text(workspace.get("workspace_name")),
        "deployment_name": deployment,
        "host": address(account.host, deployment),
        "unified": address(account.host, None) is not None,
        "cloud": (_text(workspace.get("cloud")) or _cloud_of(account.host) or "").lower() or None,
        "region": next((_text(workspace[field]) for field in _REGIONS if workspace.get(field)), None),
        "status": _text(workspace.get("workspace_status")),
        "status_message": _text(workspace.get("workspace_status_message")),
        "pricing_tier": _text(workspace.get("pricing_tier")),
        "tags": {replies.clean(key): _text(tags[key]) or "" for key in tags} if isinstance(tags, dict) else {},
        "azure_resource_group": _text(azure.get("resource_group")),
        "azure_subscription_id": _text(azure.get("subscription_id")),
    }


def _cloud_of(account_host: str) -> str | None:
    name = urlsplit(account_host).hostname or ""
    return next((cloud for zone, cloud in _CLOUDS.items() if name.endswith(f".{zone}")), None)


def _text(value: t.Any) -> str | None:
    """As it may be shown; None for nothing, so that nothing is told apart from an empty text nowhere."""
    return replies.clean(str(value)) or None if value is not None and not isinstance(value, (dict, list)) else None
