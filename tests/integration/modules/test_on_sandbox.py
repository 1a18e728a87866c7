# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules do when the workspace is slow, loses answers, or is asked by several runs at once."""

from __future__ import annotations

import threading
import typing as t

import certifi
import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._token import minting
from tests.support.modules import run_module
from tests.support.runs import Runs
from tests.support.sandbox import Sandbox

SQL, ACCESS = "databricks-sql-access", "workspace-access"


@pytest.fixture
def run(sandbox: Sandbox) -> Runs:
    return Runs(sandbox)


def test_entitlements_exactly_and_none(run: Runs) -> None:
    name = {"name": "example-two"}
    run("service_principal", **name, entitlements=[SQL, ACCESS])
    exact = run("service_principal", **name, entitlements=[SQL], purge_entitlements=True)
    assert exact["service_principal"]["entitlements"] == [SQL]
    none = run("service_principal", **name, entitlements=[], purge_entitlements=True)
    assert none["service_principal"]["entitlements"] == []


def test_a_users_entitlements_exactly(run: Runs) -> None:
    run("user", name="yara@example.com", entitlements=[SQL, ACCESS])
    exact = run("user", name="yara@example.com", entitlements=[ACCESS], purge_entitlements=True)
    assert exact["user"]["entitlements"] == [ACCESS]


def test_a_principal_by_an_application_id_in_another_case(run: Runs, sandbox: Sandbox) -> None:
    application = run("service_principal", name="example-three")["service_principal"]["application_id"]
    where = {"object_type": "tokens", "level": "CAN_USE"}
    assert run("permission", **where, principal=application)["changed"]
    assert not run("permission", **where, principal=application.upper())["changed"]


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
        from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

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
    sandbox.set(scim_throttle=2)
    assert run("service_principal", name="example-seven")["changed"]


def test_the_caller_is_kept(sandbox: Sandbox) -> None:
    caller = run_module("workspace_info", sandbox.connection)["caller"]
    result = run_module("user", {**sandbox.connection, "name": caller["user_name"], "state": "absent"})
    assert result["failed"] and "is the caller" in result["msg"]


def test_the_preflight_of_an_administrator(run: Runs, sandbox: Sandbox) -> None:
    seen = run("workspace_info", catalog=sandbox.catalog, warehouse=sandbox.warehouse_id)
    assert (seen["missing"], seen["unknown"]) == ([], [])
    assert seen["workspace"]["cloud"] == "aws" and seen["workspace"]["on_behalf_of"] and seen["caller"]["admin"]
    assert seen["warehouse"]["http_path"].endswith(sandbox.warehouse_id)
    assert len(run.sent) <= 8


def test_a_cold_warehouse(run: Runs, sandbox: Sandbox) -> None:
    sandbox.set(cold_start_polls=2)
    cold = next(one for one in run("warehouse_info")["warehouses"] if one["state"] == "STOPPED")
    assert run("warehouse_info", check=True, warehouse=cold["name"], state="running")["was_started"]
    assert run("warehouse_info", warehouse=cold["name"], state="running")["warehouses"][0]["state"] == "RUNNING"
    assert not run("warehouse_info", warehouse=cold["name"], state="running")["changed"]


def test_connection_options_that_do_not_contradict_each_other(run: Runs, sandbox: Sandbox) -> None:
    seen = run(
        "workspace_info",
        auth_type="pat",
        account_id=sandbox.ready["account_id"],
        ca_cert=certifi.where(),
        azure_environment="PUBLIC",
        azure_tenant_id="5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47",
        azure_client_id="6c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47",
        azure_workspace_resource_id="/subscriptions/1/resourceGroups/2/providers/Microsoft.Databricks/workspaces/3",
    )
    assert seen["caller"]["admin"]


def test_looking_at_hive_metastore(run: Runs) -> None:
    where = {"catalog": "hive_metastore", "warehouse": "<warehouse>"}
    run("schema", **where, name="seen", comment="To be looked at")
    run("sql", warehouse="<warehouse>", statement="CREATE TABLE hive_metastore.seen.one (id INT)")
    principal = run("service_principal", name="example-eight")["service_principal"]["application_id"]
    on = {"securable": "schema", "name": "hive_metastore.seen"}
    run("grant", **on, principal=principal, privileges=["SELECT"], warehouse="<warehouse>")
    assert run("schema_info", catalog="hive_metastore", name="seen", warehouse="<warehouse>")["schemas"][0][
        "comment"
    ] == ("To be looked at")
    assert "seen" in [one["name"] for one in run("schema_info", **where)["schemas"]]
    tables = run("table_info", catalog="hive_metastore", schema="seen", warehouse="<warehouse>")["tables"]
    assert [(one["name"], [column["name"] for column in one["columns"]]) for one in tables] == [("one", ["id"])]
    direct = run("grant_info", **on, warehouse="<warehouse>")["direct"]
    assert {"principal": principal, "privileges": ["SELECT"]} in direct


def test_cutting_off_live_tokens_takes_force(
    run: Runs, sandbox: Sandbox, tmp_path: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal = run("service_principal", name="example-nine")["service_principal"]["application_id"]
    run("permission", object_type="tokens", principal=principal, level="CAN_USE")
    store = {"path": str(tmp_path / "token.json")}
    run("token", principal=principal, store=store)
    assert run("token_info", principal=principal, store=store)["phase"] == "current"
    assert run("token_info", principal=principal, store=store, prove=False)["phase"] == "none", "not asked, not known"
    where = {"object_type": "tokens", "principal": principal, "state": "absent"}
    refused = run.attempt("permission", **sandbox.connection, **where)
    assert refused["failed"] and run.mutating == []
    assert run("permission", object_type="tokens", principal=principal, state="absent", force=True)["changed"]
    monkeypatch.setattr(minting, "DOUBT", 0.3)
    after = run("token_info", principal=principal, store=store)
    assert after["phase"] == "none" and after["token"]["live"] is False


def test_all_errors_of_statements_at_once(run: Runs, sandbox: Sandbox) -> None:
    statements = [{"sql": "SELECT * FROM main.nowhere.one"}, {"sql": "SELECT 1"}]
    found = run("sql", warehouse=sandbox.warehouse_id, statements=statements, collect_errors=True)["results"]
    assert [one["ok"] for one in found] == [False, True]
