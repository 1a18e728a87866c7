#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: schema_info
short_description: Describe schemas
version_added: 1.0.0
description:
  - Lists the schemas of a catalog that the caller may see, or describes one of them.
  - A schema that is not listed may exist all the same; the service shows only those that the caller may use.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  catalog:
    description: Catalog that holds the schemas.
    type: str
    required: true
  name:
    description: Name of one schema, without the catalog. One that does not exist gives an empty list.
    type: str
  warehouse:
    description: Name or ID of the SQL warehouse through which V(hive_metastore) is reached. Only needed there.
    type: str
seealso:
  - module: lakeops.databricks.schema
"""

EXAMPLES = r"""
- name: See which schemas there are
  lakeops.databricks.schema_info:
    catalog: main
  register: found

- name: Look at one of them
  lakeops.databricks.schema_info:
    catalog: main
    name: "{{ found.schemas[0].name }}"
"""

RETURN = r"""
schemas:
  description: The schemas, by name. A list of those of V(hive_metastore) has their names only.
  returned: success
  type: list
  elements: dict
  contains:
    catalog_name: {description: Catalog., type: str, returned: always, sample: main}
    name: {description: Name., type: str, returned: always, sample: sales}
    full_name: {description: Name with the catalog., type: str, returned: always, sample: main.sales}
    owner: {description: Owner., type: str, returned: in Unity Catalog, sample: data-platform}
    comment: {description: Free text., type: str, returned: in Unity Catalog, sample: ""}
    properties: {description: Key-value pairs., type: dict, returned: in Unity Catalog, sample: {}}
    storage_root: {description: Location for managed tables., type: str, returned: in Unity Catalog, sample: ""}
    schema_id: {description: ID., type: str, returned: in Unity Catalog, sample: 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47}
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import schemas
from ansible_collections.lakeops.databricks.plugins.module_utils._common import names
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {
    "catalog": {"type": "str", "required": True},
    "name": {"type": "str"},
    "warehouse": {"type": "str"},
}


def read(workspace: Workspace, params: Json) -> Json:
    catalog = names.identifier("catalog", params["catalog"])
    name = params["name"] if params["name"] is None else names.identifier("name", params["name"])
    inside = schemas.of(workspace, catalog, params["warehouse"])
    if name is None:
        return {"schemas": inside.listing()}
    one = inside.get(name)
    return {"schemas": [one] if one else []}


def main() -> None:
    inform(SPEC, read)


if __name__ == "__main__":
    main()
