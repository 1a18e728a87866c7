# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application: from a request to a handler and back, for all workspaces of this process.

One port is one workspace. Handlers are plain functions; they run in threads, so that a slow statement holds up nobody
else.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import pkgutil
import re
import traceback
import typing as t
import uuid
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from urllib.parse import parse_qs, unquote

from . import account, auth, control, journal, peek, rest, scim_gate
from .connections import cut
from .errors import ApiError, BadTarget, Refusal, ScimError
from .faults import Fault
from .http import Call, Reply, find
from .masking import masked
from .rest import unity_catalog
from .slots import Request, Slot

_THRIFT = re.compile(r"^/sql/1\.0/(?:warehouses|endpoints)/([^/]+)/?$")
_VERSION = re.compile(r"^/api/2\.[01]/")
_FORM = "application/x-www-form-urlencoded"
THREADS = 64


def load_handlers() -> None:
    """Import every file of the rest package; its routes register themselves."""
    for module in pkgutil.iter_modules(rest.__path__):
        importlib.import_module(f"{rest.__name__}.{module.name}")


class Sandbox:
    """:param account_port: where the account's own host listens, if it does
    :param scim_at_once: how many SCIM calls are answered at a time; 0: all
    """

    def __init__(self, slots: list[Slot], account_port: int | None = None, scim_at_once: int = 0) -> None:
        load_handlers()
        self.slots, self.account_port = {slot.port: slot for slot in slots}, account_port
        workspaces = [slot.workspace for slot in slots]
        host = f"{slots[0].options.scheme}://{slots[0].options.bind}:{account_port}" if account_port else ""
        self.account = account.Account(workspaces[0].account_id, workspaces, host)
        for workspace in workspaces:
            workspace.account_workspaces, workspace.account = workspaces, self.account
        self.scim = scim_gate.Gate(scim_at_once)
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="call")

    async def __call__(self, scope: t.Any, receive: t.Any, send: t.Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"unsupported: {scope['type']}")
        raw = await _read(receive)
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        peeked = peek.peek(raw) if _THRIFT.match(path) else peek.Peek()
        query = scope["query_string"].decode("latin-1")
        slot, of_account = self._meant(scope["server"][1], path, query, headers)
        request = Request(slot, slot.workspace, scope["method"], path, query, headers, raw, peeked, of_account)
        if path == control.PREFIX or path.startswith(f"{control.PREFIX}/"):
            await _send(send, request, await self._thread(control.answer, slot, request), None)
        else:
            await self._serve(request, scope, send)

    def _meant(self, port: int, path: str, query: str, headers: dict[str, str]) -> tuple[Slot, bool]:
        """What stands behind the request, and whether it is for the account: then it is in the first one's journal."""
        if port != self.account_port:
            return self.slots[port], False
        first = next(iter(self.slots.values()))
        named = account.named_workspace(path, parse_qs(query), headers)
        if named is None or path.startswith(control.PREFIX):
            return first, True
        return next((one for one in self.slots.values() if str(one.workspace.workspace_id) == named), first), False

    async def _thread(self, function: t.Callable[..., Reply], *arguments: t.Any) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(self.threads, function, *arguments)

    async def _serve(self, request: Request, scope: t.Any, send: t.Any) -> None:
        slot, workspace = request.slot, request.workspace
        request_id = str(uuid.uuid4())
        statement = request.peeked.statement or _rest_statement(request)
        path = unquote(request.path)
        entry = slot.journal.open(
            method=request.method,
            path=masked(workspace, path),
            query=masked(workspace, unquote(request.query)),
            principal=None,
            token_id=None,
            status=None,
            request_id=request_id,
            user_agent=request.headers.get("user-agent"),
            body=masked(workspace, _shown_body(request)),
            mutating=journal.mutates(request.method, request.path, statement),
            call=request.peeked.call,
            session_id=request.peeked.session_id,
            statement=masked(workspace, statement),
        )
        with self.scim.passed(request.path) as room:
            if room:
                return await self._act(request, statement, entry, scope, send)
            entry["status"] = 500
            return await _send(send, request, _refused(request, scim_gate.too_often(workspace)), request_id)

    async def _act(
        self, request: Request, statement: str | None, entry: dict[str, t.Any], scope: t.Any, send: t.Any
    ) -> None:
        slot, workspace, path = request.slot, request.workspace, unquote(request.path)
        request_id = entry["request_id"]
        fault = slot.faults.take(request.method, path, statement, request.peeked.call)
        if fault:
            entry["fault"] = fault.id
        delay_ms = workspace.latency_ms + (fault.delay_ms if fault else 0)
        if delay_ms:
            await asyncio.sleep(delay_ms / 1000)
        if fault and fault.drop == "before":
            return await cut(scope)
        if fault and fault.answers and fault.when == "before":
            reply = _faulty(request, fault)
        else:
            reply = await self._thread(_handle, request, entry)
        reply = _after(request, fault, entry, reply)
        if fault and fault.drop == "after":
            return await cut(scope)
        entry["status"] = reply.status
        if fault and fault.cut:
            await _send(send, request, reply, request_id, half=True)
            return await cut(scope)
        await _send(send, request, reply, request_id, drip_ms=fault.drip_ms if fault else 0)
        return None


