# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a permission sends, and above all what it never sends: a list without somebody who was in it."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.modules import run_module
from tests.support.scripted_host import TOKEN, Answer, Host, scripted_host

APPLICATION = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"
WAREHOUSE = "0123456789abcdef"
TOKENS = "/api/2.0/permissions/authorization/tokens"
ON_WAREHOUSE = f"/api/2.0/permissions/warehouses/{WAREHOUSE}"
SCIM = "/api/2.0/preview/scim/v2/ServicePrincipals"
MANAGEMENT = "/api/2.0/token-management/tokens"

ADMINS = {"group_name": "admins", "all_permissions": [{"permission_level": "CAN_MANAGE", "inherited": False}]}
BYSTANDER = {"user_name": "Ada@Example.com", "all_permissions": [{"permission_level": "CAN_USE", "inherited": False}]}
OWNER = {"user_name": "owner@example.com", "all_permissions": [{"permission_level": "IS_OWNER", "inherited": False}]}
INHERITED = {
    "group_name": "admins",
    "all_permissions": [
        {"permission_level": "CAN_MANAGE", "inherited": True, "inherited_from_object": ["/sql/warehouses/"]}
    ],
}
ABSENT = Answer({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Token permissions not found"}, 404)


def ours(level: str, name: str = APPLICATION) -> dict[str, t.Any]:
    return {"service_principal_name": name, "all_permissions": [{"permission_level": level, "inherited": False}]}


def acl(*entries: dict[str, t.Any]) -> Answer:
    return Answer({"access_control_list": list(entries)})


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Host]:
    import os

    for name in list(os.environ):
        if name.startswith("DATABRICKS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with scripted_host() as running:
        one = {"id": "77", "applicationId": APPLICATION, "displayName": "klaviyo"}
        running.on("GET", SCIM, Answer({"totalResults": 1, "Resources": [one]}))
        running.on(
            "GET", f"/api/2.0/sql/warehouses/{WAREHOUSE}", Answer({"id": WAREHOUSE, "name": "Main", "state": "RUNNING"})
        )
        yield running


def run(host: Host, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    connection = {"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}
    quick = {"principal_timeout": 2, "visible_timeout": 2}
    return run_module("permission", {**connection, "principal": APPLICATION, **quick, **options}, check=check)


def on_tokens(host: Host, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return run(host, check, object_type="tokens", **options)


def on_warehouse(host: Host, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return run(host, check, object_type="warehouse", object=WAREHOUSE, **options)


def writes(host: Host) -> list[dict[str, t.Any]]:
    return [request for request in host.requests if request["method"] != "GET"]


# -- giving -------------------------------------------------------------------------------------
def test_only_our_entry_is_sent(host: Host) -> None:
    host.on("GET", TOKENS, acl(ADMINS, BYSTANDER), acl(ADMINS, BYSTANDER, ours("CAN_USE")))
    host.on("PATCH", TOKENS, Answer({}))
    result = on_tokens(host, level="CAN_USE")
    assert result["changed"] and result["permission"] == {
        "object_type": "tokens",
        "object_id": "tokens",
        "principal": APPLICATION,
        "level": "CAN_USE",
        "inherited_level": None,
    }
    assert [(request["method"], request["body"]) for request in writes(host)] == [
        ("PATCH", {"access_control_list": [{"service_principal_name": APPLICATION, "permission_level": "CAN_USE"}]})
    ]


def test_the_first_token_permission_of_a_workspace(host: Host) -> None:
    # terraform-provider-databricks#2118: not found until somebody made a token.
    host.on("GET", TOKENS, ABSENT, acl(ADMINS, ours("CAN_USE")))
    host.on("PATCH", TOKENS, Answer({}))
    assert on_tokens(host, level="CAN_USE")["changed"]


def test_nothing_is_sent_when_it_is_there_in_another_case(host: Host) -> None:
    # terraform-provider-databricks#5757
    host.on("GET", TOKENS, acl(ours("CAN_USE", APPLICATION.upper())))
    assert not on_tokens(host, level="CAN_USE")["changed"] and writes(host) == []


@pytest.mark.parametrize("have", ["CAN_USE", "CAN_MONITOR", "CAN_MANAGE", "IS_OWNER"])
def test_a_level_that_includes_the_wished_one_stays(host: Host, have: str) -> None:
    host.on("GET", ON_WAREHOUSE, acl(ours(have), INHERITED))
    result = on_warehouse(host, level="CAN_USE")
    assert not result["changed"] and result["permission"]["level"] == have and writes(host) == []


def test_a_higher_level_is_given(host: Host) -> None:
    host.on("GET", ON_WAREHOUSE, acl(ours("CAN_VIEW")), acl(ours("CAN_MONITOR")))
    host.on("PATCH", ON_WAREHOUSE, Answer({}))
    result = on_warehouse(host, level="CAN_MONITOR")
    assert result["changed"] and result["diff"]["before"] == {"level": "CAN_VIEW"}


@pytest.mark.parametrize("check", [True, False])
def test_a_level_that_would_take_something_away_is_refused(host: Host, check: bool) -> None:
    host.on("GET", ON_WAREHOUSE, acl(ours("CAN_VIEW")))
    result = on_warehouse(host, check, level="CAN_USE")
    assert result["failed"] and "CAN_VIEW, which CAN_USE does not include" in result["msg"] and writes(host) == []


def test_a_level_is_lowered_when_told(host: Host) -> None:
    host.on("GET", ON_WAREHOUSE, acl(ours("CAN_MANAGE")), acl(ours("CAN_USE")))
    host.on("PATCH", ON_WAREHOUSE, Answer({}))
    assert on_warehouse(host, level="CAN_USE", allow_lower=True)["permission"]["level"] == "CAN_USE"


def test_the_owner_stays_the_owner(host: Host) -> None:
    host.on("GET", ON_WAREHOUSE, acl(ours("IS_OWNER")))
    for options in ({"level": "CAN_USE", "allow_lower": True}, {"state": "absent"}):
        result = on_warehouse(host, **options)
        assert result["failed"] and "owner" in result["msg"]
    assert writes(host) == []


def test_an_inherited_level_is_shown_and_not_taken_for_a_direct_one(host: Host) -> None:
    inherited = {"permission_level": "CAN_MANAGE", "inherited": True, "inherited_from_object": ["/sql/warehouses/"]}
    both = {"service_principal_name": APPLICATION, "all_permissions": [inherited]}
    after = {**both, "all_permissions": [inherited, {"permission_level": "CAN_USE", "inherited": False}]}
    host.on("GET", ON_WAREHOUSE, acl(both), acl(after))
    host.on("PATCH", ON_WAREHOUSE, Answer({}))
    result = on_warehouse(host, level="CAN_USE")
    assert result["changed"] and result["permission"]["inherited_level"] == "CAN_MANAGE"


def test_a_patch_that_has_no_effect_is_noticed(host: Host) -> None:
    host.on("GET", TOKENS, acl(ADMINS))
    host.on("PATCH", TOKENS, Answer({}))
    assert on_tokens(host, level="CAN_USE", visible_timeout=1)["error"]["code"] == "NOT_VISIBLE"


def test_a_principal_that_the_service_does_not_know_yet_is_waited_for(host: Host) -> None:
    host.on("GET", TOKENS, acl(ADMINS), acl(ADMINS, ours("CAN_USE")))
    new = {
        "error_code": "RESOURCE_DOES_NOT_EXIST",
        "message": f"Principal: ServicePrincipalName({APPLICATION}) does not exist",
    }
    host.on("PATCH", TOKENS, Answer(new, 404), Answer({}))
    assert on_tokens(host, level="CAN_USE")["changed"]
    assert [request["method"] for request in writes(host)] == ["PATCH", "PATCH"]


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"object_type": "tokens", "level": "CAN_MANAGE"}, "level: "),
        ({"object_type": "tokens", "object": "x", "level": "CAN_USE"}, "object: "),
        ({"object_type": "warehouse", "level": "CAN_USE"}, "object: "),
        ({"object_type": "warehouse", "object": " ", "level": "CAN_USE"}, "object: "),
        ({"object_type": "tokens", "principal": " ", "level": "CAN_USE"}, "principal: "),
        ({"object_type": "tokens"}, "level"),
        ({"object_type": "tokens", "level": "CAN_FLY"}, "level"),
    ],
)
def test_what_cannot_work_is_refused(host: Host, options: dict[str, t.Any], option: str) -> None:
    host.on("GET", TOKENS, acl(ADMINS))
    result = run(host, **options)
    assert result["failed"] and option in result["msg"] and writes(host) == []


# -- taking away --------------------------------------------------------------------------------
def without_tokens(host: Host) -> None:
    host.on("GET", MANAGEMENT, Answer({"token_infos": [{"token_id": "a" * 64, "owner_id": 99, "comment": "not ours"}]}))


def test_everybody_else_is_sent_back_as_they_were(host: Host) -> None:
    without_tokens(host)
    before, shuffled = acl(ADMINS, BYSTANDER, ours("CAN_USE")), acl(ours("CAN_USE"), ADMINS, BYSTANDER)
    host.on("GET", TOKENS, before, shuffled, acl(ADMINS, BYSTANDER))
    host.on("PUT", TOKENS, Answer({}))
    result = on_tokens(host, state="absent")
    assert result["changed"] and result["permission"]["level"] is None
    assert [request["body"] for request in writes(host)] == [
        {
            "access_control_list": [
                {"group_name": "admins", "permission_level": "CAN_MANAGE"},
                {"user_name": "Ada@Example.com", "permission_level": "CAN_USE"},
            ]
        }
    ]


def test_the_owner_is_sent_back_and_what_is_inherited_is_not(host: Host) -> None:
    before = acl(OWNER, INHERITED, BYSTANDER, ours("CAN_USE"))
    host.on("GET", ON_WAREHOUSE, before, before, acl(OWNER, INHERITED, BYSTANDER))
    host.on("PUT", ON_WAREHOUSE, Answer({}))
    assert on_warehouse(host, state="absent")["changed"]
    assert writes(host)[0]["body"]["access_control_list"] == [
        {"user_name": "Ada@Example.com", "permission_level": "CAN_USE"},
        {"user_name": "owner@example.com", "permission_level": "IS_OWNER"},
    ]


def test_admins_are_never_left_out_of_the_tokens(host: Host) -> None:
    without_tokens(host)
    before = acl({**INHERITED}, ours("CAN_USE"))
    host.on("GET", TOKENS, before, before, acl(INHERITED))
    host.on("PUT", TOKENS, Answer({}))
    assert on_tokens(host, state="absent")["changed"]
    assert writes(host)[0]["body"]["access_control_list"] == [
        {"group_name": "admins", "permission_level": "CAN_MANAGE"}
    ]


def test_nothing_is_sent_while_somebody_else_changes_the_list(host: Host) -> None:
    without_tokens(host)
    before = acl(ADMINS, ours("CAN_USE"))
    host.on("GET", TOKENS, before, acl(ADMINS, BYSTANDER, ours("CAN_USE")))
    result = on_tokens(host, state="absent")
    assert result["error"]["code"] == "CONFLICT" and result["error"]["retryable"] and writes(host) == []


def test_an_entry_that_got_lost_is_named(host: Host) -> None:
    without_tokens(host)
    before = acl(ADMINS, BYSTANDER, ours("CAN_USE"))
    host.on("GET", TOKENS, before, before, acl(ADMINS))
    host.on("PUT", TOKENS, Answer({}))
    result = on_tokens(host, state="absent")
    assert result["error"]["code"] == "ENTRIES_LOST" and "Ada@Example.com CAN_USE" in result["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_live_tokens_are_named_and_kept(host: Host, check: bool) -> None:
    mine = {"token_id": "b" * 64, "owner_id": 77, "comment": "klaviyo sync", "created_by_id": 1}
    host.on("GET", MANAGEMENT, Answer({"token_infos": [mine, {**mine, "token_id": "c" * 64, "owner_id": "78"}]}))
    host.on("GET", TOKENS, acl(ADMINS, ours("CAN_USE")))
    result = on_tokens(host, check, state="absent")
    assert "1 live token(s)" in result["msg"] and "klaviyo sync" in result["msg"] and writes(host) == []
    assert [token["token_id"] for token in result["error"]["live_tokens"]] == ["b" * 64]


def test_live_tokens_are_cut_off_when_told(host: Host) -> None:
    before = acl(ADMINS, ours("CAN_USE"))
    host.on("GET", TOKENS, before, before, acl(ADMINS))
    host.on("PUT", TOKENS, Answer({}))
    assert on_tokens(host, state="absent", force=True)["changed"]


def test_a_principal_that_is_gone_has_nothing_left(host: Host) -> None:
    host.on("GET", SCIM, Answer({"totalResults": 0}))
    assert not on_tokens(host, state="absent")["changed"] and writes(host) == []


def test_a_warehouse_that_is_gone_has_nothing_left(host: Host) -> None:
    host.on("GET", "/api/2.0/sql/warehouses", Answer({}))
    result = run(host, object_type="warehouse", object="Main", state="absent")
    assert not result["failed"] and not result["changed"]


def test_absent_in_a_workspace_without_tokens(host: Host) -> None:
    host.on("GET", TOKENS, ABSENT)
    assert not on_tokens(host, state="absent")["changed"] and writes(host) == []


# -- looking ------------------------------------------------------------------------------------
def look(host: Host, **options: t.Any) -> dict[str, t.Any]:
    return run_module(
        "permission_info", {"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5, **options}
    )


def test_all_entries(host: Host) -> None:
    host.on("GET", ON_WAREHOUSE, acl(OWNER, INHERITED, ours("CAN_USE")))
    result = look(host, object_type="warehouse", object=WAREHOUSE)
    assert not result["changed"] and result["object_id"] == WAREHOUSE
    assert [(entry["kind"], entry["level"], entry["inherited_level"]) for entry in result["permissions"]] == [
        ("group", None, "CAN_MANAGE"),
        ("service_principal", "CAN_USE", None),
        ("user", "IS_OWNER", None),
    ]


def test_one_entry(host: Host) -> None:
    host.on("GET", TOKENS, acl(ADMINS, ours("CAN_USE")))
    assert [entry["principal"] for entry in look(host, object_type="tokens", principal=APPLICATION)["permissions"]] == [
        APPLICATION
    ]


def test_no_tokens_yet(host: Host) -> None:
    host.on("GET", TOKENS, ABSENT)
    assert look(host, object_type="tokens")["permissions"] == []


# -- a workspace in which nobody ever made a token ----------------------------------------------
OWN = "/api/2.0/token"
OPENER = "lakeops: opens the token permissions, ends by itself"
SECRET = "dapi" + "f" * 32


def without_any_token(
    host: Host, *, gets: list[Answer], patches: list[Answer], own: list[Answer] | None = None
) -> None:
    host.on("GET", TOKENS, *gets)
    host.on("PATCH", TOKENS, *patches)
    host.on(
        "POST",
        f"{OWN}/create",
        Answer({"token_value": SECRET, "token_info": {"token_id": "e" * 64, "comment": OPENER}}),
    )
    host.on("POST", f"{OWN}/delete", Answer({}))
    host.on("GET", f"{OWN}/list", *(own or [Answer({"token_infos": []})]))


def sent(host: Host) -> list[str]:
    return [f"{request['method']} {request['path'].rsplit('/', 1)[-1]}" for request in writes(host)]


def test_a_token_of_the_callers_opens_the_permissions_and_is_revoked(host: Host) -> None:
    without_any_token(
        host,
        gets=[ABSENT, acl(ADMINS), ABSENT],
        patches=[ABSENT, Answer({"access_control_list": [ADMINS, ours("CAN_USE")]})],
    )
    result = on_tokens(host, level="CAN_USE")
    assert result["changed"] and result["permission"]["level"] == "CAN_USE"
    assert sent(host) == ["PATCH tokens", "POST create", "PATCH tokens", "POST delete"]
    made, revoked = (request["body"] for request in writes(host) if request["path"].startswith(OWN))
    assert made == {"comment": OPENER, "lifetime_seconds": 600}
    assert revoked == {"token_id": "e" * 64}
    assert SECRET not in str(result)


def test_what_an_answer_does_not_show_is_read_while_it_can_be(host: Host) -> None:
    without_any_token(
        host, gets=[ABSENT, acl(ADMINS), acl(ADMINS, ours("CAN_USE")), ABSENT], patches=[ABSENT, Answer({})]
    )
    assert on_tokens(host, level="CAN_USE")["changed"]
    assert sent(host)[-1] == "POST delete"


def test_a_permission_that_shows_when_opened_is_no_change(host: Host) -> None:
    without_any_token(host, gets=[ABSENT, acl(ADMINS, ours("CAN_USE")), ABSENT], patches=[ABSENT])
    result = on_tokens(host, level="CAN_USE")
    assert not result["changed"] and result["permission"]["level"] == "CAN_USE"
    assert sent(host) == ["PATCH tokens", "POST create", "POST delete"]


def test_permissions_that_open_a_moment_later(host: Host) -> None:
    after = Answer({"access_control_list": [ADMINS, ours("CAN_USE")]})
    without_any_token(host, gets=[ABSENT, ABSENT, acl(ADMINS), ABSENT], patches=[ABSENT, after])
    assert on_tokens(host, level="CAN_USE")["changed"]


def test_another_run_that_revokes_our_token_costs_a_second_one(host: Host) -> None:
    after = Answer({"access_control_list": [ADMINS, ours("CAN_USE")]})
    without_any_token(host, gets=[ABSENT, acl(ADMINS), acl(ADMINS), ABSENT], patches=[ABSENT, ABSENT, after])
    assert on_tokens(host, level="CAN_USE")["changed"]
    assert [one for one in sent(host) if one.startswith("POST")] == ["POST create", "POST delete"] * 2


def test_no_token_where_a_permission_can_be_set_without(host: Host) -> None:
    without_any_token(host, gets=[ABSENT], patches=[Answer({"access_control_list": [ours("CAN_USE")]})])
    assert on_tokens(host, level="CAN_USE")["changed"]
    assert sent(host) == ["PATCH tokens"]


def test_check_mode_makes_no_token_and_says_that_one_would_be_made(host: Host) -> None:
    without_any_token(host, gets=[ABSENT], patches=[ABSENT])
    result = on_tokens(host, True, level="CAN_USE")
    assert result["changed"] and writes(host) == []
    assert any("makes a token of the caller's own that ends after ten minutes" in one for one in result["warnings"])


def test_check_mode_says_so_of_a_principal_that_is_not_there_yet(host: Host) -> None:
    without_any_token(host, gets=[ABSENT], patches=[ABSENT])
    host.on("GET", SCIM, Answer({"totalResults": 0}))
    host.on("GET", SCIM.replace("ServicePrincipals", "Groups"), Answer({"totalResults": 0}))
    result = on_tokens(host, True, level="CAN_USE", principal="klaviyo")
    assert result["changed"] and len(result["warnings"]) == 2 and writes(host) == []
    assert any("makes a token of the caller's own" in one for one in result["warnings"])


def test_the_token_goes_whatever_is_refused_meanwhile(host: Host) -> None:
    no = Answer({"error_code": "PERMISSION_DENIED", "message": "Only admins may."}, 403)
    without_any_token(host, gets=[ABSENT, acl(ADMINS)], patches=[ABSENT, no])
    result = on_tokens(host, level="CAN_USE")
    assert "Only admins may" in result["msg"] and sent(host)[-1] == "POST delete"


def test_a_token_that_cannot_be_revoked_ends_by_itself_and_is_said(host: Host) -> None:
    without_any_token(
        host, gets=[ABSENT, acl(ADMINS), ABSENT], patches=[ABSENT, Answer({"access_control_list": [ours("CAN_USE")]})]
    )
    host.on("POST", f"{OWN}/delete", Answer({"error_code": "PERMISSION_DENIED", "message": "no"}, 403))
    result = on_tokens(host, level="CAN_USE")
    assert result["changed"]
    assert any("eeeeeeeeeeee" in one and "ends by itself within ten minutes" in one for one in result["warnings"])


def test_a_caller_who_may_make_no_token_learns_why_it_was_tried(host: Host) -> None:
    without_any_token(host, gets=[ABSENT], patches=[ABSENT])
    off = {"error_code": "FEATURE_DISABLED", "message": "Personal access tokens are disabled for this workspace."}
    host.on("POST", f"{OWN}/create", Answer(off, 403))
    result = on_tokens(host, level="CAN_USE")
    assert "no token permissions before its first personal access token" in result["msg"]
    assert "Personal access tokens are disabled" in result["msg"] and "Settings > Advanced" in result["error"]["hint"]


def test_a_token_whose_making_was_not_answered_is_found_by_its_comment(host: Host) -> None:
    mine = {"token_id": "d" * 64, "comment": OPENER}
    without_any_token(
        host,
        gets=[ABSENT, acl(ADMINS), ABSENT],
        patches=[ABSENT, Answer({"access_control_list": [ours("CAN_USE")]})],
        own=[Answer({"token_infos": [mine, {"token_id": "b" * 64, "comment": f"{OPENER}!"}, {"token_id": "a" * 64}]})],
    )
    host.on("POST", f"{OWN}/create", Answer(lost=True))
    assert on_tokens(host, level="CAN_USE")["changed"]
    assert [request["body"] for request in writes(host)][-1] == {"token_id": "d" * 64}


def test_what_an_earlier_run_left_is_revoked_and_nothing_else(host: Host) -> None:
    left, others = {"token_id": "d" * 64, "comment": OPENER}, {"token_id": "b" * 64, "comment": "my laptop"}
    own = [Answer({"token_infos": [left, others]}), Answer({"token_infos": [others]})]
    without_any_token(host, gets=[acl(ADMINS, ours("CAN_USE"))], patches=[], own=own)
    host.on("POST", "/oidc/v1/token", Answer({"access_token": "x", "token_type": "Bearer", "expires_in": 3600}))
    host.on("GET", "/.well-known/databricks-config", Answer({"oidc_endpoint": f"{host.url}/oidc", "cloud": "AWS"}))
    host.on("GET", "/oidc/.well-known/oauth-authorization-server", oauth(host))
    runner = {"token": None, "client_id": APPLICATION, "client_secret": "s3cret-of-nobody"}
    looked = on_tokens(host, True, level="CAN_USE", **runner)
    assert looked["changed"] and looked["diff"]["before"]["tokens_left_behind"] == 1
    host.on("GET", f"{OWN}/list", *own)
    result = on_tokens(host, level="CAN_USE", **runner)
    assert result["changed"] and result["actions"][0]["fields"] == ["tokens_left_behind"]
    mine = [request for request in writes(host) if request["path"].startswith(OWN)]
    assert [request["body"] for request in mine] == [{"token_id": "d" * 64}]


def oauth(host: Host) -> Answer:
    return Answer(
        {"authorization_endpoint": f"{host.url}/oidc/v1/authorize", "token_endpoint": f"{host.url}/oidc/v1/token"}
    )


def test_a_removal_where_nothing_is_shown_removes_nothing_and_says_so(host: Host) -> None:
    without_any_token(host, gets=[ABSENT], patches=[])
    result = on_tokens(host, state="absent")
    assert not result["changed"] and writes(host) == []
    assert any("could not be established" in one for one in result["warnings"])


# -- several at once ----------------------------------------------------------------------------
BOTH = [
    {"object_type": "warehouse", "object": WAREHOUSE, "level": "CAN_USE"},
    {"object_type": "tokens", "level": "CAN_USE"},
]


def on_both(host: Host, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return run(host, check, **{"permissions": BOTH, **options})


def test_what_is_there_on_both_is_read_at_the_same_time(host: Host) -> None:
    host.on("GET", ON_WAREHOUSE, acl(ours("CAN_MONITOR")))
    host.on("GET", TOKENS, acl(ADMINS, ours("CAN_USE")))
    result = on_both(host)
    assert not result["changed"] and writes(host) == [] and result["actions"] == []
    assert result["diff"]["before"] == result["diff"]["after"] == {}
    assert [(one["object_type"], one["object_id"], one["level"], one["changed"]) for one in result["permissions"]] == [
        ("warehouse", WAREHOUSE, "CAN_MONITOR", False),
        ("tokens", "tokens", "CAN_USE", False),
    ]
    assert sorted(request["path"] for request in host.requests) == sorted([ON_WAREHOUSE, TOKENS])


def test_a_principal_is_looked_up_once_for_all(host: Host) -> None:
    for kind in ("Groups", "Users"):
        host.on("GET", f"/api/2.0/preview/scim/v2/{kind}", Answer({"totalResults": 0}))
    host.on("GET", ON_WAREHOUSE, acl(ours("CAN_USE")))
    host.on("GET", TOKENS, acl(ours("CAN_USE")))
    assert not on_both(host, principal="klaviyo")["changed"]
    asked = [request["path"] for request in host.requests]
    assert asked.count(SCIM) == 1


@pytest.mark.parametrize("check", [True, False])
def test_only_the_one_that_is_missing_is_given(host: Host, check: bool) -> None:
    host.on("GET", ON_WAREHOUSE, acl(OWNER), acl(OWNER, ours("CAN_USE")))
    host.on("GET", TOKENS, acl(ADMINS, ours("CAN_USE")))
    host.on("PATCH", ON_WAREHOUSE, Answer({}))
    result = on_both(host, check)
    on = f"warehouse {WAREHOUSE}"
    assert [one["changed"] for one in result["permissions"]] == [True, False]
    assert (result["diff"]["before"], result["diff"]["after"]) == ({on: None}, {on: "CAN_USE"})
    assert result["actions"] == [
        {"method": "create", "object": f"permission of {APPLICATION} on {on}", "fields": ["level"]}
    ]
    assert len(writes(host)) == (0 if check else 1)


def test_a_refusal_says_what_was_changed_before(host: Host) -> None:
    host.on("GET", ON_WAREHOUSE, acl(OWNER), acl(OWNER, ours("CAN_USE")))
    host.on("PATCH", ON_WAREHOUSE, Answer({}))
    host.on("GET", TOKENS, Answer({"error_code": "PERMISSION_DENIED", "message": "no"}, 403))
    result = on_both(host)
    assert result["failed"] and "the tokens of the workspace" in result["msg"]
    assert [action["object"] for action in result["error"]["actions"]] == [
        f"permission of {APPLICATION} on warehouse {WAREHOUSE}"
    ]


def test_taking_several_away_keeps_everybody_else(host: Host) -> None:
    host.on("GET", ON_WAREHOUSE, acl(BYSTANDER, ours("CAN_USE")), acl(BYSTANDER, ours("CAN_USE")), acl(BYSTANDER))
    host.on("PUT", ON_WAREHOUSE, Answer({}))
    result = on_both(host, permissions=[{"object_type": "warehouse", "object": WAREHOUSE}], state="absent")
    assert result["changed"] and [one["level"] for one in result["permissions"]] == [None]
    (sent,) = writes(host)
    assert sent["body"]["access_control_list"] == [{"user_name": "Ada@Example.com", "permission_level": "CAN_USE"}]


@pytest.mark.parametrize(
    ("permissions", "says"),
    [
        ([{"object_type": "tokens"}], "permissions[0].level: is missing. Name the level to have."),
        (
            [BOTH[1], {"object_type": "warehouse", "level": "CAN_USE"}],
            "permissions[1].object: is needed for object_type=warehouse: its name or ID.",
        ),
        ([BOTH[1], BOTH[1]], "permissions: names tokens more than once. Give it one level."),
    ],
)
def test_a_list_that_cannot_be_meant(host: Host, permissions: list[dict[str, str]], says: str) -> None:
    result = on_both(host, permissions=permissions)
    assert result["failed"] and result["msg"] == says and host.requests == []


def test_one_and_several_are_not_given_together(host: Host) -> None:
    assert "mutually exclusive" in on_both(host, object_type="tokens")["msg"]
    assert "one of the following is required: object_type, permissions" in run(host, level="CAN_USE")["msg"]
