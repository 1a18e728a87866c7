# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One budget for all the trouble of a task, signing in included, and what is said when it is used up."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import errors, replies
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.retry import Patience
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import TOKEN, Answer, Host

PATH = "/api/2.0/thing"
WELL_KNOWN = "/.well-known/databricks-config"
DISCOVERY = "/oidc/.well-known/oauth-authorization-server"
TOKENS = "/oidc/v1/token"
DOWN = Answer({"error_code": "TEMPORARILY_UNAVAILABLE", "message": "Later."}, 503)
PAGE = Answer("<html><title>Welcome</title></html>", 200, {"Content-Type": "text/html"})


def busy(after: str) -> Answer:
    return Answer({"error_code": "TOO_MANY_REQUESTS", "message": "Slow down."}, 429, {"Retry-After": after})


def discoverable(host: Host) -> None:
    host.on("GET", WELL_KNOWN, Answer({"oidc_endpoint": f"{host.url}/oidc"}))
    host.on("GET", DISCOVERY, Answer({"token_endpoint": f"{host.url}{TOKENS}"}))
    host.on("POST", TOKENS, Answer({"access_token": "exchanged", "token_type": "Bearer", "expires_in": 3600}))
    host.on("GET", PATH, Answer({"good": True}))


def principal(host: Host, seconds: int = 5) -> Workspace:
    options = {"client_id": "me", "client_secret": "mine", "http_timeout": 5, "retry_timeout": seconds}
    return Workspace({"host": host.url, **options})


def failure_of(place: Workspace) -> Failure:
    with pytest.raises(Failure) as caught:
        place.call("GET", PATH, "read thing x")
    return caught.value


