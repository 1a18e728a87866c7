# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a report has the form that its format promises, as far as an audit reads it (files/report.schema.json).

Anybody may have changed a report, so what has another form is said to have it, and never read any further.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json


def has_its_form(report: Json) -> bool:
    """Whether everything is of the kind that the audit takes it for. More keys do no harm."""
    return _fits(report, _REPORT)


class _Or(t.NamedTuple):
    """Nothing, or what has this form."""

    form: t.Any


def _time(value: t.Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_REPORT: Json = {
    "run": {"id": str, "number": int, "entry": str, "mode": str, "written": _time},
    "chain": {"previous": _Or({"run": str, "sha256": str}), "lines_sha256": str, "page_sha256": str},
    "partner": {"id": str},
    "workspace": {"name": str},
    "principal": {"name": _Or(str), "id": _Or(str)},
    "operator": {"identity": _Or(str), "job": _Or({})},
    "found": {
        "access": _Or([{"securable": str, "name": str, "privileges": _Or([str])}]),
        "groups": _Or([str]),
        "owners": _Or({}),
    },
    "changed": _Or([{"method": str, "object": str, "granted": _Or([str]), "revoked": _Or([str])}]),
    "status": _Or(str),
}


def _fits(value: t.Any, form: t.Any) -> bool:
    if isinstance(form, _Or):
        return value is None or _fits(value, form.form)
    if isinstance(form, dict):
        return isinstance(value, dict) and all(_fits(value.get(key), one) for key, one in form.items())
    if isinstance(form, list):
        return isinstance(value, list) and all(_fits(one, form[0]) for one in value)
    if isinstance(form, type):
        return isinstance(value, form) and not (form is int and isinstance(value, bool))
    return bool(form(value))
