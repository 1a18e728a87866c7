# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""How the SDK's own ways to sign in ask whoever gives tokens: in bounded time, with our patience and in our words.

Left alone the SDK asks without any timeout, repeats nothing, and keeps the status to itself: a busy service becomes
"ValueError: unknown", and one that gives no identity "cannot configure default credentials" (SDK oauth.py,
oidc_token_supplier.py). These files get requests from here, which behaves as the original wherever nobody of ours signs
in. What the provider refuses in the words of OAuth is left to the SDK, which tells it as it is.
"""

from __future__ import annotations

import contextlib
import contextvars
import importlib
import typing as t
from urllib.parse import urlsplit

from .._common.failure import Failure
from .._common.hints import hint_for
from .._common.json_types import Json
from . import errors, library_names, network, replies
from .http_client import Http
from .retry import Patience, Repeat, repeated

DOING = "sign in to the workspace"
CODE = "IDENTITY_PROVIDER"
_FILES = ("oauth", "oidc_token_supplier")
_BUSY = (408, 410, 429)


class Asking(t.NamedTuple):
    """How a sign-in asks."""

    timeout: float
    patience: Patience
    announce: t.Callable[[float], None]


_asking: contextvars.ContextVar[Asking | None] = contextvars.ContextVar("lakeops_identity_provider", default=None)


@contextlib.contextmanager
def asked(how: Asking) -> t.Iterator[None]:
    """What the SDK sends to get a token in this block is sent like this."""
    for name in _FILES:
        file: t.Any = importlib.import_module(f"databricks.sdk.{name}")
        known = getattr(file, library_names.REQUESTS, None)
        if known is not None and not isinstance(known, _Requests):
            setattr(file, library_names.REQUESTS, _Requests(known))
    token = _asking.set(how)
    try:
        yield
    finally:
        _asking.reset(token)


def busy(reply: replies.Reply, where: str) -> replies.Refusal | None:
    """The answer of a provider that may give a token a little later; None for any other."""
    if reply.status < 500 and reply.status not in _BUSY:
        return None
    found = replies.Refusal(reply, f"{where}, which gives access tokens, answered HTTP {reply.status}", CODE)
    found.nothing_done = True
    return found


class _Requests:
    """The module requests, as those files use it."""

    def __init__(self, original: t.Any) -> None:
        self._original = original

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._original, name)

    def get(self, url: str, *args: t.Any, **more: t.Any) -> t.Any:
        return self._sent("GET", url, *args, **more)

    def post(self, url: str, *args: t.Any, **more: t.Any) -> t.Any:
        return self._sent("POST", url, *args, **more)

    def _sent(self, method: str, url: str, *args: t.Any, **more: t.Any) -> t.Any:
        how = _asking.get()
        known = set(more) <= {"headers", "auth", "data"} and len(args) <= 1 and (method == "POST" or not args)
        if how is None or not known:
            return getattr(self._original, method.lower())(url, *args, **more)
        form, auth = (args[0] if args else more.get("data")), more.get("auth")
        name, secret = getattr(auth, "username", None), getattr(auth, "password", None)
        basic = (str(name), str(secret or "")) if name is not None else None
        where = urlsplit(url).netloc

        def send() -> replies.Reply:
            headers = {"Accept": "application/json", **(more.get("headers") or {})}
            reply = Http(how.timeout).send(method, url, headers=headers, form=form, basic=basic)
            if refusal := busy(reply, where):
                raise refusal
            return reply

        try:
            reply = repeated(send, Repeat.SAFE, how.patience, how.announce)
        except Failure:
            raise
        except replies.Refusal as refusal:
            raise errors.translate(refusal, DOING) from refusal
        except Exception as error:
            if not network.is_one(error):
                raise
            raise errors.translate(error, DOING, where=where, seconds=how.timeout) from error
        self._check(reply, where)
        return self._response(reply, url)

    @staticmethod
    def _check(reply: replies.Reply, where: str) -> None:
        """Let through what the SDK can read: a token, or a refusal in the words of OAuth.

        :raises Failure: anything else
        """
        try:
            said = replies.parsed(reply.content)
        except ValueError:
            said = None
        refused = not 200 <= reply.status < 300
        if isinstance(said, dict) and (said.get("error") or said.get("errorCode") if refused else _holds(said)):
            return
        told = f"HTTP {reply.status}" if refused else "something that holds no token"
        text = f"Could not {DOING}: {where}, which gives access tokens, answered {told}."
        raise Failure(text, code=CODE, status=reply.status, hint=hint_for(CODE, None, text))

    def _response(self, reply: replies.Reply, url: str) -> t.Any:
        made = self._original.Response()
        made.status_code, made._content, made.url, made.encoding = reply.status, reply.content, url, "utf-8"
        made.headers.update({**reply.headers, "Content-Type": "application/json"})
        return made


def _holds(said: Json) -> bool:
    """Whether it is a token of OAuth, or the identity that GitHub or Azure DevOps gives."""
    token = bool(said.get("access_token") and said.get("token_type") and str(said.get("expires_in", "")).isdecimal())
    return token or bool(said.get("value") or said.get("oidcToken"))
