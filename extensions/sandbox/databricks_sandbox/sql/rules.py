# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a caller needs for what, in Unity Catalog and in hive_metastore; every statement asks here."""

from __future__ import annotations

from .. import privileges
from ..model import Identity, Securable, Workspace
from . import refusals

HIVE = "hive_metastore"
HIVE_PRIVILEGES = frozenset(
    {
        "SELECT",
        "CREATE",
        "MODIFY",
        "USAGE",
        "READ_METADATA",
        "CREATE_NAMED_FUNCTION",
        "MODIFY_CLASSPATH",
        "ALL PRIVILEGES",
    }
)


def is_hive(securable: Securable) -> bool:
    return securable[1].split(".")[0] == HIVE


def need(workspace: Workspace, identity: Identity, privilege: str, securable: Securable) -> None:
    """Refuse unless the identity has the privilege and the way to the securable.

    :param privilege: in REST spelling of Unity Catalog; translated for hive_metastore
    """
    if is_hive(securable):
        _need_hive(workspace, identity, privilege, securable)
        return
    sentence = privileges.missing_way_in(workspace, identity, securable)
    if sentence:
        raise refusals.denied(sentence)
    if not privileges.may(workspace, identity, privilege, securable):
        sentence = privileges.lacking(workspace, identity, privilege, securable)
        # Both classes were reported for these three; what is about reading and getting in has one.
        if workspace.second_form and privilege in ("CREATE_SCHEMA", "CREATE_TABLE", "MODIFY"):
            raise refusals.unauthorized(sentence)
        raise refusals.denied(sentence)


def need_owner(workspace: Workspace, identity: Identity, securable: Securable) -> None:
    """Refuse unless the identity owns the securable or something it lies in."""
    if is_hive(securable) and workspace.is_admin(identity):
        return
    sentence = None if is_hive(securable) else privileges.missing_way_in(workspace, identity, securable)
    # MANAGE stands in for owning (Databricks docs, "Unity Catalog privileges reference").
    manages = (
        not is_hive(securable)
        and not privileges.is_information_schema(securable)
        and "MANAGE" in privileges.held_by(workspace, identity, securable)
    )
    if sentence is None and not manages and not privileges.owns_from_above(workspace, identity, securable):
        sentence = f"User is not an owner of {securable[0].capitalize()} '{securable[1]}'."
    if sentence:
        raise refusals.denied(sentence)


def may_see_schema(workspace: Workspace, identity: Identity, full_name: str) -> bool:
    securable = ("schema", full_name)
    if is_hive(securable):
        # "Discover the securable object in SHOW" (Databricks docs, privileges in the Hive metastore).
        return "READ_METADATA" in _hive_held(workspace, identity, securable)
    catalog = ("catalog", full_name.split(".")[0])
    if not privileges.may(workspace, identity, "USE_CATALOG", catalog):
        return False
    return (
        privileges.may(workspace, identity, "USE_SCHEMA", securable)
        or privileges.owns(workspace, identity, catalog)
        or privileges.is_metastore_admin(workspace, identity)
    )


def may_grant(workspace: Workspace, identity: Identity, securable: Securable) -> bool:
    if is_hive(securable):
        return workspace.is_admin(identity) or any(
            privileges.owns(workspace, identity, one) for one in privileges.chain(workspace, securable)
        )
    return privileges.administers(workspace, identity, securable)


# What Unity Catalog's privileges are called in hive_metastore (databrickslabs/ucx, hive_metastore/grants.py).
_HIVE_NAME = {
    "USE_SCHEMA": "USAGE",
    "CREATE_TABLE": "CREATE",
    "CREATE_SCHEMA": "CREATE",
    "SELECT": "SELECT",
    "MODIFY": "MODIFY",
    "READ_METADATA": "READ_METADATA",
}


def _hive_held(workspace: Workspace, identity: Identity, securable: Securable) -> set[str]:
    """Groups of hive_metastore are those of the workspace; privileges are inherited downward."""
    names = {identity.principal.lower()} | {name.lower() for name in workspace.groups_of(identity.id)}
    above = privileges.chain(workspace, securable)
    if workspace.is_admin(identity) or any(privileges.owner(workspace, one).lower() in names for one in above):
        return set(HIVE_PRIVILEGES)
    held: set[str] = set()
    for one in above:
        for principal, found in workspace.grants.get(one, {}).items():
            if principal.lower() in names:
                held |= found
    return set(HIVE_PRIVILEGES) if "ALL PRIVILEGES" in held else held


def _need_hive(workspace: Workspace, identity: Identity, privilege: str, securable: Securable) -> None:
    wanted = _HIVE_NAME.get(privilege)
    if wanted is None:
        return  # no catalog-level privilege is needed there
    kind, name = securable
    held = _hive_held(workspace, identity, securable)
    missing = [
        one
        for one in dict.fromkeys((wanted, "USAGE"))
        if one not in held and not (kind == "catalog" and one == "USAGE")
    ]
    if missing:
        place = (
            "CATALOG" if kind == "catalog" else f"{'database' if kind == 'schema' else kind} `{name.split('.', 1)[-1]}`"
        )
        raise refusals.denied(f"User does not have permission {','.join(sorted(missing))} on {place}.")
