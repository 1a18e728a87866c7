# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By when somebody looks at an access again."""

from __future__ import annotations

from datetime import date

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._role import people


@pytest.mark.parametrize(
    ("review_by", "today", "due"),
    [
        ("2027-03-31", date(2027, 2, 28), None),
        ("2027-03-31", date(2027, 3, 1), "2027-03-31"),
        ("2027-03-31", date(2028, 1, 1), "2027-03-31"),
        ("", date(2027, 1, 1), None),
        ("in spring", date(2027, 1, 1), "in spring"),
    ],
)
def test_due_from_thirty_days_before(review_by: str, today: date, due: str | None) -> None:
    assert people.review_due({"review_by": review_by}, today) == due


def test_nothing_is_due_where_nobody_said_so() -> None:
    assert people.review_due({}, date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("held", "said", "now"),
    [
        (None, None, {}),
        ({"owner": "a"}, None, {"owner": "a"}),
        ({"owner": "a", "ticket": "1"}, {"owner": "b"}, {"owner": "b", "ticket": "1"}),
        ({"owner": "a", "ticket": "1"}, {"ticket": ""}, {"owner": "a"}),
        ("nonsense", {"owner": "b"}, {"owner": "b"}),
    ],
)
def test_what_is_not_said_stays(held, said, now) -> None:
    assert people.updated(held, said) == now
