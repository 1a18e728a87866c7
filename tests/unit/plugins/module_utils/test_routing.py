# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which workspace is meant on a host that serves several, and credentials from outside as they were meant."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import warehouses
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import sql, sql_wire
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
from tests.support.scripted_host import TOKEN, Answer, Host

PATH = "/api/2.0/thing"
WELL_KNOWN = "/.well-known/databricks-config"
UNIFIED = Answer({"oidc_endpoint": "https://x/oidc/accounts/{account_id}", "account_id": "a"})
HTTP_PATH = "/sql/1.0/warehouses/1234567890abcdef"


def workspace(host: Host, address: str = "", **options: t.Any) -> Workspace:
    return Workspace({"host": host.url + address, "token": TOKEN, "http_timeout": 5, "retry_timeout": 5, **options})


def sent(host: Host, place: Workspace) -> list[str | None]:
    """Which workspace each of two calls named."""
    host.on("GET", PATH, Answer({}))
    place.call("GET", PATH, "read")
    place.call("GET", PATH, "read")
    return [one["headers"].get("X-Databricks-Workspace-Id") for one in host.requests if one["path"] == PATH]


SAID = [
    ({"workspace_id": "123"}, ""),
    ({}, "/?o=123"),
    ({}, "/browse?w=123#x"),
    ({"workspace_id": " '123'\n"}, "/?o=5"),
]


@pytest.mark.parametrize(("options", "address"), SAID)
@pytest.mark.parametrize("answer", [UNIFIED, Answer("", 500), Answer([]), Answer({"workspace_id": None})])
def test_calls_name_the_workspace_where_the_host_is_not_its_own(
    host: Host, options: dict[str, str], address: str, answer: Answer
) -> None:
    host.on("GET", WELL_KNOWN, answer)
    place = workspace(host, address, **options)
    assert sent(host, place) == ["123", "123"]
    assert place.http_path(HTTP_PATH) == f"{HTTP_PATH}?o=123"
    assert place.http_path(f"{HTTP_PATH}?o=9") == f"{HTTP_PATH}?o=9"
    assert [one["path"] for one in host.requests].count(WELL_KNOWN) == 1


@pytest.mark.parametrize(("options", "address"), [({"workspace_id": "123"}, ""), ({}, "/?o=123"), ({}, "/?o=999")])
def test_the_host_of_one_workspace_needs_no_name(host: Host, options: dict[str, str], address: str) -> None:
    host.on("GET", WELL_KNOWN, Answer({"workspace_id": 123}))
    place = workspace(host, address, **options)
    assert sent(host, place) == [None, None]
    assert place.http_path(HTTP_PATH) == HTTP_PATH


def test_an_option_that_names_another_workspace_is_refused(host: Host) -> None:
    host.on("GET", WELL_KNOWN, Answer({"workspace_id": "456"}))
    with pytest.raises(BadOption, match="workspace_id: is 123, but the host is workspace 456"):
        workspace(host, workspace_id="123").call("GET", PATH, "read")
    assert [one["path"] for one in host.requests] == [WELL_KNOWN]


def test_nobody_is_asked_if_nobody_named_a_workspace(host: Host) -> None:
    assert sent(host, workspace(host)) == [None, None]
    assert {one["path"] for one in host.requests} == {PATH}


def test_other_identities_are_in_the_same_workspace(host: Host) -> None:
    host.on("GET", WELL_KNOWN, UNIFIED)
    assert sent(host, workspace(host, "/?o=123").as_token(TOKEN)) == ["123", "123"]
    assert [one["path"] for one in host.requests].count(WELL_KNOWN) == 1


@pytest.mark.parametrize(
    ("host_option", "expected"), [(True, [None, None]), (False, ["77", "77"])], ids=["another host", "its own host"]
)
def test_the_environments_workspace_belongs_to_its_host(
    host: Host, monkeypatch: pytest.MonkeyPatch, host_option: bool, expected: list[str | None]
) -> None:
    host.on("GET", WELL_KNOWN, UNIFIED)
    monkeypatch.setenv("DATABRICKS_WORKSPACE_ID", "77")
    monkeypatch.setenv("DATABRICKS_HOST", host.url if not host_option else "https://localhost:9")
    options = {"host": host.url} if host_option else {}
    assert sent(host, Workspace({"token": TOKEN, "http_timeout": 5, "retry_timeout": 5, **options})) == expected


