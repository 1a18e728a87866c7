# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use a SQL warehouse, and who may use tokens."""

from __future__ import annotations

import typing as t

import pytest
import requests
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

from tests.sandbox.people import Person, client, grant_level, person
from tests.sandbox.wire import SCIM, advance, ask, by_oauth, coded, seeded
from tests.support.sandbox import Sandbox

TOKENS = "authorization/tokens"
ADMINS = {"group_name": "admins", "permission_level": "CAN_MANAGE"}
OWNER = {"user_name": "admin@example.com", "permission_level": "IS_OWNER"}


@pytest.fixture
def who(sandbox: Sandbox) -> Person:
    return person(sandbox, warehouse=False)


def acl(sandbox: Sandbox, method: str, where: str, *entries: dict[str, t.Any]) -> requests.Response:
    body = {"access_control_list": list(entries)} if method != "GET" else None
    return ask(sandbox, method, f"/api/2.0/permissions/{where}", json=body)


def direct(sandbox: Sandbox, where: str) -> dict[str, str]:
    """Principal -> level of each row that is not inherited."""
    return {
        row.get("user_name") or row.get("group_name") or row.get("service_principal_name"): level["permission_level"]
        for row in acl(sandbox, "GET", where).json()["access_control_list"]
        for level in row["all_permissions"]
        if not level["inherited"]
    }


def entry(who: Person, level: str = "CAN_USE") -> dict[str, t.Any]:
    return {"service_principal_name": who.application_id, "permission_level": level}


@pytest.mark.parametrize("spelling", ["warehouses", "sql/warehouses"])
def test_both_spellings(sandbox: Sandbox, who: Person, spelling: str) -> None:
    """Databricks docs, "SQL warehouse access control", and the SDK differ; the answer is one."""
    where = f"{spelling}/{sandbox.warehouse_id}"
    answer = acl(sandbox, "PATCH", where, entry(who))
    assert answer.status_code == 200
    shown = acl(sandbox, "GET", where).json()
    assert (shown["object_id"], shown["object_type"]) == (f"/sql/warehouses/{sandbox.warehouse_id}", "warehouses")
    for one in ("warehouses", "sql/warehouses"):
        assert direct(sandbox, f"{one}/{sandbox.warehouse_id}")[who.application_id] == "CAN_USE"


def test_rows_name_principals_in_three_ways(sandbox: Sandbox, who: Person) -> None:
    """SDK service/iam.py: display_name besides; administrators manage by inheritance. Of a new principal the service
    does not say it: databricks/cli acceptance/bundle/resources/permissions/jobs/delete_one/script.
    """
    where = f"warehouses/{sandbox.warehouse_id}"
    rows = acl(sandbox, "PATCH", where, entry(who)).json()["access_control_list"]
    mine = next(row for row in rows if row.get("service_principal_name") == who.application_id)
    assert "display_name" not in mine
    advance(sandbox, advance_seconds=3600)
    later = acl(sandbox, "GET", where).json()["access_control_list"]
    names = {row["display_name"] for row in later if row.get("service_principal_name") == who.application_id}
    assert names == {"somebody"}
    assert mine["all_permissions"] == [{"permission_level": "CAN_USE", "inherited": False}]
    admins = next(row for row in rows if row.get("group_name") == "admins")
    assert admins["all_permissions"][0]["inherited"] is True
    assert {"user_name", "group_name", "service_principal_name"} <= {key for row in rows for key in row}


def test_patch_leaves_everybody_else(sandbox: Sandbox, who: Person) -> None:
    """SDK PermissionsAPI.update."""
    for where in (f"warehouses/{sandbox.warehouse_id}", TOKENS):
        before = direct(sandbox, where)
        before.pop(who.application_id, None)
        acl(sandbox, "PATCH", where, entry(who)).raise_for_status()
        assert direct(sandbox, where) == {**before, who.application_id: "CAN_USE"}


def test_put_on_a_warehouse_replaces_the_list(sandbox: Sandbox, who: Person) -> None:
    """SDK PermissionsAPI.set; who is not in it can no longer use the warehouse."""
    where = f"warehouses/{sandbox.warehouse_id}"
    who.use_warehouse()
    assert [w.id for w in who.client.warehouses.list()] == [sandbox.warehouse_id]
    acl(sandbox, "PUT", where, OWNER).raise_for_status()
    assert direct(sandbox, where) == {"admin@example.com": "IS_OWNER"}
    with pytest.raises(PermissionDenied, match="is not authorized to use this SQL Endpoint"):
        who.client.warehouses.get(sandbox.warehouse_id)


