# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of extensions/awx run as jobs: a credential signs them in, and what one hands on steers the next."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from databricks.sdk.core import Config

from tests.support.awx import AWX, Json, artifacts, injected
from tests.support.awx_jobs import TYPES, WORKFLOWS, by_secret, job
from tests.support.klaviyo import HOST, Site, start_site

FIELDS = {field["id"] for field in TYPES["Databricks workspace"]["inputs"]["fields"]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("awx")) as started:
        del started.variables["databricks_host"], started.variables["databricks_token"]
        yield started


@pytest.mark.parametrize("way", ["token", "client", "profile", "host of the inventory"])
def test_a_credential_signs_a_job_in(site: Site, way: str) -> None:
    token = {"host": site.host, "token": site.ready["token"]}
    inputs = {
        "token": token,
        "client": by_secret(site),
        "profile": {
            "config_file": f"[there]\nhost = {site.host}\ntoken = {site.ready['token']}\n",
            "profile": "there",
        },
        "host of the inventory": {"token": site.ready["token"]},
    }[way]
    env = injected(TYPES["Databricks workspace"], inputs, site.folder)
    told = {"databricks_host": site.host} if way == "host of the inventory" else {}
    site.forget_journal()
    assert "needs attention" not in site.play(str(AWX / "playbooks" / "preflight.yml"), env=env, **told).ok().output
    assert site.journal, "nothing was asked of the workspace"


def test_without_a_credential_nothing_is_signed_in(site: Site) -> None:
    env = injected(TYPES["Databricks workspace"], {"host": site.host}, site.folder)
    site.play(str(AWX / "playbooks" / "preflight.yml"), env=env).failed()


def test_every_field_reaches_the_setting_of_its_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ways that no sandbox has (Azure, federation): the variables are those that the SDK reads."""
    read = {one.name: one.env for one in Config.attributes()} | {"oidc_token": "DATABRICKS_OIDC_TOKEN"}
    for field in FIELDS:
        filled = True if field == "azure_use_msi" else f"mine-{field}"
        env = {
            name: value
            for name, value in injected(TYPES["Databricks workspace"], {field: filled}, site.folder).items()
            if value
        }
        assert set(env) == {read[field]}, field
        if field == "config_file":
            assert Path(env[read[field]]).read_text(encoding="utf-8") == filled
        else:
            assert env[read[field]] == ("true" if filled is True else filled)


def test_a_record_reaches_the_recipe(site: Site) -> None:
    assert injected(TYPES["Klaviyo token record"], {"record": "{}"}, site.folder) == {"KLAVIYO_TOKEN_RECORD": "{}"}


def test_what_the_watch_finds_fails_the_job_of_that_status(site: Site) -> None:
    """Verify, then one job for each status: of them that one fails which has something to tell, and tells it."""
    site.play("klaviyo_setup", env=injected(TYPES["Databricks workspace"], by_secret(site), site.folder)).ok()
    fine = artifacts(job(site, "Klaviyo watch", by_secret(site)).ok().output)
    assert fine == {"klaviyo_awx_standing": {"broken": [], "drift": [], "handover": []}}
    assert "No workspace has the status broken." in job(site, "Klaviyo watch, broken", {}, **fine).ok().output

    client = site.client()
    principal = next(iter(client.service_principals.list(filter='displayName eq "klaviyo-import"')))
    client.api_client.do(
        "PATCH",
        f"/api/2.1/unity-catalog/permissions/catalog/{site.catalog}",
        body={"changes": [{"principal": principal.application_id, "add": ["CREATE SCHEMA"]}]},
    )
    found = artifacts(job(site, "Klaviyo watch", by_secret(site)).ok().output)["klaviyo_awx_standing"]
    assert (found["broken"], found["handover"]) == ([], [])
    assert found["drift"][0].startswith(f"{HOST}: drift: ")
    for status in ("broken", "handover"):
        job(site, f"Klaviyo watch, {status}", {}, klaviyo_awx_standing=found).ok()
    told = job(site, "Klaviyo watch, drift", {}, klaviyo_awx_standing=found).failed()
    assert found["drift"][0] in told.output
    assert artifacts(told.output) == {"klaviyo_awx_lines": found["drift"]}, "its notification has nothing to show"


def test_a_workspace_of_which_nothing_is_known_hides_no_other(site: Site) -> None:
    """The watch fails, and what it knows of the others is handed on to the jobs that follow in any case."""
    hosts = {"early": {**site.variables, "klaviyo_warehouse": ""}, HOST: site.variables}
    env = injected(TYPES["Databricks workspace"], by_secret(site), site.folder)
    env["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    watch = str(AWX / "playbooks" / "watch.yml")
    played = site.play(watch, "-e", "klaviyo_fail_on=none", env=env, hosts=hosts).failed()
    assert "klaviyo_warehouse: is missing." in played.output
    (told,) = artifacts(played.output)["klaviyo_awx_standing"]["drift"][:1]
    assert told.startswith(f"{HOST}: drift: ")
    first = WORKFLOWS["Klaviyo watch and tell"]["simplified_workflow_nodes"][0]
    assert (first["identifier"], first["always_nodes"]) == ("verify", ["broken", "drift", "handover"])


def test_a_watch_that_said_nothing_is_not_taken_for_well(site: Site) -> None:
    said = job(site, "Klaviyo watch, broken", {}).failed().output
    assert "The job before this one did not say how the workspaces stand, so nobody knows." in said


def test_only_a_plan_that_is_known_to_be_empty_needs_no_approval(site: Site) -> None:
    plan = ["create schema main.KLAVIYO_TMP", "mint a token"]
    empty = job(
        site, "Klaviyo plan is empty", {}, klaviyo_no_change=True, klaviyo_plan_text=[], klaviyo_plan_digest="a"
    )
    assert "Nothing would be done, so nobody has to approve anything." in empty.ok().output
    full = job(site, "Klaviyo plan is empty", {}, klaviyo_no_change=False, klaviyo_plan_text=plan).failed()
    assert "This waits for an approval:" in full.output and all(line in full.output for line in plan)
    assert artifacts(full.output) == {"klaviyo_plan_text": plan}, "its notification has nothing to show"
    said = job(site, "Klaviyo plan is empty", {}).failed().output
    assert (
        "The job before this one did not say what would be done, so somebody has to look. Nothing was changed." in said
    )


@pytest.mark.parametrize("digest", [{}, {"klaviyo_plan_digest": ""}], ids=["none", "blank"])
def test_without_a_plan_nothing_is_applied(site: Site, digest: Json) -> None:
    site.forget_journal()
    said = job(site, "Klaviyo apply", by_secret(site), **digest).failed().output
    assert "There is no plan, so nothing was changed." in said
    assert 'The workflow \\"Klaviyo planned setup\\" makes one and has it approved.' in said
    assert site.mutating() == []
