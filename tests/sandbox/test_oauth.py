# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in as a service principal: discovery, client credentials, and the secrets they need."""

from __future__ import annotations

import hashlib
import typing as t

import pytest
import requests
from databricks.sdk.errors import NotFound, PermissionDenied

from tests.sandbox.people import Person, client, grant_level, person
from tests.sandbox.wire import SCIM, advance, ask, by_oauth, coded, patched
from tests.support.sandbox import Sandbox

YEAR = 365 * 86_400
FORM = {"grant_type": "client_credentials", "scope": "all-apis"}


@pytest.fixture
def who(sandbox: Sandbox) -> Person:
    return person(sandbox, "signs-in")


def secret_of(sandbox: Sandbox, who: Person, lifetime: str | None = None) -> t.Any:
    return client(sandbox).service_principal_secrets_proxy.create(who.id, lifetime=lifetime)


def secrets(who: Person) -> str:
    return f"/api/2.0/accounts/servicePrincipals/{who.id}/credentials/secrets"


def sign_in(sandbox: Sandbox, client_id: str, secret: str, **form: str) -> requests.Response:
    return requests.post(
        f"{sandbox.host}/oidc/v1/token", data={**FORM, **form}, auth=(client_id, secret), timeout=10
    )  # as the SDK does


def test_discovery(sandbox: Sandbox) -> None:
    """SDK oauth.py: from the host metadata's oidc_endpoint; both endpoints are required, no credential is sent."""
    base = requests.get(f"{sandbox.host}/.well-known/databricks-config", timeout=10).json()["oidc_endpoint"]
    found = requests.get(f"{base}/.well-known/oauth-authorization-server", timeout=10).json()
    assert {"authorization_endpoint", "token_endpoint"} <= set(found)
    assert found["token_endpoint"] == f"{sandbox.host}/oidc/v1/token"


def test_the_sdk_signs_in(sandbox: Sandbox, who: Person) -> None:
    """SDK oauth-m2m, with nothing but host, client_id and client_secret."""
    w = by_oauth(sandbox, who.application_id, secret_of(sandbox, who).secret)
    assert w.config.auth_type == "oauth-m2m"
    assert w.current_user.me().user_name == who.application_id
    made = w.tokens.create(comment="by itself", lifetime_seconds=3600)
    assert client(sandbox, str(made.token_value)).current_user.me().user_name == who.application_id


def test_what_the_token_endpoint_gives(sandbox: Sandbox, who: Person) -> None:
    """SDK oauth.py reads access_token, token_type and expires_in."""
    answer = sign_in(sandbox, who.application_id, secret_of(sandbox, who).secret)
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["token_type"], shown["expires_in"]) == ("Bearer", 3600)
    assert ask(sandbox, "GET", f"{SCIM}/Me", shown["access_token"]).json()["userName"] == who.application_id


def test_an_access_token_lasts_an_hour(sandbox: Sandbox, who: Person) -> None:
    """Databricks docs, OAuth M2M; the secret goes on, so the SDK signs in again."""
    secret = secret_of(sandbox, who).secret
    value = sign_in(sandbox, who.application_id, secret).json()["access_token"]
    advance(sandbox, advance_seconds=3599)
    assert ask(sandbox, "GET", f"{SCIM}/Me", value).status_code == 200
    advance(sandbox, advance_seconds=2)
    assert coded(ask(sandbox, "GET", f"{SCIM}/Me", value)) == (403, 403)
    assert sign_in(sandbox, who.application_id, secret).status_code == 200


def test_it_needs_no_permission_to_use_tokens(sandbox: Sandbox) -> None:
    """CAN_USE on tokens is about personal access tokens (Databricks docs); until it is there, token/create refuses."""
    made = client(sandbox).service_principals.create(display_name="fresh")
    secret = client(sandbox).service_principal_secrets_proxy.create(str(made.id)).secret
    w = by_oauth(sandbox, str(made.application_id), str(secret))
    assert w.current_user.me().user_name == made.application_id
    with pytest.raises(PermissionDenied, match="does not have permission to use tokens"):
        w.tokens.create(lifetime_seconds=3600)
    grant_level(sandbox, "authorization", "tokens", str(made.application_id))
    assert w.tokens.create(lifetime_seconds=3600).token_value


def test_a_wrong_secret_fails_at_the_first_call(sandbox: Sandbox, who: Person) -> None:
    """SDK oauth.py: ValueError "invalid_client: ..." from the error JSON, and not before a call."""
    secret_of(sandbox, who)
    w = by_oauth(sandbox, who.application_id, "dose" + "0" * 32)
    with pytest.raises(ValueError, match="invalid_client"):
        w.current_user.me()
    answer = sign_in(sandbox, who.application_id, "dose" + "0" * 32)
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "error_description"}


def test_somebody_elses_secret(sandbox: Sandbox, who: Person) -> None:
    secret = secret_of(sandbox, who).secret
    for client_id in (person(sandbox, "other").application_id, who.id, "ada.analyst@example.com", ""):
        assert sign_in(sandbox, client_id, secret).json()["error"] == "invalid_client"


