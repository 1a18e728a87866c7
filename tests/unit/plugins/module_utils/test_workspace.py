# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One workspace as one identity: explicit credentials beat the environment, no request is made in vain."""

from __future__ import annotations

import re
import threading
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.version import VERSION
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import TOKEN, Answer, Host

PATH = "/api/2.0/thing"


def discover(host: Host) -> None:
    host.on("GET", "/.well-known/databricks-config", Answer({"oidc_endpoint": f"{host.url}/oidc", "cloud": "AWS"}))
    host.on(
        "GET",
        "/oidc/.well-known/oauth-authorization-server",
        Answer({"authorization_endpoint": f"{host.url}/a", "token_endpoint": f"{host.url}/oidc/v1/token"}),
    )
    host.on("POST", "/oidc/v1/token", Answer({"access_token": "opaque", "token_type": "Bearer", "expires_in": 3600}))
    host.on("GET", PATH, Answer({}))


def test_a_token_needs_one_request(host: Host, workspace: Workspace) -> None:
    host.on("GET", PATH, Answer({"x": 1}, headers={"x-databricks-org-id": "42"}))
    assert workspace.call("GET", PATH, "read", query={"a": True}) == {"x": 1}
    assert [request["path"] for request in host.requests] == [PATH]
    request = host.requests[0]
    assert request["headers"]["Authorization"] == f"Bearer {TOKEN}" and request["query"] == "a=true"
    assert workspace.answered_by == "42"


def test_the_user_agent_names_the_collection_and_its_version(host: Host, workspace: Workspace) -> None:
    host.on("GET", PATH, Answer({}))
    workspace.call("GET", PATH, "read")
    assert host.requests[0]["headers"]["User-Agent"].startswith(f"lakeops.databricks/{VERSION} ")


def test_the_version_is_that_of_the_collection() -> None:
    metadata = yaml.safe_load((Path(__file__).parents[4] / "galaxy.yml").read_text(encoding="utf-8"))
    assert metadata["version"] == VERSION and re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", VERSION)


@pytest.mark.parametrize(
    "stray",
    [
        {"DATABRICKS_CLIENT_ID": "x", "DATABRICKS_CLIENT_SECRET": "y"},
        {"DATABRICKS_CONFIG_PROFILE": "nowhere"},
        {"DATABRICKS_AUTH_TYPE": "azure-cli"},
        {"ARM_CLIENT_ID": "x", "ARM_CLIENT_SECRET": "y", "ARM_TENANT_ID": "z"},
        {"DATABRICKS_TOKEN": "dapi" + "9" * 32},
        {"DATABRICKS_HOST": "https://elsewhere.invalid"},
    ],
    ids=str,
)
def test_stray_variables_do_not_disturb_an_explicit_token(
    host: Host, monkeypatch: pytest.MonkeyPatch, stray: dict[str, str]
) -> None:
    # databricks-sdk-py#1183
    for name, value in stray.items():
        monkeypatch.setenv(name, value)
    host.on("GET", PATH, Answer({}))
    Workspace({"host": host.url, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5}).call("GET", PATH, "read")
    assert host.requests[0]["headers"]["Authorization"] == f"Bearer {TOKEN}"
    import os

    assert {name: os.environ[name] for name in stray} == stray


def test_everything_from_the_environment(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", host.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", TOKEN)
    host.on("GET", PATH, Answer({}))
    Workspace({"http_timeout": 5, "retry_timeout": 5}).call("GET", PATH, "read")
    assert len(host.requests) == 1


