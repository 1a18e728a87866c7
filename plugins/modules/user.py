#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: user
short_description: Manage users
version_added: 1.0.0
description:
  - Finds or creates one user of a workspace, by e-mail.
  - The e-mail is compared without regard to case and cannot be changed afterwards. That of a new user is kept in
    lower case.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._state
options:
  name:
    description: E-mail, which is the name of the user everywhere in the workspace.
    type: str
    required: true
  display_name:
    description: Name for people. Where identities come from the account, a workspace may not change it.
    type: str
  entitlements:
    description:
      - What the user may use in the workspace. V(databricks-sql-access) is needed for SQL warehouses.
      - V(workspace-consume) excludes V(workspace-access) and V(databricks-sql-access).
      - Entitlements that come from a group are not seen here.
    type: list
    elements: str
    choices: [allow-cluster-create, allow-instance-pool-create, databricks-sql-access, workspace-access,
      workspace-consume]
  purge_entitlements:
    description: Whether to take away entitlements that O(entitlements) does not name.
    type: bool
    default: false
  active:
    description:
      - Whether the user may sign in. A new one may.
      - An inactive one is activated only if V(true) is given here. Otherwise a warning says that it is inactive.
    type: bool
seealso:
  - module: lakeops.databricks.user_info
  - module: lakeops.databricks.service_principal
"""

EXAMPLES = r"""
- name: Have a user for the partner
  lakeops.databricks.user:
    name: example-partner@example.com
    display_name: Example partner
    entitlements: [databricks-sql-access]

- name: Keep the user out for now
  lakeops.databricks.user:
    name: example-partner@example.com
    active: false

- name: Remove the user
  lakeops.databricks.user:
    name: example-partner@example.com
    state: absent
"""

RETURN = r"""
user:
  description: The user after the task, or as it would be in check mode. Empty if it is absent.
  returned: success
  type: dict
  contains:
    id:
      description: Numeric ID in this workspace; empty in check mode if the user would be created.
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
actions:
  description: What was changed, or would be in check mode.
  returned: success
  type: list
  elements: dict
  sample: [{method: create, object: user example-partner@example.com, fields: [entitlements]}]
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import manage
from ansible_collections.lakeops.databricks.plugins.module_utils._objects import identity
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {"name": {"type": "str", "required": True}, "display_name": {"type": "str"}, **identity.SPEC}


class User(identity.Identity):
    label = "user"
    path = principals.USERS
    managed = ("display_name", "active", "entitlements")

    def __init__(self, workspace: Workspace, params: Json) -> None:
        super().__init__(workspace, params)
        principals.filled("display_name", params["display_name"])

    @property
    def name(self) -> str:
        return principals.email("name", self.params["name"])

    @property
    def empty(self) -> Json:  # type: ignore[override]
        return {
            "id": "",
            "user_name": self.name_there,
            "display_name": "",
            "active": True,
            "entitlements": [],
            "groups": [],
        }

    @property
    def name_there(self) -> str:
        """What the service makes of the name of a new user: it keeps names in lower case (terraform-provider-databricks
        scim/user_test.go, TestAccUserResourceCaseInsensitive).
        """
        return self.name.lower()

    def desired(self, actual: Json | None) -> Json | None:
        wanted = super().desired(actual)
        return wanted if wanted is None or actual else {"user_name": self.name_there, **wanted}

    def look_up(self) -> Json | None:
        return principals.find_user(self.workspace, self.name)

    def read_by_id(self, scim_id: str) -> Json | None:
        return principals.user(self.workspace, scim_id)

    def make(self, wanted: Json) -> Json:
        return principals.create_user(
            self.workspace,
            self.name,
            display_name=wanted.get("display_name"),
            entitlements=wanted.get("entitlements") or (),
            active=wanted.get("active", True),
        )


def main() -> None:
    manage(SPEC, User)


if __name__ == "__main__":
    main()
