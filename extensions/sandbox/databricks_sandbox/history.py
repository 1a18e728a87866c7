# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The query history: every statement that a SQL warehouse ran, whoever sent it and by which API.

It tells the principal and never the token. It is kept for 30 days (Databricks docs, "Query history").
"""

from __future__ import annotations

import re
import typing as t
import uuid
from dataclasses import dataclass, field

from .model import DAY, Identity, Workspace

KEPT_DAYS = 30
# SDK service/sql.py, QueryStatementType; the first word decides.
_TYPES = ["SELECT", "SHOW", "DESCRIBE", "USE", "GRANT", "REVOKE", "ALTER", "CREATE", "DROP", "INSERT", "UPDATE"]
_TYPES += ["DELETE", "MERGE", "EXPLAIN", "SET", "TRUNCATE", "COPY", "OPTIMIZE", "ANALYZE", "REFRESH"]
_COMMENTS = re.compile(r"^(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)+", re.S)


@dataclass
class Ran:
    """One statement that ran, or was refused while it did."""

    identity: Identity
    warehouse_id: str
    statement: str
    started: float  # seconds since the epoch
    user_agent: str = ""
    session_id: str | None = None  # None: the statement API, which has no session that stays
    tags: list[dict[str, str]] = field(default_factory=list)
    error: str | None = None
    rows: int = 0
    canceled: bool = False


def record(workspace: Workspace, ran: Ran) -> None:
    """Keep a row as the list gives it (SDK service/sql.py, QueryInfo); parts that are empty are left out."""
    start = int(ran.started * 1000)
    end = max(start, workspace.clock.now_ms())
    row: dict[str, t.Any] = {
        "query_id": str(uuid.uuid4()),
        "status": "CANCELED" if ran.canceled else "FAILED" if ran.error else "FINISHED",
        "query_text": ran.statement,
        "query_start_time_ms": start,
        "execution_end_time_ms": end,
        "query_end_time_ms": end,
        "duration": end - start,
        "user_id": int(ran.identity.id),
        "user_name": ran.identity.principal,
        "executed_as_user_id": int(ran.identity.id),
        "executed_as_user_name": ran.identity.principal,
        "warehouse_id": ran.warehouse_id,
        "endpoint_id": ran.warehouse_id,
        "statement_type": _kind(ran.statement),
        "is_final": True,
        "rows_produced": ran.rows,
    }
    optional = {
        "error_message": ran.error,
        "session_id": ran.session_id,
        "client_application": _application(ran.user_agent),
        "query_tags": ran.tags,
    }
    with workspace.lock:
        workspace.history.append({**row, **{name: value for name, value in optional.items() if value}})
        forget(workspace)


def forget(workspace: Workspace) -> None:
    """Drop what is too old."""
    oldest = workspace.clock.now_ms() - KEPT_DAYS * DAY * 1000
    workspace.history[:] = [row for row in workspace.history if row["query_start_time_ms"] >= oldest]


def tags_of(configuration: dict[str, str] | None) -> list[dict[str, str]]:
    """The tags in a session's configuration, as the connector writes them: ``key:value,flag``.

    databricks-sql-python, utils.serialize_query_tags
    """
    text = {name.lower(): value for name, value in (configuration or {}).items()}.get("query_tags") or ""
    found = []
    for part in filter(None, text.split(",")):
        key, colon, value = part.partition(":")
        found.append({"key": key, "value": value} if colon else {"key": key})
    return found


def _kind(statement: str) -> str:
    word = re.split(r"\W", _COMMENTS.sub("", statement).lstrip("( "), maxsplit=1)[0].upper()
    word = {"DESC": "DESCRIBE", "WITH": "SELECT", "VALUES": "SELECT"}.get(word, word)
    return word if word in _TYPES else "OTHER"


def _application(user_agent: str) -> str | None:
    """Derived from what the client says of itself; nobody promises how (SDK QueryInfo.client_application)."""
    if user_agent.startswith("PyDatabricksSqlConnector"):
        return "Databricks SQL Connector for Python"
    return user_agent.split("/", 1)[0].split(" ", 1)[0] or None
