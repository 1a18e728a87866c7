# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SCIM directory in memory that loses answers and lags behind on demand."""

from __future__ import annotations

import re
import typing as t
import uuid

from ansible_collections.lakeops.databricks.plugins.module_utils._api import principals
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, LostAnswer


class Directory:
    """Stands for a Workspace: a SCIM directory that can lose answers and lag behind."""

    def __init__(self) -> None:
        self.people: dict[str, list[dict[str, t.Any]]] = {"ServicePrincipals": [], "Users": [], "Groups": []}
        self.calls: list[tuple[str, str]] = []
        self.queries: list[dict[str, t.Any]] = []
        self.bodies: list[dict[str, t.Any]] = []
        self.lose: list[str] = []  # for each POST: "before" or "after" the handler ran, or ""
        self.after_create: t.Callable[[dict[str, t.Any]], None] = lambda made: None
        self.page = 1000
        self.next_id = 1000
        self.notices: list[str] = []
        self.caller, self.cloud, self.hostname = "1", "aws", "127.0.0.1:1"
        self.secrets: list[str] = []
        self.vault: t.Any = None

    def together(self, *reads: t.Callable[[], t.Any]) -> list[t.Any]:
        return [read() for read in reads]

    def notify(self, message: str) -> None:
        self.notices.append(message)

    def add(self, kind: str, **fields: t.Any) -> dict[str, t.Any]:
        self.next_id += 1
        one = {"id": str(self.next_id), **fields}
        if kind == "ServicePrincipals":
            one.setdefault("applicationId", str(uuid.UUID(int=self.next_id)))
        self.people[kind].append(one)
        return one

    def close(self) -> None:
        """Nothing is open."""

    def call(
        self,
        method: str,
        path: str,
        doing: str,
        query: t.Any = None,
        body: t.Any = None,
        repeat: t.Any = None,
        holds: t.Any = (),
    ) -> t.Any:
        self.calls.append((method, path))
        kind, _slash, scim_id = path.removeprefix(principals.BASE + "/").partition("/")
        if kind == "Me":
            return {"id": self.caller}
        if path == "/.well-known/databricks-config":
            return {"cloud": self.cloud}
        if method == "GET" and not scim_id:
            return self._list(kind, query)
        if method == "POST":
            return self._create(kind, body)
        one = next((one for one in self.people[kind] if one["id"] == scim_id), None)
        if one is None:
            raise Failure("Could not: not found.", code="SCIM_404", status=404)
        if method == "DELETE":
            self.people[kind].remove(one)
        if method == "PATCH":
            self.bodies.append(body)
            for operation in body["Operations"]:
                self._apply(one, **operation)
        return one

    def _apply(self, one: dict[str, t.Any], op: str, path: str, value: t.Any = None) -> None:
        if op == "remove":
            chosen = re.fullmatch(r'entitlements\[value eq "([\w-]+)"\]', path)
            assert chosen and value is None, "a removal must not carry a value"
            if not one.get("entitlements"):
                raise Failure("invalidPath No such attribute with the name : entitlements", code="SCIM_400", status=400)
            one["entitlements"] = [item for item in one["entitlements"] if item["value"] != chosen[1]]
        elif op == "add":
            one[path] = one.get(path, []) + value
        else:
            assert op == "replace"
            one[path] = value

    def find(self, path: str, doing: str, holds: t.Any = ()) -> t.Any:
        try:
            return self.call("GET", path, doing)
        except Failure:
            return None

    def _list(self, kind: str, query: dict[str, t.Any]) -> dict[str, t.Any]:
        self.queries.append(query)
        found = self.people[kind]
        where = re.fullmatch(r'(\w+) eq "((?:[^"\\]|\\.)*)"', query.get("filter", ""))
        if query.get("filter"):
            assert where, query
            value = re.sub(r"\\(.)", r"\1", where[2]).lower()
            found = [one for one in found if one.get(where[1], "").lower() == value]
        start = query["startIndex"] - 1
        return {"totalResults": len(found), "Resources": found[start : start + min(self.page, query["count"])]}

    def _create(self, kind: str, body: dict[str, t.Any]) -> dict[str, t.Any]:
        self.bodies.append(body)
        fate = self.lose.pop(0) if self.lose else ""
        if fate == "before":
            raise LostAnswer("lost")
        name = body.get("userName")
        if name and any(one["userName"].lower() == name.lower() for one in self.people[kind]):
            raise Failure(f"Could not: User with username {name} already exists.", code="SCIM_409", status=409)
        made = self.add(kind, **{key: value for key, value in body.items() if key != "schemas"})
        self.after_create(made)
        if fate == "after":
            raise LostAnswer("lost")
        return made

    def count(self, method: str) -> int:
        return sum(1 for call in self.calls if call[0] == method)
