# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._profile import reads


def listed_catalogs(profile: Json, variables: Json) -> list[str]:
    """The catalogs whose schemas must be known to expand the lists of a profile: none without *."""
    try:
        return reads.catalogs(profile, variables)
    except Failure as failure:
        raise AnsibleFilterError(f"listed_catalogs: {failure}") from failure


class FilterModule:
    def filters(self) -> Json:
        return {"listed_catalogs": listed_catalogs}
