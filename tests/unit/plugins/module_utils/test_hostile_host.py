# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are not a workspace, or a sick one: the API and SQL end in time, in the same words."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import http_client, sql, sql_wire
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import TOKEN

Talk = t.Callable[[socket.socket], None]
PAGE = b"<html><head><title>Sign in to Example Corp</title></head><form><input type='password'></form></html>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Stand(t.NamedTuple):
    """Somebody on a port, and how often it was connected to."""

    url: str
    connections: list[float]


@contextlib.contextmanager
def stand_in(talk: Talk, context: ssl.SSLContext | None = None) -> t.Iterator[Stand]:
    """Answers every connection by ``talk``."""
    server = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if context else "http"
    stand = Stand(f"{scheme}://127.0.0.1:{server.getsockname()[1]}", [])

    def one(plain: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), plain:
            if context is None:
                talk(plain)
                return
            with context.wrap_socket(plain, server_side=True) as wrapped:
                talk(wrapped)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = server.accept()[0]
                stand.connections.append(time.monotonic())
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield stand
    finally:
        server.close()


def heard(connection: socket.socket) -> bool:
    """Whether a whole request came; bodies are sent with a length."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65536)
        if not more:
            return False
        got += more
    head, _blank, body = got.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    while len(body) < sum(lengths):
        body += connection.recv(65536)
    return True


def says(answer: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        while heard(connection):
            connection.sendall(answer)

    return talk


def whole(status: str, headers: str, body: bytes = b"") -> Talk:
    return says(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def drip(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(OK + b"Content-Length: 100000\r\n\r\n")
    for _number in range(200):
        connection.sendall(b" ")
        time.sleep(0.1)


def drip_of_headers(connection: socket.socket) -> None:
    heard(connection)
    for byte in OK * 100:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def gigabyte(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(OK + b"Content-Length: 1073741824\r\n\r\n")
    for _number in range(1024):
        connection.sendall(b"[" * 1024 * 1024)


def gigabyte_of_thrift(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(OK.replace(b"json", b"x-thrift") + b"Content-Length: 1073741824\r\n\r\n")
    for _number in range(1024):
        connection.sendall(b"<" * 1024 * 1024)


def hang_up(connection: socket.socket) -> None:
    heard(connection)


def half(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(OK + b"Content-Length: 100\r\n\r\n{")


def silent(connection: socket.socket) -> None:
    heard(connection)
    time.sleep(20)


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Libraries are there, so that no test waits for them."""
    sql_wire.connector()
    with contextlib.suppress(Failure):
        workspace("http://127.0.0.1:9").sign_in()


def workspace(url: str, **options: t.Any) -> Workspace:
    return Workspace({"host": url, "token": TOKEN, "http_timeout": 2, "retry_timeout": 2, **options})


def by_api(url: str, **options: t.Any) -> Failure:
    with pytest.raises(Failure) as caught:
        workspace(url, **options).call("GET", "/api/2.0/thing", "read thing x")
    return caught.value


def by_sql(url: str, **options: t.Any) -> Failure:
    with pytest.raises(Failure) as caught:
        sql.Session(workspace(url, **options), "/sql/1.0/warehouses/abc", timeout=3).run("SELECT 1")
    return caught.value


HTML = "Content-Type: text/html\r\n"
JSON = "Content-Type: application/json\r\n"
# What a host does, and what both say after "Could not ...: ", with the code.
ALIKE: dict[str, tuple[Talk, str, str]] = {
    "sign-in page": (
        whole("200 OK", HTML, PAGE),
        "the host answered HTTP 200 with a page to sign in (Sign in to Example Corp)",
        "NOT_THE_API",
    ),
    "page": (
        whole("403 Forbidden", HTML, b"<title>Blocked \x1b[31m</title>"),
        "the host answered HTTP 403 with a web page (Blocked), not in the form of the API.",
        "NOT_THE_API",
    ),
    "redirect": (
        whole("302 Found", "Location: https://sso.example.com/login?ticket=secret\r\n"),
        "the host answered HTTP 302 and leads to https://sso.example.com/login, a page to sign in.",
        "NOT_THE_API",
    ),
    "private link": (
        whole("302 Found", "Location: /login.html?error=private-link-validation-error:1\r\n"),
        "the workspace only answers inside its private network.",
        "PRIVATE_LINK_VALIDATION_ERROR",
    ),
    "404": (
        whole("404 Not Found", HTML, b"<pre>Not Found</pre>"),
        "the host answered HTTP 404 in a form that is not the API's, which says nothing about the object.",
        "NOT_THE_API",
    ),
    "busy page": (
        whole("503 Service Unavailable", HTML, b"<h1>Down</h1>"),
        "the host answered HTTP 503 with a web page, not in the form of the API.",
        "SERVICE_UNAVAILABLE",
    ),
    "wait two hours": (
        whole("429 Too Many Requests", f"{JSON}Retry-After: 7200\r\n", b'{"error_code": "X", "message": "Slow."}'),
        "Slow. The service asks to wait 2 hours, which is longer than retry_timeout allows.",
        "X",
    ),
    "bad token": (
        whole("403 Forbidden", JSON, b'{"error_code": 403, "message": "Invalid access token."}'),
        "Invalid access token.",
        "INVALID_ACCESS_TOKEN",
    ),
    "gigabyte": (gigabyte, "", ""),
    "drip": (drip, "no complete answer came from", "TIMEOUT"),
    "drip of headers": (drip_of_headers, "no complete answer came from", "TIMEOUT"),
    "silent": (silent, "no complete answer came from", "TIMEOUT"),
    "hang up": (hang_up, "broke before the answer was complete.", "CONNECTION_LOST"),
    "half": (half, "broke before the answer was complete.", "CONNECTION_LOST"),
    "not HTTP": (lambda connection: connection.sendall(b"SSH-2.0-x\r\n"), "broke before the", "CONNECTION_LOST"),
}
# Where the two differ, since SQL does not read what is no Thrift.
OF_THE_API = {
    "gigabyte": ("sends more than 64 MiB, which no answer of a workspace has.", "ENDLESS"),
}
OF_SQL = {
    "gigabyte": ("the host answered HTTP 200 with something else, not in the form of the API.", "NOT_THE_API"),
}


