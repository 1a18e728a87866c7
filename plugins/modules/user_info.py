#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: user_info
short_description: Describe users
version_added: 1.0.0
description:
  - Lists the users of a workspace, or the one with an e-mail.
  - An e-mail that nobody has gives an empty list.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  name:
    description: E-mail, without regard to case.
    type: str
seealso:
  - module: lakeops.databricks.user
"""

EXAMPLES = r"""
- name: Look for a user
  lakeops.databricks.user_info:
    name: example-partner@example.com
  register: found

- name: Tell whether the user is there
  ansible.builtin.debug:
    msg: "{{ 'there' if found.users else 'not there' }}"
"""

RETURN = r"""
users:
  description: The users, by e-mail.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Numeric ID in this workspace.
      type: str
      sample: "5413986720135846"
    user_name:
      description: E-mail, as the workspace spells it.
      type: str
      sample: example-partner@example.com
    display_name:
      description: Name for people.
      type: str
      sample: Example partner
    active:
      description: Whether the user may sign in.
      type: bool
      sample: true
    entitlements:
      description: The user's own entitlements, sorted.
      type: list
      elements: str
      sample: [databricks-sql-access]
    groups:
      description: Groups of the workspace that the user is a direct member of, sorted.
      type: list
      elements: str
      sample: [users]
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {"name": {"type": "str"}}


def read(workspace: Workspace, params: Json) -> Json:
    name = params["name"] if params["name"] is None else principals.email("name", params["name"])
    return {"users": principals.users(workspace, name=name)}


def main() -> None:
    inform(SPEC, read)


if __name__ == "__main__":
    main()
