# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several workspaces in one play: one table at the end, whatever became of them."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import Played, Site, start_site

TITLE = "TASK [Say how all workspaces stand]"
HOSTS = ("one", "two", "three")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[Site, dict[str, dict[str, t.Any]]]]:
    folder = tmp_path_factory.mktemp("many")
    with start_site(folder, "--workspaces", str(len(HOSTS))) as site:
        hosts = {
            name: {
                **site.variables,
                "databricks_host": ready["host"],
                "databricks_token": ready["token"],
                "klaviyo_catalog": ready["catalog"],
                "klaviyo_warehouse": ready["warehouse_id"],
                "klaviyo_token_store": {"type": "file", "path": str(Path(folder, "store", f"{name}.json"))},
            }
            for name, ready in zip(HOSTS, site.ready["workspaces"], strict=True)
        }
        site.play("klaviyo_setup", hosts=hosts).ok()
        yield site, hosts


def rows(played: Played) -> list[str]:
    """The lines of the table, which is shown once."""
    assert played.output.count(TITLE) == 1, played.output[-6000:]
    shown = played.output.partition(TITLE)[2].partition("PLAY RECAP")[0]
    return re.findall(r'^ +"(.*?)",?$', shown, re.MULTILINE)


def words(line: str) -> list[str]:
    return re.split(r"\s{2,}", line)


def broken(hosts: dict[str, t.Any], name: str, **variables: t.Any) -> dict[str, t.Any]:
    return {**hosts, name: {**hosts[name], **variables}}


@pytest.mark.parametrize("playbook", ["klaviyo_setup", "klaviyo_verify"])
def test_all_are_well(sites: tuple[Site, dict[str, t.Any]], playbook: str) -> None:
    site, hosts = sites
    head, *body, total = rows(site.play(playbook, hosts=hosts).ok())
    assert words(head) == ["workspace", "status", "checks", "token ends", "failed"]
    assert [words(line)[:2] for line in body] == [[name, "ok"] for name in sorted(HOSTS)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", words(line)[3]) for line in body)
    assert total == "total of 3: 3 ok"


def test_one_that_failed_early_is_on_top(sites: tuple[Site, dict[str, t.Any]]) -> None:
    site, hosts = sites
    # The first of the play, which is the one that would say it for all.
    played = site.play("klaviyo_setup", hosts=broken(hosts, "one", klaviyo_warehouse="nowhere")).failed()
    _head, first, *_rest, total = rows(played)
    assert words(first)[:2] == ["one", "no result"] and total == "total of 3: 1 no result, 2 ok"


def test_one_whose_verification_fails_names_the_check(sites: tuple[Site, dict[str, t.Any]]) -> None:
    site, hosts = sites
    played = site.play("klaviyo_verify", hosts=broken(hosts, "two", klaviyo_warehouse="nowhere")).failed()
    _head, first, *_rest, total = rows(played)
    assert words(first)[:2] == ["two", "broken"] and "warehouse" in words(first)[4]
    assert total == "total of 3: 1 broken, 2 ok"


def test_it_is_shown_although_all_failed(sites: tuple[Site, dict[str, t.Any]]) -> None:
    site, hosts = sites
    nowhere = {name: {**variables, "klaviyo_catalog": "nowhere"} for name, variables in hosts.items()}
    played = site.play("klaviyo_setup", hosts=nowhere).failed()
    assert rows(played)[-1] == "total of 3: 3 no result"
    assert len(re.findall(r"failed=1 ", played.output)) == 3


def test_one_that_cannot_be_reached_is_shown(sites: tuple[Site, dict[str, t.Any]]) -> None:
    site, hosts = sites
    away = broken(hosts, "three", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=1)
    played = site.play("klaviyo_setup", hosts=away).failed()
    assert rows(played)[-1] == "total of 3: 1 no result, 2 ok"


def test_only_some_and_some_parts(sites: tuple[Site, dict[str, t.Any]]) -> None:
    site, hosts = sites
    assert rows(site.play("klaviyo_setup", "--limit", "one,two", hosts=hosts).ok())[-1] == "total of 2: 2 ok"
    assert rows(site.play("klaviyo_setup", "--tags", "access", hosts=hosts).ok())[-1] == "total of 3: 3 unverified"
    assert rows(site.play("klaviyo_setup", "--check", hosts=hosts).ok())[-1] == "total of 3: 3 unverified"


def test_one_workspace_costs_no_task_and_keeps_its_failure(sites: tuple[Site, dict[str, t.Any]]) -> None:
    site, hosts = sites
    assert TITLE not in site.play("klaviyo_verify", "--limit", "one", hosts=hosts).ok().output
    alone = broken(hosts, "one", klaviyo_warehouse="nowhere")
    played = site.play("klaviyo_setup", "--limit", "one", hosts=alone).failed()
    assert TITLE not in played.output and re.search(r"^one +: .*failed=1 ", played.output, re.MULTILINE)
