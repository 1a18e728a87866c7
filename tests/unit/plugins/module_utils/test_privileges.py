# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The algebra of privileges, against a model of what the service does with one PATCH."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._objects import privileges as algebra

SOME = st.frozensets(st.sampled_from(["SELECT", "MODIFY", "USE_SCHEMA", "MANAGE", "EXTERNAL_USE_SCHEMA", algebra.ALL]))


def patched(have: frozenset[str], add: list[str], remove: list[str]) -> frozenset[str]:
    """The service: removing comes first, and ALL PRIVILEGES takes along what it covers (Databricks docs, "REVOKE")."""
    gone = set(remove)
    if algebra.ALL in gone:
        gone |= set(have) - algebra.NOT_COVERED
    return frozenset((set(have) - gone) | set(add))


@given(SOME, SOME)
def test_one_request_leads_from_any_set_to_any_other(have: frozenset[str], wanted: frozenset[str]) -> None:
    add, remove = algebra.change(have, wanted)
    assert patched(have, add, remove) == wanted
    assert not set(add) & set(remove), "the service refuses a privilege that is both added and removed"


@given(SOME, SOME)
def test_adding_and_removing_settle_at_once(have: frozenset[str], named: frozenset[str]) -> None:
    added, removed = algebra.with_added(have, named), algebra.with_removed(have, named)
    assert algebra.with_added(added, named) == added
    assert algebra.with_removed(removed, named) == removed
    assert have <= added and removed <= have
    assert all(algebra.covers(added, name) for name in named)


@given(SOME, SOME)
def test_what_is_still_held_after_a_removal_is_said(have: frozenset[str], named: frozenset[str]) -> None:
    left = algebra.with_removed(have, named)
    assert algebra.still_held(have, named) == {name for name in named if algebra.covers(left, name)}


def test_all_privileges_hides_manage_and_external_use() -> None:
    assert algebra.covers({algebra.ALL}, "SELECT")
    assert not algebra.covers({algebra.ALL}, "MANAGE")
    assert not algebra.covers({algebra.ALL}, "EXTERNAL_USE_SCHEMA")
    assert algebra.with_added({algebra.ALL}, {"SELECT", "MANAGE"}) == {algebra.ALL, "MANAGE"}
    assert algebra.with_removed({algebra.ALL, "SELECT", "MANAGE"}, {algebra.ALL}) == {"MANAGE"}


@pytest.mark.parametrize("text", ["use schema", "USE_SCHEMA", "Use-Schema", "  use   schema "])
def test_any_spelling(text: str) -> None:
    assert algebra.checked("privileges", [text], "schema") == {"USE_SCHEMA"}


@pytest.mark.parametrize(
    ("name", "securable", "hive", "listed"),
    [
        ("CREATE_TABLE", "table", False, "SELECT"),
        ("USE_CATALOG", "schema", False, "USE_SCHEMA"),
        ("BROWSE", "table", False, "SELECT"),
        ("USE_CATALOG", "schema", True, "USAGE"),
        ("MANAGE", "schema", True, "READ_METADATA"),
        ("CREATE_SCHEMA", "schema", True, "CREATE"),
    ],
)
def test_what_is_not_valid_there_is_refused_with_the_list(name: str, securable: str, hive: bool, listed: str) -> None:
    with pytest.raises(BadOption) as caught:
        algebra.checked("privileges", [name], securable, hive=hive)
    assert str(caught.value).startswith(f"privileges: {name} cannot be granted on a {securable}")
    assert listed in str(caught.value)


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(BadOption, match="privileges: must not hold an empty name"):
        algebra.checked("privileges", ["SELECT", " "], "schema")


def test_what_has_an_exact_equivalent_in_hive_metastore_is_translated() -> None:
    wanted = ["USE SCHEMA", "CREATE TABLE", "SELECT", "MODIFY", "ALL PRIVILEGES"]
    assert algebra.checked("privileges", wanted, "schema", hive=True) == {
        "USAGE",
        "CREATE",
        "SELECT",
        "MODIFY",
        "ALL_PRIVILEGES",
    }
    assert algebra.checked("privileges", ["CREATE SCHEMA"], "catalog", hive=True) == {"CREATE"}


def test_the_way_to_a_table_leads_through_catalog_and_schema() -> None:
    assert algebra.parents("table", "main.s.t") == [("catalog", "main"), ("schema", "main.s")]
    assert algebra.parents("catalog", "main") == []


@pytest.mark.parametrize(
    ("name", "sql"), [("USE_SCHEMA", "USE SCHEMA"), ("READ_METADATA", "READ_METADATA"), ("SELECT", "SELECT")]
)
def test_sql_spelling(name: str, sql: str) -> None:
    assert algebra.sql_name(name) == sql


@pytest.mark.parametrize(
    ("name", "securable", "hive", "meant"),
    [
        ("SELCT", "schema", False, "SELECT"),
        ("slect", "table", False, "SELECT"),
        ("USE SHEMA", "schema", False, "USE_SCHEMA"),
        (" create  tabel ", "catalog", False, "CREATE_TABLE"),
        ("SELCT", "schema", True, "SELECT"),
        ("INSERT", "table", False, None),
        ("CREATE_MODEL_VERSION", "schema", False, "CREATE_MODEL"),
    ],
)
def test_what_we_do_not_know_is_passed_on_with_a_doubt(
    name: str, securable: str, hive: bool, meant: str | None
) -> None:
    passed = algebra.checked("privileges", [name], securable, hive=hive)
    assert passed == {algebra.spelled(name)}
    (doubt,) = algebra.doubts("privileges", passed, securable, hive=hive)
    assert doubt.startswith(f"privileges: {algebra.spelled(name)} is no privilege that this collection knows on a ")
    assert doubt.endswith("the service decides.") and ("did you mean" in doubt) is (meant is not None)
    assert meant is None or f"(did you mean {meant}?)" in doubt


def test_what_we_know_raises_no_doubt() -> None:
    for securable, valid in algebra.VALID.items():
        assert algebra.doubts("privileges", algebra.checked("privileges", valid, securable), securable) == []


@pytest.mark.parametrize("text", ["SELECT, MODIFY", "SELECT; DROP TABLE x", "`SELECT`", "1", "Sélect"])
def test_only_a_name_reaches_a_statement(text: str) -> None:
    with pytest.raises(BadOption, match="is not the name of one privilege"):
        algebra.checked("privileges", [text], "schema", hive=True)


def test_who_holds_one_privilege_holds_no_other() -> None:
    assert algebra.covers(["SELECT"], "SELECT") and not algebra.covers(["SELECT"], "MODIFY")
    assert algebra.still_held(["SELECT", "MODIFY"], ["SELECT"]) == frozenset()


def test_a_doubt_says_where_and_names_one_that_may_be_meant() -> None:
    (doubt,) = algebra.doubts("privileges", ["CREATE_MODEL_VERSION"], "schema")
    assert doubt == (
        "privileges: CREATE_MODEL_VERSION is no privilege that this collection knows on a schema "
        "(did you mean CREATE_MODEL?). It is passed on as it is; the service decides."
    )
    (doubt,) = algebra.doubts("privileges", ["SELCT"], "schema", hive=True)
    assert "knows on a schema of hive_metastore (did you mean SELECT?)" in doubt
