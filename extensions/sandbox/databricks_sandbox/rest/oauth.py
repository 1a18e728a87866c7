# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host metadata, discovery, client credentials, and secrets of service principals (SDK oauth.py, oauth2.py)."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
import typing as t
from urllib.parse import unquote

from ..account import is_admin
from ..errors import ApiError
from ..http import Call, Reply, route
from ..masking import issue, sha256
from ..model import DAY, OAuthAccessToken, OAuthSecret, ServicePrincipal

EXPIRES_IN = 3600
LONGEST = 730 * DAY
_SECRETS = (
    "/api/2.0/accounts/{account_id}/servicePrincipals/{id}/credentials/secrets",
    "/api/2.0/accounts/servicePrincipals/{id}/credentials/secrets",
)


@route("GET", "/.well-known/databricks-config", public=True)
def metadata(call: Call) -> dict[str, t.Any]:
    workspace = call.workspace
    if call.account:
        # databricks-sdk-go config/host_metadata.go: a unified host has no workspace of its own.
        base = f"{workspace.account.host}/oidc/accounts/{{account_id}}"
        return {"oidc_endpoint": base, "account_id": workspace.account_id, "cloud": workspace.cloud.upper(),
                "host_type": "unified"}  # fmt: skip
    return {
        "oidc_endpoint": f"{workspace.host}/oidc",
        "account_id": workspace.account_id,
        "workspace_id": str(workspace.workspace_id),
        "cloud": workspace.cloud.upper(),
    }


@route("GET", "/oidc/.well-known/oauth-authorization-server", public=True)
@route("GET", "/oidc/.well-known/openid-configuration", public=True)
def discovery(call: Call) -> dict[str, t.Any]:
    base = f"{call.workspace.host}/oidc"
    return {"issuer": base, "authorization_endpoint": f"{base}/v1/authorize", "token_endpoint": f"{base}/v1/token"}


def _refused(status: int, error: str, description: str) -> Reply:
    return Reply({"error": error, "error_description": description}, status)


@route("POST", "/oidc/v1/token", public=True)
def token(call: Call) -> Reply:
    workspace = call.workspace
    owners = {one.application_id.lower(): one for one in workspace.service_principals.values()}

    return issued(call, owners, workspace.account.secrets_of, workspace.oauth_tokens)


def issued(
    call: Call,
    owners: dict[str, ServicePrincipal],
    secrets_of: t.Callable[[ServicePrincipal], list[OAuthSecret]],
    into: dict[str, OAuthAccessToken],
) -> Reply:
    """Client credentials by HTTP Basic, as the SDK sends them.

    :param owners: who may sign in, by application id in lower case
    :param into: where the token is kept
    """
    workspace = call.workspace
    if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return _refused(400, "invalid_request", "The parameters are a form.")
    if call.body.get("grant_type") != "client_credentials":
        return _refused(400, "unsupported_grant_type", "Only client_credentials is supported.")
    if call.body.get("scope") != "all-apis":
        return _refused(400, "invalid_scope", "Only all-apis is supported.")
    client_id, secret = _basic(call)
    owner, now = owners.get(client_id.lower()), workspace.clock.now()
    good = owner is not None and any(one.secret == secret and one.expire_time > now for one in secrets_of(owner))
    if owner is None or not good or not owner.active:
        return _refused(401, "invalid_client", "Client authentication failed")
    value = issue(workspace, "eyJhbGciOiJSUzI1NiJ9.")
    into[value] = OAuthAccessToken(value, owner.id, now + EXPIRES_IN)
    return Reply({"access_token": value, "token_type": "Bearer", "expires_in": EXPIRES_IN, "scope": "all-apis"})


def _basic(call: Call) -> tuple[str, str]:
    scheme, _blank, text = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, _colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(client_id), unquote(secret)


# -- secrets ----------------------------------------------------------------------------------
def _owner(call: Call) -> ServicePrincipal:
    """The path wants the numeric SCIM id, not the application id."""
    if not (call.account and is_admin(call.me)):
        call.need_admin("Service principal secrets")
    account = call.params.get("account_id")
    if account is not None and account != call.workspace.account_id:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Account {account} does not exist.")
    held = call.workspace.account.service_principals() if call.account else call.workspace.service_principals
    found = held.get(call.params["id"])
    if found is None:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Service principal {call.params['id']} does not exist.")
    return found


def _time(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat().replace("+00:00", "Z")


def _shown(call: Call, secret: OAuthSecret) -> dict[str, t.Any]:
    alive = secret.expire_time > call.workspace.clock.now()
    return {
        "id": secret.id,
        "status": "ACTIVE" if alive else "EXPIRED",
        "secret_hash": sha256(secret.secret),
        "create_time": _time(secret.create_time),
        "update_time": _time(secret.create_time),
        "expire_time": _time(secret.expire_time),
    }


def create(call: Call) -> dict[str, t.Any]:
    owner = _owner(call)
    match = re.fullmatch(r"(\d+)s", str(call.body.get("lifetime", f"{LONGEST}s")))
    if not match or not 0 < int(match[1]) <= LONGEST or set(call.body) - {"lifetime"}:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "lifetime is a number of seconds up to 63072000s.")
    now = call.workspace.clock.now()
    made = OAuthSecret(call.workspace.new_id(), issue(call.workspace, "dose"), owner.id, now, now + int(match[1]))
    call.workspace.oauth_secrets[made.id] = made
    return {**_shown(call, made), "secret": made.secret}


def listing(call: Call) -> dict[str, t.Any]:
    owner = _owner(call)
    mine = [_shown(call, one) for one in call.workspace.account.secrets_of(owner)]
    return {"secrets": mine} if mine else {}


def delete(call: Call) -> dict[str, t.Any]:
    owner = _owner(call)
    if call.params["secret_id"] not in {one.id for one in call.workspace.account.secrets_of(owner)}:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Secret {call.params['secret_id']} does not exist.")
    for workspace in call.workspace.account.workspaces:
        workspace.oauth_secrets.pop(call.params["secret_id"], None)
    return {}


for _path in _SECRETS:
    route("POST", _path)(create)
    route("GET", _path)(listing)
    route("DELETE", f"{_path}/{{secret_id}}")(delete)
