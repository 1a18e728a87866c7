#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: grant_info
short_description: Describe privileges on a securable
version_added: 1.0.0
description:
  - Lists who holds which privileges on one catalog, schema, table or view, directly and by inheritance, and where each
    was granted.
  - Privileges that the SDK does not know yet are shown, too.
  - What somebody may do as owner, as administrator or through a group is not listed; the service does not show it.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  securable:
    description: Type of the securable. A view is a V(table).
    type: str
    choices: [catalog, schema, table]
    required: true
  name:
    description: Full name of the securable, such as V(main), V(main.sales) or V(main.sales.orders).
    type: str
    required: true
  principal:
    description: Show only what this application ID, display name, e-mail, group name or numeric ID holds.
    type: str
  warehouse:
    description: Name or ID of the SQL warehouse through which V(hive_metastore) is reached. Only needed there.
    type: str
seealso:
  - module: lakeops.databricks.grant
"""

EXAMPLES = r"""
- name: See who may do what in a schema
  lakeops.databricks.grant_info:
    securable: schema
    name: main.default
  register: found

- name: Show what comes from above
  ansible.builtin.debug:
    msg: "{{ found.effective | selectattr('inherited') | list }}"
"""

RETURN = r"""
direct:
  description: Who holds which privileges on the securable itself, by principal.
  returned: success
  type: list
  elements: dict
  sample: [{principal: ada@example.com, privileges: [SELECT, USE_SCHEMA]}]
effective:
  description: Every privilege that somebody holds, by principal and name.
  returned: success
  type: list
  elements: dict
  contains:
    principal:
      description: E-mail, application ID or group name.
      type: str
      returned: always
      sample: ada@example.com
    privilege: {description: Its name., type: str, returned: always, sample: USE_CATALOG}
    inherited: {description: Whether it was granted on something above., type: bool, returned: always, sample: true}
    source_type: {description: Type of what it was granted on., type: str, returned: always, sample: catalog}
    source: {description: Full name of what it was granted on., type: str, returned: always, sample: main}
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import grants, principals
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {
    "securable": {"type": "str", "choices": ["catalog", "schema", "table"], "required": True},
    "name": {"type": "str", "required": True},
    "principal": {"type": "str"},
    "warehouse": {"type": "str"},
}


def read(workspace: Workspace, params: Json) -> Json:
    of = grants.securable(params["securable"], params["name"])
    only = principals.resolve(workspace, params["principal"]) if params["principal"] is not None else None
    known = grants.on(workspace, of, params["warehouse"])
    principal = only.name_for_services if only else None
    direct: dict[str, list[str]] = {}
    for held in known.direct(principal):
        direct.setdefault(held.principal, []).append(held.privilege)
    effective = [
        {
            "principal": held.principal,
            "privilege": held.privilege,
            "inherited": held.source != of,
            "source_type": held.source.kind,
            "source": held.source.full_name,
        }
        for held in sorted(known.effective(principal), key=lambda held: (held.principal.lower(), held))
    ]
    rows = sorted(direct.items(), key=lambda row: row[0].lower())
    return {"direct": [{"principal": who, "privileges": sorted(names)} for who, names in rows], "effective": effective}


def main() -> None:
    inform(SPEC, read)


if __name__ == "__main__":
    main()
