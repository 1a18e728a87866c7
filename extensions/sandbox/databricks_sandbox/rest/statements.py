# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statement execution API (SDK service/sql.py, StatementExecutionAPI). A failing statement is HTTP 200."""

from __future__ import annotations

import re
import typing as t
import uuid

from .. import history
from ..errors import ApiError, SqlError
from ..http import Call, route
from ..sql import session as sessions
from ..sql import types
from ..sql.information_schema import simple_name

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
    statement_id = str(uuid.uuid4())
    # The lock of the workspace is held here; a cold start must not hold up others.
    workspace.lock.release()
    try:
        compute.wait_until_running(workspace, warehouse)
    finally:
        workspace.lock.acquire()
    answer = {"statement_id": statement_id, **_ran(call, parameters)}
    workspace.statements[statement_id] = (call.me.id, workspace.clock.now() + KEPT_SECONDS, answer)
    return {"statement_id": statement_id, "status": {"state": "PENDING"}} if wait == "0s" else answer


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
    ran = history.Ran(
        call.me,
        str(body["warehouse_id"]),
        str(body["statement"]),
        call.workspace.clock.now(),
        call.headers.get("user-agent", ""),
        tags=_tags(body.get("query_tags")),
    )
    try:
        if body.get("catalog"):
            session.check_catalog(body["catalog"].lower())
            session.catalog = body["catalog"].lower()
        if body.get("schema"):
            session.check_schema(session.catalog, body["schema"].lower())
            session.schema = body["schema"].lower()
        result = session.execute(str(body["statement"]), parameters)
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


def _tags(wish: t.Any) -> list[dict[str, str]]:
    """SDK QueryTag: a key, and perhaps a value."""
    found = wish or []
    if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("key") for one in found):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "query_tags is a list of key and value.")
    return [{name: str(one[name]) for name in ("key", "value") if one.get(name) is not None} for one in found]


def _shown(result: sessions.Result, limit: int | None) -> dict[str, t.Any]:
    rows = result.rows[:limit] if limit else result.rows
    columns = [
        {"name": name, "position": number, "type_name": simple_name(kind), "type_text": kind.upper()}
        for number, (name, kind) in enumerate(result.columns)
    ]
    data = [[None if cell is None else types.text(cell) for cell in row] for row in rows]
    shown: dict[str, t.Any] = {"chunk_index": 0, "row_offset": 0, "row_count": len(rows)}
    if data:
        shown["data_array"] = data
    return {
        "manifest": {
            "format": "JSON_ARRAY",
            "schema": {"column_count": len(columns), "columns": columns},
            "total_chunk_count": 1,
            "total_row_count": len(rows),
            "truncated": len(rows) < len(result.rows),
        },
        "result": shown,
    }


def _mine(call: Call) -> dict[str, t.Any]:
    owner, until, answer = call.workspace.statements.get(call.params["id"], ("", 0.0, {}))
    if owner != call.me.id or until <= call.workspace.clock.now():
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"The statement {call.params['id']} was not found.")
    return answer


@route("GET", f"{BASE}/{{id}}")
def get(call: Call) -> dict[str, t.Any]:
    return _mine(call)


@route("GET", f"{BASE}/{{id}}/result/chunks/{{number}}")
def chunk(call: Call) -> dict[str, t.Any]:
    answer = _mine(call)
    if call.params["number"] != "0" or "result" not in answer:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", "There is no such chunk.")
    return answer["result"]


@route("POST", f"{BASE}/{{id}}/cancel")
def cancel(call: Call) -> dict[str, t.Any]:
    _mine(call)
    return {}
