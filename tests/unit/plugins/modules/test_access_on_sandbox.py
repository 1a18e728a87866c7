# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grants, statements, tables and the legacy metastore, in a sandbox workspace."""

from __future__ import annotations

import typing as t

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import VolumeType

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox, running_sandbox

ADA, BOB = "ada.analyst@example.com", "Bob.Builder@example.com"
SCHEMA = {"securable": "schema", "name": "main.analytics"}


@pytest.fixture(scope="module")
def process() -> t.Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(process: Sandbox) -> Sandbox:
    process.reset()
    return process


class Runs:
    """Runs modules as the administrator, or as somebody else."""

    def __init__(self, sandbox: Sandbox, token: str | None = None) -> None:
        self.sandbox, self.token = sandbox, token

    def __call__(self, module: str, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        result = self.try_(module, check, **options)
        assert not result["failed"], result["msg"]
        return result

    def try_(self, module: str, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        mine = {"token": self.token} if self.token else {}
        return run_module(module, {**self.sandbox.connection, **mine, **options}, check=check)

    def of(self, owner: str) -> Runs:
        return Runs(self.sandbox, self.sandbox.control("POST", "mint", {"owner": owner})["token_value"])

    def sql(self, statement: str, **options: t.Any) -> dict[str, t.Any]:
        return self.try_("sql", warehouse=self.sandbox.warehouse_id, statement=statement, **options)


@pytest.fixture
def run(sandbox: Sandbox) -> Runs:
    return Runs(sandbox)


# -- schemas ----------------------------------------------------------------------------------
@pytest.mark.parametrize("check", [True, False])
def test_a_schema_that_holds_something_is_not_dropped_and_check_mode_knows(run: Runs, check: bool) -> None:
    there = {"catalog": "main", "name": "Landing", "state": "absent"}
    run("schema", **{**there, "state": "present"})
    run.sql("CREATE TABLE main.landing.rows (id INT)")
    run.sql("CREATE FUNCTION main.landing.only_mine(owner STRING) RETURN owner = 'me'")
    host, token = run.sandbox.connection["host"], run.sandbox.connection["token"]
    client = WorkspaceClient(host=host, token=token)
    client.volumes.create("main", "landing", "files", VolumeType.MANAGED)
    client.registered_models.create(catalog_name="main", schema_name="landing", name="guess")
    refused = run.try_("schema", check, **there)
    assert refused["msg"] == (
        "Could not drop schema main.landing: it holds table main.landing.rows, function main.landing.only_mine, "
        "volume main.landing.files, model main.landing.guess. "
        "Hint: Something is still in the schema. Move it, or set force to drop all of it."
    )
    assert refused["error"]["code"] == "SCHEMA_NOT_EMPTY" and "force" in refused["error"]["hint"]
    dropped = run("schema", check, **there, force=True)
    assert dropped["changed"] and dropped["holds_unknown"] == []
    assert [one["kind"] for one in dropped["holds"]] == ["table", "function", "volume", "model"]
    assert ("main.landing" in str(run.sandbox.state()["schemas"])) is check


@pytest.mark.parametrize("check", [True, False])
def test_what_a_schema_holds_may_stay_unknown(run: Runs, check: bool) -> None:
    """Then the workspace decides, which does not drop what is not empty."""
    there = {"catalog": "main", "name": "landing", "state": "absent"}
    run("schema", **{**there, "state": "present"})
    denied = {"status": 403, "error_code": "PERMISSION_DENIED", "message": "Not for you."}
    run.sandbox.control("POST", "faults", {"method": "GET", "path": "*/unity-catalog/volumes", "times": 0, **denied})
    done = run("schema", check, **there)
    why = "Could not list the volumes of main.landing: Not for you."
    assert done["changed"] and done["holds"] == [] and done["holds_unknown"] == [why]
    doubt = f"Whether schema main.landing is empty could not be established: {why}"
    assert done.get("warnings", []) == ([doubt] if check else [])


def test_who_is_not_shown_what_lies_there_learns_it_from_the_workspace(run: Runs) -> None:
    """The owner of a schema is no metastore admin, who is told of other people's models."""
    there = {"catalog": "main", "name": "landing"}
    run("schema", **there)
    connection = run.sandbox.connection
    client = WorkspaceClient(host=connection["host"], token=connection["token"])
    client.registered_models.create(catalog_name="main", schema_name="landing", name="guess")
    run("grant", securable="catalog", name="main", principal=ADA, privileges=["USE CATALOG"])
    run("schema", **there, owner=ADA)
    ada = run.of(ADA)
    assert ada("schema", check=True, **there, state="absent")["holds"] == []
    refused = ada.try_("schema", **there, state="absent")
    assert refused["error"]["code"] == "SCHEMA_NOT_EMPTY"
    assert "is not empty. The schema has 0 tables(s), 1 functions(s), 0 volumes(s)" in refused["msg"]


# -- grants -----------------------------------------------------------------------------------
def test_others_are_never_touched(run: Runs) -> None:
    before = run.sandbox.state()["grants"]["schema/main.analytics"]
    run("grant", **SCHEMA, principal=ADA, privileges=["SELECT", "USE SCHEMA"])
    run("grant", **SCHEMA, principal=ADA, privileges=["MODIFY"], purge=True)
    assert run.sandbox.state()["grants"]["schema/main.analytics"] == {**before, ADA: ["MODIFY"]}
    run("grant", **SCHEMA, principal=ADA, purge=True, state="absent")
    assert run.sandbox.state()["grants"]["schema/main.analytics"] == before


def test_all_privileges_cover_what_is_asked_for_but_not_manage(run: Runs) -> None:
    run("grant", **SCHEMA, principal=ADA, privileges=["all privileges"])
    assert not run("grant", **SCHEMA, principal=ADA, privileges=["SELECT", "USE_SCHEMA"])["changed"]
    assert run("grant", **SCHEMA, principal=ADA, privileges=["MANAGE"])["changed"]
    kept = run("grant", **SCHEMA, principal=ADA, privileges=["SELECT"], state="absent")
    assert not kept["changed"]
    assert any("ALL_PRIVILEGES" in warning for warning in kept["warnings"])
    left = run("grant", **SCHEMA, principal=ADA, privileges=["ALL PRIVILEGES"], state="absent")
    assert left["grant"]["privileges"] == ["MANAGE"]


def test_going_from_all_privileges_to_exactly_some_is_one_request(run: Runs) -> None:
    run("grant", **SCHEMA, principal=ADA, privileges=["ALL PRIVILEGES", "SELECT", "MANAGE"])
    with run.sandbox.recorded() as requests:
        exact = run("grant", **SCHEMA, principal=ADA, privileges=["SELECT", "MODIFY"], purge=True)
    assert exact["grant"]["privileges"] == ["MODIFY", "SELECT"]
    assert sum(request.startswith("PATCH") for request in requests) == 1


@pytest.mark.parametrize(
    ("securable", "name", "warned"),
    [("schema", "vault.default", ["catalog vault"]), ("table", "vault.default.t", ["catalog vault", "schema"])],
)
def test_a_grant_that_cannot_work_alone_warns(run: Runs, securable: str, name: str, warned: list[str]) -> None:
    # Of main everybody holds USE_CATALOG already.
    run.sql("CREATE TABLE IF NOT EXISTS vault.default.t (id INT)")
    run("service_principal", name="lonely")
    everybody = {"principal": "account users", "privileges": ["USE CATALOG"], "state": "absent"}
    run("grant", securable="catalog", name="main", **everybody)
    done = run("grant", securable=securable, name=name, principal="lonely", privileges=["SELECT"])
    assert len(done["warnings"]) == len(warned)
    for warning, words in zip(done["warnings"], warned, strict=True):
        assert words in warning
    run("grant", securable="catalog", name="vault", principal="lonely", privileges=["USE CATALOG"])
    again = run("grant", securable=securable, name=name, principal="lonely", privileges=["MODIFY"])
    assert not any("catalog vault" in warning for warning in again["warnings"])


def test_the_caller_keeps_its_own_manage(run: Runs) -> None:
    run("grant", **SCHEMA, principal=BOB, privileges=["MANAGE"])
    run("grant", securable="catalog", name="main", principal=BOB, privileges=["USE CATALOG"])
    run("grant", **SCHEMA, principal=BOB, privileges=["USE SCHEMA"])
    bob = run.of(BOB)
    for wish in ({"privileges": ["MANAGE"], "state": "absent"}, {"privileges": ["USE SCHEMA"], "purge": True}):
        refused = bob.try_("grant", **SCHEMA, principal=BOB, **wish)
        assert refused["error"]["code"] == "OWN_MANAGE", refused
    assert "MANAGE" in run.sandbox.state()["grants"]["schema/main.analytics"][BOB]


def test_a_new_principal_is_waited_for_and_an_unknown_one_is_not(run: Runs) -> None:
    run.sandbox.set(new_principal_lag=2)
    run("service_principal", name="newcomer")
    assert run("grant", **SCHEMA, principal="newcomer", privileges=["SELECT"])["changed"]
    unknown = run.try_("grant", **SCHEMA, principal="nobody-at-all", privileges=["SELECT"])
    assert unknown["error"]["code"] == "PRINCIPAL_DOES_NOT_EXIST"
    local = run.try_("grant", **SCHEMA, principal="local-testers", privileges=["SELECT"])
    assert "account" in local["error"]["hint"]


def test_taking_from_what_is_not_there_is_no_change(run: Runs) -> None:
    for wish in ({"name": "main.nowhere"}, {"principal": "nobody-at-all"}):
        gone = run("grant", **{**SCHEMA, "principal": ADA, **wish}, privileges=["SELECT"], state="absent")
        assert not gone["changed"]


def test_effective_privileges_name_their_source(run: Runs) -> None:
    run("grant", securable="catalog", name="main", principal=ADA, privileges=["SELECT"])
    found = run("grant_info", **SCHEMA, principal=ADA)
    assert found["direct"] == []
    assert {(row["privilege"], row["source_type"], row["source"], row["inherited"]) for row in found["effective"]} >= {
        ("SELECT", "catalog", "main", True)
    }


def test_what_a_workspace_gives_its_users_is_no_reason_to_warn(run: Runs) -> None:
    catalog = run.sandbox.ready["workspace_catalog"]
    run("service_principal", name="lonely")
    for name in ("main.analytics", f"{catalog}.default"):
        done = run("grant", securable="schema", name=name, principal="lonely", privileges=["SELECT"])
        assert done["changed"] and done["warnings"] == []


def test_a_privilege_that_nobody_knows_is_the_services_to_refuse(run: Runs) -> None:
    announced = run("grant", True, **SCHEMA, principal=ADA, privileges=["SELCT"])
    assert announced["warnings"] == [
        "privileges: SELCT is no privilege that this collection knows on a schema (did you mean SELECT?). It is passed "
        "on as it is; the service decides."
    ]
    refused = run.try_("grant", **SCHEMA, principal=ADA, privileges=["SELCT"])
    assert "Privilege SELCT is not applicable to this entity" in refused["error"]["message"]
    assert "did you mean SELECT?" in refused["error"]["hint"]


def test_who_may_not_grant_learns_the_statement_that_lets_it(run: Runs) -> None:
    who = run("service_principal", name="outsider")["service_principal"]["application_id"]
    run("permission", object_type="tokens", principal=who, level="CAN_USE")
    refused = run.of(who).try_("grant", **SCHEMA, principal=BOB, privileges=["SELECT", "USE SCHEMA"])
    assert refused["failed"] and refused["error"]["code"] == "PERMISSION_DENIED"
    assert f"GRANT MANAGE ON SCHEMA `main`.`analytics` TO `{who}`" in refused["error"]["hint"]


# -- permissions ------------------------------------------------------------------------------
def test_the_first_token_permission_of_a_workspace_and_the_second_run(run: Runs) -> None:
    run.sandbox.set(no_tokens_yet=True)
    ready = run.sandbox.ready
    runner = {"token": None, "client_id": ready["client_id"], "client_secret": ready["client_secret"]}
    run("service_principal", name="klaviyo", **runner)
    wish = {"object_type": "tokens", "principal": "klaviyo", "level": "CAN_USE", **runner}
    shown = run("permission_info", object_type="tokens", **runner)
    assert shown["permissions"] == [] and "has no personal access token" in shown["note"]
    with run.sandbox.recorded() as announced:
        assert run("permission", True, **wish)["changed"]
    assert [one for one in announced if not one.startswith(("GET ", "POST /oidc/"))] == []
    made = run("permission", **wish)
    assert made["changed"] and made["permission"]["level"] == "CAN_USE"
    assert run.sandbox.state()["tokens"] in ([], {}), "the token that opened the permissions is gone"
    again = run("permission", **wish)
    assert not again["changed"] and again["warnings"] == []
    assert run("permission_info", object_type="tokens", **runner)["note"] is None


# -- statements -------------------------------------------------------------------------------
def test_rows_keep_their_types(run: Runs) -> None:
    done = run.sql("SELECT 1 AS n, 'x' AS s, CAST(NULL AS STRING) AS nothing, true AS b")
    assert done["results"][0]["rows"] == [[1, "x", None, True]]
    assert done["results"][0]["columns"] == ["n", "s", "nothing", "b"]
    assert done["changed"] is False


def test_the_first_failure_ends_the_task_but_not_the_cleaning_up(run: Runs) -> None:
    statements = [
        {"id": "make", "sql": "CREATE TABLE main.default.probe (id INT)"},
        {"id": "fail", "sql": "SELECT * FROM main.default.nothing"},
        {"id": "skipped", "sql": "SELECT 1"},
        {"id": "clean", "sql": "DROP TABLE main.default.probe", "always": True},
    ]
    done = run.try_("sql", warehouse=run.sandbox.warehouse_id, statements=statements)
    assert done["error"]["error_class"] == "TABLE_OR_VIEW_NOT_FOUND"
    assert done["error"]["sqlstate"] == "42P01"
    assert [(one["id"], one["ran"], one["ok"]) for one in done["error"]["results"]] == [
        ("make", True, True),
        ("fail", True, False),
        ("skipped", False, None),
        ("clean", True, True),
    ]
    assert not [table for table in run.sandbox.state()["tables"] if table["name"] == "probe"]


def test_check_mode_runs_what_reads_and_nothing_else(run: Runs) -> None:
    statements = [{"sql": "SELECT 1"}, {"sql": "CREATE TABLE main.default.probe (id INT)"}]
    done = run("sql", check=True, warehouse=run.sandbox.warehouse_id, statements=statements)
    assert [one["ran"] for one in done["results"]] == [True, False]
    assert done["changed"] is True
    assert not [table for table in run.sandbox.state()["tables"] if table["name"] == "probe"]


def test_one_session_whatever_the_number_of_statements(run: Runs) -> None:
    run.sql("CREATE TABLE main.default.t (id INT)")
    run.sandbox.control("DELETE", "journal")
    statements = [{"sql": "USE SCHEMA main.default"}, {"sql": "SHOW TABLES"}, {"sql": "SELECT count(*) FROM t"}]
    path = f"/sql/1.0/warehouses/{run.sandbox.warehouse_id}"
    done = run("sql", http_path=path, statements=statements, max_rows=1)
    assert done["results"][2]["rows"] == [[0]]
    entries = run.sandbox.control("GET", "journal")["entries"]
    calls = [entry.get("thrift") or entry.get("call") for entry in entries]
    assert calls.count("OpenSession") == calls.count("CloseSession") == 1
    assert len(entries) == 5, "nothing but the session and its statements"


def test_parameters_are_values_and_never_text_of_the_statement(run: Runs) -> None:
    done = run(
        "sql",
        warehouse=run.sandbox.warehouse_id,
        statements=[{"sql": "SELECT :a AS a", "parameters": {"a": "x' OR 1=1 --"}}],
    )
    assert done["results"][0]["rows"] == [["x' OR 1=1 --"]]


def test_more_rows_than_wanted_are_cut_and_said_so(run: Runs) -> None:
    done = run.sql("SELECT * FROM VALUES (1), (2), (3)", max_rows=2)
    assert done["results"][0]["rows"] == [[1], [2]]
    assert done["results"][0]["truncated"] is True


def test_no_session_is_one_failure_or_one_finding(run: Runs) -> None:
    run("service_principal", name="outsider", entitlements=["databricks-sql-access"])
    run("permission", object_type="tokens", principal="outsider", level="CAN_USE")
    who = run("service_principal_info", name="outsider")["service_principals"][0]["application_id"]
    outsider = run.of(who)
    path = f"/sql/1.0/warehouses/{run.sandbox.warehouse_id}"
    refused = outsider.try_("sql", http_path=path, statement="SELECT 1")
    assert (refused["error"]["code"], refused["error"]["status"]) == ("PERMISSION_DENIED", 403)
    collected = outsider("sql", http_path=path, statement="SELECT 1", collect_errors=True)
    assert collected["results"] == []
    assert collected["session_error"]["status"] == 403


def test_a_stopped_warehouse_is_started(run: Runs) -> None:
    assert run("sql", warehouse="Cold Warehouse", statement="SELECT 1")["results"][0]["rows"] == [[1]]


# -- tables -----------------------------------------------------------------------------------
def test_tables_with_their_columns(run: Runs) -> None:
    run.sql("CREATE TABLE main.default.orders (id BIGINT, total DOUBLE)")
    run.sql("CREATE VIEW main.default.big AS SELECT id FROM main.default.orders")
    found = run("table_info", catalog="MAIN", schema="Default")["tables"]
    assert [(one["name"], one["type"]) for one in found] == [("big", "VIEW"), ("orders", "MANAGED")]
    assert [(column["name"], column["type"]) for column in found[1]["columns"]] == [
        ("id", "bigint"),
        ("total", "double"),
    ]
    only = run("table_info", catalog="main", schema="default", name="ORDERS", columns=False)["tables"]
    assert [set(one) for one in only] == [{"full_name", "name", "type", "owner", "comment"}]


# -- the legacy metastore ---------------------------------------------------------------------
def test_a_schema_of_the_legacy_metastore_lives_like_any_other(run: Runs) -> None:
    there = {"catalog": "hive_metastore", "name": "legacy_one", "warehouse": run.sandbox.warehouse_id}
    announced = run("schema", check=True, **there, comment="it's \\ old")
    made = run("schema", **there, comment="it's \\ old")
    assert announced["changed"] and made["changed"]
    assert made["schema"]["comment"] == "it's \\ old"
    assert not run("schema", **there, comment="it's \\ old")["changed"]
    assert run("schema", **there, comment="", owner=ADA)["schema"]["owner"] == ADA
    assert not run("schema", **there, comment="", owner=ADA)["changed"]
    assert "legacy_one" in [one["name"] for one in run("schema_info", catalog="hive_metastore",
                            warehouse=run.sandbox.warehouse_id)["schemas"]]  # fmt: skip
    run.sql("CREATE TABLE hive_metastore.legacy_one.t (id INT COMMENT 'key', name STRING)")
    tables = run("table_info", catalog="hive_metastore", schema="legacy_one", warehouse=run.sandbox.warehouse_id)
    assert [column["name"] for column in tables["tables"][0]["columns"]] == ["id", "name"]
    refused = run.try_("schema", **there, state="absent")
    assert refused["error"]["code"] == "SCHEMA_NOT_EMPTY"
    assert run("schema", **there, state="absent", force=True)["changed"]
    assert not run("schema", **there, state="absent")["changed"]


@pytest.mark.parametrize("option", [{"properties": {"a": "b"}}, {"storage_root": "s3://x"}])
def test_what_the_legacy_metastore_cannot_do_is_refused(run: Runs, option: dict[str, t.Any]) -> None:
    refused = run.try_("schema", catalog="hive_metastore", name="x", warehouse=run.sandbox.warehouse_id, **option)
    assert refused["error"]["option"] == next(iter(option))


def test_privileges_of_the_legacy_metastore(run: Runs) -> None:
    warehouse = run.sandbox.warehouse_id
    run("schema", catalog="hive_metastore", name="legacy_two", warehouse=warehouse)
    there = {"securable": "schema", "name": "hive_metastore.legacy_two", "principal": ADA, "warehouse": warehouse}
    done = run("grant", **there, privileges=["USE SCHEMA", "CREATE TABLE", "READ_METADATA"])
    assert done["grant"]["privileges"] == ["CREATE", "READ_METADATA", "USAGE"]
    assert done["sql"] == [
        f"GRANT CREATE, READ_METADATA, USAGE ON SCHEMA `hive_metastore`.`legacy_two` TO `{ADA}`",
    ]
    assert not run("grant", **there, privileges=["usage"])["changed"]
    exact = run("grant", **there, privileges=["SELECT"], purge=True)
    assert exact["grant"]["privileges"] == ["SELECT"]
    found = run("grant_info", **there)
    assert found["direct"] == [{"principal": ADA, "privileges": ["SELECT"]}]
    assert run("grant", **there, purge=True, state="absent")["grant"]["privileges"] == []
    assert "MANAGE" in run.try_("grant", **there, privileges=["MANAGE"])["msg"]
    del there["warehouse"]
    assert run.try_("grant", **there, privileges=["SELECT"])["error"]["option"] == "warehouse"
