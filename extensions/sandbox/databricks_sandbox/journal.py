# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked of a workspace, in order, so that a test can count and compare it."""

from __future__ import annotations

import datetime
import re
import threading
import typing as t

_READS = re.compile(
    r"^(?:[\s(;]|--[^\n]*\n|/\*.*?\*/)*(SELECT|SHOW|DESC|DESCRIBE|EXPLAIN|USE|WITH|VALUES|SET|LIST)\b",
    re.I | re.S,
)
# POSTs that only look something up or hand out a short-lived sign-in.
_NOT_MUTATING = ("/oidc/", "/telemetry")


def statement_mutates(statement: str | None) -> bool:
    return bool(statement) and not _READS.match(statement or "")


def mutates(method: str, path: str, statement: str | None) -> bool:
    """Whether the request asks for a change, whatever came of it."""
    if method in ("GET", "HEAD", "OPTIONS") or path.startswith(_NOT_MUTATING):
        return False
    if path.startswith("/sql/1.0/"):
        return statement_mutates(statement)
    if re.fullmatch(r"/api/2\.0/sql/statements/?", path):
        return statement is None or statement_mutates(statement)
    return True


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[dict[str, t.Any]] = []
        self._seq = 0

    def open(self, **entry: t.Any) -> dict[str, t.Any]:
        """Add an entry when a request arrives; who answers it completes the entry."""
        with self._lock:
            self._seq += 1
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
            opened = {"seq": self._seq, "time": now, **entry}
            self._entries.append(opened)
            return opened

    def entries(self) -> list[dict[str, t.Any]]:
        with self._lock:
            return [dict(entry) for entry in self._entries]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
