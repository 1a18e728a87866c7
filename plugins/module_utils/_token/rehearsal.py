# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A rotation rehearsed: a token of ten minutes, made and stored as a real one would be, and what stands in the way.

The stored record is read and never written. What a rehearsal leaves that dies is a token that ends by itself, and a
record of it beside the stored one; the next rehearsal removes both.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import typing as t
from dataclasses import dataclass, field

from .._common import names
from .._common.failure import BadOption, Failure
from .._wire.workspace import Workspace
from . import lifecycle, stores
from . import minting as _minting
from . import record as _token_record
from .lifecycle import DAY, REHEARSAL, RehearsalMarker, Token, Wishes
from .minting import Mint, Order, prove
from .record import when
from .run import keep
from .world import RealWorld, open_world, wishes_of

Json = dict[str, t.Any]

STATES = ("rehearse", "rehearsed")
_SUFFIX = ".rehearsal"


@dataclass
class _Rehearsal:
    """What one rehearsal finds and makes."""

    findings: list[Json] = field(default_factory=list)
    token: Token | None = None
    value: str = ""
    method: str | None = None
    actions: list[Json] = field(default_factory=list)

    def finds(self, failure: Failure) -> None:
        """Something that a rotation would fail with."""
        row = {"code": failure.code, "message": failure.message, "hint": failure.hint, "blocks": True}
        if row not in self.findings:
            self.findings.append(row)

    def notes(self, code: str, message: str) -> None:
        """Something that a rotation would get over, and a person should know."""
        self.findings.append({"code": code, "message": message, "hint": None, "blocks": False})

    @property
    def blocked(self) -> bool:
        return any(row["blocks"] for row in self.findings)


def run(workspace: Workspace, params: Json, check: bool) -> Json:
    """Module token with state rehearse or rehearsed."""
    options = {**params, "state": "rotate", "confirmed": False, "supplied_token": None, "people": None}
    world = open_world(workspace, options, missing_is_fine=False)
    if world.keeper is None:
        raise BadOption("store", "is needed.")
    beside = _beside(workspace, params["store"])
    return (_rehearse if params["state"] == "rehearse" else _rehearsed)(world, beside, wishes_of(options), check)


def _beside(workspace: Workspace, store: Json) -> tuple[Json | None, stores.Store | None]:
    """A place of the same kind beside the stored record; none beside a store of somebody's own tasks."""
    kind = store.get("type") or "file"
    if kind == "tasks":
        return None, None
    name = "path" if kind == "file" else "key"
    given = {key: value for key, value in store.items() if value is not None}
    # A scope that is missing stays missing: a rehearsal leaves nothing.
    options = {**given, name: f"{store.get(name) or ''}{_SUFFIX if store.get(name) else ''}", "create_scope": False}
    return options, stores.open_store(workspace, options)


def _rehearse(world: RealWorld, beside: tuple[Json | None, stores.Store | None], wishes: Wishes, check: bool) -> Json:
    options, store = beside
    drill = _Rehearsal()
    predicted = _predict(world, wishes, drill)
    if predicted:
        _make(world, drill, check)
    kept = False
    if drill.token and store and not check:
        kept = _keep(world, store, drill)
    elif store is None:
        drill.notes("NOT_TRIED", "The store is one of your own tasks, which a rehearsal does not run.")
    elif check:
        kept = drill.token is not None
    if drill.token and not check and store and not kept:
        _revoke(world, drill)
    there = bool((world.record or {}).get("token_id"))
    due = _due(world, wishes)
    result: Json = {
        "changed": drill.token is not None,
        "rehearsal": {
            "would_succeed": not drill.blocked,
            "findings": drill.findings,
            "method": drill.method,
            "lifetime_days": round((world.life or wishes.lifetime) / DAY, 2),
            "token_id": drill.token.token_id if drill.token else None,
            "ends": when(drill.token.expiry) if drill.token else None,
            "due": when(due),
            "store": ({"type": "tasks"} if store is None else options) if drill.token and (kept or not store) else None,
            "steps": _steps(world, due, there),
        },
        "actions": drill.actions,
        "diff": _diff(world, bool(drill.token)),
        "warnings_": [warning for warning in world.warnings if warning not in _messages(drill)],
    }
    if store is None and drill.token and not check:
        record = json.dumps(_record(world, drill))
        result["rehearsal_record"] = base64.b64encode(record.encode()).decode()
    return result


