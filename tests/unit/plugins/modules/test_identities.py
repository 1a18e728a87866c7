# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lives of a service principal and of a user."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals
from ansible_collections.lakeops.databricks.plugins.module_utils._engine import module as _module
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.directory import Directory
from tests.support.modules import run_module
from tests.support.scripted_host import TOKEN, Answer, Host

APPLICATION = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"
SQL, ACCESS = "databricks-sql-access", "workspace-access"
KINDS = [
    ("service_principal", {"name": "klaviyo"}, "ServicePrincipals"),
    ("user", {"name": "ada@example.com"}, "Users"),
]


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    there = Directory()
    monkeypatch.setattr(_module, "Workspace", lambda params, notify: there)
    monkeypatch.setattr(principals, "_LAG_SECONDS", 0.2)
    monkeypatch.setattr(retry, "_backoff", lambda attempt: 0.01)
    return there


def writes(directory: Directory) -> list[str]:
    return [method for method, _path in directory.calls if method != "GET"]


@pytest.mark.parametrize(("module", "who", "kind"), KINDS)
def test_a_life(directory: Directory, module: str, who: dict[str, str], kind: str) -> None:
    def run(check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        directory.calls.clear()
        result = run_module(module, {**who, **options}, check=check)
        assert not result["failed"], result["msg"]
        assert bool(writes(directory)) == (result["changed"] and not check)
        return result

    assert run(check=True, entitlements=[SQL])[module]["entitlements"] == [SQL]
    made = run(entitlements=[SQL])
    assert made["changed"] and made[module]["id"] and made[module]["active"] and made[module]["entitlements"] == [SQL]
    assert made["diff"]["before"] == {} and made["actions"][0]["method"] == "create"
    assert not run(entitlements=[SQL])["changed"]
    assert not run()["changed"], "what is not given is left as it is"
    assert len(directory.calls) == 1, "looking needs one request"

    announced = run(check=True, entitlements=[ACCESS])
    done = run(entitlements=[ACCESS])
    assert [method for method, _path in directory.calls] == ["GET", "PATCH", "GET"], "no more requests than needed"
    assert announced["diff"] == done["diff"] and done[module]["entitlements"] == [SQL, ACCESS]
    assert not run(entitlements=[ACCESS])["changed"], "without purge, others stay"
    assert run(entitlements=[ACCESS], purge_entitlements=True)[module]["entitlements"] == [ACCESS]
    assert run(entitlements=[], purge_entitlements=True)[module]["entitlements"] == []
    assert not run(purge_entitlements=True)["changed"], "nothing is purged that was not named"

    assert run(active=False)[module]["active"] is False
    assert not run()["changed"], "not given = left alone"
    assert run(active=True)[module]["active"] is True

    assert run(check=True, state="absent")["changed"] and len(directory.people[kind]) == 1
    assert run(state="absent")["changed"] and directory.people[kind] == []
    gone = run(state="absent")
    assert not gone["changed"] and gone[module] == {}


@pytest.mark.parametrize(("module", "who", "kind"), KINDS)
@pytest.mark.parametrize("harm", [{"state": "absent"}, {"active": False}])
@pytest.mark.parametrize("check", [True, False])
def test_the_caller_does_not_cut_its_own_branch(
    directory: Directory, module: str, who: dict[str, str], kind: str, harm: dict[str, t.Any], check: bool
) -> None:
    name = who["name"]
    directory.caller = directory.add(kind, displayName=name, userName=name)["id"]
    result = run_module(module, {**who, **harm}, check=check)
    assert result["failed"] and "is the caller" in result["msg"] and writes(directory) == []


@pytest.mark.parametrize(("module", "who", "kind"), KINDS)
def test_entitlements_that_exclude_each_other(
    directory: Directory, module: str, who: dict[str, str], kind: str
) -> None:
    result = run_module(module, {**who, "entitlements": ["workspace-consume", SQL]})
    assert result["failed"] and "entitlements: " in result["msg"] and directory.calls == []


def test_an_ambiguous_name_is_refused_in_every_mode(directory: Directory) -> None:
    ones = [directory.add("ServicePrincipals", displayName="klaviyo") for _number in range(2)]
    for options in ({}, {"state": "absent"}):
        for check in (True, False):
            result = run_module("service_principal", {"name": "klaviyo", **options}, check=check)
            assert result["error"]["code"] == "PRINCIPAL_AMBIGUOUS" and writes(directory) == []
            assert all(one["id"] in result["msg"] and one["applicationId"] in result["msg"] for one in ones)


@pytest.mark.parametrize("options", [{"application_id": APPLICATION.upper()}, {"name": APPLICATION}])
def test_found_by_application_id(directory: Directory, options: dict[str, str]) -> None:
    one = directory.add("ServicePrincipals", displayName="klaviyo", applicationId=APPLICATION)
    result = run_module("service_principal", options)
    assert not result["changed"] and result["service_principal"]["id"] == one["id"]


def test_the_display_name_of_an_application_id_is_kept_up(directory: Directory) -> None:
    directory.add("ServicePrincipals", displayName="old", applicationId=APPLICATION)
    result = run_module("service_principal", {"application_id": APPLICATION, "name": "new"})
    assert result["changed"] and result["service_principal"]["display_name"] == "new"


@pytest.mark.parametrize("check", [True, False])
def test_an_application_id_cannot_be_chosen_outside_azure(directory: Directory, check: bool) -> None:
    result = run_module("service_principal", {"application_id": APPLICATION}, check=check)
    assert result["failed"] and "application_id: " in result["msg"] and writes(directory) == []


def test_an_application_of_azure_is_added(directory: Directory) -> None:
    directory.cloud = "azure"
    result = run_module("service_principal", {"application_id": APPLICATION, "name": "klaviyo"})
    assert result["changed"] and result["service_principal"]["application_id"] == APPLICATION
    assert directory.bodies[0]["displayName"] == "klaviyo"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "name, application_id"),
        ({"name": " "}, "name: "),
        ({"application_id": "klaviyo"}, "application_id: "),
        ({"name": "x", "entitlements": ["fly"]}, "entitlements"),
    ],
)
def test_service_principals_that_cannot_be(directory: Directory, options: dict[str, t.Any], words: str) -> None:
    result = run_module("service_principal", options)
    assert result["failed"] and words in result["msg"] and directory.calls == []


