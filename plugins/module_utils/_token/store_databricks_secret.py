# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A token's record as a secret of the workspace itself."""

from __future__ import annotations

import re
import typing as t

from .._api import secrets
from .._common import names
from .._common.failure import BadOption, Failure
from .._wire.workspace import Workspace
from .store import Store


class SecretStore(Store):
    """One key of a secret scope. Several runs may write at once: the last one stays, the others notice."""

    at_hand = False

    def __init__(self, workspace: Workspace, scope: str | None, key: str | None, create_scope: bool) -> None:
        for option, value in (("store.scope", scope), ("store.key", key)):
            if not re.fullmatch(r"[\w.@-]{1,128}", value or ""):
                raise BadOption(option, "is needed: 1 to 128 letters, digits, dashes, underscores, periods or @.")
        self.workspace, self.scope, self.key, self.create_scope = workspace, scope or "", key or "", create_scope
        self.place = f"secret {key} of scope {scope}"

    def read_text(self) -> str | None:
        return secrets.get(self.workspace, self.scope, self.key)

    def prepare(self) -> None:
        if secrets.has_scope(self.workspace, self.scope):
            return
        if not self.create_scope:
            raise Failure(
                f"store.scope: the workspace has no secret scope {self.scope}.",
                code="RESOURCE_DOES_NOT_EXIST",
                hint="Create the scope, or set store.create_scope=true.",
            )
        secrets.create_scope(self.workspace, self.scope)

    def write_text(self, text: str) -> None:
        secrets.put(self.workspace, self.scope, self.key, text)

    def clear(self) -> None:
        secrets.delete(self.workspace, self.scope, self.key)

    def exposed_to(self, me: t.Callable[[], str]) -> list[str]:
        readers = [reader.get("principal", "") for reader in secrets.readers(self.workspace, self.scope)]
        mine = me() if readers else ""
        return sorted(name for name in readers if name and not names.same(name, mine))
