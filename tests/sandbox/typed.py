# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the SDK's dataclasses make of an answer: what they lose of it, and what they miss in it.

A dataclass drops an enumeration value and a field that it does not know, and leaves None where a field is missing, all
without a word. So every JSON object that the SDK reads is kept and compared with what became of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import re
import typing as t

_MODULES = ("catalog", "compute", "iam", "iamv2", "oauth2", "provisioning", "settings", "sql", "workspace")
# What the service gives in every answer, as far as its documentation, live tests and captures show (FIDELITY.md).
ALWAYS: dict[str, frozenset[str]] = {
    "CatalogInfo": frozenset(["name", "owner", "metastore_id", "catalog_type", "created_at", "full_name"]),
    "SchemaInfo": frozenset(["name", "catalog_name", "full_name", "owner", "metastore_id", "schema_id", "created_at"]),
    "TableInfo": frozenset(["name", "full_name", "owner", "table_type", "table_id", "metastore_id"]),
    "VolumeInfo": frozenset(["name", "full_name", "volume_type", "volume_id", "owner"]),
    "ServicePrincipal": frozenset(["id", "application_id", "display_name", "active"]),
    "User": frozenset(["id", "user_name"]),
    "Group": frozenset(["id", "display_name"]),
    "EndpointInfo": frozenset(["id", "name", "state", "cluster_size", "creator_name", "odbc_params", "warehouse_type"]),
    "GetWarehouseResponse": frozenset(["id", "name", "state", "cluster_size", "odbc_params", "warehouse_type"]),
    "PublicTokenInfo": frozenset(["token_id", "creation_time", "expiry_time"]),
    "TokenInfo": frozenset(["token_id", "creation_time", "created_by_id", "created_by_username", "owner_id"]),
    "ObjectPermissions": frozenset(["object_id", "object_type", "access_control_list"]),
    "StatementResponse": frozenset(["statement_id", "status"]),
    "ColumnInfo": frozenset(["name", "type_text", "type_name", "position"]),
    "SecretScope": frozenset(["name", "backend_type"]),
    "AclItem": frozenset(["principal", "permission"]),
    "IpAccessListInfo": frozenset(["list_id", "label", "list_type", "ip_addresses", "enabled"]),
    "QueryInfo": frozenset(["query_id", "status", "query_text", "warehouse_id", "statement_type"]),
    "MetastoreInfo": frozenset(["name", "metastore_id", "owner"]),
    "Workspace": frozenset(["workspace_id", "workspace_name", "workspace_status", "cloud"]),
}


_MORE = "captured answers have more than the SDK knows (FIDELITY.md: fields of catalogs and schemas)"
_WAREHOUSE = "captured answers of the service have it; the SDK never knew it"
# What the service is known to send although the SDK does not read it.
KNOWN: dict[str, str] = {
    **dict.fromkeys(
        [
            f"{kind}.{field}"
            for kind in ("CatalogInfo", "SchemaInfo")
            for field in (
                *("accessible_in_current_workspace", "cache_version_info", "effective_auto_maintenance_flag"),
                *("enable_auto_maintenance", "etag", "id", "metastore_version", "resource_name", "securable_kind"),
                "securable_type",
            )
        ],
        _MORE,
    ),
    **dict.fromkeys(
        [
            f"{kind}.{field}"
            for kind in ("EndpointInfo", "GetWarehouseResponse")
            for field in ("auto_resume", "creator_id", "size")
        ],
        _WAREHOUSE,
    ),
    **dict.fromkeys(
        [
            *("AccountGroup.schemas", "AccountServicePrincipal.schemas", "AccountUser.schemas"),
            *("AccountServicePrincipal.groups", "AccountUser.groups"),
        ],
        "SCIM has them everywhere (RFC 7643); the SDK's account classes leave them out",
    ),
    "EffectivePredictiveOptimizationFlag.inherited_from_type": "METASTORE is in captured answers",
    "TokenPermission.permission_level": "administrators hold CAN_MANAGE on tokens (terraform resource_permissions.go)",
}


@dataclasses.dataclass(frozen=True)
class Read:
    """One JSON object, and the dataclass that was made of it."""

    body: dict[str, t.Any]
    made: t.Any

    @property
    def complaints(self) -> list[str]:
        kind = type(self.made)
        kept = self.made.as_dict()
        said = []
        for key, value in self.body.items():
            if value in (None, "", [], {}) or key in kept or f"{kind.__name__}.{key}" in KNOWN:
                continue
            why = f"does not know the value {value!r}" if key in _wire_names(kind) else "does not know the field"
            said.append(f"{kind.__name__}.{key}: the SDK {why}")
        for field in dataclasses.fields(kind):
            needed = field.name in ALWAYS.get(kind.__name__, ()) or _required(kind, field)
            if needed and getattr(self.made, field.name) is None:
                said.append(f"{kind.__name__}.{field.name} is missing")
        return said


def _required(kind: type, field: dataclasses.Field[t.Any]) -> bool:
    return field.default is dataclasses.MISSING and "Optional" not in str(field.type)


def _wire_names(kind: t.Any) -> set[str]:
    return set(re.findall(r'body\["([^"]+)"\]', inspect.getsource(kind.as_dict)))


@contextlib.contextmanager
def watched() -> t.Iterator[list[Read]]:
    """Everything that the SDK reads in a ``with``."""
    read: list[Read] = []
    kinds = [
        one
        for name in _MODULES
        for one in vars(importlib.import_module(f"databricks.sdk.service.{name}")).values()
        if dataclasses.is_dataclass(one) and isinstance(one, type) and "from_dict" in vars(one)
    ]
    old = {kind: vars(kind)["from_dict"] for kind in dict.fromkeys(kinds)}

    def replaced(original: t.Any) -> classmethod[t.Any, t.Any, t.Any]:
        def from_dict(cls: type, body: dict[str, t.Any]) -> t.Any:
            made = original.__func__(cls, body)
            read.append(Read(body, made))
            return made

        return classmethod(from_dict)

    try:
        for kind, original in old.items():
            kind.from_dict = replaced(original)  # type: ignore[attr-defined]
        yield read
    finally:
        for kind, original in old.items():
            kind.from_dict = original  # type: ignore[attr-defined]
