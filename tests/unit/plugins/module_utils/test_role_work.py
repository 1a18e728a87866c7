# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of role partner work from, and what is made of their results."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import jsonschema
import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.filter.partner_outcome import partner_outcome
from ansible_collections.lakeops.databricks.plugins.filter.partner_state import partner_state
from ansible_collections.lakeops.databricks.plugins.filter.wanted_access import wanted_access
from ansible_collections.lakeops.databricks.plugins.module_utils._role import work as _role_work
from ansible_collections.lakeops.databricks.plugins.module_utils._role.outcome import NOTHING_TO_ENTER

ROLE = Path(__file__).resolve().parents[4] / "roles" / "partner"
ID = "0f0f0f0f-0000-4000-8000-00000000000a"
CREATED = {"method": "create", "object": "main.klaviyo_tmp", "fields": [], "reason": ""}
Data = dict[str, t.Any]


def work(catalog: str = "main", **said: t.Any) -> Data:
    profile = yaml.safe_load((ROLE / "profiles" / "klaviyo.yml").read_text(encoding="utf-8"))
    named = {"catalog": catalog, "warehouse": "w1", "principal_name": said.get("principal_name", "klaviyo-import")}
    given = {
        "principal_kind": "service_principal",
        "token_store": {"type": "file", "path": "/srv/token.json"},
        "hand_over": "",
        "purge_surplus": False,
        "show_token": "cat it",
        "store_notes": ["you"],
        "token_rules": {"grace_days": 3},
        "fail_on": ["broken", "drift"],
        **said,
    }
    wanted = wanted_access(profile, {**named, **said.get("people", {})})
    return _role_work.settled(given, wanted)


def run(**found: t.Any) -> Data:
    empty: Data = {
        name: {} for name in ("looked", "surveyed", "verified", "told", "live", "kept", "found_access", "owners")
    }
    more = {"host": "acme", "entry": "setup", "ended": "", "principal": ID, "acted": [], "token_actions": []}
    return {**empty, **more, **found}


def verified(**more: t.Any) -> Data:
    checks = [
        {"id": "a", "result": "passed", "line": "passed: a", "hint": "", "kind": "works"},
        {"id": "b", "result": "failed", "line": "failed: b", "hint": "Mend b.", "kind": "works"},
        {"id": "c", "result": "warned", "line": "warned: c", "hint": "Mend b.", "kind": "works"},
    ]
    summary = {"passed": 1, "failed": 1, "warned": 1, "skipped": 0, "line": "broken: b"}
    return {"checks": checks, "summary": summary, "status": "broken", "passed": False, "connection": {}, **more}


# -- what is fixed for the run ----------------------------------------------------------------
def test_grants_permissions_and_rules_are_ready_for_the_modules() -> None:
    made = work()
    assert not [one for one in (*made["grants"], *made["permissions"]) if "guide" in one]
    assert made["rules"] == {"lifetime_days": 90, "renew_before_days": 30, "grace_days": 3}
    assert [one["id"] for one in made["ours"]] == ["import", "tmp"]
    assert (made["warehouse"], made["way"], work("hive_metastore")["way"]) == ("w1", "", "w1")
    assert (made["by_id"], work(principal_name=ID)["by_id"]) == (False, True)


@pytest.mark.parametrize(
    ("store", "tasks"),
    [
        ({"type": "file", "path": "/x"}, (False, "", "")),
        ({"type": "tasks", "get": "/g.yml", "put": "/p.yml"}, (True, "/g.yml", "/p.yml")),
        ({"type": "tasks", "recipe": "v"}, (True, "stores/v/get.yml", "stores/v/put.yml")),
        ({"type": "tasks", "recipe": "v", "put": "/p.yml"}, (True, "stores/v/get.yml", "/p.yml")),
    ],
)
def test_the_tasks_of_a_store_of_your_own(store: Data, tasks: tuple[bool, str, str]) -> None:
    made = work(token_store=store)
    assert (made["own_store"], made["reading_tasks"], made["writing_tasks"]) == tasks


# -- who it is, and what is missing -----------------------------------------------------------
def looked(*there: str, **more: t.Any) -> Data:
    names = ("main.klaviyo_import_from_dwh", "main.klaviyo_tmp")
    schemas = [
        {"full_name": name, "exists": name in there, "owner": "ada" if name in there else None} for name in names
    ]
    return {"schemas": schemas, "catalog": {"name": "main", "owner": "eve"}, "principals": [], **more}


def test_nothing_is_known_before_anybody_looked() -> None:
    state = partner_state(work())
    assert state["principal"] == "klaviyo-import"
    assert not state["complete"] and len(state["missing"]) == 2 and state["owners"] == {}
    assert (state["id"], state["http_path"], state["caller"]) == ("", "", "")


