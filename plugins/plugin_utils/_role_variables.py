# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of module access_profile: the variables of a role, read by the worker itself.

They are where the play runs, whatever the connection of the host, and some hold secrets: what is sent to no module can
show up in no module's arguments.
"""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.lakeops.databricks.plugins.filter.wanted_access import wanted_access
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._role import inputs, people, values, work
from ansible_collections.lakeops.databricks.plugins.module_utils._role import store as role_store
from ansible_collections.lakeops.databricks.plugins.module_utils._token import durability, store_commands

from . import _ansible_names, _paths
from ._reports import signing

_Loader: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SHIPPED = Path(__file__).resolve().parents[2] / "roles" / "partner" / "profiles"
_SHOWN_BY_THE_STORE = "as your own store shows it"

SPEC: Json = {
    "prefix": {"type": "str", "required": True},
    "known": {"type": "list", "elements": "str", "default": []},
    "profile": {"type": "path"},
    "said": {"type": "dict"},
    "existing": {"type": "dict", "default": {}},
    "plan": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):
    """Cleans the variables of a role."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Json | None = None) -> Json:
        variables = dict(task_vars or {})
        result = super().run(None, variables)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        try:
            reading = Reading(self._loader, self._templar, variables, self._task.check_mode)
            found, warnings = reading.of(**options)
        except BadOption as refusal:
            return {**result, "failed": True, "changed": False, "msg": str(refusal), "error": refusal.as_dict()}
        return {**result, "changed": False, **found, **({"warnings": warnings} if warnings else {})}


