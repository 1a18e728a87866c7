#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: access_check
short_description: Verify that a partner can do its job with the stored token, and no more
version_added: 1.0.0
description:
  - Signs in with the token in O(token_store), does what the partner will do, and judges it against the wanted access.
  - Checks of kind V(works) say whether the partner can do its job, those of kind V(least_privilege) whether it can do
    no more.
  - What only an owner or an administrator may see is read as the caller of the module. If nobody can sign in as the
    caller, or the caller may not see it, the result says that it is unknown.
  - A table is created in each schema that the partner writes to, and dropped again; in each schema that it only reads
    the same is tried, since it should be refused. Whatever is made is taken away in any case.
  - A failed check is a result, and the task does not fail with it. Look at RV(passed).
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._token_store
  - lakeops.databricks._vault_keys
  - lakeops.databricks._attributes
options:
  profile:
    description:
      - The wanted access. It is an access profile with all variables filled in, as the filter
        P(lakeops.databricks.wanted_access#filter) makes it.
      - C(partner) is a short name, C(title) the one for people, C(catalog) the main catalog.
      - C(schemas) lists the schemas, each with C(id), C(name) (catalog.schema), C(use) (V(read) or V(write)) and
        C(made_by) (V(us) or V(partner)).
      - C(grants) lists the privileges, each with C(securable) (V(catalog), V(schema) or V(table)), C(name) and
        C(privileges).
      - C(guide.checks) says which section of the partner's guide asks for which check.
      - C(data_contract) says what the tables and views of a schema must be like, as
        C(roles/partner/profiles/schema.json) of the collection describes it. Without it, nothing is said of them.
      - C(connection) is returned under RV(connection) as it is, with the values of this workspace added.
      - A mapping is never a profile to sign in with. That one comes from C(profile) in the module defaults of the task,
        from the host's variable C(databricks_profile), or from E(DATABRICKS_CONFIG_PROFILE).
      - A text is a profile to sign in with, as in every other module. Then the wanted access is missing, which fails.
    type: raw
    required: true
  _sign_in_profile:
    description: Set by this collection itself, since O(profile) is the wanted access here.
    type: str
  principal:
    description: Who the token should belong to, by application ID, display name or e-mail.
    type: str
    required: true
  token_store:
    required: true
  warehouse:
    description: Name or ID of the SQL warehouse that the partner uses.
    type: str
  http_path:
    description: HTTP path of the SQL warehouse. It saves looking it up.
    type: str
  least_privilege:
    description:
      - Which rights beyond the wanted access make a check fail. A right that was granted to the principal itself always
        does.
      - With V(warn), a right that the principal has through a group, as an owner or because everybody has it is a
        warning, which says where it comes from and who can take it away. With V(strict) it is a failure.
    type: str
    choices: [warn, strict]
    default: warn
  allowed_schemas:
    description: Names of other schemas that the principal may see.
    type: list
    elements: str
    default: [information_schema, default]
  owners:
    description: Who owns which catalog or schema, by full name, where that is known already. It saves looking it up.
    type: dict
    default: {}
  caller:
    description: The name of the caller of the module, where that is known already. It saves asking.
    type: str
  handover:
    description:
      - What is known of a renewal that nobody carried to the partner, as M(lakeops.databricks.token) and
        M(lakeops.databricks.token_info) return it under C(handover).
      - Without it, the record in the store tells it as far as it can.
    type: dict
  confirmed:
    description: Whether somebody confirms now that the partner has the new token. Then a handover does not make
      RV(status) V(broken).
    type: bool
    default: false
  check_data:
    description:
      - Whether to count rows as well, for example rows without a time or with an unknown consent. Needs
        C(profile.data_contract). It runs one statement for each table as the principal, which reads no more rows than
        the contract says.
      - The result has counts and never a value. Of an error it has only the class, since the text may quote a row.
    type: bool
    default: false
  data:
    description:
      - What a table holds, by the name of the table, where the names of its columns do not show it. C(kind) is
        V(profile) or V(event). The other keys give the name of the column that is C(email), C(phone_number),
        C(external_id), C(klaviyo_id), C(changed), C(happened), C(metric), C(unique_id), C(value) or C(value_currency).
        C(metric_in_sync) says whether one metric was chosen for all rows.
    type: dict
    default: {}
  timeout:
    description: Seconds that one statement may take, the start of the warehouse included.
    type: int
    default: 900
attributes:
  check_mode:
    support: partial
    details: Statements that write are not run, so the checks that need them are skipped.
  diff_mode:
    support: none
    details: This module leaves everything as it was.
seealso:
  - module: lakeops.databricks.sql
  - module: lakeops.databricks.grant_info
"""

EXAMPLES = r"""
- name: Have a service principal that may sign in to SQL
  lakeops.databricks.service_principal:
    name: partner-example
    entitlements: [databricks-sql-access]
  register: somebody

- name: Let it use tokens
  lakeops.databricks.permission:
    object_type: tokens
    principal: "{{ somebody.service_principal.application_id }}"
    level: CAN_USE

- name: Have a token for it
  lakeops.databricks.token:
    principal: "{{ somebody.service_principal.application_id }}"
    integration: example
    store:
      path: "{{ token_file | default('partner-example.json') }}"

- name: Verify what it may do
  lakeops.databricks.access_check:
    principal: "{{ somebody.service_principal.application_id }}"
    token_store:
      path: "{{ token_file | default('partner-example.json') }}"
    warehouse: "{{ warehouse | default('Starter Warehouse') }}"
    caller: "{{ caller | default(omit) }}"
    profile:
      partner: example
      catalog: main
      schemas:
        - {id: import, name: main.default, use: read}
      grants:
        - {securable: catalog, name: main, privileges: [USE_CATALOG]}
        - {securable: schema, name: main.default, privileges: [USE_SCHEMA, SELECT]}
  register: verified

- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ verified.checks | selectattr('result', 'in', ['failed', 'warned']) | map(attribute='line') }}"
"""

RETURN = r"""
checks:
  description: The checks, those of kind V(works) first.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: Which check it is., type: str, returned: always, sample: grants_import}
    title: {description: What is checked., type: str, returned: always, sample: The schemas are visible}
    guide:
      description: The section of the partner's guide that asks for it; V(0) for what the guide does not mention.
      type: str
      returned: always
      sample: "4.3"
    kind: {description: V(works) or V(least_privilege)., type: str, returned: always, sample: works}
    result:
      description: V(passed), V(failed), V(warned) or V(skipped).
      type: str
      returned: always
      sample: passed
    evidence: {description: What was seen., type: str, returned: always, sample: Two rows counted.}
    hint: {description: What a person can do about it., type: str, returned: always, sample: null}
    seconds: {description: How long it took., type: float, returned: always, sample: 0.041}
    statements:
      description: What was asked, as SQL or as method and path. Empty where it follows from other checks.
      type: list
      elements: str
      returned: always
      sample: ["SHOW SCHEMAS IN `main`"]
    identity:
      description: As whom it was asked, V(principal) with the stored token or V(runner), the caller of the module.
        V(null) where nobody was asked.
      type: str
      returned: always
      sample: principal
    expected: {description: What should be seen., type: str, returned: always, sample: The schemas are visible.}
    line: {description: All of it for people., type: str, returned: always, sample: "passed: schemas (guide 4.1): ..."}