def test_what_was_seen_is_not_made_again() -> None:
    principal = {"application_id": ID, "id": "7", "entitlements": ["databricks-sql-access"]}
    seen = looked(
        "main.klaviyo_tmp", principals=[principal], caller={"user_name": "ada"}, warehouse={"http_path": "/w"}
    )
    state = partner_state(work(), seen)
    assert (state["principal"], state["id"], state["complete"]) == (ID, "7", True)
    assert not state["given"]
    held = {**seen, "access": {"complete": True}}
    assert partner_state(work(), held)["given"]
    assert not partner_state(work(purge_surplus=True), held)["given"]
    assert [one["id"] for one in state["missing"]] == ["import"]
    assert state["owners"] == {"main.klaviyo_tmp": "ada", "main": "eve"}
    assert (state["http_path"], state["caller"]) == ("/w", "ada")
    assert not partner_state(work(), looked(principals=[{**principal, "entitlements": []}]))["complete"]
    twice = partner_state(work(), looked(principals=[principal, principal]))
    assert (twice["principal"], twice["complete"]) == ("klaviyo-import", False)
    user = partner_state(work(principal_kind="user"), looked(principals=[{"user_name": "k@example.com"}]))
    assert user["principal"] == "k@example.com"


def test_a_schema_that_nobody_could_see_counts_as_missing() -> None:
    unknown = [{"full_name": "main.klaviyo_tmp", "exists": None}]
    assert len(partner_state(work(), looked(schemas=unknown))["missing"]) == 2


def test_what_was_made_is_only_ours_by_its_name() -> None:
    made = {"service_principal": {"display_name": "Klaviyo-Import", "application_id": ID}}
    assert partner_state(work(), {}, made)["principal"] == ID
    assert partner_state(work(principal_name="other"), {}, made)["principal"] == "other"
    assert partner_state(work(principal_kind="user"), {}, made)["principal"] == "klaviyo-import"
    check_mode = {"service_principal": {"display_name": "klaviyo-import", "application_id": None}}
    assert partner_state(work(), {}, check_mode)["principal"] == "klaviyo-import"


# -- what came of it --------------------------------------------------------------------------
def test_the_screen_says_each_hint_once_and_no_connection_while_it_fails() -> None:
    steps = {"token": {"handover": {"steps": ["Carry it on."]}}}
    screen = partner_outcome(work(), run(verified=verified(), told=steps), "screen")
    assert screen == {
        "checks": ["passed: a", "failed: b", "warned: c", "what to do: Mend b.", "Carry it on."],
        "data": [],
        "enter_at_the_partner": NOTHING_TO_ENTER,
    }
    found = partner_outcome(work(), run(verified=verified(connection={"hostname": "h"})), "screen")
    assert found["enter_at_the_partner"] == {"hostname": "h", "show_token": "cat it", "notes": ["you"]}


def test_what_is_said_of_people_goes_before_what_the_record_holds() -> None:
    held = verified(people={"owner": "them", "ticket": "DATA-1"})
    report = partner_outcome(work(people={"owner": "us"}), run(verified=held), "report")
    assert report["people"] == {"owner": "us", "ticket": "DATA-1"}


def test_the_result_of_what_is_broken() -> None:
    steps = {"token": {"token_id": "t", "handover": {"steps": ["Carry it on."]}}}
    kept = {"run": "r", "json": "/r.json", "html": "/r.html", "changed": False}
    acted = [{"actions": ["made it"]}, {"changed": False}]
    made = run(verified=verified(), told=steps, kept=kept, acted=acted, token_actions=["stored it"])
    result = partner_outcome(work(), made, "result")
    assert result["lines"] == ["acme: broken: b", "failed: b", "Carry it on."]
    assert (result["status"], result["passed"], result["changed"], result["principal"]) == ("broken", False, True, ID)
    assert result["token"]["token_id"] == "t" and result["connection"] == {}
    assert result["report"] == {
        **dict.fromkeys(("folder", "signature", "sha256", "index")),
        "run": "r",
        "json": "/r.json",
        "html": "/r.html",
    }


@pytest.mark.parametrize(
    ("status", "fail_on", "failed", "steps"),
    [
        ("broken", ["broken", "drift"], True, True),
        ("broken", [], False, True),
        ("drift", ["broken"], False, False),
        ("drift", ["broken", "drift"], True, False),
        ("handover", ["broken", "drift"], False, False),
        ("handover", ["handover"], True, True),
        ("ok", ["broken", "drift", "handover"], False, False),
    ],
)
def test_which_status_is_a_failure(status: str, fail_on: list[str], failed: bool, steps: bool) -> None:
    token = {"token": {"handover": {"steps": ["Carry it on."]}}}
    found = run(verified=verified(status=status), told=token)
    result = partner_outcome(work(fail_on=fail_on), found, "result")
    assert (result["failed"], "Carry it on." in result["lines"]) == (failed, steps)


