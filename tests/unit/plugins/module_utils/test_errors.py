# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong ends as one Failure: a short sentence, a code, and nothing secret."""

from __future__ import annotations

import socket
import ssl

import pytest
import requests

from ansible_collections.lakeops.databricks.plugins.module_utils._common import scrub
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import (
    BadOption,
    Failure,
    LostAnswer,
    Refused,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import errors
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import TOKEN, Answer, Host

ME = "/api/2.0/preview/scim/v2/Me"


def failure_of(workspace: Workspace, method: str = "GET") -> Failure:
    with pytest.raises(Failure) as caught:
        workspace.call(method, ME, "ask who the caller is")
    return caught.value


@pytest.mark.parametrize(
    ("answer", "code", "status", "said"),
    [
        # sdk-go#1046: the code of a bad token is a number.
        (Answer({"error_code": 403, "message": "Invalid access token."}, 403), "INVALID_ACCESS_TOKEN", 403, "Invalid"),
        (
            Answer({"error_code": "UNAUTHENTICATED", "message": "Credential was not sent."}, 401),
            "UNAUTHENTICATED",
            401,
            "Credential",
        ),
        # SDK errors/deserializer.py: SCIM errors come in an envelope of their own, here without a scimType.
        (
            Answer({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": "No.", "status": "404"}, 404),
            "SCIM_404",
            404,
            "No.",
        ),
        (
            Answer({"detail": "Taken.", "status": "409", "scimType": "uniqueness"}, 409),
            "SCIM_409",
            409,
            "uniqueness Taken.",
        ),
        (Answer({"error_code": "INTERNAL_ERROR", "message": "oops"}, 500), "INTERNAL_ERROR", 500, "oops."),
        (Answer({"error": "Old form"}, 400), None, 400, "Old form"),
        (Answer("<html><title>Welcome</title></html>", 200, {"Content-Type": "text/html"}), "NOT_THE_API", 200, "JSON"),
        (Answer("", 418), None, 418, ""),
    ],
    ids=["numeric", "401", "scim", "scim-type", "500", "old", "html", "empty"],
)
def test_what_the_service_says(
    host: Host, workspace: Workspace, answer: Answer, code: str | None, status: int, said: str
) -> None:
    host.on("GET", ME, answer)
    failure = failure_of(workspace)
    assert failure.as_dict()["status"] == status
    assert said in failure.message and failure.message.startswith("Could not ask who the caller is: ")
    assert code is None or failure.code == code
    assert not failure.message.startswith("Could not ask who the caller is: None")


def test_the_sdks_own_settings_are_not_part_of_the_sentence(host: Host, workspace: Workspace) -> None:
    host.on("GET", ME, Answer({"error_code": "PERMISSION_DENIED", "message": "No."}, 403))
    assert failure_of(workspace).message == "Could not ask who the caller is: No."


def test_the_request_id_is_kept(host: Host, workspace: Workspace) -> None:
    host.on("GET", ME, Answer({"error_code": "BAD_REQUEST", "message": "No."}, 400, {"x-request-id": "abc-1"}))
    assert failure_of(workspace).as_dict()["request_id"] == "abc-1"


def test_the_request_id_in_the_details_wins(host: Host, workspace: Workspace) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RequestInfo", "request_id": "from-details"}]
    body = {"error_code": "BAD_REQUEST", "message": "No.", "details": details}
    host.on("GET", ME, Answer(body, 400, {"x-request-id": "from-header"}))
    assert failure_of(workspace).request_id == "from-details"


def test_a_secret_that_the_service_repeats_is_masked(host: Host, workspace: Workspace) -> None:
    host.on("GET", ME, Answer({"error_code": "BAD_REQUEST", "message": f"Bad {TOKEN} and dapi{'f' * 32}"}, 400))
    failure = failure_of(workspace)
    assert "dapi" not in str(failure) and "********" in failure.message


def test_a_hint_is_part_of_the_text_but_not_of_the_message(host: Host, workspace: Workspace) -> None:
    host.on("GET", ME, Answer({"error_code": 403, "message": "Invalid access token."}, 403))
    failure = failure_of(workspace)
    assert "Hint: " in str(failure) and "Hint: " not in failure.message
    assert set(failure.as_dict()) == {"code", "status", "message", "request_id", "retryable", "hint"}


def test_a_closed_port_is_one_short_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    failure = failure_of(
        Workspace({"host": f"http://127.0.0.1:{port}", "token": TOKEN, "retry_timeout": 60, "http_timeout": 5})
    )
    assert failure.code == "UNREACHABLE" and failure.retryable
    assert failure.message == (
        f"Could not ask who the caller is: 127.0.0.1:{port} cannot be reached: the connection was refused."
    )


def test_an_unknown_name_is_one_short_line() -> None:
    failure = failure_of(
        Workspace({"host": "https://nowhere.invalid", "token": TOKEN, "retry_timeout": 60, "http_timeout": 5})
    )
    assert failure.code == "UNREACHABLE"
    assert (
        failure.message == "Could not ask who the caller is: nowhere.invalid cannot be reached: its name is not known."
    )


def test_an_unreachable_host_fails_at_once_when_signing_in_by_oauth(no_pauses: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    settings = {"host": f"http://127.0.0.1:{port}", "client_id": "a", "client_secret": "b"}
    failure = failure_of(Workspace({**settings, "retry_timeout": 60, "http_timeout": 5}))
    assert "HTTPConnectionPool" not in failure.message and len(failure.message) < 200


def test_a_certificate_that_is_not_trusted() -> None:
    error = requests.exceptions.SSLError(ssl.SSLCertVerificationError("certificate verify failed: self-signed"))
    assert errors.translate(error, "read").code == "TLS"


def test_a_lost_creation_is_told_apart(host: Host, workspace: Workspace) -> None:
    host.on("POST", ME, Answer(lost=True))
    failure = failure_of(workspace, "POST")
    assert isinstance(failure, LostAnswer) and failure.code == "LOST_ANSWER" and failure.hint
    assert len(host.seen("POST")) == 1


def test_a_bug_of_ours_is_not_taken_for_a_sign_in() -> None:
    failure = errors.translate(ValueError("invalid literal for int() with base 10: 'x'"), "finish the task")
    assert failure.code == "UNEXPECTED" and "ValueError" in failure.message


@pytest.mark.parametrize(
    "said",
    [
        "default auth: cannot configure default credentials, please check",
        "invalid_client: Client authentication failed",
        "oauth-m2m auth: Invalid URL 'None': No scheme supplied",
        "resolve: /home/x/.databrickscfg has no prod profile configured",
        "validate: more than one authorization method configured: oauth and pat",
    ],
)
def test_what_the_sdk_says_about_signing_in(said: str) -> None:
    assert errors.translate(ValueError(said), "read").code == "AUTHENTICATION"


def test_a_failure_passes_unchanged() -> None:
    failure = Refused("No.")
    assert errors.translate(failure, "read") is failure


def test_a_bad_option_names_it() -> None:
    failure = BadOption("name", "must not be empty.")
    assert failure.message == "name: must not be empty." and failure.as_dict()["option"] == "name"


def test_private_link(host: Host, workspace: Workspace) -> None:
    host.on("GET", ME, Answer({}, 302, {"Location": f"{host.url}/login.html?error=private-link-validation-error"}))
    host.on("GET", "/login.html", Answer("<html></html>", 200, {"Content-Type": "text/html"}))
    assert failure_of(workspace).code == "PRIVATE_LINK_VALIDATION_ERROR"


def test_an_html_page_that_says_the_token_is_bad(host: Host, workspace: Workspace) -> None:
    # terraform-provider-databricks#66
    page = "<html><head><title>Error 403 Invalid access token.</title></head><pre>Invalid access token.</pre></html>"
    host.on("GET", ME, Answer(page, 403, {"Content-Type": "text/html"}))
    failure = failure_of(workspace)
    assert failure.status == 403 and "wrong, revoked" in (failure.hint or "")


JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJrbGF2aXlvIn0.c2lnbmF0dXJl-_x"


@pytest.mark.parametrize("secret", ["dapi" + "a1" * 16, "dapi" + "a1" * 16 + "-3", "dose" + "b2" * 16, JWT])
@pytest.mark.parametrize("around", ["{}", "got <{}>.", "token={}&next=1", '{{"access_token":"{}"}}'])
def test_what_has_the_shape_of_a_secret_is_masked_whoever_it_belongs_to(secret: str, around: str) -> None:
    """An echo of somebody else's token is known to nobody here, so only its shape gives it away."""
    text = around.format(secret)
    assert scrub.scrub(text) == around.format("********")
    assert scrub.found(text) == {secret}


@pytest.mark.parametrize("word", ["Bearer", "bearer", "Authorization: BEARER"])
def test_what_follows_bearer_is_masked(word: str) -> None:
    assert "s3cr3t" not in scrub.scrub(f"sent {word} s3cr3t/s3cr3t+s3cr3t== to the host")


@pytest.mark.parametrize("text", ["main.sales.orders", "dapi is a prefix", "eyJ.a.b", "a bearer of news"])
def test_what_only_looks_a_little_like_one_stays(text: str) -> None:
    assert scrub.scrub(text) == text and scrub.found(text) == set()
