# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is done to a chain of runs afterwards is found, and named by the run that it was done to."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import typing as t
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.plugin_utils._audit import audit, rendering, texts
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import chain, retention, writing

from .test_writing import wish

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
COUNT = 6
PLACES = range(COUNT)


def build(directory: Path, count: int = COUNT, **different: t.Any) -> list[str]:
    entries = ["setup", "verify", "rotate", "verify", "verify", "verify"]
    return [
        writing.write(wish(directory, entry=entries[at % 6], **different), NOW + timedelta(days=at)).run
        for at in range(count)
    ]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("chain")
    build(directory)
    return directory


class Kept:
    """A copy of a chain, to be interfered with."""

    def __init__(self, template: Path, directory: Path) -> None:
        shutil.copytree(template, directory, symlinks=True)
        self.directory, self.folder = directory, directory / "acme"
        self.file = self.folder / "klaviyo.sha256"
        self.runs = [entry.run for entry in chain.read(self.file).entries]

    def rows(self) -> list[list[str]]:
        """The lines of the chain file, by run."""
        lines = self.file.read_text(encoding="utf-8").splitlines(keepends=True)
        return [lines[at : at + 2] for at in range(0, len(lines), 2)]

    def put(self, rows: list[list[str]]) -> None:
        self.file.write_text("".join(line for row in rows for line in row), encoding="utf-8")

    def forget(self) -> None:
        """Take away what leads to runs besides the chain: who interferes knows of it, too."""
        for path in (self.folder / ".index.json", self.folder / "latest"):
            path.unlink(missing_ok=True)

    def found(self, **how: t.Any) -> list[tuple[str, str]]:
        """Codes and runs, of what is broken or unknown."""
        told = audit.read(audit.Wish([self.directory], **how), NOW)
        return [(one["code"], one["run"]) for one in told["chains"][0]["findings"] if one["level"] != "note"]

    def status(self, **how: t.Any) -> str:
        return audit.read(audit.Wish([self.directory], **how), NOW)["status"]


@pytest.fixture
def kept(template: Path, tmp_path: Path) -> Kept:
    return Kept(template, tmp_path / "reports")


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1
    path.write_bytes(data)


