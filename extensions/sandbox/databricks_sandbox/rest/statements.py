# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statement execution API (SDK service/sql.py, StatementExecutionAPI). A failing statement is HTTP 200."""

from __future__ import annotations

import dataclasses
import re
import typing as t
import uuid

from .. import history, running
from ..errors import ApiError, SqlError
from ..http import Call, route
from ..model import Warehouse
from ..sql import session as sessions
from ..sql import statements as sql
from ..sql import types
from ..sql.information_schema import simple_name
from . import warehouses

BASE = "/api/2.0/sql/statements"
_KEYS = {
    "statement",
    "warehouse_id",
    "catalog",
    "schema",
    "parameters",
    "wait_timeout",
    "on_wait_timeout",
    "disposition",
    "format",
    "row_limit",
    "byte_limit",
    "query_tags",
}
KEPT_SECONDS = 3600  # results are kept for about an hour (SDK StatementExecutionAPI)


@route("POST", BASE)
def execute(call: Call) -> dict[str, t.Any]:
    """Sessions are not kept: catalog and schema come with each statement."""
    from ..sql import compute

    body, workspace = call.body, call.workspace
    unknown = sorted(set(body) - _KEYS)
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown field {unknown[0]}.")
    if not body.get("statement") or not body.get("warehouse_id"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "statement and warehouse_id are required.")
    for name in ("statement", "warehouse_id", "catalog", "schema"):
        if body.get(name) is not None and not isinstance(body[name], str):
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{name} must be text.")
    if body.get("on_wait_timeout", "CONTINUE") not in ("CONTINUE", "CANCEL"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "on_wait_timeout is CONTINUE or CANCEL.")
    if body.get("byte_limit") is not None:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The sandbox does not count bytes: no byte_limit.")
    limit = body.get("row_limit")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "row_limit is a positive number.")
    parameters = _parameters(body.get("parameters"))
    wait = str(body.get("wait_timeout") or "10s")
    if not re.fullmatch(r"0s|([5-9]|[1-4]\d|50)s", wait):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "wait_timeout must be 0s or from 5s to 50s.")
    if body.get("disposition", "INLINE") != "INLINE" or body.get("format", "JSON_ARRAY") != "JSON_ARRAY":
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The sandbox gives INLINE results in JSON_ARRAY only.")
    warehouse = compute.admit(workspace, call.me, str(body["warehouse_id"]))
    warehouses.settle(workspace, warehouse)
    statement_id = str(uuid.uuid4())
    if warehouse.state == "RUNNING" and not workspace.statement_seconds:
        # Finished before anybody could ask; nevertheless an answer without waiting never has the result.
        answer = _keep(call, statement_id, _ran(call, parameters))
        return {"statement_id": statement_id, "status": {"state": "PENDING"}} if wait == "0s" else answer
    return _in_the_background(call, statement_id, parameters, warehouse, int(wait[:-1]))


def _keep(call: Call, statement_id: str, answer: dict[str, t.Any]) -> dict[str, t.Any]:
    whole = {"statement_id": statement_id, **answer}
    call.workspace.statements[statement_id] = (call.me.id, call.workspace.clock.now() + KEPT_SECONDS, whole)
    return whole


def _in_the_background(
    call: Call, statement_id: str, parameters: dict[str, tuple[str, str | None]], warehouse: Warehouse, wait: int
) -> dict[str, t.Any]:
    """The answer that there is after ``wait`` seconds. SDK StatementExecutionAPI: then the statement goes on, or is
    cancelled; with 0s it goes on, whatever on_wait_timeout says.
    """
    workspace = call.workspace
    canceled = dataclasses.replace(_history(call), canceled=True)
    one = running.Running(
        workspace, warehouse, lambda: _ran(call, parameters), lambda: history.record(workspace, canceled)
    )
    workspace.running[statement_id] = (call.me.id, one)
    # The lock of the workspace is held here; others go on meanwhile, and the statement needs it, too.
    workspace.lock.release()
    try:
        finished = one.finished_within(wait)
    finally:
        workspace.lock.acquire()
    if not finished and wait and call.body.get("on_wait_timeout") == "CANCEL":
        one.cancel()
    return _now(call, statement_id)


def _parameters(wish: t.Any) -> dict[str, tuple[str, str | None]]:
    """A value is text or missing, whatever its type; without a type it is a STRING (SDK StatementParameterListItem)."""
    found: dict[str, tuple[str, str | None]] = {}
    for one in [] if wish is None else wish if isinstance(wish, list) else [wish]:
        if not isinstance(one, dict) or set(one) - {"name", "type", "value"} or not isinstance(one.get("name"), str):
            raise ApiError(400, "INVALID_PARAMETER_VALUE", "A parameter has a name, a value and perhaps a type.")
        if any(not isinstance(one.get(key), (str, type(None))) for key in ("type", "value")) or one["name"] in found:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Parameter {one['name']} must be text, and there once.")
        found[one["name"]] = (one.get("type") or "STRING", one.get("value"))
    return found


