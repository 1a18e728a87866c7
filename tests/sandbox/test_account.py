# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account: its host, its workspaces, its identities, and who is in which workspace."""

from __future__ import annotations

import typing as t

import pytest
import requests
from databricks.sdk import AccountClient, WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import DatabricksError, NotFound, PermissionDenied
from databricks.sdk.service import iam
from databricks.sdk.service.provisioning import PricingTier, WorkspaceStatus

from tests.sandbox.people import client
from tests.sandbox.wire import ask, coded, journal
from tests.support.sandbox import Sandbox, running_sandbox

PATCH = [iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP]


@pytest.fixture(scope="module")
def started() -> t.Iterator[Sandbox]:
    with running_sandbox("--account", "--workspaces", "2") as running:
        yield running


@pytest.fixture
def sandboxes(started: Sandbox) -> list[Sandbox]:
    found = [Sandbox(one) for one in started.ready["workspaces"]]
    for one in found:
        one.reset()
    return found


def account(sandbox: Sandbox, client_id: str = "", client_secret: str = "") -> AccountClient:
    ready = sandbox.ready
    return AccountClient(
        config=Config(
            host=ready["account_host"],
            account_id=ready["account_id"],
            client_id=client_id or ready["client_id"],
            client_secret=client_secret or ready["client_secret"],
        )
    )


def workspaces(sandbox: Sandbox) -> str:
    return f"/api/2.0/accounts/{sandbox.ready['account_id']}/workspaces"


def test_the_workspaces_of_the_account(sandboxes: list[Sandbox]) -> None:
    """SDK WorkspacesAPI.list: a bare list, all at once; no address is in it (sdk-go account_functions.go)."""
    sandboxes[1].set(workspace_status="PROVISIONING", feature_tier="standard")
    a = account(sandboxes[0])
    found = list(a.workspaces.list())
    assert [(str(one.workspace_id), one.workspace_name, one.cloud, one.aws_region) for one in found] == [
        (one.ready["workspace_id"], one.ready["name"], "aws", "us-east-1") for one in sandboxes
    ]
    assert [one.workspace_status for one in found] == [WorkspaceStatus.RUNNING, WorkspaceStatus.PROVISIONING]
    assert [one.pricing_tier for one in found] == [PricingTier.PREMIUM, PricingTier.STANDARD]
    assert [one.custom_tags for one in found] == [{"team": "marketing"}, {"team": "finance"}]
    assert "127.0.0.1" not in str([one.as_dict() for one in found])
    assert a.workspaces.get(int(found[1].workspace_id or 0)) == found[1]
    with pytest.raises(NotFound):
        a.workspaces.get(1)


def test_a_token_of_a_workspace_is_no_token_of_the_account(sandboxes: list[Sandbox]) -> None:
    """Databricks docs: account APIs take OAuth, no personal access tokens; and workspaces do not speak for it."""
    one, path = sandboxes[0], workspaces(sandboxes[0])
    of_workspace = WorkspaceClient(
        config=Config(host=one.host, client_id=one.ready["client_id"], client_secret=one.ready["client_secret"])
    ).config.authenticate()["Authorization"]
    for authorization in (f"Bearer {one.token}", of_workspace, ""):
        headers = {"Authorization": authorization}
        answer = requests.get(f"{one.ready['account_host']}{path}", headers=headers, timeout=10)
        assert coded(answer) == (401, "UNAUTHENTICATED")
    assert coded(ask(one, "GET", path)) == (404, "ENDPOINT_NOT_FOUND")


def test_only_its_administrators_see_it(sandboxes: list[Sandbox]) -> None:
    a = account(sandboxes[0])
    made = a.service_principals.create(display_name="somebody")
    secret = a.service_principal_secrets.create(str(made.id))
    somebody = account(sandboxes[0], str(made.application_id), str(secret.secret))
    for refused in (lambda: list(somebody.workspaces.list()), lambda: list(somebody.users.list())):
        with pytest.raises(PermissionDenied, match="only accessible by account admins"):
            refused()
    role = iam.Patch(op=iam.PatchOp.ADD, path="roles", value=[{"value": "account_admin"}])
    a.service_principals.patch(str(made.id), operations=[role], schemas=PATCH)
    assert len(list(somebody.workspaces.list())) == 2
    other = requests.utils.quote("00000000-0000-0000-0000-000000000000")
    with pytest.raises(NotFound):
        a.api_client.do("GET", f"/api/2.0/accounts/{other}/workspaces")


