# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workspace may be like: options of the command, and settings while it runs."""

from __future__ import annotations

import typing as t

import pytest
import requests
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceConflict
from databricks.sdk.service.iam import (
    AccessControlRequest,
    GrantRule,
    PermissionLevel,
    RuleSetUpdateRequest,
)
from databricks.sdk.service.settings import ListType
from databricks.sql.exc import ServerOperationError

from tests.sandbox.people import Person, client, cursor, grant_level, person, rows
from tests.sandbox.wire import ask, by_oauth, coded, control, patched
from tests.support.sandbox import Sandbox, running_sandbox

UC = "/api/2.1/unity-catalog"
TOKENS = "/api/2.0/permissions/authorization/tokens"
USER, MANAGER = "roles/servicePrincipal.user", "roles/servicePrincipal.manager"


def runner(sandbox: Sandbox) -> t.Any:
    return by_oauth(sandbox, sandbox.ready["client_id"], sandbox.ready["client_secret"])


def test_the_runner_of_the_ready_file_is_an_administrator_without_a_token(sandbox: Sandbox) -> None:
    me = runner(sandbox).current_user.me()
    assert me.display_name == "sandbox-runner" and "admins" in {one.display for one in me.groups or []}
    assert not list(runner(sandbox).tokens.list())


@pytest.mark.parametrize(
    ("name", "value"),
    [("forms", "third"), ("feature_tier", True), ("no_tokens_yet", 1), ("account_users_hold", "ALL")],
)
def test_what_a_switch_does_not_know(sandbox: Sandbox, name: str, value: t.Any) -> None:
    answer = control(sandbox, "POST", "settings", json={name: value, "latency_ms": 3})
    assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")
    assert sandbox.control("GET", "settings")["latency_ms"] == 0


def test_a_reset_switches_back(sandbox: Sandbox) -> None:
    before, state = sandbox.control("GET", "settings"), sandbox.state()
    sandbox.set(
        no_tokens_yet=True,
        restrict_tokens_and_job_run_as=True,
        feature_tier="standard",
        account_users_hold="MODIFY",
        me_lists_system_groups=True,
        no_metastore_admin=True,
        forms="second",
    )
    assert sandbox.state()["switches"]["forms"] == "second"
    sandbox.reset()
    assert sandbox.control("GET", "settings") == before
    again = sandbox.state()
    for kind in ("switches", "permissions", "grants", "metastore_admins", "system_groups", "rule_sets"):
        assert again[kind] == state[kind]
    assert [one["token_id"] for one in again["tokens"]] == [one["token_id"] for one in state["tokens"]]


def test_a_switch_that_is_switched_back_leaves_nothing(sandbox: Sandbox) -> None:
    before = sandbox.state()
    for name, value in (("no_tokens_yet", True), ("forms", "second"), ("account_users_hold", "SELECT")):
        was = sandbox.control("GET", "settings")[name]
        sandbox.set(**{name: value})
        assert sandbox.state()["bystanders"] != before["bystanders"]
        sandbox.set(**{name: was})
        after = sandbox.state()
        for kind in ("tokens", "permissions", "grants", "catalogs"):
            assert after[kind] == before[kind]
        assert {one["full_name"] for one in after["schemas"]} == {one["full_name"] for one in before["schemas"]}


# -- no token yet -----------------------------------------------------------------------------
def test_a_workspace_without_any_token() -> None:
    """terraform-provider-databricks#1122, #1524; Databricks.API.PowerShell#61."""
    with running_sandbox("--no-tokens-yet") as sandbox:
        assert sandbox.token == "" and not sandbox.state()["tokens"]
        w = runner(sandbox)
        users = AccessControlRequest(group_name="users", permission_level=PermissionLevel.CAN_USE)
        for attempt in (
            lambda: w.permissions.get("authorization", "tokens"),
            lambda: w.permissions.update("authorization", "tokens", access_control_list=[users]),
        ):
            with pytest.raises(NotFound, match="tokens tokens does not exist"):
                attempt()
        # Nobody but an administrator may be the first.
        made = w.service_principals.create(display_name="klaviyo")
        with pytest.raises(PermissionDenied, match="does not have permission to use tokens"):
            w.token_management.create_obo_token(application_id=str(made.application_id), lifetime_seconds=60)
        first = w.tokens.create(comment="the first", lifetime_seconds=600)
        w.permissions.update("authorization", "tokens", access_control_list=[users])
        w.tokens.delete(str(first.token_info and first.token_info.token_id))
        # It stays in being when that token is gone.
        assert w.permissions.get("authorization", "tokens").access_control_list
        w.token_management.create_obo_token(application_id=str(made.application_id), lifetime_seconds=60)


