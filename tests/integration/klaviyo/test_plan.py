# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""klaviyo_setup --check makes a plan; klaviyo_plan carries it out or changes nothing. In the order of a life."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from databricks.sdk.service import catalog as uc

from tests.support.klaviyo import HOST, Played, Site, start_site
from tests.support.plans import Plan, journal_equals
from tests.support.token_life import leaks

NAME = "klaviyo-import"
PROBES = "then verify with the token: probe tables are tried and dropped, nothing of them stays"
GET = """
- name: Look
  ansible.builtin.stat:
    path: "{{ klaviyo_token_store.where }}"
  register: klaviyo_store_answer

- name: Hand over
  ansible.builtin.set_fact:
    klaviyo_store_record: >-
      {{ lookup('ansible.builtin.file', klaviyo_token_store.where) if klaviyo_store_answer.stat.exists else '' }}
"""
PUT = """
- name: Write
  ansible.builtin.copy:
    content: "{{ klaviyo_store_record }}"
    dest: "{{ klaviyo_token_store.where }}"
    mode: "0600"
"""


def planned(site: Site, **variables: t.Any) -> Plan:
    """What a check run foretells; it changes nothing."""
    site.forget_journal()
    site.play("klaviyo_setup", "--check", **variables).ok()
    assert site.mutating() == []
    return site.report["plan"]


def carry_out(site: Site, plan: Plan | str, **variables: t.Any) -> Played:
    site.forget_journal()
    digest = plan if isinstance(plan, str) else plan["digest"]
    return site.play("klaviyo_setup", "-e", f"klaviyo_plan={digest}", **variables)


def refused(site: Site, plan: Plan, why: str, **variables: t.Any) -> str:
    """The sentence of a run that did not find its plan again, and changed nothing."""
    before = site.store.read_bytes() if site.store.exists() else b""
    played = carry_out(site, plan, **variables).failed()
    assert site.mutating() == [] and played.changed == 0
    assert not [entry for entry in site.journal if entry["path"].startswith("/sql/")]
    assert (site.store.read_bytes() if site.store.exists() else b"") == before
    said = site.report["failure"]["message"]
    begin = f"klaviyo_plan: {plan['digest']} does not hold any more, so nothing was changed. {why} The plan is "
    assert said.startswith(begin), said
    assert said.endswith(
        "Let whoever has to approve it read it, and give this one; klaviyo_setup --check makes a new one at any time."
    )
    assert said.splitlines()[0] in played.output
    assert site.report["changed"] == []
    return said


def custom_stats(played: Played) -> dict[str, t.Any]:
    text = played.output.rpartition("CUSTOM STATS")[2]
    return json.loads(text[text.index("RUN: ") + 5 :].strip())


def privilege(site: Site, change: str, schema: str, name: str) -> None:
    """By hand, as the administrator."""
    (principal,) = (p["application_id"] for p in site.state["service_principals"] if p["display_name"] == NAME)
    done = uc.PermissionsChange(principal=principal, **{change: [uc.Privilege(name)]})
    site.client().grants.update("schema", f"{site.catalog}.{schema}", changes=[done])


# -- before there is anything -------------------------------------------------------------------
@pytest.fixture(scope="module")
def first(site: Site) -> Plan:
    return planned(site)


def test_two_check_runs_make_the_same_plan(site: Site, first: Plan) -> None:
    site.post("clock", {"advance_days": 1})
    # Where the reports go, and what they look like, is no wish of the workspace's.
    again = planned(site, klaviyo_report_language="ko", klaviyo_report_keep="50", klaviyo_fail_on="none")
    assert again == first
    assert [one["do"] for one in first["steps"]] == [
        *("create", "create", "create", "permit", "permit", "grant", "grant", "grant"),
        *("announce", "mint", "store"),
    ]
    assert first["lines"] == [*(one["line"] for one in first["steps"]), PROBES]
    assert first["no_change"] is False
    assert not site.store.exists()


def test_a_check_run_hands_the_plan_on(site: Site, first: Plan) -> None:
    played = site.play("klaviyo_setup", "--check", env={"ANSIBLE_SHOW_CUSTOM_STATS": "true"}).ok()
    assert custom_stats(played) == {
        "klaviyo_plan_digest": first["digest"],
        "klaviyo_plan_text": first["lines"],
        "klaviyo_no_change": False,
    }
    assert f'"plan": "{first["digest"]}"' in played.output
    page = (site.folder / "reports" / HOST / "latest" / "report.html").read_text(encoding="utf-8")
    assert first["digest"] in page


