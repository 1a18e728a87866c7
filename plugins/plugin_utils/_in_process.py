# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of every module: options from the inventory, then the module inside the worker or as a program.

Importing the SDK costs about a second. An action plugin is imported once, in the parent, before the workers are
forked, so a module that runs in its worker finds the SDK there. Hence the import at the top, and one file per module
under plugins/action: the other ways to bind an action either import again in every worker or mix up the module
defaults of different modules.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.json import Direction, get_module_encoder
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import merge_hash

from . import _host_options, _preload, _worker_module

SDK_PROBLEM = _preload.sdk()
# For results, which are read here as if a program had printed them.
TO_CONTROLLER = get_module_encoder(_worker_module.PROFILE, Direction.MODULE_TO_CONTROLLER)

Data = dict[str, t.Any]

COLLECTION = "lakeops.databricks"
_PLUGINS = f"ansible_collections.{COLLECTION}.plugins"
# What modules import only when it is needed; every worker would compile it anew.
_NEEDED_LATER = ("_sql", "_store_file")
CHOICE = "databricks_in_process"
SECONDS_BETWEEN_LINES = 3.0

# Read when an interpreter or a library starts: too late for a process that runs already.
_READ_AT_START = ("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "TZ", "OPENSSL_", "MALLOC_")

_display = Display()


def action(plugin: str) -> type[ActionModule]:
    """The class of an action plugin, with its module imported: Ansible compiles collections anew at each import.

    :param plugin: the plugin's own ``__name__``
    """
    for name in _NEEDED_LATER:
        importlib.import_module(f"{_PLUGINS}.module_utils.{name}")
    _module(plugin.rpartition(".")[2])
    # A worker that looked for garbage among what it shares with the parent would get a copy of all of it (gc.freeze).
    gc.freeze()
    return ActionModule


def _module(name: str) -> t.Any:
    return importlib.import_module(f"{_PLUGINS}.modules.{name}")


class ActionModule(ActionBase):
    """Runs the module that has the name of the action."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: Data | None = None) -> Data:
        variables = dict(task_vars or {})
        result = super().run(None, variables)
        name = (self._task.resolved_action or self._task.action).rpartition(".")[2]
        arguments = _host_options.fill(self._task.args, lambda variable: self._value(variables, variable))
        environment = self._environment()
        obstacle = self._obstacle(variables, environment)
        if obstacle:
            _display.vv(f"{COLLECTION}.{name} runs as a program: {obstacle}", host=variables.get("inventory_hostname"))
            return merge_hash(result, self._explained(self._as_program(name, arguments, variables), variables))
        _display.vv(f"{COLLECTION}.{name} runs inside the worker", host=variables.get("inventory_hostname"))
        done = self._in_worker(name, arguments, variables, environment)
        return merge_hash(result, self._explained(done, variables))

    # -- which way ----------------------------------------------------------------------------
    def _obstacle(self, variables: Data, environment: dict[str, str]) -> str | None:
        """Why the module must run as a program, or None."""
        choice = self._value(variables, CHOICE) or "auto"
        if choice not in ("auto", "always", "never"):
            raise AnsibleActionFail(f"The variable {CHOICE} is {choice!r}; give auto, always or never.")
        early = sorted(name for name in environment if name.startswith(_READ_AT_START))
        reasons = (
            (choice == "never", f"{CHOICE} is never"),
            (self._connection.transport != "local", f"the connection is {self._connection.transport}, not local"),
            (self._connection.become is not None, "the task becomes another user"),
            (bool(self._task.async_val), "the task is asynchronous"),
            (bool(early), f"a running process cannot take over {', '.join(early)} from the task's environment"),
            (SDK_PROBLEM is not None, SDK_PROBLEM),
            (choice == "auto" and sys.platform == "darwin", f"forks may crash on macOS, and {CHOICE} is auto"),
        )
        return next((reason for applies, reason in reasons if applies), None)

    def _explained(self, result: Data, variables: Data) -> Data:
        possible = _host_options.variables(self._task.args).items()
        filled = {option for option, variable in possible if variables.get(variable) is not None}
        return _host_options.explained(result, filled)

    def _environment(self) -> dict[str, str]:
        found: Data = {}
        self._compute_environment_string(found)
        return {name: str(value) for name, value in found.items()}

    def _value(self, variables: Data, name: str) -> t.Any:
        if variables.get(name) is None:
            return None
        try:
            value = self._templar.template(variables[name])
        except AnsibleError as error:
            raise AnsibleActionFail(f"The variable {name} of the host cannot be used: {error}") from error
        return None if value == variables.get("omit") else value

    # -- as a program -------------------------------------------------------------------------
    def _as_program(self, name: str, arguments: Data, variables: Data) -> Data:
        return self._execute_module(
            module_name=f"{COLLECTION}.{name}",
            module_args=arguments,
            task_vars=self._with_interpreter(variables),
            wrap_async=self._task.async_val and not getattr(self._connection, "has_native_async", False),
        )

    def _with_interpreter(self, variables: Data) -> Data:
        """On this machine the Python that runs the play has the libraries; a discovered one often has not."""
        host = self._task.delegate_to
        own = variables.get("ansible_delegated_vars", {}).get(host, {}) if host else variables
        _value, origin = C.config.get_config_value_and_origin("INTERPRETER_PYTHON", variables=own)
        if self._connection.transport != "local" or origin != "default":
            return variables
        own = {**own, "ansible_python_interpreter": variables.get("ansible_playbook_python", sys.executable)}
        if not host:
            return own
        return {**variables, "ansible_delegated_vars": {**variables["ansible_delegated_vars"], host: own}}

    # -- inside the worker --------------------------------------------------------------------
    def _in_worker(self, name: str, arguments: Data, variables: Data, environment: dict[str, str]) -> Data:
        module = _module(name)
        self._update_module_args(f"{COLLECTION}.{name}", arguments, variables)
        host = variables.get("inventory_hostname")
        run = _worker_module.Run(arguments, self._progress(name, host), self._vault())
        with _worker_module.surroundings(environment, self._loader.get_basedir()):
            result = run.of(module.main)
        return self._as_received(result)

    def _as_received(self, result: Data) -> Data:
        """What the controller would have read from a program that printed this result."""
        text = json.dumps(result, cls=TO_CONTROLLER)
        data = self._parse_returned_data({"stdout": text, "stderr": "", "rc": 0}, _worker_module.PROFILE)
        # A dict in ansible-core 2.19, an object later.
        return data if isinstance(data, dict) else data.as_result_dict(for_round_trip=True)

    def _progress(self, name: str, host: str | None) -> t.Callable[[str], None]:
        """Shows what a long wait is for, without flooding the screen."""
        quiet, last = bool(self._task.no_log), float("-inf")

        def notify(message: str) -> None:
            nonlocal last
            if quiet or time.monotonic() - last < SECONDS_BETWEEN_LINES:
                return
            last = time.monotonic()
            _display.display(f"{name}: [{host}] {message}")

        return notify

    def _vault(self) -> _Vault | None:
        vault = getattr(self._loader, "_vault", None)
        return _Vault(vault) if vault is not None and vault.secrets else None


class _Vault:
    """The play's vault secrets, for text."""

    def __init__(self, vault: t.Any) -> None:
        self._lib = vault

    def encrypt(self, text: str) -> str:
        return self._lib.encrypt(text).decode()

    def decrypt(self, text: str) -> str:
        return self._lib.decrypt(text).decode()