def test_what_nobody_touched_is_unbroken(kept: Kept) -> None:
    assert kept.found() == []
    assert kept.status() == "unbroken"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_a_flipped_byte_is_named_wherever_it_is(kept: Kept, place: int, name: str) -> None:
    path = kept.folder / kept.runs[place] / name
    size = path.stat().st_size
    whole = path.read_bytes()
    for at in (0, 1, size // 3, size // 2, size - 2, size - 1):
        flip(path, at)
        assert kept.found() == [("altered", kept.runs[place])], at
        path.write_bytes(whole)


def test_every_byte_of_the_chain_file_counts(kept: Kept) -> None:
    whole = kept.file.read_bytes()
    assert kept.found() == []
    for at in range(0, len(whole), 29):
        flip(kept.file, at)
        # In the last line it is only the file that speaks against it.
        assert kept.status() == "broken", (at, whole[at : at + 1])
        kept.file.write_bytes(whole)


@pytest.mark.parametrize("place", PLACES)
def test_a_hash_that_was_changed_in_the_chain_file_is_told_from_a_changed_report(kept: Kept, place: int) -> None:
    rows = kept.rows()
    first = rows[place][0][0]
    rows[place][0] = ("0" if first != "0" else "1") + rows[place][0][1:]
    kept.put(rows)
    expected = "line_changed" if place < COUNT - 1 else "altered"  # nothing but its line knows the newest
    assert kept.found() == [(expected, kept.runs[place])]


@pytest.mark.parametrize("place", PLACES)
def test_a_dropped_folder_is_named(kept: Kept, place: int) -> None:
    shutil.rmtree(kept.folder / kept.runs[place])
    assert kept.found() == [("dropped", kept.runs[place])]


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_a_dropped_file_is_named(kept: Kept, name: str) -> None:
    (kept.folder / kept.runs[2] / name).unlink()
    assert kept.found() == [("file_missing", kept.runs[2])]


@pytest.mark.parametrize("place", PLACES[:-1])
@pytest.mark.parametrize("folder", [True, False])
def test_a_run_dropped_with_its_lines_is_named_by_the_one_after_it(kept: Kept, place: int, folder: bool) -> None:
    kept.forget()
    rows = kept.rows()
    del rows[place]
    kept.put(rows)
    if folder:
        shutil.rmtree(kept.folder / kept.runs[place])
    assert kept.found() == [("delisted", kept.runs[place])]


def test_the_last_run_cut_off_with_its_lines_is_seen_by_what_leads_to_it(kept: Kept) -> None:
    kept.put(kept.rows()[:-1])
    shutil.rmtree(kept.folder / kept.runs[-1])
    assert kept.found() == [("cut", kept.runs[-1])]
    kept.forget()
    assert kept.found() == [], "this no chain can tell, and the page says so"


@pytest.mark.parametrize("cut", range(1, COUNT))
def test_the_copy_of_the_chain_file_shows_what_was_cut_off(kept: Kept, tmp_path: Path, cut: int) -> None:
    copies = tmp_path / "copies"
    (copies / "acme").mkdir(parents=True)
    shutil.copy(kept.file, copies / "acme")
    assert kept.found(copies=copies) == []
    kept.put(kept.rows()[:-cut])
    for run in kept.runs[-cut:]:
        shutil.rmtree(kept.folder / run)
    kept.forget()
    assert kept.found() == []
    assert kept.found(copies=copies) == [("copy_longer", "")]
    # And what was written anew altogether.
    shutil.rmtree(kept.folder)
    writing.write(wish(kept.directory, mode="check"), NOW)
    assert ("copy_differs", "") in kept.found(copies=copies) or ("copy_longer", "") in kept.found(copies=copies)


def test_lines_cut_off_at_the_end(kept: Kept) -> None:
    whole = kept.rows()
    kept.put(whole[:-1])
    assert kept.found() == [("unfinished", kept.runs[-1])], "as a run leaves it that died between folder and line"
    assert kept.status() == "unknown"
    kept.put(whole[:-3])
    assert kept.found() == [("cut_lines", kept.runs[-3])]
    kept.put([])
    assert kept.found() == [("cut_lines", kept.runs[0])]


@pytest.mark.parametrize("place", PLACES)
def test_a_folder_that_was_put_there_is_named(kept: Kept, place: int) -> None:
    new = kept.runs[place].replace("T09", "T11")
    shutil.copytree(kept.folder / kept.runs[place], kept.folder / new)
    assert kept.found() == [("unlisted", new)]


def forged(kept: Kept, place: int, at: datetime) -> tuple[str, list[str]]:
    """A run that claims to come after the first so many, made as well as it can be: the rest of the chain kept away."""
    with_rest = kept.file.read_bytes()
    kept.put(kept.rows()[:place])
    aside = kept.directory / "aside"
    aside.mkdir()
    for run in kept.runs[place:]:
        (kept.folder / run).rename(aside / run)
    new = writing.write(wish(kept.directory, entry="setup"), at).run
    lines = kept.rows()[place]
    for run in kept.runs[place:]:
        (aside / run).rename(kept.folder / run)
    aside.rmdir()
    kept.file.write_bytes(with_rest)
    kept.forget()
    return new, lines


@pytest.mark.parametrize("place", PLACES)
def test_an_inserted_run_is_named(kept: Kept, place: int) -> None:
    new, lines = forged(kept, place, NOW + timedelta(days=place, hours=-2))
    rows = kept.rows()
    kept.put([*rows[:place], lines, *rows[place:]])
    assert kept.found() == [("inserted", new)]


@pytest.mark.parametrize("place", PLACES[:-1])
def test_a_copy_of_a_run_put_behind_it_is_named(kept: Kept, place: int) -> None:
    new = kept.runs[place].replace("T09", "T11")
    shutil.copytree(kept.folder / kept.runs[place], kept.folder / new)
    rows = kept.rows()
    row = [line.replace(kept.runs[place], new) for line in rows[place]]
    kept.put([*rows[: place + 1], row, *rows[place + 1 :]])
    assert kept.found() == [("foreign", new), ("inserted", new)]


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(PLACES, 2)))
def test_runs_in_another_order_are_named(kept: Kept, first: int, second: int) -> None:
    rows = kept.rows()
    rows[first], rows[second] = rows[second], rows[first]
    kept.put(rows)
    found = kept.found()
    assert {code for code, _run in found} == {"reordered"}
    assert {run for _code, run in found} <= set(kept.runs[first : second + 1])


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(PLACES, 2)))
def test_a_run_moved_elsewhere_in_the_chain_is_named(kept: Kept, first: int, second: int) -> None:
    rows = kept.rows()
    rows.insert(second, rows.pop(first))
    kept.put(rows)
    # Of two neighbours either one was moved.
    neighbours = abs(first - second) == 1
    assert kept.found() in [[("reordered", kept.runs[at])] for at in ((first, second) if neighbours else (first,))]


