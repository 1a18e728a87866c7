# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README says nothing about speed that was not measured, and leads to files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MEASURED = (ROOT / "docs" / "docsite" / "rst" / "performance_guide.rst").read_text(encoding="utf-8")
READMES = sorted(path.name for path in ROOT.glob("README*.md"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_every_figure_of_the_comparison_is_one_of_the_performance_guide(name: str) -> None:
    table = [line for line in read(name).splitlines() if line.startswith("|")]
    figures = {figure for line in table for figure in re.findall(r"(\d+\.\d+) s", line)}
    assert len(figures) >= 8
    assert {figure for figure in figures if f"{figure} s" not in MEASURED} == set()


@pytest.mark.parametrize("name", READMES)
def test_what_it_links_to_and_names_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", read(name)) + re.findall(r"`(docs/[\w/]+\.\w+)`", read(name))
    assert len(links) >= 4
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_every_playbook_and_target_it_names_is_there(name: str) -> None:
    playbooks = set(re.findall(r"lakeops\.databricks\.(klaviyo_\w+)", read(name)))
    assert "klaviyo_setup" in playbooks
    assert {one for one in playbooks if not (ROOT / "playbooks" / f"{one}.yml").exists()} == set()
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = set(re.findall(r"`make ([a-z-]+)", read(name)))
    assert named and named <= set(targets)