def _after(request: Request, fault: Fault | None, entry: dict[str, t.Any], reply: Reply) -> Reply:
    if fault and fault.answers and fault.when == "after":
        entry["handled_status"] = reply.status
        return _faulty(request, fault)
    if fault and (fault.drop == "after" or fault.cut):
        entry["handled_status"] = reply.status
    return reply


def _faulty(request: Request, fault: Fault) -> Reply:
    if fault.body is None:
        return _refused(request, fault.refusal())
    headers = dict(fault.refusal().headers)
    return Reply(
        status=fault.status or 200, headers=headers, content=fault.body.encode(), content_type=fault.content_type
    )


def _handle(request: Request, entry: dict[str, t.Any]) -> Reply:
    """Runs in a thread."""
    try:
        return _dispatch(request, entry)
    except Refusal as refusal:
        return _refused(request, refusal)
    except Exception:  # noqa: BLE001 - a bug here must reach the test as a 500 and the terminal as a traceback
        traceback.print_exc()
        return _refused(request, ApiError(500, "INTERNAL_ERROR", "The sandbox failed; see its stderr"))


def _dispatch(request: Request, entry: dict[str, t.Any]) -> Reply:
    workspace = request.workspace
    thrift_path = _THRIFT.match(request.path) if request.method == "POST" else None
    found = None if thrift_path else find(request.method, request.path)
    call = Call(
        workspace=workspace,
        caller=None,
        method=request.method,
        path=request.path,
        query=parse_qs(request.query, keep_blank_values=True),
        headers=request.headers,
        raw=request.raw,
        account=request.account,
    )
    if request.account and not account.ANYWHERE.match(request.path) and request.path != "/login":
        # What names no workspace is sent to the page where a person would sign in.
        return Reply(status=303, headers={"Location": f"{workspace.account.host}/login"}, content=b"")
    if not request.account and account.OWN.match(request.path):
        found = None  # workspaces do not speak for the account
    with workspace.lock:
        if not (found and found[0].public):
            _sign_in(call, entry)
        if thrift_path is None:
            if found is None:
                # Reported messages name the path without its /api/2.x.
                shown = re.sub(r"^/api/\d\.\d(?=/)", "", request.path)
                if request.path.startswith("/api/") and (workspace.second_form or not _VERSION.match(request.path)):
                    raise BadTarget(request.path)
                raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {shown}'")
            if request.path.startswith(unity_catalog.BASE) and workspace.feature_tier == "standard":
                unity_catalog.need_metastore(workspace)
            call.params = found[1]
            call.body = _parsed_body(request)
            _throttle(call)
            return _answered(request.slot, call, found[0].handler)
    return _thrift(call, unquote(thrift_path.group(1)), entry)


def _answered(slot: Slot, call: Call, handler: t.Callable[[Call], t.Any]) -> Reply:
    """The handler's answer, from before the latest change where reads lag behind."""
    workspace, before = call.workspace, None
    if journal.mutates(call.method, call.path, None):
        before = slot.lag.about_to_change(workspace)
    elif workspace.read_lag:
        call.workspace = slot.lag.seen(workspace, f"{call.path}?{sorted(call.query.items())}")
    answer = handler(call)
    slot.lag.changed(before)
    return answer if isinstance(answer, Reply) else Reply({} if answer is None else answer)


