# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the clients ask for on the side: the SQL connector's feature flags and telemetry."""

from __future__ import annotations

import typing as t

from ..http import Call, route


@route("GET", "/api/2.0/connector-service/feature-flags/{client:path}")
def feature_flags(_call: Call) -> dict[str, t.Any]:
    return {"flags": [], "ttl_seconds": 900}


@route("POST", "/telemetry-ext")
@route("POST", "/telemetry-unauth", public=True)
def telemetry(call: Call) -> dict[str, t.Any]:
    logs = call.body.get("protoLogs") or []
    return {"errors": [], "numSuccess": 0, "numProtoSuccess": len(logs), "numRealtimeSuccess": 0}
