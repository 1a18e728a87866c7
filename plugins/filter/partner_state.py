# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._role import outcome


def partner_state(work: Json, looked: Json | None = None, made: Json | None = None) -> Json:
    """Who the principal is, and what is missing."""
    return outcome.state(work, looked or {}, made or {})


class FilterModule:
    def filters(self) -> Json:
        return {"partner_state": partner_state}
