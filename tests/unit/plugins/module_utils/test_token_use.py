# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses a token, from the service's days of use and the principal's query history: a proof, or "unknown"."""

from __future__ import annotations

import math
import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import query_history
from ansible_collections.lakeops.databricks.plugins.module_utils._token.lifecycle import (
    DAY,
    Known,
    Marker,
    Predecessor,
    RehearsalMarker,
    Token,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._token.use import (
    WINDOW,
    Seen,
    Statement,
    read,
    successor_used,
    use,
)

TODAY = 20_000 * DAY
NOW = TODAY + 12 * 3600
MADE = TODAY - 50 * DAY


def token(name: str = "new", **more: t.Any) -> Token:
    return Token(name, **{"created": MADE, "marker": Marker("klaviyo", 1, name * 3), "last_used": TODAY, **more})


def known(*replaced: str, created: float = MADE, confirmed: bool = False) -> Known:
    old = tuple(Predecessor(name, MADE + 90 * DAY, confirmed) for name in replaced)
    return Known("new", created, None, 2, True, old)


def seen(partner: float | None = None, *our_days: float, whole: bool = True) -> Seen:
    days = frozenset(day // DAY * DAY for day in our_days)
    return Seen(whole, NOW - WINDOW, partner, max(our_days, default=None), days)


def answer(history: Seen | None, *tokens: Token, record: Known | None = None) -> tuple[str, str]:
    found = use(record or known(), tokens, tokens, history, NOW)
    assert bool(found.why) == ("unknown" in (found.by, found.lately))
    return found.by, found.lately


# -- reading the history ----------------------------------------------------------------------
def test_ours_and_the_partners_are_told_apart() -> None:
    rows = [Statement(NOW - 60, True), Statement(NOW - 2 * DAY, False), Statement(NOW - 3 * DAY, True)]
    found = read([rows], NOW - WINDOW, sees_all=True)
    assert found == Seen(True, NOW - WINDOW, NOW - 2 * DAY, NOW - 60, frozenset({TODAY, TODAY - 3 * DAY}))


def test_what_our_session_ran_without_the_mark_is_ours() -> None:
    """A driver may set up a session by statements of its own."""
    rows = [Statement(NOW, True, "a"), Statement(NOW - 1, False, "a"), Statement(NOW - 2, False, "b")]
    assert read([rows], 0.0, sees_all=True).partner == NOW - 2


def test_nothing_is_read_beyond_the_partners_last_statement() -> None:
    def pages() -> t.Iterator[list[Statement]]:
        yield [Statement(NOW, False)]
        raise AssertionError("one page was enough")

    assert read(pages(), 0.0, sees_all=True).partner == NOW


@pytest.mark.parametrize("later", [True, False])
def test_a_hidden_text_may_be_anybodys(later: bool) -> None:
    """Customer-managed keys hide the texts; what is older than the partner's last statement does not matter."""
    rows = [Statement(NOW - DAY, False), Statement(NOW if later else NOW - 2 * DAY, None)]
    found = read([rows], 0.0, sees_all=True)
    assert (found.partner, found.whole) == (NOW - DAY, not later)


def test_who_is_not_shown_everything_has_not_the_whole() -> None:
    assert read([[Statement(NOW, True)]], 0.0, sees_all=False) == Seen(False, 0.0, None, NOW, frozenset({TODAY}))


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("/* lakeops.databricks */ SELECT 1", True),
        ("SELECT 1", False),
        ("SELECT '/* lakeops.databricks */'", False),
        ("", None),
        (None, None),
    ],
)
def test_a_statement_is_ours_by_its_first_words(text: str | None, ours: bool | None) -> None:
    assert query_history.shape({"query_text": text, "query_start_time_ms": 5000}) == Statement(5.0, ours)


@pytest.mark.parametrize("start", [None, "soon", "-1", {}, True])
def test_a_statement_of_an_unknown_time_leaves_in_doubt_whether_the_partner_ran_one(start: t.Any) -> None:
    row = query_history.shape({"query_text": "SELECT 1", "query_start_time_ms": start})
    assert not read([[row, Statement(NOW, True)]], 0.0, sees_all=True).whole
    assert not read([[row, Statement(NOW, False)]], 0.0, sees_all=True).whole
    ours = query_history.shape({"query_text": "/* lakeops.databricks */ SELECT 1", "query_start_time_ms": start})
    assert read([[ours, Statement(NOW, True)]], 0.0, sees_all=True) == Seen(
        True, 0.0, None, NOW, frozenset({0.0, TODAY})
    )


