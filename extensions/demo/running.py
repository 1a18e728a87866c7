# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox workspace for as long as a ``with`` block lasts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10


class DidNotStart(Exception):
    """The sandbox ended, or said nothing, before it was ready."""


@contextmanager
def sandbox(*options: str) -> Iterator[dict[str, Any]]:
    """What the sandbox wrote into its ready file, as soon as it answers."""
    with tempfile.TemporaryDirectory(prefix="databricks-sandbox-") as folder:
        ready, log = Path(folder, "ready.json"), Path(folder, "log")
        command = [sys.executable, "-m", "databricks_sandbox", "--port", "0", "--ready-file", str(ready), *options]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                env={**os.environ, "PYTHONPATH": str(ROOT / "extensions" / "sandbox")},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for whoever started us; we stop the sandbox when we are done
            )
        try:
            yield _when_ready(process, ready, log)
        finally:
            _stop(process)


def _when_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        if ready.is_file():
            with suppress(json.JSONDecodeError):  # it may be half written
                return json.loads(ready.read_text(encoding="utf-8"))
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace")
    raise DidNotStart(f"The sandbox did not start (status {process.poll()}). It said:\n{said}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
