#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Say what an integration would meet, before anything is changed
version_added: 1.0.0
description:
  - Looks at everything that the set-up of a partner integration depends on, and says what would stop it, what could
    not be established, and what a person should know. It changes nothing.
  - It fails only if something that everything else needs is proven to be missing. What could not be established is
    never counted as missing; whether it works shows when it is done.
  - It needs no administrator. For what the caller may not even see, it says so.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._vault_keys
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  catalog:
    description: Catalog of the integration.
    type: str
    required: true
  warehouse:
    description: Name or ID of its SQL warehouse.
    type: str
    required: true
  schemas:
    description: Names of its schemas, without the catalog.
    type: list
    elements: str
    default: []
  principal:
    description: Name of its principal.
    type: str
    required: true
  kind:
    description: Kind of O(principal).
    type: str
    choices: [service_principal, user]
    default: service_principal
  store:
    description: Where its token is or will be kept, as O(lakeops.databricks.token#module:store).
    type: dict
    suboptions:
      type:
        description: Kind of store.
        type: str
        choices: [file, databricks_secret, tasks]
        default: file
      path:
        description: The file. Required for V(file).
        type: path
      scope:
        description: The secret scope. Required for V(databricks_secret).
        type: str
      key:
        description: Name of the secret. Required for V(databricks_secret).
        type: str
      create_scope:
        description: Whether a missing scope will be created.
        type: bool
        default: false
      record:
        description: For V(tasks), the stored record as JSON text.
        type: json
  integration:
    description: What the token is for.
    type: str
    default: klaviyo
  token_supplied:
    description: Whether somebody gives a token of the principal, so that none has to be made.
    type: bool
    default: false
  method:
    description: How a token would be made, as O(lakeops.databricks.token#module:method).
    type: str
    choices: [auto, on_behalf_of, self]
    default: auto
  lifetime_days:
    description: How long a new token is to live.
    type: int
  addresses:
    description: Addresses that the partner calls from, to be compared with the IP access lists of the workspace.
    type: list
    elements: str
    default: []
  permissions:
    description:
      - Levels that the principal shall have, as O(lakeops.databricks.permission#module:permissions).
      - If an earlier run has stored a token of the principal, RV(access) says whether the principal holds all of these
        and of O(grants).
    type: list
    elements: dict
    default: []
    suboptions:
      object_type:
        description: Kind of object.
        type: str
        choices: [warehouse, tokens]
        required: true
      object:
        description: Name or ID of the SQL warehouse.
        type: str
      level:
        description: Level to have.
        type: str
        choices: [CAN_VIEW, CAN_USE, CAN_MONITOR, CAN_MANAGE]
        required: true
  grants:
    description: Privileges that the principal shall have, as O(lakeops.databricks.access#module:grants).
    type: list
    elements: dict
    default: []
    suboptions:
      securable:
        description: Kind of securable.
        type: str
        choices: [catalog, schema, table]
        required: true
      name:
        description: Its full name.
        type: str
        required: true
      privileges:
        description: Names of privileges.
        type: list
        elements: str
        required: true
  prefix:
    description: What the names of variables in the sentences begin with, such as V(klaviyo_).
    type: str
    default: ""
seealso:
  - module: lakeops.databricks.workspace_info
"""

EXAMPLES = r"""
- name: Look before anything is changed
  lakeops.databricks.preflight:
    catalog: main
    warehouse: Starter Warehouse
    schemas: [example_import, example_tmp]
    principal: klaviyo-example
    kind: service_principal
    integration: klaviyo
    method: auto
    token_supplied: false
    lifetime_days: 90
    prefix: klaviyo_
    store:
      path: "{{ token_file | default('klaviyo-example.json') }}"
    permissions:
      - {object_type: tokens, level: CAN_USE}
      - {object_type: warehouse, object: Starter Warehouse, level: CAN_USE}
    grants:
      - {securable: catalog, name: main, privileges: [USE CATALOG]}
  register: preflight

- name: Show what a person should know
  ansible.builtin.debug:
    msg: "{{ preflight.lines }}"
"""

RETURN = r"""
findings:
  description: What was found, in the order of the set-up. If the module fails, only C(code) and C(kind) of each, under
    C(error).
  returned: always
  type: list
  elements: dict
  contains:
    code: {description: For playbooks., type: str, sample: CREATE_SCHEMA_UNKNOWN}
    kind:
      description: V(blocks) if nothing can work without it, V(lacks) if it matters only for what is not there yet,
        V(unknown) if it could not be established, V(note) for what is worth knowing.
      type: str
      sample: unknown
    what: {description: What is the matter., type: str}
    who: {description: Who can change it., type: str}
    how: {description: "The statement, the command or the clicks.", type: str}
    line: {description: All of it in one line., type: str}
lines:
  description: The lines of all findings.
  returned: success
  type: list
  elements: str
workspace:
  description:
    - As in M(lakeops.databricks.workspace_info), but what no finding depends on was not read and is V(null).
    - That can be C(default_catalog), if O(catalog) exists, and C(cloud) and C(on_behalf_of), if no token has to be
      made.
  returned: success
  type: dict
caller:
  description: As in M(lakeops.databricks.workspace_info).
  returned: success
  type: dict
catalog:
  description: As in M(lakeops.databricks.workspace_info).
  returned: success
  type: dict
warehouse:
  description: As in M(lakeops.databricks.workspace_info).
  returned: success
  type: dict
schemas:
  description: O(schemas) as they are; whether one exists is V(null) where that could not be established.
  returned: success
  type: list
  elements: dict
  sample: [{full_name: main.example_import, exists: true, owner: data-platform}]
principals:
  description: The principals that have the name O(principal). Empty if there are none, or if the caller may not look
    them up.
  returned: success
  type: list
  elements: dict
tokens:
  description:
    - The tokens of the principal, without their values, for O(lakeops.databricks.token#module:listed). V(null) if they
      were not read; they are read only together with RV(access).
  returned: success
  type: dict
  contains:
    tokens:
      description: As the service lists them.
      type: list
      elements: dict
      returned: always
      sample: [{token_id: 5c2f9d0a7b1e, comment: "klaviyo lakeops:g0:5f2c9d0a7b1e4c68:s0d5a3f12"}]
    workspace_id: {description: The workspace that answered., type: str, returned: always, sample: "1234567890123456"}
    now:
      description: When, by its clock, in seconds since the epoch.
      type: float
      returned: always
      sample: 1790000000.0
access:
  description: Which of O(permissions) and O(grants) the principal holds directly, so that a play gives only what is
    missing.
  returned: success
  type: dict
  contains:
    complete:
      description:
        - Whether the principal holds all of it. Also V(false) if that was not read, because no token of the principal
          is stored yet or the store is a secret of the workspace, or if it could not be established.
          M(lakeops.databricks.permission) and M(lakeops.databricks.access) find out then.
      type: bool
      returned: always
      sample: true
    permissions:
      description: O(permissions), each with the level that the principal has; V(null) for none and for not known.
      type: list
      elements: dict
      returned: always
      sample: [{object_type: tokens, object: null, level: CAN_USE}]
    grants:
      description: O(grants), each with the privileges that the principal holds; V(null) for not known.
      type: list
      elements: dict
      returned: always
      sample: [{securable: catalog, name: main, privileges: [USE_CATALOG]}]
    sql:
      description: Statements that say the same as O(grants), if all of it is there.
      type: list
      elements: str
      returned: always
      sample: ["GRANT USE CATALOG ON CATALOG `main` TO `5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47`"]
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals, workspaces
from ansible_collections.lakeops.databricks.plugins.module_utils._common import names
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight import already_held
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.data import Wish
from ansible_collections.lakeops.databricks.plugins.module_utils._token import stores
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {
    "catalog": {"type": "str", "required": True},
    "warehouse": {"type": "str", "required": True},
    "schemas": {"type": "list", "elements": "str", "default": []},
    "principal": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": ["service_principal", "user"], "default": "service_principal"},
    # Where a token is, not what it is.
    "store": {"type": "dict", "no_log": False, "options": stores.SPEC},
    "integration": {"type": "str", "default": "klaviyo"},
    "token_supplied": {"type": "bool", "default": False, "no_log": False},
    "method": {"type": "str", "choices": ["auto", "on_behalf_of", "self"], "default": "auto"},
    "lifetime_days": {"type": "int"},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "permissions": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "object_type": {"type": "str", "choices": ["warehouse", "tokens"], "required": True},
            "object": {"type": "str"},
            "level": {"type": "str", "choices": ["CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE"], "required": True},
        },
    },
    "grants": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "securable": {"type": "str", "choices": ["catalog", "schema", "table"], "required": True},
            "name": {"type": "str", "required": True},
            "privileges": {"type": "list", "elements": "str", "required": True},
        },
    },
    "prefix": {"type": "str", "default": ""},
}


def read(workspace: Workspace, params: Json) -> Json:
    principals.filled("warehouse", params["warehouse"])
    principals.filled("principal", params["principal"])
    wish = Wish(
        catalog=names.identifier("catalog", params["catalog"]),
        schemas=tuple(names.identifier("schemas", name) for name in params["schemas"]),
        warehouse=params["warehouse"],
        principal=params["principal"].strip(),
        kind=params["kind"],
        store=params["store"],
        integration=params["integration"],
        supplied=params["token_supplied"],
        method=params["method"],
        lifetime_days=params["lifetime_days"],
        addresses=tuple(params["addresses"]),
        access=already_held.wished(params),
    )
    seen = workspaces.survey(workspace, wish, params["prefix"])
    found = seen.pop("findings")
    blocking = [one for one in found if one.kind == "blocks"]
    if blocking:
        lines = "\n".join(f"- {one.line}" for one in blocking)
        raise Refused(
            f"Nothing was changed. This has to be done first:\n{lines}",
            code="PREFLIGHT",
            findings=[one.as_dict() for one in found],
            caller=seen.get("caller"),
            workspace=seen.get("workspace"),
        )
    return {**seen, "findings": [one.as_dict() for one in found], "lines": [one.line for one in found]}


def main() -> None:
    inform(SPEC, read)


if __name__ == "__main__":
    main()
