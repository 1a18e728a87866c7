# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workspace holds. Plain data; the rules live in the files that change it."""

from __future__ import annotations

import random
import threading
import time
import typing as t
import uuid
from dataclasses import dataclass, field

DAY = 86_400


class Clock:
    """The workspace's own time, in seconds since the epoch; it can be pushed forward."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        self.offset += seconds


@dataclass
class User:
    id: str  # digits, as SCIM has it
    user_name: str  # e-mail, in lower case where SCIM made it, compared case-insensitively
    display_name: str = ""
    active: bool = True
    entitlements: set[str] = field(default_factory=set)
    external_id: str | None = None
    roles: set[str] = field(default_factory=set)  # AWS instance profiles, mostly; account_admin in the account

    @property
    def principal(self) -> str:
        return self.user_name


@dataclass
class ServicePrincipal:
    id: str
    application_id: str  # UUID; the name every other service knows it by
    display_name: str = ""  # not unique
    active: bool = True
    entitlements: set[str] = field(default_factory=set)
    external_id: str | None = None
    roles: set[str] = field(default_factory=set)  # AWS instance profiles, mostly; account_admin in the account

    @property
    def principal(self) -> str:
        return self.application_id


@dataclass
class Group:
    id: str
    display_name: str
    members: set[str] = field(default_factory=set)  # ids of users, service principals, groups
    entitlements: set[str] = field(default_factory=set)
    account_level: bool = False  # workspace-local groups are unknown to Unity Catalog
    external_id: str | None = None
    roles: set[str] = field(default_factory=set)  # AWS instance profiles, mostly; account_admin in the account

    @property
    def principal(self) -> str:
        return self.display_name


Identity = User | ServicePrincipal


@dataclass
class Token:
    token_id: str  # SHA-256 hex of the value
    value: str
    owner_id: str  # SCIM id of the identity that may use it
    created_by_id: str  # differs from owner for on-behalf-of tokens
    creation_time: int  # epoch milliseconds
    expiry_time: int  # epoch milliseconds, -1 = none
    comment: str = ""
    scopes: list[str] = field(default_factory=list)
    last_used_day: int | None = None  # epoch milliseconds, start of the day
    last_used_ms: int | None = None


@dataclass
class OAuthSecret:
    id: str
    secret: str
    owner_id: str  # SCIM id of the service principal
    create_time: float
    expire_time: float


@dataclass
class OAuthAccessToken:
    value: str
    owner_id: str
    expires_at: float


@dataclass
class Warehouse:
    id: str  # 16 hex digits
    name: str
    state: str = "RUNNING"  # STARTING RUNNING STOPPING STOPPED DELETING DELETED
    creator_name: str = ""
    cluster_size: str = "X-Small"
    warehouse_type: str = "PRO"
    auto_stop_mins: int = 10
    serverless: bool = True
    creator_id: int = 0
    photon: bool = True
    spot_instance_policy: str = "COST_OPTIMIZED"
    channel: dict[str, str] = field(default_factory=lambda: {"name": "CHANNEL_NAME_CURRENT"})
    min_num_clusters: int = 1
    max_num_clusters: int = 1
    tags: list[dict[str, str]] = field(default_factory=list)  # key and value of each
    starting_polls_left: int = 0  # a cold start that takes calls
    starting_until: float = 0.0  # ... or wall-clock seconds
    num_active_sessions: int = 0


@dataclass
class Catalog:
    name: str  # lower case
    owner: str
    comment: str = ""
    created_at: int = 0
    created_by: str = ""
    catalog_type: str = "MANAGED_CATALOG"
    isolation_mode: str = "OPEN"  # OPEN | ISOLATED
    bound_to: set[int] = field(default_factory=set)  # ids of workspaces; counts for ISOLATED only
    catalog_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    properties: dict[str, str] = field(default_factory=dict)
    storage_root: str | None = None
    enable_predictive_optimization: str = "INHERIT"
    updated_at: int = 0
    updated_by: str = ""


@dataclass
class Schema:
    catalog_name: str
    name: str
    owner: str
    schema_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    comment: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    storage_root: str | None = None
    enable_predictive_optimization: str = "INHERIT"
    custom_max_retention_hours: int | None = None
    created_at: int = 0
    created_by: str = ""
    updated_at: int = 0
    updated_by: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.catalog_name}.{self.name}"


@dataclass
class Function:
    """Of SQL, and there to filter rows only."""

    full_name: str
    parameters: list[str]
    body: str
    owner: str


@dataclass
class RowFilter:
    function_name: str
    columns: list[str]


@dataclass
class Table:
    catalog_name: str
    schema_name: str
    name: str
    owner: str
    table_type: str = "MANAGED"  # MANAGED | VIEW
    columns: list[dict[str, t.Any]] = field(default_factory=list)  # name, type_text, type_name, position, nullable
    view_definition: str | None = None
    comment: str = ""
    table_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: int = 0
    created_by: str = ""
    updated_at: int = 0
    updated_by: str = ""
    row_filter: RowFilter | None = None

    @property
    def full_name(self) -> str:
        return f"{self.catalog_name}.{self.schema_name}.{self.name}"


@dataclass
class Volume:
    """Managed ones only; no files are kept in them."""

    catalog_name: str
    schema_name: str
    name: str
    owner: str
    comment: str = ""
    volume_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: int = 0
    created_by: str = ""
    updated_at: int = 0
    updated_by: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.catalog_name}.{self.schema_name}.{self.name}"


@dataclass
class ExternalLocation:
    """It may be looked at and granted on; nothing lies behind it."""

    name: str
    owner: str
    url: str
    credential_name: str
    comment: str = ""
    created_at: int = 0
    created_by: str = ""
    updated_at: int = 0
    updated_by: str = ""


# (securable type in lower case, full name in lower case), e.g. ("schema", "main.x")
Securable = tuple[str, str]
# ("warehouses", id), ("authorization", "tokens") or ("authorization", "passwords")
AclObject = tuple[str, str]


class Workspace:
    """Everything one workspace holds. Change it only while holding ``lock``."""

    def __init__(self, *, cloud: str = "aws", unity_catalog: bool = True, latency_ms: int = 0) -> None:
        self.cloud, self.has_metastore, self.latency_ms = cloud, unity_catalog, latency_ms
        self.lock = threading.RLock()
        self.rng = random.Random()
        self.clock = Clock()
        self.host = ""  # http://127.0.0.1:PORT, set when the port is known
        self.workspace_id = 0
        self.account_id = ""
        self.metastore_id = ""
        self.catalog = "main"  # the one the ready file names, made by hand
        self.workspace_catalog = ""  # the one that came with the workspace
        self.default_catalog = ""  # of the metastore assignment
        self.users: dict[str, User] = {}
        self.service_principals: dict[str, ServicePrincipal] = {}
        self.groups: dict[str, Group] = {}
        self.made_at: dict[str, float] = {}  # when SCIM made an identity, by id; the seed's are older
        self.metastore_admins: set[str] = set()  # principals
        self.tokens: dict[str, Token] = {}  # live or expired ones, by token id; deleted ones leave
        self.oauth_secrets: dict[str, OAuthSecret] = {}
        self.oauth_tokens: dict[str, OAuthAccessToken] = {}
        self.issued_secret_values: list[str] = []  # every secret ever handed out, to mask and to search for
        self.conf: dict[str, str | None] = {}
        self.warehouses: dict[str, Warehouse] = {}
        self.warehouse_config: dict[str, t.Any] = {}  # of all warehouses, as far as somebody set it
        # direct entries only: object -> principal -> level
        self.acls: dict[AclObject, dict[str, str]] = {}
        self.catalogs: dict[str, Catalog] = {}
        self.schemas: dict[str, Schema] = {}  # by full name, lower case; never those of hive_metastore
        self.tables: dict[str, Table] = {}
        self.volumes: dict[str, Volume] = {}
        self.functions: dict[str, Function] = {}
        self.models: dict[str, str] = {}  # registered models: full name -> owner
        self.external_locations: dict[str, ExternalLocation] = {}  # of the metastore; only the seed makes them
        # securable -> principal (as stored) -> privileges, spelled as in REST
        self.grants: dict[Securable, dict[str, set[str]]] = {}
        self.secret_scopes: dict[str, dict[str, t.Any]] = {}
        self.hive: dict[str, t.Any] = {}  # owned by sql/hive.py
        # Finished statements of the REST API: id -> (who may fetch it, until when, the answer).
        self.statements: dict[str, tuple[str, float, dict[str, t.Any]]] = {}
        self.running: dict[str, tuple[str, t.Any]] = {}  # those that are not finished: id -> (whose, see running.py)
        self.history: list[dict[str, t.Any]] = []  # statements that ran, oldest first; see history.py
        self.unknown_to_uc: dict[str, int] = {}  # principal -> calls that still answer "does not exist"
        self.unknown_to_permissions: dict[str, int] = {}  # the same for the object permissions
        self.new_principal_lag = 0  # how many calls a NEW principal stays unknown
        self.name = ""
        self.default_warehouse_id = ""  # the one the ready file names; seed.py sets it before seed_catalog runs
        self.read_lag = 0  # how many reads of an address after a change still see what was before, see lag.py
        self.cold_start_seconds = 0.0  # how long STARTING lasts ...
        self.cold_start_polls = 0  # ... and how many GETs of the warehouse it takes
        self.statement_seconds = 0.0  # what a statement of the REST API takes, once the warehouse runs
        self.on_behalf_of = cloud != "azure"
        self.scim_throttle = 0  # so many SCIM calls still answer REQUEST_LIMIT_EXCEEDED
        self.harness_token_id = ""  # the ready file's PAT; never revoked for lack of use
        self.system_principals: set[str] = set()  # application ids the service itself uses; not in SCIM
        self.runner_secret_id = ""  # the OAuth secret of the ready file
        self.system_group_ids: dict[str, str] = {}  # kind -> id
        self.had_token = False  # whether a personal access token was ever made here
        self.put_aside: tuple[dict[str, Token], dict[str, str]] = ({}, {})  # tokens and their ACL, see switches.py
        self.rule_sets: dict[str, dict[str, t.Any]] = {}  # by name; only those that were read or written
        self.ip_access_lists: dict[str, dict[str, t.Any]] = {}
        # What switches.py switches.
        self.no_tokens_yet = False
        self.restrict_tokens_and_job_run_as = False
        self.feature_tier = "premium"
        self.account_users_hold = ""
        self.me_lists_system_groups = False
        self.no_metastore_admin = False
        self.forms = "first"
        self.account_only: dict[str, Identity] = {}  # in the account, not assigned to this workspace
        self.account_workspaces: list[Workspace] = [self]  # all of the account, this one included
        self.account: t.Any = None  # see account.py
        self.workspace_status = "RUNNING"  # what the account says of this workspace
        self.custom_tags: dict[str, str] = {}
        self.seeded: dict[str, t.Any] = {}  # what the seed made, see snapshot.py
        self.on_discard: list[t.Callable[[], None]] = []  # run when a reset throws this workspace away

    # -- identities ---------------------------------------------------------------------------
    def identity(self, identity_id: str) -> Identity | None:
        return self.users.get(identity_id) or self.service_principals.get(identity_id)

    def identity_by_principal(self, name: str) -> Identity | None:
        """A user by e-mail or a service principal by application id, case-insensitively."""
        wanted = name.lower()
        known: tuple[Identity, ...] = (*self.users.values(), *self.service_principals.values())
        for identity in known:
            if identity.principal.lower() == wanted:
                return identity
        return None

    def groups_of(self, identity_id: str) -> set[str]:
        """Display names of all groups the identity is in, directly or through other groups."""
        found: set[str] = set()
        pending = {identity_id}
        while pending:
            member = pending.pop()
            for group in self.groups.values():
                if member in group.members and group.display_name not in found:
                    found.add(group.display_name)
                    pending.add(group.id)
        return found

    def is_admin(self, identity: Identity) -> bool:
        return "admins" in self.groups_of(identity.id)

    # -- what has no identity -----------------------------------------------------------------
    @property
    def unity_catalog(self) -> bool:
        return self.has_metastore and self.feature_tier != "standard"

    @property
    def second_form(self) -> bool:
        return self.forms == "second"

    def system_group(self, kind: str) -> str:
        """The name of the group of all ``admins`` or all ``users``, which Unity Catalog keeps by itself.

        Two forms were seen (facts: databricks docs, "Admin privileges in Unity Catalog", and captures); only the
        beginning is sure.
        """
        account = f"databricks_{self.account_id}_" if self.second_form else ""
        return f"_workspace_{kind}_{account}{self.name}_{self.workspace_id}"

    def principals_of(self, identity: Identity) -> set[str]:
        """All names, lower-cased, under which the identity may hold rights in Unity Catalog.

        Workspace-local groups do not count there; every identity is in ``account users``, and in the groups that the
        service keeps.
        """
        groups = self.groups_of(identity.id)
        names = {identity.principal.lower(), "account users", self.system_group("users").lower()}
        # Nobody is put into the system groups: all users and service principals of the workspace are in the one, its
        # administrators in the other.
        if "admins" in groups:
            names.add(self.system_group("admins").lower())
        account_groups = {g.display_name for g in self.groups.values() if g.account_level}
        return names | {name.lower() for name in groups & account_groups}

    def has_entitlement(self, identity: Identity, entitlement: str) -> bool:
        if entitlement in identity.entitlements:
            return True
        names = self.groups_of(identity.id)
        return any(g.display_name in names and entitlement in g.entitlements for g in self.groups.values())

    def acl_level(self, obj: AclObject, identity: Identity) -> str | None:
        """The highest level the identity holds, directly or through a workspace group; admins manage all."""
        if self.is_admin(identity):
            return "CAN_MANAGE"
        order = ["CAN_VIEW", "CAN_MONITOR", "CAN_USE", "CAN_MANAGE", "IS_OWNER"]
        names = {identity.principal.lower()} | {n.lower() for n in self.groups_of(identity.id)}
        held = [level for who, level in self.acls.get(obj, {}).items() if who.lower() in names]
        return max(held, key=order.index) if held else None

    def new_id(self) -> str:
        return str(self.rng.randrange(10**14, 10**16))
