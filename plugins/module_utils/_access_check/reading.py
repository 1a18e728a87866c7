# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Reading for a verification: REST and two SQL sessions at the same time, as the token and as the runner.

Nothing here judges, and nothing that fails keeps the rest from being read. The runner may be absent, or no
administrator: what only he could see is then read as the token, which is told its own part of it.
"""

from __future__ import annotations

import functools
import typing as t
from concurrent.futures import Future, ThreadPoolExecutor

from .._api import principals, warehouses
from .._api.grants import BASE, HIVE, Securable, Unity
from .._common import http_path, names
from .._common.failure import BadOption, Failure
from .._common.json_types import Json
from .._token import stores
from .._token.vault import KEYS_NEEDED
from .._wire import connection
from .._wire.workspace import Workspace
from . import data_contract, statements
from .evidence import NOT_TRIED, Evidence, Outcome, attempt
from .wanted import Wanted


def read(workspace: Workspace, wanted: Wanted, params: Json, *, predict: bool) -> Evidence:
    """Everything that can be read; in check mode nothing that would write, not even a probe.

    :raises BadOption: an option cannot be used
    :raises Failure: the workspace cannot be reached, so nothing at all could be established
    """
    evidence = Evidence(principal=params["principal"].strip(), http_path=params["http_path"], predict=predict)
    store = stores.open_store(workspace, params["token_store"])
    evidence.place = store.place
    evidence.record = attempt("read the store", store.read, workspace.secrets)
    unread = evidence.record.failure
    # The action answers the second with keys, and then the file is read.
    if unread is not None and (isinstance(unread, BadOption) or unread.code == KEYS_NEEDED):
        raise unread
    # Signing in is tried by itself: a run with nothing but the store and the warehouse has no runner.
    evidence.runner = attempt("sign in as the runner", lambda: workspace.host, workspace.secrets)
    token = _as_owner(workspace, params["token_store"], evidence)
    if token is None:
        return evidence
    try:
        _read_all(workspace if evidence.runner.ok else None, token, wanted, params, evidence)
    finally:
        token.close()
    _reached(evidence)
    return evidence


def _as_owner(workspace: Workspace, store: Json, evidence: Evidence) -> Workspace | None:
    """The workspace as the owner of the stored token, or None where there is no token that may be sent there."""
    record = evidence.record.value
    if not record or not record.get("token_value"):
        # A record without a value only announces a token.
        evidence.record = Outcome(None, evidence.record.failure, evidence.record.seconds)
        return None
    # The value stays in the Workspace; what is kept as evidence may be shown.
    evidence.record = Outcome({key: value for key, value in record.items() if key != "token_value"})
    if evidence.runner.ok:
        value = attempt("use the stored token", lambda: stores.stored_token(workspace, store), workspace.secrets)
        if value.failure is not None:
            evidence.record = value
            return None
        token = workspace.as_token(value.value)
    else:
        host, theirs = workspace.params["host"], record.get("host")
        if host and theirs and connection.host(host) != theirs:
            evidence.record = Outcome(failure=_elsewhere(theirs, evidence.place))
            return None
        if not (host or theirs):
            evidence.record = Outcome(failure=evidence.runner.failure)
            return None
        kept = {name: workspace.params[name] for name in ("ca_cert", "http_timeout", "retry_timeout", "workspace_id")}
        token = Workspace({**kept, "host": host or theirs, "token": record["token_value"]}, notify=workspace.notify)
    evidence.hostname = token.hostname
    return token


def _elsewhere(host: str, place: str) -> Failure:
    return Failure(
        f"store: {place} holds the token of another workspace, {host}.",
        code="OTHER_WORKSPACE",
        hint="Give every workspace a store of its own, for example with inventory_hostname in the path.",
    )


def _read_all(runner: Workspace | None, token: Workspace, wanted: Wanted, params: Json, evidence: Evidence) -> None:
    token.sign_in()
    with ThreadPoolExecutor(max_workers=12) as pool:
        me = pool.submit(_me, token, evidence)
        caller = pool.submit(_caller, runner, params["caller"], evidence)
        path = pool.submit(_path, runner, token, params["warehouse"], evidence)
        details = {
            schema.name: pool.submit(
                _details, runner, token, schema.name, evidence, columns=wanted.holds_data(schema.name)
            )
            for schema in wanted.using("read")
            if schema.name.split(".")[0] != HIVE
        }
        sessions = statements.Sessions(token, wanted, evidence, params["timeout"], params["allowed_schemas"])
        sessions.counting = data_contract.Counting(wanted, evidence, params) if params["check_data"] else None
        looking = pool.submit(
            sessions.read, me.result, path.result, details, lambda name: _details(None, token, name, evidence)
        )
        trying = pool.submit(sessions.try_out, path.result)
        seen = [
            pool.submit(_privileges, runner, token, grant.of, me.result, evidence)
            for grant in wanted.grants
            if not grant.of.hive
        ]
        paths = [f"catalogs/{name}" for name in wanted.catalogs] + [
            f"schemas/{schema.name}" for schema in wanted.schemas
        ]
        evidence.owners.update({str(name).lower(): str(owner) for name, owner in params["owners"].items() if owner})
        paths = [path for path in paths if path.split("/")[1].lower() not in evidence.owners]
        unity = [path for path in paths if path.split("/")[1].split(".")[0] != HIVE]
        seen += [pool.submit(_owners, runner or token, path, evidence) for path in unity]
        waiting: list[Future[t.Any]] = [me, caller, path, *seen, *details.values(), looking, trying]
        for future in waiting:
            future.result()
        # Where access comes from that nobody wished is asked only when there is some.
        found = [Securable("schema", name) for name in _surprising(evidence, params["allowed_schemas"])]
        more = [pool.submit(_privileges, runner, token, of, me.result, evidence) for of in found if not of.hive]
        more += [
            pool.submit(_owners, runner or token, f"schemas/{of.full_name}", evidence) for of in found if not of.hive
        ]
        for future in more:
            future.result()


def _surprising(evidence: Evidence, allowed: t.Iterable[str]) -> list[str]:
    """Schemas that the principal sees, or can make tables in, without anybody having wished that."""
    known = {of.full_name for of in evidence.effective}
    schemas = [name for name, (listed, _granted) in evidence.others.items() if listed.ok]
    schemas += [name for name, done in evidence.forbidden.items() if done.ok]
    ignored_schemas = {name.lower() for name in allowed}
    return sorted({name for name in schemas if name not in known and name.split(".")[1] not in ignored_schemas})


def _me(token: Workspace, evidence: Evidence) -> None:
    evidence.me = attempt("ask who the token belongs to", lambda: principals.me(token), token.secrets)
    evidence.workspace_id = token.answered_by
    evidence.now = token.now


def _caller(runner: Workspace | None, known: str | None, evidence: Evidence) -> None:
    """Who the runner is and how he signed in; one who cannot be asked stays unknown."""
    if runner is None:
        return
    evidence.sign_in = str(runner.config.auth_type or "") or None
    evidence.caller = known
    if known is None:
        me = attempt("ask who the runner is", lambda: principals.me(runner), runner.secrets)
        evidence.caller = me.value["user_name"] if me.ok else None


def _path(runner: Workspace | None, token: Workspace, name: str | None, evidence: Evidence) -> str | None:
    """The HTTP path; a warehouse that the token may not see is looked up as the runner, who can say more of it."""
    path = http_path.read("http_path", evidence.http_path) if evidence.http_path is not None else None
    if path is not None:
        # As a driver takes it, whatever it was copied from.
        evidence.http_path = token.http_path(path.plain, path.workspace_id)
        return evidence.http_path
    found = attempt("read the SQL warehouse", lambda: warehouses.find(token, name or ""), token.secrets)
    if found.failure is not None and runner is not None:
        as_runner = attempt("read the SQL warehouse", lambda: warehouses.find(runner, name or ""), runner.secrets)
        found = as_runner if as_runner.ok else found
    if isinstance(found.failure, BadOption):
        raise found.failure
    evidence.warehouse = found
    evidence.http_path = found.value["http_path"] if found.ok else None
    return evidence.http_path


def _privileges(
    runner: Workspace | None, token: Workspace, of: Securable, me: t.Callable[[], None], evidence: Evidence
) -> None:
    """Everybody's effective privileges. A lesser caller is told a part of them and no error (no page states the rule),
    so what a runner reads counts as all of them only if it holds what was granted to the principal."""

    def ask(workspace: Workspace) -> Outcome:
        return attempt(f"read the privileges on {of}", Unity(workspace, of).effective, workspace.secrets)

    found = ask(runner) if runner is not None else NOT_TRIED
    me()
    if found.ok and any(row.principal.lower() in evidence.names for row in found.value):
        evidence.read_by_runner.add(of)
    else:
        own = ask(token)
        if own.ok:
            found = Outcome([*(found.value if found.ok else ()), *own.value], seconds=found.seconds + own.seconds)
        elif not found.tried:
            found = own
    evidence.effective[of] = found


def _owners(workspace: Workspace, path: str, evidence: Evidence) -> None:
    """The owner of a catalog or schema; one who may not see it learns nothing."""
    name = path.rsplit("/", 1)[1]
    found = attempt(f"read {name}", lambda: workspace.find(f"{BASE}/{path}", f"read {name}"), workspace.secrets)
    if found.ok and found.value:
        evidence.owners[name] = found.value.get("owner") or ""


def _details(
    runner: Workspace | None, token: Workspace, schema: str, evidence: Evidence, *, columns: bool = False
) -> None:
    """Owner, kind, row filter, age and maybe columns of the tables of a schema, as far as anybody is told."""
    catalog, name = schema.split(".")

    def listed(workspace: Workspace) -> list[Json]:
        query: Json = {"catalog_name": catalog, "schema_name": name, "omit_properties": True}
        query["omit_columns"] = not columns
        return list(workspace.pages(f"{BASE}/tables", "tables", f"list the tables of {schema}", **query))

    for workspace in filter(None, (runner, token)):
        found = attempt(f"list the tables of {schema}", functools.partial(listed, workspace), workspace.secrets)
        if found.ok:
            for raw in found.value:
                evidence.details[str(raw.get("full_name", "")).lower()] = {
                    "owner": raw.get("owner") or "",
                    "type": raw.get("table_type") or "",
                    "row_filter": (raw.get("row_filter") or {}).get("function_name"),
                    "created": _seconds(raw.get("created_at")),
                    "columns": raw.get("columns") if columns else None,
                }
            return


def _seconds(milliseconds: t.Any) -> float | None:
    return milliseconds / 1000 if isinstance(milliseconds, (int, float)) and milliseconds > 0 else None


def _reached(evidence: Evidence) -> None:
    failures = [one.failure for one in (evidence.me, evidence.session) if one.tried]
    if failures and all(failure is not None and failure.code == "UNREACHABLE" for failure in failures):
        raise t.cast(Failure, failures[0])


def check_options(params: Json) -> None:
    """Refuse what cannot be used before anything is asked.

    :raises BadOption: names the option
    """
    principals.filled("principal", params["principal"])
    principals.filled("warehouse", params["warehouse"])
    if params["http_path"] is not None and http_path.read("http_path", params["http_path"]) is None:
        raise http_path.no_path("http_path", params["http_path"])
    for name in params["allowed_schemas"]:
        names.identifier("allowed_schemas", name)
