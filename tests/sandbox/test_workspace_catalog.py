# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workspace that was enabled for Unity Catalog automatically holds before anybody has done anything.

Sources: Databricks docs, "Admin privileges in Unity Catalog", "Manage privileges", "Limit catalog access to specific
workspaces"; captured answers of real workspaces. A test that has another one names it.
"""

from __future__ import annotations

import json
import typing as t

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.catalog import PermissionsChange, Privilege
from databricks.sql.exc import ServerOperationError

from tests.sandbox.people import Person, client, cursor, person, rows
from tests.sandbox.wire import SCIM, ask, by_oauth, coded, patched, seeded
from tests.support.sandbox import Sandbox, running_sandbox

UC = "/api/2.1/unity-catalog"


@pytest.fixture
def who(sandbox: Sandbox) -> Person:
    return person(sandbox)


def system_group(sandbox: Sandbox, kind: str) -> str:
    return f"_workspace_{kind}_sandbox_{sandbox.ready['workspace_id']}"


def runner(sandbox: Sandbox) -> t.Any:
    return by_oauth(sandbox, sandbox.ready["client_id"], sandbox.ready["client_secret"])


def refused(session: t.Any, statement: str, words: str) -> None:
    with pytest.raises(ServerOperationError) as caught:
        rows(session, statement)
    assert words in str(caught.value), str(caught.value)


# -- the catalog and its groups ---------------------------------------------------------------
def test_the_catalog_belongs_to_the_groups_of_the_service(sandbox: Sandbox) -> None:
    w, name = client(sandbox), sandbox.ready["workspace_catalog"]
    found = w.catalogs.get(name)
    assert found.owner == system_group(sandbox, "admins")
    assert found.isolation_mode and found.isolation_mode.value == "ISOLATED"
    assert w.metastores.current().default_catalog_name == name
    users = system_group(sandbox, "users")
    on_catalog = w.grants.get("catalog", name).privilege_assignments or []
    assert {(one.principal, *[p.value for p in one.privileges or []]) for one in on_catalog} == {(users, "USE_CATALOG")}
    on_default = w.grants.get("schema", f"{name}.default").privilege_assignments or []
    assert [(one.principal, {p.value for p in one.privileges or []}) for one in on_default] == [
        (
            users,
            {
                "USE_SCHEMA",
                "CREATE_TABLE",
                "CREATE_VOLUME",
                "CREATE_FUNCTION",
                "CREATE_MODEL",
                "CREATE_MATERIALIZED_VIEW",
            },
        )
    ]


def test_a_name_that_is_no_name_of_a_catalog_is_made_one() -> None:
    with running_sandbox("--workspaces", "2") as sandbox:
        assert [one["workspace_catalog"] for one in sandbox.ready["workspaces"]] == ["sandbox_1", "sandbox_2"]
        found = client(sandbox).catalogs.get("sandbox_1")
        assert str(found.owner).startswith("_workspace_admins_sandbox-1_")


@pytest.mark.parametrize("whose", [client, runner])
def test_an_administrator_can_everything_and_holds_nothing(sandbox: Sandbox, whose: t.Any) -> None:
    """A deployer's public notes, seen live: no privileges, because the owner is the group; yet schemas are created."""
    w, name = whose(sandbox), sandbox.ready["workspace_catalog"]
    me = str(w.current_user.me().user_name)
    for ask_for in (w.grants.get, w.grants.get_effective):
        assert not ask_for("catalog", name, principal=me).privilege_assignments
    w.schemas.create(name="mine", catalog_name=name)
    change = PermissionsChange(principal="account users", add=[Privilege.USE_CATALOG])
    w.grants.update("catalog", name, changes=[change])
    assert w.schemas.get(f"{name}.default").owner == system_group(sandbox, "admins")


def test_everybody_of_the_workspace_is_in_it_from_the_moment_of_creation(sandbox: Sandbox, who: Person) -> None:
    """A cost guide's public notes: every service principal can create tables there, whatever it is entitled to."""
    name = sandbox.ready["workspace_catalog"]
    with who.cursor() as session:
        rows(session, f"CREATE TABLE {name}.default.mine (id INT)")
        refused(session, f"CREATE SCHEMA {name}.mine", f"does not have CREATE SCHEMA on Catalog '{name}'")
    assert not who.client.grants.get_effective("catalog", name, principal=who.application_id).privilege_assignments
    admins = seeded(sandbox, "groups", display_name="admins")["id"]
    patched(sandbox, f"Groups/{admins}", {"op": "add", "path": "members", "value": [{"value": who.id}]})
    who.client.schemas.create(name="mine", catalog_name=name)


def test_the_groups_are_in_no_answer_of_scim(sandbox: Sandbox, who: Person) -> None:
    for path in ("Groups", "Users", "ServicePrincipals", "Me", f"ServicePrincipals/{who.id}"):
        assert "_workspace_" not in ask(sandbox, "GET", f"{SCIM}/{path}").text


