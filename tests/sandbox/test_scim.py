# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCIM of the workspace: users, service principals, groups."""

from __future__ import annotations

import typing as t
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceConflict
from databricks.sdk.service.iam import ComplexValue

from tests.sandbox.people import client, person
from tests.sandbox.wire import SCIM, ask, coded, journal, patched, seeded
from tests.support.sandbox import Sandbox, running_sandbox

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
SQL = "databricks-sql-access"


def made(sandbox: Sandbox, kind: str, **fields: t.Any) -> requests.Response:
    return ask(sandbox, "POST", f"{SCIM}/{kind}", json=fields)


def page(sandbox: Sandbox, kind: str, **query: t.Any) -> dict[str, t.Any]:
    answer = ask(sandbox, "GET", f"{SCIM}/{kind}", params=query)
    answer.raise_for_status()
    found: dict[str, t.Any] = answer.json()
    return found


def entitlements(sandbox: Sandbox, path: str) -> set[str]:
    return {one["value"] for one in ask(sandbox, "GET", f"{SCIM}/{path}").json().get("entitlements", [])}


def principal(sandbox: Sandbox, *holding: str) -> str:
    held = [{"value": one} for one in holding]
    return f"ServicePrincipals/{made(sandbox, 'ServicePrincipals', displayName='x', entitlements=held).json()['id']}"


def test_shapes(sandbox: Sandbox) -> None:
    """SDK service/iam.py: camelCase, ids of digits, a URN for each kind."""
    one = made(sandbox, "ServicePrincipals", displayName="loader", entitlements=[{"value": SQL}])
    assert one.status_code == 201
    shown = one.json()
    assert shown["id"].isdigit() and str(uuid.UUID(shown["applicationId"])) == shown["applicationId"]
    assert shown["entitlements"] == [{"value": SQL}] and shown["active"] is True
    assert shown["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"]
    user = made(sandbox, "Users", userName="zoe@example.com", displayName="Zoe").json()
    assert user["emails"] == [{"type": "work", "value": "zoe@example.com", "primary": True}]
    assert user["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:User"]
    group = made(sandbox, "Groups", displayName="team", members=[{"value": user["id"]}]).json()
    assert [one["value"] for one in group["members"]] == [user["id"]]
    assert group["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:Group"]
    shown = ask(sandbox, "GET", f"{SCIM}/Users/{user['id']}").json()
    assert {one["display"] for one in shown["groups"]} == {"team", "users"}


def test_pages_end_with_an_empty_one(sandbox: Sandbox) -> None:
    """The SDK asks on with startIndex += len(Resources) until a page has none."""
    for number in range(5):
        made(sandbox, "ServicePrincipals", displayName=f"paged-{number}")
    query = {"filter": 'displayName sw "paged-"', "count": 2}
    pages = [page(sandbox, "ServicePrincipals", startIndex=start, **query) for start in (1, 3, 5, 6)]
    assert [len(one.get("Resources", [])) for one in pages] == [2, 2, 1, 0]
    assert {(one["totalResults"], one["itemsPerPage"]) for one in pages} == {(5, 2), (5, 1), (5, 0)}
    assert [one["startIndex"] for one in pages] == [1, 3, 5, 6]
    ids = [one["id"] for each in pages for one in each.get("Resources", [])]
    assert len(set(ids)) == 5
    with sandbox.recorded() as seen:
        assert len(list(client(sandbox).service_principals.list(filter='displayName sw "paged-"', count=2))) == 5
    assert len([one for one in seen if one.endswith("/ServicePrincipals")]) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('displayName eq "Alpha"', {"alpha"}),
        ('displayName ne "alpha" and displayName sw "a"', {"alps"}),
        ('displayName co "lp"', {"alpha", "alps"}),
        ('displayName eq "alpha" or displayName eq "beta"', {"alpha", "beta"}),
        ('(displayName eq "alpha" or displayName eq "beta") and displayName sw "b"', {"beta"}),
        ('displayName eq "nobody"', set()),
        ("displayName sw 'alp'", {"alpha", "alps"}),
        ("displayName eq beta", {"beta"}),
    ],
)
def test_filters(sandbox: Sandbox, text: str, found: set[str]) -> None:
    """SDK docstring of list: eq, co, sw, ne, and, or; what matches nothing is an empty list and no error.

    Quotes of both kinds and none: databricks-sdk-go internal/scim_test.go and account_test.go.
    """
    for name in ("alpha", "alps", "beta"):
        made(sandbox, "Groups", displayName=name)
    ours = {"alpha", "alps", "beta"}
    assert {one["displayName"] for one in page(sandbox, "Groups", filter=text).get("Resources", [])} & ours == found


