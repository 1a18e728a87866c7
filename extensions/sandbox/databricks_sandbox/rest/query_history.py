# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The query history (SDK service/sql.py, QueryHistoryAPI.list); filters come with dots, as ``filter_by.user_ids``."""

from __future__ import annotations

import base64
import binascii
import json
import typing as t

from .. import history
from ..errors import ApiError
from ..http import Call, route
from ..model import DAY

BASE = "/api/2.0/sql/history/queries"
_RANGE = "filter_by.query_start_time_range"
_LISTS = {"filter_by.user_ids": "user_id", "filter_by.warehouse_ids": "warehouse_id",
          "filter_by.statement_ids": "query_id", "filter_by.statuses": "status"}  # fmt: skip
_TIMES = (f"{_RANGE}.start_time_ms", f"{_RANGE}.end_time_ms")
_STATUSES = ("QUEUED", "RUNNING", "CANCELED", "FAILED", "FINISHED", "STARTED", "COMPILING", "COMPILED")
_MOST = 999  # "must be less than 1000 and the default is 100"
# Databricks docs, "SQL warehouse access control": who may see the queries of others. CAN USE is not among them.
_SEE = {"CAN_VIEW", "CAN_MONITOR", "CAN_MANAGE", "IS_OWNER"}


@route("GET", BASE)
def listing(call: Call) -> dict[str, t.Any]:
    """Most recently started first. What the caller may not see is left out without a word.

    Databricks docs, "Query history": one's own queries, and all that ran on a warehouse on which one has at least
    CAN VIEW; administrators see everything.
    """
    wish = _wish(call)
    size = _number(call.one("max_results"), "max_results", 100)
    if not 1 <= size <= _MOST:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"max_results must be from 1 to {_MOST}.")
    history.forget(call.workspace)
    rows = [row for row in call.workspace.history if _visible(call, row) and _wanted(row, wish)]
    rows.sort(key=lambda row: -row["query_start_time_ms"])
    begin = wish["at"]
    shown = rows[begin : begin + size]
    if not shown:
        return {"has_next_page": False}
    answer: dict[str, t.Any] = {"res": shown, "has_next_page": begin + size < len(rows)}
    # There may be a token although nothing follows: that is what has_next_page is for.
    if answer["has_next_page"] or call.workspace.second_form:
        token = json.dumps({**wish, "at": begin + size}).encode()
        answer["next_page_token"] = base64.b64encode(token).decode()
    return answer


def _wish(call: Call) -> dict[str, t.Any]:
    unknown = sorted(set(call.query) - {*_LISTS, *_TIMES, "include_metrics", "max_results", "page_token"})
    if unknown:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown field {unknown[0]}.")
    if call.one("page_token"):
        return _next(str(call.one("page_token")))
    lists = {name: call.query[name] for name in _LISTS if call.query.get(name)}
    for one in lists.get("filter_by.user_ids", []):
        _number(one, "filter_by.user_ids", 0)
    for one in lists.get("filter_by.statuses", []):
        if one not in _STATUSES:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{one} is not a status of a query.")
    now = call.workspace.clock.now_ms()
    end = _number(call.one(_TIMES[1]), _TIMES[1], now)
    start = _number(call.one(_TIMES[0]), _TIMES[0], end - history.KEPT_DAYS * DAY * 1000)
    if end - start > history.KEPT_DAYS * DAY * 1000 or start > end:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The time range must be less than or equal to 30 days.")
    return {"lists": lists, "start": start, "end": end, "at": 0}


def _next(token: str) -> dict[str, t.Any]:
    try:
        wish = json.loads(base64.b64decode(token, validate=True))
        return {"lists": wish["lists"], "start": wish["start"], "end": wish["end"], "at": wish["at"]}
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "page_token is not one that was given out.") from error


def _number(text: str | None, name: str, default: int) -> int:
    if text in (None, ""):
        return default
    try:
        return int(str(text))
    except ValueError as error:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{name} must be a number.") from error


def _wanted(row: dict[str, t.Any], wish: dict[str, t.Any]) -> bool:
    if not wish["start"] <= row["query_start_time_ms"] <= wish["end"]:
        return False
    return all(str(row[_LISTS[name]]) in values for name, values in wish["lists"].items())


def _visible(call: Call, row: dict[str, t.Any]) -> bool:
    workspace, me = call.workspace, call.me
    if workspace.is_admin(me) or str(row["user_id"]) == me.id:
        return True
    names = {me.principal.lower()} | {name.lower() for name in workspace.groups_of(me.id)}
    levels = workspace.acls.get(("warehouses", row["warehouse_id"]), {})
    return any(level in _SEE for who, level in levels.items() if who.lower() in names)
