# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a person can do about a failure. One row per cause; the first that fits wins."""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from .failure import Failure


class Cause(t.NamedTuple):
    """A cause is recognised by its error code, its HTTP status, and words in its message; None fits anything.

    In the hint, {grant} stands for a sentence with who can give what is missing, and the statement that gives it.
    """

    code: str | None
    status: int | None
    words: str | None
    hint: str


# Within a group, the particular comes before the general. Sentences of the service are matched loosely, because it
# rewords them; codes exactly.
CAUSES: tuple[Cause, ...] = (
    # -- no answer, or not from a workspace ----------------------------------------------------
    Cause(
        "UNREACHABLE",
        None,
        "proxy",
        "The proxy in HTTPS_PROXY cannot be reached. Correct it, or name the workspace in NO_PROXY.",
    ),
    Cause(
        "UNREACHABLE",
        None,
        "name is not known",
        "Check the spelling of option host (DATABRICKS_HOST), and that this machine resolves names of that domain.",
    ),
    Cause(
        "UNREACHABLE",
        None,
        None,
        "Check option host (DATABRICKS_HOST) and that this machine may reach it: firewall, proxy, private link.",
    ),
    Cause(
        "TLS",
        None,
        "expired|not yet valid",
        "The host's certificate is out of date; check the clock of this machine, and any proxy in between.",
    ),
    Cause(
        "TLS",
        None,
        "doesn't match|Hostname mismatch|not valid for",
        "The certificate is for another name. Give the address in option host as the workspace itself shows it.",
    ),
    Cause(
        "TLS",
        None,
        "does not speak TLS",
        "Give option host without a port, as the workspace itself shows it; another service answers on this one.",
    ),
    Cause(
        "TLS",
        None,
        "file or folder of authorities",
        "Give a file or folder that is there: option ca_cert, or REQUESTS_CA_BUNDLE of the environment.",
    ),
    Cause(
        "TLS",
        None,
        None,
        "The host's certificate is not trusted here. Give the authority's certificate with option ca_cert.",
    ),
    Cause(
        "NOT_THE_API",
        None,
        None,
        "Option host must be the workspace's own address, such as https://abc-12345678.cloud.databricks.com. On a host "
        "that serves several workspaces, workspace_id says which is meant.",
    ),
    Cause(
        "MISSING_LIBRARY",
        None,
        None,
        "Install the collection's requirements.txt into the Python that runs the task (ansible_python_interpreter).",
    ),
    Cause(
        "PRIVATE_LINK_VALIDATION_ERROR",
        None,
        None,
        "The workspace only answers inside its private network. Run the task from there.",
    ),
    Cause(
        "TIMEOUT",
        None,
        None,
        "The workspace did not answer in time. Run the task again; raise http_timeout if it is always slow.",
    ),
    Cause(
        "CONNECTION_LOST",
        None,
        None,
        "The connection broke before the answer came. Run the task again; if it repeats, look at proxies in between.",
    ),
    Cause("LOST_ANSWER", None, None, "Run the task again: it first looks for what the lost request may have made."),
    # -- signing in ----------------------------------------------------------------------------
    Cause(
        None,
        None,
        "Unauthorized access to Org",
        "The token is of another workspace, or an IP access list of the workspace does not admit this machine.",
    ),
    Cause(
        None,
        None,
        "IP ACL|IP access list",
        "An IP access list of the workspace does not admit this machine. An administrator adds its public address.",
    ),
    Cause(
        None,
        None,
        "token expired|is expiring within|token (?:has|is) expired|expired (?:access )?token",
        "The credential has expired. Make a new one and give it as option token (DATABRICKS_TOKEN).",
    ),
    Cause(
        None,
        None,
        "more than one authorization method",
        "The environment holds credentials of several kinds. Set auth_type, or give the credentials as options.",
    ),
    Cause(
        None,
        None,
        "invalid_client",
        "Client ID or secret is wrong, the secret was deleted, or the service principal is not in this workspace.",
    ),
    Cause(
        None,
        None,
        "unauthorized_client|AADSTS|invalid_grant",
        "The identity provider refused the application: check azure_tenant_id, azure_client_id and the secret's "
        "expiry.",
    ),
    Cause(
        "AUTHENTICATION",
        None,
        "has no .* profile configured",
        "Check option profile (DATABRICKS_CONFIG_PROFILE) and option config_file (~/.databrickscfg).",
    ),
    Cause(
        "AUTHENTICATION",
        None,
        "cannot configure default credentials|not configured",
        "No credentials were found. Give option token, or client_id and client_secret, or a profile.",
    ),
    Cause(
        "INVALID_ACCESS_TOKEN",
        None,
        None,
        "The token is wrong, revoked, or of another workspace. Give a valid one as option token (DATABRICKS_TOKEN).",
    ),
    Cause(
        None,
        None,
        "Invalid access token",
        "The token is wrong, revoked, or of another workspace. Give a valid one as option token (DATABRICKS_TOKEN).",
    ),
    Cause(
        None,
        None,
        "Credential was not sent",
        "The workspace does not accept this kind of credential, or the token is not one of its own. Check token and "
        "host.",
    ),
    Cause(
        "IDENTITY_PROVIDER",
        None,
        "holds no token|answered HTTP (?!408|410|429)[34]",
        "Look at the IDs of tenant and client and at the address of the identity provider that options, environment or "
        "profile give, and at proxies in between.",
    ),
    Cause(
        "IDENTITY_PROVIDER",
        None,
        None,
        "The identity provider is not available at the moment. Run the task again later, or raise retry_timeout.",
    ),
    Cause(
        "AUTHENTICATION",
        None,
        None,
        "Signing in failed before any request. Check the credentials that options, environment or profile give.",
    ),
    # -- workspace and account -----------------------------------------------------------------
    Cause(
        "METASTORE_DOES_NOT_EXIST",
        None,
        None,
        "The workspace has no Unity Catalog. An account administrator assigns a metastore to it in the account "
        "console.",
    ),
    Cause(
        None,
        None,
        "No metastore assigned",
        "The workspace has no Unity Catalog. An account administrator assigns a metastore to it in the account "
        "console.",
    ),
    Cause(
        None,
        None,
        "only (?:accessible by )?admins|(?:must be|requires?) (?:an? )?(?:workspace )?admin",
        "The caller is not an administrator of the workspace. Sign in as a member of group admins.",
    ),
    Cause(
        None,
        None,
        "premium|pricing tier|not available in your (?:tier|plan)",
        "The workspace's plan does not have this. Access control needs the Premium plan or above.",
    ),
    Cause(
        "ENDPOINT_NOT_FOUND",
        None,
        None,
        "The host does not know this request. Check that option host is a workspace, not the account console.",
    ),
    # -- tokens --------------------------------------------------------------------------------
    Cause(
        None,
        None,
        "does not have permission to use tokens",
        "Give this principal CAN_USE on tokens first: module permission with object_type=tokens.",
    ),
    Cause(
        None,
        None,
        "On-behalf-of token creation",
        "The workspace makes no tokens on behalf of others (Azure never does). Use method=self, which signs in as the "
        "principal.",
    ),
    Cause(
        None,
        None,
        r"\b(?:tokens?|PATs?) (?:are|is|have been) (?:disabled|not enabled)",
        "Personal access tokens are switched off. An administrator switches them on under Settings > Advanced.",
    ),
    Cause(
        None,
        None,
        "lifetime.*(?:exceed|maximum|longer|greater)|(?:exceed|maximum|longer|greater).*lifetime",
        "Ask for a shorter lifetime_days. The workspace has a maximum, which module workspace_info shows.",
    ),
    Cause(None, None, "Invalid timeout", "Give a lifetime of at least one day in lifetime_days."),
    Cause(
        "QUOTA_EXCEEDED",
        None,
        "token",
        "A principal may have 600 tokens in a workspace. Revoke tokens that nobody uses.",
    ),
    Cause(
        "QUOTA_EXCEEDED",
        None,
        None,
        "A limit of the workspace or metastore is reached. Delete what is not used, or ask Databricks for a higher "
        "limit.",
    ),
    Cause(
        None,
        None,
        "Token does not exist",
        "Somebody revoked it, or the service did because nobody used it for 90 days. Make a new one.",
    ),
    # -- principals ----------------------------------------------------------------------------
    Cause(
        "PRINCIPAL_DOES_NOT_EXIST",
        None,
        r"principal with name `?'?(?:admins|users)\b",
        "Groups admins and users belong to the workspace. Unity Catalog knows groups of the account: use 'account "
        "users'.",
    ),
    Cause(
        "PRINCIPAL_DOES_NOT_EXIST",
        None,
        None,
        "Unity Catalog knows users by e-mail, service principals by application ID and groups of the account by name. "
        "One made a moment ago is known a little later: raise principal_timeout.",
    ),
    Cause(
        None,
        None,
        r"Principal: \w+\(.*\) does not exist",
        "The permissions service knows service principals by application ID only, and new ones a little later.",
    ),
    Cause(
        None,
        None,
        r"not in workspace|Principal not found in account|not assigned to (?:this|the) workspace",
        "An account administrator assigns the identity to the workspace; right after that it may take a minute.",
    ),
    Cause(
        None,
        None,
        "workspace-local|local group|is not an account group",
        "Unity Catalog refuses groups of one workspace. Use a group of the account.",
    ),
    Cause(
        None,
        None,
        "entitlements can only be managed at the workspace level",
        "Option host must be the workspace, not the account console, when entitlements are given.",
    ),
    Cause(
        None,
        None,
        "entitlement",
        "The principal lacks an entitlement, such as databricks-sql-access: module service_principal or user, "
        "entitlements.",
    ),
    Cause(
        None,
        None,
        "with email .* already exists in this account",
        "The account has a user with this e-mail under another spelling of the name. Use that name.",
    ),
    Cause(
        "SCIM_409",
        None,
        None,
        "Somebody made it at the same moment, or it is inactive in the account. Run the task again.",
    ),
    Cause(
        None,
        None,
        "Request is unparsable, syntactically incorrect, or violates schema",
        "An application ID is for Azure only, where it must be that of an application in the workspace's tenant.",
    ),
    # -- Unity Catalog -------------------------------------------------------------------------
    Cause(
        "CATALOG_DOES_NOT_EXIST",
        None,
        "hive_metastore",
        "The legacy metastore answers SQL only: give option warehouse.",
    ),
    Cause(
        "CATALOG_DOES_NOT_EXIST",
        None,
        None,
        "Check the spelling of the catalog. Its owner may also have bound it to other workspaces only.",
    ),
    Cause("SCHEMA_DOES_NOT_EXIST", None, None, "Check catalog and schema; module schema makes one."),
    Cause(
        "TABLE_DOES_NOT_EXIST",
        None,
        None,
        "Check catalog, schema and table; module table_info shows what the caller sees.",
    ),
    Cause("SCHEMA_NOT_EMPTY", None, None, "Something is still in the schema. Move it, or set force to drop all of it."),
    Cause(
        None,
        None,
        "does not have USE CATALOG",
        "{grant} Nothing below the catalog works without it.",
    ),
    Cause(
        None,
        None,
        "does not have USE SCHEMA",
        "{grant} Nothing in the schema works without it.",
    ),
    Cause(
        None,
        None,
        "does not have CREATE SCHEMA",
        "{grant} Or they make the schema: an existing one is only read.",
    ),
    Cause(
        None,
        None,
        "does not have CREATE TABLE",
        "{grant} It also covers views.",
    ),
    Cause(
        None,
        None,
        "does not have (?:MANAGE|OWNERSHIP)|is not an owner of",
        "Changing it and granting on it take ownership or MANAGE. {grant}",
    ),
    Cause(None, None, r"does not have [A-Z ]+ on ", "{grant}"),
    Cause(
        None,
        None,
        "is not applicable to this entity",
        "The privilege does not exist on this kind of object. Check its spelling, or grant it on the object it is for.",
    ),
    Cause(
        None,
        400,
        r"privilege .*(?:unknown|invalid|not valid|not supported|not recognized|does not exist)|"
        r"(?:unknown|invalid|not a valid|unsupported|no such|unrecognized) privilege|enum.*Privilege",
        "The workspace does not know this privilege. Check its spelling.",
    ),
    Cause(
        None,
        None,
        "Duplicate privileges to add and delete",
        "The same privilege is to be added and removed. Ask for one of the two.",
    ),
    Cause(
        None,
        None,
        "Nothing to update",
        "The object already is as wished; somebody else changed it a moment ago. Run the task again.",
    ),
    # -- SQL warehouses and permissions --------------------------------------------------------
    Cause(
        None,
        None,
        "not authorized to use this SQL Endpoint",
        "Give the principal CAN_USE on the SQL warehouse: module permission with object_type=warehouse.",
    ),
    Cause(
        None,
        None,
        "is not a valid endpoint id",
        "Give the name or ID of a SQL warehouse of this workspace; module warehouse_info shows them.",
    ),
    Cause(
        "RESOURCE_DOES_NOT_EXIST",
        None,
        "warehouse|endpoint",
        "The SQL warehouse is gone, or of another workspace. Module warehouse_info shows those there are.",
    ),
    Cause(
        None, None, "must provide a new owner", "A SQL warehouse needs an owner. Give it one in the workspace first."
    ),
    Cause(
        None,
        None,
        "Cannot change permissions for group 'admins'",
        "Administrators keep CAN_MANAGE on tokens; leave their entry alone.",
    ),
    Cause(None, None, "Unhandled Permission level", "This level does not exist for this kind of object."),
    # -- load and trouble ----------------------------------------------------------------------
    Cause(
        "REQUEST_LIMIT_EXCEEDED",
        None,
        None,
        "Too many requests about identities at once. Run fewer hosts at a time (forks, serial), or raise "
        "retry_timeout.",
    ),
    Cause(
        None,
        429,
        None,
        "The workspace is asked too often. Run fewer hosts at a time (forks, serial), or raise retry_timeout.",
    ),
    Cause(
        None,
        503,
        None,
        "The workspace is not available at the moment. Run the task again later, or raise retry_timeout.",
    ),
    Cause(None, 504, None, "The workspace took too long inside. Run the task again later, or raise retry_timeout."),
    Cause(
        None,
        401,
        None,
        "The workspace does not accept the credentials. Check token, or client_id and client_secret, and host.",
    ),
    Cause(
        None, 403, None, "The caller may not do this. Module workspace_info shows who the caller is and what it lacks."
    ),
    Cause(
        None,
        500,
        None,
        "The workspace failed inside. Run the task again; if it repeats, give the request_id to Databricks support.",
    ),
)


