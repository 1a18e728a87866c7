# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Module token, from its options to its result."""

from __future__ import annotations

import contextlib

from .._common.failure import BadOption
from .._common.json_types import Json
from .._wire.workspace import Workspace
from . import lifecycle, refusals, results
from .lifecycle import Found, Wishes
from .principal_tokens import PrincipalTokens
from .records import when
from .run import Changes, converge
from .store_tasks import Tasks
from .wishes import wishes_of


def run(workspace: Workspace, params: Json, check: bool) -> Json:
    """Bring the token into the wished state.

    :raises Failure: an option cannot be used, the service refused, or somebody has to decide first
    """
    wishes = wishes_of(params)
    tokens = PrincipalTokens.of_task(workspace, params, missing_is_fine=check or params["state"] == "absent")
    store = tokens.store
    if store is None:
        raise BadOption("store", "is needed.")
    with contextlib.nullcontext() if check else store.exclusive():
        repaired = store.repair(check)
        done = converge(tokens, wishes, check=check)
        tidied = tokens.tidy(check)
    now = tokens.now()
    token = {
        **results.stored(done.after, now),
        "handover": results.waiting(done.after, now, tokens.integration, store.place),
        "principal": tokens.name,
        "integration": tokens.integration,
        "store": store.place,
        "use": results.used(tokens.used_by(done.after)),
        "people": tokens.people_after if done.after.known else {},
    }
    token["method"] = tokens.method
    result: Json = {
        "changed": bool(done.steps or repaired or tidied),
        "token": token,
        "phase": token["phase"],
        "strangers": results.rows(lifecycle.strangers(done.after, now), now),
        "actions": [
            *({"method": "repair", "object": store.place, "fields": [sentence]} for sentence in repaired),
            *({"method": "repair", "object": tokens.name, "fields": [sentence]} for sentence in tidied),
            *_actions(done, token),
        ],
        "diff": _diff(done, token, tokens.people_before or {}, now),
        "warnings_": [
            *store.warnings,
            *tokens.warnings,
            *_warnings(done, wishes, tokens, now),
            *results.late(token["handover"]),
        ],
    }
    if isinstance(store, Tasks) and store.outgoing is not None and not check:
        result["store_write"] = store.outgoing
    return result


def _actions(done: Changes, token: Json) -> list[Json]:
    rows = []
    for step in done.steps:
        named = step.token.token_id[:12] if step.token and step.token.token_id else f"of {token['principal']}"
        in_store = step.do in ("announce", "store", "settle", "note", "clear")
        what = f"store {token['store']}" if in_store else f"token {named}"
        rows.append({"method": step.do, "object": what, "fields": [], "reason": step.why})
    return rows


def _diff(done: Changes, token: Json, people_before: Json, now: float) -> Json:
    header = f"token {token['integration']} of {token['principal']}"
    keys = ("phase", "token_id", "expiry", "generation")

    def side(found: Found, people: Json) -> Json:
        stored = results.stored(found, now)
        live = sorted(token.token_id for token in found.live(now))
        return {**{key: stored[key] for key in keys}, "live_tokens": live, **({"people": people} if people else {})}

    changed = bool(done.steps)
    return {
        "before": side(done.before, people_before) if changed else {},
        "after": side(done.after, token["people"]) if changed else {},
        "before_header": header,
        "after_header": header,
    }


def _warnings(done: Changes, wishes: Wishes, tokens: PrincipalTokens, now: float) -> list[str]:
    warnings = lifecycle.warnings(done.after, wishes, now, lambda at: when(at) or "never")
    warnings += refusals.unknown_tokens(done.after, tokens.subject(), now)
    orphans = [step for step in done.steps if step.do == "revoke" and step.why == lifecycle.ORPHAN]
    if orphans:
        warnings.append(
            f"{len(orphans)} token(s) of a run that ended before it could store them: revoked, or to be revoked."
        )
    if wishes.state != "absent" and 0 < wishes.renew_before <= wishes.grace:
        warnings.append(
            "grace_days: is not shorter than renew_before_days, so a replaced token ends before its grace period does."
        )
    wanted = sorted(tokens.params.get("scopes") or [])
    known = done.after.known
    stored = next((token for token in done.after.tokens if known and token.token_id == known.token_id), None)
    if wanted and stored and not done.after.minted and sorted(stored.scopes) != wanted:
        warnings.append("scopes: the stored token has other scopes; the wished ones come with the next rotation.")
    return warnings
