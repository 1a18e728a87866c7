#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: access_profile
short_description: Read the variables of a role as they are meant, or refuse them by name
version_added: 1.0.0
description:
  - The first task of a role that connects a partner. It reads the role's variables for the host, wherever they were
    set, and returns what is meant by them. If one cannot be used, it fails with a sentence that names the variable,
    says what is wrong with it and what to give instead.
  - Extra variables as C(key=value) and the answers of a survey are text. Lists, mappings, numbers and truth values are
    read from it. V(null) and a blank answer mean the default.
  - Blanks, line breaks, unseen characters, quotes and backticks around a name are slips and are taken off. Odd
    characters within are refused.
  - It runs where the play runs, whatever the connection of the host. It takes no connection options and calls no
    workspace.
author:
  - lakeops contributors (@lakeops)
options:
  prefix:
    description: What the names of the variables begin with, such as V(klaviyo) for C(klaviyo_catalog).
    type: str
    required: true
  known:
    description: Other variables with this prefix that mean something, so that none of them is taken for a slip.
    type: list
    elements: str
    default: []
  profile:
    description: Path of the partner's access profile. With it, RV(work) is returned.
    type: path
  said:
    description:
      - The variables of the role by their names without the prefix, with C(variables) for those of the profile, and
        with C(people). For a role whose variables are those of a profile, such as role
        P(lakeops.databricks.partner#role).
      - If it is given, only the token and its store are read besides, and O(profile) is required.
    type: dict
  existing:
    description: The names of the schemas, by catalog, from which lists with C(*) are expanded. Only with O(said).
    type: dict
    default: {}
  plan:
    description: Whether this is a whole set-up. Only a set-up follows C(PREFIX_plan); in any other run that variable is
      refused.
    type: bool
    default: false
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
- name: Read the variables before anything is changed
  lakeops.databricks.access_profile:
    prefix: klaviyo
    known: [klaviyo_hosts]
  register: profile
  vars:
    klaviyo_catalog: " `main`\n"
    klaviyo_warehouse: /sql/1.0/warehouses/1234567890abcdef/
    klaviyo_allowed_schemas: information_schema,default
    klaviyo_token_lifetime_days: ""
    klaviyo_token_store: {path: ~/.lakeops/example.json}

- name: Show what was meant
  ansible.builtin.assert:
    that:
      - profile.variables.catalog == 'main'
      - profile.variables.warehouse == '1234567890abcdef'
      - profile.variables.allowed_schemas == ['information_schema', 'default']
      - profile.variables.token_lifetime_days == 90
"""

RETURN = r"""
variables:
  description:
    - The variables by their names without prefix, with the defaults of what was not given.
    - The token is not among them; C(token_given) says whether there is one. Of a token store of type V(tasks) only the
      keys C(type), C(get), C(put) and C(recipe) are.
  returned: success, without O(said)
  type: dict
  sample: {catalog: main, warehouse: 1234567890abcdef, token_lifetime_days: 90, token_given: false}
work:
  description:
    - What the tasks of role P(lakeops.databricks.partner#role) work from, as plain data and without a secret, so that
      no task works it out again. It has every variable by its name without prefix, and the following.
  returned: success, with O(profile)
  type: dict
  contains:
    prefix: {description: "O(prefix), with a line below at its end.", type: str}
    check_mode: {description: "Whether this is check mode, by C(--check) or by a keyword of the play.", type: bool}
    wanted: {description: "The wanted access, as of P(lakeops.databricks.wanted_access#filter).", type: dict}
    principal_name: {description: Name of the principal., type: str}
    by_id: {description: Whether that is an application ID., type: bool}
    ours: {description: The schemas that are made here., type: list, elements: dict}
    grants: {description: "The grants, as M(lakeops.databricks.access) takes them.", type: list, elements: dict}
    permissions: {description: Those on workspace objects., type: list, elements: dict}
    rules: {description: How long tokens live and when they are replaced., type: dict}
    warehouse: {description: The SQL warehouse., type: str}
    way: {description: The same where SQL is the only way to the catalog; else blank., type: str}
    own_store: {description: Whether the token is kept by tasks of your own., type: bool}
    reading_tasks: {description: The file of tasks that read such a store; else blank., type: str}
    writing_tasks: {description: The file of tasks that write it; else blank., type: str}
    token_given: {description: Whether there is a token that a user made., type: bool}
    token_store: {description: "The store; of type V(tasks) only what names the tasks.", type: dict}
    show_token: {description: What shows the token to whoever enters it., type: str}
    store_notes: {description: Who else can read the token., type: list, elements: str}
store:
  description: What a person should know about the token store.
  returned: success, without O(said)
  type: dict
  contains:
    command: {description: "A command that shows the token to whoever enters it, null where there is none.", type: str}
    notes: {description: Who else can read it., type: list, elements: str}
error:
  description: What cannot be used; C(option) is the name of the variable.
  returned: failure
  type: dict
  sample: {code: BAD_OPTION, option: klaviyo_catalog}
"""
