# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Which workspace is meant on a host that serves several.

A host of one workspace names it in its public ``/.well-known/databricks-config``; a unified host names an account only
(SDK oauth.py, HostMetadata; config.py, _resolve_host_metadata). Calls on a unified host name the workspace: REST in a
header (SDK, every workspace-scoped call), SQL as ``?o=`` behind the HTTP path, which the connector turns into another
header, and without which calls are sent to the login page (databricks-sql-connector session.py).
"""

from __future__ import annotations

from .._common.failure import BadOption
from . import network, replies
from .http_client import Http

WELL_KNOWN = "/.well-known/databricks-config"


def needed(host: str, said: str | None, *, demanded: str | None, http: Http) -> str | None:
    """The workspace id that calls must name, None where the host is one workspace's own or nobody named a workspace.

    Where the host does not say what it is, the workspace that was named is named in calls.

    :param said: workspace id that an option, an address or a path names
    :param demanded: the same where an option names it, and so must be right
    :raises BadOption: the host is another workspace's
    """
    if not said:
        return None
    own = _own(host, http)
    if own is None:
        return said
    if demanded and demanded != own:
        raise BadOption(
            "workspace_id", f"is {demanded}, but the host is workspace {own}. Leave it out, or give the other host."
        )
    return None


def headers(workspace_id: str | None) -> dict[str, str]:
    """What a REST call carries (SDK service classes: X-Databricks-Workspace-Id)."""
    return {"X-Databricks-Workspace-Id": workspace_id} if workspace_id else {}


def sql_headers(workspace_id: str | None) -> list[tuple[str, str]]:
    """What a SQL session carries, also with connectors that do not read it from the HTTP path."""
    return [("x-databricks-org-id", workspace_id)] if workspace_id else []


def _own(host: str, http: Http) -> str | None:
    """The workspace that the host says it is; None if it serves several, or did not say."""
    try:
        reply = http.send("GET", f"{host}{WELL_KNOWN}", headers={"Accept": "application/json"})
        found = replies.as_object(reply, replies.read(reply), must=True).get("workspace_id")
    except Exception as error:
        if isinstance(error, replies.Refusal) or network.is_one(error):
            return None
        raise
    return str(found) if found else None
