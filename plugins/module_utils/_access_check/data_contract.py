# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The data contract in a verification: tables from the evidence, and the one statement about the rows of each.

What fails here says nothing of the connection. An error of a statement may quote a row, as that of a cast does, so
nothing of its text is kept but the error class.
"""

from __future__ import annotations

import functools
import re
import typing as t

from .._api.tables import _until_partitions
from .._common.json_types import Json
from .._data_contract import counting, judging
from .._data_contract.contract import Column, Table
from .._data_contract.roles import Said, said, understand
from .._wire.sql import Session, quote
from .evidence import NOT_TRIED, Evidence, Outcome, attempt
from .wanted import Schema, Wanted

_CLASS = re.compile(r"[A-Z][A-Z0-9_.]*")


def result(wanted: Wanted, evidence: Evidence, stated: t.Mapping[str, Said]) -> Json:
    """What the module returns of it; nothing where the profile has no contract, or the tables are not known."""
    tables = _tables(wanted, evidence)
    if wanted.data is None or tables is None:
        return {}
    found = judging.judge(tables, wanted.data, stated)
    return {"data": found, "data_summary": judging.summary(found)}


class Counting:
    """Counts the rows of each table as the token, in a session that is there."""

    def __init__(self, wanted: Wanted, evidence: Evidence, params: Json) -> None:
        self.wanted, self.evidence, self.told = wanted, evidence, said(params["data"])

    def __call__(self, session: Session, schema: Schema) -> None:
        if schema.hive:
            self._describe(session, schema)
        for table in _tables(self.wanted, self.evidence) or ():
            if self.wanted.data is None or not self.evidence.reads.get(table.name, NOT_TRIED).ok:
                continue
            stated = self.told.get(table.name) or self.told.get(table.name.rsplit(".", maxsplit=1)[-1])
            asked = counting.statement(understand(table, self.wanted.data, stated), self.wanted.data)
            if asked is None:
                continue
            done = attempt("count rows", functools.partial(_rows, session, asked.sql), session.workspace.secrets)
            if done.failure is not None:
                code = _CLASS.fullmatch(str(done.failure.code))
                self.evidence.counts[table.name] = Outcome(code[0] if code else "SQL_ERROR", tried=False)
            else:
                self.evidence.counts[table.name] = Outcome(counting.counted(asked, done.value))

    def _describe(self, session: Session, schema: Schema) -> None:
        """The legacy metastore tells no columns in a list."""
        for name in self.evidence.tables[schema.name].value or ():
            statement = f"DESCRIBE TABLE {quote(*schema.name.split('.'), name)}"
            done = attempt("describe", functools.partial(_rows, session, statement), session.workspace.secrets)
            if done.ok:
                columns = [{"name": row[0], "type_text": row[1]} for row in _until_partitions(done.value)]
                self.evidence.details.setdefault(f"{schema.name}.{name}".lower(), {})["columns"] = columns


def _tables(wanted: Wanted, evidence: Evidence) -> list[Table] | None:
    """The tables that the token lists; None where it could not list them."""
    found = []
    for schema in wanted.using("read"):
        listed = evidence.tables.get(schema.name, NOT_TRIED)
        if not wanted.holds_data(schema.name):
            continue
        if not listed.ok:
            return None
        names = [name for name in listed.value if not name.lower().startswith(wanted.probe_prefix)]
        found += [_table(f"{schema.name}.{name}".lower(), evidence) for name in names]
    return found


def _table(name: str, evidence: Evidence) -> Table:
    known = evidence.details.get(name) or {}
    raw = known.get("columns")
    columns = None
    if isinstance(raw, list):
        ordered = sorted(raw, key=lambda one: one.get("position") or 0)
        columns = tuple(
            Column(str(one.get("name", "")), str(one.get("type_text", "")), bool(one.get("mask"))) for one in ordered
        )
    counted = evidence.counts.get(name)
    rows, counts = counted.value if counted is not None and counted.ok and counted.value else (0, None)
    failed = counted is not None and counts is None
    reason = str(counted.value or "SQL_ERROR") if failed and counted is not None else ""
    return Table(name, columns, bool(known.get("row_filter")), counts, rows, reason)


def _rows(session: Session, statement: str) -> list[list[t.Any]]:
    return session.run(statement).rows
