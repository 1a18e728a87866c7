# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""extensions/awx/apply.yml with the modules of awx.awx, against a stand-in of AWX: it makes what the data say, once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import typing as t
from collections import Counter
from pathlib import Path

import pytest

from tests.support.awx import AWX, Json, configuration
from tests.support.controller import RESOURCES, SECRET, Controller, running_controller
from tests.support.interpreter import loaded_interpreter
from tests.support.klaviyo import ROOT, Played, environment
from tests.tools import awx_collection

MINE = {
    "klaviyo_awx_image": "registry.example.com/lakeops:1.0.0",
    "klaviyo_awx_mail_sender": "awx@example.com",
    "klaviyo_awx_mail_recipients": ["data@example.com"],
    "klaviyo_awx_workspace": {"client_id": "5c6f7b0e", "client_secret": "dose-not-for-eyes"},
    "klaviyo_awx_token_record": True,
}
# What infra.aap_configuration calls the lists, and where the API keeps what they hold.
LISTS = {
    "controller_credential_types": "credential_types",
    "controller_credentials": "credentials",
    "controller_execution_environments": "execution_environments",
    "controller_projects": "projects",
    "controller_inventories": "inventories",
    "controller_notifications": "notification_templates",
    "controller_templates": "job_templates",
    "controller_workflows": "workflow_job_templates",
    "controller_schedules": "schedules",
}
Apply = t.Callable[..., Played]


@pytest.fixture(scope="module")
def controller() -> t.Iterator[Controller]:
    playbooks = {str(path.relative_to(ROOT)) for path in (AWX / "playbooks").glob("*.yml")}
    with running_controller(playbooks) as running:
        # What an AWX has from the beginning, and one credential of a type of its own.
        api = {"name": "Red Hat Ansible Automation Platform", "kind": "cloud"}
        made = running.answer("POST", "/api/v2/credential_types/", f"Bearer {running.token}", api)[1]
        mine = {"name": "Klaviyo AWX API", "organization": 1, "credential_type": made["id"]}
        running.answer("POST", "/api/v2/credentials/", f"Bearer {running.token}", mine)
        running.journal.clear()
        yield running


