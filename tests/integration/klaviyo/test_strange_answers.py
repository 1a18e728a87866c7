# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that are not the API's say nothing about objects: the sentence on the screen, and nothing is changed."""

from __future__ import annotations

import json
import typing as t

import pytest
import requests

from tests.support.klaviyo import Site

PAGE = {"status": 404, "body": "<html>Not here</html>", "content_type": "text/html", "times": 0}
NOT_THE_API = "the host answered HTTP 404 in a form that is not the API's, which says nothing about the object."
ME = "*/scim/v2/Me"

ANSWERS = [
    (
        "klaviyo_setup",
        {"path": ME, **PAGE},
        f"Could not ask who the caller is: {NOT_THE_API} Hint: Option host must be",
    ),
    (
        "klaviyo_offboard",
        {"path": "/api/*", **PAGE},
        f"Could not look up service principal 'klaviyo-import': {NOT_THE_API} Hint: Option host must be",
    ),
    (
        "klaviyo_setup",
        {"path": "*/schemas/*", **PAGE},
        f"Could not read schema sandbox.klaviyo_import_from_dwh: {NOT_THE_API} Hint: Option host must be",
    ),
    (
        "klaviyo_setup",
        {"path": ME, "status": 200, "body": "{}", "times": 0},
        "Could not ask who the caller is: the answer names nobody. Hint: Option host must be",
    ),
    (
        "schemas",
        {"path": "*/schemas", "status": 200, "body": '{"schemas": [], "next_page_token": "x"}', "times": 0},
        "the list has no end, since the workspace names the same next page for ever.",
    ),
]
LISTING = {
    "name": "List the schemas",
    "hosts": "all",
    "gather_facts": False,
    "tasks": [{"name": "List", "lakeops.databricks.schema_info": {"catalog": "{{ klaviyo_catalog }}"}}],
}


@pytest.mark.parametrize(("book", "fault", "sentence"), ANSWERS, ids=["me", "all", "schemas", "nobody", "endless"])
def test_a_person_reads_whose_answer_it_was(connected: Site, book: str, fault: dict[str, t.Any], sentence: str) -> None:
    (connected.folder / "schemas.yml").write_text(json.dumps([LISTING]), encoding="utf-8")
    before = connected.state
    connected.forget_journal()
    connected.post("faults", [fault])
    try:
        played = connected.play(str(connected.folder / "schemas.yml") if book == "schemas" else book).failed()
    finally:
        requests.delete(f"{connected.host}/_sandbox/faults", timeout=30).raise_for_status()
    errors = [line for line in played.output.splitlines() if line.startswith("[ERROR]")]
    assert sentence in errors[0], played.output[-3000:]
    assert connected.mutating() == [] and connected.state["bystanders"] == before["bystanders"]
    assert connected.record["token_id"] in {one["token_id"] for one in connected.state["tokens"]}


NO_SESSION = [
    ({"status": 503}, "Could not be established: Could not open a SQL session: Injected fault."),
    ({"drop": "before"}, "the connection to {netloc} broke before the answer was complete."),
    (
        {"status": 200, "body": "<html>Sign in</html>", "content_type": "text/html"},
        "the host answered HTTP 200 with a page to sign in, not in the form of the API.",
    ),
]


@pytest.mark.parametrize(("fault", "sentence"), NO_SESSION, ids=["busy", "lost", "a page"])
def test_a_lost_session_says_nothing_about_the_token(connected: Site, fault: dict[str, t.Any], sentence: str) -> None:
    before = connected.state["tokens"]
    connected.post("faults", [{"path": "/sql/*", "times": 0, **fault}])
    try:
        played = connected.play("klaviyo_verify", klaviyo_fail_on="none", databricks_retry_timeout=2).failed()
    finally:
        requests.delete(f"{connected.host}/_sandbox/faults", timeout=30).raise_for_status()
    errors = [line for line in played.output.splitlines() if line.startswith("[ERROR]")]
    said = sentence.format(netloc=connected.host.partition("//")[2])
    assert "acme: unknown: session: Could not be established: " in errors[0] and said in errors[0], errors
    report = connected.report
    assert (report["status"], report["passed"], report["summary"]["failed"]) == ("unknown", False, 0)
    assert "Whether the connection works could not be established." in page(connected)
    assert [one["live"] for one in connected.state["tokens"]] == [one["live"] for one in before]


def page(site: Site) -> str:
    """The page of the last run, as text."""
    return (site.folder / "reports" / "acme" / "latest" / "report.html").read_text(encoding="utf-8")