def test_everything_from_a_profile(host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", "https://elsewhere.invalid")
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi" + "9" * 32)
    file = tmp_path / "cfg"
    file.write_text(f"[prod]\nhost = {host.url}\ntoken = {TOKEN}\n", encoding="utf-8")
    host.on("GET", PATH, Answer({}))
    options = {"profile": "prod", "config_file": str(file), "http_timeout": 5, "retry_timeout": 5}
    Workspace(options).call("GET", PATH, "read")
    assert host.requests[-1]["headers"]["Authorization"] == f"Bearer {TOKEN}"


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "cfg"
    file.write_text("[other]\nhost = https://x\n", encoding="utf-8")
    options = {"profile": "prod", "config_file": str(file), "http_timeout": 5, "retry_timeout": 5}
    with pytest.raises(Failure) as caught:
        Workspace(options).call("GET", PATH, "read")
    assert caught.value.code == "AUTHENTICATION" and "option profile" in (caught.value.hint or "")


def test_no_host_at_all() -> None:
    with pytest.raises(BadOption) as caught:
        Workspace({"token": TOKEN, "http_timeout": 5, "retry_timeout": 5}).call("GET", PATH, "read")
    assert caught.value.message.startswith("host: is missing.")


def test_a_service_principal_signs_in(host: Host, workspace: Workspace) -> None:
    discover(host)
    workspace.as_service_principal("app", "s3cret").call("GET", PATH, "read")
    assert host.requests[-1]["headers"]["Authorization"] == "Bearer opaque"


def test_a_wrong_secret(host: Host, workspace: Workspace) -> None:
    discover(host)
    refusal = {"error": "invalid_client", "error_description": "Client authentication failed"}
    host.on("POST", "/oidc/v1/token", Answer(refusal, 401))
    with pytest.raises(Failure) as caught:
        workspace.as_service_principal("app", "s3cret-value").call("GET", PATH, "read")
    assert caught.value.code == "AUTHENTICATION" and "secret was deleted" in (caught.value.hint or "")
    assert "s3cret" not in str(caught.value)


def test_another_identity_leaves_the_first_as_it_is(host: Host, workspace: Workspace) -> None:
    host.on("GET", PATH, Answer({}))
    other = workspace.as_token("dapi" + "7" * 32)
    for one in (workspace, other, workspace):
        one.call("GET", PATH, "read")
    sent = [request["headers"]["Authorization"][-1] for request in host.requests]
    assert sent == ["0", "7", "0"]
    assert other.host == workspace.host and "dapi" + "7" * 32 in other.secrets


def test_find_gives_none_for_what_is_not_there(host: Host, workspace: Workspace) -> None:
    host.on("GET", PATH, Answer({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No."}, 404))
    assert workspace.find(PATH, "read") is None


@pytest.mark.parametrize("code", ["METASTORE_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND", "CATALOG_DOES_NOT_EXIST"])
def test_find_does_not_take_another_trouble_for_absence(host: Host, workspace: Workspace, code: str) -> None:
    host.on("GET", PATH, Answer({"error_code": code, "message": "No."}, 404))
    with pytest.raises(Failure):
        workspace.find(PATH, "read")


def test_pages_go_on_after_an_empty_one(host: Host, workspace: Workspace) -> None:
    host.on(
        "GET",
        PATH,
        Answer({"things": [{"n": 1}], "next_page_token": "a"}),
        Answer({"next_page_token": "b"}),
        Answer({"things": [{"n": 2}]}),
    )
    assert list(workspace.pages(PATH, "things", "list", max_results=0)) == [{"n": 1}, {"n": 2}]
    assert [request["query"] for request in host.requests] == [
        "max_results=0",
        "max_results=0&page_token=a",
        "max_results=0&page_token=b",
    ]


def test_threads_do_not_mix_up_their_answers(host: Host, workspace: Workspace) -> None:
    for number in range(8):
        host.on(
            "GET",
            f"{PATH}/{number}",
            Answer({"error_code": "X", "message": "No."}, 400 + number, {"x-request-id": str(number)}),
        )
    seen: dict[int, t.Any] = {}

    def ask(number: int) -> None:
        try:
            workspace.call("GET", f"{PATH}/{number}", "read", query={"n": number})
        except Failure as failure:
            seen[number] = (failure.status, failure.request_id)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {number: (400 + number, str(number)) for number in range(8)}


def test_credentials_of_a_netrc_are_not_taken(host: Host, workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password secret\n", encoding="utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    host.on("GET", PATH, Answer({}))
    workspace.call("GET", PATH, "read")
    assert host.requests[0]["headers"]["Authorization"] == f"Bearer {TOKEN}"


def test_no_redirection_is_followed_with_the_token(host: Host, workspace: Workspace) -> None:
    host.on("GET", PATH, Answer({}, 307, {"Location": f"{host.url}/elsewhere"}))
    host.on("GET", "/elsewhere", Answer({"good": True}))
    with pytest.raises(Failure, match="HTTP 307 and leads to "):
        workspace.call("GET", PATH, "read")
    assert [request["path"] for request in host.requests] == [PATH]
