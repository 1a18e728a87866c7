# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a principal exactly once, whatever gets lost; and finding out who is meant."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure
from tests.support.directory import Directory

APPLICATION = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    monkeypatch.setattr(principals, "_LAG_SECONDS", 0.2)
    return Directory()


def make(directory: Directory) -> dict[str, t.Any]:
    return principals.create_service_principal(directory, name="klaviyo", entitlements=["databricks-sql-access"])


# -- exactly one --------------------------------------------------------------------------------
def test_made_once(directory: Directory) -> None:
    made = make(directory)
    assert made["display_name"] == "klaviyo" and made["entitlements"] == ["databricks-sql-access"]
    assert (directory.count("POST"), len(directory.people["ServicePrincipals"])) == (1, 1)


@pytest.mark.parametrize("fates", [["after"], ["before"], ["before", "after"], ["before", "before"]])
def test_a_lost_answer_leaves_exactly_one(directory: Directory, fates: list[str]) -> None:
    directory.lose = list(fates)
    made = make(directory)
    assert [one["id"] for one in directory.people["ServicePrincipals"]] == [made["id"]]


def test_it_gives_up_after_three_lost_answers(directory: Directory) -> None:
    directory.lose = ["before"] * 3
    with pytest.raises(Failure) as caught:
        make(directory)
    assert caught.value.code == "LOST_ANSWER" and directory.count("POST") == 3


def test_several_that_appear_after_a_lost_answer_are_named(directory: Directory) -> None:
    directory.lose = ["after"]
    directory.after_create = lambda made: directory.add("ServicePrincipals", displayName="klaviyo") and None
    with pytest.raises(Failure, match=r"1001.*1002") as caught:
        make(directory)
    assert caught.value.code == "PRINCIPAL_AMBIGUOUS" and directory.count("POST") == 1


def test_one_that_was_there_before_is_not_taken_for_ours(directory: Directory) -> None:
    before = directory.add("ServicePrincipals", displayName="klaviyo")
    directory.lose = ["after"]
    made = principals.create_service_principal(directory, name="klaviyo", known={before["id"]})
    assert made["id"] != before["id"]


def test_who_comes_second_withdraws(directory: Directory) -> None:
    first = directory.add("ServicePrincipals", displayName="klaviyo")
    assert make(directory)["id"] == first["id"]
    assert directory.people["ServicePrincipals"] == [first]


def test_the_first_stays_when_the_second_withdraws(directory: Directory) -> None:
    def rival(made: dict[str, t.Any]) -> None:
        directory.after_create = lambda made: None
        directory.add("ServicePrincipals", displayName="klaviyo")

    directory.after_create = rival
    listing = directory._list

    def second_withdraws(kind: str, query: dict[str, t.Any]) -> dict[str, t.Any]:
        page = listing(kind, query)
        directory.people[kind] = [one for one in directory.people[kind] if one["id"] != "1002"]
        return page

    directory._list = second_withdraws  # type: ignore[method-assign]
    assert make(directory)["id"] == "1001" and directory.count("DELETE") == 0


def test_the_first_withdraws_from_one_that_somebody_kept(directory: Directory) -> None:
    def rival(made: dict[str, t.Any]) -> None:
        directory.after_create = lambda made: None
        directory.add("ServicePrincipals", displayName="klaviyo")

    directory.after_create = rival
    assert make(directory)["id"] == "1002"
    assert [one["id"] for one in directory.people["ServicePrincipals"]] == ["1002"]


def test_a_user_made_by_a_faster_run_is_used(directory: Directory) -> None:
    there = directory.add("Users", userName="Ada@Example.com")
    assert principals.create_user(directory, "ada@example.com")["id"] == there["id"]


@pytest.mark.parametrize("fates", [["after"], ["before"], ["before", "after"]])
def test_a_user_whose_answer_was_lost(directory: Directory, fates: list[str]) -> None:
    directory.lose = list(fates)
    principals.create_user(directory, "ada@example.com", display_name="Ada")
    assert len(directory.people["Users"]) == 1


