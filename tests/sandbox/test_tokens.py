# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Personal access tokens: one's own, everybody's, and on behalf of service principals."""

from __future__ import annotations

import hashlib
import re
import typing as t

import pytest
import requests
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceDoesNotExist
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

from tests.sandbox.people import client, grant_level, person
from tests.sandbox.wire import SCIM, admin_by_oauth, advance, ask, coded, seeded
from tests.support.sandbox import Sandbox, running_sandbox

DAY = 86_400
ALL = "/api/2.0/token-management/tokens"
ON_BEHALF = "/api/2.0/token-management/on-behalf-of/tokens"


def create(sandbox: Sandbox, token: str | None = None, **body: t.Any) -> requests.Response:
    return ask(sandbox, "POST", "/api/2.0/token/create", token, json=body)


def test_a_token_shows_its_value_once(sandbox: Sandbox) -> None:
    """SDK TokensAPI: token_value in the answer to create only; token_id is the SHA-256 of it."""
    made = create(sandbox, comment="mine", lifetime_seconds=DAY).json()
    value, info = made["token_value"], made["token_info"]
    assert re.fullmatch("dapi[0-9a-f]{32}", value)
    assert info["token_id"] == hashlib.sha256(value.encode()).hexdigest()
    assert info["expiry_time"] - info["creation_time"] == DAY * 1000 and info["comment"] == "mine"
    listed = ask(sandbox, "GET", "/api/2.0/token/list")
    assert info in listed.json()["token_infos"]
    assert value not in listed.text + ask(sandbox, "GET", ALL).text


def test_a_token_belongs_to_whoever_calls(sandbox: Sandbox) -> None:
    """SDK TokensAPI: there is no argument for another owner, and the list is the caller's own."""
    one, two = person(sandbox, "one"), person(sandbox, "two")
    made = one.client.tokens.create(comment="by one", lifetime_seconds=DAY)
    assert client(sandbox, str(made.token_value)).current_user.me().user_name == one.application_id
    assert {info.comment for info in one.client.tokens.list()} == {"", "by one"}
    assert "by one" not in {info.comment for info in two.client.tokens.list()}
    assert create(sandbox, application_id=two.application_id).status_code == 400
    info = made.token_info
    with pytest.raises(ResourceDoesNotExist):
        two.client.tokens.delete(str(info.token_id if info else ""))


def test_deleting(sandbox: Sandbox) -> None:
    """SDK TokensAPI.delete: RESOURCE_DOES_NOT_EXIST for what is not valid; reported for the other API: a sentence."""
    w = client(sandbox)
    info = w.tokens.create(lifetime_seconds=DAY).token_info
    token_id = str(info.token_id if info else "")
    w.tokens.delete(token_id)
    with pytest.raises(ResourceDoesNotExist):
        w.tokens.delete(token_id)
    for method in ("GET", "DELETE"):
        answer = ask(sandbox, method, f"{ALL}/{token_id}")
        assert coded(answer) == (404, "RESOURCE_DOES_NOT_EXIST")
        assert answer.json()["message"] == "Token does not exist"


def test_updating(sandbox: Sandbox) -> None:
    """SDK TokensAPI.update: comment and scopes; NOT_FOUND for an unknown id; lifetimes stay. Both APIs have it."""
    info = create(sandbox, comment="old", lifetime_seconds=DAY).json()["token_info"]
    for path in (f"/api/2.0/token/{info['token_id']}", f"{ALL}/{info['token_id']}"):
        body = {"token": {"comment": path}, "update_mask": "comment"}
        assert ask(sandbox, "PATCH", path, json=body).status_code == 200
        assert ask(sandbox, "GET", f"{ALL}/{info['token_id']}").json()["token_info"]["comment"] == path
        longer = {"token": {"lifetime_seconds": 2 * DAY}, "update_mask": "lifetime_seconds"}
        assert ask(sandbox, "PATCH", path, json=longer).status_code == 400
    answer = ask(sandbox, "PATCH", "/api/2.0/token/unknown", json=body)
    assert coded(answer) == (404, "NOT_FOUND")


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_lifetime_at_all(sandbox: Sandbox, seconds: int) -> None:
    """terraform-provider-databricks#494, #1810."""
    answer = create(sandbox, lifetime_seconds=seconds)
    assert answer.status_code == 400
    assert answer.json()["message"] == f"requirement failed: Invalid timeout: {seconds}"


@pytest.mark.parametrize("seconds", ["3600", True, 1.5, [3600]])
def test_a_lifetime_is_a_whole_number(sandbox: Sandbox, seconds: t.Any) -> None:
    assert create(sandbox, lifetime_seconds=seconds).status_code == 400


@pytest.mark.parametrize("body", [{"scopes": ["nonsense"]}, {"scopes": "sql"}, {"scopes": [{}]}, {"comment": 7}])
def test_other_malformed_wishes(sandbox: Sandbox, body: dict[str, t.Any]) -> None:
    assert coded(create(sandbox, **body)) == (400, "INVALID_PARAMETER_VALUE")


