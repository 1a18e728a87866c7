# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Tables and the contract -> findings. Pure: it asks nobody, and nothing of it says how the connection is."""

from __future__ import annotations

import typing as t

from .._common.json_types import Json
from .contract import NO, SEVERITIES, UNKNOWN, YES, Contract, Rule, Table
from .counting import RESULTS
from .roles import Said, Understood, understand
from .structure import TESTS, Hit, Scene

_PLURALS = {"error": "errors", "warning": "warnings", "advice": "advice"}


def judge(tables: t.Iterable[Table], contract: Contract, told: t.Mapping[str, Said] | None = None) -> list[Json]:
    """Each table with its kind, whether it can be imported, and the findings, the gravest first.

    :param told: what the user says, by the full name of the table or the last part of it, in lower case
    """
    told = dict(told or {})
    understood = [understand(table, contract, _said(table.name, told)) for table in tables]
    known = {name for one in understood for name in _names(one.table.name)}
    for name in sorted(set(told) - known):
        missing = Table(name, None, there=False)
        understood.append(understand(missing, contract, told[name]))
    return [_judged(one, understood, contract) for one in understood]


def summary(judged: t.Sequence[Json]) -> Json:
    """Counts, and one line for people."""
    severities = [finding["severity"] for one in judged for finding in one["findings"]]
    counts = {
        "tables": len(judged),
        "importable": sum(one["importable"] == YES for one in judged),
        "unknown": sum(one["importable"] == UNKNOWN for one in judged),
        **{plural: severities.count(severity) for severity, plural in _PLURALS.items()},
    }
    tables = f"{len(judged)} table{'' if len(judged) == 1 else 's'}"
    line = f"{tables}, {counts['importable']} importable, {counts['unknown']} could not be established"
    return {**counts, "line": f"{line}; {_numbers(counts)}"}


def _numbers(counts: t.Mapping[str, int]) -> str:
    errors, warnings = counts["errors"], counts["warnings"]
    return (
        f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}, "
        f"{counts['advice']} advice"
    )


def _names(full_name: str) -> tuple[str, str]:
    return full_name.lower(), full_name.lower().rsplit(".", maxsplit=1)[-1]


def _said(full_name: str, told: t.Mapping[str, Said]) -> Said | None:
    return next((told[name] for name in _names(full_name) if name in told), None)


def _judged(one: Understood, all_of_them: t.Sequence[Understood], contract: Contract) -> Json:
    found: list[tuple[Rule, Hit]] = []
    for rule in contract.rules:
        if one.kind in rule.kinds or not one.table.there:
            found += [(rule, hit) for hit in _hits(rule, one, all_of_them, contract)]
    found.sort(key=lambda pair: SEVERITIES.index(pair[0].severity))
    findings = [_finding(rule, hit) for rule, hit in found]
    left = {rule.importable for rule, _hit in found}
    importable = NO if NO in left else UNKNOWN if UNKNOWN in left else YES
    told = {
        "table": one.table.name,
        "kind": one.kind,
        "importable": importable,
        "findings": findings,
    }
    return {**told, "line": _line(told)}


def _hits(rule: Rule, one: Understood, all_of_them: t.Sequence[Understood], contract: Contract) -> t.Iterable[Hit]:
    if rule.test in RESULTS:
        return RESULTS[rule.test](one.table, rule)
    return TESTS[rule.test](Scene(one, all_of_them, contract, rule))


def _finding(rule: Rule, hit: Hit) -> Json:
    return {
        "id": rule.id,
        "severity": rule.severity,
        "column": hit.column,
        "title": fill(rule.title, hit.values),
        "hint": fill(rule.hint, hit.values),
        "source": rule.source,
        "values": dict(hit.values),
    }


def fill(text: str, values: t.Mapping[str, t.Any]) -> str:
    """A sentence with its words in braces filled in. The name of a column may hold braces, too, and stays as it is."""
    pieces = text.split("{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        word, end, rest = piece.partition("}")
        filled.append(f"{values[word]}{rest}" if end and word in values else f"{{{piece}")
    return "".join(filled)


def _line(told: Json) -> str:
    """One line for people: the gravest finding, and how many more."""
    name = str(told["table"]).rsplit(".", maxsplit=1)[-1]
    can = {YES: "can be imported", NO: "cannot be imported", UNKNOWN: "whether it can be imported is not established"}
    kind = {UNKNOWN: "profiles or events"}.get(told["kind"], f"{told['kind']}s")
    findings = told["findings"]
    line = f"{name} ({kind}): {can[told['importable']]}"
    if not findings:
        return f"{line}."
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{line}. {findings[0]['severity']}: {findings[0]['title']}{more}"
