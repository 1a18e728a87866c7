# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Requests to a host: each ends, whatever the host does. Proxies and authorities are those of the environment."""

from __future__ import annotations

import contextvars
import json
import threading
import time
import typing as t

from .network import TooLarge, TooSlow
from .replies import Reply

# Far more than the longest list of a workspace.
MOST_BYTES = 64 * 1024 * 1024
_AT_ONCE = 20
_CHUNK = 64 * 1024

T = t.TypeVar("T")


def bounded(act: t.Callable[[], T], seconds: float, tell: t.Callable[[float], None] | None = None) -> T:
    """What ``act`` gives, if it gives it in time. What is not done by then goes on in a thread that nobody waits for.

    Timeouts of sockets bound a single wait only, and looking up a name has none.

    :param tell: called every few seconds with the seconds that have passed
    :raises TooSlow: it takes longer than ``seconds``
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            done.append(act())
        except BaseException as error:  # noqa: BLE001  raised again in the caller's thread
            failed.append(error)

    # What holds for the caller holds there, too.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True)
    begun = time.monotonic()
    thread.start()
    while thread.is_alive():
        left = seconds - (time.monotonic() - begun)
        if left <= 0:
            raise TooSlow
        thread.join(min(left, TELL_EVERY_SECONDS))
        if tell and thread.is_alive():
            tell(time.monotonic() - begun)
    if failed:
        raise failed[0]
    return done[0]


TELL_EVERY_SECONDS = 5.0


class Http:
    """A pool of connections. No redirection is followed: an API has none, and a page to sign in is no answer.

    :param timeout: seconds that one answer may take, from the connection to its last byte
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._session: t.Any = None
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: t.Mapping[str, str],
        query: t.Mapping[str, t.Any] | None = None,
        body: t.Any = None,
        form: t.Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
    ) -> Reply:
        """One request and its complete answer, whatever its status is.

        :param query: values may be nested; a nested name is written a.b (SDK _base_client.py, "grpc-service-config")
        :param body: sent as JSON
        :param form: sent as a form instead
        :param basic: user name and password
        :raises requests.RequestException: no answer
        :raises urllib3.exceptions.HTTPError: half an answer
        :raises TooSlow: the answer takes too long
        :raises TooLarge: it is longer than MOST_BYTES
        """
        sent = dict(headers)
        data: t.Any = dict(form) if form is not None else None
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body, allow_nan=False), "application/json"
        deadline = time.monotonic() + self.timeout

        def exchange() -> Reply:
            with self._opened().request(
                method,
                url,
                params=dict(_flat(query or {})),
                data=data,
                headers=sent,
                auth=basic or _unchanged,
                stream=True,
                timeout=self.timeout,
                allow_redirects=False,
            ) as response:
                names = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, names, _content(response, deadline))

        # A socket that waits for as long gives up first, and says more.
        return bounded(exchange, self.timeout + 1)

    def _opened(self) -> t.Any:
        with self._lock:
            if self._session is None:
                import requests

                self._session = requests.Session()
                pool = requests.adapters.HTTPAdapter(_AT_ONCE, _AT_ONCE, pool_block=True)
                self._session.mount("https://", pool)
                self._session.mount("http://", pool)
            return self._session


def _unchanged(request: t.Any) -> t.Any:
    """Keeps requests from taking credentials from ~/.netrc instead of those that a task gave."""
    return request


def _content(response: t.Any, deadline: float) -> bytes:
    chunks, size = [], 0
    for chunk in _chunks(response):
        size += len(chunk)
        if size > MOST_BYTES:
            raise TooLarge(f"{MOST_BYTES // 1024**2} MiB")
        if time.monotonic() > deadline:
            raise TooSlow
        chunks.append(chunk)
    return b"".join(chunks)


def _chunks(response: t.Any) -> t.Iterator[bytes]:
    """As they come; a read of a fixed size would wait until a slow host has sent as much."""
    one = getattr(response.raw, "read1", None)
    if one is None:
        yield from response.iter_content(256)
        return
    while chunk := one(_CHUNK, decode_content=True):
        yield chunk


def _flat(query: t.Mapping[str, t.Any], prefix: str = "") -> t.Iterator[tuple[str, t.Any]]:
    for name, value in query.items():
        if isinstance(value, t.Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, ("true" if value else "false") if isinstance(value, bool) else value
