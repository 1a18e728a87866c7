# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of module report: it is all done in the worker, on the machine that runs the play.

With modules file, copy and template each workspace's report would start five programs, which took longer than all
else that a second run does.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import typing as t
from datetime import UTC, datetime
from pathlib import Path

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_core

from ansible_collections.lakeops.databricks.plugins.module_utils._common import scrub
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._common.version import VERSION
from ansible_collections.lakeops.databricks.plugins.module_utils._role import people
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import connection

from .. import _paths
from . import files, retention, writing

ENTRIES = ("preflight", "setup", "verify", "rotate", "offboard")
LANGUAGES = ("en", "ko")
SPEC: Json = {
    "directory": {"type": "str", "required": True},
    "workspace": {"type": "str", "required": True},
    "entry": {"type": "str", "required": True, "choices": ENTRIES},
    "mode": {"type": "str", "choices": ["run", "check"], "default": "run"},
    "language": {"type": "str", "choices": LANGUAGES, "default": "en"},
    "keep": {"type": "raw"},
    "sign_key": {"type": "str", "no_log": False},
    "report": {"type": "dict", "required": True},
    "show": {"type": "raw"},
    "failed": {"type": "dict"},
}
# What the schema asks for besides what is made here.
_KEYS = (
    *("operator", "workspace", "partner", "principal", "status", "passed", "summary", "wanted", "found", "changed"),
    *(
        "sql",
        "checks",
        "token",
        "handover",
        "connection",
        "asked_not_given",
        "people",
        "source",
    ),
)
# What it allows besides.
_MORE_KEYS = ("data", "data_summary", "plan")
_PARTNER = re.compile(r"[a-z][a-z0-9_]*")
# Variables that may hold a secret which no result should ever have told.
_SECRETS = (
    *(f"databricks_{name}" for name in connection.SECRETS),
    *("klaviyo_token", "partner_token", "ansible_password", "ansible_become_password"),
)


