# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Options -> headers that sign a request. The only file that builds the SDK's Config; the SDK is used for nothing else.

What the SDK asks the host while it signs in is asked here in its place (discovery and the OAuth secrets of service
principals), because it repeats for minutes whatever it is told, or not at all, and keeps the status to itself.
"""

from __future__ import annotations

import configparser
import contextlib
import logging
import os
import re
import threading
import typing as t
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from .._common.failure import BadOption, Failure
from .._common.hints import hint_for
from .._common.json_types import Json
from .._common.version import VERSION
from . import connection, errors, library_names, managed_identity, network, profile_file, replies
from .http_client import bounded
from .identity_provider import DOING, Asking, asked

# Asks the host: method, address, what for, more for Http.send; gives the JSON object of the answer.
Ask = t.Callable[..., Json]

WORKSPACE, ACCOUNT = "workspace", "account"
# Ways to sign in that ask nobody when a request is signed, or ask by the means of this file.
SOON = ("pat", "basic", "oauth-m2m")
_WELL_KNOWN = "/.well-known/databricks-config"
_DISCOVERY = "/.well-known/oauth-authorization-server"
# A variable of the process is hidden for a moment while a Config is built.
_ENVIRONMENT = threading.Lock()


def config(params: Json, ask: Ask, asking: Asking, kind: str = WORKSPACE) -> t.Any:
    """The SDK's Config for the connection options of a module.

    :param ask: how the host is asked
    :param asking: how whoever else gives tokens is asked
    :param kind: what the host is signed in to
    :raises BadOption: what was given cannot be used
    :raises Failure: signing in is impossible, or failed
    """
    core = _core()
    account, doing = kind == ACCOUNT, f"sign in to the {kind}"
    given = connection.settings(params, account=account)
    if params["ca_cert"]:
        # requests, which the SDK uses to sign in, and we for calls, takes the bundle from here.
        os.environ["REQUESTS_CA_BUNDLE"] = str(Path(params["ca_cert"]).expanduser())
    given["credentials_strategy"] = (
        managed_identity.strategy() if given.get("auth_type") == "azure-msi" else _Strategy(core, ask, kind)
    )
    variables = [(attr.name, attr.env) for attr in core.Config.attributes() if attr.env]
    with _ENVIRONMENT, _hidden(connection.stray_variables(params, variables)):
        seconds = 2 * asking.timeout + asking.patience.seconds

        def build() -> t.Any:
            return _config_class(core, ask, kind)(
                product="lakeops.databricks",
                product_version=VERSION,
                http_timeout_seconds=params["http_timeout"],
                retry_timeout_seconds=1,
                **given,
            )

        try:
            with asked(asking):
                # Some ways ask for a token at once, a command line program among them, which may never end.
                made = bounded(build, seconds)
        except BadOption as refusal:
            raise _from_outside(refusal, given) from refusal
        except network.TooSlow as error:
            way = f" (auth_type {given['auth_type']})" if given.get("auth_type") else ""
            said = f"signing in{way} did not end within {seconds:g} s."
            raise Failure(f"Could not {DOING}: {said}", code="TIMEOUT", retryable=True) from error
        except Exception as error:
            # Without a host the SDK finds no way to sign in, and complains of that instead.
            if not any(given.get(name) for name in ("host", "profile")) and not _host_outside(given):
                raise no_host(kind) from error
            if missing := _profile_without_file(given, str(error)):
                raise missing from error
            secrets = [given[name] for name in connection.SECRETS if name in given]
            raise failure(error, secrets, way=given.get("auth_type"), doing=doing) from error
    if not made.host:
        raise no_host(kind)
    made.host = connection.host(made.host, account=account)
    return made


def failure(
    error: BaseException, secrets: t.Sequence[str], way: str | None = None, doing: str = DOING, **more: t.Any
) -> Failure:
    """What went wrong while signing in; the SDK wraps what it was told once or twice.

    :param way: the auth_type that was asked for
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, Failure):
            return seen
        seen = seen.__cause__
    found = errors.translate(error, doing, secrets=secrets, **more)
    if isinstance(error, NotImplementedError) or "unknown: unknown" in found.message:
        # SDK oauth.py: a refusal without OAuth's own words, or an answer without a token.
        said = "the service that gives access tokens answered something else."
        return Failure(f"Could not {doing}: {said}", code="AUTHENTICATION", retryable=True)
    found.message = _in_our_words(found.message, way, doing)
    return found


# What the SDK says of a command that signs in (SDK credentials_provider.py, CliTokenSource).
_NO_TOKEN = re.compile(r"(?P<way>[\w-]+-cli): (?:cannot unmarshal CLI result: .*|'\w+'\.)$", re.DOTALL)
_NO_WORD = re.compile(r"(?P<way>[\w-]+-cli): cannot get access token:\.$")
_NOTHING = re.compile(r"cannot configure default credentials, please check \S+ to configure .*$", re.DOTALL)


