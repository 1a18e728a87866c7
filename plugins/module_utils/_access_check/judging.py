# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Evidence -> verdicts. Pure: it asks nobody.

``works`` means that the partner can do its job, ``least_privilege`` that it can do no more. What could not be
established is said to be unknown; it is neither counted as missing nor as there.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .._common import names
from .._common.failure import Failure
from .._common.json_types import Json
from .._wire.errors import is_absent
from . import judging_access, judging_objects
from .evidence import Evidence, time_of, when
from .verdict import FAILED, LEAST, PASSED, SKIPPED, WARNED, WORKS, Check, Strictness
from .wanted import Wanted

_ANEW = (
    "The stored token was revoked or is of another workspace, or its principal is deactivated or gone. Run the set-up "
    "again: it makes a new token, or says what has to be done first."
)


class Handover(t.NamedTuple):
    """A renewal that nobody carried to the partner yet: until when, and whether that breaks it."""

    until: str
    late: bool = False

    @classmethod
    def from_option(cls, given: Json | None, *, confirmed: bool) -> Handover | None:
        """As the modules for tokens tell it; whoever confirms has carried it."""
        if not given:
            return None
        return cls(given.get("ends") or "it is confirmed", given.get("level") == "broken" and not confirmed)


@dataclass(frozen=True)
class Judged:
    """All verdicts and what they come to."""

    checks: list[Check]
    status: str  # ok, handover, drift, broken or unknown
    handover: Handover | None
    title: str  # of the partner

    @property
    def late(self) -> bool:
        """Whether the partner is about to be cut off, or is already."""
        return self.handover is not None and self.handover.late

    @property
    def passed(self) -> bool:
        return self.works and not self.late and not any(check.result == FAILED for check in self.checks)

    @property
    def works(self) -> bool:
        """Whether nothing that the partner's job needs has failed, or could not be tried at all."""
        return not any(check.result in (FAILED, SKIPPED) for check in self.checks if check.kind == WORKS)

    @property
    def breaks(self) -> bool:
        """Whether something that the partner's job needs is known to fail, and is not merely not known."""
        return self.late or any(check.result == FAILED for check in self.checks if check.kind == WORKS)

    def summary(self) -> Json:
        """Counts, and one line for people."""
        counts = {
            result: sum(check.result == result for check in self.checks) for result in (PASSED, FAILED, WARNED, SKIPPED)
        }
        return {**counts, "line": self._line(counts)}

    def _line(self, counts: t.Mapping[str, int]) -> str:
        if self.works and self.late:
            return f"broken: the token that {self.title} was last given ended or ends within a day"
        kind = {"broken": WORKS, "unknown": WORKS, "drift": LEAST}.get(self.status)
        if kind is not None:
            bad = [check for check in self.checks if check.kind == kind and check.result == FAILED]
            bad = bad or self._not_established(kind)
            more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
            return f"{self.status}: {bad[0].id}: {bad[0].evidence}{more}"
        said = f"{len(self.checks)} checks" + (f", {counts[WARNED]} warned" if counts[WARNED] else "")
        said += f", {counts[SKIPPED]} skipped" if counts[SKIPPED] else ""
        return f"handover until {self.handover.until}: {said}" if self.handover else f"ok: {said}"

    def _not_established(self, kind: str) -> list[Check]:
        """What could not be established, without what was not run for that reason."""
        skipped = [check for check in self.checks if check.kind == kind and check.result == SKIPPED]
        return [check for check in skipped if not check.evidence.startswith("Not run")] or skipped


def judge(
    wanted: Wanted, evidence: Evidence, *, strict: bool, allowed: t.Collection[str], handover: Handover | None = None
) -> Judged:
    """Every verdict; one that fails never keeps the others from being made.

    :param strict: whether what reaches the principal through others fails, too
    :param allowed: names of schemas that the principal may see besides its own
    :param handover: what is known of it; without it the record is read
    """
    how = Strictness(strict, frozenset(name.lower() for name in allowed))
    # What has to work stands first, and what must not be possible after it.
    checks = [
        _token(evidence),
        _identity(evidence),
        _warehouse(evidence),
        _session(evidence),
        *judging_objects.works(wanted, evidence),
        *judging_access.held(wanted, evidence),
        _not_admin(evidence),
        *judging_access.surplus(wanted, evidence, how),
        *judging_objects.refused(wanted, evidence, how),
    ]
    checks = [check.with_guide(wanted.guide(check.id)) for check in checks]
    judged = Judged(checks, "ok", handover or _handover(evidence), wanted.title)
    if not judged.works or judged.late:
        return replace(judged, status="broken" if judged.breaks else "unknown")
    if not judged.passed:
        return replace(judged, status="drift")
    return replace(judged, status="handover" if judged.handover else "ok")


def connection(wanted: Wanted, evidence: Evidence) -> Json:
    """What a person enters at the partner. Where the token is, never what it is."""
    values = {
        "hostname": evidence.warehouse.value["hostname"] if evidence.warehouse.ok else evidence.hostname.split(":")[0],
        "http_path": evidence.http_path or "",
        "catalog": wanted.catalog,
        "access_token": f"field token_value in {evidence.place}",
    }
    fields = []
    for field in wanted.connection.get("fields") or ():
        text = str(field.get("value", ""))
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        fields.append({**field, "value": text})
    return {**wanted.connection, "fields": fields, **values}


