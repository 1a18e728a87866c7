# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL warehouses: ids, pages, states, cold starts."""

from __future__ import annotations

import time

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.sql import (
    Channel,
    ChannelName,
    EndpointConfPair,
    EndpointTagPair,
    EndpointTags,
    GetWarehouseResponseWarehouseType,
    GetWorkspaceWarehouseConfigResponseSecurityPolicy,
)

from tests.sandbox.people import client, cursor, person, rows
from tests.sandbox.wire import ask, coded
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


def test_what_is_asked_for_is_kept_and_shown(sandbox: Sandbox) -> None:
    """databricks-sdk-go internal/warehouses_test.go makes, edits and lists one; terraform-provider-databricks
    sql/resource_sql_endpoint.go plans a change for ever where enable_photon and spot_instance_policy are forgotten, and
    exporter/test-data/get-sql-endpoint.json has the fields and the spelling of the size.
    """
    w = client(sandbox)
    tags = EndpointTags(custom_tags=[EndpointTagPair(key="Owner", value="team")])
    made = w.warehouses.create(name="mine", cluster_size="2X-Small", max_num_clusters=3, tags=tags).result()
    shown = ask(sandbox, "GET", f"/api/2.0/sql/warehouses/{made.id}").json()
    assert {name: shown[name] for name in ("size", "cluster_size", "enable_photon", "spot_instance_policy")} == {
        "size": "XXSMALL",
        "cluster_size": "2X-Small",
        "enable_photon": True,
        "spot_instance_policy": "COST_OPTIMIZED",
    }
    assert (made.warehouse_type, made.enable_serverless_compute) == (GetWarehouseResponseWarehouseType.CLASSIC, False)
    assert (made.auto_stop_mins, made.min_num_clusters, made.max_num_clusters) == (120, 1, 3)
    assert made.tags == tags and made.channel == Channel(name=ChannelName.CHANNEL_NAME_CURRENT)
    w.warehouses.edit(str(made.id), name="renamed", enable_photon=False, auto_stop_mins=0)
    changed = w.warehouses.get(str(made.id))
    assert (changed.name, changed.enable_photon, changed.auto_stop_mins) == ("renamed", False, 0)
    assert (changed.max_num_clusters, changed.tags) == (3, tags)
    w.warehouses.delete(str(made.id))
    assert [one.name for one in w.warehouses.list() if one.id == made.id] == []


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"auto_stop_mins": 5}, "auto_stop_mins must be 0 or at least 10."),
        ({"auto_stop_mins": True}, "auto_stop_mins, min_num_clusters and max_num_clusters are numbers."),
        ({"max_num_clusters": 41}, "min_num_clusters is from 1 to 30"),
        ({"min_num_clusters": 3, "max_num_clusters": 2}, "min_num_clusters is from 1 to 30"),
        ({"cluster_size": "Huge"}, "cluster_size Huge is not one of 2X-Small, X-Small"),
        ({"warehouse_type": "CLASSIC", "enable_serverless_compute": True}, "needs the warehouse_type PRO"),
        ({"channel": {"name": "x"}}, "channel has a name"),
        ({"tags": {"custom_tags": [{"key": "k"}]}}, "tags has custom_tags"),
        ({"name": "n" * 100}, "less than 100 characters"),
        ({"name": "Cold Warehouse"}, "SQL warehouse with name `Cold Warehouse` already exists"),
        ({"enable_photon": "yes"}, "enable_photon must be true or false."),
        ({"instance_profile_arn": "arn:x"}, "The sandbox makes SQL warehouses without instance_profile_arn."),
    ],
)
def test_what_no_warehouse_can_be(sandbox: Sandbox, wish: dict[str, object], sentence: str) -> None:
    """The bounds are those of the SDK's docstrings of WarehousesAPI.create; an edit has the same ones."""
    before = sandbox.state()["warehouses"]
    for path in ("", f"/{sandbox.warehouse_id}/edit"):
        answer = ask(sandbox, "POST", f"/api/2.0/sql/warehouses{path}", json={"name": "another", **wish})
        assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")
        assert sentence in answer.json()["message"]
    assert sandbox.state()["warehouses"] == before


def test_only_who_manages_it_edits_it(sandbox: Sandbox) -> None:
    with pytest.raises(PermissionDenied, match="is not authorized to use this SQL Endpoint"):
        person(sandbox).client.warehouses.edit(sandbox.warehouse_id, name="mine now")


def test_data_sources(sandbox: Sandbox) -> None:
    """terraform-provider-databricks sql/data_sql_warehouse.go finds a warehouse by name or id among them; a bare list
    (SDK DataSourcesAPI).
    """
    found = list(client(sandbox).data_sources.list())
    assert sorted(str(one.name) for one in found) == ["Cold Warehouse", "Starter Warehouse"]
    mine = next(one for one in found if one.warehouse_id == sandbox.warehouse_id)
    assert mine.id != sandbox.warehouse_id and mine.type == "databricks_internal"
    assert list(person(sandbox, warehouse=False).client.data_sources.list()) == []


def test_the_configuration_of_all_warehouses(sandbox: Sandbox) -> None:
    """SDK WarehousesAPI.get_workspace_warehouse_config; terraform-provider-databricks
    sql/resource_sql_global_config.go sends the whole of it by PUT.
    """
    w = client(sandbox)
    assert w.warehouses.get_workspace_warehouse_config().security_policy is (
        GetWorkspaceWarehouseConfigResponseSecurityPolicy.DATA_ACCESS_CONTROL
    )
    w.warehouses.set_workspace_warehouse_config(data_access_config=[EndpointConfPair("spark.a", "b")])
    assert w.warehouses.get_workspace_warehouse_config().data_access_config == [EndpointConfPair("spark.a", "b")]
    w.warehouses.set_workspace_warehouse_config(enable_serverless_compute=True)
    assert w.warehouses.get_workspace_warehouse_config().data_access_config == []
    with pytest.raises(PermissionDenied):
        person(sandbox).client.warehouses.get_workspace_warehouse_config()
