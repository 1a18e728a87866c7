# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers for an access stands beside its token, in an encrypted file too, and every run says a due review."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.klaviyo import HOST, Played, Site, start_site

SOON = (datetime.now(UTC) + timedelta(days=29)).strftime("%Y-%m-%d")
LATER = (datetime.now(UTC) + timedelta(days=60)).strftime("%Y-%m-%d")
DUE = f"{HOST}: a review of this access is due by {SOON}. Ask crm@example.com whether it is still needed."
PEOPLE = {"owner": "crm@example.com", "purpose": "Import of profiles", "ticket": "4711", "review_by": SOON}
VARIABLES = {f"klaviyo_{name}": value for name, value in PEOPLE.items()} | {"klaviyo_ticket": 4711}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "password").write_text("s3cret", encoding="utf-8")
    with start_site(folder) as started:
        yield started


def play(site: Site, playbook: str, *options: str, **variables: t.Any) -> Played:
    played = site.play(playbook, "--vault-password-file", str(site.folder / "password"), *options, **variables)
    return Played(played.status, " ".join(played.output.split()))


def changed(played: Played) -> bool:
    return " changed=0 " not in played.output


def test_noted_without_a_token_and_once(site: Site) -> None:
    assert play(site, "klaviyo_setup").status == 0
    assert site.store.read_bytes().startswith(b"$ANSIBLE_VAULT")
    record, tokens = site.store.read_bytes(), site.state["tokens"]
    foretold = play(site, "klaviyo_setup", "--check", "--diff", **VARIABLES)
    assert foretold.status == 0 and changed(foretold) and "Import of profiles" in foretold.output, foretold.output
    assert site.store.read_bytes() == record and DUE in foretold.output

    site.forget_journal()
    noted = play(site, "klaviyo_setup", **VARIABLES)
    assert noted.status == 0 and changed(noted) and DUE in noted.output, noted.output
    assert site.mutating() == [] and ids(tokens) == ids(site.state["tokens"])
    assert site.store.read_bytes() != record and site.report["people"] == PEOPLE
    assert [one["method"] for one in site.report["changed"]] == ["note"]
    again = play(site, "klaviyo_setup", **VARIABLES)
    assert again.status == 0 and not changed(again) and DUE in again.output, again.output


def test_every_other_run_takes_it_from_the_record(site: Site) -> None:
    # Another machine has the store and the warehouse, and no administrator.
    elsewhere = {key: value for key, value in site.variables.items() if key != "databricks_token"}
    hosts = {HOST: elsewhere}
    verified = site.play("klaviyo_verify", "--vault-password-file", str(site.folder / "password"), hosts=hosts)
    assert verified.status == 0, verified.output
    assert DUE in " ".join(verified.output.split()) and site.report["people"] == PEOPLE
    unsaid = play(site, "klaviyo_setup")
    assert unsaid.status == 0 and not changed(unsaid) and DUE in unsaid.output
    for playbook, options in (("klaviyo_rotate", ("--check",)), ("klaviyo_offboard", ("--check",))):
        assert DUE in play(site, playbook, *options, klaviyo_offboard_in_use=True).output, playbook
        assert site.report["people"] == PEOPLE


def test_a_later_day_is_noted_and_says_nothing(site: Site) -> None:
    put_off = play(site, "klaviyo_setup", klaviyo_review_by=LATER)
    assert put_off.status == 0 and changed(put_off) and "a review of this access" not in put_off.output
    assert site.report["people"] == {**PEOPLE, "review_by": LATER}


def test_no_day_is_refused_before_anything_is_changed(site: Site) -> None:
    site.forget_journal()
    refused = play(site, "klaviyo_setup", klaviyo_review_by="soon")
    assert refused.status != 0 and site.journal == []
    assert "klaviyo_review_by: is 'soon'. Give a day as year-month-day, like 2027-03-31." in refused.output


def ids(tokens: t.Iterable[dict[str, t.Any]]) -> list[str]:
    return sorted(one["token_id"] for one in tokens)
