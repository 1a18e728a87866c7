# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that take long begin first, so that no process works alone at the end."""

from __future__ import annotations

import pytest

# In the order of their time, the longest first; whatever is not named comes afterwards, as it was found.
LONG = (
    *("test_same_results", "test_stores", "test_plan", "test_vault_ways", "test_kill_own_store", "test_hand_over"),
    *("test_apply", "test_repositories", "test_hostile_answers", "test_campaign_in_small", "test_fleet", "test_kill"),
    *(
        "test_a_good_guest",
        "test_command_blocks",
        "test_verify_broken",
        "test_token_stores",
        "test_environments",
        "test_400_days",
    ),
    *("test_whose_use", "test_fire_drill", "test_before_the_first_change", "test_default_workspaces"),
)
_PLACE = {name: place for place, name in enumerate(LONG)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _PLACE.get(item.path.stem, len(LONG)))
