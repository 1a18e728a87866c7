# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a task wishes of a token, and where it contradicts itself."""

from __future__ import annotations

from .._common.failure import BadOption
from .._common.json_types import Json
from . import lifecycle
from .lifecycle import DAY, Wishes
from .minting import checked_comment

_MOST_DAYS = 730


def wishes_of(params: Json) -> Wishes:
    """The wishes of module token.

    Of 90 days the last 30 are for the handover: a grace period of 14, and the rest for a person who is late.

    :raises BadOption: they contradict each other
    """
    lifetime, renew_before, grace = params["lifetime_days"], params["renew_before_days"], params["grace_days"]
    if not 1 <= lifetime <= _MOST_DAYS:
        raise BadOption("lifetime_days", f"is {lifetime}; give 1 to {_MOST_DAYS} days.")
    if renew_before is None:
        renew_before = lifetime // 3
    if not 0 <= renew_before < lifetime:
        raise BadOption(
            "renew_before_days", f"is {renew_before}; give 0 or more, and less than lifetime_days ({lifetime})."
        )
    if grace is None:
        grace = min(14, renew_before // 2)
    if grace < 0:
        raise BadOption("grace_days", f"is {grace}; give 0 or more.")
    return Wishes(
        params["state"],
        lifetime * DAY,
        renew_before * DAY,
        grace * DAY,
        params["confirmed"],
        params.get("unknown_tokens") or "refuse",
    )


def check_names(params: Json) -> None:
    """The options by which a token is recognised, in module token and in token_info.

    :raises BadOption: one of them cannot be used
    """
    integration = params["integration"]
    if not lifecycle.INTEGRATION.fullmatch(integration):
        raise BadOption("integration", f"{integration!r} must be 1 to 40 letters, digits, dots, dashes or underscores.")
    if not (params["principal"] or "").strip():
        raise BadOption("principal", "must not be empty.")
    checked_comment(params.get("comment"), integration)
