# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: its options, its ready file, its end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

import pytest
import requests
from databricks.sdk.errors import NotFound

from tests.sandbox.people import client, cursor, rows
from tests.sandbox.wire import SCIM, ask
from tests.support.sandbox import Sandbox, running_sandbox

SOURCES = Path(__file__).resolve().parents[2] / "extensions" / "sandbox"


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "databricks_sandbox", *options]


@contextlib.contextmanager
def started(file: Path, *options: str) -> t.Iterator[tuple[subprocess.Popen[str], Sandbox]]:
    """The process itself, for what happens to it."""
    process = subprocess.Popen(
        command("--ready-file", str(file), *options),
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()  # it says where it is when it is ready
        ready = json.loads(file.read_text())
        assert said == ready["host"]
        yield process, Sandbox(ready)
    finally:
        process.kill()
        process.communicate()


def refused(*options: str) -> str:
    done = subprocess.run(
        command(*options),
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode not in (0, None)
    return done.stderr


def test_the_ready_file(sandbox: Sandbox) -> None:
    """Its keys are a contract; with one workspace there is no list of them."""
    ready = sandbox.ready
    known = {"host", "token", "client_id", "client_secret", "warehouse_id", "http_path", "account_id"}
    assert known <= set(ready)
    assert (ready["catalog"], ready["workspace_catalog"]) == ("main", "sandbox")
    assert "workspaces" not in ready
    assert ready["host"].startswith("http://127.0.0.1:")
    assert ready["http_path"] == f"/sql/1.0/warehouses/{ready['warehouse_id']}"
    assert "admins" in {one.display for one in client(sandbox).current_user.me().groups or []}
    with cursor(sandbox) as session:
        assert rows(session, "SELECT current_catalog()") == [(ready["workspace_catalog"],)]


def test_the_ready_file_is_for_its_owner_and_from_this_process(tmp_path: Path) -> None:
    """It holds a token; and one of an earlier process would send its readers to the wrong place."""
    file = tmp_path / "ready.json"
    file.write_text('{"host": "http://127.0.0.1:1"}')
    file.chmod(0o644)
    with started(file) as (process, sandbox):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert sandbox.ready["pid"] == process.pid
        assert sorted(tmp_path.iterdir()) == [file]
        assert ask(sandbox, "GET", f"{SCIM}/Me").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """Exit status 0 and nothing on the terminal, whatever connections are open."""
    with started(tmp_path / "ready.json") as (process, sandbox), requests.Session() as kept:
        kept.get(f"{sandbox.host}/.well-known/databricks-config", timeout=10).raise_for_status()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout is not None and process.stdout.read() == ""
        with pytest.raises(requests.ConnectionError):
            requests.get(sandbox.host, timeout=10)


def test_a_call_that_waits_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with started(tmp_path / "ready.json") as (process, sandbox):
        sandbox.fault(path="*/Me", delay_ms=60_000)

        def wait() -> None:
            with contextlib.suppress(requests.RequestException):
                ask(sandbox, "GET", f"{SCIM}/Me")

        waiting = threading.Thread(target=wait)
        waiting.start()
        while not sandbox.control("GET", "journal")["entries"]:
            time.sleep(0.01)
        process.terminate()
        assert process.wait(5) == 0
        waiting.join(5)
        assert not waiting.is_alive()


def test_it_listens_where_it_is_told() -> None:
    """--port is the first workspace's; the others follow."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running_sandbox("--port", str(port)) as sandbox:
        assert sandbox.host == f"http://127.0.0.1:{port}"
        assert "cannot listen on" in refused("--port", str(port))


@pytest.mark.parametrize(
    "options",
    [
        ("--host", "0.0.0.0"),
        ("--host", "example.com"),
        ("--workspaces", "0"),
        ("--latency-ms", "-1"),
        ("--cold-start-seconds", "-1"),
        ("--cloud", "moon"),
        ("--nonsense",),
    ],
)
def test_options_that_are_refused(options: tuple[str, ...]) -> None:
    """Above all an address that others can reach: the control plane asks for no credential."""
    assert options[0] in refused(*options)


def test_every_option_is_explained() -> None:
    done = subprocess.run(
        command("--help"),
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    for option in ("--port", "--ready-file", "--cloud", "--no-unity-catalog", "--latency-ms", "--workspaces"):
        assert option in done.stdout


def test_everything_at_once() -> None:
    """The switches of the command line are those of the control plane's settings."""
    more = ("--new-principal-lag", "3", "--cold-start-polls", "2", "--cold-start-seconds", "0.5")
    more += ("--restrict-tokens-and-job-run-as", "--me-lists-system-groups", "--no-metastore-admin")
    more += ("--account-users-hold", "SELECT", "--forms", "second")
    with running_sandbox("--no-unity-catalog", "--cloud", "gcp", "--latency-ms", "1", *more) as sandbox:
        assert sandbox.ready["cloud"] == "gcp"
        assert sandbox.control("GET", "settings") == {
            "latency_ms": 1,
            "new_principal_lag": 3,
            "statement_seconds": 0.0,
            "workspace_status": "RUNNING",
            "cold_start_seconds": 0.5,
            "cold_start_polls": 2,
            "on_behalf_of": True,
            "scim_throttle": 0,
            "read_lag": 0,
            "no_tokens_yet": False,
            "restrict_tokens_and_job_run_as": True,
            "feature_tier": "premium",
            "account_users_hold": "SELECT",
            "me_lists_system_groups": True,
            "no_metastore_admin": True,
            "forms": "second",
        }
        with pytest.raises(NotFound) as caught:
            list(client(sandbox).catalogs.list())
        assert caught.value.error_code == "METASTORE_DOES_NOT_EXIST"
        assert "No metastore assigned for the current workspace" in str(caught.value)
        sandbox.reset()
        assert sandbox.control("GET", "settings")["new_principal_lag"] == 3
