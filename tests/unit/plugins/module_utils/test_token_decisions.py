# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One decision in the life of a token at a time; what many runs come to is in test_token_lifecycle.py."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._token import lifecycle
from ansible_collections.lakeops.databricks.plugins.module_utils._token.lifecycle import (
    DAY,
    Found,
    Intent,
    Known,
    Marker,
    Predecessor,
    Step,
    Token,
    Wishes,
    next_step,
)

NOON = 20_000 * DAY + DAY / 2
TODAY = 20_000 * DAY
END = NOON + 90 * DAY
WISHES = Wishes()


def token(name: str = "t2", generation: int = 2, **more: t.Any) -> Token:
    given = {"created": NOON, "expiry": END, "marker": Marker("klaviyo", generation, name * 8)}
    return Token(name, **{**given, **more})


def known(name: str = "t2", *replaced: Predecessor, **more: t.Any) -> Known:
    given = {"created": NOON, "expiry": END, "generation": 2, "works": True, "nonce": name * 8}
    return Known(name, predecessors=replaced, **{**given, **more})


def holding(*others: Token, **more: t.Any) -> Found:
    """The store holds token t2; what else is listed is given."""
    return Found((token(), *others), **{"known": known(), **more})


OLD = token("t1", 1, created=NOON - 60 * DAY, expiry=NOON + 30 * DAY)
REPLACED = Predecessor("t1", NOON + 30 * DAY)
RENEWED = holding(OLD, known=known("t2", REPLACED))
# A person made it, so that it bears no marker.
BY_HAND = token("t1", marker=None)


def test_what_is_wished_where_nothing_is_said() -> None:
    """A token lives 90 days, is renewed 30 days before its end, and the one before it may be used for 14 more."""
    hour = 3600.0
    assert Wishes() == Wishes("present", 2160 * hour, 720 * hour, 336 * hour, False, "refuse")


# -- the next step ------------------------------------------------------------------------------
def test_the_first_token_is_announced_and_made_as_the_first() -> None:
    assert next_step(Found(), WISHES, NOON) == Step("announce", why="no usable token", generation=1)
    intent = Intent("00", 1, NOON)
    announced = Found(intents=(intent,), announced=intent)
    assert next_step(announced, WISHES, NOON) == Step("mint", why="no usable token", generation=1)


@pytest.mark.parametrize(
    ("found", "generation"),
    [
        (holding(token("t7", 7)), 8),
        (holding(known=known(generation=5)), 6),
        (holding(intents=(Intent("00", 4, NOON),)), 5),
        (Found((BY_HAND,), known("t1", generation=0, nonce=None)), 1),
    ],
)
def test_every_token_has_a_number_of_its_own(found: Found, generation: int) -> None:
    step = next_step(found, Wishes(state="rotate", unknown="keep"), NOON)
    assert step == Step("announce", why="rotation asked", generation=generation)


@pytest.mark.parametrize("changed", [{"intents": (Intent("00", 1, NOON),)}, {"known": known(works=False)}])
def test_the_record_goes_last_where_no_token_is_wanted(changed: dict[str, t.Any]) -> None:
    absent = Wishes(state="absent")
    assert next_step(Found(**changed), absent, NOON) == Step("clear")
    assert next_step(Found(), absent, NOON) is None
    assert next_step(Found((token(),), **{**changed, "known": known()}), absent, NOON) == Step(
        "revoke", token(), "no token is wanted"
    )


def test_what_is_confirmed_without_a_token_is_refused_and_what_is_not_is_left_alone() -> None:
    assert next_step(Found(), Wishes(state="revoke_superseded"), NOON) is None
    assert next_step(Found(), Wishes(state="revoke_superseded", confirmed=True), NOON) == Step(
        "stop", why=lifecycle.NOT_PROVEN
    )


