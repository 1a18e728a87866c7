# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure makes no tokens on behalf of others: the same playbooks work, and the secret they need meanwhile is gone."""

from __future__ import annotations

import typing as t

import pytest
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.support.klaviyo import Played, Site, start_site
from tests.support.token_life import files_below, kill_all_of, leaks, wait_until


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("azure"), "--cloud", "azure") as started:
        # By the environment: then no file of this folder holds it.
        del started.variables["databricks_token"]
        yield started


def surroundings(site: Site) -> dict[str, str]:
    """Whatever Ansible writes is in the site's folder."""
    return {
        "DATABRICKS_TOKEN": site.ready["token"],
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(site.folder / "facts"),
        "ANSIBLE_LOCAL_TEMP": str(site.folder / "local"),
        "ANSIBLE_REMOTE_TEMP": str(site.folder / "remote"),
        "ANSIBLE_LOG_PATH": str(site.folder / "log"),
    }


def play(site: Site, playbook: str, *options: str, **variables: t.Any) -> Played:
    """Run a playbook as talkative as can be; neither that nor what Ansible keeps on the disk gives a secret away."""
    played = site.play(playbook, "-vvvv", "--diff", *options, env=surroundings(site), **variables)
    assert leaks(site.host, played.output, *files_below(site.folder, site.store)) == []
    return played


def ours(site: Site) -> tuple[list[str], list[str]]:
    """The principal's live tokens, and its OAuth secrets."""
    state = site.state
    mine = {one["application_id"] for one in state["service_principals"] if one["display_name"] == "klaviyo-import"}
    tokens = [one["token_id"] for one in state["tokens"] if one["owner"] in mine and one["live"]]
    return tokens, [one["id"] for one in state["oauth_secrets"] if one["owner"] in mine]


def made(entry: dict[str, t.Any]) -> bool:
    """Whether a request asks for a token in the way that works on Azure."""
    return bool(entry["path"].endswith("/token/create"))


def test_a_leak_would_be_found(site: Site) -> None:
    assert leaks(site.host, f"said: {site.ready['token']}")
    (site.folder / "facts").mkdir()
    (site.folder / "facts" / "acme").write_text(site.ready["token"], encoding="utf-8")
    assert leaks(site.host, *files_below(site.folder))
    (site.folder / "facts" / "acme").unlink()


def test_a_set_up_that_is_killed_while_it_is_signed_in_as_the_principal(site: Site) -> None:
    site.post("faults", {"method": "POST", "path": "*/token/create", "delay_ms": 1000})
    run = site.start("klaviyo_setup", "-vvvv", env=surroundings(site))
    try:
        wait_until(lambda: any(made(entry) for entry in site.journal), "the request for a token", 60)
    finally:
        kill_all_of(run.pid)
        run.wait(10)
    wait_until(lambda: any(made(entry) and entry["status"] for entry in site.journal), "the end of the request")
    tokens, secrets = ours(site)
    assert len(tokens) == 1 and len(secrets) == 1 and "token_value" not in site.record
    assert leaks(site.host, *files_below(site.folder)) == []


def test_set_up_as_everywhere(site: Site) -> None:
    """Also after a run that died: the secret and the token that nobody knows are gone."""
    bystanders, orphans = site.state["bystanders"], ours(site)[0]
    site.forget_journal()
    assert "ended before it could store" in " ".join(play(site, "klaviyo_setup").ok().output.split())
    assert len([entry for entry in site.journal if made(entry)]) == 1, "the token was made in another way"
    assert ours(site) == ([site.record["token_id"]], []) and site.record["token_id"] not in orphans
    assert play(site, "klaviyo_setup").ok().changed == 0
    assert site.objections == set()
    assert site.state["bystanders"] == bystanders


def test_rotation_and_off_boarding(site: Site) -> None:
    bystanders, first = site.state["bystanders"], site.record["token_id"]
    # Said by a person on the command line, so it is text.
    waiting = play(site, "klaviyo_rotate", "-e", "confirmed=false").ok()
    assert "lakeops.databricks.klaviyo_rotate -e confirmed=true" in waiting.output
    second = site.record["token_id"]
    assert second != first
    assert sorted(ours(site)[0]) == sorted([first, second]) and ours(site)[1] == []
    # What cannot be verified replaces nothing.
    client, mine = site.client(), site.record["principal"]
    select = {"principal": mine, "remove": [Privilege.SELECT]}
    client.grants.update("schema", f"{site.catalog}.klaviyo_tmp", changes=[PermissionsChange(**select)])
    play(site, "klaviyo_rotate", "-e", "confirmed=true").failed()
    assert sorted(ours(site)[0]) == sorted([first, second])
    select = {"principal": mine, "add": [Privilege.SELECT]}
    client.grants.update("schema", f"{site.catalog}.klaviyo_tmp", changes=[PermissionsChange(**select)])
    assert play(site, "klaviyo_rotate", "-e", "confirmed=true").ok().changed == 1
    assert ours(site) == ([second], [])
    klaviyo = site.client(site.record["token_value"])
    klaviyo.statement_execution.execute_statement("SELECT 1", site.ready["warehouse_id"], wait_timeout="30s")
    refused = play(site, "klaviyo_offboard").failed().output
    assert "within the last day. Nothing was changed" in refused and ours(site) == ([second], [])
    play(site, "klaviyo_offboard", "-e", "klaviyo_offboard_in_use=true").ok()
    assert not site.store.exists()
    assert not [one for one in site.state["service_principals"] if one["display_name"] == "klaviyo-import"]
    assert site.state["bystanders"] == bystanders
