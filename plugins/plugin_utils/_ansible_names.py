# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of ansible-core that it promises to nobody, and that we lean on: all of them here, each with what is done
when it is gone.

``missing()`` says which of them a release of ansible-core does not have. A test asks it, and so does ``_self_test``
before anything runs inside the worker: without them modules run as programs, for which Ansible itself does the rest.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import typing as t

from ansible import constants as C
from ansible import context, errors
from ansible.errors import AnsibleActionFail
from ansible.module_utils import basic
from ansible.module_utils.common import json as ansible_json
from ansible.parsing import vault as ansible_vault
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.vars.manager import VariableManager

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from ._play_vault import PlayVault

# How Ansible writes values for modules, and modules write theirs.
PROFILE = "legacy"


def _encoder(direction: str) -> t.Any:
    """What writes values for the other side, or None."""
    find, directions = getattr(ansible_json, "get_module_encoder", None), getattr(ansible_json, "Direction", None)
    return find(PROFILE, getattr(directions, direction)) if find and hasattr(directions, direction) else None


TO_MODULE, TO_CONTROLLER = _encoder("CONTROLLER_TO_MODULE"), _encoder("MODULE_TO_CONTROLLER")

# What a template raises whose value is to count as left out.
Omitted: t.Any = getattr(errors, "AnsibleValueOmittedError", ())

# Where AnsibleModule finds the arguments of a program.
_ARGUMENTS = ("_ANSIBLE_ARGS", "_ANSIBLE_PROFILE", "_PARSED_MODULE_ARGS")
_OF_ACTIONS = ("_compute_environment_string", "_update_module_args", "_parse_returned_data")
_OF_MODULES = ("_record_module_result",)


def missing() -> list[str]:
    """What of all this the ansible-core at hand does not have."""
    gone = missing_in_worker()
    gone += [] if "no_log_values" in _source(basic.AnsibleModule) else ["AnsibleModule.no_log_values"]
    gone += [] if hasattr(errors, "AnsibleValueOmittedError") else ["AnsibleValueOmittedError"]
    gone += [] if hasattr(ActionBase, "_execute_module") else ["ActionBase._execute_module"]
    gone += [] if hasattr(DataLoader(), "_vault") else ["DataLoader._vault"]
    gone += [] if hasattr(ansible_vault, "VaultSecretsContext") else ["VaultSecretsContext"]
    gone += [] if '["environment"]' in _source(VariableManager) else ["the variable environment"]
    gone += [f"Task.{name}" for name in ("resolved_action", "module_defaults") if not hasattr(Task, name)]
    return gone


def missing_in_worker() -> list[str]:
    """What modules inside the worker need of it, and programs do not."""
    gone = [f"ActionBase.{name}" for name in _OF_ACTIONS if not hasattr(ActionBase, name)]
    gone += [f"AnsibleModule.{name}" for name in _OF_MODULES if not hasattr(basic.AnsibleModule, name)]
    gone += [f"basic.{name}" for name in _ARGUMENTS if not hasattr(basic, name)]
    gone += ["get_module_encoder"] if TO_MODULE is None or TO_CONTROLLER is None else []
    return gone


def _source(kind: type) -> str:
    return inspect.getsource(kind).replace("'", '"')


def environment(action: ActionBase) -> dict[str, str]:
    """The task's environment, with its templates worked out.

    Empty where a release of ansible-core does not give it; a program, which modules then are, has it from Ansible.
    """
    found: Json = {}
    if hasattr(action, "_compute_environment_string"):
        action._compute_environment_string(found)
    return {name: str(value) for name, value in found.items()}


def environment_of_variables(templar: t.Any, variables: Json) -> dict[str, str]:
    """The environment of the task that a lookup serves, which knows its task by the variables only.

    Where a release of ansible-core does not say it there, the lookup has the environment of the play's process.
    """
    found: Json = {}
    parts = variables.get("environment")
    for part in parts if isinstance(parts, list) else [parts]:
        worked_out = templar.template(part) if part else {}
        found.update(worked_out if isinstance(worked_out, dict) else {})
    return {name: str(value) for name, value in found.items()}


