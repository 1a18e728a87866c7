# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token lifecycle under every interleaving of runs, deaths, expiries, revocations, lost stores and strangers."""

from __future__ import annotations

import copy
import typing as t
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._token import lifecycle
from ansible_collections.lakeops.databricks.plugins.module_utils._token.handover import handover, steps
from ansible_collections.lakeops.databricks.plugins.module_utils._token.lifecycle import (
    DAY,
    Found,
    Intent,
    Known,
    Marker,
    Predecessor,
    Token,
    Wishes,
    marker_in,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._token.run import Tokens, converge

NOON = 20_000 * DAY + DAY / 2


class Died(BaseException):
    """kill -9"""


@dataclass
class Record:
    """What one store holds."""

    store_id: str
    token_id: str = ""
    nonce: str = ""
    created: float = 0.0
    expiry: float | None = None
    generation: int = 0
    predecessors: tuple[Predecessor, ...] = ()
    intents: tuple[Intent, ...] = ()


@dataclass
class Service:
    """A workspace, reduced to what the lifecycle sees."""

    time: float = NOON
    tokens: dict[str, Token] = field(default_factory=dict)
    minted: int = 0
    refusing: set[str] = field(default_factory=set)  # listed alive, and refused

    def live(self) -> list[Token]:
        return [token for token in self.tokens.values() if token.alive(self.time)]

    def use(self, token_id: str) -> None:
        self.tokens[token_id] = replace(self.tokens[token_id], last_used=self.time // DAY * DAY)


class Keeper(Tokens):
    """One store of a workspace and a run with it; dies before or after any deed."""

    def __init__(self, service: Service | None = None, store_id: str = "aaaaaaaa") -> None:
        self.service = service or Service()
        self.store_id = store_id
        self.record: Record | None = None
        self.partner_uses_new: bool | None = None
        self.deeds = 0
        self.die_at: tuple[int, str] | None = None
        self.unwritable = False
        self.revoked: list[tuple[str, str]] = []

    # -- what the run sees --------------------------------------------------------------------
    def now(self) -> float:
        return self.service.time

    def read(self) -> Found:
        record, tokens = self.record, self.service.tokens
        known = None
        if record and record.token_id:
            works = record.token_id in tokens and tokens[record.token_id].alive(self.now())
            works = works and record.token_id not in self.service.refusing
            if works:
                self.service.use(record.token_id)
            known = Known(
                record.token_id,
                record.created,
                record.expiry,
                record.generation,
                works,
                record.predecessors,
                record.nonce,
            )
        intents = record.intents if record else ()
        return Found(tuple(self.service.live()), known, intents, partner_uses_new=self.partner_uses_new)

    # -- what the run does --------------------------------------------------------------------
    def _deed(self, when: str) -> None:
        if self.die_at == (self.deeds, when):
            raise Died
        self.deeds += when == "after"

    def _write(self, **changed: t.Any) -> None:
        self._deed("before")
        if self.unwritable:
            raise Failure("disk full", code="STORE")
        self.record = replace(self.record or Record(self.store_id), **changed)
        self._deed("after")

    def announce(self, generation: int) -> Intent:
        intent = Intent(f"{self.store_id}{self.service.minted:08x}", generation, self.now())
        self._write(intents=((*self.record.intents, intent) if self.record else (intent,)))
        return intent

    def mint(self, intent: Intent, wishes: Wishes) -> Token:
        self._deed("before")
        service = self.service
        service.minted += 1
        marker = Marker("klaviyo", intent.generation, intent.nonce, self.store_id)
        token = Token(f"t{service.minted}", self.now(), self.now() + wishes.lifetime, marker)
        service.tokens[token.token_id] = token
        service.use(token.token_id)
        self._deed("after")
        return service.tokens[token.token_id]

    def store_token(self, token: Token, predecessors: tuple[Predecessor, ...]) -> None:
        nonce = token.marker.nonce if token.marker else ""
        left = tuple(one for one in (self.record.intents if self.record else ()) if one.nonce != nonce)
        self._write(
            token_id=token.token_id,
            nonce=nonce,
            created=token.created,
            expiry=token.expiry,
            generation=token.generation,
            predecessors=predecessors,
            intents=left,
        )

    def settle(self, predecessors: tuple[Predecessor, ...]) -> None:
        self._write(predecessors=predecessors)

    def revoke(self, token: Token, why: str) -> None:
        self._deed("before")
        self.revoked.append((token.token_id, why))
        self.service.tokens.pop(token.token_id, None)
        self._deed("after")

    def clear(self) -> None:
        self._deed("before")
        self.record = None
        self._deed("after")

    def stop(self, found: Found, code: str) -> Refused:
        return Refused(code, code=code)

    # -- shorthand ----------------------------------------------------------------------------
    def run(self, state: str = "present", *, check: bool = False, **wishes: t.Any) -> list[str]:
        return [step.do for step in converge(self, Wishes(state=state, **wishes), check=check).steps]

    def dies(self, deed: int, when: str, state: str = "present", **wishes: t.Any) -> None:
        self.deeds, self.die_at = 0, (deed, when)
        try:
            converge(self, Wishes(state=state, **wishes), check=False)
        except (Died, Refused):
            pass
        finally:
            self.deeds, self.die_at = 0, None

    def refused(self, state: str = "present", **wishes: t.Any) -> str:
        with pytest.raises(Refused) as stopped:
            converge(self, Wishes(state=state, **wishes), check=False)
        return stopped.value.code

    @property
    def live(self) -> list[str]:
        return sorted(token.token_id for token in self.service.live())

    @property
    def phase(self) -> str:
        return lifecycle.phase(self.read(), self.now())


MINTED = ["announce", "mint", "store"]
STATES = st.sampled_from(["present", "rotate", "revoke_superseded"])
UNKNOWN = st.sampled_from(["refuse", "keep", "replace"])


class Lives(RuleBasedStateMachine):
    """Two controllers with a store each, which are lost and put back from copies, and a partner who uses what it has.

    A token may go only by the word of a person who was told of it, or because no store ever held it.
    """

    @initialize()
    def start(self) -> None:
        self.service = Service()
        self.stores = [Keeper(self.service, "aaaaaaaa"), Keeper(self.service, "bbbbbbbb")]
        self.copies: list[Record | None] = [None, None]
        self.ever_stored: set[str] = set()
        self.may_go: set[str] = set()
        self.forgotten: set[str] = set()  # of a dead run, and the record that named it is gone, too

    def _run(self, number: int, wishes: Wishes, die_at: tuple[int, str] | None = None) -> None:
        store = self.stores[number]
        held = {store.record.token_id} if store.record and store.record.token_id else set()
        named = {one.token_id for one in store.record.predecessors} if store.record else set()
        if wishes.confirmed:
            self.may_go |= named - held
        before, store.revoked = set(store.live), []
        store.deeds, store.die_at = 0, die_at
        code = None
        try:
            converge(store, wishes, check=False)
        except Died:
            return
        except Refused as stopped:
            code = stopped.code
        finally:
            store.die_at = None
            self._remember(store)
            self._judge(store)
        live = set(store.live)
        if code == lifecycle.STRANGER:
            assert before - live <= {token_id for token_id, why in store.revoked if why == lifecycle.ORPHAN}
            assert live <= before, "it minted although it refused"
        if code:
            return
        mine = {token.token_id for token in self.service.live() if token.marker.store == store.store_id}
        assert not (mine - self.ever_stored - self.forgotten), "a token that a dead run left outlived a completed run"
        if wishes.state in ("present", "rotate"):
            assert store.record and store.record.token_id in live
        minted = self.service.minted
        state = "present" if wishes.state == "rotate" else wishes.state
        again = converge(store, replace(wishes, state=state, confirmed=False), check=False)
        assert not again.steps and self.service.minted == minted, "the second run changed something"

    def _remember(self, store: Keeper) -> None:
        if store.record and store.record.token_id:
            self.ever_stored.add(store.record.token_id)

    def _judge(self, store: Keeper) -> None:
        for token_id, _why in store.revoked:
            assert token_id in self.may_go or token_id not in self.ever_stored, f"{token_id} was cut off"
            stored = store.record and store.record.token_id in self.service.tokens
            assert token_id not in self.ever_stored or stored, f"{token_id} went without a working successor"

    @rule(number=st.integers(0, 1), state=STATES, confirmed=st.booleans(), unknown=UNKNOWN)
    def run_to_the_end(self, number: int, state: str, confirmed: bool, unknown: str) -> None:
        self._run(number, Wishes(state=state, confirmed=confirmed, unknown=unknown))

    @rule(
        number=st.integers(0, 1),
        state=STATES,
        confirmed=st.booleans(),
        unknown=UNKNOWN,
        deed=st.integers(0, 6),
        when=st.sampled_from(["before", "after"]),
    )
    def run_that_dies(self, number: int, state: str, confirmed: bool, unknown: str, deed: int, when: str) -> None:
        self._run(number, Wishes(state=state, confirmed=confirmed, unknown=unknown), (deed, when))

    @rule(days=st.sampled_from([0.01, 0.5, 1, 3, 8, 30, 80, 120]))
    def time_passes(self, days: float) -> None:
        self.service.time += days * DAY

    @rule(number=st.integers(0, 3))
    def the_partner_syncs(self, number: int) -> None:
        handed = [token.token_id for token in self.service.live() if token.token_id in self.ever_stored]
        if handed:
            self.service.use(handed[number % len(handed)])

    @rule(number=st.integers(0, 3))
    def somebody_revokes(self, number: int) -> None:
        live = self.service.live()
        if live:
            del self.service.tokens[live[number % len(live)].token_id]

    @rule(number=st.integers(0, 3), refused=st.booleans())
    def the_workspace_refuses_what_it_lists(self, number: int, refused: bool) -> None:
        live = self.service.live()
        self.service.refusing = {live[number % len(live)].token_id} if live and refused else set()

    def _forget(self, store: Keeper) -> None:
        mine = {token.token_id for token in self.service.live() if token.marker.store == store.store_id}
        self.forgotten |= mine - self.ever_stored

    @rule(number=st.integers(0, 1))
    def the_store_is_lost(self, number: int) -> None:
        self._forget(self.stores[number])
        self.stores[number].record = None

    @rule(number=st.integers(0, 1))
    def the_store_is_copied(self, number: int) -> None:
        # A copy made in the middle of a minting, and put back after it, is the one thing that nobody can tell.
        record = self.stores[number].record
        if record and not record.intents:
            self.copies[number] = copy.deepcopy(record)

    @rule(number=st.integers(0, 1))
    def the_copy_is_put_back(self, number: int) -> None:
        self._forget(self.stores[number])
        self.stores[number].record = copy.deepcopy(self.copies[number])
        self._remember(self.stores[number])

    @rule(number=st.integers(0, 1))
    def everything_of_a_store_goes(self, number: int) -> None:
        store = self.stores[number]
        others = set(store.live) - lifecycle._held(store.read())
        orphaned = {token.token_id for token in lifecycle.orphans(store.read(), store.now())}
        converge(store, Wishes(state="absent"), check=False)
        assert set(store.live) == others - orphaned and store.record is None, "strangers stay, the rest goes"

    @invariant()
    def nobody_but_a_person_makes_many(self) -> None:
        assert all(token.marker for token in self.service.tokens.values())


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


def test_400_days_with_a_person_who_confirms_late() -> None:
    store = Keeper()
    renewals, confirm_on = 0, None
    for day in range(400):
        if "mint" in store.run():
            renewals += 1
            confirm_on = day + 5
        if day == confirm_on:
            store.run("revoke_superseded", confirmed=True)
            assert len(store.live) == 1
        assert store.record and store.record.token_id in store.live and len(store.live) <= 2
        store.service.time += DAY
    assert store.service.minted == renewals == 7


def test_400_days_with_a_person_who_forgets() -> None:
    """On no day ends what the partner uses without a day before on which the run was loud."""
    store, in_use, heard = Keeper(), "t1", ["note"]
    for day in range(400):
        store.run()
        waiting = handover(store.read(), store.now())
        heard.append(waiting.level if waiting else "")
        if in_use not in store.live:
            assert heard[-2] == "broken", f"on day {day} the partner was cut off without a word"
            # Only now the person wakes up.
            in_use = store.record.token_id
            store.run("revoke_superseded", confirmed=True)
            assert handover(store.read(), store.now()) is None
        assert all(why == "replaced" for _token, why in store.revoked)
        store.service.time += DAY
    assert {"note", "warn", "broken"} <= set(heard)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("deed", range(3))
@pytest.mark.parametrize("state", ["present", "rotate"])
def test_a_run_that_dies_anywhere_leaves_nothing_behind(state: str, deed: int, when: str) -> None:
    store, stranger = Keeper(), Keeper(store_id="bbbbbbbb")
    stranger.service = store.service
    if state == "rotate":
        store.run()
    stranger.run(unknown="keep")
    others = set(stranger.live) - ({store.record.token_id} if store.record else set())
    before = len(store.live)
    store.dies(deed, when, state, unknown="keep")
    store.run(state, unknown="keep")
    assert len(store.live) == before + 1 and others <= set(store.live)
    assert store.record.token_id in store.live and store.read().known.works
    assert store.run(unknown="keep") == []


def test_check_mode_says_what_the_run_then_does() -> None:
    store = Keeper()
    for state, confirmed in (("present", False), ("rotate", False), ("present", True), ("absent", False)):
        before = dict(store.service.tokens)
        said = store.run(state, check=True, confirmed=confirmed)
        assert store.service.tokens == before
        assert said == store.run(state, confirmed=confirmed) != []


def test_rotation_is_not_started_twice_and_confirming_never_starts_one() -> None:
    store = Keeper()
    store.run()
    assert store.run("rotate") == MINTED
    assert store.run("rotate") == []
    assert store.run("rotate", confirmed=True) == ["settle", "revoke"]
    assert store.run("rotate", confirmed=True) == []


def test_the_run_that_ends_a_rotation_does_not_begin_the_next() -> None:
    store = Keeper()
    store.run()
    store.run("rotate")
    store.service.time += 15 * DAY
    store.partner_uses_new = True
    assert store.run("rotate") == ["settle", "revoke"]
    assert store.run("rotate") == MINTED


def test_a_rotation_that_was_asked_for_is_made_although_somebody_revoked_the_old_token() -> None:
    store = Keeper()
    store.run()
    store.run("rotate")
    del store.service.tokens["t1"]
    assert store.run("rotate") == ["settle", *MINTED] and store.live == ["t2", "t3"]


@pytest.mark.parametrize("deed", [0, 1])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_a_person_confirmed_need_not_be_said_again(deed: int, when: str) -> None:
    store = Keeper()
    store.run()
    store.run("rotate")
    store.dies(deed, when, "revoke_superseded", confirmed=True)
    store.run("revoke_superseded", confirmed=(deed, when) == (0, "before"))
    assert store.live == ["t2"] and handover(store.read(), store.now()) is None


def test_a_token_that_only_a_person_can_replace_is_kept_to_its_end_and_warned_about() -> None:
    token = Token("t1", NOON, NOON + 90 * DAY)
    found = Found((token,), Known("t1", NOON, NOON + 90 * DAY, 0, True), mintable=False)
    late = NOON + 80 * DAY
    assert lifecycle.next_step(found, Wishes(), late) is None
    assert any("only its owner" in said for said in lifecycle.warnings(found, Wishes(), late, str))
    assert lifecycle.warnings(found, Wishes(), NOON, str) == []
    assert lifecycle.next_step(found, Wishes(), NOON + 91 * DAY).do == "announce"


@pytest.mark.parametrize("uses_new", [None, False, True])
def test_grace_ends_only_with_proof_that_the_partner_uses_the_successor(uses_new: bool | None) -> None:
    store = Keeper()
    store.run()
    store.run("rotate")
    store.partner_uses_new = uses_new
    store.service.time += 14 * DAY
    assert store.run("revoke_superseded") == [] and store.phase == "handover"
    store.service.time += DAY
    store.service.use("t1")
    assert store.run("revoke_superseded") == [], "it was used since"
    store.service.tokens["t1"] = replace(store.service.tokens["t1"], last_used=NOON // DAY * DAY)
    found = store.read()
    said = [one for one in lifecycle.warnings(found, Wishes(), store.now(), str) if "grace period" in one]
    assert len(said) == (0 if uses_new else 1)
    assert store.run("revoke_superseded") == (["settle", "revoke"] if uses_new else [])
    assert store.phase == ("current" if uses_new else "handover")


def test_without_proof_a_replaced_token_ends_by_itself_and_the_next_is_made_in_time() -> None:
    store = Keeper()
    store.run()
    store.service.time += 60 * DAY
    assert store.run() == MINTED
    store.service.time += 30 * DAY
    assert store.run() == [] and store.live == ["t2"] and store.revoked == []
    assert handover(store.read(), store.now()).level == "broken", "nobody said that the partner has the new one"
    store.service.time += 30 * DAY
    assert store.run() == MINTED
    assert handover(store.read(), store.now()).predecessor == "t1"
    store.run("revoke_superseded", confirmed=True)
    assert handover(store.read(), store.now()) is None and store.live == ["t3"]


@pytest.mark.parametrize("state", ["present", "rotate"])
@pytest.mark.parametrize("used", [False, True])
def test_a_lost_store_cuts_nobody_off(state: str, used: bool) -> None:
    store = Keeper()
    store.run()
    store.record = None
    if used:
        store.service.time += 3 * DAY
        store.service.use("t1")
    assert store.refused(state) == lifecycle.STRANGER and store.live == ["t1"]
    assert store.record is None, "nothing was announced either"
    assert store.run(state, unknown="replace") == MINTED and store.live == ["t1", "t2"] and store.phase == "handover"
    assert store.run() == [], "once it is a predecessor it is in nobody's way"
    assert store.run("revoke_superseded", confirmed=True) == ["settle", "revoke"] and store.live == ["t2"]


def test_keep_leaves_a_stranger_alone_and_makes_another_one_beside_it() -> None:
    one, other = Keeper(), Keeper(store_id="bbbbbbbb")
    other.service = one.service
    one.run()
    assert other.run(unknown="keep") == MINTED and other.phase == "current"
    assert one.run() == other.run() == [], "what works needs nothing from strangers"
    assert other.run("revoke_superseded", confirmed=True) == [] and other.live == ["t1", "t2"]
    assert one.refused("rotate") == lifecycle.STRANGER
    one.service.time += 70 * DAY
    assert one.refused() == lifecycle.STRANGER, "now it needs another one"
    assert other.run("absent") == ["revoke", "clear"] and other.live == ["t1"]


def test_replace_takes_several_strangers_over_and_a_later_word_ends_them() -> None:
    one, others = Keeper(), [Keeper(store_id="bbbbbbbb"), Keeper(store_id="cccccccc")]
    for other in others:
        other.service = one.service
        other.run(unknown="keep")
    one.run(unknown="keep")
    assert one.run("revoke_superseded", unknown="replace") == [], "that only ends what was begun"
    # What works is kept; who says that it replaces the others has to confirm in a run of its own.
    assert one.run(unknown="replace", confirmed=True) == ["settle"] and one.live == ["t1", "t2", "t3"]
    assert one.phase == "handover" and one.run(unknown="replace") == []
    assert one.run("revoke_superseded", confirmed=True, unknown="replace") == ["settle", "revoke", "revoke"]
    assert one.live == ["t3"] and one.phase == "current"


def test_a_token_that_a_dead_run_left_is_known_by_its_nonce() -> None:
    store = Keeper()
    store.dies(1, "after")
    assert store.live == ["t1"]
    assert store.run() == ["revoke", *MINTED] and store.live == ["t2"]
    assert store.revoked == [("t1", lifecycle.ORPHAN)]


def test_one_that_was_used_on_a_later_day_was_handed_over_whatever_the_record_says() -> None:
    store = Keeper()
    store.run()
    old = copy.deepcopy(store.record)
    store.dies(1, "after", "rotate")
    store.service.time += 2 * DAY
    store.service.use("t2")
    assert store.refused("rotate") == lifecycle.STRANGER and store.live == ["t1", "t2"]
    assert old.token_id == store.record.token_id


def test_a_second_token_of_the_same_request_is_no_stranger() -> None:
    store = Keeper()
    store.run()
    late = replace(store.service.tokens["t1"], token_id="late", last_used=None)
    store.service.tokens["late"] = late
    assert store.run() == ["revoke"] and store.live == ["t1"]


@pytest.mark.parametrize(("after", "ours"), [(3_600, True), (3_601, False), (None, False)])
def test_a_copied_comment_makes_no_token_ours(after: int | None, ours: bool) -> None:
    """Nor does one of which nobody knows when it was made."""
    store = Keeper()
    store.run()
    known = store.service.tokens["t1"]
    created = 0.0 if after is None else known.created + after
    other = replace(known, token_id="other", created=created, last_used=None)
    store.service.tokens["other"] = other
    store.service.time = max(created, store.service.time)
    found = store.read()
    expected = ((other,), ()) if ours else ((), (other,))
    assert (lifecycle.orphans(found, store.now()), lifecycle.strangers(found, store.now())) == expected


@pytest.mark.parametrize("state", ["present", "rotate", "revoke_superseded"])
@pytest.mark.parametrize("confirmed", [False, True])
def test_what_is_listed_alive_and_refused_stops_everything(state: str, confirmed: bool) -> None:
    store = Keeper()
    store.run()
    store.run("rotate")
    store.service.refusing = {"t2"}
    assert store.refused(state, confirmed=confirmed) == lifecycle.REFUSED
    assert store.refused(state, confirmed=confirmed, unknown="keep") == lifecycle.REFUSED
    assert store.live == ["t1", "t2"] and store.revoked == []


def test_replace_makes_a_successor_of_a_stored_token_that_is_refused() -> None:
    store = Keeper()
    store.run()
    store.run("rotate")
    store.service.refusing = {"t2"}
    assert store.run(unknown="replace") == MINTED and store.live == ["t1", "t2", "t3"]
    assert store.run("revoke_superseded", confirmed=True)[0] == "settle" and store.live == ["t3"]


def test_a_word_without_a_proven_token_revokes_nothing() -> None:
    store = Keeper()
    assert store.refused("revoke_superseded", confirmed=True) == lifecycle.NOT_PROVEN
    store.run()
    store.run("rotate")
    del store.service.tokens["t2"]
    assert store.refused("revoke_superseded", confirmed=True) == lifecycle.NOT_PROVEN
    assert store.run("revoke_superseded") == [] and store.live == ["t1"]
    # Gone is gone: another one is made, and what the partner may be using stays.
    assert store.run() == MINTED and store.live == ["t1", "t3"] and store.phase == "handover"


def test_a_token_that_could_not_be_stored_goes_in_the_same_run() -> None:
    store = Keeper()
    store.run()

    class Full(Keeper):
        def store_token(self, token: Token, predecessors: tuple[Predecessor, ...]) -> None:
            raise Failure("disk full", code="STORE")

    full = Full(store.service)
    full.record = store.record
    with pytest.raises(Failure, match="disk full The token t2 that was made for it was revoked again"):
        full.run("rotate")
    assert full.live == ["t1"]
    store.unwritable = True
    with pytest.raises(Failure, match="disk full"):
        store.run("rotate")
    assert store.live == ["t1"] and store.service.minted == 2, "the store is tried before a token is made"


def test_a_lifetime_shortened_by_the_workspace_does_not_mint_on_every_run() -> None:
    known = Known("t1", NOON, NOON + 9 * DAY, 1, True)
    found = Found((Token("t1", NOON, NOON + 9 * DAY, Marker("klaviyo", 1, "0" * 16)),), known)
    assert lifecycle.next_step(found, Wishes(), NOON + 5.9 * DAY) is None
    assert lifecycle.next_step(found, Wishes(), NOON + 6 * DAY).do == "announce"


@pytest.mark.parametrize(("left", "works"), [(59.0, False), (60.0, False), (61.0, True)])
def test_the_last_minute_of_a_token_is_none(left: float, works: bool) -> None:
    """The service refuses a token before its end ("Token is expiring within 30 seconds")."""
    known = Known("t1", NOON - DAY, NOON + left, 1, True)
    listed = Token("t1", NOON - DAY, NOON + left, Marker("klaviyo", 1, "1" * 16))
    found = Found((listed,), known)
    assert lifecycle.usable(found, NOON) is works
    # That it is refused then is no riddle, and another one is made.
    refused = replace(found, known=replace(known, works=False))
    assert lifecycle.refused(refused, NOON) is works
    # Nobody revoked what ends anyway; it may be in use, and what replaces it says so.
    gone = replace(found, tokens=())
    assert lifecycle._somebody_revoked(gone, Predecessor("t1", NOON + left), NOON) is works
    kept = lifecycle._replaced(replace(gone, known=replace(known, works=False)), Wishes(), NOON)
    assert [one.token_id for one in kept] == ([] if works else ["t1"])


def test_unmarked_tokens_are_never_revoked_and_endless_ones_are_kept() -> None:
    found = Found((Token("t1", NOON, None),), Known("t1", NOON, None, 0, True))
    assert lifecycle.next_step(found, Wishes(), NOON + 1000 * DAY) is None
    assert lifecycle.next_step(found, Wishes(state="absent"), NOON).do == "clear"


@pytest.mark.parametrize(
    ("left", "level", "words"),
    [
        (30, "note", "in 30 day(s)"),
        (8, "note", "in 8 day(s)"),
        (7, "warn", "in 7 day(s)"),
        (1.1, "warn", "in 1 day(s)"),
        (1, "broken", "in 1 day(s)"),
        (-2, "broken", "cut off"),
    ],
)
def test_a_renewal_that_nobody_carried_over_gets_louder(left: float, level: str, words: str) -> None:
    end = NOON + left * DAY
    old = Token("t1", NOON - 60 * DAY, end, Marker("klaviyo", 1, "1" * 16))
    new = Token("t2", NOON, NOON + 90 * DAY, Marker("klaviyo", 2, "2" * 16))
    known = Known("t2", NOON, NOON + 90 * DAY, 2, True, (Predecessor("t1", end),))
    tokens = (old, new) if left > 0 else (new,)
    waiting = handover(Found(tokens, known), NOON)
    assert (waiting.level, waiting.ends, waiting.days_left) == (level, end, left)
    said = " ".join(steps(waiting, "klaviyo", "the store", lambda at: f"<{at}>"))
    assert words in said and f"<{end}>" in said and "confirmed=true" in said and "klaviyo_rotate" in said
    assert "klaviyo" not in " ".join(steps(waiting, "other", "the store", str))
    proven = handover(Found(tokens, known, partner_uses_new=True), NOON)
    assert (proven.level if proven else None) == ("note" if left > 0 else None)
    confirmed = replace(known, predecessors=(Predecessor("t1", end, True),))
    assert handover(Found(tokens, confirmed), NOON) is None
    assert handover(Found(tokens, replace(known, works=False)), NOON) is None, "nobody is told to enter what fails"


def test_nothing_waits_after_somebody_revoked_the_replaced_token_and_endless_ones_only_get_a_note() -> None:
    new = Token("t2", NOON, NOON + 90 * DAY)
    known = Known("t2", NOON, NOON + 90 * DAY, 2, True, (Predecessor("t1", NOON + DAY),))
    assert handover(Found((new,), known), NOON) is None and handover(Found(), NOON) is None
    endless = handover(Found((new, Token("t1", 0.0)), known), NOON)
    assert (endless.level, endless.ends, endless.days_left) == ("note", None, None)
    assert "never ends" in " ".join(steps(endless, "klaviyo", "the store", str))


@pytest.mark.parametrize(
    ("comment", "marker"),
    [
        ("klaviyo lakeops:g3:5f2c9d0a7b1e4c68", Marker("klaviyo", 3, "5f2c9d0a7b1e4c68")),
        (
            "for the shop  Klaviyo lakeops:G12:5F2C9D0A7B1E4C68 (do not touch)",
            Marker("Klaviyo", 12, "5f2c9d0a7b1e4c68"),
        ),
        (
            "klaviyo lakeops:g3:5f2c9d0a7b1e4c68:s0D5A3F12",
            Marker("klaviyo", 3, "5f2c9d0a7b1e4c68", "0d5a3f12"),
        ),
        ("klaviyo lakeops:g3:5f2c9d0a7b1e4c68:s0d5", None),
        ("klaviyo lakeops:g3:5f2c9d0a7b1e4c68:x0d5a3f12", None),
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


def test_strangers_become_replaced_ones_in_place_of_one_that_somebody_revoked() -> None:
    """One step, and the next run has nothing to do."""
    new, stranger = (Token(name, NOON, NOON + 90 * DAY, Marker("klaviyo", 2, name * 8)) for name in ("t2", "t3"))
    known = Known("t2", NOON, NOON + 90 * DAY, 2, True, (Predecessor("t1", NOON + 30 * DAY),))
    found = Found((new, stranger), known)
    wishes = Wishes(unknown="replace")
    step = lifecycle.next_step(found, wishes, NOON)
    assert step and step.predecessors == (Predecessor("t3", NOON + 90 * DAY),)
    once = lifecycle.after(found, step)
    assert once.adopted and lifecycle.next_step(once, wishes, NOON) is None
    again = Found((new, stranger), once.known)
    assert lifecycle.next_step(again, wishes, NOON) is None
