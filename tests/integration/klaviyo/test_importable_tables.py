# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What klaviyo_verify says of example tables, good and bad, on the screen, in the report and as result: no person."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import jsonschema
import pytest

from tests.support.klaviyo import ROOT, Played, Site, start_site

EXAMPLE = ROOT / "docs" / "examples" / "klaviyo_example_tables.yml"
SCHEMA = json.loads((ROOT / "roles" / "partner" / "files" / "report.schema.json").read_text(encoding="utf-8"))
# What stands in the rows of the example: people, how to reach them, and what they agreed to.
PERSONAL = sorted(
    set(
        re.findall(
            r"'([^']*@[^']*|[^']*(?:Testperson|Normalverbraucher)|\+?[0-9][0-9 ]{7,})'", EXAMPLE.read_text("utf-8")
        )
    )
    | {"Yuna", "yes please", "lea at example"}
)

# Table -> kind, importable, and the findings without a look at the rows.
EXPECTED: dict[str, tuple[str, str, set[str]]] = {
    "customers": ("profile", "yes", {"property_twice"}),
    "placed_orders_events": ("event", "yes", set()),
    "store_visits": ("event", "yes", set()),
    "one_number": ("unknown", "no", {"no_change_time", "identifier_unclear", "kind_unclear"}),
    "subscribers": ("profile", "no", {"no_change_time", "change_time_type", "identifiers_differ"}),
    "returns": ("event", "no", {"one_time_for_two"}),
    "members": ("profile", "no", {"identifier_type", "identifiers_differ"}),
    "contacts": ("profile", "unknown", {"change_time_is_creation", "property_twice", "identifiers_differ"}),
    "stuff": ("unknown", "unknown", {"kind_unclear", "identifier_unclear", "change_time_unclear"}),
    "support_tickets": (
        "event",
        "yes",
        {
            *("event_time_day", "change_time_zone", "nested_type", "binary_type", "personal_in_event", "nested_clash"),
            *("value_type", "no_currency", "no_metric"),
        },
    ),
    "leads": ("profile", "yes", {"property_twice"}),
    "purchases": ("event", "yes", set()),
    "broken_visits": ("event", "yes", {"external_id_type"}),
}
# And what a look at the rows adds, with its counts.
ROWS = {
    ("one_number", "no_rows"): {},
    ("returns", "no_rows"): {},
    ("members", "no_rows"): {},
    ("contacts", "no_rows"): {},
    ("stuff", "no_rows"): {},
    ("support_tickets", "no_rows"): {},
    ("leads", "consent_value"): {"column": "email_marketing_consent", "count": 1, "rows": 3},
    ("leads", "email_form"): {"column": "email", "count": 1, "rows": 3},
    ("leads", "phone_number_form"): {"column": "phone", "count": 1, "rows": 3},
    ("leads", "identifier_empty"): {"column": "", "count": 1, "rows": 3},
    ("leads", "change_time_null"): {"column": "updated_at", "count": 1, "rows": 3},
    ("leads", "change_time_future"): {"column": "updated_at", "count": 1, "rows": 3},
    ("purchases", "unique_id_duplicate"): {"column": "order_id", "count": 1, "rows": 2},
    ("purchases", "event_time_null"): {"column": "purchased_at", "count": 1, "rows": 2},
    ("broken_visits", "uncounted"): {"reason": "CAST_INVALID_INPUT"},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("data")) as site:
        site.play("klaviyo_setup").ok()
        site.play(str(EXAMPLE)).ok()
        yield site


def told(site: Site) -> dict[str, dict[str, t.Any]]:
    return {one["table"].rsplit(".", maxsplit=1)[-1]: one for one in site.report["data"]}


def ids(one: dict[str, t.Any]) -> set[str]:
    return {finding["id"] for finding in one["findings"]}


def no_person(site: Site, played: Played) -> None:
    """None on the screen, in any file of the run, and in what was sent to the workspace."""
    assert len(PERSONAL) >= 10
    seen = [value for value in PERSONAL if value in played.output]
    for path in (path for path in site.folder.rglob("*") if path.is_file() and path.name != "inventory.json"):
        data = path.read_bytes()
        seen += [f"{value} in {path.name}" for value in PERSONAL if value.encode() in data]
    journal = json.dumps(site.journal, ensure_ascii=False)
    seen += [f"{value} in a request" for value in PERSONAL if value in journal]
    assert seen == []


