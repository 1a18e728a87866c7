# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Which statements a principal ran on SQL warehouses (SDK service/sql.py, QueryHistoryAPI)."""

from __future__ import annotations

import math
import typing as t

from .._common.json_types import Json
from .._token.use import WINDOW, Statement
from .._wire.sql import MARK
from .._wire.workspace import Workspace
from .fields import number

PATH = "/api/2.0/sql/history/queries"
# Less than 1000 (SDK QueryHistoryAPI.list), and no more pages than a principal of one partner fills with our own runs.
_PAGE, _MOST_PAGES = 500, 40
# The service's clock is known to the second, and a range of more than 30 days is refused.
_LEEWAY = 120


class TooMuch(Exception):
    """There is more than is read."""


def pages(workspace: Workspace, user_id: str, now: float) -> t.Iterator[list[Statement]]:
    """The statements of one user or service principal within WINDOW, page by page, most recently started first.

    Administrators see everything, others what they ran themselves and what ran on warehouses on which they have at
    least CAN VIEW; what they may not see is missing without a word (Databricks docs, "Query history").

    :param user_id: SCIM id
    :param now: seconds since the epoch, by the service's clock
    :raises Failure: the list could not be read
    :raises TooMuch: it goes on for longer than anybody should wait
    """
    ask: Json = {
        "filter_by": {
            "user_ids": [int(user_id)],
            "query_start_time_range": {
                "start_time_ms": int((now - WINDOW) * 1000),
                "end_time_ms": int((now + _LEEWAY) * 1000),
            },
        },
        "max_results": _PAGE,
    }
    for _page in range(_MOST_PAGES):
        answer = workspace.call("GET", PATH, f"read the query history of {user_id}", query=ask)
        yield [shape(row) for row in answer.get("res") or [] if isinstance(row, dict)]
        # A page token may come although nothing follows.
        token = answer.get("next_page_token")
        if not token or answer.get("has_next_page") is False:
            return
        ask = {**ask, "page_token": token}
    raise TooMuch


def shape(row: Json) -> Statement:
    """A statement as the service describes it; its text may be hidden (customer-managed keys)."""
    text = str(row.get("query_text") or "").lstrip()
    start, ours = number(row.get("query_start_time_ms")), text.startswith(MARK.strip())
    if start is None and not ours:
        # At any time: it may be newer than all others, so nobody knows what the partner ran last.
        return Statement(at=math.inf, ours=None)
    return Statement(
        at=(start or 0) / 1000,
        ours=ours if text else None,
        session=str(row.get("session_id") or "") or None,
    )
