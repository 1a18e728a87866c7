# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who forgets: every run says so, the last week warns, and from the last day on every run fails."""

from __future__ import annotations

import pytest

from tests.support.klaviyo import HOST, Site

# Of a token of 90 days, with the defaults of the role.
RENEWED, LAST_WEEK, LAST_DAY, ENDED = 60, 83, 89, 91
PLAYBOOKS = ("klaviyo_setup", "klaviyo_verify", "klaviyo_rotate")


def page(site: Site) -> str:
    return (site.folder / "reports" / HOST / "latest" / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def renewed(site: Site) -> Site:
    """The day on which the daily klaviyo_setup has just made a successor."""
    site.play("klaviyo_setup").ok()
    used = site.record["token_id"]
    site.post("clock", {"advance_days": RENEWED})
    output = site.play("klaviyo_setup").ok().output
    assert site.record["token_id"] != used
    assert "nobody said that klaviyo has it" in output
    return site


def at(site: Site, day: int) -> None:
    """Go on to a day of the story."""
    first = min(token["creation_time"] for token in site.state["tokens"] if token["comment"].startswith("klaviyo"))
    gone = (site.get("clock")["now_ms"] - first) / 86_400_000
    site.post("clock", {"advance_days": round(day - gone)})


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_run_of_a_handover_says_so(renewed: Site, playbook: str) -> None:
    output = renewed.play(playbook).ok().output
    assert "Enter the stored token in klaviyo" in output and "in 30 day(s)" in output
    assert f"{HOST}: handover until" in output
    assert (renewed.report["status"], renewed.report["passed"]) == ("handover", True)
    assert "a new token waits to be entered in Klaviyo" in page(renewed)


def test_the_last_week_warns(renewed: Site) -> None:
    at(renewed, LAST_WEEK)
    output = renewed.play("klaviyo_verify").ok().output
    assert "[WARNING]" in output and "in 7 day(s)" in output
    assert renewed.report["handover"]["level"] == "warn"


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_from_the_last_day_on_every_run_fails_and_explains(renewed: Site, playbook: str) -> None:
    at(renewed, LAST_DAY)
    used = renewed.report["handover"]["predecessor"]
    output = renewed.play(playbook).failed().output
    assert f"{HOST}: broken: the token that Klaviyo was last given ended or ends within a day" in output
    assert "Enter the stored token in klaviyo" in output and "klaviyo_rotate -e confirmed=true" in output
    assert (renewed.report["status"], renewed.report["passed"]) == ("broken", False)
    assert "The token that Klaviyo was last given has ended, or ends within a day." in page(renewed)
    assert used in {token["token_id"] for token in renewed.state["tokens"]}, "what Klaviyo uses is not revoked by us"


def test_after_it_has_ended_runs_go_on_failing(renewed: Site) -> None:
    at(renewed, ENDED)
    assert "ended on" in renewed.play("klaviyo_verify").failed().output
    assert "ended on" in renewed.play("klaviyo_setup").failed().output


def test_a_persons_word_ends_it(renewed: Site) -> None:
    renewed.play("klaviyo_rotate", "-e", "confirmed=true").ok()
    renewed.play("klaviyo_verify").ok()
    assert (renewed.report["status"], renewed.report["handover"]) == ("ok", {})