@pytest.mark.parametrize(
    ("wishes", "found", "why"),
    [
        (Wishes(confirmed=True), RENEWED, "confirmed"),
        (
            WISHES,
            replace(RENEWED, partner_uses_new=True),
            "its grace period is over, the partner uses its successor",
        ),
        (WISHES, replace(RENEWED, tokens=(token(),)), "somebody revoked it"),
    ],
)
def test_why_a_replaced_token_is_settled(wishes: Wishes, found: Found, why: str) -> None:
    later = NOON + 15 * DAY
    step = next_step(found, wishes, later)
    left = () if why == "somebody revoked it" else (replace(REPLACED, confirmed=True),)
    assert step == Step("settle", why=why, predecessors=left)


def test_strangers_that_are_taken_over_are_settled_beside_those_before_them() -> None:
    stranger = token("t9", 1)
    found = replace(RENEWED, tokens=(*RENEWED.tokens, stranger))
    step = next_step(found, Wishes(unknown="replace"), NOON)
    assert step == Step(
        "settle", why="unknown tokens become replaced ones", predecessors=(REPLACED, Predecessor("t9", END))
    )


def test_a_token_that_was_made_by_hand_is_never_revoked() -> None:
    confirmed = Predecessor("t1", END, confirmed=True)
    found = holding(BY_HAND, known=known("t2", confirmed))
    assert next_step(found, Wishes(confirmed=True), NOON) is None
    assert lifecycle.phase(found, NOON) == "current", "its owner is not waited for"
    waiting = replace(found, known=known("t2", Predecessor("t1", END)))
    assert lifecycle.phase(waiting, NOON) == "handover"
    assert next_step(Found((BY_HAND,), known("t1")), Wishes(state="absent"), NOON) == Step("clear")
    (said,) = lifecycle.warnings(found, Wishes(confirmed=True), NOON, str)
    assert said.startswith("The replaced token t1 was not made here, so it is not revoked here.")
    assert lifecycle.warnings(found, WISHES, NOON, str) == []
    mine = Found((BY_HAND,), known("t1"))
    assert lifecycle.warnings(mine, Wishes(confirmed=True), NOON, str) == [], "it is not replaced"


@pytest.mark.parametrize(
    ("changed", "makes"),
    [({}, True), ({"minted": True}, False), ({"adopted": True}, False), ({"mintable": False}, False)],
)
def test_a_run_that_made_or_took_over_a_token_makes_no_other_however_soon_it_ends(
    changed: dict[str, t.Any], makes: bool
) -> None:
    step = next_step(holding(**changed), WISHES, END - DAY)
    assert (step.do if step else None) == ("announce" if makes else None)


@pytest.mark.parametrize(
    ("wishes", "changed", "makes"),
    [
        (Wishes(state="rotate"), {}, True),
        (Wishes(state="rotate", confirmed=True), {}, False),
        (Wishes(state="rotate"), {"finished": True}, False),
        (Wishes(state="revoke_superseded"), {}, False),
        (WISHES, {}, False),
    ],
)
def test_a_rotation_is_made_where_it_is_asked_for_and_none_was_ended(
    wishes: Wishes, changed: dict[str, t.Any], makes: bool
) -> None:
    step = next_step(holding(**changed), wishes, NOON)
    assert (step.why if step else None) == ("rotation asked" if makes else None)


def test_who_only_ends_what_was_begun_begins_nothing() -> None:
    assert next_step(holding(), Wishes(state="revoke_superseded"), END - DAY) is None
    assert next_step(RENEWED, Wishes(state="rotate"), NOON) is None, "the one before is not ended"


def test_a_stranger_stops_a_run_that_would_make_a_token_and_none_that_cannot() -> None:
    late = END + DAY
    found = Found((token("t9", expiry=None),), known(works=False))
    assert next_step(found, WISHES, late) == Step("stop", why=lifecycle.STRANGER)
    by_a_person = next_step(replace(found, mintable=False), WISHES, late)
    assert by_a_person and by_a_person.do == "announce", "whoever has to make the next one is told so"


