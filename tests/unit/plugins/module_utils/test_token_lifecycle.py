# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token lifecycle under every interleaving of runs, deaths, expiries, revocations and jumps of the clock."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ansible_collections.lakeops.databricks.plugins.module_utils import _token_lifecycle as lifecycle
from ansible_collections.lakeops.databricks.plugins.module_utils._token_keeper import World, describe, keep
from ansible_collections.lakeops.databricks.plugins.module_utils._token_lifecycle import (
    DAY,
    Found,
    Known,
    Marker,
    Step,
    Token,
    Wishes,
    marker_in,
)

NOON = 20_000 * DAY + DAY / 2


class Died(BaseException):
    """kill -9"""


@dataclass
class Record:
    token_id: str
    created: float
    expiry: float | None
    generation: int
    predecessor: str | None


class Service(World):
    """A workspace and a store, reduced to what the lifecycle sees; dies before or after any deed."""

    def __init__(self) -> None:
        self.time = NOON
        self.tokens: dict[str, Token] = {}
        self.record: Record | None = None
        self.deeds = 0
        self.die_at: tuple[int, str] | None = None
        self.minted = 0
        self.harmed: list[str] = []
        self.confirmed_now = False
        self.all_may_go = False
        self.most_live = 0

    # -- what the run sees --------------------------------------------------------------------
    def now(self) -> float:
        return self.time

    def live(self) -> list[Token]:
        return [token for token in self.tokens.values() if token.alive(self.time)]

    def look(self) -> Found:
        record = self.record
        known = None
        if record:
            works = record.token_id in self.tokens and self.tokens[record.token_id].alive(self.time)
            if works:
                self.use(record.token_id)
            known = Known(record.token_id, record.created, record.expiry, record.generation, works, record.predecessor)
        return Found(tuple(self.live()), known)

    def use(self, token_id: str) -> None:
        self.tokens[token_id] = replace(self.tokens[token_id], last_used=self.time // DAY * DAY)

    # -- what the run does --------------------------------------------------------------------
    def _deed(self, when: str) -> None:
        if self.die_at == (self.deeds, when):
            raise Died
        self.deeds += when == "after"

    def mint(self, step: Step, wishes: Wishes) -> Token:
        self._deed("before")
        self.minted += 1
        marker = Marker("klaviyo", step.generation, f"{self.minted:016x}")
        token = Token(f"t{self.minted}", self.time, self.time + wishes.lifetime, marker)
        self.tokens[token.token_id] = token
        self.most_live = max(self.most_live, len(self.live()))
        self.use(token.token_id)
        self._deed("after")
        return self.tokens[token.token_id]

    def store(self, token: Token, predecessor: Token | None) -> None:
        self._deed("before")
        old = predecessor.token_id if predecessor else None
        self.record = Record(token.token_id, token.created, token.expiry, token.generation, old)
        self._deed("after")

    def revoke(self, token: Token) -> None:
        self._deed("before")
        self._judge(token)
        self.tokens.pop(token.token_id, None)
        self._deed("after")

    def clear(self) -> None:
        self._deed("before")
        self.record = None
        self._deed("after")

    def _judge(self, token: Token) -> None:
        """A usable token may go only when its successor works and somebody confirmed, or nobody used it for long."""
        if self.record is None or self.all_may_go:
            return
        if token.token_id == self.record.token_id:
            self.harmed.append(f"revoked the stored token {token.token_id}")
        if token.token_id == self.record.predecessor:
            stored = self.tokens.get(self.record.token_id)
            if stored is None or not stored.alive(self.time):
                self.harmed.append(f"revoked {token.token_id} without a working successor")
            minting_day = stored.created // DAY * DAY if stored else 0.0
            waited = self.time >= minting_day + 8 * DAY
            unused = waited and (token.last_used or 0) <= minting_day
            if not self.confirmed_now and not unused:
                self.harmed.append(f"revoked {token.token_id}, used since and not confirmed")


class Lives(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.service = Service()

    def _run(self, wishes: Wishes, die_at: tuple[int, str] | None = None) -> None:
        service = self.service
        service.deeds, service.die_at, service.confirmed_now = 0, die_at, wishes.confirmed
        stranded = self._stranded()
        try:
            keep(service, wishes, check=False)
        except Died:
            return
        finally:
            service.die_at = None
        live = {token.token_id for token in service.live()}
        assert not (stranded & live), "an orphan outlived a completed run"
        assert len(live) <= 2
        assert not (live - self._accounted()), "a live token that nothing accounts for"
        if wishes.state in ("present", "rotate"):
            assert service.record and service.record.token_id in live
        before = service.minted
        state = "present" if wishes.state == "rotate" else wishes.state
        again = keep(service, replace(wishes, state=state, confirmed=False), check=False)
        assert not again.steps and service.minted == before, "the second run changed something"

    def _stranded(self) -> set[str]:
        """Tokens whose value died with the run that made them: never stored."""
        return {token_id for token_id in self.service.tokens if token_id not in self.ever_stored()}

    def ever_stored(self) -> set[str]:
        self.stored = getattr(self, "stored", set())
        if self.service.record:
            self.stored.add(self.service.record.token_id)
        return self.stored

    def _accounted(self) -> set[str]:
        record = self.service.record
        if record is None:
            # A lost store: what somebody got out of it is left alone.
            return self.ever_stored()
        return {record.token_id, record.predecessor or ""}

    @rule(state=st.sampled_from(["present", "rotate", "revoke_superseded"]), confirmed=st.booleans())
    def run_to_the_end(self, state: str, confirmed: bool) -> None:
        self._run(Wishes(state=state, confirmed=confirmed))
        self.ever_stored()

    @rule(
        state=st.sampled_from(["present", "rotate", "revoke_superseded"]),
        confirmed=st.booleans(),
        deed=st.integers(0, 5),
        when=st.sampled_from(["before", "after"]),
    )
    def run_that_dies(self, state: str, confirmed: bool, deed: int, when: str) -> None:
        self._run(Wishes(state=state, confirmed=confirmed), (deed, when))
        self.ever_stored()

    @rule(days=st.sampled_from([0.01, 0.5, 1, 3, 8, 30, 80, 120]))
    def time_passes(self, days: float) -> None:
        self.service.time += days * DAY

    @rule(number=st.integers(0, 3))
    def the_partner_syncs(self, number: int) -> None:
        handed = [token.token_id for token in self.service.live() if token.token_id in self.ever_stored()]
        if handed:
            self.service.use(handed[number % len(handed)])

    @rule(number=st.integers(0, 3))
    def somebody_revokes(self, number: int) -> None:
        live = self.service.live()
        if live:
            del self.service.tokens[live[number % len(live)].token_id]

    @rule()
    def the_store_is_lost(self) -> None:
        self.ever_stored()
        self.service.record = None

    @rule()
    def everything_goes(self) -> None:
        self.service.all_may_go = True
        keep(self.service, Wishes(state="absent"), check=False)
        self.service.all_may_go = False
        assert self.service.live() == [] and self.service.record is None

    @invariant()
    def nobody_was_cut_off(self) -> None:
        assert self.service.harmed == []
        assert self.service.most_live <= 2, "more than one current and one superseded token"


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)


def test_400_days_with_a_person_who_confirms_late() -> None:
    service = Service()
    renewals = 0
    confirm_on = None
    for day in range(400):
        outcome = keep(service, Wishes(), check=False)
        if any(step.do == "mint" for step in outcome.steps):
            renewals += 1
            confirm_on = day + 5
        in_use = service.record.predecessor if confirm_on and service.record else None
        if in_use in service.tokens:
            service.use(in_use)
        service.confirmed_now = day == confirm_on
        if day == confirm_on:
            keep(service, Wishes(state="revoke_superseded", confirmed=True), check=False)
            assert len(service.live()) == 1
        assert service.record and service.tokens[service.record.token_id].alive(service.time)
        assert len(service.live()) <= 2
        service.time += DAY
    assert service.minted == renewals == 6
    assert service.most_live == 2 and service.harmed == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("deed", range(2))
def test_a_run_that_dies_anywhere_is_followed_by_one_live_stored_token(deed: int, when: str) -> None:
    service = Service()
    service.die_at = (deed, when)
    with pytest.raises(Died):
        keep(service, Wishes(), check=False)
    service.deeds, service.die_at = 0, None
    keep(service, Wishes(), check=False)
    assert [token.token_id for token in service.live()] == [service.record.token_id]


def test_check_mode_says_what_the_run_then_does() -> None:
    service = Service()
    for wishes in (Wishes(), Wishes(state="rotate"), Wishes(confirmed=True), Wishes(state="absent")):
        said = [step.do for step in keep(service, wishes, check=True).steps]
        before = dict(service.tokens)
        assert service.tokens == before
        assert said == [step.do for step in keep(service, wishes, check=False).steps] != []


def test_rotation_is_not_started_twice_and_confirming_never_starts_one() -> None:
    service = Service()
    keep(service, Wishes(), check=False)
    assert [step.do for step in keep(service, Wishes(state="rotate"), check=False).steps] == ["mint", "store"]
    assert keep(service, Wishes(state="rotate"), check=False).steps == []
    assert [step.do for step in keep(service, Wishes(state="rotate", confirmed=True), check=False).steps] == ["revoke"]
    assert keep(service, Wishes(state="rotate", confirmed=True), check=False).steps == []


def test_the_run_that_ends_a_rotation_does_not_begin_the_next() -> None:
    service = Service()
    keep(service, Wishes(), check=False)
    keep(service, Wishes(state="rotate"), check=False)
    service.time += 8 * DAY
    assert [step.do for step in keep(service, Wishes(state="rotate"), check=False).steps] == ["revoke"]
    assert [step.do for step in keep(service, Wishes(state="rotate"), check=False).steps] == ["mint", "store"]


def test_a_token_that_only_a_person_can_replace_is_kept_to_its_end_and_warned_about() -> None:
    token = Token("t1", NOON, NOON + 90 * DAY)
    found = Found((token,), Known("t1", NOON, NOON + 90 * DAY, 0, True), mintable=False)
    late = NOON + 80 * DAY
    assert lifecycle.next_step(found, Wishes(), late) is None
    assert any("only its owner" in said for said in lifecycle.warnings(found, Wishes(), late, str))
    assert lifecycle.warnings(found, Wishes(), NOON, str) == []
    assert lifecycle.next_step(found, Wishes(), NOON + 91 * DAY).do == "mint"


def test_grace_counts_from_the_end_of_the_minting_day_and_only_without_use() -> None:
    service = Service()
    keep(service, Wishes(), check=False)
    keep(service, Wishes(state="rotate"), check=False)

    def phase() -> str:
        return describe(service.look(), service.time)["phase"]

    service.time += 7 * DAY
    assert keep(service, Wishes(state="revoke_superseded"), check=False).steps == [] and phase() == "handover"
    service.use("t1")
    service.time += DAY
    assert keep(service, Wishes(state="revoke_superseded"), check=False).steps == []
    service.tokens["t1"] = replace(service.tokens["t1"], last_used=NOON // DAY * DAY)
    assert [step.do for step in keep(service, Wishes(state="revoke_superseded"), check=False).steps] == ["revoke"]
    assert phase() == "current"


def test_a_token_in_use_survives_the_loss_of_the_store() -> None:
    service = Service()
    keep(service, Wishes(), check=False)
    service.time += 3 * DAY
    service.use("t1")
    service.record = None
    keep(service, Wishes(), check=False)
    assert set(service.tokens) == {"t1", "t2"} and service.record.predecessor == "t1"


def test_a_lifetime_shortened_by_the_workspace_does_not_mint_on_every_run() -> None:
    known = Known("t1", NOON, NOON + 7 * DAY, 1, True)
    found = Found((Token("t1", NOON, NOON + 7 * DAY, Marker("klaviyo", 1, "0" * 16)),), known)
    assert lifecycle.next_step(found, Wishes(), NOON) is None
    assert lifecycle.next_step(found, Wishes(), NOON + 5 * DAY).do == "mint"
    assert "shorter" in lifecycle.warnings(found, Wishes(), NOON, str)[0]


def test_unmarked_tokens_are_never_revoked_and_endless_ones_are_kept() -> None:
    found = Found((Token("t1", NOON, None),), Known("t1", NOON, None, 0, True))
    assert lifecycle.next_step(found, Wishes(), NOON + 1000 * DAY) is None
    assert lifecycle.next_step(found, Wishes(state="absent"), NOON) == Step("clear")


@pytest.mark.parametrize(
    ("comment", "marker"),
    [
        ("klaviyo lakeops:g3:5f2c9d0a7b1e4c68", Marker("klaviyo", 3, "5f2c9d0a7b1e4c68")),
        (
            "for the shop  Klaviyo lakeops:G12:5F2C9D0A7B1E4C68 (do not touch)",
            Marker("Klaviyo", 12, "5f2c9d0a7b1e4c68"),
        ),
        ("klaviyo", None),
        ("my klaviyo token, made by hand", None),
        ("klaviyo lakeops:g3:", None),
        ("xlakeops:g3:5f2c9d0a7b1e4c68", None),
        (None, None),
    ],
)
def test_markers(comment: str | None, marker: Marker | None) -> None:
    assert marker_in(comment) == marker
    if marker:
        assert marker_in(str(marker)) == marker
