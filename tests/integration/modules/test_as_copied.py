# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses, HTTP paths and warehouses in the forms in which people copy them."""

from __future__ import annotations

import pytest

from tests.support.runs import Runs
from tests.support.sandbox import Sandbox

PATHS = [
    "/sql/1.0/warehouses/<warehouse>",
    "sql/1.0/warehouses/<warehouse>",
    "/sql/1.0/warehouses/<warehouse>/",
    " /sql/1.0/warehouses/<warehouse>\n",
    "/sql/1.0/endpoints/<warehouse>",
    "/sql/1.0/warehouses/<warehouse>?o=12345",
    "'/sql/1.0/warehouses/<warehouse>'",
    "https://abc-12345678.cloud.databricks.com/sql/1.0/warehouses/<warehouse>",
    "jdbc:databricks://abc-12345678.cloud.databricks.com:443;httpPath=/sql/1.0/warehouses/<warehouse>;AuthMech=3",
]
PAGES = [
    "https://abc-12345678.cloud.databricks.com/sql/warehouses/<warehouse>?o=12345",
    "https://abc-12345678.cloud.databricks.com/sql/warehouses/<warehouse>/monitoring",
]
NAMES = ["starter warehouse", " Starter Warehouse ", "STARTER WAREHOUSE\n", '"Starter Warehouse"', "<warehouse>"]


@pytest.mark.parametrize("path", PATHS)
def test_statements_run_whatever_the_form_of_the_path(sandbox: Sandbox, path: str) -> None:
    assert Runs(sandbox)("sql", http_path=path, statement="SELECT 1")["results"][0]["rows"] == [[1]]


@pytest.mark.parametrize("warehouse", [*PATHS, *PAGES, *NAMES])
def test_a_warehouse_is_found_by_name_id_path_or_page(sandbox: Sandbox, warehouse: str) -> None:
    run = Runs(sandbox)
    (found,) = run("warehouse_info", warehouse=warehouse)["warehouses"]
    assert found["id"] == sandbox.warehouse_id
    assert found["http_path"] == f"/sql/1.0/warehouses/{sandbox.warehouse_id}"
    listed = run("permission_info", object_type="warehouse", object=warehouse)["permissions"]
    assert listed == run("permission_info", object_type="warehouse", object="<warehouse>")["permissions"]
    assert listed


@pytest.mark.parametrize(
    "form", ["{}/", "{}/?o=123", "{}/browse?w=123", " {}\n", "'{}'", "{}/sql/warehouses/1?o=123#x"]
)
def test_the_address_of_any_page_is_the_address_of_the_workspace(sandbox: Sandbox, form: str) -> None:
    host = form.format(sandbox.host)
    result = Runs(sandbox).attempt("workspace_info", host=host, token=f" {sandbox.token}\n", retry_timeout=5)
    assert not result["failed"], result["msg"]
    assert result["workspace"]["host"] == sandbox.host


def test_the_workspace_that_an_option_names_must_be_the_hosts(sandbox: Sandbox) -> None:
    run = Runs(sandbox)
    own = str(sandbox.ready["workspace_id"])
    assert not run.attempt("workspace_info", **sandbox.connection, workspace_id=own)["failed"]
    refused = run.attempt("workspace_info", **sandbox.connection, workspace_id="123")
    assert refused["msg"].startswith(f"workspace_id: is 123, but the host is workspace {own}.")
    assert run.sent == ["GET /.well-known/databricks-config"]
