# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that answers what a test says, over a real socket, so that the SDK in between is the real one."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import typing as t

TOKEN = "dapi" + "0" * 32


class Answer(t.NamedTuple):
    """One answer. ``lost`` breaks the connection after the request was taken, ``cut`` in the middle of the answer."""

    body: t.Any = {}
    status: int = 200
    headers: dict[str, str] = {}
    lost: bool = False
    cut: bool = False
    delay: float = 0.0


class Host:
    """Keeps the requests it got, and answers by method and path: the last answer of a list stays."""

    def __init__(self) -> None:
        self.requests: list[dict[str, t.Any]] = []
        self.answers: dict[tuple[str, str], list[Answer]] = {}
        self.url = ""

    def on(self, method: str, path: str, *answers: Answer) -> Host:
        self.answers[method, path] = list(answers)
        return self

    def seen(self, method: str) -> list[dict[str, t.Any]]:
        return [request for request in self.requests if request["method"] == method]

    def answer(self, method: str, path: str) -> Answer:
        waiting = self.answers.get((method, path))
        if not waiting:
            return Answer({"error_code": "ENDPOINT_NOT_FOUND", "message": f"No API found for '{method} {path}'"}, 404)
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextlib.contextmanager
def scripted_host() -> t.Iterator[Host]:
    """A host for the length of a ``with``."""
    host = Host()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            path, _mark, query = self.path.partition("?")
            body = json.loads(sent) if sent.startswith((b"{", b"[")) else sent.decode()
            request = {
                "method": self.command,
                "path": path,
                "query": query,
                "body": body,
                "headers": dict(self.headers),
            }
            host.requests.append(request)
            answer = host.answer(self.command, path)
            if answer.delay:
                threading.Event().wait(answer.delay)
            if answer.lost:
                self.close_connection = True
                return
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            content = text.encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) + (10 if answer.cut else 0)))
            self.end_headers()
            self.close_connection = answer.cut
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *args: t.Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