def test_its_users(sandboxes: list[Sandbox]) -> None:
    """databricks-sdk-go internal/scim_test.go, TestAccAccountUsers: the role is given without a path."""
    a = account(sandboxes[0])
    made = a.users.create(display_name="Me", user_name="me@example.com")
    assert not made.roles
    role = iam.Patch(op=iam.PatchOp.ADD, value={"roles": [{"value": "account_admin"}]})
    a.users.patch(str(made.id), operations=[role], schemas=PATCH)
    assert [one.value for one in a.users.get(str(made.id)).roles or []] == ["account_admin"]
    names = [str(one.user_name) for one in a.users.list()]
    assert "me@example.com" in names and len(names) == len(set(names))
    a.users.delete(str(made.id))
    with pytest.raises(NotFound):
        a.users.get(str(made.id))


def test_its_service_principals(sandboxes: list[Sandbox]) -> None:
    """databricks-sdk-go internal/account_test.go: found by an unquoted name, patched with text, replaced without
    applicationId.
    """
    a = account(sandboxes[0])
    made = a.service_principals.create(display_name="go-sdk-sp", active=True)
    assert [one.id for one in a.service_principals.list(filter="displayName eq go-sdk-sp")] == [made.id]
    off = iam.Patch(op=iam.PatchOp.REPLACE, path="active", value="false")
    a.service_principals.patch(str(made.id), operations=[off], schemas=PATCH)
    assert a.service_principals.get(str(made.id)).active in (False, None)
    a.service_principals.update(str(made.id), active=True, display_name="renamed")
    assert a.service_principals.get(str(made.id)).display_name == "renamed"


@pytest.mark.parametrize("level", ["USER", "ADMIN"])
def test_who_is_in_which_workspace(sandboxes: list[Sandbox], level: str) -> None:
    """databricks-sdk-go internal/permissions_test.go, TestUcAccWorkspaceAssignmentOnAws; SDK WorkspaceAssignmentAPI."""
    a, second = account(sandboxes[0]), sandboxes[1]
    where, before = int(second.ready["workspace_id"]), second.state()["bystanders"]
    made = a.service_principals.create(display_name="moves in")
    who = int(made.id or 0)
    assert made.id not in [one.id for one in client(second).service_principals.list()]
    shown = a.workspace_assignment.update(where, who, permissions=[iam.WorkspacePermission(level)])
    assert shown.principal == iam.PrincipalOutput(
        display_name="moves in", principal_id=who, service_principal_name=made.application_id
    )
    assert shown in list(a.workspace_assignment.list(where))
    found = client(second).service_principals.get(str(who))
    assert found.application_id == made.application_id
    assert ("admins" in [one.display for one in found.groups or []]) == (level == "ADMIN")
    team = a.groups.create(display_name="team", members=[iam.ComplexValue(value=made.id)])
    a.workspace_assignment.delete(where, who)
    assert [one.value for one in a.groups.get(str(team.id)).members or []] == [made.id]
    a.groups.delete(str(team.id))
    with pytest.raises(NotFound):
        client(second).service_principals.get(str(who))
    assert a.service_principals.get(str(who)).application_id == made.application_id
    assert second.state()["bystanders"] == before


def test_one_secret_opens_every_workspace_that_the_principal_is_in(sandboxes: list[Sandbox]) -> None:
    """databricks-sdk-go account_functions.go, GetWorkspaceClient: the same credentials for account and workspaces. What
    it held is kept while it is not in the workspace (Databricks docs, "Manage service principals").
    """
    a = account(sandboxes[0])
    made = a.service_principals.create(display_name="fleet")
    secret = str(a.service_principal_secrets.create(str(made.id)).secret)
    ids = [int(one.ready["workspace_id"]) for one in sandboxes]
    a.workspace_assignment.update(ids[0], int(made.id or 0), permissions=[iam.WorkspacePermission.ADMIN])

    def who(one: Sandbox, host: str) -> str | None:
        ready = one.ready
        where = {"host": ready[host], "account_id": ready["account_id"], "workspace_id": ready["workspace_id"]}
        config = Config(**where, client_id=made.application_id, client_secret=secret)
        return WorkspaceClient(config=config).current_user.me().user_name

    assert {who(sandboxes[0], host) for host in ("host", "account_host")} == {made.application_id}
    for host in ("host", "account_host"):
        with pytest.raises((DatabricksError, ValueError)):
            who(sandboxes[1], host)
    level = iam.AccessControlRequest(
        service_principal_name=made.application_id, permission_level=iam.PermissionLevel.CAN_USE
    )
    w = client(sandboxes[0])
    w.permissions.update("warehouses", sandboxes[0].warehouse_id, access_control_list=[level])
    a.workspace_assignment.delete(ids[0], int(made.id or 0))
    rows = w.permissions.get("warehouses", sandboxes[0].warehouse_id).access_control_list or []
    assert made.application_id not in str(rows)
    a.workspace_assignment.update(ids[0], int(made.id or 0), permissions=[iam.WorkspacePermission.USER])
    rows = w.permissions.get("warehouses", sandboxes[0].warehouse_id).access_control_list or []
    assert made.application_id in [one.service_principal_name for one in rows]
    a.service_principals.delete(str(made.id))
    with pytest.raises((DatabricksError, ValueError)):
        who(sandboxes[0], "host")


