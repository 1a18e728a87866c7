# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What extensions/awx asks a person is what the role knows, means by default what the role means, and is no secret."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.awx import AWX, Json, configuration
from tests.support.klaviyo import ROOT, environment

MINE = {"klaviyo_awx_image": "x", "klaviyo_awx_mail_sender": "x", "klaviyo_awx_mail_recipients": ["x"]}
TEMPLATES = {one["name"]: one for one in configuration(**MINE)["controller_templates"]}
SPECS = yaml.safe_load((ROOT / "roles/klaviyo/meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
ASKED = [(name, asked) for name, one in TEMPLATES.items() for asked in one.get("survey_spec", {}).get("spec", [])]


def entry_point(template: str) -> Json:
    playbook = Path(TEMPLATES[template]["playbook"]).stem
    return SPECS["main" if playbook == "setup" else playbook]["options"]


@pytest.mark.parametrize(("template", "asked"), ASKED, ids=[f"{name}: {asked['variable']}" for name, asked in ASKED])
def test_a_question_is_the_roles_own(template: str, asked: Json) -> None:
    options = entry_point(template)
    if asked["variable"] == "klaviyo_hosts":
        # The playbooks' own; it has no default here, so that nothing is taken apart that nobody named.
        assert (asked["required"], asked["min"], "default" in asked) == (True, 1, False)
        return
    option = options[asked["variable"]]
    assert not option.get("no_log") and asked["type"] != "password"
    assert asked["default"] == as_answered(option["default"])
    assert asked["default"] in asked["choices"]
    assert asked["required"], "a blank answer would hide what the inventory says"


def as_answered(value: t.Any) -> str:
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else str(value)


def test_the_five_that_people_start_are_there() -> None:
    named = {name for name, one in TEMPLATES.items() if one.get("survey_enabled")}
    assert named == {f"Klaviyo {what}" for what in ("setup", "verify", "rotate", "offboard")}
    assert "Klaviyo preflight" in TEMPLATES  # which has nothing to ask


def test_nothing_that_belongs_to_a_workspace_is_asked() -> None:
    """A default of a survey beats the inventory, so a daily schedule would undo what an inventory says."""
    once = {"klaviyo_unknown_tokens", "klaviyo_check_data", "klaviyo_confirmed", "klaviyo_hosts"}
    leaving = {"klaviyo_offboard_in_use", "klaviyo_drop_schemas", "klaviyo_drop_force"}
    assert {asked["variable"] for _name, asked in ASKED} == once | leaving


def test_every_playbook_is_used_and_can_be_read() -> None:
    there = {str(path.relative_to(ROOT)) for path in (AWX / "playbooks").glob("*.yml")}
    assert {one["playbook"] for one in TEMPLATES.values()} == there
    checked = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "--syntax-check", "-i", "localhost,", *sorted(there)],
        check=False,
        cwd=ROOT,
        env={**environment(), "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
