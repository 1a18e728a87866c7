# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode of statements that build on each other: what was not made cannot be read, and that is no failure."""

from __future__ import annotations

import typing as t

from tests.support.modules import run_module
from tests.support.sandbox import Sandbox

CREATE, READ = "CREATE TABLE main.default.foretold (id INT)", "SELECT count(*) FROM main.default.foretold"


def foretell(sandbox: Sandbox, *statements: str) -> dict[str, t.Any]:
    given = {"warehouse": sandbox.warehouse_id, "statements": [{"sql": one} for one in statements]}
    return run_module("sql", {**sandbox.connection, **given}, check=True)


def test_what_an_earlier_one_would_make_is_not_read(sandbox: Sandbox) -> None:
    seen = foretell(sandbox, "SELECT 1", CREATE, READ)
    assert not seen["failed"] and seen["changed"], seen
    assert [one["ran"] for one in seen["results"]] == [True, False, False]
    (warning,) = seen["warnings"]
    assert warning.startswith("Statement 3 needs what check mode did not make: ") and "foretold" in warning


def test_what_is_missing_all_the_same_fails(sandbox: Sandbox) -> None:
    assert foretell(sandbox, READ)["failed"]
    assert foretell(sandbox, READ, CREATE)["failed"]
    wrong = foretell(sandbox, CREATE, "SELECT 1 / 0")
    assert wrong["failed"] and "DIVIDE_BY_ZERO" in wrong["msg"], wrong