def check(failure: Failure, said: str, code: str) -> None:
    assert said in failure.message and failure.code == code, failure.as_dict()
    shown = str(failure)
    for never in (
        "SDK",
        "Error(",
        "('",
        "HTTPConnectionPool",
        "during request to server",
        "SCIM_None",
        "ticket",
        "\x1b",
    ):
        assert never not in shown, shown


@pytest.mark.parametrize("name", ALIKE)
@pytest.mark.parametrize("way", [by_api, by_sql])
def test_both_ways_say_the_same_in_time(name: str, way: t.Callable[..., Failure]) -> None:
    talk, said, code = ALIKE[name]
    said, code = (OF_THE_API if way is by_api else OF_SQL).get(name, (said, code))
    begun = time.monotonic()
    with stand_in(talk) as stand:
        failure = way(stand.url)
    assert time.monotonic() - begun < 20
    check(failure, said, code)


def test_sql_does_not_read_what_nobody_sends() -> None:
    with stand_in(gigabyte_of_thrift) as stand:
        check(by_sql(stand.url), "sends more than 256 MiB", "ENDLESS")


@pytest.mark.parametrize("way", [by_api, by_sql])
def test_an_answer_may_be_as_long_as_it_is(way: t.Callable[..., Failure], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST_BYTES", 10)
    with stand_in(whole("200 OK", "Content-Type: application/x-thrift\r\n", b"not thrift at all")) as stand:
        failure = way(stand.url)
    said = "sends more than" if way is by_api else "not the protocol of SQL warehouses"
    assert said in failure.message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an authority that nobody knows, for another name."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=elsewhere"]
    subprocess.run(
        [*command, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True
    )
    return folder


@pytest.mark.parametrize("way", [by_api, by_sql])
def test_a_certificate_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, certificate: Path, way: t.Callable[..., Failure]
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    begun = time.monotonic()
    with stand_in(whole("200 OK", JSON, b"{}"), context) as stand:
        failure = way(stand.url, retry_timeout=60)
        check(failure, "shows a certificate that is not accepted here: self", "TLS")
        assert "ca_cert" in (failure.hint or "")
        # SQL first looks whether anybody is there.
        assert len(stand.connections) == (1 if way is by_api else 2)
        other = way(stand.url, retry_timeout=60, ca_cert=str(certificate / "cert.pem"))
        check(other, "shows a certificate that is not accepted here: ", "TLS")
        assert "the certificate is for another name" in (other.hint or "").lower()
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("way", [by_api, by_sql])
def test_a_port_without_tls_is_told_at_once(way: t.Callable[..., Failure]) -> None:
    with stand_in(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as stand:
        failure = way(stand.url.replace("http:", "https:"), retry_timeout=60)
        check(failure, "does not speak TLS on this port", "TLS")
        assert (failure.hint or "").startswith("Give option host without a port")


@pytest.mark.parametrize("way", [by_api, by_sql])
@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (
            whole("407 Proxy Authentication Required", ""),
            "the proxy refused to connect (407 Proxy Authentication Required",
        ),
        (whole("502 Bad Gateway", ""), "the proxy refused to connect (502 Bad Gateway"),
        (None, "the proxy does not answer"),
    ],
    ids=["407", "502", "nobody"],
)
def test_a_proxy_is_blamed(
    monkeypatch: pytest.MonkeyPatch, way: t.Callable[..., Failure], talk: Talk | None, said: str
) -> None:
    with stand_in(talk or hang_up) as stand:
        monkeypatch.setenv("https_proxy", stand.url if talk else "http://127.0.0.1:9")
        begun = time.monotonic()
        failure = way("https://abc.example.com", retry_timeout=60)
    check(failure, f"abc.example.com cannot be reached: {said}", "UNREACHABLE")
    assert "HTTPS_PROXY" in (failure.hint or "") and time.monotonic() - begun < 20


def test_a_session_ends_at_its_first_lost_connection() -> None:
    with stand_in(hang_up) as stand:
        session = sql.Session(workspace(stand.url), "/sql/1.0/warehouses/abc", timeout=3)
        session._line.opened = True
        begun = time.monotonic()
        with pytest.raises(Failure, match="broke before the answer was complete"):
            session.run("SELECT 1")
        tried = len(stand.connections)
        for _number in range(3):
            with pytest.raises(Failure, match="the SQL session ended when its connection was lost before"):
                session.run("SELECT 1")
        assert time.monotonic() - begun < 20
        assert tried == 2, "one look whether anybody is there, one request"
