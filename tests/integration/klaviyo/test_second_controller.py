# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same workspace from another controller, with another store: what Klaviyo uses lives on, and the run says so."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import Site


def elsewhere(site: Site, name: str) -> dict[str, t.Any]:
    """The variables of a controller that keeps tokens in another place."""
    return {"klaviyo_token_store": {"type": "file", "path": str(site.folder / name / "klaviyo.json")}}


def live(site: Site) -> set[str]:
    mine = {
        one["application_id"] for one in site.state["service_principals"] if one["display_name"] == "klaviyo-import"
    }
    return {one["token_id"] for one in site.state["tokens"] if one["owner"] in mine and one["live"]}


def works(site: Site, value: str) -> bool:
    return bool(site.client(value).current_user.me().user_name)


@pytest.mark.parametrize("way", ["auto", "never"])
def test_a_store_that_was_written_under_another_address_of_the_workspace(connected: Site, way: str) -> None:
    """The id of the workspace decides, where both are known."""
    given = elsewhere(connected, way)
    store = Path(given["klaviyo_token_store"]["path"])
    store.parent.mkdir(mode=0o700)
    store.touch(mode=0o600)
    record = {**connected.record, "host": "https://its-other-name.example.com"}
    store.write_text(json.dumps(record), encoding="utf-8")
    played = connected.play("klaviyo_setup", databricks_in_process=way, **given).ok()
    assert played.changed == 0 and live(connected) == {record["token_id"]}
    store.write_text(json.dumps({**record, "workspace_id": "12"}), encoding="utf-8")
    connected.forget_journal()
    said = "holds the token of another workspace, https://its-other-name.example.com (workspace id 12)."
    assert said in connected.play("klaviyo_setup", databricks_in_process=way, **given).failed().output
    assert connected.mutating() == []


@pytest.mark.parametrize("playbook", ["klaviyo_setup", "klaviyo_rotate"])
def test_an_unknown_token_stops_it_before_another_one_is_made(connected: Site, playbook: str) -> None:
    record, before = connected.record, live(connected)
    connected.forget_journal()
    output = connected.play(playbook, **elsewhere(connected, "second")).failed().output
    for words in (
        f"does not know: {record['token_id'][:12]} (made on",
        "by admin@example.com, last used on",
        "Probably it was made from another controller or home directory",
        "klaviyo_token_store",
        "klaviyo_principal_name",
        "klaviyo_unknown_tokens",
    ):
        assert words in output, output[-3000:]
    assert connected.mutating() == []
    assert live(connected) == before and works(connected, record["token_value"])


def test_keep_makes_another_one_beside_it(connected: Site) -> None:
    record = connected.record
    wish = {**elsewhere(connected, "third"), "klaviyo_unknown_tokens": "keep"}
    connected.play("klaviyo_setup", **wish).ok()
    assert record["token_id"] in live(connected) and len(live(connected)) == 2
    assert connected.play("klaviyo_setup", **wish).ok().changed == 0
    connected.play("klaviyo_verify").ok()
    assert works(connected, record["token_value"])


def test_replace_leads_to_a_handover(connected: Site) -> None:
    used = live(connected)
    wish = {**elsewhere(connected, "fourth"), "klaviyo_unknown_tokens": "replace"}
    output = connected.play("klaviyo_setup", **wish).ok().output
    assert used < live(connected) and "handover until" in output
    connected.play("klaviyo_rotate", "-e", "confirmed=true", **wish).ok()
    assert len(live(connected)) == 1 and not used & live(connected)
    assert connected.play("klaviyo_setup", **wish).ok().changed == 0