def test_the_platform_knows_a_longest_lifetime(sandbox: Sandbox) -> None:
    """Databricks docs, "Monitor and revoke personal access tokens": 730 days, also when none is named."""
    assert create(sandbox, lifetime_seconds=730 * DAY).status_code == 200
    assert create(sandbox, lifetime_seconds=730 * DAY + 1).status_code == 400
    info = create(sandbox).json()["token_info"]
    assert info["expiry_time"] - info["creation_time"] == 730 * DAY * 1000


def test_the_workspace_may_shorten_it(sandbox: Sandbox) -> None:
    """terraform-provider-databricks docs/resources/workspace_conf.md: strings, null when unset, new tokens only."""
    w, old = client(sandbox), create(sandbox, lifetime_seconds=300 * DAY).json()
    assert w.workspace_conf.get_status("maxTokenLifetimeDays") == {"maxTokenLifetimeDays": None}
    w.workspace_conf.set_status({"maxTokenLifetimeDays": "90"})
    assert w.workspace_conf.get_status("maxTokenLifetimeDays") == {"maxTokenLifetimeDays": "90"}
    assert create(sandbox, lifetime_seconds=91 * DAY).status_code == 400
    info = create(sandbox).json()["token_info"]
    assert info["expiry_time"] - info["creation_time"] == 90 * DAY * 1000
    assert ask(sandbox, "GET", f"{SCIM}/Me", old["token_value"]).status_code == 200
    w.workspace_conf.set_status({"maxTokenLifetimeDays": "0"})
    assert create(sandbox, lifetime_seconds=700 * DAY).status_code == 200


@pytest.mark.parametrize("wrong", [{"maxTokenLifetimeDays": 90}, {"maxTokenLifetimeDays": "731"}, {"nonsense": "1"},
                                   {"maxTokenLifetimeDays": "-1"}, {"enableTokensConfig": "no"}, {}])  # fmt: skip
def test_settings_that_are_refused(sandbox: Sandbox, wrong: dict[str, t.Any]) -> None:
    """terraform-provider-databricks docs/resources/workspace_conf.md: values are strings, days from 1 to 730."""
    assert coded(ask(sandbox, "PATCH", "/api/2.0/workspace-conf", json=wrong)) == (400, "INVALID_PARAMETER_VALUE")


def test_the_workspace_may_switch_tokens_off(sandbox: Sandbox) -> None:
    """Databricks docs: existing tokens stop working and are not deleted."""
    w, somebody = admin_by_oauth(sandbox), person(sandbox)
    before = {token["token_id"] for token in sandbox.state()["tokens"]}
    w.workspace_conf.set_status({"enableTokensConfig": "false"})
    assert ask(sandbox, "GET", f"{SCIM}/Me").status_code == 403
    with pytest.raises(PermissionDenied):
        w.token_management.create_obo_token(somebody.application_id, lifetime_seconds=DAY)
    w.workspace_conf.set_status({"enableTokensConfig": "true"})
    assert ask(sandbox, "GET", f"{SCIM}/Me", somebody.token).status_code == 200
    assert {token["token_id"] for token in sandbox.state()["tokens"]} == before


def test_the_quota(sandbox: Sandbox) -> None:
    """Databricks docs: QUOTA_EXCEEDED at 600 tokens of one identity in a workspace."""
    somebody, session = person(sandbox), requests.Session()
    session.headers["Authorization"] = f"Bearer {somebody.token}"
    statuses = [
        session.post(f"{sandbox.host}/api/2.0/token/create", json={"lifetime_seconds": DAY}, timeout=10).status_code
        for _each in range(599)
    ]
    assert statuses == [200] * 599
    assert coded(create(sandbox, somebody.token)) == (400, "QUOTA_EXCEEDED")
    body = {"application_id": somebody.application_id}
    assert coded(ask(sandbox, "POST", ON_BEHALF, json=body)) == (400, "QUOTA_EXCEEDED")
    assert create(sandbox).status_code == 200  # the quota is each identity's own


def test_on_behalf_of_a_service_principal(sandbox: Sandbox) -> None:
    """SDK TokenManagementAPI: made by the administrator, owned by the service principal."""
    w = client(sandbox)
    made = w.service_principals.create(display_name="loader")
    with pytest.raises(PermissionDenied) as caught:
        w.token_management.create_obo_token(str(made.application_id), lifetime_seconds=DAY)
    assert f"User {made.application_id} does not have permission to use tokens." in str(caught.value)
    grant_level(sandbox, "authorization", "tokens", str(made.application_id))
    token = w.token_management.create_obo_token(str(made.application_id), lifetime_seconds=DAY, comment="for it")
    info = token.token_info
    assert info and info.owner_id == int(made.id or 0) and info.created_by_username == "admin@example.com"
    assert info.created_by_id == int(seeded(sandbox, "users", user_name="admin@example.com")["id"])
    assert str(info.workspace_id) == str(sandbox.ready["workspace_id"])
    assert client(sandbox, str(token.token_value)).current_user.me().user_name == made.application_id