# -- changing -----------------------------------------------------------------------------------
def test_only_what_differs_is_sent(directory: Directory) -> None:
    one = directory.add("ServicePrincipals", displayName="klaviyo")
    before = {"id": one["id"], "display_name": "klaviyo", "active": True, "entitlements": ["a", "b"]}
    change = {"display_name": "klaviyo", "active": True, "entitlements": ["b", "c"]}
    principals.change(directory, principals.SERVICE_PRINCIPALS, before, "change", **change)
    assert [body["Operations"] for body in directory.bodies] == [
        [{"op": "add", "path": "entitlements", "value": [{"value": "c"}]}],
        [{"op": "remove", "path": 'entitlements[value eq "a"]'}],
    ]


def test_nothing_is_sent_when_nothing_differs(directory: Directory) -> None:
    before = {"id": "1", "display_name": "x", "active": True, "entitlements": ["a"]}
    principals.change(directory, principals.USERS, before, "change", display_name="x", active=True, entitlements=["a"])
    assert directory.calls == []


# -- finding ------------------------------------------------------------------------------------
def test_all_pages_are_read_and_none_too_many(directory: Directory) -> None:
    directory.page = 2
    for number in range(5):
        directory.add("Users", userName=f"u{number}@example.com")
    assert len(principals.users(directory)) == 5
    assert [query["startIndex"] for query in directory.queries] == [1, 3, 5]


def test_quotes_in_a_name_stay_in_the_name(directory: Directory) -> None:
    name = 'odd " or displayName ne "x\\'
    directory.add("ServicePrincipals", displayName="other")
    wanted = directory.add("ServicePrincipals", displayName=name)
    assert [one["id"] for one in principals.service_principals(directory, name=name)] == [wanted["id"]]


def test_an_ambiguous_display_name_names_all(directory: Directory) -> None:
    ones = [directory.add("ServicePrincipals", displayName="Klaviyo") for _number in range(2)]
    with pytest.raises(Failure) as caught:
        principals.find_service_principal(directory, name="klaviyo", application_id=None)
    for one in ones:
        assert one["id"] in caught.value.message and one["applicationId"] in caught.value.message


# -- resolving ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["ServicePrincipals", "Users", "Groups"])
def test_whom_a_filter_that_does_not_filter_lists_is_not_taken_for_the_one_that_is_meant(
    directory: Directory, kind: str
) -> None:
    for name in ("other", "klaviyo-2"):
        directory.add(kind, displayName=name, userName=f"{name}@acme.com", applicationId=APPLICATION)
    listing = directory._list
    directory._list = lambda kind, query: listing(kind, {**query, "filter": ""})  # type: ignore[method-assign]
    found = {
        "ServicePrincipals": lambda: [
            *principals.service_principals(directory, name="klaviyo"),
            *principals.service_principals(directory, application_id=APPLICATION.replace("5c", "6d")),
        ],
        "Users": lambda: principals.users(directory, name="klaviyo@acme.com"),
        "Groups": lambda: principals.groups(directory, "klaviyo"),
    }[kind]()
    assert found == [] and len(directory.queries) >= 1


def test_an_application_id_costs_no_request(directory: Directory) -> None:
    found = principals.resolve(directory, APPLICATION.upper())
    assert (found.kind, found.name_for_services, found.acl_key) == (
        "service_principal",
        APPLICATION,
        "service_principal_name",
    )
    assert directory.calls == []


def test_an_application_id_that_is_verified_costs_one(directory: Directory) -> None:
    one = directory.add("ServicePrincipals", displayName="klaviyo", applicationId=APPLICATION)
    found = principals.resolve(directory, APPLICATION, verify=True)
    assert (found.id, found.display, len(directory.calls)) == (one["id"], "klaviyo", 1)


def test_an_e_mail_is_a_user(directory: Directory) -> None:
    directory.add("Users", userName="Ada@Example.com", displayName="Ada")
    found = principals.resolve(directory, "ada@example.com")
    assert (found.kind, found.name_for_services, found.acl_key) == ("user", "Ada@Example.com", "user_name")
    assert len(directory.calls) == 1


def test_a_display_name_is_a_service_principal(directory: Directory) -> None:
    one = directory.add("ServicePrincipals", displayName="klaviyo-import")
    assert principals.resolve(directory, "Klaviyo-Import").name_for_services == one["applicationId"]


