# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a run says the state first, escapes everything, and lacks no text in either language."""

from __future__ import annotations

import html
import json
import re
import typing as t
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import drawing, index, rendering
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports.texts import TEXTS
from tests.support import reports

SCHEMA = json.loads(reports.SCHEMA.read_text(encoding="utf-8"))
HERE = Path(rendering.__file__).parent
LANGUAGES = ["en", "ko"]
ORDER = ("state", "connect", "evidence")


def english(key: str, **values: t.Any) -> str:
    return TEXTS["en"][key].format(**values)


def words(page: str) -> str:
    """What a person reads, without marks, styles and scripts."""
    page = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(
        r"</?(?:br|d[dtl]|t[dhr]|p|li|h[1-6]|div|section|strong|code)\b[^>]*>", " ", page.replace("<wbr>", "")
    )
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def part(page: str, name: str) -> str:
    """A section of the page, by the id of its heading."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


# -- texts ----------------------------------------------------------------------------------------
def test_neither_language_lacks_a_text_or_a_value() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["ko"])
    for key, text in TEXTS["en"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", TEXTS["ko"][key])), key
        assert re.search(r"[가-힣]", TEXTS["ko"][key]) or not re.search(r"[a-z]", re.sub(r"{\w+}", "", text)), key


def test_the_pages_that_lead_to_reports_lack_no_text_either() -> None:
    assert set(index.TEXTS["en"]) == set(index.TEXTS["ko"])
    statuses = SCHEMA["properties"]["status"]["enum"]
    assert [one for one in statuses if f"status_{one}" not in index.TEXTS["en"]] == []


def test_every_text_is_used() -> None:
    sources = [*HERE.glob("*.j2"), *(path for path in HERE.glob("*.py") if not path.name.startswith("texts"))]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    made = {"state": "state_", "do": "do_", "edge": "edge_", "draw": "draw_", "word": "word_", "entry": "entry_"}
    results = {
        "passed",
        "failed",
        "warned",
        "skipped",
        "did",
        "would",
        "owner",
        "purpose",
        "ticket",
        "review",
        "region",
    }
    unused = [
        key
        for key in TEXTS["en"]
        if f"'{key}'" not in code and f'"{key}"' not in code and key.split("_")[0] not in {*made, *results}
    ]
    assert unused == []


# -- any report -----------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", reports.KINDS)
def test_a_report_of_any_kind_becomes_a_page(kind: str, language: str) -> None:
    report = reports.KINDS[kind]()
    jsonschema.validate(report, SCHEMA)
    page = rendering.page(report, language)
    assert f'<html lang="{language}">' in page
    places = [page.index(f'id="{name}"') for name in ORDER if f'id="{name}"' in page]
    assert places == sorted(places)
    assert rendering.page(report, language) == page, "the same report is the same page"


@pytest.mark.parametrize("kind", reports.KINDS)
def test_no_page_asks_another_place_for_anything(kind: str) -> None:
    page = rendering.page(reports.KINDS[kind](), "en")
    outside = re.findall(r"""(?:src|srcset|data|action|poster)=["'][^"']*|@import|url\(|<link|<iframe|<object""", page)
    assert [one for one in outside if not one.startswith("data=")] == []
    assert "default-src 'none'" in page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = _Tags()
    reader.feed(page)
    return reader.found


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_others_may_choose_is_escaped(language: str) -> None:
    page = rendering.page(reports.hostile(), language)
    found = tags(page)
    assert [tag for tag, _more in found].count("script") == 1
    assert not {"img", "b"} & {tag for tag, _more in found}
    assert not [more for _tag, more in found if any(name.startswith("on") for name in more)]
    assert [more["href"] for tag, more in found if tag == "a" and not str(more["href"]).startswith("https://")] == []
    assert "{{ 7 * 7 }}" in words(page)
    assert "\u202e" not in page and "[U+202E]" in page


# -- the state ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "level", "said", "todo"),
    [
        ("all_well", "good", "The connection works.", "If Klaviyo is not connected yet, enter the values below."),
        ("one_remark", "good", "The connection works.", "Nothing is urgent."),
        ("one_broken", "bad", "The connection does not work.", "Do not enter anything in Klaviyo yet."),
        ("thirty_broken", "bad", "The connection does not work.", "Solve what is listed below"),
        ("unsure", "unknown", "Whether the connection works could not be established.", "what could not be checked"),
        ("drift", "warn", "Klaviyo can do its job, but it has more access than it should have.", "taken away"),
        ("handover", "warn", "The connection works, and a new token waits", "in Klaviyo before 2026-12-04."),
        ("handover_too_late", "bad", "The token that Klaviyo was last given has ended", "new token in Klaviyo now."),
        ("drift_in_check_mode", "warn", "A run would make 2 change(s). Nothing has been changed.", "Read what would"),
        ("removed", "none", "The access of Klaviyo has been removed.", "remove the connection"),
    ],
)
def test_the_state_is_one_sentence_and_then_what_to_do(kind: str, level: str, said: str, todo: str) -> None:
    first = part(rendering.page(reports.KINDS[kind](), "en"), "state")
    assert f'class="card state {level}"' in first
    assert f'<p class="said">{said}' in first.replace("&#39;", "'")
    assert todo in first


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["one_broken", "thirty_broken", "unsure", "long_names"])
def test_nothing_is_to_be_entered_as_long_as_it_does_not_work(kind: str, language: str) -> None:
    report = reports.KINDS[kind]()
    # Even if somebody gave the values.
    report["connection"] = reports.all_well()["connection"]
    sheet = part(rendering.page(report, language), "connect")
    assert f"<h3>{TEXTS[language]['values']}</h3>" not in sheet and "data-copy" not in sheet
    assert TEXTS[language]["no_connection"].format(title="Klaviyo") in sheet


