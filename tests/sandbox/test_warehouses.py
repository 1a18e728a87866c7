# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL warehouses: ids, pages, states, cold starts."""

from __future__ import annotations

import time

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied

from tests.sandbox.people import client, cursor, person, rows
from tests.support.sandbox import Sandbox


def cold(sandbox: Sandbox) -> str:
    return str(next(w.id for w in client(sandbox).warehouses.list() if w.name == "Cold Warehouse"))


def test_a_malformed_id_is_a_bad_request_and_an_unknown_one_not_found(sandbox: Sandbox) -> None:
    """Reported: 400 "wh-0001 is not a valid endpoint id."; well-formed and unknown: 404 is assumed."""
    with pytest.raises(BadRequest, match=r"wh-0001 is not a valid endpoint id\."):
        client(sandbox).warehouses.get("wh-0001")
    with pytest.raises(NotFound):
        client(sandbox).warehouses.get("0123456789abcdef")


def test_the_path_for_drivers(sandbox: Sandbox) -> None:
    """odbc_params.path is /sql/1.0/warehouses/<id> (SDK service/sql.py)."""
    found = client(sandbox).warehouses.get(sandbox.warehouse_id)
    assert found.odbc_params.path == f"/sql/1.0/warehouses/{sandbox.warehouse_id}"
    assert "://" not in (found.odbc_params.hostname or "")


def test_all_pages_are_needed(sandbox: Sandbox) -> None:
    client(sandbox).api_client.do("POST", "/api/2.0/sql/warehouses", body={"name": "Third"})
    assert {w.name for w in client(sandbox).warehouses.list()} == {"Starter Warehouse", "Cold Warehouse", "Third"}


def test_names_are_unique(sandbox: Sandbox) -> None:
    """dbdemos#12."""
    with pytest.raises(BadRequest, match="SQL warehouse with name `Third` already exists"):
        for _round in range(2):
            client(sandbox).api_client.do("POST", "/api/2.0/sql/warehouses", body={"name": "Third"})


def test_right_after_the_start_it_still_starts(sandbox: Sandbox) -> None:
    """The SDK's waiter gives up on STOPPED; a start takes polls."""
    sandbox.set(cold_start_polls=2)
    w, warehouse = client(sandbox), cold(sandbox)
    assert w.warehouses.get(warehouse).state.value == "STOPPED"
    w.api_client.do("POST", f"/api/2.0/sql/warehouses/{warehouse}/start")
    states = [w.warehouses.get(warehouse).state.value for _poll in range(3)]
    assert states == ["STARTING", "STARTING", "RUNNING"]


def test_a_statement_starts_a_stopped_warehouse_and_waits(sandbox: Sandbox) -> None:
    """Databricks docs: the first query starts it if the caller may use it."""
    sandbox.set(cold_start_seconds=0.4)
    begun = time.monotonic()
    with cursor(sandbox, warehouse_id=cold(sandbox)) as session:
        assert rows(session, "SELECT 1") == [(1,)]
    assert time.monotonic() - begun >= 0.4


def test_without_permission_it_is_neither_listed_nor_readable(sandbox: Sandbox) -> None:
    """Six unrelated public repositories quote the sentence."""
    somebody = person(sandbox, warehouse=False)
    assert list(somebody.client.warehouses.list()) == []
    with pytest.raises(PermissionDenied, match="is not authorized to use this SQL Endpoint"):
        somebody.client.warehouses.get(sandbox.warehouse_id)
    somebody.use_warehouse()
    assert [w.id for w in somebody.client.warehouses.list()] == [sandbox.warehouse_id]
    with pytest.raises(PermissionDenied):
        somebody.client.warehouses.stop(sandbox.warehouse_id)
