# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind a port, and a request to it."""

from __future__ import annotations

import typing as t

from . import keeping, peek, seed
from .faults import Faults
from .journal import Journal
from .lag import Lag
from .model import Workspace


class Slot:
    """A port and what stands behind it; a reset exchanges the workspace and keeps the slot."""

    def __init__(self, options: seed.Options, port: int) -> None:
        self.options, self.port = options, port
        self.journal, self.faults, self.lag = Journal(), Faults(), Lag()
        self.kept: dict[str, keeping.Kept] = {}  # by name; survives a reset
        self.issued: list[str] = []  # survives a reset: an old secret must not leak either
        self.account_workspaces: list[Workspace] = []
        self.workspace = self._fresh()

    def _fresh(self) -> Workspace:
        workspace = seed.workspace(self.options, f"{self.options.scheme}://{self.options.bind}:{self.port}")
        self.issued += [value for value in workspace.issued_secret_values if value not in self.issued]
        workspace.issued_secret_values = self.issued
        return workspace

    def reset(self) -> None:
        self.exchange(self._fresh)

    def exchange(self, make: t.Callable[[], Workspace]) -> None:
        """Put another workspace behind the port, and forget what was asked of the old one."""
        old = self.workspace
        with old.lock:
            self.workspace = make()
            self.workspace.account_workspaces, self.workspace.account = old.account_workspaces, old.account
            old.account_workspaces[old.account_workspaces.index(old)] = self.workspace
            for discard in old.on_discard:
                discard()
        self.journal.clear()
        self.faults.clear()
        self.lag.forget()


class Request(t.NamedTuple):
    """A request, and what stands behind the port that it came to."""

    slot: Slot
    workspace: Workspace
    method: str
    path: str  # still percent-encoded
    query: str
    headers: dict[str, str]
    raw: bytes
    peeked: peek.Peek
    account: bool = False  # to the account itself, not to a workspace
