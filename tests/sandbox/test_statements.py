# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statement execution API: what is refused, what fails, and what comes back."""

from __future__ import annotations

import time
import typing as t
import uuid

import pytest
import requests
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.sql import QueryStatus, StatementParameterListItem, StatementState

from tests.sandbox.people import client, person
from tests.sandbox.wire import advance, ask, coded, patched, seeded
from tests.support.sandbox import Sandbox

STATEMENTS = "/api/2.0/sql/statements"


def run(sandbox: Sandbox, statement: t.Any = "SELECT 1", token: str | None = None, **more: t.Any) -> requests.Response:
    body = {"statement": statement, "warehouse_id": sandbox.warehouse_id, **more}
    return ask(sandbox, "POST", STATEMENTS, token, json=body)


def rows(answer: requests.Response) -> list[list[str | None]]:
    assert answer.json()["status"] == {"state": "SUCCEEDED"}, answer.text
    found: list[list[str | None]] = answer.json()["result"]["data_array"]
    return found


@pytest.mark.parametrize(
    ("statement", "words", "sqlstate"),
    [
        ("SELECT * FROM main.default.none", "[TABLE_OR_VIEW_NOT_FOUND]", "42P01"),
        ("USE SCHEMA main.none", "[SCHEMA_NOT_FOUND]", "42704"),
        ("CREATE SCHEMA main.default", "[SCHEMA_ALREADY_EXISTS]", "42P06"),
        ("DROP SCHEMA main.analytics", "[SCHEMA_NOT_EMPTY]", "2BP01"),
        ("SELEC 1", "[PARSE_SYNTAX_ERROR]", "42601"),
        ("SELECT :missing", "[UNBOUND_SQL_PARAMETER]", "42P02"),
    ],
)
def test_a_failing_statement_is_http_200(sandbox: Sandbox, statement: str, words: str, sqlstate: str) -> None:
    """SDK service/sql.py: state FAILED with a BAD_REQUEST inside, and the SQLSTATE beside it."""
    answer = run(sandbox, statement)
    assert answer.status_code == 200
    status = answer.json()["status"]
    assert (status["state"], status["error"]["error_code"], status["sql_state"]) == ("FAILED", "BAD_REQUEST", sqlstate)
    assert status["error"]["message"].startswith(words)
    assert "result" not in answer.json() and "manifest" not in answer.json()


def test_a_refused_statement_fails_in_the_same_way(sandbox: Sandbox) -> None:
    """PERMISSION_DENIED is not among the error codes of SDK service/sql.py."""
    failed = run(sandbox, "SELECT * FROM main.analytics.orders", person(sandbox).token).json()["status"]
    assert (failed["state"], failed["error"]["error_code"]) == ("FAILED", "BAD_REQUEST")
    assert "[INSUFFICIENT_PERMISSIONS]" in failed["error"]["message"] and failed["sql_state"] == "42501"


def test_a_statement_that_is_not_accepted_is_an_error(sandbox: Sandbox) -> None:
    """SDK docstring: a failure when accepting the request results in a non-200 response."""
    somebody = person(sandbox, warehouse=False)
    for warehouse, token, expected in (
        (sandbox.warehouse_id, somebody.token, (403, "PERMISSION_DENIED")),
        ("nonsense", None, (400, "INVALID_PARAMETER_VALUE")),
        ("0123456789abcdef", None, (404, "RESOURCE_DOES_NOT_EXIST")),
    ):
        assert coded(run(sandbox, "SELECT 1", token, warehouse_id=warehouse)) == expected


def test_the_entitlement_is_needed(sandbox: Sandbox) -> None:
    """Databricks docs, "SQL warehouse admin settings": taking databricks-sql-access away cuts off."""
    somebody = person(sandbox)
    assert run(sandbox, "SELECT 1", somebody.token).status_code == 200
    patched(sandbox, f"ServicePrincipals/{somebody.id}", {"op": "remove", "path": "entitlements"})
    with pytest.raises(PermissionDenied, match="is not authorized to use this SQL Endpoint"):
        somebody.client.statement_execution.execute_statement("SELECT 1", sandbox.warehouse_id)


