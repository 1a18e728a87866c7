# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trouble on demand: the failures a client must survive, at the request the test names."""

from __future__ import annotations

import fnmatch
import re
import threading
import typing as t
from dataclasses import asdict, dataclass, field

from .errors import ApiError


@dataclass
class Fault:
    """One rule. It acts on the ``nth`` match and the ``times - 1`` that follow; ``times`` 0 means for ever."""

    id: int = 0
    method: str | None = None
    path: str | None = None  # a glob, or a regular expression when it starts with ^
    path_regex: str | None = None
    statement: str | None = None  # regular expression, SQL over Thrift or REST
    call: str | None = None  # a Thrift call's name
    nth: int = 1
    times: int = 1
    status: int | None = None
    error_code: str | int | None = None
    message: str = "Injected fault"
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    body: str | None = None  # sent as it is instead of a refusal
    content_type: str = "application/json"
    cut: bool = False  # half of the answer, and the connection is closed
    drip_ms: int = 0  # the answer comes a byte at a time, with that pause
    delay_ms: int = 0
    drop: str | None = None  # before | after the handler ran
    when: str = "before"  # whether ``status`` replaces the handler or only its answer
    matched: int = 0
    applied: int = 0

    def matches(self, method: str, path: str, statement: str | None, call: str | None) -> bool:
        if self.method and self.method.upper() != method:
            return False
        if self.path and not _path_matches(self.path, path):
            return False
        if self.path_regex and not re.search(self.path_regex, path):
            return False
        if self.statement and not (statement and re.search(self.statement, statement, re.I | re.S)):
            return False
        return not self.call or self.call == call

    def due(self) -> bool:
        return self.matched >= self.nth and not (self.times and self.applied >= self.times)

    @property
    def answers(self) -> bool:
        """Whether it has an answer of its own."""
        return self.status is not None or self.body is not None

    def refusal(self) -> ApiError:
        status = self.status or 500
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return ApiError(status, self.error_code or _CODES.get(status, "INTERNAL_ERROR"), self.message, headers=headers)


_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    409: "RESOURCE_CONFLICT",
    429: "RESOURCE_EXHAUSTED",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


_NOTHING = type(None)
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("method", "path", "path_regex", "statement", "call", "drop"), (str, _NOTHING)),
    **dict.fromkeys(("status", "retry_after"), (int, _NOTHING)),
    **dict.fromkeys(("nth", "times", "delay_ms", "drip_ms"), (int,)),
    **dict.fromkeys(("message", "when", "content_type"), (str,)),
    "body": (str, _NOTHING),
    "cut": (bool,),
    "error_code": (str, int, _NOTHING),
    "headers": (dict,),
}


_ACTS = ("status", "body", "drop", "cut", "drip_ms", "delay_ms")


def _path_matches(pattern: str, path: str) -> bool:
    return bool(re.search(pattern, path)) if pattern.startswith("^") else fnmatch.fnmatchcase(path, pattern)


def parse(wish: t.Any) -> Fault:
    """A fault from JSON; also accepts its fields grouped under ``match`` and ``effect``."""
    if not isinstance(wish, dict):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "A fault is a JSON object")
    fields = {k: v for k, v in wish.items() if k not in ("match", "effect")}
    fields |= {**(wish.get("match") or {}), **(wish.get("effect") or {})}
    allowed = set(Fault.__dataclass_fields__) - {"id", "matched", "applied"}
    if unknown := sorted(set(fields) - allowed):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Unknown fault fields {unknown}; known: {sorted(allowed)}")
    for name, value in fields.items():
        if not isinstance(value, _KINDS[name]) or (isinstance(value, bool) and bool not in _KINDS[name]):
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{name} cannot be {value!r}")
    fault = Fault(**fields)
    if fault.nth < 1 or min(fault.times, fault.delay_ms, fault.drip_ms, fault.retry_after or 0) < 0:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "nth counts from 1; times, delays, retry_after from 0")
    if fault.status is not None and not (200 if fault.body is not None else 300) <= fault.status <= 599:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "status is a refusal, from 300 to 599")
    if not all(isinstance(text, str) for pair in fault.headers.items() for text in pair):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "headers are names and values, both text")
    if fault.drop not in (None, "before", "after") or fault.when not in ("before", "after"):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "drop and when are 'before' or 'after'")
    acts = fault.answers or fault.drop or fault.cut or fault.drip_ms or fault.delay_ms
    if not acts:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"A fault needs one of {', '.join(_ACTS)}")
    for pattern in (fault.path_regex, fault.statement, fault.path if (fault.path or "").startswith("^") else None):
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Not a regular expression: {pattern}: {error}") from error
    return fault


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, wishes: t.Any) -> list[dict[str, t.Any]]:
        parsed = [parse(wish) for wish in (wishes if isinstance(wishes, list) else [wishes])]
        with self._lock:
            for fault in parsed:
                self._last_id += 1
                fault.id = self._last_id
            self._faults += parsed
        return [asdict(fault) for fault in parsed]

    def all(self) -> list[dict[str, t.Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str, statement: str | None, call: str | None) -> Fault | None:
        """The fault that acts on this request, if any. Every matching rule counts it, the first one due acts."""
        acting = None
        with self._lock:
            for fault in self._faults:
                if not fault.matches(method, path, statement, call):
                    continue
                fault.matched += 1
                if acting is None and fault.due():
                    fault.applied += 1
                    acting = fault
        return acting
