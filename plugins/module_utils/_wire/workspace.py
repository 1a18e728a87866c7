# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Options -> one workspace as one identity: every request to it is made here or in _wire/sql_wire.py."""

from __future__ import annotations

import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from .._common import user_input
from .._common.failure import Failure
from .._common.hints import CALLER, hint_for
from .._common.json_types import Json
from .._common.version import VERSION
from . import connection, errors, identity_provider, replies, routing
from . import sign_in as _sign_in
from .http_client import Http, bounded
from .retry import Patience, Repeat, repeated

_METHODS_THAT_CREATE = ("POST",)
# More pages than any list of a workspace has.
_MOST_PAGES = 10_000


class Closable(t.Protocol):
    """What has to be closed."""

    def close(self) -> None: ...


Opened = t.TypeVar("Opened", bound=Closable)


class Workspace:
    """One workspace as one identity; who calls is decided here and never switched afterwards.

    :param params: the connection options of a module (see connection.SPEC)
    :param notify: told about long waits, in whole sentences
    :cvar kind: what it is, as sentences say it (str)
    """

    kind = _sign_in.WORKSPACE

    def __init__(self, params: Json, *, notify: t.Callable[[str], None] = lambda message: None) -> None:
        params = connection.as_meant(params)
        connection.check(params, account=self.kind == _sign_in.ACCOUNT)
        self.params = {name: params.get(name) for name in connection.SPEC}
        self.notify = notify
        # Encrypts and decrypts with the play's vault secrets; None where the task cannot see them.
        self.vault: t.Any = None
        self._reply = threading.local()
        self.patience = Patience(self.params["retry_timeout"] or 0)
        self._http = Http(self.params["http_timeout"] or 60)
        self._config: t.Any = None
        self._lock = threading.Lock()
        # The workspace that calls name: by None as it is for all calls, by a workspace that only a path names.
        self._routes: dict[str | None, str | None] = {}
        self._open: dict[str, Closable] = {}

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
        other.patience = self.patience
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
        values = [self.params[name] for name in connection.SECRETS]
        if self._config is not None:
            names = ("token", "client_secret", "azure_client_secret", "password")
            values += [getattr(self._config, name, None) for name in names]
        return sorted({form for value in values for form in user_input.forms(value)})

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
            self._routes[named] = routing.needed(config.host, named, demanded=None, http=self._http)
        return self._routes[None] or self._routes.get(named)

    def _first_route(self, config: t.Any) -> str | None:
        option, address = self.params["workspace_id"], self.params["host"]
        # What the environment names is a workspace of the environment's host.
        workspace_id = option or (connection.workspace_of(address) if address else config.said_workspace_id)
        return routing.needed(config.host, workspace_id, demanded=option, http=self._http)

    @property
    def config(self) -> t.Any:
        """The SDK's Config, built on first use; building it may ask the host how to sign in."""
        with self._lock:
            if self._config is None:
                self._config = self._build_config()
            return self._config

    def _build_config(self) -> t.Any:
        config = _sign_in.config(self.params, self._ask, self._asking(), self.kind)
        if None not in self._routes:
            self._routes[None] = self._first_route(config)
        return config

    def _asking(self) -> identity_provider.Asking:
        return identity_provider.Asking(self._http.timeout, self.patience, self._announced(self._signing_in))

    def sign_in(self) -> t.Any:
        """Sign in once, before several threads would; gives the SDK's Config."""
        return self.config

    def signed(self) -> dict[str, str]:
        """Headers that sign a request.

        :raises Failure: signing in failed
        """
        config = self.config
        if config.auth_type in _sign_in.SOON:
            return dict(config.authenticate())

        seconds = 2 * self._http.timeout + self.patience.seconds

        def sign() -> dict[str, str]:
            # A way of the SDK's own may ask an identity provider, and wait for it as long as it likes.
            return dict(bounded(config.authenticate, seconds))

        try:
            with identity_provider.asked(self._asking()):
                return repeated(sign, Repeat.SAFE, self.patience, self._announced(self._signing_in))
        except Failure:
            raise
        except Exception as error:
            more = {"way": config.auth_type, "doing": self._signing_in, "seconds": seconds}
            raise _sign_in.failure(error, self.secrets, **more) from error

    @property
    def _signing_in(self) -> str:
        return f"sign in to the {self.kind}"

    def _ask(self, method: str, address: str, doing: str, *, holds: t.Sequence[str] = (), **more: t.Any) -> Json:
        """Ask before anybody is signed in; a POST is one for an access token, which may be asked for again."""
        headers = {"Accept": "application/json", "User-Agent": f"lakeops.databricks/{VERSION}"}

        def send() -> Json:
            reply = self._http.send(method, address, headers=headers, **more)
            return replies.as_object(reply, replies.read(reply), must=True, holds=holds)

        try:
            return repeated(send, Repeat.SAFE, self.patience, self._announced(doing))
        except Exception as error:
            raise self._translated(error, doing, urlsplit(address).netloc) from error

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
        holds: t.Sequence[str] = (),
    ) -> Json:
        """One request, repeated only where that is harmless. Gives the JSON object of the answer as it came.

        :param doing: what the request is for, as "read schema main.x"; begins the message of a failure
        :param holds: fields without which the answer says nothing, and is not believed
        :param repeat: default: POST is a creation and is never repeated blindly, all else is safe
        :raises LostAnswer: a creation may or may not have happened
        :raises Failure: anything else that is not success
        """
        repeat = repeat or (Repeat.NEVER_BLINDLY if method in _METHODS_THAT_CREATE else Repeat.SAFE)
        where = self.hostname
        self.signed()  # by itself, so that its troubles are not taken for those of the request

        try:
            return repeated(
                lambda: self._send(method, path, query, body, holds), repeat, self.patience, self._announced(doing)
            )
        except Failure:
            raise
        except Exception as error:
            failure = self._translated(error, doing, where)
            if not errors.outcome_unknown(error):
                raise failure from error
            if repeat is Repeat.NEVER_BLINDLY:
                raise errors.lost(failure, doing) from error
            raise (failure if method in ("GET", "POST") else errors.doubtful(failure, doing)) from error

    def _send(self, method: str, path: str, query: Json | None, body: Json | None, holds: t.Sequence[str] = ()) -> Json:
        headers = {
            "Accept": "application/json",
            "User-Agent": self.config.user_agent,
            **routing.headers(self.workspace_id),
            **self.signed(),
        }
        reply = self._http.send(method, f"{self.host}{path}", headers=headers, query=query, body=body)
        self._reply.workspace_id = reply.headers.get("x-databricks-org-id")
        self._reply.date = reply.headers.get("date")
        return replies.as_object(reply, replies.read(reply), must=method == "GET", holds=holds)

    def _translated(self, error: BaseException, doing: str, where: str) -> Failure:
        failure = errors.translate(error, doing, secrets=self.secrets, where=where, seconds=self._http.timeout)
        failure.name_caller = self.name_caller
        return failure

    def _announced(self, doing: str) -> t.Callable[[float], None]:
        return lambda seconds: self.notify(f"The {self.kind} is busy; trying to {doing} again in {seconds:.0f} s.")

    def name_caller(self, failure: Failure) -> None:
        """Put the caller's name into a hint that needs it (see hints.CALLER), if it can be learned."""
        if not failure.hint or CALLER not in failure.hint:
            return
        try:
            me = self._send("GET", "/api/2.0/preview/scim/v2/Me", None, None)
        except Exception:  # noqa: BLE001  the hint is readable without it
            return
        if me.get("userName"):
            failure.hint = failure.hint.replace(CALLER, str(me["userName"]))

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

    def find(self, path: str, doing: str, *, query: Json | None = None, holds: t.Sequence[str] = ()) -> Json | None:
        """GET, with None for what the API says does not exist; no other 404 says so."""
        try:
            return self.call("GET", path, doing, query=query, holds=holds)
        except Failure as failure:
            if errors.is_absent(failure):
                return None
            raise

    def pages(self, path: str, key: str, doing: str, **query: t.Any) -> t.Iterator[Json]:
        """All items of a list; a page may be empty and still have a successor (SDK SchemasAPI.list)."""
        seen: set[str] = set()
        while len(seen) < _MOST_PAGES:
            page = self.call("GET", path, doing, query=query)
            yield from rows(page, key, doing)
            token = page.get("next_page_token")
            if not token:
                return
            if token in seen or not isinstance(token, str):
                break
            seen.add(token)
            query = {**query, "page_token": token}
        raise Failure(
            f"Could not {doing}: the list has no end, since the {self.kind} names the same next page for ever.",
            code="ENDLESS",
        )

    def together(self, first: t.Callable[[], t.Any], *others: t.Callable[[], t.Any]) -> list[t.Any]:
        """What reads give that do not depend on each other, made at the same time. Of failures the first is raised.

        :param first: is made on this thread, so that its answer is the last one that this thread has seen
        """
        self.sign_in()
        with ThreadPoolExecutor(max_workers=len(others)) as pool:
            pending = [pool.submit(read) for read in others]
            return [first(), *(read.result() for read in pending)]

    # -- what is open -------------------------------------------------------------------------
    def shared(self, name: str, made: t.Callable[[], Opened]) -> Opened:
        """The one thing of this name that all calls of this identity use, and that ends with it.

        :param made: makes it, when it is first asked for
        """
        if name not in self._open:
            self._open[name] = made()
        return t.cast("Opened", self._open[name])

    def close(self) -> None:
        """End what is open."""
        for opened in self._open.values():
            opened.close()
        self._open.clear()


def rows(page: Json, key: str, doing: str) -> list[Json]:
    """The items of one page of a list; null and no field at all are an empty page.

    :raises Failure: they are no list of objects
    """
    items = page.get(key)
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        message = f"what the answer holds as {key} is no list of objects."
        raise Failure(f"Could not {doing}: {message}", code="NOT_THE_API", hint=hint_for("NOT_THE_API", None, message))
    return items
