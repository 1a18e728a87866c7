# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight: changes nothing, asks at the same time what it can, and turns what is not allowed into findings."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import workspaces
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.data import Wish
from ansible_collections.lakeops.databricks.plugins.module_utils._token import stores
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.modules import run_module
from tests.support.scripted_host import TOKEN, Answer, Host

UC = "/api/2.1/unity-catalog"
ME = "/api/2.0/preview/scim/v2/Me"
CONF = "/api/2.0/workspace-conf"
METADATA = "/.well-known/databricks-config"
EFFECTIVE = f"{UC}/effective-permissions/catalog/main"
ID = "0123456789abcdef"
WAREHOUSE = f"/api/2.0/sql/warehouses/{ID}"
ON_WAREHOUSE = f"/api/2.0/permissions/warehouses/{ID}"
APPLICATION = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"

FORBIDDEN = Answer({"error_code": "PERMISSION_DENIED", "message": "Only accessible by admins."}, 403)


def me(*groups: str, name: str = "ada@example.com", **more: t.Any) -> Answer:
    body = {
        "id": "7",
        "userName": name,
        "displayName": "Ada",
        "groups": [{"display": group} for group in groups],
        **more,
    }
    return Answer(body, headers={"x-databricks-org-id": "42"})


def privileges(principal: str, *names: str) -> Answer:
    row = {"principal": principal, "privileges": [{"privilege": name} for name in names]}
    return Answer({"privilege_assignments": [row]})


@pytest.fixture
def site(scripted: Host) -> Host:
    """A workspace in which an administrator who owns the catalog lacks nothing."""
    scripted.on("GET", ME, me("admins", "users", entitlements=[{"value": "workspace-access"}]))
    scripted.on("GET", CONF, Answer({"enableTokensConfig": None, "maxTokenLifetimeDays": "90"}))
    scripted.on("GET", METADATA, Answer({"cloud": "AWS"}))
    assignment = {"metastore_id": "m-1", "default_catalog_name": "main", "workspace_id": 42}
    scripted.on("GET", f"{UC}/current-metastore-assignment", Answer(assignment))
    scripted.on("GET", f"{UC}/metastore_summary", Answer({"owner": "somebody"}))
    scripted.on("GET", f"{UC}/catalogs/main", Answer({"name": "main", "owner": "ADA@example.com"}))
    scripted.on("GET", EFFECTIVE, Answer({}))
    scripted.on("GET", WAREHOUSE, Answer({"id": ID, "name": "Main", "state": "RUNNING"}))
    scripted.on("GET", ON_WAREHOUSE, FORBIDDEN)
    return scripted


def look(site: Host, **options: t.Any) -> dict[str, t.Any]:
    connection = {"host": site.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}
    result = run_module("workspace_info", {**connection, **options})
    assert {request["method"] for request in site.requests} <= {"GET"}
    return result


def codes(result: dict[str, t.Any]) -> list[str]:
    return [one["code"] for one in result["missing"]]


def unknown(result: dict[str, t.Any]) -> list[str]:
    return [one["code"] for one in result["unknown"]]


def test_an_administrator_who_lacks_nothing(site: Host) -> None:
    result = look(site, catalog="MAIN", warehouse=ID)
    assert result["missing"] == [] and not result["changed"]
    assert result["workspace"] == {
        "host": site.url,
        "hostname": site.url.removeprefix("http://"),
        "workspace_id": "42",
        "metastore_id": "m-1",
        "default_catalog": "main",
        "cloud": "aws",
        "tokens_enabled": True,
        "max_token_lifetime_days": 90,
        "on_behalf_of": True,
    }
    assert result["caller"] == {
        "id": "7",
        "user_name": "ada@example.com",
        "display_name": "Ada",
        "sign_in": "pat",
        "application_id": None,
        "admin": True,
        "entitlements": ["workspace-access"],
        "groups": ["admins", "users"],
    }
    assert result["catalog"] == {
        "name": "main",
        "exists": True,
        "owner": "ADA@example.com",
        "may_use": True,
        "may_create_schemas": True,
        "may_grant": True,
    }
    assert result["warehouse"]["level"] == "CAN_MANAGE"
    assert len(site.requests) == 6, "who owns the catalog and administers the workspace needs no further reads"