def test_me_lists_them_by_a_switch(sandbox: Sandbox, who: Person) -> None:
    """Nobody has proven it, nor the contrary."""
    sandbox.set(me_lists_system_groups=True)
    admin = {one.display: one.value for one in client(sandbox).current_user.me().groups or []}
    other = {one.display: one.value for one in who.client.current_user.me().groups or []}
    users, admins = system_group(sandbox, "users"), system_group(sandbox, "admins")
    assert {users, admins, "admins"} <= set(admin) and users in other and admins not in other
    assert admin[users] == other[users] != admin[admins]
    assert "_workspace_" not in ask(sandbox, "GET", f"{SCIM}/Groups").text


@pytest.mark.parametrize("kind", ["admins", "users"])
def test_nobody_grants_to_them(sandbox: Sandbox, kind: str) -> None:
    """Several public reports: Cannot grant privileges on catalog to system generated group."""
    w, name, group = client(sandbox), sandbox.ready["workspace_catalog"], system_group(sandbox, kind)
    before = sandbox.state()["grants"]
    change = PermissionsChange(principal=group, add=[Privilege.CREATE_SCHEMA])
    with pytest.raises(BadRequest, match="Cannot grant privileges on catalog to system generated group") as caught:
        w.grants.update("catalog", name, changes=[change])
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    for attempt in (
        lambda: w.catalogs.update("main", owner=group),
        lambda: w.schemas.update("main.default", owner=group),
    ):
        with pytest.raises(BadRequest, match="system generated group"):
            attempt()
    with cursor(sandbox) as session:
        refused(session, f"GRANT USE SCHEMA ON SCHEMA main.default TO `{group}`", "system generated group")
        refused(session, f"ALTER SCHEMA main.default OWNER TO `{group}`", "system generated group")
    assert sandbox.state()["grants"] == before


