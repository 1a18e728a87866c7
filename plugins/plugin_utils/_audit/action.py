# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of module report_audit: it reads on the machine that runs the play, and calls no workspace."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._common.version import VERSION

from .. import _paths
from .._reports import files
from . import audit, rendering

PAGE, DOCUMENT = "audit.html", "audit.json"
SPEC: Json = {
    "directories": {"type": "list", "elements": "str", "required": True},
    "workspaces": {"type": "list", "elements": "str"},
    "since": {"type": "raw"},
    "signers": {"type": "str"},
    "copies": {"type": "str"},
    "destination": {"type": "str"},
    "language": {"type": "str", "choices": ["en", "ko"], "default": "en"},
}


class ActionModule(ActionBase):
    """Reads all reports, and says whether they are those that were written."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Json | None = None) -> Json:
        result = super().run(None, task_vars)
        _validated, given = self.validate_argument_spec(argument_spec=SPEC)
        base = _paths.base(self._loader.get_basedir(), (task_vars or {}).get("inventory_dir"))

        def place(value: str | None) -> Path | None:
            return Path(_paths.on_this_machine(value, base)) if value else None

        try:
            since = audit.since(given["since"])
        except ValueError as refusal:
            raise AnsibleActionFail(f"since: {refusal}") from None
        signers, copies = place(given["signers"]), place(given["copies"])
        if signers is not None and not signers.is_file():
            raise AnsibleActionFail(f"signers: there is no file {signers}.")
        if copies is not None and not copies.is_dir():
            raise AnsibleActionFail(f"copies: there is no directory {copies}.")
        directories = [found for directory in given["directories"] if (found := place(directory))]
        try:
            document = audit.read(
                audit.Wish(directories, given["workspaces"], since, signers, copies), datetime.now(UTC)
            )
        except files.Locked:
            raise AnsibleActionFail("directories: a run has been writing there for minutes.") from None
        except audit.NothingThere as nothing:
            raise AnsibleActionFail(f"directories: {nothing}") from None
        except OSError as error:
            where = error.filename or directories[0]
            raise AnsibleActionFail(f"directories: could not read {where}: {error.strerror}.") from None
        written = self._write(place(given["destination"]) or directories[0], document, given["language"])
        return {**result, **_result(document, written)}

    def _write(self, destination: Path, document: Json, language: str) -> Json:
        """Keep both, unless this is check mode. They can be made again, so the next audit replaces them."""
        sentences = [[finding.sentence(language) for finding in chain.pop("said")] for chain in document["chains"]]
        page = rendering.page(document, sentences, language, VERSION, destination)
        if self._task.check_mode:
            return {"html": None, "json": None}
        try:
            files.make(destination)
            files.replace(destination / PAGE, page)
            files.replace(
                destination / DOCUMENT, json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
            )
        except OSError as error:
            where = error.filename or destination
            raise AnsibleActionFail(f"destination: could not write {where}: {error.strerror}.") from None
        return {"html": str(destination / PAGE), "json": str(destination / DOCUMENT)}


def _result(document: Json, written: Json) -> Json:
    lines = rendering.screen(document)
    counts = {
        "runs": sum(len(chain["runs"]) for chain in document["chains"]),
        "changes": sum(len(chain["events"]) for chain in document["chains"]),
    }
    found = [
        {"workspace": chain["workspace"], "partner": chain["partner"], **finding}
        for chain in document["chains"]
        for finding in chain["findings"]
    ]
    result = {"changed": False, "status": document["status"], **counts, "findings": found, **written, "lines": lines}
    if document["status"] == "broken":
        bad = [f"{one['workspace']}, {one['partner']}: {one['line']}" for one in found if one["level"] == "broken"]
        where = [f"Page: {written['html']}"] if written["html"] else []
        return {
            **result,
            "failed": True,
            "msg": "\n- ".join(["The reports are not as they were written.", *bad, *where]),
        }
    return {**result, "_ansible_verbose_always": True}
