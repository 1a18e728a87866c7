# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: access_profile
short_description: Read the variables of a role as they are meant, where no task could do it before
version_added: 1.0.0
description:
  - Gives what module M(lakeops.databricks.access_profile) returns, for a play that was begun in its middle, as
    C(--start-at-task) does. It runs where the play runs and calls no workspace.
author:
  - lakeops contributors (@lakeops)
options:
  _terms:
    description: Beginnings of the variables, such as V(klaviyo).
    type: list
    elements: str
    required: true
  profile:
    description: Path of the access profile, as in the module.
    type: path
  said:
    description: As in the module.
    type: dict
  existing:
    description: As in the module.
    type: dict
seealso:
  - module: lakeops.databricks.access_profile
"""

EXAMPLES = r"""
- name: Show the catalog that is meant
  ansible.builtin.debug:
    msg: "{{ lookup('lakeops.databricks.access_profile', 'klaviyo').variables.catalog }}"
  vars:
    klaviyo_catalog: " `main`"
    klaviyo_warehouse: Starter Warehouse
    klaviyo_token_store: {path: ~/.lakeops/example.json}
"""

RETURN = r"""
_raw:
  description: What the module returns.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.plugin_utils._role_variables import Reading

_OPTIONS = ("profile", "said", "existing")


class LookupModule(LookupBase):
    def run(self, terms: list[t.Any], variables: Json | None = None, **kwargs: t.Any) -> list[t.Any]:
        reading = Reading(self._loader, self._templar, dict(variables or {}))
        try:
            return [
                reading.of(str(term), **{key: kwargs[key] for key in _OPTIONS if key in kwargs})[0] for term in terms
            ]
        except (BadOption, AnsibleError) as error:
            raise AnsibleLookupError(str(error)) from None