def test_somebody_who_may_nothing_still_gets_an_answer(site: Host) -> None:
    site.on("GET", ME, me("users"))
    for path in (
        CONF,
        f"{UC}/current-metastore-assignment",
        f"{UC}/catalogs/main",
        f"{UC}/metastore_summary",
        EFFECTIVE,
    ):
        site.on("GET", path, FORBIDDEN)
    result = look(site, catalog="main", warehouse=ID)
    assert codes(result) == ["NO_USE_CATALOG", "NOT_ADMIN"]
    assert unknown(result) == ["LEVEL_UNKNOWN", "SETTINGS_UNKNOWN"]
    assert result["workspace"]["tokens_enabled"] is None and result["workspace"]["on_behalf_of"] is False
    assert result["warehouse"]["level"] is None
    assert all(one["who"] and one["what"] and one["how"] for one in result["missing"])
    assert not any(one["kind"] == "blocks" for one in result["missing"])


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        ((), ["CREATE_SCHEMA_UNKNOWN", "MANAGE_UNKNOWN"]),
        (("USE_CATALOG",), ["CREATE_SCHEMA_UNKNOWN", "MANAGE_UNKNOWN"]),
        (("USE_CATALOG", "CREATE_SCHEMA", "MANAGE"), []),
        # Databricks docs, "REVOKE": ALL PRIVILEGES does not include MANAGE.
        (("ALL_PRIVILEGES",), ["MANAGE_UNKNOWN"]),
    ],
)
@pytest.mark.parametrize("principal", ["Ada@example.com", "engineers", "account users"])
def test_privileges_by_name_and_by_group(site: Host, principal: str, held: tuple[str, ...], missing: list[str]) -> None:
    site.on("GET", ME, me("admins", "engineers"))
    site.on("GET", f"{UC}/catalogs/main", Answer({"name": "main", "owner": "others"}))
    site.on("GET", EFFECTIVE, privileges(principal, *held))
    result = look(site, catalog="main")
    assert unknown(result) == missing and codes(result) == []


def test_privileges_of_others_do_not_count(site: Host) -> None:
    site.on("GET", f"{UC}/catalogs/main", Answer({"name": "main", "owner": "others"}))
    site.on("GET", EFFECTIVE, privileges("bob@example.com", "USE_CATALOG", "CREATE_SCHEMA", "MANAGE"))
    result = look(site, catalog="main")
    assert unknown(result) == ["CREATE_SCHEMA_UNKNOWN", "MANAGE_UNKNOWN"] and codes(result) == []
    assert result["catalog"]["may_create_schemas"] is None, "what no answer shows is not absent"


@pytest.mark.parametrize("suffix", ["_acme_42", "_databricks_0123_acme_42", ""])
def test_an_administrator_owns_what_the_system_group_owns(site: Host, suffix: str) -> None:
    site.on("GET", f"{UC}/catalogs/main", Answer({"name": "main", "owner": f"_workspace_admins{suffix}"}))
    result = look(site, catalog="main")
    assert codes(result) == [] and unknown(result) == []
    assert result["catalog"]["may_create_schemas"] is True
    site.on("GET", ME, me("users"))
    result = look(site, catalog="main")
    assert unknown(result)[:2] == ["CREATE_SCHEMA_UNKNOWN", "MANAGE_UNKNOWN"]
    assert "an administrator of the workspace" in result["unknown"][0]["who"]


def test_who_owns_the_metastore_may_create_and_grant(site: Host) -> None:
    site.on("GET", f"{UC}/catalogs/main", Answer({"name": "main", "owner": "others"}))
    site.on("GET", f"{UC}/metastore_summary", Answer({"owner": "admins"}))
    result = look(site, catalog="main")
    assert codes(result) == [] and unknown(result) == []


def test_what_is_missing_is_told_all_at_once(site: Host) -> None:
    site.on("GET", CONF, Answer({"enableTokensConfig": "false", "maxTokenLifetimeDays": "0"}))
    gone = Answer({"error_code": "CATALOG_DOES_NOT_EXIST", "message": "Catalog 'main' does not exist."}, 404)
    site.on("GET", f"{UC}/catalogs/main", gone)
    site.on("GET", f"{UC}/catalogs", Answer({"catalogs": [{"name": "sales"}, {"name": "acme"}]}))
    site.on("GET", "/api/2.0/sql/warehouses", Answer({"warehouses": [{"id": ID, "name": "Main"}]}))
    result = look(site, catalog="main", warehouse="Mane")
    assert codes(result) == ["CATALOG_DOES_NOT_EXIST", "WAREHOUSE_DOES_NOT_EXIST", "TOKENS_DISABLED"]
    assert all(one["kind"] == "blocks" for one in result["missing"])
    assert "acme, sales" in result["missing"][0]["what"], "what there is helps to find a slip"
    assert result["workspace"]["max_token_lifetime_days"] is None and result["catalog"]["exists"] is False


