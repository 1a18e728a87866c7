# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A token's record in a place that only the user's own tasks can reach."""

from __future__ import annotations

import base64
import json

from .._common.json_types import Json
from .store import Store


class Tasks(Store):
    """The user's own tasks: what their reading tasks got comes in, what their writing tasks shall store goes out."""

    place = "the store of your own tasks"

    def __init__(self, record: str | None) -> None:
        self.record = record
        self.to_write: Json | None = None

    def read_text(self) -> str | None:
        return json.dumps(self.to_write) if self.to_write else self.record

    def write_text(self, text: str) -> None:
        self.to_write = json.loads(text)

    def clear(self) -> None:
        self.record, self.to_write = None, {}

    @property
    def outgoing(self) -> str | None:
        """What the tasks shall store.

        Encoded, because Ansible blots out a supplied token wherever it appears in a result.
        """
        return None if self.to_write is None else base64.b64encode(json.dumps(self.to_write).encode()).decode()