def test_the_time_of_a_statement_may_be_a_text() -> None:
    row = {"query_text": "SELECT 1", "query_start_time_ms": "5000"}
    assert (
        query_history.shape(row) == query_history.shape({**row, "query_start_time_ms": 5000}) == Statement(5.0, False)
    )


class Paged:
    """A workspace that gives out pages in order."""

    def __init__(self, *answers: dict[str, t.Any]) -> None:
        self.answers, self.asked = list(answers), []  # type: list[dict[str, t.Any]], list[dict[str, t.Any]]

    def call(self, _method: str, path: str, _doing: str, *, query: dict[str, t.Any]) -> dict[str, t.Any]:
        assert path == "/api/2.0/sql/history/queries"
        self.asked.append(query)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def test_pages_are_asked_for_until_none_follows() -> None:
    row = {"query_text": "SELECT 1", "query_start_time_ms": 5000}
    more = {"res": [row, "nonsense", {"query_start_time_ms": "x"}], "has_next_page": True, "next_page_token": "a+b"}
    workspace = Paged(more, {"has_next_page": True, "next_page_token": "c"}, {"res": [row], "next_page_token": "d",
                      "has_next_page": False})  # fmt: skip
    found = list(query_history.pages(workspace, "42", NOW))
    assert found == [[Statement(5.0, False), Statement(math.inf, None)], [], [Statement(5.0, False)]]
    assert [one.get("page_token") for one in workspace.asked] == [None, "a+b", "c"]
    asked = workspace.asked[0]["filter_by"]
    times = asked["query_start_time_range"]
    assert asked["user_ids"] == [42] and times["end_time_ms"] - times["start_time_ms"] <= 30 * DAY * 1000


def test_a_list_without_end_is_given_up() -> None:
    endless = Paged({"res": [], "has_next_page": True, "next_page_token": "again"})
    with pytest.raises(query_history.TooMuch):
        list(query_history.pages(endless, "42", NOW))


# -- who uses the stored token ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("what", "history", "last_used", "expected"),
    [
        ("the partner today, and we", seen(NOW - 60, NOW), TODAY, ("partner", "partner")),
        ("the partner yesterday", seen(NOW - DAY, NOW), TODAY, ("partner", "partner")),
        ("the partner last week, and we today", seen(NOW - 7 * DAY, NOW), TODAY, ("partner", "us")),
        ("only we", seen(None, NOW, NOW - DAY), TODAY, ("us", "us")),
        ("only we, and not lately", seen(None, NOW - 9 * DAY), TODAY - 9 * DAY, ("us", "nobody")),
        ("nobody ever", seen(None), None, ("nobody", "nobody")),
        ("somebody without a statement", seen(None, NOW - DAY), TODAY, ("unknown", "unknown")),
        ("somebody before the history begins", seen(None), TODAY - 40 * DAY, ("unknown", "nobody")),
        ("we made it and no more", seen(None), MADE, ("us", "nobody")),
        ("the history cannot be read", None, TODAY, ("unknown", "unknown")),
        ("it cannot be read, and nobody used it lately", None, TODAY - 9 * DAY, ("unknown", "nobody")),
        ("it cannot be read, and nobody ever used it", None, None, ("nobody", "nobody")),
        ("only a part is shown", seen(None, NOW, whole=False), TODAY, ("unknown", "unknown")),
        ("only a part is shown, and the partner is in it", seen(NOW, whole=False), TODAY, ("partner", "partner")),
        ("the partner before there was this token", seen(MADE - DAY, NOW), TODAY, ("us", "us")),
    ],
)  # fmt: skip
def test_who_used_it(what: str, history: Seen | None, last_used: float | None, expected: tuple[str, str]) -> None:
    assert answer(history, token(last_used=last_used)) == expected, what


def test_who_is_not_told_of_use_does_not_know() -> None:
    assert answer(seen(None, NOW), token(last_used=None, use_known=False)) == ("unknown", "unknown")


