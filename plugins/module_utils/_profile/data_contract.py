# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What JSON Schema cannot say of the data contract of an access profile."""

from __future__ import annotations

import re

from .._common.json_types import Json

# What a test takes besides what every rule has.
_TAKES = {
    "wrong_type": ("role", "types"),
    "role_type": ("role", "types"),
    "column_type": ("types",),
    "lacks": ("role",),
    "lacks_beside": ("role", "beside"),
    "several": ("roles",),
    "named": ("words",),
    "named_type": ("words", "types"),
    "count_null": ("role",),
    "count_future": ("role",),
    "count_duplicate": ("role",),
    "count_unlisted": ("words", "values"),
    "count_unlike": ("role", "pattern"),
}
_ALL = {key for keys in _TAKES.values() for key in keys}
_WORDS = frozenset({"column", "columns", "type", "tables", "parent", "count", "rows", "reason"})


def problems(document: Json) -> list[str]:
    """Sentences, each beginning with the key; empty where there is no contract, or nothing is wrong with it."""
    contract = document.get("data_contract")
    if contract is None:
        return []
    found = []
    if contract["schema"] not in {schema["id"] for schema in document["schemas"]}:
        found.append(f"data_contract.schema is {contract['schema']!r}, which is the id of no schema.")
    seen: set[str] = set()
    for number, rule in enumerate(contract["rules"]):
        found += _of_rule(f"data_contract.rules[{number}]", rule, contract)
        if rule["id"] in seen:
            found.append(f"data_contract.rules[{number}].id is {rule['id']!r}, as that of another rule.")
        seen.add(rule["id"])
    return found


def _of_rule(where: str, rule: Json, contract: Json) -> list[str]:
    takes = _TAKES.get(rule["test"], ())
    found = [f"{where}.{key} is missing; test {rule['test']} takes it." for key in takes if key not in rule]
    found += [f"{where}.{key} means nothing to test {rule['test']}." for key in sorted(_ALL & set(rule) - set(takes))]
    for key, held in (("source", "sources"), ("words", "columns"), ("values", "values")):
        if key in rule and rule[key] not in contract.get(held, {}):
            found.append(f"{where}.{key} is {rule[key]!r}, which is not under {held}.")
    if rule["severity"] == "error" and rule.get("importable") != "no":
        found.append(f"{where}.importable must be no, since its severity is error.")
    for key in ("title", "hint"):
        wrong = sorted(set(re.findall(r"\{(\w+)\}", rule[key])) - _WORDS)
        found += [f"{where}.{key} names {{{word}}}, which no test fills in." for word in wrong]
    return found
