# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the runs of a chain are those that were written, in their order. Nothing is read or written here.

Three things have to agree: the files, the lines of the chain file, and what each report says of the one before it.
Where two of them speak against the third, the third was changed.
"""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from .._reports import chain
from . import findings, lines, reading
from .findings import Finding


class Proof(t.NamedTuple):
    """What is to be thought of a chain.

    :ivar entries: the runs in their order
    :ivar reports: by run the reports that are as they were written, of the known format
    :ivar pruned: how many runs retention took away
    """

    entries: list[chain.Entry]
    reports: dict[str, Json]
    pruned: int
    findings: list[Finding]


def prove(history: reading.History) -> Proof:
    """Judge the chain of a workspace and partner."""
    case = _Case(history)
    case.files()
    case.order()
    for at in range(len(case.entries)):
        case.link(at)
    case.strangers()
    case.rest()
    case.end()
    return Proof(case.entries, case.reports, case.pruned, list(dict.fromkeys(case.found)))


class _Case:
    """One chain while it is looked at."""

    def __init__(self, history: reading.History) -> None:
        self.history = history
        self.found: list[Finding] = []
        self.reports: dict[str, Json] = {}
        self.told: set[str] = set()
        self.pruned = 0
        if history.text is None:
            self.entries = self._by_their_numbers()
            if self.entries:
                self._say("no_chain", file=f"{history.partner}.sha256")
        else:
            self.entries, bad = lines.entries(history.text)
            self.found += bad
        self.at = {entry.run: place for place, entry in enumerate(self.entries)}
        self.moved_runs: set[str] = set()
        # Names in the chain file that a folder of another name stands for.
        self.moved: dict[str, str] = {}

    # -- files against lines --------------------------------------------------------------------
    def files(self) -> None:
        """Whether each file is the one of its lines."""
        kept_from = self._kept_from()
        for place, entry in enumerate(self.entries):
            held = self.history.held.get(entry.run)
            if held is None:
                self._missing(entry, kept_from)
            elif held.report is None:
                self._say("file_missing", entry.run, file=chain.REPORT)
            elif entry.report and held.report_sha256 != entry.report:
                self._other_report(place, held)
            else:
                self._take(entry, held)
            if held is not None and held.page is None:
                self._say("file_missing", entry.run, file=chain.PAGE)

    def _kept_from(self) -> int:
        """Number of the oldest run that is kept, by the newest report that is as it was written."""
        for entry in reversed(self.entries):
            held = self.history.held.get(entry.run)
            report = reading.document(held) if held and held.report_sha256 == entry.report else None
            if report is not None and isinstance(report["chain"].get("kept_from"), int):
                return int(report["chain"]["kept_from"])
        return 1

    def _missing(self, entry: chain.Entry, kept_from: int) -> None:
        twin = next(
            (
                run
                for run, held in self.history.held.items()
                if run not in self.at and entry.report and held.report_sha256 == entry.report
            ),
            None,
        )
        if twin is not None:
            self.moved[twin] = entry.run
            self._say("renamed", entry.run, folder=twin)
            self._keep(entry, self.history.held[twin])
        elif entry.number < kept_from:
            self.pruned += 1
        else:
            self._say("dropped", entry.run, number=entry.number)

    def _other_report(self, place: int, held: reading.Held) -> None:
        entry = self.entries[place]
        owner = next((entry.run for entry in self.entries if entry.report == held.report_sha256), None)
        if owner is not None:
            self._say("exchanged", entry.run, other=owner)
        elif self._next_says(place) == held.report_sha256:
            self._say("line_changed", entry.run, file=chain.REPORT)
            self._keep(entry, held)
        else:
            self._say("altered", entry.run, file=chain.REPORT)

    def _next_says(self, place: int) -> str:
        """The hash of a run's report, by the run after it."""
        if place + 1 >= len(self.entries):
            return ""
        after = self.entries[place + 1]
        held = self.history.held.get(after.run)
        report = reading.document(held) if held is not None else None
        previous = (report or {"chain": {}})["chain"].get("previous") or {}
        return str(previous.get("sha256", "")) if previous.get("run") == self.entries[place].run else ""

    def _take(self, entry: chain.Entry, held: reading.Held) -> None:
        """A report that is as its line says."""
        self._keep(entry, held)
        if held.page is None or not entry.page or held.page_sha256 == entry.page:
            return
        report = self.reports.get(entry.run)
        if report is not None and report["chain"].get("page_sha256") == held.page_sha256:
            self._say("line_changed", entry.run, file=chain.PAGE)
        else:
            self._say("altered", entry.run, file=chain.PAGE)

    def _keep(self, entry: chain.Entry, held: reading.Held) -> None:
        report = reading.document(held)
        if report is not None:
            self.reports[entry.run] = report
        else:
            content = reading.anything(held) or {}
            if reading.is_known(content):
                self._say("form", entry.run)
            else:
                self._say("format", entry.run, format=f"{content.get('format')} {content.get('version')}")

    # -- each report against the line above it ----------------------------------------------------
    def order(self) -> None:
        """Name the fewest runs that stand elsewhere than they were written, by the numbers in their reports."""
        numbered = [
            (int(report["run"]["number"]), entry.run)
            for entry in self.entries
            if (report := self.reports.get(entry.run)) is not None and isinstance(report["run"].get("number"), int)
        ]
        in_order = _longest_rising([number for number, _run in numbered])
        for place, (_number, run) in enumerate(numbered):
            at = self.at[run]
            above = self.entries[at - 1].run if at else None
            if place not in in_order and self._previous(run) != above:
                self.moved_runs.add(run)
                self._say("reordered", run, before=self._previous(run) or "-")

    def _previous(self, run: str) -> str | None:
        """The run before, as a report names it."""
        previous = self.reports[run]["chain"].get("previous") if run in self.reports else None
        return str(previous.get("run")) if previous else None

    def link(self, place: int) -> None:
        """Whether the run above is the one that the report names."""
        entry = self.entries[place]
        report = self.reports.get(entry.run)
        if report is None or entry.run in self.moved_runs:
            return
        if (report["run"].get("id"), report["partner"].get("id")) != (entry.run, self.history.partner):
            self._say("foreign", entry.run, other=report["run"].get("id"))
            return
        above = self.entries[place - 1] if place else None
        previous = report["chain"].get("previous")
        if previous is None:
            if above is not None:
                self._between(0, place, entry.run)
            return
        run, sha256 = str(previous.get("run")), str(previous.get("sha256"))
        if above is not None and above.run == run:
            if above.report and above.report != sha256 and run not in self.told:
                # A file that is as its line says, and not as the next report says: both were changed.
                changed = self.reports.pop(run, None) is not None
                self._say("altered" if changed else "line_changed", run, file=chain.REPORT)
        elif above is not None and above.report == sha256 and run not in self.at:
            self._say("renamed", above.run, folder=run)
        elif run in self.moved_runs:
            return  # what stands above now is in its place, or is looked at itself
        elif run in self.at and self.at[run] < place:
            self._between(self.at[run] + 1, place, entry.run)
        elif run in self.at:
            self._say("reordered", entry.run, before=run)
        elif not (above is None and self.history.text is None and self._is_oldest(report)):
            self._say("delisted", run, after=entry.run)

    def _is_oldest(self, report: Json) -> bool:
        return report["run"].get("number") == report["chain"].get("kept_from")

    def _between(self, first: int, place: int, run: str) -> None:
        """Runs that stand before one that does not know them, and that no other one knows."""
        vouched = {self._previous(other) for other in self.reports}
        for entry in self.entries[first:place]:
            if entry.run not in vouched | self.moved_runs:
                self._say("inserted", entry.run, before=run)

    # -- folders that no line names ------------------------------------------------------------
    def strangers(self) -> None:
        """Folders without a line: put there, or of a run that died, or their lines were cut off."""
        left = {run for run in self.history.held if run not in self.at and run not in self.moved}
        if self.history.text is None:
            for one in sorted(left):
                self._say("format", one, format="?")
            return
        text, follow = self.history.text, []
        end: chain.Entry | None = self.entries[-1] if self.entries else None
        while True:
            run = next((one for one in sorted(left) if self._follows(one, text, end)), None)
            if run is None:
                break
            held = self.history.held[run]
            end = chain.Entry(len(self.entries) + 1, run, held.report_sha256, held.page_sha256)
            text += chain.lines(run, end.report, end.page)
            follow.append(run)
            left.discard(run)
            self.reports[run] = t.cast(Json, reading.document(held))
            self.entries.append(end)
        if len(follow) == 1 and not left:
            self._say("unfinished", follow[0], file=f"{self.history.partner}.sha256")
        elif follow:
            self._say("cut_lines", follow[0], file=f"{self.history.partner}.sha256", runs=", ".join(follow))
        for run in sorted(left - self.told):
            self._say("unlisted", run, file=f"{self.history.partner}.sha256")

    def _follows(self, run: str, text: str, end: chain.Entry | None) -> bool:
        held = self.history.held[run]
        report = reading.document(held)
        if report is None or report["run"].get("id") != run:
            return False
        previous = None if end is None else {"run": end.run, "sha256": end.report}
        links = (report["chain"].get("previous"), report["chain"].get("lines_sha256"))
        return links == (previous, chain.digest(text)) and report["chain"].get("page_sha256") == held.page_sha256

    # -- what nothing above has explained ---------------------------------------------------------
    def rest(self) -> None:
        """Lines above a report that are not those that it was written under, and numbers that are not its place."""
        if self.history.text is None or findings.worst(self.found) == "broken":
            return
        above = hashlib.sha256()
        rows = self.history.text.splitlines(keepends=True)
        for place, entry in enumerate(self.entries):
            report = self.reports.get(entry.run)
            if report is not None and report["chain"].get("lines_sha256") != above.hexdigest():
                self._say("lines_changed", entry.run, count=2 * place)
                return
            if report is not None and report["run"].get("number") != entry.number:
                self._say("misnumbered", entry.run, number=entry.number, said=report["run"].get("number"))
                return
            above.update("".join(rows[2 * place : 2 * place + 2]).encode())

    def end(self) -> None:
        """Runs that a page or ``latest`` leads to, and of which nothing else is left."""
        for run in sorted(self.history.named - set(self.at) - set(self.history.held) - self.told):
            self._say("cut", run)

    def _by_their_numbers(self) -> list[chain.Entry]:
        found = []
        for held in self.history.held.values():
            report = reading.document(held)
            if report is not None and isinstance(report["run"].get("number"), int):
                number = report["run"]["number"]
                found.append(chain.Entry(number, held.run, held.report_sha256, str(report["chain"].get("page_sha256"))))
        return sorted(found)

    def _say(self, code: str, run: str = "", **values: t.Any) -> None:
        self.found.append(findings.of(code, run, **values))
        if run:
            self.told.add(run)


def _longest_rising(numbers: list[int]) -> set[int]:
    """Places of the longest row of numbers that does not fall."""
    if numbers == sorted(numbers):
        return set(range(len(numbers)))
    best: list[list[int]] = []
    for place, number in enumerate(numbers):
        before = max((row for row in best if numbers[row[-1]] <= number), key=len, default=[])
        best.append([*before, place])
    longest: list[int] = max(best, key=len, default=[])
    return set(longest)
