# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A workspace as JSON in a fixed order, without secrets; and the part of it that was there from the start."""

from __future__ import annotations

import typing as t

from . import auth, switches
from .masking import masked, sha256
from .model import OAuthSecret, Token, Workspace

# What changes by itself (use, time, statements that run) says nothing about who touched an object.
_RESTLESS = {"live", "last_used_ms", "last_used_day", "updated_at", "updated_by", "state", "num_active_sessions"}


def _who(workspace: Workspace, identity_id: str) -> str:
    identity = workspace.identity(identity_id)
    return identity.principal if identity else identity_id


def _token(workspace: Workspace, token: Token) -> dict[str, t.Any]:
    owner = workspace.identity(token.owner_id)
    live = auth.is_live(workspace, token) and owner is not None and owner.active
    return {
        "token_id": token.token_id,
        "owner": _who(workspace, token.owner_id),
        "owner_id": token.owner_id,
        "created_by": _who(workspace, token.created_by_id),
        "comment": token.comment,
        "scopes": sorted(token.scopes),
        "creation_time": token.creation_time,
        "expiry_time": token.expiry_time,
        "live": live,
        "last_used_ms": token.last_used_ms,
        "sha256": sha256(token.value),
    }


def _oauth_secret(workspace: Workspace, secret: OAuthSecret) -> dict[str, t.Any]:
    return {
        "id": secret.id,
        "owner": _who(workspace, secret.owner_id),
        "owner_id": secret.owner_id,
        "create_time": secret.create_time,
        "expire_time": secret.expire_time,
        "live": secret.expire_time > workspace.clock.now(),
        "sha256": sha256(secret.secret),
    }


def _plain(item: t.Any) -> dict[str, t.Any]:
    """A dataclass as JSON; sets become sorted lists."""
    return {name: sorted(value) if isinstance(value, (set, frozenset)) else value for name, value in vars(item).items()}


def _rows(items: t.Iterable[t.Any], *order: str) -> list[dict[str, t.Any]]:
    return sorted((_plain(item) for item in items), key=lambda row: [str(row[name]) for name in order])


def _named(items: t.Iterable[t.Any]) -> list[dict[str, t.Any]]:
    """Rows of what lies in a catalog, with their full names."""
    return [{"full_name": item.full_name, **_plain(item)} for item in sorted(items, key=lambda item: item.full_name)]