def test_another_wish_is_refused(site: Site, first: Plan) -> None:
    why = "The workspace is as it was; the variables, or the access profile, say something else."
    refused(site, first, why, klaviyo_token_grace_days=13)
    # What is read follows from it, too.
    why = "Both the variables and what was read of the workspace are others, or it is the plan of another workspace."
    said = refused(site, first, why, klaviyo_tmp_schema="other_tmp")
    assert f"\n- create schema {site.catalog}.other_tmp\n" in said


def test_a_plan_holds_for_its_world_only(site: Site, first: Plan) -> None:
    schema = f"{site.catalog}.klaviyo_tmp"
    site.client().schemas.create("klaviyo_tmp", site.catalog)
    why = "The variables are the same; the workspace or the stored token is not as it was."
    said = refused(site, first, why)
    assert f"create schema {schema}\n" not in said
    assert said.splitlines()[-2] == f"- {PROBES}"
    site.client().schemas.delete(schema)


def test_what_is_done_is_the_plan_line_by_line(site: Site, first: Plan) -> None:
    played = carry_out(site, first).ok()
    journal_equals(site, first)
    assert f"klaviyo_plan: {first['digest']} holds." in played.output
    assert leaks(site.host, played.output) == []


def test_a_plan_that_was_carried_out_does_no_harm(site: Site, first: Plan) -> None:
    played = carry_out(site, first).ok()
    assert site.mutating() == [] and played.changed == 0
    assert "klaviyo_plan: what was planned is there already, so nothing is left to be done." in played.output
    assert site.report["status"] == "ok"
    why = "Both the variables and what was read of the workspace are others, or it is the plan of another workspace."
    refused(site, first, why, klaviyo_purge_surplus=True)


# -- day by day -----------------------------------------------------------------------------------
def test_nothing_to_do_is_a_plan(site: Site) -> None:
    plan = planned(site)
    assert (plan["no_change"], plan["steps"]) == (True, [])
    assert plan["lines"] == ["Nothing would be changed.", PROBES]
    carry_out(site, plan).ok()
    journal_equals(site, plan)
    # A run by somebody else, or of ours, leaves days of use behind and nothing that counts.
    assert planned(site) == plan
    privilege(site, "add", "klaviyo_import_from_dwh", "MODIFY")
    seen = planned(site)
    assert seen["digest"] != plan["digest"] and seen["no_change"]
    purged = planned(site, klaviyo_purge_surplus=True)
    (step,) = purged["steps"]
    assert step["line"] == f"revoke MODIFY on schema {site.catalog}.klaviyo_import_from_dwh for {NAME}"
    carry_out(site, purged, klaviyo_purge_surplus=True).ok()
    journal_equals(site, purged)


def test_what_cannot_be_read_is_in_the_plan(site: Site) -> None:
    privilege(site, "remove", "klaviyo_import_from_dwh", "SELECT")
    known = planned(site)
    on = f"{site.catalog}.klaviyo_import_from_dwh"
    fault = {"method": "GET", "path": f"*/permissions/schema/{on}", "status": 403, "times": 0}
    site.post("faults", {**fault, "error_code": "PERMISSION_DENIED", "message": "Not for you."})
    unknown = planned(site)
    (step,) = unknown["steps"]
    assert step["unknown"].endswith(f"on schema {on}")
    assert re.fullmatch(
        rf"unknown: What \S+ holds on schema {on} could not be read: .*Not for you.* "
        "Outside check mode the task sends the grant, which changes nothing if that is so already.",
        step["line"],
    )
    assert unknown["no_change"] is False and unknown["digest"] != known["digest"]
    assert planned(site)["digest"] == unknown["digest"]
    refused(site, known, "The variables are the same; the workspace or the stored token is not as it was.")
    carry_out(site, unknown)
    assert site.mutating() == [f"PATCH /api/2.1/unity-catalog/permissions/schema/{on}"]
    requests.delete(f"{site.host}/_sandbox/faults", timeout=30).raise_for_status()


def test_a_token_that_is_due_is_another_plan(site: Site) -> None:
    before = planned(site)
    assert before["no_change"]
    site.post("clock", {"advance_days": 62})
    refused(site, before, "The variables are the same; the workspace or the stored token is not as it was.")
    due = planned(site)
    assert [one["do"] for one in due["steps"]] == ["announce", "mint", "store"]
    assert due["lines"][1] == f"mint a token of {NAME} for at most 90 days (the token expires soon)"
    carry_out(site, due).ok()
    journal_equals(site, due)


# -- elsewhere ------------------------------------------------------------------------------------
WHOLE = "is for a whole set-up, begun at its first task. Leave it out here."
TAGS = "is the plan of a whole set-up. Leave --tags and --skip-tags out."