# -- what lies beside it ----------------------------------------------------------------------
def test_account_users_hold_use_catalog_on_main(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, "Unity Catalog privileges reference"."""
    found = client(sandbox).grants.get("catalog", "main", principal="account users").privilege_assignments or []
    assert {p.value for one in found for p in one.privileges or []} >= {"USE_CATALOG"}
    with who.cursor() as session:
        rows(session, "USE CATALOG main")


def test_information_schema_is_everywhere_and_nobodys(sandbox: Sandbox, who: Person) -> None:
    """Captured lists: in every catalog, owner System user."""
    w = client(sandbox)
    w.schemas.create(name="mine", catalog_name="vault")
    for catalog in ("main", "vault", sandbox.ready["workspace_catalog"], "samples", "system"):
        assert w.schemas.get(f"{catalog}.information_schema").owner == "System user"
    with cursor(sandbox) as session:
        assert ("information_schema",) in rows(session, "SHOW SCHEMAS IN vault")
        rows(session, "USE SCHEMA vault.information_schema")
        assert rows(session, "SELECT schema_name, schema_owner FROM vault.information_schema.schemata ORDER BY 1") == [
            ("default", "admin@example.com"),
            ("information_schema", "System user"),
            ("mine", "admin@example.com"),
        ]
        refused(session, "DROP SCHEMA vault.information_schema CASCADE", "not an owner")
        refused(session, "GRANT SELECT ON SCHEMA vault.information_schema TO `analysts`", "not an owner")
        refused(session, "CREATE TABLE vault.information_schema.t (id INT)", "CREATE TABLE on Schema")
        refused(session, "SELECT * FROM vault.information_schema.no_such_view", "[TABLE_OR_VIEW_NOT_FOUND]")
    change = PermissionsChange(principal="analysts", add=[Privilege.SELECT])
    for attempt in (
        lambda: w.schemas.delete("vault.information_schema", force=True),
        lambda: w.schemas.update("vault.information_schema", comment="mine"),
        lambda: w.grants.update("schema", "vault.information_schema", changes=[change]),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    # It shows to each what they see: without the way in nothing, with it what is theirs.
    with who.cursor() as session:
        refused(session, "SELECT * FROM vault.information_schema.schemata", "USE CATALOG on Catalog 'vault'")
        assert rows(session, "SELECT table_name FROM main.information_schema.tables") == []
        assert rows(session, "SHOW TABLES IN main.information_schema LIKE 'tab*'") == [
            ("information_schema", "tables", False)
        ]


def test_system_and_samples_are_listed_and_the_services(sandbox: Sandbox, who: Person) -> None:
    for whose in (client(sandbox), who.client):
        listed = {one.name: one.owner for one in whose.catalogs.list()}
        assert listed["system"] == listed["samples"] == "System user"
    with who.cursor() as session:
        assert rows(session, "SELECT count(*) FROM samples.nyctaxi.trips") == [(0,)]
        refused(session, "DROP TABLE samples.nyctaxi.trips", "not an owner")
    with cursor(sandbox) as session:
        refused(session, "GRANT SELECT ON CATALOG samples TO `analysts`", "not an owner")


# -- bound elsewhere --------------------------------------------------------------------------
def test_a_catalog_that_is_bound_elsewhere_is_not_for_its_owner_either(sandbox: Sandbox) -> None:
    """terraform-provider-databricks#2446; public reports have 403 PERMISSION_DENIED, over SQL SQLSTATE 42501."""
    sentence = "Catalog 'elsewhere' is not accessible in current workspace"
    assert "elsewhere" not in [one.name for one in client(sandbox).catalogs.list()]
    for path in ("catalogs/elsewhere", "schemas?catalog_name=elsewhere", "permissions/catalog/elsewhere"):
        answer = ask(sandbox, "GET", f"{UC}/{path}")
        assert coded(answer) == (403, "PERMISSION_DENIED") and answer.json()["message"] == sentence
    made = ask(sandbox, "POST", f"{UC}/schemas", json={"name": "x", "catalog_name": "elsewhere"})
    assert coded(made) == (403, "PERMISSION_DENIED")
    with cursor(sandbox) as session:
        for statement in (
            "USE CATALOG elsewhere",
            "SHOW SCHEMAS IN elsewhere",
            "CREATE SCHEMA elsewhere.x",
            "GRANT USE CATALOG ON CATALOG elsewhere TO `analysts`",
            "SHOW GRANTS ON SCHEMA elsewhere.default",
        ):
            refused(session, statement, f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\n{sentence}")
        assert "elsewhere" not in [name for (name,) in rows(session, "SHOW CATALOGS")]


def test_it_is_listed_for_who_may_bind_it(sandbox: Sandbox, who: Person) -> None:
    """SDK CatalogsAPI.list, include_unbound."""
    unbound = {one.name: one for one in client(sandbox).catalogs.list(include_unbound=True)}["elsewhere"]
    assert unbound.isolation_mode and unbound.isolation_mode.value == "ISOLATED"
    assert "elsewhere" not in [one.name for one in who.client.catalogs.list(include_unbound=True)]


# -- BROWSE -----------------------------------------------------------------------------------
def test_browse_shows_what_cannot_be_entered(sandbox: Sandbox, who: Person) -> None:
    """SDK CatalogsAPI and SchemasAPI, include_browse."""
    with pytest.raises(PermissionDenied):
        who.client.catalogs.get("vault", include_browse=True)
    who.may("catalog", "vault", "BROWSE")
    assert "vault" not in [one.name for one in who.client.catalogs.list()]
    listed = {one.name: one.browse_only for one in who.client.catalogs.list(include_browse=True)}
    assert listed["vault"] is True and listed["main"] is False
    with pytest.raises(PermissionDenied):
        who.client.catalogs.get("vault")
    assert who.client.catalogs.get("vault", include_browse=True).browse_only
    schemas = {one.name: one.browse_only for one in who.client.schemas.list("main", include_browse=True)}
    assert schemas == {"analytics": True, "default": True, "information_schema": False}
    assert [one.name for one in who.client.schemas.list("main")] == ["information_schema"]
    with who.cursor() as session:
        refused(session, "USE CATALOG vault", "USE CATALOG on Catalog 'vault'")


# -- the rest ---------------------------------------------------------------------------------
def test_a_comment_that_is_empty_is_left_out(sandbox: Sandbox) -> None:
    """databricks/cli acceptance/bundle/deployment/bind/catalog, recorded on a real cloud."""
    assert "comment" not in ask(sandbox, "GET", f"{UC}/catalogs/main").json()
    client(sandbox).catalogs.update("main", comment="ours")
    assert ask(sandbox, "GET", f"{UC}/catalogs/main").json()["comment"] == "ours"


def test_a_metastore_may_have_no_administrator(sandbox: Sandbox) -> None:
    """Databricks docs, "Admin privileges in Unity Catalog": not in workspaces that were enabled automatically."""
    bob = sandbox.control("POST", "mint", {"owner": "Bob.Builder@example.com"})["token_value"]
    assert ask(sandbox, "GET", f"{UC}/metastore_summary").json()["owner"] == "data-platform"
    assert "vault" in [one.name for one in client(sandbox, bob).catalogs.list()]
    sandbox.set(no_metastore_admin=True)
    assert ask(sandbox, "GET", f"{UC}/metastore_summary").json()["owner"] == "System user"
    assert "vault" not in [one.name for one in client(sandbox, bob).catalogs.list()]


def test_a_row_of_the_metastore_is_among_the_grants(sandbox: Sandbox) -> None:
    """A captured output: READ METADATA / METASTORE."""
    with cursor(sandbox) as session:
        found = rows(session, "SHOW GRANTS ON SCHEMA main.analytics")
    assert ("data-platform", "READ METADATA", "METASTORE", "sandbox-metastore") in found
    assert {action for _who, action, kind, _key in found if kind == "CATALOG"} == {"SELECT", "USE SCHEMA"}


@pytest.mark.parametrize("privilege", ["INSERT", "UPDATE", "DELETE", "CREATE_MODEL_VERSION"])
def test_the_list_of_privileges_is_open(sandbox: Sandbox, who: Person, privilege: str) -> None:
    """Databricks docs, "Fine-grained DML privileges"; databricks-sdk-py#1022."""
    change = {"changes": [{"principal": who.application_id, "add": [privilege]}]}
    answer = ask(sandbox, "PATCH", f"{UC}/permissions/schema/main.analytics", json=change)
    assert answer.status_code == 200 and privilege in answer.text
    change = {"changes": [{"principal": who.application_id, "add": [f"{privilege}_MUCH"]}]}
    assert ask(sandbox, "PATCH", f"{UC}/permissions/schema/main.analytics", json=change).status_code == 400


def test_insert_is_a_part_of_modify(sandbox: Sandbox, who: Person) -> None:
    with cursor(sandbox) as session:
        rows(session, "CREATE SCHEMA vault.x")
        rows(session, "CREATE TABLE vault.x.t (id INT)")
    who.may("catalog", "vault", "USE_CATALOG")
    who.may("schema", "vault.x", "USE_SCHEMA", "SELECT")
    change = {"changes": [{"principal": who.application_id, "add": ["INSERT"]}]}
    with who.cursor() as session:
        refused(session, "INSERT INTO vault.x.t VALUES (1)", "MODIFY on Table")
        ask(sandbox, "PATCH", f"{UC}/permissions/schema/vault.x", json=change)
        rows(session, "INSERT INTO vault.x.t VALUES (1)")
        refused(session, "DELETE FROM vault.x.t", "MODIFY on Table")


def test_whoever_touches_any_of_it_is_noticed(sandbox: Sandbox) -> None:
    """The bystanders of the state."""
    w, name = client(sandbox), sandbox.ready["workspace_catalog"]
    everybody = PermissionsChange(principal="account users", add=[Privilege.SELECT])
    for touch in (
        lambda: w.catalogs.update("main", comment="mine"),
        lambda: w.catalogs.update(name, owner="admin@example.com"),
        lambda: w.grants.update("schema", f"{name}.default", changes=[everybody]),
        lambda: w.ip_access_lists.delete(str(next(iter(w.ip_access_lists.list())).list_id)),
    ):
        before = sandbox.state()["bystanders"]
        touch()
        assert sandbox.state()["bystanders"] != before


def test_nobody_elses_answer_mentions_a_secret(sandbox: Sandbox) -> None:
    assert sandbox.ready["client_secret"] not in json.dumps(sandbox.state())
    leaked = sandbox.control("POST", "leaks", sandbox.ready["client_secret"])["leaks"]
    assert len(leaked) == 1


def test_without_a_metastore_there_is_none_of_it() -> None:
    with running_sandbox("--no-unity-catalog") as sandbox:
        assert (sandbox.ready["workspace_catalog"], sandbox.ready["catalog"]) == ("", "main")
        with pytest.raises(NotFound):
            client(sandbox).catalogs.get("sandbox")
        with cursor(sandbox) as session:
            assert rows(session, "SHOW CATALOGS") == [("hive_metastore",)]
            refused(session, "SELECT CURRENT_METASTORE()", "[OPERATION_REQUIRES_UNITY_CATALOG]")


def test_administrators_may_make_catalogs(sandbox: Sandbox) -> None:
    """Databricks docs, "Admin privileges in Unity Catalog": where Unity Catalog came automatically, workspace admins
    have ten privileges on the metastore; databricks-sdk-go internal/catalog_test.go, TestUcAccCatalogs, needs that.
    """
    made = client(sandbox).catalogs.create("theirs")
    assert made.owner == "admin@example.com"
    with pytest.raises(PermissionDenied, match="does not have CREATE CATALOG on Metastore"):
        person(sandbox).client.catalogs.create("mine")
    metastore = client(sandbox).metastores.current().metastore_id or ""
    held = client(sandbox).grants.get("metastore", metastore, principal=system_group(sandbox, "admins"))
    [row] = held.privilege_assignments or []
    assert {one.value.removeprefix("CREATE_") for one in row.privileges or []} == {
        *("CATALOG", "CLEAN_ROOM", "CONNECTION", "EXTERNAL_LOCATION", "MATERIALIZED_VIEW"),
        *("PROVIDER", "RECIPIENT", "SERVICE_CREDENTIAL", "SHARE", "STORAGE_CREDENTIAL"),
    }
