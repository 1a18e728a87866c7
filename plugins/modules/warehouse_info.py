#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: warehouse_info
short_description: Describe SQL warehouses, and start one
version_added: 1.0.0
description:
  - Gives what a partner or driver needs to connect to a SQL warehouse.
  - With O(state=running) it starts the warehouse if needed and waits until it runs. That is a change.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._attributes
options:
  warehouse:
    description:
      - Name, without regard to case, ID, HTTP path or the address of its page. If there is none of that name, the task
        fails and names those that exist.
      - If not set, all warehouses that the caller may see.
    type: str
  state:
    description: V(running) to start O(warehouse) and wait until it runs. It needs O(warehouse).
    type: str
    choices: [running]
  start_timeout:
    description: Seconds to wait for O(state=running). A serverless warehouse needs seconds, any other several minutes.
    type: int
    default: 1200
seealso:
  - module: lakeops.databricks.sql
"""

EXAMPLES = r"""
- name: See which warehouses there are
  lakeops.databricks.warehouse_info:
  register: found

- name: Have one running, and keep how to connect to it
  lakeops.databricks.warehouse_info:
    warehouse: "{{ found.warehouses[0].name }}"
    state: running
  register: running

- name: Show what a partner enters
  ansible.builtin.debug:
    msg: "{{ running.warehouses[0].hostname }} {{ running.warehouses[0].http_path }}"
"""

RETURN = r"""
warehouses:
  description: The warehouses, by name.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID.
      type: str
      sample: 1234567890abcdef
    name:
      description: Name.
      type: str
      sample: Starter Warehouse
    hostname:
      description: Server hostname for drivers.
      type: str
      sample: abc-12345678.cloud.databricks.com
    http_path:
      description:
        - HTTP path for drivers. On a host that serves several workspaces it ends with C(?o=) and O(workspace_id).
      type: str
      sample: /sql/1.0/warehouses/1234567890abcdef
    state:
      description: V(STARTING), V(RUNNING), V(STOPPING), V(STOPPED), V(DELETING) or V(DELETED).
      type: str
      sample: RUNNING
    type:
      description: V(PRO) or V(CLASSIC).
      type: str
      sample: PRO
    serverless:
      description: Whether the compute is serverless.
      type: bool
      sample: true
    auto_stop_mins:
      description: Minutes without queries after which it stops; V(0) for never.
      type: int
      sample: 10
    size:
      description: Cluster size.
      type: str
      sample: 2X-Small
was_started:
  description: Whether this task had to start the warehouse, or would in check mode.
  returned: success
  type: bool
  sample: false
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._api import warehouses
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import at_least
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import act
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC: Json = {
    "warehouse": {"type": "str"},
    "state": {"type": "str", "choices": ["running"]},
    "start_timeout": {"type": "int", "default": 1200},
}


# A result that holds "started" is taken by Ansible for one of a task that still runs asynchronously.
def read(workspace: Workspace, params: Json, predict: bool) -> Json:
    if params["warehouse"] is None:
        return {"changed": False, "was_started": False, "warehouses": warehouses.listing(workspace)}
    at_least("start_timeout", params["start_timeout"])
    found = warehouses.find(workspace, params["warehouse"])
    needed = params["state"] == "running" and found["state"] != "RUNNING"
    if needed and not predict:
        found = warehouses.start(workspace, found, params["start_timeout"])
    return {"changed": needed, "was_started": needed, "warehouses": [found]}


def main() -> None:
    act(SPEC, read, required_by={"state": ("warehouse",)})


if __name__ == "__main__":
    main()
