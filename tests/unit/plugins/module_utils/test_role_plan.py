# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans: what makes two of them the same, what makes another one, and what is said of one that does not hold."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.filter.plan_stats import plan_stats
from ansible_collections.lakeops.databricks.plugins.module_utils._role import plan as _role_plan
from ansible_collections.lakeops.databricks.plugins.module_utils._role.outcome import Outcome

Data = dict[str, t.Any]
ID = "0f0f0f0f-0000-4000-8000-00000000000a"
WORK: Data = {
    "prefix": "klaviyo_",
    "plan": [],
    "principal_kind": "service_principal",
    "principal_name": "klaviyo-import",
    "token_method": "auto",
    "token_given": False,
    "token_store": {"type": "file", "path": "/srv/token.json"},
    "rules": {"lifetime_days": 90},
    "purge_surplus": False,
    "hand_over": "",
    "report_dir": "reports",
    "own_store": False,
    "wanted": {"entitlements": ["databricks-sql-access"], "people": {}, "title": "Klaviyo", "notes": ["n"]},
}
RUN: Data = {
    "check": True,
    "token_actions": [],
    "looked": {
        "workspace": {"workspace_id": "1", "hostname": "h", "cloud": "aws"},
        "caller": {"user_name": "ada"},
        "catalog": {"name": "main", "owner": "eve"},
        "warehouse": {"id": "w1", "http_path": "/sql/w1", "state": "RUNNING"},
        "schemas": [{"full_name": "main.tmp", "exists": False, "owner": None}],
        "principals": [{"id": "7", "application_id": ID, "active": True, "entitlements": ["a", "b"]}],
        "tokens": {
            "now": 5.0,
            "workspace_id": "1",
            "tokens": [
                {"token_id": "t1", "comment": "c", "creation_time": 1, "expiry_time": 9, "last_used_day": 3},
                {"token_id": "t2", "comment": "d", "creation_time": 2, "expiry_time": 9},
            ],
        },
        "access": {"complete": False, "grants": [{"securable": "catalog", "name": "main", "privileges": []}]},
        "findings": [
            {"code": "A_RIGHT", "kind": "unknown", "what": "Nobody knows.", "line": "Nobody knows. Ask."},
            {"code": "TOKEN_ON_BEHALF", "kind": "note", "what": "By ada.", "line": "By ada."},
        ],
    },
    "foretold": {
        "whole": True,
        "schemas": {"results": [{"actions": [{"method": "create", "object": "schema main.tmp"}]}]},
        "principal": {"actions": [{"method": "update", "object": "service_principal x", "fields": ["entitlements"]}]},
        "permissions": {
            "actions": [{"method": "create", "object": f"permission of {ID} on tokens", "fields": ["level"]}],
            "diff": {"before": {"tokens": None}, "after": {"tokens": "CAN_USE"}},
            "permissions": [],
        },
        "access": {
            "actions": [
                {
                    "method": "update",
                    "object": f"grant to {ID} on schema main.tmp",
                    "granted": ["SELECT"],
                    "revoked": ["MODIFY"],
                }
            ],
            "unread": [{"object": f"grant to {ID} on catalog main", "said": "Request 4711 was refused."}],
            "grants": [{"securable": "catalog", "name": "main"}, {"securable": "schema", "name": "main.tmp"}],
            "diff": {"before": {"schema main.tmp": ["MODIFY"]}},
        },
        "token": {
            "actions": [
                {"method": "announce", "object": "store file /srv/token.json", "reason": "no usable token"},
                {"method": "mint", "object": f"token of {ID}", "reason": "no usable token"},
                {"method": "store", "object": "store file /srv/token.json", "reason": ""},
            ],
            "token": {"phase": "current", "token_id": "", "expiry": "2027-01-01T00:00:00Z"},
            "diff": {"before": {"phase": "none", "live_tokens": []}},
            "strangers": [],
        },
    },
}
NOTHING: Data = {"whole": True, "token": {"actions": [], "token": {"phase": "current", "token_id": "t1"}}}


def changed(of: Data, path: str, value: t.Any) -> Data:
    """The same with one thing other; numbers in the path are places in lists."""
    made = copy.deepcopy(of)
    held: t.Any = made
    *way, last = path.split(".")
    for part in way:
        held = held[int(part)] if part.isdecimal() else held[part]
    held[int(last) if last.isdecimal() else last] = value
    return made


