# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Option profile of access_check is the wanted access, and whoever verifies still signs in by a profile of his."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import HOST, Site, start_site

ADA, ADMIN = "ada.analyst@example.com", "admin"
ACCESS = {
    "partner": "example",
    "catalog": "main",
    "schemas": [{"name": "main.default"}],
    "grants": [{"name": "main.default", "privileges": ["SELECT"]}],
}
WAYS = ("auto", "never")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with start_site(folder) as started:
        by_ada = started.post("mint", {"owner": ADA})["token_value"]
        (folder / "profiles.cfg").write_text(
            f"[ada]\nhost = {started.host}\ntoken = {by_ada}\n"
            f"[{ADMIN}]\nhost = {started.host}\ntoken = {started.ready['token']}\n",
            encoding="utf-8",
        )
        record = {"token_id": "a" * 64, "token_value": by_ada, "expiry": "2099-01-01T00:00:00Z"}
        (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
        yield started


def verified(site: Site, folder: Path, options: dict[str, t.Any], host: dict[str, t.Any], **task: t.Any) -> t.Any:
    """What the task registered, on a host of which no more is known than is said here."""
    store = {"path": str(site.folder / "record.json")}
    given = {"principal": ADA, "http_path": "/sql/1.0/warehouses/0", "token_store": store, **options}
    keep = {"ansible.builtin.copy": {"content": "{{ seen | to_json }}", "dest": str(folder / "seen"), "mode": "0600"}}
    tasks = [
        {"name": "Verify", "lakeops.databricks.access_check": given, "register": "seen", "ignore_errors": True, **task},
        {"name": "Keep", **keep, "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
    ]
    play = folder / "play.json"
    play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    config = {"databricks_config_file": str(site.folder / "profiles.cfg")}
    site.play(str(play), hosts={HOST: {"ansible_connection": "local", **config, **host}}).ok()
    return json.loads((folder / "seen").read_text(encoding="utf-8"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("host", "task"),
    [
        ({"databricks_profile": "ada"}, {}),
        ({}, {"environment": {"DATABRICKS_CONFIG_PROFILE": "ada"}}),
        (
            {"databricks_profile": ADMIN},
            {"module_defaults": {"group/lakeops.databricks.workspace": {"profile": "{{ 'ada' }}"}}},
        ),
    ],
    ids=["inventory", "environment", "module defaults before inventory"],
)
def test_signs_in_by_the_profile_of_the_host(site, tmp_path, host, task, way):
    seen = verified(site, tmp_path, {"profile": ACCESS}, {**host, "databricks_in_process": way}, **task)
    assert not seen["failed"], seen["msg"]
    assert seen["caller"]["identity"] == ADA


@pytest.mark.parametrize("way", WAYS)
def test_json_is_a_mapping_too(site, tmp_path, way):
    # By a variable that Ansible does not make a mapping of, as from --extra-vars.
    options = {"profile": "{{ text }}"}
    host = {"databricks_profile": "ada", "text": json.dumps(ACCESS), "databricks_in_process": way}
    assert verified(site, tmp_path, options, host)["caller"]["identity"] == ADA


@pytest.mark.parametrize("way", WAYS)
def test_a_credential_of_the_task_is_not_mixed_with_the_profile_of_the_host(site, tmp_path, way):
    options = {"profile": ACCESS, "host": site.host, "token": "{{ mine }}"}
    host = {"databricks_profile": "ada", "mine": site.ready["token"], "databricks_in_process": way}
    assert verified(site, tmp_path, options, host)["caller"]["identity"] not in (None, ADA)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("options", "begin"),
    [
        ({"profile": "ada"}, "profile: must be the wanted access, a mapping with partner, "),
        ({}, "profile (variable databricks_profile of the host): must be the wanted access, "),
    ],
    ids=["task", "inventory"],
)
def test_a_text_signs_in_and_says_nothing_of_access(site, tmp_path, options, begin, way):
    seen = verified(site, tmp_path, options, {"databricks_profile": "ada", "databricks_in_process": way})
    assert seen["failed"] and seen["msg"].startswith(begin), seen["msg"]
    assert seen["msg"].endswith(
        "and is 'ada'. A profile to sign in with is the host's variable databricks_profile here, or "
        "DATABRICKS_CONFIG_PROFILE."
    )