def test_a_workspace_without_unity_catalog(site: Host) -> None:
    none = Answer({"error_code": "METASTORE_DOES_NOT_EXIST", "message": "No metastore assigned"}, 404)
    for path in ("current-metastore-assignment", "catalogs/main", "metastore_summary"):
        site.on("GET", f"{UC}/{path}", none)
    assert codes(look(site, catalog="main")) == ["METASTORE_DOES_NOT_EXIST"]
    assert codes(look(site, catalog="hive_metastore")) == []


def test_azure_makes_no_tokens_on_behalf_of_others(site: Host) -> None:
    site.on("GET", METADATA, Answer({"cloud": "Azure"}))
    result = look(site)
    assert result["workspace"]["cloud"] == "azure" and result["workspace"]["on_behalf_of"] is False


def test_a_service_principal_calls(site: Host) -> None:
    site.on("GET", ME, me(name=APPLICATION))
    caller = look(site)["caller"]
    assert (caller["application_id"], caller["admin"]) == (APPLICATION, False)


@pytest.mark.parametrize(("level", "missing"), [("CAN_MANAGE", []), ("CAN_USE", ["LEVEL_UNKNOWN"])])
def test_the_level_on_the_warehouse_by_group(site: Host, level: str, missing: list[str]) -> None:
    site.on("GET", ME, me("engineers"))
    entry = {"group_name": "engineers", "all_permissions": [{"permission_level": level, "inherited": False}]}
    site.on("GET", ON_WAREHOUSE, Answer({"access_control_list": [entry]}))
    result = look(site, warehouse=ID)
    assert codes(result) == ["NOT_ADMIN"] and result["warehouse"]["level"] == level
    assert unknown(result) == missing


def test_a_bad_token_is_a_failure(site: Host) -> None:
    site.on("GET", ME, Answer({"error_code": 403, "message": "Invalid access token."}, 403))
    assert look(site)["error"]["code"] == "INVALID_ACCESS_TOKEN"


def test_a_read_that_breaks_is_a_failure(site: Host) -> None:
    site.on("GET", f"{UC}/catalogs/main", Answer({"error_code": "INTERNAL_ERROR", "message": "Oops."}, 500))
    assert look(site, catalog="main")["error"]["code"] == "INTERNAL_ERROR"


def test_reads_go_out_at_the_same_time(site: Host) -> None:
    import time

    import databricks.sdk.core  # noqa: F401  its import takes long, and is not what is measured

    for answers in site.answers.values():
        answers[:] = [answers[0]._replace(delay=0.4)]
    begun = time.monotonic()
    look(site, catalog="main", warehouse=ID)
    assert time.monotonic() - begun < 1.6, "six reads of 0.4 s"


@pytest.mark.parametrize("catalog", ["a b", "a.b", "", "a#b"])
def test_a_catalog_that_cannot_be(site: Host, catalog: str) -> None:
    result = look(site, catalog=catalog)
    assert result["failed"] and "catalog: " in result["msg"] and site.requests == []


def test_as_the_user_of_what_was_set_up(site: Host) -> None:
    site.on("GET", ME, me(name=APPLICATION))
    site.on("GET", f"{UC}/catalogs/main", Answer({"name": "main", "owner": "others"}))
    site.on("GET", EFFECTIVE, FORBIDDEN, privileges(APPLICATION, "USE_CATALOG"))
    workspace = Workspace({"host": site.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5})
    seen = workspaces.survey(workspace, Wish(catalog="main", provisioning=False))
    assert seen["findings"] == [] and seen["caller"]["application_id"] == APPLICATION
    assert "tokens_enabled" not in seen["workspace"]
    assert not any(request["path"] in (CONF, METADATA) for request in site.requests)


def test_as_the_stored_token(site: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = "dapi" + "7" * 32
    monkeypatch.setattr(stores, "stored_token", lambda workspace, store: stored if store["path"] == "/one" else "")
    result = look(site, token_store={"path": "/one"})
    assert [request["path"] for request in site.requests] == [ME], "who am I is all there is to ask"
    assert site.requests[0]["headers"]["Authorization"] == f"Bearer {stored}"
    assert result["caller"]["user_name"] == "ada@example.com" and result["missing"] == []
    assert stored not in str(result)


@pytest.mark.parametrize(
    ("hostname", "expected"),
    [
        ("adb-1.2.azuredatabricks.net", "azure"),
        ("adb-1.2.databricks.azure.us", "azure"),
        ("123.4.gcp.databricks.com", "gcp"),
        ("abc-1.cloud.databricks.com", "aws"),
    ],
)
def test_the_address_tells_the_cloud_without_a_request(hostname: str, expected: str) -> None:
    workspace = Workspace({"host": f"https://{hostname}", "token": TOKEN, "http_timeout": 5, "retry_timeout": 5})
    assert workspaces.cloud(workspace) == expected