@pytest.mark.parametrize(
    "entries",
    [
        [{**OWNER, "permission_level": "CAN_USE"}],
        [OWNER, {"user_name": "ada.analyst@example.com", "permission_level": "IS_OWNER"}],
    ],
)
def test_put_on_a_warehouse_needs_one_owner(sandbox: Sandbox, entries: list[dict[str, t.Any]]) -> None:
    """terraform-provider-databricks#2678, #2865."""
    where = f"warehouses/{sandbox.warehouse_id}"
    before = direct(sandbox, where)
    answer = acl(sandbox, "PUT", where, *entries)
    assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")
    sentence = f"PUT requests for warehouse {sandbox.warehouse_id} with no existing owner must provide a new owner."
    assert answer.json()["message"] == sentence
    assert direct(sandbox, where) == before


def test_put_without_an_owner_leaves_the_one_there_is(sandbox: Sandbox) -> None:
    """Recorded on a cloud: databricks/cli acceptance/bundle/resources/permissions/factcheck, whose check_permissions.py
    names one user only, with two levels, of which the last counts.
    """
    where, ada = f"sql/warehouses/{sandbox.warehouse_id}", "ada.analyst@example.com"
    for levels in (("CAN_VIEW", "CAN_USE"), ("CAN_USE", "CAN_VIEW")):
        answer = acl(sandbox, "PUT", where, *({"user_name": ada, "permission_level": level} for level in levels))
        assert answer.status_code == 200
        assert direct(sandbox, where) == {"admin@example.com": "IS_OWNER", ada: levels[-1]}


def test_passwords(sandbox: Sandbox, who: Person) -> None:
    """terraform-provider-databricks permissions/permission_definitions.go: the object is /authorization/passwords, its
    type passwords, there is one level, and no entry is special.
    """
    w, where = client(sandbox), "authorization/passwords"
    levels = w.permissions.get_permission_levels("authorization", "passwords").permission_levels or []
    assert [one.permission_level.value for one in levels if one.permission_level] == ["CAN_USE"]
    shown = acl(sandbox, "PATCH", where, {"group_name": "analysts", "permission_level": "CAN_USE"}).json()
    assert (shown["object_id"], shown["object_type"]) == ("/authorization/passwords", "passwords")
    assert direct(sandbox, where) == {"admins": "CAN_USE", "analysts": "CAN_USE"}
    tokens = sandbox.state()["tokens"]
    acl(sandbox, "PUT", where, {"group_name": "users", "permission_level": "CAN_USE"}).raise_for_status()
    assert direct(sandbox, where) == {"users": "CAN_USE"}
    assert [one["token_id"] for one in sandbox.state()["tokens"]] == [one["token_id"] for one in tokens]
    w.permissions.set("authorization", "passwords")  # without any list, as terraform destroy does
    assert direct(sandbox, where) == {}
    with pytest.raises(PermissionDenied):
        who.client.permissions.get("authorization", "passwords")


def test_a_group_cannot_own(sandbox: Sandbox) -> None:
    """Databricks docs, "SQL warehouse access control"."""
    group = {"group_name": "analysts", "permission_level": "IS_OWNER"}
    assert acl(sandbox, "PUT", f"warehouses/{sandbox.warehouse_id}", group).status_code == 400


