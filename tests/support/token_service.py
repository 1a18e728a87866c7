# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens, OAuth secrets and secret scopes in memory, behind the face of a Workspace; may die or lose an answer."""

from __future__ import annotations

import base64
import copy
import hashlib
import secrets
import typing as t
from datetime import UTC, datetime

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, LostAnswer

ADMIN, PRINCIPAL, PERSON = "1", "7", "8"
APPLICATION_ID = "6f1c2b1e-5a0f-4c5e-9a53-0d4b8e1f7a21"
ANNE = "anne@example.com"


class Died(BaseException):
    """kill -9"""


class State:
    def __init__(self, cloud: str) -> None:
        self.cloud, self.time = cloud, 1_800_000_000.0
        self.names = {ADMIN: "admin@example.com", PRINCIPAL: APPLICATION_ID, PERSON: ANNE}
        self.tokens: dict[str, dict[str, t.Any]] = {}
        self.values: dict[str, str] = {}  # value -> owner
        self.issued: list[str] = []
        self.oauth: dict[str, dict[str, t.Any]] = {}
        self.scopes: dict[str, dict[str, str]] = {}
        self.conf: dict[str, str | None] = {}
        self.history: list[dict[str, t.Any]] = []  # rows of the query history
        self.log: list[tuple[str, str, str]] = []  # method, path, identity
        self.fault: tuple[int, str] | None = None  # (number of the request that changes something, what happens)
        self.changes = 0
        self.workspace_id: str | None = "4711"
        self.host = "https://abc.cloud.databricks.com"
        self.inactive: set[str] = set()
        self.restricted = False  # RESTRICT_TOKENS_AND_JOB_RUN_AS
        # (part of the path, identity, how often): a transient trouble
        self.troubles: list[list[t.Any]] = []

    def trouble(self, path: str, failure: Failure, times: int = 1, identity: str | None = None) -> None:
        """Answer requests to a path by a failure for a while."""
        self.troubles.append([path, failure, times, identity])

    def troubled(self, path: str, identity: str) -> Failure | None:
        for row in self.troubles:
            if row[0] in path and row[2] > 0 and row[3] in (None, identity):
                row[2] -= 1
                return t.cast(Failure, row[1])
        return None


