# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that can be cut.

ASGI has no way to hang up without an answer, which is just what a lost answer looks like to a client.
"""

from __future__ import annotations

import asyncio
import typing as t

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_OPEN: dict[t.Any, asyncio.Transport] = {}


class Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    def connection_made(self, transport: t.Any) -> None:
        self._peer = (transport.get_extra_info("sockname")[:2], transport.get_extra_info("peername")[:2])
        _OPEN[self._peer] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        _OPEN.pop(self._peer, None)
        super().connection_lost(exc)


async def cut(scope: t.Mapping[str, t.Any]) -> None:
    """Close the TCP connection of a request; the server then no longer tries to answer."""
    transport = _OPEN.get((tuple(scope["server"]), tuple(scope["client"])))
    if transport is None:
        raise RuntimeError("no such connection")
    transport.abort()
    # connection_lost runs in the loop's next turns; returning before it would make the server send a 500.
    for _turn in range(3):
        await asyncio.sleep(0)
