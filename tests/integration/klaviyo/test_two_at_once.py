# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at the same moment: each ends well or says why not; one principal and one token, which the store knows."""

from __future__ import annotations

import concurrent.futures
import functools
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import Played, Site, start_site
from tests.support.modules import run_module
from tests.support.sandbox import Sandbox
from tests.support.token_life import FORK, NAME, Life, Run, files_below, leaks

ROUNDS = 20
CLEAR = ("another run", "Other runs", "at the same moment", "changed by somebody else", "is the name of 2")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("two")) as started:
        # By the environment: then no file of this folder holds it.
        del started.variables["databricks_token"]
        yield started


@pytest.fixture
def life(site: Site, tmp_path: Path) -> Life:
    return Life(Sandbox(site.ready), tmp_path)


def steps(life: Life, start: t.Any) -> list[dict[str, t.Any]]:
    """The tasks of klaviyo_setup that make something of which there must be one only; stops at the first failure."""
    tasks: list[tuple[str, dict[str, t.Any]]] = [
        ("service_principal", {"name": NAME, "entitlements": ["databricks-sql-access"]}),
        ("permission", {"object_type": "tokens", "level": "CAN_USE"}),
        (
            "grant",
            {"securable": "catalog", "name": life.sandbox.ready["workspace_catalog"], "privileges": ["USE_CATALOG"]},
        ),
        ("token", life.options),
    ]
    results: list[dict[str, t.Any]] = []
    start.wait(10)
    for module, options in tasks:
        # Like the role: whoever made it, from then on its application ID is meant.
        owner = {"principal": results[0]["service_principal"]["application_id"]} if results else {}
        results.append(run_module(module, {**life.sandbox.connection, **options, **owner}))
        if results[-1]["failed"]:
            break
    return results


def check_failure(result: dict[str, t.Any]) -> None:
    assert result["error"]["code"] not in ("FAILED", "UNEXPECTED"), result
    assert any(words in result["msg"] for words in CLEAR), f"not a clear message: {result['msg']}"


@pytest.mark.parametrize("number", range(ROUNDS))
def test_two_runs_of_the_tasks(life: Life, number: int) -> None:
    life.sandbox.reset()
    start = FORK.Barrier(2)
    runs = [Run(functools.partial(steps, life, start)) for _run in range(2)]
    both = [run.result() for run in runs]
    for results in both:
        for result in results:
            if result["failed"]:
                check_failure(result)
    assert any(not result["failed"] for results in both for result in results[-1:]), "neither run came to its end"
    life.settled()
    assert leaks(life.sandbox.host, str(both)) == []


@pytest.mark.parametrize("number", range(2))
def test_two_runs_of_the_playbook(site: Site, number: int) -> None:
    site.post("reset")
    env = {"DATABRICKS_TOKEN": site.ready["token"]}
    site.store.unlink(missing_ok=True)
    inventories = [Site(site.ready, site.folder / name, site.variables) for name in ("one", "two")]
    for one in inventories:
        one.folder.mkdir(exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        both: list[Played] = list(pool.map(lambda one: one.play("klaviyo_setup", "-vvvv", env=env), inventories))
    for played in both:
        assert played.status == 0 or any(words in played.output for words in CLEAR), played.output[-4000:]
    assert any(played.status == 0 for played in both)
    principals = [one for one in site.state["service_principals"] if one["display_name"] == NAME]
    assert len(principals) == 1
    live = [one for one in site.state["tokens"] if one["owner"] == principals[0]["application_id"] and one["live"]]
    assert [one["token_id"] for one in live] == [site.record["token_id"]]
    assert leaks(site.host, *(played.output for played in both), *files_below(site.folder, site.store)) == []
    assert site.play("klaviyo_setup", env=env).ok().changed == 0
