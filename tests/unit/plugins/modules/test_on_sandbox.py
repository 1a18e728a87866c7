# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lives of identities and permissions in a sandbox workspace, request by request."""

from __future__ import annotations

import threading
import typing as t

import pytest

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox, running_sandbox

SQL, ACCESS = "databricks-sql-access", "workspace-access"


@pytest.fixture(scope="module")
def process() -> t.Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(process: Sandbox) -> Sandbox:
    process.reset()
    return process


class Runs:
    """Runs modules and holds each of them to the promise that what is unchanged sent nothing that changes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.requests: list[str] = []

    def __call__(self, module: str, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        with self.sandbox.recorded() as requests:
            result = run_module(module, {**self.sandbox.connection, **options}, check=check)
        self.requests = requests
        writes = [request for request in requests if not request.startswith("GET ")]
        assert not result["failed"], result["msg"]
        assert bool(writes) == (result["changed"] and not check), (result, requests)
        return result


@pytest.fixture
def run(sandbox: Sandbox) -> Runs:
    return Runs(sandbox)


def life(run: Runs, module: str, first: dict[str, t.Any], changed: dict[str, t.Any], name: dict[str, t.Any]) -> None:
    """Create, again, change, again, remove, again; each first in check mode."""
    for wish in (first, changed, {"state": "absent"}):
        announced = run(module, check=True, **name, **wish)
        done = run(module, **name, **wish)
        assert announced["changed"] and done["changed"]
        assert announced["diff"]["before"] == done["diff"]["before"]
        assert announced["diff"]["after"].items() <= done["diff"]["after"].items()
        again = run(module, **name, **wish)
        assert not again["changed"] and again["diff"]["before"] == again["diff"]["after"] == {}
        assert not run(module, check=True, **name, **wish)["changed"]


def test_a_service_principal(run: Runs) -> None:
    life(run, "service_principal", {"entitlements": [SQL]}, {"entitlements": [ACCESS]}, {"name": "Example One"})


def test_a_user(run: Runs) -> None:
    life(run, "user", {"display_name": "Zoe", "entitlements": [SQL]}, {"active": False}, {"name": "zoe@example.com"})


def test_entitlements_exactly_and_none(run: Runs) -> None:
    name = {"name": "example-two"}
    run("service_principal", **name, entitlements=[SQL, ACCESS])
    exact = run("service_principal", **name, entitlements=[SQL], purge_entitlements=True)
    assert exact["service_principal"]["entitlements"] == [SQL]
    none = run("service_principal", **name, entitlements=[], purge_entitlements=True)
    assert none["service_principal"]["entitlements"] == []


@pytest.mark.parametrize("target", ["warehouse", "tokens"])
def test_a_permission(run: Runs, sandbox: Sandbox, target: str) -> None:
    principal = run("service_principal", name="example-three")["service_principal"]
    where: dict[str, t.Any] = {"object_type": target, "principal": "example-three"}
    if target == "warehouse":
        where["object"] = sandbox.warehouse_id
    before = {entry["principal"]: entry for entry in look(run, sandbox, target)}
    given = run("permission", **where, level="CAN_USE")
    assert given["changed"] and given["permission"]["principal"] == principal["application_id"]
    assert not run("permission", **where, level="CAN_USE")["changed"]
    assert not run("permission", **{**where, "principal": principal["application_id"].upper()}, level="CAN_USE")[
        "changed"
    ]
    assert len(run.requests) <= 2, "an application id costs nothing to resolve"
    assert run("permission", check=True, **where, state="absent")["changed"]
    assert run("permission", **where, state="absent")["changed"]
    assert not run("permission", **where, state="absent")["changed"]
    assert {entry["principal"]: entry for entry in look(run, sandbox, target)} == before, "nobody else lost anything"


def look(run: Runs, sandbox: Sandbox, target: str) -> list[dict[str, t.Any]]:
    where = {"object": sandbox.warehouse_id} if target == "warehouse" else {}
    return run("permission_info", object_type=target, **where)["permissions"]


def test_a_principal_that_the_services_do_not_know_yet(run: Runs, sandbox: Sandbox) -> None:
    sandbox.set(new_principal_lag=3)
    application = run("service_principal", name="example-four")["service_principal"]["application_id"]
    assert run("permission", object_type="tokens", principal=application, level="CAN_USE")["changed"]


@pytest.mark.parametrize("lost", ["before", "after"])
def test_one_service_principal_whatever_is_lost(run: Runs, sandbox: Sandbox, lost: str) -> None:
    sandbox.fault(method="POST", path="*/ServicePrincipals", drop=lost)
    assert run("service_principal", name="example-five", entitlements=[SQL])["changed"]
    found = run("service_principal_info", name="example-five")["service_principals"]
    assert [one["entitlements"] for one in found] == [[SQL]]


def test_one_service_principal_of_several_runs_at_once(sandbox: Sandbox) -> None:
    results: list[dict[str, t.Any]] = []
    start = threading.Barrier(2)

    def make() -> None:
        from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals
        from ansible_collections.lakeops.databricks.plugins.module_utils._workspace import Workspace

        workspace = Workspace(sandbox.connection)
        start.wait()
        results.append(principals.create_service_principal(workspace, name="example-six"))

    threads = [threading.Thread(target=make) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = run_module("service_principal_info", {**sandbox.connection, "name": "example-six"})["service_principals"]
    assert len(found) == 1 and {one["id"] for one in results} == {found[0]["id"]}


def test_throttling_is_survived(run: Runs, sandbox: Sandbox) -> None:
    sandbox.fault(method="GET", path="*/ServicePrincipals", status=500, error_code="REQUEST_LIMIT_EXCEEDED", times=2)
    assert run("service_principal", name="example-seven")["changed"]


def test_the_caller_is_kept(sandbox: Sandbox) -> None:
    caller = run_module("workspace_info", sandbox.connection)["caller"]
    result = run_module("user", {**sandbox.connection, "name": caller["user_name"], "state": "absent"})
    assert result["failed"] and "is the caller" in result["msg"]


def test_the_preflight_of_an_administrator(run: Runs, sandbox: Sandbox) -> None:
    seen = run("workspace_info", catalog=sandbox.catalog, warehouse=sandbox.warehouse_id)
    assert [one for one in seen["missing"] if one["blocking"]] == []
    assert seen["workspace"]["cloud"] == "aws" and seen["workspace"]["on_behalf_of"] and seen["caller"]["admin"]
    assert seen["warehouse"]["http_path"].endswith(sandbox.warehouse_id)
    assert len(run.requests) <= 8


def test_a_cold_warehouse(run: Runs, sandbox: Sandbox) -> None:
    sandbox.set(cold_start_polls=2)
    cold = next(one for one in run("warehouse_info")["warehouses"] if one["state"] == "STOPPED")
    assert run("warehouse_info", check=True, warehouse=cold["name"], state="running")["started"]
    assert run("warehouse_info", warehouse=cold["name"], state="running")["warehouses"][0]["state"] == "RUNNING"
    assert not run("warehouse_info", warehouse=cold["name"], state="running")["changed"]
