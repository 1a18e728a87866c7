# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""SQL sessions through the SQL connector, as the identity of a Workspace; and the one quoting function."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import logging
import math
import os
import re
import socket
import threading
import typing as t
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from . import _errors, _http_path, _routing
from ._failure import Failure
from ._hints import hint_for
from ._version import VERSION

if t.TYPE_CHECKING:
    from ._workspace import Workspace

# A stopped warehouse starts with the first request, which waits for it; a classic one needs minutes.
PATIENCE = 900
_TELL_EVERY_SECONDS = 5.0
_MOST_ROWS = 10_000

# The libraries' warnings would end up on the user's screen, past everything that masks secrets.
logging.getLogger("databricks").addHandler(logging.NullHandler())

_CLASS = re.compile(r"\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\]")
_SQLSTATE = re.compile(r"SQLSTATE:?\s*([0-9A-Z]{5})\b")
# Stands before every statement of ours, so that the workspace's query history tells them from a partner's. A comment is
# kept in the text of a statement there (docs.getdbt.com, "query-comment"), and works everywhere: query tags make a
# workspace without that preview refuse all ("[CONFIG_NOT_AVAILABLE] Configuration query_tags is not available").
MARK = "/* lakeops.databricks */ "
# Statements that leave the data as it is; USE and SET only touch the session.
_READING = frozenset({"SELECT", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "USE", "VALUES", "SET", "LIST"})
_WRITING = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER|TRUNCATE)\b", re.IGNORECASE)
_QUOTED_OR_COMMENT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`]|``)*`|--[^\n]*|/\*.*?\*/", re.DOTALL)


def quote(*parts: str) -> str:
    """A name, part by part in backticks, which works for every legal name (Databricks docs, "Names")."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def literal(text: str) -> str:
    """A string literal (Databricks docs, "STRING type": backslash escapes)."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def only_reads(statement: str) -> bool:
    """Whether a statement certainly changes nothing that outlives its session."""
    bare = _QUOTED_OR_COMMENT.sub(" ", statement).strip().lstrip("( \n\t")
    word = re.split(r"\W", bare, maxsplit=1)[0].upper()
    if word in ("WITH", "EXPLAIN"):
        return word == "EXPLAIN" or not _WRITING.search(bare)
    return word in _READING


@dataclass
class Rows:
    """What a statement gave; values are as JSON can hold them."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[t.Any]] = field(default_factory=list)
    truncated: bool = False


class Session:
    """One SQL session of one identity on one warehouse, opened with the first statement.

    :param http_path: of the SQL warehouse
    :param timeout: seconds that one statement may take, the start of the warehouse included
    """

    def __init__(
        self,
        workspace: Workspace,
        http_path: str,
        *,
        catalog: str | None = None,
        schema: str | None = None,
        timeout: int = PATIENCE,
    ) -> None:
        said = _http_path.read("http_path", http_path)
        if said is None:
            raise _http_path.no_path("http_path", http_path)
        self.workspace, self.path, self.timeout = workspace, said, timeout
        self.catalog, self.schema = catalog, schema
        self.http_path = said.plain
        self._connection: t.Any = None

    def open(self) -> None:
        """Sign in. Called by the first statement; call it before to learn of a refusal by itself.

        :raises Failure: no session: unreachable, not allowed, the warehouse is gone or does not start
        """
        if self._connection is None:
            config = self.workspace.config
            self.http_path = self.workspace.http_path(self.path.plain, self.path.workspace_id)
            _take_over_all_proxy(urlsplit(self.workspace.host).scheme)
            _reach(self.workspace)
            self._connection = self._do("open a SQL session", lambda: _connect(self, config))

    def run(self, statement: str, parameters: t.Mapping[str, t.Any] | None = None, most: int = _MOST_ROWS) -> Rows:
        """Run one statement and read its rows.

        :param parameters: values for the markers :name in the statement
        :param most: rows to read; the rest is left where it is
        :raises Failure: with ``sqlstate`` and, as code, the error class
        """
        self.open()
        return self._do("run the statement", lambda: _execute(self._connection, MARK + statement, parameters, most))

    def close(self) -> None:
        """End the session; one that cannot be ended ends by itself."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def _do(self, doing: str, act: t.Callable[[], t.Any]) -> t.Any:
        """Do it in a thread, so that somebody can tell the user what is waited for."""
        done: dict[str, t.Any] = {}

        def work() -> None:
            try:
                done["result"] = act()
            except BaseException as error:  # noqa: BLE001  raised again in the caller's thread
                done["error"] = error

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        waited = 0.0
        while True:
            thread.join(_TELL_EVERY_SECONDS)
            if not thread.is_alive():
                break
            waited += _TELL_EVERY_SECONDS
            self.workspace.notify(f"Waiting for the SQL warehouse to {doing}; it may be starting ({waited:.0f} s).")
        if "error" in done:
            raise _failure(done["error"], doing, self.workspace) from done["error"]
        return done["result"]


