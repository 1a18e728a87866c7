# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of shared code need: a scripted host, and workspaces that reach it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import TOKEN, Host, scripted_host


@pytest.fixture(autouse=True)
def _no_credentials_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any) -> None:
    import os

    for name in list(os.environ):
        if name.startswith(("DATABRICKS_", "ARM_", "AZURE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def host() -> t.Iterator[Host]:
    with scripted_host() as running:
        yield running


@pytest.fixture
def workspace(host: Host) -> Workspace:
    return Workspace({"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5})


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repetitions follow at once."""
    monkeypatch.setattr(retry, "_jittered", lambda seconds: 0.0)
