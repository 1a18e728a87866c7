# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every answer of hostile_answers.yml ends in time, in one clear sentence, and leaves nothing half done."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.runs import Runs
from tests.support.sandbox import Sandbox

Json = dict[str, t.Any]
TABLE: Json = yaml.safe_load((Path(__file__).parent / "hostile_answers.yml").read_text(encoding="utf-8"))
SQL: Json = {"http_path": "/sql/1.0/warehouses/<warehouse>", "statement": "SELECT 1", "timeout": 5}
SCHEMA: Json = {"catalog": "main", "name": "nowhere"}
# Module, options, and which of its requests gets the answer.
REQUESTS: dict[str, tuple[str, Json, Json]] = {
    "list": ("schema_info", {"catalog": "main"}, {"method": "GET", "path": "*/schemas"}),
    "look": ("schema", {**SCHEMA, "state": "absent"}, {"method": "GET", "path": "*/schemas/main.nowhere"}),
    "make": ("schema", SCHEMA, {"method": "POST", "path": "*/schemas"}),
    "session": ("sql", SQL, {"path": "/sql/*", "call": "OpenSession"}),
    "statement": ("sql", SQL, {"path": "/sql/*", "call": "ExecuteStatement"}),
}
# An answer may take 2 s, trouble 2 s more, a statement 5 s; the rest is for a busy machine.
SECONDS = 30
NEVER = ("SDK", "Traceback", "Error(", "('", "b'", "HTTPConnectionPool", "Error during request", "SCIM_None", "\x1b")


def test_the_table_is_as_long_as_promised() -> None:
    assert len(TABLE["rows"]) >= 60
    assert {row["what"] for row in TABLE["rows"]} == set(TABLE["answers"]), "an answer that nothing gets"
    assert sum(row["request"] in ("session", "statement") for row in TABLE["rows"]) >= 30


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: f"{row['request']}: {row['what']}")
def test_every_answer_ends_in_one_sentence(sandbox: Sandbox, row: Json) -> None:
    module, options, where = REQUESTS[row["request"]]
    answer = dict(TABLE["answers"][row["what"]])
    if answer.get("body") == "<deep>":
        answer["body"] = "[" * 100_000
    sandbox.fault(**answer, **where, times=0)
    connection = {"host": sandbox.host, "token": sandbox.token, "http_timeout": 2, "retry_timeout": 2}
    begun = time.monotonic()
    result = Runs(sandbox).attempt(module, **connection, **options)
    assert time.monotonic() - begun < SECONDS
    if row["says"] is None:
        assert not result["failed"] and result["changed"], result
        return
    error, host = result["error"], sandbox.host.partition("//")[2]
    assert result["failed"] and error["message"] == row["says"].replace("<host>", host)
    assert error["code"] == row["code"]
    assert not [word for word in NEVER if word in result["msg"]], result["msg"]
    assert "dapi" not in result["msg"] and "ticket" not in str(result)