def _predict(world: RealWorld, wishes: Wishes, drill: _Rehearsal) -> t.Any:
    """What a rotation would do now; None if it would not get as far as making a token."""
    keeper = t.cast(stores.Store, world.keeper)
    outcome = None
    try:
        outcome = keep(world, wishes, check=True)
    except Failure as failure:
        drill.finds(failure)
    try:
        # Only looks, as in check mode: whether the place may be written, and whose it is.
        keeper.repair(True)
    except Failure as failure:
        drill.finds(failure)
    if outcome and not any(step.do == "mint" for step in outcome.steps):
        drill.notes(
            "HANDOVER",
            "A successor waits to be confirmed, so a rotation today would make none. Confirm the last one first.",
        )
        # The workspace was not asked yet what it allows.
        with _found(drill):
            world.may_mint(wishes)
    for warning in world.warnings:
        if warning.startswith("lifetime_days:"):
            drill.notes("LIFETIME", warning)
    return outcome


@contextlib.contextmanager
def _found(drill: _Rehearsal) -> t.Iterator[None]:
    """A failure becomes a finding."""
    try:
        yield
    except Failure as failure:
        drill.finds(failure)


def _make(world: RealWorld, drill: _Rehearsal, check: bool) -> None:
    """Make the token of ten minutes, by the method of a real one, and prove it."""
    principal, minting = world.principal, world.minting
    if principal is None or minting is None or any(row["code"] == "NEEDS_SUPPLIED_TOKEN" for row in drill.findings):
        return
    params = world.params
    if check:
        drill.token = Token("", world.now(), world.now() + REHEARSAL)
        return
    for left in _left(world, None):
        minting.revoke(left)
        drill.actions.append(_action("revoke", left))
    marker = RehearsalMarker(world.integration, secrets.token_hex(8), (world.record or {}).get("store_id") or "")
    scopes = tuple(sorted(params["scopes"])) if params.get("scopes") else None
    order = Order(principal, marker, REHEARSAL, scopes=scopes, method=params["method"])
    with _found(drill):
        token, value, method = minting.make(order)
        drill.token, drill.value, drill.method = token, value, method
        drill.actions.append(_action("mint", token))
    for said in minting.said:
        drill.notes("METHOD", said)
    if drill.token and not _proven(world, minting, drill, bool(scopes)):
        _revoke(world, drill)


def _proven(world: RealWorld, minting: Mint, drill: _Rehearsal, scoped: bool) -> bool:
    try:
        if prove(world.workspace, drill.value, minting.principal, patience=_minting.SETTLE, scoped=scoped):
            return True
        drill.finds(Failure("The workspace does not accept the token it just made.", code="INVALID_ACCESS_TOKEN"))
    except Failure as failure:
        drill.finds(failure)
    return False


def _keep(world: RealWorld, store: stores.Store, drill: _Rehearsal) -> bool:
    """Store the token beside the stored one."""
    try:
        with store.exclusive():
            store.prepare()
            store.write(_record(world, drill), store.read())
    except stores.Rival:
        drill.finds(Failure(f"store: another run writes to {store.place}, too.", code="RIVALS", retryable=True))
    except Failure as failure:
        drill.finds(failure)
    else:
        drill.actions.append({"method": "store", "object": f"store {store.place}", "fields": [], "reason": "rehearsal"})
        return True
    return False


def _record(world: RealWorld, drill: _Rehearsal) -> Json:
    about = {**world.about(), "method": drill.method, "predecessors": ()}
    return _token_record.stored(None, t.cast(Token, drill.token), drill.value, about, world.now())


