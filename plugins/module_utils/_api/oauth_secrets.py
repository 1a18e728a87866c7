# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""OAuth secrets of service principals on the wire (SDK service/oauth2.py, ServicePrincipalSecretsProxyAPI)."""

from __future__ import annotations

from datetime import datetime

from .._common.json_types import Json
from .._wire.workspace import Workspace

# Secrets have no comment. An odd lifetime tells ours from others; the second is for services that refuse the first.
LIFETIMES = (613, 3613)


def _path(scim_id: str) -> str:
    return f"/api/2.0/accounts/servicePrincipals/{scim_id}/credentials/secrets"


def listing(workspace: Workspace, scim_id: str) -> list[Json]:
    return list(workspace.pages(_path(scim_id), "secrets", f"list the OAuth secrets of service principal {scim_id}"))


def is_ours(secret: Json) -> bool:
    """Whether a secret has the lifetime that only we ask for."""
    try:
        life = _time(secret["expire_time"]) - _time(secret["create_time"])
    except (KeyError, ValueError):
        return False
    return any(abs(life - lifetime) < 2 for lifetime in LIFETIMES)


def create(workspace: Workspace, scim_id: str, seconds: int) -> Json:
    """A secret with its value; ``id`` and ``secret`` are what matters."""
    return workspace.call(
        "POST",
        _path(scim_id),
        f"make an OAuth secret for service principal {scim_id}",
        body={"lifetime": f"{seconds}s"},
        holds=("id", "secret"),
    )


def delete(workspace: Workspace, scim_id: str, secret_id: str) -> None:
    """Delete a secret. One that is gone already is fine."""
    from .._common.failure import Failure
    from .._wire.errors import is_absent

    try:
        workspace.call(
            "DELETE", f"{_path(scim_id)}/{secret_id}", f"delete an OAuth secret of service principal {scim_id}"
        )
    except Failure as failure:
        if not is_absent(failure):
            raise


def _time(text: str) -> float:
    # Python 3.10 and older read neither Z nor nanoseconds; a fraction tells nothing here.
    whole = text.rstrip("Z").split(".")[0].split("+")[0]
    return datetime.fromisoformat(f"{whole}+00:00").timestamp()
