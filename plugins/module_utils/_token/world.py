# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The tokens of one principal in a real workspace, with a real store: what modules token and token_info stand on."""

from __future__ import annotations

import contextlib
import secrets
import typing as t
from dataclasses import replace
from urllib.parse import urlsplit

from .._api import oauth_secrets, principals, query_history, tokens
from .._common import names
from .._common.failure import BadOption, Failure, Refused
from .._role import people as _people
from .._wire import connection
from .._wire.workspace import Workspace
from . import lifecycle, refusals, stores
from . import listed as _token_listed
from . import minting as _minting
from . import record as _token_record
from . import use as _token_use
from .lifecycle import DAY, Found, Intent, Known, Predecessor, Token, Wishes
from .minting import Mint, Order, checked_comment, needs_supplied, prove, supplied
from .record import seconds, when
from .refusals import Place
from .run import Outcome, World, describe, describe_handover, describe_use, handover_warnings, keep, one

Json = dict[str, t.Any]
_MOST_DAYS = 730
# How long what was announced in tasks of somebody's own may be made.
_FRESH = 3_600.0
# A list may lag behind the making of a token by less than this.
_NEW = 3_600.0
# A history that was asked for by a clock that differs by more than this from the service's is asked for again.
_SAME_TIME = 60.0


class RealWorld(World):
    """Holds the one thing that must never leave it: the values of the tokens."""

    def __init__(
        self, workspace: Workspace, principal: principals.Principal | None, integration: str, params: Json
    ) -> None:
        self.workspace, self.principal, self.integration, self.params = workspace, principal, integration, params
        self.said = _people.checked(params.get("people"))
        # What was recorded of people when the run began, and is now.
        self.people_before: _people.People | None = None
        self.minting = Mint(workspace, principal) if principal else None
        self.keeper = stores.open_store(workspace, params["store"]) if params.get("store") else None
        self.record: Json | None = None
        self.value: str | None = None
        self.method: str | None = None
        self.warnings: list[str] = []
        self.workspace_id: str | None = None
        self.life: float | None = None  # of a new token, once the workspace was asked what it allows
        self.others: list[Token] = []  # of the principal, and of another integration or of nobody's
        self.every: list[Token] = []  # of the principal, as last listed
        self.seen: _token_use.Seen | None = None  # the query history; None: not readable
        self.unseen = ""  # why, then
        # The query history, read at the same time as the list of tokens, and the time that it was asked for.
        self._ahead: tuple[float, _token_use.Seen | Failure | query_history.TooMuch] | None = None
        listed = params.get("listed")
        # The tokens as they were listed just before; believed once, and only if nothing is to be done.
        self._listed = _token_listed.Listed.given(listed) if listed else None
        self._who: Json | None = None  # the owner of the stored token, as the service said beside that list
        # When the principal's tokens were used last before this run signed in with the stored one.
        self._used_before: dict[str, float | None] = {}

    def now(self) -> float:
        return self.workspace.now

    # -- looking ------------------------------------------------------------------------------
    def look(self) -> Found:
        if self.principal and self.principal.kind == "group":
            raise BadOption(
                "principal", f"{self.principal.display} is a group; only users and service principals have tokens."
            )
        return self._as_listed() or self._look(self._list())

    def _as_listed(self) -> Found | None:
        """What there is by a list that was read just before; None if that is in doubt, or anything is to be done."""
        listed, self._listed = self._listed, None
        supplied_too = (self.params.get("supplied_token") or "").strip()
        if listed is None or self.params["state"] != "present" or supplied_too or self.principal is None:
            return None
        said = len(self.warnings)
        with contextlib.suppress(Failure):
            if self._signs_in_here(listed):
                found = self._look(listed.tokens, listed.workspace_id)
                if lifecycle.next_step(found, wishes_of(self.params), self.now()) is None:
                    return found
        del self.warnings[said:]
        self._who = self._ahead = None
        return None

    def _signs_in_here(self, listed: _token_listed.Listed) -> bool:
        """Whether the stored token works in the workspace that gave the list; at the same time the query history.

        The token is sent to no other address than the one that it was made at.
        """
        if self.keeper is None or not self.keeper.at_hand or not str(self._someone().id or "").isdecimal():
            return False
        record = self.keeper.read()
        if not record or not record.get("token_value") or record.get("host") != self.workspace.host:
            return False
        if not stores.is_here(record, self.workspace.host, listed.workspace_id):
            return False
        if record["token_id"] not in {token.token_id for token in listed.tokens}:
            return False
        itself = self.workspace.as_token(record["token_value"])
        self._used_before = {token.token_id: token.last_used for token in listed.tokens}
        # The history on this thread: whose answer it is, and when that was, is known by it.
        history, self._who = self.workspace.together(
            lambda: self._history_or_why(listed.now), lambda: principals.me(itself)
        )
        self._ahead = (listed.now, history)
        if not listed.fresh(self.now()):
            self._used_before = {}
            return False
        return self.workspace.answered_by == listed.workspace_id and self.keeper.read() == record

    def _look(self, every: list[Token], workspace_id: str | None = None) -> Found:
        """What there is.

        :param every: the principal's tokens
        :param workspace_id: who listed them; the last answer says it otherwise
        """
        # Whose answer it was decides whether the stored token may be sent there; the store may ask others.
        self.workspace_id = workspace_id or self.workspace.answered_by
        self.record = self.keeper.read() if self.keeper else None
        if self.people_before is None:
            self.people_before = self.people
        here = self.record is not None and self._belongs(self.record)
        known = self._known(every, here)
        now = self.now()
        live = [token for token in every if token.alive(now)]
        held = {known.token_id, *(one_.token_id for one_ in known.predecessors)} if known else set()
        ours = tuple(token for token in live if token.token_id in held or self._is_marked(token))
        self.others = [token for token in live if token not in ours and not token.is_rehearsal]
        intents = _token_record.intents(self.record)
        self.every = every
        found = Found(ours, known, intents, self._announced(intents, ours), mintable=self._mintable())
        if ours and self.params["state"] != "absent":
            self.seen = self._history()
            found = replace(found, partner_uses_new=self._partner_uses_new(known))
            found = replace(found, partner_silent=self.use(found).silent)
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
        minting = self.minting
        if minting is None:
            return []
        now = self.now()
        known = str(minting.principal.id or "").isdecimal()
        if self.params["state"] == "absent" or not known or not self._names_a_token():
            return minting.list()
        every, history = self.workspace.together(minting.list, lambda: self._history_or_why(now))
        self._ahead = (now, history)
        before = self._used_before
        return [replace(one_, last_used=before.get(one_.token_id, one_.last_used)) for one_ in every]

    def _history_or_why(self, now: float) -> _token_use.Seen | Failure | query_history.TooMuch:
        try:
            return self._read_history(str(self._someone().id), now)
        except (Failure, query_history.TooMuch) as trouble:
            return trouble

    def _names_a_token(self) -> bool:
        """Whether a store that is at hand names a token; one that cannot be read says so when its turn comes."""
        if self.keeper is None or not self.keeper.at_hand:
            return False
        try:
            return bool((self.keeper.read() or {}).get("token_id"))
        except Failure:
            return False

    def _read_history(self, scim_id: str, now: float) -> _token_use.Seen:
        """What the query history tells, as if the caller were shown all of it.

        :raises Failure: it could not be read
        :raises query_history.TooMuch: it goes on for longer than anybody should wait
        """
        pages = query_history.pages(self.workspace, scim_id, now)
        return _token_use.read(pages, now - _token_use.WINDOW, sees_all=True)

    def _belongs(self, record: Json) -> bool:
        """Whether the stored token may be tried here. It may not if it is of a workspace on this machine that is gone.

        :raises Refused: it is of another workspace, integration or principal, whose only record this may be
        """
        if not stores.is_here(record, self.workspace.host, self.workspace_id):
            host = record.get("host") or ""
            if not all(connection._is_loopback(urlsplit(one_).hostname or "") for one_ in (host, self.workspace.host)):
                raise stores.other_workspace(record, self._place)
            if self.params["state"] != "absent":
                self.warnings.append(
                    f"The stored token was for {host}, a workspace on this machine that is gone; it is replaced."
                )
            return False
        if not names.same(record.get("integration") or self.integration, self.integration):
            raise Refused(
                f"store: {self._place} holds the token of integration {record['integration']}.",
                code="OTHER_INTEGRATION",
                hint="Give every integration a store of its own.",
            )
        self._refuse_the_record_of_another(record)
        return True

    @property
    def _place(self) -> str:
        return self.keeper.place if self.keeper else "the store"

    def _refuse_the_record_of_another(self, record: Json) -> None:
        """A misspelled principal must not cost somebody else the only record of a token."""
        owner = record.get("principal")
        if not owner or (self.principal and names.same(owner, self.principal.name_for_services)):
            return
        try:
            other = principals.resolve(self.workspace, owner, verify=True)
        except Failure as failure:
            if failure.code == principals.UNKNOWN:
                return
            raise
        raise Refused(
            f"store: holds the token of {other.display} ({owner}), not of {self.params['principal']}.",
            code="OTHER_PRINCIPAL",
            hint="Check option principal, or give every principal a store of its own.",
        )

    def _history(self) -> _token_use.Seen | None:
        """What the principal's query history tells; None if it does not, which is no trouble but an answer."""
        principal, minting, now = self.principal, self.minting, self.now()
        if principal is None or minting is None:
            return None
        # Only administrators are told about everybody's tokens, and they see everybody's statements.
        sees_all = any(token.use_known for token in self.every) or minting.is_me
        if not str(principal.id or "").isdecimal():
            self.unseen = "the principal has no number to look for in the query history"
            return None
        ahead, self._ahead = self._ahead, None
        try:
            if ahead is None or abs(ahead[0] - now) > _SAME_TIME:
                seen = self._read_history(str(principal.id), now)
            elif isinstance(ahead[1], Exception):
                raise ahead[1]
            else:
                seen = ahead[1]
            seen = replace(seen, whole=seen.whole and sees_all)
        except Failure as failure:
            self.unseen = f"the query history could not be read: {failure.message}"
            return None
        except query_history.TooMuch:
            self.unseen = "the query history of the principal is too long to be read"
            return None
        if principal.kind == "user" and seen.partner is not None:
            self.unseen = "a person runs statements without the token, too"
            return replace(seen, whole=False, partner=None)
        self.unseen = ""
        return seen

    def _partner_uses_new(self, known: Known | None) -> bool | None:
        if known is None or not known.predecessors:
            return None
        return _token_use.successor_used(known, self.every, self.seen, self._other_ways)

    def _other_ways(self) -> bool | None:
        """Whether the principal has OAuth secrets, with which statements need no token."""
        try:
            every = oauth_secrets.listing(self.workspace, str(self._someone().id))
        except Failure:
            return None
        return any(not oauth_secrets.is_ours(secret) for secret in every)

    def use(self, found: Found) -> _token_use.Use:
        """Who uses the tokens."""
        listed = {token.token_id for token in self.every}
        every = [*self.every, *(token for token in found.tokens if token.token_id not in listed)]
        now = self.now()
        ours = lifecycle.named(found, now) if self.keeper else found.live(now)
        return _token_use.use(found.known, ours, every, self.seen, now, self.unseen)

    def _mintable(self) -> bool:
        return not (self.minting and self.minting.principal.kind == "user" and not self.minting.is_me)

    def _is_marked(self, token: Token) -> bool:
        return token.marker is not None and names.same(token.marker.integration, self.integration)

    def _announced(self, intents: tuple[Intent, ...], ours: tuple[Token, ...]) -> Intent | None:
        """What tasks of somebody's own have stored for this run to make; other stores are written to in one run."""
        if not isinstance(self.keeper, stores.Tasks) or not intents:
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
            predecessors=_token_record.predecessors(record, living) if here else (),
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
        who, self._who = self._who, None
        works = prove(
            self.workspace,
            value,
            self._someone(),
            patience=_minting.DOUBT if doubtful else 0.0,
            scoped=bool(listed and listed.scopes),
            told=who,
        )
        if not works and self.minting:
            every[:] = self.minting.list()
        return works

    def _accept(self, value: str) -> Token:
        token = supplied(self.workspace, value, self._someone())
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

    # -- doing --------------------------------------------------------------------------------
    def revoke(self, token: Token, why: str) -> None:
        if not (self.minting and token.marker):
            return
        # Another run may be storing this very token.
        if why == lifecycle.ORPHAN and self.keeper and self.keeper.read() != self.record:
            raise stores.Rival
        self.minting.revoke(token)

    def may_mint(self, wishes: Wishes) -> None:
        if not self._mintable():
            raise needs_supplied(self._someone())
        if self.minting and self.minting.active() is False:
            raise refusals.inactive(self.minting.principal.display, self.minting.principal.kind)
        self.life = self._lifetime(wishes)

    def announce(self, generation: int) -> Intent:
        keeper = self._keeper()
        keeper.prepare()
        intent = Intent(secrets.token_hex(8), generation, float(int(self.now())))
        self._write(_token_record.announced(self.record, intent, self.about()))
        return intent

    def mint(self, intent: Intent, wishes: Wishes) -> Token:
        principal, minting = self._someone(), t.cast(Mint, self.minting)
        order = Order(
            principal,
            _token_record.marker(self.record, self.integration, intent),
            self.lifetime(wishes),
            self.params.get("comment"),
            tuple(sorted(self.params["scopes"])) if self.params.get("scopes") else None,
            self.params["method"],
        )
        # Writing the intent used up the room that was reserved; the record with the token is longer.
        self._keeper().prepare()
        token, self.value, self.method = minting.make(order)
        self.warnings += minting.said
        try:
            if not prove(self.workspace, self.value, principal, patience=_minting.SETTLE, scoped=bool(order.scopes)):
                raise Failure(
                    "The workspace does not accept the token it just made.", code="INVALID_ACCESS_TOKEN", retryable=True
                )
        except Failure:
            self.revoke(token, "not proven")
            raise
        return token

    def store(self, token: Token, predecessors: tuple[Predecessor, ...]) -> None:
        keeper = self._keeper()
        if self.method == "supplied":
            keeper.prepare()
        about = {**self.about(), "method": self.method, "predecessors": predecessors}
        self._write(_token_record.stored(self.record, token, self.value or "", about, self.now()))
        others = keeper.exposed_to(lambda: str(principals.me(self.workspace)["user_name"]))
        if others:
            self.warnings.append(f"store: {keeper.place} can be read by others, too: {', '.join(others)}.")

    def settle(self, predecessors: tuple[Predecessor, ...]) -> None:
        self._write(_token_record.settled(self.record or {}, predecessors))

    def clear(self) -> None:
        if self.keeper:
            self.keeper.clear()

    @property
    def people(self) -> _people.People:
        """What the record says of people."""
        return _people.updated((self.record or {}).get("people"), None)

    @property
    def people_wanted(self) -> _people.People:
        return _people.updated(self.people, self.said)

    def unnoted(self) -> list[str]:
        if not (self.record or {}).get("token_id"):
            return []
        wanted = self.people_wanted
        return [name for name in _people.NAMES if wanted.get(name) != self.people.get(name)]

    def note(self) -> None:
        self._write(self.record or {})

    def waits(self) -> bool:
        return isinstance(self.keeper, stores.Tasks) and self.keeper.to_write is not None

    def stop(self, found: Found, code: str) -> Refused:
        if code == lifecycle.STRANGER:
            return refusals.strangers(found, self.place(), self.now())
        if code == lifecycle.NOT_PROVEN:
            return refusals.not_proven(self.place())
        if self.minting and self.minting.active() is False:
            return refusals.inactive(self.minting.principal.display, self.minting.principal.kind)
        return refusals.refused(found, self.place())

    def place(self) -> Place:
        """What sentences about this world's tokens name."""
        owner = self.principal.display if self.principal else self.params["principal"]
        return Place(owner, self.integration, self._place, (self.record or {}).get("store_id"))

    def _keeper(self) -> stores.Store:
        if self.keeper is None:
            raise BadOption("store", "is needed to keep a token.")
        return self.keeper

    def about(self) -> Json:
        """What a record says of the token that it holds."""
        return {
            "workspace_id": self.workspace_id,
            "host": self.workspace.host,
            "principal": self._someone().name_for_services,
            "integration": self.integration,
        }

    def _write(self, record: Json) -> None:
        record = _token_record.noted(record, self.said)
        self._keeper().write(record, self.record)
        self.record = record

    def lifetime(self, wishes: Wishes) -> float:
        return self._lifetime(wishes) if self.life is None else self.life

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


