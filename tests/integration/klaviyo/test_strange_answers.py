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
