# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A schema as an object that a task manages, or only has: existing ones may be left as they are."""

from __future__ import annotations

import re

from .._api import principals, schemas
from .._common import names
from .._common.failure import BadOption, Failure, Refused
from .._common.hints import hint_for, is_denial
from .._common.json_types import Json
from .._engine.reconcile import Managed, Plan, plan
from .._wire.workspace import Workspace

# Of what lies in a schema; a refusal is a sentence and no catalog.
_MOST_SHOWN = 10
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/]+", re.IGNORECASE)


class Schema(Managed):
    label = "schema"
    managed = ("comment", "owner", "properties", "storage_root")
    immutable = ("storage_root",)
    existed: bool | None = None
    held: tuple[list[Json], list[str]] | None = None  # by one that is to be dropped

    def __init__(self, workspace: Workspace, params: Json) -> None:
        super().__init__(workspace, params)
        self.keep = params["existing"] == "keep"
        self.reads = 0
        self.catalog, self.schema = (names.identifier(option, params[option]) for option in ("catalog", "name"))
        self.inside = schemas.of(workspace, self.catalog, params["warehouse"])
        for option in set(self.managed) - set(self.inside.fields):
            if params[option] is not None:
                raise BadOption(option, f"is not for {self.catalog}. Leave it out.")
        principals.filled("owner", params["owner"])
        if params["storage_root"] is not None and not _URL.match(params["storage_root"]):
            raise BadOption(
                "storage_root",
                f"{params['storage_root']!r} is not the address of a location, such as s3://bucket/path.",
            )
        self.properties = _texts(params["properties"])

    @property
    def name(self) -> str:
        return f"{self.catalog}.{self.schema}"

    def desired(self, actual: Json | None) -> Json | None:
        wanted = super().desired(actual)
        if wanted and actual and self.keep:
            return {}
        if wanted and wanted["properties"] is not None:
            # The service adds properties of its own; only the named keys are ours.
            wanted["properties"] = {**(actual["properties"] if actual else {}), **self.properties}
        if wanted and wanted["storage_root"] is not None:
            wanted["storage_root"] = wanted["storage_root"].rstrip("/")
        return wanted

    def read(self) -> Json | None:
        found = self.inside.get(self.schema)
        if self.reads == 0:
            self.existed = found is not None
        self.reads += 1
        return found

    def unseen(self, denied: Failure, *, check: bool) -> Plan:
        """With existing=keep only its existence counts: the list may show it, and else the service knows."""
        if not self.keep or self.params["state"] == "absent":
            raise denied
        there = self._listed()
        if there:
            self.existed = True
            return Plan("keep", before=there, after=there)
        identity = {"catalog_name": self.catalog, "name": self.schema, "full_name": self.name}
        if check:
            sentence = (
                f"Whether schema {self.name} exists could not be established: {denied.message} Outside check mode the "
                "task tries to create it, which leaves an existing one as it is."
            )
            self.warnings.append(sentence)
            return Plan("keep", before=identity, after=identity, unread=sentence)
        wanted = {key: value for key, value in (self.desired(None) or {}).items() if value is not None}
        try:
            made = self.inside.create(self.schema, unseen=True, **wanted)
        except Failure as failure:
            if is_denial(failure):
                failure.message += f" Whether it exists could not be established either: {denied.message}"
            raise
        self.existed = not made
        if not made:
            return Plan("keep", before=identity, after=identity)
        return Plan("create", after={**identity, **wanted}, changes=wanted)

    def _listed(self) -> Json | None:
        try:
            return self.inside.listed(self.schema)
        except Failure:
            return None  # a second source only

    def guard(self, plan: Plan) -> None:
        """Look into a schema that is to be dropped, so that check mode knows what the service would say.

        :raises Refused: SCHEMA_NOT_EMPTY
        """
        if plan.action != "delete":
            return
        self.held = found, unknown = self.inside.holds(self.schema)
        if self.params["force"]:
            return
        if found:
            listed = ", ".join(f"{one['kind']} {one['full_name']}" for one in found[:_MOST_SHOWN])
            more = f" and {len(found) - _MOST_SHOWN} more" if len(found) > _MOST_SHOWN else ""
            raise Refused(
                f"Could not drop schema {self.name}: it holds {listed}{more}.",
                code="SCHEMA_NOT_EMPTY",
                hint=hint_for("SCHEMA_NOT_EMPTY", None, ""),
            )
        for why in unknown:
            self.warnings.append(f"Whether schema {self.name} is empty could not be established: {why}")

    def create(self, wanted: Json) -> bool:
        if self.inside.create(self.schema, **wanted):
            return True
        # Somebody was faster, and made it in a way of their own.
        self.existed = True
        there = self.inside.get(self.schema)
        changes = plan(self.desired(there), there).changes if there else {}
        if changes:
            self.update(changes)
        return bool(changes)

    def update(self, changes: Json) -> None:
        self.inside.update(self.schema, **changes)

    def delete(self) -> None:
        self.inside.delete(self.schema, force=self.params["force"])
        self.warnings.clear()  # whether it was empty is known now

    def result(self, state: Json) -> Json:
        shown = {"schema": state, "existed": self.existed}
        return shown if self.held is None else {**shown, "holds": self.held[0], "holds_unknown": self.held[1]}


def _texts(properties: Json | None) -> dict[str, str]:
    """The service keeps texts only."""
    for name, value in (properties or {}).items():
        if not isinstance(value, (str, int, float)):
            raise BadOption("properties", f"{name} needs one text as its value, not {value!r}.")
    return {
        str(name): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (properties or {}).items()
    }
