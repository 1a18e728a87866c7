# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Options -> one workspace as one identity. The only file that builds SDK clients."""

from __future__ import annotations

import configparser
import contextlib
import os
import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from . import _connection, _errors, _managed_identity, _retry, _routing, _typed_in
from ._failure import BadOption, Failure
from ._hints import CALLER, hint_for
from ._retry import Repeat
from ._version import VERSION

Json = dict[str, t.Any]

_METHODS_THAT_CREATE = ("POST",)


class Workspace:
    """One workspace as one identity; who calls is decided here and never switched afterwards.

    :param params: the connection options of a module (see _connection.SPEC)
    :param notify: told about long waits, in whole sentences
    """

    def __init__(self, params: Json, *, notify: t.Callable[[str], None] = lambda message: None) -> None:
        params = _connection.as_meant(params)
        _connection.check(params)
        self.params = {name: params.get(name) for name in _connection.SPEC}
        self.notify = notify
        # Encrypts and decrypts with the play's vault secrets; None where the task cannot see them.
        self.vault: t.Any = None
        self._reply = threading.local()
        self._config: t.Any = None
        self._client: t.Any = None
        self._lock = threading.Lock()
        # The workspace that calls name: by None as it is for all calls, by a workspace that only a path names.
        self._routes: dict[str | None, str | None] = {}
        self._sessions: dict[str, t.Any] = {}

    # -- identity -----------------------------------------------------------------------------
    def as_token(self, token: str) -> Workspace:
        """The same workspace as the owner of a personal access token."""
        return self._as({"token": token})

    def as_service_principal(self, client_id: str, client_secret: str) -> Workspace:
        """The same workspace as a service principal that signs in with an OAuth secret."""
        return self._as({"client_id": client_id, "client_secret": client_secret})

    def _as(self, credentials: Json) -> Workspace:
        kept = ("ca_cert", "http_timeout", "retry_timeout")
        other = Workspace(
            {**{name: self.params[name] for name in kept}, "host": self.host, **credentials}, notify=self.notify
        )
        other.vault, other._routes = self.vault, {**self._routes, None: self.workspace_id}
        return other

    # -- facts --------------------------------------------------------------------------------
    @property
    def host(self) -> str:
        """Base address with scheme, as https://abc.cloud.databricks.com."""
        return self.config.host

    @property
    def hostname(self) -> str:
        """The address without scheme, as partners and drivers want it."""
        return urlsplit(self.host).netloc

    @property
    def secrets(self) -> list[str]:
        """Values that must never be shown."""
        values = [self.params[name] for name in _connection.SECRETS]
        if self._config is not None:
            names = ("token", "client_secret", "azure_client_secret", "password")
            values += [getattr(self._config, name, None) for name in names]
        return sorted({form for value in values for form in _typed_in.forms(value)})

    @property
    def workspace_id(self) -> str | None:
        """The workspace that calls must name on this host; None where the host is one workspace's own."""
        return self._route(None)

    def http_path(self, path: str, named: str | None = None) -> str:
        """The HTTP path of a SQL warehouse as a driver on this host wants it (see _routing).

        :param path: without a workspace
        :param named: the workspace that the path named, which counts if no option and no address does
        """
        route = self._route(named)
        return f"{path}?o={route}" if route and "?" not in path else path

    def _route(self, named: str | None) -> str | None:
        config = self.config
        if named and not self._routes[None] and named not in self._routes:
            self._routes[named] = _routing.needed(
                config.host, named, demanded=None, timeout=self.params["http_timeout"]
            )
        return self._routes[None] or self._routes.get(named)

    def _first_route(self, config: t.Any) -> str | None:
        option, address = self.params["workspace_id"], self.params["host"]
        # What the environment names is a workspace of the environment's host.
        said = option or (_connection.workspace_of(address) if address else config.said_workspace_id)
        return _routing.needed(config.host, said, demanded=option, timeout=self.params["http_timeout"])

    @property
    def config(self) -> t.Any:
        """The SDK's Config, built on first use; building it may ask the host how to sign in."""
        with self._lock:
            if self._config is None:
                self._config = self._build_config()
            return self._config

    def _build_config(self) -> t.Any:
        sdk = _sdk()
        given = _connection.settings(self.params)
        if given.get("auth_type") == "azure-msi":
            given["credentials_strategy"] = _managed_identity.strategy()
        if self.params["ca_cert"]:
            # requests, which the SDK uses for calls and for OAuth alike, takes the bundle from here.
            os.environ["REQUESTS_CA_BUNDLE"] = str(Path(self.params["ca_cert"]).expanduser())
        variables = [(attr.name, attr.env) for attr in sdk.Config.attributes() if attr.env]
        with _hidden(_connection.stray_variables(self.params, variables)):
            try:
                config = _one_try_config(sdk)(
                    product="lakeops.databricks",
                    product_version=VERSION,
                    http_timeout_seconds=self.params["http_timeout"],
                    retry_timeout_seconds=1,
                    clock=_one_try_clock(sdk)(),
                    **given,
                )
            except BadOption as refusal:
                raise _from_outside(refusal, given) from refusal
            except Exception as error:
                # Without a host the SDK finds no way to sign in, and complains of that instead.
                if not any(given.get(name) for name in ("host", "profile")) and not _host_outside(given):
                    raise _no_host() from error
                raise _sign_in_failure(error, [given[name] for name in _connection.SECRETS if name in given]) from error
        if not config.host:
            raise _no_host()
        config.host = _connection.host(config.host)
        if None not in self._routes:
            self._routes[None] = self._first_route(config)
        return config

    # -- calls --------------------------------------------------------------------------------
    def call(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        query: Json | None = None,
        body: Json | None = None,
        repeat: Repeat | None = None,
    ) -> Json:
        """One request, repeated only where that is harmless. Gives the JSON answer as it came.

        :param doing: what the request is for, as "read schema main.x"; begins the message of a failure
        :param repeat: default: POST is a creation and is never repeated blindly, all else is safe
        :raises LostAnswer: a creation may or may not have happened
        :raises Failure: anything else that is not success
        """
        repeat = repeat or (Repeat.NEVER_BLINDLY if method in _METHODS_THAT_CREATE else Repeat.SAFE)
        deadline = time.monotonic() + self.params["retry_timeout"]
        attempt = 0
        while True:
            self._reply.status, self._reply.request_id, self._reply.of_the_api = None, None, False
            try:
                return self._send(method, path, query, body)
            except Failure:
                raise
            except Exception as error:
                cause = error.__cause__ if isinstance(error, TimeoutError) and error.__cause__ else error
                status = self._reply.status
                wait = _retry.wait_before_repeating(cause, status, repeat, attempt)
                if wait is None or time.monotonic() + wait > deadline:
                    raise self._failure(cause, doing, repeat, status) from error
                if wait >= 2:
                    self.notify(f"The workspace is busy; trying to {doing} again in {wait:.0f} s.")
                time.sleep(wait)
                attempt += 1

    def _send(self, method: str, path: str, query: Json | None, body: Json | None) -> Json:
        headers = {"Accept": "application/json", **_routing.headers(self.workspace_id)}
        answer = self.client.do(method, path, query=query, body=body, headers=headers)
        return answer if isinstance(answer, dict) else {"items": answer}

    def _failure(self, error: BaseException, doing: str, repeat: Repeat, status: int | None) -> Failure:
        if repeat is Repeat.NEVER_BLINDLY and _errors.outcome_unknown(error, status):
            return _errors.lost(error, doing, self.secrets)
        if status == 404 and not self._reply.of_the_api:
            return _errors.not_the_api(doing, status, self._reply.request_id)
        failure = _errors.translate(
            error, doing, secrets=self.secrets, status=status, request_id=self._reply.request_id
        )
        failure.name_caller = self.name_caller
        return failure

    def name_caller(self, failure: Failure) -> None:
        """Put the caller's name into a hint that needs it (see _hints.CALLER), if it can be learned."""
        if not failure.hint or CALLER not in failure.hint:
            return
        try:
            me = self._send("GET", "/api/2.0/preview/scim/v2/Me", None, None)
        except Exception:  # noqa: BLE001  the hint is readable without it
            return
        if me.get("userName"):
            failure.hint = failure.hint.replace(CALLER, str(me["userName"]))

    @property
    def client(self) -> t.Any:
        """The SDK's low-level client: raw JSON, since the typed classes drop what they do not know."""
        config = self.config
        with self._lock:
            if self._client is None:
                self._client = _sdk().ApiClient(config)
                session = getattr(getattr(self._client, "_api_client", None), "_session", None)
                if session is not None:
                    session.hooks["response"].append(self._remember)
            return self._client

    def _remember(self, response: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        # The SDK's exceptions do not say which status came; support asks for the request id.
        self._reply.status = response.status_code
        self._reply.of_the_api = response.status_code == 404 and _errors.is_of_the_api(response.content)
        self._reply.request_id = response.headers.get("x-request-id") or response.headers.get("x-databricks-request-id")
        self._reply.workspace_id = response.headers.get("x-databricks-org-id")
        self._reply.date = response.headers.get("date")

    @property
    def answered_by(self) -> str | None:
        """The workspace id in this thread's last answer, if it had one (SDK WorkspaceClient.get_workspace_id)."""
        return getattr(self._reply, "workspace_id", None)

    @property
    def now(self) -> float:
        """Seconds since the epoch by the service's clock, as of the last answer on this thread; else by our own."""
        try:
            return parsedate_to_datetime(getattr(self._reply, "date", None) or "").timestamp()
        except (TypeError, ValueError):
            return time.time()

    def find(self, path: str, doing: str, *, query: Json | None = None) -> Json | None:
        """GET, with None for what the API says does not exist; no other 404 says so."""
        try:
            return self.call("GET", path, doing, query=query)
        except Failure as failure:
            if _errors.is_absent(failure):
                return None
            raise

    def pages(self, path: str, key: str, doing: str, **query: t.Any) -> t.Iterator[Json]:
        """All items of a list; a page may be empty and still have a successor (SDK SchemasAPI.list)."""
        while True:
            page = self.call("GET", path, doing, query=query)
            yield from page.get(key) or []
            token = page.get("next_page_token")
            if not token:
                return
            if token == query.get("page_token"):
                raise Failure(
                    f"Could not {doing}: the list has no end, since the workspace names the same next page for ever.",
                    code="ENDLESS",
                )
            query = {**query, "page_token": token}

    def together(self, first: t.Callable[[], t.Any], *others: t.Callable[[], t.Any]) -> list[t.Any]:
        """What reads give that do not depend on each other, made at the same time. Of failures the first is raised.

        :param first: is made on this thread, so that its answer is the last one that this thread has seen
        """
        self.client  # noqa: B018  signs in once, before several threads would
        with ThreadPoolExecutor(max_workers=len(others)) as pool:
            pending = [pool.submit(read) for read in others]
            return [first(), *(read.result() for read in pending)]

    # -- SQL ----------------------------------------------------------------------------------
    def sql(self, http_path: str, **options: t.Any) -> t.Any:
        """The one SQL session of this identity on a warehouse (see _sql.Session); opened when it is first used."""
        from ._sql import Session

        if http_path not in self._sessions:
            self._sessions[http_path] = Session(self, http_path, **options)
        return self._sessions[http_path]

    def close(self) -> None:
        """End what is open."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()


def _sdk() -> t.Any:
    """The SDK's modules we use, imported on first use so that documentation and tests load without it."""
    try:
        from databricks.sdk import clock, core
    except ImportError as error:
        raise Failure(
            "The Python library databricks-sdk is not installed where this task runs.",
            code="MISSING_LIBRARY",
            hint=hint_for("MISSING_LIBRARY", None, ""),
        ) from error

    class Sdk:
        Config, ApiClient, Clock = core.Config, core.ApiClient, clock.Clock

    return Sdk


def _one_try_clock(sdk: t.Any) -> t.Any:
    """A clock on which the first pause ends the SDK's retry budget: repeating is decided in _retry.py."""

    class OneTry(sdk.Clock):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self._paused = threading.local()

        def time(self) -> float:
            if getattr(self._paused, "yes", False):
                self._paused.yes = False
                return float("inf")
            return time.time()

        def sleep(self, seconds: float) -> None:
            self._paused.yes = True

    return OneTry


def _one_try_config(sdk: t.Any) -> t.Any:
    """The SDK's Config, with what it found outside read as it was meant.

    It does not ask the host for what signing in by personal access token does not need.
    """

    class Config(sdk.Config):  # type: ignore[misc, name-defined]
        # Which workspace the environment or the profile names; later the SDK puts there what the host says of itself.
        said_workspace_id: str | None = None

        def _known_file_config_loader(self) -> None:
            try:
                super()._known_file_config_loader()
            except (configparser.Error, UnicodeDecodeError):
                _connection.refuse_byte_order_mark(self.config_file or "~/.databrickscfg")
                raise
            found = {name: getattr(self, name, None) for name in _connection.SPEC}
            for name, value in _connection.as_meant(found).items():
                if value != found[name]:
                    setattr(self, name, value)
            _connection.check_characters(_connection.as_meant(found))
            self.said_workspace_id = _connection.workspace_of(self.host) or getattr(self, "workspace_id", None) or None
            if self.host:
                self.host = _connection.host(self.host)

        def _resolve_host_metadata(self) -> None:
            if self.auth_type != "pat" and not (self.token and not self.auth_type):
                super()._resolve_host_metadata()

    return Config


def _from_outside(refusal: BadOption, given: Json) -> BadOption:
    """The refusal of a value, with where it came from if no option gave it."""
    option = str(refusal.details["option"])
    if option in given or option == "config_file":
        return refusal
    said = refusal.message.removeprefix(f"{option}: ")
    return BadOption(option, f"{said} It comes from the environment or from a profile.")


def _host_outside(given: Json) -> bool:
    """Whether the environment or a file of profiles may name the host."""
    file = given.get("config_file") or os.environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg"
    named = os.environ.get("DATABRICKS_HOST") or os.environ.get("DATABRICKS_CONFIG_PROFILE")
    return bool(named) or Path(file).expanduser().exists()


def _no_host() -> BadOption:
    return BadOption("host", "is missing. Set the option, the variable databricks_host, DATABRICKS_HOST or a profile.")


@contextlib.contextmanager
def _hidden(variables: t.Iterable[str]) -> t.Iterator[None]:
    """Take variables out of the environment for a moment."""
    taken = {name: os.environ.pop(name) for name in variables if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)


def _sign_in_failure(error: Exception, secrets: list[str]) -> Failure:
    return _errors.translate(error, "sign in to the workspace", secrets=secrets)