def test_who_may_not_use_tokens_hears_it_when_listing_too(sandbox: Sandbox) -> None:
    """terraform-databricks-examples#196; about somebody else the text carries the application id."""
    one = client(sandbox).service_principals.create(display_name="one")
    secret = client(sandbox).service_principal_secrets_proxy.create(str(one.id))
    w = by_oauth(sandbox, str(one.application_id), str(secret.secret))
    for attempt in (lambda: list(w.tokens.list()), lambda: w.tokens.create(lifetime_seconds=60)):
        with pytest.raises(PermissionDenied, match=r"^User does not have permission to use tokens\."):
            attempt()
    with pytest.raises(PermissionDenied, match=f"{one.application_id} does not have permission to use tokens"):
        client(sandbox).token_management.create_obo_token(application_id=str(one.application_id))


def test_a_permission_lost_directly_takes_the_tokens_and_one_lost_by_a_group_does_not(sandbox: Sandbox) -> None:
    """docs.azure.cn, security/auth/api-access-permissions; terraform-provider-databricks docs/resources/permissions."""
    w = client(sandbox)
    direct, grouped = person(sandbox, "direct"), person(sandbox, "grouped")
    rest = [
        {"group_name": "admins", "permission_level": "CAN_MANAGE"},
        {"group_name": "local-testers", "permission_level": "CAN_USE"},
    ]
    testers = next(iter(w.groups.list(filter='displayName eq "local-testers"')))
    member = {"op": "add", "path": "members", "value": [{"value": grouped.id}]}
    patched(sandbox, f"Groups/{testers.id}", member).raise_for_status()
    # Both stay: one by name, the other by its group only.
    named = {"service_principal_name": direct.application_id, "permission_level": "CAN_USE"}
    ask(sandbox, "PUT", TOKENS, json={"access_control_list": [*rest, named]}).raise_for_status()
    for one in (direct, grouped):
        assert one.client.current_user.me().user_name == one.application_id
    ask(sandbox, "PUT", TOKENS, json={"access_control_list": rest[:1]}).raise_for_status()
    owners = {token["owner"] for token in sandbox.state()["tokens"]}
    assert direct.application_id not in owners and grouped.application_id in owners
    for one in (direct, grouped):
        with pytest.raises(PermissionDenied, match="Invalid access token"):
            one.client.current_user.me()
    ask(sandbox, "PUT", TOKENS, json={"access_control_list": [*rest, named]}).raise_for_status()
    assert grouped.client.current_user.me().user_name == grouped.application_id
    with pytest.raises(PermissionDenied, match="Invalid access token"):
        direct.client.current_user.me()


# -- restricted administrators ----------------------------------------------------------------
def rule_set(sandbox: Sandbox, application_id: str) -> str:
    return f"accounts/{sandbox.ready['account_id']}/servicePrincipals/{application_id}/ruleSets/default"