@pytest.mark.parametrize(
    ("playbook", "options", "why"),
    [
        ("klaviyo_rotate", (), WHOLE),
        ("klaviyo_offboard", (), WHOLE),
        ("klaviyo_setup", ("--tags", "access"), TAGS),
        ("klaviyo_setup", ("--start-at-task", "*Have the schemas"), WHOLE),
        (
            "klaviyo_setup",
            ("-e", "klaviyo_plan=9f2c61"),
            "'9f2c61' is no plan. Give what a run with --check shows as plan.",
        ),
    ],
)
def test_where_it_would_be_passed_over_it_is_refused(
    site: Site, first: Plan, playbook: str, options: tuple[str, ...], why: str
) -> None:
    site.forget_journal()
    played = site.play(playbook, "-e", f"klaviyo_plan={first['digest']}", *options).failed()
    assert f"klaviyo_plan: {why}" in played.output
    assert site.journal == []


def test_a_part_has_no_plan(site: Site) -> None:
    played = site.play("klaviyo_setup", "--check", "--tags", "access,report").ok()
    assert '"plan"' not in played.output and site.report["plan"] == {}


def test_a_run_that_ended_in_the_middle_needs_a_new_plan(site: Site) -> None:
    mine = {"klaviyo_principal_name": "klaviyo-cut", "klaviyo_token_store": {"path": str(site.folder / "cut.json")}}
    plan = planned(site, **mine)
    refusal = {"status": 400, "error_code": "INVALID_PARAMETER_VALUE", "message": "Not today."}
    site.post("faults", {"method": "POST", "path": "*/on-behalf-of/tokens", **refusal})
    carry_out(site, plan, **mine).failed()
    assert "as_planned" not in site.report["plan"] and site.report["plan"]["digest"] == plan["digest"]
    why = "The variables are the same; the workspace or the stored token is not as it was."
    said = refused(site, plan, why, **mine)
    assert "create service principal" not in said and "- mint a token of klaviyo-cut for" in said
    rest = planned(site, **mine)
    carry_out(site, rest, **mine).ok()
    journal_equals(site, rest)


def test_a_store_of_your_own(site: Site, python: str) -> None:
    where = site.folder / "own.json"
    for name, tasks in (("get.yml", GET), ("put.yml", PUT)):
        (site.folder / name).write_text(tasks, encoding="utf-8")
    store = {
        "type": "tasks",
        "get": str(site.folder / "get.yml"),
        "put": str(site.folder / "put.yml"),
        "where": str(where),
    }
    mine = {
        "klaviyo_principal_name": "klaviyo-own",
        "klaviyo_token_store": store,
        "ansible_python_interpreter": python,
    }
    plan = planned(site, **mine)
    assert [one["do"] for one in plan["steps"]][-3:] == ["announce", "mint", "store"]
    assert [one["method"] for one in site.report["changed"]][-3:] == ["announce", "mint", "store"]
    carry_out(site, plan, **mine).ok()
    journal_equals(site, plan)
    again = planned(site, **mine)
    assert again["no_change"]
    carry_out(site, again, **mine).ok()
    assert site.mutating() == []


# -- many -----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, dict[str, t.Any]]]]:
    folder = tmp_path_factory.mktemp("two")
    with start_site(folder, "--workspaces", "2") as site:
        yield (
            site,
            {
                name: {
                    **site.variables,
                    "databricks_host": ready["host"],
                    "databricks_token": ready["token"],
                    "klaviyo_catalog": ready["catalog"],
                    "klaviyo_warehouse": ready["warehouse_id"],
                    "klaviyo_token_store": {"type": "file", "path": str(Path(folder, "store", f"{name}.json"))},
                }
                for name, ready in zip(("one", "two"), site.ready["workspaces"], strict=True)
            },
        )


USE = {"name": "Use the role", "ansible.builtin.include_role": {"name": "lakeops.databricks.klaviyo"}}


def book(site: Site, *plays: dict[str, t.Any]) -> str:
    path = site.folder / "book.yml"
    path.write_text(
        json.dumps([{"name": "Play", "hosts": "all", "gather_facts": False, **play} for play in plays]),
        encoding="utf-8",
    )
    return str(path)


