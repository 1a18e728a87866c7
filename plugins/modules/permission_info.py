#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: permission_info
short_description: Describe access to SQL warehouses and to the use of tokens
version_added: 1.0.0
description:
  - Lists who has which level on one SQL warehouse, or who may use personal access tokens in the workspace.
  - Tells direct levels from inherited ones. Members of a group are not listed one by one.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  object_type:
    description: V(warehouse) for a SQL warehouse, V(tokens) for the use of personal access tokens in the workspace.
    type: str
    choices: [warehouse, tokens]
    required: true
  object:
    description: Name or ID of the SQL warehouse. Not for O(object_type=tokens), of which a workspace has one.
    type: str
  principal:
    description: Show only the entry of this application ID, display name, e-mail, group name or numeric ID.
    type: str
seealso:
  - module: lakeops.databricks.permission
"""

EXAMPLES = r"""
- name: See who may use personal access tokens
  lakeops.databricks.permission_info:
    object_type: tokens
  register: tokens

- name: List them
  ansible.builtin.debug:
    msg: "{{ tokens.permissions | map(attribute='principal') | list }}"
"""

RETURN = r"""
object_id:
  description: ID of the object; V(tokens) for the use of tokens.
  returned: success
  type: str
  sample: 1234567890abcdef
note:
  description: Why nothing can be shown, V(null) otherwise. A workspace without a token has no permissions for them.
  returned: success
  type: str
  sample: null
permissions:
  description: The entries, by kind and principal. Empty where RV(note) says that there are none to show.
  returned: success
  type: list
  elements: dict
  contains:
    principal:
      description: Application ID, e-mail or group name.
      type: str
      sample: 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47
    kind:
      description: V(service_principal), V(user) or V(group).
      type: str
      sample: service_principal
    display_name:
      description: Name for people, where the service gives one.
      type: str
      sample: example-partner
    level:
      description: Direct level, V(null) for none.
      type: str
      sample: CAN_USE
    inherited_level:
      description: Level that comes from elsewhere, V(null) for none.
      type: str
      sample: null
    inherited_from:
      description: Where the inherited level comes from.
      type: list
      elements: str
      sample: []
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import permissions, principals
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {
    "object_type": {"type": "str", "choices": ["warehouse", "tokens"], "required": True},
    "object": {"type": "str"},
    "principal": {"type": "str"},
}

SHOWN = ("principal", "kind", "display_name", "level", "inherited_level", "inherited_from")

NO_TOKEN = (
    "The workspace has no personal access token, and shows who may use tokens only from the first one on. Module "
    "permission opens the list for itself where it has to."
)


def read(workspace: Workspace, params: Json) -> Json:
    kind = params["object_type"]
    permissions.check(kind, params["object"])
    principals.filled("principal", params["principal"])
    object_id, entries = permissions.find(workspace, kind, params["object"])
    note = NO_TOKEN if entries is None else None
    entries = entries or []
    if params["principal"] is not None:
        entry = permissions.entry_of(entries, principals.resolve(workspace, params["principal"]))
        entries = [entry] if entry else []
    entries = sorted(entries, key=lambda entry: (entry["kind"], entry["principal"].lower()))
    shown = [{key: entry[key] for key in SHOWN} for entry in entries]
    return {"object_id": object_id, "permissions": shown, "note": note}


def main() -> None:
    inform(SPEC, read)


if __name__ == "__main__":
    main()