def _connect(session: Session, config: t.Any) -> t.Any:
    connect = _connector()
    workspace, parts = session.workspace, urlsplit(session.workspace.host)
    more: dict[str, t.Any] = {}
    if workspace.params["ca_cert"]:
        more["_tls_trusted_ca_file"] = str(Path(workspace.params["ca_cert"]).expanduser())
    elif Path(os.environ.get("REQUESTS_CA_BUNDLE") or "-").is_file():
        # What holds for requests, as the calls of the API are made, holds here.
        more["_tls_trusted_ca_file"] = os.environ["REQUESTS_CA_BUNDLE"]
    route = session.http_path.partition("?o=")[2]
    if route:
        more["http_headers"] = _routing.sql_headers(route)
    return connect(
        # The connector takes plain HTTP only in this form; _connection.host allows it for this machine only.
        server_hostname=parts.netloc if parts.scheme == "https" else session.workspace.host,
        http_path=session.http_path,
        _connection_uri=session.workspace.host + session.http_path,
        credentials_provider=lambda: config.authenticate,
        catalog=session.catalog,
        schema=session.schema,
        user_agent_entry=f"lakeops.databricks/{VERSION}",
        # Both make the connector call home, blocking, before the first statement.
        enable_telemetry=False,
        use_cloud_fetch=False,
        _socket_timeout=session.timeout,
        _retry_stop_after_attempts_duration=session.timeout,
        _retry_delay_max=10,
        **more,
    )


def _execute(connection: t.Any, statement: str, parameters: t.Mapping[str, t.Any] | None, most: int) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(parameters) if parameters else None)
        columns = [column[0] for column in cursor.description or ()]
        if not columns:
            return Rows()
        found = cursor.fetchmany(most + 1)
    return Rows(columns, [[plain(value) for value in row] for row in found[:most]], len(found) > most)


def plain(value: t.Any) -> t.Any:
    """A value as JSON can hold it; decimals as text, since a float would change them."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no number for it: nan, inf, -inf
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, t.Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "__iter__"):
        return [plain(one) for one in value]
    return str(value)


def _connector() -> t.Callable[..., t.Any]:
    try:
        from databricks.sql.client import Connection
    except ImportError as error:
        raise Failure(
            "The Python library databricks-sql-connector is not installed where this task runs.",
            code="MISSING_LIBRARY",
            hint=hint_for("MISSING_LIBRARY", None, ""),
        ) from error
    return Connection


def _take_over_all_proxy(scheme: str) -> None:
    """Let the connector see ALL_PROXY, which requests knows and the connector does not."""
    known = getproxies()
    if known.get("all") and not known.get(scheme):
        os.environ[f"{scheme}_proxy"] = known["all"]


def _reach(workspace: Workspace) -> None:
    """The connector repeats a refused connection for as long as it may wait for a warehouse; find out at once instead.

    :raises Failure: UNREACHABLE
    """
    parts = urlsplit(workspace.host)
    host = parts.hostname or ""
    if getproxies().get(parts.scheme) and not proxy_bypass(host):
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((host, port), timeout=workspace.params["http_timeout"]).close()
    except OSError as error:
        said = f"{parts.netloc} cannot be reached: {error.strerror or type(error).__name__}."
        raise Failure(
            f"Could not open a SQL session: {said}",
            code="UNREACHABLE",
            retryable=True,
            hint=hint_for("UNREACHABLE", None, said),
        ) from error


def _failure(error: BaseException, doing: str, workspace: Workspace) -> Failure:
    """A Failure with ``sqlstate`` and ``error_class``; classes and states are matched, never sentences."""
    if isinstance(error, Failure) or not _is_connectors(error):
        return _errors.translate(error, doing, secrets=workspace.secrets)
    context = getattr(error, "context", None) or {}
    status = context.get("http-code")
    # The connector's own sentence only says that there was an error; the service's is in the context.
    said = _errors.told(context.get("error-message") or str(error), workspace.secrets)
    error_class, state = _CLASS.search(said), _SQLSTATE.search(said)
    found = error_class[1] if error_class else None
    if found is None and "PRINCIPAL_DOES_NOT_EXIST" in said:
        found = "PRINCIPAL_DOES_NOT_EXIST"
    code = found or {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "RESOURCE_DOES_NOT_EXIST"}.get(
        status, "UNREACHABLE" if type(error).__name__ == "MaxRetryError" else "SQL_ERROR"
    )
    failure = Failure(
        f"Could not {doing}: {said}",
        code=code,
        status=status,
        request_id=_as_text(context.get("operation-id") or context.get("session-id")),
        retryable=status in (429, 503) or code == "UNREACHABLE",
        hint=hint_for(code, status, said),
        sqlstate=state[1] if state else None,
        error_class=found,
    )
    failure.name_caller = workspace.name_caller
    return failure


def _as_text(number: t.Any) -> str | None:
    """A number that the connector gives as text for one kind of request and as raw bytes for the other."""
    if isinstance(number, (bytes, bytearray)):
        return number.hex() or None
    return str(number) if number else None


def _is_connectors(error: BaseException) -> bool:
    """From the connector, or urllib3's MaxRetryError, which the connector lets through."""
    return any(kind.__module__.startswith(("databricks.sql", "urllib3")) for kind in type(error).__mro__)
