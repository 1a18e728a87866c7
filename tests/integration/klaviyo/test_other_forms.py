# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole life on a workspace that says everything in the other form, where two forms are known."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.klaviyo import Site, start_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("forms"), "--forms", "second", "--me-lists-system-groups") as started:
        yield started


def test_from_the_first_run_to_the_last(site: Site) -> None:
    before = site.state["bystanders"]
    assert site.play("klaviyo_setup").ok().changed > 0
    assert site.objections == set()
    site.forget_journal()
    assert site.play("klaviyo_setup").ok().changed == 0
    assert site.mutating() == []
    for options in ((), ("-e", "confirmed=true")):
        assert site.play("klaviyo_rotate", *options).ok().changed == 1
    site.post("clock", {"advance_days": 2})
    assert site.play("klaviyo_offboard", "-e", "klaviyo_drop_schemas=true").ok().changed > 0
    site.forget_journal()
    assert site.play("klaviyo_offboard", "-e", "klaviyo_drop_schemas=true").ok().changed == 0
    assert site.mutating() == []
    after = site.state
    assert after["bystanders"] == before
    assert not [one for one in after["schemas"] if "klaviyo" in one["name"]]
