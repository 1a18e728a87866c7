# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet: many workspaces of one account that answers few SCIM calls at a time, and the example that treats them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.support.klaviyo import ROOT, environment
from tests.support.sandbox import Sandbox

EXAMPLE = ROOT / "docs" / "examples" / "fleet"


def options(workspaces: int, scim_at_once: int, latency_ms: int = 20) -> tuple[str, ...]:
    """Of the sandbox; the latency is what makes calls meet at all."""
    limits = ("--scim-at-once", str(scim_at_once), "--latency-ms", str(latency_ms))
    return ("--account", "--workspaces", str(workspaces), *limits)


@dataclass
class Fleet:
    """The example, copied to a folder of its own, with a file of profiles as a credential of AWX would inject it."""

    workspaces: list[Sandbox]
    folder: Path

    def __post_init__(self) -> None:
        shutil.copytree(EXAMPLE, self.folder, dirs_exist_ok=True)
        first = self.workspaces[0].ready
        lines = [
            "[DEFAULT]",
            f"host = {first['account_host']}",
            f"account_id = {first['account_id']}",
            f"client_id = {first['client_id']}",
            f"client_secret = {first['client_secret']}",
        ]
        for one in self.workspaces:
            lines += [f"[dbc-{one.ready['name']}]", f"host = {one.host}", f"token = {one.token}"]
        self.profiles.touch(mode=0o600)
        self.profiles.write_text("\n".join(lines), encoding="utf-8")

    @property
    def profiles(self) -> Path:
        return self.folder / "profiles"

    @property
    def kept(self) -> Path:
        """What outlives every job."""
        return self.folder / "kept"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **environment(),
            "DATABRICKS_CONFIG_FILE": str(self.profiles),
            "KLAVIYO_KEPT": str(self.kept),
            "HOME": str(self.folder),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "COLUMNS": "1000",
        }

    def command(self, playbook: str, slices: int, forks: int) -> list[str]:
        return [
            *(sys.executable, str(self.folder / "run_slices.py"), playbook),
            *("-i", str(self.folder / "databricks_workspaces.yml"), "--slices", str(slices), "--forks", str(forks)),
        ]

    def run(self, playbook: str, slices: int, forks: int) -> tuple[int, str]:
        done = subprocess.run(
            self.command(playbook, slices, forks),
            check=False,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def stdout(self) -> str:
        """Of all slices."""
        files = sorted(self.folder.glob("jobs/slice-*/artifacts/job/stdout"))
        return "\n".join(file.read_text(encoding="utf-8") for file in files)

    def changed(self) -> dict[str, int]:
        """By workspace, in the last run of all slices."""
        recap = re.compile(r"^(?:\x1b\[[0-9;]*m)*(\S+?)(?:\x1b\[[0-9;]*m)*\s*:.*?changed=(\d+)", re.MULTILINE)
        return {name: int(number) for name, number in recap.findall(self.stdout())}

    def given(self) -> dict[str, tuple[int, int]]:
        """By workspace how many principals there are for Klaviyo, and how many live tokens they have."""
        found = {}
        for one in self.workspaces:
            state = one.state()
            principals = [who for who in state["service_principals"] if "klaviyo" in who["display_name"].lower()]
            owners = {who["id"] for who in principals}
            tokens = [token for token in state["tokens"] if token["owner_id"] in owners]
            found[f"dbc-{one.ready['name']}"] = (len(principals), len(tokens))
        return found

    def throttled(self) -> int:
        """How many SCIM calls met the limit."""
        entries: list[dict[str, t.Any]] = []
        for one in self.workspaces:
            entries += one.control("GET", "journal")["entries"]
        return sum("/scim/" in entry["path"] and entry["status"] == 500 for entry in entries)


def table(output: str) -> list[str]:
    """The lines of the one table that is shown at the end."""
    shown = output.partition("TASK [Say how all workspaces stand]")[2].partition("PLAY RECAP")[0]
    return re.findall(r'^ +"(.*?)",?$', shown, re.MULTILINE)
