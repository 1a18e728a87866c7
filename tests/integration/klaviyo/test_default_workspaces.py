# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""klaviyo_setup on workspaces as they are: the catalog of the workspace, no token yet, restricted administrators."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.support.klaviyo import Site, start_site

BOB = "Bob.Builder@example.com"


def converges(site: Site, said: t.Collection[str] = (), **variables: t.Any) -> str:
    """All checks pass, a second run changes nothing, nobody else was touched; gives the first run's output."""
    before = site.state["bystanders"]
    first = site.play("klaviyo_setup", **variables).ok()
    assert first.changed > 0
    assert site.objections == set(said), site.report["checks"]
    site.forget_journal()
    assert site.play("klaviyo_setup", **variables).ok().changed == 0
    assert site.mutating() == []
    assert site.state["bystanders"] == before
    return first.output


def runner(site: Site) -> dict[str, t.Any]:
    """Who signs in without a personal access token."""
    del site.variables["databricks_token"]
    return {
        "databricks_client_id": site.ready["client_id"],
        "databricks_client_secret": site.ready["client_secret"],
    }


@pytest.mark.parametrize("forms", ["first", "second"])
@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_the_catalog_of_the_workspace(tmp_path: Path, cloud: str, forms: str) -> None:
    with start_site(tmp_path, "--cloud", cloud, "--forms", forms) as site:
        assert site.variables["klaviyo_catalog"] == site.ready["workspace_catalog"]
        output = converges(site)
    assert "could not be established" not in output


def test_the_catalog_that_was_made_by_hand(tmp_path: Path) -> None:
    with start_site(tmp_path) as site:
        # Everybody may use that catalog, which is said.
        converges(site, ["indirect_catalog"], klaviyo_catalog=site.ready["catalog"])


@pytest.mark.parametrize("forms", ["first", "second"])
def test_a_workspace_that_never_had_a_token(tmp_path: Path, forms: str) -> None:
    with start_site(tmp_path, "--no-tokens-yet", "--forms", forms) as site:
        output = converges(site, **runner(site))
        tokens = site.state["tokens"]
    assert "never had a personal access token" in output
    assert len(tokens) == 1, "the token that opened the permissions is gone"


def test_administrators_who_may_not_make_tokens_for_others(tmp_path: Path) -> None:
    with start_site(tmp_path, "--restrict-tokens-and-job-run-as") as site:
        output = converges(site)
    assert "RESTRICT_TOKENS_AND_JOB_RUN_AS" in output
    assert site.record["method"] == "self"


SCHEMA = "klaviyo_import_from_dwh"
# Granting on a schema stamps it (CLI libs/testserver/grants.go); nothing else may differ.
STAMPS = {"updated_at", "updated_by", "etag"}


def described(site: Site, full_name: str) -> dict[str, t.Any]:
    raw = site.client().api_client.do("GET", f"/api/2.1/unity-catalog/schemas/{full_name}")
    return {key: value for key, value in raw.items() if key not in STAMPS}


def test_a_schema_of_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    with start_site(tmp_path) as site:
        client, catalog = site.client(), site.variables["klaviyo_catalog"]
        client.schemas.create(SCHEMA, catalog, comment="Bob's import", properties={"team": "b"})
        client.schemas.update(f"{catalog}.{SCHEMA}", owner=BOB)
        before = described(site, f"{catalog}.{SCHEMA}")
        converges(site)
        assert described(site, f"{catalog}.{SCHEMA}") == before
        assert before["comment"] == "Bob's import" and before["owner"] == BOB


def test_a_schema_that_the_runner_may_not_change_stays_as_it_is(tmp_path: Path) -> None:
    with start_site(tmp_path) as site:
        bob = site.client(site.post("mint", {"owner": BOB})["token_value"])
        bob.catalogs.create(name="bobs")
        use = [PermissionsChange(principal="admin@example.com", add=[Privilege.USE_CATALOG, Privilege.USE_SCHEMA])]
        bob.grants.update("catalog", "bobs", changes=use)
        for name in (SCHEMA, "klaviyo_tmp"):
            bob.schemas.create(name, "bobs", comment="Bob's")
        before = described(site, f"bobs.{SCHEMA}")
        site.forget_journal()
        played = site.play("klaviyo_setup", klaviyo_catalog="bobs").failed()
        assert described(site, f"bobs.{SCHEMA}") == before
        assert [one for one in site.mutating() if "/unity-catalog/schemas" in one] == []
    assert "GRANT MANAGE ON" in played.output, "the act that is refused says which right is missing"


def test_the_act_that_is_refused_says_which_right_it_lacks(tmp_path: Path) -> None:
    with start_site(tmp_path) as site:
        played = site.play("klaviyo_setup", klaviyo_catalog="sales").failed()
    assert "does not have CREATE SCHEMA on Catalog 'sales'" in played.output
    assert "GRANT CREATE SCHEMA ON CATALOG `sales` TO `admin@example.com`" in played.output