def test_batches_plays_and_several_uses_make_one_plan(two: tuple[Site, dict[str, dict[str, t.Any]]]) -> None:
    """What is handed on last is all of it: added to each other, digests are none, and true and false are a number."""
    site, hosts = two
    env = {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    whole = custom_stats(site.play("klaviyo_setup", "--check", env=env, hosts=hosts).ok())
    batches = book(site, {"serial": 1, "tasks": [USE]})
    assert custom_stats(site.play(batches, "--check", env=env, hosts=hosts).ok()) == whole
    plays = book(site, {"hosts": "one", "tasks": [USE]}, {"hosts": "two", "tasks": [USE]})
    told = custom_stats(site.play(plays, "--check", env=env, hosts=hosts).ok())
    assert sorted(told["klaviyo_plan_text"]) == sorted(whole["klaviyo_plan_text"])
    assert sorted(told["klaviyo_plan_digest"].split(",")) == sorted(whole["klaviyo_plan_digest"].split(","))
    assert told["klaviyo_no_change"] is False

    mine = {"path": f"{site.folder}/store/{{{{ item }}}}.json"}
    variables = {"klaviyo_principal_name": "{{ item }}", "klaviyo_token_store": {"type": "file", **mine}}
    uses = book(site, {"hosts": "one", "tasks": [{**USE, "vars": variables, "loop": ["first", "second"]}]})
    told = custom_stats(site.play(uses, "--check", env=env, hosts=hosts).ok())
    digests = told["klaviyo_plan_digest"].split(",")
    assert len(set(digests)) == 2 and told["klaviyo_no_change"] is False
    for name in ("first", "second"):
        assert f"create service principal {name} with databricks-sql-access" in told["klaviyo_plan_text"]
    site.play(uses, "-e", f"klaviyo_plan={digests[0]}", hosts=hosts).failed()
    names = {one["display_name"] for one in site.state["service_principals"]}
    assert "first" in names and "second" not in names
    # The plan of the second was made before the first had its schemas.
    told = custom_stats(site.play(uses, "--check", env=env, hosts=hosts).ok())
    assert told["klaviyo_no_change"] is False and told["klaviyo_plan_text"][0] == "Nothing would be changed."
    site.play(uses, "-e", f"klaviyo_plan={told['klaviyo_plan_digest']}", hosts=hosts).ok()
    # The last use alone would have nothing to do; the first one has.
    again = [
        {**USE, "vars": {**variables, "klaviyo_purge_surplus": "{{ item == 'first' }}"}, "loop": ["first", "second"]}
    ]
    client = site.client()
    (principal,) = (p["application_id"] for p in site.state["service_principals"] if p["display_name"] == "first")
    more = uc.PermissionsChange(principal=principal, add=[uc.Privilege("MODIFY")])
    catalog = hosts["one"]["klaviyo_catalog"]
    client.grants.update("schema", f"{catalog}.klaviyo_import_from_dwh", changes=[more])
    told = custom_stats(site.play(book(site, {"hosts": "one", "tasks": again}), "--check", env=env, hosts=hosts).ok())
    assert told["klaviyo_no_change"] is False
    for name in ("first", "second"):
        client.service_principals.delete(
            next(one["id"] for one in site.state["service_principals"] if one["display_name"] == name)
        )
    for name in ("klaviyo_import_from_dwh", "klaviyo_tmp"):
        client.schemas.delete(f"{catalog}.{name}")


def test_each_host_finds_its_own_plan(two: tuple[Site, dict[str, dict[str, t.Any]]]) -> None:
    site, hosts = two
    env = {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    stats = custom_stats(site.play("klaviyo_setup", "--check", env=env, hosts=hosts).ok())
    digests = stats["klaviyo_plan_digest"].split(",")
    assert len(set(digests)) == 2 and stats["klaviyo_no_change"] is False
    assert {line.partition(": ")[0] for line in stats["klaviyo_plan_text"]} == {"one", "two"}
    catalog = site.ready["workspaces"][0]["catalog"]
    assert f"one: create schema {catalog}.klaviyo_tmp" in stats["klaviyo_plan_text"]
    # The plan of the first does not let the second pass.
    played = site.play("klaviyo_setup", "-e", f"klaviyo_plan={digests[0]}", hosts=hosts).failed()
    assert re.search(r"^one +: ok=\d+ +changed=[1-9]\d* .*failed=0", played.output, re.MULTILINE)
    assert re.search(r"^two +: ok=\d+ +changed=0 .*failed=1", played.output, re.MULTILINE)
    site.play("klaviyo_setup", "-e", f"klaviyo_plan={stats['klaviyo_plan_digest']}", hosts=hosts).ok()
    # One that fails has no plan, and then nobody says that there is nothing to do.
    broken = {**hosts, "two": {**hosts["two"], "klaviyo_warehouse": "nowhere"}}
    stats = custom_stats(site.play("klaviyo_setup", "--check", env=env, hosts=broken).failed())
    assert stats["klaviyo_no_change"] is False and "," not in stats["klaviyo_plan_digest"]
    assert stats["klaviyo_plan_text"] == [
        "one: Nothing would be changed.",
        f"one: {PROBES}",
        "two: no plan: its run ended before",
    ]
