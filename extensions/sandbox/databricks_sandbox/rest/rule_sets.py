# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles on service principals (SDK AccountAccessControlProxyAPI; Databricks docs, "Roles for managing service
principals"), and the setting that makes them count when tokens are made (SDK RestrictWorkspaceAdminsAPI).
"""

from __future__ import annotations

import re
import typing as t

from ..errors import ApiError
from ..http import Call, route
from ..masking import sha256
from ..model import Identity, ServicePrincipal, User, Workspace

BASE = "/api/2.0/preview/accounts/access-control"
SETTING = "/api/2.0/settings/types/restrict_workspace_admins/names/default"
USER, MANAGER = "roles/servicePrincipal.user", "roles/servicePrincipal.manager"
_NAME = re.compile(r"accounts/([^/]+)/servicePrincipals/([^/]+)/ruleSets/default")


def _name(workspace: Workspace, principal: ServicePrincipal) -> str:
    return f"accounts/{workspace.account_id}/servicePrincipals/{principal.application_id}/ruleSets/default"


def _rules(workspace: Workspace, name: str) -> list[dict[str, t.Any]]:
    rules: list[dict[str, t.Any]] = workspace.rule_sets.get(name, {}).get("grant_rules", [])
    return rules


def _holds(workspace: Workspace, identity: Identity, principal: ServicePrincipal, role: str) -> bool:
    """Directly or through an account group."""
    kind = "users" if isinstance(identity, User) else "servicePrincipals"
    groups = {group.display_name for group in workspace.groups.values() if group.account_level}
    names = {f"{kind}/{identity.principal}".lower()}
    names |= {f"groups/{name}".lower() for name in workspace.groups_of(identity.id) & groups}
    return any(
        rule["role"] == role and names & {one.lower() for one in rule.get("principals", [])}
        for rule in _rules(workspace, _name(workspace, principal))
    )


def may_use(workspace: Workspace, identity: Identity, principal: ServicePrincipal) -> bool:
    """The manager's role does not stand in for the user's (Databricks docs)."""
    return _holds(workspace, identity, principal, USER)


def created(workspace: Workspace, principal: ServicePrincipal, creator: Identity) -> None:
    """Whoever creates a service principal manages it, and nothing more (Databricks docs). One that comes back to this
    workspace has its rules still.
    """
    kind = "users" if isinstance(creator, User) else "servicePrincipals"
    rule = {"principals": [f"{kind}/{creator.principal}"], "role": MANAGER}
    workspace.rule_sets.setdefault(_name(workspace, principal), {"grant_rules": [rule], "version": 1})


def deleted(workspace: Workspace, principal: ServicePrincipal) -> None:
    workspace.rule_sets.pop(_name(workspace, principal), None)


def _etag(name: str, version: int) -> str:
    return f"RENUAAAB{sha256(f'{name}@{version}')[:32]}=="


def _shown(workspace: Workspace, name: str) -> dict[str, t.Any]:
    rules = _rules(workspace, name)
    answer = {"name": name, "etag": _etag(name, workspace.rule_sets.get(name, {}).get("version", 0))}
    return {**answer, "grant_rules": rules} if rules else answer


def _managed(call: Call, name: t.Any) -> str:
    """The name as it is kept, for somebody who manages the service principal."""
    match = _NAME.fullmatch(str(name or ""))
    if not match or match[1] != call.workspace.account_id:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"The sandbox knows no rule set {name}.")
    found = call.workspace.identity_by_principal(match[2])
    if not isinstance(found, ServicePrincipal):
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Service principal {match[2]} does not exist.")
    if not _holds(call.workspace, call.me, found, MANAGER):
        raise ApiError(
            403, "PERMISSION_DENIED", f"{call.me.principal} is not a manager of service principal {match[2]}."
        )
    return _name(call.workspace, found)


@route("GET", f"{BASE}/rule-sets")
def get(call: Call) -> dict[str, t.Any]:
    if call.one("etag") is None:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "etag is required; it may be empty.")
    return _shown(call.workspace, _managed(call, call.one("name")))


@route("PUT", f"{BASE}/rule-sets")
def put(call: Call) -> dict[str, t.Any]:
    """Replaces all rules, of the version that the caller has seen only."""
    workspace, wish = call.workspace, call.body.get("rule_set")
    if not isinstance(wish, dict) or wish.get("name") != call.body.get("name"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "rule_set is required, and its name is that of the request.")
    name = _managed(call, call.body.get("name"))
    held = workspace.rule_sets.get(name, {"grant_rules": [], "version": 0})
    if wish.get("etag") != _etag(name, held["version"]):
        raise ApiError(409, "RESOURCE_CONFLICT", "The rule set was changed by somebody else; read it again.")
    rules = [_rule(workspace, rule) for rule in wish.get("grant_rules") or []]
    workspace.rule_sets[name] = {"grant_rules": rules, "version": held["version"] + 1}
    return _shown(workspace, name)


def _rule(workspace: Workspace, rule: t.Any) -> dict[str, t.Any]:
    if not isinstance(rule, dict) or rule.get("role") not in (USER, MANAGER):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"A rule has one of the roles {USER} and {MANAGER}.")
    principals = rule.get("principals") or []
    for one in principals:
        kind, _slash, name = str(one).partition("/")
        known = {
            "users": lambda name: isinstance(workspace.identity_by_principal(name), User),
            "servicePrincipals": lambda name: isinstance(workspace.identity_by_principal(name), ServicePrincipal),
            "groups": lambda name: any(g.account_level and g.display_name == name for g in workspace.groups.values()),
        }.get(kind)
        if known is None or not known(name):
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Principal {one} does not exist in the account.")
    return {"principals": list(principals), "role": rule["role"]}


@route("GET", SETTING)
def setting(call: Call) -> dict[str, t.Any]:
    call.need_admin("The setting")
    status = "RESTRICT_TOKENS_AND_JOB_RUN_AS" if call.workspace.restrict_tokens_and_job_run_as else "ALLOW_ALL"
    return {
        "etag": _etag("restrict_workspace_admins", len(status)),
        "restrict_workspace_admins": {"status": status},
        "setting_name": "default",
    }