def _in_our_words(message: str, way: str | None, doing: str) -> str:
    said = message.replace(f"Could not {doing}: default auth: ", f"Could not {doing}: ", 1)
    said = _NO_TOKEN.sub(r"\g<way>: the command gave something that is no access token.", said)
    said = _NO_WORD.sub(r"\g<way>: the command failed without a word.", said)
    what = f"auth_type {way} is not configured here: something that it needs is missing, or its command failed."
    return _NOTHING.sub(what, said) if way else said


def _profile_without_file(given: Json, complaint: str) -> BadOption | None:
    """The SDK passes over a profile whose file is not there, and complains that it has no credentials."""
    profile = given.get("profile") or os.environ.get("DATABRICKS_CONFIG_PROFILE")
    file = given.get("config_file") or os.environ.get("DATABRICKS_CONFIG_FILE") or profile_file.DEFAULT_FILE
    if not profile or Path(file).expanduser().exists() or not _NOTHING.search(complaint):
        return None
    where = f"{Path(file).expanduser()} does not exist on the machine that runs this"
    return BadOption("profile", f"is {profile!r}, and {where}. Give config_file, or the credentials themselves.")


def no_host(kind: str = WORKSPACE) -> BadOption:
    variable = "the variable databricks_host, " if kind == WORKSPACE else ""
    return BadOption("host", f"is missing. Set the option, {variable}DATABRICKS_HOST or a profile.")


def access_token(ask: Ask, address: str, client: tuple[str, str], form: Json, doing: str = DOING) -> Json:
    """An access token for a client ID and its secret (RFC 6749, section 4.4), as the service describes it.

    :raises Failure: with code AUTHENTICATION where the service refuses the client
    """
    try:
        return ask("POST", address, doing, form=form, basic=client, holds=("access_token",))
    except Failure as refused:
        if refused.status in (400, 401, 403) and refused.code != "NOT_THE_API":
            refused.code = "AUTHENTICATION"
            refused.hint = hint_for("AUTHENTICATION", None, refused.message)
        raise


def _endpoints(made: t.Any, ask: Ask, kind: str) -> Json:
    """Where the host's sign-in service is.

    :raises Failure: the host does not say, or says something that would send a secret in clear
    """
    doing = f"sign in to the {kind}"
    of_account = f"/accounts/{made.account_id}" if kind == ACCOUNT else ""  # SDK oauth.py
    address = made.discovery_url or f"{made.host}/oidc{of_account}{_DISCOVERY}"
    found = ask("GET", address, doing, holds=("token_endpoint",))
    if urlsplit(str(found["token_endpoint"])).scheme != "https" and made.host.startswith("https:"):
        said = "the host names an address for access tokens that is not https."
        raise Failure(f"Could not {doing}: {said}", code="NOT_THE_API", hint=hint_for("NOT_THE_API", None, said))
    return found


class _Strategy:
    """The SDK's own ways to sign in, except that with the OAuth secret of a service principal."""

    def __init__(self, core: t.Any, ask: Ask, kind: str) -> None:
        self.ask, self.kind, self.others, self.own = ask, kind, core.DefaultCredentials(), False

    def auth_type(self) -> str:
        return "oauth-m2m" if self.own else str(self.others.auth_type())

    def oauth_token(self, made: t.Any) -> t.Any:
        return self.others.oauth_token(made)

    def __call__(self, made: t.Any) -> t.Any:
        before = ("token", "username", "password", "metadata_service_url", "group_id")
        wanted = made.auth_type in (None, "", "oauth-m2m") and not any(getattr(made, name, None) for name in before)
        if not (wanted and made.client_id and made.client_secret):
            return self.others(made)
        self.own = True
        return self._by_secret(made)

    def _by_secret(self, made: t.Any) -> t.Any:
        from databricks.sdk import credentials_provider, oauth

        ask, doing = self.ask, f"sign in to the {self.kind}"
        address = str(_endpoints(made, self.ask, self.kind)["token_endpoint"])

        class Source(oauth.Refreshable):
            def refresh(self) -> t.Any:
                form = {"grant_type": "client_credentials", "scope": " ".join(made.scopes or ["all-apis"])}
                if made.authorization_details:
                    form["authorization_details"] = made.authorization_details
                answer = access_token(ask, address, (made.client_id, made.client_secret), form, doing)
                said = str(answer.get("expires_in"))
                seconds = int(said) if said.isdecimal() else 600
                return oauth.Token(
                    access_token=str(answer["access_token"]),
                    token_type=str(answer.get("token_type") or "Bearer"),
                    expiry=datetime.now() + timedelta(seconds=min(seconds, 86_400)),  # the SDK compares naive times
                )

        source = Source()

        def headers() -> dict[str, str]:
            token = source.token()
            return {"Authorization": f"{token.token_type} {token.access_token}"}

        return credentials_provider.OAuthCredentialsProvider(headers, source.token)


