# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import functools
import json
import typing as t
from pathlib import Path

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._profile.resolve import resolve

_RULES = Path(__file__).resolve().parents[2] / "roles" / "partner" / "profiles" / "schema.json"


@functools.cache
def rules() -> Json:
    """The JSON schema of access profiles."""
    return json.loads(_RULES.read_text(encoding="utf-8"))


def wanted_access(profile: t.Any, variables: Json, existing: dict[str, list[str]] | None = None) -> Json:
    """The wanted access of an access profile and what a user says."""
    try:
        return resolve(profile, variables, rules(), existing)
    except Failure as failure:
        raise AnsibleFilterError(f"wanted_access: {failure}") from failure


class FilterModule:
    def filters(self) -> Json:
        return {"wanted_access": wanted_access}