@pytest.mark.parametrize(
    "text",
    ["displayName eq 'x", "displayName", 'displayName gt "x"', 'nonsense eq "x"', 'id eq "x" and', '(id eq "x"'],
)
def test_what_is_no_filter_is_refused(sandbox: Sandbox, text: str) -> None:
    """A quote that stays open, no operator, an unknown one, an unknown attribute, half a sentence."""
    answer = ask(sandbox, "GET", f"{SCIM}/Users", params={"filter": text})
    assert answer.status_code == 400 and answer.json()["schemas"] == [ERROR]


def test_attributes_and_order(sandbox: Sandbox) -> None:
    """SDK docstring of list: attributes, excludedAttributes, sortBy, sortOrder."""
    found = page(sandbox, "Users", attributes="userName", sortBy="userName", sortOrder="descending")["Resources"]
    assert all(set(one) <= {"id", "userName", "schemas"} for one in found)
    names = [one["userName"].lower() for one in found]
    assert names == sorted(names, reverse=True) and len(names) > 3
    assert all("groups" not in one for one in page(sandbox, "Users", excludedAttributes="groups,roles")["Resources"])
    assert ask(sandbox, "GET", f"{SCIM}/Users?sortBy=nonsense").status_code == 400


def test_the_two_envelopes_of_errors(sandbox: Sandbox) -> None:
    """SDK errors/deserializer.py: without scimType the message begins with None; some failures have error_code."""
    missing = ask(sandbox, "GET", f"{SCIM}/Users/1")
    assert missing.status_code == 404
    assert missing.json() == {"schemas": [ERROR], "detail": "User not found.", "status": "404"}
    with pytest.raises(NotFound, match=r"^None User not found\.") as caught:
        client(sandbox).users.get("1")
    assert caught.value.error_code == "SCIM_404"
    assert coded(ask(sandbox, "GET", f"{SCIM}/ServicePrincipals/1")) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_conflicts(sandbox: Sandbox) -> None:
    """terraform-provider-databricks scim/resource_{user,group}.go: 409 and these sentences, whatever the case."""
    w = client(sandbox)
    with pytest.raises(
        ResourceConflict, match=r"User with username ADA\.analyst@example\.com already exists"
    ) as caught:
        w.users.create(user_name="ADA.analyst@example.com")
    assert caught.value.error_code == "SCIM_409"
    with pytest.raises(ResourceConflict, match="Group with name Analysts already exists"):
        w.groups.create(display_name="Analysts")


def test_display_names_of_service_principals_are_not_unique(sandbox: Sandbox) -> None:
    """terraform-provider-databricks data_service_principal.go fails when more than one matches."""
    ids = {made(sandbox, "ServicePrincipals", displayName="twin").json()["applicationId"] for _each in range(2)}
    found = page(sandbox, "ServicePrincipals", filter='displayName eq "twin"')
    assert found["totalResults"] == 2 and {one["applicationId"] for one in found["Resources"]} == ids


def test_who_chooses_the_application_id(sandbox: Sandbox) -> None:
    """terraform-provider-databricks: given by Azure's directory, and never anywhere else."""
    given = str(uuid.uuid4())
    answer = made(sandbox, "ServicePrincipals", displayName="x", applicationId=given)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Request is unparsable, syntactically incorrect, or violates schema.")
    with running_sandbox("--cloud", "azure") as azure:
        assert made(azure, "ServicePrincipals", applicationId=given).json()["applicationId"] == given
        again = made(azure, "ServicePrincipals", applicationId=given)
        assert again.status_code == 409
        assert again.json()["detail"] == f"Service principal with application ID {given} already exists."


