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

ENDPOINT = "http://169.254.169.254/metadata/identity/oauth2/token"
_VERSION = "2018-02-01"
_SECONDS = 10


def strategy() -> t.Any:
    """A credentials strategy for the SDK's Config."""
    from databricks.sdk import credentials_provider, environments

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

    class Source(oauth.Refreshable):  # type: ignore[misc]
        def refresh(self) -> t.Any:
            answer = _ask(resource, config.azure_client_id)
            # Relative, because the machine's clock may differ from the service's.
            lifetime = int(answer.get("expires_in") or int(answer["expires_on"]) - time.time())
            return oauth.Token(
                access_token=answer["access_token"],
                token_type=answer.get("token_type", "Bearer"),
                expiry=datetime.now() + timedelta(seconds=lifetime),  # the SDK compares naive times
            )

    return Source()


def _ask(resource: str, client_id: str | None) -> dict[str, t.Any]:
    """One token. The metadata service is on the machine itself: no proxy leads there.

    :raises ValueError: not on such a machine, or it has no identity; without the answer, which could hold a secret
    """
    import requests

    query = {"api-version": _VERSION, "resource": resource, **({"client_id": client_id} if client_id else {})}
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(ENDPOINT, params=query, headers={"Metadata": "true"}, timeout=_SECONDS)
        except requests.RequestException as error:
            raise ValueError(
                f"azure_use_msi: no metadata service answers, so this is no Azure machine ({type(error).__name__})"
            ) from error
    if not answer.ok:
        raise ValueError(
            f"azure_use_msi: the metadata service refuses a token of the managed identity (HTTP {answer.status_code})"
        )
    return answer.json()
