#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: table_info
short_description: Describe tables and views
version_added: 1.0.0
description:
  - Lists the tables and views of a schema that the caller may see, with their columns.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  catalog:
    description: Catalog that holds the schema.
    type: str
    required: true
  schema:
    description: Schema that holds the tables, without the catalog.
    type: str
    required: true
  name:
    description: Show only the table or view of this name, without catalog and schema.
    type: str
  columns:
    description: Whether to read the columns, too.
    type: bool
    default: true
  warehouse:
    description: Name or ID of the SQL warehouse through which V(hive_metastore) is reached. Only needed there.
    type: str
seealso:
  - module: lakeops.databricks.schema_info
  - module: lakeops.databricks.sql
"""

EXAMPLES = r"""
- name: See what a schema offers
  lakeops.databricks.table_info:
    catalog: main
    schema: default
  register: offered

- name: Show the names only
  ansible.builtin.debug:
    msg: "{{ offered.tables | map(attribute='full_name') | list }}"
"""

RETURN = r"""
tables:
  description: The tables and views, by name.
  returned: success
  type: list
  elements: dict
  contains:
    full_name: {description: Name with catalog and schema., type: str, returned: always, sample: main.sales.orders}
    name: {description: Name., type: str, returned: always, sample: orders}
    type:
      description: V(MANAGED), V(EXTERNAL), V(VIEW) and others; empty in V(hive_metastore).
      type: str
      returned: always
      sample: MANAGED
    owner: {description: Owner; empty in V(hive_metastore)., type: str, returned: always, sample: ada@example.com}
    comment: {description: Free text., type: str, returned: always, sample: ""}
    columns:
      description: The columns in their order.
      returned: when O(columns=true)
      type: list
      elements: dict
      sample: [{name: id, type: bigint, nullable: false, comment: ""}]
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import tables
from ansible_collections.lakeops.databricks.plugins.module_utils._common import names
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {
    "catalog": {"type": "str", "required": True},
    "schema": {"type": "str", "required": True},
    "name": {"type": "str"},
    "columns": {"type": "bool", "default": True},
    "warehouse": {"type": "str"},
}


def read(workspace: Workspace, params: Json) -> Json:
    catalog, schema = (names.identifier(option, params[option]) for option in ("catalog", "schema"))
    name = params["name"] if params["name"] is None else names.identifier("name", params["name"])
    found = tables.of(workspace, catalog, schema, params["warehouse"], columns=params["columns"])
    if name is not None:
        found = [one for one in found if names.same(one["name"], name)]
    return {"tables": found}


def main() -> None:
    inform(SPEC, read)


if __name__ == "__main__":
    main()
