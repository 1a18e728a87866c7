# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Arguments in, result out: the only file that knows AnsibleModule."""

from __future__ import annotations

import contextlib
import typing as t

from ansible.module_utils.basic import AnsibleModule

from .._common import scrub, user_input
from .._common.failure import Failure
from .._common.json_types import Json
from .._token import vault
from .._wire import connection, errors
from .._wire.workspace import Workspace
from .reconcile import Managed, Plan, converge

STATE: Json = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}

# Options for which somebody may paste a driver's connection string.
_MAY_BE_A_DRIVERS = ("http_path", "warehouse", "object")


# What AnsibleModule puts into a result for the controller, which masks these values wherever it shows something and
# drops them from the result (ansible-core 2.22).
_FOR_THE_CONTROLLER = "_ansible_new_secrets"


class Module(AnsibleModule):
    """AnsibleModule whose results hold no secret, whatever its release leaves to those who show them.

    Until ansible-core 2.21 AnsibleModule masks results; 2.22 masks what is shown, and what is registered is not. Ours
    masks twice: what modules say and their arguments on the way in, by names that are promised to authors of modules;
    and the result as a whole, with what Ansible adds to it, by a name that is not, and may be gone one day.
    """

    def exit_json(self, **result: t.Any) -> None:
        super().exit_json(**self._with_arguments(result))

    def fail_json(self, msg: str, **result: t.Any) -> None:
        super().fail_json(**self._with_arguments({"msg": str(msg), **result}))

    def _with_arguments(self, result: Json) -> Json:
        # AnsibleModule would show all that it was given; it leaves this out again where nobody asked for it.
        arguments = getattr(self, "params", None) or {}
        return self._without_secrets({"invocation": {"module_args": dict(arguments)}, **result})

    def _record_module_result(self, o: Json) -> None:
        self._leave(self._without_secrets(o))

    def _leave(self, result: Json) -> None:
        super()._record_module_result(result)

    def _without_secrets(self, result: Json) -> Json:
        kept = {name: result[name] for name in (_FOR_THE_CONTROLLER,) if name in result}
        arguments = (result.get("invocation") or {}).get("module_args")
        if isinstance(arguments, dict):
            shown = {name: self._shown(name, value) for name, value in arguments.items()}
            result = {**result, "invocation": {**result["invocation"], "module_args": shown}}
        return {**scrub.without(result, self.hidden()), **kept}

    def hidden(self) -> set[str]:
        """The values of options that are not logged, as AnsibleModule found them, and should it not tell them, as they
        were given.
        """
        given = _not_logged(self.argument_spec, getattr(self, "params", None) or {})
        return {*getattr(self, "no_log_values", ()), *(form for value in given for form in user_input.forms(value))}

    def _shown(self, name: str, value: t.Any) -> t.Any:
        option = self.argument_spec.get(name)
        return scrub.WHOLE if option and option.get("no_log") and value is not None else value


def _not_logged(spec: Json, given: t.Any) -> t.Iterator[str]:
    """The values that options with no_log hold, at any depth."""
    for one in given if isinstance(given, list) else [given]:
        for name, option in spec.items() if isinstance(one, dict) else ():
            if option.get("no_log"):
                yield from _texts(one.get(name))
            elif option.get("options"):
                yield from _not_logged(option["options"], one.get(name))


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


# Anything that offers params, check_mode, exit_json, fail_json and warn will do: a module may also run in the worker.
_build: t.Callable[..., t.Any] = Module


@contextlib.contextmanager
def built_by(factory: t.Callable[..., t.Any]) -> t.Iterator[None]:
    """Let modules be built by something other than Module for a while."""
    global _build
    before, _build = _build, factory
    try:
        yield
    finally:
        _build = before


def manage(spec: Json, kind: type[Managed], **constraints: t.Any) -> None:
    """Run a module that brings one object into the wished state. ``constraints`` go to AnsibleModule."""

    def run(workspace: Workspace, module: t.Any) -> Json:
        return converged(kind(workspace, module.params), check=module.check_mode)

    _run({**STATE, **spec}, run, constraints)


