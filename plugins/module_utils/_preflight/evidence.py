# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a preflight reads, at the same time where reads do not depend on each other. Nothing is judged here."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

from .._api import permissions, principals, warehouses
from .._common import names
from .._common.failure import Failure
from .._common.json_types import Json
from .._token import ownership, stores
from .._token.vault import KEYS_NEEDED
from .._wire.errors import is_absent
from .._wire.workspace import Workspace
from . import already_held, principal_use, rights
from .data import Outcome, Reads, Seen, Wish

CATALOG = "/api/2.1/unity-catalog"
HIVE = "hive_metastore"
SETTINGS = ("enableTokensConfig", "maxTokenLifetimeDays", "enableIpAccessLists")


def read(workspace: Workspace, wish: Wish, cloud: t.Callable[[Workspace], str]) -> Seen:
    """Read everything, in two rounds: what stands alone, and what depends on it.

    :raises Failure: who the caller is could not be learned
    """
    workspace.sign_in()
    first = _first(workspace, wish, cloud)
    with ThreadPoolExecutor(max_workers=len(first) + 1) as pool:
        asked = pool.submit(_caller, workspace)
        pending = {name: pool.submit(outcome, read) for name, read in first.items()}
    seen = Seen(asked.result(), workspace.host, workspace.hostname, workspace.config.auth_type == "pat")
    seen.answers = {name: future.result() for name, future in pending.items()}
    second = _second(workspace, wish, seen, cloud)
    if second:
        with ThreadPoolExecutor(max_workers=len(second)) as pool:
            more = {name: pool.submit(outcome, read) for name, read in second.items()}
        seen.answers |= {name: future.result() for name, future in more.items()}
    # Who has which level there is asked once, whatever for.
    if not seen.caller["admin"] and seen[already_held.on_warehouse(wish)].asked:
        seen.answers.setdefault("level", seen[already_held.on_warehouse(wish)])
    return seen


def outcome(read: t.Callable[[], t.Any]) -> Outcome:
    """The answer of a read or the reason why there is none.

    :raises Failure: a file is encrypted and this machine has no keys; the action answers that with keys, and asks again
    """
    try:
        return Outcome(read())
    except Failure as failure:
        if failure.code == KEYS_NEEDED:
            raise
        return Outcome(failure=failure)


def _caller(workspace: Workspace) -> Json:
    return {**principals.me(workspace), "workspace_id": workspace.answered_by}


def _first(workspace: Workspace, wish: Wish, cloud: t.Callable[[Workspace], str]) -> Reads:
    call = workspace.call
    reads: Reads = {}
    if wish.provisioning:
        if wish.facts:
            reads["metastore"] = _metastore_read(workspace)
            reads["cloud"] = lambda: cloud(workspace)
        keys = {"keys": ",".join(SETTINGS)}
        reads["settings"] = lambda: call(
            "GET", "/api/2.0/workspace-conf", "read the settings of the workspace", query=keys
        )
    if wish.catalog and wish.catalog != HIVE:
        reads["catalog"] = lambda: call("GET", f"{CATALOG}/catalogs/{wish.catalog}", f"read catalog {wish.catalog}")
        for name in wish.schemas:
            reads[f"schema {name}"] = _schema_read(workspace, f"{wish.catalog}.{name}")
    if wish.warehouse is not None:
        reads["warehouse"] = lambda: warehouses.find(workspace, str(wish.warehouse))
    if wish.principal:
        reads["principals"] = lambda: _principals(workspace, wish)
    if wish.store is not None:
        at_hand = _at_hand(workspace, wish.store) if wish.access else Outcome()
        reads["store"] = lambda: _record(workspace, wish.store or {}) if not at_hand.asked else _answer(at_hand)
        reads |= already_held.first_reads(workspace, wish.access, at_hand.value or {})
    return reads


def _at_hand(workspace: Workspace, options: t.Mapping[str, t.Any]) -> Outcome:
    """The record of a store that asks nobody over the network, so that it can say what else to ask."""

    def read() -> Json | None:
        return _record(workspace, options) if stores.open_store(workspace, options).at_hand else None

    return outcome(read)


def _answer(of: Outcome) -> t.Any:
    if of.failure is not None:
        raise of.failure
    return of.value


def _record(workspace: Workspace, options: t.Mapping[str, t.Any]) -> Json:
    """The store's record, empty for none.

    :raises Failure: the store cannot be used
    """
    store = stores.open_store(workspace, options)
    store.check()
    return store.read() or {}


def _principals(workspace: Workspace, wish: Wish) -> list[Json]:
    name = str(wish.principal)
    if wish.kind == "user":
        return principals.users(workspace, name=name)
    if names.UUID.match(name):
        return principals.service_principals(workspace, application_id=name)
    return principals.service_principals(workspace, name=name)


def _schema_read(workspace: Workspace, full_name: str) -> t.Callable[[], Json]:
    return lambda: workspace.call("GET", f"{CATALOG}/schemas/{full_name}", f"read schema {full_name}")


def _metastore_read(workspace: Workspace) -> t.Callable[[], Json]:
    path = f"{CATALOG}/current-metastore-assignment"
    return lambda: workspace.call("GET", path, "read the metastore of the workspace")


