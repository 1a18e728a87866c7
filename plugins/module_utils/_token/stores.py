# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The store that options name, and the token that lies there."""

from __future__ import annotations

import contextlib
import json
import typing as t

from .._api import principals
from .._common.failure import BadOption, Failure, Refused
from .._common.json_types import Json
from .store import Store
from .store_databricks_secret import SecretStore
from .store_file import FileStore
from .store_tasks import Tasks

if t.TYPE_CHECKING:
    from .._wire.workspace import Workspace


# What the name of a stored record and of the one that a rehearsal keeps beside it differ by.
BESIDE = ".rehearsal"

SPEC: Json = {
    "type": {"type": "str", "choices": ["file", "databricks_secret", "tasks"], "default": "file"},
    "path": {"type": "path"},
    "scope": {"type": "str"},
    "key": {"type": "str", "no_log": False},
    "create_scope": {"type": "bool", "default": False},
    "record": {"type": "json", "no_log": True},
}


def open_store(workspace: Workspace, options: t.Mapping[str, t.Any]) -> Store:
    """The store that the options name.

    :raises BadOption: an option is missing or cannot be used
    """
    kind = options.get("type") or "file"
    if kind == "file":
        if not options.get("path"):
            raise BadOption("store.path", "is needed for a file store.")
        return FileStore(options["path"], workspace.vault)
    if kind == "databricks_secret":
        return SecretStore(workspace, options.get("scope"), options.get("key"), bool(options.get("create_scope")))
    if kind == "tasks":
        record = options.get("record")
        return Tasks(json.dumps(record) if isinstance(record, dict) else record)
    raise BadOption("store.type", f"{kind!r} is not one of file, databricks_secret, tasks.")


def stored_record(workspace: Workspace, store: t.Mapping[str, t.Any]) -> Json:
    """The record of the stored token, with its value.

    :raises Failure: there is none, or it is of another workspace
    """
    found = open_store(workspace, store)
    record = found.read()
    if record is None or not record.get("token_value"):
        raise Failure(
            f"store: {found.place} holds no token.", code="NO_TOKEN", hint="Module token makes and stores one."
        )
    belongs_here(record, workspace, found.place)
    return record


def stored_token(workspace: Workspace, store: t.Mapping[str, t.Any]) -> str:
    """The stored token's value, for whoever has to act as its owner.

    :raises Failure: there is none
    """
    return stored_record(workspace, store)["token_value"]


def belongs_here(record: Json, workspace: Workspace, place: str) -> None:
    """Never send one workspace's token to another.

    Where the address is another one than the record has, the host is asked with the caller's own credentials which
    workspace it is, before the stored token is sent anywhere.

    :raises Refused: it is another workspace, or nobody could tell
    """
    if is_here(record, workspace.host, workspace.answered_by) is None:
        with contextlib.suppress(Failure):
            principals.me(workspace)
    if not is_here(record, workspace.host, workspace.answered_by):
        raise other_workspace(record, place)


def is_here(record: Json, host: str, workspace_id: str | None) -> bool | None:
    """Whether a record is of the workspace at a host; None if that cannot be told.

    A workspace may have several addresses, so its id decides, where both are known.

    :param workspace_id: as the host said in its answers
    """
    theirs = record.get("workspace_id")
    if theirs and workspace_id:
        return str(theirs) == str(workspace_id)
    if not record.get("host") or record["host"] == host:
        return True
    return None if theirs else False


def other_workspace(record: Json, place: str) -> Refused:
    """The refusal of a record that belongs elsewhere."""
    number = record.get("workspace_id")
    return Refused(
        f"store: {place} holds the token of another workspace, {record.get('host')}"
        f"{f' (workspace id {number})' if number else ''}.",
        code="OTHER_WORKSPACE",
        hint="Give every workspace a store of its own, for example with inventory_hostname in the path.",
    )
