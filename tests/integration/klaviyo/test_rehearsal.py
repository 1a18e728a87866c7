# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fire drill: klaviyo_rotate --tags rehearse says whether a rotation today would succeed, and leaves nothing."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.klaviyo import Played, Site


def rehearse(site: Site, **variables: t.Any) -> Played:
    return site.play("klaviyo_rotate", "--tags", "rehearse", **variables)


@pytest.fixture
def untouched(connected: Site) -> t.Iterator[Site]:
    """A drill leaves the record byte for byte, and no token that was not there before."""
    record, tokens = connected.store.read_bytes(), live(connected)
    yield connected
    assert connected.store.read_bytes() == record
    assert live(connected) == tokens
    assert [path.name for path in connected.store.parent.iterdir() if "rehearsal" in path.name] == []


def live(site: Site) -> set[str]:
    return {token["token_id"] for token in site.state["tokens"] if token["live"]}


def test_a_rotation_today_would_succeed(untouched: Site) -> None:
    untouched.forget_journal()
    output = rehearse(untouched).ok().output
    assert "A rotation today would succeed" in output and "The next one is due on" in output
    assert "It will ask of you" in output
    made = [entry for entry in untouched.journal if entry["path"].endswith("/on-behalf-of/tokens")]
    assert [entry["body"]["lifetime_seconds"] for entry in made] == [600]
    probes = [entry["statement"] for entry in untouched.journal if "CREATE TABLE" in str(entry.get("statement"))]
    assert probes, "what Klaviyo will do was done with the token of the drill"


def test_without_the_tag_nothing_is_rehearsed(untouched: Site) -> None:
    output = untouched.play("klaviyo_rotate", "--list-tasks").output
    assert "Rehearse a rotation" not in output.replace("TAGS: [never, rehearse]", "")


def test_check_mode_makes_nothing(untouched: Site) -> None:
    untouched.forget_journal()
    output = untouched.play("klaviyo_rotate", "--tags", "rehearse", "--check").ok().output
    assert "check mode makes no token, so none was tried." in output and "A rotation today would succeed" not in output
    assert untouched.mutating() == []


def lower_maximum(site: Site) -> None:
    site.client().api_client.do("PATCH", "/api/2.0/workspace-conf", body={"maxTokenLifetimeDays": "30"})


def no_maximum(site: Site) -> None:
    site.client().api_client.do("PATCH", "/api/2.0/workspace-conf", body={"maxTokenLifetimeDays": "0"})


def test_a_lower_maximum_is_named(untouched: Site) -> None:
    lower_maximum(untouched)
    try:
        output = rehearse(untouched).ok().output
    finally:
        no_maximum(untouched)
    assert "30 days" in output


def test_restricted_administrators_are_named(untouched: Site) -> None:
    untouched.post("settings", {"restrict_tokens_and_job_run_as": True})
    try:
        restricted = rehearse(untouched, klaviyo_token_method="on_behalf_of").failed().output
        other_way = rehearse(untouched).ok().output
    finally:
        untouched.post("settings", {"restrict_tokens_and_job_run_as": False})
    assert "A rotation today would fail" in restricted and "Service Principal User" in restricted
    assert "A rotation today would succeed" in other_way


def test_access_that_was_lost_is_named(untouched: Site) -> None:
    client, record = untouched.client(), untouched.record
    path = f"/api/2.1/unity-catalog/permissions/schema/{untouched.catalog}.klaviyo_tmp"
    change = {"principal": record["principal"], "remove": ["CREATE_TABLE"]}
    client.api_client.do("PATCH", path, body={"changes": [change]})
    try:
        output = rehearse(untouched).failed().output
    finally:
        change = {"principal": record["principal"], "add": ["CREATE_TABLE"]}
        client.api_client.do("PATCH", path, body={"changes": [change]})
    assert "A rotation today would fail. The stored token was not touched." in output
    assert "CREATE TABLE" in output or "CREATE_TABLE" in output
