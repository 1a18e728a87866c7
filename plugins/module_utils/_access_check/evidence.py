# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What was read for a verification: each read and each statement with what came of it, and nothing judged."""

from __future__ import annotations

import re
import time
import typing as t
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .._api.grants import Held, Securable
from .._common import names
from .._common.failure import Failure
from .._common.json_types import Json
from .._wire import errors

# A denial comes in two classes, and its subject may be "User" or "Principal '<name>'"; so it is read from "does not
# have" on (captures of CREATE SCHEMA and MODIFY refusals on a real workspace; ibis#9038).
_DENYING = ("INSUFFICIENT_PERMISSIONS", "UNAUTHORIZED_ACCESS", "PERMISSION_DENIED")
_DENIAL = re.compile(
    r"does not have (?:permission )?(?P<what>[A-Z][A-Z_]*(?:[ ,][A-Z_]+)*) on "
    r"(?:(?P<kind>\w+) )?[`'](?P<name>[^'`]+)[`']",
    re.IGNORECASE,
)


class Denial(t.NamedTuple):
    """What the service says is missing, as far as its sentence tells."""

    privileges: frozenset[str]
    name: str


@dataclass(frozen=True)
class Outcome:
    """What became of one read or one statement; ``seconds`` is how long it took."""

    value: t.Any = None
    failure: Failure | None = None
    seconds: float = 0.0
    tried: bool = True

    @property
    def ok(self) -> bool:
        return self.tried and self.failure is None

    @property
    def said(self) -> str:
        """The failure as one line."""
        return " ".join(self.failure.message.split()) if self.failure else ""

    @property
    def denied(self) -> bool:
        """Whether it failed for want of a right, and for no other reason."""
        if self.failure is None:
            return False
        known = self.failure.details
        found = str(known.get("error_class") or self.failure.code).split(".", maxsplit=1)[0]
        return known.get("sqlstate") == "42501" or found in _DENYING or bool(_DENIAL.search(self.failure.message))

    @property
    def answered_by_service(self) -> bool:
        """Whether it failed for a reason of the service's own. A host that is busy, away, or somebody else's, a
        warehouse that does not start, and an answer that nobody can read say nothing about what was asked.
        """
        failure = self.failure
        if failure is None or self.denied or failure.details.get("sqlstate"):
            return True
        if failure.status is None:
            return failure.code == "SQL_ERROR"  # in the protocol of SQL warehouses, so it is the service that speaks
        return failure.status < 500 and failure.status not in (408, 429)

    @property
    def judged_by_service(self) -> bool:
        """Whether the service refused the statement for a reason that it names, so that nothing came of it."""
        state = str((self.failure.details.get("sqlstate") if self.failure else None) or "")
        return self.denied or bool(state and not state.startswith("XX"))

    @property
    def denial(self) -> Denial | None:
        """Which privilege on what, if the sentence names them."""
        found = _DENIAL.search(self.said) if self.denied else None
        if found is None:
            return None
        names = frozenset("_".join(one.split()).upper() for one in re.split(r",\s*", found["what"]))
        return Denial(names, found["name"].replace("`", "").lower())


NOT_TRIED = Outcome(tried=False)


def attempt(doing: str, act: t.Callable[[], t.Any], secrets: t.Sequence[str] = ()) -> Outcome:
    """Do it, and keep what came of it whatever that is."""
    begun = time.monotonic()
    try:
        value = act()
    except Exception as error:  # noqa: BLE001  one failure must not hide what else can be learned
        return Outcome(failure=errors.translate(error, doing, secrets=secrets), seconds=time.monotonic() - begun)
    return Outcome(value, seconds=time.monotonic() - begun)


@dataclass
class Evidence:
    """Everything a verdict may rest on. Keys are full names of securables where nothing else is said."""

    principal: str
    now: float = 0.0
    record: Outcome = NOT_TRIED  # of the store, without the value of the token
    place: str = ""
    runner: Outcome = NOT_TRIED  # whether there is a runner at all
    caller: str | None = None  # the runner, by the name that the workspace gives
    sign_in: str | None = None  # how the runner signed in, in the words of the SDK
    workspace_id: str | None = None
    me: Outcome = NOT_TRIED
    current_user: Outcome = NOT_TRIED
    hostname: str = ""
    warehouse: Outcome = NOT_TRIED
    http_path: str | None = None
    session: Outcome = NOT_TRIED
    schemas: dict[str, Outcome] = field(default_factory=dict)  # by catalog: names that SHOW SCHEMAS gave
    grants: dict[Securable, Outcome] = field(default_factory=dict)  # SHOW GRANTS of the principal: list[Held]
    effective: dict[Securable, Outcome] = field(default_factory=dict)  # everybody's: list[Held]
    read_by_runner: set[Securable] = field(default_factory=set)  # where that shows the principal's own, as another's
    owners: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Outcome] = field(default_factory=dict)  # by schema: names that SHOW TABLES gave
    reads: dict[str, Outcome] = field(default_factory=dict)  # by table
    details: dict[str, Json] = field(default_factory=dict)  # by table: owner, type, row filter, made when, columns
    counts: dict[str, Outcome] = field(default_factory=dict)  # by table: rows read, and counts of them
    first_row: dict[str, Outcome] = field(default_factory=dict)  # by filtered table: rows
    probes: dict[str, dict[str, Outcome]] = field(default_factory=dict)  # by schema: create, insert, count, drop
    probe_names: dict[str, str] = field(default_factory=dict)
    forbidden: dict[str, Outcome] = field(default_factory=dict)  # by schema: creating a table where none is wished
    left_behind: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    made_schema: dict[str, Outcome] = field(default_factory=dict)  # by catalog
    others: dict[str, tuple[Outcome, Outcome]] = field(default_factory=dict)  # schemas: SHOW TABLES, SHOW GRANTS
    predict: bool = False

    @property
    def names(self) -> set[str]:
        """What the principal is called, in lower case."""
        found = {self.principal.lower(), self.session_user.lower()}
        if self.me.ok:
            found |= {str(self.me.value.get(key) or "").lower() for key in ("user_name", "application_id")}
        return found - {""}

    @property
    def session_user(self) -> str:
        """Whom the SQL session belongs to, as the service names it in grants; blank where nobody said."""
        return str(self.current_user.value[0][0]) if self.current_user.ok else ""

    @property
    def is_named(self) -> bool:
        """Whether the name under which the service lists the principal is known; a display name is none."""
        by_itself = "@" in self.principal or names.UUID.fullmatch(self.principal) is not None
        return self.me.ok or by_itself or bool(self.session_user)

    @property
    def groups(self) -> set[str]:
        """The groups that the principal is known to be in, in lower case; there may be more."""
        return {name.lower() for name in self.me.value["groups"]} if self.me.ok else set()

    def direct(self, of: Securable) -> list[Held] | None:
        """What the principal was granted by name, on the securable or above it; None if nobody could tell."""
        if not self.is_named:
            return None
        shown = self.grants.get(of, NOT_TRIED)
        if shown.ok:
            return [held for held in shown.value if held.principal.lower() in self.names]
        read = self.effective.get(of, NOT_TRIED)
        if read.ok and any(held.principal.lower() in self.names for held in read.value):
            return [held for held in read.value if held.principal.lower() in self.names]
        return None


def when(seconds: float) -> str:
    """A time as people and programs read it: ISO 8601, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of(text: t.Any) -> float | None:
    """The seconds since the epoch of such a time; None where there is none."""
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp() if text else None
    except ValueError:
        return None
