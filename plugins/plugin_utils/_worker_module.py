# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AnsibleModule for a module that runs inside the worker.

Arguments come from memory and the result stays there. Everything between, such as validation, messages, masking and the
invocation, is AnsibleModule's own, so that it cannot differ from the same module run as a program.
"""

from __future__ import annotations

import contextlib
import io
import os
import traceback
import typing as t
from pathlib import Path

from ansible_collections.lakeops.databricks.plugins.module_utils._common import scrub, user_input
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine import module
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection

from . import _ansible_names


class WorkerModule(module.Module):
    """A module without standard input and output."""

    def __init__(self, run: Run, **spec: t.Any) -> None:
        self._run = run
        self.vault = run.vault
        run.module = self
        super().__init__(**spec)

    def _leave(self, result: Json) -> None:
        self._run.result = result

    def notify(self, message: str) -> None:
        self._run.notify(scrub.scrub(message, scrub.worth_hiding(self.hidden())))


class Run:
    """One run of a module's main() and what came of it.

    :param arguments: of the task, with the ``_ansible_*`` ones
    :param notify: shows one line of progress
    :param vault: encrypts and decrypts, or None
    """

    def __init__(self, arguments: Json, notify: t.Callable[[str], None], vault: t.Any) -> None:
        self.arguments = arguments
        self.notify = notify
        self.vault = vault
        self.module: WorkerModule | None = None
        self.result: Json | None = None

    def of(self, main: t.Callable[[], None]) -> Json:
        """The module's result; one that crashes has failed, and its secrets stay hidden."""
        output, errors = io.StringIO(), io.StringIO()
        trouble = "ended without a result"
        with (
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(errors),
            _ansible_names.sent(self.arguments),
            module.built_by(lambda **spec: WorkerModule(self, **spec)),
        ):
            try:
                main()
            except SystemExit as ended:
                trouble = f"ended without a result (exit status {ended.code})"
            except BaseException as error:
                if _is_for_the_worker(error):
                    raise
                # Whatever the libraries throw ends this task only.
                self.result, trouble = None, f"crashed: {type(error).__name__}: {error}"
                traceback.print_exc()
        return self.result if self.result is not None else self._failed(trouble, output.getvalue(), errors.getvalue())

    def _failed(self, trouble: str, output: str, errors: str) -> Json:
        result = {"failed": True, "changed": False, "msg": f"The module {trouble}."}
        if output:
            result["module_stdout"] = output
        if errors:
            result["module_stderr"] = errors
        return scrub.without(result, self._secrets())

    def _secrets(self) -> set[str]:
        if self.module is not None:
            return self.module.hidden()
        return {form for name in connection.SECRETS for form in user_input.forms(self.arguments.get(name))}


def _is_for_the_worker(error: BaseException) -> bool:
    """Whether the user or Ansible itself stops the worker, as the keyword timeout does."""
    ansible = any(kind.__module__.startswith("ansible.") for kind in type(error).__mro__)
    return isinstance(error, KeyboardInterrupt) or (ansible and not isinstance(error, Exception))


@contextlib.contextmanager
def surroundings(environment: dict[str, str], folder: str) -> t.Iterator[None]:
    """The environment and the current directory of a program that Ansible would have started on this machine."""
    before, place = dict(os.environ), Path.cwd()
    os.environ.update(environment)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(place)
        os.environ.clear()
        os.environ.update(before)
