# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.lakeops.databricks.plugins.plugin_utils._access_checks import evaluate


def access_checks(checks: list[dict[str, t.Any]], evidence: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """The checks with result and evidence."""
    try:
        return evaluate(checks, evidence)
    except (KeyError, ValueError, TypeError) as error:
        raise AnsibleFilterError(f"access_checks: {type(error).__name__}: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"access_checks": access_checks}
