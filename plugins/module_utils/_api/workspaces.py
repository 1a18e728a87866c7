# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a workspace is like and what the caller may do there. Reads only; what the caller may not see is a finding."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

from .. import _names
from .._failure import Failure, Refused
from .._workspace import Json, Workspace
from . import permissions, principals, warehouses

_CATALOG = "/api/2.1/unity-catalog"
HIVE = "hive_metastore"

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

_FORBIDDEN = (401, 403)


class Outcome(t.NamedTuple):
    """What a read gave, or why it gave nothing."""

    value: t.Any = None
    failure: Failure | None = None


def cloud(workspace: Workspace) -> str:
    """aws, azure or gcp; from the address where that tells, else from the host's own description of itself."""
    host = workspace.hostname.split(":")[0].lower()
    for suffix, name in _CLOUD_OF_SUFFIX.items():
        if host.endswith(suffix):
            return name
    known = workspace.find("/.well-known/databricks-config", "ask the host for its cloud") or {}
    return str(known.get("cloud") or "aws").lower()


def caller(workspace: Workspace) -> Json:
    """Who the credentials belong to, and the id of the workspace that answered."""
    who = principals.me(workspace)
    return {**who, "workspace_id": workspace.answered_by}


def survey(workspace: Workspace, *, catalog: str | None, warehouse: str | None, provisioning: bool = True) -> Json:
    """Everything a preflight wants to know. Reads that do not depend on each other are made at the same time.

    :param provisioning: whether the caller is to set things up, and not only to use what was set up
    :raises Failure: who the caller is could not be learned, or a read failed for another reason than missing rights
    """
    who, seen = _look(workspace, catalog, warehouse, provisioning)
    missing: list[Json] = []
    facts = {
        "host": workspace.host,
        "hostname": workspace.hostname,
        "workspace_id": who.pop("workspace_id"),
        **_metastore(seen, catalog, missing),
        **(_tokens(seen, who, missing) if provisioning else {}),
    }
    if provisioning and not who["admin"]:
        missing.append(_finding("NOT_ADMIN"))
    return {
        "workspace": facts,
        "caller": who,
        "catalog": _catalog(workspace, seen, who, catalog, missing, provisioning),
        "warehouse": _warehouse(workspace, seen, who, missing, provisioning),
        "missing": missing,
    }


def _look(
    workspace: Workspace, catalog: str | None, warehouse: str | None, provisioning: bool
) -> tuple[Json, dict[str, Outcome]]:
    reads: dict[str, t.Callable[[], t.Any]] = {}
    if provisioning:
        reads["metastore"] = lambda: workspace.call(
            "GET", f"{_CATALOG}/current-metastore-assignment", "read the metastore of the workspace"
        )
        reads["settings"] = lambda: workspace.call(
            "GET",
            "/api/2.0/workspace-conf",
            "read the settings of the workspace",
            query={"keys": "enableTokensConfig,maxTokenLifetimeDays"},
        )
        reads["cloud"] = lambda: cloud(workspace)
    if catalog and catalog != HIVE:
        reads["catalog"] = lambda: workspace.call("GET", f"{_CATALOG}/catalogs/{catalog}", f"read catalog {catalog}")
    if warehouse is not None:
        reads["warehouse"] = lambda: warehouses.find(workspace, warehouse)
    workspace.host  # noqa: B018  signs in once, before several threads would
    with ThreadPoolExecutor(max_workers=len(reads) + 1) as pool:
        asked = pool.submit(caller, workspace)
        pending = {name: pool.submit(_outcome, read) for name, read in reads.items()}
    return asked.result(), {name: future.result() for name, future in pending.items()}


def _outcome(read: t.Callable[[], t.Any]) -> Outcome:
    try:
        return Outcome(read())
    except Failure as failure:
        return Outcome(failure=failure)


def _metastore(seen: dict[str, Outcome], catalog: str | None, missing: list[Json]) -> Json:
    facts = {"metastore_id": None, "default_catalog": None}
    assigned = seen.get("metastore", Outcome({}))
    if assigned.value is not None:
        return {
            "metastore_id": assigned.value.get("metastore_id"),
            "default_catalog": assigned.value.get("default_catalog_name"),
        }
    failure = _absence(assigned.failure)
    if failure.status in _FORBIDDEN:
        return facts
    if catalog != HIVE:
        missing.append(_finding("METASTORE_DOES_NOT_EXIST"))
    return facts


