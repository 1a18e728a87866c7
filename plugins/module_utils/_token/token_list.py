# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A list of a principal's tokens that a preflight has read, for the module token of the same play."""

from __future__ import annotations

import typing as t

from .._api import tokens
from .._common.failure import BadOption
from .._common.json_types import Json
from .._wire.workspace import Workspace
from .lifecycle import Token

# What is older is not believed: another play may have made or revoked a token meanwhile.
MOST_SECONDS = 120.0
_KEYS = (
    "token_id",
    "comment",
    "creation_time",
    "expiry_time",
    "last_used_day",
    "scopes",
    "created_by_username",
)


class TokenList(t.NamedTuple):
    """The tokens, which workspace answered, and when that was by its clock."""

    tokens: list[Token]
    workspace_id: str | None
    now: float

    @classmethod
    def given(cls, option: Json) -> TokenList:
        """From the option of module token, which is what module preflight returns.

        :raises BadOption: it is not
        """
        rows, now = option.get("tokens"), option.get("now")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not _number(now):
            raise BadOption("listed", "is not what module preflight returns as tokens.")
        return cls([tokens.shape(row) for row in rows], option.get("workspace_id"), float(now))

    def fresh(self, now: float) -> bool:
        """Whether it was read just before."""
        return abs(now - self.now) <= MOST_SECONDS


def read(workspace: Workspace) -> Json:
    """Everybody's tokens, as the service lists them, and when.

    :raises Failure: they could not be read
    """
    rows = tokens.listing(workspace)
    return {"tokens": rows, "workspace_id": workspace.answered_by, "now": workspace.now}


def of_principal(listing: Json | None, scim_id: str) -> Json | None:
    """Those of one principal, without what nobody needs; None where they were not read."""
    if listing is None:
        return None
    mine = [row for row in listing["tokens"] if str(row.get("owner_id", "")) == scim_id]
    return {**listing, "tokens": [{key: row[key] for key in _KEYS if row.get(key) is not None} for row in mine]}


def _number(value: t.Any) -> t.TypeGuard[float]:
    try:
        return float(value) > 0
    except (TypeError, ValueError):
        return False