@pytest.fixture(scope="module")
def apply(controller: Controller) -> t.Iterator[Apply]:
    """Run the playbook with the files of a user."""
    collections = awx_collection.provide()
    with tempfile.TemporaryDirectory(prefix="awx-") as folder, loaded_interpreter(Path(folder)) as python:

        def run(**mine: t.Any) -> Played:
            given = Path(folder, "mine.json")
            given.write_text(json.dumps({**mine, "ansible_python_interpreter": str(python)}), encoding="utf-8")
            done = subprocess.run(
                [Path(sys.executable).with_name("ansible-playbook"), AWX / "apply.yml", "-e", f"@{given}", "-vv"],
                check=False,
                cwd=folder,
                env={
                    **environment(),
                    # awx.awx alone is taken from there, where a copy of our sources may lie, too.
                    "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([sysconfig.get_path("purelib"), str(collections)]),
                    "ANSIBLE_PIPELINING": "true",
                    "CONTROLLER_HOST": controller.url,
                    "CONTROLLER_OAUTH_TOKEN": controller.token,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=600,
            )
            return Played(done.returncode, done.stdout)

        yield run


@pytest.fixture(scope="module")
def applied(apply: Apply, controller: Controller) -> list[tuple[str, str]]:
    """What the first run sent."""
    played = apply(**MINE).ok()
    assert "dose-not-for-eyes" not in played.output
    return list(controller.journal)


def test_what_has_no_default_is_asked_for(apply: Apply, controller: Controller) -> None:
    refused = apply().failed()
    assert (
        "Give klaviyo_awx_image (the execution environment), klaviyo_awx_mail_sender and klaviyo_awx_mail_recipients"
        " (a list), with -e @mine.yml. Nothing was changed." in refused.output
    )
    assert controller.journal == []


def test_the_awx_is_what_the_data_say(applied: list[tuple[str, str]], controller: Controller) -> None:
    """Whatever the data say is there, word by word, and nothing else was sent."""
    said = configuration(**MINE)
    sent: Counter[str] = Counter()
    for name, resource in LISTS.items():
        kept = controller.named(resource)
        before = {"credential_types": {"Red Hat Ansible Automation Platform"}, "credentials": {"Klaviyo AWX API"}}
        assert set(kept) == {one["name"] for one in said[name]} | before.get(resource, set()), name
        for one in said[name]:
            sent[f"/api/v2/{resource}/"] += 1
            here = kept[one["name"]]
            for key, value in one.items():
                found, requests = held(controller, resource, here, key, value)
                wanted = sorted(value) if key in RESOURCES[resource].linked else value  # they have no order
                assert found == wanted, (one["name"], key)
                sent.update(requests)
    assert Counter(path for _method, path in applied) == sent
    assert {method for method, _path in applied} == {"POST"}


def held(controller: Controller, resource: str, here: Json, key: str, value: t.Any) -> tuple[t.Any, list[str]]:
    """What the AWX has for one key of the data, in the words of the data, and what it took to send it."""
    known, own = RESOURCES[resource], f"/api/v2/{resource}/{here['id']}"
    if key == "update_secrets" or (resource, key) == ("schedules", "organization"):
        return value, []  # they say how to look and compare, and are no property
    if key == "simplified_workflow_nodes":
        return nodes(controller, here["id"], value)
    if key == "survey_spec":
        return controller.surveys[resource, here["id"]], [f"{own}/survey_spec/"]
    if key in known.linked:
        return controller.linked(resource, here["id"], key), [f"{own}/{key}/"] * len(value)
    if key in ("variables", "extra_vars"):
        return json.loads(here[key]), []
    if key in known.refers:
        return controller.name_of(known.refers[key], here[key]), []
    return here[key], []


def nodes(controller: Controller, workflow: int, said: list[Json]) -> tuple[list[Json], list[str]]:
    kept = controller.kept["workflow_job_template_nodes"].values()
    of = {one["identifier"]: one for one in kept if one["workflow_job_template"] == workflow}
    assert len(of) == len(said)
    found, sent = [], []
    for one in said:
        here = of[one["identifier"]]
        own = f"/api/v2/workflow_job_template_nodes/{here['id']}/"
        template = controller._one("unified_job_templates", here["unified_job_template"])
        shown: Json = {"identifier": one["identifier"]}
        sent.append("/api/v2/workflow_job_template_nodes/")
        if "approval_node" in one:
            shown["approval_node"] = {name: template[name] for name in ("name", "description", "timeout")}
            sent.append(f"{own}create_approval_template/")
        else:
            shown["unified_job_template"] = template["name"]
        for way in ("success_nodes", "failure_nodes", "always_nodes"):
            if leads := controller.linked("workflow_job_template_nodes", here["id"], way):
                shown[way] = leads
                sent += [f"{own}{way}/"] * len(leads)
        found.append(shown)
    return found, sent


def test_a_second_run_changes_nothing(applied: list[tuple[str, str]], apply: Apply, controller: Controller) -> None:
    # Meanwhile a rotation has written the record into its credential, as recipe awx_credential does.
    record = controller.named("credentials")["Klaviyo token record"]
    written = {"description": "Klaviyo token 123", "inputs": {"record": '{"token_id": "123"}'}}
    controller.answer("PATCH", f"/api/v2/credentials/{record['id']}/", f"Bearer {controller.token}", written)
    controller.journal.clear()
    played = apply(**MINE).ok()
    assert (played.changed, controller.journal) == (0, []), played.output[-6000:]
    assert controller.named("credentials")["Klaviyo token record"] | written == record
    shown = controller.answer("GET", f"/api/v2/credentials/{record['id']}/", f"Bearer {controller.token}", {})[1]
    assert shown["inputs"] == {"record": SECRET}
