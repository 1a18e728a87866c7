# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python for ansible_python_interpreter that need not load what every module loads.

It hands its program and its files to a process that has loaded ansible.module_utils, which forks for each. The module
itself is the one that Ansible sends, and runs as it would in any Python.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LOADED = ("ansible.module_utils.basic", "ansible.module_utils.urls", "ansible.module_utils.compat.version", "yaml")
_CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    wish = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(wish).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(wish)
    answer = server.recv(1)
sys.exit(answer[0] if answer else 250)
"""


# What a module that signs in and opens a session loads, too: half a second of computing.
CLIENTS = ("databricks.sdk.core", "databricks.sql.client", "databricks.sql.backend.thrift_backend")


@contextlib.contextmanager
def loaded_interpreter(folder: Path, *more: str) -> t.Iterator[Path]:
    """The path of such a Python, in a folder with a short name, for as long as a ``with`` lasts.

    :param more: names of modules that it has loaded, too
    """
    address, client = folder / "socket", folder / "python"
    client.write_text(_CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
    client.chmod(0o700)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.interpreter", str(address), *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,  # closed by the system when we end, however we end
        stdout=subprocess.PIPE,
    )
    try:
        if not server.stdout or server.stdout.readline() != b"ready\n":
            raise RuntimeError(f"the process that runs modules did not start (status {server.wait()})")
        yield client
    finally:
        server.terminate()
        server.wait()


def _serve(address: str, *more: str) -> None:
    for name in (*_LOADED, *more):
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        os.write(1, b"ready\n")
        while True:
            connection = listener.accept()[0]
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                _watch(connection)
            connection.close()


def _watch(connection: socket.socket) -> t.NoReturn:
    """Run the program in a process of its own, for a module may end without any ceremony, and tell its status."""
    size, files, _flags, _sender = socket.recv_fds(connection, 4, 3)
    words, folder, environment = json.loads(connection.makefile("rb").read(int.from_bytes(size, "big")))
    pid = os.fork()
    if pid == 0:
        connection.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        _run(words)
    connection.sendall(bytes([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255]))
    os._exit(0)


def _run(words: list[str]) -> t.NoReturn:
    status = 0
    try:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as a program has it
        source = Path(words[0]).read_text(encoding="utf-8") if words else sys.stdin.read()
        sys.argv = words or [""]
        names = {"__name__": "__main__", "__builtins__": __builtins__}
        exec(compile(source, sys.argv[0] or "<stdin>", "exec"), names)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else bool(end.code)
    except BaseException:  # noqa: BLE001 - nothing of it may come back into the parent
        sys.excepthook(*sys.exc_info())
        status = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(status))


if __name__ == "__main__":
    _serve(*sys.argv[1:])
