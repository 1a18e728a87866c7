# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SQL connector's protocol: Thrift over HTTP, with the generated processor of the connector itself."""

from __future__ import annotations

import functools
import re
import threading
import typing as t
import uuid
from dataclasses import dataclass

from databricks.sql.thrift_api.TCLIService import TCLIService, ttypes
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TTransport import TMemoryBuffer

from . import history
from .errors import ApiError, SqlError
from .http import Call, Reply
from .model import Workspace
from .sql import compute, statements
from .sql.session import Result, Session
from .sql.types import text

VERSION = ttypes.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8
_OK = ttypes.TStatusCode.SUCCESS_STATUS
_FORMAT = ttypes.TSparkRowSetType.COLUMN_BASED_SET


@dataclass
class _Open:
    """A session that a client holds open; it belongs to whoever opened it."""

    session: Session
    owner_id: str
    warehouse_id: str
    tags: list[dict[str, str]]


@dataclass
class _Operation:
    session_id: bytes
    result: Result | None = None
    error: SqlError | None = None


class _State:
    """Open sessions and operations of one workspace."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sessions: dict[bytes, _Open] = {}
        self.operations: dict[bytes, _Operation] = {}


_STATES: dict[int, _State] = {}
_STATES_LOCK = threading.Lock()


def _state(workspace: Workspace) -> _State:
    with _STATES_LOCK:
        made = _STATES.get(id(workspace))
        if made is None:
            made = _STATES[id(workspace)] = _State()
            workspace.on_discard.append(functools.partial(_forget, id(workspace)))
        return made


def _forget(number: int) -> None:
    _STATES.pop(number, None)


def handle(call: Call, warehouse_id: str) -> Reply:
    """One Thrift call. Whoever may not use the warehouse is refused by HTTP status, as the service does it."""
    try:
        with call.workspace.lock:
            compute.admit(call.workspace, call.me, warehouse_id)
        inward, outward = TMemoryBuffer(call.raw), TMemoryBuffer()
        processor = TCLIService.Processor(_Handler(call, warehouse_id))
        try:
            processor.process(TBinaryProtocol(inward), TBinaryProtocol(outward))
        except (EOFError, TypeError, ValueError) as error:
            raise ApiError(400, "MALFORMED_REQUEST", "The request is not a Thrift call.") from error
    except ApiError as refusal:
        # The connector reads the reason from these headers and ignores the body (connector auth/thrift_http_client.py).
        headers = {
            "x-thriftserver-error-message": refusal.message,
            "x-databricks-error-or-redirect-message": refusal.message,
            "x-databricks-reason-phrase": refusal.message,
        }
        return Reply(refusal.body(), refusal.status, headers)
    return Reply(content=outward.getvalue(), content_type="application/x-thrift")


class _Handler:
    """The calls that a client makes, as the caller of this request."""

    def __init__(self, call: Call, warehouse_id: str) -> None:
        self.call, self.workspace, self.warehouse_id = call, call.workspace, warehouse_id
        self.state = _state(call.workspace)

    # -- sessions -----------------------------------------------------------------------------
    def OpenSession(self, req: t.Any) -> t.Any:
        warehouse = self.workspace.warehouses[self.warehouse_id]
        compute.wait_until_running(self.workspace, warehouse)
        session = Session(self.workspace, self.call.me)
        namespace = req.initialNamespace
        try:
            with self.workspace.lock:
                if namespace and namespace.catalogName:
                    session.check_catalog(namespace.catalogName.lower())
                    session.catalog = namespace.catalogName.lower()
                if namespace and namespace.schemaName:
                    session.check_schema(session.catalog, namespace.schemaName.lower())
                    session.schema = namespace.schemaName.lower()
        except SqlError as error:
            return ttypes.TOpenSessionResp(status=_failed(error), serverProtocolVersion=VERSION)
        handle = _handle()
        with self.state.lock:
            self.state.sessions[handle.guid] = _Open(
                session, self.call.me.id, self.warehouse_id, history.tags_of(req.configuration)
            )
        warehouse.num_active_sessions += 1
        return ttypes.TOpenSessionResp(
            status=ttypes.TStatus(statusCode=_OK),
            serverProtocolVersion=VERSION,
            sessionHandle=ttypes.TSessionHandle(sessionId=handle, serverProtocolVersion=VERSION),
            initialNamespace=ttypes.TNamespace(catalogName=session.catalog, schemaName=session.schema),
            canUseMultipleCatalogs=True,
        )

    def CloseSession(self, req: t.Any) -> t.Any:
        found = self._session(req.sessionHandle)
        if found is None:
            return ttypes.TCloseSessionResp(status=_invalid("Invalid SessionHandle"))
        with self.state.lock:
            self.state.sessions.pop(req.sessionHandle.sessionId.guid, None)
        warehouse = self.workspace.warehouses.get(found.warehouse_id)
        if warehouse:
            warehouse.num_active_sessions = max(0, warehouse.num_active_sessions - 1)
        return ttypes.TCloseSessionResp(status=ttypes.TStatus(statusCode=_OK))

    def _session(self, handle: t.Any) -> _Open | None:
        found = self.state.sessions.get(handle.sessionId.guid)
        return (
            found if found and found.owner_id == self.call.me.id and found.warehouse_id == self.warehouse_id else None
        )

    # -- statements ---------------------------------------------------------------------------
    def ExecuteStatement(self, req: t.Any) -> t.Any:
        found = self._session(req.sessionHandle)
        if found is None:
            return ttypes.TExecuteStatementResp(status=_invalid("Invalid SessionHandle"))
        compute.wait_until_running(self.workspace, self.workspace.warehouses[self.warehouse_id])
        operation = _Operation(req.sessionHandle.sessionId.guid)
        ran = history.Ran(
            self.call.me,
            self.warehouse_id,
            req.statement,
            self.workspace.clock.now(),
            self.call.headers.get("user-agent", ""),
            str(uuid.UUID(bytes=operation.session_id)),
            history.tags_of(req.confOverlay) or found.tags,
        )
        try:
            operation.result = statements.execute(found.session, req.statement, _parameters(req.parameters))
            ran.rows = len(operation.result.rows)
        except SqlError as error:
            operation.error = error
            ran.error = error.message
        history.record(self.workspace, ran)
        handle = _handle()
        direct = req.getDirectResults is not None
        if not direct:
            with self.state.lock:
                self.state.operations[handle.guid] = operation
        return ttypes.TExecuteStatementResp(
            status=ttypes.TStatus(statusCode=_OK),
            operationHandle=ttypes.TOperationHandle(
                operationId=handle, operationType=ttypes.TOperationType.EXECUTE_STATEMENT, hasResultSet=True
            ),
            directResults=_direct(operation) if direct else None,
        )

    def GetOperationStatus(self, req: t.Any) -> t.Any:
        operation = self.state.operations.get(req.operationHandle.operationId.guid)
        return (
            _status(operation)
            if operation
            else ttypes.TGetOperationStatusResp(status=_invalid("Invalid OperationHandle"))
        )

    def GetResultSetMetadata(self, req: t.Any) -> t.Any:
        operation = self.state.operations.get(req.operationHandle.operationId.guid)
        if operation is None or operation.result is None:
            return ttypes.TGetResultSetMetadataResp(status=_invalid("Invalid OperationHandle"))
        return _metadata(operation.result)

    def FetchResults(self, req: t.Any) -> t.Any:
        operation = self.state.operations.get(req.operationHandle.operationId.guid)
        if operation is None or operation.result is None:
            return ttypes.TFetchResultsResp(status=_invalid("Invalid OperationHandle"))
        return _rows(operation.result)

    def CloseOperation(self, req: t.Any) -> t.Any:
        with self.state.lock:
            self.state.operations.pop(req.operationHandle.operationId.guid, None)
        return ttypes.TCloseOperationResp(status=ttypes.TStatus(statusCode=_OK))

    def CancelOperation(self, req: t.Any) -> t.Any:
        return ttypes.TCancelOperationResp(status=ttypes.TStatus(statusCode=_OK))


def _handle() -> t.Any:
    return ttypes.THandleIdentifier(guid=uuid.uuid4().bytes, secret=uuid.uuid4().bytes)


def _invalid(message: str) -> t.Any:
    return ttypes.TStatus(
        statusCode=ttypes.TStatusCode.INVALID_HANDLE_STATUS, errorMessage=message, displayMessage=message
    )


def _failed(error: SqlError) -> t.Any:
    return ttypes.TStatus(
        statusCode=ttypes.TStatusCode.ERROR_STATUS,
        sqlState=error.sqlstate,
        errorMessage=error.message,
        displayMessage=error.message,
    )


def _parameters(given: t.Any) -> dict[str, tuple[str, str | None]]:
    return {
        one.name: (one.type or "STRING", one.value.stringValue if one.value else None)
        for one in given or []
        if one.name
    }


def _direct(operation: _Operation) -> t.Any:
    if operation.result is None:
        return ttypes.TSparkDirectResults(operationStatus=_status(operation))
    return ttypes.TSparkDirectResults(
        operationStatus=_status(operation),
        resultSetMetadata=_metadata(operation.result),
        resultSet=_rows(operation.result),
        closeOperation=ttypes.TCloseOperationResp(status=ttypes.TStatus(statusCode=_OK)),
    )


def _status(operation: _Operation) -> t.Any:
    if operation.error is None:
        return ttypes.TGetOperationStatusResp(
            status=ttypes.TStatus(statusCode=_OK),
            operationState=ttypes.TOperationState.FINISHED_STATE,
            hasResultSet=True,
        )
    return ttypes.TGetOperationStatusResp(
        status=ttypes.TStatus(statusCode=_OK),
        operationState=ttypes.TOperationState.ERROR_STATE,
        sqlState=operation.error.sqlstate,
        errorMessage=operation.error.message,
        displayMessage=operation.error.message,
        diagnosticInfo=f"org.apache.hive.service.cli.HiveSQLException: {operation.error.message}",
    )


# -- rows -------------------------------------------------------------------------------------
class _Kind(t.NamedTuple):
    type_id: int
    field: str
    column: t.Any
    convert: t.Callable[[t.Any], t.Any]
    empty: t.Any


_STRING = _Kind(ttypes.TTypeId.STRING_TYPE, "stringVal", ttypes.TStringColumn, text, "")
_KINDS = {
    "boolean": _Kind(ttypes.TTypeId.BOOLEAN_TYPE, "boolVal", ttypes.TBoolColumn, bool, False),
    "int": _Kind(ttypes.TTypeId.INT_TYPE, "i32Val", ttypes.TI32Column, int, 0),
    "smallint": _Kind(ttypes.TTypeId.SMALLINT_TYPE, "i16Val", ttypes.TI16Column, int, 0),
    "tinyint": _Kind(ttypes.TTypeId.TINYINT_TYPE, "byteVal", ttypes.TByteColumn, int, 0),
    "bigint": _Kind(ttypes.TTypeId.BIGINT_TYPE, "i64Val", ttypes.TI64Column, int, 0),
    "double": _Kind(ttypes.TTypeId.DOUBLE_TYPE, "doubleVal", ttypes.TDoubleColumn, float, 0.0),
    "float": _Kind(ttypes.TTypeId.FLOAT_TYPE, "doubleVal", ttypes.TDoubleColumn, float, 0.0),
    "binary": _Kind(ttypes.TTypeId.BINARY_TYPE, "binaryVal", ttypes.TBinaryColumn, bytes, b""),
    "date": _STRING._replace(type_id=ttypes.TTypeId.DATE_TYPE),
    "timestamp": _STRING._replace(type_id=ttypes.TTypeId.TIMESTAMP_TYPE),
}


def _kind(name: str) -> _Kind:
    if name.startswith("decimal"):
        return _STRING._replace(type_id=ttypes.TTypeId.DECIMAL_TYPE)
    nested = {"array": "ARRAY_TYPE", "map": "MAP_TYPE", "struct": "STRUCT_TYPE"}.get(name.split("<")[0])
    if nested:
        return _STRING._replace(type_id=getattr(ttypes.TTypeId, nested))
    return _KINDS.get(name, _STRING)


def _metadata(result: Result) -> t.Any:
    columns = []
    for position, (name, kind) in enumerate(result.columns):
        entry = ttypes.TPrimitiveTypeEntry(type=_kind(kind).type_id)
        size = re.match(r"decimal\((\d+),\s*(\d+)\)", kind)
        if size:
            qualifiers = {
                "precision": ttypes.TTypeQualifierValue(i32Value=int(size[1])),
                "scale": ttypes.TTypeQualifierValue(i32Value=int(size[2])),
            }
            entry.typeQualifiers = ttypes.TTypeQualifiers(qualifiers=qualifiers)
        described = ttypes.TTypeDesc(types=[ttypes.TTypeEntry(primitiveEntry=entry)])
        columns.append(ttypes.TColumnDesc(columnName=name, typeDesc=described, position=position))
    return ttypes.TGetResultSetMetadataResp(
        status=ttypes.TStatus(statusCode=_OK),
        schema=ttypes.TTableSchema(columns=columns),
        resultFormat=_FORMAT,
        lz4Compressed=False,
        isStagingOperation=False,
    )


def _column(kind: _Kind, values: list[t.Any]) -> t.Any:
    bits = bytearray((len(values) + 7) // 8)
    for number, value in enumerate(values):
        if value is None:
            bits[number // 8] |= 1 << (number % 8)
    shown = [kind.empty if value is None else kind.convert(value) for value in values]
    return ttypes.TColumn(**{kind.field: kind.column(values=shown, nulls=bytes(bits))})


def _rows(result: Result) -> t.Any:
    columns = [
        _column(_kind(kind), [row[number] for row in result.rows])
        for number, (_name, kind) in enumerate(result.columns)
    ]
    return ttypes.TFetchResultsResp(
        status=ttypes.TStatus(statusCode=_OK),
        hasMoreRows=False,
        results=ttypes.TRowSet(startRowOffset=0, rows=[], columns=columns, columnCount=len(columns)),
    )
