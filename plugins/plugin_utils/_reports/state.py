# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report -> the state in one sentence, what to do now, and what is wrong, grouped by what it means. Pure."""

from __future__ import annotations

import typing as t
from datetime import date

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._role import people

from . import sentences

Text = t.Callable[..., str]

GOOD, WARN, BAD, UNKNOWN, NONE = "good", "warn", "bad", "unknown", "none"
_WORKS = "works"


class State(t.NamedTuple):
    """What the reader has to know first.

    :ivar level: good, warn, bad, unknown or none
    :ivar said: one sentence
    :ivar todo: one sentence
    """

    level: str
    said: str
    todo: str


class Problem(t.NamedTuple):
    """Checks that mean the same to the reader.

    :ivar said: what it means
    :ivar level: bad, warn or unknown
    :ivar hints: what to do, each once
    :ivar checks: title and what was seen, for technical readers
    """

    said: str
    level: str
    hints: list[str]
    checks: list[tuple[str, str]]


def day(moment: t.Any) -> str:
    """The day of a time in ISO 8601; other words as they are."""
    text = str(moment or "")
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return text


def state(report: Json, text: Text) -> State:
    """The state of the connection, in the words of the page."""
    title = report["partner"]["title"]
    level, key, values = _state(report)
    if report["run"]["mode"] == "check" and report["checks"] and key not in ("failed", ""):
        # The verification ran, too, so both are shown: what is, and what would change.
        return State(level, text(f"state_{key}", title=title), _would(report, text))
    sentence = text(f"state_{key}", title=title, **values) if key else f"{report['summary']['line']}."
    todo = {"ok": _ok, "handover": _handover}.get(key, lambda _report: key or "other")(report)
    return State(level, sentence, text(f"do_{todo}", title=title, day=day(report["handover"].get("ends"))))


def _state(report: Json) -> tuple[str, str, Json]:
    status, count = report["status"], len(report["changed"])
    if status == "failed":
        return BAD, "failed", {}
    if report["run"]["entry"] == "preflight":
        return _foreseen(report)
    if report["run"]["mode"] == "check" and not report["checks"]:
        return (WARN, "changes", {"count": count}) if count else (GOOD, "same", {})
    if status == "unknown":
        return UNKNOWN, "unsure", {}
    if status == "broken":
        if any(check["result"] == "failed" and check["kind"] == _WORKS for check in report["checks"]):
            return BAD, "broken", {}
        if report["handover"].get("level") == "broken":
            return BAD, "late", {}
        if report["checks"]:
            return UNKNOWN, "unsure", {}
    known = {"ok": (GOOD, "ok"), "handover": (WARN, "handover"), "drift": (WARN, "drift"), "removed": (NONE, "removed")}
    level, key = known.get(status, (BAD if status == "broken" else NONE, ""))
    return level, key, {}


def _foreseen(report: Json) -> tuple[str, str, Json]:
    kinds = {finding["kind"] for finding in report["found"]["findings"]}
    if kinds & {"blocks", "lacks"}:
        return BAD, "blocked", {}
    return (UNKNOWN, "unforeseen", {}) if "unknown" in kinds else (GOOD, "clear", {})


def _would(report: Json, text: Text) -> str:
    count = len(report["changed"])
    return text("also_changes", count=count) if count else text("state_same")


def _ok(report: Json) -> str:
    return "ok_warned" if any(check["result"] == "warned" for check in report["checks"]) else "ok"


def _handover(report: Json) -> str:
    return "handover" if report["handover"].get("ends") else "handover_endless"


def works(report: Json) -> bool:
    """Whether everything passed that the partner's work needs."""
    needed = [check for check in report["checks"] if check["kind"] == _WORKS]
    return bool(needed) and not any(one["result"] in ("failed", "skipped") for one in needed)


def problems(report: Json, results: t.Collection[str], language: str) -> list[Problem]:
    """The checks with these results, in the order in which one should look at them.

    :param results: failed, warned or skipped
    """
    groups: dict[tuple[str, str], list[Json]] = {}
    for check in report["checks"]:
        if check["result"] in results:
            about = check["id"] if check["result"] == "skipped" else sentences.kind(check)
            groups.setdefault((check["result"], about), []).append(check)
    title = report["partner"]["title"]
    found = [
        Problem(
            said=sentences.problem(checks[0], len(checks), title, language),
            level={"failed": BAD if checks[0]["kind"] == _WORKS else WARN, "warned": WARN}.get(result, UNKNOWN),
            hints=list(
                dict.fromkeys(sentences.translated(check["hint"], language) for check in checks if check["hint"])
            ),
            checks=[
                (sentences.translated(check["title"], language), sentences.translated(check["observed"], language))
                for check in checks
            ],
        )
        for (result, _about), checks in groups.items()
    ]
    return sorted(found, key=lambda one: one.level != BAD)


def ended_early(report: Json, text: Text) -> list[Problem]:
    """What ended the run, and what the preflight of a run that verified nothing has to say."""
    found = []
    if "failure" in report:
        failure = report["failure"]
        heading = text("failed_task", task=failure["task"]) if failure["task"] else text("failed_somewhere")
        found.append(Problem(heading, BAD, [failure["message"]], []))
    if report["run"]["entry"] == "preflight" or found:
        levels = {"blocks": BAD, "lacks": BAD, "note": WARN}
        for one in sorted(report["found"]["findings"], key=lambda one: one["kind"] not in ("blocks", "lacks")):
            who = f"{one['who']}: {one['how']}" if one["who"] and one["how"] else one["how"]
            found.append(Problem(one["what"], levels.get(one["kind"], UNKNOWN), [who] if who else [], []))
    return found


def review(report: Json) -> str | None:
    """The day by which the access is to be reviewed, if that was due when the report was written."""
    return people.review_due(report["people"], date.fromisoformat(report["run"]["written"][:10]))


def token_until(report: Json, text: Text) -> str:
    """Until when the token is valid, and how many days that is; empty where none is known."""
    token = report["token"]
    if not token.get("token_id"):
        return ""
    end, left = day(token.get("expiry")), token.get("days_left")
    if not end:
        return text("until_unknown")
    if not isinstance(left, int | float):
        return end
    return text("until_ended", day=end) if left <= 0 else text("until_days", day=end, days=int(left))


def handover_end(report: Json, text: Text) -> str:
    """Until when the replaced token works."""
    waiting, title = report["handover"], report["partner"]["title"]
    end, left = day(waiting.get("ends")), waiting.get("days_left")
    if not end:
        return text("handover_endless")
    if isinstance(left, int | float) and left <= 0:
        return text("handover_ended", day=end, title=title)
    return text("handover_ends", day=end, days=int(left or 0))
