# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: start one or many local workspaces and say where they are."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import json
import os
import pathlib
import shutil
import signal
import socket
import sys
import tempfile
import typing as t

import uvicorn

from .app import Sandbox
from .connections import Connection
from .seed import Options
from .slots import Slot
from .switches import SWITCHES, values


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="databricks-sandbox"
        if pathlib.Path(sys.argv[0]).name == "databricks-sandbox"
        else "python -m databricks_sandbox",
        description="A local Databricks workspace for the unmodified SDK, SQL connector, CLI and Terraform provider. "
        "Everything is kept in memory; SIGTERM or Ctrl-C stops it. Its control plane is under /_sandbox/.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="loopback address to listen on")
    add(
        "--port",
        type=_natural,
        default=0,
        help="port of the first workspace, 0 for any free one; more workspaces get the following ports",
    )
    add(
        "--ready-file",
        type=pathlib.Path,
        metavar="FILE",
        help="written (mode 0600) once calls are answered: host, token, warehouse_id, ... as JSON",
    )
    add("--cloud", choices=("aws", "azure", "gcp"), default="aws", help="whose habits to follow")
    add("--no-unity-catalog", action="store_true", help="a workspace without a metastore, hive_metastore only")
    add("--workspaces", type=_positive, default=1, metavar="N", help="how many workspaces, each on a port of its own")
    add("--account", action="store_true", help="one more port for the account: its API, and all workspaces behind it")
    add("--tls", action="store_true", help="HTTPS, with a certificate made now; the ready file names it as ca_cert")
    add("--latency-ms", type=_natural, default=0, metavar="N", help="added to every answer")
    add(
        "--cold-start-seconds", type=float, default=0.0, metavar="S", help="how long a stopped warehouse takes to start"
    )
    add(
        "--cold-start-polls",
        type=_natural,
        default=0,
        metavar="N",
        help="how many times a starting warehouse is asked for before it runs",
    )
    add(
        "--new-principal-lag",
        type=_natural,
        default=0,
        metavar="N",
        help="how many calls about a new principal still say it does not exist",
    )
    add(
        "--scim-at-once",
        type=_natural,
        default=0,
        metavar="N",
        help="how many SCIM calls are answered at a time, in all workspaces; others meet the limit; 0: all are",
    )
    _add_switches(parser)
    wishes = parser.parse_args(argv)
    if not _is_loopback(wishes.host):
        parser.error(f"--host {wishes.host}: only a loopback address, because the control plane asks for no credential")
    if wishes.cold_start_seconds < 0:
        parser.error("--cold-start-seconds: not negative")
    return wishes


def _add_switches(parser: argparse.ArgumentParser) -> None:
    """What a workspace may be like, see switches.py."""
    add = parser.add_argument
    add("--no-tokens-yet", action="store_true", help="nobody ever made a personal access token here")
    add(
        "--restrict-tokens-and-job-run-as",
        action="store_true",
        help="an administrator mints for a service principal only with the Service Principal User role on it",
    )
    add("--feature-tier", choices=values("feature_tier"), default="premium", help="standard is without Unity Catalog")
    add(
        "--account-users-hold",
        choices=values("account_users_hold"),
        default="",
        help="what everybody holds on schema shared of the workspace catalog",
    )
    add("--me-lists-system-groups", action="store_true", help="Me lists the groups that the service itself keeps")
    add("--no-metastore-admin", action="store_true", help="the metastore has no administrator")
    add("--forms", choices=values("forms"), default="first", help="which of two known forms answers have")


def _natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _sockets(wishes: argparse.Namespace) -> list[socket.socket]:
    sockets = []
    for number in range(wishes.workspaces + wishes.account):
        # With the protocol named, asyncio switches Nagle's algorithm off; otherwise answers take 40 ms each.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((wishes.host, wishes.port + number if wishes.port else 0))
        sockets.append(listener)
    return sockets


