# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What an HTTP answer says: the API's JSON, a refusal of the API's, or something that somebody else answered.

A refusal of the API's has an error code, or is in SCIM's form; its sign-in service answers as OAuth does (RFC 6749).
Everything else is foreign: a page, a redirection, a gateway's own JSON. It says nothing about objects.
"""

from __future__ import annotations

import contextlib
import http
import json
import re
import time
import typing as t
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from .._common.json_types import Json

# Longer texts are cut before they are shown.
_MOST_CHARACTERS = 1500
_MOST_OF_A_PAGE = 120
_CODE_AND_TEXT = re.compile(r"([A-Z][A-Z_]{2,}): (.+)", re.DOTALL)
_PAGE_SAYS = re.compile(r"<(pre|title)[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_SIGN_IN = re.compile(r"log-?in|sign-?in|\bsso\b|saml|oauth|authorize|/aad/", re.IGNORECASE)
_TOO_OFTEN = "REQUEST_LIMIT_EXCEEDED"
_BAD_TOKEN = re.compile(r"Invalid access token", re.IGNORECASE)
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Reply(t.NamedTuple):
    """One complete answer; names of headers are in lower case."""

    status: int
    headers: t.Mapping[str, str]
    content: bytes

    @property
    def request_id(self) -> str | None:
        """What support asks for."""
        return self.headers.get("x-request-id") or self.headers.get("x-databricks-request-id")


class Refusal(Exception):
    """An answer that is no success, or cannot be read as one.

    :ivar said: in words, as it goes into a sentence (str)
    :ivar error_code: of the service, None where it gave none (str or None)
    :ivar foreign: not in a form of the API's, so perhaps not its answer at all (bool)
    :ivar nothing_done: said before anything was done, so that sending again does no harm (bool)
    :ivar retry_after: seconds that the service asks to wait, None where it asks for none (float or None)
    """

    def __init__(self, reply: Reply, message: str, code: str | None = None, *, foreign: bool = False) -> None:
        super().__init__(message)
        self.reply, self.said, self.error_code, self.foreign = reply, message, code, foreign
        self.status, self.request_id = reply.status, reply.request_id
        self.retry_after = _retry_after(reply.headers)
        # SCIM says "too often" with HTTP 500 (databricks-sdk-go#721).
        self.nothing_done = reply.status == 429 or code == _TOO_OFTEN


def read(reply: Reply) -> t.Any:
    """The JSON of a successful answer; None for an empty one.

    :raises Refusal: it is none, or cannot be read
    """
    if not 200 <= reply.status < 300:
        raise refusal(reply)
    if not reply.content.strip():
        return None
    try:
        value = parsed(reply.content)
    except ValueError as error:
        raise foreign(reply, f"{_what(reply)} instead of JSON") from error
    if isinstance(value, dict) and value.get("error_code"):
        raise refusal(reply)
    return value


def parsed(content: bytes) -> t.Any:
    """JSON, and nothing that is not JSON: neither NaN, nor halves of characters, nor nests that no program makes.

    :raises ValueError: it is something else
    """
    try:
        value = json.loads(content, parse_constant=_no_constant)
        if b"\\u" in content:
            # Half a surrogate pair is no character, and cannot be written anywhere.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("too deep") from error
    return value


def as_object(reply: Reply, value: t.Any, *, must: bool, holds: t.Sequence[str] = ()) -> Json:
    """The object that an answer is.

    :param must: whether an empty answer says nothing, as that to a read does
    :param holds: fields without which nothing was said; "a or b" where one of two will do
    :raises Refusal: the answer is something else
    """
    if value is None and not must and not holds:
        return {}
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "an empty body" if value is None else "a single value"
        if value is None and reply.content.strip():
            kind = "null"
        raise foreign(reply, f"{kind} instead of an object")
    missing = next(
        (names for names in holds if all(value.get(name) in (None, "") for name in names.split(" or "))), None
    )
    if missing:
        raise foreign(reply, f"an object without {missing}, which says nothing")
    return value


def refusal(reply: Reply) -> Refusal:
    """What an answer other than a success says."""
    with contextlib.suppress(ValueError):
        answer = parsed(reply.content)
        if isinstance(answer, dict):
            return _of_the_api(reply, answer)
    text = reply.content[:100_000].decode("utf-8", "replace").strip()
    coded = _CODE_AND_TEXT.match(text)
    if coded and reply.status != 404:
        return Refusal(reply, clean(coded[2]), coded[1])
    if reply.status in (401, 403) and _BAD_TOKEN.search(text):
        # terraform-provider-databricks#66: a page, but the workspace's own.
        return Refusal(reply, "Invalid access token.", "INVALID_ACCESS_TOKEN")
    return foreign(reply)


def foreign(reply: Reply, what: str | None = None) -> Refusal:
    """Somebody else's answer, or one that cannot be understood."""
    status = reply.status
    if status == 404:
        message = "the host answered HTTP 404 in a form that is not the API's, which says nothing about the object"
        return Refusal(reply, message, "NOT_THE_API", foreign=True)
    location = reply.headers.get("location")
    if 300 <= status < 400 and location:
        return _elsewhere(reply, location)
    # What is busy or broken answers with pages, too, and may recover.
    code = "NOT_THE_API" if status < 500 and status != 429 else _name(status)
    message = f"the host answered HTTP {status} with {what or _what(reply) + ', not in the form of the API'}"
    return Refusal(reply, message, code, foreign=True)


