# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The tokens of one principal in a real workspace, with a real store: what modules token and token_info stand on."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from . import _connection, _names, _stores
from . import _token_lifecycle as lifecycle
from ._api import principals, tokens
from ._failure import BadOption, Failure, Refused
from ._minting import Mint, Order, needs_supplied, prove, supplied
from ._token_keeper import Outcome, World, describe, keep, one, when
from ._token_lifecycle import DAY, Found, Known, Step, Token, Wishes
from ._workspace import Workspace

Json = dict[str, t.Any]
_MOST_DAYS = 730


class RealWorld(World):
    """Holds the one thing that must never leave it: the values of the tokens."""

    def __init__(
        self, workspace: Workspace, principal: principals.Principal | None, integration: str, params: Json
    ) -> None:
        self.workspace, self.principal, self.integration, self.params = workspace, principal, integration, params
        self.minting = Mint(workspace, principal) if principal else None
        self.keeper = _stores.open_store(workspace, params["store"]) if params.get("store") else None
        self.record: Json | None = None
        self.value: str | None = None
        self.method: str | None = None
        self.warnings: list[str] = []
        self.others: list[Token] = []  # of the principal, and not ours

    def now(self) -> float:
        return self.workspace.now

    # -- looking ------------------------------------------------------------------------------
    def look(self) -> Found:
        if self.principal and self.principal.kind == "group":
            raise BadOption(
                "principal", f"{self.principal.display} is a group; only users and service principals have tokens."
            )
        every = self.minting.list() if self.minting else []
        self.record = self.keeper.read() if self.keeper else None
        if self.record and self.params["state"] == "absent":
            self._refuse_the_record_of_another(self.record)
        known = self._known(every)
        now = self.now()
        live = [token for token in every if token.alive(now)]
        ours = tuple(token for token in live if self._is_ours(token, known))
        self.others = [token for token in live if token not in ours]
        found = Found(ours, known, mintable=self._mintable())
        value = self.params.get("supplied_token")
        if not value or not self.principal or self.params["state"] == "absent":
            return found
        if self.record and self.record["token_value"] == value:
            return replace(found, finished=True)
        return replace(found, in_hand=self._accept(value), minted=True)

    def _refuse_the_record_of_another(self, record: Json) -> None:
        """A misspelled principal must not cost somebody else the only record of a token."""
        owner = record.get("principal")
        if not owner or (self.principal and _names.same(owner, self.principal.name_for_services)):
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

    def _mintable(self) -> bool:
        return not (self.minting and self.minting.principal.kind == "user" and not self.minting.is_me)

    def _is_ours(self, token: Token, known: Known | None) -> bool:
        if known and token.token_id in (known.token_id, known.predecessor):
            return True
        return token.marker is not None and _names.same(token.marker.integration, self.integration)

    def _known(self, every: list[Token]) -> Known | None:
        record = self.record
        if record is None or self.keeper is None:
            return None
        listed = next((token for token in every if token.token_id == record["token_id"]), None)
        expiry = listed.expiry if listed else seconds(record.get("expiry"))
        works = False
        if self._may_prove(record, expiry) and self.principal:
            works = prove(self.workspace, record["token_value"], self.principal, scoped=bool(listed and listed.scopes))
        return Known(
            token_id=record["token_id"],
            created=listed.created if listed else seconds(record.get("created")) or 0.0,
            expiry=expiry,
            generation=int(record.get("generation") or 0),
            works=works,
            predecessor=(record.get("predecessor") or {}).get("token_id"),
        )

    def _may_prove(self, record: Json, expiry: float | None) -> bool:
        if expiry is not None and expiry <= self.now():
            return False
        if self.params["state"] == "absent" or not self.params.get("prove", True):
            return False
        host = record.get("host") or self.workspace.host
        if host != self.workspace.host:
            if not _connection._is_loopback(urlsplit(host).hostname or ""):
                _stores.belongs_here(record, self.workspace.host, self.keeper.place if self.keeper else "store")
            self.warnings.append(
                f"The stored token was for {host}, a workspace on this machine that is gone; it is replaced."
            )
            return False
        if not _names.same(record.get("integration") or self.integration, self.integration):
            raise Refused(
                f"store: holds the token of integration {record['integration']}.",
                code="OTHER_INTEGRATION",
                hint="Give every integration a store of its own.",
            )
        return True

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
    def revoke(self, token: Token) -> None:
        if self.minting and token.marker:
            self.minting.revoke(token)

    def mint(self, step: Step, wishes: Wishes) -> Token:
        principal = self._someone()
        if self.keeper is None or self.minting is None:
            raise BadOption("store", "is needed to keep a token.")
        if not self._mintable():
            raise needs_supplied(principal)
        self.keeper.prepare()
        order = Order(
            principal,
            self.integration,
            step.generation,
            self.lifetime(wishes),
            self.params.get("comment"),
            tuple(sorted(self.params["scopes"])) if self.params.get("scopes") else None,
            self.params["method"],
        )
        token, self.value, self.method = self.minting.make(order)
        try:
            if not prove(self.workspace, self.value, principal, fresh=True, scoped=bool(order.scopes)):
                raise Failure(
                    "The workspace does not accept the token it just made.", code="INVALID_ACCESS_TOKEN", retryable=True
                )
        except Failure:
            self.revoke(token)
            raise
        return token

    def lifetime(self, wishes: Wishes) -> float:
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

    def store(self, token: Token, predecessor: Token | None) -> None:
        principal = self._someone()
        if self.keeper is None:
            raise BadOption("store", "is needed to keep a token.")
        record = {
            "token_id": token.token_id,
            "token_value": self.value,
            "expiry": when(token.expiry),
            "created": when(token.created),
            "host": self.workspace.host,
            "principal": principal.name_for_services,
            "integration": self.integration,
            "generation": token.generation,
            "method": self.method,
            "verified": when(self.now()),
            "predecessor": {"token_id": predecessor.token_id, "expiry": when(predecessor.expiry)}
            if predecessor
            else None,
        }
        self.keeper.write(record, self.record)
        self.record = record
        others = self.keeper.exposed_to(lambda: str(principals.me(self.workspace)["user_name"]))
        if others:
            self.warnings.append(f"store: {self.keeper.place} can be read by others, too: {', '.join(others)}.")

    def clear(self) -> None:
        if self.keeper:
            self.keeper.clear()

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
    world = _world(workspace, params, missing_is_fine=check or params["state"] == "absent")
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
        "principal": _name(world, params),
        "integration": world.integration,
        "store": keeper.place,
    }
    token["method"] = world.method
    result: Json = {
        "changed": bool(outcome.steps or repaired or left),
        "token": token,
        "phase": token["phase"],
        "actions": [
            *({"method": "repair", "object": keeper.place, "fields": [said]} for said in repaired),
            *({"method": "repair", "object": _name(world, params), "fields": [said]} for said in left),
            *_actions(outcome, token),
        ],
        "diff": _diff(outcome, token, now),
        "warnings_": [*world.warnings, *_warnings(outcome, wishes, world, now)],
    }
    if isinstance(keeper, _stores.Tasks) and keeper.outgoing is not None and not check:
        result["store_write"] = keeper.outgoing
    return result


