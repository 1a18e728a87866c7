# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what in Unity Catalog.

Sources: Databricks docs, "Unity Catalog privileges reference" and "Manage privileges".
"""

from __future__ import annotations

import typing as t

from .errors import ApiError
from .model import (
    Catalog,
    ExternalLocation,
    Identity,
    Schema,
    Securable,
    ServicePrincipal,
    Table,
    Volume,
    Workspace,
)

SYSTEM_GROUPS = ("_workspace_admins_", "_workspace_users_")
INFORMATION_SCHEMA = "information_schema"
# What ALL PRIVILEGES never stands for.
NOT_COVERED = frozenset({"MANAGE", "EXTERNAL_USE_SCHEMA", "EXTERNAL_USE_LOCATION"})

# INSERT, UPDATE and DELETE are parts of MODIFY (Databricks docs, "Fine-grained DML privileges", beta).
DML = frozenset({"INSERT", "UPDATE", "DELETE"})
_TABLE = frozenset({"ALL_PRIVILEGES", "APPLY_TAG", "MANAGE", "MODIFY", "SELECT"}) | DML
_IN_SCHEMA = frozenset(
    {
        "CREATE_FUNCTION",
        "CREATE_MATERIALIZED_VIEW",
        "CREATE_MODEL",
        "CREATE_MODEL_VERSION",  # databricks-sdk-py#1022
        "CREATE_TABLE",
        "CREATE_VOLUME",
        "EXECUTE",
        "EXTERNAL_USE_SCHEMA",
        "READ_VOLUME",
        "REFRESH",
        "USE_SCHEMA",
        "WRITE_VOLUME",
    }
)
APPLICABLE: dict[str, frozenset[str]] = {
    "table": _TABLE,
    "schema": _TABLE | _IN_SCHEMA,
    "catalog": _TABLE | _IN_SCHEMA | {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"},
    "metastore": frozenset(
        {
            "CREATE_CATALOG",
            "CREATE_CLEAN_ROOM",
            "CREATE_CONNECTION",
            "CREATE_EXTERNAL_LOCATION",
            "CREATE_MATERIALIZED_VIEW",
            "CREATE_PROVIDER",
            "CREATE_RECIPIENT",
            "CREATE_SERVICE_CREDENTIAL",
            "CREATE_SHARE",
            "CREATE_STORAGE_CREDENTIAL",
            "MANAGE_ALLOWLIST",
            "READ_METADATA",
            "SET_SHARE_PERMISSION",
            "USE_CONNECTION",
            "USE_MARKETPLACE_ASSETS",
            "USE_PROVIDER",
            "USE_RECIPIENT",
            "USE_SHARE",
        }
    ),
    "volume": frozenset({"ALL_PRIVILEGES", "APPLY_TAG", "MANAGE", "READ_VOLUME", "WRITE_VOLUME"}),
    "function": frozenset({"ALL_PRIVILEGES", "EXECUTE", "MANAGE"}),
    "external_location": frozenset(
        {
            "ALL_PRIVILEGES",
            "BROWSE",
            "CREATE_EXTERNAL_TABLE",
            "CREATE_EXTERNAL_VOLUME",
            "CREATE_FOREIGN_SECURABLE",
            "CREATE_MANAGED_STORAGE",
            "EXTERNAL_USE_LOCATION",
            "MANAGE",
            "READ_FILES",
            "WRITE_FILES",
        }
    ),
}
KNOWN = frozenset().union(*APPLICABLE.values())
_IN_SCHEMAS = ("table", "volume", "function")  # what lies in a schema
_ENTITY = {
    "catalog": "CATALOG/CATALOG_STANDARD",
    "schema": "SCHEMA/SCHEMA_STANDARD",
    "table": "TABLE/TABLE_STANDARD",
    "metastore": "METASTORE/METASTORE_STANDARD",
    "volume": "VOLUME/VOLUME_STANDARD",
    "function": "FUNCTION/FUNCTION_STANDARD",
    "external_location": "EXTERNAL_LOCATION/EXTERNAL_LOCATION_STANDARD",
}


class Held(t.NamedTuple):
    """One privilege, and the securable it was granted on."""

    privilege: str
    source: Securable


def spelled(text: str) -> str:
    """The REST spelling; blanks are accepted on input (terraform-provider-databricks, NormalizePrivilege)."""
    return text.strip().upper().replace(" ", "_")


def checked(kind: str, text: t.Any) -> str:
    """The privilege in REST spelling.

    :raises ApiError: 400, if it cannot be granted on this kind of securable
    """
    privilege = spelled(str(text))
    if privilege not in APPLICABLE[kind]:
        raise ApiError(
            400,
            "INVALID_PARAMETER_VALUE",
            f"Privilege {text} is not applicable to this entity [{_ENTITY[kind]}]. If this seems unexpected, please "
            "check the privilege version of the metastore in use [1.0].",
        )
    return privilege


def chain(workspace: Workspace, securable: Securable) -> list[Securable]:
    """The securable and what it lies in, innermost first."""
    kind, name = securable
    found = [securable]
    parts = name.split(".")
    if kind in _IN_SCHEMAS:
        found.append(("schema", ".".join(parts[:2])))
    if kind in (*_IN_SCHEMAS, "schema"):
        found.append(("catalog", parts[0]))
    return found


def owner(workspace: Workspace, securable: Securable) -> str:
    kind, name = securable
    owned: dict[str, t.Mapping[str, Catalog | Schema | Table | Volume | ExternalLocation]] = {
        "catalog": workspace.catalogs,
        "schema": workspace.schemas,
        "table": workspace.tables,
        "volume": workspace.volumes,
        "external_location": workspace.external_locations,
    }
    holder = owned.get(kind, {}).get(name)
    return holder.owner if holder else ""


def is_information_schema(securable: Securable) -> bool:
    """It belongs to the service: nobody else owns it or what is in it, not even by owning the catalog."""
    return securable[0] in ("schema", *_IN_SCHEMAS) and securable[1].split(".")[1] == INFORMATION_SCHEMA


def owns(workspace: Workspace, identity: Identity, securable: Securable) -> bool:
    return owner(workspace, securable).lower() in workspace.principals_of(identity)


def owns_from_above(workspace: Workspace, identity: Identity, securable: Securable) -> bool:
    """Whether the identity owns the securable or something it lies in."""
    if is_information_schema(securable):
        return False
    return any(owns(workspace, identity, one) for one in chain(workspace, securable))


def is_metastore_admin(workspace: Workspace, identity: Identity) -> bool:
    names = workspace.principals_of(identity)
    return any(admin.lower() in names for admin in workspace.metastore_admins)


def direct(workspace: Workspace, securable: Securable) -> dict[str, set[str]]:
    """Principal -> privileges granted on the securable itself."""
    return workspace.grants.get(securable, {})


def effective(workspace: Workspace, securable: Securable) -> dict[str, list[Held]]:
    """Principal -> privileges that count on the securable, its own ones and inherited ones that can count there."""
    kind = securable[0]
    found: dict[str, list[Held]] = {}
    for source in chain(workspace, securable):
        for principal, privileges in direct(workspace, source).items():
            passing = [p for p in privileges if source == securable or p in APPLICABLE[kind] or p.startswith("USE_")]
            found.setdefault(principal, []).extend(Held(p, source) for p in sorted(passing))
    return found


def held_by(workspace: Workspace, identity: Identity, securable: Securable) -> set[str]:
    """What the identity holds by grants, to it or to its account groups, with inheritance."""
    names = workspace.principals_of(identity)
    return {
        held.privilege
        for principal, rows in effective(workspace, securable).items()
        if principal.lower() in names
        for held in rows
    }


def may(workspace: Workspace, identity: Identity, privilege: str, securable: Securable) -> bool:
    """Whether the identity has a privilege on a securable, as its owner or by grants. Owning a parent is not enough."""
    if is_information_schema(securable):
        return privilege in ("USE_SCHEMA", "SELECT")
    if owns(workspace, identity, securable):
        return True
    held = held_by(workspace, identity, securable)
    return privilege in held or ("ALL_PRIVILEGES" in held and privilege not in NOT_COVERED)


def administers(workspace: Workspace, identity: Identity, securable: Securable) -> bool:
    """Whether the identity may change who has access: owner, metastore admin, or MANAGE with the way in."""
    if is_information_schema(securable):
        return False
    if is_metastore_admin(workspace, identity) or owns_from_above(workspace, identity, securable):
        return True
    return (
        "MANAGE" in held_by(workspace, identity, securable) and missing_way_in(workspace, identity, securable) is None
    )


def lacking(workspace: Workspace, identity: Identity, privilege: str, securable: Securable) -> str:
    """The sentence about a privilege that is missing. It names User, or the principal: both were reported."""
    kind, name = securable
    who = "User"
    if workspace.second_form:
        who = f"Principal '{identity.display_name if isinstance(identity, ServicePrincipal) else identity.principal}'"
    return f"{who} does not have {privilege.replace('_', ' ')} on {spelled_kind(kind)} '{name}'."


def spelled_kind(kind: str) -> str:
    """As sentences have it: Schema, External Location."""
    return kind.replace("_", " ").title()


def inaccessible(workspace: Workspace, catalog: Catalog) -> str | None:
    """The sentence about a catalog that is bound to other workspaces only, whoever asks; or None.

    terraform-provider-databricks#2446, and several public reports of PERMISSION_DENIED with this sentence.
    """
    if catalog.isolation_mode == "ISOLATED" and workspace.workspace_id not in catalog.bound_to:
        return f"Catalog '{catalog.name}' is not accessible in current workspace"
    return None


def may_browse(workspace: Workspace, identity: Identity, securable: Securable) -> bool:
    """BROWSE is granted on catalogs and lets everything inside be seen (Databricks docs, privileges reference)."""
    catalog = ("catalog", securable[1].split(".")[0])
    return bool({"BROWSE", "ALL_PRIVILEGES"} & held_by(workspace, identity, catalog))


def missing_way_in(workspace: Workspace, identity: Identity, securable: Securable) -> str | None:
    """The sentence that says which USE privilege is missing to reach the securable, or None."""
    for kind, name in reversed(chain(workspace, securable)):
        if kind == "catalog" and not may(workspace, identity, "USE_CATALOG", (kind, name)):
            return lacking(workspace, identity, "USE_CATALOG", (kind, name))
        # The owner of the catalog gets into its schemas: it could grant itself the privilege.
        if (
            kind == "schema"
            and not may(workspace, identity, "USE_SCHEMA", (kind, name))
            and not owns(workspace, identity, ("catalog", name.split(".")[0]))
        ):
            return lacking(workspace, identity, "USE_SCHEMA", (kind, name))
    return None


def denied(message: str, kind: str = "", name: str = "", principal: str = "") -> ApiError:
    """403 with the details that Unity Catalog sends (Azure/spark-cdm-connector#149)."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "PERMISSION_DENIED",
        "domain": "unity-catalog.databricks.com",
        "metadata": {"principalName": principal, "msg": message, "resourceType": kind.upper(), "resourceName": name},
    }
    return ApiError(403, "PERMISSION_DENIED", message, details=[info])


