#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: schema
short_description: Manage schemas
version_added: 1.0.0
description:
  - Creates, changes and drops one schema of a Unity Catalog catalog, or of V(hive_metastore).
  - Options that are not given are left as they are.
  - An existing schema is only read, so no right to create schemas is needed for it.
  - With O(existing=keep) nothing about an existing schema is changed, whoever made it.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._state
options:
  catalog:
    description: Catalog that holds the schema. It must exist already.
    type: str
    required: true
  name:
    description: Name of the schema, without the catalog. The service stores it in lower case.
    type: str
    required: true
  existing:
    description:
      - What to do with a schema that exists already. V(manage) changes it to what the other options say.
      - With V(keep) the other options count for a new schema only; an existing one stays exactly as it is. Where the
        caller may not see whether it is there, an attempt to create it decides.
      - The service sets O(owner) with a separate request. If a run is interrupted between the two, the caller owns the
        new schema.
    type: str
    choices: [manage, keep]
    default: manage
  comment:
    description: Free text. The empty string removes it.
    type: str
  owner:
    description: User name, account group or service principal application ID that owns the schema.
    type: str
  properties:
    description: Key-value pairs; the values are texts. Other keys are left alone. Not for V(hive_metastore).
    type: dict
  storage_root:
    description: Storage location for managed tables. Can only be set on creation. Not for V(hive_metastore).
    type: str
  force:
    description: Whether O(state=absent) also drops a schema that is not empty, with everything in it.
    type: bool
    default: false
  warehouse:
    description: Name or ID of the SQL warehouse through which V(hive_metastore) is reached. Only needed there.
    type: str
seealso:
  - module: lakeops.databricks.schema_info
  - module: lakeops.databricks.grant
"""

EXAMPLES = r"""
- name: Have a schema that the partner reads
  lakeops.databricks.schema:
    catalog: main
    name: KLAVIYO_IMPORT_FROM_DWH
    comment: Tables and views offered to Klaviyo

- name: Have it, and leave an existing one as its owner made it
  lakeops.databricks.schema:
    catalog: main
    name: KLAVIYO_IMPORT_FROM_DWH
    comment: Offered to Klaviyo
    existing: keep

- name: Have one in the legacy metastore
  lakeops.databricks.schema:
    catalog: hive_metastore
    name: klaviyo_import_from_dwh
    warehouse: "{{ warehouse | default('Starter Warehouse') }}"

- name: Drop the staging schema, if it is empty
  lakeops.databricks.schema:
    catalog: main
    name: KLAVIYO_TMP
    state: absent
"""

RETURN = r"""
schema:
  description:
    - The schema after the task, or as it would be in check mode. Empty if it is absent.
    - Only its names, if the caller may not see it.
  returned: success
  type: dict
  sample:
    catalog_name: main
    comment: Tables and views offered to Klaviyo
    full_name: main.klaviyo_import_from_dwh
    name: klaviyo_import_from_dwh
    owner: data-platform
    properties: {}
    schema_id: 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47
    storage_root: ""
existed:
  description: Whether it was there before the task, V(null) if that could not be established.
  returned: success
  type: bool
  sample: false
holds:
  description:
    - The tables, views, functions, volumes and registered models that the caller is shown in a schema which is dropped,
      or would be in check mode. Whoever is no administrator may not be shown those of others. Of V(hive_metastore)
      tables and views only.
    - Without O(force) the task fails if there is one, in check mode, too.
  returned: when a schema is dropped
  type: list
  elements: dict
  sample: [{full_name: main.klaviyo_tmp.left_over, kind: table}]
holds_unknown:
  description:
    - Why something of that could not be read, as sentences. Without O(force) the workspace itself refuses to drop a
      schema that is not empty.
  returned: when a schema is dropped
  type: list
  elements: str
  sample: []
actions:
  description: What was changed, or would be in check mode.
  returned: success
  type: list
  elements: dict
  sample: [{method: create, object: schema main.klaviyo_import_from_dwh, fields: [comment]}]
unread:
  description: In check mode, the objects that could not be read, each with C(object) and C(said), a sentence about it.
    Outside check mode the task acts on them without knowing whether that changes anything.
  returned: when there is such a thing
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import manage
from ansible_collections.lakeops.databricks.plugins.module_utils._objects.schema import Schema

SPEC: Json = {
    "catalog": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "existing": {"type": "str", "choices": ["manage", "keep"], "default": "manage"},
    "comment": {"type": "str"},
    "owner": {"type": "str"},
    "properties": {"type": "dict"},
    "storage_root": {"type": "str"},
    "warehouse": {"type": "str"},
    "force": {"type": "bool", "default": False},
}


def main() -> None:
    manage(SPEC, Schema)


if __name__ == "__main__":
    main()