@pytest.mark.parametrize("wait", ["0s", "5s", "10s", "50s", None])
def test_waits_within_the_bounds(sandbox: Sandbox, wait: str | None) -> None:
    """Databricks docs: 0s or 5s to 50s, 10s by default; 0s never has the result yet."""
    answer = run(sandbox, "SELECT 1", wait_timeout=wait).json()
    assert answer["status"]["state"] == ("PENDING" if wait == "0s" else "SUCCEEDED")
    later = client(sandbox).statement_execution.get_statement(answer["statement_id"])
    assert later.status and later.status.state is StatementState.SUCCEEDED
    assert later.result and later.result.data_array == [["1"]]


@pytest.mark.parametrize("wait", ["1s", "4s", "51s", "100s", "10", "-5s", "5.5s", 10, "1m"])
def test_waits_out_of_bounds(sandbox: Sandbox, wait: t.Any) -> None:
    """Databricks docs: a 400; nothing is run."""
    answer = run(sandbox, "CREATE SCHEMA main.accident", wait_timeout=wait)
    assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")
    assert "accident" not in str(sandbox.state()["schemas"])


def test_cells_are_text_or_null(sandbox: Sandbox) -> None:
    """SDK docstring, format: every value is a string or null, of whatever type the column is."""
    answer = run(sandbox, "SELECT 1 AS i, 1.5D AS d, true AS b, 'x' AS s, NULL AS n, DATE'2026-01-02' AS a")
    assert rows(answer)[0][:1] + rows(answer)[0][2:] == ["1", "true", "x", None, "2026-01-02"]
    manifest = answer.json()["manifest"]
    assert (manifest["total_row_count"], manifest["truncated"], manifest["format"]) == (1, False, "JSON_ARRAY")
    columns = manifest["schema"]["columns"]
    assert [(c["name"], c["position"]) for c in columns] == list(zip("idbsna", range(6), strict=True))
    assert (columns[0]["type_name"], columns[3]["type_text"]) == ("INT", "STRING")


def test_a_statement_without_rows_has_no_data(sandbox: Sandbox) -> None:
    """databricks-jdbc src/test/resources/sqlexecapi: no chunks, nothing in the result, and no list of columns where
    there are none.
    """
    counts = {"total_chunk_count": 0, "total_row_count": 0, "total_byte_count": 0, "truncated": False}
    column = {"name": "x", "type_text": "INT", "type_name": "INT", "position": 0}
    for statement, schema in (
        ("CREATE SCHEMA main.empty", {"column_count": 0}),
        ("SELECT 1 AS x WHERE false", {"column_count": 1, "columns": [column]}),
    ):
        answer = run(sandbox, statement).json()
        assert answer["status"] == {"state": "SUCCEEDED"} and answer["result"] == {}
        assert answer["manifest"] == {"format": "JSON_ARRAY", "schema": schema, **counts}
        with pytest.raises(NotFound):
            client(sandbox).statement_execution.get_statement_result_chunk_n(answer["statement_id"], 0)


def test_the_chunks_of_a_result(sandbox: Sandbox) -> None:
    """As recorded, see above: one chunk, which has no count of bytes."""
    answer = run(sandbox, "SELECT 1 AS x UNION ALL SELECT 2").json()
    chunk = {"chunk_index": 0, "row_offset": 0, "row_count": 2}
    found = {key: value for key, value in answer["manifest"].items() if key not in ("format", "schema")}
    assert found == {"total_chunk_count": 1, "chunks": [chunk], "total_row_count": 2, "truncated": False}
    assert {key: value for key, value in answer["result"].items() if key != "data_array"} == chunk


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CAST(1 AS BIGINT)", {"type_text": "BIGINT", "type_name": "LONG"}),
        ("CAST(1 AS SMALLINT)", {"type_text": "SMALLINT", "type_name": "SHORT"}),
        ("CAST(1 AS TINYINT)", {"type_text": "TINYINT", "type_name": "BYTE"}),
        (
            "CAST(1 AS DECIMAL(7,2))",
            {"type_text": "DECIMAL(7,2)", "type_name": "DECIMAL", "type_precision": 7, "type_scale": 2},
        ),
    ],
)
def test_types_are_named_twice(sandbox: Sandbox, expression: str, expected: dict[str, t.Any]) -> None:
    """As recorded, see above; SDK ColumnInfoTypeName."""
    (column,) = run(sandbox, f"SELECT {expression} AS x").json()["manifest"]["schema"]["columns"]
    assert column == {"name": "x", "position": 0, **expected}