def test_a_deleted_secret(sandbox: Sandbox, who: Person) -> None:
    """SDK ServicePrincipalSecretsProxyAPI.delete."""
    proxy, kept, gone = (
        client(sandbox).service_principal_secrets_proxy,
        secret_of(sandbox, who),
        secret_of(sandbox, who),
    )
    proxy.delete(who.id, gone.id)
    assert sign_in(sandbox, who.application_id, gone.secret).status_code == 401
    assert sign_in(sandbox, who.application_id, kept.secret).status_code == 200
    assert [one.id for one in proxy.list(who.id)] == [kept.id]
    with pytest.raises(NotFound):
        proxy.delete(who.id, gone.id)


def test_lifetimes(sandbox: Sandbox, who: Person) -> None:
    """SDK ServicePrincipalSecretsProxyAPI.create: "3600s"; 730 days (63072000s) when none is given."""
    short, usual = secret_of(sandbox, who, "60s"), secret_of(sandbox, who)
    advance(sandbox, advance_seconds=61)
    assert sign_in(sandbox, who.application_id, short.secret).status_code == 401
    shown = {one.id: one.status for one in client(sandbox).service_principal_secrets_proxy.list(who.id)}
    assert shown == {short.id: "EXPIRED", usual.id: "ACTIVE"}
    advance(sandbox, advance_seconds=2 * YEAR - 120)
    assert sign_in(sandbox, who.application_id, usual.secret).status_code == 200
    advance(sandbox, advance_seconds=120)
    assert sign_in(sandbox, who.application_id, usual.secret).status_code == 401


@pytest.mark.parametrize("lifetime", ["0s", "63072001s", "3600", 3600, "-1s", "1h", ""])
def test_lifetimes_that_are_refused(sandbox: Sandbox, lifetime: t.Any) -> None:
    """SDK docstring: seconds with an s; 730 days is also reported as the cap."""
    who = person(sandbox)
    assert coded(ask(sandbox, "POST", secrets(who), json={"lifetime": lifetime})) == (400, "INVALID_PARAMETER_VALUE")


def test_the_secret_is_shown_once(sandbox: Sandbox, who: Person) -> None:
    """SDK service/oauth2.py: the list has a hash."""
    made = ask(sandbox, "POST", secrets(who), json={}).json()
    assert {"id", "secret", "secret_hash", "status", "create_time", "update_time", "expire_time"} <= set(made)
    answer = ask(sandbox, "GET", secrets(who))
    assert made["secret"] not in answer.text
    assert answer.json()["secrets"][0]["secret_hash"] == made["secret_hash"]
    assert made["secret_hash"] == hashlib.sha256(made["secret"].encode()).hexdigest()


def test_the_path_wants_the_numeric_id(sandbox: Sandbox, who: Person) -> None:
    """terraform-provider-databricks: the SCIM id, not the application id; the account's path is the same service."""
    for path in (secrets(who).replace(who.id, who.application_id), secrets(who).replace(who.id, "1")):
        assert coded(ask(sandbox, "POST", path, json={})) == (404, "RESOURCE_DOES_NOT_EXIST")
    for account, status in ((sandbox.ready["account_id"], 200), ("00000000-0000-4000-8000-000000000000", 404)):
        path = secrets(who).replace("/accounts/", f"/accounts/{account}/")
        assert ask(sandbox, "POST", path, json={}).status_code == status


def test_only_administrators_make_secrets(sandbox: Sandbox, who: Person) -> None:
    """SDK ServicePrincipalSecretsProxyAPI: for administrators."""
    for method in ("GET", "POST"):
        assert coded(ask(sandbox, method, secrets(who), who.token, json={})) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    ("form", "error"),
    [({"grant_type": "password"}, "unsupported_grant_type"), ({"scope": "sql"}, "invalid_scope")],
)
def test_other_grants_and_scopes(sandbox: Sandbox, who: Person, form: dict[str, str], error: str) -> None:
    """RFC 6749, 5.2."""
    answer = sign_in(sandbox, who.application_id, secret_of(sandbox, who).secret, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_only_a_form_with_basic(sandbox: Sandbox, who: Person) -> None:
    """The SDK sends a form and HTTP Basic; nothing else is known to work."""
    pair = {"client_id": who.application_id, "client_secret": secret_of(sandbox, who).secret}
    where = f"{sandbox.host}/oidc/v1/token"
    assert requests.post(where, data={**FORM, **pair}, timeout=10).json()["error"] == "invalid_client"
    as_json = requests.post(where, json=FORM, auth=tuple(pair.values()), timeout=10)
    assert as_json.json()["error"] == "invalid_request"


def test_who_is_inactive_does_not_sign_in(sandbox: Sandbox, who: Person) -> None:
    """SDK service/iam.py, active: neither with the secret nor with a token from before."""
    secret = secret_of(sandbox, who).secret
    value = sign_in(sandbox, who.application_id, secret).json()["access_token"]
    patched(sandbox, f"ServicePrincipals/{who.id}", {"op": "replace", "path": "active", "value": False})
    assert sign_in(sandbox, who.application_id, secret).status_code == 401
    assert ask(sandbox, "GET", f"{SCIM}/Me", value).status_code == 403
