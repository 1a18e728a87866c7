# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox workspace with an inventory, and the playbooks run on it from outside."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from tests.support import forks

ROOT = Path(__file__).resolve().parents[2]
HOST = "acme"
SECONDS = 300  # that a run may take
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_RECAP = re.compile(r"^(\S+)\s*: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Played:
    """What one run of a playbook left behind."""

    status: int
    output: str

    @property
    def changed(self) -> int:
        return sum(int(recap[2]) for recap in _RECAP.findall(self.output))

    def ok(self) -> Played:
        assert self.status == 0, self.output[-6000:]
        assert _RECAP.search(self.output), "no host was played"
        return self

    def failed(self) -> Played:
        assert self.status != 0, self.output[-6000:]
        return self


@dataclass
class Site:
    """One workspace, its inventory, and what a user and an auditor can ask of it."""

    ready: dict[str, t.Any]
    folder: Path
    variables: dict[str, t.Any] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return self.ready["host"]

    @property
    def store(self) -> Path:
        return self.folder / "store" / "klaviyo.json"

    @property
    def record(self) -> dict[str, t.Any]:
        return json.loads(self.store.read_text(encoding="utf-8"))

    @property
    def report(self) -> dict[str, t.Any]:
        return json.loads((self.folder / "reports" / HOST / "latest" / "report.json").read_text(encoding="utf-8"))

    @property
    def checks(self) -> dict[str, dict[str, t.Any]]:
        return {check["id"]: check for check in self.report["checks"]}

    @property
    def objections(self) -> set[str]:
        """What the last verification did not simply pass; an import schema that is empty is said to be."""
        return {check["id"] for check in self.report["checks"] if check["result"] != "passed"} - {"tables"}

    def client(self, token: str | None = None) -> WorkspaceClient:
        """The real SDK, as the administrator or with another token."""
        return WorkspaceClient(config=Config(host=self.host, token=token or self.ready["token"], auth_type="pat"))

    @property
    def catalog(self) -> str:
        return self.variables["klaviyo_catalog"]

    # -- control plane ------------------------------------------------------------------------
    def get(self, path: str) -> t.Any:
        answer = requests.get(f"{self.host}/_sandbox/{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: t.Any = None) -> t.Any:
        answer = requests.post(f"{self.host}/_sandbox/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @property
    def state(self) -> dict[str, t.Any]:
        return self.get("state")

    @property
    def journal(self) -> list[dict[str, t.Any]]:
        found = self.get("journal")
        return found["entries"] if isinstance(found, dict) else found

    def forget_journal(self) -> None:
        requests.delete(f"{self.host}/_sandbox/journal", timeout=30).raise_for_status()

    def mutating(self) -> list[str]:
        """Requests that changed something, as METHOD path, without the statements of SQL sessions."""
        return [
            f"{entry['method']} {entry['path']}"
            for entry in self.journal
            if entry.get("mutating") and not entry["path"].startswith("/sql/")
        ]

    # -- playbooks ----------------------------------------------------------------------------
    def play(
        self,
        playbook: str,
        *options: str,
        env: dict[str, str] | None = None,
        hosts: dict[str, t.Any] | None = None,
        **variables: t.Any,
    ) -> Played:
        """Run a playbook of the collection by its name, or any by its path.

        :param hosts: an inventory of its own
        :param variables: the host's for this run
        """
        command = self._command(playbook, options, hosts or {HOST: {**self.variables, **variables}})
        if forks.serves(self.folder, env or {}):
            status, output = forks.run(command, self.folder, {**environment(), **(env or {})}, SECONDS)
        else:
            done = subprocess.run(
                command,
                check=False,
                cwd=self.folder,
                env={**environment(), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=SECONDS,
            )
            status, output = done.returncode, done.stdout
        return Played(status, _COLOUR.sub("", output))

    def start(
        self, playbook: str, *options: str, env: dict[str, str] | None = None, hosts: dict[str, t.Any] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a playbook that will be killed; a file of the folder has its output."""
        with (self.folder / "started.log").open("wb") as log:
            return subprocess.Popen(
                self._command(playbook, options, hosts or {HOST: self.variables}),
                cwd=self.folder,
                env={**environment(), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _command(self, playbook: str, options: t.Sequence[str], hosts: dict[str, t.Any]) -> list[str]:
        inventory = self.folder / "inventory.json"
        inventory.touch(mode=0o600)
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
        playbook = playbook if "/" in playbook else f"lakeops.databricks.{playbook}"
        return [str(Path(sys.executable).with_name("ansible-playbook")), playbook, "-i", str(inventory), *options]


@contextlib.contextmanager
def start_site(folder: Path, *options: str, catalog: str = "workspace_catalog") -> t.Iterator[Site]:
    """Start a sandbox and describe it as a user would.

    :param catalog: which one of the ready file, ``workspace_catalog`` or ``catalog``; a workspace without Unity
        Catalog has the second only
    """
    sys.path.insert(0, str(ROOT / "extensions" / "demo"))
    from running import sandbox  # the demo starts one in the same way

    with sandbox(*options) as ready:
        site = Site(ready, folder)
        site.variables = {
            "ansible_connection": "local",
            "databricks_host": ready["host"],
            "databricks_token": ready["token"],
            "klaviyo_catalog": ready[catalog] or ready["catalog"],
            "klaviyo_warehouse": ready["warehouse_id"],
            "klaviyo_token_store": {"type": "file", "path": str(site.store)},
            "klaviyo_report_dir": str(folder / "reports"),
        }
        yield site


def environment() -> dict[str, str]:
    """The tester's own, without what could reach another workspace."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ANSIBLE_"))}
    return {**mine, "ANSIBLE_NOCOLOR": "true", "ANSIBLE_HOST_PATTERN_MISMATCH": "error"}