def state_of(answer: requests.Response) -> str:
    return str(answer.json()["status"]["state"])


def settled(sandbox: Sandbox, statement_id: str) -> dict[str, t.Any]:
    """The answer about a statement that has come to an end."""
    for _poll in range(200):
        answer: dict[str, t.Any] = ask(sandbox, "GET", f"{STATEMENTS}/{statement_id}").json()
        if answer["status"]["state"] not in ("PENDING", "RUNNING"):
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{statement_id} does not come to an end")


def test_a_running_statement_is_cancelled_and_has_no_effect(sandbox: Sandbox) -> None:
    """databricks/cli integration/libs/sqlexec/sqlexec_test.go, TestSQLExecSubmitAndCancel; while it runs the answer is
    its id and its state (databricks-jdbc src/test/resources/sqlexecapi).
    """
    w = client(sandbox)
    sandbox.set(statement_seconds=30.0)
    begun = run(sandbox, "CREATE SCHEMA main.never", wait_timeout="0s").json()
    assert set(begun) == {"statement_id", "status"}
    assert begun["status"] in ({"state": "PENDING"}, {"state": "RUNNING"})  # it may have begun meanwhile
    while state_of(ask(sandbox, "GET", f"{STATEMENTS}/{begun['statement_id']}")) == "PENDING":
        time.sleep(0.02)
    assert ask(sandbox, "GET", f"{STATEMENTS}/{begun['statement_id']}").json() == {
        "statement_id": begun["statement_id"],
        "status": {"state": "RUNNING"},
    }
    w.statement_execution.cancel_execution(begun["statement_id"])
    assert settled(sandbox, begun["statement_id"])["status"] == {"state": "CANCELED"}
    assert "never" not in str(sandbox.state()["schemas"])
    assert [row.status for row in w.query_history.list().res or []] == [QueryStatus.CANCELED]


def test_nobody_else_cancels_it(sandbox: Sandbox) -> None:
    sandbox.set(statement_seconds=0.5)
    somebody = person(sandbox)
    begun = run(sandbox, "CREATE SCHEMA main.mine", wait_timeout="0s").json()["statement_id"]
    with pytest.raises(NotFound):
        somebody.client.statement_execution.cancel_execution(begun)
    assert settled(sandbox, begun)["status"] == {"state": "SUCCEEDED"}
    assert "main.mine" in {one["full_name"] for one in sandbox.state()["schemas"]}


def test_what_follows_the_waiting(sandbox: Sandbox) -> None:
    """SDK StatementExecutionAPI, on_wait_timeout: the statement goes on, or is cancelled."""
    sandbox.set(statement_seconds=5.5)
    going_on = run(sandbox, "SELECT 1", wait_timeout="0s").json()["statement_id"]
    stopped = run(sandbox, "CREATE SCHEMA main.late", wait_timeout="5s", on_wait_timeout="CANCEL")
    assert state_of(stopped) == "CANCELED"
    assert settled(sandbox, going_on)["result"]["data_array"] == [["1"]]
    assert "main.late" not in {one["full_name"] for one in sandbox.state()["schemas"]}


def test_the_start_of_a_warehouse_is_waited_for(sandbox: Sandbox) -> None:
    """Databricks docs: the first query starts it; until then the statement is pending."""
    sandbox.set(cold_start_seconds=0.4)
    cold = seeded(sandbox, "warehouses", name="Cold Warehouse")["id"]
    begun = run(sandbox, "SELECT 1", warehouse_id=cold, wait_timeout="0s").json()["statement_id"]
    assert state_of(ask(sandbox, "GET", f"{STATEMENTS}/{begun}")) == "PENDING"
    assert settled(sandbox, begun)["result"]["data_array"] == [["1"]]


