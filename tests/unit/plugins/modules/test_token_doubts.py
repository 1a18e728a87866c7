# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules token and token_info where something is not known: refusals, other workspaces, strangers, lost stores."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure, Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._token import (
    minting,
    module_token,
    module_token_info,
    stores,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._token.store import Rival, Store
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import retry
from ansible_collections.lakeops.databricks.plugins.modules import token as module
from tests.support.token_service import ANNE, APPLICATION_ID, PERSON, PRINCIPAL, Died, Service

DAY = 86_400
ELSEWHERE = "https://adb-1.2.azuredatabricks.net"
UNAUTHENTICATED = Failure("Could not: no.", code="UNAUTHENTICATED", status=401)
INVALID = Failure("Could not: Invalid access token.", code="INVALID_ACCESS_TOKEN", status=403)
BLOCKED = Failure("Could not: Source IP address 1.2.3.4 is blocked.", code="PERMISSION_DENIED", status=403)
BROKEN = Failure("Could not: broken.", code="INTERNAL_ERROR", status=500)
LATE = Failure("Could not: no answer in time.", code="TIMEOUT", retryable=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "SETTLE", 0.0)
    monkeypatch.setattr(minting, "DOUBT", 0.04)
    monkeypatch.setattr(retry, "_backoff", lambda attempt: 0.01)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "token.json")


@pytest.fixture
def service() -> Service:
    return Service()


def run(service: Service, path: str, *, check: bool = False, **given: t.Any) -> dict[str, t.Any]:
    defaults = {name: option.get("default") for name, option in module.SPEC.items()}
    params = {**defaults, "principal": APPLICATION_ID, "store": {"type": "file", "path": path}, **given}
    service.state.log.append(("GET", "/the/last/answer/of/this/workspace", "?"))
    result = module_token.run(service, params, check)
    shown = json.dumps({key: value for key, value in result.items() if key != "store_write"})
    assert not any(value in shown for value in service.state.issued), "a secret is in the result"
    return result


def info(service: Service, path: str | None, **given: t.Any) -> dict[str, t.Any]:
    store = {"type": "file", "path": path} if path else None
    return module_token_info.info(
        service, {"principal": APPLICATION_ID, "integration": "klaviyo", "store": store, **given}
    )


def refused(service: Service, path: str, **given: t.Any) -> Failure:
    """How a run stops that must not change anything."""
    before, text = live(service), Path(path).read_text() if Path(path).exists() else None
    with pytest.raises(Failure) as stopped:
        run(service, path, **given)
    assert live(service) == before, "it made or revoked something all the same"
    assert (Path(path).read_text() if Path(path).exists() else None) == text, "it wrote something all the same"
    assert not any(value in str(stopped.value.as_dict()) for value in service.state.issued)
    return stopped.value


def record(path: str) -> dict[str, t.Any]:
    return json.loads(Path(path).read_text())


def change(path: str, *without: str, **changed: t.Any) -> None:
    Path(path).write_text(json.dumps({key: held for key, held in record(path).items() if key not in without} | changed))


def live(service: Service) -> list[str]:
    return sorted(service.state.tokens)


def rotated(service: Service, path: str) -> tuple[str, str]:
    """Ids of a replaced token that nobody confirmed yet, and of the stored one."""
    old = run(service, path)["token"]["token_id"]
    return old, run(service, path, state="rotate")["token"]["token_id"]


# -- one refusal proves nothing --------------------------------------------------------------
@pytest.mark.parametrize("failure", [UNAUTHENTICATED, INVALID, BLOCKED], ids=["401", "403", "address"])
@pytest.mark.parametrize("times", [1, 2])
def test_refusals_that_pass_change_nothing(service: Service, path: str, failure: Failure, times: int) -> None:
    old, new = rotated(service, path)
    service.state.trouble("/Me", failure, times, APPLICATION_ID)
    assert not run(service, path)["changed"] and live(service) == sorted([old, new])
    service.state.trouble("/Me", failure, times, APPLICATION_ID)
    run(service, path, state="revoke_superseded", confirmed=True)
    assert live(service) == [new] == [record(path)["token_id"]]


