# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module inside the worker: where its options come from, when it may run there, and how it ends."""

from __future__ import annotations

import os
import sys
import types
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from ansible.module_utils import basic

from ansible_collections.lakeops.databricks.plugins.module_utils._engine import module as _module
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _host_options, _in_process, _worker_module

SECRET = "dapi-0123456789abcdef"
# Since ansible-core 2.21 the invocation is part of a result only where that is asked for.
ASKED = {"_ansible_inject_invocation": True} if "inject_invocation" in basic.PASS_VARS else {}
INTERNAL = {"_ansible_module_name": "lakeops.databricks.probe", "_ansible_check_mode": False, "_ansible_no_log": True}


# -- options from the inventory ---------------------------------------------------------------
def filled(options: dict[str, t.Any], **variables: t.Any) -> dict[str, t.Any]:
    return _host_options.fill(options, {f"databricks_{name}": value for name, value in variables.items()}.get)


def test_every_connection_option_has_a_host_variable():
    given = {name: f"value of {name}" for name in connection.SPEC}
    assert filled({}, **given) == given


def test_the_task_beats_the_inventory():
    assert filled({"host": "https://a", "http_timeout": 5}, host="https://b", http_timeout=9, token="t") == {
        "host": "https://a",
        "http_timeout": 5,
        "token": "t",
    }


def test_an_option_that_is_none_counts_as_left_out():
    assert filled({"host": None}, host="https://b") == {"host": "https://b"}


@pytest.mark.parametrize("option", sorted(_host_options.CREDENTIALS - {"profile"}))
def test_credentials_of_task_and_inventory_are_never_mixed(option):
    inventory = {"host": "https://b", "ca_cert": "/ca", **dict.fromkeys(_host_options.CREDENTIALS, "inventory")}
    assert filled({option: "task"}, **inventory) == {option: "task", "host": "https://b", "ca_cert": "/ca"}


def test_the_credentials_of_a_profile_go_to_no_other_host():
    assert filled({"profile": "p"}, host="https://b", token="t", http_timeout=9) == {"profile": "p", "http_timeout": 9}


def test_the_inventorys_workspace_goes_to_no_other_host():
    assert filled({"host": "https://a"}, host="https://b", workspace_id="1") == {"host": "https://a"}
    assert filled({"profile": "p"}, host="https://b", workspace_id="1") == {"profile": "p"}
    assert filled({}, host="https://b", workspace_id="1") == {"host": "https://b", "workspace_id": "1"}


def test_what_surrounds_a_value_is_taken_off_wherever_it_came_from():
    assert filled({"host": " https://a\n", "name": " n "}, token="\ufeff't'\r\n") == {
        "host": "https://a",
        "name": " n ",
        "token": "t",
    }


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (
            {"failed": True, "msg": "token: is odd.", "error": {"option": "token"}},
            "token (variable databricks_token of the host): is odd.",
        ),
        ({"failed": True, "msg": "host: is odd.", "error": {"option": "host"}}, "host: is odd."),
        ({"failed": True, "msg": "Could not read.", "error": {"code": "X"}}, "Could not read."),
        ({"failed": True, "msg": "Could not read."}, "Could not read."),
    ],
)
def test_a_refusal_names_the_variable_that_the_value_came_from(result, said):
    assert _host_options.explained(result, {"token"})["msg"] == said


def test_every_secret_option_is_a_credential():
    assert set(connection.SECRETS) <= _host_options.CREDENTIALS


# -- which way --------------------------------------------------------------------------------
class Templar:
    def template(self, value: t.Any) -> t.Any:
        return value


class Action(_in_process.ActionModule):
    """Without a play around it."""

    def __init__(self, *, transport: str = "local", become: t.Any = None, asynchronous: int = 0) -> None:
        self._connection = types.SimpleNamespace(transport=transport, become=become)
        self._task = types.SimpleNamespace(async_val=asynchronous, no_log=False, delegate_to=None)
        self._templar = Templar()


def obstacle(action: Action | None = None, environment: dict[str, str] | None = None, **variables: t.Any) -> str | None:
    return (action or Action())._obstacle(variables, environment or {})