def test_patch_does_not_touch_the_owner(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, "SQL warehouse access control": exactly one, changed as a whole."""
    where = f"warehouses/{sandbox.warehouse_id}"
    assert acl(sandbox, "PATCH", where, entry(who, "IS_OWNER")).status_code == 400
    acl(sandbox, "PATCH", where, {**OWNER, "permission_level": "CAN_USE"})
    assert direct(sandbox, where)["admin@example.com"] == "IS_OWNER"


def test_put_on_tokens_really_kills_them(sandbox: Sandbox, who: Person) -> None:
    """terraform-provider-databricks docs: tokens of who is no longer named are deleted at once."""
    ada = seeded(sandbox, "users", display_name="Ada Analyst")
    owners = {token["owner_id"] for token in sandbox.state()["tokens"]}
    assert {who.id, ada["id"]} <= owners
    acl(sandbox, "PUT", TOKENS, ADMINS, entry(who)).raise_for_status()
    assert direct(sandbox, TOKENS) == {"admins": "CAN_MANAGE", who.application_id: "CAN_USE"}
    left = {token["owner_id"] for token in sandbox.state()["tokens"]}
    assert who.id in left and ada["id"] not in left
    assert ask(sandbox, "GET", f"{SCIM}/Me", who.token).status_code == 200
    acl(sandbox, "PUT", TOKENS, ADMINS).raise_for_status()
    grant_level(sandbox, "authorization", "tokens", who.application_id)
    assert ask(sandbox, "GET", f"{SCIM}/Me", who.token).status_code == 403  # and it does not come back


@pytest.mark.parametrize("entries", [[], [{"group_name": "users", "permission_level": "CAN_USE"}]])
def test_put_on_tokens_must_keep_the_administrators(sandbox: Sandbox, entries: list[dict[str, t.Any]]) -> None:
    """terraform-provider-databricks permission_definitions.go."""
    before = direct(sandbox, TOKENS)
    answer = acl(sandbox, "PUT", TOKENS, *entries)
    assert answer.status_code == 400
    assert answer.json()["message"] == "Cannot change permissions for group 'admins' to None."
    assert direct(sandbox, TOKENS) == before


def test_nobody_else_manages_tokens(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, "Manage personal access token permissions": CAN_MANAGE is the administrators'."""
    assert acl(sandbox, "PATCH", TOKENS, entry(who, "CAN_MANAGE")).status_code == 400
    lowered = {**ADMINS, "permission_level": "CAN_USE"}
    assert acl(sandbox, "PATCH", TOKENS, lowered).status_code == 400


def test_the_sdk_can_read_them(sandbox: Sandbox) -> None:
    """SDK: TokenPermissionLevel knows CAN_USE only, so the administrators' level is None there. The id begins with a
    slash: terraform-provider-databricks exporter/test-data/get-tokens-permissions.json.
    """
    w = client(sandbox)
    rows = w.token_management.get_permissions().access_control_list or []
    admins = next(row for row in rows if row.group_name == "admins")
    assert [one.permission_level for one in admins.all_permissions or []] == [None]
    general = w.permissions.get("authorization", "tokens")
    assert (general.object_id, general.object_type) == ("/authorization/tokens", "tokens")
    admins_again = next(row for row in general.access_control_list or [] if row.group_name == "admins")
    assert [one.permission_level for one in admins_again.all_permissions or []] == [PermissionLevel.CAN_MANAGE]


def test_before_the_first_token_there_is_nothing_to_read(sandbox: Sandbox) -> None:
    """terraform-provider-databricks#1122, #1524, Databricks.API.PowerShell#61: reading and writing are 404 alike."""
    sandbox.set(no_tokens_yet=True)
    w = by_oauth(sandbox, sandbox.ready["client_id"], sandbox.ready["client_secret"])
    users = AccessControlRequest(group_name="users", permission_level=PermissionLevel.CAN_USE)
    for attempt in (
        lambda: w.permissions.get("authorization", "tokens"),
        lambda: w.permissions.get_permission_levels("authorization", "tokens"),
        lambda: w.permissions.update("authorization", "tokens", access_control_list=[users]),
        lambda: w.permissions.set("authorization", "tokens", access_control_list=[users]),
    ):
        with pytest.raises(NotFound, match="tokens tokens does not exist"):
            attempt()
    w.tokens.create(comment="the first", lifetime_seconds=3600)
    w.permissions.update("authorization", "tokens", access_control_list=[users])
    rows = w.permissions.get("authorization", "tokens").access_control_list or []
    assert {"admins", "users"} <= {row.group_name for row in rows}


@pytest.mark.parametrize(
    ("key", "name", "shown"),
    [
        ("service_principal_name", "somebody", "ServicePrincipalName(somebody)"),
        ("service_principal_name", "ada.analyst@example.com", "ServicePrincipalName(ada.analyst@example.com)"),
        ("user_name", "nobody@example.com", "UserName(nobody@example.com)"),
        ("group_name", "nobody", "GroupName(nobody)"),
    ],
)
def test_display_names_and_strangers_are_refused(
    sandbox: Sandbox, who: Person, key: str, name: str, shown: str
) -> None:
    """terraform-provider-databricks#1415: the application id it is, not the display name."""
    for where in (f"warehouses/{sandbox.warehouse_id}", TOKENS):
        before = direct(sandbox, where)
        answer = acl(sandbox, "PATCH", where, entry(who), {key: name, "permission_level": "CAN_USE"})
        assert answer.status_code == 404
        assert answer.json()["message"] == f"Principal: {shown} does not exist"
        assert direct(sandbox, where) == before  # not even the entry that was good


def test_names_come_back_as_they_are_known(sandbox: Sandbox) -> None:
    """terraform-provider-databricks#5757: the case may differ from what was sent."""
    where = f"warehouses/{sandbox.warehouse_id}"
    acl(sandbox, "PATCH", where, {"user_name": "BOB.BUILDER@EXAMPLE.COM", "permission_level": "CAN_USE"})
    assert direct(sandbox, where)["Bob.Builder@example.com"] == "CAN_USE"


def test_a_system_principal_is_taken_and_nothing_happens(sandbox: Sandbox) -> None:
    """Reported of service principals that SCIM does not know: 200, and no row; hence read back."""
    system = sandbox.state()["system_principals"][0]
    where = f"warehouses/{sandbox.warehouse_id}"
    before = direct(sandbox, where)
    answer = acl(sandbox, "PATCH", where, {"service_principal_name": system, "permission_level": "CAN_USE"})
    assert answer.status_code == 200 and direct(sandbox, where) == before


@pytest.mark.parametrize("level", ["CAN_RUN", "can_use", "", None])
def test_a_level_that_does_not_exist(sandbox: Sandbox, who: Person, level: str | None) -> None:
    """Databricks.API.PowerShell#69."""
    for where in (f"warehouses/{sandbox.warehouse_id}", TOKENS):
        answer = acl(sandbox, "PATCH", where, {"service_principal_name": who.application_id, "permission_level": level})
        assert coded(answer) == (500, "INTERNAL_ERROR")
        assert answer.json()["message"] == "Unhandled Permission level"


@pytest.mark.parametrize("rows", [None, "x", ["x"], [{}], [{"user_name": "a@b.cd", "group_name": "users"}]])
def test_malformed_lists(sandbox: Sandbox, rows: t.Any) -> None:
    for method in ("PATCH", "PUT"):
        path = f"/api/2.0/permissions/warehouses/{sandbox.warehouse_id}"
        answer = ask(sandbox, method, path, json={"access_control_list": rows})
        assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")


def test_levels_that_there_are(sandbox: Sandbox) -> None:
    """SDK service/sql.py WarehousePermissionLevel, service/settings.py TokenPermissionLevel."""
    w = client(sandbox)
    found = w.warehouses.get_permission_levels(sandbox.warehouse_id).permission_levels or []
    names = {one.permission_level.value for one in found if one.permission_level}
    assert names == {"CAN_VIEW", "CAN_USE", "CAN_MONITOR", "CAN_MANAGE", "IS_OWNER"}
    shown = acl(sandbox, "GET", f"{TOKENS}/permissionLevels").json()["permission_levels"]
    assert [one["permission_level"] for one in shown] == ["CAN_USE"]


def test_who_may_look_and_change(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs: tokens by administrators, a warehouse by who manages it."""
    with pytest.raises(PermissionDenied):
        who.client.permissions.get("authorization", "tokens")
    who.use_warehouse()
    with pytest.raises(PermissionDenied, match="You don't have permission to this resource"):
        who.client.permissions.get("warehouses", sandbox.warehouse_id)
    acl(sandbox, "PATCH", f"warehouses/{sandbox.warehouse_id}", entry(who, "CAN_MANAGE")).raise_for_status()
    assert who.client.permissions.get("warehouses", sandbox.warehouse_id).access_control_list
    with pytest.raises(BadRequest, match="is not a valid endpoint id"):
        who.client.permissions.get("warehouses", "nonsense")
    with pytest.raises(NotFound):
        client(sandbox).permissions.get("warehouses", "0123456789abcdef")