def _token(evidence: Evidence) -> Check:
    check = Check("token", WORKS, "The store holds a token that is alive")
    record, now = evidence.record, evidence.now
    if record.failure is not None:
        return check.failed(f"The store cannot be used: {record.said}", record.failure.hint, record.seconds)
    if record.value is None:
        return check.failed(
            f"There is no token in {evidence.place}.", "Run the set-up again; it makes and stores one.", record.seconds
        )
    known = f"Token {str(record.value.get('token_id'))[:8]}"
    end = time_of(record.value.get("expiry"))
    if end is not None and end <= now:
        return check.failed(
            f"{known} expired on {record.value['expiry']}.", "Run the set-up again; it makes a new one."
        )
    if evidence.me.ok or evidence.session.ok:
        return check.passed(f"{known}, valid until {record.value.get('expiry') or 'it is revoked'}.")
    if evidence.me.failure is not None and _refused(evidence.me.failure):
        return check.failed(f"{known} is refused: {evidence.me.said}", _ANEW)
    return check.skipped(
        f"Whether {known[0].lower() + known[1:]} is alive could not be established: {evidence.me.said}"
    )


def _refused(failure: Failure) -> bool:
    # A wrong token is 401 or 403, with numeric codes (recordings in databricks-jdbc).
    return failure.status in (401, 403) or failure.code in ("UNAUTHENTICATED", "INVALID_ACCESS_TOKEN")


def _hint(failure: Failure) -> str | None:
    # Where a credential is refused, the failure's own hint names the options by which the caller signs in.
    ours = failure.status == 401 or "DATABRICKS_TOKEN" in (failure.hint or "")
    return _ANEW if ours else failure.hint


def _identity(evidence: Evidence) -> Check:
    check = Check("identity", WORKS, "The token signs in as the dedicated principal")
    me = evidence.me
    if me.ok:
        called = {str(me.value.get(key) or "").lower() for key in ("user_name", "application_id", "display_name")}
        shown = f"{me.value['display_name'] or me.value['user_name']} ({me.value['user_name']})"
        if evidence.principal.lower() in called:
            return check.passed(f"{shown}.", me.seconds)
        return check.failed(
            f"The token belongs to {shown}, not to {evidence.principal}.",
            "Name the right principal, or give the store of its token.",
            me.seconds,
        )
    if evidence.current_user.ok:
        user, wished = evidence.session_user, evidence.principal
        if names.same(user, wished):
            return check.passed(f"{user}, by its SQL session; asking the workspace was refused: {me.said}")
        if "@" in wished or names.UUID.fullmatch(wished):
            return check.failed(f"The SQL session belongs to {user}, not to {wished}.", None)
        hint = me.failure.hint if me.failure else None
        return check.skipped(
            f"The SQL session belongs to {user}; whether that is {wished} is not known: {me.said}", hint
        )
    if me.failure is None:
        return check.skipped("Not run: there is no token to sign in with.")
    if _refused(me.failure):
        return check.failed(f"The token did not sign in: {me.said}", _hint(me.failure), me.seconds)
    return check.skipped(f"Could not be established: {me.said}", me.failure.hint)


def _warehouse(evidence: Evidence) -> Check:
    check = Check("warehouse", WORKS, "The SQL warehouse exists")
    found = evidence.warehouse
    if found.ok:
        return check.passed(
            f"{found.value['name']}, {found.value['http_path']}, {found.value['state']}.", found.seconds
        )
    if found.failure is not None:
        if not is_absent(found.failure):
            return check.skipped(f"Could not be established: {found.said}", found.failure.hint)
        return check.failed(f"The SQL warehouse cannot be read: {found.said}", found.failure.hint, found.seconds)
    if evidence.session.ok:
        return check.passed(f"A session opened on {evidence.http_path}.")
    if evidence.session.failure is not None and is_absent(evidence.session.failure):
        return check.failed(
            f"There is none at {evidence.http_path}: {evidence.session.said}", evidence.session.failure.hint
        )
    return check.skipped("Not run: no session was opened on it.")


def _session(evidence: Evidence) -> Check:
    check = Check("session", WORKS, "The token opens a SQL session on the HTTP path")
    session = evidence.session
    if session.failure is not None:
        if not session.answered_by_service:
            return check.skipped(f"Could not be established: {session.said}", session.failure.hint)
        return check.failed(
            f"No SQL session: {session.said}",
            _hint(session.failure)
            or "The principal needs CAN USE on the warehouse and the entitlement databricks-sql-access.",
            session.seconds,
        )
    if not session.tried:
        return check.skipped("Not run: there is no token, or no SQL warehouse.")
    return check.passed(f"Opened on {evidence.http_path} after {session.seconds:.1f} s.", session.seconds)


def _not_admin(evidence: Evidence) -> Check:
    check = Check("not_admin", LEAST, "The principal is not an administrator")
    if not evidence.me.ok:
        return check.skipped("Could not be established: the token could not ask for its groups.")
    if evidence.me.value["admin"]:
        return check.failed(
            "The principal is a member of admins.", "A workspace administrator takes it out of the group admins."
        )
    return check.passed("Not a member of admins.")


def _handover(evidence: Evidence) -> Handover | None:
    """Until when a replaced token stays alive that nobody has confirmed yet; None if there is none."""
    record = evidence.record.value if evidence.record.ok else None
    ends = [
        time_of(one.get("expiry"))
        for one in (record or {}).get("predecessors") or ()
        if one.get("token_id") and not one.get("confirmed")
    ]
    alive = [end for end in ends if end is None or end > evidence.now]
    if not alive:
        return None
    known = [end for end in alive if end is not None]
    return Handover(when(max(known)) if len(known) == len(alive) else "it is confirmed")
