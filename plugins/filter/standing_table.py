# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _standing


def standing_table(hostvars: t.Mapping[str, t.Any], hosts: list[str], result: str = "klaviyo_result") -> list[str]:
    """How many workspaces stand, worst first, as lines of text."""
    if isinstance(hosts, str) or not isinstance(hostvars, t.Mapping):
        raise AnsibleFilterError("standing_table: needs hostvars, and a list of the names of hosts.")
    return _standing.table({name: hostvars[name].get(result) if name in hostvars else None for name in hosts})


class FilterModule:
    def filters(self) -> Json:
        return {"standing_table": standing_table}
