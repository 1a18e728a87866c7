# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a second klaviyo_setup asks of the workspace: each thing once, and nothing that it does not need."""

from __future__ import annotations

import collections
import typing as t
from datetime import datetime

import pytest

from tests.support.klaviyo import Site

MOST_REST = 20
ME = "/api/2.0/preview/scim/v2/Me"
METADATA = "/.well-known/databricks-config"

# Requests that one identity may send more than once, with the reason.
REPEATED = {
    ME: "the token proves that it works before it is kept, and says who it is when the access is verified with it",
}

Entry = dict[str, t.Any]


@pytest.fixture(scope="module")
def second(connected: Site) -> list[Entry]:
    """The requests of a second run."""
    connected.forget_journal()
    connected.play("klaviyo_setup").ok()
    return connected.journal


def rest(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if not entry["path"].startswith("/sql/1.0/")]


def sql(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry["path"].startswith("/sql/1.0/")]


def test_requests_and_sessions_are_within_the_budget(second: list[Entry]) -> None:
    # Verification begins with asking who the stored token belongs to.
    begins = max(entry["seq"] for entry in second if entry["path"] == ME)
    verify = [entry for entry in second if entry["seq"] >= begins]
    converge = [entry for entry in second if entry["seq"] < begins]
    print(
        f"second klaviyo_setup: {len(rest(converge))} REST requests to converge, {len(rest(verify))} to verify; "
        f"{len(sql(second))} SQL round trips"
    )
    assert len(rest(second)) <= MOST_REST
    assert sql(converge) == []


def test_two_sessions_run_all_statements(second: list[Entry]) -> None:
    calls = collections.Counter(entry["call"] for entry in sql(second))
    # One looks and one tries out, at the same time.
    assert (calls["OpenSession"], calls["CloseSession"]) == (2, 2)
    assert len({entry["session_id"] for entry in sql(second) if entry["call"] == "ExecuteStatement"}) == 2
    # Rows come with the answer to the statement, and its handle is closed by then.
    assert set(calls) == {"OpenSession", "ExecuteStatement", "CloseSession"}


# No answer takes less. So long that a machine with other work on it does not make two rounds of one.
LATENCY_MS = 400
# One look; the stored token beside the query history; two sessions of seven statements each, to open and to close.
MOST_ROUNDS = {"--check": 2, "run": 2 + 9}


@pytest.mark.parametrize("mode", MOST_ROUNDS)
def test_requests_wait_for_each_other_only_where_they_must(second: list[Entry], connected: Site, mode: str) -> None:
    assert second
    connected.post("settings", {"latency_ms": LATENCY_MS})
    connected.forget_journal()
    connected.play("klaviyo_setup", *(["--check"] if mode == "--check" else [])).ok()
    connected.post("settings", {"latency_ms": 0})
    # The longest chain of requests of which each began after the one before was answered.
    chain: list[Entry] = []
    for entry in sorted(connected.journal, key=began):
        if not chain or began(entry) >= began(chain[-1]) + LATENCY_MS / 1000:
            chain.append(entry)
    print(f"{mode}: {len(chain)} rounds: " + ", ".join(entry.get("call") or entry["path"] for entry in chain))
    assert len(chain) <= MOST_ROUNDS[mode]


def began(entry: Entry) -> float:
    return datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()


def test_no_identity_asks_the_same_twice(second: list[Entry]) -> None:
    asked = collections.Counter(
        (entry["principal"], entry["method"], entry["path"], entry["query"]) for entry in rest(second)
    )
    twice = {request: number for request, number in asked.items() if number > 1 and request[2] not in REPEATED}
    assert not twice
    assert max(asked.values()) <= 2


def test_nothing_is_asked_that_is_not_needed(second: list[Entry]) -> None:
    paths = [entry["path"] for entry in second]
    assert not [path for path in paths if path.startswith(("/oidc/", "/telemetry")) or "feature" in path]
    # The cloud decides how a token is made, and the metastore whether there can be catalogs; both are settled here.
    assert not [path for path in paths if path == METADATA or "metastore" in path]
    assert {entry["method"] for entry in rest(second)} == {"GET"}
    assert {entry["status"] for entry in rest(second)} == {200}


def test_addresses_of_the_service_tell_their_cloud() -> None:
    from ansible_collections.lakeops.databricks.plugins.module_utils._api import workspaces

    class Unasked:
        hostname = "abc-12345678.cloud.databricks.com"

    assert workspaces.cloud(Unasked()) == "aws"
