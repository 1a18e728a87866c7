# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Module token_info, from its options to its result."""

from __future__ import annotations

from .._common.json_types import Json
from .._wire.workspace import Workspace
from . import lifecycle, refusals, results
from .reader import TokenReader


def info(workspace: Workspace, params: Json) -> Json:
    """What there is, read as module token reads it.

    :raises Failure: an option cannot be used, or the service refused
    """
    tokens = TokenReader.of_task(workspace, {**params, "state": "present"}, missing_is_fine=False)
    found, now = tokens.read(), tokens.now()
    # Without a store no token can be unknown to it.
    strangers = lifecycle.strangers(found, now) if tokens.store else ()
    token = {
        **results.stored(found, now),
        "handover": results.waiting(found, now, tokens.integration, tokens.place),
        "principal": tokens.name,
        "integration": tokens.integration,
        "use": results.used(tokens.used_by(found)),
        "people": tokens.people_recorded,
    }
    warnings = [*tokens.warnings, *results.late(token["handover"]), *lifecycle.idle(found, now)]
    if strangers:
        warnings += refusals.unknown_tokens(found, tokens.subject(), now)
    return {
        "token": token,
        "phase": token["phase"],
        "tokens": results.rows((token for token in found.live(now) if token not in strangers), now),
        "other_tokens": results.rows([*tokens.others, *strangers], now),
        "strangers": results.rows(strangers, now),
        "warnings_": warnings,
    }
