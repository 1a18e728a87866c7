# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a workspace is like and what the caller may do there, from one look at it."""

from __future__ import annotations

from .._common.json_types import Json
from .._preflight import already_held, evidence, judge
from .._preflight.data import Seen, Wish
from .._preflight.findings import Variables
from .._wire.workspace import Workspace

# SDK environments.py; an address of the customer's own says nothing, so the host is asked then.
_CLOUD_OF_SUFFIX = {
    ".azuredatabricks.net": "azure",
    ".databricks.azure.us": "azure",
    ".databricks.azure.cn": "azure",
    ".gcp.databricks.com": "gcp",
    ".cloud.databricks.com": "aws",
    ".cloud.databricks.us": "aws",
    ".cloud.databricks.mil": "aws",
}


def cloud(workspace: Workspace) -> str:
    """aws, azure or gcp; from the address where that tells, else from the host's own description of itself."""
    found = cloud_of(workspace.hostname)
    if found:
        return found
    known = workspace.find("/.well-known/databricks-config", "ask the host for its cloud") or {}
    return str(known.get("cloud") or "aws").lower()


def cloud_of(hostname: str) -> str | None:
    """aws, azure or gcp, where the address tells."""
    host = hostname.split(":")[0].lower()
    return next((name for suffix, name in _CLOUD_OF_SUFFIX.items() if host.endswith(suffix)), None)


def survey(workspace: Workspace, wish: Wish, prefix: str = "") -> Json:
    """Everything that a preflight wants to know, and its findings.

    :param prefix: of the variables that the sentences name
    :raises Failure: who the caller is could not be learned, or a read failed for another reason than missing rights
    """
    seen = evidence.read(workspace, wish, cloud)
    judged = judge.judge(seen, wish, Variables(prefix))
    who = {name: value for name, value in seen.caller.items() if name != "workspace_id"}
    who["sign_in"] = str(workspace.config.auth_type or "") or None
    return {
        "workspace": _facts(seen, wish),
        "caller": who,
        "catalog": _catalog(seen, wish, judged),
        "warehouse": {**seen["warehouse"].value, "level": judged.level} if seen["warehouse"].value else {},
        "schemas": [_schema(seen, wish, name) for name in wish.schemas],
        "principals": seen["principals"].value or [],
        "tokens": already_held.tokens(seen),
        "access": already_held.told(wish, seen),
        "findings": judged.findings,
    }


def _facts(seen: Seen, wish: Wish) -> Json:
    settings = seen["settings"].value
    assigned = seen["metastore"].value or {"metastore_id": (seen["catalog"].value or {}).get("metastore_id")}
    facts = {
        "host": seen.host,
        "hostname": seen.hostname,
        "workspace_id": seen.caller["workspace_id"],
        "metastore_id": assigned.get("metastore_id"),
        "default_catalog": assigned.get("default_catalog_name"),
    }
    if not wish.provisioning:
        return facts
    where = (seen["cloud"].value or "aws") if seen["cloud"].asked else None
    return {
        **facts,
        # Nobody was asked where no token was missing; a plan tells how one is renewed all the same.
        "cloud": where or cloud_of(seen.hostname),
        "tokens_enabled": judge.tokens_enabled(settings),
        "max_token_lifetime_days": judge.longest_life(settings),
        "on_behalf_of": None if where is None else where in judge.OFFERED and seen.caller["admin"],
    }


def _catalog(seen: Seen, wish: Wish, judged: judge.Judged) -> Json:
    if not wish.catalog:
        return {}
    return {
        "name": wish.catalog,
        "exists": judged.exists,
        "owner": (seen["catalog"].value or {}).get("owner"),
        "may_use": judged.rights.use,
        "may_create_schemas": judged.rights.create_schemas,
        "may_grant": judged.rights.grant,
    }


def _schema(seen: Seen, wish: Wish, name: str) -> Json:
    """One schema of the wish; whether it exists is null where that could not be established."""
    answer = seen.schema(name)
    return {
        "full_name": f"{wish.catalog}.{name}",
        "exists": True if answer.value is not None else False if evidence.is_missing(answer.failure) else None,
        "owner": (answer.value or {}).get("owner"),
    }
