# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at every request of a minting whose store is tasks; the next play ends with one live token of ours, stored.

Ansible is what takes time here, so there is a workspace for each request, and one play for all of them: each host hangs
at its own request, and then everything is killed at once. Runs that left the same behind are continued once.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import Played, Site, start_site
from tests.support.sandbox import Sandbox
from tests.support.token_life import Life, kill_all_of, leaks, wait_until

MINT = "/api/2.0/token-management/on-behalf-of/tokens"
WORKSPACES = 22
LONG = 600_000  # milliseconds; nobody gives up before

GET = """---
- name: Look
  ansible.builtin.set_fact:
    klaviyo_store_record: "{{ lookup('ansible.builtin.file', where) if where is file else '' }}"
"""
PUT = """---
- name: Write
  ansible.builtin.copy:
    content: "{{ klaviyo_store_record }}"
    dest: "{{ where }}"
    mode: "0600"
"""


class Case:
    """One workspace, with a stranger that another store made, and how its run will die."""

    def __init__(self, site: Site, ready: dict[str, t.Any], number: int, python: str) -> None:
        self.sandbox = Sandbox(ready)
        self.name, self.store = f"ws{number}", site.folder / f"ws{number}.json"
        self.life = Life(self.sandbox, site.folder / f"other{number}")
        self.life.prepare()
        self.stranger = self.life.token()["token"]["token_id"]
        self.last = 0  # the request at which it hangs
        tasks = {name: str(site.folder / f"{name}.yml") for name in ("get", "put")}
        self.variables = {
            "ansible_connection": "local",
            # None of its modules runs when it is killed: all hosts hang at a request.
            "ansible_python_interpreter": python,
            "databricks_host": ready["host"],
            "databricks_token": ready["token"],
            "databricks_http_timeout": LONG // 1000,
            "klaviyo_catalog": ready["catalog"],
            "klaviyo_warehouse": ready["warehouse_id"],
            "klaviyo_unknown_tokens": "keep",
            "klaviyo_token_store": {"type": "tasks", **tasks},
            "where": str(self.store),
        }

    def requests(self) -> list[str]:
        return [f"{one['method']} {one['path']}" for one in self.sandbox.control("GET", "journal")["entries"]]

    def hang_at(self, number: int, lost: int | None = None) -> None:
        self.last = number
        self.sandbox.control("DELETE", "journal")
        faults: list[dict[str, t.Any]] = [{"nth": number, "delay_ms": LONG, "drop": "before"}]
        if lost:
            faults.append({"nth": lost, "drop": "after"})
        self.sandbox.control("POST", "faults", faults)

    def left(self) -> tuple[int, bool, int]:
        """How many tokens beside the stranger live, whether one is stored, and how many are announced."""
        text = self.store.read_text(encoding="utf-8") if self.store.exists() else "{}"
        record = json.loads(text)
        return len(self.life.live()) - 1, "token_id" in record, len(record.get("intents", []))

    def settled(self) -> None:
        record = json.loads(self.store.read_text(encoding="utf-8"))
        assert sorted(self.life.live()) == sorted([self.stranger, record["token_id"]])
        assert self.life.signs_in(record["token_value"]) and record["verified"]
        assert self.life.signs_in(self.life.record["token_value"]) and self.life.oauth_secrets() == []


@pytest.fixture
def site(tmp_path: Path) -> t.Iterator[Site]:
    with start_site(tmp_path, "--workspaces", str(WORKSPACES)) as started:
        for name, text in (("get", GET), ("put", PUT)):
            (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
        # The role reads its variables; role partner has the token.
        tasks = [
            {
                "name": f"Include {name}",
                "ansible.builtin.include_role": {
                    "name": f"lakeops.databricks.{role}",
                    "tasks_from": name,
                    "public": True,
                },
                "vars": given,
            }
            for role, name, given in (
                ("klaviyo", "inputs", {}),
                ("partner", "token", {"_partner_prefix": "klaviyo_"}),
            )
        ]
        # Free: no host waits for one that hangs.
        play = {"name": "Have tokens", "hosts": "all", "gather_facts": False, "strategy": "free", "tasks": tasks}
        (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
        yield started


def play(site: Site, cases: list[Case]) -> Played:
    hosts = {case.name: case.variables for case in cases}
    return site.play(str(site.folder / "play.yml"), "-f", "4", hosts=hosts).ok()


def play_until_all_hang(site: Site, cases: list[Case]) -> None:
    hosts = {case.name: case.variables for case in cases}
    run = site.start(str(site.folder / "play.yml"), "-f", str(len(cases)), hosts=hosts)

    def hanging(case: Case) -> bool:
        assert run.poll() is None, (site.folder / "started.log").read_text(encoding="utf-8")[-3000:]
        return len(case.requests()) >= case.last

    for case in cases:
        wait_until(lambda case=case: hanging(case), f"request {case.last} of {case.name}", seconds=200)
    kill_all_of(run.pid)
    run.wait(10)
    assert leaks(site.host, (site.folder / "started.log").read_text(encoding="utf-8")) == []


def test_the_next_run_ends_well(site: Site, python: str) -> None:
    cases = [Case(site, ready, number, python) for number, ready in enumerate(site.ready["workspaces"])]
    undisturbed = cases.pop()
    undisturbed.sandbox.control("DELETE", "journal")
    play(site, [undisturbed])
    requests = undisturbed.requests()
    undisturbed.settled()
    mint = requests.index(f"POST {MINT}") + 1
    assert requests.count(f"POST {MINT}") == 1 and len(requests) < len(cases)
    killed = cases[: len(requests) + 1]
    for number, case in enumerate(killed[:-1], 1):
        case.hang_at(number)
    # The token is made, and nobody hears of it; what the run does then comes to nothing as well.
    killed[-1].hang_at(mint + 1, lost=mint)
    play_until_all_hang(site, killed)
    left = {case.name: case.left() for case in killed}
    lost = left.pop(killed[-1].name)
    fates = list(left.values())
    nothing, announced, made, stored = (0, False, 0), (0, False, 1), (1, False, 1), (1, True, 0)
    assert lost == made and fates[mint - 1] == announced and fates[mint] == made
    assert fates == sorted(fates, key=[nothing, announced, made, stored].index)
    assert set(fates) == {nothing, announced, made, stored}
    # Of those that left the same the last one goes on; of a token that is not stored, both: one was told of it.
    going_on = [*dict(zip(fates, killed, strict=False)).values(), killed[-1]]
    assert len(going_on) == 5
    for case in going_on:
        case.sandbox.control("DELETE", "faults")
    play(site, going_on)
    for case in going_on:
        case.settled()
    assert play(site, going_on).changed == 0
