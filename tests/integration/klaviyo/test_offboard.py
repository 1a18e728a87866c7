# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""klaviyo_offboard looks before it takes anything away, takes only what is ours, and can be run again."""

from __future__ import annotations

import contextlib
import json
import typing as t

import pytest
import requests
from databricks.sdk.errors import NotFound
from databricks.sdk.service.catalog import VolumeType

from tests.support.klaviyo import HOST, Played, Site
from tests.support.modules import run_module

NAME = "klaviyo-import"


@pytest.fixture(scope="module")
def unused(connected: Site) -> Site:
    """Connected, with a table in the staging schema, and not used for two days."""
    warehouse = connected.ready["warehouse_id"]
    done = connected.client().statement_execution.execute_statement(
        f"CREATE TABLE {connected.catalog}.klaviyo_tmp.left_over (id INT)", warehouse, wait_timeout="30s"
    )
    assert done.status and done.status.state and done.status.state.value == "SUCCEEDED"
    connected.client().volumes.create(connected.catalog, "klaviyo_tmp", "landing", VolumeType.MANAGED)
    connected.post("clock", {"advance_days": 2})
    return connected


def owner(site: Site) -> str:
    return next(one["application_id"] for one in site.state["service_principals"] if one["display_name"] == NAME)


def refused(site: Site, why: str, *options: str, **variables: t.Any) -> None:
    """Off-boarding stops, says why, shows what would have gone, and has changed nothing."""
    site.forget_journal()
    output = site.play("klaviyo_offboard", *options, **variables).failed().output
    assert why in output, output[-3000:]
    assert '"principal": "klaviyo-import (' in output and '"privileges_on": [' in output
    assert site.mutating() == []


REPORTED = {
    "/token-management/tokens/": "revoke token ",
    "/unity-catalog/permissions/": "update grant to ",
    "/unity-catalog/schemas/": "delete schema ",
    "/scim/v2/ServicePrincipals/": "delete service_principal ",
    "/permissions/authorization/tokens": " on tokens",
    "/permissions/warehouses/": " on warehouse ",
}


def everything_is_reported(site: Site) -> None:
    """Whatever was sent is in the report: one line for each request, of its kind."""
    said = [f"{one['method']} {one['object']}" for one in site.report["changed"]]
    for path, words in REPORTED.items():
        sent = [one for one in site.mutating() if path in one]
        lines = [one for one in said if words in one and ("grant to" in one) == ("grant to" in words)]
        assert bool(sent) == bool(lines), (sent, said)


def twice(site: Site, *options: str, **variables: t.Any) -> Played:
    """The first run; the second must find nothing to do."""
    site.forget_journal()
    first = site.play("klaviyo_offboard", *options, **variables).ok()
    assert first.changed > 0
    everything_is_reported(site)
    site.forget_journal()
    assert site.play("klaviyo_offboard", *options, **variables).ok().changed == 0
    assert site.mutating() == []
    return first


@pytest.mark.parametrize("way", ["auto", "never"])
def test_what_would_be_lost_stops_it(unused: Site, way: str) -> None:
    # Said on the command line, so the values are text.
    refused(
        unused,
        "klaviyo_drop_schemas: the schemas are not empty. They hold: "
        f"table {unused.catalog}.klaviyo_tmp.left_over, volume {unused.catalog}.klaviyo_tmp.landing. Nothing was "
        "changed. Empty them first, or set klaviyo_drop_force=true to drop that, too.",
        "-e",
        "klaviyo_drop_schemas=true",
        "-e",
        f"databricks_in_process={way}",
    )


def test_a_schema_task_says_the_same(unused: Site) -> None:
    """On the screen of a play with one task, whichever way it runs and in check mode."""
    task = {"catalog": unused.catalog, "name": "klaviyo_tmp", "state": "absent"}
    said = (
        f"Could not drop schema {unused.catalog}.klaviyo_tmp: it holds table {unused.catalog}.klaviyo_tmp.left_over, "
        f"volume {unused.catalog}.klaviyo_tmp.landing. Hint: Something is still in the schema. Move it, or set force "
        "to drop all of it."
    )
    book = unused.folder / "drop.json"
    play = {"hosts": "all", "connection": "local", "gather_facts": False}
    book.write_text(json.dumps([{**play, "tasks": [{"lakeops.databricks.schema": task}]}]), encoding="utf-8")
    for options in ((), ("--check",), ("-e", "databricks_in_process=never")):
        assert said in unused.play(str(book), *options).failed().output


@pytest.mark.parametrize(
    "task", ["Revoke the tokens*", "Revoke the privileges", "Drop the schemas", "Keep the report*"]
)
def test_it_cannot_be_begun_in_its_middle(unused: Site, task: str) -> None:
    """Past the look at what would be lost, and with a report that all is removed."""
    reports = (unused.folder / "reports" / HOST / "latest").resolve()
    unused.forget_journal()
    wish = {"klaviyo_drop_schemas": True, "klaviyo_drop_force": True}
    output = unused.play("klaviyo_offboard", "--start-at-task", f"*{task}", **wish).output
    assert "No matching task" in output, output[-3000:]
    assert unused.journal == [] and (unused.folder / "reports" / HOST / "latest").resolve() == reports