def test_a_workspace_says_who_is_in_it(sandboxes: list[Sandbox]) -> None:
    """terraform-provider-databricks access/resource_permission_assignment.go."""
    made, base = (
        account(sandboxes[0]).users.create(user_name="new@example.com"),
        "/api/2.0/preview/permissionassignments",
    )
    answer = ask(sandboxes[0], "PUT", f"{base}/principals/{made.id}", json={"permissions": ["USER"]}).json()
    assert answer["principal"]["user_name"] == "new@example.com" and answer["permissions"] == ["USER"]
    assert answer in ask(sandboxes[0], "GET", base).json()["permission_assignments"]
    assert ask(sandboxes[0], "DELETE", f"{base}/principals/{made.id}").status_code == 200
    assert answer not in ask(sandboxes[0], "GET", base).json()["permission_assignments"]
    names = [{"user_name": "new@example.com"}, {"group_name": "analysts"}, {"user_name": "nobody@example.com"}]
    wish = {"permission_assignments": [{**name, "permissions": ["ADMIN"]} for name in names]}
    found, group, nobody = ask(sandboxes[0], "POST", base, json=wish).json()["permission_assignments"]
    assert (found["principal"]["principal_id"], found["permissions"]) == (int(made.id or 0), ["ADMIN"])
    assert (group["principal"]["group_name"], "error" in group) == ("analysts", False)
    assert nobody["error"] == "Principal ['nobody@example.com'] not found."


def test_its_host_passes_on_what_names_a_workspace(sandboxes: list[Sandbox]) -> None:
    """databricks-sdk-go internal/unifiedhost_test.go and unified_host_test.go: by header, with a personal access token
    of the workspace or OAuth of the account; without it a redirection to /login.
    """
    for one in sandboxes:
        for credentials in (
            {"token": one.token, "auth_type": "pat"},
            {"client_id": one.ready["client_id"], "client_secret": one.ready["client_secret"]},
        ):
            config = Config(host=one.ready["account_host"], workspace_id=one.ready["workspace_id"],
                            account_id=one.ready["account_id"], **credentials)  # fmt: skip
            assert WorkspaceClient(config=config).metastores.current().workspace_id == int(one.ready["workspace_id"])
    me = f"{sandboxes[0].ready['account_host']}/api/2.0/preview/scim/v2/Me"
    headers = {"Authorization": f"Bearer {sandboxes[1].token}"}
    unnamed = requests.get(me, headers=headers, timeout=10, allow_redirects=False)
    assert (unnamed.status_code, unnamed.headers["Location"].rpartition("/")[2]) == (303, "login")
    named = requests.get(f"{me}?o={sandboxes[1].ready['workspace_id']}", headers=headers, timeout=10)
    assert named.json()["userName"] == "admin@example.com"
    assert requests.get(f"{me}?o=1", headers=headers, timeout=10).status_code == 403
    assert [one["path"] for one in journal(sandboxes[1])][-1] == "/api/2.0/preview/scim/v2/Me"


def test_its_metastores(sandboxes: list[Sandbox]) -> None:
    a, where = account(sandboxes[0]), int(sandboxes[0].ready["workspace_id"])
    current = client(sandboxes[0]).metastores.current()
    assert [one.metastore_id for one in a.metastores.list()] == [current.metastore_id]
    assert a.metastore_assignments.get(where).metastore_assignment == current


def test_without_an_account_there_is_no_host_of_it(sandbox: Sandbox) -> None:
    assert "account_host" not in sandbox.ready
    with pytest.raises(DatabricksError):
        client(sandbox).api_client.do("GET", workspaces(sandbox))
