# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Three answers about the rights on a catalog: held, not held, could not be established. No request is made here."""

from __future__ import annotations

import typing as t

from .._api.principals import ACCOUNT_USERS
from .._common.json_types import Json

# The group that owns the catalog of a workspace; the rest of its name has more than one form, and no answer lists its
# members (Databricks docs, "Admin privileges in Unity Catalog"; the forms are from reports of live workspaces).
SYSTEM_ADMINS = "_workspace_admins"


class Rights(t.NamedTuple):
    """What the caller may do with a catalog; None where that could not be established."""

    use: bool | None = None
    create_schemas: bool | None = None
    grant: bool | None = None


def names_of(caller: Json) -> set[str]:
    """All names, in lower case, under which the caller may be granted something."""
    return {name.lower() for name in (caller["user_name"], *caller["groups"], ACCOUNT_USERS) if name}


def owns(caller: Json, owner: str | None) -> bool:
    """Whether the caller owns something, by name, by group, or as an administrator through the system group."""
    wanted = (owner or "").lower()
    if not wanted:
        return False
    return wanted in names_of(caller) or (bool(caller["admin"]) and wanted.startswith(SYSTEM_ADMINS))


def on_catalog(
    caller: Json, owner: str | None, rows: t.Iterable[tuple[str, str]] = (), metastore_owner: str | None = None
) -> Rights:
    """The rights that can be shown. What cannot be shown is not absent: nested groups, system groups and the role of
    the metastore administrator give rights that no list of names tells.

    :param rows: (principal, privilege) of the effective privileges, as far as they could be read
    :param metastore_owner: who administers the metastore, as far as that could be read
    """
    if owns(caller, owner):
        return Rights(True, True, True)
    names = names_of(caller)
    held = {privilege for principal, privilege in rows if principal.lower() in names}
    every = "ALL_PRIVILEGES" in held
    metastore_admin = owns(caller, metastore_owner)
    return Rights(
        use=every or "USE_CATALOG" in held or None,
        create_schemas=every or "CREATE_SCHEMA" in held or metastore_admin or None,
        # ALL PRIVILEGES does not include MANAGE (Databricks docs, "REVOKE").
        grant="MANAGE" in held or metastore_admin or None,
    )
