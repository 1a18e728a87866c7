# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Whatever went wrong -> one Failure, for the API, for signing in and for SQL alike."""

from __future__ import annotations

import configparser
import re
import typing as t

from .._common.failure import Failure, LostAnswer
from .._common.hints import hint_for
from .._common.scrub import scrub
from . import network, replies
from .replies import Refusal

# The SDK appends its own configuration to what it says (SDK config.py, wrap_debug_info).
_DEBUG_TAIL = re.compile(r"\.?\s*(?:Config: |Env: ).*$", re.DOTALL)

# The SDK says what went wrong while it signed in with a bare ValueError (SDK config.py, oauth.py).
_SIGN_IN = re.compile(
    r"auth\b|authori[sz]ation|credential|oauth|client|token|profile|grant|AADSTS|scope|Invalid URL 'None'",
    re.IGNORECASE,
)

# Statuses after which nobody can say whether the request was carried out.
_UNKNOWN_OUTCOME = (500, 502, 503, 504)


def translate(
    error: BaseException,
    doing: str,
    *,
    secrets: t.Sequence[str] = (),
    where: str | None = None,
    seconds: float | None = None,
) -> Failure:
    """Turn any exception met while ``doing`` something into a Failure.

    :param doing: what was tried, as "read schema main.x"; begins the message
    :param secrets: values that must not appear
    :param where: the host that was asked, as far as that is known
    :param seconds: how long an answer may take there
    """
    if isinstance(error, Failure):
        return error
    if isinstance(error, Refusal):
        return _refused(error, doing, secrets)
    if network.is_one(error):
        trouble = network.read(error, where, seconds)
        message = scrub(trouble.said, tuple(secrets))
        return Failure(
            f"Could not {doing}: {message}",
            code=trouble.code,
            retryable=trouble.retryable,
            hint=hint_for(trouble.code, None, message),
        )
    return _of_a_library(error, doing, secrets)


def outcome_unknown(error: BaseException) -> bool:
    """Whether the service may have done what was asked although we were told of a failure."""
    if isinstance(error, Refusal):
        return not error.nothing_done and (error.status in _UNKNOWN_OUTCOME or error.status < 300)
    if isinstance(error, network.Ended):
        return False
    return network.is_one(error) and not (network.is_unreachable(error) or network.is_untrusted(error))


# What an error code of these families may name besides the object that was asked for.
_ANOTHER_OBJECT = ("METASTORE_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND", "CATALOG_DOES_NOT_EXIST", "CATALOG_NOT_FOUND")


def is_absent(failure: Failure) -> bool:
    """Whether the API itself says that the object which was asked for is not there.

    Its codes for that come in several families; SCIM has its own error, with the status in it. A 404 that is not in the
    API's form has the code NOT_THE_API (see replies.foreign), and says nothing about objects.
    """
    code = str(failure.code)
    family = code in ("NOT_FOUND", "SCIM_404") or code.endswith(("_DOES_NOT_EXIST", "_NOT_FOUND"))
    return family and code not in _ANOTHER_OBJECT


def sentence(text: str, secrets: t.Sequence[str] = ()) -> str:
    """What a library or the service said, as one sentence without secrets."""
    text = scrub(replies.clean(text), tuple(secrets))
    return text if text.endswith((".", "!", "?")) else f"{text}."


def lost(failure: Failure, doing: str) -> LostAnswer:
    """The same for a request that must not be repeated blindly, and may have been carried out."""
    message = failure.message.removeprefix(f"Could not {doing}: ")
    return LostAnswer(
        f"No usable answer to the request to {doing}; it may have been carried out: {message}",
        status=failure.status,
        seen_status=failure.seen_status,
        request_id=failure.request_id,
        hint=hint_for("LOST_ANSWER", None, message),
    )


def doubtful(failure: Failure, doing: str) -> Failure:
    """The same for a change that may have been carried out: the sentence says so."""
    failure.message = lost(failure, doing).message
    return failure


def in_plain_time(seconds: float) -> str:
    """A length of time as people say it."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length or seconds == length:
            number = round(seconds / length)
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return f"{seconds:.0f} second{'s' if round(seconds) != 1 else ''}"


def _refused(error: Refusal, doing: str, secrets: t.Sequence[str]) -> Failure:
    message = sentence(error.said, secrets)
    beyond = getattr(error, "beyond", None)
    if beyond:
        message += f" The service asks to wait {in_plain_time(beyond)}, which is longer than retry_timeout allows."
    code = error.error_code or "UNEXPECTED"
    return Failure(
        f"Could not {doing}: {message}",
        code=code,
        # What somebody else refused was not refused by the service, whatever its status is.
        status=None if code == "NOT_THE_API" else error.status,
        seen_status=error.status,
        request_id=error.request_id,
        retryable=error.nothing_done or error.status in (429, 502, 503, 504),
        hint=hint_for(code, error.status, message),
    )


def _of_a_library(error: BaseException, doing: str, secrets: t.Sequence[str]) -> Failure:
    """A bug of ours or of a library, or what the SDK says about credentials."""
    if isinstance(error, configparser.Error):
        # It quotes the line, which may hold a secret.
        message = "the configuration file (config_file, or ~/.databrickscfg) is not a file of profiles."
    else:
        message = sentence(_DEBUG_TAIL.sub("", str(error)).strip() or type(error).__name__, secrets)
    code = "UNEXPECTED"
    if isinstance(error, ValueError) and _SIGN_IN.search(message):
        code = "AUTHENTICATION"
    elif not isinstance(error, OSError):
        message = f"{type(error).__name__}: {message}"
    return Failure(f"Could not {doing}: {message}", code=code, hint=hint_for(code, None, message))
