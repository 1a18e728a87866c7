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

import contextlib
import gc
import sys
import time
import typing as t
from pathlib import Path

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.common.validation import check_type_dict
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import merge_hash

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._token import stores, vault
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection

from . import _ansible_names, _bytecode, _host_options, _paths, _preload, _self_test, _worker_module

SDK_PROBLEM = _preload.sdk()


COLLECTION = "lakeops.databricks"
_PLUGINS = f"ansible_collections.{COLLECTION}.plugins"
# What modules import only when it is needed; every worker would compile it anew.
_NEEDED_LATER = ("_wire.sql", "_token.store_file", "_token.vault")
CHOICE = "databricks_in_process"
SECONDS_BETWEEN_LINES = 3.0
_STORES = ("store", "token_store")
_PATHS = tuple(name for name, option in connection.SPEC.items() if option["type"] == "path")
# A file that others write to at the same time may need other keys each time that it is asked for.
_MOST_ANSWERS = 3

# Read when an interpreter or a library starts: too late for a process that runs already.
_READ_AT_START = ("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "TZ", "OPENSSL_", "MALLOC_")

_display = Display()


def action(plugin: str) -> type[ActionModule]:
    """The class of an action plugin, with its module imported: Ansible compiles collections anew at each import.

    :param plugin: the plugin's own ``__name__``
    """
    with _preload.without_collecting():
        for name in _NEEDED_LATER:
            _bytecode.load(f"{_PLUGINS}.module_utils.{name}")
        _module(plugin.rpartition(".")[2])
        if _self_test.trouble():
            _display.warning(f"{COLLECTION}: modules run as programs, which is slower: {_self_test.trouble()}")
    # A worker that looked for garbage among what it shares with the parent would get a copy of all of it (gc.freeze).
    gc.freeze()
    return ActionModule


def _module(name: str) -> t.Any:
    return _bytecode.load(f"{_PLUGINS}.modules.{name}")


def no_text(value: t.Any, option: str = "") -> t.Iterator[str]:
    """The options that hold bytes which are no characters, as a lookup gives them of a file that is none of text."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            yield option
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from no_text(one, f"{option}.{name}" if option else str(name))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from no_text(one, option)


class ActionModule(ActionBase):
    """Runs the module that has the name of the action."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: Json | None = None) -> Json:
        variables = dict(task_vars or {})
        result = super().run(None, variables)
        name = _ansible_names.name_of_action(self)
        asked, own = self._asked(name)
        arguments = _host_options.fill(asked, lambda variable: self._value(variables, variable))
        if own:
            arguments = {**arguments, connection.SIGN_IN_PROFILE: arguments.get("profile"), "profile": own}
        environment = _ansible_names.environment(self)
        folder = _paths.base(self._loader.get_basedir(), variables.get("inventory_dir"))
        with _worker_module.surroundings(environment, folder):
            arguments = self._with_paths(arguments, folder)
            for option in no_text(arguments):
                # No JSON can hold it, and no module would get it. What it is may be a secret.
                raise AnsibleActionFail(f"{option}: holds something that is not text in UTF-8.")
            obstacle = self._obstacle(variables, environment)
            way = f"runs as a program: {obstacle}" if obstacle else "runs inside the worker"
            _display.vv(f"{COLLECTION}.{name} {way}", host=variables.get("inventory_hostname"))
            play_vault = self._vault(arguments)
            if not obstacle:
                done = self._in_worker(name, arguments, variables, play_vault)
                return merge_hash(result, self._explained(done, asked, variables))
        with self._connection_named(variables):
            done = self._as_program(name, arguments, variables, play_vault)
        return merge_hash(result, self._explained(done, asked, variables))

    def _asked(self, name: str) -> tuple[Json, Json | None]:
        """The arguments of the task, and apart from them a profile that is none to sign in with.

        It hid the profile that the module defaults name, and would hide that of the host.
        """
        asked = dict(self._task.args)
        own = connection.other_profile(asked.get("profile")) if "profile" in _module(name).SPEC else None
        if own is None:
            return asked, None
        del asked["profile"]
        defaults = _ansible_names.module_defaults(self, f"{COLLECTION}.{name}", f"group/{COLLECTION}.workspace")
        profile = next((default["profile"] for default in defaults if isinstance(default.get("profile"), str)), None)
        return {**asked, **({"profile": profile} if profile else {})}, own

    @contextlib.contextmanager
    def _connection_named(self, variables: Json) -> t.Iterator[None]:
        """Ansible takes every host of an inventory for a machine, and a workspace is none: say what is missing then."""
        try:
            yield
        except AnsibleConnectionFailure as error:
            if self._connection.transport == "local" or variables.get("databricks_host") is None:
                raise
            # Without a cause, whose words would be repeated.
            raise AnsibleConnectionFailure(
                f"A workspace cannot be reached by {self._connection.transport}, only by its API: give its host the "
                f"variable ansible_connection: local. ({str(error).strip()})"
            ) from None

    # -- files ----------------------------------------------------------------------------------
    def _with_paths(self, arguments: Json, folder: str) -> Json:
        """The arguments with paths that mean the same wherever the module runs."""
        found = {name: self._path(name, arguments[name], folder) for name in _PATHS if arguments.get(name)}
        for name in _STORES:
            store = _as_dict(arguments.get(name))
            if store and store.get("path"):
                found[name] = {**store, "path": self._path(f"{name}.path", store["path"], folder)}
        return {**arguments, **found}

    def _path(self, option: str, value: t.Any, folder: str) -> t.Any:
        if not isinstance(value, str):
            return value  # The module says what is wrong with it.
        if self._connection.transport != "local":
            return _paths.elsewhere(option, value)
        if self._connection.become is not None:
            return _paths.of_another_user(value, folder)
        return _paths.on_this_machine(value, folder)

    @staticmethod
    def _stored_in(arguments: Json) -> str | None:
        """The path of the file store that the task names, if it names one."""
        for name in _STORES:
            store = _as_dict(arguments.get(name)) or {}
            if store.get("path") and (store.get("type") or "file") == "file":
                return str(store["path"])
        return None

    def _vault(self, arguments: Json) -> t.Any:
        """The play's vault secrets, where the task has a use for them."""
        return _ansible_names.vault(self._loader) if self._stored_in(arguments) else None

    # -- which way ----------------------------------------------------------------------------
    def _obstacle(self, variables: Json, environment: dict[str, str]) -> str | None:
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
            (_self_test.trouble() is not None, _self_test.trouble()),
            (choice == "auto" and sys.platform == "darwin", f"forks may crash on macOS, and {CHOICE} is auto"),
        )
        return next((reason for applies, reason in reasons if applies), None)

    def _explained(self, result: Json, asked: Json, variables: Json) -> Json:
        possible = _host_options.variables(asked).items()
        filled = {option for option, variable in possible if variables.get(variable) is not None}
        return _host_options.explained(result, filled)

    def _value(self, variables: Json, name: str) -> t.Any:
        if variables.get(name) is None:
            return None
        try:
            value = self._templar.template(variables[name])
        except _ansible_names.Omitted:
            return None
        except AnsibleError as error:
            raise AnsibleActionFail(f"The variable {name} of the host cannot be used: {error}") from error
        return value

    # -- as a program -------------------------------------------------------------------------
    def _as_program(self, name: str, arguments: Json, variables: Json, play_vault: t.Any = None) -> Json:
        path = self._stored_in(arguments)
        # Beside the record there may be one of a rehearsal.
        beside = f"{path}{stores.BESIDE}" if path else None
        texts = [self._held(one) for one in (path, beside)] if play_vault else []
        result: Json = {}
        for _number in range(_MOST_ANSWERS):
            sent = self._keys(play_vault, texts) if play_vault else {}
            result = self._execute_module(
                module_name=f"{COLLECTION}.{name}",
                module_args={**arguments, **sent},
                task_vars=self._with_interpreter(variables),
                wrap_async=self._task.async_val and not getattr(self._connection, "has_native_async", False),
            )
            error = result.get("error")
            if not play_vault or not isinstance(error, dict) or error.get("code") != vault.KEYS_NEEDED:
                break
            # The file is one that only the module can read: keys for it, and nothing else of the secret, go there.
            texts = [*filter(None, texts), error.pop("sealed", None)]
        return result

    def _held(self, path: str | None) -> str | None:
        """What the file holds that the program will find; None if this process cannot see it."""
        if not path or self._connection.transport != "local" or self._connection.become is not None:
            return None
        try:
            return Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None  # The module says what is wrong with it.

    def _keys(self, play_vault: t.Any, texts: list[str | None]) -> Json:
        try:
            return {vault.OPTION: play_vault.document(*texts, may_ask=not self._task.async_val)}
        except Failure as failure:
            raise AnsibleActionFail(str(failure)) from failure

    def _with_interpreter(self, variables: Json) -> Json:
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
    def _in_worker(self, name: str, arguments: Json, variables: Json, play_vault: t.Any) -> Json:
        module = _module(name)
        _ansible_names.complete(self, f"{COLLECTION}.{name}", arguments, variables)
        host = variables.get("inventory_hostname")
        run = _worker_module.Run(arguments, self._progress(name, host), play_vault)
        return _ansible_names.as_received(self, run.of(module.main))

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


def _as_dict(value: t.Any) -> Json | None:
    """An option of type dict, in any of the forms that Ansible takes; None for what is none."""
    if isinstance(value, str):
        try:
            value = check_type_dict(value)
        except TypeError:
            return None
    return dict(value) if isinstance(value, t.Mapping) else None
