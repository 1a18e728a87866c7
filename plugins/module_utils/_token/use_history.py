# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The query history of one principal, and who uses its tokens by it."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .._api import oauth_secrets, principals, query_history
from .._common.failure import Failure
from . import use
from .lifecycle import Found, Known, Token
from .minting import Mint

if t.TYPE_CHECKING:
    from .._wire.workspace import Workspace

Answer = use.Seen | Failure | query_history.TooMuch

# A history that was asked for by a clock that differs by more than this from the service's is asked for again.
_SAME_TIME = 60.0


class UseHistory:
    """What the query history tells of one principal; not being told is an answer, too.

    :ivar seen: what it tells; None if it could not be read
    :ivar why_unknown: why the partner's use is not known, as a sentence; empty if it is
    """

    def __init__(self, workspace: Workspace, principal: principals.Principal | None, mint: Mint | None) -> None:
        self._workspace, self._principal, self._mint = workspace, principal, mint
        self.seen: use.Seen | None = None
        self.why_unknown = ""
        # Read at the same time as the list of tokens, and the time that it was asked for.
        self._ahead: tuple[float, Answer] | None = None

    @property
    def can_be_asked(self) -> bool:
        """Whether the principal has the number that the history is asked by."""
        return str(self._scim_id or "").isdecimal()

    @property
    def _scim_id(self) -> str | None:
        return self._principal.id if self._principal else None

    def ask(self, now: float) -> Answer:
        """What the service answers; a failure is an answer, since this is read beside something else."""
        try:
            return self._read(now)
        except (Failure, query_history.TooMuch) as trouble:
            return trouble

    def use_answer(self, now: float, answer: Answer) -> None:
        """Take an answer for the next ``read``.

        :param now: the time that it was asked for
        """
        self._ahead = (now, answer)

    def forget_answer(self) -> None:
        self._ahead = None

    def read(self, every: t.Sequence[Token], now: float) -> None:
        """Find out what the history tells.

        :param every: the principal's tokens
        """
        self.seen = self._seen(every, now)

    def partner_uses_new(self, known: Known | None, every: t.Sequence[Token]) -> bool | None:
        """Whether the partner uses the successor of a replaced token; None: not proven either way."""
        if known is None or not known.predecessors:
            return None
        return use.successor_used(known, every, self.seen, self._other_ways)

    def use_of(self, found: Found, every: t.Sequence[Token], named: t.Sequence[Token], now: float) -> use.Use:
        """Who uses the tokens.

        :param every: the principal's tokens, as last listed
        :param named: live tokens that the store names
        """
        listed = {token.token_id for token in every}
        more = [token for token in found.tokens if token.token_id not in listed]
        return use.use(found.known, named, [*every, *more], self.seen, now, self.why_unknown)

    def _read(self, now: float) -> use.Seen:
        """What the query history tells, as if the caller were shown all of it.

        :raises Failure: it could not be read
        :raises query_history.TooMuch: it goes on for longer than anybody should wait
        """
        pages = query_history.pages(self._workspace, str(self._scim_id), now)
        return use.read(pages, now - use.WINDOW, sees_all=True)

    def _seen(self, every: t.Sequence[Token], now: float) -> use.Seen | None:
        principal, mint = self._principal, self._mint
        if principal is None or mint is None:
            return None
        # Only administrators are told about everybody's tokens, and they see everybody's statements.
        sees_all = any(token.use_known for token in every) or mint.is_me
        if not self.can_be_asked:
            self.why_unknown = "the principal has no ID by which the query history could be read"
            return None
        ahead, self._ahead = self._ahead, None
        try:
            if ahead is None or abs(ahead[0] - now) > _SAME_TIME:
                seen = self._read(now)
            elif isinstance(ahead[1], Exception):
                raise ahead[1]
            else:
                seen = ahead[1]
            seen = replace(seen, whole=seen.whole and sees_all)
        except Failure as failure:
            self.why_unknown = f"the query history could not be read: {failure.message}"
            return None
        except query_history.TooMuch:
            self.why_unknown = "the query history of the principal is too long to be read"
            return None
        if principal.kind == "user" and seen.partner is not None:
            self.why_unknown = "a person runs statements without the token, too"
            return replace(seen, whole=False, partner=None)
        self.why_unknown = ""
        return seen

    def _other_ways(self) -> bool | None:
        """Whether the principal has OAuth secrets, with which statements need no token."""
        try:
            every = oauth_secrets.listing(self._workspace, str(self._scim_id))
        except Failure:
            return None
        return any(not oauth_secrets.is_ours(secret) for secret in every)
