# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane: tests believe what it says, so it is tested itself.

Nothing here is the service's behaviour, except where a docstring names a source.
"""

from __future__ import annotations

import hashlib
import time
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.sandbox.people import client, cursor, grant_level, person, rows
from tests.sandbox.wire import SCIM, advance, ask, coded, control, create_group, groups, journal, seeded
from tests.support.sandbox import Sandbox, running_sandbox

ME = f"{SCIM}/Me"


# -- journal ----------------------------------------------------------------------------------
def test_the_journal_has_every_request_in_order(sandbox: Sandbox) -> None:
    somebody = person(sandbox)
    sandbox.control("DELETE", "journal")
    ask(sandbox, "GET", ME, somebody.token, headers={"User-Agent": "me/1"})
    ask(sandbox, "GET", "/api/2.0/nothing?a=b")
    ask(sandbox, "GET", ME, "dapi-wrong")
    one, two, three = journal(sandbox)
    assert one["seq"] < two["seq"] < three["seq"] and one["time"] <= two["time"]
    assert (one["method"], one["path"], one["status"], one["mutating"]) == ("GET", ME, 200, False)
    assert one["principal"] == somebody.application_id and one["user_agent"] == "me/1"
    assert one["token_id"] == hashlib.sha256(somebody.token.encode()).hexdigest()[:12]
    assert (two["path"], two["query"], two["status"]) == ("/api/2.0/nothing", "a=b", 404)
    assert (three["status"], three["principal"], three["token_id"]) == (403, None, None)


def test_the_journal_knows_what_changes_something(sandbox: Sandbox) -> None:
    create_group(sandbox)
    run = {"warehouse_id": sandbox.warehouse_id}
    for statement in ("SELECT 1", "CREATE SCHEMA main.s", "/* SELECT */ DROP SCHEMA main.s", "-- x\nSHOW SCHEMAS"):
        ask(sandbox, "POST", "/api/2.0/sql/statements", json={**run, "statement": statement})
    with cursor(sandbox) as session:
        rows(session, "SELECT 1")
        rows(session, "CREATE SCHEMA main.s")
    assert [one["mutating"] for one in journal(sandbox) if one["method"] == "POST"][:5] == [
        True,
        False,
        True,
        True,
        False,
    ]
    thrift = {one["statement"]: one["mutating"] for one in journal(sandbox) if one["call"] == "ExecuteStatement"}
    assert thrift == {"SELECT 1": False, "CREATE SCHEMA main.s": True}


def test_bodies_without_secrets(sandbox: Sandbox) -> None:
    """What the service made up, wherever it is sent; what a client made up, in fields that hold secrets."""
    somebody, made_up = person(sandbox), "hunter2-but-longer"
    sandbox.control("DELETE", "journal")
    ask(sandbox, "POST", f"{SCIM}/Groups", json={"displayName": f"name {somebody.token}", "x": [{"y": somebody.token}]})
    ask(sandbox, "GET", f"/api/2.0/nothing/{somebody.token}?q={somebody.token}")
    ask(
        sandbox,
        "POST",
        "/api/2.0/sql/statements",
        json={"statement": f"SELECT '{somebody.token}'", "warehouse_id": "x"},
    )
    for body in ({"string_value": made_up}, {"deep": {"client_secret": made_up}}):
        ask(sandbox, "POST", "/api/2.0/secrets/put", json={"scope": "none", **body})
    requests.post(f"{sandbox.host}/oidc/v1/token", data={"client_secret": made_up}, timeout=10)
    ask(sandbox, "POST", "/api/2.0/secrets/put", data=f'{{"string_value": "{made_up}"')
    with cursor(sandbox) as session:
        rows(session, f"SELECT '{somebody.token}'")
    shown = str(journal(sandbox))
    for secret in (sandbox.token, somebody.token, made_up):
        assert secret not in shown
    assert journal(sandbox)[0]["body"] == {"displayName": "name ***", "x": [{"y": "***"}]}
    assert "SELECT '***'" in shown and "/api/2.0/nothing/***" in shown and "q=***" in shown
    assert control(sandbox, "POST", "leaks", data=shown).json() == {"leaks": []}
    found = control(sandbox, "POST", "leaks", data=f"x{somebody.token}y").json()["leaks"]
    assert found == [hashlib.sha256(somebody.token.encode()).hexdigest()]


# -- clock, settings --------------------------------------------------------------------------
def test_the_clock(sandbox: Sandbox) -> None:
    before = sandbox.control("GET", "clock")["now_ms"]
    assert sandbox.control("POST", "clock", {"advance_days": 1, "advance_seconds": 5})["advanced_seconds"] == 86405
    date = parsedate_to_datetime(ask(sandbox, "GET", ME).headers["Date"]).timestamp()
    assert 86400 < date - before / 1000 < 86460
    made = client(sandbox).tokens.create(lifetime_seconds=60).token_info
    assert made and made.creation_time and made.creation_time - before > 86400_000
    for wrong in ({}, {"advance_seconds": -1}, {"advance_seconds": "1"}, {"advance_weeks": 1}, [1]):
        assert control(sandbox, "POST", "clock", json=wrong).status_code == 400
    sandbox.reset()
    assert sandbox.control("GET", "clock")["advanced_seconds"] == 0


def test_settings(sandbox: Sandbox) -> None:
    assert sandbox.control("GET", "settings")["on_behalf_of"] is True
    assert sandbox.control("POST", "settings", {"on_behalf_of": False, "latency_ms": 3})["latency_ms"] == 3
    body = {"application_id": "x"}
    answer = ask(sandbox, "POST", "/api/2.0/token-management/on-behalf-of/tokens", json=body)
    assert coded(answer) == (400, "FEATURE_DISABLED")
    for wrong in ({"nonsense": 1}, {"latency_ms": -1}, {"latency_ms": True}, {"on_behalf_of": 1}, [1]):
        assert control(sandbox, "POST", "settings", json=wrong).status_code == 400


def test_a_new_principal_is_unknown_to_permissions_for_a_while(sandbox: Sandbox) -> None:
    """Public scripts wait after the creation of a service principal."""
    sandbox.set(new_principal_lag=2)
    made = client(sandbox).service_principals.create(display_name="new")
    entry = {"service_principal_name": made.application_id, "permission_level": "CAN_USE"}
    body = {"access_control_list": [entry]}
    path = "/api/2.0/permissions/authorization/tokens"
    assert [ask(sandbox, "PATCH", path, json=body).status_code for _try in range(3)] == [404, 404, 200]


def test_a_person_makes_a_token_on_the_web_page(sandbox: Sandbox) -> None:
    """No API can do it for them; the rules for tokens hold all the same."""
    made = sandbox.control("POST", "mint", {"owner": "ADA.analyst@example.com", "comment": "by hand"})
    assert ask(sandbox, "GET", ME, made["token_value"]).json()["userName"] == "ada.analyst@example.com"
    assert made["token_info"]["comment"] == "by hand"
    fresh = client(sandbox).users.create(user_name="zoe@example.com")
    wishes: list[tuple[dict[str, object], int]] = [
        ({"owner": "nobody@example.com"}, 404),
        ({"owner": fresh.user_name}, 403),  # without CAN_USE on tokens
        ({"owner": "ada.analyst@example.com", "lifetime_seconds": 0}, 400),
        ({"owner": "ada.analyst@example.com", "value": "dapi0"}, 400),
        ({}, 400),
    ]
    for wish, status in wishes:
        assert control(sandbox, "POST", "mint", json=wish).status_code == status, wish


# -- state, reset -----------------------------------------------------------------------------
def test_the_state_has_secrets_as_sha256_only(sandbox: Sandbox) -> None:
    somebody, w = person(sandbox), client(sandbox)
    secret = str(w.service_principal_secrets_proxy.create(somebody.id).secret)
    w.secrets.create_scope("vault")
    w.secrets.put_secret("vault", "key", string_value="put there by hand")
    state, text = sandbox.state(), control(sandbox, "GET", "state").text
    for value in (sandbox.token, somebody.token, secret, "put there by hand"):
        assert value not in text
        assert hashlib.sha256(value.encode()).hexdigest() in text
    mine = next(one for one in state["tokens"] if one["owner_id"] == somebody.id)
    assert mine["sha256"] == hashlib.sha256(somebody.token.encode()).hexdigest()
    assert control(sandbox, "POST", "leaks", data=text).json() == {"leaks": []}


def test_a_reset_brings_back_what_was_there(sandbox: Sandbox) -> None:
    before, somebody = sandbox.state(), person(sandbox)
    sandbox.fault(path="*", status=500, times=0)
    sandbox.set(latency_ms=1)
    sandbox.reset()
    assert ask(sandbox, "GET", ME, somebody.token).status_code == 403
    assert ask(sandbox, "GET", ME).status_code == 200  # the ready file stays true
    assert sandbox.control("GET", "settings")["latency_ms"] == 0 and len(journal(sandbox)) == 2
    after = sandbox.state()
    kinds = ("users", "service_principals", "groups", "warehouses", "permissions", "grants", "secret_scopes", "conf")
    assert {kind: before[kind] for kind in kinds} == {kind: after[kind] for kind in kinds}
    assert [one["token_id"] for one in before["tokens"]] == [one["token_id"] for one in after["tokens"]]
    assert control(sandbox, "POST", "leaks", data=somebody.token).json()["leaks"]  # an old secret is one still


def test_a_reset_forgets_statements(sandbox: Sandbox) -> None:
    run = {"warehouse_id": sandbox.warehouse_id, "statement": "SELECT 1"}
    made = ask(sandbox, "POST", "/api/2.0/sql/statements", json=run).json()["statement_id"]
    sandbox.reset()
    assert ask(sandbox, "GET", f"/api/2.0/sql/statements/{made}").status_code == 404


def test_bystanders_notice_what_concerns_them(sandbox: Sandbox) -> None:
    before = sandbox.state()["bystanders"]
    assert {"ada.analyst@example.com", "Bob.Builder@example.com"} <= {one["user_name"] for one in before["users"]}
    assert all(before[kind] for kind in ("groups", "tokens", "grants", "tables", "permissions", "warehouses"))
    somebody = person(sandbox)  # with permissions on old objects, a token, a membership in users
    client(sandbox).schemas.create("mine", "main")
    somebody.may("schema", "main.mine", "SELECT")
    advance(sandbox, advance_seconds=5)
    assert sandbox.state()["bystanders"] == before
    bob = seeded(sandbox, "users", display_name="Bob Builder")["id"]
    for touch in (
        lambda: client(sandbox).token_management.delete(str(seeded(sandbox, "tokens", owner_id=bob)["token_id"])),
        lambda: grant_level(sandbox, "warehouses", sandbox.warehouse_id, etl(sandbox)),
        lambda: client(sandbox).workspace_conf.set_status({"maxTokenLifetimeDays": "90"}),
        lambda: client(sandbox).users.delete(bob),
    ):
        touched = sandbox.state()["bystanders"]
        touch()
        assert sandbox.state()["bystanders"] != touched


def etl(sandbox: Sandbox) -> str:
    """A bystander who may monitor the warehouse, which includes its use."""
    return str(seeded(sandbox, "service_principals", display_name="nightly-etl")["application_id"])


@pytest.mark.parametrize(("method", "what"), [("GET", "nothing"), ("POST", "journal"), ("GET", "reset"), ("GET", "")])
def test_there_is_nothing_else(sandbox: Sandbox, method: str, what: str) -> None:
    assert coded(control(sandbox, method, what)) == (404, "ENDPOINT_NOT_FOUND")
    assert requests.get(f"{sandbox.host}/_sandboxjournal", timeout=10).status_code == 401


# -- several workspaces -----------------------------------------------------------------------
def test_several_workspaces_are_one_account() -> None:
    with running_sandbox("--workspaces", "3", "--cloud", "azure", "--latency-ms", "30") as first:
        all_ready = first.ready["workspaces"]
        assert len(all_ready) == 3 and all_ready[0]["host"] == first.host
        for key in ("host", "token", "workspace_id", "warehouse_id", "name"):
            assert len({one[key] for one in all_ready}) == 3, key
        assert len({one["account_id"] for one in all_ready}) == 1
        assert {one["cloud"] for one in all_ready} == {"azure"}
        second = Sandbox(all_ready[1])
        assert ask(second, "GET", ME, first.token).status_code == 403  # a token is one workspace's
        begun = time.monotonic()
        assert ask(second, "GET", ME).headers["X-Databricks-Org-Id"] == all_ready[1]["workspace_id"]
        assert time.monotonic() - begun >= 0.03
        assert create_group(second) == 201
        assert (groups(first), groups(second)) == (0, 1)
        first.reset()
        assert groups(second) == 1 and len(journal(second)) == 3


# -- copies -----------------------------------------------------------------------------------
def test_a_workspace_comes_back_as_it_was_kept(sandbox: Sandbox) -> None:
    with cursor(sandbox) as session:
        rows(session, "CREATE SCHEMA main.kept")
        rows(session, "CREATE TABLE main.kept.t (id INT, name STRING)")
        rows(session, "INSERT INTO main.kept.t VALUES (1, 'a'), (2, NULL)")
    advance(sandbox, advance_seconds=3600)
    before = sandbox.state()
    sandbox.control("POST", "snapshot", {"name": "first"})
    for _time in range(2):
        somebody = person(sandbox)
        with cursor(sandbox) as session:
            rows(session, "DROP TABLE main.kept.t")
        sandbox.fault(status=500)
        sandbox.control("POST", "restore", {"name": "first"})
        assert journal(sandbox) == [] and sandbox.control("GET", "faults") == {"faults": []}
        after = sandbox.state()
        assert {**after, "clock": None} == {**before, "clock": None}
        assert 0 <= after["clock"]["now_ms"] - before["clock"]["now_ms"] < 60_000
        assert after["clock"]["advanced_seconds"] == 3600
        assert ask(sandbox, "GET", ME, somebody.token).status_code == 403
        with cursor(sandbox) as session:
            found = rows(session, "SELECT * FROM main.kept.t ORDER BY id")
        assert [tuple(row) for row in found] == [(1, "a"), (2, None)]


def test_what_is_made_after_a_return_is_new(sandbox: Sandbox) -> None:
    sandbox.control("POST", "snapshot", {"name": "fresh"})
    made = set()
    for _time in range(3):
        sandbox.control("POST", "restore", {"name": "fresh"})
        made |= {person(sandbox).application_id}
    assert len(made) == 3
    refused = requests.post(f"{sandbox.host}/_sandbox/restore", json={"name": "nobody kept this"}, timeout=10)
    assert refused.status_code == 404 and "fresh" in refused.json()["message"]


def test_a_clock_that_differs(sandbox: Sandbox) -> None:
    for skew in (-2 * 86_400, 2 * 86_400):
        sandbox.control("POST", "clock", {"skew_seconds": skew})
        answered = parsedate_to_datetime(ask(sandbox, "GET", ME).headers["Date"]).timestamp()
        assert abs(answered - time.time() - skew) < 5


def test_reads_that_lag_behind(sandbox: Sandbox) -> None:
    def seen() -> bool:
        return any(one["displayName"] == "g" for one in ask(sandbox, "GET", f"{SCIM}/Groups").json()["Resources"])

    sandbox.set(read_lag=2)
    create_group(sandbox)
    assert groups(sandbox) == 1
    assert [seen() for _time in range(4)] == [False, False, True, True]
    sandbox.reset()
    create_group(sandbox)
    assert seen()
