# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the workspace, as text."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import BadRequest

from tests.sandbox.people import client
from tests.sandbox.wire import ask, coded
from tests.support.sandbox import Sandbox

CONF = "/api/2.0/workspace-conf"


def test_there_is_one_entry_for_each_key_that_is_asked_for(sandbox: Sandbox) -> None:
    """databricks-sdk-go internal/workspaceconf_test.go: three for three."""
    w = client(sandbox)
    found = w.workspace_conf.get_status("maxTokenLifetimeDays,enableIpAccessLists,enableWorkspaceFilesystem")
    assert found == {"maxTokenLifetimeDays": None, "enableIpAccessLists": None, "enableWorkspaceFilesystem": None}
    w.workspace_conf.set_status({"enableWebTerminal": "true"})
    assert w.workspace_conf.get_status("enableWebTerminal") == {"enableWebTerminal": "true"}


def test_databricks_sdk_py_reads_this_one(sandbox: Sandbox) -> None:
    """databricks-sdk-py tests/integration/test_settings.py."""
    w = client(sandbox)
    w.workspace_conf.set_status({"enableResultsDownloading": "false"})
    assert w.workspace_conf.get_status("enableResultsDownloading") == {"enableResultsDownloading": "false"}


def test_unknown_keys_are_named_as_a_list_in_json(sandbox: Sandbox) -> None:
    """terraform-provider-databricks#1769 quotes the sentence; its parseInvalidKeysFromError reads the list as JSON."""
    with pytest.raises(BadRequest) as caught:
        client(sandbox).workspace_conf.get_status("enableByocUi,enableTokensConfig")
    assert str(caught.value) == 'Invalid keys: ["enableByocUi"]'


def test_values_that_are_not_allowed_are_shown(sandbox: Sandbox) -> None:
    """The sentence is in terraform-provider-databricks workspace/resource_workspace_conf.go, deleteWorkspaceConf."""
    for wish, shown in (
        ({"enableIpAccessLists": ""}, '{"enableIpAccessLists":""}'),
        ({"maxTokenLifetimeDays": "731"}, '{"maxTokenLifetimeDays":"731"}'),
        ({"maxTokenLifetimeDays": 90, "enableWebTerminal": "true"}, '{"maxTokenLifetimeDays":90}'),
    ):
        answer = ask(sandbox, "PATCH", CONF, json=wish)
        assert coded(answer) == (400, "INVALID_PARAMETER_VALUE")
        assert answer.json()["message"] == f"Some values are not allowed: {shown}"
    assert sandbox.state()["conf"] == {}
