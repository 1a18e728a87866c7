# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Options -> one account as one identity, by the same engine as a workspace."""

from __future__ import annotations

import typing as t

from .._common import names
from .._common.failure import BadOption, Failure
from .._common.json_types import Json
from .._common.version import VERSION
from . import replies, sign_in
from .workspace import Workspace

# Under which a bare list of the account's API is handed on.
LIST = "workspaces"

_NEEDS = (
    "The API of an account takes OAuth of an administrator of the account, such as client_id and client_secret of a "
    "service principal with the role account admin; a personal access token is good for one workspace only."
)
_WHERE = (
    "Check account_id, which the account console shows, and that host is that account's: "
    "https://accounts.cloud.databricks.com, https://accounts.azuredatabricks.net or "
    "https://accounts.gcp.databricks.com, unless the account has an address of its own."
)


class Account(Workspace):
    """One account; its host may be a unified one, which serves the account and all its workspaces."""

    kind = sign_in.ACCOUNT

    @property
    def account_id(self) -> str:
        """Of the option, the environment, the profile, or the host's description of itself."""
        found = str(self.config.account_id or "")
        if not names.UUID.match(found):
            fault = f"{found!r} is not an account ID" if found else "is missing"
            raise BadOption("account_id", f"{fault}. Set the option, DATABRICKS_ACCOUNT_ID or a profile.")
        return found

    def _build_config(self) -> t.Any:
        config = super()._build_config()
        if config.auth_type in ("pat", "basic"):
            message = f"Could not {self._signing_in}: the environment or the profile gives a credential of a workspace."
            raise Failure(message, code="AUTHENTICATION", hint=_NEEDS)
        return config

    def signed(self) -> dict[str, str]:
        try:
            return super().signed()
        except Failure as refused:
            if refused.code == "AUTHENTICATION" and refused.status:
                refused.hint = f"The ID or the secret is wrong, or the secret was deleted. {_NEEDS}"
            raise

    def _first_route(self, config: t.Any) -> str | None:
        """Calls name the account in their path, and no workspace."""
        return None

    def _send(self, method: str, path: str, query: Json | None, body: Json | None, holds: t.Sequence[str] = ()) -> Json:
        headers = {"Accept": "application/json", "User-Agent": self.config.user_agent or VERSION, **self.signed()}
        reply = self._http.send(method, f"{self.host}{path}", headers=headers, query=query, body=body)
        value = replies.read(reply)
        if isinstance(value, list):
            return {LIST: value}
        return replies.as_object(reply, value, must=method == "GET", holds=holds)

    def _translated(self, error: BaseException, doing: str, where: str) -> Failure:
        failure = super()._translated(error, doing, where)
        if failure.status in (401, 403) and failure.code != "NOT_THE_API":
            failure.hint = _NEEDS
        elif failure.status == 404 or failure.code == "NOT_THE_API":
            failure.hint = _WHERE
        return failure

    def name_caller(self, failure: Failure) -> None:
        """Only workspaces tell callers who they are."""