def digest(work: Data | None = None, run: Data | None = None) -> str:
    return str(_role_plan.made(work or WORK, run or RUN)["digest"])


def test_lines_are_in_the_order_of_the_run() -> None:
    plan = _role_plan.made(WORK, RUN)
    assert plan["lines"] == [
        "create schema main.tmp",
        "change service principal klaviyo-import: entitlements",
        "give klaviyo-import CAN_USE on tokens",
        "unknown: Request 4711 was refused.",
        "grant SELECT and revoke MODIFY on schema main.tmp for klaviyo-import",
        "write into file /srv/token.json that a token is about to be made",
        "mint a token of klaviyo-import for at most 90 days (no usable token)",
        "store the token in file /srv/token.json",
        "unknown: Nobody knows.",
        "then verify with the token: probe tables are tried and dropped, nothing of them stays",
    ]
    assert _role_plan.DIGEST.fullmatch(plan["digest"]) and plan["no_change"] is False
    handed = _role_plan.made({**WORK, "hand_over": "/mine.yml"}, RUN)
    assert handed["lines"][-1] == "then run your tasks in /mine.yml, if every check passed"


@pytest.mark.parametrize("work", [{**WORK, "token_method": "self"}, WORK])
def test_a_secret_to_sign_in_with_is_announced(work: Data) -> None:
    run = RUN if work["token_method"] == "self" else changed(RUN, "looked.workspace.cloud", "azure")
    (line,) = (one for one in _role_plan.made(work, run)["lines"] if one.startswith("mint"))
    assert line == (
        "mint a token of klaviyo-import for at most 90 days, signed in as it with a secret that is deleted at once "
        "(no usable token)"
    )


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ({"method": "revoke", "object": "token abc", "reason": "replaced"}, "revoke token abc (replaced)"),
        ({"method": "settle", "object": "store s", "reason": "y"}, "write into s which tokens are replaced (y)"),
        ({"method": "note", "object": "store s", "reason": "y"}, "write into s what is known of people (y)"),
        ({"method": "repair", "object": "s", "fields": ["a", "b"]}, "repair s: a, b"),
    ],
)
def test_what_else_becomes_of_tokens(action: Data, line: str) -> None:
    run = changed(RUN, "foretold", {**NOTHING, "token": {**NOTHING["token"], "actions": [action]}})
    assert _role_plan.made(WORK, run)["steps"][0]["line"] == line


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("looked.warehouse.state", "STOPPED"),
        ("looked.caller.user_name", "eve"),
        ("looked.tokens.now", 6.0),
        ("looked.tokens.tokens.0.last_used_day", 4),
        ("looked.tokens.tokens", RUN["looked"]["tokens"]["tokens"][::-1]),
        ("looked.principals.0.entitlements", ["b", "a"]),
        ("looked.findings", RUN["looked"]["findings"][::-1]),
        ("looked.findings.1.line", "By eve."),
        ("foretold.access.unread.0.said", "Request 4712 was refused."),
        ("foretold.token.token.expiry", "2027-01-01T00:00:01Z"),
        ("foretold.token.store_write", "dapi" + "1" * 32),
    ],
)
def test_what_changes_by_itself_makes_no_other_plan(path: str, value: t.Any) -> None:
    assert digest(run=changed(RUN, path, value)) == digest()


@pytest.mark.parametrize("name", ["report_dir", "report_language", "fail_on", "plan", "confirmed", "show_token"])
def test_what_is_no_wish_of_the_workspace_makes_no_other_plan(name: str) -> None:
    assert digest({**WORK, name: "other"}) == digest()
    assert digest({**WORK, "wanted": {**WORK["wanted"], "title": "K", "notes": []}}) == digest()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("looked.workspace.workspace_id", "2"),
        ("looked.catalog.owner", "ada"),
        ("looked.warehouse.id", "w2"),
        ("looked.schemas.0.exists", None),
        ("looked.schemas.0.owner", "ada"),
        ("looked.principals.0.active", False),
        ("looked.principals.0.entitlements", ["a"]),
        ("looked.tokens", None),
        ("looked.tokens.tokens.0.token_id", "t3"),
        ("looked.tokens.tokens.0.expiry_time", 10),
        ("looked.access.grants.0.privileges", ["USE_CATALOG"]),
        ("looked.access.grants.0.privileges", None),
        ("looked.findings.0.kind", "lacks"),
        ("foretold.access.unread", []),
        ("foretold.access.diff.before", {"schema main.tmp": ["MODIFY", "SELECT"]}),
        ("foretold.permissions.diff.before", {"tokens": "CAN_VIEW"}),
        ("foretold.token.strangers", [{"token_id": "t9", "expiry": None}]),
        ("foretold.token.diff.before", {"phase": "none", "live_tokens": ["t9"]}),
        ("foretold.token.actions", []),
        ("foretold.schemas.results", []),
    ],
)
def test_another_world_is_another_plan(path: str, value: t.Any) -> None:
    assert digest(run=changed(RUN, path, value)) != digest()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("principal_name", "other"),
        ("purge_surplus", True),
        ("token_given", True),
        ("token_store.path", "/srv/other.json"),
        ("rules.lifetime_days", 60),
        ("hand_over", "/mine.yml"),
        ("wanted.entitlements", []),
        ("wanted.people", {"owner": "crm"}),
    ],
)
def test_another_wish_is_another_plan(path: str, value: t.Any) -> None:
    assert digest(changed(WORK, path, value)) != digest()


