# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's alternatives: ALL PRIVILEGES, a workspace user, another catalog, other names."""

from __future__ import annotations

from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

from tests.support.klaviyo import Site


def test_all_privileges_on_the_staging_schema(site: Site) -> None:
    site.play("klaviyo_setup", klaviyo_tmp_privileges="all").ok()
    assert site.play("klaviyo_setup", klaviyo_tmp_privileges="all").ok().changed == 0
    assert site.checks["grants_tmp"]["result"] == "passed"


def test_going_back_to_granular_needs_the_surplus_purged(site: Site) -> None:
    site.play("klaviyo_setup").failed()
    assert "ALL_PRIVILEGES" in site.checks["surplus_tmp"]["observed"]
    site.play("klaviyo_setup", klaviyo_purge_surplus=True).ok()
    assert site.checks["surplus_tmp"]["result"] == "passed"


def test_a_user_with_a_token_of_its_own(site: Site) -> None:
    client = site.client()
    name = "klaviyo.service@example.com"
    variables = {
        "klaviyo_principal_kind": "user",
        "klaviyo_principal_name": name,
        "klaviyo_token_store": {"type": "file", "path": str(site.folder / "store" / "user.json")},
    }
    site.forget_journal()
    first = site.play("klaviyo_setup", **variables).failed().output
    assert "Settings" in first, "the run must say where the user makes the token"
    assert site.mutating() == [], "nothing is prepared for a token that is not there"
    user = client.users.create(user_name=name)
    client.permissions.update(
        "authorization",
        "tokens",
        access_control_list=[AccessControlRequest(user_name=name, permission_level=PermissionLevel.CAN_USE)],
    )
    token = site.post(
        "mint", {"owner": user.user_name, "comment": "made by hand for klaviyo", "lifetime_seconds": 90 * 86400}
    )
    output = site.play("klaviyo_setup", "-vvv", klaviyo_token=token["token_value"], **variables).ok().output
    assert token["token_value"] not in output
    assert site.play("klaviyo_setup", **variables).ok().changed == 0
    assert site.checks["identity"]["result"] == "passed"


def test_another_catalog_and_other_names(site: Site) -> None:
    client = site.client()
    # Making a catalog takes a metastore admin; the runner only owns it.
    maker = site.client(site.post("mint", {"owner": "Bob.Builder@example.com"})["token_value"])
    maker.catalogs.create(name="lake-house")
    maker.catalogs.update("lake-house", owner=client.current_user.me().user_name)
    variables = {
        "klaviyo_catalog": "lake-house",
        "klaviyo_import_schema": "From_DWH",
        "klaviyo_tmp_schema": "Klaviyo-Staging",
        "klaviyo_principal_name": "klaviyo-lake-house",
        "klaviyo_token_store": {"type": "file", "path": str(site.folder / "store" / "lake.json")},
    }
    site.play("klaviyo_setup", **variables).ok()
    assert site.play("klaviyo_setup", **variables).ok().changed == 0
    assert {schema.name for schema in client.schemas.list("lake-house")} >= {"from_dwh", "klaviyo-staging"}


def test_a_service_principal_by_its_application_id(site: Site) -> None:
    one = site.client().service_principals.create(display_name="chosen by hand")
    variables = {
        "klaviyo_principal_name": one.application_id,
        "klaviyo_token_store": {"type": "file", "path": str(site.folder / "store" / "chosen.json")},
    }
    before = len(site.state["service_principals"])
    site.play("klaviyo_setup", **variables).ok()
    assert site.play("klaviyo_setup", **variables).ok().changed == 0
    site.play("klaviyo_verify", **variables).ok()
    assert len(site.state["service_principals"]) == before, "none is made that is called like an ID"
