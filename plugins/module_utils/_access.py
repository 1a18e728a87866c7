# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Privileges of one principal on one securable, as an object that a task manages."""

from __future__ import annotations

from . import _names
from . import _privileges as algebra
from ._api import grants, principals
from ._failure import BadOption, Failure, Refused, at_least
from ._reconcile import Managed, Plan, State
from ._workspace import Workspace

_GONE = ("SCHEMA_DOES_NOT_EXIST", "CATALOG_DOES_NOT_EXIST", "TABLE_DOES_NOT_EXIST", principals.UNKNOWN)


class Grant(Managed):
    """Always there, if only as nothing held: so it is updated, and never created or deleted."""

    label = "grant"
    nothing = {"privileges": []}

    def __init__(self, workspace: Workspace, params: State) -> None:
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
        self.grants = grants.on(workspace, self.of, params["warehouse"])
        self.who: principals.Principal | None = None
        self.have: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"to {self.params['principal']} on {self.of}"

    def read(self) -> State | None:
        try:
            self.who = self.who or principals.resolve(self.workspace, self.params["principal"])
            held = self.grants.direct(self.who.name_for_services)
        except Failure as failure:
            if self.params["state"] == "absent" and failure.code in _GONE:
                return {"privileges": []}
            raise
        self.have = frozenset(one.privilege for one in held)
        return {"privileges": sorted(self.have)}

    def desired(self, actual: State | None) -> State:
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
        names = (caller["user_name"], caller["display_name"], *caller["groups"])
        if self.who and any(_names.same(name, self.who.name_for_services) for name in names):
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
            try:
                held = self.grants.effective(of=grants.Securable(kind, full_name))
            except Failure:
                continue  # whoever may grant here need not be allowed to look there
            way_in = algebra.WAY_IN[kind]
            if not any(one.principal.lower() in mine and algebra.covers([one.privilege], way_in) for one in held):
                self.warnings.append(
                    f"{self.who.display} has no {way_in} on {kind} {full_name}. Without it privileges on {self.of} "
                    "do not work, unless a group brings it."
                )

    def update(self, changes: State) -> None:
        who = self.who or principals.resolve(self.workspace, self.params["principal"])
        add, remove = algebra.change(self.have, changes["privileges"])
        principals.when_known(
            self.workspace,
            who,
            self.params["principal_timeout"],
            lambda: self.grants.change(who.name_for_services, add, remove),
        )

    def result(self, state: State) -> State:
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