summary:
  description: How many checks have which result, and under C(line) what they come to.
  returned: success
  type: dict
  sample: {passed: 20, failed: 0, warned: 1, skipped: 0, line: "ok: 21 checks, 1 warned"}
passed:
  description:
    - Whether no check failed, no check that the partner's job needs was skipped, and no token that the partner may use
      is about to end.
  returned: success
  type: bool
  sample: true
status:
  description:
    - V(ok); V(handover) while a replaced token is still alive; V(drift) if the partner can do its job, and more than it
      should; V(broken) if it cannot do its job, or if the token that it was last given ends within a day.
    - V(unknown) if nothing that the job needs has failed, but some of it could not be established, for example because
      the host does not answer or the SQL warehouse does not start.
  returned: success
  type: str
  sample: ok
connection:
  description: What a person enters at the partner, without the token itself. Empty unless all checks of kind V(works)
    went well.
  returned: success
  type: dict
  sample:
    hostname: abc-12345678.cloud.databricks.com
    http_path: /sql/1.0/warehouses/1234567890abcdef
    catalog: main
    access_token: field token_value in file /home/me/token.json
runner:
  description: Whether the caller of the module could sign in, besides the token.
  returned: success
  type: bool
  sample: true
found:
  description:
    - What the principal was found to hold. C(access) lists the privileges that it holds directly on each wanted
      securable, V(null) where that could not be established. C(groups), C(admin) and C(owners) if known.
  returned: success
  type: dict
  sample:
    access: [{securable: catalog, name: main, privileges: [USE_CATALOG]}]
    groups: [users]
    admin: false
    owners: {main: data-platform}
