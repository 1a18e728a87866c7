# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is calling: a bearer token decides, and only a token that is still good."""

from __future__ import annotations

import typing as t

from .errors import ApiError
from .masking import sha256
from .model import DAY, AclObject, Identity, Token, Workspace

TOKENS: AclObject = ("authorization", "tokens")
UNUSED_DAYS = 90
LAST_SECONDS = 30  # in which a token that has not expired yet is refused already
# Which paths a token limited to a scope may call; ``all-apis`` may call everything.
SCOPES: dict[str, tuple[str, ...]] = {
    "all-apis": ("/",),
    "authentication": ("/api/2.0/token/", "/api/2.0/token-management/", "/api/2.0/permissions/authorization/"),
    "scim": ("/api/2.0/preview/scim/",),
    "sql": ("/api/2.0/sql/", "/sql/1.0/", "/api/2.0/permissions/warehouses/", "/api/2.0/permissions/sql/"),
    "unity-catalog": ("/api/2.1/unity-catalog/",),
}
UNSCOPED = ("/api/2.0/connector-service/", "/telemetry")


class Caller(t.NamedTuple):
    identity: Identity
    token_id: str | None
    scopes: list[str]


def unauthenticated() -> ApiError:
    text = "Credential was not sent or was of an unsupported type for this API."
    return ApiError(401, "UNAUTHENTICATED", text, headers={"X-Databricks-Reason-Phrase": text})


def wrong_token() -> ApiError:
    """What a token that nobody ever had gets; recorded with a numeric code, and as 403 like the one below.

    databricks-jdbc, connectionintegrationtests/testincorrectcredentialsfor{pat,oauth}
    """
    text = "Credential was not sent or was of an unsupported type for this API."
    return ApiError(
        401,
        401,
        text,
        headers={"X-Databricks-Reason-Phrase": text, "WWW-Authenticate": 'Bearer realm="DatabricksRealm"'},
    )


def invalid_token() -> ApiError:
    """The numeric error_code is what the service really sends."""
    text = "Invalid access token."
    return ApiError(403, 403, text, headers={"X-Databricks-Reason-Phrase": text})


def expiring_token() -> ApiError:
    """Reported for tokens with less than half a minute to live."""
    text = "Token is expiring within 30 seconds. (token expired)"
    return ApiError(403, 403, text, headers={"X-Databricks-Reason-Phrase": text})


def tokens_enabled(workspace: Workspace) -> bool:
    return str(workspace.conf.get("enableTokensConfig") or "true").lower() != "false"


def may_use_tokens(workspace: Workspace, identity: Identity) -> bool:
    return workspace.acl_level(TOKENS, identity) is not None


def revoked_for_lack_of_use(workspace: Workspace, token: Token) -> bool:
    if token.token_id == workspace.harness_token_id:
        return False
    last = max(token.last_used_ms or 0, token.creation_time)
    return workspace.clock.now_ms() - last > UNUSED_DAYS * DAY * 1000


def expired(workspace: Workspace, token: Token) -> bool:
    return token.expiry_time != -1 and token.expiry_time <= workspace.clock.now_ms()


def is_live(workspace: Workspace, token: Token) -> bool:
    """Whether the token itself is good; whether its owner may use tokens is another question."""
    return not expired(workspace, token) and not revoked_for_lack_of_use(workspace, token)


def authenticate(workspace: Workspace, authorization: str | None) -> Caller:
    scheme, _blank, value = (authorization or "").partition(" ")
    value = value.strip()
    if scheme.lower() != "bearer" or not value:
        raise wrong_token() if workspace.second_form else unauthenticated()
    if workspace.second_form and value not in workspace.issued_secret_values:
        raise wrong_token()
    token = workspace.tokens.get(sha256(value))
    caller = _by_pat(workspace, token) if token else _by_oauth(workspace, value)
    if not caller.identity.active:
        raise invalid_token()
    return caller


def _by_pat(workspace: Workspace, token: Token) -> Caller:
    owner = workspace.identity(token.owner_id)
    usable = is_live(workspace, token) and tokens_enabled(workspace)
    if owner is None or not usable or not may_use_tokens(workspace, owner):
        raise invalid_token()
    if token.expiry_time != -1 and token.expiry_time - workspace.clock.now_ms() <= LAST_SECONDS * 1000:
        raise expiring_token()
    if owner.active:
        now = workspace.clock.now_ms()
        token.last_used_ms, token.last_used_day = now, now - now % (DAY * 1000)
    return Caller(owner, token.token_id, token.scopes)


def _by_oauth(workspace: Workspace, value: str) -> Caller:
    of_account = workspace.account.tokens if workspace.account else {}
    token = workspace.oauth_tokens.get(value) or of_account.get(value)
    owner = workspace.identity(token.owner_id) if token else None
    if token is None or owner is None or token.expires_at <= workspace.clock.now():
        raise invalid_token()
    return Caller(owner, None, [])


def check_scopes(caller: Caller, path: str) -> None:
    if not caller.scopes or path.startswith(UNSCOPED):
        return
    if not any(path.startswith(prefix) for scope in caller.scopes for prefix in SCOPES[scope]):
        needed = next(
            (s for s, prefixes in SCOPES.items() if s != "all-apis" and path.startswith(prefixes)), "all-apis"
        )
        raise ApiError(403, "PERMISSION_DENIED", f"Provided token does not have required scopes: {needed}")
