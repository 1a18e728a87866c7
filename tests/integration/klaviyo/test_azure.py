# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure makes no tokens on behalf of others: the same playbooks work, and the secret they need meanwhile is gone."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.klaviyo import Played, Site, start_site
from tests.support.token_life import files_below, leaks


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("azure"), "--cloud", "azure") as started:
        # By the environment: then no file of this folder holds it.
        del started.variables["databricks_token"]
        yield started


def play(site: Site, playbook: str, *options: str, **variables: t.Any) -> Played:
    """Run a playbook as talkative as can be; neither that nor what Ansible keeps on the disk gives a secret away."""
    env = {
        "DATABRICKS_TOKEN": site.ready["token"],
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(site.folder / "facts"),
        "ANSIBLE_LOCAL_TEMP": str(site.folder / "local"),
        "ANSIBLE_REMOTE_TEMP": str(site.folder / "remote"),
        "ANSIBLE_LOG_PATH": str(site.folder / "log"),
    }
    played = site.play(playbook, "-vvvv", "--diff", *options, env=env, **variables)
    assert leaks(site.host, played.output, *files_below(site.folder, site.store)) == []
    return played


def ours(site: Site) -> tuple[list[str], list[str]]:
    """The principal's live tokens, and its OAuth secrets."""
    state = site.state
    mine = {one["application_id"] for one in state["service_principals"] if one["display_name"] == "klaviyo-import"}
    tokens = [one["token_id"] for one in state["tokens"] if one["owner"] in mine and one["live"]]
    return tokens, [one["id"] for one in state["oauth_secrets"] if one["owner"] in mine]


def test_a_leak_would_be_found(site: Site) -> None:
    assert leaks(site.host, f"said: {site.ready['token']}")
    (site.folder / "facts").mkdir()
    (site.folder / "facts" / "acme").write_text(site.ready["token"], encoding="utf-8")
    assert leaks(site.host, *files_below(site.folder))
    (site.folder / "facts" / "acme").unlink()


def test_set_up_as_everywhere(site: Site) -> None:
    bystanders = site.state["bystanders"]
    first = play(site, "klaviyo_setup").ok()
    assert first.changed > 0
    made = [entry for entry in site.journal if entry["path"].endswith("/token/create")]
    assert len(made) == 1 and made[0]["status"] == 200, "the token was made in another way, so this proves nothing"
    assert ours(site) == ([site.record["token_id"]], [])
    assert play(site, "klaviyo_setup").ok().changed == 0
    assert {check["result"] for check in site.report["checks"]} == {"passed"}
    assert site.state["bystanders"] == bystanders


def test_rotation_and_off_boarding(site: Site) -> None:
    bystanders, first = site.state["bystanders"], site.record["token_id"]
    assert "run lakeops.databricks.klaviyo_rotate -e confirmed=true" in play(site, "klaviyo_rotate").ok().output
    second = site.record["token_id"]
    assert ours(site) == (sorted([first, second], key=[first, second].index), [])
    # Said by a person on the command line, so it is text.
    assert play(site, "klaviyo_rotate", "-e", "confirmed=true").ok().changed == 1
    assert ours(site) == ([second], [])
    refused = play(site, "klaviyo_offboard").failed().output
    assert "used within the last day" in refused and ours(site) == ([second], [])
    play(site, "klaviyo_offboard", "-e", "klaviyo_offboard_in_use=true").ok()
    assert not site.store.exists()
    assert not [one for one in site.state["service_principals"] if one["display_name"] == "klaviyo-import"]
    assert site.state["bystanders"] == bystanders