caller:
  description: Who the caller of the module is, and how the caller signed in. Both are V(null) if nobody signed in as
    the caller.
  returned: success
  type: dict
  sample: {identity: ada@example.com, sign_in: pat}
principal:
  description: Whom the stored token belongs to, as the other services know it; V(null) where that is not known.
  returned: success
  type: str
  sample: 5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47
people:
  description: What the stored record says of O(lakeops.databricks.token#module:people).
  returned: success
  type: dict
  sample: {owner: data-platform@example.com, review_by: "2027-03-31"}
workspace:
  description: Address and ID of the workspace, as far as it told them.
  returned: success
  type: dict
  sample: {host: abc-12345678.cloud.databricks.com, id: "1234567890123456"}
data:
  description:
    - What C(profile.data_contract) says of each table and view that the token lists. It never changes RV(passed) or
      RV(status).
  returned: when the wish has a contract and the token lists the tables
  type: list
  elements: dict
  contains:
    table: {description: Full name., type: str, returned: always, sample: main.import.customers}
    kind: {description: "V(profile), V(event) or V(unknown).", type: str, returned: always, sample: profile}
    importable:
      description: V(yes), V(no), or V(unknown) where it depends on what a person chooses at the partner.
      type: str
      returned: always
      sample: "yes"
    line: {description: All of it for people., type: str, returned: always, sample: "t (events): can be imported."}
    findings:
      description: The gravest first. C(severity) is V(error), V(warning) or V(advice); C(values) are names and counts.
      type: list
      elements: dict
      returned: always
      sample:
        - id: event_time_day
          severity: warning
          column: order_date
          title: order_date is a day without a time.
          hint: Every event of a day would happen at the same moment. Give the time, too, as a TIMESTAMP.
          source: https://help.klaviyo.com/hc/en-us/articles/45442043369499
          values: {column: order_date, type: DATE}
data_summary:
  description: Counts, and under C(line) what they come to.
  returned: with RV(data)
  type: dict
  sample: {tables: 3, importable: 2, unknown: 1, errors: 0, warnings: 2, advice: 1, line: "3 tables, 2 importable, ..."}
check_data:
  description: As O(check_data).
  returned: success
  type: bool
  sample: false
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._access_check import check
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import act
from ansible_collections.lakeops.databricks.plugins.module_utils._token import stores

SPEC: Json = {
    # A mapping; a text is a profile to sign in with (see _wire/connection.py, to_sign_in).
    "profile": {"type": "raw", "required": True},
    "principal": {"type": "str", "required": True},
    # Where a token is, not what it is.
    "token_store": {"type": "dict", "required": True, "no_log": False, "options": stores.SPEC},
    "warehouse": {"type": "str"},
    "http_path": {"type": "str"},
    "least_privilege": {"type": "str", "choices": ["warn", "strict"], "default": "warn"},
    "allowed_schemas": {"type": "list", "elements": "str", "default": ["information_schema", "default"]},
    "owners": {"type": "dict", "default": {}},
    "caller": {"type": "str"},
    "handover": {"type": "dict"},
    "confirmed": {"type": "bool", "default": False},
    "check_data": {"type": "bool", "default": False},
    "data": {"type": "dict", "default": {}},
    "timeout": {"type": "int", "default": 900},
}


def main() -> None:
    act(SPEC, check.run, required_one_of=[("warehouse", "http_path")])


if __name__ == "__main__":
    main()
