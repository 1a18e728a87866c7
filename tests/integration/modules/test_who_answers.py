# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers for an access is kept beside its token, in every kind of store, and no token is made for it."""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path

import pytest

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox
from tests.support.token_life import NAME, Life

PEOPLE = {"owner": "crm@example.com", "purpose": "Import", "ticket": "DATA-1", "review_by": "2027-03-31"}
SECRET = {"type": "databricks_secret", "scope": "people", "key": "token", "create_scope": True}


class Tasks:
    """A store of own tasks: what the module hands out is stored, until it hands out nothing more."""

    def __init__(self) -> None:
        self.text = ""

    def token(self, life: Life, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The last result, with what all rounds did, and the difference that the first one shows."""
        done: list[dict[str, t.Any]] = []
        diff: dict[str, t.Any] | None = None
        while True:
            result = life.attempt(check, store={"type": "tasks", "record": self.text}, **options)
            assert not result["failed"], result["msg"]
            done, diff = done + result["actions"], diff or result["diff"]
            if "store_write" not in result:
                return {**result, "actions": done, "changed": bool(done), "diff": diff}
            self.text = base64.b64decode(result["store_write"]).decode()


class Place:
    """A store that the module writes to by itself."""

    def __init__(self, store: dict[str, t.Any]) -> None:
        self.store = store

    def token(self, life: Life, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        result = life.attempt(check, store=self.store, **options)
        assert not result["failed"], result["msg"]
        return result


@pytest.fixture
def life(sandbox: Sandbox, tmp_path: Path) -> Life:
    made = Life(sandbox, tmp_path)
    made.prepare()
    return made


@pytest.mark.parametrize("kind", ["file", "databricks_secret", "tasks"])
def test_kept_changed_and_left_alone(life: Life, kind: str) -> None:
    stores = {"file": life.options["store"], "databricks_secret": SECRET}
    place = Tasks() if kind == "tasks" else Place(stores[kind])
    made = place.token(life)
    assert made["changed"] and made["token"]["people"] == {}
    assert not place.token(life, people={})["changed"], "an old record is as good"
    live = life.live()

    life.sandbox.control("DELETE", "journal")
    foretold = place.token(life, check=True, people=PEOPLE)
    assert [one["method"] for one in foretold["actions"]] == ["note"]
    assert foretold["actions"][0]["reason"] == "other owner, purpose, ticket, review_by"
    assert foretold["diff"]["after"] == {**foretold["diff"]["before"], "people": PEOPLE}
    assert foretold["token"]["people"] == PEOPLE
    assert [one for one in life.sandbox.control("GET", "journal")["entries"] if one["mutating"]] == []

    noted = place.token(life, people=PEOPLE)
    assert [one["method"] for one in noted["actions"]] == ["note"] and noted["token"]["people"] == PEOPLE
    assert life.live() == live, "a token was made for it"
    again = place.token(life, people=PEOPLE)
    assert not again["changed"] and again["token"]["people"] == PEOPLE
    silent = place.token(life)
    assert not silent["changed"] and silent["token"]["people"] == PEOPLE

    other = {**PEOPLE, "owner": "data@example.com"}
    changed = place.token(life, people={"owner": "data@example.com"})
    assert [one["reason"] for one in changed["actions"]] == ["other owner"] and changed["token"]["people"] == other
    assert changed["diff"]["before"]["people"] == PEOPLE and changed["diff"]["after"]["people"] == other
    rotated = place.token(life, state="rotate", people={"ticket": ""})
    del other["ticket"]
    assert "note" not in [one["method"] for one in rotated["actions"]], "the record was written anyhow"
    assert rotated["token"]["people"] == other and not place.token(life, people={"ticket": ""})["changed"]

    store = {"type": "tasks", "record": place.text} if isinstance(place, Tasks) else place.store
    assert life.do("token_info", principal=NAME, store=store)["token"]["people"] == other
    checked = life.do(
        "access_check",
        principal=NAME,
        token_store=store,
        warehouse=life.sandbox.warehouse_id,
        profile={
            "partner": "klaviyo",
            "catalog": "main",
            "schemas": [{"name": "main.default"}],
            "grants": [{"name": "main.default", "privileges": ["SELECT"]}],
        },
    )
    assert checked["people"] == other


def test_kept_with_the_first_token_in_as_many_writes(life: Life) -> None:
    methods = [one["method"] for one in life.token(people=PEOPLE)["actions"]]
    assert methods == ["announce", "mint", "store"] and life.record["people"] == PEOPLE
    gone = life.token(state="absent", people={**PEOPLE, "owner": "x"})
    assert "note" not in [one["method"] for one in gone["actions"]] and gone["token"]["people"] == {}


def test_a_record_that_holds_something_else_there_is_damaged(life: Life) -> None:
    life.token()
    life.store.write_text(json.dumps({**life.record, "people": ["Ada"]}), encoding="utf-8")
    failed = life.attempt()
    assert failed["failed"] and "people" in failed["msg"], failed


@pytest.mark.parametrize("said", ["soon", "31.03.2027", "2027-02-30", "2027-3-1"])
def test_a_review_is_due_by_a_day(life: Life, said: str) -> None:
    life.sandbox.control("DELETE", "journal")
    given = {**life.sandbox.connection, **life.options, "people": {"review_by": said}}
    failed = run_module("token", given)
    assert failed["msg"] == f"people.review_by: is '{said}'. Give a day as year-month-day, like 2027-03-31."
    assert [one for one in life.sandbox.control("GET", "journal")["entries"] if one["mutating"]] == []
