# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a run does to the tokens of one principal, in a real workspace and with a real store."""

from __future__ import annotations

import secrets
import typing as t

from .._api import principals, tokens
from .._common.failure import BadOption, Failure, Refused
from .._common.json_types import Json
from .._role import people
from . import lifecycle, minting, records, refusals
from .lifecycle import DAY, Found, Intent, Predecessor, Token, Wishes
from .minting import Mint, Order
from .reader import TokenReader
from .run import Tokens
from .store import Rival, Store
from .store_tasks import Tasks


class PrincipalTokens(TokenReader, Tokens):
    """What a run sees and does. Holds the values of new tokens, which must never leave it."""

    allowed_lifetime: float | None = None  # of a new token, once the workspace was asked what it allows

    def revoke(self, token: Token, why: str) -> None:
        if not (self.minting and token.marker):
            return
        # Another run may be storing this very token.
        if why == lifecycle.ORPHAN and self.store and self.store.read() != self.record:
            raise Rival
        self.minting.revoke(token)

    def may_mint(self, wishes: Wishes) -> None:
        if not self._mintable():
            raise minting.needs_supplied(self._someone())
        if self.minting and self.minting.active() is False:
            raise refusals.inactive(self.minting.principal.display, self.minting.principal.kind)
        self.allowed_lifetime = self._lifetime(wishes)

    def announce(self, generation: int) -> Intent:
        store = self._needed_store()
        store.prepare()
        intent = Intent(secrets.token_hex(8), generation, float(int(self.now())))
        self._write(records.announced(self.record, intent, self.about()))
        return intent

    def mint(self, intent: Intent, wishes: Wishes) -> Token:
        principal, mint = self._someone(), t.cast(Mint, self.minting)
        order = Order(
            principal,
            records.marker(self.record, self.integration, intent),
            self.lifetime(wishes),
            self.params.get("comment"),
            tuple(sorted(self.params["scopes"])) if self.params.get("scopes") else None,
            self.params["method"],
        )
        # Writing the intent used up the room that was reserved; the record with the token is longer.
        self._needed_store().prepare()
        token, self.value, self.method = mint.make(order)
        self.warnings += mint.warnings
        try:
            scoped = bool(order.scopes)
            if not minting.prove(self.workspace, self.value, principal, patience=minting.SETTLE, scoped=scoped):
                raise Failure(
                    "The workspace does not accept the token it just made.", code="INVALID_ACCESS_TOKEN", retryable=True
                )
        except Failure:
            self.revoke(token, "not proven")
            raise
        return token

    def store_token(self, token: Token, predecessors: tuple[Predecessor, ...]) -> None:
        store = self._needed_store()
        if self.method == "supplied":
            store.prepare()
        about = {**self.about(), "method": self.method, "predecessors": predecessors}
        self._write(records.stored(self.record, token, self.value or "", about, self.now()))
        others = store.exposed_to(lambda: str(principals.me(self.workspace)["user_name"]))
        if others:
            self.warnings.append(f"store: {store.place} can be read by others, too: {', '.join(others)}.")

    def settle(self, predecessors: tuple[Predecessor, ...]) -> None:
        self._write(records.settled(self.record or {}, predecessors))

    def clear(self) -> None:
        if self.store:
            self.store.clear()

    @property
    def people_after(self) -> people.People:
        """What the record says of people once this run has written it."""
        return people.updated(self.people_recorded, self.given_people)

    def unnoted(self) -> list[str]:
        if not (self.record or {}).get("token_id"):
            return []
        wanted = self.people_after
        return [name for name in people.NAMES if wanted.get(name) != self.people_recorded.get(name)]

    def note(self) -> None:
        self._write(self.record or {})

    def waits(self) -> bool:
        return isinstance(self.store, Tasks) and self.store.to_write is not None

    def stop(self, found: Found, code: str) -> Refused:
        if code == lifecycle.STRANGER:
            return refusals.strangers(found, self.subject(), self.now())
        if code == lifecycle.NOT_PROVEN:
            return refusals.not_proven(self.subject())
        if self.minting and self.minting.active() is False:
            return refusals.inactive(self.minting.principal.display, self.minting.principal.kind)
        return refusals.refused(found, self.subject())

    def _needed_store(self) -> Store:
        if self.store is None:
            raise BadOption("store", "is needed to keep a token.")
        return self.store

    def about(self) -> Json:
        """What a record says of the token that it holds."""
        return {
            "workspace_id": self.workspace_id,
            "host": self.workspace.host,
            "principal": self._someone().name_for_services,
            "integration": self.integration,
        }

    def _write(self, record: Json) -> None:
        record = records.noted(record, self.given_people)
        self._needed_store().write(record, self.record)
        self.record = record

    def lifetime(self, wishes: Wishes) -> float:
        return self._lifetime(wishes) if self.allowed_lifetime is None else self.allowed_lifetime

    def _lifetime(self, wishes: Wishes) -> float:
        allowed, longest = tokens.settings(self.workspace)
        if not allowed:
            raise Refused(
                "Personal access tokens are switched off in this workspace.",
                code="TOKENS_DISABLED",
                hint="A workspace administrator switches them on under Settings > Advanced > Personal access tokens.",
            )
        if longest is None or longest * DAY >= wishes.lifetime:
            return wishes.lifetime
        self.warnings.append(
            f"lifetime_days: the workspace allows at most {longest} days, "
            f"so the token lives {longest} instead of {wishes.lifetime / DAY:g}."
        )
        return longest * DAY

    def tidy(self, check: bool) -> list[str]:
        """Delete what a run left that died while it was signed in as the principal; gives sentences about it.

        Only where tokens are made that way is there anything to look for, and a run that makes one has looked already.
        """
        if not (self.minting and self.record and self.record.get("method") == "self") or self.method == "self":
            return []
        return [
            f"deleted OAuth secret {left} of {self.minting.principal.display}, left by a run that died"
            for left in self.minting.leftovers(delete=not check)
        ]
