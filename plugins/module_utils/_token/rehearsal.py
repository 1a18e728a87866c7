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
from .._common.json_types import Json
from .._wire.workspace import Workspace
from . import lifecycle, minting, records, stores
from .lifecycle import DAY, REHEARSAL, RehearsalMarker, Token, Wishes
from .minting import Mint, Order
from .principal_tokens import PrincipalTokens
from .records import when
from .run import Changes, converge
from .store import Rival, Store
from .vault import KEYS_NEEDED
from .wishes import wishes_of

STATES = ("rehearse", "rehearsed")


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
    tokens = PrincipalTokens.of_task(workspace, options, missing_is_fine=False)
    if tokens.store is None:
        raise BadOption("store", "is needed.")
    beside = _beside(workspace, params["store"])
    return (_rehearse if params["state"] == "rehearse" else _rehearsed)(tokens, beside, wishes_of(options), check)


def _beside(workspace: Workspace, store: Json) -> tuple[Json | None, Store | None]:
    """A place of the same kind beside the stored record; none beside a store of somebody's own tasks."""
    kind = store.get("type") or "file"
    if kind == "tasks":
        return None, None
    name = "path" if kind == "file" else "key"
    given = {key: value for key, value in store.items() if value is not None}
    # A scope that is missing stays missing: a rehearsal leaves nothing.
    options = {
        **given,
        name: f"{store.get(name) or ''}{stores.BESIDE if store.get(name) else ''}",
        "create_scope": False,
    }
    return options, stores.open_store(workspace, options)


def _rehearse(tokens: PrincipalTokens, beside: tuple[Json | None, Store | None], wishes: Wishes, check: bool) -> Json:
    options, store = beside
    rehearsal = _Rehearsal()
    _have_keys(tokens.store, store)
    predicted = _predict(tokens, wishes, rehearsal)
    if predicted:
        _make(tokens, rehearsal, check)
    kept = False
    if rehearsal.token and store and not check:
        kept = _store_beside(tokens, store, rehearsal)
    elif store is None:
        rehearsal.notes("NOT_TRIED", "The store is read and written by your own tasks, which a rehearsal does not run.")
    elif check:
        kept = rehearsal.token is not None
    if rehearsal.token and not check and store and not kept:
        _revoke(tokens, rehearsal)
    there = bool((tokens.record or {}).get("token_id"))
    due = _due(tokens, wishes)
    result: Json = {
        "changed": rehearsal.token is not None,
        "rehearsal": {
            "would_succeed": not rehearsal.blocked,
            "findings": rehearsal.findings,
            "method": rehearsal.method,
            "lifetime_days": round((tokens.allowed_lifetime or wishes.lifetime) / DAY, 2),
            "token_id": rehearsal.token.token_id if rehearsal.token else None,
            "ends": when(rehearsal.token.expiry) if rehearsal.token else None,
            "due": when(due),
            "store": ({"type": "tasks"} if store is None else options)
            if rehearsal.token and (kept or not store)
            else None,
            "steps": _steps(tokens, due, there),
        },
        "actions": rehearsal.actions,
        "diff": _diff(tokens, bool(rehearsal.token)),
        "warnings_": [warning for warning in tokens.warnings if warning not in _messages(rehearsal)],
    }
    if store is None and rehearsal.token and not check:
        record = json.dumps(_record(tokens, rehearsal))
        result["rehearsal_record"] = base64.b64encode(record.encode()).decode()
    return result


def _have_keys(*places: Store | None) -> None:
    """Ask for missing keys as long as nothing was made; any other trouble is found where it stands in the way.

    :raises Failure: the action answers it with keys
    """
    for store in places:
        if store is None or not store.at_hand:
            continue
        try:
            store.read()
        except Failure as failure:
            if failure.code == KEYS_NEEDED:
                raise


def _predict(tokens: PrincipalTokens, wishes: Wishes, rehearsal: _Rehearsal) -> Changes | None:
    """What a rotation would do now; None if it would not get as far as making a token."""
    done = None
    try:
        done = converge(tokens, wishes, check=True)
    except Failure as failure:
        rehearsal.finds(failure)
    try:
        # As in check mode, this only finds out whether the place can be written, and whose it is.
        t.cast(Store, tokens.store).repair(True)
    except Failure as failure:
        rehearsal.finds(failure)
    if done and not any(step.do == "mint" for step in done.steps):
        rehearsal.notes(
            "HANDOVER",
            "A successor waits to be confirmed, so a rotation today would make none. Confirm the last one first.",
        )
        # The workspace was not asked yet what it allows.
        with _found(rehearsal):
            tokens.may_mint(wishes)
    for warning in tokens.warnings:
        if warning.startswith("lifetime_days:"):
            rehearsal.notes("LIFETIME", warning)
    return done


@contextlib.contextmanager
def _found(rehearsal: _Rehearsal) -> t.Iterator[None]:
    """A failure becomes a finding."""
    try:
        yield
    except Failure as failure:
        rehearsal.finds(failure)