@pytest.mark.parametrize("place", PLACES[1:])
def test_folders_that_changed_places_are_named(kept: Kept, place: int) -> None:
    one, other = (kept.folder / kept.runs[at] for at in (place - 1, place))
    one.rename(kept.folder / "aside")
    other.rename(one)
    (kept.folder / "aside").rename(other)
    assert kept.found() == [("exchanged", one.name), ("exchanged", other.name)]


@pytest.mark.parametrize("place", PLACES)
def test_a_renamed_folder_is_named(kept: Kept, place: int) -> None:
    (kept.folder / kept.runs[place]).rename(kept.folder / kept.runs[place].replace("T09", "T10"))
    assert kept.found() == [("renamed", kept.runs[place])]


@pytest.mark.parametrize("place", PLACES)
def test_a_line_that_was_taken_out_or_put_in(kept: Kept, place: int) -> None:
    whole = kept.file.read_text(encoding="utf-8")
    lines = whole.splitlines(keepends=True)
    kept.file.write_text("".join(lines[: 2 * place] + lines[2 * place + 1 :]), encoding="utf-8")
    assert ("line_bad", "") in kept.found()
    kept.file.write_text("".join([*lines[: 2 * place], "# mine\n", *lines[2 * place :]]), encoding="utf-8")
    assert kept.found() == [("line_bad", "")]


def test_a_chain_file_that_is_missing(kept: Kept) -> None:
    kept.file.unlink()
    assert kept.found() == [("no_chain", "")]
    shutil.rmtree(kept.folder / kept.runs[2])
    assert kept.found() == [("no_chain", ""), ("delisted", kept.runs[2])]


def test_without_its_file_the_chain_is_still_held_by_the_reports(kept: Kept) -> None:
    kept.file.unlink()
    path = kept.folder / kept.runs[1] / "report.json"
    path.write_text(path.read_text(encoding="utf-8").replace("ada@example.com", "eve@example.com"), encoding="utf-8")
    assert kept.found() == [("no_chain", ""), ("altered", kept.runs[1])]


def test_retention_breaks_nothing_and_what_it_left_is_still_proven(tmp_path: Path) -> None:
    build(tmp_path / "made", keep=retention.Keep(runs=3))
    kept = Kept(tmp_path / "made", tmp_path / "reports")
    assert kept.found() == []
    told = audit.read(audit.Wish([kept.directory]), NOW)["chains"][0]
    assert (told["pruned"], len(told["runs"])) == (3, 3)
    shutil.rmtree(kept.folder / kept.runs[3])
    assert kept.found() == [("dropped", kept.runs[3])]


@pytest.mark.parametrize("place", range(3))
def test_the_line_of_a_run_that_is_no_longer_kept_counts(tmp_path: Path, place: int) -> None:
    build(tmp_path / "made", keep=retention.Keep(runs=3))
    kept = Kept(tmp_path / "made", tmp_path / "reports")
    rows = kept.rows()
    rows[place][0] = "0" * 64 + rows[place][0][64:]
    kept.put(rows)
    expected = ("line_changed", kept.runs[2]) if place == 2 else ("lines_changed", kept.runs[3])
    assert kept.found() == [expected]
    kept.put([row for at, row in enumerate(rows) if at != place])
    assert kept.status() == "broken"