def _ran(call: Call, parameters: dict[str, tuple[str, str | None]]) -> dict[str, t.Any]:
    body = call.body
    session = sessions.Session(call.workspace, call.me)
    ran = _history(call)
    try:
        if body.get("catalog"):
            session.check_catalog(body["catalog"].lower())
            session.catalog = body["catalog"].lower()
        if body.get("schema"):
            session.check_schema(session.catalog, body["schema"].lower())
            session.schema = body["schema"].lower()
        result = sql.execute(session, str(body["statement"]), parameters)
    except SqlError as error:
        ran.error = error.message
        history.record(call.workspace, ran)
        failed: dict[str, t.Any] = {
            "state": "FAILED",
            "error": {"error_code": "BAD_REQUEST", "message": error.message},
        }
        if error.sqlstate:
            failed["sql_state"] = error.sqlstate
        return {"status": failed}
    ran.rows = len(result.rows)
    history.record(call.workspace, ran)
    return {"status": {"state": "SUCCEEDED"}, **_shown(result, body.get("row_limit"))}


def _history(call: Call) -> history.Ran:
    body = call.body
    return history.Ran(
        call.me,
        str(body["warehouse_id"]),
        str(body["statement"]),
        call.workspace.clock.now(),
        call.headers.get("user-agent", ""),
        tags=_tags(body.get("query_tags")),
    )


def _tags(wish: t.Any) -> list[dict[str, str]]:
    """SDK QueryTag: a key, and perhaps a value."""
    found = wish or []
    if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("key") for one in found):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "query_tags is a list of key and value.")
    return [{name: str(one[name]) for name in ("key", "value") if one.get(name) is not None} for one in found]


def _column(position: int, name: str, kind: str) -> dict[str, t.Any]:
    """As databricks-jdbc src/test/resources/sqlexecapi has them: LONG for BIGINT, NULL for VOID, and more about
    decimals and intervals.
    """
    text, simple = types.sql(kind), simple_name(kind)
    column: dict[str, t.Any] = {"name": name, "type_text": text, "type_name": simple, "position": position}
    numbers = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", text)
    if numbers:
        column |= {"type_precision": int(numbers[1]), "type_scale": int(numbers[2])}
    if text.startswith("INTERVAL "):
        column |= {"type_name": "INTERVAL", "type_interval_type": text.removeprefix("INTERVAL ")}
    if text == "VOID":
        column["type_name"] = "NULL"
    return column


def _shown(result: sessions.Result, limit: int | None) -> dict[str, t.Any]:
    """Manifest and result as recorded from a service (databricks-jdbc src/test/resources/sqlexecapi): without rows
    there are no chunks and the result is empty; columns are left out where there are none.
    """
    rows = result.rows[:limit] if limit else result.rows
    columns = [_column(number, name, kind) for number, (name, kind) in enumerate(result.columns)]
    data = [[None if cell is None else types.text(cell) for cell in row] for row in rows]
    schema: dict[str, t.Any] = {"column_count": len(columns), **({"columns": columns} if columns else {})}
    chunk = {"chunk_index": 0, "row_offset": 0, "row_count": len(data)}
    counts: dict[str, t.Any] = {"total_chunk_count": 1, "chunks": [chunk], "total_row_count": len(data)}
    if not data:
        counts = {"total_chunk_count": 0, "total_row_count": 0, "total_byte_count": 0}
    truncated = len(rows) < len(result.rows)
    return {
        "manifest": {"format": "JSON_ARRAY", "schema": schema, **counts, "truncated": truncated},
        "result": {**chunk, "data_array": data} if data else {},
    }


def _now(call: Call, statement_id: str) -> dict[str, t.Any]:
    """The answer about a statement of the caller's, as it is by now.

    :raises ApiError: 404, if there is none, or it is somebody else's
    """
    whose, one = call.workspace.running.get(statement_id, ("", None))
    if one is not None and whose == call.me.id:
        if one.finished_within(0):
            del call.workspace.running[statement_id]
            return _keep(call, statement_id, one.answer)
        return {"statement_id": statement_id, **one.answer}
    owner, until, answer = call.workspace.statements.get(statement_id, ("", 0.0, {}))
    if owner != call.me.id or until <= call.workspace.clock.now():
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"The statement {statement_id} was not found.")
    return answer


def _mine(call: Call) -> dict[str, t.Any]:
    return _now(call, call.params["id"])


@route("GET", f"{BASE}/{{id}}")
def get(call: Call) -> dict[str, t.Any]:
    return _mine(call)


@route("GET", f"{BASE}/{{id}}/result/chunks/{{number}}")
def chunk(call: Call) -> dict[str, t.Any]:
    answer = _mine(call)
    if call.params["number"] != "0" or not answer.get("result"):
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", "There is no such chunk.")
    return answer["result"]


@route("POST", f"{BASE}/{{id}}/cancel")
def cancel(call: Call) -> dict[str, t.Any]:
    """databricks/cli integration/libs/sqlexec: the state is CANCELED then. Too late is no error."""
    _mine(call)
    _whose, one = call.workspace.running.get(call.params["id"], ("", None))
    if one is not None:
        one.cancel()
    return {}
