# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release of ansible-core that lacks or changes what we lean on: it is said, modules are programs, nothing leaks."""

from __future__ import annotations

import json
import sys
import types
import typing as t

import pytest
from ansible.errors import AnsibleActionFail
from ansible.module_utils import basic
from ansible.plugins.action import ActionBase
from ansible.template import Templar, trust_as_template

from ansible_collections.lakeops.databricks.plugins.module_utils._engine import module as _module
from ansible_collections.lakeops.databricks.plugins.plugin_utils import (
    _ansible_names,
    _in_process,
    _self_test,
    _worker_module,
)

SECRET = "s3cr3t-0123456789"
INTERNAL = {"_ansible_module_name": "lakeops.databricks.probe", "_ansible_check_mode": False}
SPEC = {
    "name": {"type": "str"},
    "token": {"type": "str", "no_log": True},
    "store": {"type": "dict", "options": {"record": {"type": "json", "no_log": True}, "path": {"type": "str"}}},
}


@pytest.fixture(autouse=True)
def _found_out_anew() -> t.Iterator[None]:
    _self_test.trouble.cache_clear()
    yield
    _self_test.trouble.cache_clear()


def test_this_ansible_core_runs_modules_inside_the_worker() -> None:
    assert _self_test.trouble() is None


# -- what is gone, and what is not as it was ----------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        (ActionBase, "_compute_environment_string", "has no ActionBase._compute_environment_string"),
        (ActionBase, "_update_module_args", "has no ActionBase._update_module_args"),
        (ActionBase, "_parse_returned_data", "has no ActionBase._parse_returned_data"),
        (basic.AnsibleModule, "_record_module_result", "has no AnsibleModule._record_module_result"),
        (basic, "_ANSIBLE_ARGS", "has no basic._ANSIBLE_ARGS"),
        (basic, "_ANSIBLE_PROFILE", "has no basic._ANSIBLE_PROFILE"),
        (basic, "_PARSED_MODULE_ARGS", "has no basic._PARSED_MODULE_ARGS"),
    ],
)
def test_without_a_name_modules_run_as_programs(
    monkeypatch: pytest.MonkeyPatch, kind: t.Any, name: str, said: str
) -> None:
    monkeypatch.delattr(kind, name)
    assert said in (_self_test.trouble() or "") and said in (obstacle() or "")


def test_without_what_writes_values_modules_run_as_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_ansible_names.ansible_json, "get_module_encoder")
    monkeypatch.setattr(_ansible_names, "TO_MODULE", _ansible_names._encoder("CONTROLLER_TO_MODULE"))
    assert "has no get_module_encoder" in (obstacle() or "")


