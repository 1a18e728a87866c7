#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: report_audit
short_description: Say whether the reports are those that were written, and what access changed
version_added: 1.0.0
description:
  - Reads all that module M(lakeops.databricks.report) has kept, on the machine that runs the play. It calls no
    workspace.
  - Says for each workspace and partner which runs there are, whether the chain is unbroken or where it breaks, whether
    the signatures are good, and what changed between which runs and by whom, on the screen and on one page.
  - Fails if a chain is broken or a signature is wrong, after everything was read and the page was written. Runs that
    were removed by retention do not break a chain. What could not be established makes RV(status) V(unknown).
  - A chain proves everything before its end. If somebody removed the newest runs together with their lines, only
    O(copies) show it, or the SHA-256 of the newest report if you kept it somewhere else.
  - It takes no connection options, since it calls no workspace.
author:
  - lakeops contributors (@lakeops)
options:
  directories:
    description:
      - Directories of reports, each as option O(lakeops.databricks.report#module:directory).
      - A relative path counts from the directory of the playbook, or from that of the inventory where the playbook
        is one of an installed collection. For a host that comes from no file it then counts from where the play was
        started.
    type: list
    elements: str
    required: true
  workspaces:
    description: Names of workspaces. Without it, all that have reports in O(directories).
    type: list
    elements: str
  since:
    description:
      - A day, V(2026-07-01), or a time, V(2026-07-01T09:00:00Z), in UTC unless it says otherwise. Earlier changes are
        left out. The chain is always read as a whole.
    type: raw
  signers:
    description:
      - Path of a file with the keys to trust, in the form that the manual of C(ssh-keygen) describes under C(ALLOWED
        SIGNERS), such as C(ops ssh-ed25519 AAAA...). Then the newest report has to be signed by one of them.
      - Without it, a signature has to fit its report, and whose key made it is not checked.
    type: str
  copies:
    description:
      - Directory that holds copies of the chain files, kept elsewhere, as C(WORKSPACE/PARTNER.sha256). A chain has to
        begin with what its copy holds.
    type: str
  destination:
    description: Directory of the page, C(audit.html), and of C(audit.json). Without it, the first of O(directories).
    type: str
  language:
    description: Language of the page.
    type: str
    choices: [en, ko]
    default: en
attributes:
  check_mode:
    description: Can run in C(check_mode) and say what would change, without changing anything.
    support: full
    details: In check mode no page is written.
  diff_mode:
    description: In diff mode, shows what changed, or would change in C(check_mode).
    support: none
  idempotent:
    description: A second run with the same arguments changes nothing.
    support: full
    details: The page is written again, which does not count as a change.
  action_group:
    description: It takes no connection options, so it is in no group.
    support: none
    membership: []
seealso:
  - module: lakeops.databricks.report
"""

EXAMPLES = r"""
- name: Read the reports of all workspaces
  lakeops.databricks.report_audit:
    directories: [/srv/reports]

- name: Say what changed since July, and who signed
  lakeops.databricks.report_audit:
    directories: [/srv/reports]
    workspaces: [production]
    since: "2026-07-01"
    signers: /etc/lakeops/signers
    copies: /mnt/elsewhere/reports
    destination: /srv/www/audit
    language: ko
"""

RETURN = r"""
status:
  description:
    - V(unbroken), V(broken), or V(unknown) if something could not be established.
    - The task fails with V(broken).
  returned: always
  type: str
  sample: unbroken
runs:
  description: How many runs are kept.
  returned: always
  type: int
  sample: 12
changes:
  description: In how many runs, and between how many, something changed.
  returned: always
  type: int
  sample: 3
findings:
  description: What is wrong, or could not be established, or should be known.
  returned: always
  type: list
  elements: dict
  contains:
    workspace: {description: Name of the workspace., type: str, returned: always, sample: production}
    partner: {description: Short name of the partner., type: str, returned: always, sample: klaviyo}
    code: {description: What it is., type: str, returned: always, sample: altered}
    level: {description: 'V(broken), V(unknown) or V(note).', type: str, returned: always, sample: broken}
    run:
      description: Name of the run that it is about.
      type: str
      returned: always
      sample: 20261125T045536Z-klaviyo_verify
    line:
      description: It as a sentence.
      type: str
      returned: always
      sample: 20261125T045536Z-klaviyo_verify/report.json was changed after it was written.
lines:
  description: All of it for a person.
  returned: always
  type: list
  elements: str
  sample: ["production, klaviyo: No change since 2026-07-01T00:00:00Z."]
html:
  description: Path of the page for people, V(null) in check mode.
  returned: always
  type: str
  sample: /srv/reports/audit.html
json:
  description: Path of the same for programs, V(null) in check mode.
  returned: always
  type: str
  sample: /srv/reports/audit.json
"""
