# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quoting, what counts as reading, values as JSON, and failures of the SQL connector."""

from __future__ import annotations

import datetime
import decimal
import json
import os
import typing as t

import pytest
from databricks.sql.exc import RequestError, ServerOperationError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import http_client, replies, sql, sql_wire
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.retry import Patience
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SECRET = "dapi" + "5" * 32


def workspace(host: str = "http://127.0.0.1:9") -> Workspace:
    options: dict[str, t.Any] = {"host": host, "token": SECRET, "http_timeout": 2, "retry_timeout": 2}
    return Workspace(options)


@pytest.mark.parametrize(
    ("parts", "quoted"),
    [(("main", "s"), "`main`.`s`"), (("a`b",), "`a``b`"), (("a.b", "c d"), "`a.b`.`c d`")],
)
def test_every_part_of_a_name_is_quoted(parts: tuple[str, ...], quoted: str) -> None:
    assert sql.quote(*parts) == quoted


def test_a_literal_cannot_be_left() -> None:
    assert sql.literal("it's \\ here") == r"'it\'s \\ here'"


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("SELECT 1", True),
        ("  -- a comment\n/* another */ show tables", True),
        ("(SELECT 1)", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("WITH a AS (SELECT 'DROP' AS `delete`) SELECT * FROM a", True),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", False),
        ("EXPLAIN INSERT INTO t VALUES (1)", True),
        ("DESCRIBE TABLE t", True),
        ("USE SCHEMA s", True),
        ("INSERT INTO t VALUES (1)", False),
        ("FROM t INSERT OVERWRITE u SELECT *", False),
        ("GRANT SELECT ON TABLE t TO `x`", False),
        ("CREATE TABLE t (id INT)", False),
        ("'SELECT'", False),
        ("", False),
    ],
)
def test_only_what_certainly_reads_counts_as_reading(statement: str, reads: bool) -> None:
    assert sql.only_reads(statement) is reads


def test_values_survive_json() -> None:
    rows = [
        1,
        1.5,
        True,
        None,
        "x",
        decimal.Decimal("1.10"),
        datetime.date(2026, 1, 2),
        datetime.datetime(2026, 1, 2, 3, 4, 5),
        b"\x01\xff",
        {"a": decimal.Decimal("2")},
        (1, decimal.Decimal("3")),
    ]
    assert json.loads(json.dumps([sql.plain(value) for value in rows])) == [
        1,
        1.5,
        True,
        None,
        "x",
        "1.10",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "01ff",
        {"a": "2"},
        [1, "3"],
    ]


def failure(error: Exception) -> Failure:
    return sql._failure(error, "run the statement", workspace())


def test_class_and_sqlstate_are_taken_from_the_text() -> None:
    text = f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have SELECT on Table 'a.b.c' {SECRET}."
    found = failure(ServerOperationError(f"{text} SQLSTATE: 42501", {"operation-id": "op-1"}))
    error = found.as_dict()
    assert (error["code"], error["error_class"], error["sqlstate"]) == (
        "INSUFFICIENT_PERMISSIONS",
        "INSUFFICIENT_PERMISSIONS",
        "42501",
    )
    assert error["request_id"] == "op-1"
    assert "GRANT SELECT ON TABLE `a`.`b`.`c` TO `<caller>`" in error["hint"]
    assert SECRET not in str(found)


def test_a_sub_class_is_kept_and_an_error_without_class_has_none() -> None:
    assert failure(ServerOperationError("[DELTA_X.SUB_Y] no. SQLSTATE: 42000")).code == "DELTA_X.SUB_Y"
    error = failure(ServerOperationError("User does not have permission CREATE on CATALOG.")).as_dict()
    assert (error["code"], error["error_class"], error["sqlstate"]) == ("SQL_ERROR", None, None)
    unknown = failure(ServerOperationError("PRINCIPAL_DOES_NOT_EXIST: Could not find principal with name x"))
    assert unknown.code == "PRINCIPAL_DOES_NOT_EXIST"


def refusal(status: int, headers: dict[str, str], content: bytes = b"") -> replies.Refusal:
    return sql_wire._refusal(replies.Reply(status, headers, content), Patience(1))


