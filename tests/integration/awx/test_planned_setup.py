# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflow "Klaviyo planned setup", walked as AWX would: what is approved is done, and nothing else."""

from __future__ import annotations

import typing as t

import pytest
from databricks.sdk.service import catalog as uc

from tests.support.awx import Json
from tests.support.awx_jobs import by_secret, walk
from tests.support.klaviyo import Played, Site, start_site
from tests.support.plans import journal_equals

WORKFLOW = "Klaviyo planned setup"
Walked = list[tuple[str, bool, Played | None]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("planned")) as started:
        del started.variables["databricks_host"], started.variables["databricks_token"]
        yield started


def ways(walked: Walked) -> list[tuple[str, bool]]:
    return [(name, fine) for name, fine, _played in walked]


def by_hand(site: Site, change: str, schema: str, privilege: str) -> None:
    """As the administrator of the workspace."""
    (principal,) = (
        one["application_id"] for one in site.state["service_principals"] if "klaviyo" in one["display_name"]
    )
    done = uc.PermissionsChange(principal=principal, **{change: [uc.Privilege(privilege)]})
    site.client().grants.update("schema", f"{site.catalog}.{schema}", changes=[done])


def test_what_was_approved_is_done_line_by_line(site: Site) -> None:
    seen: Json = {}

    def approve(handed_on: Json) -> None:
        assert site.mutating() == [], "something was changed before anybody approved it"
        seen.update(plan=site.report["plan"], handed_on=dict(handed_on))
        site.forget_journal()

    site.forget_journal()
    walked = walk(site, WORKFLOW, by_secret(site), approve)
    assert ways(walked) == [("plan", True), ("empty", False), ("approve", True), ("apply", True)]
    plan = seen["plan"]
    assert seen["handed_on"] == {
        "klaviyo_plan_digest": plan["digest"],
        "klaviyo_plan_text": plan["lines"],
        "klaviyo_no_change": False,
    }
    shown = t.cast(Played, walked[1][2]).output
    assert "This waits for an approval:" in shown and all(line in shown for line in plan["lines"])
    journal_equals(site, plan)
    assert f"klaviyo_plan: {plan['digest']} holds." in t.cast(Played, walked[3][2]).output


def test_where_nothing_would_be_done_nobody_is_asked(site: Site) -> None:
    def approve(_handed_on: Json) -> None:
        raise AssertionError("somebody was asked to approve nothing")

    site.forget_journal()
    walked = walk(site, WORKFLOW, by_secret(site), approve)
    assert ways(walked) == [("plan", True), ("empty", True)]
    assert site.mutating() == []


def test_what_changed_while_the_approval_was_waited_for_is_not_done(site: Site) -> None:
    by_hand(site, "remove", "klaviyo_tmp", "CREATE_TABLE")

    def approve(_handed_on: Json) -> None:
        by_hand(site, "remove", "klaviyo_import_from_dwh", "SELECT")
        site.forget_journal()

    walked = walk(site, WORKFLOW, by_secret(site), approve)
    assert ways(walked) == [("plan", True), ("empty", False), ("approve", True), ("apply", False)]
    assert "does not hold any more, so nothing was changed." in t.cast(Played, walked[3][2]).output
    assert site.mutating() == []
