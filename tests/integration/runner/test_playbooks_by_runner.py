# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All playbooks by ansible-runner, the engine of AWX, with what AWX injects: environment, variables, inventory."""

from __future__ import annotations

import json
import shutil
import sys
import typing as t
from pathlib import Path

import ansible_runner
import pytest
import requests

from tests.support.klaviyo import HOST, Site, environment, start_site

CONNECTION = ("databricks_host", "databricks_token")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("site")) as started:
        yield started


class Job:
    """One job: a private data directory of its own, which is gone afterwards, as in AWX."""

    def __init__(self, site: Site, folder: Path, playbook: str, injected: dict[str, str], **extra: t.Any) -> None:
        self.site, self.folder = site, folder
        shutil.rmtree(folder, ignore_errors=True)
        for part in ("env", "inventory", "project"):
            (folder / part).mkdir(mode=0o700, parents=True)
        # A wrapper of three lines, since AWX wants a file of the project.
        wrapper = f"---\n- name: As the collection has it\n  import_playbook: lakeops.databricks.{playbook}\n"
        (folder / "project" / "job.yml").write_text(wrapper, encoding="utf-8")
        hosts = {HOST: {"ansible_connection": "local", "databricks_host": site.host}}
        self._write("inventory/hosts.json", {"all": {"hosts": hosts}})
        wished = {
            name: value for name, value in site.variables.items() if name not in (*CONNECTION, "ansible_connection")
        }
        self._write("env/extravars", {**wished, **extra})
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        self._write("env/envvars", {"PATH": path, "HOME": str(folder), **injected})
        self._write("env/settings", {"suppress_ansible_output": True})

    def _write(self, name: str, content: t.Any) -> None:
        (self.folder / name).touch(mode=0o600)
        (self.folder / name).write_text(json.dumps(content), encoding="utf-8")

    def run(self) -> ansible_runner.Runner:
        return ansible_runner.run(private_data_dir=str(self.folder), playbook="job.yml", ident="job")

    def leaks(self) -> dict[str, int]:
        """By artifact how many secrets of the workspace are in it, those that were made in the run among them."""
        found = {}
        for file in sorted((self.folder / "artifacts").rglob("*")):
            if file.is_file():
                answer = requests.post(f"{self.site.host}/_sandbox/leaks", data=file.read_bytes(), timeout=30)
                answer.raise_for_status()
                found[str(file.relative_to(self.folder / "artifacts" / "job"))] = len(answer.json()["leaks"])
        return {name: number for name, number in found.items() if number}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tester has exported is nothing that a job sees; the runner hands its own environment on."""
    import os

    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)


def test_all_playbooks_leave_no_secret_and_keep_their_reports(site: Site, tmp_path: Path) -> None:
    """The credential is a file, as AWX makes one of a credential type with a template."""
    credential = tmp_path / "credential"
    credential.touch(mode=0o600)
    credential.write_text(f"[workspace]\nhost = {site.host}\ntoken = {site.ready['token']}\n", encoding="utf-8")
    injected = {"DATABRICKS_CONFIG_FILE": str(credential), "DATABRICKS_CONFIG_PROFILE": "workspace"}
    handed_on: dict[str, t.Any] = {}
    for number, (playbook, extra) in enumerate(
        [
            ("klaviyo_preflight", {}),
            ("klaviyo_setup", {}),
            ("klaviyo_setup", {}),
            ("klaviyo_verify", {}),
            ("klaviyo_rotate", {}),
            ("klaviyo_rotate", {"confirmed": True}),
            ("klaviyo_audit", {}),
            ("klaviyo_offboard", {"confirmed": True}),
        ]
    ):
        job = Job(site, tmp_path / "job", playbook, injected, **extra)
        ended = job.run()
        said = ended.stdout.read()
        assert (ended.status, ended.rc) == ("successful", 0), (playbook, said[-4000:])
        assert job.leaks() == {}, playbook
        events = list(ended.events)
        assert events and {"playbook_on_start", "playbook_on_stats"} <= {event["event"] for event in events}
        for event in events:
            res = event.get("event_data", {}).get("res", {})
            if "ansible_stats" in res and "klaviyo_result" in res["ansible_stats"]["data"]:
                handed_on[f"{number} {playbook}"] = res["ansible_stats"]["data"]["klaviyo_result"]["status"]
        if number == 2:
            assert ended.stats["changed"] == {}
        shutil.rmtree(job.folder)
    assert handed_on["1 klaviyo_setup"] == handed_on["3 klaviyo_verify"] == "ok"
    assert handed_on["4 klaviyo_rotate"] == "handover"
    # The jobs are gone; what they have written is not.
    kept = sorted(one.name.partition("-")[2] for one in (site.folder / "reports" / HOST).iterdir() if one.is_dir())
    assert any("klaviyo_setup" in name for name in kept) and any("klaviyo_rotate" in name for name in kept)


def test_a_secret_of_the_environment_stays_in_the_command_artifact(site: Site, tmp_path: Path) -> None:
    """Why the guide says to inject a file: ansible-runner writes the environment down, also with suppress_env_files."""
    job = Job(site, tmp_path / "job", "klaviyo_preflight", {"DATABRICKS_TOKEN": site.ready["token"]})
    assert job.run().status == "successful"
    assert job.leaks() == {"command": 1}