def converged(thing: Managed, *, check: bool) -> Json:
    """Bring one object into the wished state, and give the module's result."""
    done = converge(thing, check=check)
    shown = thing.result(done.after)
    return {
        "changed": done.changed,
        "diff": _diff(thing, done),
        "actions": _actions(thing, done),
        **unread((thing, done)),
        **shown,
        "warnings_": [*thing.warnings, *shown.get("warnings_", ())],
    }


def inform(spec: Json, collect: t.Callable[[Workspace, Json], Json], **constraints: t.Any) -> None:
    """Run a module that only reads."""
    _run(spec, lambda workspace, module: {"changed": False, **collect(workspace, module.params)}, constraints)


def act(spec: Json, run: t.Callable[[Workspace, Json, bool], Json], **constraints: t.Any) -> None:
    """Run a module that is not a state, such as SQL statements; ``run`` is told whether this is check mode."""
    _run(spec, lambda workspace, module: run(workspace, module.params, module.check_mode), constraints)


def _run(spec: Json, body: t.Callable[[Workspace, t.Any], Json], constraints: Json) -> None:
    module = _build(
        argument_spec={**connection.SPEC, **spec, **_private(spec)}, supports_check_mode=True, **constraints
    )
    _mask_as_meant(module)
    keys = module.params.pop(vault.OPTION, None)
    notify = getattr(module, "notify", lambda message: None)
    workspace: Workspace | None = None
    try:
        workspace = Workspace(connection.to_sign_in(module.params), notify=notify)
        workspace.vault = vault.SentVault(keys) if keys else getattr(module, "vault", None)
        result = body(workspace, module)
    except Failure as failure:
        failure.name_caller(failure)
        _fail(module, failure, workspace)
    except Exception as error:  # noqa: BLE001
        # A bug of ours or of a library: still one sentence, and still without secrets.
        secrets = workspace.secrets if workspace else ()
        _fail(module, errors.translate(error, "finish the task", secrets=secrets), workspace)
    else:
        secrets = _secrets(module, workspace)
        for message in result.pop("warnings_", ()):
            module.warn(scrub.without(message, secrets))
        module.exit_json(**scrub.without(result, secrets))
    finally:
        if workspace is not None:
            workspace.close()


def _mask_as_meant(module: t.Any) -> None:
    """Secrets are hidden in every form in which they may be met; blanks alone would blot out all blanks."""
    hidden = getattr(module, "no_log_values", None)
    if hidden is not None:
        forms = {form for value in hidden for form in user_input.forms(value)}
        # A driver's connection string, pasted for the HTTP path that is in it, holds a password.
        forms |= {secret for value in module.params.values() if isinstance(value, str) for secret in scrub.found(value)}
        hidden.clear()
        hidden.update(forms)


def _fail(module: t.Any, failure: Failure, workspace: Workspace | None) -> None:
    result = {"msg": str(failure), "error": failure.as_dict()}
    module.fail_json(**scrub.without(result, _secrets(module, workspace)))


def _secrets(module: t.Any, workspace: Workspace | None) -> list[str]:
    """What a result must not hold: options that are not logged, and what the connection was made with."""
    own = module.hidden() if isinstance(module, Module) else ()
    return [*own, *(workspace.secrets if workspace else ())]


def _private(spec: Json) -> Json:
    """The options by which an action sends what no user gives.

    The keys of a store's file are taken out before anybody sees them.
    """
    stored: Json = {vault.OPTION: {"type": "str", "no_log": True}} if {"store", "token_store"} & set(spec) else {}
    return {**stored, **({connection.SIGN_IN_PROFILE: {"type": "str"}} if "profile" in spec else {})}


def _diff(thing: Managed, done: Plan) -> Json:
    """Before and after, reduced to what the task manages or changes: an unchanged object shows no difference."""
    header = f"{thing.label} {thing.name}"
    return {
        "before": done.before if done.changed else {},
        "after": done.after if done.changed else {},
        "before_header": header,
        "after_header": header,
    }


def unread(*done: tuple[Managed, Plan]) -> Json:
    """What check mode could not read, and a run acts on all the same; no key where there is nothing."""
    found = [{"object": f"{thing.label} {thing.name}", "said": plan.unread} for thing, plan in done if plan.unread]
    return {"unread": found} if found else {}


def _actions(thing: Managed, done: Plan) -> list[Json]:
    if not done.changed:
        return []
    return [{"method": done.action, "object": f"{thing.label} {thing.name}", "fields": sorted(done.changes)}]