def test_on_behalf_of_takes_the_role_of_a_user_under_the_restriction(sandbox: Sandbox) -> None:
    """SDK RestrictWorkspaceAdminsAPI; Databricks docs, "Roles for managing service principals": whoever creates one
    manages it, and the manager's role does not bring the user's.
    """
    sandbox.set(restrict_tokens_and_job_run_as=True)
    w = client(sandbox)
    found = w.settings.restrict_workspace_admins.get().restrict_workspace_admins
    assert found.status.value == "RESTRICT_TOKENS_AND_JOB_RUN_AS"
    made = w.service_principals.create(display_name="klaviyo")
    grant_level(sandbox, "authorization", "tokens", str(made.application_id))
    with pytest.raises(PermissionDenied, match="Service Principal User role"):
        w.token_management.create_obo_token(application_id=str(made.application_id), lifetime_seconds=60)
    name = rule_set(sandbox, str(made.application_id))
    api = w.account_access_control_proxy
    held = api.get_rule_set(name, "")
    assert [(rule.role, rule.principals) for rule in held.grant_rules or []] == [(MANAGER, ["users/admin@example.com"])]
    rules = [*(held.grant_rules or []), GrantRule(role=USER, principals=["users/admin@example.com"])]
    api.update_rule_set(name, RuleSetUpdateRequest(name=name, etag=held.etag, grant_rules=rules))
    w.token_management.create_obo_token(application_id=str(made.application_id), lifetime_seconds=60)
    # The version that was read is no longer the one that is there.
    with pytest.raises(ResourceConflict):
        api.update_rule_set(name, RuleSetUpdateRequest(name=name, etag=held.etag, grant_rules=[]))
    wrong = [GrantRule(role=USER, principals=["users/nobody@example.com"])]
    fresh = api.get_rule_set(name, "").etag
    with pytest.raises(BadRequest, match="does not exist"):
        api.update_rule_set(name, RuleSetUpdateRequest(name=name, etag=fresh, grant_rules=wrong))
    with pytest.raises(PermissionDenied, match="not a manager"):
        runner(sandbox).account_access_control_proxy.get_rule_set(name, "")
    sandbox.set(restrict_tokens_and_job_run_as=False)
    assert w.settings.restrict_workspace_admins.get().restrict_workspace_admins.status.value == "ALLOW_ALL"


def test_roles_end_with_the_principal_and_show_in_the_state(sandbox: Sandbox) -> None:
    w = client(sandbox)
    made = w.service_principals.create(display_name="klaviyo")
    name = rule_set(sandbox, str(made.application_id))
    assert name in {one["name"] for one in sandbox.state()["rule_sets"]}
    w.service_principals.delete(str(made.id))
    assert name not in {one["name"] for one in sandbox.state()["rule_sets"]}
    with pytest.raises(NotFound):
        w.account_access_control_proxy.get_rule_set(name, "")


# -- tiers ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "catalogs"),
        ("GET", "metastore_summary"),
        ("GET", "current-metastore-assignment"),
        ("POST", "schemas"),
        ("GET", "permissions/nonsense/main"),
        ("GET", "volumes"),
    ],
)
def test_the_standard_tier_has_no_unity_catalog(sandbox: Sandbox, method: str, path: str) -> None:
    """databricks/cli acceptance/bundle/templates/default-python/no-uc/test.toml."""
    sandbox.set(feature_tier="standard")
    answer = ask(sandbox, method, f"{UC}/{path}")
    assert coded(answer) == (404, "FEATURE_DISABLED")
    assert answer.json()["message"] == "Unity Catalog is not available for feature tier STANDARD_TIER."


def test_the_standard_tier_over_sql_and_for_addresses(sandbox: Sandbox) -> None:
    """terraform-provider-databricks access/resource_ip_access_list_test.go for the second."""
    sandbox.set(feature_tier="standard")
    with cursor(sandbox) as session:
        assert rows(session, "SELECT current_catalog()") == [("hive_metastore",)]
        for statement in (
            "USE CATALOG main",
            "GRANT USE CATALOG ON CATALOG main TO `analysts`",
            "SHOW TABLES IN main.x",
        ):
            with pytest.raises(ServerOperationError, match="NO_SUCH_CATALOG_EXCEPTION"):
                rows(session, statement)
    assert coded(ask(sandbox, "GET", "/api/2.0/ip-access-lists")) == (404, "FEATURE_DISABLED")


