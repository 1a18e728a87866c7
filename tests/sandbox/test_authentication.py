# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets in, and how the service says that somebody does not."""

from __future__ import annotations

import pytest
import requests
from databricks.sdk.errors import PermissionDenied, Unauthenticated
from databricks.sql.exc import RequestError

from tests.sandbox.people import client, cursor, person
from tests.sandbox.wire import SCIM, advance, ask, by_oauth, coded, patched
from tests.support.sandbox import Sandbox

ME = f"{SCIM}/Me"
INVALID = "Invalid access token."


def test_an_unknown_token_is_a_403_with_a_numeric_code(sandbox: Sandbox) -> None:
    """databricks-sdk-go#1046, #953: error_code is the number 403, and a header repeats the sentence."""
    answer = ask(sandbox, "GET", ME, "dapi" + "0" * 32)
    assert answer.status_code == 403
    assert answer.json() == {"error_code": 403, "message": INVALID}
    assert answer.headers["X-Databricks-Reason-Phrase"] == INVALID


def test_the_sdk_hands_the_number_on(sandbox: Sandbox) -> None:
    """SDK errors/deserializer.py: error_code is an int then, and the message gets a tail."""
    with pytest.raises(PermissionDenied) as caught:
        client(sandbox, "dapi" + "0" * 32).current_user.me()
    assert caught.value.error_code == 403
    assert INVALID in str(caught.value) and str(caught.value) != INVALID


def test_the_connector_reads_the_headers(sandbox: Sandbox) -> None:
    """SQL connector 4.9.0 ignores the body of an HTTP error."""
    with pytest.raises(RequestError) as caught, cursor(sandbox, "dapi" + "0" * 32):
        pass
    assert caught.value.context["http-code"] == 403
    assert INVALID in str(caught.value)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic YTpi", "dapi" + "0" * 32])
def test_no_usable_credential_is_a_401(sandbox: Sandbox, header: str | None) -> None:
    """Reported of newer front ends: UNAUTHENTICATED and this sentence."""
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(f"{sandbox.host}{ME}", headers=headers, timeout=10)
    assert coded(answer) == (401, "UNAUTHENTICATED")
    assert answer.json()["message"] == "Credential was not sent or was of an unsupported type for this API."


def test_the_administrators_value_as_basic_is_no_credential(sandbox: Sandbox) -> None:
    """The SDK tells it by its class: 401 is Unauthenticated (SDK errors/platform.py)."""
    answer = requests.get(f"{sandbox.host}{ME}", auth=("token", sandbox.token), timeout=10)
    assert coded(answer) == (401, "UNAUTHENTICATED")
    w = client(sandbox)
    w.config._header_factory = dict  # the SDK then sends no credential at all
    with pytest.raises(Unauthenticated):
        w.current_user.me()


def test_an_expired_token(sandbox: Sandbox) -> None:
    """SDK TokensAPI: a token ends at its expiry_time; the answer is that to an invalid token."""
    somebody = person(sandbox)
    advance(sandbox, advance_seconds=3600)
    assert ask(sandbox, "GET", ME, somebody.token).json() == {"error_code": 403, "message": INVALID}


def test_the_last_half_minute(sandbox: Sandbox) -> None:
    """Reported: "Token is expiring within 30 seconds. (token expired)"."""
    somebody = person(sandbox)
    advance(sandbox, advance_seconds=3600 - 35)
    assert ask(sandbox, "GET", ME, somebody.token).status_code == 200
    advance(sandbox, advance_seconds=10)
    answer = ask(sandbox, "GET", ME, somebody.token)
    assert coded(answer) == (403, 403)
    assert "Token is expiring within 30 seconds. (token expired)" in answer.json()["message"]


def test_a_revoked_token(sandbox: Sandbox) -> None:
    """SDK TokensAPI.delete; every front end knows at once."""
    somebody = person(sandbox)
    mine = somebody.client.tokens.list()
    client(sandbox).token_management.delete(str(next(iter(mine)).token_id))
    assert ask(sandbox, "GET", ME, somebody.token).status_code == 403
    with pytest.raises(RequestError, match=INVALID), somebody.cursor():
        pass


def test_ninety_days_without_use_revoke_a_token(sandbox: Sandbox) -> None:
    """Databricks docs, "Monitor and revoke personal access tokens"."""
    w, somebody = client(sandbox), person(sandbox)
    lasting = w.token_management.create_obo_token(somebody.application_id, lifetime_seconds=400 * 86400)
    advance(sandbox, advance_days=80)
    assert ask(sandbox, "GET", ME, str(lasting.token_value)).status_code == 200
    advance(sandbox, advance_days=89)
    assert ask(sandbox, "GET", ME, str(lasting.token_value)).status_code == 200
    advance(sandbox, advance_days=91)
    assert ask(sandbox, "GET", ME, str(lasting.token_value)).status_code == 403