def test_checks_that_mean_the_same_are_one_entry() -> None:
    first = part(rendering.page(reports.thirty_broken(), "en"), "state")
    entries = re.findall(r'<li class="(\w+)"><strong>(.*?)</strong>', first)
    assert ("bad", "Tables or views cannot be read by Klaviyo (26).") in entries
    failed = [one for one in entries if one[0] != "unknown"]
    assert len(failed) == 5
    assert [level for level, _said in failed] == ["bad"] * 3 + ["warn"] * 2, "what does not work comes first"
    assert first.count("customers_of_region_".replace("_", "_<wbr>")) >= 26, "all of them are named"


def test_what_failed_comes_before_everything_else() -> None:
    page = words(rendering.page(reports.one_broken(), "en"))
    places = [
        "Klaviyo cannot open a connection to the SQL warehouse.",
        "Give the principal CAN_USE",
        "Connect in Klaviyo",
    ]
    assert sorted(places, key=page.index) == places
    assert page.index("Connect in Klaviyo") < page.index("Checks, made with")


def test_check_mode_is_the_drift_report() -> None:
    page = words(rendering.page(reports.check_mode(), "en"))
    assert "Drift report: Klaviyo connection of acme" in page
    assert "privileges of klaviyo-import on schema acme_ws.klaviyo_tmp would be changed (privileges)" in page
    assert "Checks, made" not in page and "Values to enter" not in page
    verified = reports.drift()
    verified["run"]["mode"] = "check"
    page = words(rendering.page(verified, "en"))
    assert "Klaviyo can do its job, but it has more access" in page and "A run would make 11 change(s)" in page
    nothing = {**reports.check_mode(), "changed": []}
    assert "A run would change nothing." in words(rendering.page(nothing, "en"))


@pytest.mark.parametrize(("day", "shown"), [("2026-12-20", True), ("2027-05-01", False), ("2026-01-01", True)])
def test_a_review_is_announced_thirty_days_ahead(day: str, shown: bool) -> None:
    told = reports.all_well()
    told["people"]["review_by"] = day
    assert (f"A review of this access is due by {day}." in rendering.page(told, "en")) is shown


def test_until_when_the_token_is_valid_is_shown() -> None:
    page = words(part(rendering.page(reports.all_well(), "en"), "state"))
    assert "Token valid until 2027-02-23 (90 days left)" in page
    ended = reports.all_well()
    ended["token"]["days_left"] = -1
    assert "2027-02-23 (ended)" in words(rendering.page(ended, "en"))


