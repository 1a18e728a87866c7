# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

from ansible_collections.lakeops.databricks.plugins.module_utils._role import outcome

Data = dict[str, t.Any]


def partner_state(work: Data, looked: Data | None = None, made: Data | None = None) -> Data:
    """Who the principal is, and what is missing."""
    return outcome.state(work, looked or {}, made or {})


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"partner_state": partner_state}
