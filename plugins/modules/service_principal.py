#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: service_principal
short_description: Manage service principals
version_added: 1.0.0
description:
  - Finds or creates one service principal of a workspace, by display name or application ID.
  - Display names are not unique. One that several service principals have is refused, with the IDs of all of them.
  - If the answer to a request to create one is lost, the request is not simply repeated. If two runs create the same
    service principal at the same moment, one of them uses what the other made.
  - Deleting a service principal also removes its permissions, privileges and tokens, which is safer than removing them
    one by one with M(lakeops.databricks.permission).
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
  - lakeops.databricks._state
options:
  name:
    description:
      - Display name, without regard to case. It identifies the service principal, unless O(application_id) does.
      - Together with O(application_id) it is the display name that the service principal shall have.
      - An application ID given here counts as O(application_id).
    type: str
  application_id:
    description:
      - Application ID. It identifies the service principal.
      - One that does not exist can be created in Azure workspaces only, where it is the application ID in Microsoft
        Entra. Elsewhere Databricks chooses the application ID.
    type: str
  entitlements:
    description:
      - What the service principal may use in the workspace. V(databricks-sql-access) is needed for SQL warehouses.
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
      - Whether the service principal may sign in. A new one may.
      - An inactive one is activated only if V(true) is given here. Otherwise a warning says that it is inactive.
    type: bool
seealso:
  - module: lakeops.databricks.service_principal_info
  - module: lakeops.databricks.grant
  - module: lakeops.databricks.token
"""

EXAMPLES = r"""
- name: Have a service principal for the partner
  lakeops.databricks.service_principal:
    name: example-partner
    entitlements: [databricks-sql-access]

- name: Give it exactly these entitlements
  lakeops.databricks.service_principal:
    name: example-partner
    entitlements: [databricks-sql-access, workspace-access]
    purge_entitlements: true

- name: Remove it, with everything it was granted
  lakeops.databricks.service_principal:
    name: example-partner
    state: absent
"""

RETURN = r"""
service_principal:
  description: The service principal after the task, or as it would be in check mode. Empty if it is absent.
  returned: success
  type: dict
  contains:
    id:
      description: Numeric ID in this workspace; empty in check mode if it would be created.
      type: str
      sample: "5413986720135846"
    application_id:
      description: The name that grants, permissions and SQL use; empty in check mode if it would be created.
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
actions:
  description: What was changed, or would be in check mode.
  returned: success
  type: list
  elements: dict
  sample: [{method: create, object: service_principal example-partner, fields: [display_name, entitlements]}]
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals, workspaces
from ansible_collections.lakeops.databricks.plugins.module_utils._common import names
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import manage
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.reconcile import Plan
from ansible_collections.lakeops.databricks.plugins.module_utils._objects import identity

SPEC: Json = {"name": {"type": "str"}, "application_id": {"type": "str"}, **identity.SPEC}


class ServicePrincipal(identity.Identity):
    label = "service_principal"
    path = principals.SERVICE_PRINCIPALS
    managed = ("active", "entitlements")
    empty = {"id": "", "application_id": "", "display_name": "", "active": True, "entitlements": [], "groups": []}

    @property
    def application_id(self) -> str | None:
        given, name = principals.application_id("application_id", self.params["application_id"]), self.params["name"]
        if not names.UUID.match(name or ""):
            return given
        if given and not names.same(given, name):
            raise BadOption("application_id", "name is another application ID. Leave one of them out.")
        return name

    @property
    def display_name(self) -> str | None:
        name = principals.filled("name", self.params["name"])
        return None if name == self.application_id else name

    @property
    def name(self) -> str:
        return self.params["name"] or self.params["application_id"]

    def look_up(self) -> Json | None:
        named = self.display_name
        return principals.find_service_principal(self.workspace, name=named, application_id=self.application_id)

    def read_by_id(self, scim_id: str) -> Json | None:
        return principals.service_principal(self.workspace, scim_id)

    def desired(self, actual: Json | None) -> Json | None:
        wanted = super().desired(actual)
        if wanted and (actual is None or self.application_id):
            wanted = {"display_name": self.display_name, **wanted}
        return wanted

    def guard(self, plan: Plan) -> None:
        super().guard(plan)
        if plan.action == "create" and self.application_id and workspaces.cloud(self.workspace) != "azure":
            raise BadOption(
                "application_id",
                f"no service principal of this workspace has {self.application_id}. Databricks chooses the "
                "application ID of a new one; "
                "give only a display name as name.",
            )

    def make(self, wanted: Json) -> Json:
        return principals.create_service_principal(
            self.workspace,
            name=self.display_name,
            application_id=self.application_id,
            entitlements=wanted.get("entitlements") or (),
            active=wanted.get("active", True),
        )


def main() -> None:
    manage(SPEC, ServicePrincipal, required_one_of=[("name", "application_id")])


if __name__ == "__main__":
    main()