def test_a_renewal_that_was_revoked_in_this_run_waits_for_nobody() -> None:
    summary = {"passed": 24, "failed": 0, "warned": 0, "skipped": 0, "line": "handover until 2027-02-26: 24 checks"}
    seen = verified(status="handover", passed=True, summary=summary, checks=[])
    waits = {"token": {"token_id": "t", "handover": {"steps": ["Carry it on."]}}}
    told = partner_outcome(work(), run(entry="rotate", verified=seen, told=waits), "report")
    assert (told["status"], told["summary"]["line"]) == ("handover", "handover until 2027-02-26: 24 checks")
    done = run(entry="rotate", verified=seen, told={"token": {"token_id": "t", "handover": None}})
    told = partner_outcome(work(), done, "report")
    assert (told["status"], told["summary"]["line"], told["handover"]) == ("ok", "ok: 24 checks", {})
    assert partner_outcome(work(), done, "result")["lines"] == ["acme: ok: 24 checks"]


def test_what_was_done_before_a_task_failed_is_in_the_report() -> None:
    error = {"code": "X", "actions": [CREATED]}
    finding = {"code": "NO", "kind": "blocks", "what": "w", "who": "", "how": "", "line": "w"}
    blocked = {"failed": True, "error": {"findings": [finding], "caller": {"user_name": "ada", "sign_in": "pat"}}}
    told = partner_outcome(work(), run(acted=[{"error": error}], looked=blocked, surveyed=blocked), "report")
    assert told["changed"] == [CREATED]
    assert told["found"]["findings"] == [finding]
    assert told["operator"]["identity"] == "ada"


def test_the_result_of_check_mode() -> None:
    result = partner_outcome(work(), run(), "result")
    assert (result["status"], result["passed"], result["changed"]) == ("unverified", None, False)
    assert (result["lines"], result["report"], result["checks"]) == (["acme: not verified"], {}, [])


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (run(acted=[{"actions": [CREATED, CREATED], "sql": ["GRANT"]}]), "check mode: 2 change(s) would be made"),
        (run(entry="preflight", looked={"findings": [{}]}), "preflight: 1 finding(s)"),
        (run(ended="removed", found_access={"access": []}), "removed"),
        (run(verified=verified()), "broken: b"),
    ],
)
def test_the_report_has_every_key_of_its_format(found: Data, line: str) -> None:
    report = partner_outcome(work(), found, "report")
    assert report["summary"]["line"] == line
    assert report["status"] == (found["ended"] or found["verified"].get("status", "unverified"))
    schema = json.loads((ROLE / "files" / "report.schema.json").read_text(encoding="utf-8"))
    by_the_module = {"made_by", "run", "chain", "format", "version"}
    assert set(schema["required"]) - set(report) <= by_the_module
    held = {key: schema["properties"][key] for key in ("principal", "partner", "status", "changed", "sql", "people")}
    jsonschema.validate(
        {key: report[key] for key in held}, {**schema, "required": [], "properties": held, "additionalProperties": True}
    )


def test_the_id_of_a_principal_that_was_never_found_is_unknown() -> None:
    def told(said: Data, principal: str) -> t.Any:
        return partner_outcome(said, run(principal=principal), "report")["principal"]["id"]

    assert told(work(), "klaviyo-import") is None and told(work(), ID) == ID
    assert told(work(principal_name=ID), ID) == ID
    assert told(work(principal_kind="user", principal_name="k@example.com"), "k@example.com") == "k@example.com"


def test_who_ran_it_is_known_by_the_verification_or_the_look() -> None:
    seen = {
        "caller": {"user_name": "ada", "sign_in": "pat"},
        "workspace": {"hostname": "h", "workspace_id": "1", "cloud": "aws"},
    }
    report = partner_outcome(work(), run(surveyed=seen), "report")
    assert report["operator"] == {"identity": "ada", "sign_in": "pat"}
    assert report["workspace"] == {"host": "h", "id": "1", "cloud": "aws"}
    mine = verified(caller={"identity": "eve", "sign_in": "m2m"}, workspace={"host": "v", "id": "2"})
    report = partner_outcome(work(), run(verified=mine), "report")
    assert report["operator"] == {"identity": "eve", "sign_in": "m2m"}
    assert report["workspace"] == {"host": "v", "id": "2", "cloud": None}


def test_your_own_tasks_get_what_was_verified_only() -> None:
    whole = {"connection": {"hostname": "h"}, "summary": {"failed": 0, "line": "ok"}}
    asked = work(hand_over="/mine.yml")

    def hands_over(said: Data, **found: t.Any) -> bool:
        return bool(partner_outcome(said, run(**found), "hands_over"))

    assert hands_over(asked, verified=verified(**whole))
    assert not hands_over(work(), verified=verified(**whole))
    assert not hands_over(asked, verified=verified(connection={"hostname": "h"}))
    assert not hands_over(asked, verified=verified(summary=whole["summary"]))
    assert not hands_over(asked)


def test_a_part_that_there_is_not_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="'page' is none of report, screen, result, judged, hands_over"):
        partner_outcome(work(), run(), "page")
