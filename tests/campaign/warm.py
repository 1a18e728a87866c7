# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook in a fork of this process, which has loaded everything before: a run costs what it does itself.

The parent never loads a playbook, so that each run reads all files anew, as a process of its own would.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from tests.support.loaded import play

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2): what a killed run leaves behind becomes our child
_POLL = 0.01  # seconds
_LOOK = 0.05
TEMPORARY = "temporary"  # in the folder of a run


def adopt() -> None:
    """Become the parent of what killed runs leave behind."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


class WarmRun:
    """One ansible-playbook in a session of its own, its output in a file."""

    def __init__(self, command: t.Sequence[str], folder: Path, log: Path, env: dict[str, str]) -> None:
        self.log, self.folder = log, folder
        self.status: int | None = None
        self.seen: set[str] = set()  # arguments of its processes, and what its temporary files held
        self._looked = 0.0
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _become(command, folder, log, env)

    def poll(self) -> int | None:
        if self.status is None:
            if time.monotonic() - self._looked > _LOOK:
                self._look(self.pid)
                self._looked = time.monotonic()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def wait(self, seconds: float) -> int | None:
        """The exit status; None, and everything killed, where it did not end in time."""
        deadline = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.kill()
                return None
            time.sleep(_POLL)
        return self.status

    def signal(self, number: int) -> None:
        """As a terminal or a supervisor does: to the process group. Ansible's workers are not in it."""
        os.killpg(self.pid, number)

    def kill(self) -> None:
        """kill -9 for the run and all that it started."""
        _kill(self.pid)
        _pid, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)

    def _look(self, pid: int) -> None:
        """What other users of the machine could see, and what would stay were it killed now."""
        with contextlib.suppress(OSError):
            self.seen.add(Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " "))
        for child in children(pid):
            self._look(child)
        if pid == self.pid:
            with contextlib.suppress(OSError):  # they come and go
                for file in (self.folder / TEMPORARY).rglob("*"):
                    if file.is_file():
                        self.seen.add(file.read_text(encoding="utf-8", errors="replace"))

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def orphans_end(seconds: float, *but: int) -> bool:
    """Wait for what killed runs left behind; whether it ended by itself, otherwise it is killed."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in children(os.getpid()) if pid not in but]:
        for pid in left:
            os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            for pid in left:
                if pid in children(os.getpid()):
                    _kill(pid)
                    os.waitpid(pid, 0)
            return False
        time.sleep(_POLL)
    return True


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []


def _kill(pid: int) -> None:
    for child in children(pid):
        _kill(child)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _become(command: t.Sequence[str], folder: Path, log: Path, env: dict[str, str]) -> t.NoReturn:
    """What the child does; it never comes back."""
    status = 250
    try:
        os.setsid()
        os.chdir(folder)
        os.environ.update(env)
        temporary = folder / TEMPORARY
        temporary.mkdir(exist_ok=True)
        os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        status = play(command)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
