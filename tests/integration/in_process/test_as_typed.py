# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real play makes of values as people type them, and that it shows none of their secrets at any verbosity."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.integration.in_process.test_ways import play
from tests.support.klaviyo import Site, start_site

LOOK = {"lakeops.databricks.schema_info": {"catalog": "main"}}
READ = {"lakeops.databricks.access_profile": {"prefix": "klaviyo"}}
WAYS = ["auto", "never"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", ["{}\n", "\ufeff{}", " '{}'"], ids=ascii)
def test_what_surrounds_a_token_is_no_part_of_it(site: Site, tmp_path: Path, way: str, form: str) -> None:
    token = site.ready["token"]
    status, shown = play(site, tmp_path, LOOK, "-vvv", databricks_token=form.format(token), databricks_in_process=way)
    assert status == 0, shown
    assert token not in shown


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("odd", ["\u2028", " ", "\x00", "é"], ids=ascii)
def test_an_odd_character_is_named_with_the_variable_and_without_the_token(
    site: Site, tmp_path: Path, way: str, odd: str
) -> None:
    token = site.ready["token"]
    status, shown = play(site, tmp_path, LOOK, "-vvv", databricks_token=f"{token}{odd}x", databricks_in_process=way)
    assert status == 2
    assert "token (variable databricks_token of the host): cannot be right: character" in shown
    assert token not in shown


@pytest.mark.parametrize("way", WAYS)
def test_a_blank_as_token_blots_nothing_out(site: Site, tmp_path: Path, way: str) -> None:
    status, shown = play(site, tmp_path, LOOK, "-vvv", databricks_token=" ", databricks_in_process=way)
    assert status == 2
    assert "token (variable databricks_token of the host): is empty. Give a value or leave the option out." in shown


def test_a_workspace_that_is_taken_for_a_machine(site: Site, tmp_path: Path) -> None:
    machine = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9, "ansible_ssh_retries": 0}
    status, shown = play(site, tmp_path, LOOK, **machine)
    assert status == 4
    assert "give its host the variable ansible_connection: local" in shown


@pytest.mark.parametrize("connection", ["local", "ssh"])
def test_the_variables_of_a_role_are_read_whatever_the_connection(site: Site, tmp_path: Path, connection: str) -> None:
    token = "dapi" + "5" * 32
    task = {**READ, "register": "read", "failed_when": "read.variables | default({}) != expected"}
    given = {
        "klaviyo_catalog": " `main`\n",
        "klaviyo_warehouse": "sql/1.0/warehouses/1234567890abcdef/",
        "klaviyo_token": f"{token}\n",
        "klaviyo_token_store": {"type": "tasks", "get": "/a.yml", "put": "/b.yml", "password": "s3cret"},
        "klaviyo_report_dir": None,
        "klaviyo_catalogue": "x",
    }
    expected = {
        "allowed_schemas": ["a", "b"],
        "catalog": "main",
        "check_data": False,
        "confirmed": False,
        "data": {},
        "drop_force": False,
        "drop_schemas": False,
        "fail_on": ["broken", "drift"],
        "hand_over": "",
        "plan": [],
        "import_schema": "KLAVIYO_IMPORT_FROM_DWH",
        "least_privilege": "warn",
        "offboard_in_use": False,
        "offboard_keep_principal": False,
        "owner": "",
        "principal_kind": "service_principal",
        "principal_name": "klaviyo-import",
        "purge_surplus": True,
        "purpose": "",
        "report_dir": "klaviyo-reports",
        "report_keep": "all",
        "report_language": "en",
        "report_sign_key": "",
        "review_by": "",
        "ticket": "",
        "tmp_privileges": "granular",
        "tmp_schema": "KLAVIYO_TMP",
        "token_given": True,
        "token_grace_days": 14,
        "token_lifetime_days": 45,
        "token_method": "auto",
        "token_renew_before_days": 30,
        "token_store": {"type": "tasks", "get": "/a.yml", "put": "/b.yml"},
        "unknown_tokens": "refuse",
        "warehouse": "1234567890abcdef",
    }
    extra = "klaviyo_allowed_schemas=a,b klaviyo_token_lifetime_days=45 klaviyo_purge_surplus=yes"
    status, shown = play(
        site, tmp_path, task, "-vvv", "-e", extra, ansible_connection=connection, expected=expected, **given
    )
    assert status == 0, shown
    assert token not in shown and "s3cret" not in shown
    assert "The variable klaviyo_catalogue means nothing to the role. Did you mean klaviyo_catalog?" in " ".join(
        shown.split()
    )


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ("klaviyo_catalog=main.klaviyo", "klaviyo_catalog: 'main.klaviyo' is more than a catalog."),
        ("klaviyo_token={{databricks_token}}", "klaviyo_token: is the token that the play itself signs in with."),
        ("klaviyo_import_schema={{nowhere}}", "klaviyo_import_schema: cannot be used:"),
        ("klaviyo_report_dir=/", "klaviyo_report_dir: is the root of the file system."),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_a_variable_that_cannot_be_meant_is_refused_by_name(
    site: Site, tmp_path: Path, extra: str, says: str, check: bool
) -> None:
    given = {"klaviyo_catalog": "main", "klaviyo_warehouse": "Starter Warehouse"}
    status, shown = play(site, tmp_path, READ, "-vvv", "-e", extra, *(["--check"] if check else []), **given)
    assert status == 2
    assert f'"msg": "{says}' in shown
    assert site.ready["token"] not in shown


def test_a_prefix_that_is_none_is_refused(site: Site, tmp_path: Path) -> None:
    status, shown = play(site, tmp_path, {"lakeops.databricks.access_profile": {"prefix": "Klaviyo-"}})
    assert status == 2 and "prefix: 'Klaviyo-' is not the beginning of a variable" in shown
