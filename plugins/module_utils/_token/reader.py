# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The tokens of one principal, read: which live, what the store holds, who uses them. Nothing here changes any."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import replace

from .._api import principals
from .._common import names
from .._common.failure import BadOption, Failure
from .._common.json_types import Json
from .._role import people
from .._wire.workspace import Workspace
from . import lifecycle, minting, ownership, records, stores, use_history
from .lifecycle import Found, Intent, Known, Token
from .minting import Mint
from .records import seconds
from .refusals import Subject
from .store_tasks import Tasks
from .token_list import TokenList
from .use import Use
from .wishes import check_names, wishes_of

# For how many seconds after its announcement in the user's own store a token may still be made.
_FRESH = 3_600.0
# A list may lag behind the making of a token by less than this.
_NEW = 3_600.0


class TokenReader:
    """Reads the tokens of a principal, and holds the one thing that must never leave it: a value that was supplied.

    :ivar record: what the store holds, as last read
    :ivar every: the principal's tokens, as last listed
    :ivar others: of these, those of another integration or of nobody's
    :ivar value: of a token that is not stored yet
    :ivar people_before: what the record said of people when the run began
    """

    def __init__(
        self, workspace: Workspace, principal: principals.Principal | None, integration: str, params: Json
    ) -> None:
        self.workspace, self.principal, self.integration, self.params = workspace, principal, integration, params
        self.given_people = people.checked(params.get("people"))
        self.people_before: people.People | None = None
        self.minting = Mint(workspace, principal) if principal else None
        self.store = stores.open_store(workspace, params["store"]) if params.get("store") else None
        self.record: Json | None = None
        self.value: str | None = None
        self.method: str | None = None
        self.warnings: list[str] = []
        self.workspace_id: str | None = None
        self.others: list[Token] = []
        self.every: list[Token] = []
        self.history = use_history.UseHistory(workspace, principal, self.minting)
        given = params.get("listed")
        # The tokens as they were listed just before; believed once, and only if nothing is to be done.
        self._list_before = TokenList.given(given) if given else None
        self._identity: Json | None = None  # the owner of the stored token, as the service said beside that list
        # When the principal's tokens were used last before this run signed in with the stored one.
        self._used_before: dict[str, float | None] = {}

    @classmethod
    def of_task(cls, workspace: Workspace, params: Json, *, missing_is_fine: bool) -> t.Self:
        """The tokens that the options of a task name.

        :param missing_is_fine: whether the principal may be one that does not exist yet
        :raises Failure: an option cannot be used, or there is no such principal
        """
        check_names(params)
        warnings: list[str] = []
        try:
            principal = principals.known(params["principal"], params.get("principal_id")) or principals.resolve(
                workspace, params["principal"], verify=True
            )
        except Failure as failure:
            if failure.code != principals.UNKNOWN or not missing_is_fine:
                raise
            principal = None
            if params["state"] != "absent":
                warnings.append(
                    f"{failure.message} Check mode takes it for something that an earlier task of this play creates."
                )
        tokens = cls(workspace, principal, params["integration"], params)
        tokens.warnings += warnings
        return tokens

    def now(self) -> float:
        """The service's time, in seconds since the epoch."""
        return self.workspace.now

    def read(self) -> Found:
        """What there is.

        :raises Failure: it could not be read, or the store belongs to somebody else
        """
        if self.principal and self.principal.kind == "group":
            raise BadOption(
                "principal", f"{self.principal.display} is a group; only users and service principals have tokens."
            )
        return self._by_the_list_before() or self._found(self._list())

    def _by_the_list_before(self) -> Found | None:
        """What there is by a list that was read just before; None if that is in doubt, or anything is to be done."""
        listed, self._list_before = self._list_before, None
        supplied_too = (self.params.get("supplied_token") or "").strip()
        if listed is None or self.params["state"] != "present" or supplied_too or self.principal is None:
            return None
        warnings = len(self.warnings)
        with contextlib.suppress(Failure):
            if self._signs_in_here(listed):
                found = self._found(listed.tokens, listed.workspace_id)
                if lifecycle.next_step(found, wishes_of(self.params), self.now()) is None:
                    return found
        del self.warnings[warnings:]
        self._identity = None
        self.history.forget_answer()
        return None

    def _signs_in_here(self, listed: TokenList) -> bool:
        """Whether the stored token works in the workspace that gave the list; at the same time the query history.

        The token is sent to no other address than the one that it was made at.
        """
        if self.store is None or not self.store.at_hand or not self.history.can_be_asked:
            return False
        record = self.store.read()
        if not record or not record.get("token_value") or record.get("host") != self.workspace.host:
            return False
        if not stores.is_here(record, self.workspace.host, listed.workspace_id):
            return False
        if record["token_id"] not in {token.token_id for token in listed.tokens}:
            return False
        itself = self.workspace.as_token(record["token_value"])
        self._used_before = {token.token_id: token.last_used for token in listed.tokens}
        # The history is read on this thread, so that the workspace knows who answered it, and when.
        answer, self._identity = self.workspace.together(
            lambda: self.history.ask(listed.now), lambda: principals.me(itself)
        )
        self.history.use_answer(listed.now, answer)
        if not listed.fresh(self.now()):
            self._used_before = {}
            return False
        return self.workspace.answered_by == listed.workspace_id and self.store.read() == record

    def _found(self, every: list[Token], workspace_id: str | None = None) -> Found:
        """What there is, by a list.

        :param every: the principal's tokens
        :param workspace_id: who listed them; the last answer says it otherwise
        """
        # Noted before the store is read, which may ask another workspace: it decides whether the stored token may be
        # sent there.
        self.workspace_id = workspace_id or self.workspace.answered_by
        self.record = self.store.read() if self.store else None
        if self.people_before is None:
            self.people_before = self.people_recorded
        here = self.record is not None and self._belongs(self.record)
        known = self._known(every, here)
        now = self.now()
        live = [token for token in every if token.alive(now)]
        held = {known.token_id, *(old.token_id for old in known.predecessors)} if known else set()
        ours = tuple(token for token in live if token.token_id in held or self._is_marked(token))
        self.others = [token for token in live if token not in ours and not token.is_rehearsal]
        intents = records.intents(self.record)
        self.every = every
        found = Found(ours, known, intents, self._announced(intents, ours), mintable=self._mintable())
        if ours and self.params["state"] != "absent":
            self.history.read(every, now)
            found = replace(found, partner_uses_new=self.history.partner_uses_new(known, every))
            found = replace(found, partner_silent=self.used_by(found).silent)
        value = (self.params.get("supplied_token") or "").strip()
        if not value or not self.principal or self.params["state"] == "absent":
            return found
        if known and self.record and self.record["token_value"] == value:
            return replace(found, finished=True)
        return replace(found, in_hand=self._accept(value), minted=True, supplied=True)

    def _list(self) -> list[Token]:
        """The principal's tokens; at the same time the query history, where the store names one of them.

        The stored token signs in afterwards only: the service counts that as use, on a day that nothing else explains.
        """
        if self.minting is None:
            return []
        now = self.now()
        if self.params["state"] == "absent" or not self.history.can_be_asked or not self._names_a_token():
            return self.minting.list()
        every, answer = self.workspace.together(self.minting.list, lambda: self.history.ask(now))
        self.history.use_answer(now, answer)
        before = self._used_before
        return [replace(token, last_used=before.get(token.token_id, token.last_used)) for token in every]

    def _names_a_token(self) -> bool:
        """Whether a store that is at hand names a token; one that cannot be read says so when its turn comes."""
        if self.store is None or not self.store.at_hand:
            return False
        try:
            return bool((self.store.read() or {}).get("token_id"))
        except Failure:
            return False

    def _belongs(self, record: Json) -> bool:
        """Whether the stored token may be tried here.

        :raises Failure: as ``ownership.belongs`` does
        """
        known_as = self.principal.name_for_services if self.principal else None
        whose = ownership.Whose(self.workspace_id, self.integration, self.params["principal"], known_as)
        here = ownership.belongs(self.workspace, record, self.place, whose)
        if not here and self.params["state"] != "absent":
            where = f"{record.get('host')}, a workspace on this machine that is gone"
            self.warnings.append(f"The stored token was for {where}; it is replaced.")
        return here

    @property
    def place(self) -> str:
        """Where the token is stored, for people."""
        return self.store.place if self.store else "the store"

    def used_by(self, found: Found) -> Use:
        """Who uses the tokens; without a store all that bear the mark."""
        now = self.now()
        ours = lifecycle.named(found, now) if self.store else found.live(now)
        return self.history.use_of(found, self.every, ours, now)

    @property
    def name(self) -> str:
        """The principal as services name it."""
        return self.principal.name_for_services if self.principal else self.params["principal"]

    @property
    def people_recorded(self) -> people.People:
        """What the record says of people."""
        return people.updated((self.record or {}).get("people"), None)

    def subject(self) -> Subject:
        """What sentences about these tokens name."""
        owner = self.principal.display if self.principal else self.params["principal"]
        return Subject(owner, self.integration, self.place, (self.record or {}).get("store_id"))

    def _mintable(self) -> bool:
        return not (self.minting and self.minting.principal.kind == "user" and not self.minting.is_me)

    def _is_marked(self, token: Token) -> bool:
        return token.marker is not None and names.same(token.marker.integration, self.integration)

    def _announced(self, intents: tuple[Intent, ...], ours: tuple[Token, ...]) -> Intent | None:
        """What tasks of somebody's own have stored for this run to make; other stores are written to in one run."""
        if not isinstance(self.store, Tasks) or not intents:
            return None
        last, borne = intents[-1], {token.marker.nonce for token in ours if token.marker}
        return last if last.nonce not in borne and abs(self.now() - last.when) < _FRESH else None

    def _known(self, every: list[Token], here: bool) -> Known | None:
        record = self.record
        if record is None or not record.get("token_id"):
            return None
        listed = next((token for token in every if token.token_id == record["token_id"]), None)
        expiry = listed.expiry if listed else seconds(record.get("expiry"))
        created = listed.created if listed else seconds(record.get("created")) or 0.0
        living = {token.token_id for token in every if token.alive(self.now())}
        works: bool | None = False
        if here and self.principal and not (expiry is not None and expiry <= self.now()):
            works = self._proof(record["token_value"], listed, created, every)
        return Known(
            token_id=record["token_id"],
            created=created,
            expiry=expiry,
            generation=int(record.get("generation") or 0),
            works=works,
            predecessors=records.predecessors(record, living) if here else (),
            nonce=record.get("nonce") or (listed.marker.nonce if listed and listed.marker else None),
        )

    def _proof(self, value: str, listed: Token | None, created: float, every: list[Token]) -> bool | None:
        """Whether the stored value signs in; None where it is not to be tried.

        One refusal proves nothing while the token is listed alive, or so new that the list may not have it yet.

        :param every: the principal's tokens; looked at again after a refusal
        :raises Failure: it could not be established
        """
        if self.params["state"] == "absent" or not self.params.get("prove", True):
            return None
        doubtful = listed is not None or self.now() - created < _NEW
        identity, self._identity = self._identity, None
        works = minting.prove(
            self.workspace,
            value,
            self._someone(),
            patience=minting.DOUBT if doubtful else 0.0,
            scoped=bool(listed and listed.scopes),
            identity=identity,
        )
        if not works and self.minting:
            every[:] = self.minting.list()
        return works

    def _accept(self, value: str) -> Token:
        token = minting.supplied(self.workspace, value, self._someone())
        if token.expiry is None:
            self.warnings.append(
                "The supplied token never expires, or its expiry cannot be told; give the next one a lifetime."
            )
        self.value, self.method = value, "supplied"
        return token

    def _someone(self) -> principals.Principal:
        if self.principal is None:
            raise principals.unknown(self.params["principal"])
        return self.principal
