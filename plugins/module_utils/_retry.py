# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What may be repeated and what may not.

The SDK repeats every verb on a lost answer, so that one ``tokens.create()`` can make two tokens; its own retries are
therefore switched off and this file decides. Sources: SDK _base_client.py and retries.py.
"""

from __future__ import annotations

import enum
import random
import time
import typing as t

from . import _errors

T = t.TypeVar("T")

# Passing troubles that the SDK, too, recognises by their text (SDK _base_client.py).
_PASSING = (
    "Unexpected error",
    "RPC token bucket limit has been exceeded",
    "Please try again later or try a faster operation.",
)


class Repeat(enum.Enum):
    """Whether sending a request twice is the same as sending it once."""

    SAFE = "safe"  # reads, deletes, and changes that say the wanted end state
    NEVER_BLINDLY = "never blindly"  # creations: a second one makes a second object


def wait_before_repeating(error: BaseException, status: int | None, repeat: Repeat, attempt: int) -> float | None:
    """Seconds to wait before sending the request again, or None if it must not be sent again."""
    if _errors.is_unreachable(error) or _errors.is_untrusted(error):
        return None
    if _errors.is_throttled(error, status):
        asked = getattr(error, "retry_after_secs", None)
        return _jittered(float(asked) if asked is not None else _backoff(attempt))
    if repeat is Repeat.NEVER_BLINDLY:
        return None
    # Whoever answers with a page does so again.
    if _errors.outcome_unknown(error, status) and status != 500 and not _errors.is_unreadable(error):
        asked = getattr(error, "retry_after_secs", None)
        return _jittered(float(asked) if asked is not None else _backoff(attempt))
    if any(mark in str(error) for mark in _PASSING):
        return _jittered(_backoff(attempt))
    return None


def until(
    ready: t.Callable[[], T | None],
    timeout: float,
    *,
    progress: t.Callable[[float], None] = lambda left: None,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> T | None:
    """Ask ``ready`` with growing pauses until it gives something, for at most ``timeout`` seconds.

    :param progress: told the seconds left before each pause
    :returns: what ``ready`` gave last; None if it never gave anything
    """
    deadline = clock() + timeout
    attempt = 0
    while True:
        found = ready()
        left = deadline - clock()
        if found is not None or left <= 0:
            return found
        progress(left)
        sleep(min(_backoff(attempt), left))
        attempt += 1


def _backoff(attempt: int) -> float:
    return min(10.0, 0.25 * 2**attempt)


def _jittered(seconds: float) -> float:
    return seconds + random.uniform(0, 0.25 * max(seconds, 0.4))
