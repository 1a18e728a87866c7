# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account that all workspaces of this process belong to.

Its host is a unified one: it answers the account's own API, and passes what names a workspace on to that workspace
(databricks-sdk-go internal/unifiedhost_test.go, account_functions.go). Every identity of a workspace is one of the
account, too; what was made in the account and not assigned yet is in no workspace.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .errors import ApiError
from .model import Group, Identity, OAuthAccessToken, OAuthSecret, ServicePrincipal, User, Workspace

ADMIN = "account_admin"  # the role, as SCIM of the account spells it (databricks-sdk-go internal/scim_test.go)
# What the account's own host serves; secrets of service principals and rule sets are served by workspaces as well.
OWN = re.compile(r"^/(?:oidc/accounts/|api/2\.0/accounts/[^/]+/(?:workspaces|scim|metastores)(?:/|$))")
ANYWHERE = re.compile(r"^/(?:\.well-known/|oidc/accounts/|api/2\.0/(?:preview/)?accounts/|telemetry)")


@dataclass
class Account:
    """What no workspace holds. The list of workspaces is the application's own, so it is always the present one."""

    id: str
    workspaces: list[Workspace]
    host: str = ""  # http://127.0.0.1:PORT; empty where the process serves workspaces only
    tokens: dict[str, OAuthAccessToken] = field(default_factory=dict)

    # -- identities -----------------------------------------------------------------------------
    def users(self) -> dict[str, User]:
        """By id, each e-mail once: workspaces are seeded with the same people and ids of their own."""
        return {one.id: one for one in self._once(User)}

    def service_principals(self) -> dict[str, ServicePrincipal]:
        return {one.id: one for one in self._once(ServicePrincipal)}

    def groups(self) -> dict[str, Group]:
        """Those that Unity Catalog knows, each name once."""
        found: dict[str, Group] = {}
        for workspace in self.workspaces:
            for group in list(workspace.groups.values()):
                if group.account_level and group.display_name not in {one.display_name for one in found.values()}:
                    found[group.id] = group
        return found

    def _once(self, kind: type) -> list[t.Any]:
        found: dict[str, t.Any] = {}
        for workspace in self.workspaces:
            for held in (workspace.users, workspace.service_principals, workspace.account_only):
                for identity in list(t.cast("dict[str, Identity]", held).values()):
                    if isinstance(identity, kind):
                        found.setdefault(identity.principal.lower(), identity)
        return list(found.values())

    def identity_by_principal(self, name: str) -> Identity | None:
        wanted = name.lower()
        return next((one for one in (*self._once(User), *self._once(ServicePrincipal))
                     if one.principal.lower() == wanted), None)  # fmt: skip

    def secrets_of(self, principal: ServicePrincipal) -> list[OAuthSecret]:
        """Good everywhere that the principal is, whichever host they were made at."""
        return [
            secret
            for workspace in self.workspaces
            for secret in list(workspace.oauth_secrets.values())
            if secret.owner_id == principal.id
        ]

    def workspace(self, workspace_id: str) -> Workspace | None:
        return next((one for one in self.workspaces if str(one.workspace_id) == workspace_id), None)

    # -- signing in -----------------------------------------------------------------------------
    def authenticate(self, authorization: str | None, now: float) -> Identity:
        """Only tokens of the account's own OAuth: personal access tokens belong to a workspace (Databricks docs,
        "Databricks personal access tokens for account").

        :raises ApiError: 401 without such a token
        """
        scheme, _blank, value = (authorization or "").partition(" ")
        token = self.tokens.get(value.strip()) if scheme.lower() == "bearer" else None
        owner = self.service_principals().get(token.owner_id) if token and token.expires_at > now else None
        if owner is None or not owner.active:
            text = "Credential was not sent or was of an unsupported type for this API."
            raise ApiError(401, "UNAUTHENTICATED", text, headers={"X-Databricks-Reason-Phrase": text})
        return owner


def is_admin(identity: Identity) -> bool:
    return ADMIN in identity.roles


def named_workspace(path: str, query: dict[str, list[str]], headers: dict[str, str]) -> str | None:
    """The workspace that a request to the account's host is for; None: the account itself.

    Clients name it by a header, or by ?o= in the path of a SQL warehouse (databricks-sql-python session.py).
    """
    if OWN.match(path):
        return None
    named = headers.get("x-databricks-workspace-id") or headers.get("x-databricks-org-id")
    return named or query.get("o", [""])[0] or None