def test_another_token_of_the_principal_may_have_been_the_one() -> None:
    other = token("other", marker=None, last_used=TODAY)
    assert answer(seen(NOW, NOW), token(), other)[0] == "unknown"
    idle = token("other", marker=None, last_used=TODAY - 5 * DAY)
    assert answer(seen(NOW, NOW), token(), idle)[0] == "partner"


def test_a_replaced_token_that_was_confirmed_does_not_count() -> None:
    assert answer(seen(NOW, NOW), token(), record=known("old", confirmed=True))[0] == "partner"
    assert answer(seen(NOW, NOW), token(), record=known("old"))[0] == "unknown"


@pytest.mark.parametrize(
    ("made", "history", "silent"),
    [
        (MADE, seen(None, NOW), True),
        (NOW - 20 * DAY, seen(None, NOW), False),  # it had no time yet
        (MADE, seen(NOW - 20 * DAY, NOW), False),
        (MADE, seen(None, NOW, whole=False), False),
        (MADE, seen(None, NOW - DAY), False),  # somebody used it today
        (MADE, None, False),
    ],
)
def test_the_partner_is_silent_only_if_that_is_known(made: float, history: Seen | None, silent: bool) -> None:
    one = token(created=made)
    assert use(known(created=made), [one], [one], history, NOW).silent is silent


# -- the successor ----------------------------------------------------------------------------
HANDED = NOW - 20 * DAY  # when the successor was made


def proof(history: Seen | None, *tokens: Token, other_ways: bool | None = False) -> bool | None:
    return successor_used(known("old", created=HANDED), tokens, history, lambda: other_ways)


NEW = token(created=HANDED)


@pytest.mark.parametrize(
    ("what", "history", "old", "expected"),
    [
        ("a statement while the old one rests", seen(NOW), {"last_used": TODAY - 15 * DAY}, True),
        ("and the old one was never used", seen(NOW), {"last_used": None}, True),
        ("the old one was used on that day", seen(NOW), {"last_used": TODAY}, None),
        ("or on the day before, which is as accurate", seen(NOW), {"last_used": TODAY - DAY}, None),
        ("nobody tells when the old one was used", seen(NOW), {"use_known": False}, None),
        ("no statement at all but ours", seen(None, NOW), {}, False),
        ("no statement at all, and somebody used it today", seen(None), {}, None),
        ("no statement, but not all are shown", seen(None, NOW, whole=False), {}, None),
        ("only statements before the successor", seen(HANDED - DAY, NOW), {}, False),
        ("no history", None, {}, None),
        ("the old one had ended", seen(NOW), {"last_used": TODAY, "expiry": NOW - 5}, True),
    ],
)  # fmt: skip
def test_the_successor_is_used(what: str, history: Seen | None, old: dict[str, t.Any], expected: bool | None) -> None:
    assert proof(history, NEW, token("old", **old)) is expected, what


@pytest.mark.parametrize("other_ways", [True, None])
def test_a_statement_may_have_come_without_a_token(other_ways: bool | None) -> None:
    assert proof(seen(NOW), NEW, token("old", last_used=None), other_ways=other_ways) is None


def test_it_must_have_been_used_by_the_services_own_account() -> None:
    assert proof(seen(NOW), token(created=HANDED, last_used=TODAY - 9 * DAY), token("old", last_used=None)) is None


def test_a_replaced_token_that_vanished_may_have_been_the_one() -> None:
    assert proof(seen(NOW), NEW) is None


def test_a_third_token_may_have_been_the_one() -> None:
    third = token("third", marker=None, last_used=TODAY)
    assert proof(seen(NOW), NEW, token("old", last_used=None), third) is None
    assert proof(seen(NOW), NEW, token("old", last_used=None), token("third", last_used=TODAY - 9 * DAY)) is True


def test_nobody_but_us_knows_the_token_of_a_rehearsal() -> None:
    ours = token(
        "drill", marker=None, created=NOW - 60, expiry=NOW + 540, rehearsal=RehearsalMarker("klaviyo", "0" * 16)
    )
    assert proof(seen(NOW), NEW, token("old", last_used=None), ours) is True