@pytest.mark.parametrize("failure", [UNAUTHENTICATED, INVALID, BLOCKED], ids=["401", "403", "address"])
@pytest.mark.parametrize("state", ["present", "rotate", "revoke_superseded"])
def test_a_token_that_is_listed_and_refused_stops_the_run(
    service: Service, path: str, failure: Failure, state: str
) -> None:
    rotated(service, path)
    service.state.trouble("/Me", failure, 99, APPLICATION_ID)
    stopped = refused(service, path, state=state, confirmed=state == "revoke_superseded")
    assert stopped.code == "STORED_TOKEN_REFUSED"
    assert "although it lists the token" in stopped.message and "nothing was made or revoked" in stopped.message
    assert "IP access list" in stopped.message and "inactive" in stopped.message and "wrong value" in stopped.message
    assert "unknown_tokens=replace" in stopped.hint and "klaviyo_unknown_tokens" in stopped.hint


def test_a_wrong_value_in_the_store_is_replaced_on_a_persons_word(service: Service, path: str) -> None:
    old = run(service, path)["token"]["token_id"]
    change(path, token_value="dapi" + "0" * 32)
    assert refused(service, path).code == "STORED_TOKEN_REFUSED"
    made = run(service, path, unknown_tokens="replace")
    assert made["phase"] == "handover" and made["token"]["predecessor"]["token_id"] == old
    assert len(live(service)) == 2 and not run(service, path)["changed"]
    run(service, path, state="revoke_superseded", confirmed=True)
    assert live(service) == [record(path)["token_id"]]


@pytest.mark.parametrize("failure", [BROKEN, LATE], ids=["500", "time-out"])
@pytest.mark.parametrize("state", ["present", "rotate", "revoke_superseded"])
def test_not_knowing_whether_it_works_is_a_failure(service: Service, path: str, failure: Failure, state: str) -> None:
    rotated(service, path)
    service.state.trouble("/Me", failure, 99, APPLICATION_ID)
    assert refused(service, path, state=state, confirmed=True) is failure


