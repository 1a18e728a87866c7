# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What access_check says of data where less is known: without a runner, in the legacy metastore, without a list."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.partner import Partner
from tests.support.sandbox import Sandbox

PROFILE = Path(__file__).resolve().parents[3] / "roles" / "partner" / "profiles" / "klaviyo.yml"
GOOD = "(email STRING, first_name STRING, updated_at TIMESTAMP)"


class WithData(Partner):
    """A partner whose profile has the data contract of Klaviyo."""

    @property
    def wanted(self) -> dict[str, t.Any]:
        contract = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))["data_contract"]
        return {**super().wanted, "data_contract": contract}


def told(result: dict[str, t.Any]) -> dict[str, tuple[str, set[str]]]:
    return {
        one["table"].rsplit(".", maxsplit=1)[-1]: (one["importable"], {finding["id"] for finding in one["findings"]})
        for one in result["data"]
    }


@pytest.fixture
def partner(sandbox: Sandbox, tmp_path: Path) -> Partner:
    made = WithData(sandbox, tmp_path).set_up()
    made.sql(f"CREATE TABLE {made.imports}.people {GOOD}")
    return made


def test_without_a_runner_the_token_tells_the_columns(partner: Partner) -> None:
    found = partner.verify(token=None).result
    assert found["runner"] is False
    assert told(found)["people"] == ("yes", set())
    assert told(found)["customers"] == ("no", {"no_change_time", "identifier_unclear"})


def test_nothing_more_is_sent_for_it(sandbox: Sandbox, partner: Partner) -> None:
    with sandbox.recorded() as with_contract:
        partner.verify()
    plain = {key: value for key, value in partner.wanted.items() if key != "data_contract"}
    with sandbox.recorded() as without:
        found = partner.verify(profile=plain).result
    assert "data" not in found and "data_summary" not in found
    assert sorted(with_contract) == sorted(without)


def test_a_table_that_the_token_does_not_list_is_no_table_of_the_partner(partner: Partner) -> None:
    partner.grant("schema", partner.imports, partner.principal, remove="SELECT")
    partner.grant("table", f"{partner.imports}.people", partner.principal, add="SELECT")
    found = partner.verify().result
    assert set(told(found)) == {"people"}


def test_where_the_tables_cannot_be_listed_nothing_is_said(partner: Partner) -> None:
    partner.grant("schema", partner.imports, partner.principal, remove="USE_SCHEMA")
    found = partner.verify()
    assert found.result["status"] == "broken" and "data" not in found.result


def test_in_the_legacy_metastore_columns_are_read_with_the_rows(sandbox: Sandbox, tmp_path: Path) -> None:
    legacy = WithData(sandbox, tmp_path, "hive_metastore").set_up()
    legacy.sql(f"CREATE TABLE {legacy.imports}.people {GOOD}")
    assert told(legacy.verify().result)["people"] == ("unknown", {"columns_unread"})
    assert told(legacy.verify(check_data=True).result)["people"] == ("yes", {"no_rows"})
