# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published format of report.json: a schema that is one, and an example that holds to it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[4]
SCHEMA = json.loads((ROOT / "roles/partner/files/report.schema.json").read_text(encoding="utf-8"))
EXAMPLE = json.loads(Path(__file__).with_name("example.json").read_text(encoding="utf-8"))


def test_the_schema_is_one_and_the_example_holds_to_it():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(EXAMPLE, SCHEMA)


@pytest.mark.parametrize("key", sorted(EXAMPLE))
def test_no_part_may_be_missing(key):
    with pytest.raises(jsonschema.ValidationError, match=f"'{key}' is a required property"):
        jsonschema.validate({name: value for name, value in EXAMPLE.items() if name != key}, SCHEMA)


def test_what_is_said_of_the_data_may_be_missing_and_holds_no_more_than_the_schema_says():
    finding = {
        "id": "no_change_time",
        "severity": "error",
        "column": None,
        "title": "No column is a timestamp.",
        "hint": "Add one.",
        "source": "https://example.com",
        "values": {"rows": 3, "column": "updated_at"},
    }
    table = {"table": "main.import.people", "kind": "profile", "importable": "no", "line": "people: ..."}
    summary = dict.fromkeys(("tables", "importable", "unknown", "errors", "warnings", "advice"), 1)
    told = {"data": [{**table, "findings": [finding]}], "data_summary": {**summary, "line": "1 table"}}
    jsonschema.validate({**EXAMPLE, **told}, SCHEMA)
    for wrong in ({**finding, "severity": "fatal"}, {**finding, "sample": "ada@example.com"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**EXAMPLE, **told, "data": [{**table, "findings": [wrong]}]}, SCHEMA)
