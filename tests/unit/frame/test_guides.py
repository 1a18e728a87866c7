# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides name nothing that is not there, their YAML is YAML, and the page in Korean shows the same commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.support.blocks import GUIDES, ROOT, Block, blocks, every_block

PAGES = sorted(path.name for path in GUIDES.glob("*.rst"))
YAML = [block for block in every_block() if block.language == "yaml"]
# What Ansible puts before a name that is ours.
OURS = re.compile(r"\b(?:klaviyo|partner|databricks)_[a-z_]*[a-z]\b")

# Names that no file spells out.
MADE = {
    "databricks_tag_team_marketing": "a group of the inventory, made of a tag",
    "klaviyo_store_kept": "role partner puts the prefix before it",
}


def sources() -> str:
    """Whatever names variables: roles, playbooks, plugins, AWX, the examples and the sandbox."""
    folders = ("roles", "playbooks", "plugins", "extensions", "docs/examples")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*"))]
    kept = [path for path in files if path.is_file() and path.suffix in (".py", ".yml", ".json", "")]
    names = " ".join(path.stem for path in kept)
    options = (f"databricks_{name}" for name in connection_options())
    return "\n".join([names, *options, *(path.read_text(encoding="utf-8", errors="ignore") for path in kept)])


def connection_options() -> list[str]:
    from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection

    return sorted(connection.SPEC)


def test_every_page_is_in_the_table_of_contents_once() -> None:
    read = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))
    named = [f"{page}.rst" for section in read["sections"] for page in section["toctree"]]
    assert sorted(named) == PAGES


def test_every_variable_that_a_page_names_is_there() -> None:
    known = set(OURS.findall(sources()))
    assert "klaviyo_catalog" in known and "databricks_ca_cert" in known
    named = {name: page for page in PAGES for name in OURS.findall((GUIDES / page).read_text(encoding="utf-8"))}
    assert len(named) > 80
    known |= {page.removesuffix(".rst") for page in PAGES} | set(MADE)
    assert {name: page for name, page in named.items() if name not in known} == {}


@pytest.mark.parametrize("block", YAML, ids=lambda block: f"{Path(block.page).stem}: {block.name[1]}"[:60])
def test_a_block_of_yaml_is_yaml(block: Block) -> None:
    """Several ways to say one thing may stand in one block, each for itself."""
    parts = [part for part in re.split(r"\n\n(?=#|[a-z_]+:)", block.text) if part.strip()]
    for part in parts:
        read = yaml.safe_load(part)
        assert isinstance(read, (dict, list)), part


def test_the_page_in_korean_shows_the_same_commands() -> None:
    english, korean = (
        [(block.language, block.text) for block in blocks(GUIDES / page)]
        for page in ("klaviyo_guide.rst", "klaviyo_guide_ko.rst")
    )
    assert len(english) >= 5 and korean == english


def test_the_security_guide_says_what_the_profile_gives() -> None:
    text = (GUIDES / "security_guide.rst").read_text(encoding="utf-8")
    table = text.partition("What Klaviyo's principal gets")[2].partition("Nothing else.")[0]
    profile = yaml.safe_load((ROOT / "roles/partner/profiles/klaviyo.yml").read_text(encoding="utf-8"))
    given = {name for grant in profile["grants"] for name in privileges(grant)}
    given |= {permission["level"] for permission in profile["permissions"]}
    given |= {entitlement["name"] for entitlement in profile["entitlements"]}
    said = {name.replace(" ", "_") if name.isupper() else name for name in re.findall(r"``([^`]+)``", table)}
    assert said == given | {"KLAVIYO_IMPORT_FROM_DWH", "KLAVIYO_TMP"}


def privileges(grant: dict) -> list[str]:
    """Of one grant by default."""
    return grant["privileges"] if "privileges" in grant else grant["choices"]["granular"]["privileges"]
