#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_info
short_description: Describe a workspace, the caller, and what is missing
version_added: 1.0.0
description:
  - Tells who the caller is, what the workspace allows, and what is missing to set up a partner integration there.
  - It works for callers who are not administrators. What they may not see or do becomes an entry of RV(missing).
  - What could not be established is in RV(unknown), not in RV(missing).
  - With O(token_store), what only matters for setting things up is left out of RV(workspace) and RV(missing).
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._token_store
  - lakeops.databricks._vault_keys
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  catalog:
    description: Catalog to look at. The privileges of V(hive_metastore) cannot be read here.
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
    that: preflight.missing | selectattr('kind', 'equalto', 'blocks') | length == 0
    fail_msg: "{{ preflight.missing | map(attribute='line') | join(' ') }}"
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
          not know. Not with O(token_store).
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
    sign_in:
      description: How the caller signed in, in the words of the Databricks SDK.
      type: str
      sample: pat
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
  description: What the caller may do with O(catalog). Empty without O(catalog); values are V(null) where they could not
    be established, which does not mean no. Rights that come through nested or system groups are not shown by any
    answer.
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
  description: What is proven to be missing.
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description: For playbooks.
      type: str
      sample: CATALOG_DOES_NOT_EXIST
    kind:
      description: V(blocks) if nothing can work without it, V(lacks) if it matters only for what is not there yet,
        V(unknown) if it could not be established.
      type: str
      sample: blocks
    what:
      description: What is the matter.
      type: str
      sample: "catalog: the workspace has no catalog mian. The caller sees: main, samples, system."
    who:
      description: Who can change it.
      type: str
      sample: the owner of the catalog
    how:
      description: The statement, the command or the clicks.
      type: str
      sample: "run: CREATE CATALOG `mian`."
    line:
      description: All of it in one line.
      type: str
      sample: "catalog: the workspace has no catalog mian. The caller sees: main. Who can change that: ..."
unknown:
  description: What could not be established. It may work all the same; only trying it shows that.
  returned: success
  type: list
  elements: dict
  contains:
    code: {description: For playbooks., type: str}
    kind: {description: Always V(unknown)., type: str}
    what: {description: What could not be established., type: str}
    who: {description: Who can give the right that may be missing., type: str}
    how: {description: "The statement, the command or the clicks.", type: str}
    line: {description: All of it in one line., type: str}
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals, workspaces
from ansible_collections.lakeops.databricks.plugins.module_utils._common import names
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.data import Wish
from ansible_collections.lakeops.databricks.plugins.module_utils._token import stores
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {
    "catalog": {"type": "str"},
    "warehouse": {"type": "str"},
    # Where a token is, not what it is.
    "token_store": {"type": "dict", "no_log": False, "options": stores.SPEC},
}


def read(workspace: Workspace, params: Json) -> Json:
    catalog = params["catalog"] if params["catalog"] is None else names.identifier("catalog", params["catalog"])
    principals.filled("warehouse", params["warehouse"])
    store = params["token_store"]
    caller = workspace if store is None else workspace.as_token(stores.stored_token(workspace, store))
    wish = Wish(catalog=catalog, warehouse=params["warehouse"], provisioning=store is None, facts=True)
    seen = workspaces.survey(caller, wish)
    found = [finding.as_dict() for finding in seen["findings"]]
    return {
        **{name: seen[name] for name in ("workspace", "caller", "catalog", "warehouse")},
        "missing": [one for one in found if one["kind"] in ("blocks", "lacks")],
        "unknown": [one for one in found if one["kind"] == "unknown"],
    }


def main() -> None:
    inform(SPEC, read)


if __name__ == "__main__":
    main()