# -- everybody --------------------------------------------------------------------------------
@pytest.mark.parametrize(("privilege", "reads", "writes"), [("", 0, 0), ("SELECT", 1, 0), ("MODIFY", 0, 1)])
def test_what_everybody_holds_on_the_shared_schema(sandbox: Sandbox, privilege: str, reads: int, writes: int) -> None:
    sandbox.set(account_users_hold=privilege)
    name, done = f"{sandbox.ready['workspace_catalog']}.shared.regions", []
    with person(sandbox).cursor() as session:
        for statement in (f"SELECT * FROM {name}", f"INSERT INTO {name} VALUES ('kr', 'Korea')"):
            try:
                rows(session, statement)
                done.append(1)
            except ServerOperationError:
                done.append(0)
    assert done == [reads, writes]


# -- addresses --------------------------------------------------------------------------------
def test_ip_access_lists(sandbox: Sandbox) -> None:
    """SDK IpAccessListsAPI. One is there from the start; the feature that makes it count is off."""
    w = client(sandbox)
    assert w.workspace_conf.get_status("enableIpAccessLists") == {"enableIpAccessLists": None}
    assert [one.label for one in w.ip_access_lists.list()] == ["head office"]
    made = w.ip_access_lists.create("klaviyo", ListType.BLOCK, ip_addresses=["198.51.100.7"]).ip_access_list
    assert made and made.enabled and made.address_count == 1 and made.list_type == ListType.BLOCK
    w.ip_access_lists.update(str(made.list_id), enabled=False)
    found = w.ip_access_lists.get(str(made.list_id)).ip_access_list
    assert found and found.enabled is False and found.ip_addresses == ["198.51.100.7"]
    w.ip_access_lists.replace(str(made.list_id), "other", ListType.ALLOW, True, ip_addresses=["192.0.2.0/24"])
    assert {one["label"] for one in sandbox.state()["ip_access_lists"]} == {"head office", "other"}
    w.ip_access_lists.delete(str(made.list_id))
    with pytest.raises(NotFound):
        w.ip_access_lists.get(str(made.list_id))


@pytest.mark.parametrize(
    "body",
    [
        {"label": "", "list_type": "ALLOW", "ip_addresses": ["192.0.2.1"]},
        {"label": "x", "list_type": "DENY", "ip_addresses": ["192.0.2.1"]},
        {"label": "x", "list_type": "ALLOW", "ip_addresses": ["192.0.2.1/99"]},
        {"label": "x", "list_type": "ALLOW", "ip_addresses": ["somewhere"]},
        {"label": "x", "list_type": "ALLOW", "ip_addresses": ["192.0.2.1"], "enabled": True},
        {"label": "x", "list_type": "ALLOW", "ip_addresses": ["192.0.2.1"] * 1001},
    ],
)
def test_ip_access_lists_that_are_none(sandbox: Sandbox, body: dict[str, t.Any]) -> None:
    assert ask(sandbox, "POST", "/api/2.0/ip-access-lists", json=body).status_code == 400
    assert len(sandbox.state()["ip_access_lists"]) == 1


def test_ip_access_lists_are_for_administrators(sandbox: Sandbox) -> None:
    assert ask(sandbox, "GET", "/api/2.0/ip-access-lists", person(sandbox).token).status_code == 403


# -- both forms -------------------------------------------------------------------------------
@pytest.fixture
def who(sandbox: Sandbox) -> Person:
    return person(sandbox, "somebody")


def denial(session: t.Any, statement: str) -> str:
    with pytest.raises(ServerOperationError) as caught:
        rows(session, statement)
    return str(caught.value)


@pytest.mark.parametrize(("form", "empty"), [("first", {}), ("second", {"privilege_assignments": []})])
def test_nothing_granted(sandbox: Sandbox, form: str, empty: dict[str, t.Any]) -> None:
    """The CLI's golden files print the first, a live case was quoted with the second."""
    sandbox.set(forms=form)
    for path in ("permissions/schema/main.default", "effective-permissions/catalog/vault"):
        assert ask(sandbox, "GET", f"{UC}/{path}").json() == empty


