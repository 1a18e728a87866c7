# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of everything that a module manages: made, changed, removed, each announced, done, and asked for again.

The numbers are requests: what a step needs and not one more. A statement of a SQL session counts as one.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.modules import schema
from tests.support.runs import Runs
from tests.support.sandbox import Sandbox

Options = dict[str, t.Any]
Result = dict[str, t.Any]

SQL, ACCESS = "databricks-sql-access", "workspace-access"
SOMEBODY = ("service_principal", {"name": "somebody", "entitlements": [SQL, ACCESS]})
MAY_USE_TOKENS = ("permission", {"object_type": "tokens", "principal": "<somebody>", "level": "CAN_USE"})


class Cost(t.NamedTuple):
    """Requests of each of the four runs of one wish."""

    announce: int
    do: int
    announce_again: int
    do_again: int


@dataclass(frozen=True)
class Life:
    """One row of the table. ``<somebody>`` stands for the application ID of a new service principal."""

    id: str
    module: str
    name: Options
    make: Options
    change: Options
    costs: tuple[Cost, Cost, Cost]  # of making, changing and removing
    remove: Options = field(default_factory=lambda: {"state": "absent"})
    needs: tuple[tuple[str, Options], ...] = ()
    unknown: frozenset[str] = frozenset()  # what check mode cannot know of the diff of a change: the service chooses it


TABLE = (
    Life(
        "schema",
        "schema",
        {"catalog": "main", "name": "New_One"},
        {"comment": "First", "properties": {"team": "data"}},
        {"comment": "Second", "properties": {"cost": "low"}},
        # Look; look, send, look again. Before it is dropped: what lies in it, of four kinds.
        (Cost(1, 3, 1, 1), Cost(1, 3, 1, 1), Cost(5, 7, 1, 1)),
    ),
    Life(
        "schema with an owner",
        "schema",
        {"catalog": "main", "name": "new-two"},
        {"owner": "data-platform"},
        {"owner": "Bob.Builder@example.com", "comment": "Second"},
        # The service takes an owner only in a request of its own.
        (Cost(1, 4, 1, 1), Cost(1, 4, 1, 1), Cost(5, 7, 1, 1)),
    ),
    Life(
        "schema of hive_metastore",
        "schema",
        {"catalog": "hive_metastore", "name": "new_three", "warehouse": "<warehouse>"},
        {"comment": "First"},
        {"comment": "Second"},
        # One more: the path of the warehouse. Only tables are looked for in it.
        (Cost(2, 4, 2, 2), Cost(2, 4, 2, 2), Cost(3, 5, 2, 2)),
    ),
    Life(
        "service principal",
        "service_principal",
        {"name": "Example One"},
        {"entitlements": [SQL]},
        {"entitlements": [SQL, ACCESS]},
        # Names are not unique, so after making one it looks whether another run made one, too. Removing asks who
        # the caller is, who must not remove itself.
        (Cost(1, 4, 1, 1), Cost(1, 3, 1, 1), Cost(2, 4, 1, 1)),
    ),
    Life(
        "service principal with exactly these entitlements, kept out",
        "service_principal",
        {"name": "example-two"},
        {"entitlements": [SQL]},
        {"entitlements": [ACCESS], "purge_entitlements": True, "active": False},
        # Removals are a request of their own: one that finds nothing to remove fails as a whole.
        (Cost(1, 4, 1, 1), Cost(2, 5, 1, 1), Cost(2, 4, 1, 1)),
    ),
    Life(
        "service principal by application id",
        "service_principal",
        {"application_id": "<somebody>"},
        {"name": "renamed"},
        {"entitlements": [], "purge_entitlements": True},
        (Cost(1, 3, 1, 1), Cost(1, 3, 1, 1), Cost(2, 4, 1, 1)),
        needs=(SOMEBODY,),
    ),
    Life(
        "user",
        "user",
        {"name": "Zoe@example.com"},
        {"display_name": "Zoe", "entitlements": [SQL]},
        {"active": False},
        (Cost(1, 3, 1, 1), Cost(2, 4, 1, 1), Cost(2, 4, 1, 1)),
    ),
    Life(
        "user of whom nothing is wished",
        "user",
        {"name": "yves@example.com"},
        {},
        {"active": False},
        (Cost(1, 3, 1, 1), Cost(2, 4, 1, 1), Cost(2, 4, 1, 1)),
    ),
    Life(
        "grant on a catalog",
        "grant",
        {"securable": "catalog", "name": "main", "principal": "<somebody>"},
        {"privileges": ["use catalog"]},
        {"privileges": ["BROWSE"]},
        (Cost(1, 3, 1, 1), Cost(1, 3, 1, 1), Cost(1, 3, 1, 1)),
        remove={"state": "absent", "purge": True},
        needs=(SOMEBODY,),
    ),
    Life(
        "grant on a schema",
        "grant",
        {"securable": "schema", "name": "MAIN.default", "principal": "<somebody>"},
        {"privileges": ["USE_SCHEMA", "SELECT"]},
        {"privileges": ["USE-SCHEMA"], "purge": True},
        # What is granted is of no use without the way in, so it looks at the catalog as well.
        (Cost(2, 4, 1, 1), Cost(2, 4, 1, 1), Cost(1, 3, 1, 1)),
        remove={"state": "absent", "privileges": ["USE SCHEMA"]},
        needs=(SOMEBODY,),
    ),
    Life(
        "grant to a name",
        "grant",
        {"securable": "catalog", "name": "main", "principal": "SOMEBODY"},
        {"privileges": ["ALL PRIVILEGES"]},
        {"privileges": ["MANAGE"]},
        # The name may be that of a service principal or of a group, and must not be that of both. Taking MANAGE away
        # asks who the caller is, who must not lose it.
        (Cost(3, 5, 3, 3), Cost(3, 5, 3, 3), Cost(4, 6, 3, 3)),
        remove={"state": "absent", "privileges": ["ALL PRIVILEGES", "MANAGE"]},
        needs=(SOMEBODY,),
    ),
    Life(
        "permission on a warehouse",
        "permission",
        {"object_type": "warehouse", "object": "<warehouse>", "principal": "<somebody>"},
        {"level": "CAN_USE"},
        {"level": "CAN_MONITOR"},
        # The list of entries is read once more right before it is sent without this one.
        (Cost(1, 3, 1, 1), Cost(1, 3, 1, 1), Cost(1, 4, 1, 1)),
        needs=(SOMEBODY,),
    ),
    Life(
        "permission on a warehouse, lowered",
        "permission",
        {"object_type": "warehouse", "object": "<warehouse>", "principal": "<somebody>"},
        {"level": "CAN_MANAGE"},
        {"level": "CAN_VIEW", "allow_lower": True},
        (Cost(1, 3, 1, 1), Cost(1, 3, 1, 1), Cost(1, 4, 1, 1)),
        needs=(SOMEBODY,),
    ),
    Life(
        "token",
        "token",
        {"principal": "<somebody>", "store": {"path": "<folder>/token.json"}},
        {"lifetime_days": 30, "comment": "for tests"},
        {"state": "rotate", "lifetime_days": 60},
        # Who is it, what lives, does the stored one work; is the owner active, what is allowed, make it, prove it.
        # As soon as one lives: who used it.
        (Cost(4, 6, 4, 4), Cost(6, 8, 4, 4), Cost(2, 4, 2, 2)),
        needs=(SOMEBODY, MAY_USE_TOKENS),
        unknown=frozenset({"token_id", "live_tokens", "expiry"}),
    ),
    Life(
        "token in a secret of the workspace",
        "token",
        {
            "principal": "<somebody>",
            "integration": "other",
            "store": {"type": "databricks_secret", "scope": "tokens", "key": "one", "create_scope": True},
        },
        {"scopes": ["sql", "scim"], "method": "on_behalf_of"},
        {"state": "rotate"},
        # The secret is written twice, first with what will be made. It is read before, and once more right before each
        # writing and right after; the scope is looked for, made, and asked who else may read it, who is not the caller.
        (Cost(5, 18, 5, 5), Cost(7, 19, 5, 5), Cost(3, 6, 3, 3)),
        needs=(SOMEBODY, MAY_USE_TOKENS),
        unknown=frozenset({"token_id", "live_tokens", "expiry"}),
    ),
)


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Runs:
    return Runs(sandbox, folder=str(tmp_path))