def _make(tokens: PrincipalTokens, rehearsal: _Rehearsal, check: bool) -> None:
    """Make the token of ten minutes, by the method of a real one, and prove it."""
    principal, mint = tokens.principal, tokens.minting
    if principal is None or mint is None or any(row["code"] == "NEEDS_SUPPLIED_TOKEN" for row in rehearsal.findings):
        return
    params = tokens.params
    if check:
        rehearsal.token = Token("", tokens.now(), tokens.now() + REHEARSAL)
        return
    for left in _left(tokens, None):
        mint.revoke(left)
        rehearsal.actions.append(_action("revoke", left))
    marker = RehearsalMarker(tokens.integration, secrets.token_hex(8), (tokens.record or {}).get("store_id") or "")
    scopes = tuple(sorted(params["scopes"])) if params.get("scopes") else None
    order = Order(principal, marker, REHEARSAL, scopes=scopes, method=params["method"])
    with _found(rehearsal):
        token, value, method = mint.make(order)
        rehearsal.token, rehearsal.value, rehearsal.method = token, value, method
        rehearsal.actions.append(_action("mint", token))
    for warning in mint.warnings:
        rehearsal.notes("METHOD", warning)
    if rehearsal.token and not _proven(tokens, mint, rehearsal, bool(scopes)):
        _revoke(tokens, rehearsal)


def _proven(tokens: PrincipalTokens, mint: Mint, rehearsal: _Rehearsal, scoped: bool) -> bool:
    try:
        if minting.prove(tokens.workspace, rehearsal.value, mint.principal, patience=minting.SETTLE, scoped=scoped):
            return True
        rehearsal.finds(Failure("The workspace does not accept the token it just made.", code="INVALID_ACCESS_TOKEN"))
    except Failure as failure:
        rehearsal.finds(failure)
    return False


def _store_beside(tokens: PrincipalTokens, store: Store, rehearsal: _Rehearsal) -> bool:
    """Store the token beside the stored one."""
    try:
        with store.exclusive():
            store.prepare()
            store.write(_record(tokens, rehearsal), store.read())
    except Rival:
        rehearsal.finds(Failure(f"store: another run writes to {store.place}, too.", code="RIVALS", retryable=True))
    except Failure as failure:
        rehearsal.finds(failure)
    else:
        rehearsal.actions.append(
            {"method": "store", "object": f"store {store.place}", "fields": [], "reason": "rehearsal"}
        )
        return True
    return False


def _record(tokens: PrincipalTokens, rehearsal: _Rehearsal) -> Json:
    about = {**tokens.about(), "method": rehearsal.method, "predecessors": ()}
    return records.stored(None, t.cast(Token, rehearsal.token), rehearsal.value, about, tokens.now())


def _revoke(tokens: PrincipalTokens, rehearsal: _Rehearsal) -> None:
    """Nothing holds the token: it goes at once; if that fails, it ends by itself."""
    token, rehearsal.token = t.cast(Token, rehearsal.token), None
    with _found(rehearsal):
        t.cast(Mint, tokens.minting).revoke(token)
        rehearsal.actions.append(_action("revoke", token))


def _rehearsed(tokens: PrincipalTokens, beside: tuple[Json | None, Store | None], _wishes: Wishes, check: bool) -> Json:
    store, mint = beside[1], tokens.minting
    tokens.record = t.cast(Store, tokens.store).read()
    tokens.every = mint.list() if mint else []
    with contextlib.nullcontext() if check or store is None else store.exclusive():
        held = store.read() if store else None
        left = _left(tokens, held)
        for token in left if not check else ():
            t.cast(Mint, mint).revoke(token)
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
            **_headers(tokens),
        },
        "warnings_": list(tokens.warnings),
    }


def _left(tokens: PrincipalTokens, held: Json | None) -> list[Token]:
    """Live tokens of rehearsals with this store, of this integration."""
    store_id, now = (tokens.record or {}).get("store_id") or "", tokens.now()
    return [
        token
        for token in tokens.every
        if token.is_rehearsal
        and token.rehearsal
        and token.alive(now)
        and (
            (names.same(token.rehearsal.integration, tokens.integration) and token.rehearsal.store == store_id)
            or (held is not None and held.get("token_id") == token.token_id)
        )
    ]


def _due(tokens: PrincipalTokens, wishes: Wishes) -> float | None:
    """When a daily run makes the successor by itself; None if the stored token never ends, or there is none."""
    record = tokens.record or {}
    created, expiry = records.seconds(record.get("created")), records.seconds(record.get("expiry"))
    if expiry is None:
        return None
    return expiry - lifecycle.renewal_window(created or expiry - wishes.lifetime, expiry, wishes)


def _steps(tokens: PrincipalTokens, due: float | None, there: bool) -> list[str]:
    """What a real rotation asks of a person."""
    integration = tokens.integration
    role = " (lakeops.databricks.klaviyo_rotate -e confirmed=true)" if integration.lower() == "klaviyo" else ""
    first = "The store holds no token yet; the first run with state=present makes one."
    if there:
        first = "The stored token never ends by itself, so no rotation is due. Rotate it once."
    if due is not None:
        since = "since" if due <= tokens.now() else "on"
        first = f"The rotation is due {since} {str(when(due))[:10]}; it makes a token beside the old one."
    return [
        first,
        f"Then enter the token from {tokens.place} in {integration} in place of the old one, and let it run once.",
        f"Then say so: module token with state=revoke_superseded and confirmed=true{role}.",
    ]


def _messages(rehearsal: _Rehearsal) -> list[str]:
    return [row["message"] for row in rehearsal.findings]


def _action(method: str, token: Token) -> Json:
    return {"method": method, "object": f"token {token.token_id[:12]}", "fields": [], "reason": "rehearsal"}


def _headers(tokens: PrincipalTokens) -> Json:
    header = f"rehearsal of {tokens.integration} of {tokens.params['principal']}"
    return {"before_header": header, "after_header": header}


def _diff(tokens: PrincipalTokens, made: bool) -> Json:
    if not made:
        return {"before": {}, "after": {}, **_headers(tokens)}
    return {
        "before": {"rehearsal": "none"},
        "after": {"rehearsal": f"a token of {REHEARSAL:.0f} s"},
        **_headers(tokens),
    }
