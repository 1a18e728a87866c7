# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options that a task left out, taken from the inventory: one host is one workspace."""

from __future__ import annotations

import typing as t

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection

PREFIX = "databricks_"

# What says who signs in. Those of a task and those of the inventory are never mixed: together they would name an
# identity that nobody has.
CREDENTIALS = frozenset(
    {
        "token",
        "client_id",
        "client_secret",
        "azure_client_id",
        "azure_client_secret",
        "azure_tenant_id",
        "azure_use_msi",
        "profile",
        "auth_type",
    }
)


def variables(options: Json) -> dict[str, str]:
    """Which variable of the host stands for which option that the task did not give."""
    given = {name for name, value in options.items() if value is not None}
    left = set(connection.SPEC) - given
    if given & CREDENTIALS:
        left -= CREDENTIALS
    if "profile" in given:
        # A profile brings its own host; its credentials must not go to another one.
        left -= {"host", "account_id", "workspace_id"}
    if "host" in given:
        # The inventory's workspace is one of the inventory's host.
        left -= {"workspace_id"}
    return {name: PREFIX + name for name in connection.SPEC if name in left}


def fill(options: Json, value_of: t.Callable[[str], t.Any]) -> Json:
    """The task's options, completed from the host's variables, without what was pasted around their values.

    :param options: arguments of the task with module defaults merged in
    :param value_of: gives the value of a variable, or None where the host has none
    """
    found = {name: value_of(variable) for name, variable in variables(options).items()}
    filled = {**options, **{name: value for name, value in found.items() if value is not None}}
    return connection.as_meant(filled)


def explained(result: Json, filled: t.Container[str]) -> Json:
    """A refusal of an option also names the variable that its value came from.

    :param result: of the module
    :param filled: options that the host's variables gave
    """
    error = result.get("error")
    option = error.get("option") if isinstance(error, dict) else None
    begin = f"{option}: "
    if not result.get("failed") or option not in filled or not str(result.get("msg")).startswith(begin):
        return result
    message = str(result["msg"]).removeprefix(begin)
    return {**result, "msg": f"{option} (variable {PREFIX}{option} of the host): {message}"}
