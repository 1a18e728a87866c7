#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_info
short_description: Describe a workspace, the caller, and what the caller lacks
description:
  - Tells who the caller is, what the workspace allows, and what is missing to set up a partner integration there.
  - It works for callers who are not administrators. What they may not see or do becomes an entry of RV(missing).
  - With O(token_store), what only matters for setting things up is left out of RV(workspace) and RV(missing).
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._token_store
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  catalog:
    description: Catalog to look at. V(hive_metastore) has no privileges that could be looked at here.
    type: str
  warehouse:
    description: Name or ID of the SQL warehouse to look at.
    type: str
seealso:
  - module: lakeops.databricks.token
"""

EXAMPLES = r"""
- name: Look before anything is changed
  lakeops.databricks.workspace_info:
    catalog: main
  register: preflight

- name: Stop if something is missing that nothing can work without
  ansible.builtin.assert:
    that: preflight.missing | selectattr('blocking') | length == 0
    fail_msg: "{{ preflight.missing | map(attribute='hint') | join(' ') }}"
"""

RETURN = r"""
workspace:
  description: The workspace.
  returned: success
  type: dict
  contains:
    host:
      description: Address with scheme.
      type: str
      sample: https://abc-12345678.cloud.databricks.com
    hostname:
      description: Address without scheme.
      type: str
      sample: abc-12345678.cloud.databricks.com
    workspace_id:
      description: ID of the workspace, V(null) if it did not say.
      type: str
      sample: "1234567890123456"
    metastore_id:
      description: Its Unity Catalog metastore, V(null) for none.
      type: str
      sample: 11111111-2222-3333-4444-555555555555
    default_catalog:
      description: Catalog of names without one.
      type: str
      sample: main
    cloud:
      description: V(aws), V(azure) or V(gcp). Not with O(token_store).
      type: str
      sample: aws
    tokens_enabled:
      description: Whether personal access tokens may be used; V(null) if the caller may not know. Not with
        O(token_store).
      type: bool
      sample: true
    max_token_lifetime_days:
      description:
        - Longest lifetime of a new token. V(null) if only the service's own limit of 730 days holds, or the caller may
          not know.
          Not with O(token_store).
      type: int
      sample: 90
    on_behalf_of:
      description: Whether the caller can make tokens for service principals, which Azure does not offer. Not with
        O(token_store).
      type: bool
      sample: true
caller:
  description: Whose credentials these are.
  returned: success
  type: dict
  contains:
    id:
      description: Numeric ID in this workspace.
      type: str
      sample: "5413986720135846"
    user_name:
      description: E-mail, or application ID.
      type: str
      sample: ada@example.com
    display_name:
      description: Display name.
      type: str
      sample: Ada
    application_id:
      description: Application ID, V(null) for a user.
      type: str
      sample: null
    admin:
      description: Whether the caller administers the workspace.
      type: bool
      sample: true
    entitlements:
      description: The caller's own entitlements, sorted.
      type: list
      elements: str
      sample: [workspace-access]
    groups:
      description: Names of the caller's groups, sorted.
      type: list
      elements: str
      sample: [admins, users]
catalog:
  description: What O(catalog) is to the caller. Empty without O(catalog); values are V(null) where they cannot be
    known.
  returned: success
  type: dict
  sample: {name: main, exists: true, owner: data-platform, may_use: true, may_create_schemas: true, may_grant: true}
warehouse:
  description: O(warehouse) as M(lakeops.databricks.warehouse_info) shows it, with the caller's level. Empty if there
    is none.
  returned: success
  type: dict
  sample: {id: 1234567890abcdef, name: Starter Warehouse, state: RUNNING, level: CAN_MANAGE}
missing:
  description: What the caller lacks.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: What is missing.
      type: str
      sample: privilege CREATE SCHEMA on catalog main
    code:
      description: The same for playbooks.
      type: str
      sample: NO_CREATE_SCHEMA
    hint:
      description: What a person can do about it.
      type: str
      sample: "The catalog's owner runs: GRANT CREATE SCHEMA ON CATALOG `main` TO the caller."
    blocking:
      description: Whether nothing can work without it. Otherwise it matters only for what is not there yet.
      type: bool
      sample: false
"""

from ansible_collections.lakeops.databricks.plugins.module_utils import _names, _stores
from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals, workspaces
from ansible_collections.lakeops.databricks.plugins.module_utils._module import report
from ansible_collections.lakeops.databricks.plugins.module_utils._reconcile import State
from ansible_collections.lakeops.databricks.plugins.module_utils._workspace import Workspace

SPEC: State = {
    "catalog": {"type": "str"},
    "warehouse": {"type": "str"},
    # Where a token is, not what it is.
    "token_store": {"type": "dict", "no_log": False, "options": _stores.SPEC},
}


def look(workspace: Workspace, params: State) -> State:
    catalog = params["catalog"] if params["catalog"] is None else _names.identifier("catalog", params["catalog"])
    principals.filled("warehouse", params["warehouse"])
    store = params["token_store"]
    caller = workspace if store is None else workspace.as_token(_stores.stored_token(workspace, store))
    return workspaces.survey(caller, catalog=catalog, warehouse=params["warehouse"], provisioning=store is None)


def main() -> None:
    report(SPEC, look)


if __name__ == "__main__":
    main()
