# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desired and actual in, plan out; check mode does not apply it; what was done is read back."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.reconcile import (
    Managed,
    Plan,
    converge,
    plan,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry

STATES = st.none() | st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 2))


@given(desired=STATES, actual=st.none() | st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)))
def test_after_a_plan_there_is_nothing_left_to_do(desired: Json | None, actual: Json | None) -> None:
    first = plan(desired, actual)
    after = None if desired is None else first.after
    assert not plan(desired, after).changed
    assert first.changed == (first.action != "keep")


@pytest.mark.parametrize(
    ("desired", "actual", "action", "changes"),
    [
        (None, None, "keep", {}),
        (None, {"a": 1}, "delete", {}),
        ({"a": 1, "b": None}, None, "create", {"a": 1}),
        ({"a": 1}, {"a": 1, "b": 2}, "keep", {}),
        ({"a": 2, "b": None}, {"a": 1, "b": 2}, "update", {"a": 2}),
        ({"a": ""}, {"a": "x"}, "update", {"a": ""}),
        ({"a": []}, {"a": ["x"]}, "update", {"a": []}),
        ({"a": False}, {"a": True}, "update", {"a": False}),
        ({}, {}, "keep", {}),
    ],
)
def test_plans(desired: Json | None, actual: Json | None, action: str, changes: Json) -> None:
    todo = plan(desired, actual)
    assert (todo.action, todo.changes) == (action, changes)