def test_parameters(sandbox: Sandbox) -> None:
    """SDK StatementParameterListItem: text with a type; without a type a STRING, without a value NULL."""
    given = [
        StatementParameterListItem("word", value="it's; DROP SCHEMA main.default"),
        StatementParameterListItem("number", type="INT", value="41"),
        StatementParameterListItem("day", type="DATE", value="2026-01-02"),
        StatementParameterListItem("nothing"),
    ]
    found = client(sandbox).statement_execution.execute_statement(
        "SELECT :word, :number + 1, :day, :nothing", sandbox.warehouse_id, parameters=given
    )
    assert found.result and found.result.data_array == [["it's; DROP SCHEMA main.default", "42", "2026-01-02", None]]


@pytest.mark.parametrize(
    ("kind", "value"), [("INT", "x"), ("DATE", "tomorrow"), ("NONSENSE", "1"), ("INT); DROP", "1")]
)
def test_parameters_of_the_wrong_type(sandbox: Sandbox, kind: str, value: str) -> None:
    """SDK docstring: checked for type correctness; the statement fails."""
    answer = run(sandbox, "SELECT :p", parameters=[{"name": "p", "type": kind, "value": value}])
    assert (answer.status_code, answer.json()["status"]["state"]) == (200, "FAILED")


@pytest.mark.parametrize(
    "more",
    [
        {"parameters": [{"value": "1"}]},
        {"parameters": [{"name": "p", "value": 1}]},
        {"parameters": [{"name": "p"}, {"name": "p"}]},
        {"parameters": "p"},
        {"row_limit": 0},
        {"row_limit": "1"},
        {"byte_limit": 10},
        {"on_wait_timeout": "STOP"},
        {"disposition": "EXTERNAL_LINKS"},
        {"format": "CSV"},
        {"catalog": 7},
        {"statement": ""},
        {"statement": 7},
        {"warehouse_id": None},
        {"nonsense": True},
    ],
)
def test_malformed_requests(sandbox: Sandbox, more: dict[str, t.Any]) -> None:
    """SDK execute_statement; what the sandbox cannot do (EXTERNAL_LINKS, byte_limit) it refuses as well."""
    assert coded(run(sandbox, **{"statement": "SELECT 1", **more})) == (400, "INVALID_PARAMETER_VALUE")


def test_rows_can_be_limited(sandbox: Sandbox) -> None:
    """SDK docstring, row_limit: truncated says so."""
    answer = run(sandbox, "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3", row_limit=2)
    assert len(rows(answer)) == 2 and answer.json()["manifest"]["truncated"] is True


def test_where_it_starts(sandbox: Sandbox) -> None:
    """SDK docstring, catalog and schema: like USE, so what is not there fails the statement."""
    run(sandbox, "USE SCHEMA main.analytics")
    assert rows(run(sandbox, "SELECT current_schema()", catalog="SALES", schema="EMEA")) == [["emea"]]
    assert rows(run(sandbox, "SELECT current_schema()")) == [["default"]]
    for where, words in (({"catalog": "none"}, "NO_SUCH_CATALOG"), ({"schema": "none"}, "SCHEMA_NOT_FOUND")):
        status = run(sandbox, "SELECT 1", **where).json()["status"]
        assert status["state"] == "FAILED" and words in status["error"]["message"]


def test_results_are_for_who_asked(sandbox: Sandbox) -> None:
    """SDK StatementExecutionAPI: by statement id and chunk, for about an hour."""
    w, somebody = client(sandbox).statement_execution, person(sandbox)
    statement_id = run(sandbox).json()["statement_id"]
    assert w.get_statement_result_chunk_n(statement_id, 0).data_array == [["1"]]
    w.cancel_execution(statement_id)  # too late, which is no error
    for refused in (
        lambda: somebody.client.statement_execution.get_statement(statement_id),
        lambda: w.get_statement(str(uuid.uuid4())),
        lambda: w.get_statement_result_chunk_n(statement_id, 1),
    ):
        with pytest.raises(NotFound):
            refused()
    advance(sandbox, advance_seconds=3601)
    with pytest.raises(NotFound):
        w.get_statement(statement_id)
    with pytest.raises(BadRequest):
        w.execute_statement("SELECT 1", sandbox.warehouse_id, wait_timeout="51s")