def run(workspace: Workspace, params: Json, check: bool) -> Json:
    """Module token, from its options to its result."""
    wishes = wishes_of(params)
    world = open_world(workspace, params, missing_is_fine=check or params["state"] == "absent")
    keeper = world.keeper
    if keeper is None:
        raise BadOption("store", "is needed.")
    with contextlib.nullcontext() if check else keeper.exclusive():
        repaired = keeper.repair(check)
        outcome = keep(world, wishes, check=check)
        left = world.tidy(check)
    now = world.now()
    token = {
        **describe(outcome.after, now),
        "handover": describe_handover(outcome.after, now, world.integration, keeper.place),
        "principal": _name(world, params),
        "integration": world.integration,
        "store": keeper.place,
        "use": describe_use(world.use(outcome.after)),
        "people": world.people_wanted if outcome.after.known else {},
    }
    token["method"] = world.method
    strangers = lifecycle.strangers(outcome.after, now)
    result: Json = {
        "changed": bool(outcome.steps or repaired or left),
        "token": token,
        "phase": token["phase"],
        "strangers": _listed(strangers, now),
        "actions": [
            *({"method": "repair", "object": keeper.place, "fields": [said]} for said in repaired),
            *({"method": "repair", "object": _name(world, params), "fields": [said]} for said in left),
            *_actions(outcome, token),
        ],
        "diff": _diff(outcome, token, world.people_before or {}, now),
        "warnings_": [
            *keeper.warnings,
            *world.warnings,
            *_warnings(outcome, wishes, world, now),
            *handover_warnings(token["handover"]),
        ],
    }
    if isinstance(keeper, stores.Tasks) and keeper.outgoing is not None and not check:
        result["store_write"] = keeper.outgoing
    return result


