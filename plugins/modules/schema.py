#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: schema
short_description: Manage schemas
description:
  - Creates, changes and drops one schema of a Unity Catalog catalog, or of V(hive_metastore).
  - Options that are not given are left as they are.
  - An existing schema is only read, so no right to create schemas is needed for it.
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
  comment:
    description: Free text. The empty string removes it.
    type: str
  owner:
    description: User name, account group or service principal application ID that owns the schema.
    type: str
  properties:
    description: Key-value pairs, values being texts. Other keys are left alone. Not for V(hive_metastore).
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
  description: The schema after the task, or as it would be in check mode. Empty if it is absent.
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
actions:
  description: What was changed, or would be in check mode.
  returned: success
  type: list
  elements: dict
  sample: [{method: create, object: schema main.klaviyo_import_from_dwh, fields: [comment]}]
"""

import re

from ansible_collections.lakeops.databricks.plugins.module_utils import _names
from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals, schemas
from ansible_collections.lakeops.databricks.plugins.module_utils._failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._module import manage
from ansible_collections.lakeops.databricks.plugins.module_utils._reconcile import Managed, State
from ansible_collections.lakeops.databricks.plugins.module_utils._workspace import Workspace

SPEC: State = {
    "catalog": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "comment": {"type": "str"},
    "owner": {"type": "str"},
    "properties": {"type": "dict"},
    "storage_root": {"type": "str"},
    "warehouse": {"type": "str"},
    "force": {"type": "bool", "default": False},
}

_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/]+", re.IGNORECASE)


class Schema(Managed):
    label = "schema"
    managed = ("comment", "owner", "properties", "storage_root")
    immutable = ("storage_root",)

    def __init__(self, workspace: Workspace, params: State) -> None:
        super().__init__(workspace, params)
        self.catalog, self.schema = (_names.identifier(option, params[option]) for option in ("catalog", "name"))
        self.inside = schemas.of(workspace, self.catalog, params["warehouse"])
        for option in set(self.managed) - set(self.inside.fields):
            if params[option] is not None:
                raise BadOption(option, f"is not for {self.catalog}. Leave it out.")
        principals.filled("owner", params["owner"])
        if params["storage_root"] is not None and not _URL.match(params["storage_root"]):
            raise BadOption(
                "storage_root",
                f"{params['storage_root']!r} is not the address of a location, such as s3://bucket/path.",
            )
        self.properties = _texts(params["properties"])

    @property
    def name(self) -> str:
        return f"{self.catalog}.{self.schema}"

    def desired(self, actual: State | None) -> State | None:
        wanted = super().desired(actual)
        if wanted and wanted["properties"] is not None:
            # The service adds properties of its own; only the named keys are ours.
            wanted["properties"] = {**(actual["properties"] if actual else {}), **self.properties}
        if wanted and wanted["storage_root"] is not None:
            wanted["storage_root"] = wanted["storage_root"].rstrip("/")
        return wanted

    def read(self) -> State | None:
        return self.inside.get(self.schema)

    def create(self, wanted: State) -> None:
        self.inside.create(self.schema, **wanted)

    def update(self, changes: State) -> None:
        self.inside.update(self.schema, **changes)

    def delete(self) -> None:
        self.inside.delete(self.schema, force=self.params["force"])


def _texts(properties: State | None) -> dict[str, str]:
    """The service keeps texts only."""
    for name, value in (properties or {}).items():
        if not isinstance(value, (str, int, float)):
            raise BadOption("properties", f"{name} needs one text as its value, not {value!r}.")
    return {
        str(name): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (properties or {}).items()
    }


def main() -> None:
    manage(SPEC, Schema)


if __name__ == "__main__":
    main()
