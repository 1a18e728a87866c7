# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

from ansible_collections.lakeops.databricks.plugins.filter.sql_name import sql_name


def read_probes(names: t.Iterable[str], guide: str = "") -> dict[str, list[dict[str, t.Any]]]:
    """A zero-row SELECT for each table or view, and the check that it went through."""
    ordered = sorted(names)
    return {
        "statements": [{"id": f"select_{name}", "sql": f"SELECT * FROM {sql_name(name)} LIMIT 0"} for name in ordered],
        "checks": [
            {
                "id": f"select_{name}",
                "title": f"{name.split('.')[-1]} can be read",
                "guide": guide,
                "kind": "succeeds",
                "statement": f"select_{name}",
            }
            for name in ordered
        ],
    }


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"read_probes": read_probes}