def test_a_format_of_the_future_is_said_and_is_not_green(kept: Kept, tmp_path: Path) -> None:
    path = kept.folder / kept.runs[-1] / "report.json"
    report = json.loads(path.read_bytes())
    path.write_text(json.dumps({**report, "version": 2}), encoding="utf-8")
    rows = kept.rows()
    rows[-1][0] = chain.digest(path.read_bytes()) + rows[-1][0][64:]
    kept.put(rows)
    assert kept.found() == [("format", kept.runs[-1])]
    assert kept.status() == "unknown"
    told = audit.read(audit.Wish([kept.directory]), NOW)
    assert f"{kept.runs[-1]} has the format lakeops.databricks.report 2, which this version does not know." in "".join(
        rendering.screen(told)
    )


def changed_with_its_line(kept: Kept, change: t.Callable[[dict[str, t.Any]], t.Any]) -> None:
    """The last report, changed by somebody who writes its new hash into the chain file, too."""
    path = kept.folder / kept.runs[-1] / "report.json"
    report = json.loads(path.read_bytes())
    change(report)
    path.write_text(json.dumps(report), encoding="utf-8")
    rows = kept.rows()
    rows[-1][0] = chain.digest(path.read_bytes()) + rows[-1][0][64:]
    kept.put(rows)


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report["workspace"].pop("name"),
        lambda report: report["run"].update(written="2026-99-99"),
        lambda report: report["run"].update(number=True),
        lambda report: report["chain"].update(previous=[1]),
        lambda report: report["found"].update(access=[{"privileges": ["SELECT"]}]),
        lambda report: report["found"].update(access=[{"securable": "schema", "name": "a", "privileges": 1}]),
        lambda report: report["found"].update(groups=[["x"]]),
        lambda report: report["found"].update(owners=["x"]),
        lambda report: report.update(changed=[1.5]),
        lambda report: report.update(changed=[{"method": "grant", "object": "grant to a on b", "granted": [{}]}]),
        lambda report: report["operator"].update(job="x"),
    ],
)
def test_a_report_without_its_form_is_said_and_is_not_green(kept: Kept, change: t.Callable[[t.Any], t.Any]) -> None:
    """Whatever it holds, the other reports are read."""
    changed_with_its_line(kept, change)
    assert kept.found() == [("form", kept.runs[-1])]
    told = audit.read(audit.Wish([kept.directory]), NOW)
    assert told["status"] == "unknown"
    said = f"{kept.runs[-1]} does not have the form of a report. Its hash was checked, and what it says was not."
    assert said in "".join(rendering.screen(told))


DEEP = "[" * 200_000


def test_what_is_nested_without_an_end_is_named(kept: Kept) -> None:
    (kept.folder / kept.runs[2] / "report.json").write_text(DEEP, encoding="utf-8")
    assert kept.found() == [("altered", kept.runs[2])]


@pytest.mark.parametrize(
    "text", [DEEP, "[]", '{"runs": 5, "workspaces": 5}', '{"runs": [5]}', '{"workspaces": {"a": 5}}']
)
def test_damaged_files_of_the_pages_hide_nothing(kept: Kept, text: str) -> None:
    """They prove nothing, so what else there is decides; the next run makes them again."""
    for folder in (kept.folder, kept.directory):
        (folder / ".index.json").write_text(text, encoding="utf-8")
    assert kept.status() == "unbroken"
    (kept.folder / kept.runs[2] / "report.json").write_text(DEEP, encoding="utf-8")
    writing.write(wish(kept.directory, entry="verify"), NOW + timedelta(days=30))
    page = (kept.folder / "index.html").read_text(encoding="utf-8")
    assert all(run in page for run in kept.runs if run != kept.runs[2])
    assert "acme" in (kept.directory / "index.html").read_text(encoding="utf-8")
    assert kept.found() == [("altered", kept.runs[2])]


