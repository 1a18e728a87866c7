#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Keep the report of a run on the machine that runs the play
version_added: 1.0.0
description:
  - Makes one directory for each run, C(DIRECTORY/WORKSPACE/TIME-PARTNER_ENTRY/), with C(report.json) for programs and
    C(report.html) for people, and never touches it again. Beside them are C(index.html), C(latest), which leads to the
    newest one, and C(PARTNER.sha256), the chain. A page for all workspaces is in O(directory).
  - Each report holds the SHA-256 of the report before it (of the same workspace and partner), and that of the chain up
    to then. So a report that was changed, removed, inserted or moved is noticed. C(sha256sum --check) reads the chain.
  - A directory is either complete or does not exist, even if the run is interrupted. Runs that write at the same time
    wait for each other.
  - The format of C(report.json) is published as C(roles/partner/files/report.schema.json) of the collection.
  - It takes no connection options, since it calls no workspace.
author:
  - lakeops contributors (@lakeops)
options:
  directory:
    description:
      - Directory of the reports of all workspaces. It is made if it is missing, with mode V(0750).
      - A relative path counts from the directory of the playbook, or from that of the inventory where the playbook
        is one of an installed collection. For a host that comes from no file it then counts from where the play was
        started.
    type: str
    required: true
  workspace:
    description: Name of the workspace, after which its directory is called.
    type: str
    required: true
  entry:
    description: What was done.
    type: str
    choices: [preflight, setup, verify, rotate, offboard]
    required: true
  mode:
    description: V(run) if it was done, V(check) if it was only predicted, in check mode.
    type: str
    choices: [run, check]
    default: run
  language:
    description: Language of the pages.
    type: str
    choices: [en, ko]
    default: en
  keep:
    description:
      - How many runs of a workspace and partner are kept, such as V(50), or for how long, such as V(400 days). Without
        it, and with V(all), every run is kept.
      - The run that is written now is always kept. A directory is removed only if this module wrote it and nobody has
        changed it since; its lines in the chain stay.
    type: raw
  sign_key:
    description:
      - Path of a private SSH key without a passphrase, or of a public key whose private key C(ssh-agent) holds. With
        it, C(ssh-keygen -Y sign) makes C(report.json.sig) in the namespace V(report@lakeops.databricks).
      - A report that cannot be signed is kept all the same; then the task fails.
    type: str
  report:
    description: The content of the report, in the form of the schema, without what this module adds.
    type: dict
    required: true
  failed:
    description:
      - What ended the run; C(task) is the name of the task, and C(result) is what it returned. The report then has the
        status V(failed) and the message, and this task fails with that message, even if the report cannot be written.
        For tasks under C(rescue).
    type: dict
  show:
    description: What to show on the screen beside the result. It is not kept.
    type: raw
attributes:
  check_mode:
    description: Can run in C(check_mode) and say what would change, without changing anything.
    support: full
  diff_mode:
    description: In diff mode, shows what changed, or would change in C(check_mode).
    support: none
  idempotent:
    description: A second run with the same arguments changes nothing.
    support: none
    details: Each run makes a directory of its own.
  action_group:
    description: It takes no connection options, so it is in no group.
    support: none
    membership: []
"""

EXAMPLES = r"""
- name: Keep what was found
  lakeops.databricks.report:
    directory: "{{ playbook_dir }}/reports"
    workspace: "{{ inventory_hostname }}"
    entry: verify
    mode: run
    language: en
    keep: 400 days
    sign_key: "{{ sign_key | default(omit) }}"
    show: Nothing was wanted, so nothing was checked.
    report:
      operator: {identity: ada@example.com, sign_in: pat}
      workspace: {host: abc-12345678.cloud.databricks.com, id: "1234567890123456", cloud: aws}
      partner: {id: example, title: Example}
      principal: {name: example-import, id: null, kind: service_principal}
      status: ok
      passed: true
      summary: {line: "ok: 0 checks"}
      wanted: {catalog: main, schemas: [], grants: [], permissions: [], entitlements: []}
      found: {access: null, groups: null, admin: null, owners: {}, schemas: [], warehouse: {}, findings: []}
      changed: []
      sql: []
      checks: []
      token: {}
      handover: {}
      connection: {}
      asked_not_given: []
      people: {}
      source: {}
"""

RETURN = r"""
run:
  description: Name of the directory of the run.
  returned: success, unless in check mode
  type: str
  sample: 20261125T045536Z-example_verify
number:
  description: Which run of this workspace and partner it is, counted from 1.
  returned: success, unless in check mode
  type: int
  sample: 12
folder:
  description: Path of the directory of the run.
  returned: success, unless in check mode
  type: str
  sample: /srv/reports/acme/20261125T045536Z-example_verify
json:
  description: Path of the report for programs.
  returned: success, unless in check mode
  type: str
  sample: /srv/reports/acme/20261125T045536Z-example_verify/report.json
html:
  description: Path of the report for people.
  returned: success, unless in check mode
  type: str
  sample: /srv/reports/acme/20261125T045536Z-example_verify/report.html
signature:
  description: Path of the signature, V(null) without one.
  returned: success, unless in check mode
  type: str
  sample: null
sha256:
  description: SHA-256 of RV(json). If you keep it somewhere else, it proves later that the chain up to this run was not
    changed.
  returned: success, unless in check mode
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
index:
  description: Path of the page that leads to the reports of all workspaces.
  returned: success, unless in check mode
  type: str
  sample: /srv/reports/index.html
removed:
  description: Runs that were taken away since they are no longer kept.
  returned: success, unless in check mode
  type: list
  elements: str
  sample: []
shown:
  description: As O(show).
  returned: when O(show) is given
  type: raw
"""
