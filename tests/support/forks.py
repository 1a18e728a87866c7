# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook without the second that it takes to load: forked from a process that has loaded everything.

That process reads no playbook itself and has no threads, so a run reads all files anew and differs from one that was
started as a program only in what it need not import. It ends with the process that asked for it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# ansible-core, Python and libc read these while they are loaded: a run with others is started as a program.
_READ_EARLY = ("ANSIBLE_", "PYTHON", "LC_", "LANG", "HOME", "PATH", "LD_", "TMPDIR", "COLUMNS")


def serves(folder: Path, env: t.Mapping[str, str]) -> bool:
    """Whether a run in this folder, with these variables beside the tester's own, can be forked."""
    own = any(name.startswith(_READ_EARLY) for name in env)
    return not own and not (folder / "ansible.cfg").exists() and "TESTS_AS_PROGRAM" not in os.environ


def run(command: t.Sequence[str], folder: Path, env: t.Mapping[str, str], seconds: float) -> tuple[int, str]:
    """Exit status and output of ansible-playbook.

    :param env: the whole environment
    :raises TimeoutError: it did not end in time, and was killed
    """
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as log:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(_server(os.getpid()))
            connection.settimeout(seconds)
            wish = {"command": list(command), "folder": str(folder), "env": dict(env), "log": log.name}
            connection.sendall(json.dumps(wish).encode() + b"\n")
            answer = connection.makefile().readline()
        if not answer:
            raise RuntimeError("the process that starts playbooks has ended")
        return int(answer), log.read()


@functools.cache
def _server(_process: int) -> str:
    """The address of this process's server; a fork of it needs one of its own."""
    folder = tempfile.mkdtemp(prefix="playbooks-")  # a Unix socket's path has to be short
    address = f"{folder}/socket"
    from tests.support.klaviyo import environment

    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.forks", address],
        cwd=ROOT,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,  # closed by the system when we end, however we end
        stdout=subprocess.PIPE,
    )
    if not server.stdout or server.stdout.readline() != b"ready\n":
        raise RuntimeError(f"the process that starts playbooks did not start (status {server.wait()})")
    _servers.append(server)  # it runs as long as somebody holds its pipe
    return address


_servers: list[subprocess.Popen[bytes]] = []


def _serve(address: str) -> None:
    from tests.support import loaded

    loaded.load()
    os.environ.pop("PYTHONPATH")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who watch the runs
        os.write(1, b"ready\n")
        while True:
            if sys.stdin in select.select([listener, sys.stdin], [], [])[0]:
                break
            connection = listener.accept()[0]
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                _watch(connection)
            connection.close()
    Path(address).unlink()
    Path(address).parent.rmdir()


def _watch(connection: socket.socket) -> t.NoReturn:
    """Fork the run and tell how it ended; kill it when nobody waits for it any more."""
    wish = json.loads(connection.makefile().readline())
    pid = os.fork()
    if pid == 0:
        connection.close()
        _become(wish)
    ended = os.pidfd_open(pid)
    if ended not in select.select([connection, ended], [], [])[0]:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(OSError):
        connection.sendall(f"{status}\n".encode())
    os._exit(0)


def _become(wish: dict[str, t.Any]) -> t.NoReturn:
    from tests.support import loaded

    status = 250
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(wish["env"])
        os.chdir(wish["folder"])
        for descriptor, path in ((0, os.devnull), (1, wish["log"]), (2, wish["log"])):
            opened = os.open(path, os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_APPEND)
            os.dup2(opened, descriptor)
            os.close(opened)
        status = loaded.play(wish["command"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(sys.argv[1])