def test_entitlements_come_and_go(sandbox: Sandbox) -> None:
    one = principal(sandbox)
    patched(sandbox, one, {"op": "add", "path": "entitlements", "value": [{"value": SQL}]})
    patched(sandbox, one, {"op": "add", "path": "entitlements", "value": [{"value": "workspace-access"}]})
    assert entitlements(sandbox, one) == {SQL, "workspace-access"}
    patched(sandbox, one, {"op": "remove", "path": f'entitlements[value eq "{SQL}"]'})
    assert entitlements(sandbox, one) == {"workspace-access"}


def test_removing_entitlements_where_there_are_none(sandbox: Sandbox) -> None:
    """terraform-provider-databricks#3374: 400 invalidPath."""
    one = principal(sandbox)
    answer = patched(sandbox, one, {"op": "remove", "path": f'entitlements[value eq "{SQL}"]'})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidPath")
    assert answer.json()["detail"] == "No such attribute with the name : entitlements in the current resource"


def test_entitlements_are_removed_by_value(sandbox: Sandbox) -> None:
    """terraform-provider-databricks scim/resource_entitlement.go, Delete: the bare path, and the values it had set."""
    one = principal(sandbox, SQL, "workspace-access")
    patched(sandbox, one, {"op": "remove", "path": "entitlements", "value": [{"value": SQL}, {"value": SQL}]})
    assert entitlements(sandbox, one) == {"workspace-access"}
    twice = {"op": "remove", "path": f'entitlements[value eq "{SQL}"]', "value": [{"value": SQL}]}
    assert patched(sandbox, one, twice).status_code == 400
    assert patched(sandbox, one, {"op": "remove", "path": "entitlements"}).status_code == 200
    assert entitlements(sandbox, one) == set()


@pytest.mark.parametrize("kind", ["Users", "ServicePrincipals", "Groups"])
def test_an_entitlement_without_a_value_is_none(sandbox: Sandbox, kind: str) -> None:
    """terraform-provider-databricks scim/scim.go: what has no entitlements is sent with [{}]."""
    one = made(sandbox, kind, displayName="x", userName="x@example.com", entitlements=[{}])
    assert one.status_code == 201 and "entitlements" not in one.json()
    answer = patched(sandbox, f"{kind}/{one.json()['id']}", {"op": "replace", "path": "entitlements", "value": [{}]})
    assert answer.status_code == 200 and "entitlements" not in answer.json()


def test_roles(sandbox: Sandbox) -> None:
    """terraform-provider-databricks aws/resource_service_principal_role.go: instance profiles, by any name."""
    path, role = principal(sandbox), "arn:aws:iam::999999999999:instance-profile/mine"
    patched(sandbox, path, {"op": "add", "path": "roles", "value": [{"value": role}]}).raise_for_status()
    shown = ask(sandbox, "GET", f"{SCIM}/{path}?attributes=roles").json()
    assert shown["roles"] == [{"value": role}]
    body = {"displayName": "x", "roles": [{"value": "xyz"}]}
    assert ask(sandbox, "PUT", f"{SCIM}/{path}", json=body).json()["roles"] == [{"value": "xyz"}]
    patched(sandbox, path, {"op": "remove", "path": 'roles[value eq "xyz"]'}).raise_for_status()
    assert "roles" not in ask(sandbox, "GET", f"{SCIM}/{path}").json()


@pytest.mark.parametrize(("value", "active"), [("false", False), ("True", True), ([{"value": "false"}], False)])
def test_a_patch_may_say_active_as_text(sandbox: Sandbox, value: t.Any, active: bool) -> None:
    """databricks-sdk-go internal/scim_test.go; terraform-provider-databricks scim/scim.go, PatchRequestWithValue."""
    answer = patched(sandbox, principal(sandbox), {"op": "replace", "path": "active", "value": value})
    assert answer.json()["active"] is active
    assert patched(sandbox, principal(sandbox), {"op": "replace", "path": "active", "value": "no"}).status_code == 400


