# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.filter.access_checks import access_checks
from ansible_collections.lakeops.databricks.plugins.filter.read_probes import read_probes
from ansible_collections.lakeops.databricks.plugins.filter.sql_name import sql_name


def test_every_part_is_quoted_and_backticks_are_doubled() -> None:
    assert sql_name("main.a`b") == "`main`.`a``b`"
    assert sql_name("ada@example.com", whole=True) == "`ada@example.com`"


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="empty part"):
        sql_name("main..x")


def test_probes_come_in_pairs_of_statement_and_check() -> None:
    probes = read_probes(["main.s.b", "main.s.a"], guide="4.4")
    assert [statement["sql"] for statement in probes["statements"]] == [
        "SELECT * FROM `main`.`s`.`a` LIMIT 0",
        "SELECT * FROM `main`.`s`.`b` LIMIT 0",
    ]
    assert [check["statement"] for check in probes["checks"]] == [statement["id"] for statement in probes["statements"]]


def test_a_malformed_check_is_a_filter_error() -> None:
    with pytest.raises(AnsibleFilterError, match="KeyError"):
        access_checks([{"kind": "succeeds"}], {})
