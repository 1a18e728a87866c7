# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json


def plan_stats(
    hostvars: t.Mapping[str, t.Any], hosts: list[str], prefix: str = "klaviyo_", asks: str | None = None
) -> Json:
    """The plans of all hosts as one, for whoever approves them."""
    if isinstance(hosts, str) or not isinstance(hostvars, t.Mapping):
        raise AnsibleFilterError("plan_stats: needs hostvars, and a list of the names of hosts.")

    def plan_of(name: str) -> Json:
        return ((hostvars[name].get(f"{prefix}result") if name in hostvars else None) or {}).get("plan") or {}

    # One host reports for all. Each of the others stops at the next one that has a plan.
    if asks in hosts and any(plan_of(name) for name in reversed(hosts[hosts.index(asks) + 1 :])):
        return {}
    plans = {name: plan_of(name) for name in hosts}
    lines = {name: plan.get("lines") or ["no plan: its run ended before"] for name, plan in plans.items()}
    several = len(plans) > 1
    return {
        f"{prefix}plan_digest": ",".join(plan["digest"] for plan in plans.values() if plan),
        f"{prefix}plan_text": [
            f"{name}: {line}" if several else line for name, texts in lines.items() for line in texts
        ],
        f"{prefix}no_change": bool(plans) and all(plan.get("no_change") is True for plan in plans.values()),
    }


class FilterModule:
    def filters(self) -> Json:
        return {"plan_stats": plan_stats}
