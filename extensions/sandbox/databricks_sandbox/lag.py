# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads that lag behind, as from a replica: for some reads of an address a change has not happened yet."""

from __future__ import annotations

import threading
from collections import Counter

from . import keeping
from .model import Workspace


class Lag:
    """What readers of one workspace still see."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._before: Workspace | None = None
        self._reads: Counter[str] = Counter()

    def forget(self) -> None:
        with self._lock:
            self._before = None
            self._reads.clear()

    def about_to_change(self, workspace: Workspace) -> Workspace | None:
        """A copy to give to ``changed`` if the request is carried out; None where reads do not lag."""
        return keeping.copied(workspace) if workspace.read_lag else None

    def changed(self, before: Workspace | None) -> None:
        if before is not None:
            with self._lock:
                self._before = before
                self._reads.clear()

    def seen(self, workspace: Workspace, question: str) -> Workspace:
        """Where to look for the answer to a read.

        :param question: path and query
        """
        with self._lock:
            if self._before is None or self._reads[question] >= workspace.read_lag:
                return workspace
            self._reads[question] += 1
            return self._before
