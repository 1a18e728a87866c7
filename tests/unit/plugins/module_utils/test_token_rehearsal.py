# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How tokens of rehearsals are told from all others."""

from __future__ import annotations

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import tokens
from ansible_collections.lakeops.databricks.plugins.module_utils._token.lifecycle import (
    RehearsalMarker,
    marker_in,
    rehearsal_in,
)

COMMENT = "klaviyo lakeops:rehearsal:0123456789abcdef:s0d5a3f12"


@pytest.mark.parametrize("store", ["", "0d5a3f12"])
def test_a_marker_is_read_as_it_was_written(store: str) -> None:
    marker = RehearsalMarker("klaviyo", "0123456789abcdef", store)
    assert rehearsal_in(f"for tests {marker}") == marker
    assert marker_in(str(marker)) is None, "a real token must not be taken for one of a rehearsal"


@pytest.mark.parametrize(
    "comment", [None, "", "klaviyo lakeops:g3:5f2c9d0a7b1e4c68:s0d5a3f12", "klaviyo lakeops:rehearsal:", "rehearsal"]
)
def test_other_comments_have_none(comment: str | None) -> None:
    assert rehearsal_in(comment) is None


@pytest.mark.parametrize(
    ("seconds", "comment", "is_one"),
    [
        (600, COMMENT, True),
        (660, COMMENT, True),
        (661, COMMENT, False),
        (None, COMMENT, False),
        (600, "klaviyo", False),
    ],
)
def test_only_what_ends_soon_is_one(seconds: int | None, comment: str, is_one: bool) -> None:
    expiry = -1 if seconds is None else (1_800_000_000 + seconds) * 1000
    raw = {"token_id": "t", "creation_time": 1_800_000_000_000, "expiry_time": expiry, "comment": comment}
    assert tokens.shape(raw).is_rehearsal is is_one