def test_a_refusal_by_http_says_what_the_service_said() -> None:
    said = "PERMISSION_DENIED: abc is not authorized to use this SQL Endpoint."
    error = refusal(403, {"x-thriftserver-error-message": said, "x-request-id": "r-1"})
    found = failure(RequestError("Error during request to server", {"http-code": 403}, None, error))
    assert (found.code, found.status, found.retryable) == ("PERMISSION_DENIED", 403, False)
    assert said in found.message and found.request_id == "r-1"
    assert "CAN_USE" in (found.hint or "")


def test_what_only_the_connector_says_is_not_repeated_to_people() -> None:
    context = {"http-code": 500, "session-id": b"\xde\xad\xff\x00"}
    found = failure(RequestError("Error during request to server", context, None, EOFError())).as_dict()
    assert found["message"] == (
        "Could not run the statement: the host answered something that is not the protocol of SQL warehouses."
    )
    assert found["code"] == "NOT_THE_API" and json.dumps(found).encode("utf-8")
    assert found["cause"] == "EOFError"


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (OSError(24, "Too many open files"), "[Errno 24] Too many open files."),
        (RuntimeError("can't start new thread"), "RuntimeError: can't start new thread."),
    ],
    ids=["files", "threads"],
)
def test_the_host_is_not_blamed_for_what_this_machine_lacks(reason: Exception, message: str) -> None:
    found = failure(RequestError("Error during request to server", {}, None, reason))
    assert (found.code, found.message) == ("UNEXPECTED", f"Could not run the statement: {message}")


def test_an_unreachable_host_is_told_at_once() -> None:
    with pytest.raises(Failure) as caught:
        sql.Session(workspace(), "/sql/1.0/warehouses/abc").run("SELECT 1")
    assert (caught.value.code, caught.value.retryable) == ("UNREACHABLE", True)
    assert "127.0.0.1:9 cannot be reached" in caught.value.message


def test_a_long_wait_is_announced_and_errors_come_back_from_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "TELL_EVERY_SECONDS", 0.02)
    said: list[str] = []
    place = workspace()
    place.notify = said.append
    session = sql.Session(place, "/sql/1.0/warehouses/abc")

    def slow() -> t.NoReturn:
        import time

        time.sleep(0.1)
        raise ServerOperationError("[PARSE_SYNTAX_ERROR] no. SQLSTATE: 42601")

    with pytest.raises(Failure, match="PARSE_SYNTAX_ERROR"):
        session._do("run the statement", slow)
    assert said
    assert "Waiting for the SQL warehouse" in said[0]


def test_what_json_has_no_number_for_is_text() -> None:
    values = sql.plain([float("nan"), float("inf"), float("-inf"), {"a": float("nan")}])
    assert json.loads(json.dumps(values, allow_nan=False)) == ["nan", "inf", "-inf", {"a": "nan"}]


def test_authorities_of_requests_hold_for_sql(monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any) -> None:
    seen: dict[str, t.Any] = {}
    (tmp_path / "ca.pem").write_text("x", encoding="utf-8")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr(sql_wire, "connector", lambda: lambda **options: seen.update(options))
    session = sql.Session(workspace(), "/sql/1.0/warehouses/abc")
    sql._connect(session)
    assert seen["_tls_trusted_ca_file"] == str(tmp_path / "ca.pem")
    seen.clear()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    monkeypatch.setenv("SSL_CERT_DIR", "")
    sql._connect(session)
    assert "_tls_trusted_ca_file" not in seen and os.environ["SSL_CERT_DIR"] == str(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone"))
    with pytest.raises(Failure, match=r"the file or folder of authorities .*gone is not there") as caught:
        session._do("open a SQL session", lambda: sql._connect(session))
    assert caught.value.code == "TLS"


def test_the_authority_of_the_task_holds_for_sql_before_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any
) -> None:
    seen: dict[str, t.Any] = {}
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "another.pem"))
    monkeypatch.setattr(sql_wire, "connector", lambda: lambda **options: seen.update(options))
    asked = workspace()
    asked.params["ca_cert"] = "~/own.pem"
    sql._connect(sql.Session(asked, "/sql/1.0/warehouses/abc"))
    assert seen["_tls_trusted_ca_file"] == str(tmp_path / "own.pem")


def test_a_proxy_for_all_is_one_for_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://own:1")
    monkeypatch.setenv("ALL_PROXY", "http://all:1")
    sql._take_over_all_proxy("https")
    assert sql.getproxies()["https"] == "http://own:1"
    monkeypatch.delenv("https_proxy")
    sql._take_over_all_proxy("https")
    assert sql.getproxies()["https"] == "http://all:1"
    monkeypatch.delenv("https_proxy")
