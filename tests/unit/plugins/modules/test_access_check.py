# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What access_check asks nobody for; its verdicts are in module_utils/test_verification.py."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.support.modules import run_module
from tests.support.scripted_host import TOKEN, Host

PROFILE = {"partner": "acme", "catalog": "main"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "one of the following is required: warehouse, http_path"),
        ({"warehouse": "Main", "profile": {}}, "profile"),
        ({"warehouse": "Main", "token_store": {"type": "paper"}}, "value of type must be one of: file"),
    ],
)
def test_refused_before_anything_is_sent(scripted: Host, tmp_path: Path, given: dict[str, t.Any], said: str) -> None:
    connection = {"host": scripted.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}
    wish = {"profile": PROFILE, "principal": "klaviyo", "token_store": {"path": str(tmp_path / "token.json")}}
    result = run_module("access_check", {**connection, **wish, **given})
    assert result["failed"] and said in result["msg"], result["msg"]
    assert scripted.requests == []
