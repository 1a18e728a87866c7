#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: sql
short_description: Run SQL statements on a SQL warehouse
version_added: 1.0.0
description:
  - Runs statements one after the other in one session, as the caller or as the owner of a stored token.
  - A stopped warehouse is started by the first statement, which waits for it.
  - In check mode only statements that read are run; the others are listed as those that would be run. A statement that
    reads what an earlier one would have created is not run either, and a warning says so.
  - Give names of objects through the filter P(lakeops.databricks.sql_name#filter), and values as
    O(statements[].parameters).
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._token_store
  - lakeops.databricks._vault_keys
  - lakeops.databricks._attributes
options:
  statement:
    description: One statement; short for O(statements) with one element.
    type: str
  statements:
    description: The statements in their order.
    type: list
    elements: dict
    suboptions:
      id:
        description: Name by which to find the result. Without it, the number of the statement, from 1.
        type: str
      sql:
        description: The statement.
        type: str
        required: true
      parameters:
        description: Values for the markers C(:name) in the statement.
        type: dict
      always:
        description: Whether to run it although an earlier statement failed, as for cleaning up.
        type: bool
        default: false
  warehouse:
    description: Name, without regard to case, ID or HTTP path of the SQL warehouse.
    type: str
  http_path:
    description:
      - HTTP path of the SQL warehouse, such as V(/sql/1.0/warehouses/1234567890abcdef). It saves looking it up.
      - The address of the warehouse's page, or a JDBC connection string that contains the path, is accepted, too.
    type: str
  catalog:
    description: Catalog of names without one.
    type: str
  schema:
    description: Schema of names without one.
    type: str
  collect_errors:
    description:
      - Whether to run all statements, and to succeed even if some of them fail. Look at RV(results) and
        RV(session_error).
    type: bool
    default: false
  probe:
    description: Whether the statements clean up after themselves, so that running them counts as no change.
    type: bool
    default: false
  max_rows:
    description: How many rows of a result to return at most.
    type: int
    default: 1000
  timeout:
    description: Seconds that one statement may take, the start of the warehouse included.
    type: int
    default: 900
attributes:
  check_mode:
    support: partial
    details: Statements that do not only read are not run, so their results are not known.
  diff_mode:
    support: none
    details: What a statement changes cannot be told from outside.
  idempotent:
    support: none
    details: A statement that does not only read counts as a change each time, unless O(probe=true).
seealso:
  - module: lakeops.databricks.warehouse_info
"""

EXAMPLES = r"""
- name: Ask who is asking
  lakeops.databricks.sql:
    warehouse: "{{ warehouse | default('Starter Warehouse') }}"
    statement: SELECT current_user()
  register: asked

- name: Show the answer
  ansible.builtin.debug:
    msg: "{{ asked.results[0].rows[0][0] }}"

- name: Try something that is taken back in any case
  lakeops.databricks.sql:
    warehouse: "{{ warehouse | default('Starter Warehouse') }}"
    catalog: main
    schema: default
    probe: true
    statements:
      - sql: CREATE TABLE example_probe (id INT)
      - sql: INSERT INTO example_probe VALUES (1)
      - id: count
        sql: SELECT count(*) FROM example_probe WHERE id = :id
        parameters: {id: 1}
      - sql: DROP TABLE IF EXISTS example_probe
        always: true
"""

RETURN = r"""
results:
  description: One entry for each statement.
  returned: always, if a session was opened
  type: list
  elements: dict
  contains:
    id: {description: As given., type: str, returned: always, sample: count}
    statement: {description: The statement., type: str, returned: always, sample: SELECT 1}
    ran: {description: Whether it was run., type: bool, returned: always, sample: true}
    ok: {description: Whether it succeeded; null if it was not run., type: bool, returned: always, sample: true}
    columns: {description: Names of the columns., type: list, elements: str, returned: always, sample: [n]}
    rows:
      description: The rows as lists; decimals and times are text.
      type: list
      elements: list
      returned: always
      sample: [[1]]
    truncated: {description: Whether there were more rows., type: bool, returned: always, sample: false}
    error:
      description:
        - Why it failed, V(null) if it did not. C(error_class) and C(sqlstate) are those of the service, V(null) where
          it names none; the other keys are those of every failure.
      type: dict
      returned: always
      sample: null
session_error:
  description: Why there was no session.
  returned: with O(collect_errors=true), if there was none
  type: dict
  sample: {code: PERMISSION_DENIED, status: 403, message: Could not open a SQL session.}
"""

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import act
from ansible_collections.lakeops.databricks.plugins.module_utils._objects import statements
from ansible_collections.lakeops.databricks.plugins.module_utils._token import stores

SPEC: Json = {
    "statement": {"type": "str"},
    "statements": {
        "type": "list",
        "elements": "dict",
        "options": {
            "id": {"type": "str"},
            "sql": {"type": "str", "required": True},
            "parameters": {"type": "dict"},
            "always": {"type": "bool", "default": False},
        },
    },
    "warehouse": {"type": "str"},
    "http_path": {"type": "str"},
    "catalog": {"type": "str"},
    "schema": {"type": "str"},
    # Where a token is, not what it is.
    "token_store": {"type": "dict", "no_log": False, "options": stores.SPEC},
    "collect_errors": {"type": "bool", "default": False},
    "probe": {"type": "bool", "default": False},
    "max_rows": {"type": "int", "default": 1000},
    "timeout": {"type": "int", "default": 900},
}


def main() -> None:
    act(
        SPEC,
        statements.run,
        required_one_of=[("statement", "statements"), ("warehouse", "http_path")],
        mutually_exclusive=[("statement", "statements")],
    )


if __name__ == "__main__":
    main()
