# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""400 days with a run on each, and a person who replaces the token in Klaviyo late, at once, very late, or silently."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests

from tests.support.klaviyo import Site
from tests.support.modules import run_module

DAYS = 400
# Days from a handover to what the person does: enter the new token in Klaviyo, and say so (or never).
PERSON = [(3, 5), (0, None), (12, 12), (2, 9), (0, None)]
WISHES = {"principal": "klaviyo-import", "lifetime_days": 90, "renew_before_days": 14, "grace_days": 7}


@dataclass
class Diary:
    """What happened on which day."""

    minted: dict[int, str] = field(default_factory=dict)
    revoked: dict[int, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    most_live: int = 0


@dataclass
class Klaviyo:
    """The partner: syncs every day with the token it was given."""

    site: Site
    value: str

    def syncs(self) -> bool:
        return signs_in(self.site, self.value)


def signs_in(site: Site, value: str) -> bool:
    answer = requests.get(
        f"{site.host}/api/2.0/preview/scim/v2/Me", headers={"Authorization": f"Bearer {value}"}, timeout=10
    )
    return answer.status_code == 200 and bool(answer.json()["userName"])


def run(site: Site, module: str, **options: t.Any) -> dict[str, t.Any]:
    given = {"host": site.host, "token": site.ready["token"], "store": {"type": "file", "path": str(site.store)}}
    result = run_module(module, {**given, **options})
    assert not result["failed"], result
    return result


def did(result: dict[str, t.Any], what: str) -> bool:
    return any(action["method"] == what for action in result["actions"])


def test_a_valid_token_in_the_store_on_every_day(site: Site) -> None:
    bystanders = site.state["bystanders"]
    site.play("klaviyo_setup").ok()
    diary, klaviyo = Diary(minted={0: "klaviyo_setup"}), Klaviyo(site, site.record["token_value"])
    handed_over, turn = 0, -1
    for day in range(DAYS):
        if day:
            site.post("clock", {"advance_days": 1})
            daily = run(site, "token", **WISHES)
            if did(daily, "mint"):
                diary.minted[day], handed_over, turn = "present", day, turn + 1
            if did(daily, "revoke"):
                diary.revoked[day] = "grace"
        enters, confirms = PERSON[turn] if turn >= 0 else (None, None)
        if turn >= 0 and day - handed_over == enters:
            klaviyo.value = site.record["token_value"]
        if turn >= 0 and day - handed_over == confirms:
            confirm(site, by_playbook=turn == 0)
            diary.revoked[day] = "confirmed"
        look(site, klaviyo, diary, day)

    assert len(diary.seen) == len(diary.minted), "a token was made that no run tells of"
    assert site.record["generation"] == len(diary.minted)
    renewals = [day for day in diary.minted if day]
    assert len(renewals) == 5 and len(diary.minted) == len(renewals) + 1
    # Each renewal 76 days after the one before: lifetime minus renew_before, to the day.
    assert renewals == [76, 152, 228, 304, 380]
    # Confirmed after 5 days; never confirmed, so left to end by itself: nobody proved who uses what.
    assert diary.revoked == {81: "confirmed", 240: "confirmed", 313: "confirmed"}
    assert diary.most_live == 2
    # The last person said nothing, and the replaced token has ended: runs fail until somebody says so.
    assert "ended on" in site.play("klaviyo_setup").failed().output
    site.play("klaviyo_rotate", "-e", "confirmed=true").ok()
    assert site.play("klaviyo_setup").ok().changed == 0
    assert site.state["bystanders"] == bystanders


def confirm(site: Site, *, by_playbook: bool) -> None:
    """The person says that Klaviyo has the new token."""
    if by_playbook:
        done = site.play("klaviyo_rotate", "-e", "confirmed=true").ok()
        assert done.changed == 1
        assert "Nothing is left to do" in done.output
        return
    done = run(site, "token", **WISHES, state="revoke_superseded", confirmed=True)
    assert [action["method"] for action in done["actions"]] == ["settle", "revoke"]


def look(site: Site, klaviyo: Klaviyo, diary: Diary, day: int) -> None:
    """The stored token is valid, verified and works; so does Klaviyo's; only a predecessor lives besides."""
    record = site.record
    now = site.get("clock")["now_ms"] / 1000
    expiry = datetime.strptime(record["expiry"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    assert expiry > now, f"day {day}: the stored token has expired"
    assert record["verified"], f"day {day}: the stored token was never verified"
    assert signs_in(site, record["token_value"]), f"day {day}: the stored token does not work"
    assert klaviyo.syncs(), f"day {day}: Klaviyo was cut off"
    told = run(site, "token_info", principal=WISHES["principal"])
    live = [token["token_id"] for token in told["tokens"]]
    assert record["token_id"] in live and len(live) <= 2, f"day {day}: {live}"
    assert told["phase"] == ("handover" if len(live) == 2 else "current")
    diary.seen |= set(live)
    diary.most_live = max(diary.most_live, len(live))
