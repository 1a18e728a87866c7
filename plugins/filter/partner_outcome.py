# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._role import plan
from ansible_collections.lakeops.databricks.plugins.module_utils._role.outcome import Outcome

_PARTS: dict[str, t.Callable[[Outcome], t.Any]] = {
    "report": Outcome.report,
    "screen": Outcome.screen,
    "result": Outcome.result,
    "judged": lambda outcome: plan.judged(outcome.work, outcome.run),
    "hands_over": lambda outcome: outcome.hands_over,
}


def partner_outcome(work: Json, run: Json, part: str) -> t.Any:
    """One of the things that role partner makes of the results of its tasks."""
    if part not in _PARTS:
        raise AnsibleFilterError(f"partner_outcome: {part!r} is none of {', '.join(_PARTS)}.")
    return _PARTS[part](Outcome(work, run))


class FilterModule:
    def filters(self) -> Json:
        return {"partner_outcome": partner_outcome}