def clean(text: t.Any, most: int = _MOST_CHARACTERS) -> str:
    """A text of somebody else's as it may be shown: one line, no control characters, no more than is read.

    It is cut between words: half a secret would not be recognised as one.
    """
    text = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False, default=str)
    line = " ".join(_UNSEEN.sub(" ", _COLOURS.sub("", text)).encode("utf-8", "replace").decode().split())
    return line if len(line) <= most else f"{line[:most].rpartition(' ')[0]}..."


def _of_the_api(reply: Reply, answer: Json) -> Refusal:
    code, detail, status = answer.get("error_code"), answer.get("detail"), reply.status
    if detail and (answer.get("status") or answer.get("schemas")):
        # RFC 7644, section 3.12; "null" is what SCIM says of its own troubles (SDK errors/base.py).
        text = "SCIM API Internal Error" if detail == "null" else clean(detail)
        kind = answer.get("scimType")
        if text.startswith(_TOO_OFTEN):
            # SCIM puts the code of what it calls into its sentence (databricks-sdk-go#721).
            code, text = _TOO_OFTEN, text.removeprefix(_TOO_OFTEN).lstrip(": ") or text
        found = Refusal(
            reply, f"{clean(kind)} {text}" if kind else text, code or f"SCIM_{answer.get('status') or status}"
        )
    elif code:
        # sdk-go#1046: the code of a bad token is a number.
        code = "INVALID_ACCESS_TOKEN" if code == 403 else clean(code, 100)
        found = Refusal(reply, clean(answer.get("message") or answer.get("error") or code), code)
    elif isinstance(answer.get("error"), str) and answer["error"] and status != 404:
        text = clean(": ".join(str(answer[key]) for key in ("error", "error_description") if answer.get(key)))
        found = Refusal(reply, text, _name(status))
    else:
        return foreign(reply)
    found.request_id = _id_in_details(answer) or found.request_id
    return found


def _id_in_details(answer: Json) -> str | None:
    details = answer.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and str(detail.get("@type")).endswith("google.rpc.RequestInfo"):
            return clean(detail.get("request_id") or "", 200) or None
    return None


def _elsewhere(reply: Reply, location: str) -> Refusal:
    try:
        parts = urlsplit(urljoin("https://the-same-host/", location))
    except ValueError:
        parts = urlsplit("")
    if "private-link-validation-error" in parts.query:
        message = "the workspace only answers inside its private network"
        return Refusal(reply, message, "PRIVATE_LINK_VALIDATION_ERROR", foreign=True)
    where = "" if parts.netloc == "the-same-host" else f"{parts.scheme}://{parts.netloc}"
    kind = ", a page to sign in" if _SIGN_IN.search(location) else ""
    # What follows the path may hold a ticket.
    message = f"the host answered HTTP {reply.status} and leads to {clean(where + parts.path, _MOST_OF_A_PAGE)}{kind}"
    return Refusal(reply, message, "NOT_THE_API", foreign=True)


def _what(reply: Reply) -> str:
    """What somebody else answered, in words."""
    if not reply.content.strip():
        return "an empty body"
    text = reply.content[:100_000].decode("utf-8", "replace")
    if "html" in reply.headers.get("content-type", "") or re.match(r"\s*<(?:!doctype|html)", text, re.IGNORECASE):
        found = _PAGE_SAYS.search(text)
        title = clean(re.sub(r"<[^>]*>", " ", found[2]), _MOST_OF_A_PAGE) if found else ""
        kind = (
            "a page to sign in" if re.search(r"type=.?password|log in|sign in", text, re.IGNORECASE) else "a web page"
        )
        return f"{kind} ({title})" if title else kind
    with contextlib.suppress(ValueError):
        value = parsed(reply.content)
        message = value.get("message") if isinstance(value, dict) else None
        return f"JSON of another kind ({clean(message, _MOST_OF_A_PAGE)})" if isinstance(message, str) else "other JSON"
    return "something else"


def _name(status: int) -> str:
    try:
        return http.HTTPStatus(status).name
    except ValueError:
        return f"HTTP_{status}"


def _retry_after(headers: t.Mapping[str, str]) -> float | None:
    """Seconds; the header may also be a date (RFC 9110, section 10.2.3), by the clock of whoever sent it."""
    header = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", header):
        return float(header)
    try:
        now = parsedate_to_datetime(headers["date"]).timestamp() if headers.get("date") else time.time()
        return max(0.0, parsedate_to_datetime(header).timestamp() - now)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _no_constant(name: str) -> t.NoReturn:
    raise ValueError(name)
