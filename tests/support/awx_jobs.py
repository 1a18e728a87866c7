# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Job templates and workflows of extensions/awx, run as AWX would: credential, variables, what one job hands on."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from tests.support.awx import AWX, Json, artifacts, configuration, injected
from tests.support.klaviyo import Played, Site
from tests.support.token_life import leaks

MINE = {"klaviyo_awx_image": "x", "klaviyo_awx_mail_sender": "x", "klaviyo_awx_mail_recipients": ["x"]}
SAID = configuration(**MINE)
TYPES = {one["name"]: one for one in SAID["controller_credential_types"]}
TEMPLATES = {one["name"]: one for one in SAID["controller_templates"]}
WORKFLOWS = {one["name"]: one for one in SAID["controller_workflows"]}


def by_secret(site: Site) -> Json:
    """The fields of a credential that signs in by OAuth."""
    return {"host": site.host, "client_id": site.ready["client_id"], "client_secret": site.ready["client_secret"]}


def job(site: Site, template: str, inputs: Json, **handed_on: t.Any) -> Played:
    """Run what a job template says, with a credential, and with what an earlier job handed on."""
    one = TEMPLATES[template]
    env = injected(TYPES["Databricks workspace"], inputs, site.folder)
    options = ["-e", json.dumps({**one.get("extra_vars", {}), **handed_on})]
    options += ["--check"] if one.get("job_type") == "check" else []
    options += ["--diff"] if one.get("diff_mode") else []
    played = site.play(
        str(AWX / "playbooks" / Path(one["playbook"]).name), *options, env={**env, "ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    )
    assert leaks(site.host, played.output) == []
    return played


def walk(
    site: Site, workflow: str, inputs: Json, approve: t.Callable[[Json], None]
) -> list[tuple[str, bool, Played | None]]:
    """A workflow whose nodes follow each other one by one: for each its name, whether it succeeded, and its run.

    A node is given what those before it handed on (awx/main/models/workflow.py, ``ancestor_artifacts``).

    :param approve: called at an approval, with what has been handed on so far
    """
    nodes = {one["identifier"]: one for one in WORKFLOWS[workflow]["simplified_workflow_nodes"]}
    targets = {to for one in nodes.values() for way in ("success_nodes", "failure_nodes") for to in one.get(way, [])}
    (name,) = (one for one in nodes if one not in targets)
    handed_on: Json = {}
    walked: list[tuple[str, bool, Played | None]] = []
    while name:
        node, played = nodes[name], None
        if "approval_node" in node:
            approve(handed_on)
        else:
            played = job(site, node["unified_job_template"], inputs, **handed_on)
            handed_on |= artifacts(played.output)
        fine = played is None or played.status == 0
        walked.append((name, fine, played))
        following = node.get("success_nodes" if fine else "failure_nodes", [])
        assert len(following) < 2, f"{name}: several nodes follow"
        name = following[0] if following else ""
    return walked