def info(workspace: Workspace, params: Json) -> Json:
    """Module token_info: the same look, and no step."""
    world = open_world(workspace, {**params, "state": "present"}, missing_is_fine=False)
    found, now = world.look(), world.now()
    # Without a store nobody is a stranger to it.
    strangers = lifecycle.strangers(found, now) if world.keeper else ()
    place = world.keeper.place if world.keeper else "the store"
    token = {
        **describe(found, now),
        "handover": describe_handover(found, now, world.integration, place),
        "principal": _name(world, params),
        "integration": world.integration,
        "use": describe_use(world.use(found)),
        "people": world.people,
    }
    said = handover_warnings(token["handover"])
    said += lifecycle.idle(found, now) + (refusals.warned(found, world.place(), now) if strangers else [])
    return {
        "token": token,
        "phase": token["phase"],
        "tokens": _listed((one_ for one_ in found.live(now) if one_ not in strangers), now),
        "other_tokens": _listed([*world.others, *strangers], now),
        "strangers": _listed(strangers, now),
        "warnings_": [*world.warnings, *said],
    }


def _listed(tokens_: t.Iterable[Token], now: float) -> list[Json]:
    return [one(token, now) for token in sorted(tokens_, key=lambda token: -token.created)]


def wishes_of(params: Json) -> Wishes:
    """The wishes, refused if they contradict each other.

    Of 90 days the last 30 are for the handover: a grace period of 14, and the rest for a person who is late.
    """
    lifetime, renew_before, grace = params["lifetime_days"], params["renew_before_days"], params["grace_days"]
    if not 1 <= lifetime <= _MOST_DAYS:
        raise BadOption("lifetime_days", f"is {lifetime}; give 1 to {_MOST_DAYS} days.")
    if renew_before is None:
        renew_before = lifetime // 3
    if not 0 <= renew_before < lifetime:
        raise BadOption(
            "renew_before_days", f"is {renew_before}; give 0 or more, and less than lifetime_days ({lifetime})."
        )
    if grace is None:
        grace = min(14, renew_before // 2)
    if grace < 0:
        raise BadOption("grace_days", f"is {grace}; give 0 or more.")
    return Wishes(
        params["state"],
        lifetime * DAY,
        renew_before * DAY,
        grace * DAY,
        params["confirmed"],
        params.get("unknown_tokens") or "refuse",
    )


def open_world(workspace: Workspace, params: Json, *, missing_is_fine: bool) -> RealWorld:
    integration = params["integration"]
    if not lifecycle.INTEGRATION.fullmatch(integration):
        raise BadOption("integration", f"{integration!r} must be 1 to 40 letters, digits, dots, dashes or underscores.")
    if not (params["principal"] or "").strip():
        raise BadOption("principal", "must not be empty.")
    checked_comment(params.get("comment"), integration)
    said: list[str] = []
    try:
        principal = principals.known(params["principal"], params.get("principal_id")) or principals.resolve(
            workspace, params["principal"], verify=True
        )
    except Failure as failure:
        if failure.code != principals.UNKNOWN or not missing_is_fine:
            raise
        principal = None
        if params["state"] != "absent":
            said.append(
                f"{failure.message} Check mode takes it for something that an earlier task of this play creates."
            )
    world = RealWorld(workspace, principal, integration, params)
    world.warnings += said
    return world


def _name(world: RealWorld, params: Json) -> str:
    return world.principal.name_for_services if world.principal else params["principal"]


def _actions(outcome: Outcome, token: Json) -> list[Json]:
    rows = []
    for step in outcome.steps:
        named = step.token.token_id[:12] if step.token and step.token.token_id else f"of {token['principal']}"
        in_store = step.do in ("announce", "store", "settle", "note", "clear")
        what = f"store {token['store']}" if in_store else f"token {named}"
        rows.append({"method": step.do, "object": what, "fields": [], "reason": step.why})
    return rows


def _diff(outcome: Outcome, token: Json, people_before: Json, now: float) -> Json:
    header = f"token {token['integration']} of {token['principal']}"
    keys = ("phase", "token_id", "expiry", "generation")

    def side(found: Found, people: Json) -> Json:
        shown = describe(found, now)
        live = sorted(one_.token_id for one_ in found.live(now))
        return {**{key: shown[key] for key in keys}, "live_tokens": live, **({"people": people} if people else {})}

    changed = bool(outcome.steps)
    return {
        "before": side(outcome.before, people_before) if changed else {},
        "after": side(outcome.after, token["people"]) if changed else {},
        "before_header": header,
        "after_header": header,
    }


def _warnings(outcome: Outcome, wishes: Wishes, world: RealWorld, now: float) -> list[str]:
    said = lifecycle.warnings(outcome.after, wishes, now, lambda at: when(at) or "never")
    said += refusals.warned(outcome.after, world.place(), now)
    orphans = [step for step in outcome.steps if step.do == "revoke" and step.why == lifecycle.ORPHAN]
    if orphans:
        said.append(
            f"{len(orphans)} token(s) that a run made for this store and died before it stored: revoked, or would be."
        )
    if wishes.state != "absent" and 0 < wishes.renew_before <= wishes.grace:
        said.append(
            "grace_days: is not shorter than renew_before_days, so a replaced token ends before its grace period does."
        )
    wanted = sorted(world.params.get("scopes") or [])
    known = outcome.after.known
    stored = next((token for token in outcome.after.tokens if known and token.token_id == known.token_id), None)
    if wanted and stored and not outcome.after.minted and sorted(stored.scopes) != wanted:
        said.append("scopes: the stored token has other scopes; the wished ones come with the next rotation.")
    return said
