# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An administrator who owns no catalog, and an owner of a catalog who administers nothing: the security guide's way."""

from __future__ import annotations

from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.support.blocks import GUIDES, blocks
from tests.support.klaviyo import Site

BOB = "Bob.Builder@example.com"
# What only the owner of the catalog could see.
UNSEEN = {"indirect_catalog", "indirect_import", "indirect_tmp"}


def of_the_guide(begins: str) -> list[str]:
    """The lines of a block of the security guide."""
    (found,) = [block.text for block in blocks(GUIDES / "security_guide.rst") if block.text.startswith(begins)]
    return found.splitlines()


def test_each_does_a_part(site: Site) -> None:
    bob = {"databricks_token": site.post("mint", {"owner": BOB})["token_value"]}
    owner = site.client(bob["databricks_token"])
    owner.catalogs.create(name="bobs")
    use = [PermissionsChange(principal="admin@example.com", add=[Privilege.USE_CATALOG, Privilege.USE_SCHEMA])]
    owner.grants.update("catalog", "bobs", changes=use)
    site.variables["klaviyo_catalog"] = "bobs"
    shared = site.folder / "shared.yml"
    shared.write_text("\n".join(of_the_guide("# shared.yml")), encoding="utf-8")

    principal = ""
    for command in of_the_guide("$ ansible-playbook lakeops.databricks.klaviyo_setup -i administrator.yml"):
        playbook, _inventory, who, *options = command.removeprefix("$ ansible-playbook ").split()
        given = [f"application_id={principal}" if word.startswith("application_id=") else word for word in options]
        name = str(shared) if playbook == shared.name else playbook.rpartition(".")[2]
        site.play(name, *given, **(bob if who == "owner.yml" else {})).ok()
        found = [one for one in site.client().service_principals.list() if one.display_name == "klaviyo-import"]
        principal = str(found[0].application_id)

    assert site.report["status"] == "ok" and site.objections == UNSEEN
    site.forget_journal()
    assert site.play("klaviyo_setup", "--tags", "token,verify").ok().changed == 0
    assert site.mutating() == []
