# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Absent is what the API says is absent; a server that answers 404 to everything says nothing."""

from __future__ import annotations

import typing as t

import pytest
import requests

from ansible_collections.lakeops.databricks.plugins.module_utils._api import (
    oauth_secrets,
    permissions,
    principals,
    schemas,
    secrets,
    tables,
    tokens,
    warehouses,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import errors, retry
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import Answer, Host

PATH = "/api/2.0/thing"
PAGE = {"Content-Type": "text/html"}
STRANGERS = {
    "page": Answer("<html><head><title>404 Not Found</title></head></html>", 404, PAGE),
    "preformatted": Answer("<pre>Not Found</pre>", 404, PAGE),
    "empty": Answer("", 404),
    "text": Answer("NOT_FOUND: no such page", 404, {"Content-Type": "text/plain"}),
    "no code": Answer({"message": "Not Found"}, 404),
    "bad target": Answer({"error": "Bad Target: /api"}, 404),
    "list": Answer([], 404),
    "null": Answer("null", 404),
}
SAID = {
    "RESOURCE_DOES_NOT_EXIST": Answer({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No."}, 404),
    "SCHEMA_DOES_NOT_EXIST": Answer({"error_code": "SCHEMA_DOES_NOT_EXIST", "message": "No."}, 404),
    "SCHEMA_NOT_FOUND": Answer({"error_code": "SCHEMA_NOT_FOUND", "message": "No."}, 404),
    "NOT_FOUND": Answer({"error_code": "NOT_FOUND", "message": "No."}, 404),
    "SCIM": Answer({"detail": "No.", "status": "404"}, 404),
}
REMOVALS: dict[tuple[str, str], t.Callable[[Workspace], None]] = {
    ("DELETE", f"{schemas.BASE}/main.s"): lambda w: schemas.Catalog(w, "main").delete("s", force=False),
    ("DELETE", f"{principals.USERS}/1"): lambda w: principals.delete(w, principals.USERS, "1", "delete user x"),
    ("DELETE", f"{tokens.MANAGED}/1"): lambda w: tokens.revoke(w, "1"),
    ("POST", f"{tokens.OWN}/delete"): lambda w: tokens.revoke_own(w, "1"),
    ("POST", f"{secrets.BASE}/delete"): lambda w: secrets.delete(w, "s", "k"),
    ("DELETE", f"{oauth_secrets._path('1')}/2"): lambda w: oauth_secrets.delete(w, "1", "2"),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_404_of_somebody_else_is_a_failure(host: Host, workspace: Workspace, name: str) -> None:
    host.on("GET", PATH, STRANGERS[name])
    with pytest.raises(Failure, match="in a form that is not the API's") as caught:
        workspace.find(PATH, "read thing x")
    assert (caught.value.code, caught.value.as_dict()["status"]) == ("NOT_THE_API", 404)
    assert caught.value.status is None, "whoever decides by the status decides nothing"
    assert "Option host" in (caught.value.hint or "") and "SDK" not in str(caught.value)


@pytest.mark.parametrize("name", SAID)
def test_the_api_says_absent_in_several_ways(host: Host, workspace: Workspace, name: str) -> None:
    host.on("GET", PATH, SAID[name])
    assert workspace.find(PATH, "read thing x") is None


@pytest.mark.parametrize("request_", REMOVALS, ids=" ".join)
def test_nothing_is_called_gone_by_a_stranger(host: Host, workspace: Workspace, request_: tuple[str, str]) -> None:
    host.on(*request_, STRANGERS["page"])
    with pytest.raises(Failure) as caught:
        REMOVALS[request_](workspace)
    assert caught.value.code == "NOT_THE_API"
    host.on(*request_, SAID["NOT_FOUND"])
    REMOVALS[request_](workspace)


@pytest.mark.parametrize("tokens", ["A", "AB", "ABC"])
def test_a_list_without_end_ends(host: Host, workspace: Workspace, tokens: str) -> None:
    pages = [Answer({"things": [{}], "next_page_token": token}) for token in tokens]
    host.on("GET", PATH, *pages * 3)
    with pytest.raises(Failure, match="the list has no end"):
        list(workspace.pages(PATH, "things", "list the things"))
    assert len(host.requests) == len(tokens) + 1


@pytest.mark.parametrize("items", ["x", {"a": 1}, [1], [None], 7], ids=str)
def test_a_list_of_something_else_is_not_believed(host: Host, workspace: Workspace, items: t.Any) -> None:
    host.on("GET", PATH, Answer({"things": items}))
    with pytest.raises(Failure, match="what the answer holds as things is no list of objects") as caught:
        list(workspace.pages(PATH, "things", "list the things"))
    assert caught.value.code == "NOT_THE_API"


@pytest.mark.parametrize("answer", [{}, {"id": None, "userName": None}, {"id": ""}], ids=str)
def test_who_is_nobody_is_not_believed(host: Host, workspace: Workspace, answer: dict[str, t.Any]) -> None:
    host.on("GET", f"{principals.BASE}/Me", Answer(answer))
    with pytest.raises(Failure, match="the answer names nobody"):
        principals.me(workspace)


def test_a_certificate_that_is_refused_is_not_tried_again() -> None:
    error = requests.exceptions.SSLError("certificate verify failed")
    assert retry.wait_before_repeating(error, retry.Repeat.SAFE, 0) is None
    assert not errors.outcome_unknown(error), "nothing was sent"


DECISIONS: dict[str, tuple[str, str, t.Callable[[Workspace], t.Any]]] = {
    "settings of tokens": ("GET", "/api/2.0/workspace-conf", tokens.settings),
    "permissions of a warehouse": (
        "GET",
        f"{permissions.BASE}/warehouses/0123456789abcdef",
        lambda w: permissions.find(w, "warehouse", "0123456789abcdef"),
    ),
}


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("name", DECISIONS)
def test_nothing_is_decided_by_the_number_of_a_page(host: Host, workspace: Workspace, name: str, status: int) -> None:
    method, path, act = DECISIONS[name]
    host.on(method, path, Answer("<html>No</html>", status, PAGE))
    with pytest.raises(Failure) as caught:
        act(workspace)
    assert caught.value.code == "NOT_THE_API" and len(host.requests) == 1
    host.on(method, path, SAID["NOT_FOUND"])
    if name == "settings of tokens":
        assert act(workspace) == (True, None)
    else:
        with pytest.raises(Failure):  # it may be a name, so the list is asked
            act(workspace)
        assert host.requests[-1]["path"].startswith("/api/2.0/sql/warehouses")


NULLS: dict[str, tuple[t.Callable[[Workspace], t.Any], str, str]] = {
    "table": (
        lambda w: tables.listing(w, "main", "s"),
        tables.BASE,
        '{"tables": [{"name": null, "columns": [{"name": null, "position": "x", "nullable": null}]}]}',
    ),
    "warehouse": (
        warehouses.listing,
        warehouses.BASE,
        '{"warehouses": [{"id": "1", "name": null, "state": null, "odbc_params": null, "warehouse_type": null}]}',
    ),
    "user": (
        principals.users,
        principals.USERS,
        '{"totalResults": "1", "Resources": [{"id": "1", "userName": null, "groups": [null], "entitlements": null}]}',
    ),
    "principal": (
        principals.service_principals,
        principals.SERVICE_PRINCIPALS,
        '{"totalResults": null, "Resources": [{"id": 1, "displayName": null, "active": null}]}',
    ),
    "schema": (
        lambda w: schemas.Catalog(w, "main").listing(),
        schemas.BASE,
        '{"schemas": [{"name": "s", "storage_root": null, "properties": null, "comment": null, "new": {"x": 1}}]}',
    ),
    "token": (
        tokens.own,
        f"{tokens.OWN}/list",
        '{"token_infos": [{"token_id": null, "comment": null, "scopes": null}]}',
    ),
}


@pytest.mark.parametrize("name", NULLS)
def test_null_is_nothing(host: Host, workspace: Workspace, name: str) -> None:
    read, path, answer = NULLS[name]
    host.on("GET", path, Answer(answer))
    (found,) = read(workspace)
    shown = found if isinstance(found, dict) else {"token_id": found.token_id}
    assert "None" not in [str(value) for value in shown.values() if isinstance(value, str)]
    assert not [key for key, value in shown.items() if value is None and key != "auto_stop_mins"], shown


def test_a_scim_list_without_end_ends(host: Host, workspace: Workspace) -> None:
    host.on("GET", principals.USERS, Answer({"totalResults": 10**9, "Resources": [{"id": "1", "userName": "a@b.c"}]}))
    with pytest.raises(Failure, match="the workspace sends the same page for ever"):
        principals.users(workspace)
    assert len(host.requests) == 2