# -- what is stored, and in whose place ---------------------------------------------------------
def stored(in_hand: Token, **found: t.Any) -> tuple[Predecessor, ...]:
    step = next_step(Found(**{"tokens": (token(), OLD), "known": known(), **found}, in_hand=in_hand), WISHES, NOON)
    assert step and (step.do, step.token) == ("store", in_hand)
    return step.predecessors


MINE = Predecessor("t2", END)


@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        ({}, (MINE,)),
        # A list may lag behind, and a token that is refused may work again.
        ({"tokens": ()}, (MINE,)),
        ({"known": known(works=False)}, (MINE,)),
        ({"known": known(works=False), "tokens": ()}, ()),
        ({"known": known(works=False, expiry=None), "tokens": ()}, ()),
        ({"known": known(works=False, expiry=NOON - 5), "tokens": ()}, (Predecessor("t2", NOON - 5),)),
        ({"known": None}, ()),
        ({"known": known("t2", REPLACED)}, (MINE, REPLACED)),
        ({"known": known("t2", REPLACED), "tokens": (token(),)}, (MINE,)),
        # It ended while the partner may have used it: somebody still has to enter the next one.
        ({"known": known("t2", Predecessor("t0", NOON))}, (MINE, Predecessor("t0", NOON))),
        ({"known": known("t2", Predecessor("t0", NOON + 1))}, (MINE,)),
        ({"known": known("t2", Predecessor("t0", NOON, confirmed=True))}, (MINE,)),
        ({"known": known("t2", Predecessor("t0", None))}, (MINE,)),
    ],
)
def test_a_new_token_replaces_all_that_the_partner_may_use(
    found: dict[str, t.Any], replaced: tuple[Predecessor, ...]
) -> None:
    assert stored(token("t3", 3), **found) == replaced


def test_who_gives_the_stored_token_again_replaces_nothing() -> None:
    assert stored(BY_HAND, tokens=(BY_HAND,), known=known("t1")) == ()


# -- what a step leaves -------------------------------------------------------------------------
def test_what_is_stored_is_known_and_what_was_known_of_use_is_forgotten() -> None:
    made = token("t3", 3)
    intents = (Intent("t3" * 8, 3, NOON), Intent("00", 2, NOON))
    found = holding(intents=intents, in_hand=made, partner_uses_new=True, partner_silent=True, minted=True)
    after = lifecycle.after(found, Step("store", made, predecessors=(MINE,)))
    assert after == Found(
        (token(), made),
        Known("t3", NOON, END, 3, True, (MINE,), "t3" * 8),
        intents[1:],
        minted=True,
    )
    given = replace(BY_HAND, token_id="t2")
    again = lifecycle.after(holding(in_hand=given), Step("store", given))
    assert again.tokens == (given,) and again.known == Known("t2", NOON, END, 0, True)


def test_a_rotation_ends_with_a_word_or_with_the_token() -> None:
    said = lifecycle.after(RENEWED, Step("settle", predecessors=(replace(REPLACED, confirmed=True),)))
    assert said.finished and not said.adopted
    gone = lifecycle.after(RENEWED, Step("settle", predecessors=()))
    assert not gone.finished and not gone.adopted and gone.known == known()
    more = lifecycle.after(RENEWED, Step("settle", predecessors=(REPLACED, Predecessor("t9"))))
    assert more.adopted and not more.finished
    for before in (said, more):
        kept = lifecycle.after(before, Step("settle", predecessors=t.cast(Known, before.known).predecessors))
        assert (kept.finished, kept.adopted) == (before.finished, before.adopted)
    long_ago = holding(known=known("t2", replace(REPLACED, confirmed=True)))
    assert not lifecycle.after(long_ago, Step("settle", predecessors=(replace(REPLACED, confirmed=True),))).finished
    revoked = lifecycle.after(RENEWED, Step("revoke", OLD, "replaced"))
    assert revoked.finished and revoked.tokens == (token(),)
    orphan = lifecycle.after(RENEWED, Step("revoke", OLD, lifecycle.ORPHAN))
    assert not orphan.finished
    assert lifecycle.after(said, Step("revoke", OLD, lifecycle.ORPHAN)).finished


