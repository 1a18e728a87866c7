# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

NO_PLAN = "no plan: its run ended before"


def plan_stats(
    hostvars: t.Mapping[str, t.Any], hosts: list[str], prefix: str = "klaviyo_", asks: str | None = None
) -> Json:
    """The plans of all hosts as one, for whoever approves them."""
    if isinstance(hosts, str) or not isinstance(hostvars, t.Mapping):
        raise AnsibleFilterError("plan_stats: needs hostvars, and a list of the names of hosts.")

    def result_of(name: str) -> Json:
        return (hostvars[name].get(f"{prefix}result") if name in hostvars else None) or {}

    # One host reports for all. Each of the others stops at the next one that has a plan.
    if asks in hosts and any(result_of(name).get("plan") for name in reversed(hosts[hosts.index(asks) + 1 :])):
        return {}
    uses = {name: _uses(result_of(name)) for name in hosts}
    # What an earlier play of this run has planned is said again, since whoever reads it is told one plan of all.
    uses |= {name: found for name in hostvars if name not in uses and (found := _uses(result_of(name), here=False))}
    several = len(uses) > 1
    digests = [plan["digest"] for plans in uses.values() for plan in plans if plan]
    return {
        f"{prefix}plan_digest": ",".join(dict.fromkeys(digests)),
        f"{prefix}plan_text": [
            f"{name}: {line}" if several else line
            for name, plans in uses.items()
            for plan in plans
            for line in plan.get("lines") or [NO_PLAN]
        ],
        f"{prefix}no_change": bool(uses)
        and all(plan.get("no_change") is True for plans in uses.values() for plan in plans),
    }


def _uses(result: Json, here: bool = True) -> list[Json]:
    """The plan of each use of the role on one host; an empty one for a use that ended before it had any.

    :param here: whether the role is used on this host by the play that asks
    """
    plans, last = result.get("plans") or [], result.get("plan") or {}
    known = plans if last in plans else [*plans, *([last] if last else [])]
    return known if last or not here else [*known, {}]


class FilterModule:
    def filters(self) -> Json:
        return {"plan_stats": plan_stats}