@pytest.mark.parametrize(("path", "value"), [("foretold.whole", False), ("foretold.token", {}), ("foretold", {})])
def test_a_part_is_no_plan(path: str, value: t.Any) -> None:
    run = changed(RUN, path, value)
    assert _role_plan.made(WORK, run) == {}
    said = "klaviyo_plan: what would be done could not be foretold."
    assert _role_plan.judged({**WORK, "plan": [digest()]}, run) == {"plan": {}, "holds": False, "said": said}


def test_a_plan_that_holds() -> None:
    found = _role_plan.judged({**WORK, "plan": ["0" * 8 + "-" + "0" * 8 + "-" + "0" * 40, digest()]}, RUN)
    assert (found["holds"], found["said"]) == (True, f"klaviyo_plan: {digest()} holds.")


SAME = "The variables are the same, and so is what was read of the workspace; what follows from them is not."
WORLD = "The variables are the same; the workspace or the stored token is not as it was."
WISH = "The workspace is as it was; the variables, or the access profile, say something else."
BOTH = "Both the variables and what was read of the workspace are others, or it is the plan of another workspace."


@pytest.mark.parametrize(
    ("work", "run", "why"),
    [
        (WORK, changed(RUN, "foretold.schemas.results", []), SAME),
        (WORK, changed(RUN, "looked.catalog.owner", "ada"), WORLD),
        ({**WORK, "purge_surplus": True}, RUN, WISH),
        ({**WORK, "purge_surplus": True}, changed(RUN, "looked.catalog.owner", "ada"), BOTH),
    ],
)
def test_what_differs_is_said(work: Data, run: Data, why: str) -> None:
    found = _role_plan.judged({**work, "plan": [digest()]}, run)
    assert found["holds"] is False
    head, first, *_more, last = found["said"].splitlines()
    begin = f"klaviyo_plan: {digest()} does not hold any more, so nothing was changed. {why} The plan is "
    assert head == f"{begin}{digest(work, run)} now:"
    assert first == f"- {found['plan']['lines'][0]}"
    assert last == (
        "Let whoever has to approve it read it, and give this one; klaviyo_setup --check makes a new one at any time."
    )
    of_a_partner = _role_plan.judged({**work, "prefix": "partner_", "plan": [digest(), digest()]}, run)["said"]
    assert of_a_partner.startswith("partner_plan: none of the 2 plans holds here, so nothing was changed. ")
    assert of_a_partner.endswith("; the set-up in check mode makes a new one at any time.")


def test_what_was_planned_and_is_there_holds_for_the_same_wish_only() -> None:
    there = changed(RUN, "foretold", NOTHING)
    found = _role_plan.judged({**WORK, "plan": [digest()]}, there)
    assert (found["holds"], found["plan"]["no_change"]) == (True, True)
    assert found["said"] == "klaviyo_plan: what was planned is there already, so nothing is left to be done."
    assert not _role_plan.judged({**WORK, "plan": [digest()], "purge_surplus": True}, there)["holds"]


def test_what_was_done_is_compared_with_the_plan() -> None:
    planned = {"plan": _role_plan.made(WORK, RUN), "holds": True}
    told = copy.deepcopy(RUN["foretold"])
    told["access"]["unread"] = []
    done = {**RUN, "check": False, "planned": planned, "foretold": told}
    assert Outcome.plan(_outcome(done))["as_planned"] is False
    assert Outcome.plan(_outcome({**done, "foretold": RUN["foretold"]}))["as_planned"] is True
    assert Outcome.plan(_outcome({**done, "foretold": {**told, "token": {}}})) == planned["plan"]
    assert Outcome.plan(_outcome({**done, "planned": {}})) == {}


