# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules on a sandbox and tells what each of them sent."""

from __future__ import annotations

import typing as t

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox


class Runs:
    """Runs a module, remembers what it sent, and holds it to the promise that only a change sends what changes.

    In options ``<warehouse>`` stands for the sandbox's own warehouse, and every name in ``names`` for its value.
    """

    def __init__(self, sandbox: Sandbox, **names: str) -> None:
        self.sandbox, self.names = sandbox, {"warehouse": sandbox.warehouse_id, **names}
        self.sent: list[str] = []  # requests, and each statement of a SQL session
        self.mutating: list[str] = []

    def __call__(self, module: str, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        result = self.attempt(module, check, **self.sandbox.connection, **options)
        assert not result["failed"], result["msg"]
        assert bool(self.mutating) == (result["changed"] and not check), (result, self.sent)
        return result

    def attempt(self, module: str, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result, whatever it is; with no other connection than ``options`` give."""
        self.sandbox.control("DELETE", "journal")
        result = run_module(module, self._filled(options), check=check)
        entries = [
            entry
            for entry in self.sandbox.control("GET", "journal")["entries"]
            # The other calls of a session only open, poll and close.
            if not entry["path"].startswith("/sql/") or entry.get("statement")
        ]
        self.sent = [f"{entry['method']} {entry['path']} {entry.get('statement') or ''}".strip() for entry in entries]
        self.mutating = [sent for sent, entry in zip(self.sent, entries, strict=True) if entry["mutating"]]
        return result

    def _filled(self, value: t.Any) -> t.Any:
        if isinstance(value, dict):
            return {name: self._filled(held) for name, held in value.items()}
        if isinstance(value, list):
            return [self._filled(held) for held in value]
        if isinstance(value, str):
            for name, known in self.names.items():
                value = value.replace(f"<{name}>", known)
        return value