def test_a_wrong_token_in_two_forms(sandbox: Sandbox, who: Person) -> None:
    """databricks-jdbc, testincorrectcredentialsfor{pat,oauth}; a token that was revoked is 403 in both
    (databricks-sdk-go#1046).
    """
    revoked = who.token
    client(sandbox).token_management.delete(
        str(next(one.token_id for one in client(sandbox).token_management.list() if one.owner_id == int(who.id)))
    )
    me = "/api/2.0/preview/scim/v2/Me"
    assert coded(ask(sandbox, "GET", me, "dapi" + "0" * 32)) == (403, 403)
    sandbox.set(forms="second")
    wrong = ask(sandbox, "GET", me, "dapi" + "0" * 32)
    assert coded(wrong) == (401, 401)
    assert wrong.headers["www-authenticate"] == 'Bearer realm="DatabricksRealm"'
    assert coded(ask(sandbox, "GET", me, revoked)) == (403, 403)
    thrift = requests.post(
        f"{sandbox.host}{sandbox.ready['http_path']}", headers={"Authorization": "Bearer dapi-wrong"}, timeout=10
    )
    assert thrift.status_code == 401 and "x-thriftserver-error-message" not in thrift.headers
    assert thrift.json()["message"].startswith(thrift.headers["x-databricks-reason-phrase"] + " [ReqId: ")


def test_denials_in_two_classes(sandbox: Sandbox, who: Person) -> None:
    """Public reports: UNAUTHORIZED_ACCESS for creating and changing, INSUFFICIENT_PERMISSIONS for getting in and
    reading; and a service principal named in place of User.
    """
    with cursor(sandbox) as admin:
        rows(admin, "CREATE SCHEMA main.x")
        rows(admin, "CREATE TABLE main.x.t (id INT)")
    with who.cursor() as session:
        assert "[INSUFFICIENT_PERMISSIONS]" in denial(session, "CREATE SCHEMA main.y")
        sandbox.set(forms="second")
        created = denial(session, "CREATE SCHEMA main.y")
        assert "[UNAUTHORIZED_ACCESS]" in created and created.endswith("SQLSTATE: 42501")
        assert "PERMISSION_DENIED: Principal 'somebody' does not have CREATE SCHEMA on Catalog 'main'" in created
        for statement, lacking in (
            ("USE CATALOG vault", "USE CATALOG on Catalog 'vault'"),
            ("SELECT * FROM main.x.t", "USE SCHEMA on Schema 'main.x'"),
        ):
            said = denial(session, statement)
            assert "[INSUFFICIENT_PERMISSIONS]" in said and f"Principal 'somebody' does not have {lacking}" in said
        who.may("schema", "main.x", "USE_SCHEMA")
        assert "[INSUFFICIENT_PERMISSIONS]" in denial(session, "SELECT * FROM main.x.t")
        for statement in ("CREATE TABLE main.x.u (id INT)", "INSERT INTO main.x.t VALUES (1)"):
            assert "[UNAUTHORIZED_ACCESS]" in denial(session, statement)


def test_show_grants_in_two_spellings(sandbox: Sandbox) -> None:
    """Captured outputs have the first, the documentation has the second."""
    with cursor(sandbox) as session:
        assert {kind for _who, _what, kind, _key in rows(session, "SHOW GRANTS ON SCHEMA main.analytics")} == {
            "SCHEMA",
            "CATALOG",
            "METASTORE",
        }
        assert [one[0] for one in session.description] == ["Principal", "ActionType", "ObjectType", "ObjectKey"]
        sandbox.set(forms="second")
        assert "DATABASE" in {kind for _who, _what, kind, _key in rows(session, "SHOW GRANTS ON SCHEMA main.analytics")}
        assert [one[0] for one in session.description] == ["principal", "actionType", "objectType", "objectKey"]


def test_information_schema_may_be_missing(sandbox: Sandbox) -> None:
    """deeplethe/utopia#702, featurebyte#2449: not in every catalog of every workspace."""
    sandbox.set(forms="second")
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="vault")
    assert {one.name for one in w.schemas.list("vault")} == {"default", "x"}
    with cursor(sandbox) as session:
        assert ("information_schema",) not in rows(session, "SHOW SCHEMAS IN main")
        assert "[TABLE_OR_VIEW_NOT_FOUND]" in denial(session, "SELECT * FROM main.information_schema.tables")