def test_a_user_is_found_in_any_case(directory: Directory) -> None:
    directory.add("Users", userName="Ada@Example.com", displayName="Ada")
    result = run_module("user", {"name": "ADA@example.COM", "display_name": "Ada"})
    assert not result["changed"] and result["user"]["user_name"] == "Ada@Example.com"


@pytest.mark.parametrize("name", ["ada", "", "a b@example.com", "a@b"])
def test_users_that_cannot_be(directory: Directory, name: str) -> None:
    result = run_module("user", {"name": name})
    assert result["failed"] and "name: " in result["msg"] and writes(directory) == []


def test_made_once_when_the_answer_is_lost(directory: Directory) -> None:
    directory.lose = ["after"]
    result = run_module("service_principal", {"name": "klaviyo", "entitlements": [SQL]})
    assert result["changed"] and len(directory.people["ServicePrincipals"]) == 1


def test_what_a_faster_run_made_gets_what_this_one_wants(directory: Directory) -> None:
    listing, looked = directory._list, []

    def faster(kind: str, query: dict[str, t.Any]) -> dict[str, t.Any]:
        page = listing(kind, query)
        if not looked:
            looked.append(True)
            directory.add("ServicePrincipals", displayName="klaviyo")
        return page

    directory._list = faster  # type: ignore[method-assign]
    result = run_module("service_principal", {"name": "klaviyo", "entitlements": [SQL]})
    assert result["service_principal"]["entitlements"] == [SQL]
    assert [one["id"] for one in directory.people["ServicePrincipals"]] == [result["service_principal"]["id"]]


