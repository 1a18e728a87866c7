# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret scopes: what goes in, what comes out, and for whom."""

from __future__ import annotations

import base64
import typing as t

import pytest
import requests
from databricks.sdk.errors import BadRequest, PermissionDenied, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service.workspace import AclPermission

from tests.sandbox.people import Person, client, person
from tests.sandbox.wire import ask, coded, seeded
from tests.support.sandbox import Sandbox

SECRET = "not to be seen by anybody"


@pytest.fixture
def who(sandbox: Sandbox) -> Person:
    w = client(sandbox)
    w.secrets.create_scope("vault")
    w.secrets.put_secret("vault", "key", string_value=SECRET)
    return person(sandbox)


def post(sandbox: Sandbox, what: str, **body: t.Any) -> t.Any:
    return ask(sandbox, "POST", f"/api/2.0/secrets/{what}", json=body)


def test_a_life(sandbox: Sandbox) -> None:
    """SDK SecretsAPI: values come back in base64; the second put overwrites."""
    w = client(sandbox)
    w.secrets.create_scope("vault")
    assert [(one.name, one.backend_type.value) for one in w.secrets.list_scopes() if one.backend_type] == [
        ("vault", "DATABRICKS")
    ]
    for value in ("first", "second"):
        w.secrets.put_secret("vault", "key", string_value=value)
        found = w.secrets.get_secret("vault", "key")
        assert base64.b64decode(str(found.value)).decode() == value
    w.secrets.put_secret("vault", "raw", bytes_value=base64.b64encode(b"\x00\xff").decode())
    assert base64.b64decode(str(w.secrets.get_secret("vault", "raw").value)) == b"\x00\xff"
    listed = list(w.secrets.list_secrets("vault"))
    assert [one.key for one in listed] == ["key", "raw"] and all(one.last_updated_timestamp for one in listed)
    w.secrets.delete_secret("vault", "key")
    with pytest.raises(ResourceDoesNotExist):
        w.secrets.get_secret("vault", "key")
    w.secrets.delete_scope("vault")
    assert list(w.secrets.list_scopes()) == []


def test_what_does_not_exist(sandbox: Sandbox, who: Person) -> None:
    """SDK SecretsAPI: RESOURCE_DOES_NOT_EXIST for scope, secret and ACL."""
    w = client(sandbox).secrets
    for call in (
        lambda: w.put_secret("none", "key", string_value="x"),
        lambda: w.get_secret("none", "key"),
        lambda: w.get_secret("vault", "none"),
        lambda: list(w.list_secrets("none")),
        lambda: w.delete_secret("vault", "none"),
        lambda: w.delete_scope("none"),
        lambda: list(w.list_acls("none")),
        lambda: w.get_acl("vault", "users"),
        lambda: w.delete_acl("vault", "users"),
        lambda: w.put_acl("none", "users", AclPermission.READ),
    ):
        with pytest.raises(ResourceDoesNotExist):
            call()


def test_a_scope_is_made_once(sandbox: Sandbox, who: Person) -> None:
    """SDK SecretsAPI.create_scope: RESOURCE_ALREADY_EXISTS."""
    with pytest.raises(ResourceAlreadyExists, match="Scope vault already exists!"):
        client(sandbox).secrets.create_scope("vault")
    assert list(client(sandbox).secrets.list_secrets("vault"))


@pytest.mark.parametrize("name", ["", "a b", "a/b", "é", "x" * 129, None, 7])
def test_names(sandbox: Sandbox, who: Person, name: t.Any) -> None:
    """SDK SecretsAPI: alphanumeric characters, dashes, underscores, periods; at most 128 characters."""
    assert coded(post(sandbox, "scopes/create", scope=name)) == (400, "INVALID_PARAMETER_VALUE")
    answer = post(sandbox, "put", scope="vault", key=name, string_value="x")
    assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")


def test_names_that_just_fit(sandbox: Sandbox, who: Person) -> None:
    assert post(sandbox, "scopes/create", scope="A-b_c.9" + "x" * 121).status_code == 200
    assert post(sandbox, "put", scope="vault", key="x" * 128, string_value="x").status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"string_value": "a", "bytes_value": "YQ=="},
        {"bytes_value": "no base64"},
        {"string_value": 7},
        {"string_value": ""},
        {"string_value": "x" * (128 * 1024 + 1)},
    ],
)
def test_values_that_are_refused(sandbox: Sandbox, who: Person, value: dict[str, t.Any]) -> None:
    """SDK SecretsAPI.put_secret: exactly one of string_value and bytes_value, at most 128 KB."""
    assert coded(post(sandbox, "put", scope="vault", key="new", **value)) == (400, "INVALID_PARAMETER_VALUE")
    assert [one.key for one in client(sandbox).secrets.list_secrets("vault")] == ["key"]


def test_the_largest_value(sandbox: Sandbox, who: Person) -> None:
    assert post(sandbox, "put", scope="vault", key="large", string_value="x" * 128 * 1024).status_code == 200


