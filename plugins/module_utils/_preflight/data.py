# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a preflight is asked for, and what it has read: the data that its other files share."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._api import grants
from .._common.failure import Failure
from .._common.json_types import Json


@dataclass(frozen=True)
class Level:
    """A level on an object of the workspace; ``object`` is a name or an id, None for tokens."""

    kind: str
    object: str | None
    level: str

    @property
    def key(self) -> str:
        return f"level on {self.kind} {self.object or ''}".strip()


@dataclass(frozen=True)
class Privileges:
    """Privileges on one securable."""

    of: grants.Securable
    named: frozenset[str]
    doubtful: bool

    @property
    def key(self) -> str:
        return f"held on {self.of}"


@dataclass(frozen=True)
class Access:
    """What the principal shall hold; empty where nobody asked."""

    levels: tuple[Level, ...] = ()
    privileges: tuple[Privileges, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.levels or self.privileges)


NOTHING = Access()


class Outcome(t.NamedTuple):
    """What a read gave, or why it gave nothing. Both are None for what was not asked."""

    value: t.Any = None
    failure: Failure | None = None

    @property
    def asked(self) -> bool:
        return self.value is not None or self.failure is not None


@dataclass(frozen=True)
class Wish:
    """What is to be set up, as far as a preflight looks at it."""

    catalog: str | None = None
    schemas: tuple[str, ...] = ()  # without the catalog
    warehouse: str | None = None
    principal: str | None = None
    kind: str = "service_principal"
    store: t.Mapping[str, t.Any] | None = None
    integration: str = "klaviyo"
    supplied: bool = False  # the principal's owner gives the token
    method: str = "auto"
    lifetime_days: int | None = None
    addresses: tuple[str, ...] = ()  # that the partner calls from
    provisioning: bool = True  # the caller sets things up, and does not only use them
    access: Access = NOTHING  # that the principal shall hold
    facts: bool = False  # of the workspace are wanted for themselves, and not only where a finding depends on them


@dataclass
class Seen:
    """The evidence, by what was asked."""

    caller: Json
    host: str
    hostname: str
    signs_in_by_token: bool
    answers: dict[str, Outcome] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Outcome:
        return self.answers.get(name, Outcome())

    @property
    def stored(self) -> bool:
        """Whether the store holds a token, and not only the intent to make one."""
        return bool((self["store"].value or {}).get("token_id"))

    def schema(self, name: str) -> Outcome:
        return self[f"schema {name}"]


Reads = dict[str, t.Callable[[], t.Any]]
