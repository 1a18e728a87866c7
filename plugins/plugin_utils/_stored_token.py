# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stored token, read where the play runs: the whole of lookup stored_token."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.lakeops.databricks.plugins.module_utils._common import scrub
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._token import stores
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection, errors
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

from . import _ansible_names, _host_options, _paths, _worker_module

_SPEC: Json = {**connection.SPEC, "store": {"type": "dict", "required": True, "options": stores.SPEC}}
_PATHS = tuple(name for name, option in connection.SPEC.items() if option["type"] == "path")


class Reader:
    """Reads stores as a module of the same task would.

    :param loader: of the play, which has its directory and its vault secrets
    :param variables: of the host, with their templates
    """

    def __init__(self, loader: t.Any, templar: t.Any, variables: Json) -> None:
        self._loader, self._templar, self._variables = loader, templar, variables

    def read(self, store: t.Any, options: Json) -> Json:
        """The token in one store, with its value.

        :param store: options of a store, as module token has them
        :param options: connection options that were given
        :raises AnsibleError: there is none, or it cannot be read, or is of another workspace; names no secret
        """
        folder = _paths.base(self._loader.get_basedir(), self._variables.get("inventory_dir"))
        environment = _ansible_names.environment_of_variables(self._templar, self._variables)
        with _worker_module.surroundings(environment, folder):
            params = self._checked({**_host_options.fill(options, self._value), "store": store}, folder)
            return self._read(params)

    def _read(self, params: Json) -> Json:
        store = params.pop("store")
        workspace: Workspace | None = None
        try:
            workspace = Workspace(params)
            workspace.vault = _ansible_names.vault(self._loader) if store["type"] == "file" else None
            record = stores.stored_record(workspace, store)
            return {
                "hostname": workspace.hostname,
                **{key: record.get(key) for key in ("token_value", "token_id", "expiry", "principal")},
            }
        except AnsibleError:
            raise
        except Exception as error:  # noqa: BLE001
            # A bug of ours or of a library: still one sentence, and still without secrets.
            secrets = workspace.secrets if workspace else ()
            failure = errors.translate(error, "read the stored token", secrets=secrets)
            raise AnsibleError(scrub.without(str(failure), secrets)) from None
        finally:
            if workspace is not None:
                workspace.close()

    def _checked(self, given: Json, folder: str) -> Json:
        result = ArgumentSpecValidator(_SPEC).validate(given)
        unknown = sorted(
            ".".join(parameter) if isinstance(parameter, tuple) else parameter
            for parameter in result.unsupported_parameters
        )
        if unknown:
            raise AnsibleError(f"{', '.join(unknown)}: stored_token and its stores have no such option.")
        if result.error_messages:
            raise AnsibleError("; ".join(result.error_messages))
        params = result.validated_parameters
        for options, names in ((params, _PATHS), (params["store"], ("path",))):
            for name in names:
                if options.get(name):
                    options[name] = _paths.on_this_machine(options[name], folder)
        return params

    def _value(self, name: str) -> t.Any:
        if self._variables.get(name) is None:
            return None
        value = self._templar.template(self._variables[name])
        return None if value == self._variables.get("omit") else value