def test_each_table_is_judged_by_its_columns(site: Site) -> None:
    site.forget_journal()
    played = site.play("klaviyo_verify", "-vvvv").ok()
    found = told(site)
    assert {name: (one["kind"], one["importable"], ids(one)) for name, one in found.items()} == EXPECTED
    jsonschema.validate(site.report, SCHEMA)
    no_person(site, played)
    assert not [entry for entry in site.journal if "count_if" in str(entry.get("statement"))]


def test_it_is_said_on_the_screen_and_changes_no_verdict(site: Site) -> None:
    played = site.play("klaviyo_verify").ok()
    assert (
        "one_number (profiles or events): cannot be imported. error: No column is a timestamp, so Klaviyo cannot tell"
        in (played.output)
    )
    assert "placed_orders_events (events)" not in played.output, "a table without findings is not shown"
    report = site.report
    assert (report["status"], report["passed"]) == ("ok", True)
    assert report["data_summary"] == {
        "tables": 13,
        "importable": 7,
        "unknown": 2,
        "errors": 4,
        **{key: report["data_summary"][key] for key in ("warnings", "advice", "line")},
    }
    assert report["data_summary"]["line"].startswith("13 tables, 7 importable, 2 could not be established; 4 errors, ")


def test_rows_are_counted_where_that_is_wished_and_no_value_leaves_the_workspace(site: Site) -> None:
    site.forget_journal()
    played = site.play("klaviyo_verify", "-vvvv", klaviyo_check_data=True).ok()
    no_person(site, played)
    found = told(site)
    counted = {(name, one["id"]): one["values"] for name, table in found.items() for one in table["findings"]}
    assert {key: values for key, values in counted.items() if key[1] not in EXPECTED[key[0]][2]} == ROWS
    jsonschema.validate(site.report, SCHEMA)
    asked = [str(entry["statement"]) for entry in site.journal if "LIMIT 10000)" in str(entry.get("statement"))]
    assert len(asked) == len(EXPECTED), "one statement a table"
    assert (site.report["status"], site.report["passed"]) == ("ok", True)
    assert "leads (profiles): can be imported. warning: " in played.output


def test_what_the_user_says_counts(site: Site) -> None:
    said = {
        "stuff": {"kind": "profile", "external_id": "kundennummer", "changed": "stand"},
        "contacts": {"changed": "created_at"},
        "nowhere": {"kind": "event"},
    }
    site.play("klaviyo_verify", klaviyo_data=said).ok()
    found = told(site)
    assert (found["stuff"]["kind"], found["stuff"]["importable"]) == ("profile", "yes")
    assert found["contacts"]["importable"] == "yes"
    (nowhere,) = [one for one in site.report["data"] if one["table"] == "nowhere"]
    assert nowhere["findings"][0]["title"] == "There is no such table or view in the import schema."


def test_what_cannot_be_meant_is_refused_by_name(site: Site) -> None:
    played = site.play("klaviyo_verify", klaviyo_data={"stuff": {"kind": "person"}}).failed()
    assert "klaviyo_data.stuff.kind: is 'person'. Give profile or event." in " ".join(played.output.split())


def test_the_result_has_it(site: Site, tmp_path: Path) -> None:
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [
                {"ansible.builtin.import_role": {"name": "lakeops.databricks.klaviyo", "tasks_from": "verify"}},
                {"ansible.builtin.debug": {"msg": "summary: {{ klaviyo_result.data_summary.line }}, "
                 "{{ klaviyo_result.data | length }} tables"}},
            ],
        }
    ]  # fmt: skip
    file = tmp_path / "play.yml"
    file.write_text(json.dumps(play), encoding="utf-8")
    played = site.play(str(file)).ok()
    assert "summary: 13 tables, 7 importable, 2 could not be established; " in played.output
    assert ", 13 tables" in played.output
