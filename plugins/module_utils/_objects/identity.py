# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What users and service principals have in common as objects that a task manages."""

from __future__ import annotations

from .._api import principals
from .._common.failure import BadOption, Refused
from .._common.json_types import Json
from .._engine.reconcile import Managed, Plan
from .._wire.workspace import Workspace

ENTITLEMENTS = (
    "allow-cluster-create",
    "allow-instance-pool-create",
    "databricks-sql-access",
    "workspace-access",
    "workspace-consume",
)

SPEC: Json = {
    "entitlements": {"type": "list", "elements": "str", "choices": list(ENTITLEMENTS)},
    "purge_entitlements": {"type": "bool", "default": False},
    "active": {"type": "bool"},
}


class Identity(Managed):
    """Somebody who can sign in to the workspace. Once seen it is known by its id: a list may lag behind."""

    path: str  # where SCIM keeps this kind
    seen: str | None = None
    last: Json = {}
    empty: Json = {}

    def __init__(self, workspace: Workspace, params: Json) -> None:
        super().__init__(workspace, params)
        wanted = params["entitlements"] or ()
        if "workspace-consume" in wanted and {"workspace-access", "databricks-sql-access"}.intersection(wanted):
            raise BadOption("entitlements", "workspace-consume excludes workspace-access and databricks-sql-access.")

    def read(self) -> Json | None:
        found = self.read_by_id(self.seen) if self.seen else self.look_up()
        if found:
            self.seen, self.last = found["id"], found
        return found

    def read_by_id(self, scim_id: str) -> Json | None:
        raise NotImplementedError

    def look_up(self) -> Json | None:
        raise NotImplementedError

    def make(self, wanted: Json) -> Json:
        raise NotImplementedError

    def desired(self, actual: Json | None) -> Json | None:
        wanted = super().desired(actual)
        if wanted and wanted["entitlements"] is not None:
            kept = actual["entitlements"] if actual and not self.params["purge_entitlements"] else ()
            wanted["entitlements"] = sorted({*kept, *wanted["entitlements"]})
        return wanted

    def create(self, wanted: Json) -> None:
        made = self.make(wanted)
        self.seen = made["id"]
        # Another run may have been faster, and have asked for less.
        self._change(made, wanted)

    def update(self, changes: Json) -> None:
        self._change(self.last, changes)

    def delete(self) -> None:
        principals.delete(
            self.workspace, self.path, str(self.seen), f"delete {self.label.replace('_', ' ')} {self.name}"
        )

    def guard(self, plan: Plan) -> None:
        cut = "delete" if plan.action == "delete" else "deactivate" if plan.changes.get("active") is False else None
        if cut and self.seen and principals.me(self.workspace)["id"] == self.seen:
            raise Refused(
                f"{self.label} {self.name} is the caller of this task; it will not {cut} itself.",
                hint="Sign in as another administrator to do this.",
            )

    def result(self, state: Json) -> Json:
        if state and not state.get("active", True) and self.params["active"] is None:
            self.warnings.append(
                f"{self.label.replace('_', ' ')} {self.name} is inactive: it cannot sign in. It stays so; an "
                "administrator activates it in the settings of the workspace, or this task does with active=true."
            )
        return {self.label: {**self.empty, **state} if state else {}}

    def _change(self, before: Json, wanted: Json) -> None:
        principals.change(
            self.workspace, self.path, before, f"change {self.label.replace('_', ' ')} {self.name}", **wanted
        )
