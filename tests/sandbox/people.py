# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who is not the administrator, made through the service's own endpoints."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

from databricks import sql
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.service.catalog import PermissionsChange, Privilege
from databricks.sdk.service.iam import AccessControlRequest, ComplexValue, PermissionLevel

from tests.support.sandbox import Sandbox


def client(sandbox: Sandbox, token: str | None = None) -> WorkspaceClient:
    return WorkspaceClient(config=Config(host=sandbox.host, token=token or sandbox.token, auth_type="pat"))


@dataclass
class Person:
    """A service principal with a token of its own."""

    sandbox: Sandbox
    id: str
    application_id: str
    token: str

    @property
    def client(self) -> WorkspaceClient:
        return client(self.sandbox, self.token)

    def may(self, securable: str, name: str, *privileges: str) -> None:
        """The administrator grants something."""
        change = PermissionsChange(principal=self.application_id, add=[Privilege(one) for one in privileges])
        client(self.sandbox).grants.update(securable, name, changes=[change])

    def use_warehouse(self) -> None:
        grant_level(self.sandbox, "warehouses", self.sandbox.warehouse_id, self.application_id)

    @contextlib.contextmanager
    def cursor(self) -> t.Iterator[t.Any]:
        with cursor(self.sandbox, self.token) as opened:
            yield opened


def grant_level(sandbox: Sandbox, kind: str, name: str, application_id: str) -> None:
    entry = AccessControlRequest(service_principal_name=application_id, permission_level=PermissionLevel.CAN_USE)
    client(sandbox).permissions.update(kind, name, access_control_list=[entry])


def person(sandbox: Sandbox, name: str = "somebody", *, sql_access: bool = True, warehouse: bool = True) -> Person:
    admin = client(sandbox)
    entitlements = [ComplexValue(value="databricks-sql-access")] if sql_access else None
    made = admin.service_principals.create(display_name=name, entitlements=entitlements)
    grant_level(sandbox, "authorization", "tokens", str(made.application_id))
    token = admin.token_management.create_obo_token(application_id=str(made.application_id), lifetime_seconds=3600)
    one = Person(sandbox, str(made.id), str(made.application_id), str(token.token_value))
    if warehouse:
        one.use_warehouse()
    return one


@contextlib.contextmanager
def cursor(
    sandbox: Sandbox, token: str | None = None, warehouse_id: str | None = None, **more: t.Any
) -> t.Iterator[t.Any]:
    """A SQL session of the real connector."""
    path = f"/sql/1.0/warehouses/{warehouse_id or sandbox.warehouse_id}"
    with (
        sql.connect(
            server_hostname=sandbox.host,
            http_path=path,
            access_token=token or sandbox.token,
            _connection_uri=f"{sandbox.host}{path}",
            enable_telemetry=False,
            _retry_stop_after_attempts_count=1,
            **more,
        ) as connection,
        connection.cursor() as opened,
    ):
        yield opened


def rows(opened: t.Any, statement: str, parameters: t.Any = None) -> list[tuple[t.Any, ...]]:
    opened.execute(statement, parameters)
    return [tuple(row) for row in opened.fetchall()]
