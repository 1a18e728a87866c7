# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For pytest: a workspace for the whole session, and the same one as new for each test that asks for it.

Options of the command come from the environment variable DATABRICKS_SANDBOX_OPTIONS.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_SECONDS_TO_START = 60
_SECONDS_TO_STOP = 10


@pytest.fixture(scope="session")
def databricks_sandbox(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[dict[str, t.Any]]:
    """What the sandbox wrote into its ready file; it runs until the session ends."""
    folder = tmp_path_factory.mktemp("databricks-sandbox")
    ready, log = folder / "ready.json", folder / "log"
    options = shlex.split(os.environ.get("DATABRICKS_SANDBOX_OPTIONS", ""))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "databricks_sandbox", "--ready-file", str(ready), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _when_ready(process, ready, log)
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _when_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, t.Any]:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        if ready.is_file():
            return t.cast("dict[str, t.Any]", json.loads(ready.read_text(encoding="utf-8")))
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace")
    pytest.fail(f"The sandbox did not start (status {process.poll()}). It said:\n{said}", pytrace=False)


@pytest.fixture
def workspace(databricks_sandbox: dict[str, t.Any]) -> WorkspaceClient:
    """An administrator's client of a workspace that nobody has touched yet."""
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.core import Config

    client = WorkspaceClient(
        config=Config(host=databricks_sandbox["host"], token=databricks_sandbox["token"], auth_type="pat")
    )
    client.api_client.do("POST", "/_sandbox/reset")
    return client
