# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Service and library exceptions -> one Failure. The only file that knows how the SDK spells its errors."""

from __future__ import annotations

import configparser
import json
import re
import typing as t

from ._failure import Failure, LostAnswer
from ._hints import hint_for
from ._scrub import scrub

# The SDK appends its own configuration to 401 and 403 messages (SDK core.py, _AddDebugErrorCustomizer).
_DEBUG_TAIL = re.compile(r"\.?\s*(?:Config: |Env: ).*$", re.DOTALL)

# The SDK signs in while it sends, and says what went wrong there with a bare ValueError (SDK config.py, oauth.py).
_SIGN_IN = re.compile(
    r"auth\b|authori[sz]ation|credential|oauth|client|token|profile|grant|AADSTS|scope|Invalid URL 'None'",
    re.IGNORECASE,
)

# How urllib3 and the system say that there is no connection, and how we do.
_NO_CONNECTION = (
    ("NameResolutionError", "its name is not known"),
    ("ProxyError", "the proxy does not answer"),
    ("Connection refused", "the connection was refused"),
    ("ConnectTimeout", "it did not answer in time"),
    ("No route to host", "there is no route to it"),
    ("Network is unreachable", "the network cannot be reached"),
)

# Statuses after which nobody can say whether the request was carried out.
_UNKNOWN_OUTCOME = (500, 502, 503, 504)


def translate(error: BaseException, doing: str, *, secrets: t.Sequence[str] = (), **seen: t.Any) -> Failure:
    """Turn any exception met while ``doing`` something into a Failure.

    :param error: what was raised by the SDK, requests, the SQL connector or Python
    :param doing: what was tried, as "read schema main.x"; begins the message
    :param secrets: values that must not appear
    :param seen: ``status`` and ``request_id`` of the answer, where one came
    """
    if isinstance(error, Failure):
        return error
    status, request_id = seen.get("status"), seen.get("request_id")
    code = getattr(error, "error_code", None)
    said = scrub(_sentence(error), tuple(secrets))
    if code is None:
        return _without_answer(error, doing, said, status, request_id)
    code = "INVALID_ACCESS_TOKEN" if code == 403 else str(code)
    return Failure(
        f"Could not {doing}: {said}",
        code=code,
        status=status,
        request_id=_request_id(error) or request_id,
        retryable=is_throttled(error, status) or status in (429, 502, 503, 504),
        hint=hint_for(code, status, said),
    )


def is_throttled(error: BaseException, status: int | None) -> bool:
    """Refused before anything was done. SCIM says so with HTTP 500 (databricks-sdk-go#721), which the SDK lets pass."""
    return status == 429 or getattr(error, "error_code", None) == "REQUEST_LIMIT_EXCEEDED"


def is_unreachable(error: BaseException) -> bool:
    """No connection was made, so nothing was sent: name unknown, refused, or no route within the connect timeout."""
    import requests

    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    text = repr(error)
    return isinstance(error, requests.ConnectionError) and any(
        mark in text for mark in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
    )


def is_untrusted(error: BaseException) -> bool:
    """The host's certificate was refused, so nothing was sent; it will be the same the next time."""
    import requests

    return isinstance(error, requests.exceptions.SSLError)


def is_cut(error: BaseException) -> bool:
    """The connection broke in the middle of the answer."""
    import requests

    return isinstance(error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError))


def is_unreadable(error: BaseException) -> bool:
    """An answer came, but it is not JSON."""
    import requests

    return isinstance(error, requests.exceptions.JSONDecodeError)


def outcome_unknown(error: BaseException, status: int | None) -> bool:
    """Whether the service may have done what was asked although we were told of a failure."""
    import requests

    if isinstance(error, (requests.ConnectionError, requests.Timeout, TimeoutError)):
        return not (is_unreachable(error) or is_untrusted(error))
    if is_cut(error) or (is_unreadable(error) and status is not None and status < 300):
        return True
    return status in _UNKNOWN_OUTCOME and not is_throttled(error, status)


# What an error code of these families may name besides the object that was asked for.
_ANOTHER_OBJECT = ("METASTORE_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND", "CATALOG_DOES_NOT_EXIST", "CATALOG_NOT_FOUND")


