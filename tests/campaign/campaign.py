# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trouble at every request of klaviyo_setup, then clean runs: what is left, as one table and campaign.json.

Families: (a) kill -9 of everything before a request is carried out; (b) one faulty answer to a request.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import typing as t
from collections import Counter
from pathlib import Path

import requests

from tests.support.klaviyo import ROOT, Site, start_site
from tests.support.token_life import NAME, files_below, kill_all_of, leaks, wait_until

COLUMNS = ("secrets", "orphans", "duplicates", "bystanders", "unclear", "other")
UNCLEAR = ("Traceback", "object at 0x", "SCIM_None", "unknown: unknown", "deserialize", "<html", "('Connection")
BOUND = 90.0  # seconds, for one run
FAULTS: dict[str, dict[str, t.Any]] = {
    "429": {"status": 429, "retry_after": 1},
    "500": {"status": 500},
    "503": {"status": 503},
    "401": {"status": 401},
    "403": {"status": 403},
    "lost before": {"drop": "before"},
    "lost after": {"drop": "after"},
    "cut": {"cut": True},
    "html": {"status": 200, "body": "<html>Sign in</html>", "content_type": "text/html"},
    "empty": {"body": ""},
}


class Lane:
    """One workspace, fresh for every case."""

    def __init__(self, site: Site) -> None:
        self.site = site
        site.variables |= {"databricks_http_timeout": 3, "databricks_retry_timeout": 6}
        self.token = {"DATABRICKS_TOKEN": site.variables.pop("databricks_token")}
        site.post("snapshot", {"name": "fresh"})
        self.bystanders = site.state["bystanders"]

    def fresh(self) -> None:
        self.site.post("restore", {"name": "fresh"})
        for name in ("store", "reports"):
            shutil.rmtree(self.site.folder / name, ignore_errors=True)

    def case(self, family: str, fault: dict[str, t.Any], number: int) -> dict[str, t.Any] | None:
        """What went wrong, by column; None where the run never came to that request."""
        self.fresh()
        found: Counter[str] = Counter()
        said, begun = "", time.monotonic()
        if family == "a":
            self.site.post("faults", [{"nth": number, "delay_ms": 60_000, "drop": "before"}])
            run = self.site.start("klaviyo_setup", env=self.token)
            wait_until(lambda: len(self.site.journal) >= number or run.poll() is not None, "the request", 60)
            if run.poll() is None:
                kill_all_of(run.pid)
            run.wait(10)
            said = (self.site.folder / "started.log").read_text(encoding="utf-8")
        else:
            self.site.post("faults", [{"nth": number, **fault}])
            first = self.site.play("klaviyo_setup", env=self.token)
            said = first.output
            if first.status:
                found["unclear"] += any(word in said for word in UNCLEAR) or "FAILED!" not in said
        found["other"] += time.monotonic() - begun > BOUND
        rules = requests.get(f"{self.site.host}/_sandbox/faults", timeout=30).json()["faults"]
        if not any(rule["applied"] for rule in rules):
            return None  # the run sent fewer requests, so nothing was tried
        requests.delete(f"{self.site.host}/_sandbox/faults", timeout=30).raise_for_status()
        clean = self.site.play("klaviyo_setup", env=self.token)
        found["other"] += clean.status != 0
        self.site.forget_journal()
        again = self.site.play("klaviyo_setup", env=self.token)
        found["other"] += again.status != 0 or again.changed != 0 or bool(self.site.mutating())
        self.judge(found, said + clean.output + again.output)
        return {"family": family, "request": number, "fault": fault, **{name: found[name] for name in COLUMNS}}

    def judge(self, found: Counter[str], outputs: str) -> None:
        state = self.site.state
        owners = {one["application_id"] for one in state["service_principals"] if one["display_name"] == NAME}
        live = [one["token_id"] for one in state["tokens"] if one["owner"] in owners and one["live"]]
        record = self.site.record if self.site.store.exists() else {}
        found["duplicates"] += abs(len(owners) - 1)
        found["orphans"] += len(set(live) ^ {record.get("token_id")})
        found["orphans"] += sum(one["owner"] in owners for one in state["oauth_secrets"])
        found["bystanders"] += state["bystanders"] != self.bystanders
        found["secrets"] += len(leaks(self.site.host, outputs, *files_below(self.site.folder, self.site.store)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="a,b", help="families, with commas between")
    parser.add_argument("--limit", type=int, default=0, help="so many cases, spread over all; 0 for all")
    parser.add_argument("--minutes", type=float, default=0, help="begin no case after this time; 0 for no end")
    parser.add_argument("--cloud", choices=("aws", "azure"), default="aws")
    parser.add_argument("--json", type=Path, default=ROOT / "campaign.json")
    wish = parser.parse_args()
    begun = time.monotonic()
    rows: list[dict[str, t.Any]] = []
    missed = 0
    with tempfile.TemporaryDirectory() as folder, start_site(Path(folder), "--cloud", wish.cloud) as site:
        lane = Lane(site)
        site.play("klaviyo_setup", env=lane.token).ok()
        count = len(site.journal)
        plan = [("a", {}, number) for number in range(1, count + 1)]
        plan += [("b", fault, number) for number in range(1, count + 1) for fault in FAULTS.values()]
        plan = [one for one in plan if one[0] in wish.only.split(",")]
        step = max(1, len(plan) // wish.limit) if wish.limit else 1
        for family, fault, number in plan[::step]:
            if wish.minutes and time.monotonic() - begun > wish.minutes * 60:
                break
            row = lane.case(family, fault, number)
            if row is None:
                missed += 1
                continue
            rows.append(row)
            print(json.dumps(row), flush=True)
    print("family  cases  " + "  ".join(COLUMNS))
    for family in sorted({row["family"] for row in rows}):
        of = [row for row in rows if row["family"] == family]
        sums = (str(sum(row[name] for row in of)).rjust(len(name)) for name in COLUMNS)
        print(f"{family:6}  {len(of):5}  " + "  ".join(sums))
    seconds = time.monotonic() - begun
    print(f"{len(rows)} of {len(plan)} cases, {missed} more whose request was never sent, {seconds:.0f} s")
    wish.json.write_text(json.dumps({"planned": len(plan), "seconds": seconds, "cases": rows}, indent=2) + "\n")
    return int(not rows or any(row[name] for row in rows for name in COLUMNS))


if __name__ == "__main__":
    sys.exit(main())