def test_other_tokens_stop_it(unused: Site) -> None:
    unused.post("mint", {"owner": owner(unused), "comment": "of somebody who borrowed the principal"})
    refused(unused, "has 1 live token(s) that the store does not know and that would end with it")


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        ("tables", {"status": 403, "error_code": "PERMISSION_DENIED", "message": "Not for you."}),
        ("volumes", {"status": 403, "error_code": "PERMISSION_DENIED", "message": "Not for you."}),
        (
            "functions",
            {"body": "<html><title>404 Not Found</title></html>", "status": 404, "content_type": "text/html"},
        ),
    ],
)
def test_schemas_of_which_nobody_knows_what_they_hold_stop_it(
    unused: Site, kind: str, trouble: dict[str, t.Any]
) -> None:
    with contextlib.suppress(NotFound):  # what is found is said before what is not known
        unused.client().tables.delete(f"{unused.catalog}.klaviyo_tmp.left_over")
        unused.client().volumes.delete(f"{unused.catalog}.klaviyo_tmp.landing")
    unused.post("faults", {"method": "GET", "path": f"*/unity-catalog/{kind}", "times": 0, **trouble})
    why = (
        f"klaviyo_drop_schemas: what the schemas hold could not be established: Could not list the {kind} of "
        f"{unused.catalog}.klaviyo_import_from_dwh: "
    )
    refused(unused, why, "-e", "klaviyo_drop_schemas=true", klaviyo_offboard_keep_principal=True)
    assert "drop_force=true to drop them with whatever they hold." in unused.report["failure"]["message"]
    requests.delete(f"{unused.host}/_sandbox/faults", timeout=30).raise_for_status()


def test_a_misspelled_principal_costs_nobody_the_record(unused: Site) -> None:
    unused.forget_journal()
    output = unused.play("klaviyo_offboard", klaviyo_principal_name="klaviyo-inport").failed().output
    assert "holds the token of klaviyo-import" in output and "klaviyo_principal_name in the role" in output
    assert unused.store.exists() and unused.mutating() == []


def test_a_principal_that_stays_loses_its_access_one_by_one(unused: Site) -> None:
    before, principal = unused.state, owner(unused)
    assert any(principal in acl for acl in before["permissions"].values())
    first = twice(unused, klaviyo_offboard_keep_principal=True)
    after = unused.state
    assert owner(unused) == principal and not unused.store.exists()
    assert [one["comment"] for one in after["tokens"] if one["owner"] == principal] == [
        "of somebody who borrowed the principal"
    ]
    assert not any(principal in held for held in after["grants"].values())
    # The borrowed token would stop working without the permission on tokens, so that stays, and it is said.
    holds = [name for name, acl in after["permissions"].items() if principal in acl]
    assert holds == [name for name in before["permissions"] if "tokens" in name] and "stop working" in first.output
    assert after["bystanders"] == before["bystanders"]
    assert {one["full_name"] for one in after["schemas"]} == {one["full_name"] for one in before["schemas"]}


def test_then_everything_goes_when_it_is_asked_for(unused: Site) -> None:
    before, principal = unused.state, owner(unused)
    for token in before["tokens"]:
        if token["owner"] == principal:
            unused.client().token_management.delete(token["token_id"])
    unused.client().volumes.create(unused.catalog, "klaviyo_tmp", "landing", VolumeType.MANAGED)
    twice(unused, "-e", "klaviyo_drop_schemas=true", "-e", "klaviyo_drop_force=true")
    # A schema that is not there any more is known to hold nothing.
    assert unused.play("klaviyo_offboard", "-e", "klaviyo_drop_schemas=true").ok().changed == 0
    after = unused.state
    assert not [one for one in after["service_principals"] if one["display_name"] == NAME]
    assert not [one for one in after["schemas"] if one["name"].startswith("klaviyo")]
    assert principal not in str(after["permissions"]) and principal not in str(after["grants"])
    assert after["bystanders"] == before["bystanders"]


def test_a_person_stays_and_keeps_a_token_that_only_the_person_can_delete(unused: Site) -> None:
    name = "klaviyo.person@example.com"
    variables = {"klaviyo_principal_kind": "user", "klaviyo_principal_name": name}

    def do(module: str, **options: t.Any) -> None:
        result = run_module(module, {"host": unused.host, "token": unused.ready["token"], **options})
        assert not result["failed"], result

    do("user", name=name)
    do("permission", object_type="tokens", principal=name, level="CAN_USE")
    do("permission", object_type="warehouse", object=unused.ready["warehouse_id"], principal=name, level="CAN_USE")
    made = unused.post("mint", {"owner": name, "comment": "for klaviyo", "lifetime_seconds": 90 * 86400})
    do("token", principal=name, store={"path": str(unused.store)}, supplied_token=made["token_value"])
    unused.post("clock", {"advance_days": 2})
    first = twice(unused, **variables)
    assert made["token_info"]["token_id"][:12] in first.output and made["token_value"] not in first.output
    state = unused.state
    assert [one["live"] for one in state["tokens"] if one["owner"] == name] == [True]
    assert [one["active"] for one in state["users"] if one["user_name"] == name] == [True]
    assert [object_ for object_, acl in state["permissions"].items() if name in acl] == ["authorization/tokens"]
    assert not unused.store.exists()


def test_a_name_that_two_have_stops_everything(unused: Site) -> None:
    for _number in range(2):
        unused.client().service_principals.create(display_name="klaviyo-twins")
    unused.forget_journal()
    for playbook in ("klaviyo_offboard", "klaviyo_rotate"):
        output = unused.play(playbook, klaviyo_principal_name="klaviyo-twins").failed().output
        assert "has 2 service principals named klaviyo-twins" in output
    assert unused.mutating() == []