def _sign_in(call: Call, entry: dict[str, t.Any]) -> None:
    workspace = call.workspace
    if call.account:
        call.caller = workspace.account.authenticate(call.headers.get("authorization"), workspace.clock.now())
        entry["principal"] = call.me.principal
        return
    caller = auth.authenticate(workspace, call.headers.get("authorization"))
    entry["principal"] = caller.identity.principal
    entry["token_id"] = caller.token_id[:12] if caller.token_id else None
    wanted = call.headers.get("x-databricks-workspace-id") or call.headers.get("x-databricks-org-id")
    if wanted and wanted != str(workspace.workspace_id):
        raise ApiError(403, "PERMISSION_DENIED", f"Unauthorized access to Org: {wanted}")
    auth.check_scopes(caller, call.path)
    call.caller, call.token_id, call.scopes = caller.identity, caller.token_id, caller.scopes


def _throttle(call: Call) -> None:
    if call.workspace.scim_throttle > 0 and call.path.startswith(scim_gate.SCIM):
        call.workspace.scim_throttle -= 1
        raise scim_gate.too_often(call.workspace)


def _thrift(call: Call, warehouse_id: str, entry: dict[str, t.Any]) -> Reply:
    from . import thrift

    reply: Reply = thrift.handle(call, warehouse_id)
    if entry["call"] == "OpenSession" and reply.content:
        entry["session_id"] = peek.opened_session(reply.content)
    entry.update(call.notes)
    return reply


def _parsed_body(request: Request) -> dict[str, t.Any]:
    if not request.raw.strip() or request.method in ("GET", "HEAD"):
        return {}
    if request.headers.get("content-type", "").startswith(_FORM):
        return {
            name: values[0]
            for name, values in parse_qs(request.raw.decode(errors="replace"), keep_blank_values=True).items()
        }
    try:
        body = json.loads(request.raw)
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    if request.path.startswith(scim_gate.SCIM):
        raise ScimError(400, "Request is unparsable, syntactically incorrect, or violates schema.", "invalidSyntax")
    raise ApiError(400, "MALFORMED_REQUEST", "Could not parse request object: the body is not a JSON object")


def _shown_body(request: Request) -> t.Any:
    if not request.raw or request.peeked.call:
        return None
    try:
        return _parsed_body(request)
    except Refusal:
        # Without fields nobody can say which part of it is secret.
        return f"({len(request.raw)} bytes that are not a JSON object)"


def _rest_statement(request: Request) -> str | None:
    if request.method != "POST" or not request.path.startswith("/api/2.0/sql/statements"):
        return None
    try:
        statement = json.loads(request.raw).get("statement")
    except (ValueError, AttributeError):
        return None
    return statement if isinstance(statement, str) else None


def _refused(request: Request, refusal: Refusal) -> Reply:
    headers = dict(refusal.headers)
    if isinstance(refusal, ApiError) and _THRIFT.match(request.path):
        # The SQL connector reads these two and never the body. Recordings have the second one only, and a body that
        # says more than the header (databricks-jdbc, thriftserverapi/connectionintegrationtests).
        headers.setdefault("X-Databricks-Reason-Phrase", refusal.message)
        if request.workspace.second_form:
            body = {**refusal.body(), "message": f"{refusal.message} [ReqId: {uuid.uuid4()}]"}
            return Reply(body, refusal.status, headers)
        headers.setdefault("X-Thriftserver-Error-Message", refusal.message)
    return Reply(refusal.body(), refusal.status, headers)


async def _read(receive: t.Any) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


async def _send(
    send: t.Any, request: Request, reply: Reply, request_id: str | None, *, half: bool = False, drip_ms: int = 0
) -> None:
    """Send an answer; ``half`` of it only, or a byte every ``drip_ms``."""
    content = reply.content
    if content is None:
        content = b"" if reply.status == 204 else json.dumps(reply.body).encode()
    headers = {"Content-Type": reply.content_type, **reply.headers}
    # The workspace's own clock: clients take the time from here.
    headers["Date"] = formatdate(request.workspace.clock.now(), usegmt=True)
    if request_id:
        headers |= {"X-Request-Id": request_id, "X-Databricks-Org-Id": str(request.workspace.workspace_id)}
    if reply.status != 204:
        headers["Content-Length"] = str(len(content))
    lines = [(k.encode("latin-1"), _header(v)) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": lines})
    if half:
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        return
    for number in range(len(content) if drip_ms else 0):
        await asyncio.sleep(drip_ms / 1000)
        await send({"type": "http.response.body", "body": content[number : number + 1], "more_body": True})
    await send({"type": "http.response.body", "body": b"" if drip_ms else content})


def _header(value: str) -> bytes:
    return " ".join(value.split()).encode("latin-1", "replace")
