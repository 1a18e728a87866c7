# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options in, settings out; what cannot work is refused before anything is sent."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection

REFUSED = [
    ({"host": ""}, "host"),
    ({"host": "ftp://abc"}, "host"),
    ({"host": "http://abc.cloud.databricks.com"}, "host"),
    ({"host": "http://192.168.1.1"}, "host"),
    ({"host": "http://127.0.0.1.evil.com"}, "host"),
    ({"host": "https://user:secret@abc"}, "host"),
    ({"host": "https://abc:99999"}, "host"),
    ({"host": "https://abc:x"}, "host"),
    ({"host": "https://"}, "host"),
    ({"host": "abc def"}, "host"),
    ({"token": "  "}, "token"),
    ({"http_timeout": 0}, "http_timeout"),
    ({"retry_timeout": -1}, "retry_timeout"),
    ({"token": "a", "client_secret": "b", "client_id": "c"}, "client_secret"),
    ({"client_secret": "a"}, "client_id"),
    ({"client_id": "a"}, "client_secret"),
    ({"azure_client_secret": "a"}, "azure_client_id"),
    ({"token": "a", "azure_use_msi": True}, "azure_use_msi"),
    ({"ca_cert": "/nowhere.pem"}, "ca_cert"),
    ({"config_file": "/nowhere"}, "config_file"),
    ({"ca_cert": __file__}, "ca_cert"),
    ({"config_file": __file__}, "config_file"),
    ({"host": "https://accounts.cloud.databricks.com"}, "host"),
    ({"host": "accounts.azuredatabricks.net"}, "host"),
    ({"token": "a", "auth_type": "azure-cli"}, "auth_type"),
    ({"account_id": "mine"}, "account_id"),
    ({"host": "https://[abc"}, "host"),
    ({"host": "https://abc\u200bdef"}, "host"),
    ({"workspace_id": "mine"}, "workspace_id"),
    ({"workspace_id": "-1"}, "workspace_id"),
    ({"workspace_id": "1" * 21}, "workspace_id"),
    ({"token": "a b"}, "token"),
    ({"token": "a\u2028b"}, "token"),
    ({"token": "\ufeff"}, "token"),
    ({"client_id": "c", "client_secret": "a\x00b"}, "client_secret"),
    ({"azure_client_id": "c", "azure_client_secret": "é"}, "azure_client_secret"),
    ({"client_id": "c d", "client_secret": "a"}, "client_id"),
    ({"azure_tenant_id": "a\u200bb"}, "azure_tenant_id"),
    ({"auth_type": "a b"}, "auth_type"),
    ({"azure_workspace_resource_id": "mine"}, "azure_workspace_resource_id"),
]


@pytest.mark.parametrize(("given", "option"), REFUSED, ids=str)
def test_refused_and_the_option_named(given: dict[str, t.Any], option: str) -> None:
    with pytest.raises(BadOption) as caught:
        connection.check(given)
    assert caught.value.message.startswith(f"{option}: ") and caught.value.details["option"] == option


@pytest.mark.parametrize("given", [{"token": "s3cret-1", "client_secret": "s3cret-2", "client_id": "c"}])
def test_a_refusal_does_not_repeat_a_secret(given: dict[str, str]) -> None:
    with pytest.raises(BadOption) as caught:
        connection.check(given)
    assert "s3cret" not in str(caught.value)


def test_the_password_of_a_host_is_not_repeated() -> None:
    with pytest.raises(BadOption) as caught:
        connection.host("https://user:s3cret@abc")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("abc.cloud.databricks.com", "https://abc.cloud.databricks.com"),
        (" https://ABC.cloud.databricks.com/?o=1#x ", "https://abc.cloud.databricks.com"),
        ("https://abc:8443/login.html", "https://abc:8443"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_hosts(given: str, expected: str) -> None:
    assert connection.host(given) == expected


@pytest.mark.parametrize(
    ("given", "auth_type"),
    [
        ({"token": "a"}, "pat"),
        ({"client_id": "a", "client_secret": "b"}, "oauth-m2m"),
        ({"azure_client_id": "a", "azure_client_secret": "b"}, "azure-client-secret"),
        ({"azure_use_msi": True}, "azure-msi"),
        ({"token": "a", "auth_type": "something"}, "something"),
        ({"host": "https://abc"}, None),
        ({"profile": "x"}, None),
    ],
)
def test_an_explicit_credential_decides_how_to_sign_in(given: dict[str, t.Any], auth_type: str | None) -> None:
    assert connection.settings(given).get("auth_type") == auth_type


def test_timeouts_and_certificates_are_not_settings_of_the_sdk() -> None:
    assert connection.settings({"ca_cert": "/x", "http_timeout": 1, "retry_timeout": 2, "host": "abc"}) == {
        "host": "https://abc"
    }


@pytest.mark.parametrize(
    "around", ["{}", " {}", "{}\n", "{}\r\n", "\ufeff{}", "'{}'", '"{}"\n', "\u200b{}\u00a0"], ids=ascii
)
@pytest.mark.parametrize(
    "option", ["host", "workspace_id", "token", "client_id", "client_secret", "azure_tenant_id", "profile"]
)
def test_what_surrounds_a_value_is_no_part_of_it(option: str, around: str) -> None:
    assert connection.as_meant({option: around.format("12"), "other": " x "}) == {option: "12", "other": " x "}


def test_names_of_files_keep_their_quotes() -> None:
    assert connection.as_meant({"config_file": " 'a' ", "http_timeout": 5}) == {
        "config_file": "'a'",
        "http_timeout": 5,
    }


@pytest.mark.parametrize(
    ("address", "workspace"),
    [
        ("https://abc.cloud.databricks.com", None),
        ("https://abc.cloud.databricks.com/?o=123", "123"),
        ("abc.cloud.databricks.com/browse?w=5&o=123#x", "123"),
        ("https://abc/sql/warehouses/1?w=5", "5"),
        ("https://abc/?o=me&w=5", "5"),
        ("https://abc/?o=", None),
        ("https://[abc/?o=1", None),
        (" 'https://abc/?o=1' ", "1"),
        (None, None),
    ],
)
def test_the_workspace_that_an_address_names(address: str | None, workspace: str | None) -> None:
    assert connection.workspace_of(address) == workspace


VARIABLES = [("host", "DATABRICKS_HOST"), ("token", "DATABRICKS_TOKEN"), ("client_id", "DATABRICKS_CLIENT_ID")]


def test_a_credential_hides_other_credentials_but_not_the_host() -> None:
    assert connection.stray_variables({"client_secret": "a", "client_id": "b"}, VARIABLES) == ["DATABRICKS_TOKEN"]


def test_a_profile_hides_the_host_too() -> None:
    assert connection.stray_variables({"profile": "x"}, VARIABLES) == [name for _setting, name in VARIABLES]


def test_without_a_credential_the_environment_decides() -> None:
    assert connection.stray_variables({"host": "x"}, VARIABLES) == []


@pytest.mark.parametrize(
    ("value", "mapping"),
    [
        ({"a": 1}, {"a": 1}),
        (' {"a": 1}\n', {"a": 1}),
        ("{a: 1", None),
        ("production", None),
        ("a=1", None),
        (["a"], None),
        (None, None),
    ],
)
def test_a_mapping_is_no_profile_to_sign_in_with(value, mapping):
    assert connection.other_profile(value) == mapping
    sent = {"profile": value, connection.SIGN_IN_PROFILE: "mine"}
    assert connection.to_sign_in(sent)["profile"] == ("mine" if mapping else value)
    assert connection.to_sign_in({"profile": value}) == {"profile": value}
