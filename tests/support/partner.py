# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox workspace with everything that a partner needs, made by the modules, and what can be broken there."""

from __future__ import annotations

import typing as t
from pathlib import Path

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox


class Partner:
    """A connected partner: principal, two schemas, token, and the wanted access to verify it by."""

    def __init__(self, sandbox: Sandbox, folder: Path, catalog: str | None = None) -> None:
        self.sandbox, self.catalog = sandbox, catalog or sandbox.catalog
        self.store = {"path": str(folder / "token.json")}
        self.imports, self.staging = f"{self.catalog}.partner_import", f"{self.catalog}.partner_tmp"
        self.hive = self.catalog == "hive_metastore"

    def set_up(self) -> Partner:
        by_sql = {"warehouse": self.sandbox.warehouse_id} if self.hive else {}
        for name in (self.imports, self.staging):
            self.do("schema", catalog=self.catalog, name=name.split(".")[1], **by_sql)
        made = self.do("service_principal", name="partner", entitlements=["databricks-sql-access"])
        self.principal = made["service_principal"]["application_id"]
        self.scim_id = made["service_principal"]["id"]
        for what in ({"object_type": "warehouse", "object": self.sandbox.warehouse_id}, {"object_type": "tokens"}):
            self.do("permission", principal=self.principal, level="CAN_USE", **what)
        for grant in self.wanted["grants"]:
            self.do("grant", principal=self.principal, **grant, **by_sql)
        self.sql(f"CREATE TABLE {self.imports}.customers (id INT)", f"CREATE TABLE {self.imports}.events (id INT)")
        self.do("token", principal=self.principal, integration="partner", store=self.store)
        return self

    @property
    def wanted(self) -> dict[str, t.Any]:
        read, write = ["USE_SCHEMA", "SELECT"], ["USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE"]
        if self.hive:
            read, write = ["USAGE", "READ_METADATA", "SELECT"], ["USAGE", "READ_METADATA", "SELECT", "MODIFY", "CREATE"]
        grants = [
            {"securable": "schema", "name": self.imports, "privileges": read},
            {"securable": "schema", "name": self.staging, "privileges": write},
        ]
        if not self.hive:
            grants.insert(0, {"securable": "catalog", "name": self.catalog, "privileges": ["USE_CATALOG"]})
        return {
            "partner": "partner",
            "title": "Partner",
            "catalog": self.catalog,
            "schemas": [
                {"id": "import", "name": self.imports, "use": "read"},
                {"id": "tmp", "name": self.staging, "use": "write"},
            ],
            "grants": grants,
            "guide": {"checks": {"schemas": "4.1", "identity": "4.2", "grants": "4.3", "probe": "4.4", "token": "2.2"}},
            "connection": {"steps": ["Enter the values."]},
        }

    def do(self, module: str, **options: t.Any) -> dict[str, t.Any]:
        result = run_module(module, {**self.sandbox.connection, **options})
        assert not result["failed"], result["msg"]
        return result

    def sql(self, *statements: str) -> None:
        self.do("sql", warehouse=self.sandbox.warehouse_id, statements=[{"sql": one} for one in statements])

    def verify(self, check: bool = False, **options: t.Any) -> Verified:
        given = {
            **self.sandbox.connection,
            "profile": self.wanted,
            "principal": self.principal,
            "token_store": self.store,
            "warehouse": self.sandbox.warehouse_id,
            **options,
        }
        result = run_module(
            "access_check", {key: value for key, value in given.items() if value is not None}, check=check
        )
        assert not result["failed"], result["msg"]
        return Verified(result)

    def client(self, token: str | None = None) -> WorkspaceClient:
        return WorkspaceClient(
            config=Config(host=self.sandbox.host, token=token or self.sandbox.token, auth_type="pat")
        )

    def grant(self, securable: str, name: str, whom: str, *, add: str = "", remove: str = "") -> None:
        change = {"principal": whom, "add": [add] if add else [], "remove": [remove] if remove else []}
        self.client().api_client.do(
            "PATCH", f"/api/2.1/unity-catalog/permissions/{securable}/{name}", body={"changes": [change]}
        )

    def everybody(self, schema: str) -> list[str]:
        """Who holds something on a schema."""
        return [str(row.principal) for row in self.client().grants.get("schema", schema).privilege_assignments or []]

    def probes_left(self) -> list[str]:
        return [one["full_name"] for one in self.sandbox.state()["tables"] if "_probe_" in one["full_name"]]


class Verified:
    """The result of module access_check."""

    def __init__(self, result: dict[str, t.Any]) -> None:
        self.result = result
        self.checks = {check["id"]: check for check in result["checks"]}
        assert len(self.checks) == len(result["checks"]), "two checks have the same id"

    def having(self, *results: str) -> set[str]:
        return {name for name, check in self.checks.items() if check["result"] in results}

    def __repr__(self) -> str:
        return "\n".join(check["line"] for check in self.result["checks"]) + f"\n{self.result['summary']['line']}"