# Who lacks what on what. The subject varies, the rest does not (notes on live workspaces: "User does not have", and
# "Principal '<name>' does not have"); ownership is missing in a sentence of its own.
_LACKS = re.compile(
    r"(?:\bPrincipal '(?P<who>[^']*)'[^']*)?(?:does not have (?P<privilege>[A-Z][A-Z_ ]*?) on|is not an owner of) "
    r"(?P<kind>[A-Za-z][A-Za-z ]*?) '(?P<name>[^']+)'",
)
_NAMED = re.compile(r"[^@\s]+@[^@\s]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Stands where the name of the caller goes, until the failure is shown (see Workspace.name_caller).
CALLER = "<caller>"


def cause_of(code: str | None, status: int | None, message: str) -> Cause | None:
    """The first cause that fits, or None."""
    for cause in CAUSES:
        if cause.code not in (None, code) or cause.status not in (None, status):
            continue
        if cause.words is None or re.search(cause.words, message, re.IGNORECASE):
            return cause
    return None


def hint_for(code: str | None, status: int | None, message: str) -> str | None:
    """The hint of the cause that fits, or None. It may name the caller as ``CALLER``."""
    cause = cause_of(code, status, message)
    return cause.hint.replace("{grant}", _who_grants(message)) if cause else None


def _who_grants(message: str) -> str:
    """Who can give what is missing, and the statement that gives it."""
    lacks = _LACKS.search(message)
    if lacks is None:
        return "The owner of the object, or who has MANAGE on it, grants what is missing to the caller."
    kind, name = lacks["kind"].upper(), lacks["name"]
    privilege = lacks["privilege"] or "MANAGE"
    # Nobody can be granted ownership; MANAGE allows the same.
    privilege = "MANAGE" if privilege == "OWNERSHIP" else privilege.replace("_", " ")
    who = lacks["who"] if _NAMED.fullmatch(lacks["who"] or "") else CALLER
    parts = ".".join(f"`{part}`" for part in name.split("."))
    # A workspace has one metastore, which statements do not name (Databricks docs, "GRANT").
    on = "METASTORE" if kind == "METASTORE" else f"{kind} {parts}"
    owner = f"The owner of {kind.lower()} {name}, or who has MANAGE on it,"
    owner = "A metastore admin" if kind == "METASTORE" else owner
    return f"{owner} runs: GRANT {privilege} ON {on} TO `{who}`."


_DENIALS = ("UNAUTHORIZED_ACCESS", "INSUFFICIENT_PERMISSIONS")


def is_denial(failure: Failure) -> bool:
    """Whether the service let the caller in and refused what it asked for; a bad credential is something else.

    SQL says so in two classes, UNAUTHORIZED_ACCESS and INSUFFICIENT_PERMISSIONS, with one state (42501).
    """
    if failure.details.get("sqlstate") == "42501" or failure.code in _DENIALS:
        return True
    return failure.status == 403 and failure.code == "PERMISSION_DENIED"