def need(workspace: Workspace, identity: Identity, privilege: str, securable: Securable) -> None:
    """Refuse a REST call whose caller lacks a privilege or the way to the securable."""
    kind, name = securable
    message = missing_way_in(workspace, identity, securable)
    if message is None and not may(workspace, identity, privilege, securable):
        message = lacking(workspace, identity, privilege, securable)
    if message:
        raise denied(message, kind, name, identity.principal)


def resolve_principal(workspace: Workspace, name: t.Any, kind: str = "catalog") -> str:
    """The principal as Unity Catalog knows it: e-mail, application id, or account group.

    :param kind: of the securable that it is about
    :raises ApiError: 400 for groups that the service keeps; 404 for display names, workspace-local groups,
        and identities it has not heard of yet
    """
    text = str(name or "")
    if text.lower().startswith(SYSTEM_GROUPS):
        # Publicly reported of such groups; the code is not.
        raise ApiError(
            400, "INVALID_PARAMETER_VALUE", f"Cannot grant privileges on {kind} to system generated group {text}"
        )
    # Which status goes with the code is not known.
    status = 400 if workspace.second_form else 404
    unknown = ApiError(status, "PRINCIPAL_DOES_NOT_EXIST", f"Could not find principal with name {text}")
    if text.lower() == "account users":
        return "account users"
    identity = workspace.identity_by_principal(text)
    if identity is None:
        for group in workspace.groups.values():
            if group.account_level and group.display_name.lower() == text.lower():
                return group.display_name
        raise unknown
    left = workspace.unknown_to_uc.get(identity.principal, 0)
    if left > 0:
        workspace.unknown_to_uc[identity.principal] = left - 1
        raise unknown
    return identity.principal


def change(workspace: Workspace, securable: Securable, principal: str, add: set[str], remove: set[str]) -> None:
    """Remove first, then add; ALL PRIVILEGES takes along what it stands for (Databricks docs, REVOKE)."""
    rows = workspace.grants.setdefault(securable, {})
    stored = next((name for name in rows if name.lower() == principal.lower()), principal)
    held = rows.get(stored, set())
    if "ALL_PRIVILEGES" in remove:
        held = {privilege for privilege in held if privilege in NOT_COVERED}
    held = (held - remove) | add
    if held:
        rows[stored] = held
    else:
        rows.pop(stored, None)
    if not rows:
        workspace.grants.pop(securable, None)
