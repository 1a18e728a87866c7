# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox workspace in a process of its own, and the control plane as methods."""

from __future__ import annotations

import contextlib
import importlib.util
import typing as t
from pathlib import Path

import requests

_RUNNING = Path(__file__).resolve().parents[2] / "extensions" / "demo" / "running.py"


class Sandbox:
    """One running workspace."""

    def __init__(self, ready: dict[str, t.Any]) -> None:
        self.ready = ready
        self.host, self.token = ready["host"], ready["token"]
        self.warehouse_id, self.catalog = ready["warehouse_id"], ready["catalog"]

    @property
    def connection(self) -> dict[str, t.Any]:
        """Connection options of a module."""
        return {"host": self.host, "token": self.token, "http_timeout": 10, "retry_timeout": 20}

    def control(self, method: str, what: str, body: t.Any = None) -> t.Any:
        answer = requests.request(method, f"{self.host}/_sandbox/{what}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def reset(self) -> None:
        self.control("POST", "reset")

    def set(self, **settings: t.Any) -> None:
        self.control("POST", "settings", settings)

    def fault(self, **fault: t.Any) -> None:
        self.control("POST", "faults", fault)

    def state(self) -> dict[str, t.Any]:
        return self.control("GET", "state")

    @contextlib.contextmanager
    def recorded(self) -> t.Iterator[list[str]]:
        """The requests of a ``with`` block, as "GET /path", known when it ends."""
        self.control("DELETE", "journal")
        seen: list[str] = []
        yield seen
        seen += [f"{entry['method']} {entry['path']}" for entry in self.control("GET", "journal")["entries"]]


@contextlib.contextmanager
def running_sandbox(*options: str) -> t.Iterator[Sandbox]:
    """A sandbox for the length of a ``with``."""
    spec = importlib.util.spec_from_file_location("running_sandbox", _RUNNING)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{_RUNNING} cannot be loaded")
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    with demo.sandbox(*options) as ready:
        yield Sandbox(ready)