def test_a_group(directory: Directory) -> None:
    directory.add("Groups", displayName="analysts", meta={"resourceType": "Group"})
    directory.add("Groups", displayName="locals", meta={"resourceType": "WorkspaceGroup"})
    found = principals.resolve(directory, "analysts")
    assert (found.kind, found.acl_key, found.local) == ("group", "group_name", False)
    assert principals.resolve(directory, "locals").local


def test_account_users_needs_nobody(directory: Directory) -> None:
    assert principals.resolve(directory, "Account Users").name_for_services == "account users"
    assert directory.calls == []


@pytest.mark.parametrize("kind", ["ServicePrincipals", "Users", "Groups"])
def test_a_numeric_id(directory: Directory, kind: str) -> None:
    one = directory.add(kind, displayName="x", userName="x@example.com")
    assert principals.resolve(directory, one["id"]).id == one["id"]


def test_a_name_of_two_kinds_is_ambiguous(directory: Directory) -> None:
    directory.add("ServicePrincipals", displayName="klaviyo")
    directory.add("Groups", displayName="klaviyo")
    with pytest.raises(Failure, match=r"service_principal 1001.*group 1002"):
        principals.resolve(directory, "klaviyo")


@pytest.mark.parametrize("name", ["nobody", "nobody@example.com", "4711"])
def test_an_unknown_one(directory: Directory, name: str) -> None:
    with pytest.raises(Failure) as caught:
        principals.resolve(directory, name)
    assert caught.value.code == "PRINCIPAL_DOES_NOT_EXIST" and name in caught.value.message and caught.value.hint


# -- waiting for the services -------------------------------------------------------------------
class Service:
    """Knows a principal only after some calls."""

    def __init__(self, unknown_for: int) -> None:
        self.left = unknown_for

    def grant(self) -> str:
        self.left -= 1
        if self.left >= 0:
            raise Failure("Could not find principal with name x", code="PRINCIPAL_DOES_NOT_EXIST", status=404)
        return "done"


def test_a_new_principal_is_waited_for(directory: Directory) -> None:
    directory.add("ServicePrincipals", displayName="klaviyo", applicationId=APPLICATION)
    who = principals.resolve(directory, APPLICATION)
    assert principals.when_known(directory, who, 10, Service(1).grant) == "done"
    assert directory.notices


def test_nobody_waits_for_a_principal_that_does_not_exist(directory: Directory) -> None:
    who = principals.resolve(directory, APPLICATION)
    service = Service(100)
    with pytest.raises(Failure, match="no user, service principal or group"):
        principals.when_known(directory, who, 60, service.grant)
    assert service.left == 99


def test_the_wait_is_bounded(directory: Directory) -> None:
    directory.add("ServicePrincipals", displayName="klaviyo", applicationId=APPLICATION)
    who = principals.resolve(directory, APPLICATION, verify=True)
    with pytest.raises(Failure) as caught:
        principals.when_known(directory, who, 0, Service(100).grant)
    assert caught.value.retryable and "principal_timeout" in (caught.value.hint or "")


def test_another_failure_is_not_waited_for(directory: Directory) -> None:
    def forbidden() -> None:
        raise Failure("No.", code="PERMISSION_DENIED", status=403)

    with pytest.raises(Failure, match="No"):
        principals.when_known(directory, principals.resolve(directory, APPLICATION), 60, forbidden)


def test_a_local_group_is_told_so_at_once(directory: Directory) -> None:
    directory.add("Groups", displayName="locals", meta={"resourceType": "WorkspaceGroup"})
    with pytest.raises(Failure) as caught:
        principals.when_known(directory, principals.resolve(directory, "locals"), 60, Service(100).grant)
    assert "this workspace only" in (caught.value.hint or "")


# -- told by somebody who has looked ------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        (APPLICATION.upper(), " 4711 ", ("service_principal", "4711", APPLICATION)),
        ("ada@example.com", "4711", ("user", "4711", "ada@example.com")),
        ("klaviyo", "4711", None),  # a name may be that of several kinds
        (APPLICATION, None, None),
        (APPLICATION, "", None),
    ],
)
def test_whoever_is_known_is_not_looked_up(
    name: str, number: str | None, expected: tuple[str, str, str] | None
) -> None:
    who = principals.known(name, number)
    assert (who and (who.kind, who.id, who.name_for_services)) == expected


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(BadOption, match="principal_id"):
        principals.known(APPLICATION, "klaviyo")
