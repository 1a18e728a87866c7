# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes: a handler is a plain function from a Call to a body; it runs under the workspace's lock."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .errors import ApiError
from .model import Identity, Workspace


@dataclass
class Call:
    """One authenticated request, as a handler sees it."""

    workspace: Workspace
    caller: Identity | None  # None only on routes registered with public=True
    method: str
    path: str
    params: dict[str, str] = field(default_factory=dict)  # from the path, URL-decoded
    query: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # names lower-cased
    body: dict[str, t.Any] = field(default_factory=dict)  # parsed JSON, or form fields
    raw: bytes = b""
    token_id: str | None = None  # the PAT that authenticated the call, if it was one
    scopes: list[str] = field(default_factory=list)  # what that token is limited to; empty = all
    account: bool = False  # to the account itself, not to a workspace
    notes: dict[str, t.Any] = field(default_factory=dict)  # a handler's own remarks for the journal

    def one(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]

    @property
    def me(self) -> Identity:
        if self.caller is None:
            raise ApiError(
                401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type for this API."
            )
        return self.caller

    def need_admin(self, what: str) -> None:
        if not self.workspace.is_admin(self.me):
            raise ApiError(403, "PERMISSION_DENIED", f"{what} is only accessible by admins")


@dataclass
class Reply:
    """For handlers that need more than a JSON body with status 200."""

    body: t.Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None  # sent as it is when given
    content_type: str = "application/json"


Handler = t.Callable[[Call], t.Any]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    public: bool
    scim: bool


ROUTES: list[Route] = []


def route(method: str, path: str, *, public: bool = False, scim: bool = False) -> t.Callable[[Handler], Handler]:
    """Register a handler. ``{name}`` matches one path segment, ``{name:path}`` the rest.

    ``public``: no authentication. ``scim``: errors of the framework use the SCIM envelope.
    """
    regex = re.sub(r"\\\{(\w+):path\\\}", r"(?P<\1>.+)", re.escape(path))
    regex = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", regex)

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, re.compile(f"^{regex}/?$"), handler, public, scim))
        return handler

    return register


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request. ``path`` must still be percent-encoded; values come back decoded."""
    from urllib.parse import unquote

    for candidate in ROUTES:
        match = candidate.pattern.match(path) if candidate.method == method else None
        if match:
            return candidate, {name: unquote(value) for name, value in match.groupdict().items()}
    return None