class ActionModule(ActionBase):
    """Keeps the report of a run."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Json | None = None) -> Json:
        result = super().run(None, task_vars)
        variables = task_vars or {}
        _validated, given = self.validate_argument_spec(argument_spec=SPEC)
        if given["failed"] is not None:
            return {**result, **self._ended_early(given, variables)}
        return {**result, **self._keep_one(given, self._document(given, variables), variables)}

    def _ended_early(self, given: Json, variables: Json) -> Json:
        """Fail with what failed, whatever becomes of the report."""
        failed = given["failed"].get("result") or {}
        secrets = self._secrets(variables)
        message = str(_masked(scrub.without(_message(failed), secrets)))
        try:
            document = self._document(given, variables)
            document |= {
                "status": "failed",
                "summary": {**document["summary"], "line": f"failed: {' '.join(message.split())}"},
                "failure": {"task": str(given["failed"].get("task") or ""), "message": message},
                "connection": {},
            }
            kept = self._keep_one({**given, "show": None}, document, variables)
            after = f"Report of this run, as far as it got: {kept['html']}" if "html" in kept else ""
        except AnsibleActionFail as why:
            # Where the report is what failed, that is said already.
            reason = "" if why.message in message else f" {why.message}"
            kept, after = {"changed": False}, f"There is no report of this run.{reason}"
        # What is more than a word or a number has been shown by what failed.
        said = failed.get("error")
        known: Json = said if isinstance(said, dict) else {}
        plain = {key: value for key, value in known.items() if value is None or isinstance(value, (str, int, float))}
        error = _masked(scrub.without(plain, secrets))
        return {
            **kept,
            **({"error": error} if error else {}),
            "failed": True,
            "msg": f"{message}\n{after}".rstrip(),
        }

    def _keep_one(self, given: Json, document: Json, variables: Json) -> Json:
        base = _paths.base(self._loader.get_basedir(), variables.get("inventory_dir"))
        directory = Path(_paths.on_this_machine(given["directory"], base))
        wish = writing.Wish(
            directory=directory,
            workspace=given["workspace"],
            entry=given["entry"],
            mode=given["mode"],
            language=given["language"],
            keep=_keep(given["keep"]),
            sign_key=Path(_paths.on_this_machine(given["sign_key"], base)) if given["sign_key"] else None,
            document=document,
        )
        if self._task.check_mode:
            return {"changed": False}
        try:
            kept = writing.write(wish)
        except files.Locked:
            raise AnsibleActionFail(f"directory: another run has been writing in {directory} for minutes.") from None
        except OSError as error:
            # Without its cause, which Ansible would add to the sentence that says it already.
            where = error.filename or directory
            raise AnsibleActionFail(f"directory: could not write {where}: {error.strerror}.") from None
        if kept.unsigned:
            raise AnsibleActionFail(f"sign_key: the report is kept in {kept.folder}, but not signed. {kept.unsigned}")
        shown = _review(wish.document, given["workspace"])
        if given["show"] is not None:
            shown |= {"shown": given["show"], "_ansible_verbose_always": True}
        return {
            **shown,
            "changed": False,
            "run": kept.run,
            "number": kept.number,
            "folder": str(kept.folder),
            "json": str(kept.folder / "report.json"),
            "html": str(kept.folder / "report.html"),
            "signature": str(kept.signature) if kept.signature else None,
            "sha256": kept.sha256,
            "index": str(kept.index),
            "removed": kept.removed,
        }

    def _document(self, given: Json, variables: Json) -> Json:
        """What was found, plain and without secrets, and what only this machine knows."""
        report, name = given["report"], given["workspace"]
        missing = [key for key in _KEYS if key not in report]
        if missing:
            raise AnsibleActionFail(
                f"report: lacks {', '.join(missing)}. The format is roles/partner/files/report.schema.json."
            )
        if not _PARTNER.fullmatch(str((report["partner"] or {}).get("id"))):
            raise AnsibleActionFail("report: partner.id is no short name of small letters, digits and underscores.")
        chosen = {key: report[key] for key in (*_KEYS, *_MORE_KEYS) if key in report}
        plain = json.loads(json.dumps(chosen, default=str))
        plain = _masked(scrub.without(plain, self._secrets(variables)))
        job = variables.get("awx_job_id") or variables.get("tower_job_id")
        launched_by = variables.get("awx_user_name") or variables.get("tower_user_name")
        for check in plain["checks"]:
            check["observed"] = check.pop("evidence", check.get("observed"))
        plain["operator"] |= {
            "login": _login(),
            "controller": platform.node(),
            "job": {"id": str(job), "user": str(launched_by or "")} if job else None,
        }
        plain["workspace"]["name"] = name
        plain["made_by"] = {
            "collection": "lakeops.databricks",
            "collection_version": VERSION,
            "ansible_core": ansible_core,
        }
        return plain

    def _secrets(self, variables: Json) -> list[t.Any]:
        found = []
        for name in _SECRETS:
            if variables.get(name):
                try:
                    found.append(self._templar.template(variables[name]))
                except AnsibleError:  # then nothing that was told can hold it
                    continue
        return found


def _message(failed: Json) -> str:
    """What a task that failed said; of a loop, what those said that failed."""
    each = [
        str(result.get("msg"))
        for result in failed.get("results") or ()
        if isinstance(result, dict) and result.get("failed")
    ]
    return "\n".join(each) or str(failed.get("msg") or "The task failed and did not say why.")


def _keep(value: t.Any) -> retention.Keep:
    try:
        return retention.keep(value)
    except ValueError as refusal:
        raise AnsibleActionFail(f"keep: {refusal}") from None


def _review(document: Json, workspace: str) -> Json:
    """A warning from thirty days before a review is due, which every run comes by, verified or not."""
    due = people.review_due(document["people"], datetime.now(UTC).date())
    if due is None or document["status"] == "removed":
        return {}
    owner = document["people"].get("owner")
    asked = f" Ask {owner} whether it is still needed." if owner else ""
    return {"warnings": [f"{workspace}: a review of this access is due by {due}.{asked} Nothing ends on that day."]}


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return str(os.getuid())


def _masked(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return scrub.scrub(value)
    if isinstance(value, dict):
        return {key: _masked(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_masked(held) for held in value]
    return value
