# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of ansible-playbook, or of another program, and what it cost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import time
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

from sampling import Memory, Sampler

from tests.support.klaviyo import Site

_RECAP = re.compile(r"^(\S+)\s*: ok=(\d+)\s+changed=(\d+)\s+unreachable=\d+\s+failed=(\d+)\s+skipped=(\d+)", re.M)


@dataclass(frozen=True)
class Cost:
    """Of one run. CPU is that of the play and of everything it started, not of the sandbox."""

    wall: float
    cpu: float
    memory: Memory
    ran: int = 0  # tasks of the host that had most
    skipped: int = 0
    changed: int = 0

    @property
    def tasks(self) -> int:
        return self.ran + self.skipped


class PlayFailed(Exception):
    """A play that was to be measured did not succeed, so that its time says nothing."""


def run(
    command: list[str], folder: Path, environment: dict[str, str], said: Path, watching: type[Sampler] = Sampler
) -> tuple[int, Cost]:
    """Run a program to its end.

    :param said: the file that gets what it says
    :param watching: what samples its memory
    :return: its exit status, and what it cost together with all that it started
    """
    with said.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        with watching(process.pid) as memory:
            _process_id, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, Cost(wall, used.ru_utime + used.ru_stime, memory)


def play(what: str | Path, inventory: Path, *options: str) -> Cost:
    """Run a playbook of the collection by its name, or a file.

    :raises PlayFailed: it did not succeed
    """
    name = str(what) if isinstance(what, Path) else f"lakeops.databricks.{what}"
    command = [str(Path(sys.executable).with_name("ansible-playbook")), name, "-i", str(inventory), *options]
    said = inventory.with_suffix(".log")
    status, cost = run(command, inventory.parent, _environment(), said)
    text = said.read_text(encoding="utf-8", errors="replace")
    recaps = _RECAP.findall(text)
    if status or not recaps or any(int(recap[3]) for recap in recaps):
        raise PlayFailed(f"{name} ended with status {status}:\n{text[-4000:]}")
    ran, skipped = max(((int(recap[1]), int(recap[4])) for recap in recaps), key=sum)
    return replace(cost, ran=ran, skipped=skipped, changed=sum(int(recap[2]) for recap in recaps))


def write_inventory(folder: Path, hosts: dict[str, dict[str, t.Any]]) -> Path:
    """An inventory that only this user can read, since it holds tokens."""
    path = folder / "inventory.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    return path


def write_tasks(path: Path, module: str, arguments: dict[str, t.Any], number: int, **play_keys: t.Any) -> Path:
    """A play of one task, so many times."""
    tasks = [{"name": f"Task {one + 1}", module: arguments} for one in range(number)]
    content = [{"name": path.stem, "hosts": "all", "gather_facts": False, "tasks": tasks, **play_keys}]
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def debug(folder: Path, number: int) -> Path:
    """The least that so many tasks can cost."""
    return write_tasks(folder / f"debug-{number}.json", "ansible.builtin.debug", {"msg": "x"}, number)


class Requests(t.NamedTuple):
    """What a run asked of a workspace, by the workspace's own journal."""

    rest: int
    sql: int  # round trips
    sessions: int

    @classmethod
    def of(cls, site: Site) -> Requests:
        entries = site.journal
        sql = [entry for entry in entries if entry["path"].startswith("/sql/1.0/")]
        opened = [entry for entry in sql if entry.get("call") == "OpenSession"]
        return cls(len(entries) - len(sql), len(sql), len(opened))


def _environment() -> dict[str, str]:
    """The caller's own, without what could reach another workspace or change how Ansible and Python run."""
    theirs = ("DATABRICKS_", "ANSIBLE_", "PYTHONDONTWRITEBYTECODE")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    # A copy of the collection in the user's home would otherwise come first, and be measured instead of this one.
    return {**mine, "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"), "ANSIBLE_NOCOLOR": "true"}
