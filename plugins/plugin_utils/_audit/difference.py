# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What access changed between which runs, and by whom. Nothing is read or written here.

Each report has what the principal held at the end of its run, and what the run changed. What differs from the end of
the run before, and is none of the run's own doing, was done by somebody else between the two.
"""

from __future__ import annotations

import typing as t

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json


class Event(t.NamedTuple):
    """What changed in a run, or between it and the one before.

    :ivar who: of a run; empty where somebody else did it
    :ivar since: the run before, where somebody else did it
    """

    run: str
    entry: str
    written: str
    who: str
    since: str
    items: list[str]


class Differences(t.NamedTuple):
    """All events, oldest first.

    :ivar unseen: runs that could not see what the principal holds
    """

    events: list[Event]
    unseen: list[str]


def between(reports: t.Sequence[Json]) -> Differences:
    """What changed.

    :param reports: of one workspace and partner, in their order; those that change nothing are passed over
    """
    known: Json = {}
    before: Json | None = None
    events: list[Event] = []
    unseen: list[str] = []
    for report in reports:
        if report["run"].get("mode") != "run" or report["run"].get("entry") == "preflight":
            continue
        own, doings = _own(report)
        seen = _seen(report)
        if not any(key.startswith("privileges on") for key in seen):
            unseen.append(str(report["run"]["id"]))
        others = [] if before is None else _others(known, seen, own)
        if others and before is not None:
            events.append(_event(report, "", str(before["run"]["id"]), others))
        if doings:
            events.append(_event(report, who(report), "", doings))
        known = _after(known, seen, own)
        before = report
    return Differences(events, unseen)


def who(report: Json) -> str:
    """Who ran the play, in the workspace and on the controller."""
    operator = report["operator"]
    at = f"{operator.get('login')} on {operator.get('controller')}"
    job = operator.get("job") or {}
    launched = f", AWX job {job.get('id')} of {job.get('user')}" if job else ""
    return f"{operator['identity']} ({at}{launched})" if operator.get("identity") else f"{at}{launched}"


def _event(report: Json, name: str, since: str, items: list[str]) -> Event:
    run = report["run"]
    return Event(str(run["id"]), str(run.get("entry")), str(run.get("written")), name, since, items)


def _seen(report: Json) -> Json:
    """What is known of the access at the end of a run; a key that is missing could not be established."""
    found = report["found"]
    seen: Json = {}
    for one in found.get("access") or ():
        if one.get("privileges") is not None:
            seen[_privileges(str(one["securable"]), str(one["name"]))] = frozenset(one["privileges"])
    if found.get("admin") is not None:
        seen["administrator"] = bool(found["admin"])
    if found.get("groups") is not None:
        seen["groups"] = frozenset(found["groups"])
    for name, owner in (found.get("owners") or {}).items():
        seen[f"owner of {name}"] = str(owner)
    if report["principal"].get("id"):
        seen["principal"] = str(report["principal"]["id"])
    return seen


def _privileges(securable: str, name: str) -> str:
    return f"privileges on {securable} {name}"


class _Own(t.NamedTuple):
    """What a run itself did to one grant; None where the report does not say which privileges."""

    granted: frozenset[str] | None
    revoked: frozenset[str] | None


def _own(report: Json) -> tuple[Json, list[str]]:
    """What the run did to what _seen() knows, by the same keys; and all of it as sentences."""
    own: Json = {}
    sentences = []
    for action in report.get("changed") or ():
        if action.get("method") == "announce":
            continue  # written ahead of what follows, and nobody's access
        what, detail = str(action.get("object")), ""
        if what.startswith("grant to ") and " on " in what:
            granted, revoked = action.get("granted"), action.get("revoked")
            complete = granted is not None and revoked is not None
            own[f"privileges on {what.partition(' on ')[2]}"] = _Own(
                frozenset(granted) if complete else None, frozenset(revoked) if complete else None
            )
            detail = _gained(granted or (), revoked or ())
        if what.startswith(("service_principal ", "user ")):
            own["principal"] = True
            own["groups"] = True
        if what.startswith("schema "):
            own[f"owner of {what.partition(' ')[2]}"] = True
        sentences.append(_named(f"{action.get('method')} {what}{f': {detail}' if detail else ''}", report["principal"]))
    return own, sentences


def _named(sentence: str, principal: Json) -> str:
    """The principal by its name, and by as much of its ID as tells it from another of that name."""
    name, identity = principal.get("name"), str(principal.get("id") or "")
    if not identity or name == identity:
        return sentence
    return sentence.replace(identity, f"{name} ({identity.partition('-')[0]})")


def _others(known: Json, seen: Json, own: Json) -> list[str]:
    sentences = []
    for key in sorted(seen):
        if key not in known:
            continue
        old, new, mine = known[key], seen[key], own.get(key)
        if isinstance(new, frozenset) and isinstance(mine, _Own):
            if mine.granted is None or mine.revoked is None:
                continue  # the run changed it, and does not say how
            new = (new - mine.granted) | mine.revoked
        elif mine is not None:
            continue
        if old == new:
            continue
        if isinstance(new, frozenset):
            sentences.append(f"{key}: {_gained(new - old, old - new)}")
        else:
            sentences.append(f"{key}: {_word(old)}, now {_word(new)}")
    return sentences


def _after(known: Json, seen: Json, own: Json) -> Json:
    """What is known at the end of the run: what was seen, and what was known before, unless the run changed it."""
    found = {**known, **seen}
    for key in set(own) - set(seen):
        mine, old = own[key], found.pop(key, None)
        if isinstance(mine, _Own) and mine.granted is not None and mine.revoked is not None and old is not None:
            found[key] = (old | mine.granted) - mine.revoked
    return found


def _gained(more: t.Iterable[str], less: t.Iterable[str]) -> str:
    words = [f"+ {_plain(one)}" for one in sorted(more)] + [f"- {_plain(one)}" for one in sorted(less)]
    return ", ".join(words)


def _plain(word: str) -> str:
    return word.replace("_", " ") if word.isupper() else word


def _word(value: t.Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