def _config_class(core: t.Any, ask: Ask, kind: str) -> t.Any:
    """The SDK's Config, with what it found outside read as it was meant, and the host asked by us.

    It does not ask the host for what signing in by personal access token does not need.
    """

    class Config(core.Config):
        # Which workspace the environment or the profile names; later the SDK puts there what the host says of itself.
        said_workspace_id: str | None = None
        if t.TYPE_CHECKING:  # at run time the SDK would take them for options of another class's
            host: t.Any
            profile: t.Any
            discovery_url: t.Any
            token_audience: t.Any

        def _known_file_config_loader(self) -> None:
            self._load_profile()
            found = {name: getattr(self, name, None) for name in connection.SPEC}
            for name, value in connection.as_meant(found).items():
                if value != found[name]:
                    setattr(self, name, value)
            connection.check_characters(connection.as_meant(found))
            self.said_workspace_id = connection.workspace_of(self.host) or getattr(self, "workspace_id", None) or None
            if self.host:
                self.host = connection.host(self.host, account=kind == ACCOUNT)

        def _load_profile(self) -> None:
            # Credentials from elsewhere count more than a profile that nobody named (SDK config.py).
            if not self.profile and (self.is_any_auth_configured or self.host or self.azure_workspace_resource_id):
                return
            try:
                found = profile_file.chosen(self.config_file or profile_file.DEFAULT_FILE, self.profile)
            except UnicodeDecodeError as error:
                raise configparser.Error from error
            if found is None:
                return
            for name, value in found[1].items():
                if name not in self._inner:
                    setattr(self, name, value)
            if found[0] != "DEFAULT":
                self.profile = found[0]

        def _resolve_host_metadata(self) -> None:
            if not self.host or self.auth_type == "pat" or (self.token and not self.auth_type):
                return
            try:
                said = ask("GET", f"{self.host}{_WELL_KNOWN}", f"sign in to the {kind}")
            except Failure as refused:
                if refused.status is None:
                    raise  # nobody is there
                said = {}  # an older host does not describe itself
            self._take_over({name: replies.clean(value) for name, value in said.items() if isinstance(value, str)})

        def _take_over(self, said: dict[str, str]) -> None:
            for name in ("account_id", "workspace_id", "cloud"):
                if said.get(name) and hasattr(type(self), name) and not getattr(self, name):
                    setattr(self, name, said[name])
            if said.get("oidc_endpoint") and not self.discovery_url:
                base = said["oidc_endpoint"].replace("{account_id}", self.account_id or "").rstrip("/")
                self.discovery_url = f"{base}{_DISCOVERY}"
            if not self.token_audience and not said.get("workspace_id") and self.account_id:
                # A host that is not one workspace's wants the account as the audience (SDK config.py).
                self.token_audience = self.account_id

        @property
        def databricks_oidc_endpoints(self) -> t.Any:
            from databricks.sdk import oauth

            return oauth.OidcEndpoints.from_dict(_endpoints(self, ask, kind)) if self.host else None

    return Config


def _core() -> t.Any:
    """The SDK's module we use, imported on first use so that documentation and tests load without it."""
    try:
        from databricks.sdk import core, credentials_provider, oauth
    except ImportError as error:
        raise Failure(
            "The Python library databricks-sdk is not installed where this task runs.",
            code="MISSING_LIBRARY",
            hint=hint_for("MISSING_LIBRARY", None, ""),
        ) from error
    library_names.check_sdk(core, oauth, credentials_provider)
    # What it warns of would end up on the user's screen, past everything that masks secrets.
    logging.getLogger("databricks").propagate = False
    return core


def _from_outside(refusal: BadOption, given: Json) -> BadOption:
    """The refusal of a value, with where it came from if no option gave it."""
    option = str(refusal.details["option"])
    if option in given or option == "config_file":
        return refusal
    said = refusal.message.removeprefix(f"{option}: ")
    return BadOption(option, f"{said} It comes from the environment or from a profile.")


def _host_outside(given: Json) -> bool:
    """Whether the environment or a file of profiles may name the host."""
    file = given.get("config_file") or os.environ.get("DATABRICKS_CONFIG_FILE") or profile_file.DEFAULT_FILE
    named = os.environ.get("DATABRICKS_HOST") or os.environ.get("DATABRICKS_CONFIG_PROFILE")
    return bool(named) or Path(file).expanduser().exists()


@contextlib.contextmanager
def _hidden(variables: t.Iterable[str]) -> t.Iterator[None]:
    """Take variables out of the environment for a moment."""
    taken = {name: os.environ.pop(name) for name in variables if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)