@pytest.mark.parametrize(
    ("level", "ends", "said"),
    [
        ("note", "2026-12-04T14:31:12Z", "The old token works until 2026-12-04 (9 days left)."),
        ("broken", "2026-12-04T14:31:12Z", "The old token ended on 2026-12-04."),
        ("note", None, "The old token works until somebody revokes it."),
    ],
)
def test_a_handover_says_what_to_do_and_until_when(level: str, ends: str | None, said: str) -> None:
    report = reports.handover(level)
    report["handover"]["ends"] = ends
    page = words(part(rendering.page(report, "en"), "handover"))
    assert said in page
    assert "klaviyo_rotate -e confirmed=true" in page


def test_what_the_report_says_of_an_unknown_status_is_shown() -> None:
    report = {**reports.check_mode(), "status": "stopped", "summary": {"line": "stopped: before the first change"}}
    report["run"]["mode"] = "run"
    assert "stopped: before the first change." in words(part(rendering.page(report, "en"), "state"))


def test_a_run_that_ended_early_says_what_ended_it() -> None:
    report = {**reports.check_mode(), "status": "failed", "summary": {"line": "failed: no"}}
    report["run"]["mode"] = "run"
    report["failure"] = {
        "task": "Make the schemas",
        "message": "User does not have CREATE SCHEMA on Catalog 'acme_ws'.",
    }
    page = words(rendering.page(report, "en"))
    assert "The run stopped before it was finished." in page and "It stopped at: Make the schemas" in page
    assert "User does not have CREATE SCHEMA on Catalog 'acme_ws'." in page
    assert "Values to enter" not in page and "What this run changed" in page


@pytest.mark.parametrize(
    ("kinds", "level", "said"),
    [
        ([], "good", "Nothing stands in the way of the set-up."),
        (["note"], "good", "Nothing stands in the way of the set-up."),
        (["unknown", "note"], "unknown", "could not be fully established."),
        (["note", "unknown", "lacks"], "bad", "Something stands in the way of the set-up."),
    ],
)
def test_a_preflight_says_what_stands_in_the_way(kinds: list[str], level: str, said: str) -> None:
    report = {**reports.check_mode(), "changed": [], "summary": {"line": "preflight: 1 finding(s)"}}
    report["run"] |= {"entry": "preflight", "mode": "run"}
    one = reports.example()["found"]["findings"][0]
    report["found"]["findings"] = [{**one, "kind": kind, "what": f"This {kind}."} for kind in kinds]
    first = part(rendering.page(report, "en"), "state")
    assert f'class="card state {level}"' in first and said in first
    assert re.findall(r"<strong>This (\w+)\.", first) == sorted(kinds, key=lambda kind: kind != "lacks")
    assert ("the owner of the catalog: run: GRANT CREATE SCHEMA" in words(first)) is bool(kinds)


# -- the connection sheet -------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_has_values_clicks_command_and_addresses(language: str) -> None:
    report = reports.all_well()
    page = rendering.page(report, language)
    sheet = words(part(page, "connect"))
    for field in report["connection"]["fields"][:3]:
        assert field["value"] in sheet
    assert report["connection"]["show_token"] in sheet
    assert "field token_value in" not in sheet, "where the token is, is said by the command"
    assert "184.72.183.187/32 52.206.71.52/32" in sheet
    assert part(page, "connect").count("data-copy=") == 5
    clicks = "고급 > 동기화" if language == "ko" else "Advanced > Syncing"
    assert clicks in sheet
    assert (f"/hc/{'ko-kr' if language == 'ko' else 'en-us'}/articles/42790208080283" in page) is True
    assert ("호스트 이름" in sheet) is (language == "ko")


def test_a_store_of_ones_own_has_no_command_to_copy() -> None:
    sheet = part(rendering.page(reports.segment(), "en"), "connect")
    assert "It is in the secret store of your organisation." in sheet
    assert 'data-copy="copy-token"' not in sheet


def test_addresses_are_said_by_region() -> None:
    report = reports.all_well()
    report["wanted"]["addresses"] = {"eu-west-1": ["192.0.2.1/32"], "us": ["198.51.100.0/24"]}
    sheet = words(part(rendering.page(report, "en"), "connect"))
    assert "Region: eu-west-1 192.0.2.1/32" in sheet and "Region: us 198.51.100.0/24" in sheet


# -- the drawing ----------------------------------------------------------------------------------
def drawn(report: reports.Report) -> dict[str, str]:
    return {f"{one.kind} {one.name}": one.level for one in drawing.edges(report)}


