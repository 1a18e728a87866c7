# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warehouses by name or id, and starting one without the traps of a cold start."""

from __future__ import annotations

import types
import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import warehouses
from tests.support.modules import FakeModule, run_module
from tests.support.scripted_host import TOKEN, Answer, Host

BASE = "/api/2.0/sql/warehouses"
ID = "0123456789abcdef"
ONE = f"{BASE}/{ID}"
START = f"{ONE}/start"


def warehouse(state: str = "RUNNING", name: str = "Main", warehouse_id: str = ID, **more: t.Any) -> dict[str, t.Any]:
    return {
        "id": warehouse_id,
        "name": name,
        "state": state,
        "warehouse_type": "PRO",
        "cluster_size": "2X-Small",
        "auto_stop_mins": 10,
        "enable_serverless_compute": True,
        "odbc_params": {
            "hostname": "abc.cloud.databricks.com",
            "path": f"/sql/1.0/warehouses/{warehouse_id}",
            "port": 443,
        },
        **more,
    }


def listed(*found: dict[str, t.Any], token: str | None = None) -> Answer:
    return Answer({"warehouses": list(found), **({"next_page_token": token} if token else {})})


def run(scripted: Host, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    connection = {"host": scripted.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}
    return run_module("warehouse_info", {**connection, **options}, check=check)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouses.time, "sleep", lambda seconds: None)


def test_all_of_them_over_pages(scripted: Host) -> None:
    other = warehouse("STOPPED", "alpha", "f" * 16)
    scripted.on("GET", BASE, listed(warehouse(), token="x"), listed(other))
    result = run(scripted)
    assert [one["name"] for one in result["warehouses"]] == ["alpha", "Main"]
    assert result["warehouses"][1] == {
        "id": ID,
        "name": "Main",
        "hostname": "abc.cloud.databricks.com",
        "http_path": f"/sql/1.0/warehouses/{ID}",
        "state": "RUNNING",
        "type": "PRO",
        "serverless": True,
        "auto_stop_mins": 10,
        "size": "2X-Small",
    }


def test_an_id_costs_one_request(scripted: Host) -> None:
    scripted.on("GET", ONE, Answer(warehouse()))
    assert run(scripted, warehouse=ID)["warehouses"][0]["name"] == "Main" and len(scripted.requests) == 1


def test_a_name_in_any_case(scripted: Host) -> None:
    scripted.on("GET", BASE, listed(warehouse(), warehouse(name="Main 2", warehouse_id="f" * 16)))
    assert run(scripted, warehouse="mAIN")["warehouses"][0]["id"] == ID


def test_a_name_that_looks_like_an_id(scripted: Host) -> None:
    missing = Answer({"error_code": "INVALID_PARAMETER_VALUE", "message": "x is not a valid endpoint id."}, 400)
    scripted.on("GET", f"{BASE}/{'a' * 16}", missing)
    scripted.on("GET", BASE, listed(warehouse(name="a" * 16)))
    assert run(scripted, warehouse="a" * 16)["warehouses"][0]["id"] == ID


def test_the_exact_spelling_decides_between_two(scripted: Host) -> None:
    scripted.on("GET", BASE, listed(warehouse(name="main"), warehouse(name="MAIN", warehouse_id="f" * 16)))
    assert run(scripted, warehouse="MAIN")["warehouses"][0]["id"] == "f" * 16
    result = run(scripted, warehouse="Main")
    assert result["error"]["code"] == "WAREHOUSE_AMBIGUOUS" and ID in result["msg"] and "f" * 16 in result["msg"]


def test_an_unknown_one_names_those_there_are(scripted: Host) -> None:
    scripted.on("GET", BASE, listed(warehouse()))
    result = run(scripted, warehouse="Mane")
    assert result["error"]["code"] == "WAREHOUSE_DOES_NOT_EXIST" and f"Main ({ID})" in result["msg"]


def test_one_that_runs_is_left_alone(scripted: Host) -> None:
    scripted.on("GET", ONE, Answer(warehouse()))
    result = run(scripted, warehouse=ID, state="running")
    assert (result["changed"], result["was_started"]) == (False, False) and scripted.seen("POST") == []


