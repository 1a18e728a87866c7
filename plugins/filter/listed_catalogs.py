# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._profile import reads
from ansible_collections.lakeops.databricks.plugins.module_utils._role import values


def listed_catalogs(profile: t.Any, variables: t.Any) -> list[str]:
    """The catalogs whose schemas must be known to expand the lists of a profile: none without *.

    Nor are there any in what is no profile, or no mapping; who works with them refuses that.
    """
    document, given = (values.structure(one) if isinstance(one, str) else one for one in (profile, variables))
    lists = document.get("reads") if isinstance(document, t.Mapping) else None
    if not isinstance(lists, t.Mapping) or "from" not in lists or not isinstance(given, t.Mapping):
        return []
    try:
        return reads.catalogs(dict(document), dict(given))
    except Failure as failure:
        raise AnsibleFilterError(f"listed_catalogs: {failure}") from failure


class FilterModule:
    def filters(self) -> Json:
        return {"listed_catalogs": listed_catalogs}