def info(workspace: Workspace, params: Json) -> Json:
    """Module token_info: the same look, and no step."""
    world = _world(workspace, {**params, "state": "present"}, missing_is_fine=False)
    found, now = world.look(), world.now()
    token = {**describe(found, now), "principal": _name(world, params), "integration": world.integration}
    return {
        "token": token,
        "phase": token["phase"],
        "tokens": _listed(found.live(now), now),
        "other_tokens": _listed(world.others, now),
        "warnings_": [*world.warnings, *lifecycle.idle(found, now)],
    }


def _listed(tokens_: t.Iterable[Token], now: float) -> list[Json]:
    return [one(token, now) for token in sorted(tokens_, key=lambda token: -token.created)]


def wishes_of(params: Json) -> Wishes:
    """The wishes, refused if they contradict each other."""
    lifetime, renew_before, grace = params["lifetime_days"], params["renew_before_days"], params["grace_days"]
    if not 1 <= lifetime <= _MOST_DAYS:
        raise BadOption("lifetime_days", f"is {lifetime}; give 1 to {_MOST_DAYS} days.")
    if not 0 <= renew_before < lifetime:
        raise BadOption(
            "renew_before_days", f"is {renew_before}; give 0 or more, and less than lifetime_days ({lifetime})."
        )
    if grace < 0:
        raise BadOption("grace_days", f"is {grace}; give 0 or more.")
    return Wishes(params["state"], lifetime * DAY, renew_before * DAY, grace * DAY, params["confirmed"])


def seconds(text: str | None) -> float | None:
    """A time of the record."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _world(workspace: Workspace, params: Json, *, missing_is_fine: bool) -> RealWorld:
    integration = params["integration"]
    if not lifecycle.INTEGRATION.fullmatch(integration):
        raise BadOption("integration", f"{integration!r} must be 1 to 40 letters, digits, dots, dashes or underscores.")
    if not (params["principal"] or "").strip():
        raise BadOption("principal", "must not be empty.")
    said: list[str] = []
    try:
        principal = principals.resolve(workspace, params["principal"], verify=True)
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
        what = f"store {token['store']}" if step.do in ("store", "clear") else f"token {named}"
        rows.append({"method": step.do, "object": what, "fields": [], "reason": step.why})
    return rows


def _diff(outcome: Outcome, token: Json, now: float) -> Json:
    header = f"token {token['integration']} of {token['principal']}"
    keys = ("phase", "token_id", "expiry", "generation")

    def side(found: Found) -> Json:
        shown = describe(found, now)
        return {**{key: shown[key] for key in keys}, "live_tokens": sorted(one_.token_id for one_ in found.live(now))}

    changed = bool(outcome.steps)
    return {
        "before": side(outcome.before) if changed else {},
        "after": side(outcome.after) if changed else {},
        "before_header": header,
        "after_header": header,
    }


def _warnings(outcome: Outcome, wishes: Wishes, world: RealWorld, now: float) -> list[str]:
    said = lifecycle.warnings(outcome.after, wishes, now, lambda at: when(at) or "never")
    orphans = [step for step in outcome.steps if step.do == "revoke" and step.why == "no store record knows it"]
    if orphans:
        said.append(
            f"{len(orphans)} token(s) of ours that no store record knew, left by a run that died: revoked, or would be."
        )
    wanted = sorted(world.params.get("scopes") or [])
    known = outcome.after.known
    stored = next((token for token in outcome.after.tokens if known and token.token_id == known.token_id), None)
    if wanted and stored and not outcome.after.minted and sorted(stored.scopes) != wanted:
        said.append("scopes: the stored token has other scopes; the wished ones come with the next rotation.")
    return said
