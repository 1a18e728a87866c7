# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a schema that is there already, and to one that may be there."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox, running_sandbox
from tests.support.scripted_host import TOKEN, Answer, Host

BASE = "/api/2.1/unity-catalog/schemas"
ONE = f"{BASE}/main.one"
THEIRS = {
    "catalog_name": "main",
    "name": "one",
    "full_name": "main.one",
    "owner": "finance",
    "comment": "Ours. Do not touch.",
    "properties": {"team": "finance"},
    "schema_id": "1",
}
WISH = {"comment": "Offered to Klaviyo", "owner": "somebody", "properties": {"team": "klaviyo"}}
DENIED = Answer(
    {"error_code": "PERMISSION_DENIED", "message": "User does not have USE SCHEMA on Schema 'main.one'."}, 403
)
ABSENT = Answer({"error_code": "SCHEMA_DOES_NOT_EXIST", "message": "Schema 'main.one' does not exist."}, 404)
ALREADY = Answer({"error_code": "SCHEMA_ALREADY_EXISTS", "message": "Schema 'one' already exists"}, 400)
NO_CREATE = Answer(
    {"error_code": "PERMISSION_DENIED", "message": "User does not have CREATE SCHEMA on Catalog 'main'."}, 403
)
ME = "/api/2.0/preview/scim/v2/Me"