def test_each_edge_has_the_worst_verdict_of_its_checks() -> None:
    well = {
        "warehouse Starter Warehouse": "good",
        "catalog acme_ws": "good",
        "schema klaviyo_tmp": "good",
        "schema klaviyo_import_from_dwh": "good",
    }
    assert drawn(reports.all_well()) == well
    assert drawn(reports.one_broken()) == {**well, "warehouse Starter Warehouse": "bad"}
    assert drawn(reports.drift()) == {**well, "schema klaviyo_import_from_dwh": "more"}
    assert drawn(reports.unsure()) == {**well, "warehouse Starter Warehouse": "unknown"}
    assert drawn(reports.thirty_broken())["schema klaviyo_import_from_dwh"] == "bad"
    assert drawn(reports.example())["schema klaviyo_import_from_dwh"] == "warn"
    assert drawn(reports.check_mode()) == {
        **dict.fromkeys(well, "none"),
        "warehouse Starter Warehouse": "change",
        "schema klaviyo_tmp": "change",
    }


def test_several_schemas_of_one_use_have_checks_of_their_own() -> None:
    report = reports.segment()
    table = {**reports.check(report, "tables"), "id": "tables_acme_ws_sales", "result": "failed"}
    report["checks"].append(table)
    assert drawn(report)["schema sales"] == "bad" and drawn(report)["schema marketing"] != "bad"


def test_the_drawing_is_told_in_words_and_signs() -> None:
    picture = str(drawing.svg(reports.one_broken(), english))
    assert 'role="img"' in picture
    said = re.search(r"<desc[^>]*>(.*?)</desc>", picture)
    assert said is not None
    assert "SQL warehouse Starter Warehouse (123b3fdb6b094a83): CAN USE. Does not work." in said[1]
    assert "schema acme_ws.klaviyo_import_from_dwh: SELECT, USE SCHEMA. As wanted." in said[1]
    marks = {
        level: re.search(rf'<g class="sign {level}".*?<g class="mark">(.*?)</g>', picture) for level in ("bad", "good")
    }
    assert marks["bad"] and marks["good"] and marks["bad"][1] != marks["good"][1], "not by colour alone"


def test_a_long_name_is_shortened_and_whole_in_the_title() -> None:
    picture = str(drawing.svg(reports.long_names(), english))
    assert "c" * 255 in picture and re.search(r">c+…c+<", picture)
    assert len(re.findall("textLength", picture)) >= 3


def test_the_legend_has_what_the_drawing_has() -> None:
    assert [meaning for _mark, meaning in drawing.legend(reports.one_broken(), english)] == [
        "Does not work",
        "As wanted",
    ]


# -- the evidence ---------------------------------------------------------------------------------
def test_tables_keep_their_roles_and_headings_when_rows_become_blocks() -> None:
    table = part(rendering.page(reports.all_well(), "en"), "checks")
    assert table.count('role="row"') == 25 and table.count('role="columnheader"') == 4
    assert table.count('role="cell"') == 4 * 24 == table.count("data-heading=")
    style = (HERE / "page.css").read_text(encoding="utf-8")
    assert not re.search(r"thead[^{]*\{[^}]*display:\s*none", style), "hidden for screen readers, too"


def test_names_stand_for_ids_and_ids_beside_names() -> None:
    page = words(rendering.page(reports.example(), "en"))
    assert "right of klaviyo-import to use SQL warehouse Starter Warehouse (123b3fdb6b094a83)" in page
    assert "privileges of klaviyo-import on catalog acme_ws" in page
    assert "klaviyo-import d20f502f-063c-4e15-a26f-aa8a5358ef6d" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", ["run", "check"])
@pytest.mark.parametrize("entry", ["setup", "preflight"])
def test_a_run_that_ended_early_says_so_and_nothing_good(language: str, mode: str, entry: str) -> None:
    report = {**reports.check_mode(), "changed": [], "status": "failed", "summary": {"line": "failed: no"}}
    report["run"] |= {"mode": mode, "entry": entry}
    report["failure"] = {"task": "Grant the privileges", "message": "The workspace says no."}
    page = rendering.page(report, language)
    assert "The workspace says no." in page and TEXTS[language]["state_failed"] in page
    assert TEXTS[language]["state_same"] not in page and TEXTS[language]["state_ok"] not in page
