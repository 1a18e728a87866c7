# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.sql import quote


def sql_name(name: str, whole: bool = False) -> str:
    """Each part of a dotted name in backticks; ``whole`` keeps dots as part of one name, as principals have them."""
    parts = [str(name)] if whole else str(name).split(".")
    if not all(parts):
        raise AnsibleFilterError(f"sql_name: {name!r} has an empty part")
    return quote(*parts)


class FilterModule:
    def filters(self) -> Json:
        return {"sql_name": sql_name}
