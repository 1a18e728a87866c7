# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name, session and statement of a Thrift call, read from its bytes.

Journal and faults need them before any handler ran, and for calls that no handler will ever see.
"""

from __future__ import annotations

import struct
import typing as t
import uuid

_FIXED = {2: ">b", 3: ">b", 4: ">d", 6: ">h", 8: ">i", 10: ">q"}  # bool, byte, double, i16, i32, i64


class Peek(t.NamedTuple):
    call: str | None = None
    session_id: str | None = None
    statement: str | None = None


class _Reader:
    """As much of the binary protocol as is needed to walk over any value."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, form: str) -> t.Any:
        size = struct.calcsize(form)
        value = struct.unpack_from(form, self.data, self.at)[0]
        self.at += size
        return value

    def binary(self) -> bytes:
        size = self.number(">i")
        if size < 0 or self.at + size > len(self.data):
            raise ValueError("not a Thrift string")
        self.at += size
        return self.data[self.at - size : self.at]

    def value(self, kind: int) -> t.Any:
        if kind in _FIXED:
            return self.number(_FIXED[kind])
        if kind == 11:
            return self.binary()
        if kind == 12:
            fields = {}
            while field_kind := self.number(">b"):
                number = self.number(">h")
                fields[number] = self.value(field_kind)
            return fields
        if kind == 13:
            key_kind, value_kind, size = self.number(">b"), self.number(">b"), self.number(">i")
            return [(self.value(key_kind), self.value(value_kind)) for _each in range(size)]
        if kind in (14, 15):
            item_kind, size = self.number(">b"), self.number(">i")
            return [self.value(item_kind) for _each in range(size)]
        raise ValueError(f"not a Thrift type: {kind}")


def peek(data: bytes) -> Peek:
    """Nothing at all when the bytes are no Thrift message."""
    call, fields = _message(data)
    request = fields.get(1, {})
    if call == "ExecuteStatement":
        return Peek(call, _guid(request.get(1)), (request.get(2) or b"").decode(errors="replace"))
    return Peek(call, _guid(request.get(1)) if call == "CloseSession" else None)


def opened_session(reply: bytes) -> str | None:
    """The session that the answer to an OpenSession hands out."""
    _call, fields = _message(reply)
    return _guid(fields.get(0, {}).get(3))


def _message(data: bytes) -> tuple[str | None, dict[int, t.Any]]:
    reader = _Reader(data)
    try:
        if reader.number(">I") & 0xFFFF0000 != 0x80010000:
            return None, {}
        call = reader.binary().decode()
        reader.number(">i")
        return call, reader.value(12)
    except (struct.error, ValueError, RecursionError):
        return None, {}


def _guid(handle: t.Any) -> str | None:
    """The GUID of a handle: TSessionHandle.sessionId.guid."""
    inner = handle.get(1) if isinstance(handle, dict) else None
    guid = inner.get(1) if isinstance(inner, dict) else None
    return str(uuid.UUID(bytes=guid)) if isinstance(guid, bytes) and len(guid) == 16 else None
