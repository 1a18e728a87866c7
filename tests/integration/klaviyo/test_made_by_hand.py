# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other catalog: made by hand, owned by the runner, and everybody may use it."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.klaviyo import Site, start_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("by-hand"), catalog="catalog") as started:
        yield started


def test_it_is_connected_once_and_for_all(site: Site) -> None:
    assert site.catalog == "main"
    before = site.state["bystanders"]
    assert site.play("klaviyo_setup").ok().changed > 0
    # Everybody may use that catalog, which is said.
    assert site.objections == {"indirect_catalog"}
    site.forget_journal()
    assert site.play("klaviyo_setup").ok().changed == 0
    assert site.mutating() == []
    assert site.state["bystanders"] == before
