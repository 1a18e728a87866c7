# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a relative path counts from: playbook, inventory, start; the same for a worker and for a program."""

from __future__ import annotations

import types
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.lakeops.databricks.plugins.plugin_utils import _in_process, _paths, _worker_module

INSTALLED = "colls/ansible_collections/lakeops/databricks/playbooks"


@pytest.mark.parametrize(
    ("playbook", "inventory", "wanted"),
    [
        ("project", "inventories", "project"),
        ("project", None, "project"),
        (INSTALLED, "inventories", "inventories"),
        (f"{INSTALLED}/more", "inventories", "inventories"),
        (INSTALLED, None, "start"),
        (INSTALLED, "gone", "start"),
        # A collection somebody works on: its scenarios and roles are files of theirs.
        ("src/ansible_collections/acme/infra/extensions/molecule", "inventories", None),
        ("src/ansible_collections/notes", "inventories", None),
    ],
)
def test_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, playbook: str, inventory: str | None, wanted: str | None
) -> None:
    for name in ("start", "inventories", playbook):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / "start")
    found = _paths.base(str(tmp_path / playbook), inventory and str(tmp_path / inventory))
    assert found == str(tmp_path / (wanted or playbook))


class Action(_in_process.ActionModule):
    """Without a play around it."""

    def __init__(self, transport: str = "local", become: t.Any = None) -> None:
        self._connection = types.SimpleNamespace(transport=transport, become=become)


def paths(action: Action, value: str, **environment: str) -> dict[str, t.Any]:
    given = {
        "ca_cert": value,
        "config_file": value,
        "store": {"path": value, "type": "file"},
        "token_store": f"path={value}",
        "host": "https://a",
    }
    with _worker_module.surroundings({"HOME": "/home/me", **environment}, "/"):
        done = action._with_paths(given, "/base")
    assert done["host"] == "https://a" and done["store"]["type"] == "file"
    return {name: done[name]["path"] if "store" in name else done[name] for name in given if name != "host"}


@pytest.mark.parametrize(
    ("action", "value", "wanted"),
    [
        (Action(), "tokens/a.json", "/base/tokens/a.json"),
        (Action(), "./a.json", "/base/a.json"),
        (Action(), "/secure/a.json", "/secure/a.json"),
        (Action(), "~/a.json", "/home/me/a.json"),
        (Action(), "$PLACE/a.json", "/place/a.json"),
        (Action(), "${REL}/a.json", "/base/rel/a.json"),
        # Another user's home is known to the module only.
        (Action(become=object()), "tokens/a.json", "/base/tokens/a.json"),
        (Action(become=object()), "~/a.json", "~/a.json"),
        (Action(become=object()), "$PLACE/a.json", "$PLACE/a.json"),
        (Action(become=object()), "/secure/a.json", "/secure/a.json"),
        (Action("ssh"), "~/a.json", "~/a.json"),
        (Action("ssh"), "/secure/a.json", "/secure/a.json"),
    ],
)
def test_every_option_with_a_path_is_made_absolute(action: Action, value: str, wanted: str) -> None:
    assert set(paths(action, value, PLACE="/place", REL="rel").values()) == {wanted}


@pytest.mark.parametrize("option", ["ca_cert", "config_file", "store", "token_store"])
def test_a_relative_path_on_another_machine_is_refused(option: str) -> None:
    given = {option: {"path": "a.json"} if "store" in option else "a.json"}
    with pytest.raises(AnsibleActionFail, match=rf"^{option}(\.path)?: a.json is relative.*another machine"):
        Action("ssh")._with_paths(given, "/base")


@pytest.mark.parametrize("store", [None, "no dict", 7, {"path": 7}, {"path": None}, {"scope": "s"}, {"path": ""}])
def test_what_is_wrong_is_left_to_the_module(store: t.Any) -> None:
    assert Action()._with_paths({"store": store, "ca_cert": None}, "/base") == {"store": store, "ca_cert": None}
