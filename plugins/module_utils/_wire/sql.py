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
import typing as t
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from .._common.failure import Failure
from .._common.hints import hint_for
from .._common.http_path import no_path
from .._common.http_path import read as read_path
from .._common.json_types import Json
from .._common.version import VERSION
from . import errors, library_names, network, routing, sql_wire
from .http_client import bounded
from .replies import Refusal
from .retry import Patience

if t.TYPE_CHECKING:
    from .workspace import Workspace

# A stopped warehouse starts with the first request, which waits for it; a classic one needs minutes.
PATIENCE = 900
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
        said = read_path("http_path", http_path)
        if said is None:
            raise no_path("http_path", http_path)
        self.workspace, self.path, self.timeout = workspace, said, timeout
        self.catalog, self.schema = catalog, schema
        self.http_path = said.plain
        self._connection: t.Any = None
        self._line = sql_wire.Line(
            workspace.patience,
            Patience(timeout),
            lambda seconds: workspace.notify(f"The SQL warehouse is busy; trying again in {seconds:.0f} s."),
        )

    def open(self) -> None:
        """Sign in. Called by the first statement; call it before to learn of a refusal by itself.

        :raises Failure: no session: unreachable, not allowed, the warehouse is gone or does not start
        """
        if self._connection is None:
            self.workspace.signed()  # by itself, so that its troubles are not taken for those of SQL
            self.http_path = self.workspace.http_path(self.path.plain, self.path.workspace_id)
            _take_over_all_proxy(urlsplit(self.workspace.host).scheme)
            _reach(self.workspace)
            self._connection = self._do("open a SQL session", lambda: _connect(self))
            self._line.opened = True

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
                bounded(connection.close, self.workspace.params["http_timeout"] or 60)

    def _do(self, doing: str, act: t.Callable[[], t.Any]) -> t.Any:
        """Do it, telling the user what is waited for."""

        def tell(waited: float) -> None:
            self.workspace.notify(f"Waiting for the SQL warehouse to {doing}; it may be starting ({waited:.0f} s).")

        most = self.timeout + self.workspace.patience.seconds
        try:
            return bounded(act, most, tell)
        except Exception as error:
            if isinstance(error, network.TooSlow):
                self._line.lost = True
            failure = _failure(
                error, doing, self.workspace, most if isinstance(error, network.TooSlow) else self.timeout
            )
            if failure.code == "NOT_THE_API":
                self._line.lost = True  # whoever that is, it is no session
            raise failure from error


def _connect(session: Session) -> t.Any:
    connect = sql_wire.connector()
    workspace = session.workspace
    more: Json = {}
    if workspace.params["ca_cert"]:
        more[library_names.CA_FILE] = str(Path(workspace.params["ca_cert"]).expanduser())
    else:
        more |= _authorities()
    route = session.http_path.partition("?o=")[2]
    if route:
        more["http_headers"] = routing.sql_headers(route)
    with sql_wire.on(session._line):
        return _opened(connect, session, more)


def _opened(connect: t.Callable[..., t.Any], session: Session, more: Json) -> t.Any:
    workspace, parts = session.workspace, urlsplit(session.workspace.host)
    return connect(
        # The connector takes plain HTTP only in this form; connection.host allows it for this machine only.
        server_hostname=parts.netloc if parts.scheme == "https" else session.workspace.host,
        http_path=session.http_path,
        credentials_provider=lambda: workspace.signed,
        catalog=session.catalog,
        schema=session.schema,
        user_agent_entry=f"lakeops.databricks/{VERSION}",
        # Both make the connector call home, blocking, before the first statement.
        enable_telemetry=False,
        use_cloud_fetch=False,
        **{
            library_names.CONNECTION_URI: session.workspace.host + session.http_path,
            library_names.SOCKET_TIMEOUT: session.timeout,
            # Our transport repeats what may be repeated.
            library_names.ATTEMPTS: 1,
        },
        **more,
    )