def _revoke(world: RealWorld, drill: _Rehearsal) -> None:
    """Nothing holds the token: it goes at once; if that fails, it ends by itself."""
    token, drill.token = t.cast(Token, drill.token), None
    with _found(drill):
        t.cast(Mint, world.minting).revoke(token)
        drill.actions.append(_action("revoke", token))


def _rehearsed(world: RealWorld, beside: tuple[Json | None, stores.Store | None], _wishes: Wishes, check: bool) -> Json:
    store, minting = beside[1], world.minting
    world.record = t.cast(stores.Store, world.keeper).read()
    world.every = minting.list() if minting else []
    with contextlib.nullcontext() if check or store is None else store.exclusive():
        held = store.read() if store else None
        left = _left(world, held)
        for token in left if not check else ():
            t.cast(Mint, minting).revoke(token)
        if store and held is not None and not check:
            store.clear()
    actions = [_action("revoke", token) for token in left]
    if store and held is not None:
        actions.append({"method": "clear", "object": f"store {store.place}", "fields": [], "reason": "rehearsal"})
    side = {"live_rehearsal_tokens": sorted(token.token_id for token in left)}
    return {
        "changed": bool(actions),
        "actions": actions,
        "diff": {
            "before": side if actions else {},
            "after": {"live_rehearsal_tokens": []} if actions else {},
            **_headers(world),
        },
        "warnings_": list(world.warnings),
    }


def _left(world: RealWorld, held: Json | None) -> list[Token]:
    """Live tokens of rehearsals with this store, of this integration."""
    mine, now = (world.record or {}).get("store_id") or "", world.now()
    return [
        token
        for token in world.every
        if token.is_rehearsal
        and token.rehearsal
        and token.alive(now)
        and (
            (names.same(token.rehearsal.integration, world.integration) and token.rehearsal.store == mine)
            or (held is not None and held.get("token_id") == token.token_id)
        )
    ]


def _due(world: RealWorld, wishes: Wishes) -> float | None:
    """When a daily run makes the successor by itself; None if the stored token never ends, or there is none."""
    record = world.record or {}
    created, expiry = _token_record.seconds(record.get("created")), _token_record.seconds(record.get("expiry"))
    if expiry is None:
        return None
    return expiry - lifecycle.renewal_window(created or expiry - wishes.lifetime, expiry, wishes)


def _steps(world: RealWorld, due: float | None, there: bool) -> list[str]:
    """What a real rotation asks of a person."""
    place, integration = world.place(), world.integration
    role = " (lakeops.databricks.klaviyo_rotate -e confirmed=true)" if integration.lower() == "klaviyo" else ""
    first = "The store holds no token yet; the first run with state=present makes one."
    if there:
        first = "The stored token never ends by itself, so no rotation is due. Rotate it once."
    if due is not None:
        since = "since" if due <= world.now() else "on"
        first = f"The rotation is due {since} {str(when(due))[:10]}; it makes a token beside the old one."
    return [
        first,
        f"Then enter the token from {place.store} in {integration} in place of the old one, and let it run once.",
        f"Then say so: module token with state=revoke_superseded and confirmed=true{role}.",
    ]


def _messages(drill: _Rehearsal) -> list[str]:
    return [row["message"] for row in drill.findings]


def _action(method: str, token: Token) -> Json:
    return {"method": method, "object": f"token {token.token_id[:12]}", "fields": [], "reason": "rehearsal"}


def _headers(world: RealWorld) -> Json:
    header = f"rehearsal of {world.integration} of {world.params['principal']}"
    return {"before_header": header, "after_header": header}


def _diff(world: RealWorld, made: bool) -> Json:
    if not made:
        return {"before": {}, "after": {}, **_headers(world)}
    return {
        "before": {"rehearsal": "none"},
        "after": {"rehearsal": f"a token of {REHEARSAL:.0f} s"},
        **_headers(world),
    }
