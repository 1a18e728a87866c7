# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Privileges of one principal on one securable, as an object that a task manages."""

from __future__ import annotations

import typing as t

from .._api import grants, principals
from .._common import names
from .._common.failure import BadOption, Failure, Refused, at_least
from .._common.json_types import Json
from .._engine.reconcile import Managed, Plan
from .._wire.workspace import Workspace
from . import privileges as algebra

# An unknown privilege is an INVALID_PARAMETER_VALUE, also in SQL (dbt-databricks, adapter tests on grants).
_NO_SUCH_PRIVILEGE = ("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "PARSE_SYNTAX_ERROR")
_GONE = ("SCHEMA_DOES_NOT_EXIST", "CATALOG_DOES_NOT_EXIST", "TABLE_DOES_NOT_EXIST", principals.UNKNOWN)


def _reaches(holder: str, own_names: t.Container[str]) -> bool:
    """Whether what somebody holds reaches a principal, by name or because everybody in the workspace is in the group.

    The catalog that came with a workspace lets its users in through a system group, which no other answer names
    (Databricks docs, "Manage privileges", workspaces that were enabled automatically).
    """
    return holder.lower() in own_names or holder.lower().startswith("_workspace_users_")


class Grant(Managed):
    """Always there, if only as nothing held: so it is updated, and never created or deleted."""

    label = "grant"
    nothing = {"privileges": []}

    def __init__(self, workspace: Workspace, params: Json) -> None:
        super().__init__(workspace, params)
        self.settle_seconds = float(at_least("visible_timeout", params["visible_timeout"]))
        at_least("principal_timeout", params["principal_timeout"])
        self.of = grants.securable(params["securable"], params["name"])
        named = params["privileges"]
        self.everything = named is None
        if self.everything and not params["purge"]:
            raise BadOption("privileges", "is needed, or purge=true to revoke all that the principal holds there.")
        if named == [] and params["state"] == "absent":
            raise BadOption(
                "privileges", "is empty. Name the privileges to revoke, or leave it out and set purge=true."
            )
        self.named = algebra.checked("privileges", named or (), self.of.kind, hive=self.of.hive)
        self.warnings += algebra.doubts("privileges", self.named, self.of.kind, hive=self.of.hive)
        self.grants = grants.on(workspace, self.of, params["warehouse"])
        self.who: principals.Principal | None = None
        self.have: frozenset[str] = frozenset()
        # What was read ahead, at the same time as other grants; counts for the first read only.
        self.ahead: list[grants.Held] | Failure | None = None
        # Ways in that the same task gives, so nobody needs to be warned that they are missing.
        self.ways_given: set[tuple[str, str]] = set()

    @property
    def name(self) -> str:
        return f"to {self.params['principal']} on {self.of}"

    def read(self) -> Json | None:
        try:
            self.who = self.who or principals.resolve(self.workspace, self.params["principal"])
            held = self._held(self.who.name_for_services)
        except Failure as failure:
            if self.params["state"] == "absent" and failure.code in _GONE:
                return {"privileges": []}
            raise
        self.have = frozenset(one.privilege for one in held)
        return {"privileges": sorted(self.have)}

    def read_ahead(self) -> None:
        """Read what the principal holds already now; the principal must be known."""
        try:
            self.ahead = self.grants.direct(self.who.name_for_services) if self.who else None
        except Failure as failure:
            self.ahead = failure

    def _held(self, principal: str) -> list[grants.Held]:
        ahead, self.ahead = self.ahead, None
        if isinstance(ahead, Failure):
            raise ahead
        return self.grants.direct(principal) if ahead is None else ahead

    def desired(self, actual: Json | None) -> Json:
        have = frozenset((actual or self.nothing)["privileges"])
        if self.params["state"] == "absent":
            wanted = frozenset() if self.everything else algebra.with_removed(have, self.named)
        elif self.params["purge"]:
            wanted = self.named
        else:
            wanted = algebra.with_added(have, self.named)
        return {"privileges": sorted(wanted)}

    def guard(self, plan: Plan) -> None:
        lost = set(plan.before.get("privileges", ())) - set(plan.after.get("privileges", ()))
        if plan.changed and "MANAGE" in lost:
            self._keep_own_manage()
        if self.params["state"] == "absent":
            kept = algebra.still_held(self.have, self.named)
            if kept:
                self.warnings.append(
                    f"privileges: {', '.join(sorted(kept))} cannot be taken away alone: the principal also holds "
                    f"ALL_PRIVILEGES on {self.of}, which covers it."
                )
        elif plan.changed and not self.of.hive:
            self._warn_of_missing_parents()

    def _keep_own_manage(self) -> None:
        caller = principals.me(self.workspace)
        own_names = (caller["user_name"], caller["display_name"], *caller["groups"])
        if self.who and any(names.same(name, self.who.name_for_services) for name in own_names):
            raise Refused(
                f"privileges: MANAGE on {self.of} is what lets the caller of this task grant there; it stays.",
                code="OWN_MANAGE",
                hint="Name MANAGE in privileges too, or let another administrator of the securable do this.",
            )

    def _warn_of_missing_parents(self) -> None:
        """A group may bring what is missing; who its members are is not asked, so this is no refusal."""
        if not isinstance(self.grants, grants.Unity) or self.who is None:
            return
        mine = {self.who.name_for_services.lower(), principals.ACCOUNT_USERS}
        for kind, full_name in algebra.parents(self.of.kind, self.of.full_name):
            if (kind, full_name) in self.ways_given:
                continue
            try:
                held = self.grants.effective(of=grants.Securable(kind, full_name))
            except Failure:
                continue  # whoever may grant here need not be allowed to look there
            way_in = algebra.WAY_IN[kind]
            reach = (one.privilege for one in held if _reaches(one.principal, mine))
            if not any(algebra.covers([privilege], way_in) for privilege in reach):
                self.warnings.append(
                    f"{self.who.display} has no {way_in} on {kind} {full_name}. Without it privileges on {self.of} "
                    "do not work, unless a group brings it."
                )

    def update(self, changes: Json) -> None:
        self._change(*algebra.change(self.have, changes["privileges"]))

    def _change(self, add: t.Sequence[str], remove: t.Sequence[str]) -> frozenset[str]:
        who = self.who or principals.resolve(self.workspace, self.params["principal"])
        try:
            held = principals.when_known(
                self.workspace,
                who,
                self.params["principal_timeout"],
                lambda: self.grants.change(who.name_for_services, add, remove),
            )
        except Failure as failure:
            unknown = algebra.doubts("privileges", {*add, *remove}, self.of.kind, hive=self.of.hive)
            if unknown and failure.code in _NO_SUCH_PRIVILEGE:
                failure.hint = f"{unknown[0].partition('. ')[0]}."
            raise
        return frozenset(one.privilege for one in held)

    def unseen(self, denied: Failure, *, check: bool) -> Plan:
        """Granting twice and revoking twice do no harm, so the act decides where the rows may not be read.

        Having exactly some privileges takes knowing what is held, so that is not tried.
        """
        gone = self.params["state"] == "absent"
        if self.who is None:
            raise denied
        if self.params["purge"]:
            denied.hint = (
                "With purge the task must see what the principal holds: sign in as the owner of the securable or "
                "somebody with MANAGE, or leave purge out."
            )
            raise denied
        wanted = {"privileges": [] if gone else sorted(self.named)}
        verb = "revoke" if gone else "grant"
        if check:
            sentence = (
                f"What {self.who.display} holds on {self.of} could not be read: {denied.message} Outside check mode "
                f"the task sends the {verb}, which changes nothing if that is so already."
            )
            self.warnings.append(sentence)
            return Plan("keep", unread=sentence)
        answered = self._change(*(((), sorted(self.named)) if gone else (sorted(self.named), ())))
        self.warnings.append(
            f"What {self.who.display} held on {self.of} could not be read: {denied.message} The service took the "
            f"{verb}; whether that changed anything could not be established, so the task counts as changed."
        )
        if answered:
            wanted = {"privileges": sorted(answered)}
        return Plan("update", before={}, after=wanted, changes=wanted)

    def result(self, state: Json) -> Json:
        principal = self.who.name_for_services if self.who else self.params["principal"]
        gone = self.params["state"] == "absent"
        named = self.have if gone and self.everything else self.named
        statement = (grants.revoke if gone else grants.grant)(self.of, named, principal) if named else None
        return {
            "grant": {
                "securable": self.of.kind,
                "name": self.of.full_name,
                "principal": principal,
                "privileges": state.get("privileges", []),
            },
            "sql": [statement] if statement else [],
        }
