# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of every kind in a real browser: quiet, readable on a phone, without barriers, and asking for nothing.

The pictures in tests/output/screenshots are for people.
"""

from __future__ import annotations

import itertools
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import index, rendering
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports.texts import TEXTS
from tests.support import reports

from .looking import look

SCREENSHOTS = Path(__file__).resolve().parents[1] / "output" / "screenshots"
MOST = ("all_well", "thirty_broken", "long_names", "hostile_names")
CASES = [
    (kind, language, width, scheme)
    for kind in reports.KINDS
    for language in ("en", "ko")
    for width, scheme in (("desktop", "light"), ("phone", "dark"), ("desktop", "dark"), ("phone", "light"))
    if kind in MOST or (language, width, scheme) in (("en", "desktop", "light"), ("ko", "phone", "dark"))
]


def written(folder: Path, kind: str, language: str = "en") -> Path:
    path = folder / f"{kind}.html"
    path.write_text(rendering.page(reports.KINDS[kind](), language), encoding="utf-8")
    return path


@pytest.mark.parametrize(("kind", "language", "width", "scheme"), CASES)
def test_a_page_is_seen(chromium: t.Any, tmp_path: Path, kind: str, language: str, width: str, scheme: str) -> None:
    with look(chromium, written(tmp_path, kind, language), width, scheme) as seen:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        seen.page.screenshot(path=SCREENSHOTS / f"{kind}_{language}_{width}_{scheme}.png", full_page=True)
        for folded in seen.page.locator("details").all():
            folded.evaluate("one => { one.open = true; }")
        assert not seen.scrolls_sideways()
        assert seen.too_wide() == []
        assert seen.cut_words() == []
        assert seen.spilt() == []
        assert seen.barriers() == []
        assert seen.said == []
        assert seen.asked == []


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("kind", MOST)
def test_a_table_is_one_for_screen_readers_at_any_width(chromium: t.Any, tmp_path: Path, kind: str, width: str) -> None:
    with look(chromium, written(tmp_path, kind), width) as seen:
        table = seen.page.get_by_role("table", name=TEXTS["en"]["wanted"])
        assert table.get_by_role("columnheader").all_inner_texts() == ["Object", "Privileges"]
        rows = table.get_by_role("row").count()
        assert rows > 1 and table.get_by_role("cell").count() == 2 * (rows - 1)


def test_a_page_has_landmarks_and_headings_in_order(chromium: t.Any, tmp_path: Path) -> None:
    with look(chromium, written(tmp_path, "thirty_broken")) as seen:
        for role in ("main", "banner"):
            assert seen.page.get_by_role(role).count() == 1
        assert seen.page.get_by_role("region", name="State, and what to do now").count() == 1
        levels = seen.page.eval_on_selector_all("h1, h2, h3", "all => all.map((one) => Number(one.tagName[1]))")
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


# -- copying --------------------------------------------------------------------------------------
NO_CLIPBOARD = """Object.defineProperty(Clipboard.prototype, "writeText", {
  value: () => Promise.reject(new DOMException("refused", "NotAllowedError")) });"""
NOTHING = NO_CLIPBOARD + "document.execCommand = () => false;"
PASTE = "navigator.clipboard.readText()"


@pytest.mark.parametrize("script", ["", NO_CLIPBOARD], ids=["clipboard", "clipboard refused"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_button_copies_its_value_and_says_so(chromium: t.Any, tmp_path: Path, language: str, script: str) -> None:
    report = reports.all_well()
    with look(chromium, written(tmp_path, "all_well", language), script=script) as seen:
        status = seen.page.get_by_role("status")
        buttons = seen.page.locator("button").all()
        copied = []
        for button in buttons:
            what = str(button.get_attribute("data-said"))
            button.click()
            status.get_by_text(what, exact=True).wait_for(state="attached")
            assert button.inner_text() == TEXTS[language]["copied"]
            copied.append(seen.page.evaluate(PASTE).replace("\r\n", "\n"))
        values = [field["value"] for field in report["connection"]["fields"][:3]]
        expected = [*values, report["connection"]["show_token"], "\n".join(report["wanted"]["addresses"]["any"])]
        assert copied[:5] == expected
        assert copied[5].splitlines() == [f"{statement};" for statement in report["sql"]]
        assert seen.said == []


def test_where_nothing_may_be_copied_the_value_is_selected(chromium: t.Any, tmp_path: Path) -> None:
    with look(chromium, written(tmp_path, "all_well"), script=NOTHING) as seen:
        button = seen.page.get_by_role("button", name="Copy: Hostname")
        button.click()
        seen.page.get_by_text("Hostname: selected. Press Ctrl+C").wait_for(state="attached")
        assert button.inner_text() == "Selected"
        assert seen.page.evaluate("String(getSelection())") == "abc-12345678.cloud.databricks.com"
        assert seen.said == []


def test_a_button_is_reached_and_used_by_the_keyboard(chromium: t.Any, tmp_path: Path) -> None:
    with look(chromium, written(tmp_path, "all_well")) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.ariaLabel") == "Copy: Hostname"
        seen.page.keyboard.press("Enter")
        seen.page.get_by_text("Hostname: copied.").wait_for(state="attached")
        assert seen.page.evaluate(PASTE) == "abc-12345678.cloud.databricks.com"
        assert seen.page.evaluate("document.activeElement.ariaLabel") == "Copy: Hostname", "the place is kept"


def test_without_scripts_the_values_are_there_and_no_button_that_does_nothing(chromium: t.Any, tmp_path: Path) -> None:
    with look(chromium, written(tmp_path, "all_well"), scripts=False) as seen:
        assert seen.page.get_by_text("abc-12345678.cloud.databricks.com").count() >= 1
        assert [one for one in seen.page.locator("button").all() if one.is_visible()] == []


def test_what_names_want_to_run_does_not(chromium: t.Any, tmp_path: Path) -> None:
    # Even if a value were not escaped, the page's policy admits no script but its own.
    path = written(tmp_path, "all_well")
    page = path.read_text(encoding="utf-8").replace("</main>", "<script>document.title = 'owned'</script></main>", 1)
    path.write_text(page, encoding="utf-8")
    with look(chromium, path) as seen:
        assert seen.page.title() == "Klaviyo connection of acme"
        assert len([line for line in seen.said if "Content Security Policy" in line]) == 1


# -- the pages that lead there ---------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("width", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_pages_that_lead_to_reports(
    chromium: t.Any, tmp_path: Path, language: str, width: str, scheme: str
) -> None:
    rows = [index.row(make()) for make in reports.KINDS.values()]
    pages = {
        "workspace": index._workspace_page("acme", rows, language),
        "all": index._all_page({"acme": {"workspace": "acme", "latest": {"klaviyo": rows[0]}}}, language),
    }
    for name, page in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_text(page, encoding="utf-8")
        with look(chromium, path, width, scheme) as seen:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            seen.page.screenshot(path=SCREENSHOTS / f"index_{name}_{language}_{width}_{scheme}.png", full_page=True)
            assert not seen.scrolls_sideways()
            assert seen.too_wide() == []
            assert seen.barriers() == []
            assert seen.page.get_by_role("columnheader").count() == 6
            assert seen.said == seen.asked == []


# -- on paper -------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["all_well", "thirty_broken", "long_names"])
def test_a_page_prints(chromium: t.Any, tmp_path: Path, kind: str) -> None:
    with look(chromium, written(tmp_path, kind), scheme="dark") as seen:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        paper = seen.page.pdf(path=SCREENSHOTS / f"{kind}_en.pdf", format="A4")
        assert paper.startswith(b"%PDF")
        seen.page.emulate_media(media="print")
        assert [one for one in seen.page.locator("button").all() if one.is_visible()] == []
        assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not seen.scrolls_sideways()