def _second(workspace: Workspace, wish: Wish, seen: Seen, cloud: t.Callable[[Workspace], str]) -> Reads:
    reads: Reads = {}
    catalog = seen["catalog"].value
    if wish.provisioning and not wish.facts:
        # A catalog that is there proves the metastore; the cloud decides how a token is made, where one has to be.
        if seen["catalog"].failure is not None:
            reads["metastore"] = _metastore_read(workspace)
        if not seen.stored and not wish.supplied:
            reads["cloud"] = lambda: cloud(workspace)
    if catalog is not None and not rights.owns(seen.caller, catalog.get("owner")):
        reads["privileges"] = lambda: _privileges(workspace, str(wish.catalog), seen.caller["user_name"])
        if wish.provisioning:
            summary = f"{CATALOG}/metastore_summary"
            reads["metastore owner"] = lambda: workspace.call("GET", summary, "read the metastore of the workspace")
    if catalog is None and is_missing(seen["catalog"].failure):
        reads["catalogs"] = lambda: _catalog_names(workspace)
    reads |= already_held.second_reads(workspace, wish, seen)
    warehouse = seen["warehouse"].value
    if (
        warehouse is not None
        and not seen.caller["admin"]
        and already_held.on_warehouse(wish) not in {*seen.answers, *reads}
    ):
        reads["level"] = lambda: permissions.read(workspace, "warehouse", warehouse["id"])
    if not wish.provisioning or not wish.principal:
        return reads
    found = seen["principals"].value or []
    record = seen["store"].value or {}
    if len(found) == 1 and not _is_ours(record, found[0]):
        who = found[0]
        full_names = [f"{wish.catalog}.{name}" for name in wish.schemas]
        reads["uses"] = lambda: principal_use.of(workspace, who, wish.kind, str(wish.catalog), full_names)
    if seen.stored and seen["principals"].value is not None and len(found) < 2:
        reads["whose"] = lambda: _whose(workspace, wish, seen, record, found)
    if seen.caller["admin"] and not seen.stored and not wish.supplied and wish.kind == "service_principal":
        setting = "/api/2.0/settings/types/restrict_workspace_admins/names/default"
        reads["restriction"] = lambda: workspace.call("GET", setting, "read what administrators are kept from")
        if not seen.signs_in_by_token:
            tokens_list = permissions.path(permissions.TOKENS, permissions.TOKENS)
            reads["token permissions"] = lambda: workspace.call("GET", tokens_list, "read who may use tokens")
    if wish.addresses and _says(seen["settings"].value, "enableIpAccessLists") is True:
        lists = "/api/2.0/ip-access-lists"
        reads["ip lists"] = lambda: workspace.call("GET", lists, "read the IP access lists")
    return reads


def _privileges(workspace: Workspace, catalog: str, me: str) -> list[tuple[str, str]]:
    """(principal, privilege) on the catalog as far as the caller may see them; everybody may ask for their own."""
    path, doing = f"{CATALOG}/effective-permissions/catalog/{catalog}", f"read the privileges on catalog {catalog}"
    try:
        rows = list(workspace.pages(path, "privilege_assignments", doing, max_results=0))
    except Failure as failure:
        if failure.status not in (401, 403):
            raise
        rows = list(workspace.pages(path, "privilege_assignments", doing, max_results=0, principal=me))
    return [
        (row.get("principal") or "", privilege.get("privilege") or "")
        for row in rows
        for privilege in row.get("privileges") or []
    ]


def _catalog_names(workspace: Workspace) -> list[str]:
    found = workspace.pages(f"{CATALOG}/catalogs", "catalogs", "list the catalogs", max_results=0)
    return sorted(str(raw.get("name") or "") for raw in found)


def is_missing(failure: Failure | None) -> bool:
    """Whether the API says that an object of Unity Catalog is not there, or the catalog that it would be in."""
    return failure is not None and (
        is_absent(failure) or failure.code in ("CATALOG_DOES_NOT_EXIST", "CATALOG_NOT_FOUND")
    )


def _is_ours(record: Json, principal: Json) -> bool:
    """Whether the store's record was made for this principal, by an earlier run."""
    return bool(record) and str(record.get("principal") or "").lower() == _name(principal).lower()


def _name(principal: Json) -> str:
    """What the services call it."""
    return str(principal.get("application_id") or principal.get("user_name") or "")


def _whose(workspace: Workspace, wish: Wish, seen: Seen, record: Json, found: list[Json]) -> bool:
    """Whether the stored token is the one that is meant; module token asks the same when everything else was made.

    :raises Failure: as ``ownership.belongs`` does
    """
    known_as = _name(found[0]) if found else None
    whose = ownership.Whose(seen.caller["workspace_id"], wish.integration, str(wish.principal), known_as)
    return ownership.belongs(workspace, record, stores.open_store(workspace, wish.store or {}).place, whose)


def _says(settings: Json | None, key: str) -> bool | None:
    """A setting of the workspace: values are text, null where nobody set them (TF docs/resources/workspace_conf.md)."""
    return None if settings is None else str(settings.get(key)).lower() == "true"
