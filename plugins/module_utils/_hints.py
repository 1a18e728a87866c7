# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a person can do about a failure. One row per cause; the first that fits wins."""

from __future__ import annotations

import re
import typing as t


class Cause(t.NamedTuple):
    """A cause is recognised by its error code, its HTTP status, and words in its message; None fits anything."""

    code: str | None
    status: int | None
    words: str | None
    hint: str


CAUSES: tuple[Cause, ...] = (
    Cause("UNREACHABLE", None, None, "Check option host (DATABRICKS_HOST) and that this machine may reach it: name resolution, firewall, proxy."),
    Cause("TLS", None, None, "The host's certificate is not trusted here. Give the authority's certificate with option ca_cert."),
    Cause("NOT_THE_API", None, None, "Option host must be the workspace's own address, such as https://abc-12345678.cloud.databricks.com."),
)


def hint_for(code: str | None, status: int | None, message: str) -> str | None:
    """The hint of the first cause that fits, or None."""
    for cause in CAUSES:
        if cause.code not in (None, code) or cause.status not in (None, status):
            continue
        if cause.words is None or re.search(cause.words, message, re.IGNORECASE):
            return cause.hint
    return None
