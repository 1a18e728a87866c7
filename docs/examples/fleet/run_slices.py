# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook over a fleet in slices, as AWX does, each by ansible-runner; then one table of all workspaces.

    python run_slices.py lakeops.databricks.klaviyo_setup -i databricks_workspaces.yml --slices 4 --forks 50

The exit status is 0 if every workspace was treated without a failure.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import ansible_runner

BIN = Path(sys.executable).parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("playbook", help="a file, or the name of one in a collection")
    parser.add_argument("-i", "--inventory", type=Path, required=True)
    parser.add_argument("--slices", type=int, default=4)
    parser.add_argument("--forks", type=int, default=50, help="of each slice")
    parser.add_argument("--result", default="klaviyo_result", help="what the role leaves")
    parser.add_argument("--jobs", type=Path, default=Path("jobs"), help="private data directories of ansible-runner")
    wishes = parser.parse_args()
    inventory, jobs = wishes.inventory.resolve(), wishes.jobs.resolve()
    hosts = hosts_of(inventory)
    if not hosts:
        print(f"{inventory} has no hosts.", file=sys.stderr)
        return 1
    slices = [hosts[number :: wishes.slices] for number in range(wishes.slices)]
    started = [
        start(jobs / f"slice-{number}", wishes.playbook, inventory, limit, wishes.forks)
        for number, limit in enumerate(slices, 1)
        if limit
    ]
    found: dict[str, t.Any] = {name: {} for name in hosts}
    failed = False
    for thread, runner in started:
        thread.join()
        failed = failed or runner.rc != 0
        found.update(results(runner.events, wishes.result))
    summary(jobs, found)
    return 1 if failed else 0


def hosts_of(inventory: Path) -> list[str]:
    listed = subprocess.run(
        [BIN / "ansible-inventory", "-i", inventory, "--list"], check=True, stdout=subprocess.PIPE, text=True
    )
    return sorted(json.loads(listed.stdout)["_meta"]["hostvars"])


def start(job: Path, playbook: str, inventory: Path, limit: list[str], forks: int) -> tuple[t.Any, t.Any]:
    shutil.rmtree(job, ignore_errors=True)
    (job / "project").mkdir(mode=0o700, parents=True)
    (job / "project" / "limit").write_text("\n".join(limit), encoding="utf-8")
    return ansible_runner.run_async(
        private_data_dir=str(job),
        ident="job",
        playbook=playbook,
        inventory=str(inventory),
        limit=f"@{job / 'project' / 'limit'}",
        forks=forks,
        quiet=True,
    )


def results(events: t.Iterable[dict[str, t.Any]], name: str) -> dict[str, t.Any]:
    """What set_stats has handed on for each host; ansible-runner's artifact_data has only what is of all hosts."""
    found = {}
    for event in events:
        data = event.get("event_data", {})
        if event["event"] not in ("runner_on_ok", "runner_item_on_ok") or "ansible_stats" not in data.get("res", {}):
            continue
        stats = data["res"]["ansible_stats"]["data"]
        if name in stats:
            # The filter wants hostvars, in which klaviyo_result is what it looks for.
            found[data["host"]] = {"klaviyo_result": stats[name]}
    return found


def summary(jobs: Path, found: dict[str, t.Any]) -> None:
    file = jobs / "results.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"fleet_results": found}), encoding="utf-8")
    playbook = Path(__file__).with_name("summary.yml")
    subprocess.run([BIN / "ansible-playbook", playbook, "-i", "localhost,", "-e", f"@{file}"], check=True)


if __name__ == "__main__":
    sys.exit(main())
