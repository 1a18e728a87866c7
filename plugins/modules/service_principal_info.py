#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: service_principal_info
short_description: Describe service principals
version_added: 1.0.0
description:
  - Lists the service principals of a workspace, or those with one display name or application ID.
  - A name that nobody has gives an empty list. A display name that several have gives all of them.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  name:
    description: Display name, without regard to case. An application ID given here counts as O(application_id).
    type: str
  application_id:
    description: Application ID.
    type: str
seealso:
  - module: lakeops.databricks.service_principal
"""

EXAMPLES = r"""
- name: Look for a service principal
  lakeops.databricks.service_principal_info:
    name: example-partner
  register: found

- name: Show how many there are
  ansible.builtin.debug:
    msg: "{{ found.service_principals | length }} service principals have this name"
"""

RETURN = r"""
service_principals:
  description: The service principals, by display name.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Numeric ID in this workspace.
      type: str
      sample: "5413986720135846"
    application_id:
      description: The name that grants, permissions and SQL use.
      type: str
      sample: 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47
    display_name:
      description: Display name.
      type: str
      sample: example-partner
    active:
      description: Whether it may sign in.
      type: bool
      sample: true
    entitlements:
      description: Its own entitlements, sorted.
      type: list
      elements: str
      sample: [databricks-sql-access]
    groups:
      description: Groups of the workspace that it is a direct member of, sorted.
      type: list
      elements: str
      sample: [users]
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals
from ansible_collections.lakeops.databricks.plugins.module_utils._common import names
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {"name": {"type": "str"}, "application_id": {"type": "str"}}


def read(workspace: Workspace, params: Json) -> Json:
    name = principals.filled("name", params["name"])
    application_id = principals.application_id("application_id", params["application_id"])
    if name and names.UUID.match(name):
        name, application_id = None, name
    return {"service_principals": principals.service_principals(workspace, name=name, application_id=application_id)}


def main() -> None:
    inform(SPEC, read, mutually_exclusive=[("name", "application_id")])


if __name__ == "__main__":
    main()
