# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What role partner makes of the results of its tasks: who the principal is and what is missing, then the report, the
words on the screen and the result that stays. Pure: it asks nobody.
"""

from __future__ import annotations

import typing as t

from .._common.json_types import Json
from . import plan

_UNVERIFIED: Json = {"status": "unverified", "passed": None, "summary": {}, "checks": []}
_OF_THE_REPORT = ("run", "folder", "json", "html", "signature", "sha256", "index")
_NO_DATA: Json = {
    "tables": 0,
    "importable": 0,
    "unknown": 0,
    "errors": 0,
    "warnings": 0,
    "advice": 0,
    "line": "not looked at",
}
NOTHING_TO_ENTER = "Nothing, as long as a check of its work fails."


def state(work: Json, looked: Json, made: Json) -> Json:
    """What is known after the look at the workspace, and after the principal was made.

    :param work: what the role works from (``work.settled``)
    :param looked: the result of module preflight; empty where it did not run
    :param made: the result of module service_principal or user in this use; empty where it did not run
    """
    wanted, principals = work["wanted"], looked.get("principals") or []
    seen = principals[0] if len(principals) == 1 else {}
    there = {schema["full_name"] for schema in looked.get("schemas") or [] if schema.get("exists") is True}
    catalog = looked.get("catalog") or {}
    owned = [*(looked.get("schemas") or []), {"full_name": catalog.get("name") or "", "owner": catalog.get("owner")}]
    access = looked.get("access") or {}
    lacks = set(wanted["entitlements"]) - set(seen.get("entitlements") or ())
    return {
        "principal": seen.get("application_id") or seen.get("user_name") or _made(work, made) or work["principal_name"],
        "id": seen.get("id") or "",
        "complete": bool(seen) and not lacks,
        # Believed only if it says that there is nothing to give. What is to be taken away is not looked for there.
        "given": bool(seen) and not lacks and access.get("complete") is True and not work["purge_surplus"],
        "missing": [one for one in work["ours"] if one["name"] not in there],
        "owners": {one["full_name"]: one["owner"] for one in owned if one.get("owner")},
        "http_path": (looked.get("warehouse") or {}).get("http_path") or "",
        "caller": (looked.get("caller") or {}).get("user_name") or "",
    }


def _made(work: Json, made: Json) -> str:
    """The name under which the other services know it: Unity Catalog knows a service principal by its application ID
    only. Check mode has none yet for a new one. What an earlier use has made is not taken for this one's.
    """
    principal = made.get("service_principal") or {}
    names = {str(principal.get(key) or "").lower() for key in ("display_name", "application_id")}
    ours = work["principal_kind"] == "service_principal" and work["principal_name"].lower() in names
    return str(principal.get("application_id") or "") if ours else ""


class Outcome:
    """What came of one use of the role.

    :param work: what the role works from (``work.settled``)
    :param run: what its tasks found and did:
        ``host``, ``entry``, ``principal``, ``owners``, and by what the tasks registered, empty where they did not run,
        ``looked`` (preflight), ``surveyed`` (preflight or workspace_info), ``verified`` (access_check), ``told``
        (token or token_info), ``live`` (token_info, when off-boarding), ``acted`` (a list), ``token_actions`` (of a
        store of your own), ``kept`` (report);
        ``ended`` is what off-boarding calls its end, ``found_access`` what it left; ``check``, ``foretold`` and
        ``planned`` are those of ``_role_plan``, ``earlier_plans`` those of earlier uses on this host
    """

    def __init__(self, work: Json, run: Json) -> None:
        self.work, self.run, self.wanted = work, run, work["wanted"]
        # A failed check is only a result, so whether anything was verified at all is kept apart from it.
        self.is_verified = "checks" in run["verified"]
        self.verdict: Json = run["verified"] if self.is_verified else _UNVERIFIED
        # What a task that failed found and did before is in its error.
        self.looked, self.surveyed = ({**one, **(one.get("error") or {})} for one in (run["looked"], run["surveyed"]))
        self.token: Json = run["told"].get("token") or {}
        self.handover: Json = self.token.get("handover") or {}
        if self.verdict["status"] == "handover" and "handover" in self.token and not self.handover:
            self.verdict = _carried(self.verdict)

    @property
    def changes(self) -> list[t.Any]:
        return [*self._gathered("actions"), *self.run["token_actions"]]

    def _gathered(self, key: str) -> list[t.Any]:
        found = (result.get(key) or (result.get("error") or {}).get(key) for result in self.run["acted"])
        return [one for some in found for one in some or []]

    @property
    def connection(self) -> Json:
        """What to enter at the partner, with what shows the token; empty as long as a check of its work fails."""
        found = self.verdict.get("connection")
        return {**found, "show_token": self.work["show_token"], "notes": self.work["store_notes"]} if found else {}

    @property
    def hands_over(self) -> bool:
        """Whether the user's own tasks get the connection."""
        fails = self.verdict["summary"].get("failed", 1)
        return bool(self.work["hand_over"] and self.is_verified and fails == 0 and self.connection)

    # -- the plan ---------------------------------------------------------------------------------
    def plan(self) -> Json:
        """What check mode foretells, or what was given to be carried out; empty where neither is so."""
        given = (self.run.get("planned") or {}).get("plan") or {}
        if given and not self.run.get("check"):
            if "actions" not in ((self.run.get("foretold") or {}).get("token") or {}):
                return given  # the run ended before its last step
            same = [step["line"] for step in given["steps"]] == [one["line"] for one in plan.done(self.work, self.run)]
            return {**given, "as_planned": same}
        return plan.made(self.work, self.run) if self.run.get("check") else {}

    def plans(self) -> list[Json]:
        """What check mode foretells of this use and of those before it on this host; two of one plan are one."""
        plan, earlier = self.plan(), self.run.get("earlier_plans") or []
        if not self.run.get("check"):
            return []
        return [*earlier, *([plan] if plan and plan not in earlier else [])]

    # -- the screen -------------------------------------------------------------------------------
    def screen(self) -> Json:
        if not self.is_verified:
            plan = self.plan()
            return {"plan": plan["digest"], "would_be_done": plan["lines"]} if plan else {}
        return {
            "checks": self._lines(),
            # Findings of the data contract never make a run fail, so they are kept apart.
            "data": [one["line"] for one in self.verdict.get("data") or [] if one["findings"]],
            "enter_at_the_partner": self.connection or NOTHING_TO_ENTER,
        }

    def _lines(self) -> list[str]:
        checks = self.verdict["checks"]
        hints = [
            check["hint"]
            for check in checks
            if check.get("hint") and check["result"] in ("failed", "warned", "skipped")
        ]
        return [
            *(check["line"] for check in checks),
            *dict.fromkeys(f"what to do: {hint}" for hint in hints),
            *(self.handover.get("steps") or []),
        ]

    @property
    def failed(self) -> bool:
        """Whether the run ends with a failure; one that could not establish anything does, whatever is wished."""
        return self.is_verified and self.verdict["status"] in (*self.work["fail_on"], "unknown")

    @property
    def _steps_are_due(self) -> bool:
        return self.verdict["status"] == "broken" or (self.failed and self.verdict["status"] == "handover")

    # -- what stays -------------------------------------------------------------------------------
    def result(self) -> Json:
        """The fact that the role leaves behind."""
        host, checks, kept = self.run["host"], self.verdict["checks"], self.run["kept"]
        line = self.verdict["summary"]["line"] if self.is_verified else "not verified"
        return {
            "partner": self.wanted["partner"],
            "status": self.verdict["status"],
            "passed": self.verdict["passed"],
            "failed": self.failed,
            "changed": bool(self.changes),
            "principal": self.run["principal"],
            "token": self.token,
            "connection": self.connection,
            "summary": self.verdict["summary"],
            "checks": checks,
            **self._data(),
            "plan": self.plan(),
            "plans": self.plans(),
            "lines": [
                f"{host}: {line}",
                *(check["line"] for check in checks if check["result"] == "failed"),
                *((self.handover.get("steps") or []) if self._steps_are_due else []),
            ],
            "report": {key: kept.get(key) for key in _OF_THE_REPORT} if "json" in kept else {},
        }

    # -- the evidence -----------------------------------------------------------------------------
    def report(self) -> Json:
        """By the keys of roles/partner/files/report.schema.json; module report adds what only the controller knows."""
        run, wanted, verdict = self.run, self.wanted, self.verdict
        surveyed, seen = self.surveyed.get("workspace") or {}, verdict.get("workspace") or {}
        asked, caller = self.surveyed.get("caller") or {}, verdict.get("caller") or {}
        return {
            "operator": {
                "identity": caller.get("identity") or asked.get("user_name") or None,
                "sign_in": caller.get("sign_in") or asked.get("sign_in") or None,
            },
            "workspace": {
                "host": surveyed.get("hostname") or seen.get("host") or None,
                "id": surveyed.get("workspace_id") or seen.get("id") or None,
                "cloud": surveyed.get("cloud") or None,
            },
            "partner": {"id": wanted["partner"], "title": wanted["title"]},
            "principal": {
                "name": self.work["principal_name"],
                "id": verdict.get("principal") or self._principal_id(),
                "kind": self.work["principal_kind"],
            },
            "status": run["ended"] or verdict["status"],
            "passed": verdict["passed"],
            "summary": verdict["summary"] or {"line": self._unverified_line()},
            "wanted": wanted,
            "found": self._found(),
            "changed": self.changes,
            "sql": self._gathered("sql"),
            "checks": verdict["checks"],
            "token": self.token,
            "handover": self.handover,
            "connection": self.connection,
            "asked_not_given": wanted["asked_not_given"],
            "people": self._people(),
            "source": wanted["source"],
            "plan": self.plan(),
            **self._data(),
        }

    def _data(self) -> Json:
        """What the partner can make of the tables and views that it sees."""
        return {
            "data": self.verdict.get("data") or [],
            "data_summary": self.verdict.get("data_summary") or _NO_DATA,
        }

    def _people(self) -> Json:
        """What is said today goes before what the record of the token holds."""
        token = self.run["told"].get("token") or self.run["live"].get("token") or {}
        return {**(token.get("people") or self.verdict.get("people") or {}), **self.wanted["people"]}

    def _principal_id(self) -> str | None:
        """None while all that is known is the display name of a service principal."""
        work, principal = self.work, self.run["principal"]
        a_name = principal == work["principal_name"] and not work["by_id"] and work["principal_kind"] != "user"
        return None if a_name else principal

    def _unverified_line(self) -> str:
        if self.run["entry"] == "preflight":
            return f"preflight: {len(self.looked.get('findings') or [])} finding(s)"
        return "removed" if self.run["ended"] else f"check mode: {len(self.changes)} change(s) would be made"

    def _found(self) -> Json:
        looked = self.looked
        return {
            "access": None,
            "groups": None,
            "admin": None,
            "owners": self.run["owners"],
            **(self.run["found_access"] or self.verdict.get("found") or {}),
            "schemas": looked.get("schemas") or [],
            "warehouse": looked.get("warehouse") or {},
            "findings": looked.get("findings") or [],
        }


def _carried(verdict: Json) -> Json:
    """A verification from before the replaced token was revoked, as it is after it."""
    summary = verdict["summary"]
    line = f"ok: {str(summary['line']).partition(': ')[2]}"
    return {**verdict, "status": "ok", "summary": {**summary, "line": line}}