def test_only_administrators_and_only_for_service_principals(sandbox: Sandbox) -> None:
    """SDK TokenManagementAPI: administrators only."""
    somebody, body = person(sandbox), {"application_id": "ada.analyst@example.com", "lifetime_seconds": DAY}
    assert coded(ask(sandbox, "POST", ON_BEHALF, json=body)) == (404, "RESOURCE_DOES_NOT_EXIST")
    body["application_id"] = somebody.application_id
    for method, path in (("POST", ON_BEHALF), ("GET", ALL), ("GET", f"{ALL}/x"), ("DELETE", f"{ALL}/x")):
        assert coded(ask(sandbox, method, path, somebody.token, json=body)) == (403, "PERMISSION_DENIED")
    assert ask(sandbox, "GET", "/api/2.0/workspace-conf?keys=enableTokensConfig", somebody.token).status_code == 403


@pytest.mark.parametrize("cloud", ["azure", "gcp"])
def test_each_cloud_has_its_way(cloud: str) -> None:
    """terraform-provider-databricks docs/resources/obo_token.md: AWS and GCP only; Azure's values have a suffix."""
    with running_sandbox("--cloud", cloud) as sandbox:
        w = client(sandbox)
        made = w.service_principals.create(display_name="loader")
        grant_level(sandbox, "authorization", "tokens", str(made.application_id))
        if cloud == "gcp":
            assert w.token_management.create_obo_token(str(made.application_id), lifetime_seconds=DAY).token_value
            return
        sentence = "On-behalf-of token creation for service principals is not enabled for this workspace"
        with pytest.raises(BadRequest, match=sentence):
            w.token_management.create_obo_token(str(made.application_id), lifetime_seconds=DAY)
        assert re.fullmatch("dapi[0-9a-f]{32}-2", create(sandbox).json()["token_value"])


def test_the_gate_closes_for_own_tokens_too(sandbox: Sandbox) -> None:
    """Databricks docs, "Manage personal access token permissions": without CAN_USE no token, by whatever way in."""
    w, somebody = client(sandbox), person(sandbox)
    admins = AccessControlRequest(group_name="admins", permission_level=PermissionLevel.CAN_MANAGE)
    w.permissions.set("authorization", "tokens", access_control_list=[admins])
    assert ask(sandbox, "GET", f"{SCIM}/Me", somebody.token).status_code == 403
    assert somebody.id not in {token["owner_id"] for token in sandbox.state()["tokens"]}


def test_the_list_and_its_filters(sandbox: Sandbox) -> None:
    """SDK TokenManagementAPI.list: filters by creator; one made on behalf of another has the administrator there."""
    w, somebody = client(sandbox), person(sandbox)
    own = somebody.client.tokens.create(comment="own", lifetime_seconds=DAY).token_info
    by_it = list(w.token_management.list(created_by_username=somebody.application_id))
    assert [one.token_id for one in by_it] == [own.token_id if own else ""]
    assert list(w.token_management.list(created_by_id=int(somebody.id))) == by_it
    owned = [one for one in w.token_management.list() if one.owner_id == int(somebody.id)]
    assert len(owned) == 2
    assert ask(sandbox, "GET", f"{ALL}?created_by_username=nobody").json() == {}


def test_expired_tokens_are_not_listed(sandbox: Sandbox) -> None:
    """SDK TokensAPI.list: only valid tokens."""
    info = create(sandbox, lifetime_seconds=60).json()["token_info"]
    for path in ("/api/2.0/token/list", ALL):
        assert info["token_id"] in ask(sandbox, "GET", path).text
    advance(sandbox, advance_seconds=60)
    for path in ("/api/2.0/token/list", ALL):
        assert info["token_id"] not in ask(sandbox, "GET", path).text


def test_the_day_of_the_last_use(sandbox: Sandbox) -> None:
    """SDK TokenInfo.last_used_day: a day, and missing until there is one."""
    made = create(sandbox, lifetime_seconds=10 * DAY).json()
    where = f"{ALL}/{made['token_info']['token_id']}"
    assert "last_used_day" not in ask(sandbox, "GET", where).json()["token_info"]
    days = []
    for _use in range(2):
        ask(sandbox, "GET", f"{SCIM}/Me", made["token_value"]).raise_for_status()
        days.append(ask(sandbox, "GET", where).json()["token_info"]["last_used_day"])
        advance(sandbox, advance_days=3)
    assert days[0] % (DAY * 1000) == 0 and days[1] - days[0] == 3 * DAY * 1000
    with pytest.raises(NotFound):
        client(sandbox).token_management.get("0" * 64)