def test_nobody_is_let_in_without_an_acl(sandbox: Sandbox, who: Person) -> None:
    """SDK SecretsAPI: READ to read, WRITE to write, MANAGE for ACLs, each including the one before."""
    w, mine = client(sandbox).secrets, who.client.secrets
    reads = (lambda: mine.get_secret("vault", "key"), lambda: list(mine.list_secrets("vault")))
    writes = (lambda: mine.put_secret("vault", "new", string_value="x"), lambda: mine.delete_secret("vault", "new"))
    manages = (
        lambda: list(mine.list_acls("vault")),
        lambda: mine.put_acl("vault", "analysts", AclPermission.READ),
        lambda: mine.delete_acl("vault", "analysts"),
    )
    steps = [(None, 0), (AclPermission.READ, 1), (AclPermission.WRITE, 2), (AclPermission.MANAGE, 3)]
    for level, allowed in steps:
        if level:
            w.put_acl("vault", who.application_id, level)
        for number, calls in enumerate((reads, writes, manages)):
            for call in calls:
                if number < allowed:
                    call()
                    continue
                with pytest.raises(PermissionDenied):
                    call()
    mine.delete_scope("vault")


def test_acls_by_group(sandbox: Sandbox, who: Person) -> None:
    """SDK SecretsAPI.put_acl: user or group, the most powerful counts, and a second one overwrites."""
    w = client(sandbox).secrets
    w.put_acl("vault", "users", AclPermission.WRITE)
    w.put_acl("vault", who.application_id, AclPermission.READ)
    who.client.secrets.put_secret("vault", "new", string_value="x")
    w.put_acl("vault", "users", AclPermission.READ)
    with pytest.raises(PermissionDenied):
        who.client.secrets.put_secret("vault", "newer", string_value="x")
    assert w.get_acl("vault", "users").permission is AclPermission.READ
    found = {one.principal: one.permission for one in w.list_acls("vault")}
    assert found == {
        "admin@example.com": AclPermission.MANAGE,
        "users": AclPermission.READ,
        who.application_id: AclPermission.READ,
    }


def test_initial_managers(sandbox: Sandbox, who: Person) -> None:
    """SDK SecretsAPI.create_scope: whoever makes it, or the group users and nobody else."""
    client(sandbox).secrets.create_scope("not_his")
    with pytest.raises(PermissionDenied):
        who.client.secrets.put_secret("not_his", "key", string_value="x")
    client(sandbox).secrets.create_scope("everybodys", initial_manage_principal="users")
    who.client.secrets.put_secret("everybodys", "key", string_value="x")
    with pytest.raises(BadRequest):
        client(sandbox).secrets.create_scope("wrong", initial_manage_principal="admins")
    answer = post(sandbox, "scopes/create", scope="vaulted", scope_backend_type="AZURE_KEYVAULT")
    assert answer.status_code == 400


def test_a_workspace_admin_gets_into_every_scope(sandbox: Sandbox, who: Person) -> None:
    """Databricks, "Workspace secret scopes": admins read secrets; TF secrets/secret_acl_test.go: and list the ACLs."""
    who.client.secrets.create_scope("mine")
    who.client.secrets.put_secret("mine", "key", string_value="x")
    admin = client(sandbox).secrets
    assert [(one.principal, one.permission) for one in admin.list_acls("mine")] == [
        (who.application_id, AclPermission.MANAGE)
    ]
    assert base64.b64decode(str(admin.get_secret("mine", "key").value)) == b"x"
    assert [one.key for one in admin.list_secrets("mine")] == ["key"]
    admin.put_secret("mine", "other", string_value="y")
    admin.delete_scope("mine")


def test_acls_for_nobody(sandbox: Sandbox, who: Person) -> None:
    """SDK SecretsAPI.put_acl: an existing principal; INVALID_PARAMETER_VALUE for another, or another level."""
    for principal, level in (("nobody@example.com", "READ"), ("somebody", "READ"), ("users", "OWN"), ("", "READ")):
        answer = post(sandbox, "acls/put", scope="vault", principal=principal, permission=level)
        assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")


def test_values_are_shown_to_nobody_else(sandbox: Sandbox, who: Person) -> None:
    """What a client puts into a scope is as secret as what the service made up."""
    scope = seeded(sandbox, "secret_scopes", name="vault")
    encoded = base64.b64encode(SECRET.encode()).decode()
    for shown in (str(sandbox.state()), str(sandbox.control("GET", "journal"))):
        assert SECRET not in shown and encoded not in shown
    assert "sha256" in str(scope)


def test_a_scope_is_full_at_a_thousand(sandbox: Sandbox, who: Person) -> None:
    """SDK SecretsAPI.put_secret: RESOURCE_LIMIT_EXCEEDED; replacing one is still possible."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {sandbox.token}"
    where = f"{sandbox.host}/api/2.0/secrets/put"
    body = {"scope": "vault", "string_value": "x"}
    statuses = {session.post(where, json={**body, "key": f"k{n}"}, timeout=10).status_code for n in range(999)}
    assert statuses == {200}
    assert coded(post(sandbox, "put", key="one-more", **body)) == (400, "RESOURCE_LIMIT_EXCEEDED")
    assert post(sandbox, "put", key="key", **body).status_code == 200
