# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Privileges over REST, in all four forms."""

from __future__ import annotations

import typing as t

import pytest
import requests
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.sandbox.people import Person, client, person
from tests.support.sandbox import Sandbox

BASE = "/api/2.1/unity-catalog"


def raw(sandbox: Sandbox, method: str, path: str, **more: t.Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    return requests.request(method, f"{sandbox.host}{BASE}/{path}", headers=headers, timeout=10, **more)


def change(
    sandbox: Sandbox, name: str, principal: str, *, add: t.Sequence[str] = (), remove: t.Sequence[str] = ()
) -> t.Any:
    body = {"changes": [{"principal": principal, "add": list(add), "remove": list(remove)}]}
    return raw(sandbox, "PATCH", f"permissions/schema/{name}", json=body)


def held(sandbox: Sandbox, name: str, who: Person) -> set[str]:
    found = client(sandbox).grants.get("schema", name, principal=who.application_id)
    return {p.value for a in found.privilege_assignments or [] for p in a.privileges or []}


@pytest.fixture
def who(sandbox: Sandbox) -> Person:
    client(sandbox).schemas.create(name="x", catalog_name="main")
    return person(sandbox)


def test_nothing_granted_is_an_empty_object(sandbox: Sandbox, who: Person) -> None:
    """CLI acceptance golden grants remove_all."""
    assert raw(sandbox, "GET", "permissions/schema/main.x").json() == {}


def test_blanks_are_accepted_and_underscores_come_back(sandbox: Sandbox, who: Person) -> None:
    """terraform-provider-databricks NormalizePrivilege."""
    assert change(sandbox, "main.x", who.application_id, add=["USE SCHEMA", "select"]).status_code == 200
    assert held(sandbox, "main.x", who) == {"USE_SCHEMA", "SELECT"}


def test_adding_and_removing_twice_is_no_error(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, REVOKE."""
    for _round in range(2):
        assert change(sandbox, "main.x", who.application_id, add=["SELECT"]).status_code == 200
    for _round in range(2):
        assert change(sandbox, "main.x", who.application_id, remove=["SELECT"]).status_code == 200


def test_the_same_privilege_both_ways_is_refused(sandbox: Sandbox, who: Person) -> None:
    """CLI libs/testserver/grants.go."""
    answer = change(sandbox, "main.x", who.application_id, add=["SELECT"], remove=["SELECT"])
    assert answer.status_code == 400
    assert "Duplicate privileges to add and delete" in answer.json()["message"]


def test_removing_all_privileges_takes_what_it_stands_for_but_not_manage(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, REVOKE."""
    change(sandbox, "main.x", who.application_id, add=["ALL_PRIVILEGES", "SELECT", "MANAGE", "EXTERNAL_USE_SCHEMA"])
    change(sandbox, "main.x", who.application_id, remove=["ALL_PRIVILEGES"])
    assert held(sandbox, "main.x", who) == {"MANAGE", "EXTERNAL_USE_SCHEMA"}


def test_removal_goes_before_addition(sandbox: Sandbox, who: Person) -> None:
    """CLI dresources grants golden: add [X], remove [ALL_PRIVILEGES] ends with exactly X."""
    change(sandbox, "main.x", who.application_id, add=["ALL_PRIVILEGES", "MODIFY"])
    change(sandbox, "main.x", who.application_id, add=["SELECT"], remove=["ALL_PRIVILEGES"])
    assert held(sandbox, "main.x", who) == {"SELECT"}


@pytest.mark.parametrize("privilege", ["USE_CATALOG", "CREATE_SCHEMA", "BROWSE", "CREATE_VIEW", "USAGE", "NONSENSE"])
def test_what_does_not_apply_to_a_schema_is_refused(sandbox: Sandbox, who: Person, privilege: str) -> None:
    """Databricks docs, "Unity Catalog privileges reference"; terraform-provider-databricks grants acceptance test."""
    answer = change(sandbox, "main.x", who.application_id, add=[privilege])
    assert answer.status_code == 400
    assert "is not applicable to this entity" in answer.json()["message"]


@pytest.mark.parametrize("principal", ["somebody", "nobody@example.com", "admins", "users", "local-testers", ""])
def test_names_that_unity_catalog_does_not_know(sandbox: Sandbox, who: Person, principal: str) -> None:
    """Display names and workspace-local groups are refused (terraform-provider-databricks#2237, #4680)."""
    answer = change(sandbox, "main.x", principal, add=["SELECT"])
    assert (answer.status_code, answer.json()["error_code"]) == (404, "PRINCIPAL_DOES_NOT_EXIST")


@pytest.mark.parametrize("principal", ["account users", "analysts", "ADA.analyst@example.com"])
def test_names_that_it_knows(sandbox: Sandbox, who: Person, principal: str) -> None:
    """Account groups and account users work; case does not matter (terraform-provider-databricks#3708)."""
    assert change(sandbox, "main.x", principal, add=["SELECT"]).status_code == 200


def test_a_new_principal_may_be_unknown_for_a_while(sandbox: Sandbox) -> None:
    """Public scripts wait while PRINCIPAL_DOES_NOT_EXIST comes back."""
    client(sandbox).schemas.create(name="x", catalog_name="main")
    sandbox.set(new_principal_lag=2)
    made = client(sandbox).service_principals.create(display_name="new")
    answers = [change(sandbox, "main.x", str(made.application_id), add=["SELECT"]).status_code for _try in range(3)]
    assert answers == [404, 404, 200]


def test_types_are_taken_in_any_case(sandbox: Sandbox, who: Person) -> None:
    """databricks-sdk-go internal/catalog_test.go sends TABLE; str() of Python's enumeration is publicly reported."""
    assert raw(sandbox, "GET", "permissions/SCHEMA/main.x").status_code == 200
    answer = raw(sandbox, "GET", "permissions/SecurableType.SCHEMA/main.x")
    assert answer.status_code == 400
    assert "SECURABLETYPE.SCHEMA is not a valid securable type" in answer.json()["message"]


@pytest.mark.parametrize("size", [1, 149, -1])
def test_small_pages_are_refused(sandbox: Sandbox, who: Person, size: int) -> None:
    """SDK docstring of GrantsAPI.get."""
    assert raw(sandbox, "GET", f"permissions/schema/main.x?max_results={size}").status_code == 400


def test_effective_rows_say_where_they_come_from(sandbox: Sandbox, who: Person) -> None:
    """SDK EffectivePrivilege: inherited_* are missing for direct grants."""
    who.may("catalog", "main", "USE_CATALOG", "SELECT")
    who.may("schema", "main.x", "USE_SCHEMA")
    found = client(sandbox).grants.get_effective("schema", "main.x", principal=who.application_id)
    shown = {
        (p.privilege, p.inherited_from_name) for a in found.privilege_assignments or [] for p in a.privileges or []
    }
    assert shown == {(Privilege.USE_CATALOG, "main"), (Privilege.SELECT, "main"), (Privilege.USE_SCHEMA, None)}
    paged = list(client(sandbox).grants.list_effective("schema", "main.x", principal=who.application_id))
    assert len(paged) == 1
    assert [a.principal for a in client(sandbox).grants.list("schema", "main.x")] == [who.application_id]


def test_a_missing_securable_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(NotFound):
        client(sandbox).grants.get("schema", "main.none")
    with pytest.raises(BadRequest, match="GetPermissions invalid schema name: 'sampletest'"):
        client(sandbox).grants.get("schema", "sampletest")


def test_who_may_grant(sandbox: Sandbox, who: Person) -> None:
    """Owner, MANAGE with the way in, or metastore admin (Databricks docs, "Manage privileges")."""
    grant = [PermissionsChange(principal="analysts", add=[Privilege.SELECT])]
    who.may("catalog", "main", "USE_CATALOG")
    who.may("schema", "main.x", "MANAGE")
    with pytest.raises(PermissionDenied):
        who.client.grants.update("schema", "main.x", changes=grant)
    who.may("schema", "main.x", "USE_SCHEMA")
    who.client.grants.update("schema", "main.x", changes=grant)


def test_everybody_may_read_their_own(sandbox: Sandbox, who: Person) -> None:
    who.may("schema", "main.x", "SELECT")
    found = who.client.grants.get("schema", "main.x", principal=who.application_id)
    assert [p.value for a in found.privilege_assignments or [] for p in a.privileges or []] == ["SELECT"]
    with pytest.raises(PermissionDenied):
        who.client.grants.get("schema", "main.x", principal="analysts")


def test_all_changes_or_none(sandbox: Sandbox, who: Person) -> None:
    body = {
        "changes": [
            {"principal": who.application_id, "add": ["SELECT"]},
            {"principal": "nobody@example.com", "add": ["SELECT"]},
        ]
    }
    assert raw(sandbox, "PATCH", "permissions/schema/main.x", json=body).status_code == 404
    assert held(sandbox, "main.x", who) == set()


def test_many_assignments_come_in_pages(sandbox: Sandbox, who: Person) -> None:
    """SDK docstring of GrantsAPI.get_effective: a page has at most so many privileges, whole assignments, and may be
    empty; only a missing token is the end.
    """
    held = {"SELECT", "MODIFY", "USE_SCHEMA", "CREATE_TABLE", "CREATE_VOLUME", "CREATE_FUNCTION", "EXECUTE", "REFRESH"}
    names = [f"user{number}@example.com" for number in range(40)]
    for name in names:
        client(sandbox).users.create(user_name=name)
    client(sandbox).grants.update(
        "schema",
        "main.x",
        changes=[PermissionsChange(principal=name, add=[Privilege(one) for one in held]) for name in names],
    )
    for size in (0, 150):
        pages, token = [], ""
        while token is not None:
            query = f"max_results={size}&page_token={token}"
            answer = raw(sandbox, "GET", f"effective-permissions/schema/main.x?{query}").json()
            pages.append(answer["privilege_assignments"])
            token = answer.get("next_page_token")
        counted = [sum(len(row["privileges"]) for row in page) for page in pages]
        assert max(counted) <= (size or 200) and len(pages) >= 3 and (counted[0] == 0) == (size == 0)
        found = [row["principal"] for page in pages for row in page if row["principal"] in names]
        assert sorted(found) == sorted(names)
    whole = raw(sandbox, "GET", "effective-permissions/schema/main.x").json()
    assert "next_page_token" not in whole and len(whole["privilege_assignments"]) >= len(names)
    assert raw(sandbox, "GET", "permissions/schema/main.x?max_results=0&page_token=rows").status_code == 400