def test_a_new_identity_may_be_in_groups(sandbox: Sandbox) -> None:
    """databricks-sdk-go internal/tokenmanagement_test.go: made in admins, it gets a token without more ado."""
    admins = seeded(sandbox, "groups", display_name="admins")["id"]
    one = made(sandbox, "ServicePrincipals", displayName="breakglass", groups=[{"value": admins}]).json()
    assert {group["display"] for group in one["groups"]} == {"admins", "users"}
    token = client(sandbox).token_management.create_obo_token(application_id=one["applicationId"], lifetime_seconds=60)
    assert client(sandbox, token.token_value).service_principals.get(one["id"]).display_name == "breakglass"
    assert made(sandbox, "ServicePrincipals", displayName="x", groups=[{"value": "1"}]).status_code == 404
    assert "x" not in [one["display_name"] for one in sandbox.state()["service_principals"]]


def test_user_names_are_kept_in_lower_case(sandbox: Sandbox) -> None:
    """terraform-provider-databricks scim/user_test.go, TestAccUserResourceCaseInsensitive."""
    assert made(sandbox, "Users", userName="CSTF-Abc@Example.com").json()["userName"] == "cstf-abc@example.com"


def test_attributes_of_a_service_principal(sandbox: Sandbox) -> None:
    """terraform-provider-databricks scim/resource_service_principal.go, Read: userName brings the application id."""
    path = principal(sandbox, SQL)
    shown = ask(sandbox, "GET", f"{SCIM}/{path}?attributes=userName,displayName,active,externalId,entitlements").json()
    assert set(shown) == {"id", "schemas", "applicationId", "displayName", "active", "entitlements"}
    assert "applicationId" not in ask(sandbox, "GET", f"{SCIM}/{path}?attributes=groups").json()


@pytest.mark.parametrize("wrong", [["nonsense"], ["workspace-consume", SQL], ["workspace-consume", "workspace-access"]])
@pytest.mark.parametrize("kind", ["ServicePrincipals", "Groups"])
def test_entitlements_that_do_not_exist_or_exclude_each_other(sandbox: Sandbox, kind: str, wrong: list[str]) -> None:
    """terraform-provider-databricks docs/resources/entitlements.md."""
    answer = made(sandbox, kind, displayName="x", entitlements=[{"value": one} for one in wrong])
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_a_patch_is_done_whole_or_not_at_all(sandbox: Sandbox) -> None:
    """RFC 7644, 3.5.2."""
    one = principal(sandbox)
    add = {"op": "add", "path": "entitlements", "value": [{"value": SQL}]}
    for broken in ({"op": "replace", "path": "applicationId", "value": "y"}, {"op": "nonsense"}, {"op": "remove"}):
        assert patched(sandbox, one, add, broken).status_code == 400
        assert entitlements(sandbox, one) == set()
    assert patched(sandbox, one).status_code == 400
    body = {"Operations": [add]}
    assert ask(sandbox, "PATCH", f"{SCIM}/{one}", json=body).status_code == 400  # the URN of a PatchOp is missing


def test_names_that_cannot_change(sandbox: Sandbox) -> None:
    """SDK UsersAPI: neither userName and emails nor, under identity federation, a user's displayName."""
    ada = seeded(sandbox, "users", display_name="Ada Analyst")
    for path in ("userName", "emails", "displayName"):
        answer = patched(sandbox, f"Users/{ada['id']}", {"op": "replace", "path": path, "value": "x@example.com"})
        assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    assert seeded(sandbox, "users", id=ada["id"]) == ada