CHANGED = {
    "the arguments come from elsewhere": (
        (basic, "_load_params", lambda: {"_ansible_module_name": "x"}),
        "do not arrive as they were sent",
    ),
    "a result is not recorded": (
        (basic.AnsibleModule, "_return_formatted", lambda self, said: None),
        "do not arrive as they were sent",
    ),
    "a result is read in another way": (
        (ActionBase, "_parse_returned_data", lambda self, said, profile, more: {}),
        "TypeError",
    ),
    "a result is no JSON": ((ActionBase, "_parse_returned_data", lambda self, said, profile: {}), "do not arrive"),
    "nothing is masked": (
        (_module.Module, "_without_secrets", lambda self, result: result),
        "do not arrive as they were sent",
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_is_there_and_does_something_else_is_noticed(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    (kind, name, other), said = CHANGED[case]
    if case == "nothing is masked":
        monkeypatch.setattr(basic, "remove_values", lambda value, secrets: value, raising=False)
    monkeypatch.setattr(kind, name, other)
    assert said in (obstacle() or "")


def test_it_is_said_on_the_screen_where_a_play_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(_in_process._display, "warning", shown.append)
    _in_process.action("ansible_collections.lakeops.databricks.plugins.action.schema")
    assert shown == []
    monkeypatch.delattr(basic, "_ANSIBLE_PROFILE")
    _self_test.trouble.cache_clear()
    _in_process.action("ansible_collections.lakeops.databricks.plugins.action.schema")
    assert shown == [
        "lakeops.databricks: modules run as programs, which is slower: this release of ansible-core has no "
        "basic._ANSIBLE_PROFILE. Tell the collection's maintainers, with the version of ansible-core."
    ]


class Action(_in_process.ActionModule):
    """Without a play around it."""

    def __init__(self, task: t.Any = None) -> None:
        self._connection = types.SimpleNamespace(transport="local", become=None)
        self._task = task or types.SimpleNamespace(async_val=0, no_log=False, delegate_to=None)
        self._templar = Templar(variables={})


def obstacle() -> str | None:
    return Action()._obstacle({"databricks_in_process": "always"}, {})


def test_what_a_program_needs_is_still_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ActionBase, "_compute_environment_string")
    task = types.SimpleNamespace(action="lakeops.databricks.schema")
    assert _ansible_names.environment(Action(task)) == {}
    assert _ansible_names.name_of_action(Action(task)) == "schema"


def test_whoever_cannot_see_module_defaults_does_not_guess_whom_they_name() -> None:
    task = types.SimpleNamespace(action="lakeops.databricks.access")
    with pytest.raises(AnsibleActionFail, match="does not say which module defaults hold for a task"):
        _ansible_names.module_defaults(Action(task), "lakeops.databricks.access")


def test_a_variable_that_is_omitted_counts_as_left_out() -> None:
    value = trust_as_template("{{ nothing | default(omit) }}")
    assert Action()._value({"databricks_profile": value}, "databricks_profile") is None
    with pytest.raises(AnsibleActionFail, match="The variable databricks_profile of the host cannot be used"):
        Action()._value({"databricks_profile": trust_as_template("{{ nothing }}")}, "databricks_profile")


# -- secrets ------------------------------------------------------------------------------------
WITHOUT = {
    "as it is": (),
    "results are not masked (ansible-core 2.22)": ("remove_values",),
    "and there is no place where results pass": ("remove_values", "_record_module_result"),
    "and nobody tells what is not logged": ("remove_values", "_record_module_result", "no_log_values"),
}


@pytest.fixture(params=WITHOUT)
def _who_masks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = WITHOUT[request.param]
    if "remove_values" in gone:
        monkeypatch.setattr(basic, "remove_values", lambda value, secrets: value, raising=False)
    if "_record_module_result" in gone:
        monkeypatch.setattr(_module.Module, "_record_module_result", basic.AnsibleModule._record_module_result)
    if "no_log_values" in gone:
        nothing = property(lambda self: set(), lambda self, value: None)
        monkeypatch.setattr(basic.AnsibleModule, "no_log_values", nothing, raising=False)


def printed(capsys: pytest.CaptureFixture[str], arguments: dict[str, t.Any], said: t.Callable[[t.Any], None]) -> str:
    """What a program would print for the controller to read."""
    # Since ansible-core 2.21 the invocation is part of a result only where that is asked for.
    asked = {"_ansible_inject_invocation": True} if "inject_invocation" in basic.PASS_VARS else {}
    with _ansible_names.sent({**INTERNAL, **asked, **arguments}), pytest.raises(SystemExit):
        said(_module.Module(argument_spec=SPEC, supports_check_mode=True))
    result = json.loads(capsys.readouterr().out)
    # Not shown, but masked by the controller (ansible-core 2.22).
    result.pop("_ansible_new_secrets", None)
    assert result["invocation"]["module_args"]["token"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    return json.dumps(result)


@pytest.mark.usefixtures("_who_masks")
def test_a_program_prints_no_secret_whoever_masks(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"token": SECRET, "name": "n", "store": {"record": json.dumps({"token_value": "v4lu3-9876"}), "path": "p"}}
    for end in (
        lambda module: module.exit_json(said=[{SECRET: f"got {SECRET}"}], store=module.params["store"]),
        lambda module: module.fail_json(msg=f"no {SECRET}", error={"message": f"no {SECRET}"}),
    ):
        text = printed(capsys, given, end)
        assert SECRET not in text and "v4lu3-9876" not in text and '"name": "n"' in text


@pytest.mark.usefixtures("_who_masks")
def test_a_program_that_was_called_wrongly_prints_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with _ansible_names.sent({**INTERNAL, "token": SECRET, "nonsense": 1}), pytest.raises(SystemExit):
        _module.Module(argument_spec=SPEC, supports_check_mode=True)
    result = json.loads(capsys.readouterr().out)
    result.pop("_ansible_new_secrets", None)
    assert result["failed"] and "nonsense" in result["msg"] and SECRET not in json.dumps(result)


def test_what_ansible_adds_to_a_result_holds_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with _ansible_names.sent({**INTERNAL, "token": SECRET}):
        module = _module.Module(argument_spec=SPEC, supports_check_mode=True)
        # Where a program's warnings and tracebacks come by.
        module._record_module_result({"warnings": [f"odd: {SECRET}"], "exception": SECRET})
    result = json.loads(capsys.readouterr().out)
    assert result == {"warnings": ["odd: ********"], "exception": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}


def test_progress_and_crashes_hide_secrets_that_nobody_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = property(lambda self: set(), lambda self, value: None)
    monkeypatch.setattr(basic.AnsibleModule, "no_log_values", nothing, raising=False)
    lines: list[str] = []

    def main() -> None:
        module = _module._build(argument_spec=SPEC, supports_check_mode=True)
        module.notify(f"waiting with {SECRET}")
        print(f"on the way with {SECRET}", file=sys.stderr)
        raise ValueError(SECRET)

    result = _worker_module.Run({**INTERNAL, "token": SECRET}, lines.append, None).of(main)
    assert lines == ["waiting with ********"] and SECRET not in repr(result)
