# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The plan of a set-up: its steps in their order, and a digest that holds as long as the wish and the workspace do.

Pure: it reads what check mode foretold. No time, no request and no value of a token goes into the digest.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

from .._common.json_types import Json

DIGEST = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{40}")
NOTHING = "Nothing would be changed."
MAKE_ONE = "klaviyo_setup --check"

# Variables that change nothing in the workspace and nothing in the store, and the plan itself.
_NOT_THE_WISH = (
    *("report_dir", "report_keep", "report_language", "report_sign_key", "fail_on", "plan", "prefix"),
    "check_mode",
    *("confirmed", "offboard_in_use", "offboard_keep_principal", "drop_schemas", "drop_force"),
    # What follows from the store, in words.
    *("show_token", "store_notes"),
)
# Words of the access profile for people: a better one is no other wish.
_WORDS = ("title", "guide", "source", "languages", "notes", "asked_not_given", "addresses", "connection")


def made(work: Json, run: Json) -> Json:
    """The plan, from what check mode foretold; empty where that is not the whole of a set-up.

    :param work: what the role works from (``work.settled``)
    :param run: what its tasks found; ``foretold`` is by what they registered: ``schemas``, ``principal``,
        ``permissions``, ``access``, ``token``, and ``whole``, whether no tag left any of them out
    """
    foretold = run.get("foretold") or {}
    if not foretold.get("whole") or "actions" not in (foretold.get("token") or {}):
        return {}
    steps = done(work, run)
    doubts = [f"unknown: {one['what']}" for one in _findings(run) if one.get("kind") == "unknown"]
    wish, there = _wish(work), _workspace(run)
    # The message of a refusal may hold the ID of the request, which differs each time.
    sealed = [{**one, "line": one["unknown"]} if "unknown" in one else one for one in steps]
    whole = {"format": 1, "wish": wish, "world": there, "steps": sealed}
    return {
        "digest": f"{_hash(wish)[:8]}-{_hash(there)[:8]}-{_hash(whole)[:40]}",
        "lines": [*(one["line"] for one in steps), *doubts, *([] if steps else [NOTHING]), *_after(work)],
        "no_change": not steps,
        "steps": steps,
    }


def judged(work: Json, run: Json) -> Json:
    """Whether one of the plans that were given still holds: ``plan``, ``holds``, ``said``."""
    plan, given = made(work, run), list(work["plan"])
    option = f"{work['prefix']}plan"
    if not plan:
        return {"plan": {}, "holds": False, "said": f"{option}: what would be done could not be foretold."}
    if plan["digest"] in given:
        return {"plan": plan, "holds": True, "said": f"{option}: {plan['digest']} holds."}
    if plan["no_change"] and any(_part(one, 0) == _part(plan["digest"], 0) for one in given):
        said = f"{option}: what was planned is there already, so nothing is left to be done."
        return {"plan": plan, "holds": True, "said": said}
    now = "\n".join(f"- {line}" for line in plan["lines"])
    said = (
        f"{option}: {_named(given)}, so nothing was changed. {_difference(plan, given)} "
        f"The plan is {plan['digest']} now:\n{now}\n"
        f"Let whoever has to approve it read it, and give this one; {_again(work)} makes a new one at any time."
    )
    return {"plan": plan, "holds": False, "said": said}


def done(work: Json, run: Json) -> list[Json]:
    """What was foretold or done, in the order in which it is done.

    Each has ``do`` and ``where``; one in the ``workspace`` is one request, or those that one token takes. ``unknown``
    is the object of one that is sent although nobody knows whether it changes anything.
    """
    told = run["foretold"]
    name = work["principal_name"]
    kind = work["principal_kind"].replace("_", " ")
    entitlements = ", ".join(work["wanted"]["entitlements"])
    steps = []
    for each in (told.get("schemas") or {}).get("results") or ():
        steps += [
            _step("workspace", one["method"], f"{_verb(one)} {one['object']}") for one in each.get("actions") or ()
        ]
        steps += [_unread("create", one) for one in each.get("unread") or ()]
    for one in _actions(told, "principal"):
        what = f" with {entitlements}" if one["method"] == "create" else f": {', '.join(one['fields'])}"
        steps.append(_step("workspace", one["method"], f"{_verb(one)} {kind} {name}{what}"))
    levels = ((told.get("permissions") or {}).get("diff") or {}).get("after") or {}
    for one in _actions(told, "permissions"):
        steps.append(_step("workspace", "permit", f"give {name} {levels.get(_on(one)) or 'its level'} on {_on(one)}"))
    steps += _granted(told.get("access") or {}, name)
    steps += [_of_token(work, run, one) for one in run.get("token_actions") or _actions(told, "token")]
    return steps


# -- the steps --------------------------------------------------------------------------------------
_VERBS = {"update": "change", "delete": "remove"}


def _step(where: str, do: str, line: str) -> Json:
    return {"where": where, "do": do, "line": line}


def _verb(action: Json) -> str:
    method = str(action["method"])
    return _VERBS.get(method, method)


def _actions(told: Json, of: str) -> list[Json]:
    return list((told.get(of) or {}).get("actions") or ())


def _granted(access: Json, name: str) -> list[Json]:
    """In the order of the grants, those that are known to be missing and those of which nobody knows."""
    known = {_on(one): one for one in access.get("actions") or ()}
    unread = {_on(one): one for one in access.get("unread") or ()}
    order = [f"{one['securable']} {one['name']}" for one in access.get("grants") or ()]
    every = dict.fromkeys([*(on for on in order if on in known or on in unread), *known, *unread])
    return [_moved(known[on], name) if on in known else _unread("grant", unread[on]) for on in every]


def _on(one: Json) -> str:
    return str(one["object"]).partition(" on ")[2]


