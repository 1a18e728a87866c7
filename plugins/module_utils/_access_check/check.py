# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Module access_check: read, judge, tell."""

from __future__ import annotations

from .._common.failure import at_least
from .._common.json_types import Json
from .._data_contract import roles
from .._role import people
from .._wire.workspace import Workspace
from . import audit_facts, data_contract, judging, reading
from .judging import Handover
from .wanted import wanted


def run(workspace: Workspace, params: Json, check: bool) -> Json:
    """From the options to the result. A check that fails is a result like any other.

    :raises BadOption: an option cannot be used
    :raises Failure: the workspace cannot be reached
    """
    reading.check_options(params)
    at_least("timeout", params["timeout"], 1)
    wish = wanted(params["profile"])
    stated = roles.said(params["data"])
    evidence = reading.read(workspace, wish, params, predict=check)
    judged = judging.judge(
        wish,
        evidence,
        strict=params["least_privilege"] == "strict",
        allowed=params["allowed_schemas"],
        handover=Handover.from_option(params["handover"], confirmed=params["confirmed"]),
    )
    return {
        "changed": False,
        "checks": [{**check.as_dict(), **audit_facts.how(check, wish, evidence)} for check in judged.checks],
        "summary": judged.summary(),
        "passed": judged.passed,
        "status": judged.status,
        "connection": judging.connection(wish, evidence) if judged.works else {},
        **data_contract.result(wish, evidence, stated),
        "check_data": params["check_data"],
        "runner": evidence.runner.ok,
        "found": audit_facts.found(wish, evidence),
        "caller": {"identity": evidence.caller, "sign_in": evidence.sign_in},
        "principal": evidence.me.value["user_name"] if evidence.me.ok else None,
        "people": people.updated((evidence.record.value or {}).get("people"), None),
        "workspace": {"host": evidence.hostname or None, "id": evidence.workspace_id},
    }
