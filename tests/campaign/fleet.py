# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many workspaces in one play, each of which says again and again that it has too much to do."""

from __future__ import annotations

import json
import re
import tempfile
import typing as t
from pathlib import Path

from tests.support.klaviyo import Site, start_site
from tests.support.sandbox import Sandbox
from tests.support.token_life import NAME, files_below, leaks

from .verdict import Verdict
from .warm import WarmRun

if t.TYPE_CHECKING:
    from .trouble import Case

EVERY = 7  # requests of each workspace, of which the last is told to come back later
UNTIL = 140
PATIENCE = 1_800.0  # seconds, for one run of all


def many_that_throttle(case: Case) -> Verdict:
    """One set-up of all at once, and a second one that changes nothing."""
    verdict = Verdict()
    with (
        tempfile.TemporaryDirectory() as folder,
        start_site(Path(folder), "--cloud", case.cloud, "--workspaces", str(case.more["workspaces"])) as site,
    ):
        ready = site.ready["workspaces"]
        hosts = {f"ws{number}": _variables(site, one, number) for number, one in enumerate(ready)}
        slow = [{"nth": nth, "status": 429, "retry_after": 1} for nth in range(EVERY, UNTIL, EVERY)]
        for one in ready:
            Sandbox(one).control("POST", "faults", slow)
        seeds = [Sandbox(one).state()["bystanders"] for one in ready]
        first = _set_up(site, hosts, verdict, "-vvvv")
        for one in ready:
            Sandbox(one).control("DELETE", "faults")
        second = _set_up(site, hosts, verdict)
        changed = [line for line in second.output.splitlines() if re.search(r"ok=\d+ +changed=[1-9]", line)]
        verdict.wrong("other", f"second run: {changed}", len(changed))
        stores = [Path(one["klaviyo_token_store"]["path"]) for one in hosts.values()]
        texts = files_below(site.folder, site.folder / "inventory.json", *stores)
        texts += [text for run in (first, second) for text in (run.output, *run.seen)]
        for one, store, seed in zip(ready, stores, seeds, strict=True):
            _judge(verdict, Sandbox(one), store, seed, texts)
    return verdict


def _set_up(site: Site, hosts: dict[str, t.Any], verdict: Verdict, *options: str) -> WarmRun:
    command = site._command("klaviyo_setup", ("-f", "10", *options), hosts)
    run = WarmRun(command, site.folder, site.folder.with_name(f"{site.folder.name}.log"), {})
    run.wait(PATIENCE)
    verdict.wrong("other", f"status {run.status}: {run.output[-2000:]}", run.status != 0)
    return run


def _variables(site: Site, ready: dict[str, t.Any], number: int) -> dict[str, t.Any]:
    return {
        **site.variables,
        "databricks_host": ready["host"],
        "databricks_token": ready["token"],
        "klaviyo_catalog": ready["workspace_catalog"] or ready["catalog"],
        "klaviyo_warehouse": ready["warehouse_id"],
        "klaviyo_token_store": {"type": "file", "path": str(site.folder / "store" / f"ws{number}.json")},
    }


def _judge(verdict: Verdict, sandbox: Sandbox, store: Path, seed: t.Any, texts: list[str]) -> None:
    state, host = sandbox.state(), sandbox.host
    owners = {one["application_id"] for one in state["service_principals"] if one["display_name"] == NAME}
    live = {one["token_id"] for one in state["tokens"] if one["owner"] in owners and one["live"]}
    known = {json.loads(store.read_text(encoding="utf-8"))["token_id"]} if store.exists() else set()
    verdict.wrong("duplicates", f"{host}: {len(owners)} principals", abs(len(owners) - 1))
    verdict.wrong("orphans", f"{host}: live {sorted(live)}, known {sorted(known)}", len(live ^ known))
    verdict.wrong("orphans", f"{host}: OAuth secrets", sum(one["owner"] in owners for one in state["oauth_secrets"]))
    verdict.wrong("bystanders", f"{host}: differ from the seed", state["bystanders"] != seed)
    found = leaks(host, *texts)
    verdict.wrong("secrets", f"{host}: {found}", len(found))
