# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Where a token is kept: the one place that holds its value."""

from __future__ import annotations

import abc
import base64
import contextlib
import json
import typing as t

from .._api import principals
from .._common.failure import BadOption, Failure, Refused
from .._common.json_types import Json
from . import records

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


class Rival(Exception):
    """Another run wrote to the store since this one read it."""


class Store(abc.ABC):
    """One record, read and written whole."""

    place: str  # for people
    warnings: t.Sequence[str] = ()  # what a person should know about the place
    at_hand = True  # reading it asks nobody over the network

    def check(self) -> None:
        """Find out without changing anything whether the record can be read and, where that can be told, written.

        :raises Failure: it cannot
        """
        self.read()

    @abc.abstractmethod
    def read_text(self) -> str | None:
        """The stored text, or None."""

    @abc.abstractmethod
    def write_text(self, text: str) -> None:
        """Replace the stored text."""

    @abc.abstractmethod
    def clear(self) -> None:
        """Forget the record. None at all is fine."""

    def prepare(self) -> None:  # noqa: B027 - most stores are always ready
        """Make sure that the record can be written, before there is something to write."""

    def exclusive(self) -> t.ContextManager[None]:
        """Keep other runs out while a token is made."""
        return contextlib.nullcontext()

    def repair(self, check: bool) -> list[str]:
        """Repair what an interrupted run or a person left in a wrong state.

        :returns: sentences about what was done, or would be in check mode
        """
        return []

    def exposed_to(self, me: t.Callable[[], str]) -> list[str]:
        """Who else may read the record.

        :param me: the caller's name, asked for only where it matters
        """
        return []

    def read(self) -> Json | None:
        return parse(self.read_text(), self.place)

    def write(self, record: Json, seen: Json | None) -> None:
        """Write, read back, compare.

        :param seen: what was read before; when something else is there by now, nothing is written
        :raises Rival: another run was faster
        :raises Failure: the store cannot be read or written, or does not keep what is written
        """
        if self.read() != seen:
            raise Rival
        self.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
        kept = self.read()
        if kept == record:
            return
        if kept == seen:
            raise Failure(f"store: {self.place} did not keep what was written to it.", code="STORE")
        raise Rival


class Tasks(Store):
    """The user's own tasks: what their reading tasks got comes in, what their writing tasks shall store goes out."""

    place = "the store of your own tasks"

    def __init__(self, record: str | None) -> None:
        self.record, self.to_write = record, None  # type: str | None, Json | None

    def read_text(self) -> str | None:
        return json.dumps(self.to_write) if self.to_write else self.record

    def write_text(self, text: str) -> None:
        self.to_write = json.loads(text)

    def clear(self) -> None:
        self.record, self.to_write = None, {}

    @property
    def outgoing(self) -> str | None:
        """What the tasks shall store.

        Encoded, because Ansible blots out a supplied token wherever it appears in a result.
        """
        return None if self.to_write is None else base64.b64encode(json.dumps(self.to_write).encode()).decode()


def parse(text: str | None, place: str) -> Json | None:
    """A record of ours; one that only announces a token holds none yet.

    :raises Refused: the text is something else, which must not be overwritten
    """
    if text is None or not text.strip() or text.strip() in ("{}", "null", '""'):
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    holds_token = isinstance(record, dict) and record.get("token_id") and record.get("token_value")
    announces = isinstance(record, dict) and record.get("store_id") and record.get("intents")
    fault = records.fault_in(record) if isinstance(record, dict) else None
    if not (holds_token or announces) or fault:
        raise Refused(
            f"store: {place} holds something that is not the record of a token"
            f"{f': its {fault} has a wrong form' if fault and (holds_token or announces) else ''}.",
            code="NOT_A_RECORD",
            hint="Give the token a place of its own, or remove what is there.",
        )
    return record


def open_store(workspace: Workspace, options: t.Mapping[str, t.Any]) -> Store:
    """The store that the options name.

    :raises BadOption: an option is missing or cannot be used
    """
    kind = options.get("type") or "file"
    if kind == "file":
        from .store_file import FileStore

        if not options.get("path"):
            raise BadOption("store.path", "is needed for a file store.")
        return FileStore(options["path"], workspace.vault)
    if kind == "databricks_secret":
        from .store_databricks_secret import SecretStore

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
