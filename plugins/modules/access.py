#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: access
short_description: Manage privileges of one principal on several securables
version_added: 1.0.0
description:
  - Grants and revokes privileges of one principal on several catalogs, schemas, tables or views, with one task and one
    diff.
  - Each is handled as module M(lakeops.databricks.grant) does it, in the given order. All are read at the same time.
  - If one of them fails, the task stops there and fails. What was changed before stays changed, and is listed as
    C(actions) under C(error).
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._state
options:
  principal:
    description: Application ID, display name, e-mail, group name or numeric ID of who holds the privileges.
    type: str
    required: true
  grants:
    description: What to hold where. Name each securable once.
    type: list
    elements: dict
    required: true
    suboptions:
      securable:
        description: Type of the securable. A view is a V(table).
        type: str
        choices: [catalog, schema, table]
        required: true
      name:
        description: Full name of the securable, such as V(main), V(main.sales) or V(main.sales.orders).
        type: str
        required: true
      privileges:
        description:
          - Privileges in any spelling, such as V(USE SCHEMA) or V(use_schema).
          - Required, except with O(state=absent) and O(purge=true), which revokes all that the principal holds there.
        type: list
        elements: str
  purge:
    description: Whether the principal shall directly hold exactly these privileges on each of the securables.
    type: bool
    default: false
  warehouse:
    description: Name or ID of the SQL warehouse through which V(hive_metastore) is reached. Only needed there.
    type: str
  principal_timeout:
    description: Seconds to wait until Unity Catalog knows a principal that was made just before.
    type: int
    default: 60
  visible_timeout:
    description: Seconds to wait until the service shows the change.
    type: int
    default: 60
seealso:
  - module: lakeops.databricks.grant
  - module: lakeops.databricks.grant_info
"""

EXAMPLES = r"""
- name: Have a service principal
  lakeops.databricks.service_principal:
    name: example-analyst

- name: Let it read one schema
  lakeops.databricks.access:
    principal: example-analyst
    grants:
      - {securable: catalog, name: main, privileges: [USE CATALOG]}
      - {securable: schema, name: main.default, privileges: [USE SCHEMA, SELECT]}

- name: Take away whatever it holds there
  lakeops.databricks.access:
    principal: example-analyst
    grants:
      - {securable: schema, name: main.default}
      - {securable: catalog, name: main}
    purge: true
    state: absent
"""

RETURN = r"""
grants:
  description: The direct privileges after the task, or as they would be in check mode, in the order of the task.
  returned: success
  type: list
  elements: dict
  contains:
    securable: {description: As given., type: str, returned: always, sample: schema}
    name: {description: Full name in lower case., type: str, returned: always, sample: main.sales}
    principal:
      description: The principal as Unity Catalog knows it, that is the application ID of a service principal.
      type: str
      returned: always
      sample: 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47
    privileges:
      description: What the principal holds directly, sorted.
      type: list
      elements: str
      returned: always
      sample: [SELECT, USE_SCHEMA]
    changed: {description: Whether something was changed there., type: bool, returned: always, sample: true}
sql:
  description: Statements that say the same, whether or not anything had to be changed.
  returned: success
  type: list
  elements: str
  sample: ["GRANT SELECT, USE SCHEMA ON SCHEMA `main`.`sales` TO `5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47`"]
actions:
  description: What was changed, or would be in check mode.
  returned: success
  type: list
  elements: dict
  sample:
    - method: update
      object: grant to example-analyst on schema main.sales
      fields: [privileges]
      granted: [SELECT, USE_SCHEMA]
      revoked: []
unread:
  description: In check mode, the objects that could not be read, each with C(object) and C(said), a sentence about it.
    Outside check mode the task acts on them without knowing whether that changes anything.
  returned: when there is such a thing
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import STATE, act
from ansible_collections.lakeops.databricks.plugins.module_utils._objects import grants

SPEC: Json = {
    **STATE,
    "principal": {"type": "str", "required": True},
    "grants": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "securable": {"type": "str", "choices": ["catalog", "schema", "table"], "required": True},
            "name": {"type": "str", "required": True},
            "privileges": {"type": "list", "elements": "str"},
        },
    },
    "purge": {"type": "bool", "default": False},
    "warehouse": {"type": "str"},
    "principal_timeout": {"type": "int", "default": 60},
    "visible_timeout": {"type": "int", "default": 60},
}


def main() -> None:
    act(SPEC, grants.run)


if __name__ == "__main__":
    main()
