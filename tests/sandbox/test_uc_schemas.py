# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas over REST, through the real SDK."""

from __future__ import annotations

import typing as t

import pytest
import requests
from databricks.sdk.errors import BadRequest, DatabricksError, NotFound, PermissionDenied

from tests.sandbox.people import client, cursor, person, rows
from tests.support.sandbox import Sandbox

BASE = "/api/2.1/unity-catalog/schemas"


def raw(sandbox: Sandbox, method: str, path: str, **more: t.Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    return requests.request(method, f"{sandbox.host}{path}", headers=headers, timeout=10, **more)


def test_names_come_back_in_lower_case_and_are_found_in_any(sandbox: Sandbox) -> None:
    """CLI libs/testserver/schemas.go: the create response already returns lower-case names."""
    w = client(sandbox)
    made = w.schemas.create(name="KLAVIYO_TMP", catalog_name="main", comment="staging")
    assert (made.name, made.full_name, made.owner) == ("klaviyo_tmp", "main.klaviyo_tmp", "admin@example.com")
    assert w.schemas.get("MAIN.Klaviyo_Tmp").schema_id == made.schema_id


def test_a_duplicate_is_a_bad_request_and_not_a_conflict(sandbox: Sandbox) -> None:
    """bundle-examples#51: 400 SCHEMA_ALREADY_EXISTS with the bare name."""
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="main")
    with pytest.raises(BadRequest, match="Schema 'x' already exists") as caught:
        w.schemas.create(name="X", catalog_name="main")
    assert caught.value.error_code == "SCHEMA_ALREADY_EXISTS"
    assert caught.value.get_error_info()[0].reason == "RESOURCE_ALREADY_EXISTS"


@pytest.mark.parametrize(
    ("full_name", "code"), [("main.none", "SCHEMA_DOES_NOT_EXIST"), ("none.x", "CATALOG_DOES_NOT_EXIST")]
)
def test_what_is_missing_is_not_found(sandbox: Sandbox, full_name: str, code: str) -> None:
    """CLI acceptance goldens: Schema 'main.x' does not exist."""
    with pytest.raises(NotFound) as caught:
        client(sandbox).schemas.get(full_name)
    assert caught.value.error_code == code


def test_the_legacy_metastore_is_not_there_over_rest(sandbox: Sandbox) -> None:
    """databrickslabs/pytester#76."""
    with pytest.raises(NotFound) as caught:
        client(sandbox).schemas.create(name="x", catalog_name="hive_metastore")
    assert caught.value.error_code == "CATALOG_DOES_NOT_EXIST"


@pytest.mark.parametrize("name", ["a b", "a.b", "a/b", "", "x" * 256, "a\x7fb"])
def test_invalid_names_are_refused(sandbox: Sandbox, name: str) -> None:
    """Databricks docs, "Names"."""
    answer = raw(sandbox, "POST", BASE, json={"name": name, "catalog_name": "main"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_create_takes_no_owner(sandbox: Sandbox) -> None:
    """SDK SchemasAPI.create has no such argument."""
    answer = raw(sandbox, "POST", BASE, json={"name": "x", "catalog_name": "main", "owner": "ada.analyst@example.com"})
    assert answer.status_code == 400


def test_the_service_may_add_properties_of_its_own(sandbox: Sandbox) -> None:
    """CLI libs/testserver/schemas.go; and who did it is a principal of the service, the script of
    acceptance/bundle/resources/grants/schemas/duplicate_principals. On some workspaces only.
    """
    w = client(sandbox)
    assert not w.schemas.create(name="x", catalog_name="main").properties
    sandbox.set(forms="second")
    made = w.schemas.create(name="y", catalog_name="main")
    assert len(made.properties or {}) == 7
    assert "unity.catalog.managed.delta.defaults.delta.enableRowTracking" in (made.properties or {})
    assert (made.created_by, made.updated_by) == ("admin@example.com", "System user")
    assert w.schemas.create(name="z", catalog_name="main", properties={"a": "b"}).properties == {"a": "b"}


def test_a_change_of_nothing_is_refused(sandbox: Sandbox) -> None:
    """CLI bundle/direct/dresources/resources.yml: an empty body; what is there already may be said again, which is what
    the Terraform provider does (catalog/resource_schema.go, Create).
    """
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="main", comment="same")
    with pytest.raises(BadRequest, match="UpdateSchema Nothing to update"):
        w.schemas.update("main.x")
    assert w.schemas.update("main.x", comment="same", new_name="x").comment == "same"


def test_the_fields_of_a_schema(sandbox: Sandbox) -> None:
    """The answer of a workspace of 2026, see rest/wire_parts.py."""
    client(sandbox).schemas.create(name="x", catalog_name="main")
    shown = raw(sandbox, "GET", f"{BASE}/main.x").json()
    assert set(shown) == {
        *("name", "catalog_name", "owner", "enable_auto_maintenance", "enable_predictive_optimization"),
        *("metastore_id", "full_name", "created_at", "created_by", "updated_at", "updated_by", "catalog_type"),
        *("effective_auto_maintenance_flag", "effective_predictive_optimization_flag", "schema_id"),
        *("securable_type", "securable_kind", "browse_only", "metastore_version", "cache_version_info", "etag"),
    }
    before = shown["etag"]
    sandbox.control("POST", "clock", {"advance_seconds": 60})
    assert raw(sandbox, "PATCH", f"{BASE}/main.x", json={"comment": "c"}).json()["etag"] != before
    ours = raw(sandbox, "GET", f"{BASE}/main.information_schema").json()
    assert ours["securable_kind"] == "SCHEMA_SYSTEM" and ours["comment"] == "Information schema (auto-created)"
    assert "enable_auto_maintenance" not in ours


def test_a_comment_is_removed_by_the_empty_text(sandbox: Sandbox) -> None:
    """terraform-provider-databricks resource_schema.go."""
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="main", comment="gone soon")
    assert not w.schemas.update("main.x", comment="").comment