def is_absent(failure: Failure) -> bool:
    """Whether the API itself says that the object which was asked for is not there.

    Its codes for that come in several families; SCIM has its own error, with the status in it. A 404 that is not in the
    API's form has the code NOT_THE_API (see ``not_the_api``), and says nothing about objects.
    """
    code = str(failure.code)
    family = code in ("NOT_FOUND", "SCIM_404") or code.endswith(("_DOES_NOT_EXIST", "_NOT_FOUND"))
    return family and code not in _ANOTHER_OBJECT


def is_of_the_api(content: bytes) -> bool:
    """Whether the body of a refusal is in one of the API's two forms: with an error code, or that of SCIM."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and bool(said.get("error_code") or (said.get("detail") and said.get("status")))


def not_the_api(doing: str, status: int | None, request_id: str | None = None) -> Failure:
    """The Failure for a 404 of somebody else's: a wrong address, a proxy, a page to sign in."""
    said = f"the host answered HTTP {status} in a form that is not the API's, which says nothing about the object."
    return Failure(
        f"Could not {doing}: {said}",
        code="NOT_THE_API",
        status=status,
        request_id=request_id,
        hint=hint_for("NOT_THE_API", status, said),
    )


def told(text: str, secrets: t.Sequence[str] = ()) -> str:
    """What a library said, as one sentence without secrets."""
    return scrub(_sentence(Exception(text)), tuple(secrets))


def lost(error: BaseException, doing: str, secrets: t.Sequence[str] = ()) -> LostAnswer:
    """The Failure for a request that must not be repeated blindly and whose answer never came."""
    said = scrub(_sentence(error), tuple(secrets))
    return LostAnswer(
        f"No usable answer to the request to {doing}; it may have been carried out: {said}",
        hint=hint_for("LOST_ANSWER", None, said),
    )


def _sentence(error: BaseException) -> str:
    if isinstance(error, configparser.Error):
        # It quotes the line, which may hold a secret.
        return "the configuration file (config_file, or ~/.databrickscfg) is not a file of profiles."
    text = _DEBUG_TAIL.sub("", str(error)).strip()
    # A SCIM error without a scimType begins with the word None (SDK errors/base.py).
    text = re.sub(r"^None\s+", "", text)
    if not text:
        text = type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _no_connection(error: BaseException) -> str:
    """One short line instead of the nested representations that urllib3 gives."""
    text = repr(error)
    reason = next((said for mark, said in _NO_CONNECTION if mark in text), "no connection was made")
    pool = getattr(error.args[0] if error.args else None, "pool", None)
    where = getattr(pool, "host", None) or "the host"
    port = getattr(pool, "port", None)
    return f"{where}{f':{port}' if port not in (None, 443) else ''} cannot be reached: {reason}."


def _request_id(error: BaseException) -> str | None:
    details = error.get_error_details() if hasattr(error, "get_error_details") else None
    info = getattr(details, "request_info", None)
    return getattr(info, "request_id", None)


def _without_answer(error: BaseException, doing: str, said: str, status: int | None, request_id: str | None) -> Failure:
    """No error code of the service's: the network, the login, or a page that is not the API's."""
    import requests

    code, retryable = "UNEXPECTED", False
    if is_unreachable(error):
        code, retryable, said = "UNREACHABLE", True, _no_connection(error)
    elif isinstance(error, requests.exceptions.SSLError):
        code = "TLS"
    elif isinstance(error, (requests.Timeout, TimeoutError)):
        code, retryable = "TIMEOUT", True
    elif isinstance(error, requests.ConnectionError) or is_cut(error):
        code, retryable = "CONNECTION_LOST", True
    elif is_unreadable(error):
        code, said = "NOT_THE_API", "the host answered with something that is not JSON."
    elif isinstance(error, ValueError) and _SIGN_IN.search(said):
        code = "AUTHENTICATION"
    elif not isinstance(error, OSError):
        said = f"{type(error).__name__}: {said}"
    return Failure(
        f"Could not {doing}: {said}",
        code=code,
        status=status,
        request_id=request_id,
        retryable=retryable,
        hint=hint_for(code, status, said),
    )