class Reading:
    """Reads the variables of one host as they are meant; for the module's action and for the lookup.

    :param variables: of the host, not templated yet
    :param check_mode: of the task that reads; a keyword of the play may say another mode than the variable
        ansible_check_mode, which knows the command line only
    """

    def __init__(self, loader: t.Any, templar: t.Any, variables: Json, check_mode: bool | None = None) -> None:
        self._loader, self._templar, self._variables = loader, templar, variables
        self._check_mode = bool(variables.get("ansible_check_mode") if check_mode is None else check_mode)

    def of(
        self,
        prefix: str,
        known: t.Iterable[str] = (),
        profile: str | None = None,
        said: Json | None = None,
        existing: Json | None = None,
        plan: bool = False,
    ) -> tuple[Json, list[str]]:
        """What the module returns, and its warnings.

        :raises BadOption: a variable cannot be meant
        """
        variables = self._variables
        if not re.fullmatch(r"[a-z][a-z0-9_]*", prefix):
            raise AnsibleActionFail(f"prefix: {prefix!r} is not the beginning of a variable. Give a word like klaviyo.")
        if said is not None:
            if profile is None:
                raise AnsibleActionFail("profile: is needed with said.")
            return self._of_said(prefix, profile, said, existing, plan), []
        given = {name: self._value(variables, f"{prefix}_{name}") for name in inputs.NAMES}
        own_token = self._value(variables, "databricks_token")
        cleaned = inputs.clean(prefix, given, self._defaults(prefix, variables, given), own_token)
        self._check_plan(prefix, cleaned.variables["plan"], plan)
        self._try_key(prefix, cleaned.variables)
        self._try_reports(prefix, cleaned.variables["report_dir"])
        self._check_store(f"{prefix}_token_store", cleaned.variables["token_store"])
        hand_over = self._file_of_tasks(f"{prefix}_hand_over", cleaned.variables["hand_over"], variables)
        found = {
            "variables": {**cleaned.variables, "hand_over": hand_over},
            "store": self._kept(cleaned.variables["token_store"], given.get("token_store"), variables),
        }
        if profile:
            document = self._document(profile)
            names = {*document["variables"], *people.NAMES, "principal_name"}
            wanted = wanted_access(
                document, {name: value for name, value in cleaned.variables.items() if name in names}
            )
            settled = _settled(found["variables"], found["store"])
            found["work"] = self._work(prefix, settled, wanted)
        return found, [*cleaned.warnings, *inputs.misspelt(prefix, variables, known)]

    def _of_said(self, prefix: str, path: str, said: Json, existing: Json | None, plan: bool) -> Json:
        """For a role whose variables are the profile's: what it said, with its store and without its token.

        Neither of the two is an argument, since some stores name their own credentials.
        """
        said = inputs.said(prefix, said)
        option = f"{prefix}_token_store"
        given = self._value(self._variables, option)
        store = role_store.clean(option, given)
        self._check_store(option, store)
        kept = self._kept(store, given, self._variables)
        self._try_key(prefix, said)
        self._try_reports(prefix, said["report_dir"])
        try:
            values.kept(said.get("report_keep"))
        except ValueError as why:
            raise BadOption(f"{prefix}_report_keep", str(why)) from None
        plans = inputs.plans(f"{prefix}_plan", said.get("plan"))
        self._check_plan(prefix, plans, plan)
        responsible = dict(said["people"])
        if responsible.get("review_by"):
            responsible["review_by"] = people.day(f"{prefix}_review_by", responsible["review_by"])
        settled = {
            **said,
            "plan": plans,
            "hand_over": self._file_of_tasks(f"{prefix}_hand_over", said.get("hand_over") or "", self._variables),
            "people": responsible,
            "token_store": store,
            "token_given": bool(self._value(self._variables, f"{prefix}_token")),
        }
        settled |= {"show_token": kept["command"] or _SHOWN_BY_THE_STORE, "store_notes": kept["notes"]}
        named = {**said["variables"], "principal_name": said["principal_name"], **responsible}
        wanted = wanted_access(self._document_of(f"{prefix}_profile", path), named, existing)
        return {"work": self._work(prefix, settled, wanted)}

    def _work(self, prefix: str, settled: Json, wanted: Json) -> Json:
        return {"prefix": f"{prefix}_", "check_mode": self._check_mode, **work.settled(settled, wanted)}

    def _document_of(self, option: str, path: str) -> t.Any:
        """The access profile that a variable names, which may be one of ours."""
        if not Path(self._loader.path_dwim(path)).is_file():
            if Path(path).resolve().parent == _SHIPPED:
                ours = ", ".join(sorted(file.stem for file in _SHIPPED.glob("*.yml")))
                raise BadOption(
                    option,
                    f"is {Path(path).stem!r}, and no profile of this name ships with the role. Give one of {ours}, or "
                    "the path of your own.",
                )
            raise BadOption(option, f"{path} is no file. Give the path of your profile, or the name of one of ours.")
        try:
            return self._document(path)
        except AnsibleError as error:
            raise BadOption(option, f"{path} cannot be read: {error}") from error

    def _document(self, path: str) -> t.Any:
        """The access profile. Ansible's loader marks each text with where it stands, which takes six times as long."""
        try:
            return yaml.load(self._loader.get_text_file_contents(path).encode(), Loader=_Loader)  # noqa: S506  a safe one
        except yaml.YAMLError:
            return self._loader.load_from_file(path)  # it says where the file is wrong, and knows Ansible's own tags

    def _value(self, variables: Json, name: str) -> t.Any:
        if variables.get(name) is None:
            return None
        try:
            value = self._templar.template(variables[name])
        except AnsibleError as error:
            raise BadOption(name, f"cannot be used: {error}") from error
        return None if value == variables.get("omit") else value

    def _file_of_tasks(self, option: str, path: str, variables: Json) -> str:
        """A file of the user's own tasks, absolute: the role that includes it lies elsewhere. Blank for none."""
        if not path:
            return ""
        folder = _paths.base(self._loader.get_basedir(), variables.get("inventory_dir"))
        found = _paths.on_this_machine(path, folder)
        if not Path(found).is_file():
            raise BadOption(option, f"{found} is no file. Give the path of your file of tasks.")
        self._check_tasks(option, found, "handed_over", "the connection")
        return found

    def _check_store(self, option: str, store: Json) -> None:
        """The files of a store of the user's own tasks, as far as they lie where Ansible looks first."""
        for key in ("get", "put"):
            path = _paths.on_this_machine(str(store.get(key) or ""), self._loader.get_basedir())
            if store.get(key) and Path(path).is_file():
                self._check_tasks(f"{option}.{key}", path, "store_record", "the record")

    def _check_tasks(self, option: str, path: str, hidden: str, shown: str) -> None:
        """What Ansible cannot read would end the runs of all hosts, after tokens were made; and it prints names.

        :param hidden: of which variable a name must not speak
        :param shown: what it would show
        """
        try:
            tasks = self._loader.load_from_file(path)
        except AnsibleError as error:
            raise BadOption(option, f"{path} cannot be read: {error}") from error
        if tasks is not None and not (isinstance(tasks, list) and all(isinstance(task, dict) for task in tasks)):
            raise BadOption(option, f"{path} holds no list of tasks.")
        for task in _single_tasks(tasks):
            name = str(task.get("name") or "")
            if re.search(rf"{{[{{%].*{hidden}", name, re.DOTALL):
                raise BadOption(option, f"{path}: the task {name!r} would show {shown}, since names are printed.")
            why = None if "block" in task else _ansible_names.why_no_task(task)
            if why:
                raise BadOption(option, f"{path}: the task {name!r} is none that Ansible can run: {why}")

    def _check_plan(self, prefix: str, plans: list[str], plan: bool) -> None:
        """A plan that would be passed over in silence is refused."""
        if not plans:
            return
        option, variables = f"{prefix}_plan", self._variables
        if not plan:
            raise BadOption(option, "is for a whole set-up, begun at its first task. Leave it out here.")
        tags = (variables.get("ansible_run_tags", ["all"]), variables.get("ansible_skip_tags", []))
        if [list(tag) for tag in tags] != [["all"], []]:
            raise BadOption(option, "is the plan of a whole set-up. Leave --tags and --skip-tags out.")

    def _try_key(self, prefix: str, variables: Json) -> None:
        """A key that cannot sign the report at the end of the run is refused before anything is changed."""
        if not variables["report_sign_key"]:
            return
        folder = _paths.base(self._loader.get_basedir(), self._variables.get("inventory_dir"))
        key = Path(_paths.on_this_machine(variables["report_sign_key"], folder))
        try:
            signing.fingerprint(key)
        except signing.NoSignature as why:
            raise BadOption(f"{prefix}_report_sign_key", f"{key} cannot sign reports. {why}") from None

    def _try_reports(self, prefix: str, directory: str) -> None:
        """A place where no report can be kept is refused before anything is changed, too."""
        folder = _paths.base(self._loader.get_basedir(), self._variables.get("inventory_dir"))
        path = Path(_paths.on_this_machine(directory, folder))
        nearest = next(one for one in (path, *path.parents) if os.path.lexists(one))
        option = f"{prefix}_report_dir"
        if not nearest.is_dir():
            raise BadOption(option, f"{nearest} is no directory. Give a directory for the reports.")
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise BadOption(option, f"this user may not write in {nearest}. Give another directory for the reports.")

    def _kept(self, store: Json, given: t.Any, variables: Json) -> Json:
        """How a person gets the token out of the store, and what to know about the place."""
        whole = {**given, **store} if isinstance(given, dict) else store
        path = Path(str(store.get("path") or "")).expanduser()
        encrypted = _ansible_names.vault(self._loader) is not None or _is_encrypted(path)
        host = self._value(variables, "databricks_host")
        command = store_commands.command(whole, host=host, encrypted=encrypted)
        return {"command": command, "notes": store_commands.notes(store)}

    def _defaults(self, prefix: str, variables: Json, given: Json) -> Json:
        """Of what depends on the host: a file that the next run finds, wherever it is started, and the reports."""
        reports = f"{prefix}-reports"
        if not values.is_blank(given.get("token_store")):
            return {"report_dir": reports}
        option = f"{prefix}_token_store"
        address = self._address(variables)
        if address is None:
            raise BadOption(
                option,
                "is missing, and without the variable databricks_host no place can be named after the workspace. Give "
                "a place that the next run finds, like {type: file, path: /srv/tokens/production.json}.",
            )
        who = str(given.get("principal_name") or "").strip() or inputs.DEFAULTS["principal_name"]
        # Not the inventory's name: a host that is renamed, or two hosts for two catalogs, mean the same token.
        name = re.sub(r"[^\w.@-]+", "_", who).strip(".") or prefix
        path = f"~/.lakeops/{prefix}/{re.sub(r'[^A-Za-z0-9.-]+', '_', address)}/{name}.json"
        reason = durability.why_it_may_vanish(str(Path(path).expanduser()))
        if reason:
            raise BadOption(
                option,
                f"is missing, and the default, {path}, may be gone before the next run: {reason}. Then nobody would "
                "know the token that the partner uses. Give a store that lasts.",
            )
        return {"report_dir": reports, "token_store": {"type": "file", "path": path}}

    def _address(self, variables: Json) -> str | None:
        """The workspace's address without scheme, if the host or the environment says it."""
        address = self._value(variables, "databricks_host") or os.environ.get("DATABRICKS_HOST")
        if not isinstance(address, str) or not address.strip():
            return None
        text = address.strip()
        return urlsplit(text if "://" in text else f"https://{text}").netloc.lower() or None


def _settled(variables: Json, store: Json) -> Json:
    """What the role of one partner says, in the words of role partner."""
    days = ("lifetime_days", "renew_before_days", "grace_days")
    return {
        **variables,
        "token_rules": {name: variables[f"token_{name}"] for name in days},
        "show_token": store["command"] or _SHOWN_BY_THE_STORE,
        "store_notes": store["notes"],
    }


def _single_tasks(tasks: t.Any) -> t.Iterator[Json]:
    """Tasks and the blocks that they stand in, as they are written."""
    for task in tasks if isinstance(tasks, list) else ():
        if isinstance(task, dict):
            yield task
            for part in ("block", "rescue", "always"):
                yield from _single_tasks(task.get(part))


def _is_encrypted(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(14) == b"$ANSIBLE_VAULT"
    except OSError:
        return False
