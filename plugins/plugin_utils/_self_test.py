# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a module can run inside the worker of the ansible-core at hand: found out by running one that does nothing.

Names that are there may have got another meaning, and results that come back may hold what they must not. Where
anything is not as it has to be, modules run as programs.
"""

from __future__ import annotations

import functools
import secrets

from ansible.plugins.action import ActionBase

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine import module as engine

from . import _ansible_names, _worker_module

_TELL = "Tell the collection's maintainers, with the version of ansible-core."


@functools.cache
def trouble() -> str | None:
    """What keeps modules from running inside the worker, as a sentence; None if nothing does."""
    gone = _ansible_names.missing_in_worker()
    if gone:
        return f"this release of ansible-core has no {', no '.join(gone)}. {_TELL}"
    try:
        wrong = _wrong()
    except Exception as error:  # noqa: BLE001
        # Whatever it is, there is another way.
        wrong = f"{type(error).__name__}: {error}"
    return f"this release of ansible-core does not do what is needed for it ({wrong}). {_TELL}" if wrong else None


def _wrong() -> str | None:
    secret = secrets.token_hex(16)
    arguments = {
        "_ansible_module_name": "lakeops.databricks.self_test",
        "_ansible_check_mode": True,
        "number": "7",
        "token": secret,
    }
    result = _ansible_names.as_received(_Action(), _worker_module.Run(arguments, lambda line: None, None).of(_main))
    seen = {name: result.get(name) for name in ("changed", "number", "check", "said")}
    if seen != {"changed": True, "number": 7, "check": True, "said": "<********>"}:
        return "arguments or results do not arrive as they were sent"
    return "a result holds a secret" if secret in repr(result) else None


def _main() -> None:
    """A module that gives back what it was given."""
    spec: Json = {"number": {"type": "int"}, "token": {"type": "str", "no_log": True}}
    module = engine._build(argument_spec=spec, supports_check_mode=True)
    number, token = module.params["number"], module.params["token"]
    module.exit_json(changed=True, number=number, check=module.check_mode, said=f"<{token}>")


class _Action(ActionBase):
    """Reads results, without a play around it."""

    def __init__(self) -> None:
        """What ActionBase keeps is not needed for that."""

    def run(self, tmp: str | None = None, task_vars: Json | None = None) -> Json:
        raise NotImplementedError
