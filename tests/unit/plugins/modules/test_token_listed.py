# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module token with a list that a preflight read just before: believed where nothing is to be done, and only there."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._token import minting, module_token, token_list
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from ansible_collections.lakeops.databricks.plugins.modules import token as module
from tests.support.token_service import APPLICATION_ID, PRINCIPAL, Service

DAY = 86_400
LIST = "/api/2.0/token-management/tokens"
Result = dict[str, t.Any]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "SETTLE", 0.0)
    monkeypatch.setattr(minting, "DOUBT", 0.04)
    monkeypatch.setattr(retry, "_backoff", lambda attempt: 0.01)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "token.json"


def run(service: Service, path: Path, **given: t.Any) -> Result:
    defaults = {name: option.get("default") for name, option in module.SPEC.items()}
    store = {"type": "file", "path": str(path)}
    params = {**defaults, "principal": APPLICATION_ID, "principal_id": PRINCIPAL, "store": store, **given}
    result: Result = module_token.run(service, params, False)
    return result


def listed(service: Service) -> Result:
    found: Result = token_list.of_principal(token_list.read(t.cast(t.Any, service)), PRINCIPAL) or {}
    assert found["tokens"] and not any(value in json.dumps(found) for value in service.state.issued)
    return found


def asked(service: Service) -> list[str]:
    return [path.rsplit("/", 1)[1] for _method, path, _who in service.state.log]


def test_nothing_to_do_takes_no_list(service: Service, path: Path) -> None:
    run(service, path)
    plain = run(service, path)
    given = listed(service)
    service.state.log.clear()
    assert run(service, path, listed=given) == plain and not plain["changed"]
    assert sorted(asked(service)) == ["Me", "queries"]


def test_without_a_list_the_token_signs_in_after_it_was_read(service: Service, path: Path) -> None:
    """Signing in counts as use, so that a list which is read afterwards cannot tell anybody else's use any more."""
    run(service, path)
    service.state.log.clear()
    run(service, path)
    assert asked(service).index("tokens") < asked(service).index("Me")


def other_workspace(_service: Service, _path: Path, given: Result) -> None:
    given["workspace_id"] = "4712"


def too_old(service: Service, _path: Path, _given: Result) -> None:
    service.state.time += token_list.MOST_SECONDS + 1


def refused_once(service: Service, _path: Path, _given: Result) -> None:
    failure = Failure("Could not: no.", code="UNAUTHENTICATED", status=401)
    service.state.trouble("/Me", failure, 1, APPLICATION_ID)


def made_elsewhere(_service: Service, path: Path, _given: Result) -> None:
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "host": "https://other.cloud.databricks.com"}))


def not_in_the_list(_service: Service, _path: Path, given: Result) -> None:
    given["tokens"] = []


@pytest.mark.parametrize("doubt", [other_workspace, too_old, refused_once, made_elsewhere, not_in_the_list])
def test_where_the_list_is_in_doubt_it_is_read_again(
    service: Service, path: Path, doubt: t.Callable[[Service, Path, Result], None]
) -> None:
    run(service, path)
    given = listed(service)
    doubt(service, path, given)
    before, service.state.log = sorted(service.state.tokens), []
    result = run(service, path, listed=given)
    assert LIST in [path for _method, path, _who in service.state.log]
    assert sorted(service.state.tokens) == before and not result["changed"] and result["token"]["live"]


def test_the_token_is_sent_to_no_other_address(service: Service, path: Path) -> None:
    run(service, path)
    given = listed(service)
    made_elsewhere(service, path, given)
    service.state.log.clear()
    run(service, path, listed=given)
    names = asked(service)
    assert names.index("tokens") < names.index("Me"), "the workspace is known by its id before"


def test_a_history_that_cannot_be_read_is_an_answer(service: Service, path: Path) -> None:
    run(service, path)
    day = service.state.time // DAY * DAY * 1000
    next(iter(service.state.tokens.values()))["last_used_day"] = day
    uses = []
    for given in (None, listed(service)):
        service.state.trouble("/history", Failure("Could not: no.", code="PERMISSION_DENIED", status=403))
        uses.append(run(service, path, listed=given)["token"]["use"])
    assert uses[0] == uses[1] and "could not be read" in uses[0]["why_unknown"]


@pytest.mark.parametrize("more", [{"state": "rotate"}, {"renew_before_days": 89, "lifetime_days": 90}])
def test_what_is_to_be_done_is_done_by_a_list_of_its_own(service: Service, path: Path, more: Result) -> None:
    run(service, path)
    service.state.time += 10 * DAY
    given = listed(service)
    service.state.log.clear()
    result = run(service, path, listed=given, **more)
    assert result["changed"] and result["phase"] == "handover" and len(service.state.tokens) == 2
    kept = json.loads(path.read_text())
    assert kept["token_id"] in service.state.tokens and [one["token_id"] for one in kept["predecessors"]]
    deeds = [(method, path.rsplit("/", 1)[1]) for method, path, _who in service.state.log]
    assert ("GET", "tokens") in deeds[: deeds.index(("POST", "tokens"))]


def test_times_may_be_texts_and_nothing_else_may_be_null(service: Service, path: Path) -> None:
    run(service, path)
    plain = run(service, path, listed=listed(service))
    given = listed(service)
    for row in given["tokens"]:
        row |= {name: str(row[name]) for name in ("creation_time", "expiry_time", "last_used_day") if name in row}
        row |= {"scopes": None, "created_by_username": None}
    assert run(service, path, listed=given) == plain and not plain["changed"]


def test_a_stranger_in_the_list_is_told(service: Service, path: Path) -> None:
    run(service, path)
    comment = "klaviyo lakeops:g0:0123456789abcdef:s00000000"
    service._issue(PRINCIPAL, {"lifetime_seconds": 90 * DAY, "comment": comment})
    plain = run(service, path)
    assert plain["strangers"] and run(service, path, listed=listed(service)) == plain


@pytest.mark.parametrize("odd", [{"tokens": "many", "now": 1.0}, {"tokens": []}, {"tokens": [1], "now": 1.0}])
def test_what_is_no_list_is_refused(service: Service, path: Path, odd: Result) -> None:
    with pytest.raises(BadOption) as refused:
        run(service, path, listed=odd)
    assert refused.value.message == "listed: is not what module preflight returns as tokens."
