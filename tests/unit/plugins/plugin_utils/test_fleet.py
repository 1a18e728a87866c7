# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the workspaces of an account are, and what they are called as hosts."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._api import account_workspaces
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _fleet


@pytest.mark.parametrize(
    ("account", "deployment", "address"),
    [
        ("https://accounts.cloud.databricks.com", "dbc-a1b2", "https://dbc-a1b2.cloud.databricks.com"),
        ("https://accounts.azuredatabricks.net", "adb-12.3", "https://adb-12.3.azuredatabricks.net"),
        ("https://accounts.gcp.databricks.com", "12.3", "https://12.3.gcp.databricks.com"),
        ("https://accounts.cloud.databricks.us", "dbc-a1b2", "https://dbc-a1b2.cloud.databricks.us"),
        ("https://accounts.databricks.azure.cn", "adb-12.3", "https://adb-12.3.databricks.azure.cn"),
        ("https://accounts.cloud.databricks.com", None, None),
        ("https://acme.databricks.com", "dbc-a1b2", "https://acme.databricks.com"),
        ("https://acme.databricks.com", None, "https://acme.databricks.com"),
    ],
)
def test_addresses(account: str, deployment: str | None, address: str | None) -> None:
    """terraform-provider-databricks mws/resource_mws_workspaces.go; databricks-sdk-go account_functions.go."""
    assert account_workspaces.address(account, deployment) == address


def workspace(**fields: t.Any) -> dict[str, t.Any]:
    none = dict.fromkeys(("name", "deployment_name", "cloud", "region", "status", "pricing_tier"))
    return {**none, "workspace_id": "1", "account_id": "a", "host": None, "unified": False, "tags": {}, **fields}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Berlin CRM", "Berlin CRM"),
        ("../../etc/cron.d/x", "_.._etc_cron.d_x"),
        ("{{ 7 * 7 }}", "__ 7 _ 7 __"),
        ("...", "1"),
        (None, "1"),
    ],
)
def test_a_name_is_no_path_and_no_template(said: str | None, name: str) -> None:
    """Stores and reports are kept by the name of the host, and somebody else chooses it."""
    assert _fleet.names([workspace(name=said)], ["name"]) == [name]


def test_what_the_account_does_not_say_leaves_no_workspace_out() -> None:
    unsaid = workspace()
    assert _fleet.Wanted().of([unsaid]) == [unsaid]
    assert _fleet.Wanted(include=[{"cloud": "aws"}]).of([unsaid]) == []
    assert _fleet.Wanted(exclude=[{"cloud": "aws"}]).of([unsaid]) == [unsaid]
    assert "databricks_host" not in _fleet.variables(unsaid)
    assert _fleet.groups(unsaid) == ["databricks"]


@pytest.mark.parametrize("kept", [None, {}, "text", [1], [{"workspace_id": "1"}]])
def test_a_cache_of_another_version_is_not_believed(kept: t.Any) -> None:
    with pytest.raises(KeyError):
        _fleet.as_kept(kept)


@pytest.mark.parametrize("option", ["include_filters", "exclude_filters"])
@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"name": None}, "name is empty, which fits nothing."),
        ({"name": ""}, "name is empty, which fits nothing."),
        ({"cloud": []}, "cloud is empty, which fits nothing."),
        ({"name": ["prod-*", None]}, "name is empty, which fits nothing."),
        ({"tags": {"team": None}}, "tags.team is empty, which fits nothing."),
        ({"tags": {"team": []}}, "tags.team is empty, which fits nothing."),
        ({"name": [["prod"]]}, "name must be a text or a list of texts."),
        ({"tags": {"team": {"is": "crm"}}}, "tags.team must be a text or a list of texts."),
        ({"name": "{{ leave_out }}"}, "name is '{{ leave_out }}', and filters are no templates."),
        ({"tags": {}}, "holds an empty filter, which fits everything."),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(option: str, wish: dict[str, t.Any], said: str) -> None:
    """An exclusion that fits nothing lets a play loose on what was to be left out."""
    filters = {"include" if option == "include_filters" else "exclude": [wish]}
    with pytest.raises(BadOption) as refused:
        _fleet.Wanted(**filters)
    assert str(refused.value).startswith(f"{option}: {said}")


def test_a_tag_without_a_value_can_be_meant() -> None:
    assert _fleet.Wanted(exclude=[{"tags": {"keep": ""}}]).of([workspace(tags={"keep": ""}), workspace()]) == [
        workspace()
    ]