def test_the_other_form_of_the_systems_groups(sandbox: Sandbox, who: Person) -> None:
    """Only the beginning of the names is sure."""
    sandbox.set(forms="second")
    name = sandbox.ready["workspace_catalog"]
    rest = f"databricks_{sandbox.ready['account_id']}_sandbox_{sandbox.ready['workspace_id']}"
    w = client(sandbox)
    assert w.catalogs.get(name).owner == f"_workspace_admins_{rest}"
    found = w.grants.get("catalog", name).privilege_assignments or []
    assert [one.principal for one in found] == [f"_workspace_users_{rest}"]
    w.schemas.create(name="x", catalog_name=name)
    with who.cursor() as session:
        rows(session, f"CREATE TABLE {name}.default.t (id INT)")


@pytest.mark.parametrize(
    ("form", "schema", "table", "principal", "full"),
    [
        (
            "first",
            (404, "SCHEMA_DOES_NOT_EXIST"),
            (404, "TABLE_DOES_NOT_EXIST"),
            (404, "PRINCIPAL_DOES_NOT_EXIST"),
            (400, "SCHEMA_NOT_EMPTY"),
        ),
        (
            "second",
            (404, "RESOURCE_DOES_NOT_EXIST"),
            (404, "RESOURCE_DOES_NOT_EXIST"),
            (400, "PRINCIPAL_DOES_NOT_EXIST"),
            (409, "SCHEMA_NOT_EMPTY"),
        ),
    ],
)
def test_codes_and_statuses_that_nobody_has_recorded(
    sandbox: Sandbox, form: str, schema: t.Any, table: t.Any, principal: t.Any, full: t.Any
) -> None:
    """The sentences were (databricks/cli acceptance/selftest/record_cloud/volume-io)."""
    sandbox.set(forms=form)
    gone = ask(sandbox, "GET", f"{UC}/schemas/main.gone")
    assert coded(gone) == schema and gone.json()["message"] == "Schema 'main.gone' does not exist."
    assert coded(ask(sandbox, "GET", f"{UC}/tables/main.default.gone")) == table
    change = {"changes": [{"principal": "nobody@example.com", "add": ["SELECT"]}]}
    assert coded(ask(sandbox, "PATCH", f"{UC}/permissions/schema/main.default", json=change)) == principal
    assert coded(ask(sandbox, "DELETE", f"{UC}/schemas/main.analytics")) == full


def test_a_path_that_nobody_answers_for(sandbox: Sandbox) -> None:
    """apache/airflow#60444: one field, no code, no message. The other answer is tested with the authentication."""
    bad = {"error": "Bad Target: /api/2.2/sql/endpoints"}
    answer = ask(sandbox, "GET", "/api/2.2/sql/endpoints")
    assert (answer.status_code, answer.json()) == (404, bad)
    sandbox.set(forms="second")
    assert ask(sandbox, "GET", "/api/2.0/nothing").json() == {"error": "Bad Target: /api/2.0/nothing"}


def test_the_warehouse_names_who_may_not_use_it(sandbox: Sandbox) -> None:
    """Seven public reports: a user by name, a service principal by its application id with these words before it."""
    one = person(sandbox, warehouse=False)
    answer = ask(sandbox, "GET", f"/api/2.0/sql/warehouses/{sandbox.warehouse_id}", one.token)
    assert coded(answer) == (403, "PERMISSION_DENIED")
    assert answer.json()["message"] == (
        f"PERMISSION_DENIED: Service principal {one.application_id} is not authorized to use this SQL Endpoint."
    )
    answer = ask(sandbox, "GET", "/api/2.0/sql/warehouses/wh-0001")
    assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.json()["message"] == "wh-0001 is not a valid endpoint id."


def test_who_was_deactivated_cannot_sign_in(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, "Manage service principals"; the text is not known."""
    inactive = {"op": "replace", "path": "active", "value": False}
    patched(sandbox, f"ServicePrincipals/{who.id}", inactive).raise_for_status()
    with pytest.raises(PermissionDenied):
        who.client.current_user.me()
