# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: stored_token
short_description: Read the token that module token keeps in a store
version_added: 1.0.0
description:
  - Gives the stored token with its value, for tasks that put it into a second place.
  - It runs where the play runs and reads there. A file of another machine, or of a user that a task becomes, is out of
    its reach. The play's vault secrets open a file that is encrypted with Ansible Vault.
  - Connection options that are left out come from the host's variables such as C(databricks_host), then from the
    environment (also that of the task), then from the profile. C(module_defaults) do not reach a lookup.
  - The token of another workspace is refused. For a store of type V(file) or V(tasks) nobody signs in, unless the
    record has another address than O(host).
  - A task that uses the value shows it, unless it has C(no_log=true).
author:
  - lakeops contributors (@lakeops)
options:
  _terms:
    description:
      - Stores, each a mapping with the options of O(lakeops.databricks.token#module:store).
    type: list
    elements: dict
    required: true
extends_documentation_fragment:
  - lakeops.databricks._workspace
seealso:
  - plugin: lakeops.databricks.token
    plugin_type: module
notes:
  - Options are given as keywords.
"""

EXAMPLES = r"""
- name: Give the token to another secret store
  ansible.builtin.copy:
    content: "{{ stored.token_value }}"
    dest: /run/secrets/klaviyo
    mode: "0600"
  no_log: true
  vars:
    stored: "{{ lookup('lakeops.databricks.stored_token', {'path': '~/.lakeops/example.json'}) }}"
"""

RETURN = r"""
_raw:
  description: The stored token of each store.
  type: list
  elements: dict
  contains:
    hostname: {description: Address of the workspace without scheme., type: str}
    token_value: {description: The token itself., type: str}
    token_id: {description: ID of the token., type: str}
    expiry: {description: "When it ends, as ISO 8601 in UTC; null for never.", type: str}
    principal: {description: Whose token it is., type: str}
"""

import typing as t

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.plugin_utils._stored_token import Reader


class LookupModule(LookupBase):
    def run(self, terms: list[t.Any], variables: Json | None = None, **kwargs: t.Any) -> list[t.Any]:
        reader = Reader(self._loader, self._templar, variables or {})
        try:
            return [reader.read(term, kwargs) for term in terms]
        except AnsibleError as error:
            raise AnsibleLookupError(str(error)) from None
