# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that all objects of Unity Catalog have alike, as an answer of a workspace of 2026 shows them.

A public repository keeps the output of ``databricks catalogs list`` and ``schemas list`` of an Azure workspace whose
metastore is ``metastore_azure_eastus``.
"""

from __future__ import annotations

import base64
import re
import typing as t

METASTORE = "sandbox-metastore"
# Added where nobody chose properties, on workspaces where the service manages the defaults of tables
# (databricks/cli libs/testserver/schemas.go and catalogs.go, bundle/direct/dresources/resources.yml).
MANAGED_DEFAULTS = {
    "unity.catalog.managed.delta.defaults.delta.enableRowTracking": "true",
    "unity.catalog.managed.iceberg.defaults.delta.feature.catalogManaged": "true",
    "unity.catalog.managed.delta.defaults.defaultClusterByAuto": "true",
    "unity.catalog.managed.delta.defaults.delta.checkpointPolicy": "v2",
    "unity.catalog.managed.delta.defaults.delta.parquet.format.version": "2.12.0",
    "unity.catalog.managed.delta.defaults.delta.parquet.format.version.afe.internal": "2.12.0",
    "unity.catalog.managed.delta.defaults.delta.feature.catalogManaged": "supported",
}


def etag(updated_at: int) -> str:
    """What was captured holds the time of the last change, in milliseconds, and nothing else that varies."""
    return base64.b64encode(b"\x08\x01\x12\x08" + updated_at.to_bytes(8, "big")).decode()


def versions(thing: t.Any) -> dict[str, t.Any]:
    return {"metastore_version": -1, "cache_version_info": {"metastore_version": -1}, "etag": etag(thing.updated_at)}


def stamps(thing: t.Any) -> dict[str, t.Any]:
    return {name: getattr(thing, name) for name in ("created_at", "created_by", "updated_at", "updated_by")}


def column(kept: dict[str, t.Any]) -> dict[str, t.Any]:
    """A column of a table with a name of SDK catalog.ColumnTypeName, which has none for varchar: that is a STRING whose
    type_text says more. Numbers are there for all, and say something of decimals only.
    """
    numbers = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", kept["type_text"].lower())
    return {
        **kept,
        "type_name": {"VARCHAR": "STRING", "VOID": "NULL"}.get(kept["type_name"], kept["type_name"]),
        "type_precision": int(numbers[1]) if numbers else 0,
        "type_scale": int(numbers[2]) if numbers else 0,
    }


def maintenance(thing: t.Any) -> dict[str, t.Any]:
    """What the service does by itself to tables; it says so of catalogs and schemas that it did not make itself."""
    inherited = {"value": "ENABLE", "inherited_from_type": "METASTORE", "inherited_from_name": METASTORE}
    wish = thing.enable_predictive_optimization
    return {
        "enable_auto_maintenance": "INHERIT",
        "enable_predictive_optimization": wish,
        "effective_auto_maintenance_flag": inherited,
        "effective_predictive_optimization_flag": inherited if wish == "INHERIT" else {"value": wish},
    }
