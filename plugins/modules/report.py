#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Keep files of evidence on the machine that runs the play
description:
  - Writes texts into files on the machine that runs the play, whatever the connection of the host, each whole or not
    at all.
  - It takes no connection options, since it calls no workspace.
author:
  - lakeops contributors (@lakeops)
options:
  directory:
    description:
      - Directory of the files. It is made if it is missing, with mode V(0750).
      - A relative path counts from the directory of the playbook, or from that of the inventory where the playbook
        is one of an installed collection. For a host that comes from no file it then counts from where the play was
        started.
    type: str
    required: true
  files:
    description: The texts by the names of their files, which get mode V(0640).
    type: dict
    required: true
attributes:
  check_mode:
    description: Can run in C(check_mode) and say what would change, without changing anything.
    support: full
  diff_mode:
    description: In diff mode, shows what changed, or would change in C(check_mode).
    support: none
  idempotent:
    description: A second run with the same arguments changes nothing.
    support: full
  action_group:
    description: It takes no connection options, so it is in no group.
    support: none
    membership: []
"""

EXAMPLES = r"""
- name: Keep what was found
  lakeops.databricks.report:
    directory: "{{ playbook_dir }}/reports/{{ inventory_hostname }}"
    files:
      findings.json: "{{ {'workspace': inventory_hostname} | to_nice_json }}\n"
"""

RETURN = r"""
files:
  description: Paths of the files.
  returned: success
  type: list
  elements: str
  sample: [/srv/reports/acme/findings.json]
"""