def test_trouble_counts_once_and_success_not_at_all() -> None:
    patience = Patience(10)
    with patience.tried():
        time.sleep(0.2)
    spent = 10 - patience.left
    assert 0.2 <= spent < 1
    time.sleep(0.2)
    assert 10 - patience.left == spent

    def wait() -> None:
        with patience.tried():
            time.sleep(0.3)

    threads = [threading.Thread(target=wait) for _number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.3 <= 10 - patience.left - spent < 1.2, "they waited at the same time"


def test_one_budget_for_all_requests_of_a_task(host: Host) -> None:
    place = Workspace({"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 2})
    host.on("GET", PATH, DOWN)
    place.sign_in()
    begun = time.monotonic()
    for who in (place, place.as_token("dapi" + "7" * 32), place):
        assert failure_of(who).status == 503
    assert time.monotonic() - begun < 8, "not two seconds for each and what comes on top"
    assert place.patience.left < 2


def test_the_budget_does_not_begin_with_a_slow_sign_in(host: Host) -> None:
    discoverable(host)
    host.on("POST", TOKENS, Answer({"access_token": "exchanged", "expires_in": 3600}, delay=2))
    host.on("GET", PATH, busy("1"), Answer({"good": True}))
    assert principal(host, 2).call("GET", PATH, "read thing x") == {"good": True}


@pytest.mark.parametrize("path", [WELL_KNOWN, DISCOVERY, TOKENS])
@pytest.mark.parametrize(
    "trouble", [busy("0"), DOWN, Answer(lost=True), Answer({"error": "temporarily_unavailable"}, 503)], ids=str
)
def test_signing_in_is_repeated_like_any_read(host: Host, no_pauses: None, path: str, trouble: Answer) -> None:
    discoverable(host)
    method = "POST" if path == TOKENS else "GET"
    host.on(method, path, trouble, trouble, host.answers[method, path][0])
    assert principal(host).call("GET", PATH, "read thing x") == {"good": True}
    assert [one["path"] for one in host.requests].count(path) == 3


@pytest.mark.parametrize("path", [WELL_KNOWN, DISCOVERY, TOKENS])
def test_what_a_sign_in_is_asked_to_wait_is_not_slept_out(host: Host, path: str) -> None:
    discoverable(host)
    host.on("POST" if path == TOKENS else "GET", path, busy("540"))
    begun = time.monotonic()
    if path == WELL_KNOWN:
        # An older host has none, so it is not needed.
        assert principal(host).call("GET", PATH, "read thing x") == {"good": True}
    else:
        failure = failure_of(principal(host))
        assert failure.message == (
            "Could not sign in to the workspace: Slow down. The service asks to wait 9 minutes, which is longer than "
            "retry_timeout allows."
        )
        assert failure.status == 429 and failure.retryable
    assert time.monotonic() - begun < 4


SIGN_IN: dict[str, tuple[str, Answer, str, str]] = {
    "page at discovery": (DISCOVERY, PAGE, "the host answered HTTP 200 with a web page (Welcome)", "NOT_THE_API"),
    "nothing at discovery": (DISCOVERY, Answer({}), "an object without token_endpoint, which says", "NOT_THE_API"),
    "list at discovery": (DISCOVERY, Answer([]), "a list instead of an object", "NOT_THE_API"),
    "page for a token": (TOKENS, PAGE, "the host answered HTTP 200 with a web page (Welcome)", "NOT_THE_API"),
    "no token": (TOKENS, Answer({"token_type": "Bearer"}), "an object without access_token, which", "NOT_THE_API"),
    "empty": (TOKENS, Answer(""), "an empty body instead of an object", "NOT_THE_API"),
    "refused page": (
        TOKENS,
        Answer("<html>no</html>", 403),
        "HTTP 403 with a web page, not in the form",
        "NOT_THE_API",
    ),
    "refused client": (
        TOKENS,
        Answer({"error": "invalid_client", "error_description": "Client authentication failed"}, 401),
        "invalid_client: Client authentication failed.",
        "AUTHENTICATION",
    ),
    "refused in the API's form": (
        TOKENS,
        Answer({"error_code": "BAD_REQUEST", "message": "No such principal."}, 400),
        "No such principal.",
        "AUTHENTICATION",
    ),
    "refused without a word": (TOKENS, Answer({}, 400), "HTTP 400 with other JSON, not in the form", "NOT_THE_API"),
}


@pytest.mark.parametrize("name", SIGN_IN)
def test_what_goes_wrong_while_signing_in_is_told_in_our_words(host: Host, name: str) -> None:
    path, answer, said, code = SIGN_IN[name]
    discoverable(host)
    host.on("POST" if path == TOKENS else "GET", path, answer)
    failure = failure_of(principal(host))
    assert failure.message.startswith("Could not sign in to the workspace: ") and said in failure.message
    assert failure.code == code and failure.hint and "mine" not in failure.message
    assert not any(word in failure.message for word in ("unknown: unknown", "Not supported yet", "Error:", "b'"))


def test_a_secret_is_not_sent_in_clear(host: Host) -> None:
    from ansible_collections.lakeops.databricks.plugins.module_utils._wire import sign_in

    class Made:
        host, discovery_url = "https://abc.example.com", None

    with pytest.raises(Failure, match="names an address for access tokens that is not https"):
        sign_in._endpoints(
            Made(), lambda *args, **more: {"token_endpoint": "http://abc.example.com/token"}, "workspace"
        )


def test_the_token_request_is_that_of_the_standard(host: Host) -> None:
    discoverable(host)
    principal(host).call("GET", PATH, "read thing x")
    sent = host.seen("POST")[0]
    assert sent["body"] == "grant_type=client_credentials&scope=all-apis"
    assert sent["headers"]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 second"), (40, "40 seconds"), (60, "1 minute"), (119, "119 seconds"), (540, "9 minutes")]
    + [(3600, "1 hour"), (7200, "2 hours"), (172_800, "2 days")],
)
def test_plain_time(seconds: float, said: str) -> None:
    assert errors.in_plain_time(seconds) == said


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Wed, 02 Jan 2030 00:01:00 GMT", 60.0),
        ("Wed, 02 Jan 2020 00:01:00 GMT", 0.0),
        *((odd, None) for odd in ("-5", "abc", "", "1e30", "inf", "9" * 30, "7.5", "\u0667")),
    ],
)
def test_when_a_service_asks_to_come_back(header: str, seconds: float | None) -> None:
    headers = {"retry-after": header, "date": "Wed, 02 Jan 2030 00:00:00 GMT"}
    found: t.Any = replies.Refusal(replies.Reply(429, headers, b""), "x").retry_after
    assert found == seconds