def test_a_cold_one_that_still_shows_stopped_after_the_start(scripted: Host, quick: None) -> None:
    # The SDK's waiter fails on the second STOPPED (SDK service/sql.py, wait_get_warehouse_running).
    states = ["STOPPED", "STOPPED", "STARTING", "STARTING", "RUNNING"]
    scripted.on("GET", ONE, *(Answer(warehouse(state)) for state in states))
    scripted.on("POST", START, Answer({}))
    result = run(scripted, warehouse=ID, state="running")
    assert result["changed"] and result["was_started"] and result["warehouses"][0]["state"] == "RUNNING"
    assert len(scripted.seen("POST")) == 1


def test_one_that_is_just_stopping_is_started_afterwards(scripted: Host, quick: None) -> None:
    scripted.on("GET", ONE, *(Answer(warehouse(state)) for state in ["STOPPING", "STOPPED", "STARTING", "RUNNING"]))
    scripted.on("POST", START, Answer({}))
    assert run(scripted, warehouse=ID, state="running")["changed"] and len(scripted.seen("POST")) == 1


def test_check_mode_starts_nothing(scripted: Host) -> None:
    scripted.on("GET", ONE, Answer(warehouse("STOPPED")))
    result = run(scripted, check=True, warehouse=ID, state="running")
    assert result["changed"] and result["warehouses"][0]["state"] == "STOPPED" and scripted.seen("POST") == []


def test_one_that_cannot_start_says_why(scripted: Host, quick: None) -> None:
    broken = {"status": "FAILED", "summary": "No quota.", "failure_reason": {"code": "CLOUD_PROVIDER_LAUNCH_FAILURE"}}
    scripted.on("GET", ONE, Answer(warehouse("STOPPED")), Answer(warehouse("STOPPED", health=broken)))
    scripted.on("POST", START, Answer({}))
    result = run(scripted, warehouse=ID, state="running")
    assert result["error"]["code"] == "WAREHOUSE_FAILED" and "CLOUD_PROVIDER_LAUNCH_FAILURE No quota." in result["msg"]


def test_one_that_is_being_deleted(scripted: Host) -> None:
    scripted.on("GET", ONE, Answer(warehouse("DELETING")))
    assert "being deleted" in run(scripted, warehouse=ID, state="running")["msg"]


def test_the_wait_ends(scripted: Host) -> None:
    scripted.on("GET", ONE, Answer(warehouse("STARTING")))
    result = run(scripted, warehouse=ID, state="running", start_timeout=1)
    assert result["error"]["code"] == "TIMEOUT" and result["error"]["retryable"] and "start_timeout" in result["msg"]


def test_progress_is_told_but_not_too_often(scripted: Host, monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    told: list[str] = []
    monkeypatch.setattr(FakeModule, "notify", lambda self, message: told.append(message))
    ticks = iter(range(1000))
    clock = types.SimpleNamespace(monotonic=lambda: float(next(ticks)), sleep=lambda seconds: None)
    monkeypatch.setattr(warehouses, "time", clock)
    scripted.on("GET", ONE, *(Answer(warehouse("STARTING")) for _number in range(12)), Answer(warehouse()))
    run(scripted, warehouse=ID, state="running")
    assert 1 <= len(told) <= 8 and "Main" in told[0] and "STARTING" in told[0]


def test_state_needs_a_warehouse(scripted: Host) -> None:
    result = run(scripted, state="running")
    assert result["failed"] and "warehouse" in result["msg"] and scripted.requests == []


@pytest.mark.parametrize("module", ["warehouse_info", "workspace_info"])
def test_an_empty_name_is_refused(scripted: Host, module: str) -> None:
    scripted.on("GET", "/api/2.0/preview/scim/v2/Me", Answer({"userName": "a@b.c"}))
    connection = {"host": scripted.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}
    result = run_module(module, {**connection, "warehouse": " "})
    assert result["failed"] and "warehouse: must not be empty" in result["msg"]
