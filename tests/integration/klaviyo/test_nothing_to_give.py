# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the preflight has seen that the principal holds all that is wanted, nothing asks for it again; else it does."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.klaviyo import Site

GIVES = "Grant the privileges]"
CATALOG = "/api/2.1/unity-catalog/permissions"
TOKENS = "/api/2.0/permissions/authorization/tokens"


def asked(site: Site, part: str) -> int:
    return len([entry for entry in site.journal if entry["method"] == "GET" and part in entry["path"]])


def change(site: Site, securable: str, **changes: list[str]) -> None:
    body = {"changes": [{"principal": site.record["principal"], **changes}]}
    site.client().api_client.do("PATCH", f"{CATALOG}/{securable}", body=body)


def held(site: Site) -> dict[str, t.Any]:
    """What the principal holds by name, and its levels."""
    state, principal = site.state, site.record["principal"]
    return {
        "grants": {where: sorted(rows[principal]) for where, rows in state["grants"].items() if rows.get(principal)},
        "tokens": principal in str(site.client().api_client.do("GET", TOKENS)),
        "warehouse": principal in str(site.client().api_client.do("GET", warehouse(site))),
    }


def warehouse(site: Site) -> str:
    return f"/api/2.0/permissions/warehouses/{site.ready['warehouse_id']}"


@pytest.mark.parametrize("by", ["id", "name"])
@pytest.mark.parametrize("mode", [(), ("--check",)], ids=["run", "check"])
def test_what_is_there_is_read_once_and_given_by_no_task(connected: Site, by: str, mode: tuple[str, ...]) -> None:
    before, statements = held(connected), connected.report["sql"]
    name = connected.client().warehouses.get(connected.ready["warehouse_id"]).name
    connected.forget_journal()
    played = connected.play(
        "klaviyo_setup", *mode, klaviyo_warehouse=connected.ready["warehouse_id"] if by == "id" else name
    ).ok()
    times = [asked(connected, path) for path in (TOKENS, warehouse(connected), CATALOG)]
    assert played.changed == 0 and GIVES not in played.output and held(connected) == before
    assert connected.report["sql"] == statements and len(statements) == 3
    assert times == [1, 1, 3]


def take_warehouse(site: Site) -> None:
    path = warehouse(site)
    entries = site.client().api_client.do("GET", path)["access_control_list"]
    kept = [
        {key: entry[key] for key in ("user_name", "group_name", "service_principal_name") if entry.get(key)}
        | {"permission_level": entry["all_permissions"][0]["permission_level"]}
        for entry in entries
        if entry.get("service_principal_name") != site.record["principal"]
        and not entry["all_permissions"][0].get("inherited")
    ]
    site.client().api_client.do("PUT", path, body={"access_control_list": kept})


TAKEN: dict[str, t.Callable[[Site], None]] = {
    "a privilege on the catalog": lambda site: change(site, f"catalog/{site.catalog}", remove=["USE_CATALOG"]),
    "a privilege on a schema": lambda site: change(site, f"schema/{site.catalog}.klaviyo_tmp", remove=["MODIFY"]),
    "the warehouse": take_warehouse,
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_is_missing_is_announced_and_given(connected: Site, what: str) -> None:
    before = held(connected)
    TAKEN[what](connected)
    assert held(connected) != before
    announced = connected.play("klaviyo_setup", "--check").ok()
    assert announced.changed == 1 and GIVES in announced.output and held(connected) != before
    played = connected.play("klaviyo_setup").ok()
    assert played.changed == 1 and held(connected) == before


def test_what_only_a_group_brings_is_given_by_name(connected: Site) -> None:
    before, where = held(connected), f"schema/{connected.catalog}.klaviyo_import_from_dwh"
    path = f"{CATALOG}/{where}"
    everybody = {"principal": "account users", "add": ["SELECT"]}
    connected.client().api_client.do("PATCH", path, body={"changes": [everybody]})
    change(connected, where, remove=["SELECT"])
    assert connected.play("klaviyo_setup").changed == 1 and held(connected) == before
    body = {"changes": [{"principal": "account users", "remove": ["SELECT"]}]}
    connected.client().api_client.do("PATCH", path, body=body)


@pytest.mark.parametrize("path", [TOKENS, "*/permissions/warehouses/*", f"{CATALOG}/schema/*"])
def test_what_could_not_be_read_is_looked_for_again(connected: Site, path: str) -> None:
    before = held(connected)
    connected.post("faults", {"path": path, "method": "GET", "status": 403, "times": 1})
    played = connected.play("klaviyo_setup").ok()
    assert GIVES in played.output and played.changed == 0 and held(connected) == before


def test_surplus_is_announced_in_check_mode_and_taken(connected: Site) -> None:
    before = held(connected)
    change(connected, f"schema/{connected.catalog}.klaviyo_import_from_dwh", add=["MODIFY"])
    announced = connected.play("klaviyo_setup", "--check", "--diff", klaviyo_purge_surplus=True).ok()
    assert announced.changed == 1 and '"MODIFY"' in announced.output and held(connected) != before
    assert connected.play("klaviyo_setup", klaviyo_purge_surplus=True).ok().changed == 1
    assert held(connected) == before


def test_a_store_of_another_principal_stops_a_run_before_it_gives_anything(connected: Site) -> None:
    played = connected.play("klaviyo_setup", klaviyo_principal_name="klaviyo-other").failed()
    assert GIVES not in played.output and "holds the token of klaviyo-import" in played.output


def test_a_store_of_a_principal_that_is_gone_says_nothing_about_its_successor(connected: Site) -> None:
    """The record names whom it was made for; another one is looked for as if nothing had been read."""
    connected.post("snapshot", {"name": "before"})
    client = connected.client()
    gone = next(iter(client.service_principals.list(filter='displayName eq "klaviyo-import"')))
    client.service_principals.delete(str(gone.id))
    client.service_principals.create(display_name="klaviyo-import")
    assert GIVES in connected.play("klaviyo_setup", "--check").ok().output
    connected.post("restore", {"name": "before"})


def test_a_preflight_alone_does_not_ask_what_is_held(connected: Site) -> None:
    connected.forget_journal()
    connected.play("klaviyo_preflight").ok()
    assert asked(connected, CATALOG) == asked(connected, TOKENS) == 0
