# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane: look into a workspace, push its clock, break its answers, start over.

It needs no credential, since the process listens on the loopback interface only.
"""

from __future__ import annotations

import json
import typing as t

from . import keeping, snapshot, switches
from .errors import ApiError, Refusal
from .http import Reply
from .masking import leaks
from .model import DAY, Workspace
from .rest import tokens
from .slots import Request, Slot

PREFIX = "/_sandbox"

Action = t.Callable[[Slot, Request], t.Any]
# What may be switched while it runs, and how its JSON value is checked.
SETTINGS: dict[str, type] = {
    "latency_ms": int,
    "new_principal_lag": int,
    "cold_start_seconds": float,
    "cold_start_polls": int,
    "statement_seconds": float,
    "on_behalf_of": bool,
    "scim_throttle": int,
    "read_lag": int,
}


def answer(slot: Slot, request: Request) -> Reply:
    """Runs in a thread."""
    action = _ACTIONS.get((request.method, request.path.removeprefix(PREFIX).strip("/")))
    try:
        if action is None:
            raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {request.path}'")
        return Reply(action(slot, request))
    except Refusal as refusal:
        return Reply(refusal.body(), refusal.status)


def _json(request: Request) -> t.Any:
    try:
        return json.loads(request.raw)
    except ValueError as error:
        raise ApiError(400, "MALFORMED_REQUEST", "The body is not JSON") from error


def _clock(slot: Slot, _request: Request) -> t.Any:
    clock = slot.workspace.clock
    return {"now_ms": clock.now_ms(), "advanced_seconds": clock.offset}


def _advance(slot: Slot, request: Request) -> t.Any:
    wish = _json(request)
    if isinstance(wish, dict) and set(wish) == {"skew_seconds"}:
        return _skew(slot, request, wish["skew_seconds"])
    if not isinstance(wish, dict) or not wish or set(wish) - {"advance_seconds", "advance_days"}:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Give advance_seconds, advance_days or both, or skew_seconds")
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 for value in wish.values()):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "The clock only goes forward, by a number")
    with slot.workspace.lock:
        slot.workspace.clock.advance(wish.get("advance_seconds", 0) + wish.get("advance_days", 0) * DAY)
    return _clock(slot, request)


def _skew(slot: Slot, request: Request, seconds: t.Any) -> t.Any:
    """A workspace whose clock differs from this machine's, either way."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "skew_seconds is a number")
    with slot.workspace.lock:
        slot.workspace.clock.offset = float(seconds)
    return _clock(slot, request)


def _settings(slot: Slot, _request: Request) -> t.Any:
    return {name: getattr(slot.workspace, name) for name in (*SETTINGS, *switches.SWITCHES)}


def _set(slot: Slot, request: Request) -> t.Any:
    wish = _json(request)
    if not isinstance(wish, dict) or set(wish) - {*SETTINGS, *switches.SWITCHES}:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Known settings: {sorted({*SETTINGS, *switches.SWITCHES})}")
    for name, value in wish.items():
        kind = SETTINGS.get(name)
        if kind is None:
            if not switches.fits(name, value):
                raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{name} is one of {switches.SWITCHES[name]}")
            continue
        fits = (
            isinstance(value, bool) if kind is bool else isinstance(value, (int, kind)) and not isinstance(value, bool)
        )
        if not fits or value < 0:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{name} is a {kind.__name__}, not negative")
    with slot.workspace.lock:
        for name, value in wish.items():
            if name in SETTINGS:
                setattr(slot.workspace, name, value)
        switches.switch(slot.workspace, {name: value for name, value in wish.items() if name in switches.SWITCHES})
    return _settings(slot, request)


def _state(slot: Slot, _request: Request) -> t.Any:
    workspace: Workspace = slot.workspace
    with workspace.lock:
        return snapshot.state(workspace)


def _reset(slot: Slot, _request: Request) -> t.Any:
    slot.reset()
    return {}


def _name(request: Request) -> str:
    wish = _json(request)
    if not isinstance(wish, dict) or set(wish) != {"name"} or not isinstance(wish["name"], str):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Give name, a text")
    return wish["name"]


def _keep(slot: Slot, request: Request) -> t.Any:
    with slot.workspace.lock:
        slot.kept[_name(request)] = keeping.kept(slot.workspace)
    return {"kept": sorted(slot.kept)}


def _restore(slot: Slot, request: Request) -> t.Any:
    name = _name(request)
    if name not in slot.kept:
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"No snapshot is called {name}; there are {sorted(slot.kept)}")
    slot.exchange(lambda: keeping.brought_back(slot.kept[name]))
    # Looking for every secret of a thousand returns would take longer than all the rest.
    slot.issued = slot.workspace.issued_secret_values
    return {}


def _forget_journal(slot: Slot, _request: Request) -> t.Any:
    slot.journal.clear()
    return {}


def _forget_faults(slot: Slot, _request: Request) -> t.Any:
    slot.faults.clear()
    return {}


def _add_faults(slot: Slot, request: Request) -> t.Any:
    try:
        return {"faults": slot.faults.add(_json(request))}
    except TypeError as error:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Not a fault: {error}") from error


def _mint(slot: Slot, request: Request) -> t.Any:
    """What a person does in the settings of the web page: a token of their own. No API can do it for them."""
    workspace, wish = slot.workspace, _json(request)
    if not isinstance(wish, dict) or set(wish) - {"owner", "comment", "lifetime_seconds"} or "owner" not in wish:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", "Give owner, and comment or lifetime_seconds if you like")
    with workspace.lock:
        owner = workspace.identity_by_principal(str(wish["owner"]))
        if owner is None:
            raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Nobody is called {wish['owner']}")
        made = tokens.mint(workspace, owner, owner, wish)
        return {"token_value": made.value, "token_info": tokens.info(made)}


_ACTIONS: dict[tuple[str, str], Action] = {
    ("GET", "journal"): lambda slot, _request: {"entries": slot.journal.entries()},
    ("DELETE", "journal"): _forget_journal,
    ("GET", "faults"): lambda slot, _request: {"faults": slot.faults.all()},
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _forget_faults,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _advance,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _set,
    ("GET", "state"): _state,
    ("POST", "mint"): _mint,
    ("POST", "reset"): _reset,
    ("POST", "snapshot"): _keep,
    ("POST", "restore"): _restore,
    ("POST", "leaks"): lambda slot, request: {"leaks": leaks(slot.workspace, request.raw.decode(errors="replace"))},
}