def test_who_is_inactive_or_gone_does_not_get_in(sandbox: Sandbox) -> None:
    """SDK service/iam.py: active, and DELETE takes the identity out of the workspace."""
    idle, gone = person(sandbox, "idle"), person(sandbox, "gone")
    patched(sandbox, f"ServicePrincipals/{idle.id}", {"op": "replace", "path": "active", "value": False})
    client(sandbox).service_principals.delete(gone.id)
    for one in (idle, gone):
        assert ask(sandbox, "GET", ME, one.token).status_code == 403
    patched(sandbox, f"ServicePrincipals/{idle.id}", {"op": "replace", "path": "active", "value": True})
    assert ask(sandbox, "GET", ME, idle.token).status_code == 200


def test_each_token_is_somebody(sandbox: Sandbox) -> None:
    """terraform-provider-databricks: Me of a service principal has its application id as userName."""
    people = [person(sandbox, name) for name in ("one", "two")]
    for one in people:
        me = one.client.current_user.me()
        assert (me.user_name, me.id) == (one.application_id, one.id)
    assert [one.client.current_user.me().display_name for one in people] == ["one", "two"]
    assert client(sandbox).current_user.me().user_name == "admin@example.com"


def test_a_pat_and_an_oauth_token_are_the_same_somebody(sandbox: Sandbox) -> None:
    """SDK oauth-m2m and pat differ only in how the bearer token is obtained."""
    somebody = person(sandbox)
    secret = client(sandbox).service_principal_secrets_proxy.create(somebody.id)
    signed_in = by_oauth(sandbox, somebody.application_id, str(secret.secret))
    assert signed_in.current_user.me().id == somebody.client.current_user.me().id
    with pytest.raises(PermissionDenied):
        list(signed_in.users.list())


@pytest.mark.parametrize("header", ["X-Databricks-Workspace-Id", "X-Databricks-Org-Id"])
def test_the_wrong_workspace(sandbox: Sandbox, header: str) -> None:
    """Reported: "Unauthorized access to Org: N"; the SDK sends the header that the host metadata made it send."""
    answer = ask(sandbox, "GET", ME, headers={header: "1234"})
    assert answer.status_code == 403
    assert "Unauthorized access to Org: 1234" in answer.json()["message"]
    right = str(sandbox.ready["workspace_id"])
    assert ask(sandbox, "GET", ME, headers={header: right}).headers["X-Databricks-Org-Id"] == right


def test_scopes_limit_a_token(sandbox: Sandbox) -> None:
    """SDK TokensAPI.create, scopes."""
    w = client(sandbox)
    limited = str(w.tokens.create(scopes=["unity-catalog"], lifetime_seconds=3600).token_value)
    assert ask(sandbox, "GET", "/api/2.1/unity-catalog/schemas?catalog_name=main", limited).status_code == 200
    for path in (ME, "/api/2.0/token/list", "/api/2.0/sql/warehouses"):
        assert coded(ask(sandbox, "GET", path, limited)) == (403, "PERMISSION_DENIED"), path


def test_host_metadata_needs_no_credential(sandbox: Sandbox) -> None:
    """SDK config.py reads it before it has any; these are all the fields that it knows."""
    answer = requests.get(f"{sandbox.host}/.well-known/databricks-config", timeout=10)
    assert answer.status_code == 200
    assert answer.json() == {
        "oidc_endpoint": f"{sandbox.host}/oidc",
        "account_id": sandbox.ready["account_id"],
        "workspace_id": str(sandbox.ready["workspace_id"]),
        "cloud": "AWS",
    }
    assert client(sandbox).config.workspace_id == str(sandbox.ready["workspace_id"])


@pytest.mark.parametrize(
    ("method", "path", "shown"),
    [
        ("GET", "/api/2.0/nothing", "/nothing"),
        ("GET", "/api/2.1/unity-catalog/nothing/at/all", "/unity-catalog/nothing/at/all"),
        ("GET", "/api/2.0/clusters/list", "/clusters/list"),
        ("POST", "/api/2.0/token/list", "/token/list"),
        ("DELETE", "/api/2.0/preview/scim/v2/Me", "/preview/scim/v2/Me"),
        ("GET", "/", "/"),
        ("GET", "/login.html", "/login.html"),
    ],
)
def test_what_is_not_there(sandbox: Sandbox, method: str, path: str, shown: str) -> None:
    """Reported: ENDPOINT_NOT_FOUND (SDK service/apps.py) with the path short of its /api/2.x; never a 200."""
    answer = ask(sandbox, method, path)
    assert coded(answer) == (404, "ENDPOINT_NOT_FOUND")
    assert answer.json()["message"] == f"No API found for '{method} {shown}'"


def test_what_is_not_there_is_not_told_to_strangers(sandbox: Sandbox) -> None:
    """The credential is judged first."""
    assert requests.get(f"{sandbox.host}/api/2.0/nothing", timeout=10).status_code == 401
