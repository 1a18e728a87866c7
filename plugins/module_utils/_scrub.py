# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Takes secrets out of any text that may reach a person, a log or a result."""

from __future__ import annotations

import re

MASK = "********"

# Token and secret values as the service issues them: PATs start with dapi, OAuth secrets with dose, OAuth access
# tokens are JWTs. A value we never saw (an echo of somebody else's) must not slip through either.
_SECRET = re.compile(
    r"\bdapi[0-9a-f]{16,}(?:-\d+)?|\bdose[0-9a-f]{16,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?i:\bbearer\s+)[\w.~+/-]{8,}=*"
)


def scrub(text: str, secrets: list[str] | tuple[str, ...] = ()) -> str:
    """Mask the given values and everything that has the shape of a Databricks secret."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _SECRET.sub(MASK, text)
