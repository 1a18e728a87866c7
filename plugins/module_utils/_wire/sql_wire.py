# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""How the SQL connector's requests go out: as those to the API do, with the same patience and the same reader.

Left alone the connector repeats a refused certificate for a quarter of an hour, a dropped connection thirty times for
each statement, reads a web page as if it were Thrift, and says "Error during request to server" about all of it. It
builds its transport itself and takes none from outside, so its class is replaced by one that behaves as the original
wherever no session of ours is being opened.
"""

from __future__ import annotations

import contextlib
import contextvars
import re
import threading
import typing as t

from .._common.failure import Failure
from .._common.hints import hint_for
from . import library_names, network, replies, stand_in
from .retry import Patience, Repeat, repeated

# The connector reads a result in parts of 100 MiB at most (client.py, DEFAULT_RESULT_BUFFER_SIZE_BYTES).
MOST_BYTES = 256 * 1024 * 1024
_MOST_OF_A_REFUSAL = 1024 * 1024
# What the service says in headers, where a driver looks (connector thrift_backend.py; databricks-jdbc's recordings).
_SAID = ("x-thriftserver-error-message", "x-databricks-error-or-redirect-message", "x-databricks-reason-phrase")
_STARTING = re.compile(r"\bstart(?:ing|s|ed|up)?\b|PENDING", re.IGNORECASE)
_CODES = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "RESOURCE_DOES_NOT_EXIST"}


class Line:
    """What one session and its transport share.

    :param patience: for trouble
    :param start: for a warehouse or cluster that says that it is starting
    :param announce: told of pauses, in seconds
    """

    def __init__(self, patience: Patience, start: Patience, announce: t.Callable[[float], None]) -> None:
        self.patience, self.start, self.announce = patience, start, announce
        self.lost = False  # since then nothing is sent any more
        self.opened = False


_line: contextvars.ContextVar[Line | None] = contextvars.ContextVar("lakeops_sql_line", default=None)


@contextlib.contextmanager
def on(line: Line) -> t.Iterator[None]:
    """The transport that the connector builds in this block belongs to this session."""
    token = _line.set(line)
    try:
        yield
    finally:
        _line.reset(token)


# Two sessions begin at the same time, and a transport of ours around one of ours would call itself for ever.
_REPLACING = threading.Lock()


def connector() -> t.Callable[..., t.Any]:
    """The connector's Connection, whose transport is ours.

    :raises Failure: the library is not installed
    """
    with _REPLACING:
        return _connector()


def _connector() -> t.Callable[..., t.Any]:
    try:
        import thrift.transport.THttpClient  # noqa: F401  the next one takes it for imported
        from databricks.sql.auth import thrift_http_client

        with stand_in.replaced(*stand_in.needless_to_connector()):
            from databricks.sql import client, session
            from databricks.sql.backend import thrift_backend
    except ImportError as error:
        library = "The Python library databricks-sql-connector"
        # What it needs may be missing, too, where it was installed without.
        missing = (error.name or "").partition(".")[0]
        incomplete = missing not in ("", "databricks", "thrift")
        raise Failure(
            f"{library} cannot be used where this task runs: the library {missing}, which it needs, is not installed."
            if incomplete
            else f"{library} is not installed where this task runs.",
            code="MISSING_LIBRARY",
            hint=hint_for("MISSING_LIBRARY", None, ""),
        ) from error
    if not hasattr(getattr(thrift_http_client, library_names.TRANSPORT, None), "of_lakeops"):
        library_names.check_connector(thrift_http_client, client, session, thrift_backend)
        thrift_http_client.THttpClient = _transport(thrift_http_client.THttpClient)
    made: t.Callable[..., t.Any] = client.Connection
    return made


def cause(error: BaseException) -> BaseException:
    """What our transport saw, as far as it is in what the connector made of it."""
    seen: list[BaseException] = [error]
    for one in seen:
        if isinstance(one, (replies.Refusal, Failure)) or network.is_one(one):
            return one
        inside = (*(arg for arg in one.args if isinstance(arg, BaseException)), one.__cause__, one.__context__)
        seen += [more for more in inside if more is not None and more not in seen]
    return error


class Broken(Exception):
    """Around what urllib3 raises, which the connector would repeat or lose, and we repeat only while signing in."""


def _refusal(reply: replies.Reply, start: Patience) -> replies.Refusal:
    said = next((reply.headers[name] for name in _SAID if reply.headers.get(name)), None)
    if said is None:
        try:
            replies.read(reply)
        except replies.Refusal as refusal:
            if reply.status != 200 or not refusal.foreign:
                return refusal
        return replies.foreign(reply)
    found = replies.Refusal(reply, replies.clean(said), _CODES.get(reply.status) or "SQL_ERROR")
    if reply.status in (429, 503):
        found.nothing_done = True
    if reply.status == 503 and _STARTING.search(said):
        found.patience = start  # type: ignore[attr-defined]
    return found


def _no_thrift(reply: replies.Reply) -> replies.Refusal:
    said = "the host answered something that is not the protocol of SQL warehouses"
    return replies.Refusal(reply, said, "NOT_THE_API", foreign=True)


def _transport(original: t.Any) -> t.Any:
    import urllib3

    # Nothing is repeated, and the answer that is a redirection is given as it is.
    once_only = urllib3.Retry(0, redirect=False, raise_on_redirect=False)
    too_late = (urllib3.exceptions.TimeoutError, TimeoutError)

    class Transport(original):
        of_lakeops = True
        code: t.Any
        headers: t.Any

        def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
            self._line = _line.get()
            self._buffered: list[bytes] = []
            self._command, self._size, self._unread = "", 0, False
            if self._line is not None:
                kwargs["retry_policy"] = once_only
            super().__init__(*args, **kwargs)

        def set_retry_command_type(self, value: t.Any) -> None:
            self._command = str(getattr(value, "value", ""))
            if self._line is None:
                super().set_retry_command_type(value)

        def startRetryTimer(self) -> None:
            if self._line is None:
                super().startRetryTimer()

        def write(self, buf: bytes) -> None:
            if self._line is None:
                super().write(buf)
            else:
                self._buffered.append(buf)

        def flush(self) -> None:
            line = self._line
            if line is None:
                super().flush()
                return
            data, self._buffered = b"".join(self._buffered), []
            repeat = Repeat.NEVER_BLINDLY if self._command == "ExecuteStatement" else Repeat.SAFE

            def once() -> None:
                if line.lost:
                    raise network.Ended
                super(Transport, self).write(data)
                self._exchange(line)

            try:
                repeated(once, repeat, line.patience, line.announce)
            except urllib3.exceptions.HTTPError as error:
                raise Broken(str(error)) from error

        def read(self, sz: int) -> bytes:
            if self._line is None:
                return super().read(sz)
            if self._size + sz > MOST_BYTES:
                self._unread = self._line.lost = True
                length = str(self.headers.get("content-length", ""))
                if length.isdecimal() and sz > int(length):
                    raise _no_thrift(replies.Reply(200, {}, b""))
                raise network.TooLarge(f"{MOST_BYTES // 1024**2} MiB")
            try:
                found: bytes = super().read(sz)
            except Exception as error:
                self._broken(self._line)
                raise Broken(str(error)) from error
            self._size += len(found)
            return found

        def close(self) -> None:
            if self._unread:
                # The original reads what is left, which may have no end.
                self._unread = False
                response = getattr(self, library_names.RESPONSE, None)
                if response is not None:
                    response.close()
            super().close()

        def _exchange(self, line: Line) -> None:
            self._size = 0
            try:
                super().flush()
            except Failure:
                raise
            except Exception as error:
                self._broken(line)
                # A session that is open is lost with its connection; one that shall be opened is tried again.
                if line.opened or isinstance(error, too_late):
                    raise Broken(str(error)) from error
                raise
            status, headers = self.code, {name.lower(): value for name, value in self.headers.items()}
            if status == 200 and not headers.get("content-type", "").startswith(("text/", "application/json")):
                return
            self._unread = True
            content = self.read(_MOST_OF_A_REFUSAL) or b""
            self.close()
            self._forget()
            raise _refusal(replies.Reply(status, headers, content), line.start)

        def _broken(self, line: Line) -> None:
            self._unread = True
            line.lost = line.lost or line.opened
            self._forget()

        def _forget(self) -> None:
            # The connector would draw conclusions of its own from these.
            self.code, self.headers = None, {}

    return Transport