def test_the_info_twins(directory: Directory) -> None:
    for name in ("b", "a", "a"):
        directory.add("ServicePrincipals", displayName=name)
    directory.add("Users", userName="Ada@Example.com")

    def names(**options: str) -> list[str]:
        found = run_module("service_principal_info", options)["service_principals"]
        return [one["display_name"] for one in found]

    assert (names(), names(name="A"), names(name="c")) == (["a", "a", "b"], ["a", "a"], [])
    one = directory.people["ServicePrincipals"][0]["applicationId"]
    for option in ("name", "application_id"):
        assert len(run_module("service_principal_info", {option: one})["service_principals"]) == 1
    assert len(run_module("user_info", {"name": "ada@EXAMPLE.com"})["users"]) == 1
    assert run_module("user_info", {"name": "bob@example.com"})["users"] == []
    assert run_module("user_info", {"name": "bob"})["failed"]
    both = run_module("service_principal_info", {"name": "a", "application_id": APPLICATION})
    assert both["failed"] and "mutually exclusive" in both["msg"]


# -- what an answer leaves out, and who may not sign in -------------------------------------------
SCIM = "/api/2.0/preview/scim/v2"
LISTED: dict[str, tuple[str, dict[str, t.Any]]] = {
    "service_principal": ("ServicePrincipals", {"id": "77", "applicationId": APPLICATION, "displayName": "klaviyo"}),
    "user": ("Users", {"id": "78", "userName": "ada@example.com"}),
}


def answering(host: Host, module: str, **fields: t.Any) -> dict[str, t.Any]:
    kind, one = LISTED[module]
    host.on("GET", f"{SCIM}/{kind}", Answer({"totalResults": 1, "Resources": [{**one, **fields}]}))
    host.on("GET", f"{SCIM}/{kind}/{one['id']}", Answer({**one, **fields, "active": True}))
    host.on("PATCH", f"{SCIM}/{kind}/{one['id']}", Answer({}))
    return {"host": host.url, "token": TOKEN, "name": {name: who["name"] for name, who, _kind in KINDS}[module]}


@pytest.mark.parametrize("module", LISTED)
def test_null_and_absent_are_the_same(scripted: Host, module: str) -> None:
    nothing = {"displayName": None, "active": None, "entitlements": None, "groups": None}
    options = answering(scripted, module, **(nothing if module == "user" else {**nothing, "displayName": "klaviyo"}))
    result = run_module(module, options)[module]
    assert (result["active"], result["entitlements"], result["groups"]) == (True, [], [])
    listed = run_module(f"{module}_info", {key: options[key] for key in ("host", "token")})
    assert len(listed[f"{module}s"]) == 1


@pytest.mark.parametrize("module", LISTED)
def test_groups_are_told_by_name_or_by_id(scripted: Host, module: str) -> None:
    groups = [{"value": "1", "display": "users"}, {"value": "2", "display": None}, {"value": "3", "display": "etl"}]
    options = answering(scripted, module, groups=groups)
    assert run_module(module, options)[module]["groups"] == ["2", "etl", "users"]
    assert run_module(f"{module}_info", options)[f"{module}s"][0]["groups"] == ["2", "etl", "users"]


@pytest.mark.parametrize("module", LISTED)
@pytest.mark.parametrize("inactive", [False, "false"])
def test_nobody_is_activated_unasked(scripted: Host, module: str, inactive: t.Any) -> None:
    options = answering(scripted, module, active=inactive)
    kept = run_module(module, options)
    assert not kept["changed"] and kept[module]["active"] is False and scripted.seen("PATCH") == []
    assert any("is inactive: it cannot sign in" in one and "active=true" in one for one in kept["warnings"])
    activated = run_module(module, {**options, "active": True})
    assert activated["changed"] and activated[module]["active"] is True and activated["warnings"] == []
    assert scripted.seen("PATCH")[0]["body"]["Operations"] == [{"op": "replace", "path": "active", "value": True}]


@pytest.mark.parametrize("name", [None, ""])
def test_a_caller_without_a_name_is_no_type_error(scripted: Host, name: str | None) -> None:
    scripted.on("GET", f"{SCIM}/Me", Answer({"id": "7", "userName": name, "displayName": None, "groups": None}))
    me = principals.me(Workspace({"host": scripted.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}))
    assert (me["user_name"], me["application_id"], me["groups"], me["admin"]) == ("", None, [], False)