def test_warehouses_and_sessions_show_the_workspace(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.on("GET", WELL_KNOWN, UNIFIED)
    host.on("GET", "/api/2.0/sql/warehouses", Answer({"warehouses": [{"id": "1234567890abcdef", "name": "One"}]}))
    place = workspace(host, "/?o=123")
    assert [one["http_path"] for one in warehouses.listing(place)] == [f"{HTTP_PATH}?o=123"]
    seen: dict[str, t.Any] = {}
    monkeypatch.setattr(sql_wire, "connector", lambda: lambda **options: seen.update(options))
    sql.Session(place, f" {HTTP_PATH}/").open()
    assert seen["http_path"] == f"{HTTP_PATH}?o=123" and seen["_connection_uri"] == f"{host.url}{HTTP_PATH}?o=123"
    assert seen["http_headers"] == [("x-databricks-org-id", "123")]


@pytest.mark.parametrize(("answer", "shown"), [(UNIFIED, "?o=55"), (Answer({"workspace_id": "1"}), "")])
def test_a_path_names_the_workspace_where_nothing_else_does(
    host: Host, monkeypatch: pytest.MonkeyPatch, answer: Answer, shown: str
) -> None:
    host.on("GET", WELL_KNOWN, answer)
    seen: dict[str, t.Any] = {}
    monkeypatch.setattr(sql_wire, "connector", lambda: lambda **options: seen.update(options))
    sql.Session(workspace(host), f"{HTTP_PATH}?o=55").open()
    assert seen["http_path"] == f"{HTTP_PATH}{shown}"


# -- what the environment and profiles hold ---------------------------------------------------
AROUND = ["{}\n", " {}", "'{}'", "\ufeff{}"]


@pytest.mark.parametrize("around", AROUND, ids=ascii)
def test_a_token_of_the_environment_is_read_as_it_was_meant(
    host: Host, monkeypatch: pytest.MonkeyPatch, around: str
) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", around.format(TOKEN))
    monkeypatch.setenv("DATABRICKS_HOST", around.format(f"{host.url}/?x=1"))
    place = Workspace({"http_timeout": 5, "retry_timeout": 5})
    assert sent(host, place) == [None, None]
    assert host.requests[0]["headers"]["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN in place.secrets


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_profile_may_have_quotes_crlf_and_an_address_of_a_page(host: Host, tmp_path: Path, quote: str) -> None:
    host.on("GET", WELL_KNOWN, UNIFIED)
    text = f"[production eu]\r\nhost = {quote}{host.url}/?o=123{quote}\r\ntoken = {quote}{TOKEN}{quote}\r\n"
    (tmp_path / ".databrickscfg").write_bytes(text.encode())
    assert sent(host, Workspace({"profile": "production eu", "http_timeout": 5, "retry_timeout": 5})) == ["123", "123"]
    assert host.requests[-1]["headers"]["Authorization"] == f"Bearer {TOKEN}"


def test_an_odd_character_in_a_token_of_the_environment_is_told_without_the_token(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", f"{TOKEN}\u2028x")
    with pytest.raises(BadOption, match=r"token: .*U\+2028.*environment or from a profile") as caught:
        Workspace({"host": host.url, "http_timeout": 5, "retry_timeout": 5}).call("GET", PATH, "read")
    assert TOKEN not in json.dumps(caught.value.as_dict()) and host.requests == []


MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("named", [True, False])
def test_a_profile_file_with_a_byte_order_mark_is_read(host: Host, tmp_path: Path, encoding: str, named: bool) -> None:
    file = tmp_path / ".databrickscfg"
    text = f"[one]\r\nhost = {host.url}\r\ntoken = {TOKEN}\r\n\r\n[two]\r\nnote = 100%\r\n"
    file.write_bytes(MARKS[encoding] + text.encode(encoding))
    options: dict[str, t.Any] = {"profile": "one", "http_timeout": 5, "retry_timeout": 5}
    place = Workspace({**options, **({"config_file": str(file)} if named else {})})
    assert sent(host, place) == [None, None]
    assert host.requests[-1]["headers"]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("text", "options", "token"),
    [
        ("[DEFAULT]\nhost = {0}\ntoken = {1}\n[x]\ntoken = other\n", {}, True),
        ("[__settings__]\ndefault_profile = y\n[y]\nhost = {0}\ntoken = {1}\n", {}, True),
        # A profile takes nothing from DEFAULT (SDK config.py).
        ("[DEFAULT]\nhost = {0}\ntoken = {1}\n[x]\nhost = {0}\n", {"profile": "x"}, False),
    ],
    ids=["default", "settings", "alone"],
)
def test_which_profile_counts(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, options: dict[str, str], token: bool
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # a CLI that somebody has would be asked for a token
    (tmp_path / ".databrickscfg").write_text(text.format(host.url, TOKEN), encoding="utf-8")
    place = Workspace({**options, "http_timeout": 5, "retry_timeout": 5})
    if token:
        assert sent(host, place) == [None, None]
        return
    with pytest.raises(Failure, match=r"[Nn]o credentials|cannot configure default credentials"):
        sent(host, place)
