# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.filter.sql_name import sql_name


def test_every_part_is_quoted_and_backticks_are_doubled() -> None:
    assert sql_name("main.a`b") == "`main`.`a``b`"
    assert sql_name("ada@example.com", whole=True) == "`ada@example.com`"


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="empty part"):
        sql_name("main..x")