def _json_safe(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {k if isinstance(k, str) else ".".join(map(str, k)) if isinstance(k, tuple) else str(k): _json_safe(v)
                for k, v in sorted(value.items(), key=lambda kv: str(kv[0]))}  # fmt: skip
    if isinstance(value, (set, frozenset)):
        return sorted(_json_safe(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [_json_safe(item) for item in value]
    if isinstance(value, bytes):
        return {"sha256": sha256(value.decode("latin-1"))}
    if hasattr(value, "__dict__"):
        return _json_safe(_plain(value))
    return value


def _secret_scopes(workspace: Workspace) -> list[dict[str, t.Any]]:
    return [
        {
            "name": name,
            "acls": dict(sorted(scope["acls"].items())),
            "secrets": [
                {"key": key, "sha256": secret["sha256"], "last_updated_timestamp": secret["last_updated_timestamp"]}
                for key, secret in sorted(scope["secrets"].items())
            ],
        }
        for name, scope in sorted(workspace.secret_scopes.items())
    ]


def state(workspace: Workspace) -> dict[str, t.Any]:
    """Everything. The keys are a contract with those who look in from outside."""
    whole = _whole(workspace)
    return masked(workspace, {**whole, "bystanders": bystanders(workspace, whole)})


def _whole(workspace: Workspace) -> dict[str, t.Any]:
    whole = {
        "cloud": workspace.cloud,
        "unity_catalog": workspace.unity_catalog,
        "workspace_id": workspace.workspace_id,
        "account_id": workspace.account_id,
        "metastore_id": workspace.metastore_id,
        "metastore_admins": sorted(workspace.metastore_admins),
        "workspace_catalog": workspace.workspace_catalog,
        "system_groups": {kind: workspace.system_group(kind) for kind in workspace.system_group_ids},
        "switches": {name: getattr(workspace, name) for name in switches.SWITCHES},
        "ip_access_lists": [dict(row) for _id, row in sorted(workspace.ip_access_lists.items())],
        "rule_sets": [
            {"name": name, "grant_rules": rows["grant_rules"]} for name, rows in sorted(workspace.rule_sets.items())
        ],
        "clock": {"now_ms": workspace.clock.now_ms(), "advanced_seconds": workspace.clock.offset},
        "conf": dict(sorted(workspace.conf.items())),
        "warehouse_config": _json_safe(workspace.warehouse_config),
        "users": _rows(workspace.users.values(), "user_name"),
        "service_principals": _rows(workspace.service_principals.values(), "display_name", "application_id"),
        "groups": _rows(workspace.groups.values(), "display_name"),
        "system_principals": sorted(workspace.system_principals),
        "account_only": _rows(workspace.account_only.values(), "id"),
        "tokens": sorted(
            (_token(workspace, token) for token in workspace.tokens.values()),
            key=lambda row: (row["creation_time"], row["token_id"]),
        ),
        "oauth_secrets": sorted(
            (_oauth_secret(workspace, secret) for secret in workspace.oauth_secrets.values()),
            key=lambda row: row["id"],
        ),
        "warehouses": _rows(workspace.warehouses.values(), "name", "id"),
        "permissions": {"/".join(obj): dict(sorted(acl.items())) for obj, acl in sorted(workspace.acls.items())},
        "catalogs": _rows(workspace.catalogs.values(), "name"),
        "schemas": _named(workspace.schemas.values()),
        "tables": _named(workspace.tables.values()),
        "volumes": _named(workspace.volumes.values()),
        "external_locations": _rows(workspace.external_locations.values(), "name"),
        "grants": {
            "/".join(securable): {who: sorted(privileges) for who, privileges in sorted(rows.items()) if privileges}
            for securable, rows in sorted(workspace.grants.items())
            if any(rows.values())
        },
        "secret_scopes": _secret_scopes(workspace),
        "hive": workspace.hive,
    }
    return _json_safe(whole)


# How the rows of each list are told apart.
_KEYS = {
    "users": ("id",),
    "service_principals": ("id",),
    "groups": ("id",),
    "tokens": ("token_id",),
    "oauth_secrets": ("id",),
    "warehouses": ("id",),
    "catalogs": ("name",),
    "schemas": ("catalog_name", "name"),
    "tables": ("catalog_name", "schema_name", "name"),
    "external_locations": ("name",),
    "secret_scopes": ("name",),
    "ip_access_lists": ("list_id",),
    "rule_sets": ("name",),
}


def _key(kind: str, row: dict[str, t.Any]) -> list[str]:
    return [str(row[name]) for name in _KEYS[kind]]


def seeded_keys(workspace: Workspace) -> dict[str, t.Any]:
    """What to look at later: taken once, when the seed has just been laid."""
    whole = _whole(workspace)
    keys: dict[str, t.Any] = {kind: [_key(kind, row) for row in whole[kind]] for kind in _KEYS}
    keys["identities"] = sorted([*workspace.users, *workspace.service_principals, *workspace.groups])
    keys["principals"] = sorted(
        {
            i.principal.lower()
            for d in (workspace.users, workspace.service_principals, workspace.groups)
            for i in d.values()
        }
        | {"account users", *(workspace.system_group(kind).lower() for kind in workspace.system_group_ids)}
    )
    keys["objects"] = {kind: list(whole[kind]) for kind in ("permissions", "grants")}
    return keys


def bystanders(workspace: Workspace, whole: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
    """The seeded part: equal before and after any run that minded its own business."""
    keys, whole = workspace.seeded, whole or _whole(workspace)
    found: dict[str, t.Any] = {}
    for kind in _KEYS:
        rows = [row for row in whole[kind] if _key(kind, row) in keys[kind]]
        found[kind] = [{k: v for k, v in row.items() if k not in _RESTLESS} for row in rows]
    for group in found["groups"]:
        if group["display_name"] == "users":  # everybody enters it by being created
            group["members"] = [member for member in group["members"] if member in keys["identities"]]
    for kind in ("permissions", "grants"):
        # A new principal's row on an old object is no change to anybody else; a row of an old one is, wherever it is.
        rows_of = {obj: {who: x for who, x in rows.items() if who.lower() in keys["principals"]}
                   for obj, rows in whole[kind].items()}  # fmt: skip
        found[kind] = {obj: rows for obj, rows in rows_of.items() if obj in keys["objects"][kind]}
    found |= {kind: whole[kind] for kind in ("conf", "warehouse_config")}
    return found