def test_a_note_changes_nothing_and_a_record_goes_whole() -> None:
    assert lifecycle.after(RENEWED, Step("note")) is RENEWED
    cleared = lifecycle.after(holding(intents=(Intent("00", 1, NOON),)), Step("clear"))
    assert cleared == Found((token(),))
    made = token("t3", 3)
    announced = holding(announced=Intent("t3" * 8, 3, NOON))
    assert lifecycle.after(announced, Step("mint"), made) == holding(in_hand=made, minted=True)


# -- what is known of tokens --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "usable"),
    [
        ({}, True),
        ({"expiry": None}, True),
        ({"works": False}, False),
        ({"works": None}, False),
        ({"expiry": NOON + 60}, False),
        ({"expiry": NOON + 61}, True),
    ],
)
def test_a_token_is_usable_if_it_was_proven_and_does_not_end_now(changed: dict[str, t.Any], usable: bool) -> None:
    found = Found(known=known(**changed))
    assert lifecycle.usable(found, NOON) is usable and lifecycle.usable(Found(), NOON) is False
    assert lifecycle.phase(found, NOON) == ("current" if usable else "none")


@pytest.mark.parametrize(
    ("works", "listed", "refused"),
    [
        (False, token(), True),
        (False, token(expiry=None), True),
        (False, token(expiry=NOON + 60), False),
        (False, token("t9"), False),
        (True, token(), False),
        (None, token(), False),
    ],
)
def test_only_what_is_listed_alive_can_be_refused(works: bool | None, listed: Token, refused: bool) -> None:
    assert lifecycle.refused(Found((listed,), known(works=works)), NOON) is refused
    assert lifecycle.refused(Found((listed,)), NOON) is False


@pytest.mark.parametrize(
    ("last_used", "orphan"),
    [(None, True), (TODAY, True), (TODAY + 1, False), (TODAY + DAY, False)],
)
def test_what_was_used_on_a_later_day_is_no_orphan(last_used: float | None, orphan: bool) -> None:
    left = token("t3", 3, last_used=last_used)
    found = holding(left, intents=(Intent("t3" * 8, 3, NOON),))
    assert lifecycle.orphans(found, NOON) == ((left,) if orphan else ())
    assert lifecycle.strangers(found, NOON) == (() if orphan else (left,))


def test_a_token_without_a_marker_is_neither_an_orphan_nor_a_stranger() -> None:
    found = holding(BY_HAND, intents=(Intent("00", 1, NOON),), known=known(nonce=None))
    assert lifecycle.orphans(found, NOON) == lifecycle.strangers(found, NOON) == ()


def test_the_replaced_token_that_was_used_last_comes_first() -> None:
    names = ("t3", "t4", "t5", "t6")
    used = {"t3": None, "t4": TODAY - DAY, "t5": TODAY, "t6": TODAY}
    others = [token(name, int(name[1]), last_used=used[name]) for name in names]
    found = holding(*others, known=known("t2", *(Predecessor(name) for name in names)))
    assert [one.token_id for one in lifecycle.superseded(found, NOON)] == ["t5", "t6", "t4", "t3"]
    assert lifecycle.superseded(holding(*others, known=None), NOON) == ()


def test_a_record_that_names_its_own_token_as_replaced_does_not_cut_it_off() -> None:
    found = holding(known=known("t2", Predecessor("t2", END, confirmed=True)))
    assert lifecycle.superseded(found, NOON) == () and lifecycle.phase(found, NOON) == "current"
    assert next_step(found, Wishes(confirmed=True), NOON) is None


