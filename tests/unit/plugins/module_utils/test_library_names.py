# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release of the SDK or of the SQL connector that lacks a name that we lean on: it is said at once."""

from __future__ import annotations

import contextlib
import inspect
import threading
import types
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest
import thrift.transport.THttpClient  # the connector takes it for imported
from databricks.sdk import core, credentials_provider, environments, oauth
from databricks.sql import client, session
from databricks.sql.auth import thrift_http_client
from databricks.sql.backend import thrift_backend

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import (
    identity_provider,
    library_names,
    managed_identity,
    sign_in,
    sql_wire,
)
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.retry import Patience
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _preload


@pytest.fixture(autouse=True)
def _transport_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is before the first session of ours."""
    kind = thrift_http_client.THttpClient
    assert issubclass(kind, thrift.transport.THttpClient.THttpClient)
    monkeypatch.setattr(thrift_http_client, "THttpClient", kind.__mro__[1] if hasattr(kind, "of_lakeops") else kind)


def told(act: t.Callable[[], t.Any]) -> str:
    with pytest.raises(Failure) as caught:
        act()
    assert caught.value.code == "MISSING_LIBRARY" and "requirements.txt" in (caught.value.hint or "")
    return caught.value.message


def test_these_releases_have_them_all() -> None:
    assert sign_in._core() is core
    assert sql_wire.connector() is client.Connection
    assert hasattr(thrift_http_client.THttpClient, "of_lakeops")


def test_two_sessions_that_begin_at_once_replace_the_transport_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One around the other would call itself for ever, and the host be blamed for it."""
    looked = threading.Barrier(2, timeout=0.5)

    def look(*_files: t.Any) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            looked.wait()

    monkeypatch.setattr(library_names, "check_connector", look)
    with ThreadPoolExecutor(2) as pool:
        for session in [pool.submit(sql_wire.connector) for _number in range(2)]:
            session.result()
    ours = [kind for kind in thrift_http_client.THttpClient.__mro__ if "of_lakeops" in vars(kind)]
    assert len(ours) == 1


# -- the SDK ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("place", "name", "said"),
    [
        (core.Config, "_known_file_config_loader", "has no Config._known_file_config_loader."),
        (core.Config, "_resolve_host_metadata", "has no Config._resolve_host_metadata."),
        (core.Config, "databricks_oidc_endpoints", "has no Config.databricks_oidc_endpoints."),
        (core.Config, "is_any_auth_configured", "has no Config.is_any_auth_configured."),
        (core.Config, "attributes", "has no Config.attributes."),
        (core, "DefaultCredentials", "has no DefaultCredentials."),
        (oauth, "Refreshable", "has no oauth.Refreshable."),
        (oauth, "Token", "has no oauth.Token."),
        (oauth, "OidcEndpoints", "has no oauth.OidcEndpoints."),
        (credentials_provider, "OAuthCredentialsProvider", "has no credentials_provider.OAuthCredentialsProvider."),
        (credentials_provider, "oauth_credentials_strategy", "has no credentials_provider.oauth_credentials_strategy."),
    ],
)
def test_an_sdk_without_a_name_is_refused(monkeypatch: pytest.MonkeyPatch, place: t.Any, name: str, said: str) -> None:
    monkeypatch.delattr(place, name)
    message = told(sign_in._core)
    assert said in message
    assert message.startswith("The Python library databricks-sdk cannot be used where this task runs: release 0.")
    assert message.endswith(" Use another release, and tell the collection's maintainers.")


@pytest.mark.parametrize(
    ("place", "name", "said"),
    [
        (core.Config, "arm_environment", "has no Config.arm_environment."),
        (core.Config, "azure_client_id", "has no Config.azure_client_id."),
        (core.Config, "azure_environment", "has no Config.azure_environment."),
        (core.Config, "azure_workspace_resource_id", "has no Config.azure_workspace_resource_id."),
        (core.Config, "effective_azure_login_app_id", "has no Config.effective_azure_login_app_id."),
        (environments, "ARM_DATABRICKS_RESOURCE_ID", "has no environments.ARM_DATABRICKS_RESOURCE_ID."),
        (environments, "ENVIRONMENTS", "has no environments.ENVIRONMENTS."),
    ],
)
def test_what_only_a_managed_identity_needs(
    monkeypatch: pytest.MonkeyPatch, place: t.Any, name: str, said: str
) -> None:
    monkeypatch.delattr(place, name)
    assert sign_in._core() is core, "whoever signs in otherwise has no use for it"
    assert said in told(managed_identity.strategy)


def test_an_sdk_that_does_not_call_what_is_written_over_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(self: t.Any, **options: t.Any) -> None:
        self._known_file_config_loader()

    monkeypatch.setattr(core.Config, "__init__", build)
    assert "does not use Config._resolve_host_metadata." in told(sign_in._core)


def test_without_requests_the_sdk_asks_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(oauth, "requests")
    with identity_provider.asked(identity_provider.Asking(1, Patience(0), lambda seconds: None)):
        assert not hasattr(oauth, "requests")


# -- the connector ------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["set_retry_command_type", "startRetryTimer"])
def test_a_connector_whose_transport_lacks_a_method_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delattr(thrift_http_client.THttpClient, name)
    message = told(sql_wire.connector)
    assert message.startswith("The Python library databricks-sql-connector cannot be used where this task runs: ")
    assert f"has no THttpClient.{name}." in message


def test_a_connector_without_its_transport_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(thrift_http_client, "THttpClient")
    assert "has no THttpClient." in told(sql_wire.connector)


def test_a_connector_that_keeps_its_answer_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thrift_http_client.THttpClient, "close", lambda self: self._answer.drain_conn())
    assert "has no _THttpClient__resp." in told(sql_wire.connector)


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ('"_connection_uri"', "has no _connection_uri."),
        ('"_socket_timeout"', "has no _socket_timeout."),
        ('"_tls_trusted_ca_file"', "has no _tls_trusted_ca_file."),
        ('"_retry_stop_after_attempts_count"', "has no _retry_stop_after_attempts_count."),
        ("thrift_http_client.THttpClient(", "does not use THttpClient of thrift_http_client."),
    ],
)
def test_a_connector_that_reads_no_such_option_is_refused(
    monkeypatch: pytest.MonkeyPatch, gone: str, said: str
) -> None:
    texts = {file: inspect.getsource(file) for file in (client, session, thrift_backend)}
    assert any(gone in text for text in texts.values())
    monkeypatch.setattr(inspect, "getsource", lambda file: texts[file].replace(gone, "other("))
    assert said in told(sql_wire.connector)


def test_a_connector_without_sources_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_source(file: t.Any) -> str:
        raise OSError

    monkeypatch.setattr(inspect, "getsource", no_source)
    assert sql_wire.connector() is client.Connection


def test_without_the_second_client_connections_are_as_they_were() -> None:
    bare = types.ModuleType("client")
    _preload._make_second_client_later(bare)
    assert not hasattr(bare, library_names.SECOND_CLIENT)