@pytest.fixture
def linux(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("choice", [None, "auto", "always"])
def test_a_plain_task_on_this_machine_runs_inside_the_worker(choice):
    assert obstacle(databricks_in_process=choice) is None
    assert (
        obstacle(environment={"DATABRICKS_HOST": "https://a", "HTTPS_PROXY": "p"}, databricks_in_process=choice) is None
    )


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize(
    ("action", "environment", "reason"),
    [
        (Action(transport="ssh"), {}, "the connection is ssh"),
        (Action(become=object()), {}, "becomes another user"),
        (Action(asynchronous=60), {}, "asynchronous"),
        (Action(), {"LD_PRELOAD": "x.so"}, "LD_PRELOAD"),
        (Action(), {"PYTHONPATH": "/x"}, "PYTHONPATH"),
        (Action(), {"TZ": "UTC"}, "TZ"),
    ],
)
@pytest.mark.parametrize("choice", ["auto", "always"])
def test_what_the_worker_cannot_do_runs_as_a_program(action, environment, reason, choice):
    assert reason in obstacle(action, environment, databricks_in_process=choice)


@pytest.mark.usefixtures("linux")
def test_without_the_sdk_the_module_says_itself_what_is_missing(monkeypatch):
    monkeypatch.setattr(_in_process, "SDK_PROBLEM", "the Databricks SDK cannot be imported")
    assert "SDK" in obstacle()


@pytest.mark.usefixtures("linux")
def test_the_inventory_may_forbid_it():
    assert "never" in obstacle(databricks_in_process="never")


def test_macos_needs_a_wish(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "macOS" in obstacle()
    assert obstacle(databricks_in_process="always") is None


def test_another_choice_is_refused():
    with pytest.raises(AnsibleActionFail, match="databricks_in_process is 'sometimes'; give auto, always or never"):
        obstacle(databricks_in_process="sometimes")


# -- the interpreter of a program -------------------------------------------------------------
def test_a_program_on_this_machine_gets_the_python_of_the_play():
    given = {"ansible_playbook_python": "/venv/bin/python"}
    assert Action()._with_interpreter(given)["ansible_python_interpreter"] == "/venv/bin/python"
    assert "ansible_python_interpreter" not in given


def test_an_interpreter_that_the_user_chose_stays():
    given = {"ansible_playbook_python": "/venv/bin/python", "ansible_python_interpreter": "/usr/bin/python3"}
    assert Action()._with_interpreter(given) == given


def test_another_machine_has_its_own_python():
    assert Action(transport="ssh")._with_interpreter({"ansible_playbook_python": "/venv/bin/python"}) == {
        "ansible_playbook_python": "/venv/bin/python"
    }


def test_a_delegated_program_gets_it_through_the_variables_of_that_host():
    action = Action()
    action._task.delegate_to = "near"
    done = action._with_interpreter({"ansible_playbook_python": "/p", "ansible_delegated_vars": {"near": {"a": 1}}})
    assert done["ansible_delegated_vars"] == {"near": {"a": 1, "ansible_python_interpreter": "/p"}}


# -- a run ------------------------------------------------------------------------------------
def probe(body: t.Callable[[t.Any], None], **spec: t.Any) -> t.Callable[[], None]:
    """The main() of a module, as _engine/module.py builds them."""
    argument_spec = {
        "name": {"type": "str"},
        "warehouse": {"type": "str"},
        "count": {"type": "int"},
        "token": {"type": "str", "no_log": True},
    }

    def main() -> None:
        body(_module._build(argument_spec=argument_spec, supports_check_mode=True, **spec))

    return main


def run(body: t.Callable[[t.Any], None], arguments: dict[str, t.Any] | None = None, **spec: t.Any) -> dict[str, t.Any]:
    lines: list[str] = []
    sent = {**INTERNAL, "token": SECRET, **(arguments or {})}
    result = _worker_module.Run(sent, lines.append, None).of(probe(body, **spec))
    # What ansible-core 2.22 is to mask on the screen; it drops this when it reads a result.
    result.pop("_ansible_new_secrets", None)
    return result


@pytest.fixture(params=["as it is", "as in ansible-core 2.22"])
def _who_masks(request, monkeypatch):
    if request.param == "as in ansible-core 2.22" and hasattr(basic, "remove_values"):
        monkeypatch.setattr(basic, "remove_values", lambda value, secrets: value)


@pytest.mark.usefixtures("_who_masks")
def test_secrets_are_masked_in_whatever_the_module_returns():
    result = run(
        lambda module: module.exit_json(changed=True, said=[{"deep": f"got {SECRET}", f"of {SECRET}": (SECRET,)}])
    )
    assert result["said"] == [{"deep": "got ********", "of ********": ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]}]
    assert result["changed"] is True
    assert SECRET not in repr(result)


@pytest.mark.parametrize("form", [" {}\n", "\ufeff{}", "'{}'"])
def test_a_secret_is_masked_in_every_form_in_which_it_may_be_met(form):
    def body(module: t.Any) -> None:
        _module._mask_as_meant(module)
        module.exit_json(said=f"sent <{SECRET}>", given=f"<{module.params['token']}>")

    result = run(body, {"token": form.format(SECRET)})
    assert SECRET not in repr(result)
    assert result["said"] == "sent <********>"


def test_the_password_of_a_connection_string_is_masked():
    pat = "dapi" + "6" * 32

    def body(module: t.Any) -> None:
        _module._mask_as_meant(module)
        module.exit_json(said="done")

    given = f"jdbc:databricks://h;PWD={pat};httpPath=/sql/1.0/warehouses/1"
    result = run(body, {"warehouse": given, **ASKED})
    assert pat not in repr(result) and "httpPath=/sql/1.0/warehouses/1" in repr(result)


def test_blanks_as_a_secret_blot_out_nothing():
    def body(module: t.Any) -> None:
        _module._mask_as_meant(module)
        module.exit_json(said="one two three")

    assert run(body, {"token": " "})["said"] == "one two three"


@pytest.mark.usefixtures("_who_masks")
def test_and_in_what_it_says_when_it_fails_or_was_called_wrongly():
    failed = run(lambda module: module.fail_json(msg=f"no {SECRET}", error={"message": f"no {SECRET}"}))
    assert (failed["msg"], failed["error"]) == ("no ********", {"message": "no ********"})
    assert SECRET not in repr(run(lambda module: module.exit_json(), {"nonsense": SECRET, **ASKED}))
    done = run(lambda module: module.exit_json(), ASKED)
    assert not done.get("failed")
    assert done["invocation"]["module_args"]["token"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


@pytest.mark.parametrize("secret", [" ", "a", "   "])
def test_what_is_too_short_for_a_secret_blots_nothing_out(monkeypatch, secret):
    if hasattr(basic, "remove_values"):
        monkeypatch.setattr(basic, "remove_values", lambda value, secrets: value)
    assert run(lambda module: module.exit_json(said="a cat sat"), {"token": secret})["said"] == "a cat sat"


def test_arguments_are_converted_and_refused_as_by_the_program():
    assert run(lambda module: module.exit_json(got=module.params["count"]), {"count": "7"})["got"] == 7
    refused = run(lambda module: module.exit_json(), {"count": "many"})
    assert refused["failed"]
    assert refused["msg"].startswith("argument 'count' is of type str and we were unable to convert to int")
    unknown = run(lambda module: module.exit_json(), {"nonsense": 1})
    assert "Unsupported parameters for (lakeops.databricks.probe) module: nonsense" in unknown["msg"]
    both = run(lambda module: module.exit_json(), {"name": "a", "count": 1}, mutually_exclusive=[("name", "count")])
    assert both["msg"] == "parameters are mutually exclusive: name|count"


def test_check_mode_arrives():
    assert run(lambda module: module.exit_json(check=module.check_mode), {"_ansible_check_mode": True})["check"] is True


def test_progress_lines_hide_secrets():
    lines: list[str] = []

    def body(module: t.Any) -> None:
        module.notify(f"waiting with {SECRET}")
        module.exit_json()

    _worker_module.Run({**INTERNAL, "token": SECRET}, lines.append, None).of(probe(body))
    assert lines == ["waiting with ********"]


class Panic(BaseException):
    """What libraries written in other languages throw."""


@pytest.mark.parametrize("kind", [ValueError, Panic, MemoryError])
def test_a_crash_fails_the_task_and_keeps_its_secrets(kind):
    def body(module: t.Any) -> None:
        print("on the way")
        raise kind(f"broken by {SECRET}")

    result = run(body)
    assert result["failed"]
    assert not result["changed"]
    assert result["msg"] == f"The module crashed: {kind.__name__}: broken by ********."
    assert result["module_stdout"] == "on the way\n"
    assert "Traceback" in result["module_stderr"]
    assert SECRET not in repr(result)


def test_a_crash_before_the_arguments_were_read_keeps_its_secrets():
    def main() -> None:
        raise ValueError(SECRET)

    assert SECRET not in repr(_worker_module.Run({"token": SECRET}, print, None).of(main))


def test_a_module_that_says_nothing_has_failed():
    def body(module: t.Any) -> None:
        sys.exit(3)

    assert run(body)["msg"] == "The module ended without a result (exit status 3)."
    assert run(lambda module: None)["msg"] == "The module ended without a result."


def test_a_module_that_crashes_after_its_result_has_failed():
    def body(module: t.Any) -> None:
        try:
            module.exit_json(changed=True)
        finally:
            raise OSError("disk full")

    assert run(body)["msg"] == "The module crashed: OSError: disk full."


def test_who_stops_the_worker_is_not_held_up():
    def body(module: t.Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(body)


def test_nothing_of_a_run_is_left_behind():
    names = ("_ANSIBLE_ARGS", "_ANSIBLE_PROFILE", "_PARSED_MODULE_ARGS")
    before = [getattr(basic, name) for name in names], _module._build, sys.stdout, sys.stderr
    run(lambda module: module.exit_json())
    assert ([getattr(basic, name) for name in names], _module._build, sys.stdout, sys.stderr) == before


def test_surroundings_are_those_of_a_program_and_then_as_before(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKEOPS_KEPT", "before")
    monkeypatch.delenv("LAKEOPS_NEW", raising=False)
    place = Path.cwd()

    def stumble() -> None:
        with _worker_module.surroundings({"LAKEOPS_KEPT": "during", "LAKEOPS_NEW": "1"}, str(tmp_path)):
            assert (os.environ["LAKEOPS_KEPT"], os.environ["LAKEOPS_NEW"], Path.cwd()) == ("during", "1", tmp_path)
            os.environ["REQUESTS_CA_BUNDLE"] = "/ca"
            raise ValueError

    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with pytest.raises(ValueError):
        stumble()
    assert os.environ["LAKEOPS_KEPT"] == "before"
    assert not {"LAKEOPS_NEW", "REQUESTS_CA_BUNDLE"} & set(os.environ)
    assert Path.cwd() == place


# -- what only the worker can offer -----------------------------------------------------------
def test_progress_is_shown_at_most_every_three_seconds(monkeypatch):
    shown: list[str] = []
    now = [100.0]
    monkeypatch.setattr(_in_process._display, "display", shown.append)
    monkeypatch.setattr(_in_process.time, "monotonic", lambda: now[0])
    notify = Action()._progress("warehouse_info", "acme")
    for tenth in range(70):
        now[0] = 100 + tenth / 10
        notify(f"after {tenth / 10} s")
    assert shown == [f"warehouse_info: [acme] after {second} s" for second in (0.0, 3.0, 6.0)]


def test_a_task_with_no_log_shows_no_progress(monkeypatch):
    shown: list[str] = []
    monkeypatch.setattr(_in_process._display, "display", shown.append)
    action = Action()
    action._task.no_log = True
    action._progress("token", "acme")("waiting")
    assert shown == []


def test_what_no_module_would_get_is_named_by_its_option() -> None:
    bytes_ = bytes(range(256)).decode("utf-8", "surrogateescape")
    given = {"host": "https://a", "store": {"type": "tasks", "record": bytes_}, "names": ["fine", "\ud800"], "more": 3}
    assert list(_in_process.no_text(given)) == ["store.record", "names"]