@pytest.mark.parametrize("failure", [UNAUTHENTICATED, INVALID, BLOCKED, BROKEN, LATE])
@pytest.mark.parametrize("where", ["/Me", "/ServicePrincipals", "token-management/tokens", "workspace-conf"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("phase", ["setup", "handover", "rotate", "confirm", "absent"])
def test_what_the_record_names_lives_through_trouble_anywhere(
    service: Service, path: str, failure: Failure, where: str, times: int, phase: str
) -> None:
    old = run(service, path)["token"]["token_id"]
    new = old
    if phase in ("handover", "confirm"):
        new = run(service, path, state="rotate")["token"]["token_id"]
    service.state.trouble(where, failure, times)
    wish = {
        "rotate": {"state": "rotate"},
        "confirm": {"state": "revoke_superseded", "confirmed": True},
        "absent": {"state": "absent"},
    }.get(phase, {})
    try:
        run(service, path, **wish)
    except Failure as stopped:
        assert stopped.message
    if phase == "absent":
        service.state.troubles.clear()
        run(service, path, **wish)
        assert not live(service)
        return
    assert new in live(service), "the stored token went"
    assert phase == "confirm" or old in live(service), "the token in use went"
    service.state.troubles.clear()
    run(service, path, **wish)
    assert record(path)["token_id"] in live(service) and len(live(service)) == (
        2 if phase in ("handover", "rotate") else 1
    )


def test_gone_is_gone(service: Service, path: str) -> None:
    old = run(service, path)["token"]["token_id"]
    del service.state.tokens[old]
    service.state.values.clear()
    made = run(service, path)
    assert made["phase"] == "current" and live(service) == [record(path)["token_id"]] != [old]


def test_one_that_is_revoked_while_it_is_asked_about_is_gone(
    service: Service, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = run(service, path)["token"]["token_id"]
    plain = service.state.troubled

    def revoked_meanwhile(where: str, identity: str) -> Failure | None:
        if identity == APPLICATION_ID and old in service.state.tokens:
            del service.state.tokens[old]
            service.state.values.clear()
            return INVALID
        return plain(where, identity)

    monkeypatch.setattr(service.state, "troubled", revoked_meanwhile)
    assert run(service, path)["phase"] == "current" and live(service) == [record(path)["token_id"]] != [old]


def test_a_request_that_is_carried_out_after_the_next_run_leaves_no_token(service: Service, path: str) -> None:
    service.state.fault = (0, "die before")
    with pytest.raises(Died):
        run(service, path)
    service.state.fault = None
    (row,) = record(path)["intents"]
    made = run(service, path)["token"]["token_id"]
    service._issue(PRINCIPAL, {"comment": f"klaviyo lakeops:g1:{row['nonce']}:s{record(path)['store_id']}"})
    assert [one["method"] for one in run(service, path)["actions"]] == ["revoke"] and live(service) == [made]
    service.state.time += 30 * DAY
    run(service, path, state="rotate")
    assert record(path)["intents"] == [], "what was never made is forgotten in the end"


def test_a_word_without_a_token_that_works_revokes_nothing(service: Service, path: str) -> None:
    stopped = refused(service, path, state="revoke_superseded", confirmed=True)
    assert stopped.code == "NOT_PROVEN" and "no token of klaviyo-import that works" in stopped.message
    old, new = rotated(service, path)
    del service.state.tokens[new]
    service.state.values = {
        value: who for value, who in service.state.values.items() if value != record(path)["token_value"]
    }
    assert refused(service, path, state="revoke_superseded", confirmed=True).code == "NOT_PROVEN"
    assert live(service) == [old]


def test_an_inactive_principal_gets_no_token(service: Service, path: str) -> None:
    service.state.inactive.add(PRINCIPAL)
    for check in (True, False):
        stopped = refused(service, path, check=check)
        assert stopped.code == "PRINCIPAL_INACTIVE" and "active=true" in stopped.hint
    service.state.inactive.clear()
    run(service, path)
    service.state.inactive.add(PRINCIPAL)
    assert refused(service, path).code == "PRINCIPAL_INACTIVE"
    assert info(service, path)["token"]["live"] is False


# -- ways to mint ----------------------------------------------------------------------------
def test_a_workspace_that_restricts_tokens_on_behalf_of_others(service: Service, path: str) -> None:
    service.state.restricted = True
    with pytest.raises(Failure, match="may not make tokens"):
        run(service, path, method="on_behalf_of")
    made = run(service, path)
    assert made["token"]["method"] == "self" and service.state.oauth == {} and len(live(service)) == 1
    assert any("on behalf of klaviyo-import" in said and "method=self" in said for said in made["warnings_"])
    assert not run(service, path)["warnings_"]


def test_both_ways_refused_name_both(service: Service, path: str) -> None:
    service.state.restricted = True
    service.state.trouble(
        "/credentials/secrets", Failure("Could not: not you.", code="PERMISSION_DENIED", status=403), 9
    )
    with pytest.raises(Failure, match=r"may not make tokens for it\..*signed in as the principal.*not you"):
        run(service, path)
    assert live(service) == []


@pytest.mark.parametrize(
    "words",
    ["User x does not have permission to use tokens.", "Personal access tokens are disabled for this workspace."],
)
def test_where_nobody_may_have_tokens_no_other_way_is_tried(service: Service, path: str, words: str) -> None:
    service.state.trouble("on-behalf-of", Failure(words, code="FEATURE_DISABLED", status=403), 9)
    with pytest.raises(Failure, match=words):
        run(service, path)
    assert not any("credentials/secrets" in path for _method, path, _who in service.state.log)


def test_an_answer_without_a_secret(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service("azure")
    monkeypatch.setattr(minting.oauth_secrets, "create", lambda *given: {})
    with pytest.raises(Failure, match="OAuth secret without one"):
        run(service, path)


# -- whose record it is ----------------------------------------------------------------------
def test_another_address_of_the_same_workspace_is_no_other_workspace(service: Service, path: str) -> None:
    run(service, path)
    service.state.host = ELSEWHERE
    assert not run(service, path)["changed"] and info(service, path)["token"]["live"]
    service.state.log.clear()
    assert stores.stored_token(service, {"type": "file", "path": path}) in service.state.values
    assert service.state.log[0][2] == "admin@example.com", "asked with the caller's own credentials first"
    run(service, path, state="rotate")
    assert record(path)["host"] == ELSEWHERE


@pytest.mark.parametrize(("theirs", "ours"), [("999", "4711"), (None, "4711"), ("4711", None), (None, None)], ids=str)
@pytest.mark.parametrize("state", ["present", "rotate", "revoke_superseded", "absent"])
def test_a_token_is_not_sent_to_a_workspace_that_is_not_known_to_be_its_own(
    service: Service, path: str, theirs: str | None, ours: str | None, state: str
) -> None:
    run(service, path)
    change(path, workspace_id=theirs)
    service.state.host, service.state.workspace_id = ELSEWHERE, ours
    service.state.log.clear()
    stopped = refused(service, path, state=state)
    assert stopped.code == "OTHER_WORKSPACE" and "abc.cloud.databricks.com" in stopped.message
    with pytest.raises(Refused, match="another workspace"):
        stores.stored_token(service, {"type": "file", "path": path})
    assert not any(who == APPLICATION_ID for _method, _path, who in service.state.log), "the token was sent there"


def test_another_workspace_at_the_same_address(service: Service, path: str) -> None:
    run(service, path)
    service.state.workspace_id = "4712"
    assert refused(service, path).code == "OTHER_WORKSPACE"


def test_without_credentials_only_the_address_can_tell(service: Service, path: str) -> None:
    run(service, path)
    nobody = Service(state=service.state, caller=None)
    store = {"type": "file", "path": path}
    service.state.log.clear()
    assert stores.stored_token(nobody, store) and service.state.log == []
    service.state.host, service.state.workspace_id = ELSEWHERE, None
    with pytest.raises(Refused, match="another workspace"):
        stores.stored_token(nobody, store)


# -- records of old, damaged ones, and keys of others ----------------------------------------
def test_a_record_of_old_is_read_and_upgraded_with_the_next_write(service: Service, path: str) -> None:
    old, new = rotated(service, path)
    row = service.state.tokens[new]
    row["comment"] = row["comment"].rsplit(":", 1)[0]
    held = record(path)
    gone = ("store_id", "workspace_id", "intents", "nonce", "predecessors")
    change(path, *gone, predecessor={"token_id": old, "expiry": held["predecessors"][0]["expiry"]})
    assert run(service, path)["phase"] == "handover" and not run(service, path)["changed"]
    run(service, path, state="revoke_superseded", confirmed=True)
    assert live(service) == [new] and "predecessor" not in record(path) and len(record(path)["store_id"]) >= 8
    made = run(service, path, state="rotate")["token"]["token_id"]
    upgraded = record(path)
    assert upgraded["workspace_id"] == "4711" and upgraded["nonce"] and upgraded["intents"] == []
    assert service.state.tokens[made]["comment"].endswith(f":{upgraded['nonce']}:s{upgraded['store_id']}")


def test_an_old_record_whose_replaced_token_went_long_ago_says_nothing_about_it(service: Service, path: str) -> None:
    run(service, path)
    change(path, "predecessors", "store_id", predecessor={"token_id": "gone", "expiry": "2026-01-01T00:00:00Z"})
    assert run(service, path)["token"]["handover"] is None
    assert info(service, path)["token"]["handover"] is None


def test_what_others_keep_in_the_record_stays(service: Service, path: str) -> None:
    run(service, path)
    name, mine = record(path)["store_id"], {"t1": "2027-01-15"}
    change(path, our_use=mine)
    run(service, path, state="rotate")
    run(service, path, state="revoke_superseded", confirmed=True)
    assert record(path)["our_use"] == mine and record(path)["store_id"] == name


def test_a_record_may_only_announce(service: Service, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*given: t.Any, **more: t.Any) -> t.NoReturn:
        raise BROKEN

    monkeypatch.setattr(minting.tokens, "create_on_behalf", breaks)
    with pytest.raises(Failure):
        run(service, path)
    held = record(path)
    assert "token_id" not in held and held["intents"][0]["nonce"] and held["intents"][0]["principal"] == APPLICATION_ID
    with pytest.raises(Failure, match="holds no token"):
        stores.stored_token(service, {"type": "file", "path": path})
    told = info(service, path)
    assert told["phase"] == "none" and told["token"]["token_id"] is None
    monkeypatch.undo()
    assert run(service, path)["phase"] == "current" and record(path)["store_id"] == held["store_id"]
    assert run(service, path, state="absent")["changed"] and not Path(path).exists()


@pytest.mark.parametrize(
    "damage",
    [
        {"generation": "zwei"},
        {"generation": [1]},
        {"token_id": 7},
        {"token_value": ["x"]},
        {"token_value": "dapi0\n1"},
        {"host": 7},
        {"predecessor": "t1", "predecessors": None},
        {"predecessors": "t1"},
        {"predecessors": [{"token_id": 7}]},
        {"intents": {"a": 1}},
        {"intents": [{"nonce": "a"}]},
    ],
    ids=str,
)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_damaged_record_is_refused_in_words(service: Service, path: str, damage: t.Any, state: str) -> None:
    run(service, path)
    change(path, **damage)
    stopped = refused(service, path, state=state)
    assert stopped.code == "NOT_A_RECORD" and next(iter(damage)).rstrip("s") in stopped.message


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "[]", '{"store_id": "12345678"}', '{"token_id": "x"}'])
def test_what_is_no_record_is_left_alone(service: Service, path: str, text: str) -> None:
    Path(path).write_text(text)
    assert refused(service, path).code == "NOT_A_RECORD"


# -- strangers -------------------------------------------------------------------------------
def test_a_stranger_stops_what_would_make_another_one(service: Service, path: str) -> None:
    first = run(service, path)["token"]["token_id"]
    service.state.tokens[first]["last_used_day"] = int(service.now * 1000)
    lost = path + "2"
    for check in (True, False):
        stopped = refused(service, lost, check=check)
        assert stopped.code == "STRANGER_TOKEN" and first[:12] in stopped.message
    for words in ("made on 2027-01-15 by admin@example.com", "last used on 2027-01-15", "another controller", "lost"):
        assert words in stopped.message
    for words in ("klaviyo_token_store", "klaviyo_principal_name", "klaviyo_unknown_tokens", "keep", "replace"):
        assert words in stopped.hint
    assert [one["token_id"] for one in stopped.details["strangers"]] == [first]


def test_strangers_are_told_and_left_alone_where_nothing_has_to_be_made(service: Service, path: str) -> None:
    first = run(service, path)["token"]["token_id"]
    other = path + "2"
    made = run(service, other, unknown_tokens="keep")
    again = run(service, other)
    assert not again["changed"] and [one["token_id"] for one in again["strangers"]] == [first]
    assert any(first[:12] in said and "klaviyo_unknown_tokens" in said for said in again["warnings_"])
    told = info(service, other)
    assert [one["token_id"] for one in told["tokens"]] == [made["token"]["token_id"]]
    assert (
        [one["token_id"] for one in told["other_tokens"]] == [first] == [one["token_id"] for one in told["strangers"]]
    )
    assert told["strangers"][0]["created_by"] == "admin@example.com"
    bare = info(service, None)
    assert len(bare["tokens"]) == 2 and bare["strangers"] == bare["other_tokens"] == []
    assert refused(service, other, state="rotate").code == "STRANGER_TOKEN"
    gone = run(service, other, state="absent")
    assert live(service) == [first] and [one["token_id"] for one in gone["strangers"]] == [first]


@pytest.mark.parametrize("comment", ["other lakeops:g1:5f2c9d0a7b1e4c68:s12345678", "klaviyo by hand"])
def test_tokens_of_other_integrations_and_principals_are_no_strangers(
    service: Service, path: str, comment: str
) -> None:
    service._issue(PRINCIPAL, {"comment": comment})
    service._issue(PERSON, {"comment": "klaviyo lakeops:g1:5f2c9d0a7b1e4c68:s12345678"})
    made = run(service, path)
    assert made["strangers"] == [] and made["warnings_"] == [] and len(live(service)) == 3


def test_replace_ends_in_a_clean_handover(service: Service, path: str) -> None:
    first = run(service, path)["token"]["token_id"]
    Path(path).unlink()
    predicted = run(service, path, unknown_tokens="replace", check=True)
    made = run(service, path, unknown_tokens="replace")
    assert [row["method"] for row in predicted["actions"]] == [row["method"] for row in made["actions"]]
    assert made["phase"] == "handover" and made["token"]["predecessor"]["token_id"] == first
    assert made["token"]["handover"]["predecessor"] == first and made["strangers"] == []
    assert not run(service, path, unknown_tokens="replace")["changed"]
    done = run(service, path, state="revoke_superseded", confirmed=True)
    assert done["phase"] == "current" and done["token"]["handover"] is None
    assert live(service) == [record(path)["token_id"]] and first not in live(service)


def test_a_handover_is_told_in_results(service: Service, path: str) -> None:
    old, new = rotated(service, path)
    service.state.time += 85 * DAY
    told = info(service, path, prove=False)["token"]["handover"]
    assert told["predecessor"] == old and told["level"] == "warn" and 4.9 < told["days_left"] < 5.1
    assert told["ends"] > told["since"] and any(new[:12] in step for step in told["steps"])
    service.state.time += 4 * DAY
    assert info(service, path)["token"]["handover"]["level"] == "broken"
    assert run(service, path)["token"]["handover"]["level"] == "broken"


def test_grace_that_outlasts_the_renewal_window_is_warned_about(service: Service, path: str) -> None:
    said = run(service, path, renew_before_days=10, grace_days=10)["warnings_"]
    assert any(one.startswith("grace_days") for one in said)
    assert not run(service, path, renew_before_days=15, grace_days=14)["warnings_"]
    assert not run(service, path)["warnings_"]


@pytest.mark.parametrize("value", ["dapi 0", "dapi0\r\nx", "", " "])
def test_a_pasted_token_with_blanks(service: Service, path: str, value: str) -> None:
    if value.strip():
        with pytest.raises(BadOption, match="supplied_token"):
            run(service, path, principal=ANNE, supplied_token=value)
    good = service._issue(PERSON, {"comment": "mine", "lifetime_seconds": 90 * DAY})["token_value"]
    run(service, path, principal=ANNE, supplied_token=f" {good}\n")
    assert record(path)["token_value"] == good and record(path)["expiry"]


# -- the store comes first -------------------------------------------------------------------
class Shelf(Store):
    """A store that fails as a test says."""

    place = "the shelf"

    def __init__(self, *fates: str) -> None:
        self.text: str | None = None
        self.fates = list(fates)  # of each writing
        self.before_reading: t.Callable[[], None] = lambda: None

    def read_text(self) -> str | None:
        self.before_reading()
        return self.text

    def write_text(self, text: str) -> None:
        fate = self.fates.pop(0) if self.fates else ""
        if fate == "full":
            raise Failure("the shelf is full.", code="STORE")
        if fate == "rival":
            text = text.replace("dapi", "DAPI")
        if fate != "forgets":
            self.text = text

    def clear(self) -> None:
        self.text = None


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    made = Shelf()
    monkeypatch.setattr(stores, "open_store", lambda workspace, options: made)
    return made


RECORD = {"token_id": "t1", "token_value": "dapi1"}


def test_what_a_store_does_not_keep_is_not_taken_for_stored() -> None:
    with pytest.raises(Failure, match="did not keep what was written"):
        Shelf("forgets").write(RECORD, None)
    with pytest.raises(Rival):
        Shelf("rival").write(RECORD, None)


def test_what_another_run_stored_meanwhile_is_not_overwritten() -> None:
    shelf = Shelf()
    shelf.write(RECORD, None)
    theirs = shelf.text
    with pytest.raises(Rival):
        shelf.write({**RECORD, "token_id": "t2"}, None)
    with pytest.raises(Rival):
        shelf.write({**RECORD, "token_id": "t2"}, {**RECORD, "token_id": "t0"})
    assert shelf.text == theirs
    shelf.write({**RECORD, "token_id": "t2"}, RECORD)
    assert json.loads(shelf.text)["token_id"] == "t2"


@pytest.mark.parametrize("fate", ["full", "forgets"])
def test_a_store_that_cannot_be_written_costs_no_token(service: Service, shelf: Shelf, fate: str) -> None:
    shelf.fates = [fate]
    with pytest.raises(Failure, match="the shelf"):
        run(service, "")
    assert not service.state.issued, "a token was made for a store that does not keep it"


@pytest.mark.parametrize("fate", ["full", "forgets"])
def test_a_token_that_was_not_stored_is_revoked_in_the_same_run(service: Service, shelf: Shelf, fate: str) -> None:
    first = run(service, "")["token"]["token_id"]
    shelf.fates = ["", fate]
    with pytest.raises(Failure, match=r"the shelf.* was revoked again"):
        run(service, "", state="rotate")
    assert live(service) == [first] and len(service.state.issued) == 2
    shelf.fates = ["", fate]
    service.state.trouble(f"{minting.tokens.MANAGED}/", BROKEN)
    with pytest.raises(Failure, match="lives on; the next run revokes it"):
        run(service, "", state="rotate")
    assert len(live(service)) == 2
    assert [row["method"] for row in run(service, "")["actions"]] == ["revoke"] and live(service) == [first]


def test_a_persons_token_is_not_revoked_because_it_could_not_be_stored(service: Service, shelf: Shelf) -> None:
    comment = "klaviyo lakeops:g1:5f2c9d0a7b1e4c68:s12345678"
    value = service._issue(PRINCIPAL, {"comment": comment, "lifetime_seconds": 90 * DAY})["token_value"]
    shelf.fates = ["full"]
    with pytest.raises(Failure, match="full"):
        run(service, "", supplied_token=value)
    assert len(live(service)) == 1


def test_an_orphan_that_another_run_is_just_storing_is_not_revoked(service: Service, shelf: Shelf) -> None:
    run(service, "")
    stored = shelf.text
    held = json.loads(stored)
    row = {key: held[key] for key in ("nonce", "generation", "principal", "workspace_id")} | {"when": held["created"]}
    shelf.text = json.dumps({"store_id": held["store_id"], "intents": [row]})
    reads: list[None] = []

    def other_run() -> None:
        reads.append(None)
        if len(reads) == 2:  # the first is the look, the second is right before the orphan would go
            shelf.text = stored

    shelf.before_reading = other_run
    assert not run(service, "")["changed"] and live(service) == [held["token_id"]]


@pytest.mark.parametrize(
    "failure", [BROKEN, LATE, UNAUTHENTICATED, Failure("Could not: no route.", code="NOT_THE_API", status=404)], ids=str
)
def test_a_store_that_does_not_answer_is_not_an_empty_one(service: Service, failure: Failure) -> None:
    where = {"type": "databricks_secret", "scope": "klaviyo", "key": "token", "create_scope": True}
    run(service, "", store=where)
    before = live(service)
    service.state.trouble("/secrets/get", failure, 9)
    for state in ("present", "rotate", "revoke_superseded", "absent"):
        with pytest.raises(Failure) as stopped:
            run(service, "", store=where, state=state, unknown_tokens="keep")
        assert stopped.value is failure and live(service) == before


def test_a_store_that_somebody_else_keeps_writing_is_given_up(service: Service, shelf: Shelf) -> None:
    shelf.fates = ["", "rival"] * 20
    with pytest.raises(Failure) as stopped:
        run(service, "")
    assert stopped.value.code == "RIVALS" and not live(service)
