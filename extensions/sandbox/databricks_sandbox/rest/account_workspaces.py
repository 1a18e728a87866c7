# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workspaces of the account, its metastores, and how its host is signed in to (SDK service/provisioning.py)."""

from __future__ import annotations

import typing as t

from .. import account
from ..errors import ApiError
from ..http import Call, Reply, route
from ..model import Workspace
from . import metastores, oauth

BASE = "/api/2.0/accounts/{account_id}"
_REGION = {"aws": ("aws_region", "us-east-1"), "azure": ("location", "eastus"), "gcp": ("location", "us-central1")}


def the_account(call: Call) -> account.Account:
    """The one of the path, for any of its identities.

    :raises ApiError: 404 for another account
    """
    found = call.workspace.account
    if found is None or call.params["account_id"] != found.id:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Account {call.params['account_id']} does not exist.")
    return t.cast(account.Account, found)


def for_admin(call: Call) -> account.Account:
    """The same for its administrators; the sentence is ours.

    :raises ApiError: 403 for anybody else
    """
    found = the_account(call)
    if not account.is_admin(call.me):
        raise ApiError(403, "PERMISSION_DENIED", "This API is only accessible by account admins")
    return found


def workspace_of(call: Call) -> Workspace:
    found = for_admin(call).workspace(call.params["workspace_id"])
    if found is None:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Workspace {call.params['workspace_id']} does not exist.")
    return found


def info(one: Workspace) -> dict[str, t.Any]:
    """No address: that is made of deployment_name and the zone of the account's host, or is the account's host itself
    (databricks-sdk-go account_functions.go).
    """
    region_key, region = _REGION[one.cloud]
    shown: dict[str, t.Any] = {
        "account_id": one.account_id,
        "workspace_id": one.workspace_id,
        "workspace_name": one.name,
        "deployment_name": _deployment_name(one),
        "cloud": one.cloud,
        region_key: region,
        "pricing_tier": "STANDARD" if one.feature_tier == "standard" else "PREMIUM",
        "workspace_status": one.workspace_status,
        "workspace_status_message": f"Workspace is {one.workspace_status.lower()}.",
        "creation_time": 1_700_000_000_000,
    }
    if one.custom_tags:
        shown["custom_tags"] = dict(one.custom_tags)
    if one.cloud == "azure":
        shown["azure_workspace_info"] = {"resource_group": "sandbox", "subscription_id": one.account_id}
    return shown


def _deployment_name(one: Workspace) -> str:
    """Addresses look like dbc-name.cloud.databricks.com, adb-id.n.azuredatabricks.net, id.n.gcp.databricks.com."""
    if one.cloud == "aws":
        return f"dbc-{one.name}"
    return f"{'adb-' if one.cloud == 'azure' else ''}{one.workspace_id}.{one.workspace_id % 20}"


@route("GET", f"{BASE}/workspaces")
def listing(call: Call) -> t.Any:
    """A bare list, all at once (SDK WorkspacesAPI.list)."""
    return [info(one) for one in for_admin(call).workspaces]


@route("GET", f"{BASE}/workspaces/{{workspace_id}}")
def get(call: Call) -> dict[str, t.Any]:
    return info(workspace_of(call))


@route("GET", f"{BASE}/metastores")
def list_metastores(call: Call) -> dict[str, t.Any]:
    found = {one.metastore_id: metastores.info(one) for one in for_admin(call).workspaces if one.has_metastore}
    return {"metastores": list(found.values())} if found else {}


@route("GET", f"{BASE}/workspaces/{{workspace_id}}/metastore")
def assigned_metastore(call: Call) -> dict[str, t.Any]:
    """SDK AccountMetastoreAssignmentsAPI.get."""
    found = workspace_of(call)
    if not found.has_metastore:
        raise ApiError(404, "METASTORE_DOES_NOT_EXIST", "No metastore assigned for the current workspace.")
    assignment = {
        "metastore_id": found.metastore_id,
        "workspace_id": found.workspace_id,
        "default_catalog_name": found.default_catalog,
    }
    return {"metastore_assignment": assignment}


# -- signing in -------------------------------------------------------------------------------
@route("GET", "/oidc/accounts/{account_id}/.well-known/oauth-authorization-server", public=True)
@route("GET", "/oidc/accounts/{account_id}/.well-known/openid-configuration", public=True)
def discovery(call: Call) -> dict[str, t.Any]:
    base = f"{the_account(call).host}/oidc/accounts/{call.params['account_id']}"
    return {"issuer": base, "authorization_endpoint": f"{base}/v1/authorize", "token_endpoint": f"{base}/v1/token"}


@route("POST", "/oidc/accounts/{account_id}/v1/token", public=True)
def token(call: Call) -> Reply:
    """Client credentials of any service principal of the account; the token is good for the account and, through this
    host, for every workspace that the principal is in.
    """
    where = the_account(call)
    owners = {one.application_id.lower(): one for one in where.service_principals().values()}
    return oauth.issued(call, owners, where.secrets_of, where.tokens)


@route("GET", "/login", public=True)
def login(_call: Call) -> Reply:
    """Where a unified host sends what names no workspace."""
    return Reply(content=b"<!doctype html><title>Sign in</title>", content_type="text/html; charset=utf-8")
