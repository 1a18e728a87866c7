# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence + what was wanted -> one verdict per check. Pure: it reads registered results and asks nobody.

Each check is data: ``id``, ``title``, ``guide`` (section of the partner's guide), ``kind``, and what the kind needs.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Data = dict[str, t.Any]
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class Verdict:
    result: str
    evidence: str


def evaluate(checks: list[Data], evidence: Data) -> list[Data]:
    """Judge every check; one that fails never keeps the others from being judged.

    :param evidence: ``sql`` (result of module sql), ``identity`` (of workspace_info), ``warehouse`` (of warehouse_info)
        and ``token`` (of token_info)
    :returns: the checks with ``result`` (passed, failed, skipped), ``evidence`` (one sentence) and ``line`` (all of it
        for people)
    """
    return [_judged(check, evidence) for check in checks]


def _judged(check: Data, evidence: Data) -> Data:
    judge = KINDS.get(check["kind"])
    if judge is None:
        raise ValueError(f"check {check['id']}: unknown kind {check['kind']}; known are {', '.join(sorted(KINDS))}")
    verdict = judge(check, evidence)
    shown = {key: check[key] for key in ("id", "title", "guide")}
    line = f"{verdict.result}: {check['id']} (guide {check['guide']}): {check['title']}. {verdict.evidence}"
    return {**shown, "result": verdict.result, "evidence": verdict.evidence, "line": line}


def _said(result: Data) -> str:
    """The sentence of a failure, on one line."""
    error = result.get("error") or {}
    return " ".join(str(error.get("message") or result.get("msg") or "no answer").split())


def _statement(check: Data, evidence: Data) -> tuple[Data | None, Verdict | None]:
    """The result of the check's statement, or why there is none."""
    sql = evidence.get("sql") or {}
    wanted = check["statement"]
    for result in sql.get("results") or []:
        if result.get("id") == wanted and result.get("ran", True):
            return result, None
    if sql.get("session_error") or sql.get("failed"):
        return None, Verdict(SKIPPED, "Not run: there was no SQL session.")
    return None, Verdict(SKIPPED, check.get("skip_reason") or "Not run.")


def _rows(result: Data) -> list[list[t.Any]]:
    rows = result.get("rows") or []
    return [list(row.values()) if isinstance(row, dict) else list(row) for row in rows]


def _identity(check: Data, evidence: Data) -> Verdict:
    found = evidence.get("identity") or {}
    if found.get("failed") or not found.get("caller"):
        return Verdict(FAILED, f"The token did not sign in: {_said(found)}")
    caller = found["caller"]
    names = {str(caller.get(key) or "").lower() for key in ("user_name", "application_id", "display_name")} - {""}
    if not check["expected"] or check["expected"].lower() not in names:
        return Verdict(
            FAILED,
            f"The token belongs to {caller.get('user_name')}, not to {check['expected'] or 'a known principal'}.",
        )
    return Verdict(PASSED, f"{caller.get('display_name') or caller.get('user_name')} ({caller.get('user_name')})")


def _not_admin(check: Data, evidence: Data) -> Verdict:
    caller = (evidence.get("identity") or {}).get("caller")
    if not caller:
        return Verdict(SKIPPED, "Not run: the token did not sign in.")
    if caller.get("admin"):
        return Verdict(FAILED, "The principal is a workspace administrator; take it out of the group admins.")
    return Verdict(PASSED, "Not a member of admins.")


def _warehouse(check: Data, evidence: Data) -> Verdict:
    found = evidence.get("warehouse") or {}
    if found.get("failed") or not found.get("warehouses"):
        return Verdict(FAILED, f"The SQL warehouse cannot be read: {_said(found)}")
    warehouse = found["warehouses"][0]
    return Verdict(PASSED, f"{warehouse['name']}, {warehouse['http_path']}, {warehouse['state']}")


def _session(check: Data, evidence: Data) -> Verdict:
    sql = evidence.get("sql") or {}
    error = sql.get("session_error") or (sql.get("error") if sql.get("failed") else None)
    if error:
        return Verdict(FAILED, f"No SQL session: {error.get('message') or error}")
    if not sql.get("results"):
        return Verdict(SKIPPED, sql.get("msg") or "Not run.")
    return Verdict(
        PASSED, f"One session ran {sum(1 for result in sql['results'] if result.get('ran', True))} statements."
    )


def _succeeds(check: Data, evidence: Data) -> Verdict:
    result, verdict = _statement(check, evidence)
    if result is None:
        return verdict or Verdict(SKIPPED, "Not run.")
    if not result.get("ok"):
        return Verdict(FAILED, _said(result))
    if "rows" in check and _rows(result) != check["rows"]:
        return Verdict(FAILED, f"{check['rows']} was expected, {_rows(result)} came.")
    return Verdict(PASSED, f"{result['statement']}")


def _refused(check: Data, evidence: Data) -> Verdict:
    result, verdict = _statement(check, evidence)
    if result is None:
        return verdict or Verdict(SKIPPED, "Not run.")
    if result.get("ok"):
        return Verdict(FAILED, f"This should have been refused: {result['statement']}")
    error = result.get("error") or {}
    # Another failure, such as a lost connection, would prove nothing.
    known = (
        error.get("sqlstate") in ("42501", "42704", "42P01") or "PERMISSION" in str(error.get("error_class")).upper()
    )
    if not known and "permission" not in _said(result).lower() and "privilege" not in _said(result).lower():
        return Verdict(FAILED, f"Failed for another reason than a missing privilege: {_said(result)}")
    return Verdict(PASSED, f"Refused as it should be: {_said(result)}")


def _includes(check: Data, evidence: Data) -> Verdict:
    result, verdict = _statement(check, evidence)
    if result is None:
        return verdict or Verdict(SKIPPED, "Not run.")
    if not result.get("ok"):
        return Verdict(FAILED, _said(result))
    seen = {str(row[0]).lower() for row in _rows(result) if row}
    missing = sorted({name.lower() for name in check["names"]} - seen)
    if missing:
        return Verdict(FAILED, f"Not visible: {', '.join(missing)}.")
    return Verdict(PASSED, f"Visible: {', '.join(sorted(name.lower() for name in check['names']))}.")


def _nothing_else(check: Data, evidence: Data) -> Verdict:
    result, verdict = _statement(check, evidence)
    if result is None:
        return verdict or Verdict(SKIPPED, "Not run.")
    if not result.get("ok"):
        return Verdict(SKIPPED, f"Not known: {_said(result)}")
    surplus = sorted({str(row[0]).lower() for row in _rows(result) if row} - {name.lower() for name in check["names"]})
    if surplus:
        return Verdict(FAILED, f"The principal also sees {', '.join(surplus)}.")
    return Verdict(PASSED, "Nothing else is visible.")


def _grants(check: Data, evidence: Data) -> Verdict:
    """SHOW GRANTS of the principal on one securable: columns principal, action type, object type, object key."""
    result, verdict = _statement(check, evidence)
    if result is None:
        return verdict or Verdict(SKIPPED, "Not run.")
    if not result.get("ok"):
        return Verdict(FAILED, _said(result))
    held = {
        (str(row[1]).upper().replace(" ", "_"), str(row[3]).lower())
        for row in _rows(result)
        if len(row) >= 4 and str(row[0]).lower() in {name.lower() for name in check["principals"] if name}
    }
    wanted = set(check["privileges"])
    here = {privilege for privilege, where in held if _bare(where) == _bare(check["object"])}
    above = {privilege for privilege, where in held} - here
    # ALL PRIVILEGES covers everything that this guide asks for (Databricks docs, "Unity Catalog privileges reference").
    missing = [] if "ALL_PRIVILEGES" in here | above else sorted(wanted - here - above)
    surplus = sorted((here - wanted) | (above - wanted - set(check.get("from_above", ()))))
    problems = [f"missing {', '.join(missing)}"] if missing else []
    problems += [f"surplus {', '.join(surplus)}"] if surplus else []
    if problems:
        return Verdict(FAILED, f"On {check['object']}: {'; '.join(problems)}.")
    return Verdict(PASSED, f"On {check['object']}: {', '.join(sorted(wanted))}, nothing more.")


def _bare(name: str) -> str:
    """hive_metastore leaves its own name out of the keys of its schemas (databrickslabs/ucx)."""
    return name.replace("`", "").lower().removeprefix("hive_metastore.")


def _lifetime(check: Data, evidence: Data) -> Verdict:
    found = evidence.get("token") or {}
    token = found.get("token") or {}
    if found.get("failed") or not token.get("token_id"):
        return Verdict(
            FAILED,
            f"There is no token in the store: {_said(found)}"
            if found.get("failed")
            else "There is no token in the store.",
        )
    if token.get("live") is False:
        return Verdict(FAILED, f"Token {token['token_id'][:8]} is not alive any more.")
    if token.get("days_left") is not None and token["days_left"] <= 0:
        return Verdict(FAILED, f"Token {token['token_id'][:8]} expired on {token.get('expiry')}.")
    return Verdict(PASSED, f"Token {token['token_id'][:8]}, valid until {token.get('expiry') or 'revoked'}.")


KINDS: dict[str, t.Callable[[Data, Data], Verdict]] = {
    "identity": _identity,
    "not_admin": _not_admin,
    "warehouse": _warehouse,
    "session": _session,
    "succeeds": _succeeds,
    "refused": _refused,
    "includes": _includes,
    "nothing_else": _nothing_else,
    "grants": _grants,
    "lifetime": _lifetime,
}