def test_the_owner_must_be_somebody_known(sandbox: Sandbox) -> None:
    """Service principals are known by application id only (terraform-provider-databricks#2237)."""
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="main")
    with pytest.raises(NotFound) as caught:
        w.schemas.update("main.x", owner="nightly-etl")
    assert caught.value.error_code == "PRINCIPAL_DOES_NOT_EXIST"
    assert w.schemas.update("main.x", owner="ADA.analyst@example.com").owner == "ada.analyst@example.com"


@pytest.mark.parametrize("what", ["schema", "table"])
def test_what_was_dropped_leaves_no_rows_behind(sandbox: Sandbox, what: str) -> None:
    """Databricks docs, "DROP SCHEMA" and "DROP TABLE": a new table of the same name is empty."""
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="main")
    with cursor(sandbox) as session:
        rows(session, "CREATE TABLE main.x.t (id INT)")
        rows(session, "INSERT INTO main.x.t VALUES (1)")
        if what == "schema":
            w.schemas.delete("main.x", force=True)
            w.schemas.create(name="x", catalog_name="main")
        else:
            w.tables.delete("main.x.t")
        rows(session, "CREATE TABLE main.x.t (name STRING)")
        assert rows(session, "SELECT * FROM main.x.t") == []


def test_a_schema_that_holds_tables_is_only_dropped_by_force(sandbox: Sandbox) -> None:
    """terraform-provider-databricks#3659."""
    w = client(sandbox)
    w.schemas.create(name="x", catalog_name="main")
    with cursor(sandbox) as session:
        rows(session, "CREATE TABLE main.x.t (id INT)")
    with pytest.raises(
        BadRequest, match=r"is not empty. The schema has 1 tables\(s\), 0 functions\(s\), 0 volumes\(s\)"
    ):
        w.schemas.delete("main.x")
    w.schemas.delete("main.x", force=True)
    with pytest.raises(NotFound):
        w.schemas.get("main.x")


def test_lists_have_empty_pages_that_are_not_the_end(sandbox: Sandbox) -> None:
    """SDK SchemasAPI.list: a page may hold zero schemas and still have a token."""
    first = raw(sandbox, "GET", f"{BASE}?catalog_name=main&max_results=0").json()
    assert first["schemas"] == []
    assert first["next_page_token"]
    assert {schema.name for schema in client(sandbox).schemas.list("main")} >= {"analytics", "default"}
    assert raw(sandbox, "GET", f"{BASE}?catalog_name=main&max_results=-1").status_code == 400


def test_only_visible_schemas_are_listed(sandbox: Sandbox) -> None:
    """SDK docstring of SchemasAPI.list: owned, or USE_SCHEMA."""
    somebody = person(sandbox)
    somebody.may("catalog", "main", "USE_CATALOG")
    client(sandbox).schemas.create(name="x", catalog_name="main")
    assert [schema.name for schema in somebody.client.schemas.list("main")] == ["information_schema"]
    somebody.may("schema", "main.x", "USE_SCHEMA")
    assert [schema.name for schema in somebody.client.schemas.list("main")] == ["information_schema", "x"]


def test_creating_needs_the_privilege(sandbox: Sandbox) -> None:
    """SDK docstring of SchemasAPI.create."""
    somebody = person(sandbox)
    with pytest.raises(PermissionDenied, match="USE CATALOG on Catalog 'vault'"):
        somebody.client.schemas.create(name="x", catalog_name="vault")
    somebody.may("catalog", "vault", "USE_CATALOG")
    with pytest.raises(PermissionDenied, match="CREATE SCHEMA on Catalog 'vault'"):
        somebody.client.schemas.create(name="x", catalog_name="vault")
    somebody.may("catalog", "vault", "CREATE_SCHEMA")
    assert somebody.client.schemas.create(name="x", catalog_name="vault").owner == somebody.application_id


def test_granting_marks_the_schema_as_updated(sandbox: Sandbox) -> None:
    """CLI libs/testserver/grants.go."""
    w = client(sandbox)
    made = w.schemas.create(name="x", catalog_name="main")
    sandbox.control("POST", "clock", {"advance_seconds": 60})
    person(sandbox).may("schema", "main.x", "USE_SCHEMA")
    assert (w.schemas.get("main.x").updated_at or 0) > (made.updated_at or 0)


def test_a_hash_cuts_the_path_as_it_does_on_the_wire(sandbox: Sandbox) -> None:
    """Measured with SDK 0.156: names go into the URL unescaped, so a delete can hit another schema."""
    w = client(sandbox)
    w.schemas.create(name="a", catalog_name="main")
    w.schemas.delete("main.a#b")
    with pytest.raises(NotFound):
        w.schemas.get("main.a")


def test_a_path_nobody_knows_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(DatabricksError) as caught:
        client(sandbox).api_client.do("GET", "/api/2.1/unity-catalog/nothing")
    assert caught.value.error_code == "ENDPOINT_NOT_FOUND"
