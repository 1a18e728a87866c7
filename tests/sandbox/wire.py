# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as bytes on the wire, for what no client library would send or show."""

from __future__ import annotations

import typing as t

import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from tests.sandbox.people import client
from tests.support.sandbox import Sandbox

SCIM = "/api/2.0/preview/scim/v2"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def ask(sandbox: Sandbox, method: str, path: str, token: str | None = None, **more: t.Any) -> requests.Response:
    """An answer, whatever it is; by the administrator unless a token says otherwise."""
    headers = {"Authorization": f"Bearer {token or sandbox.token}", **more.pop("headers", {})}
    return requests.request(method, f"{sandbox.host}{path}", headers=headers, timeout=10, **more)


def coded(answer: requests.Response) -> tuple[int, t.Any]:
    """Status and error code of a refusal."""
    return answer.status_code, answer.json().get("error_code")


def patched(sandbox: Sandbox, path: str, *operations: dict[str, t.Any]) -> requests.Response:
    return ask(sandbox, "PATCH", f"{SCIM}/{path}", json={"schemas": [PATCH], "Operations": list(operations)})


def advance(sandbox: Sandbox, **how: float) -> None:
    sandbox.control("POST", "clock", how)


def seeded(sandbox: Sandbox, kind: str, **having: t.Any) -> dict[str, t.Any]:
    """The first object of the workspace that looks like this."""
    rows: list[dict[str, t.Any]] = sandbox.state()[kind]
    return next(row for row in rows if having.items() <= row.items())


def by_oauth(sandbox: Sandbox, client_id: str, secret: str) -> WorkspaceClient:
    """The SDK, signed in with a secret of a service principal."""
    return WorkspaceClient(
        config=Config(host=sandbox.host, client_id=client_id, client_secret=secret, auth_type="oauth-m2m")
    )


def admin_by_oauth(sandbox: Sandbox) -> WorkspaceClient:
    """An administrator who needs no personal access token."""
    w = client(sandbox)
    made = w.service_principals.create(display_name="breakglass")
    admins = seeded(sandbox, "groups", display_name="admins")["id"]
    answer = patched(sandbox, f"Groups/{admins}", {"op": "add", "path": "members", "value": [{"value": made.id}]})
    answer.raise_for_status()
    secret = w.service_principal_secrets_proxy.create(str(made.id))
    return by_oauth(sandbox, str(made.application_id), str(secret.secret))


def journal(sandbox: Sandbox) -> list[dict[str, t.Any]]:
    found: list[dict[str, t.Any]] = sandbox.control("GET", "journal")["entries"]
    return found


def control(sandbox: Sandbox, method: str, what: str, **more: t.Any) -> requests.Response:
    return requests.request(method, f"{sandbox.host}/_sandbox/{what}", timeout=10, **more)


def create_group(sandbox: Sandbox) -> int:
    """The status of an attempt to make a group g."""
    return ask(sandbox, "POST", f"{SCIM}/Groups", json={"displayName": "g"}).status_code


def groups(sandbox: Sandbox) -> int:
    """How many groups g there are, whatever the attempts were told."""
    return len([one for one in sandbox.state()["groups"] if one["display_name"] == "g"])