def _tokens(seen: dict[str, Outcome], who: Json, missing: list[Json]) -> Json:
    where = seen["cloud"].value or "aws"
    settings = seen["settings"]
    enabled, longest = None, None
    if settings.value is not None:
        # Values are strings, and null where nobody set them (Databricks docs: Monitor and revoke personal access
        # tokens).
        enabled = str(settings.value.get("enableTokensConfig")).lower() != "false"
        days = settings.value.get("maxTokenLifetimeDays")
        longest = int(days) if str(days or "").isdecimal() and int(days) > 0 else None
    else:
        _absence(settings.failure)
    if enabled is False:
        missing.append(_finding("TOKENS_DISABLED"))
    return {
        "cloud": where,
        "tokens_enabled": enabled,
        "max_token_lifetime_days": longest,
        "on_behalf_of": where in ("aws", "gcp") and who["admin"],
    }


def _catalog(
    workspace: Workspace, seen: dict[str, Outcome], who: Json, name: str | None, missing: list[Json], provisioning: bool
) -> Json:
    if not name:
        return {}
    facts: Json = {
        "name": name,
        "exists": None,
        "owner": None,
        "may_use": None,
        "may_create_schemas": None,
        "may_grant": None,
    }
    if name == HIVE:
        return facts
    found = seen["catalog"]
    if found.value is None:
        failure = _absence(found.failure)
        if failure.status in _FORBIDDEN:
            missing.append(_finding("NO_USE_CATALOG", name))
            return {**facts, "exists": True, "may_use": False}
        if failure.code != "METASTORE_DOES_NOT_EXIST":
            missing.append(_finding("CATALOG_DOES_NOT_EXIST", name))
        return {**facts, "exists": False}
    names = _names_of(who)
    owner = found.value.get("owner", "")
    held = {"ALL_PRIVILEGES", "MANAGE"} if owner.lower() in names else _held(workspace, name, who, names)
    all_of_it = "ALL_PRIVILEGES" in held
    facts.update(
        exists=True,
        owner=owner,
        may_use=all_of_it or "USE_CATALOG" in held,
        may_create_schemas=all_of_it or "CREATE_SCHEMA" in held,
        may_grant="MANAGE" in held,
    )
    lacks_admin = not (facts["may_create_schemas"] and facts["may_grant"])
    if provisioning and lacks_admin and _is_metastore_admin(workspace, names):
        facts.update(may_create_schemas=True, may_grant=True)
    for fact, code in (
        ("may_use", "NO_USE_CATALOG"),
        ("may_create_schemas", "NO_CREATE_SCHEMA"),
        ("may_grant", "NO_MANAGE"),
    ):
        if not facts[fact] and (provisioning or fact == "may_use"):
            missing.append(_finding(code, name))
    return facts


def _warehouse(
    workspace: Workspace, seen: dict[str, Outcome], who: Json, missing: list[Json], provisioning: bool
) -> Json:
    if "warehouse" not in seen:
        return {}
    found = seen["warehouse"]
    if found.value is None:
        failure = _absence(found.failure, "WAREHOUSE_AMBIGUOUS")
        missing.append(
            {
                "what": failure.message,
                "code": failure.code,
                "hint": failure.hint or _FINDINGS["WAREHOUSE_HIDDEN"][1],
                "blocking": True,
            }
        )
        return {}
    level: str | None = "CAN_MANAGE"
    if not who["admin"]:
        level = _level(workspace, found.value["id"], _names_of(who))
        needed = "CAN_MANAGE" if provisioning else "CAN_USE"
        if level is not None and not permissions.covers(level, needed):
            missing.append(_finding(f"NO_{needed}", found.value["name"]))
    return {**found.value, "level": level}


def _absence(failure: Failure | None, *codes: str) -> Failure:
    """The failure, if it says that something is absent or not allowed; anything else fails the whole survey."""
    if failure is None:
        raise Failure("A read gave neither an answer nor a reason.")
    if isinstance(failure, Refused):
        raise failure
    if failure.status in (*_FORBIDDEN, 404) or failure.code in codes or failure.code.endswith("_DOES_NOT_EXIST"):
        return failure
    raise failure


