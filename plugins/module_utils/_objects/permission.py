# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The level of one principal on one object of the workspace, as an object that a task manages."""

from __future__ import annotations

import typing as t

from .._api import first_token, permissions, principals, warehouses
from .._common.failure import Failure, at_least
from .._common.json_types import Json
from .._engine.reconcile import Managed, Plan
from .._wire import retry
from .._wire.workspace import Workspace


class Permission(Managed):
    label = "permission"
    managed = ("level",)
    # A Principal, once it has been read.
    who: t.Any = None
    object_id = ""
    inherited_level: str | None = None
    entries: list[Json] = []
    sent: list[permissions.Row] = []
    # The workspace shows no token permissions; what they showed while a token of ours opened them.
    closed = False
    shown: list[Json] = []
    # Tokens with which an earlier run opened them, and which it could not revoke any more.
    left: list[str] = []
    # Who is meant, where that was asked for several objects at once.
    known: principals.Principal | None = None
    # What was read ahead, at the same time as other objects; counts for the first read only.
    ahead: permissions.Seen | Failure | None = None

    def __init__(self, workspace: Workspace, params: Json) -> None:
        super().__init__(workspace, params)
        self.kind = params["object_type"]
        self.settle_seconds = float(at_least("visible_timeout", params["visible_timeout"]))
        at_least("principal_timeout", params["principal_timeout"])
        permissions.check(self.kind, params["object"], params["level"])

    @property
    def name(self) -> str:
        return f"of {self.params['principal']} on {self.on}"

    @property
    def on(self) -> str:
        """The object, as the task names it."""
        return " ".join(filter(None, (self.kind, self.params["object"])))

    def read_ahead(self) -> None:
        """Read already now; who is meant must be known."""
        try:
            self.ahead = permissions.look_for(self.workspace, self.params, self.known)
        except Failure as failure:
            self.ahead = failure

    def _first_read(self) -> permissions.Seen:
        ahead, self.ahead = self.ahead, None
        if isinstance(ahead, Failure):
            raise ahead
        return ahead or permissions.look_for(self.workspace, self.params, self.known)

    def desired(self, actual: Json | None) -> Json | None:
        wanted = super().desired(actual)
        have = actual["level"] if actual else None
        if wanted and not self.params["allow_lower"] and permissions.covers(have, wanted["level"]):
            wanted = {"level": have}
        if wanted and self.left:
            wanted["tokens_left_behind"] = 0
        return wanted

    def read(self) -> Json | None:
        try:
            if self.who:
                entries = permissions.read(self.workspace, self.kind, self.object_id)
                self.left = first_token.left_behind(self.workspace) if self.left else []
            else:
                self.object_id, entries, self.who, self.left = self._first_read()
        except Failure as failure:
            if self.params["state"] == "absent" and failure.code in (principals.UNKNOWN, warehouses.UNKNOWN):
                return None
            if self.kind == permissions.TOKENS and failure.code == principals.UNKNOWN:
                # Check mode goes on without the principal, and says what opening the permissions would take.
                self.closed = permissions.read(self.workspace, self.kind, permissions.TOKENS) is None
            raise
        self.closed = entries is None
        self.entries = self.shown if entries is None else entries
        permissions.check_kept(self.kind, self.object_id, self.sent, self.entries)
        entry = permissions.entry_of(self.entries, self.who)
        self.inherited_level = entry["inherited_level"] if entry else None
        if not entry or not entry["level"]:
            return None
        return {"level": entry["level"], **({"tokens_left_behind": len(self.left)} if self.left else {})}

    def guard(self, plan: Plan) -> None:
        if plan.action == "update" and "level" in plan.changes:
            permissions.check_change(plan.before["level"], plan.changes["level"], lower=self.params["allow_lower"])
        elif plan.action == "delete":
            level, force = plan.before["level"], self.params["force"]
            permissions.check_removal(self.workspace, self.kind, self.who, level, force=force)
        if self.closed and self.params["state"] == "absent":
            self.warnings.append(
                "The workspace shows no token permissions while it has no personal access token, so whether "
                f"{self.params['principal']} has one could not be established. There is nothing to take away now."
            )
        elif self.closed and plan.changed:
            self.warnings.append(
                "The workspace shows no token permissions before its first personal access token. If it takes none "
                "either, this task makes a token of the caller's own that ends after ten minutes, and revokes it as "
                "soon as the permission is set."
            )

    def create(self, wanted: Json) -> bool:
        changed = self._give(wanted["level"]) if "level" in wanted else False
        first_token.revoke(self.workspace, self.left)
        return changed or bool(self.left)

    def update(self, changes: Json) -> None:
        self.create(changes)

    def _give(self, level: str) -> bool:
        """Give the level. False if it was there already, which may show only when the permissions are open."""

        def give() -> list[Json]:
            timeout = self.params["principal_timeout"]
            return principals.when_known(
                self.workspace,
                self.who,
                timeout,
                lambda: permissions.add(self.workspace, self.kind, self.object_id, self.who, level),
            )

        def has_it(entries: list[Json]) -> bool:
            entry = permissions.entry_of(entries, self.who)
            return bool(entry and permissions.covers(entry["level"], level))

        try:
            self.shown = give()
            return True
        except Failure as failure:
            if self.kind != permissions.TOKENS or not first_token.is_missing(failure):
                raise
        return first_token.with_one(self.workspace, self.warnings.append, lambda: self._give_opened(give, has_it))

    def _give_opened(self, give: t.Callable[[], list[Json]], has_it: t.Callable[[list[Json]], bool]) -> bool:
        def entries() -> list[Json]:
            return permissions.read_open(self.workspace, self.kind, self.object_id)

        self.shown = first_token.when_open(entries)
        if has_it(self.shown):
            return False
        self.shown = give()
        # Once the token is revoked nothing may be shown any more, so it is looked at before.
        if not has_it(self.shown):
            self.shown = retry.until(lambda: next(filter(has_it, [entries()]), None), self.settle_seconds) or []
        return True

    def delete(self) -> None:
        self.sent = permissions.remove(self.workspace, self.kind, self.object_id, self.who, self.entries)

    def result(self, state: Json) -> Json:
        return {
            "permission": {
                "object_type": self.kind,
                "object_id": self.object_id,
                "principal": self.who.name_for_services if self.who else self.params["principal"],
                "level": state.get("level"),
                "inherited_level": self.inherited_level,
            }
        }
