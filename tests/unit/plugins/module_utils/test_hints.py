# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cause is met in the words of the service, and each has a hint of its own."""

from __future__ import annotations

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.hints import (
    CAUSES,
    cause_of,
    hint_for,
    is_denial,
)

# (code, status, message as the service or a library gives it, words that the hint must have)
MET = [
    (
        "UNREACHABLE",
        None,
        "abc.cloud.databricks.com cannot be reached: its name is not known.",
        "spelling of option host",
    ),
    ("UNREACHABLE", None, "abc.cloud.databricks.com cannot be reached: the connection was refused.", "firewall"),
    ("UNREACHABLE", None, "proxy.example.com cannot be reached: the proxy does not answer.", "NO_PROXY"),
    ("TLS", None, "certificate verify failed: certificate has expired", "clock"),
    ("TLS", None, "Hostname mismatch, certificate is not valid for 'abc'", "another name"),
    ("TLS", None, "abc.cloud.databricks.com:80 does not speak TLS on this port.", "without a port"),
    ("TLS", None, "the file or folder of authorities /nowhere is not there.", "REQUESTS_CA_BUNDLE"),
    ("TLS", None, "certificate verify failed: unable to get local issuer certificate", "ca_cert"),
    ("NOT_THE_API", None, "the host answered with something that is not JSON.", "own address"),
    ("MISSING_LIBRARY", None, "The Python library databricks-sdk is not installed", "requirements.txt"),
    ("PRIVATE_LINK_VALIDATION_ERROR", 403, "The requested workspace has AWS PrivateLink enabled", "private network"),
    ("TIMEOUT", None, "Read timed out.", "http_timeout"),
    ("CONNECTION_LOST", None, "Remote end closed connection without response", "connection broke"),
    ("LOST_ANSWER", None, "No usable answer", "looks for what the lost request"),
    ("403", 403, "Unauthorized access to Org: 1234", "IP access list"),
    (
        "PERMISSION_DENIED",
        403,
        "Source IP address: 1.2.3.4 is blocked by Databricks IP ACL for workspace: 1",
        "public address",
    ),
    ("403", 403, "Token is expiring within 30 seconds. (token expired)", "has expired"),
    ("AUTHENTICATION", None, "validate: more than one authorization method configured: oauth and pat", "auth_type"),
    ("AUTHENTICATION", None, "oauth-m2m auth: invalid_client: Client authentication failed", "secret was deleted"),
    (
        "AUTHENTICATION",
        None,
        "azure-client-secret auth: AADSTS7000215: Invalid client secret provided",
        "azure_tenant_id",
    ),
    ("AUTHENTICATION", None, "resolve: ~/.databrickscfg has no prod profile configured", "option profile"),
    ("AUTHENTICATION", None, "default auth: cannot configure default credentials", "No credentials were found"),
    ("AUTHENTICATION", None, "oauth-m2m: token endpoint did not answer", "Signing in failed"),
    ("IDENTITY_PROVIDER", 404, "login.example.com, which gives access tokens, answered HTTP 404.", "IDs of tenant"),
    ("IDENTITY_PROVIDER", 429, "login.example.com, which gives access tokens, answered HTTP 429.", "not available"),
    ("INVALID_ACCESS_TOKEN", 403, "Invalid access token.", "wrong, revoked"),
    (
        "UNAUTHENTICATED",
        401,
        "Credential was not sent or was of an unsupported type for this API.",
        "kind of credential",
    ),
    ("METASTORE_DOES_NOT_EXIST", 404, "No metastore assigned for the current workspace.", "assigns a metastore"),
    ("PERMISSION_DENIED", 403, "This API is only accessible by admins.", "not an administrator"),
    ("FEATURE_DISABLED", 400, "Token permissions require the premium pricing tier", "Premium plan"),
    ("ENDPOINT_NOT_FOUND", 404, "No API found for 'GET /api/2.0/x'", "account console"),
    ("PERMISSION_DENIED", 403, "User 5c6f does not have permission to use tokens.", "object_type=tokens"),
    (
        "INVALID_PARAMETER_VALUE",
        400,
        "On-behalf-of token creation for service principals is not enabled for this workspace",
        "Azure never does",
    ),
    ("PERMISSION_DENIED", 403, "Personal access tokens are disabled.", "switched off"),
    ("INVALID_PARAMETER_VALUE", 400, "Token lifetime exceeds the maximum of the workspace", "shorter lifetime_days"),
    ("INTERNAL_ERROR", 500, "requirement failed: Invalid timeout: 0", "at least one day"),
    ("QUOTA_EXCEEDED", 400, "The number of tokens is over the limit of 600", "Revoke tokens"),
    ("QUOTA_EXCEEDED", 400, "Cannot create 1 Schema(s) in Catalog main", "higher limit"),
    ("RESOURCE_DOES_NOT_EXIST", 404, "Token does not exist", "90 days"),
    ("PRINCIPAL_DOES_NOT_EXIST", 404, "Could not find principal with name admins", "account users"),
    ("PRINCIPAL_DOES_NOT_EXIST", 404, "Could not find principal with name klaviyo", "principal_timeout"),
    ("RESOURCE_DOES_NOT_EXIST", 404, "Principal: ServicePrincipalName(klaviyo) does not exist", "application ID only"),
    ("BAD_REQUEST", 400, "Principal 12 not in workspace 34", "assigns the identity"),
    ("INVALID_PARAMETER_VALUE", 400, "group x is not an account group", "group of the account"),
    (
        "SCIM_400",
        400,
        "invalidValue entitlements can only be managed at the workspace level",
        "not the account console",
    ),
    (
        "PERMISSION_DENIED",
        403,
        "This API is disabled for users without the databricks-sql-access entitlement",
        "lacks an entitlement",
    ),
    ("SCIM_409", 409, "User with email a@b.c already exists in this account", "another spelling"),
    ("SCIM_409", 409, "User with username a@b.c already exists.", "same moment"),
    ("SCIM_400", 400, "Request is unparsable, syntactically incorrect, or violates schema.", "Azure only"),
    ("CATALOG_DOES_NOT_EXIST", 404, "Catalog 'hive_metastore' does not exist.", "SQL only"),
    ("CATALOG_DOES_NOT_EXIST", 404, "Catalog 'man' does not exist.", "spelling of the catalog"),
    ("SCHEMA_DOES_NOT_EXIST", 404, "Schema 'main.x' does not exist.", "module schema"),
    ("TABLE_DOES_NOT_EXIST", 404, "Table 'main.x.t' does not exist.", "table_info"),
    ("SCHEMA_NOT_EMPTY", 400, "Schema 'ed.patients' is not empty. The schema has 1 tables(s)", "set force"),
    (
        "PERMISSION_DENIED",
        403,
        "User does not have USE CATALOG on Catalog 'x'.",
        "runs: GRANT USE CATALOG ON CATALOG `x` TO `<caller>`. Nothing below",
    ),
    (
        "PERMISSION_DENIED",
        403,
        "User does not have USE SCHEMA on Schema 'c.s'.",
        "GRANT USE SCHEMA ON SCHEMA `c`.`s` TO `<caller>`.",
    ),
    ("PERMISSION_DENIED", 403, "User does not have CREATE SCHEMA on Catalog 'x'.", "existing one is only read"),
    ("PERMISSION_DENIED", 403, "User does not have CREATE TABLE on Schema 'c.s'.", "covers views"),
    ("PERMISSION_DENIED", 403, "User does not have MANAGE on Schema 'c.s'.", "ownership or MANAGE"),
    ("PERMISSION_DENIED", 403, "User does not have SELECT on Table 'c.s.t'.", "GRANT SELECT ON TABLE `c`.`s`.`t` TO"),
    (
        "INVALID_PARAMETER_VALUE",
        400,
        "Privilege ABC is not applicable to this entity [CATALOG/CATALOG_STANDARD]",
        "kind of object",
    ),
    ("INVALID_PARAMETER_VALUE", 400, "Duplicate privileges to add and delete for principal p.", "one of the two"),
    ("INVALID_PARAMETER_VALUE", 400, "Unknown privilege: SELCT", "does not know this privilege"),
    ("INVALID_PARAMETER_VALUE", 400, "UpdateSchema Nothing to update", "already is as wished"),
    ("PERMISSION_DENIED", 403, "klaviyo is not authorized to use this SQL Endpoint.", "object_type=warehouse"),
    ("INVALID_PARAMETER_VALUE", 400, "wh-0001 is not a valid endpoint id.", "warehouse_info"),
    ("RESOURCE_DOES_NOT_EXIST", 404, "The warehouse 0123456789abcdef does not exist", "is gone"),
    (
        "INVALID_PARAMETER_VALUE",
        400,
        "PUT requests for warehouse 1 with no existing owner must provide a new owner.",
        "needs an owner",
    ),
    ("BAD_REQUEST", 400, "Cannot change permissions for group 'admins' to None.", "keep CAN_MANAGE"),
    ("INTERNAL_ERROR", 500, "Unhandled Permission level", "level does not exist"),
    ("REQUEST_LIMIT_EXCEEDED", 500, "exceeded the concurrent limit of 4 requests", "forks"),
    ("TOO_MANY_REQUESTS", 429, "Too many requests", "asked too often"),
    ("TEMPORARILY_UNAVAILABLE", 503, "Try later", "not available at the moment"),
    ("DEADLINE_EXCEEDED", 504, "deadline", "too long inside"),
    ("UNAUTHENTICATED", 401, "no", "does not accept the credentials"),
    ("PERMISSION_DENIED", 403, "You don't have permission to this resource.", "what it lacks"),
    ("INTERNAL_ERROR", 500, "oops", "request_id"),
]


