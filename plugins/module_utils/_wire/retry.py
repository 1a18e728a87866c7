# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What may be repeated, how often, and for how long in all.

The SDK repeats every verb on a lost answer, so that one ``tokens.create()`` can make two tokens, and the SQL connector
repeats for a quarter of an hour. Neither is left to do so: this file decides. Source: SDK _base_client.py.
"""

from __future__ import annotations

import contextlib
import enum
import random
import threading
import time
import typing as t

from .._common.failure import Failure
from . import errors, network

T = t.TypeVar("T")

# Passing troubles that the SDK, too, recognises by their text (SDK _base_client.py).
_PASSING = (
    "Unexpected error",
    "RPC token bucket limit has been exceeded",
    "Please try again later or try a faster operation.",
)
# Pauses from which on somebody is told what is waited for.
_TOLD_FROM = 2.0


class Repeat(enum.Enum):
    """Whether sending a request twice is the same as sending it once."""

    SAFE = "safe"  # reads, deletes, and changes that say the wanted end state
    NEVER_BLINDLY = "never blindly"  # creations: a second one makes a second object


class Patience:
    """How long trouble may hold up one task in all: pauses, and tries that came after the first.

    What succeeds does not count, however slow it is; neither does time in which several threads wait at once count
    twice.

    :param seconds: the whole of it
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._spent, self._since, self._waiting = 0.0, 0.0, 0

    @property
    def left(self) -> float:
        """Seconds."""
        with self._lock:
            running = time.monotonic() - self._since if self._waiting else 0.0
            return self.seconds - self._spent - running

    @contextlib.contextmanager
    def tried(self) -> t.Iterator[None]:
        """The clock runs while somebody is in this block."""
        with self._lock:
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
                if not self._waiting:
                    self._spent += time.monotonic() - self._since


def repeated(
    send: t.Callable[[], T],
    repeat: Repeat,
    patience: Patience,
    announce: t.Callable[[float], None] = lambda seconds: None,
) -> T:
    """What ``send`` gives, sent again for as long as that is harmless and there is patience.

    :param announce: told of long pauses, in seconds
    :raises Failure: as ``send`` raised it; nothing is repeated then
    :raises Exception: the last trouble; its ``beyond`` is the pause that was asked for, if that was too long
    """
    held: list[Patience] = []
    with contextlib.ExitStack() as trouble:
        attempt = 0
        while True:
            try:
                return send()
            except Failure:
                raise
            except Exception as error:
                wait = wait_before_repeating(error, repeat, attempt)
                if wait is None:
                    raise
                # What is starting has an end of its own (see sql_wire.py).
                own: Patience = getattr(error, "patience", None) or patience
                if own not in held:
                    held.append(own)
                    trouble.enter_context(own.tried())
                if wait > own.left:
                    asked = getattr(error, "retry_after", None)
                    if asked and asked > own.seconds:
                        error.beyond = asked  # type: ignore[attr-defined]
                    raise
            if wait >= _TOLD_FROM:
                announce(wait)
            time.sleep(wait)
            attempt += 1


def wait_before_repeating(error: BaseException, repeat: Repeat, attempt: int) -> float | None:
    """Seconds to wait before sending the request again, or None if it must not be sent again."""
    if network.is_unreachable(error) or network.is_untrusted(error):
        return None
    asked = getattr(error, "retry_after", None)
    pause = float(asked) if asked is not None else _backoff(attempt)
    if getattr(error, "nothing_done", False):
        return _jittered(pause)
    if repeat is Repeat.NEVER_BLINDLY or isinstance(error, (network.TooLarge, network.Ended)):
        return None
    status = getattr(error, "status", None)
    # Whoever answers with a page does so again, and what fails inside mostly fails again.
    if errors.outcome_unknown(error) and (status is None or status in (502, 503, 504)):
        return _jittered(pause)
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
    return min(10.0, 0.25 * 2.0**attempt)


def _jittered(seconds: float) -> float:
    return seconds + random.uniform(0, 0.25 * max(seconds, 0.4))
