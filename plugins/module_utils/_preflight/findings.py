# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a preflight can find, as sentences: what is the matter, who can change it, and how."""

from __future__ import annotations

import typing as t

from .._common.json_types import Json
from .._wire.sql import quote

# blocks: proven, and nothing can work. lacks: proven, and what is there already may do without it. unknown: could not
# be established, so the act decides. note: worth knowing.
KINDS = ("blocks", "lacks", "unknown", "note")


class Finding(t.NamedTuple):
    """One thing that a person should know before anything is changed."""

    code: str
    kind: str
    what: str
    who: str = ""
    how: str = ""

    @property
    def line(self) -> str:
        """All of it in one line."""
        return " ".join(
            [
                self.what,
                *([f"Who can change that: {self.who}."] if self.who else []),
                *([f"How: {self.how}"] * bool(self.how)),
            ]
        )

    def as_dict(self) -> Json:
        """What a module returns."""
        return {**self._asdict(), "line": self.line}


class Variables:
    """The names of the variables in a message: those of a role carry a prefix, those of a module none."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __getattr__(self, name: str) -> str:
        return f"{self._prefix}{name}"


_ADMIN = "an administrator of the workspace"
_ACCOUNT_ADMIN = "an account administrator"

# code: (kind, what, who, how). The names in braces are the arguments of finding().
SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "METASTORE_DOES_NOT_EXIST": (
        "blocks",
        "{v.catalog}: the workspace has no Unity Catalog metastore.",
        _ACCOUNT_ADMIN,
        "assign one in the account console under Catalog, or run: databricks account metastore-assignments create "
        "{workspace_id} METASTORE_ID. Or set {v.catalog}=hive_metastore.",
    ),
    "FEATURE_DISABLED": (
        "blocks",
        "{v.catalog}: Unity Catalog is switched off in this workspace. The workspace says: {said}",
        _ACCOUNT_ADMIN,
        "move the workspace to the Premium tier in the account console. Or set {v.catalog}=hive_metastore.",
    ),
    "CATALOG_DOES_NOT_EXIST": (
        "blocks",
        "{v.catalog}: the workspace has no catalog {catalog}. The caller sees: {others}.",
        "whoever may create catalogs, if it is not misspelled",
        "run: CREATE CATALOG {sql_catalog}. A catalog may also be bound to other workspaces only; its owner can bind "
        "it to this one.",
    ),
    "CATALOG_BOUND_ELSEWHERE": (
        "blocks",
        "{v.catalog}: catalog {catalog} is bound to other workspaces only. The workspace says: {said}",
        "the owner of the catalog",
        "open the catalog in Catalog Explorer, Workspaces tab, Assign to workspaces; or run: databricks "
        "workspace-bindings update-bindings catalog {catalog} --json "
        '\'{{"add": [{{"workspace_id": {workspace_id}, "binding_type": "BINDING_TYPE_READ_WRITE"}}]}}\'.',
    ),
    "TOKENS_DISABLED": (
        "blocks",
        "Personal access tokens are switched off in this workspace, and the partner takes nothing else.",
        _ADMIN,
        "switch them on under Settings > Advanced > Personal Access Tokens (the setting enableTokensConfig).",
    ),
    "WAREHOUSE_DOES_NOT_EXIST": (
        "blocks",
        "{v.warehouse}: {said}",
        "whoever manages the warehouse, if it is not misspelled",
        "give {caller} the permission CAN USE: SQL Warehouses > the warehouse > Permissions.",
    ),
    "WAREHOUSE_AMBIGUOUS": (
        "blocks",
        "{v.warehouse}: {said}",
        "whoever runs this",
        "set {v.warehouse} to the ID of the one that is meant.",
    ),
    "PRINCIPAL_AMBIGUOUS": (
        "blocks",
        "{v.principal_name}: the workspace has {count} {kind}s named {principal}: {candidates}.",
        "whoever runs this",
        "set {v.principal_name} to the application ID of the one that is meant, or delete the others. If several runs "
        "create it at this moment, all but one withdraw; run this again.",
    ),
    "PRINCIPAL_INACTIVE": (
        "blocks",
        "{v.principal_name}: {principal} is deactivated, so it cannot sign in, and no token is made for it.",
        _ADMIN,
        "activate it under Settings > Identity and access, or with module {module} and active=true.",
    ),
    "USER_DOES_NOT_EXIST": (
        "note",
        "{v.principal_name}: the workspace has no user {principal}; it will be created.",
        "",
        "",
    ),
    "USER_WITHOUT_TOKEN": (
        "blocks",
        "{v.token} is missing: nobody but {principal} can make a token for {principal}, and the store holds none.",
        "{principal}",
        "sign in to the workspace, open Settings > Developer > Access tokens > Manage > Generate new token, write "
        "{integration} into the comment, and give the token as {v.token}. If the workspace does not offer this, an "
        "administrator gives the permission first: Settings > Advanced > Personal Access Tokens > Permission Settings.",
    ),
    "STORE": (
        "blocks",
        "{v.token_store}: {said}",
        "whoever runs this",
        "{hint}",
    ),
    "NOT_ADMIN": (
        "lacks",
        "{caller} is no administrator of the workspace as far as its groups show. Only administrators create "
        "principals, look them up, give the permission to use tokens and make tokens on behalf of others.",
        _ADMIN,
        "add {caller} to the group admins under Settings > Identity and access > Groups.",
    ),
    "NO_USE_CATALOG": (
        "lacks",
        "{caller} does not have USE CATALOG on catalog {catalog}, says the workspace.",
        "{owner}",
        "run: GRANT USE CATALOG ON CATALOG {sql_catalog} TO {sql_caller}.",
    ),
    "CREATE_SCHEMA_UNKNOWN": (
        "unknown",
        "Whether {caller} may create schemas in catalog {catalog} could not be established: rights that come through "
        "nested or system groups are not shown. It is tried; if it is refused, CREATE SCHEMA is missing.",
        "{owner}",
        "run: GRANT CREATE SCHEMA ON CATALOG {sql_catalog} TO {sql_caller}.",
    ),
    "MANAGE_UNKNOWN": (
        "unknown",
        "Whether {caller} may grant privileges on catalog {catalog} could not be established: rights that come through "
        "nested or system groups are not shown. It is tried where a grant is missing; if it is refused, "
        "MANAGE is missing.",
        "{owner}",
        "run: GRANT MANAGE ON CATALOG {sql_catalog} TO {sql_caller}.",
    ),
    "LEVEL_UNKNOWN": (
        "unknown",
        "{v.warehouse}: whether {caller} may give others access to SQL warehouse {warehouse} could not be established, "
        "since {because}. It is tried where the principal has no access yet; if it is refused, CAN MANAGE is missing.",
        "whoever manages the warehouse",
        "open SQL Warehouses > {warehouse} > Permissions and give {caller} Can manage.",
    ),
    "SETTINGS_UNKNOWN": (
        "unknown",
        "Whether personal access tokens are switched on, how long they may live and whether IP access lists are on "
        "could not be established, since only administrators may read these settings.",
        _ADMIN,
        "run klaviyo_preflight as administrator, or look under Settings > Advanced and Settings > Security.",
    ),
    "PRINCIPAL_UNKNOWN": (
        "unknown",
        "Whether the workspace has {kind} {principal} already could not be established, since only administrators may "
        "look principals up.",
        _ADMIN,
        "run this as administrator, or have one make {v.principal_name} (--tags principal); see the security guide.",
    ),
    "SCHEMA_UNKNOWN": (
        "unknown",
        "Whether schema {schema} exists could not be established, since {caller} may not see it. The workspace says: "
        "{said} It is created if it is missing; one that exists is left as it is.",
        "",
        "",
    ),
    "SCHEMA_OF_ANOTHER": (
        "note",
        "Schema {schema} exists and belongs to {owner}. Its comment, owner and properties stay as they are. {caller} "
        "may have to be allowed to grant privileges on it.",
        "{owner}",
        "run: GRANT MANAGE ON SCHEMA {sql_schema} TO {sql_caller}.",
    ),
    "PRINCIPAL_IN_USE": (
        "note",
        "{v.principal_name}: {principal} exists and is used for something else, too: {uses}. The guide wants a "
        "principal that is used for nothing else: whoever has its tokens can read what the partner can read.",
        "whoever runs this",
        "set {v.principal_name} to a name that is not taken, and a new principal is made.",
    ),
    "LIFETIME_CAPPED": (
        "note",
        "{v.token_lifetime_days} is {wished}, but the workspace allows at most {longest} days, so a new token lives "
        "{longest} days.",
        _ADMIN,
        "change Settings > Advanced > Personal Access Tokens > Maximum lifetime (maxTokenLifetimeDays), or set "
        "{v.token_lifetime_days}={longest}.",
    ),
    "TOKEN_ON_BEHALF": (
        "note",
        "The token will be made by {caller} on behalf of the service principal. If that is refused, {caller} signs in "
        "as the service principal instead.",
        "",
        "",
    ),
    "TOKEN_SELF": (
        "note",
        "The token will be made by signing in as the service principal with an OAuth secret that is deleted at once, "
        "since {because}.",
        "",
        "",
    ),
    "ON_BEHALF_RESTRICTED": (
        "unknown",
        "{v.token_method} is on_behalf_of, and the workspace restricts that (RESTRICT_TOKENS_AND_JOB_RUN_AS): it is "
        "allowed only if {caller} has the role Service Principal User on the principal, which could not be "
        "established.",
        "who manages the service principal",
        "open Settings > Identity and access > Service principals > the principal > Permissions and give {caller} "
        "the role Service Principal: User; or set {v.token_method}=auto.",
    ),
    "ON_BEHALF_NOT_OFFERED": (
        "unknown",
        "{v.token_method} is on_behalf_of, which Databricks does not document for Azure. It is tried.",
        "whoever runs this",
        "set {v.token_method}=auto, and the token is made by signing in as the service principal.",
    ),
    "NO_TOKENS_YET": (
        "note",
        "The workspace never had a personal access token, and until it has one nobody can be given the permission to "
        "use them. {caller} makes one for ten minutes, gives the permission, and revokes it.",
        "",
        "",
    ),
    "IP_ACCESS_LISTS": (
        "lacks",
        "IP access lists are on and refuse {count} of the addresses that the partner calls from: {addresses}.",
        _ADMIN,
        "add them to a list that allows them: databricks ip-access-lists create --json "
        '\'{{"label": "{integration}", "list_type": "ALLOW", "ip_addresses": [{quoted}]}}\'. An address that a '
        "list of type BLOCK names has to leave that list, too.",
    ),
    "IP_ACCESS_LISTS_UNKNOWN": (
        "unknown",
        "IP access lists are on, and which addresses they allow could not be read. The workspace says: {said} The "
        "partner calls from: {addresses}.",
        _ADMIN,
        "look under Settings > Security > IP access lists, or run: databricks ip-access-lists list.",
    ),
    "LEGACY_METASTORE": (
        "note",
        "{v.catalog} is hive_metastore. Klaviyo's current page asks for Unity Catalog and points users of the legacy "
        "metastore to federation. What is set up here follows the older guide and may stop working.",
        "",
        "",
    ),
}


def finding(code: str, **names: t.Any) -> Finding:
    """A finding in words.

    :param names: what the sentences of this code name; ``v`` gives the names of variables; ``catalog``, ``schema`` and
        ``caller`` also come as ``sql_catalog`` and so on, quoted for a statement
    """
    kind, *sentences = SENTENCES[code]
    shown = {name: value if isinstance(value, Variables) else _one_line(str(value)) for name, value in names.items()}
    for name in ("catalog", "schema", "caller"):
        if shown.get(name):
            parts = str(shown[name]).split(".") if name != "caller" else [str(shown[name])]
            shown[f"sql_{name}"] = quote(*parts)
    shown.setdefault("v", Variables(""))
    return Finding(code, kind, *(sentence.format(**shown) for sentence in sentences))


def _one_line(text: str) -> str:
    """Names are chosen by others: no line break and no control character of theirs reaches a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