def test_when_the_next_token_is_due() -> None:
    assert not lifecycle.due(Found(), WISHES, NOON)
    assert not lifecycle.due(holding(known=known(expiry=None)), WISHES, END)
    assert not lifecycle.due(holding(), WISHES, END - 30 * DAY - 1)
    assert lifecycle.due(holding(), WISHES, END - 30 * DAY)
    # In proportion where a token lives shorter than wished, and no earlier where it lives longer.
    assert lifecycle.renewal_window(NOON, NOON + 45 * DAY, WISHES) == 15 * DAY
    assert lifecycle.renewal_window(NOON, NOON + 180 * DAY, WISHES) == 30 * DAY


@pytest.mark.parametrize(
    ("last_used", "within"),
    [(None, False), (NOON, True), (NOON - 2 * DAY + 1, True), (NOON - 2 * DAY, False)],
)
def test_use_is_told_by_the_day(last_used: float | None, within: bool) -> None:
    assert lifecycle.used_within_a_day(token(last_used=last_used), NOON) is within


def test_grace_counts_from_the_end_of_the_day_of_the_minting() -> None:
    end = TODAY + DAY + 14 * DAY
    assert not lifecycle.grace_is_over(holding(), WISHES, end - 1)
    assert lifecycle.grace_is_over(holding(), WISHES, end)
    assert lifecycle.grace_is_over(Found(), WISHES, end) is False


@pytest.mark.parametrize(
    ("one", "listed", "revoked"),
    [
        (REPLACED, (), True),
        (REPLACED, (token("t9"),), True),
        (REPLACED, (OLD,), False),
        (replace(REPLACED, confirmed=True), (), False),
        (Predecessor("t1", None), (), True),
        (Predecessor("t1", NOON + 60), (), False),
    ],
)
def test_somebody_revoked_what_would_still_live(one: Predecessor, listed: tuple[Token, ...], revoked: bool) -> None:
    found = holding(*listed, known=known("t2", one))
    step = next_step(found, WISHES, NOON)
    assert (step == Step("settle", why="somebody revoked it")) is revoked


# -- when a replaced token may go ---------------------------------------------------------------
LATER = NOON + 15 * DAY


@pytest.mark.parametrize(
    ("old", "changed", "now", "goes"),
    [
        ({"last_used": None}, {}, LATER, True),
        ({"last_used": TODAY}, {}, LATER, True),
        ({"last_used": TODAY + 1}, {}, LATER, False),
        ({"last_used": None, "use_known": False}, {}, LATER, False),
        ({"last_used": None}, {"partner_uses_new": False}, LATER, False),
        ({"last_used": None}, {"partner_uses_new": None}, LATER, False),
        ({"last_used": None}, {}, NOON + 13 * DAY, False),
        # It ended by itself.
        ({"expiry": NOON + DAY, "last_used": TODAY + DAY}, {}, LATER, True),
    ],
)
def test_a_replaced_token_goes_by_proof_alone(
    old: dict[str, t.Any], changed: dict[str, t.Any], now: float, goes: bool
) -> None:
    was = replace(OLD, **old)
    record = known("t2", Predecessor("t1", was.expiry))
    found = Found((token(), was), record, **{"partner_uses_new": True, **changed})
    step = next_step(found, WISHES, now)
    assert (step is not None) is goes
    if step:
        assert step.predecessors == (Predecessor("t1", was.expiry, confirmed=True),)


# -- what a person should know ------------------------------------------------------------------
def test_nothing_is_said_of_a_token_that_is_not_wanted_or_does_not_work() -> None:
    endless = known(expiry=None)
    assert lifecycle.warnings(holding(known=replace(endless, works=False)), WISHES, NOON, str) == []
    assert lifecycle.warnings(holding(known=endless), Wishes(state="absent"), NOON, str) == []
    assert lifecycle.warnings(Found(), WISHES, NOON, str) == []
    (said,) = lifecycle.warnings(holding(known=endless), WISHES, NOON, str)
    assert said.startswith("The stored token never expires.")


