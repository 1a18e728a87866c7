# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service principal with tokens in a sandbox workspace: runs of the modules, and runs that are killed."""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import multiprocessing
import os
import re
import signal
import time
import typing as t
from multiprocessing.connection import Connection
from pathlib import Path

import requests

from .modules import run_module
from .sandbox import Sandbox

NAME = "klaviyo-import"
FORK = multiprocessing.get_context("fork")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}")


class Life:
    """The token of one service principal, in a file."""

    def __init__(self, sandbox: Sandbox, folder: Path, **options: t.Any) -> None:
        self.sandbox, self.store = sandbox, folder / "store" / "token.json"
        self.options = {"principal": NAME, "store": {"type": "file", "path": str(self.store)}, **options}

    def prepare(self) -> None:
        """What a token needs before it can be made."""
        self.do("service_principal", name=NAME, entitlements=["databricks-sql-access"])
        self.do("permission", object_type="tokens", principal=NAME, level="CAN_USE")

    def do(self, module: str, **options: t.Any) -> dict[str, t.Any]:
        result = run_module(module, {**self.sandbox.connection, **options})
        assert not result["failed"], result
        return result

    def token(self, **options: t.Any) -> dict[str, t.Any]:
        return self.do("token", **{**self.options, **options})

    def attempt(self, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result of module token, also if it failed."""
        return run_module("token", {**self.sandbox.connection, **self.options, **options}, check=check)

    def info(self) -> dict[str, t.Any]:
        return self.do("token_info", principal=NAME, store=self.options["store"])

    @property
    def record(self) -> dict[str, t.Any]:
        return json.loads(self.store.read_text(encoding="utf-8"))

    def principals(self) -> list[dict[str, t.Any]]:
        return [one for one in self.sandbox.state()["service_principals"] if one["display_name"] == NAME]

    def live(self) -> list[str]:
        """Ids of the principal's live tokens, as the workspace itself has them."""
        owners = {one["application_id"] for one in self.principals()}
        return [one["token_id"] for one in self.sandbox.state()["tokens"] if one["owner"] in owners and one["live"]]

    def oauth_secrets(self) -> list[str]:
        owners = {one["application_id"] for one in self.principals()}
        return [one["id"] for one in self.sandbox.state()["oauth_secrets"] if one["owner"] in owners]

    def signs_in(self, value: str) -> bool:
        """Whether the partner gets in with a token; the workspace counts it as use."""
        return bool(requests.get(
            f"{self.sandbox.host}/api/2.0/preview/scim/v2/Me", headers={"Authorization": f"Bearer {value}"}, timeout=10
        ).ok)  # fmt: skip

    def settled(self) -> None:
        """One principal, one live token, and the store knows it, its value works, and nothing lies around."""
        assert len(self.principals()) == 1
        assert self.live() == [self.record["token_id"]]
        assert self.signs_in(self.record["token_value"])
        assert self.oauth_secrets() == []
        assert [one.name for one in self.store.parent.iterdir()] == [self.store.name]


class Run:
    """A run of module functions in a process of its own, which may be killed.

    A fork, since starting Python and importing the SDK would take longer than all the rest.
    """

    def __init__(self, work: t.Callable[[], t.Any]) -> None:
        self._results, there = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=_send, args=(work, there))
        self.process.start()
        there.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.join(10)

    def result(self) -> t.Any:
        result = self._results.recv()
        self.process.join(10)
        return result


def _send(work: t.Callable[[], t.Any], there: Connection) -> None:
    # The SDK keeps connections; one that is shared with the parent would mix up their answers.
    for session in [found for found in gc.get_objects() if isinstance(found, requests.Session)]:
        session.close()
    there.send(work())


def leaks(host: str, *texts: str) -> list[str]:
    """Which secrets of a workspace are in the texts, as they are or as Base64."""
    decoded = [
        base64.b64decode(found[: len(found) // 4 * 4]).decode("utf-8", errors="replace")
        for text in texts
        for found in _BASE64.findall(text)
    ]
    body = "\n".join([*texts, *decoded]).encode("utf-8", errors="replace")
    answer = requests.post(f"{host}/_sandbox/leaks", data=body, timeout=60)
    answer.raise_for_status()
    return answer.json()["leaks"]


def files_below(folder: Path, *but: Path) -> list[str]:
    """The names and contents of all files, except those named."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in but]
    return [f"{path}\n{path.read_bytes().decode('utf-8', errors='replace')}" for path in files]


def wait_until(ready: t.Callable[[], t.Any], what: str, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.005)


def kill_all_of(pid: int) -> None:
    """kill -9 for a process and all that it started; Ansible's workers leave its process group."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        # One that has just ended needs no killing.
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            kill_all_of(int(child))
    os.kill(pid, signal.SIGKILL)
