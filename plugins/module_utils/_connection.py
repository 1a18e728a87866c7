# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Connection options -> the SDK's settings. Nothing here touches the network."""

from __future__ import annotations

import configparser
import ipaddress
import re
import typing as t
from pathlib import Path
from urllib.parse import urlsplit

from . import _names
from ._failure import BadOption

Params = dict[str, t.Any]

# Documented once, in plugins/doc_fragments/_workspace.py.
SPEC: dict[str, dict[str, t.Any]] = {
    "host": {"type": "str"},
    "token": {"type": "str", "no_log": True},
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "azure_client_id": {"type": "str"},
    "azure_client_secret": {"type": "str", "no_log": True},
    "azure_tenant_id": {"type": "str"},
    "azure_workspace_resource_id": {"type": "str"},
    "azure_use_msi": {"type": "bool"},
    "azure_environment": {"type": "str", "choices": ["PUBLIC", "USGOVERNMENT", "CHINA"]},
    "profile": {"type": "str"},
    "config_file": {"type": "path"},
    "auth_type": {"type": "str"},
    "account_id": {"type": "str"},
    "ca_cert": {"type": "path"},
    "http_timeout": {"type": "int", "default": 60},
    "retry_timeout": {"type": "int", "default": 120},
}

SECRETS = tuple(name for name, option in SPEC.items() if option.get("no_log"))

# Of all clouds, such as accounts.cloud.databricks.com and accounts.azuredatabricks.net.
_ACCOUNT_CONSOLE = re.compile(r"accounts[\w-]*\.([\w-]+\.)*(azure)?databricks\.\w+", re.IGNORECASE)

# Which explicit option decides how to sign in. The SDK refuses two ways at once unless auth_type is set, and a stray
# variable in the environment counts as a way (databricks-sdk-py#1183), so an explicit option fixes auth_type itself.
_SIGN_IN = (
    ("token", "pat"),
    ("client_secret", "oauth-m2m"),
    ("azure_client_secret", "azure-client-secret"),
    ("azure_use_msi", "azure-msi"),
)


def check(params: Params) -> None:
    """Refuse what cannot work before anything is sent.

    :raises BadOption: names the option and the fix
    """
    for option in SPEC:
        if isinstance(params.get(option), str) and not params[option].strip():
            raise BadOption(option, "is empty. Give a value or leave the option out.")
    for option in ("http_timeout", "retry_timeout"):
        if params.get(option) is not None and params[option] < 1:
            raise BadOption(option, f"is {params[option]}; give at least 1 second.")
    ways = [name for name, auth_type in _SIGN_IN if params.get(name)]
    if len(ways) > 1:
        raise BadOption(ways[1], f"cannot be combined with {ways[0]}. Give one way to sign in.")
    for name, auth_type in _SIGN_IN:
        if params.get(name) and params.get("auth_type") not in (None, auth_type):
            raise BadOption(
                "auth_type", f"is {params['auth_type']!r}, but {name} means {auth_type}. Leave one of them out."
            )
    for secret, partner in (("client_secret", "client_id"), ("azure_client_secret", "azure_client_id")):
        if params.get(secret) and not params.get(partner):
            raise BadOption(partner, f"is needed together with {secret}.")
    if params.get("client_id") and not params.get("client_secret") and params.get("auth_type") in (None, "oauth-m2m"):
        raise BadOption("client_secret", "is needed together with client_id.")
    for option in ("ca_cert", "config_file"):
        if params.get(option) and not Path(params[option]).expanduser().is_file():
            raise BadOption(option, f"{params[option]} is not a file.")
    _check_files(params)
    resource = params.get("azure_workspace_resource_id")
    if resource and not resource.lower().startswith("/subscriptions/"):
        raise BadOption(
            "azure_workspace_resource_id",
            f"{resource!r} is not a resource ID, such as /subscriptions/.../workspaces/name.",
        )
    if params.get("account_id") and not _names.UUID.match(params["account_id"]):
        raise BadOption(
            "account_id", f"{params['account_id']!r} is not an account ID, which the account console shows."
        )
    if params.get("host"):
        host(params["host"])


def _check_files(params: Params) -> None:
    if params.get("ca_cert"):
        try:
            text = Path(params["ca_cert"]).expanduser().read_bytes()
        except OSError as error:
            raise BadOption("ca_cert", f"{params['ca_cert']} cannot be read: {error.strerror}.") from error
        if b"-----BEGIN " not in text or b"CERTIFICATE-----" not in text:
            raise BadOption("ca_cert", f"{params['ca_cert']} holds no certificate in PEM format.")
    if params.get("config_file"):
        try:
            # Values may hold % signs, which are not looked at here.
            configparser.RawConfigParser().read(Path(params["config_file"]).expanduser(), encoding="utf-8")
        except OSError as error:
            raise BadOption("config_file", f"{params['config_file']} cannot be read: {error.strerror}.") from error
        except (configparser.Error, UnicodeDecodeError) as error:
            # What such an error says may be a line with a secret.
            raise BadOption(
                "config_file",
                f"{params['config_file']} is not a file of profiles: each begins with its name in square brackets.",
            ) from error


def host(value: str, option: str = "host") -> str:
    """The workspace's base address, without path; https unless the host is this machine.

    :raises BadOption: not an address, or plain http to another machine
    """
    text = value.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in ("https", "http"):
        raise BadOption(option, f"{value!r} must begin with https://.")
    if parts.username or parts.password:
        raise BadOption(option, "must not contain a user name or password.")
    try:
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadOption(option, f"{value!r} has a port that is not a number from 1 to 65535.") from error
    if not name or any(char.isspace() for char in text):
        example = "https://abc-12345678.cloud.databricks.com"
        raise BadOption(option, f"{value!r} is not the address of a workspace, such as {example}.")
    if _ACCOUNT_CONSOLE.fullmatch(name):
        raise BadOption(option, f"{value!r} is the account console. Give the address of one workspace.")
    if parts.scheme == "http" and not _is_loopback(name):
        raise BadOption(
            option, f"{value!r} would send the credentials in clear. Use https://; plain http is for this machine only."
        )
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}"


def settings(params: Params) -> Params:
    """Keyword arguments for the SDK's Config: only what the user gave, and how to sign in if they said it."""
    given = {
        name: params[name]
        for name in SPEC
        if params.get(name) is not None and name not in ("ca_cert", "http_timeout", "retry_timeout")
    }
    if "host" in given:
        given["host"] = host(given["host"])
    explicit = next((auth_type for name, auth_type in _SIGN_IN if given.get(name)), None)
    if explicit and "auth_type" not in given:
        given["auth_type"] = explicit
    return given


def stray_variables(params: Params, sdk_variables: t.Iterable[tuple[str, str]]) -> list[str]:
    """Environment variables that must not be seen, because the user said explicitly how to sign in.

    :param sdk_variables: pairs of (setting, environment variable) that the SDK would read
    """
    by_profile = bool(params.get("profile"))
    if not by_profile and not any(params.get(name) for name, auth_type in _SIGN_IN):
        return []
    # A profile brings its own host; credentials given by option may still be meant for the host in the environment.
    keep = {"config_file"} if by_profile else {"host", "account_id", "azure_workspace_resource_id", "azure_environment"}
    return [variable for setting, variable in sdk_variables if setting not in keep and params.get(setting) is None]


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