class Service:
    """One workspace as one identity."""

    vault = None

    def __init__(self, cloud: str = "aws", state: State | None = None, caller: str | None = ADMIN) -> None:
        self.state, self.caller = state or State(cloud), caller
        self.secrets = ["dapi" + "a" * 32]
        self.notices: list[str] = []

    @property
    def host(self) -> str:
        return self.state.host

    @property
    def answered_by(self) -> str | None:
        return self.state.workspace_id if self.state.log else None

    @property
    def now(self) -> float:
        return self.state.time

    def notify(self, message: str) -> None:
        self.notices.append(message)

    def as_token(self, value: str) -> Service:
        return Service(state=self.state, caller=self.state.values.get(value))

    def as_service_principal(self, client_id: str, secret: str) -> Service:
        alive = any(one["secret"] == secret for one in self.state.oauth.values())
        return Service(state=self.state, caller=PRINCIPAL if alive and client_id == APPLICATION_ID else None)

    def together(self, first: t.Callable[[], t.Any], *others: t.Callable[[], t.Any]) -> list[t.Any]:
        return [first(), *(other() for other in others)]

    def find(self, path: str, doing: str, *, query: t.Any = None, holds: t.Any = ()) -> t.Any:
        try:
            return self.call("GET", path, doing, query=query)
        except Failure as failure:
            if failure.status == 404:
                return None
            raise

    def pages(self, path: str, key: str, doing: str, **query: t.Any) -> t.Iterator[t.Any]:
        yield from self.call("GET", path, doing).get(key, [])

    def call(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        query: t.Any = None,
        body: t.Any = None,
        repeat: t.Any = None,
        holds: t.Any = (),
    ) -> t.Any:
        state = self.state
        state.log.append((method, path, state.names.get(self.caller or "", "?")))
        if trouble := state.troubled(path, state.names.get(self.caller or "", "?")):
            raise trouble
        if self.caller is None or self.caller in state.inactive:
            raise Failure("Could not: Invalid access token.", code="INVALID_ACCESS_TOKEN", status=403)
        fate = ""
        if method != "GET":
            if state.fault and state.fault[0] == state.changes:
                fate = state.fault[1]
            state.changes += 1
        if fate == "die before":
            raise Died
        if fate == "lose before":
            raise LostAnswer("lost")
        answer = self._handle(method, path, query or {}, body or {})
        if fate == "die after":
            raise Died
        if fate == "lose after" and repeat is None and method == "POST":
            raise LostAnswer("lost")
        return copy.deepcopy(answer)

    def _handle(self, method: str, path: str, query: t.Any, body: t.Any) -> t.Any:
        state = self.state
        if path.endswith("/Me"):
            return {"id": self.caller, "userName": state.names[self.caller or ""], "groups": []}
        if path.endswith(f"/ServicePrincipals/{PRINCIPAL}"):
            return {"id": PRINCIPAL, "applicationId": APPLICATION_ID, "active": PRINCIPAL not in state.inactive}
        if path.endswith(f"/Users/{PERSON}"):
            return {"id": PERSON, "userName": ANNE, "active": PERSON not in state.inactive}
        if path.endswith("/ServicePrincipals"):
            found = [{"id": PRINCIPAL, "applicationId": APPLICATION_ID, "displayName": "klaviyo-import"}]
            found = found if any(name in query["filter"] for name in (APPLICATION_ID, "klaviyo-import")) else []
            return {"totalResults": len(found), "Resources": found}
        if path.endswith("/Users"):
            found = [{"id": PERSON, "userName": ANNE}] if ANNE in query["filter"] else []
            return {"totalResults": len(found), "Resources": found}
        if path.endswith("/Groups"):
            return {"totalResults": 0, "Resources": []}
        if path.endswith("/workspace-conf"):
            return state.conf
        if path.endswith("/sql/history/queries"):
            return {"res": state.history, "has_next_page": False}
        if "/secrets" in path and "/accounts/" not in path:
            return self._scopes(path, query, body)
        if "/accounts/servicePrincipals/" in path:
            return self._oauth(method, path, body)
        return self._tokens(method, path, body)

    def _tokens(self, method: str, path: str, body: t.Any) -> t.Any:
        state = self.state
        live = [
            one for one in state.tokens.values() if one["expiry_time"] < 0 or one["expiry_time"] > state.time * 1000
        ]
        if path.endswith("/on-behalf-of/tokens"):
            if state.cloud == "azure":
                raise Failure(
                    "On-behalf-of token creation for service principals is not enabled for this workspace",
                    code="FEATURE_DISABLED",
                    status=400,
                )
            if state.restricted:
                raise Failure("The caller may not make tokens for it.", code="PERMISSION_DENIED", status=403)
            return self._issue(PRINCIPAL, body)
        if path.endswith("/token/create"):
            return self._issue(str(self.caller), body)
        if path.endswith("/token/list"):
            return {"token_infos": [one for one in live if one["owner_id"] == self.caller]}
        if method == "GET":
            return {"token_infos": live}
        token_id = path.rsplit("/", 1)[1]
        if token_id not in state.tokens:
            raise Failure("Token does not exist", code="RESOURCE_DOES_NOT_EXIST", status=404)
        del state.tokens[token_id]
        for value in list(state.values):
            if hashlib.sha256(value.encode()).hexdigest() == token_id:
                del state.values[value]
        return {}

    def _issue(self, owner: str, body: t.Any) -> t.Any:
        value = "dapi" + secrets.token_hex(16)
        info = {
            "token_id": hashlib.sha256(value.encode()).hexdigest(),
            "owner_id": owner,
            "comment": body.get("comment"),
            "created_by_username": self.state.names[self.caller or ""],
            "creation_time": int(self.now * 1000),
            "expiry_time": int((self.now + body["lifetime_seconds"]) * 1000) if body.get("lifetime_seconds") else -1,
            "scopes": body.get("scopes"),
        }
        self.state.tokens[info["token_id"]] = info
        self.state.values[value] = owner
        self.state.issued.append(value)
        return {"token_value": value, "token_info": info}

    def _oauth(self, method: str, path: str, body: t.Any) -> t.Any:
        if method == "GET":
            return {"secrets": [{key: one[key] for key in one if key != "secret"} for one in self.state.oauth.values()]}
        if method == "DELETE":
            self.state.oauth.pop(path.rsplit("/", 1)[1], None)
            return {}
        value = "dose" + secrets.token_hex(16)
        times = [self.now, self.now + int(body["lifetime"][:-1])]
        made, ends = (datetime.fromtimestamp(one, UTC).strftime("%Y-%m-%dT%H:%M:%S.5Z") for one in times)
        one = {"id": f"s{len(self.state.issued)}", "secret": value, "create_time": made, "expire_time": ends}
        self.state.oauth[one["id"]] = one
        self.state.issued.append(value)
        return one

    def _scopes(self, path: str, query: t.Any, body: t.Any) -> t.Any:
        scopes = self.state.scopes
        if path.endswith("/scopes/list"):
            return {"scopes": [{"name": name} for name in scopes]}
        if path.endswith("/scopes/create"):
            scopes[body["scope"]] = {}
            return {}
        if path.endswith("/acls/list"):
            return {"items": [{"principal": "admin@example.com", "permission": "MANAGE"}]}
        where = {**query, **body}
        if where["scope"] not in scopes or (path.endswith("/get") and where["key"] not in scopes[where["scope"]]):
            raise Failure("missing", code="RESOURCE_DOES_NOT_EXIST", status=404)
        if path.endswith("/get"):
            return {"value": base64.b64encode(scopes[where["scope"]][where["key"]].encode()).decode()}
        if path.endswith("/put"):
            scopes[where["scope"]][where["key"]] = where["string_value"]
        else:
            scopes[where["scope"]].pop(where["key"], None)
        return {}
