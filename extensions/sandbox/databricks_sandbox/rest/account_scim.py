# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCIM of the account: users, service principals and groups, whichever workspaces they are in (SDK service/iam.py)."""

from __future__ import annotations

import contextlib
import typing as t

from ..account import Account
from ..errors import ApiError, ScimError
from ..http import Call, Reply, route
from ..model import Group
from . import scim, scim_patch
from .account_workspaces import BASE, for_admin

SCIM = f"{BASE}/scim/v2"


def _held(where: Account, kind: str) -> dict[str, t.Any]:
    find: dict[str, t.Callable[[], dict[str, t.Any]]] = {
        "Users": where.users,
        "ServicePrincipals": where.service_principals,
        "Groups": where.groups,
    }
    return find[kind]()


def _find(call: Call, where: Account, kind: str) -> t.Any:
    found = _held(where, kind).get(call.params["id"])
    if found is None:
        if kind == "ServicePrincipals":
            raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Service principal with id {call.params['id']} not found.")
        raise ScimError(404, f"{kind.removesuffix('s')} not found.")
    return found


def _create(call: Call, where: Account, kind: str) -> dict[str, t.Any]:
    """In no workspace yet, except a group, which Unity Catalog knows everywhere."""
    made: t.Any
    if kind == "Users":
        made = scim.new_user(call, [one.user_name for one in where.users().values()])
    elif kind == "ServicePrincipals":
        made = scim.new_service_principal(call, [one.application_id for one in where.service_principals().values()])
    else:
        made = scim.new_group(call, where.groups().values(), account_level=True)
    with _all(where):
        for workspace in where.workspaces:
            (workspace.groups if isinstance(made, Group) else workspace.account_only)[made.id] = made
    return scim.shape(call.workspace, made, of_account=True)


def _remove(call: Call, where: Account, kind: str) -> Reply:
    """From the account and from every workspace."""
    found = _find(call, where, kind)
    with _all(where):
        for workspace in where.workspaces:
            workspace.account_only.pop(found.id, None)
            scim.remove(workspace, found)
    return Reply(None, status=204, content=b"")


@contextlib.contextmanager
def _all(where: Account) -> t.Iterator[None]:
    with contextlib.ExitStack() as held:
        for workspace in where.workspaces:
            held.enter_context(workspace.lock)
        yield


def _change(call: Call, where: Account, kind: str, change: t.Callable[[Call, t.Any], t.Any]) -> Reply:
    found = _find(call, where, kind)
    with _all(where):
        change(call, found)
    return Reply(scim.shape(call.workspace, found, of_account=True))


def _register(kind: str) -> None:
    def admin(handler: t.Callable[[Call, Account], t.Any]) -> t.Callable[[Call], t.Any]:
        return lambda call: handler(call, for_admin(call))

    path, one = f"{SCIM}/{kind}", f"{SCIM}/{kind}/{{id}}"
    route("GET", path, scim=True)(
        admin(lambda call, where: scim.listing(call, _held(where, kind).values(), of_account=True))
    )
    route("POST", path, scim=True)(admin(lambda call, where: Reply(_create(call, where, kind), status=201)))
    route("GET", one, scim=True)(
        admin(
            lambda call, where: scim.only(call, scim.shape(call.workspace, _find(call, where, kind), of_account=True))
        )
    )
    route("PUT", one, scim=True)(admin(lambda call, where: _change(call, where, kind, scim.replace)))
    route("PATCH", one, scim=True)(admin(lambda call, where: _change(call, where, kind, scim_patch.patch)))
    route("DELETE", one, scim=True)(admin(lambda call, where: _remove(call, where, kind)))


for _kind in ("Users", "ServicePrincipals", "Groups"):
    _register(_kind)