class Thing(Managed):
    """An object that lives in the test."""

    label = "thing"
    managed = ("color", "size")
    immutable = ("size",)
    settle_seconds = 0.5

    def __init__(self, params: Json, actual: Json | None = None, lag: int = 0) -> None:
        super().__init__(t.cast("t.Any", None), {"state": "present", "color": None, "size": None, **params})
        self.actual, self.shown, self.lag, self.calls = actual, actual, lag, []
        self.fail: Failure | None = None

    @property
    def name(self) -> str:
        return "x"

    def read(self) -> Json | None:
        self.calls.append("read")
        if self.fail:
            raise self.fail
        if self.lag:
            self.lag -= 1
        else:
            self.shown = self.actual
        return self.shown

    def create(self, wanted: Json) -> None:
        self.calls.append(f"create {wanted}")
        self.actual = {"color": "red", "size": 1, **wanted}
        self.lag += 1

    def update(self, changes: Json) -> None:
        self.calls.append(f"update {changes}")
        self.actual = {**(self.actual or {}), **changes}
        self.lag += 1

    def delete(self) -> None:
        self.calls.append("delete")
        self.actual = None
        self.lag += 1

    def writes(self) -> list[str]:
        return [call for call in self.calls if call != "read"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_backoff", lambda attempt: 0.01)


@pytest.mark.parametrize("actual", [None, {"color": "blue", "size": 1}])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_check_mode_announces_exactly_what_the_run_then_does(state: str, actual: Json | None) -> None:
    params = {"state": state, "color": "green"}
    looked = Thing(params, actual)
    announced = converge(looked, check=True)
    assert looked.writes() == []
    thing = Thing(params, actual)
    done = converge(thing, check=False)
    assert (announced.action, announced.changes, announced.before) == (done.action, done.changes, done.before)
    assert set(announced.after.items()) <= set(done.after.items())
    again = Thing(params, thing.actual)
    assert not converge(again, check=False).changed and again.writes() == []


def test_a_change_that_shows_late_is_waited_for() -> None:
    thing = Thing({"color": "green"}, {"color": "red", "size": 1})
    assert converge(thing, check=False).after == {"color": "green", "size": 1}
    assert thing.calls == ["read", "update {'color': 'green'}", "read", "read"]


def test_a_change_that_never_shows_fails() -> None:
    class Deaf(Thing):
        def update(self, changes: Json) -> None:
            self.calls.append("update")

    with pytest.raises(Failure) as caught:
        converge(Deaf({"color": "green"}, {"color": "red"}), check=False)
    assert caught.value.code == "NOT_VISIBLE" and caught.value.retryable


def test_what_only_counts_on_creation_is_not_changed() -> None:
    thing = Thing({"size": 2}, {"color": "red", "size": 1})
    for check in (True, False):
        with pytest.raises(Refused, match="size can only be set on creation"):
            converge(thing, check=check)
    assert thing.writes() == []


def test_a_guard_is_asked_in_check_mode_too_and_before_anything_is_sent() -> None:
    class Guarded(Thing):
        def guard(self, plan: Plan) -> None:
            if plan.action == "delete":
                raise Refused("No.")

    for check in (True, False):
        thing = Guarded({"state": "absent"}, {"color": "red"})
        with pytest.raises(Refused):
            converge(thing, check=check)
        assert thing.writes() == []


def test_check_mode_predicts_on_what_an_earlier_task_makes() -> None:
    thing = Thing({"color": "green"})
    thing.fail = Failure("Nobody is called x.", code="PRINCIPAL_DOES_NOT_EXIST")
    assert converge(thing, check=True).action == "create"
    assert "earlier task" in thing.warnings[0]
    with pytest.raises(Failure):
        converge(thing, check=False)


def test_a_failure_of_another_kind_is_one_in_check_mode_too() -> None:
    thing = Thing({"color": "green"})
    thing.fail = Failure("No.", code="PERMISSION_DENIED")
    with pytest.raises(Failure):
        converge(thing, check=True)


def refusal() -> Failure:
    return Failure("Could not read thing x: no.", code="PERMISSION_DENIED", status=403)


@pytest.mark.parametrize("check", [True, False])
def test_what_may_not_be_seen_is_left_to_the_object_and_by_default_fails(check: bool) -> None:
    thing = Thing({"color": "red"}, {"color": "blue"})
    thing.fail = refusal()
    with pytest.raises(Failure) as caught:
        converge(thing, check=check)
    assert caught.value is thing.fail and thing.calls == ["read"]

    class Blind(Thing):
        def unseen(self, denied: Failure, *, check: bool) -> Plan:
            return Plan("update", after={"why": denied.code, "check": check})

    blind = Blind({"color": "red"}, {"color": "blue"})
    blind.fail = refusal()
    assert converge(blind, check=check).after == {"why": "PERMISSION_DENIED", "check": check}
    blind.fail = Failure("Could not read thing x: down.", code="UNREACHABLE")
    with pytest.raises(Failure, match="down"):
        converge(blind, check=check)


def test_what_turns_out_to_be_there_as_it_is_wished_is_no_change() -> None:
    class Made(Thing):
        def create(self, wanted: Json) -> bool:
            super().create(wanted)
            return False

    done = converge(Made({"color": "red"}), check=False)
    assert done.action == "keep" and done.before == done.after == {"color": "red", "size": 1}


def test_what_only_counts_on_creation_counts_on_creation() -> None:
    assert converge(Thing({"color": "red", "size": 1}), check=False).action == "create"


@pytest.mark.parametrize("check", [True, False])
def test_what_hangs_on_something_that_is_not_there_cannot_be_taken_away(check: bool) -> None:
    thing = Thing({"state": "absent"})
    thing.fail = Failure("No such schema.", code="SCHEMA_DOES_NOT_EXIST", status=404)
    with pytest.raises(Failure, match="No such schema"):
        converge(thing, check=check)
    assert thing.warnings == []


def test_check_mode_predicts_from_what_a_new_thing_begins_as() -> None:
    thing = Thing({"color": "red"})
    thing.nothing = {"color": "grey", "size": 0}
    thing.fail = Failure("No such schema.", code="SCHEMA_DOES_NOT_EXIST", status=404)
    done = converge(thing, check=True)
    assert (done.action, done.before) == ("update", {"color": "grey", "size": 0}) and len(thing.warnings) == 1


def test_a_kind_of_object_that_cannot_be_touched_in_a_way_says_so() -> None:
    class Fixed(Managed):
        label = "fixed"
        name = "x"

        def read(self) -> Json | None:
            return None

    fixed = Fixed(t.cast("t.Any", None), {"state": "present"})
    for touch in (lambda: fixed.create({}), lambda: fixed.update({}), fixed.delete):
        with pytest.raises(NotImplementedError):
            touch()
    assert fixed.result({"a": 1}) == {"fixed": {"a": 1}}
