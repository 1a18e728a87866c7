# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCIM answers few calls at a time, and refuses the others.

The service counts for each workspace. Here all workspaces count together, which is stricter: so a client meets the
limit that calls many workspaces at once, too.
"""

from __future__ import annotations

import contextlib
import typing as t

from .errors import ScimError
from .model import Workspace

SCIM = "/api/2.0/preview/scim/"
_KNOWN_LIMIT = 4


def too_often(workspace: Workspace) -> ScimError:
    """A 500, which clients that wait for a 429 do not repeat; the code is in the sentence (databricks-sdk-go#721)."""
    limit = f"exceeded the concurrent limit of {_KNOWN_LIMIT} requests."
    return ScimError(500, f"REQUEST_LIMIT_EXCEEDED: Workspace {workspace.workspace_id} {limit}")


class Gate:
    """Only the event loop counts, so nothing is locked."""

    def __init__(self, at_once: int) -> None:
        self.at_once, self.now = at_once, 0

    @contextlib.contextmanager
    def passed(self, path: str) -> t.Iterator[bool]:
        """Whether there is room for the call, which takes it for the length of the block."""
        if not self.at_once or not path.startswith(SCIM):
            yield True
        elif self.now >= self.at_once:
            yield False
        else:
            self.now += 1
            try:
                yield True
            finally:
                self.now -= 1
