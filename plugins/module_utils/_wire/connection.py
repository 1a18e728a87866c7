# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Connection options -> the SDK's settings. Nothing here touches the network."""

from __future__ import annotations

import configparser
import ipaddress
import json
import re
import typing as t
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .._common import names, user_input
from .._common.failure import BadOption
from .._common.json_types import Json
from . import profile_file

# Documented once, in plugins/doc_fragments/_workspace.py.
SPEC: dict[str, Json] = {
    "host": {"type": "str"},
    "workspace_id": {"type": "str"},
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

# Names of files may begin or end with whatever they like, except blanks.
_FILES = ("ca_cert", "config_file")
# Whose values are one word: what is odd within is a slip of the clipboard.
_WORDS = ("client_id", "azure_client_id", "azure_tenant_id", "account_id", "auth_type", "azure_workspace_resource_id")

# By which the action sends the profile to sign in with, to a module whose ``profile`` may be something else.
SIGN_IN_PROFILE = "_sign_in_profile"

SECRETS = tuple(name for name, option in SPEC.items() if option.get("no_log"))

_WORKSPACE_ID = re.compile(r"[0-9]{1,20}")

# Of all clouds, such as accounts.cloud.databricks.com and accounts.azuredatabricks.net.
_ACCOUNT_CONSOLE = re.compile(r"accounts[\w-]*\.([\w-]+\.)*(azure)?databricks(\.azure)?\.\w+", re.IGNORECASE)

_ADDRESSES = {
    False: ("a workspace", "https://abc-12345678.cloud.databricks.com"),
    True: ("an account", "https://accounts.cloud.databricks.com"),
}

# Options that are no settings of the SDK's, or not of every release that we work with.
OURS = ("ca_cert", "http_timeout", "retry_timeout", "workspace_id")

# Which explicit option decides how to sign in. The SDK refuses two ways at once unless auth_type is set, and a stray
# variable in the environment counts as a way (databricks-sdk-py#1183), so an explicit option fixes auth_type itself.
_SIGN_IN = (
    ("token", "pat"),
    ("client_secret", "oauth-m2m"),
    ("azure_client_secret", "azure-client-secret"),
    ("azure_use_msi", "azure-msi"),
)


def as_meant(params: Json) -> Json:
    """The options without the blanks, line breaks, unseen characters and quotes that surround their values."""
    return {name: _as_meant(name, value) if name in SPEC else value for name, value in params.items()}


def _as_meant(name: str, value: t.Any) -> t.Any:
    if not isinstance(value, str):
        return value
    text = user_input.trimmed(value) if name in _FILES else user_input.bare(value)
    return value if text == value else text


def other_profile(value: t.Any) -> Json | None:
    """A mapping given as ``profile``, also as JSON: no profile to sign in with; None for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return dict(value) if isinstance(value, t.Mapping) else None


def to_sign_in(params: Json) -> Json:
    """The options with the profile to sign in with as ``profile``, whatever the module itself calls so."""
    if SIGN_IN_PROFILE not in params or other_profile(params.get("profile")) is None:
        return params
    return {**params, "profile": params[SIGN_IN_PROFILE]}


def check(params: Json, *, account: bool = False) -> None:
    """Refuse what cannot work before anything is sent.

    :param params: as ``as_meant`` gives them
    :param account: whether they lead to an account
    :raises BadOption: names the option and the fix
    """
    for option in SPEC:
        if isinstance(params.get(option), str) and not user_input.trimmed(params[option]):
            raise BadOption(option, "is empty. Give a value or leave the option out.")
    check_characters(params)
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
    if params.get("account_id") and not names.UUID.match(params["account_id"]):
        raise BadOption(
            "account_id", f"{params['account_id']!r} is not an account ID, which the account console shows."
        )
    if params.get("host"):
        host(params["host"], account=account)
    if params.get("workspace_id") is not None and not _WORKSPACE_ID.fullmatch(params["workspace_id"]):
        raise BadOption(
            "workspace_id",
            f"{params['workspace_id']!r} is not the ID of a workspace: digits, as after ?o= in its address.",
        )


def check_characters(params: Json) -> None:
    """Refuse characters that the value of an option cannot have; of a secret nothing is quoted.

    :raises BadOption: names the option and the character
    """
    for option in SECRETS:
        if isinstance(params.get(option), str):
            user_input.secret(option, params[option])
    for option in _WORDS:
        value = params.get(option)
        if isinstance(value, str) and (user_input.odd(value) or any(char.isspace() for char in value)):
            raise BadOption(option, f"{value!r} holds a blank or an odd character. Copy it again, as one word.")


def _check_files(params: Json) -> None:
    if params.get("ca_cert"):
        try:
            text = Path(params["ca_cert"]).expanduser().read_bytes()
        except OSError as error:
            raise BadOption("ca_cert", f"{params['ca_cert']} cannot be read: {error.strerror}.") from error
        if b"-----BEGIN " not in text or b"CERTIFICATE-----" not in text:
            raise BadOption("ca_cert", f"{params['ca_cert']} holds no certificate in PEM format.")
    if params.get("config_file"):
        try:
            profile_file.sections(params["config_file"])
        except OSError as error:
            raise BadOption("config_file", f"{params['config_file']} cannot be read: {error.strerror}.") from error
        except (configparser.Error, UnicodeDecodeError) as error:
            # What such an error says may be a line with a secret.
            raise BadOption(
                "config_file",
                f"{params['config_file']} is not a file of profiles: each begins with its name in square brackets.",
            ) from error


def workspace_of(address: str | None) -> str | None:
    """The workspace that an address names: on hosts that serve several, pages have ?o= or ?w=, of which ?o= wins.

    Digits only (Databricks CLI, libs/auth/hostparams_test.go).
    """
    try:
        query = parse_qs(urlsplit(user_input.bare(address or "")).query)
    except ValueError:
        return None
    ids = (value for key in ("o", "w") for value in query.get(key, ())[:1])
    return next((value for value in ids if _WORKSPACE_ID.fullmatch(value)), None)


def is_account_console(name: str) -> bool:
    """Whether a host's name is one of those that serve accounts only."""
    return bool(_ACCOUNT_CONSOLE.fullmatch(name))


def host(value: str, option: str = "host", *, account: bool = False) -> str:
    """The base address of a workspace or an account, without path; https unless the host is this machine.

    :raises BadOption: not an address, or plain http to another machine
    """
    text = user_input.bare(value)
    kind, example = _ADDRESSES[account]
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError as error:
        raise BadOption(option, f"{value!r} is not the address of {kind}.") from error
    if parts.scheme not in ("https", "http"):
        raise BadOption(option, f"{value!r} must begin with https://.")
    if parts.username or parts.password:
        raise BadOption(option, "must not contain a user name or password.")
    try:
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadOption(option, f"{value!r} has a port that is not a number from 1 to 65535.") from error
    if not name or any(char.isspace() for char in text) or user_input.odd(text):
        raise BadOption(option, f"{value!r} is not the address of {kind}, such as {example}.")
    if not account and is_account_console(name):
        raise BadOption(option, f"{value!r} is the account console. Give the address of one workspace.")
    if parts.scheme == "http" and not _is_loopback(name):
        raise BadOption(
            option, f"{value!r} would send the credentials in clear. Use https://; plain http is for this machine only."
        )
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}"


def settings(params: Json, *, account: bool = False) -> Json:
    """Keyword arguments for the SDK's Config: only what the user gave, and how to sign in if they said it."""
    given = {name: params[name] for name in SPEC if params.get(name) is not None and name not in OURS}
    if "host" in given:
        given["host"] = host(given["host"], account=account)
    explicit = next((auth_type for name, auth_type in _SIGN_IN if given.get(name)), None)
    if explicit and "auth_type" not in given:
        given["auth_type"] = explicit
    return given


_OF_A_HOST = ("account_id", "azure_workspace_resource_id", "azure_environment")


def stray_variables(params: Json, sdk_variables: t.Iterable[tuple[str, str]]) -> list[str]:
    """Environment variables that must not be seen, because the user said explicitly how to sign in.

    :param sdk_variables: pairs of (setting, environment variable) that the SDK would read
    """
    by_profile = bool(params.get("profile"))
    if not by_profile and not any(params.get(name) for name, auth_type in _SIGN_IN):
        return []
    # A profile brings its own host; credentials given by option may still be meant for the host in the environment.
    keep = {"config_file"} if by_profile else {"host", "workspace_id", *_OF_A_HOST}
    return [variable for setting, variable in sdk_variables if setting not in keep and params.get(setting) is None]


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