def test_a_token_that_ends_soon_is_warned_about_where_nobody_makes_the_next_one() -> None:
    fresh = (token(last_used=END - DAY), replace(OLD, expiry=None))
    soon, date = END - DAY, "<{}>".format
    waiting = Found(fresh, known("t2", Predecessor("t1")))
    (said,) = [one for one in lifecycle.warnings(waiting, WISHES, soon, date) if "expires on" in one]
    assert said.startswith(f"The stored token expires on <{END}>, but its predecessor is not confirmed as replaced")
    (said,) = lifecycle.warnings(Found(fresh, known(), mintable=False), WISHES, soon, date)
    assert said.startswith(f"The stored token expires on <{END}>, and only its owner can make the next one.")
    assert lifecycle.warnings(Found(fresh, known()), WISHES, soon, date) == [], "it is made by the next run"
    assert lifecycle.warnings(waiting, WISHES, NOON, date) == []


@pytest.mark.parametrize(
    ("wishes", "changed", "now", "why"),
    [
        (WISHES, {}, LATER, "is not known to use its successor"),
        (WISHES, {"partner_uses_new": False}, LATER, "does not use its successor"),
        (WISHES, {"partner_uses_new": True}, LATER, None),
        (Wishes(confirmed=True), {}, LATER, None),
        (WISHES, {}, NOON, None),
        (WISHES, {"tokens": (token(),)}, LATER, None),
    ],
)
def test_a_grace_period_that_ended_without_proof(
    wishes: Wishes, changed: dict[str, t.Any], now: float, why: str | None
) -> None:
    said = lifecycle.warnings(replace(RENEWED, **changed), wishes, now, str)
    assert len(said) == (1 if why else 0)
    if why:
        assert said[0].startswith("The grace period of the replaced token t1 is over,") and why in said[0]


def test_long_names_of_tokens_are_shortened() -> None:
    name = "0123456789abcdef"
    record = known("t2", Predecessor(name))
    (said,) = lifecycle.warnings(Found((token(), token(name)), record), WISHES, LATER, str)
    assert "token 0123456789ab is over" in said
    by_hand = Found((token(), token(name, marker=None)), record)
    (said,) = lifecycle.warnings(by_hand, Wishes(confirmed=True), NOON, str)
    assert "token 0123456789ab was" in said


@pytest.mark.parametrize(
    ("changed", "days"),
    [
        ({"last_used": None}, 75),
        ({"last_used": TODAY - 9 * DAY}, 75),
        ({"last_used": TODAY + DAY}, None),
        ({"last_used": None, "use_known": False}, None),
    ],
)
def test_a_token_that_nobody_uses_is_warned_about_before_the_service_revokes_it(
    changed: dict[str, t.Any], days: int | None
) -> None:
    mine = replace(token(), created=NOON, **changed)
    found = Found((token("t9", created=NOON - 80 * DAY), mine), known())
    at_75_days = NOON + 6_480_000
    assert lifecycle.idle(found, at_75_days) == []
    said = lifecycle.idle(found, at_75_days + 1)
    assert said == (
        [f"The stored token was not used for {days} days; the service revokes tokens unused for 90 days."]
        if days
        else []
    )
    assert lifecycle.warnings(found, WISHES, at_75_days + 1, str) == said
    assert lifecycle.idle(replace(found, known=None), at_75_days + 1) == []


def test_a_partner_that_runs_nothing_is_told_whatever_our_own_runs_do() -> None:
    silent = holding(partner_silent=True)
    (said,) = lifecycle.idle(silent, NOON)
    assert said.startswith("The partner ran no SQL statement with the stored token for at least 30 days;")
    assert lifecycle.idle(replace(silent, known=known(works=False)), NOON) == []
