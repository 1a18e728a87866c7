# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Names of databricks-sdk and databricks-sql-connector that these libraries promise to nobody, and that we lean on.

What is written over or given by such a name would be lost without a word in a release that calls it otherwise: the SDK
would ask the host in its own way, and the connector would forget the authorities of the user. So each library is looked
at before it is used, and one without a name is refused with a sentence. Only two names may be missing:

* ``requests`` in the SDK's files that ask for tokens (REQUESTS): the SDK then asks in its own way and its own words,
  and what signs in ends by the clock.
* the connector's second HTTP client (SECOND_CLIENT): it is then made with each connection, which takes longer.
"""

from __future__ import annotations

import inspect
import typing as t
from importlib import metadata

from .._common.failure import Failure
from .._common.hints import hint_for

SDK, CONNECTOR = "databricks-sdk", "databricks-sql-connector"

# -- the SDK ----------------------------------------------------------------------------------
REQUESTS = "requests"
# Imported before a module asks for it; where that fails, the module imports what it needs itself.
SDK_FILES = ("databricks.sdk.clock", "databricks.sdk.core")
# What these import of the typed classes, for an annotation in azure.py.
SDK_ONLY_NAMED = {"databricks.sdk.service.provisioning": ("Workspace",)}
# Methods of Config that sign_in writes over; its __init__ has to call them.
_CALLED_BY_CONFIG = ("_known_file_config_loader", "_resolve_host_metadata")
_OF_CONFIG = ("databricks_oidc_endpoints", "is_any_auth_configured", "attributes")
_OF_OAUTH = ("Refreshable", "Token", "OidcEndpoints")
_OF_PROVIDERS = ("OAuthCredentialsProvider", "oauth_credentials_strategy")
# Used only where a machine of Azure signs in with its own identity.
_OF_CONFIG_ON_AZURE = (
    "arm_environment",
    "azure_client_id",
    "azure_environment",
    "azure_workspace_resource_id",
    "effective_azure_login_app_id",
)
_OF_ENVIRONMENTS = ("ARM_DATABRICKS_RESOURCE_ID", "ENVIRONMENTS")

# -- the connector ----------------------------------------------------------------------------
CONNECTOR_FILES = ("databricks.sql.client", "databricks.sql.backend.thrift_backend")
SECOND_CLIENT = "UnifiedHttpClient"
# Where its transport keeps the answer that it is reading.
RESPONSE = "_THttpClient__resp"
TRANSPORT = "THttpClient"
CONNECTION_URI, SOCKET_TIMEOUT, CA_FILE, ATTEMPTS = (
    "_connection_uri",
    "_socket_timeout",
    "_tls_trusted_ca_file",
    "_retry_stop_after_attempts_count",
)
_OF_CONNECTION = (CONNECTION_URI, SOCKET_TIMEOUT, CA_FILE, ATTEMPTS)
_OF_TRANSPORT = ("set_retry_command_type", "startRetryTimer", "write", "flush", "read", "close")


def check_sdk(core: t.Any, oauth: t.Any, providers: t.Any) -> None:
    """Look at the SDK before anybody signs in with it.

    :raises Failure: MISSING_LIBRARY, with the names that it does not have
    """
    gone = [f"Config.{name}" for name in (*_CALLED_BY_CONFIG, *_OF_CONFIG) if not hasattr(core.Config, name)]
    gone += [] if hasattr(core, "DefaultCredentials") else ["DefaultCredentials"]
    gone += [f"oauth.{name}" for name in _OF_OAUTH if not hasattr(oauth, name)]
    gone += [f"credentials_provider.{name}" for name in _OF_PROVIDERS if not hasattr(providers, name)]
    called = _names_in(core.Config.__init__)
    idle = [f"Config.{name}" for name in _CALLED_BY_CONFIG if called is not None and name not in called]
    _refuse(SDK, gone, idle)


def check_azure(core: t.Any, environments: t.Any) -> None:
    """Look at the SDK before a machine of Azure signs in with its own identity.

    :raises Failure: MISSING_LIBRARY, with the names that it does not have
    """
    gone = [f"Config.{name}" for name in _OF_CONFIG_ON_AZURE if not hasattr(core.Config, name)]
    gone += [f"environments.{name}" for name in _OF_ENVIRONMENTS if not hasattr(environments, name)]
    _refuse(SDK, gone, [])


def check_connector(http: t.Any, *readers: t.Any) -> None:
    """Look at the connector before a session is opened with it.

    :param http: its file with the transport
    :param readers: its files that read what a connection is given; the last one makes the transport
    :raises Failure: MISSING_LIBRARY, with the names that it does not have
    """
    kind = getattr(http, TRANSPORT, None)
    if kind is None:
        _refuse(CONNECTOR, [TRANSPORT], [])
    gone = [f"{TRANSPORT}.{name}" for name in _OF_TRANSPORT if not hasattr(kind, name)]
    closes = _names_in(getattr(kind, "close", None))
    gone += [RESPONSE] if closes is not None and RESPONSE not in closes else []
    texts = [_source(file) for file in readers]
    if all(texts):
        gone += [name for name in _OF_CONNECTION if not any(f'"{name}"' in text for text in texts)]
    # Taken from its file at the time of use; a name of another file's own would be the original for ever.
    used = not all(texts) or f"thrift_http_client.{TRANSPORT}(" in texts[-1]
    _refuse(CONNECTOR, gone, [] if used else [f"{TRANSPORT} of thrift_http_client"])


def _names_in(function: t.Any) -> tuple[str, ...] | None:
    """The names that a function uses; None for one that is not written in Python."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    return code.co_names if code is not None else None


def _source(file: t.Any) -> str:
    """Empty where a library is installed without its sources: then nobody can tell."""
    try:
        return inspect.getsource(file).replace("'", '"')
    except (OSError, TypeError):
        return ""


def _refuse(library: str, gone: list[str], idle: list[str]) -> None:
    """:param idle: what is there and does not do what it is there for"""
    wrong = [*(f"has no {name}" for name in gone), *(f"does not use {name}" for name in idle)]
    if not wrong:
        return
    try:
        release = metadata.version(library)
    except metadata.PackageNotFoundError:
        release = "of unknown number"
    text = (
        f"The Python library {library} cannot be used where this task runs: release {release} "
        f"{', '.join(wrong)}. Use another release, and tell the collection's maintainers."
    )
    raise Failure(text, code="MISSING_LIBRARY", hint=hint_for("MISSING_LIBRARY", None, ""))
