# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of module access_profile: the variables of a role, read by the worker itself.

They are where the play runs, whatever the connection of the host, and some hold secrets: what is sent to no module can
show up in no module's arguments.
"""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.lakeops.databricks.plugins.module_utils import _role_inputs
from ansible_collections.lakeops.databricks.plugins.module_utils._failure import BadOption

Data = dict[str, t.Any]

SPEC: Data = {"prefix": {"type": "str", "required": True}, "known": {"type": "list", "elements": "str", "default": []}}


class ActionModule(ActionBase):
    """Cleans the variables of a role."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Data | None = None) -> Data:
        variables = dict(task_vars or {})
        result = super().run(None, variables)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        prefix = options["prefix"]
        if not re.fullmatch(r"[a-z][a-z0-9_]*", prefix):
            raise AnsibleActionFail(f"prefix: {prefix!r} is not the beginning of a variable. Give a word like klaviyo.")
        try:
            given = {name: self._value(variables, f"{prefix}_{name}") for name in _role_inputs.NAMES}
            own_token = self._value(variables, "databricks_token")
            cleaned = _role_inputs.clean(prefix, given, _defaults(prefix, variables), own_token)
        except BadOption as refusal:
            return {**result, "failed": True, "changed": False, "msg": str(refusal), "error": refusal.as_dict()}
        misspelt = _role_inputs.misspelt(prefix, variables, options["known"])
        warnings = [*cleaned.warnings, *misspelt]
        return {
            **result,
            "changed": False,
            "variables": cleaned.variables,
            **({"warnings": warnings} if warnings else {}),
        }

    def _value(self, variables: Data, name: str) -> t.Any:
        if variables.get(name) is None:
            return None
        try:
            value = self._templar.template(variables[name])
        except AnsibleError as error:
            raise BadOption(name, f"cannot be used: {error}") from error
        return None if value == variables.get("omit") else value


def _defaults(prefix: str, variables: Data) -> Data:
    """Of what depends on the host and on where the play was started."""
    place, shell = Path.cwd(), Path(os.environ.get("PWD") or ".")
    # The shell knows the name by which the user went there, which may be a link.
    started = shell if shell.is_absolute() and shell.exists() and shell.samefile(place) else place
    return {
        "token_store": {"type": "file", "path": f"~/.lakeops/{prefix}/{variables.get('inventory_hostname')}.json"},
        "report_dir": str(started / f"{prefix}-reports"),
    }
