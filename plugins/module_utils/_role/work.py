# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What the tasks of role partner work from: plain data, made once in its first task, and without a secret.

As templates in the role's variables each of these would be worked out by every task that names it, again and again.
"""

from __future__ import annotations

import typing as t

from .._common import names
from .._common.json_types import Json


def settled(given: t.Mapping[str, t.Any], wanted: Json) -> Json:
    """What was said, completed by what follows from it and from the wanted access.

    :param given: the variables of the role by their names without prefix, as they are meant
    :param wanted: the wanted access, resolved
    """
    store = given["token_store"]
    recipe = f"stores/{store['recipe']}" if store.get("recipe") else ""
    name = wanted["principal"]["name"]
    warehouses = [
        permission["object"] for permission in wanted["permissions"] if permission["object_type"] == "warehouse"
    ]
    warehouse = warehouses[0] if warehouses else ""
    return {
        **given,
        "wanted": wanted,
        "principal_name": name,
        "by_id": bool(names.UUID.fullmatch(name)),
        "ours": [schema for schema in wanted["schemas"] if schema["made_by"] == "us"],
        "grants": _without_guide(wanted["grants"]),
        "permissions": _without_guide(wanted["permissions"]),
        "rules": {**wanted["token"], **given.get("token_rules", {})},
        "warehouse": warehouse,
        # SQL is the only way into the legacy metastore; everywhere else the REST API is.
        "way": warehouse if wanted["legacy"] else "",
        "own_store": store["type"] == "tasks",
        "reading_tasks": store.get("get") or (f"{recipe}/get.yml" if recipe else ""),
        "writing_tasks": store.get("put") or (f"{recipe}/put.yml" if recipe else ""),
    }


def _without_guide(entries: t.Iterable[Json]) -> list[Json]:
    """Modules know no sections of guides."""
    return [{key: value for key, value in entry.items() if key != "guide"} for entry in entries]
