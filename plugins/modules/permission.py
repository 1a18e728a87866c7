#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: permission
short_description: Manage access to SQL warehouses and to the use of tokens
version_added: 1.0.0
description:
  - Manages the access level of one principal on a SQL warehouse, or its permission to use personal access tokens, or
    several of these with O(permissions).
  - Only the entry of this principal is sent, so nobody else loses access. The owner stays the owner.
  - A level that includes the wished one is left as it is. Levels that are inherited are shown and otherwise ignored.
  - The service has no request that removes one entry. O(state=absent) reads the list of entries twice, refuses if it
    changes meanwhile, sends it back without that one entry, and checks that all the others are still there.
  - Deleting a principal with M(lakeops.databricks.service_principal) removes its entries too, without touching the
    list. Prefer that where the principal is to go anyway.
  - A workspace in which nobody ever made a personal access token has no permissions for them. To open them the task
    makes a token of the caller's own that ends after ten minutes, and revokes it. Its value is never kept or shown. A
    run that dies in between leaves one that ends by itself, and that the next run of the same caller revokes.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._state
options:
  object_type:
    description: V(warehouse) for a SQL warehouse, V(tokens) for the use of personal access tokens in the workspace.
    type: str
    choices: [warehouse, tokens]
  object:
    description: Name or ID of the SQL warehouse. Not for O(object_type=tokens), of which a workspace has one.
    type: str
  permissions:
    description:
      - Several objects at once, instead of O(object_type). They are read at the same time and changed one after the
        other.
    type: list
    elements: dict
    suboptions:
      object_type:
        description: As O(object_type).
        type: str
        choices: [warehouse, tokens]
        required: true
      object:
        description: As O(object).
        type: str
      level:
        description: As O(level).
        type: str
        choices: [CAN_VIEW, CAN_USE, CAN_MONITOR, CAN_MANAGE]
  principal:
    description: Application ID, display name, e-mail, group name or numeric ID of who has the level.
    type: str
    required: true
  level:
    description:
      - Level to have. Required with O(state=present).
      - V(CAN_USE) is the only one for O(object_type=tokens).
    type: str
    choices: [CAN_VIEW, CAN_USE, CAN_MONITOR, CAN_MANAGE]
  allow_lower:
    description: Whether a level that the principal has may be replaced by one that includes less.
    type: bool
    default: false
  force:
    description:
      - Whether O(state=absent) with O(object_type=tokens) may cut off live tokens of the principal.
        Without the permission they stop working at once.
    type: bool
    default: false
  principal_timeout:
    description: Seconds to wait until the service knows a principal that was made just before.
    type: int
    default: 60
  visible_timeout:
    description: Seconds to wait until the service shows the change.
    type: int
    default: 60
seealso:
  - module: lakeops.databricks.permission_info
  - module: lakeops.databricks.grant
    description: Privileges on data.
"""

EXAMPLES = r"""
- name: Have a service principal
  lakeops.databricks.service_principal:
    name: example-analyst

- name: Let it use personal access tokens
  lakeops.databricks.permission:
    object_type: tokens
    principal: example-analyst
    level: CAN_USE

- name: Let it use a SQL warehouse and personal access tokens
  lakeops.databricks.permission:
    principal: example-analyst
    permissions:
      - {object_type: warehouse, object: "{{ warehouse | default('Starter Warehouse') }}", level: CAN_USE}
      - {object_type: tokens, level: CAN_USE}

- name: Give it a higher level on the warehouse
  lakeops.databricks.permission:
    object_type: warehouse
    object: "{{ warehouse | default('Starter Warehouse') }}"
    principal: example-analyst
    level: CAN_MONITOR

- name: Take the warehouse away again
  lakeops.databricks.permission:
    object_type: warehouse
    object: "{{ warehouse | default('Starter Warehouse') }}"
    principal: example-analyst
    state: absent

- name: Remove the service principal, and with it what else it may do
  lakeops.databricks.service_principal:
    name: example-analyst
    state: absent
"""

RETURN = r"""
permission:
  description: The permission after the task, or as it would be in check mode.
  returned: with O(object_type)
  type: dict
  contains:
    object_type:
      description: As given.
      type: str
      sample: warehouse
    object_id:
      description: ID of the object; V(tokens) for the use of tokens.
      type: str
      sample: 1234567890abcdef
    principal:
      description: The principal as the service knows it, that is the application ID of a service principal.
      type: str
      sample: 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47
    level:
      description: Direct level, V(null) for none.
      type: str
      sample: CAN_USE
    inherited_level:
      description: Level that comes from elsewhere, V(null) for none.
      type: str
      sample: null
permissions:
  description: The same for each of O(permissions), in their order. C(changed) says whether something was changed there.
  returned: with O(permissions)
  type: list
  elements: dict
  sample:
    - object_type: tokens
      object_id: tokens
      principal: 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47
      level: CAN_USE
      inherited_level: null
      changed: false
actions:
  description: What was changed, or would be in check mode.
  returned: success
  type: list
  elements: dict
  sample: [{method: create, object: permission of example-analyst on warehouse Starter Warehouse, fields: [level]}]
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import STATE, act
from ansible_collections.lakeops.databricks.plugins.module_utils._objects import permissions

OBJECT: Json = {
    "object_type": {"type": "str", "choices": ["warehouse", "tokens"]},
    "object": {"type": "str"},
    "level": {"type": "str", "choices": ["CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE"]},
}
SPEC: Json = {
    **STATE,
    **OBJECT,
    "permissions": {
        "type": "list",
        "elements": "dict",
        "options": {**OBJECT, "object_type": {**OBJECT["object_type"], "required": True}},
    },
    "principal": {"type": "str", "required": True},
    "allow_lower": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "principal_timeout": {"type": "int", "default": 60},
    "visible_timeout": {"type": "int", "default": 60},
}


def main() -> None:
    act(
        SPEC,
        permissions.run,
        required_one_of=[("object_type", "permissions")],
        mutually_exclusive=[("permissions", name) for name in OBJECT],
    )


if __name__ == "__main__":
    main()
