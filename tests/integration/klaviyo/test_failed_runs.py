# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that ends early leaves a report of what it did, and stays a failure; a rotation tells what it revoked."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import jsonschema
import pytest
import requests

from tests.support.klaviyo import HOST, ROOT, Site, start_site

SCHEMA = json.loads((ROOT / "roles/partner/files/report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("failed")) as site:
        yield site


def done(report: dict[str, t.Any]) -> list[str]:
    return [action["method"] for action in report["changed"]]


def test_the_preflight_keeps_its_findings(site: Site) -> None:
    site.play("klaviyo_preflight").ok()
    report = site.report
    jsonschema.validate(report, SCHEMA)
    assert (report["run"]["entry"], report["status"], report["passed"]) == ("preflight", "unverified", None)
    assert report["summary"]["line"] == "preflight: 1 finding(s)"
    assert [finding["code"] for finding in report["found"]["findings"]] == ["TOKEN_ON_BEHALF"]
    assert report["operator"]["identity"] == "admin@example.com"


@pytest.mark.parametrize("entry", ["preflight", "setup"])
def test_what_blocks_is_kept_and_the_run_fails(site: Site, entry: str) -> None:
    played = site.play(f"klaviyo_{entry}", klaviyo_catalog="nonesuch").failed()
    report = site.report
    jsonschema.validate(report, SCHEMA)
    said = "klaviyo_catalog: the workspace has no catalog nonesuch."
    assert said in played.output
    assert f"Report of this run, as far as it got: {site.folder}/reports/{HOST}/{report['run']['id']}/" in played.output
    assert (report["run"]["entry"], report["status"], report["changed"]) == (entry, "failed", [])
    assert report["failure"]["task"] == "Look at the workspace" and said in report["failure"]["message"]
    assert report["found"]["findings"][0]["code"] == "CATALOG_DOES_NOT_EXIST"
    assert said in (site.folder / "reports" / HOST / "latest" / "report.html").read_text(encoding="utf-8")


def refuse(site: Site, method: str, path: str) -> None:
    error = {"status": 403, "error_code": "PERMISSION_DENIED", "message": "The workspace says no."}
    site.post("faults", {"method": method, "path": path, "times": 0, **error})


def test_a_set_up_that_is_refused_half_way_tells_what_it_had_changed(site: Site) -> None:
    refuse(site, "PATCH", f"/api/2.1/unity-catalog/permissions/schema/{site.catalog}.klaviyo_tmp")
    played = site.play("klaviyo_setup").failed()
    requests.delete(f"{site.host}/_sandbox/faults", timeout=30).raise_for_status()
    report = site.report
    jsonschema.validate(report, SCHEMA)
    assert "The workspace says no." in played.output and "The workspace says no." in report["failure"]["message"]
    objects = [f"{action['method']} {action['object'].split()[0]}" for action in report["changed"]]
    assert objects.count("create schema") == 2 and "create service_principal" in objects and "update grant" in objects
    assert report["status"] == "failed" and report["connection"] == {}
    assert played.changed > 0


def test_a_report_that_cannot_be_written_hides_nothing(site: Site, tmp_path: Path) -> None:
    (tmp_path / HOST).touch()
    variables = {"klaviyo_catalog": "nonesuch", "klaviyo_report_dir": str(tmp_path)}
    said = site.play("klaviyo_setup", **variables).failed().output
    assert "klaviyo_catalog: the workspace has no catalog nonesuch." in said
    assert f"There is no report of this run. directory: could not write {tmp_path}/{HOST}" in said


def test_a_report_that_cannot_be_written_says_so_once(site: Site, tmp_path: Path) -> None:
    (tmp_path / HOST).touch()
    said = site.play("klaviyo_preflight", klaviyo_report_dir=str(tmp_path)).failed().output
    sentence = f"directory: could not write {tmp_path}/{HOST}/.lock: Not a directory."
    assert f'"msg": "{sentence}\\nThere is no report of this run."' in said, said[-2000:]


def test_a_place_for_reports_that_is_none_is_refused_before_any_change(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    hosts = {
        name: {**site.variables, "klaviyo_report_dir": f"{tmp_path}/{name}{below}"}
        for name, below in (("file", "/reports"), ("link", ""))
    }
    site.forget_journal()
    said = site.play("klaviyo_setup", hosts=hosts).failed().output
    for name in hosts:
        place = f"{tmp_path}/{name}"
        assert f"klaviyo_report_dir: {place} is no directory. Give a directory for the reports." in said, said[-2000:]
    assert site.journal == []


def test_by_a_tag_alone_a_failure_stays_one(site: Site) -> None:
    assert site.play("klaviyo_setup", "--tags", "preflight", klaviyo_catalog="nonesuch").failed()
    assert site.report["status"] == "failed"


def test_a_confirmed_rotation_tells_what_it_revoked_and_that_nothing_waits(site: Site) -> None:
    site.post("reset")
    site.store.unlink(missing_ok=True)
    site.play("klaviyo_setup").ok()
    old = site.record["token_id"]
    site.play("klaviyo_rotate").ok()
    assert (done(site.report), site.report["status"]) == (["announce", "mint", "store"], "handover")
    played = site.play("klaviyo_rotate", klaviyo_confirmed=True).ok()
    report = site.report
    assert {"method": "revoke", "object": f"token {old[:12]}"}.items() <= report["changed"][-1].items()
    assert (report["status"], report["handover"]) == ("ok", {})
    assert f"{HOST}: ok: " in played.output and f"{HOST}: handover" not in played.output
    audited = site.play("klaviyo_audit").ok().output
    assert f"revoke token {old[:12]}" in audited and "chain unbroken" in audited


def test_a_rotation_whose_token_is_broken_revokes_nothing_whatever_fails(site: Site) -> None:
    site.play("klaviyo_rotate").ok()
    alive = len(site.state["tokens"])
    principal = site.record["principal"]
    body = {"changes": [{"principal": principal, "remove": ["CREATE TABLE"]}]}
    path = f"/api/2.1/unity-catalog/permissions/schema/{site.catalog}.klaviyo_tmp"
    site.client().api_client.do("PATCH", path, body=body)
    played = site.play("klaviyo_rotate", klaviyo_confirmed=True, klaviyo_fail_on="none").failed()
    assert f"{HOST}: broken: " in played.output
    assert len(site.state["tokens"]) == alive and done(site.report) == []