def run(host: Host, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    connection = {"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}
    return run_module("schema", {**connection, "catalog": "main", "name": "one", **options}, check=check)


def kept(host: Host, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return run(host, check, existing="keep", **{**WISH, **options})


def writes(host: Host) -> list[tuple[str, t.Any]]:
    return [(request["method"], request["body"]) for request in host.requests if request["method"] != "GET"]


@pytest.mark.parametrize("check", [False, True])
def test_one_that_exists_is_kept_as_it_is(scripted: Host, check: bool) -> None:
    scripted.on("GET", ONE, Answer(THEIRS))
    result = kept(scripted, check)
    assert not result["changed"] and result["existed"] is True and result["actions"] == []
    assert result["diff"]["before"] == result["diff"]["after"] == {}
    assert result["schema"]["comment"] == "Ours. Do not touch." and writes(scripted) == []


@pytest.mark.parametrize("check", [False, True])
def test_one_that_is_missing_gets_what_is_said(scripted: Host, check: bool) -> None:
    made = {**THEIRS, "comment": WISH["comment"], "owner": "somebody"}
    scripted.on("GET", ONE, ABSENT, Answer(made)).on("POST", BASE, Answer(made)).on("PATCH", ONE, Answer(made))
    result = kept(scripted, check)
    assert result["changed"] and result["existed"] is False and result["schema"]["comment"] == WISH["comment"]
    assert [method for method, _body in writes(scripted)] == ([] if check else ["POST", "PATCH"])


def test_one_that_somebody_makes_at_the_same_moment_is_kept_too(scripted: Host) -> None:
    scripted.on("GET", ONE, ABSENT, Answer(THEIRS)).on("POST", BASE, ALREADY)
    result = kept(scripted)
    assert not result["changed"] and result["existed"] is True
    assert [method for method, _body in writes(scripted)] == ["POST"], "its owner stays who it is"


def test_with_manage_such_a_one_gets_what_is_said(scripted: Host) -> None:
    after = {**THEIRS, "comment": "Offered to Klaviyo"}
    scripted.on("GET", ONE, ABSENT, Answer(THEIRS), Answer(after)).on("POST", BASE, ALREADY)
    scripted.on("PATCH", ONE, Answer(after))
    assert run(scripted, comment="Offered to Klaviyo")["changed"]
    assert writes(scripted)[-1] == ("PATCH", {"comment": "Offered to Klaviyo"})


# -- a caller who may not look at it -------------------------------------------------------------
def test_the_list_may_show_what_a_look_does_not(scripted: Host) -> None:
    listed = Answer({"schemas": [], "next_page_token": "1"}), Answer({"schemas": [THEIRS]})
    scripted.on("GET", ONE, DENIED).on("GET", BASE, *listed)
    result = kept(scripted)
    assert not result["changed"] and result["existed"] is True and writes(scripted) == []


@pytest.mark.parametrize("listing", [Answer({}), Answer({"schemas": None}), DENIED])
def test_else_the_attempt_decides_that_it_exists(scripted: Host, listing: Answer) -> None:
    scripted.on("GET", ONE, DENIED).on("GET", BASE, listing).on("POST", BASE, ALREADY)
    result = kept(scripted)
    assert not result["changed"] and result["existed"] is True and result["warnings"] == []
    assert result["schema"] == {"catalog_name": "main", "name": "one", "full_name": "main.one"}
    assert [method for method, _body in writes(scripted)] == ["POST"]


def test_or_that_it_did_not(scripted: Host) -> None:
    scripted.on("GET", ONE, DENIED).on("GET", BASE, Answer({})).on("POST", BASE, Answer(THEIRS))
    result = kept(scripted, owner=None)
    assert result["changed"] and result["existed"] is False and result["actions"][0]["method"] == "create"


def test_check_mode_says_that_it_does_not_know(scripted: Host) -> None:
    scripted.on("GET", ONE, DENIED).on("GET", BASE, Answer({}))
    result = kept(scripted, True)
    assert not result["changed"] and result["existed"] is None and writes(scripted) == []
    assert result["warnings"] == [
        "Whether schema main.one exists could not be established: Could not read schema main.one: User does not have "
        "USE SCHEMA on Schema 'main.one'. Outside check mode the task tries to create it, which leaves an existing one "
        "as it is."
    ]


def test_who_may_neither_look_nor_create_learns_both(scripted: Host) -> None:
    scripted.on("GET", ONE, DENIED).on("GET", BASE, Answer({})).on("POST", BASE, NO_CREATE)
    scripted.on("GET", ME, Answer({"id": "7", "userName": "ada@example.com"}))
    result = kept(scripted)
    assert result["failed"] and "CREATE SCHEMA on Catalog 'main'" in result["msg"]
    assert "Whether it exists could not be established either" in result["msg"] and "USE SCHEMA" in result["msg"]
    assert "GRANT CREATE SCHEMA ON CATALOG `main` TO `ada@example.com`." in result["error"]["hint"]


def test_a_hint_does_without_a_name_that_is_not_told(scripted: Host) -> None:
    scripted.on("GET", ONE, ABSENT).on("POST", BASE, NO_CREATE).on("GET", ME, Answer({"userName": None}))
    assert "TO `<caller>`." in kept(scripted)["error"]["hint"]


@pytest.mark.parametrize("options", [{"existing": "manage"}, {"state": "absent"}])
def test_what_may_not_be_seen_is_neither_managed_nor_dropped(scripted: Host, options: dict[str, str]) -> None:
    scripted.on("GET", ONE, DENIED)
    result = kept(scripted, **options) if "existing" not in options else run(scripted, **options)
    assert result["error"]["code"] == "PERMISSION_DENIED" and writes(scripted) == []


def test_a_bad_credential_is_no_denial(scripted: Host) -> None:
    scripted.on("GET", ONE, Answer({"error_code": 403, "message": "Invalid access token."}, 403))
    assert kept(scripted)["error"]["code"] == "INVALID_ACCESS_TOKEN" and writes(scripted) == []


# -- what an answer leaves out --------------------------------------------------------------------
@pytest.mark.parametrize("nothing", [{}, {"comment": None, "storage_root": None, "properties": None, "owner": None}])
def test_null_absent_and_empty_are_the_same(scripted: Host, nothing: dict[str, None]) -> None:
    bare = {key: value for key, value in THEIRS.items() if key not in ("comment", "properties", "owner")}
    scripted.on("GET", ONE, Answer({**bare, **nothing}))
    result = run(scripted, comment="", properties={})
    assert not result["changed"], result
    assert (result["schema"]["storage_root"], result["schema"]["comment"], result["schema"]["properties"]) == (
        "",
        "",
        {},
    )


def test_a_property_without_a_value_is_an_empty_one(scripted: Host) -> None:
    scripted.on("GET", ONE, Answer({**THEIRS, "properties": {"team": None}}))
    assert not run(scripted, properties={"team": ""})["changed"]


# -- on a sandbox ---------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def process() -> t.Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(process: Sandbox) -> Sandbox:
    process.reset()
    return process


def on_sandbox(sandbox: Sandbox, module: str, token: str | None = None, **options: t.Any) -> dict[str, t.Any]:
    mine = {"token": token} if token else {}
    return run_module(module, {**sandbox.connection, **mine, **options})


def schema_of(sandbox: Sandbox, name: str) -> list[t.Any]:
    state = sandbox.state()["schemas"]
    return [one for one in (state.values() if isinstance(state, dict) else state) if one["name"] == name]


@pytest.mark.parametrize("rights", [["USE CATALOG", "USE SCHEMA"], ["USE CATALOG", "CREATE SCHEMA"]])
def test_a_foreign_schema_is_the_same_byte_for_byte(sandbox: Sandbox, rights: list[str]) -> None:
    ada = "ada.analyst@example.com"
    on_sandbox(sandbox, "schema", catalog="main", name="foreign", comment="Ours.", properties={"a": "b"})
    on_sandbox(sandbox, "grant", securable="catalog", name="main", principal=ada, privileges=rights)
    token = sandbox.control("POST", "mint", {"owner": ada})["token_value"]
    before = schema_of(sandbox, "foreign")
    assert before
    wish = {"catalog": "main", "name": "foreign", "existing": "keep", "comment": "Offered to Klaviyo"}
    done = on_sandbox(sandbox, "schema", token, **wish)
    assert not done["failed"] and not done["changed"] and done["existed"] is True, done
    assert schema_of(sandbox, "foreign") == before


def test_the_same_in_the_legacy_metastore(sandbox: Sandbox) -> None:
    there = {"catalog": "hive_metastore", "name": "foreign", "warehouse": sandbox.warehouse_id}
    first = on_sandbox(sandbox, "schema", **there, existing="keep", comment="Ours.")
    assert first["changed"] and first["existed"] is False and first["schema"]["comment"] == "Ours."
    again = on_sandbox(sandbox, "schema", **there, existing="keep", comment="Theirs.", owner="ada.analyst@example.com")
    assert not again["changed"] and again["schema"] == first["schema"]
