# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module, a plugin or an entry point of a role that says no version, or one that came without it, is named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
KINDS = {
    "module": "plugins/modules/schema.py",
    "lookup": "plugins/lookup/stored_token.py",
    "inventory": "plugins/inventory/workspaces.py",
    "filter": "plugins/filter/sql_name.yml",
    "role": "roles/klaviyo/meta/argument_specs.yml",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("plugins", "roles", "changelogs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "galaxy.yml", tmp_path)
    return tmp_path


def problems(root: Path) -> list[str]:
    import versions_added

    return list(versions_added.problems(root))


def release(root: Path, version: str, **content: object) -> None:
    (root / "changelogs" / "changelog.yaml").write_text(yaml.safe_dump({"releases": {version: content}}), "utf-8")


def test_all_of_ours_say_it(copy: Path) -> None:
    import versions_added

    assert problems(ROOT) == []
    assert {one.kind for one in versions_added.documented(copy)} == set(KINDS)
    assert len(list(versions_added.documented(copy))) > 40


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_says_none_is_named(copy: Path, kind: str) -> None:
    path = copy / KINDS[kind]
    path.write_text(
        re.sub(r"^ *version_added: .*\n", "", path.read_text(encoding="utf-8"), count=1, flags=re.M), "utf-8"
    )
    (found,) = problems(copy)
    assert found.startswith(KINDS[kind]) and "has no version_added; give the next release, " in found


def test_one_that_came_after_the_release_it_names_is_named(copy: Path) -> None:
    release(copy, "1.0.0", modules=[{"name": "schema"}], plugins={}, objects={"role": [{"name": "klaviyo"}]})
    (copy / "galaxy.yml").write_text("version: 1.0.0\n", encoding="utf-8")
    found = problems(copy)
    assert not [line for line in found if ": schema says" in line or ": klaviyo says" in line]
    (late,) = [line for line in found if line.startswith("plugins/modules/grant.py: ")]
    assert late.endswith("version_added 1.0.0, and that release came without it; give the next one, 1.1.0")
    assert any(line.startswith("plugins/filter/sql_name.yml") for line in found)
    assert any(line.startswith("roles/partner/meta/argument_specs.yml, main: partner says") for line in found)


@pytest.mark.parametrize(
    ("version", "released", "following"),
    [("1.0.0", "0.9.0", "1.0.0"), ("1.0.0", "1.0.0", "1.1.0"), ("1.2.1", "1.2.1", "1.3.0")],
)
def test_something_new_comes_with_a_version_that_is_not_released(
    copy: Path, version: str, released: str, following: str
) -> None:
    import versions_added

    release(copy, released)
    (copy / "galaxy.yml").write_text(f"version: {version}\n", encoding="utf-8")
    assert versions_added.following(copy) == following
