# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Whose token a store's record holds. A misspelled name must not cost somebody else the only record of a token."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from .._api import principals
from .._common import names
from .._common.failure import Failure, Refused
from .._common.json_types import Json
from .._wire import connection
from .._wire.workspace import Workspace
from . import stores

OTHER_PRINCIPAL = "OTHER_PRINCIPAL"


class Whose(t.NamedTuple):
    """What a record must agree with.

    :ivar workspace_id: of the workspace, as it said in an answer
    :ivar principal: as the user names it
    :ivar known_as: what the services call that principal; None where it does not exist
    """

    workspace_id: str | None
    integration: str
    principal: str
    known_as: str | None


def belongs(workspace: Workspace, record: Json, place: str, whose: Whose) -> bool:
    """Whether the token of a record may be tried here. It may not if it is of a workspace on this machine that is gone.

    :param place: where the record is, for people
    :raises Refused: it is of another workspace, integration or principal
    :raises Failure: whether there is another principal could not be asked
    """
    if not stores.is_here(record, workspace.host, whose.workspace_id):
        both = (urlsplit(record.get("host") or ""), urlsplit(workspace.host))
        if not all(connection._is_loopback(address.hostname or "") for address in both):
            raise stores.other_workspace(record, place)
        return False
    if not names.same(record.get("integration") or whose.integration, whose.integration):
        raise Refused(
            f"store: {place} holds the token of integration {record['integration']}.",
            code="OTHER_INTEGRATION",
            hint="Give every integration a store of its own.",
        )
    owner = record.get("principal")
    if owner and not (whose.known_as and names.same(owner, whose.known_as)):
        _refuse_the_token_of(workspace, owner, place, whose.principal)
    return True


def _refuse_the_token_of(workspace: Workspace, owner: str, place: str, principal: str) -> None:
    """Nobody loses anything by it where the principal that it was made for is gone."""
    try:
        other = principals.resolve(workspace, owner, verify=True)
    except Failure as failure:
        if failure.code == principals.UNKNOWN:
            return
        raise
    raise Refused(
        f"store: {place} holds the token of {other.display} ({owner}), not of {principal}.",
        code=OTHER_PRINCIPAL,
        hint="Check option principal (klaviyo_principal_name in the role), or give every principal a store of its own.",
    )