def test_put_takes_along_what_it_does_not_repeat(sandbox: Sandbox) -> None:
    """terraform-provider-databricks scim/: it reads groups and roles first, to send them back."""
    path = principal(sandbox, SQL)
    shown = ask(sandbox, "GET", f"{SCIM}/{path}").json()
    team = made(sandbox, "Groups", displayName="team", members=[{"value": shown["id"]}]).json()
    body = {"applicationId": shown["applicationId"], "displayName": "renamed"}
    assert ask(sandbox, "PUT", f"{SCIM}/{path}", json={**body, "groups": [{"value": team["id"]}]}).status_code == 200
    assert seeded(sandbox, "groups", id=team["id"])["members"] == [shown["id"]]
    assert entitlements(sandbox, path) == set()
    assert ask(sandbox, "PUT", f"{SCIM}/{path}", json=body).status_code == 200
    assert seeded(sandbox, "groups", id=team["id"])["members"] == []
    assert ask(sandbox, "PUT", f"{SCIM}/{path}", json={**body, "applicationId": str(uuid.uuid4())}).status_code == 400
    # databricks-sdk-go internal/scim_test.go, TestAccServicePrincipalsOnAWS
    assert ask(sandbox, "PUT", f"{SCIM}/{path}", json={"displayName": "again"}).json()["displayName"] == "again"
    with running_sandbox("--cloud", "azure") as azure:
        one = made(azure, "ServicePrincipals", displayName="x").json()
        answer = ask(azure, "PUT", f"{SCIM}/ServicePrincipals/{one['id']}", json={"displayName": "again"})
        assert answer.status_code == 400


def test_a_deleted_identity_takes_everything_along(sandbox: Sandbox) -> None:
    """terraform-provider-databricks docs: DELETE in a workspace takes the identity out of it."""
    somebody = person(sandbox)
    client(sandbox).service_principal_secrets_proxy.create(somebody.id)
    assert ask(sandbox, "DELETE", f"{SCIM}/ServicePrincipals/{somebody.id}").status_code == 204
    assert ask(sandbox, "DELETE", f"{SCIM}/ServicePrincipals/{somebody.id}").status_code == 404
    left = sandbox.state()
    assert somebody.id not in str([left[kind] for kind in ("tokens", "oauth_secrets", "groups", "service_principals")])
    assert somebody.application_id not in str(left["permissions"])


@pytest.mark.parametrize("kind", ["Users", "ServicePrincipals", "Groups"])
def test_only_for_administrators(sandbox: Sandbox, kind: str) -> None:
    """Reported: 403 and "... is only accessible by admins"."""
    somebody = person(sandbox)
    for method, path in (("GET", kind), ("POST", kind), ("GET", f"{kind}/1"), ("DELETE", f"{kind}/1")):
        answer = ask(sandbox, method, f"{SCIM}/{path}", somebody.token, json={"displayName": "x"})
        assert answer.status_code == 403 and "is only accessible by admins" in answer.json()["message"]
    with pytest.raises(PermissionDenied):
        somebody.client.service_principals.create(display_name="x", entitlements=[ComplexValue(value=SQL)])


def test_the_service_throttles_with_a_500(sandbox: Sandbox) -> None:
    """The body is the one of databricks-sdk-go#721; clients that wait for a 429 do not repeat it."""
    sandbox.set(scim_throttle=1)
    answer = ask(sandbox, "GET", f"{SCIM}/Me")
    assert (answer.status_code, answer.json()) == (
        500,
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "detail": f"REQUEST_LIMIT_EXCEEDED: Workspace {sandbox.ready['workspace_id']} exceeded the concurrent "
            "limit of 4 requests.",
            "status": "500",
        },
    )
    assert ask(sandbox, "GET", f"{SCIM}/Me").status_code == 200


def test_so_many_calls_at_a_time_in_all_workspaces() -> None:
    with running_sandbox("--workspaces", "2", "--scim-at-once", "2", "--latency-ms", "300") as started:
        both = [Sandbox(one) for one in started.ready["workspaces"]]
        with ThreadPoolExecutor(6) as pool:
            pending = [pool.submit(ask, both[number % 2], "GET", f"{SCIM}/Me") for number in range(6)]
            statuses = sorted(one.result().status_code for one in pending)
        assert statuses == [200, 200, 500, 500, 500, 500]
        assert ask(both[0], "GET", f"{SCIM}/Me").status_code == 200
        throttled = [entry for one in both for entry in journal(one) if entry["status"] == 500]
        assert len(throttled) == 4


@pytest.mark.parametrize(
    "body", [{}, {"userName": "no address"}, {"userName": 7}, {"userName": "a@b.cd", "active": "no"}]
)
def test_malformed_users(sandbox: Sandbox, body: dict[str, t.Any]) -> None:
    with pytest.raises(BadRequest, match="Request is unparsable"):
        client(sandbox).api_client.do("POST", f"{SCIM}/Users", body=body)
