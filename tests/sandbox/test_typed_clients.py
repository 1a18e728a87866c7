# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SDK's typed clients, as its users call them: each dataclass is whole, each value of an enumeration is known."""

from __future__ import annotations

import inspect
import typing as t

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.service import catalog, iam, settings, sql, workspace

from tests.sandbox.people import client
from tests.sandbox.test_account import account
from tests.sandbox.typed import Read, watched
from tests.support.sandbox import Sandbox, running_sandbox

Use = t.Callable[[WorkspaceClient, Sandbox], None]


def _catalogs(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    w.catalogs.create("judged", comment="c")
    w.catalogs.update("judged", comment="d")
    assert {one.name for one in w.catalogs.list()} >= {"main", "judged"}
    assert w.catalogs.get("main").catalog_type == catalog.CatalogType.MANAGED_CATALOG
    w.catalogs.delete("judged", force=True)


def _schemas(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    made = w.schemas.create("judged", "main", comment="c")
    assert w.schemas.get("main.judged").schema_id == made.schema_id
    w.schemas.update("main.judged", comment="d")
    assert {one.name for one in w.schemas.list("main")} >= {"judged", "information_schema"}
    w.schemas.delete("main.judged")


def _tables(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    assert w.tables.exists("samples.nyctaxi.trips").table_exists
    found = w.tables.get("samples.nyctaxi.trips")
    assert found.columns and found.table_type
    assert list(w.tables.list("samples", "nyctaxi"))
    assert list(w.tables.list_summaries("samples"))


def _volumes(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    w.volumes.create("main", "default", "judged", catalog.VolumeType.MANAGED)
    assert w.volumes.read("main.default.judged").volume_type == catalog.VolumeType.MANAGED
    assert list(w.volumes.list("main", "default"))
    w.volumes.update("main.default.judged", comment="c")
    w.volumes.delete("main.default.judged")


def _grants(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    change = catalog.PermissionsChange(principal="analysts", add=[catalog.Privilege.USE_SCHEMA])
    w.grants.update("schema", "main.default", changes=[change])
    held = w.grants.get("schema", "main.default").privilege_assignments or []
    assert [one.privileges for one in held if one.principal == "analysts"] == [[catalog.Privilege.USE_SCHEMA]]
    seen = w.grants.get_effective("schema", "main.default").privilege_assignments or []
    assert all(privilege.privilege for one in seen for privilege in one.privileges or [])


def _metastores(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    # Only whoever owns the metastore may list them, and that is a group.
    group = next(iter(w.groups.list(filter='displayName eq "data-platform"')))
    me = iam.Patch(iam.PatchOp.ADD, "members", [{"value": w.current_user.me().id}])
    schema = iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP
    w.groups.patch(str(group.id), operations=[me], schemas=[schema])
    summary = w.metastores.summary()
    assert summary.metastore_id == w.metastores.current().metastore_id
    assert [one.metastore_id for one in w.metastores.list()] == [summary.metastore_id]
    w.metastores.get(str(summary.metastore_id))


def _service_principals(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    made = w.service_principals.create(
        display_name="judged", entitlements=[iam.ComplexValue(value="databricks-sql-access")]
    )
    found = w.service_principals.get(str(made.id))
    assert found.application_id == made.application_id and found.entitlements
    operation = iam.Patch(iam.PatchOp.REPLACE, "displayName", "judged again")
    schema = iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP
    w.service_principals.patch(str(made.id), operations=[operation], schemas=[schema])
    assert [one.id for one in w.service_principals.list(filter='displayName eq "judged again"')] == [made.id]
    w.service_principals.delete(str(made.id))


def _users(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    made = w.users.create(user_name="judged@example.com")
    assert w.users.get(str(made.id)).user_name == "judged@example.com"
    assert list(w.users.list(filter='userName eq "judged@example.com"'))
    w.users.get_permissions()
    w.users.get_permission_levels()
    w.users.delete(str(made.id))


def _groups(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    made = w.groups.create(display_name="judged")
    assert w.groups.get(str(made.id)).display_name == "judged"
    assert list(w.groups.list())
    w.groups.delete(str(made.id))


def _current_user(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    assert w.current_user.me().user_name == "admin@example.com"


def _permissions(w: WorkspaceClient, sandbox: Sandbox) -> None:
    entry = iam.AccessControlRequest(group_name="analysts", permission_level=iam.PermissionLevel.CAN_USE)
    w.permissions.update("warehouses", sandbox.warehouse_id, access_control_list=[entry])
    held = w.permissions.get("warehouses", sandbox.warehouse_id).access_control_list or []
    levels = [
        level.permission_level for one in held if one.group_name == "analysts" for level in one.all_permissions or []
    ]
    assert levels == [iam.PermissionLevel.CAN_USE]
    w.permissions.get_permission_levels("warehouses", sandbox.warehouse_id)
    w.permissions.get("authorization", "tokens")


def _tokens(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    made = w.tokens.create(comment="judged", lifetime_seconds=600)
    assert made.token_info and made.token_info.token_id in [one.token_id for one in w.tokens.list()]
    w.tokens.delete(str(made.token_info.token_id))


def _token_management(w: WorkspaceClient, sandbox: Sandbox) -> None:
    made = w.service_principals.create(display_name="judged")
    entry = iam.AccessControlRequest(
        service_principal_name=made.application_id, permission_level=iam.PermissionLevel.CAN_USE
    )
    w.permissions.update("authorization", "tokens", access_control_list=[entry])
    token = w.token_management.create_obo_token(application_id=str(made.application_id), lifetime_seconds=60)
    assert token.token_info and token.token_info.token_id
    assert token.token_info.token_id in [one.token_id for one in w.token_management.list()]
    assert w.token_management.get(token.token_info.token_id).token_info
    w.token_management.get_permissions()
    w.token_management.get_permission_levels()
    w.token_management.delete(token.token_info.token_id)


def _warehouses(w: WorkspaceClient, sandbox: Sandbox) -> None:
    made = w.warehouses.create(name="judged", cluster_size="2X-Small", max_num_clusters=1, auto_stop_mins=10).result()
    assert made.state == sql.State.RUNNING
    w.warehouses.edit(str(made.id), name="judged again", cluster_size="2X-Small", max_num_clusters=1).result()
    w.warehouses.stop(str(made.id)).result()
    w.warehouses.start(str(made.id)).result()
    assert {one.id for one in w.warehouses.list()} >= {made.id, sandbox.warehouse_id}
    w.warehouses.get_permissions(str(made.id))
    w.warehouses.get_workspace_warehouse_config()
    w.warehouses.delete(str(made.id))


def _statement_execution(w: WorkspaceClient, sandbox: Sandbox) -> None:
    kinds = "SELECT 1 AS i, 1.5 AS d, 'x' AS s, TRUE AS b, NULL AS n, array(1) AS a, map('k', 1) AS m, X'1F' AS x"
    done = w.statement_execution.execute_statement(kinds, sandbox.warehouse_id)
    assert done.status and done.status.state == sql.StatementState.SUCCEEDED
    w.statement_execution.get_statement(str(done.statement_id))
    w.statement_execution.get_statement_result_chunk_n(str(done.statement_id), 0)
    failed = w.statement_execution.execute_statement("SELECT nope", sandbox.warehouse_id)
    assert failed.status and failed.status.error and failed.status.error.error_code
    w.statement_execution.cancel_execution(str(failed.statement_id))


def _query_history(w: WorkspaceClient, sandbox: Sandbox) -> None:
    w.statement_execution.execute_statement("SELECT 42", sandbox.warehouse_id)
    assert any(one.query_text == "SELECT 42" for one in w.query_history.list().res or [])


def _data_sources(w: WorkspaceClient, sandbox: Sandbox) -> None:
    assert sandbox.warehouse_id in [one.warehouse_id for one in w.data_sources.list()]


def _secrets(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    w.secrets.create_scope("judged")
    w.secrets.put_secret("judged", "k", string_value="v")
    assert [one.key for one in w.secrets.list_secrets("judged")] == ["k"]
    assert w.secrets.get_secret("judged", "k").value == "dg=="
    w.secrets.put_acl("judged", "analysts", workspace.AclPermission.READ)
    assert w.secrets.get_acl("judged", "analysts").permission == workspace.AclPermission.READ
    assert list(w.secrets.list_acls("judged")) and list(w.secrets.list_scopes())
    w.secrets.delete_secret("judged", "k")
    w.secrets.delete_scope("judged")


def _ip_access_lists(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    found = list(w.ip_access_lists.list())
    assert found and all(one.list_type in settings.ListType for one in found)
    w.ip_access_lists.get(str(found[0].list_id))


def _external_locations(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    for one in w.external_locations.list():
        w.external_locations.get(str(one.name))


def _functions(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    assert list(w.functions.list("main", "default")) == []


def _registered_models(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    made = w.registered_models.create(catalog_name="main", schema_name="default", name="judged")
    shown = list(w.registered_models.list(catalog_name="main", schema_name="default"))
    assert [one.full_name for one in shown] == [made.full_name]


def _workspace_bindings(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    w.catalogs.create("judged")
    w.catalogs.update("judged", isolation_mode=catalog.CatalogIsolationMode.ISOLATED)
    w.workspace_bindings.get("judged")
    assert list(w.workspace_bindings.get_bindings("catalog", "judged")) is not None
    w.catalogs.delete("judged", force=True)


def _workspace_conf(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    assert w.workspace_conf.get_status("enableTokensConfig")["enableTokensConfig"] in ("true", "false", None)


def _settings(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    assert w.settings.restrict_workspace_admins.get().restrict_workspace_admins.status


def _rule_sets(w: WorkspaceClient, sandbox: Sandbox) -> None:
    made = w.service_principals.create(display_name="judged")
    name = f"accounts/{sandbox.ready['account_id']}/servicePrincipals/{made.application_id}/ruleSets/default"
    found = w.account_access_control_proxy.get_rule_set(name, "")
    assert found.name and found.etag


def _secrets_of_principals(w: WorkspaceClient, _sandbox: Sandbox) -> None:
    made = w.service_principals.create(display_name="judged")
    secret = w.service_principal_secrets_proxy.create(str(made.id))
    assert secret.secret and secret.id in [one.id for one in w.service_principal_secrets_proxy.list(str(made.id))]
    w.service_principal_secrets_proxy.delete(str(made.id), str(secret.id))


SERVICES: dict[str, Use] = {
    "account_access_control_proxy": _rule_sets,
    "catalogs": _catalogs,
    "current_user": _current_user,
    "data_sources": _data_sources,
    "external_locations": _external_locations,
    "functions": _functions,
    "grants": _grants,
    "groups": _groups,
    "ip_access_lists": _ip_access_lists,
    "metastores": _metastores,
    "permissions": _permissions,
    "query_history": _query_history,
    "registered_models": _registered_models,
    "schemas": _schemas,
    "secrets": _secrets,
    "service_principal_secrets_proxy": _secrets_of_principals,
    "service_principals": _service_principals,
    "settings": _settings,
    "statement_execution": _statement_execution,
    "tables": _tables,
    "token_management": _token_management,
    "tokens": _tokens,
    "users": _users,
    "volumes": _volumes,
    "warehouses": _warehouses,
    "workspace_bindings": _workspace_bindings,
    "workspace_conf": _workspace_conf,
}


def _complaints(read: list[Read]) -> list[str]:
    return sorted({complaint for one in read for complaint in one.complaints})


@pytest.mark.parametrize("service", SERVICES)
def test_service(sandbox: Sandbox, service: str) -> None:
    """databricks-sdk: from_dict of every dataclass that the calls make."""
    w = client(sandbox)
    with watched() as read:
        SERVICES[service](w, sandbox)
    found = _complaints(read)
    print(f"{service}: {'disagree' if found else 'agree'} ({len(read)} objects)")
    assert found == []


def test_all_services(sandbox: Sandbox) -> None:
    """The table: agree, disagree, not offered. What is not offered says so with an error, never with an empty list."""
    w = client(sandbox)
    outcomes = {}
    for name in sorted(set(vars(type(w)))):
        offered = getattr(type(w), name)
        if name.removesuffix("_v2") in SERVICES or not isinstance(offered, property):
            continue
        listing = getattr(getattr(w, name), "list", None)
        needs = (
            [one for one in inspect.signature(listing).parameters.values() if one.default is one.empty]
            if listing
            else ["something"]
        )
        if needs:
            continue
        with pytest.raises(NotFound, match=r"No API found|Bad Target"):
            print(name, list(listing()))
        outcomes[name] = "not offered"
    for name in SERVICES:
        sandbox.reset()
        with watched() as read:
            SERVICES[name](w, sandbox)
        outcomes[name] = "disagree" if _complaints(read) else f"agree, {len(read)} objects read"
    for name, outcome in sorted(outcomes.items()):
        print(f"{name}: {outcome}")
    assert "disagree" not in outcomes.values()


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (sql.EndpointInfo, {"state": "NAPPING"}, "EndpointInfo.state: the SDK does not know the value 'NAPPING'"),
        (iam.User, {"id": "1", "userName": "u", "shoe": 42}, "User.shoe: the SDK does not know the field"),
        (iam.Group, {"id": "1"}, "Group.display_name is missing"),
    ],
)
def test_the_judge_sees(kind: t.Any, body: dict[str, t.Any], said: str) -> None:
    """A value that the enumeration has not, a field that nobody reads, and one that is always given but missing."""
    assert said in Read(body, kind.from_dict(body)).complaints


@pytest.fixture(scope="module")
def of_account() -> t.Iterator[Sandbox]:
    with running_sandbox("--account") as running:
        yield running


def test_the_account(of_account: Sandbox) -> None:
    """The account's clients, likewise."""
    a = account(of_account)
    with watched() as read:
        found = list(a.workspaces.list())
        a.workspaces.get(int(found[0].workspace_id or 0))
        assert list(a.metastores.list())
        principals = list(a.service_principals_v2.list())
        assert principals and list(a.users_v2.list()) and list(a.groups_v2.list())
        a.service_principals_v2.get(str(principals[0].id))
        assert list(a.workspace_assignment.list(int(found[0].workspace_id or 0)))
        a.metastore_assignments.get(int(found[0].workspace_id or 0))
    found_wrong = _complaints(read)
    print(f"account: {'disagree' if found_wrong else 'agree'} ({len(read)} objects)")
    assert found_wrong == []
