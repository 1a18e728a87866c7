# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules token and token_info say of the partner's use, by what the workspace tells them."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import query_history
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._token import minting, module_token, module_token_info
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from ansible_collections.lakeops.databricks.plugins.modules import token as module
from tests.support.token_service import ANNE, APPLICATION_ID, PERSON, Service

OURS, THEIRS = "/* lakeops.databricks */ SELECT 1", "SELECT 1"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "SETTLE", 0.0)
    monkeypatch.setattr(retry, "_backoff", lambda attempt: 0.01)


def params(folder: Path, **given: t.Any) -> dict[str, t.Any]:
    defaults = {name: option.get("default") for name, option in module.SPEC.items()}
    store = {"type": "file", "path": str(folder / "token.json")}
    return {**defaults, "principal": APPLICATION_ID, "store": store, **given}


def ran(service: Service, text: str, ago: float = 60.0) -> None:
    service.state.history.append({"query_text": text, "query_start_time_ms": (service.state.time - ago) * 1000})


def used(service: Service) -> None:
    """The service has seen all its tokens today."""
    day = service.state.time // 86_400 * 86_400 * 1000
    for one in service.state.tokens.values():
        one["last_used_day"] = day


def use(service: Service, folder: Path, **given: t.Any) -> dict[str, t.Any]:
    told: dict[str, t.Any] = module_token_info.info(service, params(folder, prove=True, **given))["token"]["use"]
    return told


def test_the_partner_and_we(tmp_path: Path) -> None:
    service = Service()
    made = module_token.run(service, params(tmp_path), False)
    assert made["token"]["use"]["by"] == "nobody" and made["token"]["use"]["why_unknown"] is None
    service.state.time += 2 * 86_400
    used(service)
    ran(service, OURS)
    assert use(service, tmp_path)["by"] == use(service, tmp_path)["within_a_day"] == "us"
    ran(service, THEIRS)
    told = use(service, tmp_path)
    assert (told["by"], told["within_a_day"]) == ("partner", "partner")
    assert told["partner_last_used"] == told["our_last_used"]


def test_a_person_runs_statements_without_the_token(tmp_path: Path) -> None:
    service = Service()
    given = service._issue(PERSON, {"lifetime_seconds": 86_400 * 90})["token_value"]
    module_token.run(service, params(tmp_path, principal=ANNE, supplied_token=given), False)
    used(service)
    ran(service, THEIRS)
    told = use(service, tmp_path, principal=ANNE)
    assert (told["by"], told["within_a_day"], told["partner_last_used"]) == ("unknown", "unknown", None)
    assert told["why_unknown"] == "a person runs statements without the token, too"


def test_a_history_that_fails_or_never_ends_is_unknown_and_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service()
    module_token.run(service, params(tmp_path), False)
    service.state.time += 86_400
    used(service)
    service.state.trouble("/sql/history", Failure("Could not: no rights.", code="PERMISSION_DENIED", status=403))
    told = use(service, tmp_path)
    assert told["by"] == "unknown"
    assert told["why_unknown"] == "the query history could not be read: Could not: no rights."
    monkeypatch.setattr(query_history, "_MOST_PAGES", 0)
    assert use(service, tmp_path)["why_unknown"] == "the query history of the principal is too long to be read"


def test_the_history_is_not_asked_for_where_nothing_lives_or_nothing_is_wanted(tmp_path: Path) -> None:
    service = Service()
    module_token.run(service, params(tmp_path), False)
    assert not [row for row in service.state.log if "history" in row[1]]
    module_token.run(service, params(tmp_path, state="absent"), False)
    assert not [row for row in service.state.log if "history" in row[1]]
