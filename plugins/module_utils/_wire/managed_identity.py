# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Signing in with the managed identity of an Azure machine, which the Python SDK does not do by itself.

The machine's metadata service hands out tokens of Microsoft Entra to whoever asks from inside (Microsoft docs: How to
use managed identities to get an access token). Databricks takes one for its own application, and, for an identity that
is not in the workspace yet, one for the management of Azure besides (databricks-sdk-go, config/auth_azure_msi.go).
"""

from __future__ import annotations

import time
import typing as t
from datetime import datetime, timedelta

from .._common.failure import Failure
from .._common.hints import hint_for
from .._common.json_types import Json
from . import identity_provider, library_names
from .replies import Reply, parsed

ENDPOINT = "http://169.254.169.254/metadata/identity/oauth2/token"
_VERSION = "2018-02-01"
_SECONDS = 10


def strategy() -> t.Any:
    """A credentials strategy for the SDK's Config.

    :raises Failure: this release of the SDK lacks a name that it needs
    """
    from databricks.sdk import core, credentials_provider, environments

    library_names.check_azure(core, environments)

    @credentials_provider.oauth_credentials_strategy("azure-msi", ["azure_use_msi"])
    def managed_identity(config: t.Any) -> t.Any:
        databricks = _source(config, config.effective_azure_login_app_id or environments.ARM_DATABRICKS_RESOURCE_ID)
        resource_id = config.azure_workspace_resource_id
        # An address of the customer's own does not tell which of Azure's clouds this is.
        cloud = config.arm_environment or environments.ENVIRONMENTS[config.azure_environment or "PUBLIC"]
        management = _source(config, cloud.service_management_endpoint) if resource_id else None

        def headers() -> dict[str, str]:
            found = {"Authorization": f"Bearer {databricks.token().access_token}"}
            if management is not None:
                found["X-Databricks-Azure-Workspace-Resource-Id"] = resource_id
                found["X-Databricks-Azure-SP-Management-Token"] = management.token().access_token
            return found

        return credentials_provider.OAuthCredentialsProvider(headers, databricks.token)

    return managed_identity


def _source(config: t.Any, resource: str) -> t.Any:
    from databricks.sdk import oauth

    class Source(oauth.Refreshable):
        def refresh(self) -> t.Any:
            answer = _ask(resource, config.azure_client_id)
            # Relative, because the machine's clock may differ from the service's.
            try:
                lifetime = int(answer.get("expires_in") or int(answer["expires_on"]) - time.time())
            except (KeyError, TypeError, ValueError) as error:
                raise _cannot("the metadata service does not say how long its token is valid") from error
            return oauth.Token(
                access_token=answer["access_token"],
                token_type=answer.get("token_type", "Bearer"),
                expiry=datetime.now() + timedelta(seconds=lifetime),  # the SDK compares naive times
            )

    return Source()


def _ask(resource: str, client_id: str | None) -> Json:
    """One token. The metadata service is on the machine itself: no proxy leads there.

    :raises Failure: not on such a machine, or it has no identity; without the answer, which could hold a secret
    :raises Refusal: the service says that it may have one a little later
    """
    import requests

    query = {"api-version": _VERSION, "resource": resource, **({"client_id": client_id} if client_id else {})}
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(ENDPOINT, params=query, headers={"Metadata": "true"}, timeout=_SECONDS)
        except requests.RequestException as error:
            said = f"no metadata service answers, so this is no Azure machine ({type(error).__name__})"
            raise _cannot(said) from error
    headers = {name.lower(): value for name, value in answer.headers.items()}
    # Microsoft docs, the same page, "Error handling": 410, 429 and 5xx pass.
    if later := identity_provider.busy(Reply(answer.status_code, headers, answer.content), "the metadata service"):
        raise later
    if not answer.ok:
        raise _cannot(f"the metadata service refuses a token of the managed identity (HTTP {answer.status_code})")
    try:
        found = parsed(answer.content)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.get("access_token"):
        raise _cannot("the metadata service answered something that holds no token")
    return found


def _cannot(said: str) -> Failure:
    text = f"Could not {identity_provider.DOING}: azure_use_msi: {said}."
    return Failure(text, code="AUTHENTICATION", hint=hint_for("AUTHENTICATION", None, text))