@pytest.mark.parametrize(("code", "status", "message", "expected"), MET, ids=[row[2][:50] for row in MET])
def test_a_cause_has_its_hint(code: str, status: int | None, message: str, expected: str) -> None:
    assert expected in (hint_for(code, status, message) or "")


def test_every_row_is_met_by_an_example_above() -> None:
    met = {cause_of(code, status, message) for code, status, message, _expected in MET}
    hints = {cause.hint for cause in met if cause}
    assert [cause for cause in CAUSES if cause.hint not in hints] == []


def test_causes_are_distinct() -> None:
    assert len({cause.hint for cause in CAUSES}) >= 60
    assert len({(cause.code, cause.status, cause.words) for cause in CAUSES}) == len(CAUSES)


def test_an_unknown_cause_has_no_hint() -> None:
    assert hint_for("SOMETHING_NEW", 418, "never heard of") is None


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.hint[:40])
def test_a_hint_is_a_sentence_to_act_on(cause: object) -> None:
    hint = cause.hint.replace("{grant}", "The owner grants it.")  # type: ignore[attr-defined]
    assert hint[0].isupper() and hint.endswith(".") and 15 < len(hint) < 240


APPLICATION = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"


@pytest.mark.parametrize(
    ("message", "statement"),
    [
        (
            "User does not have CREATE SCHEMA on Catalog 'sales'.",
            "GRANT CREATE SCHEMA ON CATALOG `sales` TO `<caller>`.",
        ),
        (
            "[INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does not have USE SCHEMA on Schema 'a.b-c'. "
            "SQLSTATE: 42501",
            "GRANT USE SCHEMA ON SCHEMA `a`.`b-c` TO `<caller>`.",
        ),
        (
            f"[INSUFFICIENT_PERMISSIONS] Principal '{APPLICATION}' does not have SELECT on Table 'a.b.c'",
            f"GRANT SELECT ON TABLE `a`.`b`.`c` TO `{APPLICATION}`.",
        ),
        # A display name is none that a statement takes.
        ("Principal 'loader' does not have MANAGE on Catalog 'x'", "GRANT MANAGE ON CATALOG `x` TO `<caller>`."),
        ("PERMISSION_DENIED: User is not an owner of Schema 'a.b'.", "GRANT MANAGE ON SCHEMA `a`.`b` TO `<caller>`."),
        ("User does not have OWNERSHIP on Table 'a.b.c'.", "GRANT MANAGE ON TABLE `a`.`b`.`c` TO `<caller>`."),
        ("User does not have CREATE CATALOG on Metastore 'm'.", "GRANT CREATE CATALOG ON METASTORE TO `<caller>`."),
    ],
)
def test_what_is_missing_comes_with_the_statement_that_gives_it(message: str, statement: str) -> None:
    for code, status in (("PERMISSION_DENIED", 403), ("UNAUTHORIZED_ACCESS", None), ("INSUFFICIENT_PERMISSIONS", None)):
        hint = hint_for(code, status, message) or ""
        assert f"runs: {statement}" in hint, hint


def test_a_denial_in_other_words_still_says_who_can_help() -> None:
    hint = hint_for("UNAUTHORIZED_ACCESS", None, "User does not have FLY on a thing without a name") or ""
    assert "or who has MANAGE on it, grants what is missing" in hint


@pytest.mark.parametrize(
    ("failure", "denied"),
    [
        (Failure("x", code="PERMISSION_DENIED", status=403), True),
        (Failure("x", code="UNAUTHORIZED_ACCESS"), True),
        (Failure("x", code="INSUFFICIENT_PERMISSIONS", sqlstate="42501"), True),
        (Failure("x", code="SQL_ERROR", sqlstate="42501"), True),
        (Failure("x", code="INVALID_ACCESS_TOKEN", status=403), False),
        (Failure("x", code="SCHEMA_DOES_NOT_EXIST", status=404), False),
        (Failure("x", code="UNAUTHENTICATED", status=401), False),
    ],
)
def test_a_denial_is_neither_absence_nor_a_bad_credential(failure: Failure, denied: bool) -> None:
    assert is_denial(failure) is denied