@pytest.mark.parametrize("life", TABLE, ids=lambda life: life.id)
def test_life(run: Runs, life: Life) -> None:
    bystanders = run.sandbox.state()["bystanders"]
    for module, options in life.needs:
        made = run(module, **options)
        if module == "service_principal":
            run.names["somebody"] = made["service_principal"]["application_id"]
    for wish, cost in zip((life.make, life.change, life.remove), life.costs, strict=True):
        spent: list[int] = []
        announced = step(run, life, wish, spent, check=True, changed=True)
        done = step(run, life, wish, spent, check=False, changed=True)
        compare(announced["diff"], done["diff"], life.unknown, made=wish is life.make)
        for check in (True, False):
            again = step(run, life, wish, spent, check=check, changed=False)
            assert again["diff"]["before"] == again["diff"]["after"] == {}
        assert Cost(*spent) == cost, f"{life.id}: {wish} sends another number of requests; the last were {run.sent}"
    assert run.sandbox.state()["bystanders"] == bystanders


def step(run: Runs, life: Life, wish: Options, spent: list[int], *, check: bool, changed: bool) -> Result:
    result = run(life.module, check=check, **life.name, **wish)
    assert result["changed"] is changed, (wish, check, result)
    spent.append(len(run.sent))
    return result


def compare(announced: Result, done: Result, unknown: t.Collection[str], *, made: bool) -> None:
    """What was announced is what was done; of something new the service chooses ids, owner and the like."""

    def known(side: Result) -> Result:
        return {name: value for name, value in side.items() if name not in unknown}

    assert announced["before"] == done["before"]
    assert announced["before"] != announced["after"], "the announcement shows nothing"
    if made:
        assert known(announced["after"]).items() <= done["after"].items()
    else:
        assert known(announced["after"]) == known(done["after"])


def test_every_writing_module_has_a_life() -> None:
    writing = {
        path.stem
        for path in Path(schema.__file__).parent.glob("*.py")
        if "import manage" in path.read_text(encoding="utf-8") or path.stem in ("permission", "token")
    }
    assert writing == {life.module for life in TABLE}
