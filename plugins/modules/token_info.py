#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: token_info
short_description: Tell which tokens of an integration live
version_added: 1.0.0
description:
  - Lists the live tokens of a principal that M(lakeops.databricks.token) made, and says whether the stored one works.
    It never returns the value of a token.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._vault_keys
  - lakeops.databricks._attributes
  - lakeops.databricks._attributes.info
options:
  principal:
    description: Owner of the tokens, by application ID, display name or e-mail.
    type: str
    required: true
  integration:
    description: What the tokens are for.
    type: str
    default: klaviyo
  store:
    description: Where the token is kept, as in M(lakeops.databricks.token). Without it, RV(token) describes no token.
    type: dict
    suboptions:
      type:
        description: Kind of store.
        type: str
        choices: [file, databricks_secret, tasks]
        default: file
      path:
        description: The file.
        type: path
      scope:
        description: The secret scope.
        type: str
      key:
        description: Name of the secret.
        type: str
      create_scope:
        description: Not used here.
        type: bool
        default: false
      record:
        description: For V(tasks), the stored record as JSON text.
        type: json
  prove:
    description:
      - Whether to sign in with the stored token, to see whether it works. The service counts that as use.
      - Without it RV(phase) is V(none).
    type: bool
    default: true
seealso:
  - module: lakeops.databricks.token
"""

EXAMPLES = r"""
- name: Have a service principal
  lakeops.databricks.service_principal:
    name: klaviyo-example

- name: Read which of its tokens live
  lakeops.databricks.token_info:
    principal: klaviyo-example
"""

RETURN = r"""
token:
  description: The stored token, as in M(lakeops.databricks.token).
  returned: success
  type: dict
phase:
  description: The same as C(token.phase).
  returned: success
  type: str
  sample: current
tokens:
  description: The live tokens that the store's record names, newest first. Without O(store) all that carry the
    integration's marker.
  returned: success
  type: list
  elements: dict
  sample:
    - token_id: 0d5a3f
      generation: 1
      created: "2026-01-01T00:00:00Z"
      created_by: admin@example.com
      expiry: "2026-04-01T00:00:00Z"
      last_used: "2026-01-02T00:00:00Z"
      used_within_a_day: true
      made_here: true
other_tokens:
  description:
    - The principal's other live tokens, in the same form. They do not belong to this store, and would end if the
      principal were deleted.
  returned: success
  type: list
  elements: dict
  sample: []
strangers:
  description: Those of RV(other_tokens) that carry the integration's marker.
  returned: success
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import inform
from ansible_collections.lakeops.databricks.plugins.module_utils._token import module_token_info, stores

SPEC = {
    "principal": {"type": "str", "required": True},
    "integration": {"type": "str", "default": "klaviyo"},
    "store": {"type": "dict", "options": stores.SPEC},
    "prove": {"type": "bool", "default": True},
}


def main() -> None:
    inform(SPEC, module_token_info.info)


if __name__ == "__main__":
    main()
