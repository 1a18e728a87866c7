# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module inside the test, with Ansible's own validation of its arguments."""

from __future__ import annotations

import importlib
import os
import typing as t

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ansible_collections.lakeops.databricks.plugins.module_utils._engine import module as _module


class Finished(Exception):
    """A module has said its last word."""

    def __init__(self, result: dict[str, t.Any]) -> None:
        super().__init__(result.get("msg"))
        self.result = result


class FakeModule:
    """The little that a module needs of AnsibleModule."""

    def __init__(
        self, arguments: dict[str, t.Any], check_mode: bool, argument_spec: dict[str, t.Any], **constraints: t.Any
    ):
        constraints.pop("supports_check_mode")
        self.warnings: list[str] = []
        self.notices: list[str] = []
        self.check_mode = check_mode
        validated = ModuleArgumentSpecValidator(argument_spec, **constraints).validate(arguments)
        if validated.error_messages:
            self.fail_json(msg="; ".join(validated.error_messages))
        self.params = validated.validated_parameters

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def notify(self, message: str) -> None:
        self.notices.append(message)

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        raise Finished({"failed": False, "warnings": self.warnings, **result})

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        raise Finished({"failed": True, "changed": False, "msg": msg, "warnings": self.warnings, **result})


def run_module(name: str, arguments: dict[str, t.Any], *, check: bool = False) -> dict[str, t.Any]:
    """The result of one module, as a registered variable would hold it; ``failed`` is always there."""
    module = importlib.import_module(f"ansible_collections.lakeops.databricks.plugins.modules.{name}")
    before = dict(os.environ)
    with _module.built_by(lambda **spec: FakeModule(arguments, check, **spec)):
        try:
            module.main()
        except Finished as finished:
            return finished.result
        finally:
            # A module may set variables for the libraries that it uses: its process ends with it, ours does not.
            os.environ.clear()
            os.environ.update(before)
    raise RuntimeError(f"module {name} ended without a result")
