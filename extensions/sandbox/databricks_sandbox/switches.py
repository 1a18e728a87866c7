# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workspace may be like: options of the command, and settings of the control plane while it runs."""

from __future__ import annotations

import typing as t

from . import auth, seed_catalog
from .model import Workspace

# Name -> bool, or the values it may have; the first one is where nothing was said.
SWITCHES: dict[str, type[bool] | tuple[str, ...]] = {
    "no_tokens_yet": bool,
    "restrict_tokens_and_job_run_as": bool,
    "feature_tier": ("premium", "standard"),
    "account_users_hold": ("", "SELECT", "MODIFY"),
    "me_lists_system_groups": bool,
    "no_metastore_admin": bool,
    "forms": ("first", "second"),
    # What the account says of it (SDK provisioning.WorkspaceStatus); it answers all the same.
    "workspace_status": ("RUNNING", "NOT_PROVISIONED", "PROVISIONING", "FAILED", "BANNED", "CANCELLING"),
}


def fits(name: str, value: t.Any) -> bool:
    kind = SWITCHES[name]
    return isinstance(value, str) and value in kind if isinstance(kind, tuple) else isinstance(value, kind)


def values(name: str) -> tuple[str, ...]:
    """What a switch may be set to that is no yes or no."""
    kind = SWITCHES[name]
    return kind if isinstance(kind, tuple) else ()


def switch(workspace: Workspace, wish: dict[str, t.Any]) -> None:
    """Set what is named, and what follows from it. Nothing follows from a value that was there already."""
    for name, value in wish.items():
        if getattr(workspace, name) != value:
            before = {kind: workspace.system_group(kind) for kind in ("admins", "users")}
            setattr(workspace, name, value)
            if name in _FOLLOWS:
                _FOLLOWS[name](workspace, before)


def _no_tokens_yet(workspace: Workspace, _before: dict[str, str]) -> None:
    """Before its first token a workspace knows no permissions of tokens either (terraform-provider-databricks#1122)."""
    if workspace.no_tokens_yet:
        workspace.put_aside = (dict(workspace.tokens), dict(workspace.acls.get(auth.TOKENS, {})))
        workspace.tokens.clear()
        workspace.acls[auth.TOKENS] = {"admins": "CAN_MANAGE"}
    else:
        tokens, entries = workspace.put_aside
        workspace.tokens.update(tokens)
        workspace.acls[auth.TOKENS] = {**workspace.acls.get(auth.TOKENS, {}), **entries}
    workspace.had_token = not workspace.no_tokens_yet


def _account_users_hold(workspace: Workspace, _before: dict[str, str]) -> None:
    seed_catalog.share(workspace)


def _no_metastore_admin(workspace: Workspace, _before: dict[str, str]) -> None:
    """Workspaces that were enabled automatically may have none (Databricks docs, "Metastore admins")."""
    workspace.metastore_admins = set() if workspace.no_metastore_admin else {seed_catalog.METASTORE_ADMIN}


def _forms(workspace: Workspace, before: dict[str, str]) -> None:
    names = {old: workspace.system_group(kind) for kind, old in before.items()}
    for catalog in workspace.catalogs.values():
        catalog.owner = names.get(catalog.owner, catalog.owner)
        catalog.created_by = names.get(catalog.created_by, catalog.created_by)
    for schema in workspace.schemas.values():
        schema.owner = names.get(schema.owner, schema.owner)
    for rows in workspace.grants.values():
        for old in [name for name in rows if name in names]:
            rows[names[old]] = rows.pop(old)
    seed_catalog.information_schemas(workspace)


_FOLLOWS: dict[str, t.Callable[[Workspace, dict[str, str]], None]] = {
    "no_tokens_yet": _no_tokens_yet,
    "account_users_hold": _account_users_hold,
    "no_metastore_admin": _no_metastore_admin,
    "forms": _forms,
}
