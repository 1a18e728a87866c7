# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run did is told from what somebody else did between two runs."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.plugin_utils._audit import difference

from .test_format import EXAMPLE

SCHEMA = ("schema", "acme_ws.klaviyo_tmp")
GRANT = "grant to d20f502f-063c-4e15-a26f-aa8a5358ef6d on schema acme_ws.klaviyo_tmp"


NAMED = "grant to klaviyo-import (d20f502f) on schema acme_ws.klaviyo_tmp"


def run(name: str, held: t.Iterable[str] | None = ("SELECT",), mode: str = "run", **found: t.Any) -> dict[str, t.Any]:
    """A report of what the principal holds on one schema at the end of a run; None for what nobody saw."""
    report = copy.deepcopy(EXAMPLE)
    report["run"] |= {"id": name, "mode": mode}
    report["changed"] = []
    access = [{"securable": SCHEMA[0], "name": SCHEMA[1], "privileges": None if held is None else sorted(held)}]
    report["found"] |= {"access": access, "groups": None, "admin": None, "owners": {}, **found}
    return report


def did(report: dict[str, t.Any], granted: t.Sequence[str] | None = (), revoked: t.Sequence[str] | None = ()) -> dict:
    action = {"method": "update", "object": GRANT, "fields": ["privileges"]}
    if granted is not None:
        action |= {"granted": list(granted), "revoked": list(revoked or ())}
    report["changed"].append(action)
    return report


def told(*reports: dict[str, t.Any]) -> list[tuple[str, str, list[str]]]:
    """Who did what: the run, or the two it was between."""
    found = difference.between(reports).events
    return [(f"{one.since}..{one.run}" if one.since else one.run, one.who, one.items) for one in found]


ADA = "ada@example.com (ada on ops-1)"


def test_nothing_happened() -> None:
    assert told(run("a"), run("b"), run("c")) == []


def test_what_the_first_run_found_is_no_change() -> None:
    assert told(run("a", ["SELECT", "MODIFY"])) == []


def test_a_run_that_changed_something_is_named_with_who_ran_it() -> None:
    found = told(run("a", []), did(run("b"), ["SELECT"]))
    assert found == [("b", ADA, [f"update {NAMED}: + SELECT"])]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([], ["SELECT"], "+ SELECT"),
        (["SELECT", "USE_SCHEMA"], ["SELECT"], "- USE SCHEMA"),
        (["SELECT"], ["MODIFY"], "+ MODIFY, - SELECT"),
    ],
)
def test_what_no_run_did_was_done_by_somebody_else(before: list[str], after: list[str], said: str) -> None:
    assert told(run("a", before), run("b", after)) == [
        ("a..b", "", [f"privileges on schema acme_ws.klaviyo_tmp: {said}"])
    ]


def test_a_run_that_puts_back_what_somebody_took_tells_both() -> None:
    assert told(run("a"), did(run("b"), ["SELECT"])) == [
        ("a..b", "", ["privileges on schema acme_ws.klaviyo_tmp: - SELECT"]),
        ("b", ADA, [f"update {NAMED}: + SELECT"]),
    ]


def test_a_run_that_purges_what_somebody_gave_tells_both() -> None:
    assert told(run("a"), did(run("b"), [], ["MODIFY"])) == [
        ("a..b", "", ["privileges on schema acme_ws.klaviyo_tmp: + MODIFY"]),
        ("b", ADA, [f"update {NAMED}: - MODIFY"]),
    ]


def test_an_older_report_that_does_not_say_which_privileges_accuses_nobody() -> None:
    assert told(run("a", []), did(run("b"), None)) == [("b", ADA, [f"update {NAMED}"])]


def test_what_could_not_be_seen_is_no_change_and_is_counted() -> None:
    reports = (run("a"), run("b", None), run("c"))
    assert told(*reports) == []
    assert difference.between(reports).unseen == ["b"]
    assert told(run("a"), run("b", None), run("c", [])) == [
        ("b..c", "", ["privileges on schema acme_ws.klaviyo_tmp: - SELECT"])
    ]


def test_what_a_run_did_unseen_is_not_another_ones_doing() -> None:
    assert [one[0] for one in told(run("a", []), did(run("b", None), ["SELECT"]), run("c"))] == ["b"]
    assert [one[0] for one in told(run("a", []), did(run("b", None), None), run("c"))] == ["b"]


def test_check_mode_changes_nothing() -> None:
    assert told(run("a", []), did(run("b", [], mode="check"), ["SELECT"]), run("c", [])) == []


def test_who_is_administrator_in_which_group_and_who_owns_what() -> None:
    before = run("a", admin=False, groups=["users"], owners={"acme_ws": "ada@example.com"})
    after = run("b", admin=True, groups=["users", "finance"], owners={"acme_ws": "eve@example.com"})
    assert told(before, after) == [
        (
            "a..b",
            "",
            [
                "administrator: no, now yes",
                "groups: + finance",
                "owner of acme_ws: ada@example.com, now eve@example.com",
            ],
        )
    ]


def test_a_principal_made_anew_by_a_run_or_by_somebody_else() -> None:
    after = run("b")
    after["principal"]["id"] = "11111111-063c-4e15-a26f-aa8a5358ef6d"
    old, new = EXAMPLE["principal"]["id"], after["principal"]["id"]
    assert told(run("a"), after) == [("a..b", "", [f"principal: {old}, now {new}"])]
    after["changed"] = [{"method": "create", "object": "service_principal klaviyo-import", "fields": []}]
    assert told(run("a"), after) == [("b", ADA, ["create service_principal klaviyo-import"])]


def test_who_is_told_as_far_as_it_is_known() -> None:
    report = did(run("b"), ["SELECT"])
    report["operator"] |= {"identity": None, "job": {"id": "7", "user": "eve"}}
    assert told(run("a", []), report)[0][1] == "ada on ops-1, AWX job 7 of eve"
