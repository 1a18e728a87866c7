# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several grants as one task: as module grant does them, read at once, told as one difference."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox, running_sandbox

ADA = "ada.analyst@example.com"
CATALOG, SCHEMA = ("catalog", "main"), ("schema", "main.analytics")


@pytest.fixture(scope="module")
def process() -> t.Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(process: Sandbox) -> Sandbox:
    process.reset()
    return process


def wish(*those: tuple[tuple[str, str], list[str] | None]) -> list[dict[str, t.Any]]:
    return [
        {"securable": kind, "name": name, **({} if privileges is None else {"privileges": privileges})}
        for (kind, name), privileges in those
    ]


BOTH = wish((CATALOG, ["USE CATALOG"]), (SCHEMA, ["USE SCHEMA", "SELECT"]))


def run(sandbox: Sandbox, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return run_module("access", {**sandbox.connection, "principal": ADA, "grants": BOTH, **options}, check=check)


def test_one_difference_and_nothing_the_second_time(sandbox: Sandbox) -> None:
    before = sandbox.state()["grants"]
    announced = run(sandbox, True)
    assert sandbox.state()["grants"] == before
    made = run(sandbox)
    assert made["diff"] == announced["diff"]
    assert made["diff"]["after"]["schema main.analytics"][-2:] == ["SELECT", "USE_SCHEMA"]
    assert [one["changed"] for one in made["grants"]] == [one["changed"] for one in announced["grants"]]
    assert len(made["sql"]) == 2 and made["warnings"] == announced["warnings"] == []
    with sandbox.recorded() as requests:
        again = run(sandbox)
    assert not again["changed"] and again["actions"] == []
    assert again["diff"]["before"] == again["diff"]["after"] == {} and again["sql"] == made["sql"]
    assert {request.split()[0] for request in requests} == {"GET"}
    assert sum("/permissions/" in request for request in requests) <= 4, "each is read once, in two pages"


def test_others_and_other_places_stay_and_all_of_it_can_go(sandbox: Sandbox) -> None:
    before = sandbox.state()["grants"]
    run(sandbox, purge=True)
    held = sandbox.state()["grants"]
    assert held["schema/main.analytics"][ADA] == ["SELECT", "USE_SCHEMA"]
    gone = run(sandbox, grants=wish((SCHEMA, None), (CATALOG, None)), purge=True, state="absent")
    assert [one["privileges"] for one in gone["grants"]] == [[], []]
    for place, after in sandbox.state()["grants"].items():
        assert {who: held for who, held in after.items() if who != ADA} == {
            who: held for who, held in before[place].items() if who != ADA
        }


def test_check_mode_before_anything_exists(sandbox: Sandbox) -> None:
    later = wish((CATALOG, ["USE CATALOG"]), (("schema", "main.later"), ["SELECT"]))
    done = run(sandbox, True, principal="comes-later", grants=later)
    assert done["changed"] and len(done["grants"]) == 2
    assert len(done["warnings"]) == len(set(done["warnings"])) == 1
    assert done["diff"]["before"] == {"catalog main": [], "schema main.later": []}


def test_the_way_in_that_the_task_gives_is_not_missing(sandbox: Sandbox) -> None:
    everybody = {"principal": "account users", "state": "absent"}
    run(sandbox, grants=wish((CATALOG, ["USE CATALOG"])), **everybody)
    run_module("service_principal", {**sandbox.connection, "name": "lonely"})
    announced = run(sandbox, True, principal="lonely")
    alone = run(sandbox, True, principal="lonely", grants=wish((SCHEMA, ["SELECT"])))
    assert announced["warnings"] == [] and "lonely has no USE_CATALOG" in alone["warnings"][0]


def test_a_failure_says_what_was_changed_before(sandbox: Sandbox) -> None:
    wrong = wish((CATALOG, ["BROWSE"]), (("schema", "main.nowhere"), ["SELECT"]), (SCHEMA, ["MODIFY"]))
    done = run(sandbox, grants=wrong)
    assert done["failed"] and done["error"]["code"] == "SCHEMA_DOES_NOT_EXIST"
    assert [one["object"] for one in done["error"]["actions"]] == [f"grant to {ADA} on catalog main"]
    assert "MODIFY" not in sandbox.state()["grants"]["schema/main.analytics"].get(ADA, [])


def test_the_legacy_metastore_and_unity_catalog_in_one_task(sandbox: Sandbox) -> None:
    legacy = {"catalog": "hive_metastore", "name": "legacy", "warehouse": sandbox.warehouse_id}
    run_module("schema", {**sandbox.connection, **legacy})
    there = ("schema", "hive_metastore.legacy")
    done = run(sandbox, grants=wish((CATALOG, ["USE CATALOG"]), (there, ["SELECT"])), warehouse=sandbox.warehouse_id)
    assert not done["failed"], done["msg"]
    assert done["grants"][1]["privileges"] == ["SELECT"]