def why_no_task(task: Json) -> str | None:
    """Why Ansible cannot run a task as it is written; None if it can, or if only Ansible itself can tell."""
    try:
        from ansible.parsing.mod_args import ModuleArgsParser
    except ImportError:
        return None
    try:
        ModuleArgsParser(task_ds=task, collection_list=["lakeops.databricks", "ansible.legacy"]).parse()
    except errors.AnsibleError as error:
        return error.message
    return None


def name_of_action(action: ActionBase) -> str:
    """The name of the module without its collection."""
    return (getattr(action._task, "resolved_action", None) or action._task.action).rpartition(".")[2]


def module_defaults(action: ActionBase, *names: str) -> list[Json]:
    """What the task's module defaults say of a module or a group each, without what the task itself says.

    :param names: as ``lakeops.databricks.schema`` and ``group/lakeops.databricks.workspace``
    :raises AnsibleActionFail: nobody can tell, and another workspace might be taken for the one that is meant
    """
    merged: Json = {}
    if not hasattr(action._task, "module_defaults"):
        raise AnsibleActionFail(
            "profile: this release of ansible-core does not say which module defaults hold for a task, so the profile "
            "to sign in with is not known. Give host and credentials in the task, and tell our maintainers."
        )
    for part in action._task.module_defaults or ():
        merged.update(part)
    return [dict(action._templar.template(merged.get(name) or {})) for name in names]


def complete(action: ActionBase, module: str, arguments: Json, variables: Json) -> None:
    """Add what Ansible tells every module, such as check mode."""
    action._update_module_args(module, arguments, variables)


def as_received(action: ActionBase, result: Json) -> Json:
    """What the controller would have read from a program that printed this result."""
    text = json.dumps(result, cls=TO_CONTROLLER)
    data = action._parse_returned_data({"stdout": text, "stderr": "", "rc": 0}, PROFILE)
    # A dict in ansible-core 2.19, an object later.
    return data if isinstance(data, dict) else data.as_result_dict(for_round_trip=True)


@contextlib.contextmanager
def sent(arguments: Json) -> t.Iterator[None]:
    """Have AnsibleModule read these arguments: plain values, without the controller's tags and templates."""
    values = (json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, cls=TO_MODULE).encode(), PROFILE, None)
    before = {name: getattr(basic, name, None) for name in _ARGUMENTS}
    for name, value in zip(_ARGUMENTS, values, strict=True):
        setattr(basic, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(basic, name, value)


# -- vault secrets ----------------------------------------------------------------------------
def vault(loader: t.Any) -> PlayVault | None:
    """The play's vault secrets, or None for a play without.

    They are looked for in two places, and what the user asked for is a third witness: a release of ansible-core that
    renames an attribute must not make us write plain text.

    :raises AnsibleActionFail: the play has vault secrets, and they cannot be found
    """
    secrets = _secrets(loader)
    if not secrets:
        asked = announced()
        if asked:
            raise AnsibleActionFail(
                f"store.path: this play has a vault secret ({asked}), and this release of ansible-core does not give "
                "it to the module, so a token would be stored as plain text. Use a store of another type, or another "
                "release, and tell the collection's maintainers."
            )
        return None
    return PlayVault(secrets, C.DEFAULT_VAULT_ENCRYPT_IDENTITY, bool(C.DEFAULT_VAULT_ID_MATCH))


def announced() -> str | None:
    """By which option or setting the user gave a vault secret, or None."""
    options = context.CLIARGS or {}
    given = {
        "--vault-id": options.get("vault_ids"),
        "--vault-password-file": options.get("vault_password_files"),
        "--ask-vault-pass": options.get("ask_vault_pass"),
        "ANSIBLE_VAULT_PASSWORD_FILE": C.DEFAULT_VAULT_PASSWORD_FILE,
        "ANSIBLE_VAULT_IDENTITY_LIST": C.DEFAULT_VAULT_IDENTITY_LIST,
    }
    return next((name for name, value in given.items() if value), None)


def _secrets(loader: t.Any) -> list[tuple[str, bytes]]:
    places: list[t.Any] = [getattr(getattr(loader, "_vault", None), "secrets", None)]
    current = getattr(ansible_vault, "VaultSecretsContext", None)
    if current is not None:
        places.append(getattr(current.current(optional=True), "secrets", None))
    found: t.Any = next((secrets for secrets in places if secrets), [])
    return [(str(vault_id), secret.bytes) for vault_id, secret in found]