def _names_of(who: Json) -> set[str]:
    return {name.lower() for name in (who["user_name"], *who["groups"], principals.ACCOUNT_USERS) if name}


def _held(workspace: Workspace, catalog: str, who: Json, names: set[str]) -> set[str]:
    """Privileges on the catalog, its own and inherited, that reach the caller by name or by group."""
    path, doing = f"{_CATALOG}/effective-permissions/catalog/{catalog}", f"read the privileges on catalog {catalog}"
    try:
        rows = list(workspace.pages(path, "privilege_assignments", doing, max_results=0))
    except Failure as failure:
        if failure.status not in _FORBIDDEN:
            raise
        # Everybody may ask for their own.
        outcome = _outcome(
            lambda: list(
                workspace.pages(path, "privilege_assignments", doing, max_results=0, principal=who["user_name"])
            )
        )
        rows = outcome.value or []
    return {
        privilege.get("privilege", "")
        for row in rows
        if row.get("principal", "").lower() in names
        for privilege in row.get("privileges") or []
    }


def _is_metastore_admin(workspace: Workspace, names: set[str]) -> bool:
    """Whether the caller owns the metastore, itself or as a member of a group."""
    summary = _outcome(
        lambda: workspace.call("GET", f"{_CATALOG}/metastore_summary", "read the metastore of the workspace")
    )
    return (summary.value or {}).get("owner", "").lower() in names


def _level(workspace: Workspace, warehouse_id: str, names: set[str]) -> str | None:
    outcome = _outcome(lambda: permissions.read(workspace, "warehouse", warehouse_id))
    if outcome.value is None:
        _absence(outcome.failure)
        return None
    mine = [entry for entry in outcome.value if any(_names.same(entry["principal"], name) for name in names)]
    return permissions.highest(level for entry in mine for level in (entry["level"], entry["inherited_level"]) if level)


# code -> what is missing, what to do, whether nothing can work without it
_FINDINGS: dict[str, tuple[str, str, bool]] = {
    "METASTORE_DOES_NOT_EXIST": (
        "a Unity Catalog metastore for the workspace",
        "An account administrator assigns one in the account console, under Catalog; or use hive_metastore as catalog.",
        True,
    ),
    "TOKENS_DISABLED": (
        "personal access tokens, which are switched off in the workspace",
        "A workspace administrator switches them on under Settings > Advanced > Personal Access Tokens "
        "(enableTokensConfig).",
        True,
    ),
    "NOT_ADMIN": (
        "administration of the workspace",
        "Sign in as a member of group admins: only they create principals, give the token permission and make tokens "
        "on behalf of others.",
        False,
    ),
    "CATALOG_DOES_NOT_EXIST": (
        "catalog {0}",
        "Check the spelling. A catalog may also be bound to other workspaces only; its owner can bind it to this one.",
        True,
    ),
    "NO_USE_CATALOG": (
        "privilege USE CATALOG on catalog {0}",
        "The catalog's owner runs: GRANT USE CATALOG ON CATALOG `{0}` TO the caller.",
        True,
    ),
    "NO_CREATE_SCHEMA": (
        "privilege CREATE SCHEMA on catalog {0}",
        "The catalog's owner runs: GRANT CREATE SCHEMA ON CATALOG `{0}` TO the caller. It is not needed for schemas "
        "that exist already.",
        False,
    ),
    "NO_MANAGE": (
        "the right to grant on catalog {0}",
        "The catalog's owner runs: GRANT MANAGE ON CATALOG `{0}` TO the caller. It is not needed where all grants "
        "exist already.",
        False,
    ),
    "NO_CAN_USE": (
        "permission to use SQL warehouse {0}",
        "Who manages the warehouse gives the caller CAN USE, for example with module permission.",
        True,
    ),
    "NO_CAN_MANAGE": (
        "permission to manage SQL warehouse {0}, which giving others access to it takes",
        "Who manages the warehouse gives the caller CAN MANAGE. It is not needed where the access exists already.",
        False,
    ),
    "WAREHOUSE_HIDDEN": (
        "sight of the SQL warehouse",
        "Give the name or id of a warehouse of this workspace that the caller may use.",
        True,
    ),
}


def _finding(code: str, *names: str) -> Json:
    what, hint, blocking = _FINDINGS[code]
    return {"what": what.format(*names), "code": code, "hint": hint.format(*names), "blocking": blocking}
