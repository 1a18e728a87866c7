# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The one exception that leaves shared code: a sentence for people, a dictionary for playbooks."""

from __future__ import annotations

import typing as t

from .json_types import Json


class Failure(Exception):
    """Something that went wrong, in words that carry no secret.

    :ivar code: the service's error code, or one of ours in upper case (str)
    :ivar status: HTTP status of the service's answer, None where none came from it (int or None)
    :ivar seen_status: the same, that of somebody else's answer included; only shown, nothing is decided by it
    :ivar request_id: what support asks for, None where unknown (str or None)
    :ivar retryable: whether the same task may succeed unchanged a little later (bool)
    :ivar hint: what a person can do about it, None where we do not know (str or None)
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "FAILED",
        status: int | None = None,
        request_id: str | None = None,
        retryable: bool = False,
        hint: str | None = None,
        seen_status: int | None = None,
        **details: t.Any,
    ) -> None:
        super().__init__(message)
        self.seen_status = status if seen_status is None else seen_status
        self.message, self.code, self.status, self.request_id = message, code, status, request_id
        self.retryable, self.hint, self.details = retryable, hint, details
        # Whose request was refused puts its name into the hint, which costs a request: so only when it is shown.
        self.name_caller: t.Callable[[Failure], None] = lambda failure: None

    def __str__(self) -> str:
        return f"{self.message} Hint: {self.hint}" if self.hint else self.message

    def as_dict(self) -> Json:
        """What a module returns under RV(error); every key is always there."""
        return {
            "code": self.code,
            "status": self.seen_status,
            "message": self.message,
            "request_id": self.request_id,
            "retryable": self.retryable,
            "hint": self.hint,
            **self.details,
        }


class Refused(Failure):
    """We will not do this, whatever the service would say; nothing was sent."""

    def __init__(self, message: str, *, code: str = "REFUSED", **more: t.Any) -> None:
        super().__init__(message, code=code, **more)


class BadOption(Refused):
    """An option's value cannot be used. The message names the option and the fix."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(f"{option}: {message}", code="BAD_OPTION", option=option)


def at_least(option: str, value: int, least: int = 0) -> int:
    """A number that is not smaller than it may be.

    :raises BadOption: it is
    """
    if value < least:
        raise BadOption(option, f"is {value}; give {least} or more.")
    return value


class LostAnswer(Failure):
    """The request may or may not have been carried out, so only its caller can know how to go on."""

    def __init__(self, message: str, **more: t.Any) -> None:
        super().__init__(message, code="LOST_ANSWER", retryable=True, **more)