def _moved(action: Json, name: str) -> Json:
    granted, revoked = (", ".join(action.get(key) or ()) for key in ("granted", "revoked"))
    said = [*([f"grant {granted}"] * bool(granted)), *([f"revoke {revoked}"] * bool(revoked))]
    line = f"{' and '.join(said)} on {_on(action)} for {name}"
    return _step("workspace", "grant" if granted else "revoke", line)


def _unread(do: str, one: Json) -> Json:
    return {**_step("workspace", do, f"unknown: {one['said']}"), "unknown": one["object"]}


def _of_token(work: Json, run: Json, action: Json) -> Json:
    do, what, why = action["method"], str(action["object"]), action.get("reason") or ""
    name, place = work["principal_name"], what.removeprefix("store ")
    because = f" ({why})" if why else ""
    if do == "mint":
        cloud = ((run.get("looked") or {}).get("workspace") or {}).get("cloud")
        by_itself = work["token_method"] == "self" or cloud == "azure"
        way = ", signed in as it with a secret that is deleted at once" if by_itself else ""
        days = work["rules"].get("lifetime_days")
        longest = f" for at most {days} days" if days else ""
        return _step("workspace", do, f"mint a token of {name}{longest}{way}{because}")
    if do == "revoke":
        return _step("workspace", do, f"revoke {what}{because}")
    if do == "repair":
        return _step("store", do, f"repair {what}: {', '.join(action['fields'])}")
    words = {
        "announce": f"write into {place} that a token is about to be made",
        "store": f"store the token in {place}",
        "settle": f"write into {place} which tokens are replaced{because}",
        "note": f"write into {place} what is known of people{because}",
        "clear": f"empty {place}",
    }
    return _step("store", do, words.get(do) or f"{do} {what}{because}")


def _after(work: Json) -> list[str]:
    """What every run does, whether or not anything is changed."""
    probes = "then verify with the token: probe tables are tried and dropped, nothing of them stays"
    hand_over = f"then run your tasks in {work['hand_over']}, if every check passed"
    return [probes, *([hand_over] if work["hand_over"] else [])]


# -- the digest -------------------------------------------------------------------------------------
def _wish(work: Json) -> Json:
    kept = {key: value for key, value in work.items() if key not in (*_NOT_THE_WISH, "wanted")}
    return {**kept, "wanted": {key: value for key, value in work["wanted"].items() if key not in _WORDS}}


def _workspace(run: Json) -> Json:
    """What the run meets, without what changes by itself: states, days of use, times."""
    looked, told = run.get("looked") or {}, run["foretold"]
    token = told["token"]
    listed = looked.get("tokens")
    return {
        "workspace": _some(looked.get("workspace"), "workspace_id", "hostname"),
        "catalog": _some(looked.get("catalog"), "name", "owner"),
        "warehouse": _some(looked.get("warehouse"), "id", "http_path"),
        "schemas": looked.get("schemas"),
        "principals": _sorted(_identity(one) for one in looked.get("principals") or ()),
        "tokens": None
        if listed is None
        else _sorted(_some(one, "token_id", "comment", "creation_time", "expiry_time") for one in listed["tokens"]),
        "access": looked.get("access"),
        "findings": _sorted(_some(one, "code", "kind") for one in _findings(run)),
        # What was there before, where something would be changed, and what is there where not.
        "before": [
            ((told.get(one) or {}).get("diff") or {}).get("before") for one in ("principal", "permissions", "access")
        ],
        "permissions": (told.get("permissions") or {}).get("permissions"),
        "grants": (told.get("access") or {}).get("grants"),
        "token": (token.get("diff") or {}).get("before")
        or {
            **_some(token.get("token"), "phase", "token_id", "generation", "expiry"),
            "replaced": [
                _some(one, "token_id", "expiry") for one in (token.get("token") or {}).get("predecessors") or ()
            ],
        },
        "strangers": _sorted(_some(one, "token_id", "expiry") for one in token.get("strangers") or ()),
    }


def _identity(principal: Json) -> Json:
    said = _some(principal, "id", "application_id", "user_name", "display_name", "active")
    return {**said, "entitlements": sorted(principal.get("entitlements") or ())}


def _findings(run: Json) -> list[Json]:
    return list((run.get("looked") or {}).get("findings") or ())


def _some(of: t.Mapping[str, t.Any] | None, *keys: str) -> Json:
    return {key: (of or {}).get(key) for key in keys}


def _sorted(every: t.Iterable[Json]) -> list[Json]:
    return sorted(every, key=_text)


def _text(value: t.Any) -> str:
    return json.dumps(value, sort_keys=True, default=str, separators=(",", ":"))


def _hash(value: t.Any) -> str:
    return hashlib.sha256(_text(value).encode()).hexdigest()


# -- what differs -----------------------------------------------------------------------------------
def _part(digest: str, number: int) -> str:
    return digest.split("-")[number]


def _difference(plan: Json, given: list[str]) -> str:
    wish = any(_part(one, 0) == _part(plan["digest"], 0) for one in given)
    same_workspace = any(_part(one, 1) == _part(plan["digest"], 1) for one in given)
    if wish and same_workspace:
        return "The variables are the same, and so is what was read of the workspace; what follows from them is not."
    if wish:
        return "The variables are the same; the workspace or the stored token is not as it was."
    if same_workspace:
        return "The workspace is as it was; the variables, or the access profile, say something else."
    return "Both the variables and what was read of the workspace are others, or it is the plan of another workspace."


def _named(given: list[str]) -> str:
    return f"{given[0]} does not hold any more" if len(given) == 1 else f"none of the {len(given)} plans holds here"


def _again(work: Json) -> str:
    return MAKE_ONE if work["prefix"] == "klaviyo_" else "the set-up in check mode"
