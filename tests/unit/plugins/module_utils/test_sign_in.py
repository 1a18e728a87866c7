# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to sign in, through the real SDK, against identity providers that answer what a test says."""

from __future__ import annotations

import re
import time
import typing as t
from pathlib import Path

import pytest
from databricks.sdk import environments

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import managed_identity
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import TOKEN, Answer, Host

PATH = "/api/2.0/thing"
RESOURCE = "/subscriptions/1/resourceGroups/g/providers/Microsoft.Databricks/workspaces/w"


@pytest.fixture(autouse=True)
def nothing_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tester's own credentials stay out of this."""
    import os

    for name in list(os.environ):
        if name.startswith(("DATABRICKS_", "ARM_", "ACTIONS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def workspace(host: Host, **options: t.Any) -> Workspace:
    return Workspace({"host": host.url, "http_timeout": 5, "retry_timeout": 5, **options})


def authorization(host: Host, place: Workspace) -> str:
    """What the workspace was shown."""
    host.on("GET", PATH, Answer({}))
    place.call("GET", PATH, "read")
    return next(request for request in host.requests if request["path"] == PATH)["headers"]["Authorization"]


def discoverable(host: Host) -> None:
    host.on("GET", "/.well-known/databricks-config", Answer({"oidc_endpoint": f"{host.url}/oidc"}))
    host.on(
        "GET",
        "/oidc/.well-known/oauth-authorization-server",
        Answer({"authorization_endpoint": f"{host.url}/a", "token_endpoint": f"{host.url}/oidc/v1/token"}),
    )
    host.on("POST", "/oidc/v1/token", Answer({"access_token": "exchanged", "token_type": "Bearer", "expires_in": 3600}))


def test_personal_access_token(host: Host) -> None:
    assert authorization(host, workspace(host, token=TOKEN)) == f"Bearer {TOKEN}"


def test_oauth_secret_of_a_service_principal(host: Host) -> None:
    discoverable(host)
    assert authorization(host, workspace(host, client_id="me", client_secret="mine")) == "Bearer exchanged"


def test_profile(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "profiles"
    file.write_text(f"[other]\nhost = {host.url}\ntoken = {TOKEN}\n", encoding="utf-8")
    place = Workspace({"profile": "other", "config_file": str(file), "http_timeout": 5, "retry_timeout": 5})
    assert authorization(host, place) == f"Bearer {TOKEN}"


@pytest.mark.parametrize("named", ["option", "variable"])
def test_a_profile_whose_file_is_not_there_is_named(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """As on another controller, or in a container, where HOME is another one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    discoverable(host)
    if named == "variable":
        monkeypatch.setenv("DATABRICKS_CONFIG_PROFILE", "production")
    options = {"profile": "production"} if named == "option" else {}
    with pytest.raises(BadOption) as refused:
        authorization(host, workspace(host, **options))
    assert str(refused.value) == (
        f"profile: is 'production', and {tmp_path}/.databrickscfg does not exist on the machine that runs this. Give "
        "config_file, or the credentials themselves."
    )


def entra(host: Host, monkeypatch: pytest.MonkeyPatch, answer: Answer, retry_timeout: int = 5) -> Workspace:
    """A workspace of Azure, and an identity provider that answers this."""
    provider = environments.AzureEnvironment("PUBLIC", "management", "manager", f"{host.url}/")
    azure = environments.DatabricksEnvironment(
        environments.Cloud.AZURE, "127.0.0.1", azure_application_id="databricks", azure_environment=provider
    )
    monkeypatch.setattr("databricks.sdk.config.get_environment_for_hostname", lambda name: azure)
    host.on("GET", "/.well-known/databricks-config", Answer({}))
    host.on("POST", "/tenant/oauth2/token", answer)
    options = {"azure_client_id": "app", "azure_client_secret": "secret", "azure_tenant_id": "tenant"}
    return workspace(host, azure_workspace_resource_id=RESOURCE, retry_timeout=retry_timeout, **options)


def test_secret_of_an_entra_application(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer({"access_token": "entra", "token_type": "Bearer", "expires_in": 99})
    assert authorization(host, entra(host, monkeypatch, answer)) == "Bearer entra"


@pytest.mark.parametrize("client_id", [None, "user-assigned"])
@pytest.mark.parametrize("resource_id", [None, RESOURCE])
def test_managed_identity(
    host: Host, monkeypatch: pytest.MonkeyPatch, client_id: str | None, resource_id: str | None
) -> None:
    monkeypatch.setattr(managed_identity, "ENDPOINT", f"{host.url}/metadata/identity/oauth2/token")
    host.on("GET", "/.well-known/databricks-config", Answer({}))
    host.on("GET", "/metadata/identity/oauth2/token", Answer({"access_token": "managed", "expires_in": "3599"}))
    place = workspace(host, azure_use_msi=True, azure_client_id=client_id, azure_workspace_resource_id=resource_id)
    assert authorization(host, place) == "Bearer managed"
    asked = [request for request in host.requests if request["path"].startswith("/metadata")]
    assert all(request["headers"]["Metadata"] == "true" for request in asked)
    assert all(("client_id=user-assigned" in request["query"]) == bool(client_id) for request in asked)
    assert "resource=2ff814a6-3304-4ab8-85cb-cd0e6f879c1d" in asked[0]["query"]
    assert len(asked) == (2 if resource_id else 1), "one token per audience, kept until it expires"
    shown = next(request for request in host.requests if request["path"] == PATH)["headers"]
    assert shown.get("X-Databricks-Azure-Workspace-Resource-Id") == resource_id


def test_no_proxy_leads_to_the_machines_own_metadata(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(managed_identity, "ENDPOINT", f"{host.url}/token")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    host.on("GET", "/token", Answer({"access_token": "managed", "expires_in": "3599"}))
    assert managed_identity._ask("anything", None)["access_token"] == "managed"


def test_a_machine_without_managed_identity(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(managed_identity, "ENDPOINT", "http://127.0.0.1:9/token")
    host.on("GET", "/.well-known/databricks-config", Answer({}))
    with pytest.raises(Failure, match="azure_use_msi: no metadata service answers"):
        workspace(host, azure_use_msi=True).call("GET", PATH, "read")


@pytest.mark.parametrize("way", ["env-oidc", "file-oidc", "github-oidc"])
def test_federation(host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str) -> None:
    discoverable(host)
    if way == "env-oidc":
        monkeypatch.setenv("DATABRICKS_OIDC_TOKEN", "identity")
    if way == "file-oidc":
        (tmp_path / "token").write_text("identity", encoding="utf-8")
        monkeypatch.setenv("DATABRICKS_OIDC_TOKEN_FILEPATH", str(tmp_path / "token"))
    if way == "github-oidc":
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{host.url}/github?x=1")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request")
        host.on("GET", "/github", Answer({"value": "identity"}))
    assert authorization(host, workspace(host, auth_type=way, client_id="app")) == "Bearer exchanged"
    exchange = host.seen("POST")[0]
    assert re.search(r"subject_token=identity", str(exchange["body"]))


def test_everything_from_the_environment(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", host.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", TOKEN)
    assert authorization(host, Workspace({"http_timeout": 5, "retry_timeout": 5})) == f"Bearer {TOKEN}"


# -- providers and commands that fail -------------------------------------------------------------
HTML = {"Content-Type": "text/html"}
BUSY = "The identity provider is not available at the moment. Run the task again later, or raise retry_timeout."
STRANGE = "Look at the IDs of tenant and client"
ENTRA = [
    (Answer({"error": "server"}, 500), "{netloc}, which gives access tokens, answered HTTP 500.", BUSY),
    (Answer("<html>busy</html>", 503, HTML), "{netloc}, which gives access tokens, answered HTTP 503.", BUSY),
    (
        Answer({"error": "slow_down"}, 429, {"Retry-After": "30"}),
        "{netloc}, which gives access tokens, answered HTTP 429. The service asks to wait 30 seconds, which is longer "
        "than retry_timeout allows.",
        BUSY,
    ),
    (Answer("<html>hello</html>", 200, HTML), "{netloc}, which gives access tokens, answered something that", STRANGE),
    (Answer({}), "{netloc}, which gives access tokens, answered something that holds no token.", STRANGE),
    (Answer([1]), "{netloc}, which gives access tokens, answered something that holds no token.", STRANGE),
    (Answer("nope", 401), "{netloc}, which gives access tokens, answered HTTP 401.", STRANGE),
    (Answer("", 404), "{netloc}, which gives access tokens, answered HTTP 404.", STRANGE),
    (Answer(lost=True), "the connection to {netloc} broke before the answer was complete.", "if it repeats"),
    (
        Answer({"error": "invalid_client", "error_description": "AADSTS7000215: The key is wrong"}, 400),
        "invalid_client: AADSTS7000215: The key is wrong.",
        "the secret was deleted",
    ),
]


def failure_of(place: Workspace) -> Failure:
    with pytest.raises(Failure) as caught:
        place.call("GET", PATH, "read")
    return caught.value


@pytest.mark.parametrize(("answer", "sentence", "hint"), ENTRA)
def test_an_identity_provider_that_gives_no_token(
    host: Host, monkeypatch: pytest.MonkeyPatch, answer: Answer, sentence: str, hint: str
) -> None:
    begun = time.monotonic()
    failure = failure_of(entra(host, monkeypatch, answer, retry_timeout=1))
    said = sentence.format(netloc=host.url.partition("//")[2])
    assert failure.message.startswith(f"Could not sign in to the workspace: {said}"), failure.message
    assert hint in str(failure.hint) and time.monotonic() - begun < 10


def test_a_busy_identity_provider_is_asked_again(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    token = Answer({"access_token": "entra", "token_type": "Bearer", "expires_in": 99})
    place = entra(host, monkeypatch, Answer({}, 503))
    host.on("POST", "/tenant/oauth2/token", Answer({}, 503), Answer("", 429, {"Retry-After": "0"}), token)
    assert authorization(host, place) == "Bearer entra"


def test_an_identity_provider_that_hangs(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    place = entra(host, monkeypatch, Answer({}, delay=20), retry_timeout=1)
    place._http.timeout = 1
    assert "no complete answer came from" in failure_of(place).message and time.monotonic() - begun < 10


def test_github_that_gives_no_identity(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    discoverable(host)
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{host.url}/github?x=1")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request")
    host.on("GET", "/github", Answer("not yours", 403))
    failure = failure_of(workspace(host, auth_type="github-oidc", client_id="app"))
    assert "which gives access tokens, answered HTTP 403." in failure.message, failure


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer("", 503), "the metadata service, which gives access tokens, answered HTTP 503."),
        (Answer("<html>", 200, HTML), "azure_use_msi: the metadata service answered something that holds no token."),
        (
            Answer({"access_token": "x"}),
            "azure_use_msi: the metadata service does not say how long its token is valid.",
        ),
        (Answer("no", 400), "azure_use_msi: the metadata service refuses a token of the managed identity (HTTP 400)."),
    ],
)
def test_a_metadata_service_that_gives_no_token(
    host: Host, monkeypatch: pytest.MonkeyPatch, answer: Answer, sentence: str
) -> None:
    monkeypatch.setattr(managed_identity, "ENDPOINT", f"{host.url}/token")
    host.on("GET", "/.well-known/databricks-config", Answer({})).on("GET", "/token", answer)
    failure = failure_of(workspace(host, azure_use_msi=True, retry_timeout=1))
    assert failure.message == f"Could not sign in to the workspace: {sentence}"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo not json", "databricks-cli: the command gave something that is no access token."),
        ("echo '{}'", "databricks-cli: the command gave something that is no access token."),
        ("kill -9 $$", "databricks-cli: the command failed without a word."),
        ("echo Log in first >&2; exit 1", "databricks-cli: cannot get access token: Log in first."),
        ("sleep 8", "signing in (auth_type databricks-cli) did not end within 3 s."),
        (
            None,
            "auth_type databricks-cli is not configured here: something that it needs is missing, or its command "
            "failed.",
        ),
    ],
)
def test_a_command_that_gives_no_token(
    host: Host,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    script: str | None,
    sentence: str,
) -> None:
    host.on("GET", "/.well-known/databricks-config", Answer({"oidc_endpoint": f"{host.url}/oidc"}))
    if script:
        # The SDK takes a small file for the CLI of old (SDK credentials_provider.py).
        version = '[ "$1" = version ] && exit 1'
        text = f"#!/bin/sh\n{version}\n{script}\nexit\n{'#' * 1_100_000}\n"
        (tmp_path / "databricks").write_text(text, encoding="utf-8")
        (tmp_path / "databricks").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    failure = failure_of(workspace(host, auth_type="databricks-cli", http_timeout=1, retry_timeout=1))
    assert failure.message == f"Could not sign in to the workspace: {sentence}"
    assert capfd.readouterr().err == "", "a library speaks past what masks secrets"
