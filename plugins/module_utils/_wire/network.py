# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What went wrong on the way to a host, for the API (requests) and for SQL (urllib3) alike.

requests wraps what urllib3 raises, and urllib3 what the system says; the names of the kinds inside are the same on both
ways, and are all that is looked at.
"""

from __future__ import annotations

import re
import ssl
import typing as t
from urllib.parse import urlsplit

# How urllib3 and the system say that there is no connection, and how we do.
_NO_CONNECTION = (
    ("NameResolutionError", "its name is not known"),
    ("Name or service not known", "its name is not known"),
    ("gaierror", "its name is not known"),
    ("Connection refused", "the connection was refused"),
    ("ConnectTimeout", "it did not answer in time"),
    ("timed out", "it did not answer in time"),
    ("No route to host", "there is no route to it"),
    ("Network is unreachable", "the network cannot be reached"),
)
_NOTHING_SENT = ("NewConnectionError", "NameResolutionError", "ConnectTimeout", "ProxyError")
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3}[\w ]{0,60})")
_NO_TRUST = re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|doesn't match|Hostname mismatch", re.I)
_WHY_NO_TRUST = re.compile(r"certificate verify failed: (.{1,200}?)\s*(?:\(_ssl|['\"]?\)|$)", re.I)
_NO_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
_NO_BUNDLE = "Could not find a suitable TLS CA certificate bundle"


class TooSlow(TimeoutError):
    """No complete answer came in the time that one may take."""


class TooLarge(Exception):
    """An answer is longer than anything that the service sends."""


class Ended(Exception):
    """A connection that was lost before is not used again."""


class Trouble(t.NamedTuple):
    """A failure on the way, in our words."""

    code: str
    said: str
    retryable: bool


def is_one(error: BaseException) -> bool:
    """Whether it happened on the way, and not in what the host answered."""
    import requests
    import urllib3

    kinds = (requests.RequestException, urllib3.exceptions.HTTPError, TimeoutError, ConnectionError, ssl.SSLError)
    return isinstance(error, (*kinds, TooLarge, Ended)) or _NO_BUNDLE in str(error)


def is_unreachable(error: BaseException) -> bool:
    """No connection was made, so nothing was sent: name unknown, refused, no route, or the proxy said no."""
    return is_one(error) and any(mark in repr(error) for mark in _NOTHING_SENT)


def is_untrusted(error: BaseException) -> bool:
    """There is no TLS that both sides accept, so nothing was sent; it will be the same the next time."""
    text = repr(error)
    return is_one(error) and (_NO_BUNDLE in text or bool(_NO_TRUST.search(text)) or _speaks_no_tls(error))


def read(error: BaseException, where: str | None, seconds: float | None = None) -> Trouble:
    """One sentence for what happened.

    :param where: host that was meant, None where the error may know it
    :param seconds: how long an answer may take
    """
    import requests
    import urllib3

    text, host = repr(error), _where(error) or where or "the host"
    if _NO_BUNDLE in text:
        path = text.rpartition("invalid path:")[2].strip(" '\")")
        return Trouble(
            "TLS", f"the file or folder of authorities {path or 'in REQUESTS_CA_BUNDLE'} is not there.", False
        )
    if _NO_TRUST.search(text):
        why = _WHY_NO_TRUST.search(text)
        reason = why[1].replace("\\", "").rstrip(" .") if why else "its name is another"
        return Trouble("TLS", f"{host} shows a certificate that is not accepted here: {reason}.", False)
    if _speaks_no_tls(error):
        return Trouble("TLS", f"{host} does not speak TLS on this port.", False)
    if is_unreachable(error):
        return Trouble("UNREACHABLE", f"{host} cannot be reached: {why_unreachable(error)}.", True)
    if isinstance(error, TooLarge):
        return Trouble("ENDLESS", f"{host} sends more than {error}, which no answer of a workspace has.", False)
    if isinstance(error, Ended):
        return Trouble("CONNECTION_LOST", "the SQL session ended when its connection was lost before.", True)
    timeouts = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    if isinstance(error, timeouts) or "timed out" in text:
        within = f" within {seconds:g} s" if seconds else " in time"
        return Trouble("TIMEOUT", f"no complete answer came from {host}{within}.", True)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader)):
        return Trouble("UNEXPECTED", f"the request to {host} cannot be sent as it is.", False)
    return Trouble("CONNECTION_LOST", f"the connection to {host} broke before the answer was complete.", True)


def _speaks_no_tls(error: BaseException) -> bool:
    text = repr(error)
    return "SSL" in text and any(mark in text for mark in _NO_TLS)


def why_unreachable(error: BaseException) -> str:
    """The reason, in words."""
    text = repr(error)
    if "ProxyError" in text:
        tunnel = _TUNNEL.search(text)
        return f"the proxy refused to connect ({tunnel[1].strip()})" if tunnel else "the proxy does not answer"
    return next((reason for mark, reason in _NO_CONNECTION if mark in text), "no connection was made")


def _where(error: BaseException) -> str | None:
    """Host, and port if it is not the usual one, as far as the error knows."""
    pool = getattr(error.args[0] if error.args else None, "pool", None) or getattr(error, "pool", None)
    host, port = getattr(pool, "host", None), getattr(pool, "port", None)
    if host:
        return f"{host}{f':{port}' if port not in (None, 443) else ''}"
    url = getattr(getattr(error, "request", None), "url", None)
    return (urlsplit(url).netloc or None) if isinstance(url, str) else None