def test_a_last_report_that_is_nested_without_an_end_does_not_keep_the_next_one_from_being_written(kept: Kept) -> None:
    (kept.folder / kept.runs[-1] / "report.json").write_text(DEEP, encoding="utf-8")
    made = writing.write(wish(kept.directory, entry="verify"), NOW + timedelta(days=30))
    assert made.number == COUNT + 1 and kept.found() == [("altered", kept.runs[-1])]


def test_partners_of_one_workspace_are_read_apart(tmp_path: Path) -> None:
    for partner in ("klaviyo", "klaviyo_eu", "segment"):
        build(tmp_path, 2, partner=partner)
    told = audit.read(audit.Wish([tmp_path]), NOW)
    assert [(one["partner"], len(one["runs"]), one["status"]) for one in told["chains"]] == [
        ("klaviyo", 2, "unbroken"),
        ("klaviyo_eu", 2, "unbroken"),
        ("segment", 2, "unbroken"),
    ]


def test_workspaces_without_reports_are_named_and_nothing_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(audit.NothingThere, match=f"There is no report in {tmp_path}"):
        audit.read(audit.Wish([tmp_path]), NOW)
    build(tmp_path, 1)
    writing.write(wish(tmp_path, workspace="other"), NOW)
    told = audit.read(audit.Wish([tmp_path], ["acme", "nobody"]), NOW)
    assert [one["workspace"] for one in told["chains"]] == ["acme"]
    assert told["without_reports"] == ["nobody"]
    assert told["status"] == "unknown"
    assert f"nobody: there are no reports of it in {tmp_path}." in rendering.screen(told)
    shutil.rmtree(tmp_path / "other")
    assert audit.read(audit.Wish([tmp_path]), NOW)["without_reports"] == ["other"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-07-01", "2026-07-01T00:00:00+00:00"),
        (" 2026-07-01T09:30:00Z ", "2026-07-01T09:30:00+00:00"),
        ("2026-07-01T09:30:00+09:00", "2026-07-01T09:30:00+09:00"),
        (NOW.date(), "2026-07-01T00:00:00+00:00"),
        (NOW, "2026-07-01T09:00:00+00:00"),
        ("", None),
        (None, None),
    ],
)
def test_since_is_read_as_it_is_meant(said: t.Any, meant: str | None) -> None:
    found = audit.since(said)
    assert (found and found.isoformat()) == meant


@pytest.mark.parametrize("said", ["yesterday", "2026-13-01", "1.7.2026", 7])
def test_another_since_is_refused(said: t.Any) -> None:
    with pytest.raises(ValueError, match="Give a day such as 2026-07-01"):
        audit.since(said)


# -- texts ------------------------------------------------------------------------------------
@pytest.mark.parametrize("those", [texts.FINDINGS, texts.TEXTS])
def test_neither_language_lacks_a_text_or_a_value(those: dict[str, dict[str, str]]) -> None:
    assert set(those["en"]) == set(those["ko"])
    for key, text in those["en"].items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", those["ko"][key])), key


def test_every_text_is_used() -> None:
    folder = Path(rendering.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.name != "texts.py")
    said = set(re.findall(r"""["'](\w+)["']""", code))
    assert [key for those in (texts.FINDINGS, texts.TEXTS) for key in those["en"] if key not in said] == []


# -- as an auditor does it ----------------------------------------------------------------------
def test_the_commands_of_the_page_prove_the_same(kept: Kept) -> None:
    def typed() -> tuple[bool, bool]:
        told = audit.read(audit.Wish([kept.directory]), NOW)
        (_key, files), (_other, lines) = rendering.commands(told, told["chains"][0])
        done = subprocess.run(["bash", "-c", files], capture_output=True, text=True, check=False)
        shown = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=False, cwd=kept.folder)
        return done.returncode == 0, len(set(re.findall(r"[0-9a-f]{64}", shown.stdout))) == 1

    assert typed() == (True, True)
    rows = kept.rows()
    kept.put([rows[1], rows[0], *rows[2:]])
    assert typed() == (True, False)
    kept.put(rows)
    flip(kept.folder / kept.runs[2] / "report.html", 99)
    assert typed() == (False, True)