def _slots(wishes: argparse.Namespace, sockets: list[socket.socket]) -> list[Slot]:
    entropy = os.urandom(16)
    slots = []
    for number, listener in enumerate(sockets):
        options = Options(
            name="sandbox" if wishes.workspaces == 1 else f"sandbox-{number + 1}",
            number=number,
            entropy=entropy,
            bind=wishes.host,
            scheme="https" if wishes.tls else "http",
            cloud=wishes.cloud,
            unity_catalog=not wishes.no_unity_catalog,
            latency_ms=wishes.latency_ms,
            cold_start_seconds=wishes.cold_start_seconds,
            cold_start_polls=wishes.cold_start_polls,
            new_principal_lag=wishes.new_principal_lag,
            switched=tuple((name, getattr(wishes, name)) for name in SWITCHES if name in vars(wishes)),
        )
        slots.append(Slot(options, listener.getsockname()[1]))
    return slots


def _ready(slot: Slot) -> dict[str, t.Any]:
    """What clients need; ``account_host`` where the account has one."""
    workspace = slot.workspace
    harness, runner = (
        workspace.tokens.get(workspace.harness_token_id),
        workspace.oauth_secrets[workspace.runner_secret_id],
    )
    owner = workspace.service_principals[runner.owner_id]
    return {
        "name": workspace.name,
        "host": workspace.host,
        "token": harness.value if harness else "",
        "client_id": owner.principal,
        "client_secret": runner.secret,
        "warehouse_id": workspace.default_warehouse_id,
        "http_path": f"/sql/1.0/warehouses/{workspace.default_warehouse_id}",
        "catalog": workspace.catalog,
        "workspace_catalog": workspace.workspace_catalog,
        "account_id": workspace.account_id,
        **({"account_host": workspace.account.host} if workspace.account.host else {}),
        "workspace_id": str(workspace.workspace_id),
        "cloud": workspace.cloud,
        "pid": os.getpid(),
    }


def _write(path: pathlib.Path, content: dict[str, t.Any]) -> None:
    """Whole or not at all: whoever waits for the file must never read half of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=2)
        pathlib.Path(name).replace(path)
    except BaseException:
        pathlib.Path(name).unlink()
        raise


class _Server(uvicorn.Server):
    """Stops on a signal and then returns, where uvicorn would die of the signal."""

    def __init__(self, config: uvicorn.Config, on_ready: t.Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> t.Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        yield

    def stop(self) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


def _secured(wishes: argparse.Namespace) -> tuple[str, str]:
    """Where certificate and key are; they go when the process ends."""
    from . import certificate

    folder = pathlib.Path(tempfile.mkdtemp(prefix="databricks-sandbox-tls-"))  # mode 0700
    try:
        made, key = certificate.make(folder, wishes.host)
    except ImportError:
        folder.rmdir()
        sys.exit("--tls needs the Python package cryptography")
    return str(made), str(key)


def main(argv: list[str] | None = None) -> int:
    wishes = arguments(argv)
    if wishes.ready_file:
        wishes.ready_file.unlink(missing_ok=True)  # one of an earlier process would send its readers to the wrong place
    try:
        sockets = _sockets(wishes)
    except OSError as error:
        print(f"cannot listen on {wishes.host}:{wishes.port}: {error}", file=sys.stderr)
        return 1
    ca_cert, key = _secured(wishes) if wishes.tls else (None, None)
    slots = _slots(wishes, sockets[: wishes.workspaces])
    app = Sandbox(slots, sockets[-1].getsockname()[1] if wishes.account else None, wishes.scim_at_once)

    def ready() -> None:
        certificate = {"ca_cert": ca_cert} if ca_cert else {}
        content = {**_ready(slots[0]), **certificate}
        if len(slots) > 1:
            content["workspaces"] = [{**_ready(slot), **certificate} for slot in slots]
        if wishes.ready_file:
            _write(wishes.ready_file, content)
        print(content["host"], flush=True)

    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=120,
        timeout_graceful_shutdown=1,
        ssl_certfile=ca_cert,
        ssl_keyfile=key,
    )
    asyncio.run(_Server(config, ready).serve(sockets))
    if ca_cert:
        shutil.rmtree(pathlib.Path(ca_cert).parent)
    sys.stdout.flush()
    sys.stderr.flush()
    # A call may be waiting for a cold warehouse in its thread; nothing here outlives the process: do not wait for it.
    os._exit(0)


def console() -> None:
    """The installed command."""
    sys.exit(main())


if __name__ == "__main__":
    sys.exit(main())
