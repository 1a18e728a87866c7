# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements of the REST API that are not finished when they are answered, because the warehouse starts first or
because statements are set to take time. Until one is carried out it can be cancelled, and then it has no effect.
"""

from __future__ import annotations

import threading
import traceback
import typing as t

from .errors import ApiError
from .model import Warehouse, Workspace
from .sql import compute

Answer = dict[str, t.Any]


class Running:
    """One statement, in a thread of its own.

    Both functions are called with the workspace's lock.

    :param carry_out: does it and gives the parts of the answer that follow statement_id
    :param called_off: is told that it was cancelled
    """

    def __init__(
        self,
        workspace: Workspace,
        warehouse: Warehouse,
        carry_out: t.Callable[[], Answer],
        called_off: t.Callable[[], None],
    ) -> None:
        self._workspace, self._warehouse = workspace, warehouse
        self._carry_out, self._called_off = carry_out, called_off
        self._cancelled, self._done = threading.Event(), threading.Event()
        self.answer: Answer = {"status": {"state": "PENDING"}}
        threading.Thread(target=self._run, name="statement", daemon=True).start()

    def finished_within(self, seconds: float) -> bool:
        """Call it without the workspace's lock, which the statement needs to be carried out."""
        return self._done.wait(seconds)

    def cancel(self) -> None:
        """Call it with the workspace's lock. Too late is no error."""
        if not self._done.is_set():
            self._cancelled.set()
            self.answer = {"status": {"state": "CANCELED"}}
            self._called_off()
            self._done.set()

    def _run(self) -> None:
        try:
            compute.wait_until_running(self._workspace, self._warehouse)
            self._show("RUNNING")
            self._cancelled.wait(self._workspace.statement_seconds)
            with self._workspace.lock:
                if not self._cancelled.is_set():
                    self._finish(self._carry_out())
        except ApiError as error:
            self._fail("DEADLINE_EXCEEDED", error.message)
        except Exception:  # noqa: BLE001 - a bug here must reach the terminal, and whoever waits for the statement
            traceback.print_exc()
            self._fail("INTERNAL_ERROR", "The sandbox failed; see its stderr")

    def _show(self, state: str) -> None:
        with self._workspace.lock:
            if not self._cancelled.is_set():
                self.answer = {"status": {"state": state}}

    def _fail(self, code: str, message: str) -> None:
        with self._workspace.lock:
            if not self._cancelled.is_set():
                self._finish({"status": {"state": "FAILED", "error": {"error_code": code, "message": message}}})

    def _finish(self, answer: Answer) -> None:
        self.answer = answer
        self._done.set()