def _outcome(run: Data) -> Outcome:
    return Outcome(WORK, {"verified": {}, "surveyed": {}, "told": {}, **run})


# -- all hosts as one -------------------------------------------------------------------------------
def test_the_plans_of_all_hosts_are_one() -> None:
    plan = {"digest": "d1", "lines": ["a", "b"], "no_change": True}
    one = {"x": {"klaviyo_result": {"plan": plan}}}
    told = {"klaviyo_plan_digest": "d1", "klaviyo_plan_text": ["a", "b"], "klaviyo_no_change": True}
    assert plan_stats(one, ["x"]) == told
    two = {**one, "y": {"klaviyo_result": {"plan": {**plan, "digest": "d2"}}}}
    told = {
        "klaviyo_plan_digest": "d1,d2",
        "klaviyo_plan_text": ["x: a", "x: b", "y: a", "y: b"],
        "klaviyo_no_change": True,
    }
    assert plan_stats(two, ["x", "y"]) == told
    assert plan_stats(two, ["x", "y"], asks="y") == told
    assert plan_stats(two, ["x", "y"], asks="x") == {}
    assert plan_stats({**two, "y": {}}, ["x", "y"], asks="x")["klaviyo_plan_digest"] == "d1"
    for without in ({}, {"y": {}}, {"y": {"klaviyo_result": None}}, {"y": {"klaviyo_result": {"plan": {}}}}):
        found = plan_stats({**one, **without}, ["x", "y"])
        assert found["klaviyo_plan_text"] == ["x: a", "x: b", "y: no plan: its run ended before"]
        assert (found["klaviyo_plan_digest"], found["klaviyo_no_change"]) == ("d1", False)
    assert plan_stats({"x": {"partner_result": {"plan": plan}}}, ["x"], "partner_")["partner_plan_digest"] == "d1"
    with pytest.raises(AnsibleFilterError, match="plan_stats: needs hostvars, and a list of the names of hosts"):
        plan_stats(one, "x")  # type: ignore[arg-type]


def test_without_a_host_it_is_not_said_that_nothing_changes() -> None:
    assert plan_stats({}, [])["klaviyo_no_change"] is False


def test_the_plans_of_several_uses_are_one() -> None:
    first = {"digest": "d1", "lines": ["a"], "no_change": False}
    last = {"digest": "d2", "lines": ["b"], "no_change": True}
    used_twice = {"x": {"klaviyo_result": {"plan": last, "plans": [first, last]}}}
    told = {"klaviyo_plan_digest": "d1,d2", "klaviyo_plan_text": ["a", "b"], "klaviyo_no_change": False}
    assert plan_stats(used_twice, ["x"]) == told
    # The host of an earlier play stays in what is told; one that was never used in this run is no host of the plan.
    of_two_plays = {"y": {"klaviyo_result": {"plan": last, "plans": [last]}}, **used_twice, "z": {}}
    found = plan_stats(of_two_plays, ["y"])
    assert found["klaviyo_plan_text"] == ["y: b", "x: a", "x: b"]
    assert (found["klaviyo_plan_digest"], found["klaviyo_no_change"]) == ("d2,d1", False)
    # The second use ended before it had a plan, and then nobody knows what it would change.
    ended = {"x": {"klaviyo_result": {"plans": [last]}}}
    found = plan_stats({**ended, "y": {"klaviyo_result": {"plan": last}}}, ["x", "y"])
    assert found["klaviyo_plan_text"] == ["x: b", "x: no plan: its run ended before", "y: b"]
    assert (found["klaviyo_plan_digest"], found["klaviyo_no_change"]) == ("d2", False)


def test_a_use_keeps_the_plans_of_those_before_it() -> None:
    plan = _role_plan.made(WORK, RUN)
    other = {"digest": "d1"}
    assert Outcome.plans(_outcome({**RUN, "earlier_plans": [other]})) == [other, plan]
    assert Outcome.plans(_outcome({**RUN, "earlier_plans": [plan]})) == [plan]
    assert Outcome.plans(_outcome({**RUN, "check": False, "earlier_plans": [other]})) == []
