# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Module sql: several statements in one session, and what became of each."""

from __future__ import annotations

import typing as t

from .._api import warehouses
from .._common import http_path, names
from .._common.failure import BadOption, Failure
from .._common.json_types import Json
from .._token import stores
from .._wire.sql import Session, only_reads
from .._wire.workspace import Workspace

# In the codes of failures about something that is not there.
_MISSING = ("NOT_FOUND", "UNRESOLVED")


def run(workspace: Workspace, params: Json, check: bool) -> Json:
    """Module sql, from its options to its result.

    :raises Failure: a statement failed, or there was no session; unless ``collect_errors``
    """
    statements = _checked(params)
    store = params["token_store"]
    caller = workspace if store is None else workspace.as_token(stores.stored_token(workspace, store))
    changes = not params["probe"] and not all(only_reads(statement["sql"]) for statement in statements)
    if check and not any(only_reads(statement["sql"]) for statement in statements):
        return {"changed": changes, "results": [_result(statement) for statement in statements]}
    try:
        path = params["http_path"] or warehouses.find(caller, params["warehouse"])["http_path"]
        session = Session(caller, path, catalog=params["catalog"], schema=params["schema"], timeout=params["timeout"])
        session.open()
    except Failure as failure:
        if not params["collect_errors"]:
            raise
        return {"changed": False, "results": [], "session_error": failure.as_dict()}
    try:
        results, first, warnings = _run_all(session, statements, params, check)
    finally:
        session.close()
    if first is not None and not params["collect_errors"]:
        first.details["results"] = results
        raise first
    return {"changed": changes, "results": results, "warnings_": warnings}


def _run_all(
    session: Session, statements: list[Json], params: Json, check: bool
) -> tuple[list[Json], Failure | None, list[str]]:
    results, first, warnings, foretold = [], None, [], False
    for statement in statements:
        skipped = first is not None and not statement["always"] and not params["collect_errors"]
        if skipped or (check and not only_reads(statement["sql"])):
            results.append(_result(statement))
            foretold = foretold or check
            continue
        try:
            found = session.run(statement["sql"], statement["parameters"], params["max_rows"])
        except Failure as failure:
            if foretold and any(word in failure.code for word in _MISSING):
                # It may be what an earlier statement makes, which check mode did not run.
                results.append(_result(statement))
                warnings.append(f"Statement {statement['id']} needs what check mode did not make: {failure.message}")
                continue
            first = first or failure
            results.append(_result(statement, ran=True, ok=False, error=failure.as_dict()))
        else:
            results.append(
                _result(statement, ran=True, ok=True, columns=found.columns, rows=found.rows, truncated=found.truncated)
            )
    return results, first, warnings


def _result(statement: Json, **known: t.Any) -> Json:
    nothing: Json = {"ran": False, "ok": None, "columns": [], "rows": [], "truncated": False, "error": None}
    return {"id": statement["id"], "statement": statement["sql"], **nothing, **known}


def _checked(params: Json) -> list[Json]:
    """The statements, each with all its keys; refused before anything is run.

    :raises BadOption: says what cannot be used
    """
    given = params["statements"]
    if given is None:
        given = [{"id": None, "sql": params["statement"], "parameters": None, "always": False}]
    option = "statement" if params["statements"] is None else "statements"
    if not given or not all((one["sql"] or "").strip() for one in given):
        raise BadOption(option, "is empty. Give at least one statement.")
    if params["http_path"] is not None and http_path.read("http_path", params["http_path"]) is None:
        raise http_path.no_path("http_path", params["http_path"])
    for name in ("catalog", "schema"):
        if params[name] is not None:
            names.identifier(name, params[name])
    for name in ("max_rows", "timeout"):
        if params[name] < 1:
            raise BadOption(name, f"is {params[name]}; give at least 1.")
    numbered = [{**one, "id": one["id"] or str(number)} for number, one in enumerate(given, 1)]
    twice = {one["id"] for one in numbered if sum(other["id"] == one["id"] for other in numbered) > 1}
    if twice:
        raise BadOption("statements", f"uses the id {', '.join(sorted(twice))} more than once.")
    return numbered
