# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every workspace holds from the start: an administrator, and bystanders that no run may touch.

The same options give the same ids, so that a reset brings back exactly what was there.
"""

from __future__ import annotations

import os
import random
import typing as t
import uuid
from dataclasses import dataclass

from . import account as accounts
from . import auth, seed_catalog, snapshot, switches
from .masking import sha256
from .model import DAY, Group, OAuthSecret, ServicePrincipal, Token, User, Warehouse, Workspace
from .rest import rule_sets

ADMIN = "admin@example.com"


@dataclass(frozen=True)
class Options:
    """All that the command line may say about one workspace."""

    name: str = "sandbox"
    number: int = 0
    entropy: bytes = b""  # makes ids and seeded secrets of this process unlike those of any other
    bind: str = "127.0.0.1"
    scheme: str = "http"
    cloud: str = "aws"
    unity_catalog: bool = True
    latency_ms: int = 0
    cold_start_seconds: float = 0.0
    cold_start_polls: int = 0
    new_principal_lag: int = 0
    switched: tuple[tuple[str, t.Any], ...] = ()  # what switches.py knows, by name


def workspace(options: Options, host: str) -> Workspace:
    made = Workspace(cloud=options.cloud, unity_catalog=options.unity_catalog, latency_ms=options.latency_ms)
    shared = random.Random(options.entropy + b"account")
    made.rng = random.Random(options.entropy + str(options.number).encode())
    made.host, made.name = host, options.name
    made.custom_tags = {"team": "marketing" if options.number % 2 == 0 else "finance"}
    made.workspace_id = made.rng.randrange(10**14, 10**16)
    made.account_id = str(uuid.UUID(int=shared.getrandbits(128), version=4))
    made.metastore_id = str(uuid.UUID(int=shared.getrandbits(128), version=4))
    made.default_warehouse_id = f"{made.rng.getrandbits(64):016x}"
    made.cold_start_seconds, made.cold_start_polls = options.cold_start_seconds, options.cold_start_polls
    people = _Identities(made)
    made.system_group_ids = {kind: made.new_id() for kind in ("admins", "users")}
    _tokens(made, people)
    _runner_secret(made, people)
    for principal in made.service_principals.values():
        rule_sets.created(made, principal, people.admin)
    _ip_access_lists(made, people)
    _catalog(made)
    _warehouse_permissions(made, people)
    made.seeded = snapshot.seeded_keys(made)
    # Only the seed repeats itself: whatever is made from now on never equals something made before a reset.
    made.rng = random.Random(os.urandom(16))
    made.new_principal_lag = options.new_principal_lag
    switches.switch(made, dict(options.switched))
    return made


class _Identities:
    def __init__(self, into: Workspace) -> None:
        self._into = into
        self.admin = self._user(
            ADMIN, "Workspace Admin", {"workspace-access", "databricks-sql-access", "allow-cluster-create"}
        )
        self.ada = self._user("ada.analyst@example.com", "Ada Analyst", {"databricks-sql-access"})
        self.bob = self._user("Bob.Builder@example.com", "Bob Builder", {"databricks-sql-access"})
        self._user("carol.contractor@example.com", "Carol Contractor", set(), active=False)
        self.admin.roles = {accounts.ADMIN}
        self.etl = self._principal("nightly-etl", {"databricks-sql-access"})
        for _twin in range(2):
            self._principal("duplicated-sp", set())
        # An administrator that signs in without a personal access token, as pipelines do.
        self.runner = self._principal("sandbox-runner", {"databricks-sql-access"})
        self.runner.roles = {accounts.ADMIN}
        account_user = User(into.new_id(), "dora.distant@example.com", "Dora Distant")
        into.account_only[account_user.id] = account_user
        into.system_principals.add(self._uuid())
        everybody = {*into.users, *into.service_principals}
        self._group(
            "admins",
            {self.admin.id, self.runner.id},
            {"allow-cluster-create", "databricks-sql-access", "workspace-access"},
        )
        self._group("users", everybody, {"workspace-access"})
        self._group("analysts", {self.ada.id, self.bob.id}, set(), account_level=True)
        self._group("data-platform", {self.etl.id, self.bob.id}, {"databricks-sql-access"}, account_level=True)
        self._group("local-testers", {self.bob.id}, set())

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._into.rng.getrandbits(128), version=4))

    def _user(self, user_name: str, display_name: str, entitlements: set[str], active: bool = True) -> User:
        user = User(self._into.new_id(), user_name, display_name, active, entitlements)
        self._into.users[user.id] = user
        return user

    def _principal(self, display_name: str, entitlements: set[str]) -> ServicePrincipal:
        principal = ServicePrincipal(self._into.new_id(), self._uuid(), display_name, True, entitlements)
        self._into.service_principals[principal.id] = principal
        return principal

    def _group(self, name: str, members: set[str], entitlements: set[str], account_level: bool = False) -> None:
        group = Group(self._into.new_id(), name, members, entitlements, account_level)
        self._into.groups[group.id] = group


def _tokens(into: Workspace, people: _Identities) -> None:
    now = into.clock.now_ms()
    day = DAY * 1000

    def token(owner: t.Any, comment: str, days: int | None, age: int, creator: t.Any = None) -> Token:
        value = f"dapi{into.rng.getrandbits(128):032x}" + ("-2" if into.cloud == "azure" else "")
        into.issued_secret_values.append(value)
        created = now - age * day
        expiry = -1 if days is None else created + days * day
        made = Token(sha256(value), value, owner.id, (creator or owner).id, created, expiry, comment)
        into.tokens[made.token_id] = made
        return made

    into.harness_token_id = token(people.admin, "sandbox administrator", None, 0).token_id
    token(people.admin, "terraform", 365, 20)
    token(people.ada, "notebook on my laptop", 90, 5)
    # By a human, who happens to write about the same tool: not ours to touch.
    token(people.bob, "trying the klaviyo import by hand", 180, 10)
    token(people.etl, "nightly etl", 730, 30, people.admin)
    into.had_token = True
    into.acls[("authorization", "passwords")] = {"admins": "CAN_USE"}
    into.acls[auth.TOKENS] = {
        "admins": "CAN_MANAGE",
        people.ada.principal: "CAN_USE",
        people.bob.principal: "CAN_USE",
        people.etl.principal: "CAN_USE",
    }


def _runner_secret(into: Workspace, people: _Identities) -> None:
    value = f"dose{into.rng.getrandbits(128):032x}"
    into.issued_secret_values.append(value)
    now = into.clock.now()
    made = OAuthSecret(into.new_id(), value, people.runner.id, now, now + 730 * DAY)
    into.oauth_secrets[made.id] = made
    into.runner_secret_id = made.id


def _ip_access_lists(into: Workspace, people: _Identities) -> None:
    """One that has no effect until somebody switches the feature on (SDK IpAccessListsAPI)."""
    now = into.clock.now_ms()
    made = {
        "list_id": str(uuid.UUID(int=into.rng.getrandbits(128), version=4)),
        "label": "head office",
        "list_type": "ALLOW",
        "ip_addresses": ["203.0.113.0/24"],
        "address_count": 1,
        "enabled": True,
        "created_at": now,
        "created_by": int(people.admin.id),
        "updated_at": now,
        "updated_by": int(people.admin.id),
    }
    into.ip_access_lists[str(made["list_id"])] = made


def _catalog(into: Workspace) -> None:
    seed_catalog.seed(into)
    if into.default_warehouse_id not in into.warehouses:
        into.warehouses[into.default_warehouse_id] = Warehouse(
            into.default_warehouse_id, "Starter Warehouse", creator_name=ADMIN
        )


def _warehouse_permissions(into: Workspace, people: _Identities) -> None:
    for warehouse_id in into.warehouses:
        into.acls.setdefault(("warehouses", warehouse_id), {}).setdefault(people.admin.principal, "IS_OWNER")
    starter = into.acls[("warehouses", into.default_warehouse_id)]
    starter.setdefault(people.ada.principal, "CAN_USE")
    starter.setdefault("data-platform", "CAN_USE")
    starter.setdefault(people.etl.principal, "CAN_MONITOR")
