# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``--tls``: the address is HTTPS, and only who knows the certificate gets in."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import requests
from databricks import sql
from databricks.sdk import AccountClient, WorkspaceClient
from databricks.sdk.core import Config

from tests.support.sandbox import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def secured() -> t.Iterator[Sandbox]:
    with running_sandbox("--tls", "--account") as running:
        yield running


def test_the_sdk_and_the_connector(secured: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK takes the authority's certificate from requests' own variable, the connector from an option."""
    ready = secured.ready
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ready["ca_cert"])
    assert ready["host"].startswith("https://127.0.0.1:") and ready["account_host"].startswith("https://127.0.0.1:")
    w = WorkspaceClient(config=Config(host=ready["host"], token=ready["token"], auth_type="pat"))
    assert w.current_user.me().user_name == "admin@example.com"
    known = {"client_id": ready["client_id"], "client_secret": ready["client_secret"]}
    a = AccountClient(config=Config(host=ready["account_host"], account_id=ready["account_id"], **known))
    assert [one.workspace_name for one in a.workspaces.list()] == [ready["name"]]
    with (
        sql.connect(
            server_hostname=ready["host"].removeprefix("https://"),
            http_path=ready["http_path"],
            access_token=ready["token"],
            _connection_uri=ready["host"] + ready["http_path"],
            _tls_trusted_ca_file=ready["ca_cert"],
            enable_telemetry=False,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1")
        assert cursor.fetchall()[0][0] == 1


@pytest.mark.parametrize(
    ("module", "options", "said"),
    [
        ("schema", "catalog=main name=by_tls", '"changed": true'),
        ("sql", "warehouse={warehouse_id} statement='SELECT 41 + 1 AS n'", "42"),
    ],
)
def test_the_modules(secured: Sandbox, module: str, options: str, said: str) -> None:
    """Over REST and over SQL; without ca_cert the sentence says what to give."""
    known = options.format(**secured.ready)
    assert said in _module(secured, module, f"{known} ca_cert={secured.ready['ca_cert']}")
    assert "Give the authority's certificate with option ca_cert" in _module(secured, module, known)


def _module(secured: Sandbox, module: str, options: str) -> str:
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("ansible"), "localhost", "-i", "localhost,", "-c", "local"),
            *("-m", f"lakeops.databricks.{module}", "-a", options),
        ],
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(Path(pytest.__file__).parents[1]),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_NOCOLOR": "1",
            "DATABRICKS_HOST": secured.host,
            "DATABRICKS_TOKEN": secured.token,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout + done.stderr


def test_nobody_trusts_it_unasked(secured: Sandbox) -> None:
    """And plain HTTP is not answered."""
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(secured.host, timeout=10)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(secured.host.replace("https", "http"), timeout=10)


def test_the_key_is_its_owners_and_goes_with_the_process() -> None:
    with running_sandbox("--tls") as running:
        folder = Path(running.ready["ca_cert"]).parent
        assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()
