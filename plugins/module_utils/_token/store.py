# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What every store of a token can do, whatever it is made of."""

from __future__ import annotations

import abc
import contextlib
import json
import typing as t

from .._common.failure import Failure, Refused
from .._common.json_types import Json
from . import records


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
