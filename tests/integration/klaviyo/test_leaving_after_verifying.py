# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A verification on the same day does not keep anybody from off-boarding; Klaviyo's own statements do."""

from __future__ import annotations

import requests

from tests.support.klaviyo import Site

HISTORY = "/api/2.0/sql/history/queries"


def klaviyo_syncs(site: Site) -> None:
    as_klaviyo = site.client(site.record["token_value"])
    done = as_klaviyo.statement_execution.execute_statement("SELECT 1", site.ready["warehouse_id"], wait_timeout="30s")
    assert done.status and done.status.state and done.status.state.value == "SUCCEEDED"


def test_who_used_the_token_decides(connected: Site) -> None:
    site = connected
    klaviyo_syncs(site)
    refused = site.play("klaviyo_offboard").failed().output
    assert "Klaviyo used a token of klaviyo-import within the last day. Nothing was changed." in refused

    site.post("clock", {"advance_days": 2})
    site.play("klaviyo_verify").ok()
    site.post("faults", {"path": HISTORY, "status": 403, "times": 0})
    unknown = site.play("klaviyo_offboard").failed().output
    assert "could not be established" in unknown and "the query history could not be read" in unknown
    gone = site.play("klaviyo_offboard", "-e", "klaviyo_offboard_in_use=true", "--check").ok()
    assert gone.changed > 0


def test_only_our_own_runs_used_it(connected: Site) -> None:
    site = connected
    requests.delete(f"{site.host}/_sandbox/faults", timeout=30).raise_for_status()
    left = site.play("klaviyo_offboard").ok()
    assert left.changed > 0
    assert not [one for one in site.state["tokens"] if "klaviyo lakeops" in (one["comment"] or "")]
