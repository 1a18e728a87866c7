# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""SQL warehouses on the wire (SDK service/sql.py, WarehousesAPI)."""

from __future__ import annotations

import re
import time
import typing as t

from .._common import http_path, names, user_input
from .._common.failure import BadOption, Failure
from .._common.json_types import Json
from .._wire.retry import Repeat
from .._wire.workspace import Workspace
from .fields import text

BASE = "/api/2.0/sql/warehouses"
UNKNOWN = "WAREHOUSE_DOES_NOT_EXIST"

_ID = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)
# A start that was asked for may take this long to show; only then is it asked for again.
_START_SHOWS_SECONDS = 30.0
_TELL_EVERY_SECONDS = 5.0


def _shape(workspace: Workspace, raw: Json) -> Json:
    odbc = raw.get("odbc_params")
    odbc = odbc if isinstance(odbc, dict) else {}
    return {
        "id": text(raw, "id"),
        "name": text(raw, "name"),
        "hostname": odbc.get("hostname") or workspace.hostname,
        # Older workspaces answer with /sql/1.0/endpoints/<id>; both work.
        "http_path": workspace.http_path(odbc.get("path") or f"/sql/1.0/warehouses/{text(raw, 'id')}"),
        "state": text(raw, "state"),
        "type": text(raw, "warehouse_type"),
        "serverless": bool(raw.get("enable_serverless_compute")),
        "auto_stop_mins": raw.get("auto_stop_mins"),
        "size": text(raw, "cluster_size"),
    }


def listing(workspace: Workspace) -> list[Json]:
    """The warehouses that the caller may see."""
    found = workspace.pages(BASE, "warehouses", "list the SQL warehouses")
    return sorted(
        (_shape(workspace, raw) for raw in found), key=lambda warehouse: (warehouse["name"].lower(), warehouse["id"])
    )


def get(workspace: Workspace, warehouse_id: str) -> Json | None:
    """The warehouse with this id, or None."""
    raw = _get(workspace, warehouse_id)
    return _shape(workspace, raw) if raw else None


def is_id(name_or_id: str) -> bool:
    """Whether it looks like an id."""
    return bool(_ID.fullmatch(name_or_id))


def meant(option: str, text: str) -> str:
    """The name or id in what was given, which may also be an HTTP path or the address of the warehouse's page.

    :raises BadOption: nothing was given, or the path of something else
    """
    path = http_path.read(option, text)
    name = path.warehouse_id if path else user_input.bare(text)
    if not name:
        raise BadOption(option, "must not be empty. Give the name or ID of a SQL warehouse.")
    return name


def find(workspace: Workspace, name_or_id: str, option: str = "warehouse") -> Json:
    """The one warehouse that is meant by a name, without regard to case, by an id, or by an HTTP path.

    :raises Failure: none or several are meant; the sentence names those there are
    """
    name_or_id = meant(option, name_or_id)
    if is_id(name_or_id):
        found = get(workspace, name_or_id.lower())
        if found:
            return found
    seen = listing(workspace)
    matches = [one for one in seen if one["name"] == name_or_id or one["id"] == name_or_id]
    matches = matches or [one for one in seen if names.same(user_input.trimmed(one["name"]), name_or_id)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        shown = ", ".join(f"{match['name']} ({match['id']})" for match in matches)
        raise Failure(
            f"{option}: {name_or_id!r} fits {len(matches)} SQL warehouses: {shown}.",
            code="WAREHOUSE_AMBIGUOUS",
            hint="Give the id of the one that is meant.",
        )
    shown = ", ".join(f"{one['name']} ({one['id']})" for one in seen) or "none"
    raise Failure(
        f"{option}: no SQL warehouse called {name_or_id!r}. The caller sees: {shown}.",
        code=UNKNOWN,
        status=404,
        hint="Give the name or the id of a warehouse in the list; one that is missing there needs CAN USE for the "
        "caller.",
    )


def start(workspace: Workspace, warehouse: Json, timeout: float) -> Json:
    """The warehouse once it runs. Polls by itself: the SDK's waiter gives up when it sees STOPPED after the start.

    :raises Failure: it does not run in time, or will never
    """
    label = f"{warehouse['name']} ({warehouse['id']})"
    begun = announced = time.monotonic()
    asked: float | None = None
    pause, state = 0.5, warehouse["state"]
    health: Json = {}
    while state != "RUNNING":
        now = time.monotonic()
        if state in ("DELETING", "DELETED"):
            raise Failure(f"SQL warehouse {label} is being deleted.", code=UNKNOWN, status=404)
        if state == "STOPPED":
            if asked is not None and health.get("status") == "FAILED":
                raise _cannot_start(label, health)
            if asked is None or now - asked > _START_SHOWS_SECONDS:
                # Asking twice is the same as asking once.
                workspace.call(
                    "POST", f"{BASE}/{warehouse['id']}/start", f"start SQL warehouse {label}", repeat=Repeat.SAFE
                )
                asked = now
        if now - begun > timeout:
            raise Failure(
                f"SQL warehouse {label} is {state} after {timeout:g} s.",
                code="TIMEOUT",
                retryable=True,
                hint="A classic or pro warehouse may need several minutes; raise start_timeout or run the task again.",
            )
        if now - announced >= _TELL_EVERY_SECONDS:
            workspace.notify(f"SQL warehouse {label} is {state}; waiting for {now - begun:.0f} s of {timeout:g} s.")
            announced = now
        time.sleep(min(pause, max(timeout - (now - begun), 0.1)))
        pause = min(pause * 1.5, 5.0)
        raw = _get(workspace, warehouse["id"]) or {"state": "DELETED"}
        state, health = text(raw, "state"), raw.get("health") or {}
        warehouse = {**warehouse, "state": state}
    return warehouse


def _get(workspace: Workspace, warehouse_id: str) -> Json | None:
    try:
        return workspace.find(f"{BASE}/{warehouse_id}", f"read SQL warehouse {warehouse_id}", holds=("id",))
    except Failure as failure:
        # A malformed id is not "not found": 400 "... is not a valid endpoint id."
        if failure.status == 400 and "not a valid endpoint id" in failure.message:
            return None
        raise


def _cannot_start(label: str, health: Json) -> Failure:
    reason: t.Any = (health.get("failure_reason") or {}).get("code")
    reasons = " ".join(filter(None, (reason, health.get("summary") or health.get("message"))))
    return Failure(
        f"SQL warehouse {label} does not start: {reasons or 'the workspace gives no reason'}.",
        code="WAREHOUSE_FAILED",
        hint="Open the warehouse in the workspace; its event log says what is missing, such as cloud quota or a "
        "network.",
    )