def _authorities() -> dict[str, str]:
    """The authorities that requests trusts, as the connector takes them: it is made for calls to the API."""
    said = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if not said:
        return {}
    if Path(said).is_dir():
        # The connector takes no folder; where OpenSSL itself looks for one is what it falls back to.
        os.environ["SSL_CERT_DIR"] = said
        return {}
    if not Path(said).exists():
        raise OSError(f"Could not find a suitable TLS CA certificate bundle, invalid path: {said}")
    return {library_names.CA_FILE: said}


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


def _take_over_all_proxy(scheme: str) -> None:
    """Let the connector see ALL_PROXY, which requests knows and the connector does not."""
    known = getproxies()
    if known.get("all") and not known.get(scheme):
        os.environ[f"{scheme}_proxy"] = known["all"]


def _reach(workspace: Workspace) -> None:
    """Find out whether anybody is there, or the proxy that leads there: the connector waits for it as for a warehouse.

    :raises Failure: UNREACHABLE
    """
    parts = urlsplit(workspace.host)
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    goal = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else parts
    port = goal.port or (443 if goal.scheme == "https" else 80)
    try:
        socket.create_connection((goal.hostname or "", port), timeout=workspace.params["http_timeout"]).close()
    except OSError as error:
        reason = "the proxy does not answer" if proxy else network.why_unreachable(error)
        said = f"{parts.netloc} cannot be reached: {reason}."
        raise Failure(
            f"Could not open a SQL session: {said}",
            code="UNREACHABLE",
            retryable=True,
            hint=hint_for("UNREACHABLE", None, said),
        ) from error


def _failure(error: BaseException, doing: str, workspace: Workspace, seconds: float | None = None) -> Failure:
    """A Failure; of what the service itself says, with ``sqlstate`` and ``error_class``.

    Classes and states are matched, never sentences.
    """
    seen = sql_wire.cause(error)
    if isinstance(seen, Failure):
        return seen
    if _is_connectors(seen):
        failure = _of_the_connector(seen, doing, workspace.secrets)
    else:
        where = urlsplit(workspace.host).netloc
        failure = errors.translate(seen, doing, secrets=workspace.secrets, where=where, seconds=seconds)
    if (_is_connectors(seen) and failure.code != "NOT_THE_API") or (isinstance(seen, Refusal) and not seen.foreign):
        _classify(failure)
    failure.name_caller = workspace.name_caller
    return failure


def _of_the_connector(error: BaseException, doing: str, secrets: t.Sequence[str]) -> Failure:
    """What the service said about a statement, or that nobody could read what it said."""
    from databricks.sql import exc

    if isinstance(error, exc.RequestError):
        reason = next((one for one in error.args if isinstance(one, BaseException)), error.__context__)
        # No files, threads or memory left here: the host had no part in it. A RecursionError comes of what was read.
        if isinstance(reason, (OSError, RuntimeError)) and not isinstance(
            reason, (RecursionError, NotImplementedError)
        ):
            return errors.translate(reason, doing, secrets=secrets)
        said = "the host answered something that is not the protocol of SQL warehouses."
        return Failure(
            f"Could not {doing}: {said}",
            code="NOT_THE_API",
            hint=hint_for("NOT_THE_API", None, said),
            cause=type(reason).__name__,
        )
    said = errors.sentence(str(error), secrets)
    context = getattr(error, "context", None) or {}
    return Failure(f"Could not {doing}: {said}", code="SQL_ERROR", request_id=_as_text(context.get("operation-id")))


def _classify(failure: Failure) -> None:
    said = failure.message
    error_class, state = _CLASS.search(said), _SQLSTATE.search(said)
    found = error_class[1] if error_class else None
    if found is None and "PRINCIPAL_DOES_NOT_EXIST" in said:
        found = "PRINCIPAL_DOES_NOT_EXIST"
    failure.code = found or failure.code
    failure.hint = hint_for(failure.code, failure.status, said)
    failure.details |= {"sqlstate": state[1] if state else None, "error_class": found}


def _as_text(number: t.Any) -> str | None:
    """A number that the connector gives as text for one kind of request and as raw bytes for the other."""
    if isinstance(number, (bytes, bytearray)):
        return number.hex() or None
    return str(number) if number else None


def _is_connectors(error: BaseException) -> bool:
    return any(kind.__module__.startswith("databricks.sql") for kind in type(error).__mro__)
