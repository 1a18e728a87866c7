# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence for verdicts: a partner for whom everything is as it is wished, and ways to make it otherwise."""

from __future__ import annotations

import typing as t

from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.evidence import Evidence, Outcome
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.judging import judge
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.verdict import Check
from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.wanted import Wanted, wanted
from ansible_collections.lakeops.databricks.plugins.module_utils._api.grants import Held, Securable
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure

ME = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"
CATALOG, IMPORT, STAGING = (
    Securable("catalog", "main"),
    Securable("schema", "main.import"),
    Securable("schema", "main.tmp"),
)
WISH = wanted(
    {
        "partner": "partner",
        "title": "Partner",
        "catalog": "main",
        "schemas": [
            {"id": "import", "name": "main.import", "use": "read"},
            {"id": "tmp", "name": "main.tmp", "use": "write"},
        ],
        "grants": [
            {"securable": "catalog", "name": "main", "privileges": ["USE_CATALOG"]},
            {"securable": "schema", "name": "main.import", "privileges": ["USE_SCHEMA", "SELECT"]},
            {
                "securable": "schema",
                "name": "main.tmp",
                "privileges": ["USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE"],
            },
        ],
        "connection": {"steps": [], "fields": [{"label": "Host", "value": "https://{hostname}{http_path}"}]},
    }
)
NOW = 1_800_000_000.0


def failed(text: str, code: str = "SQL_ERROR", status: int | None = None, sqlstate: str | None = None) -> Outcome:
    return Outcome(failure=Failure(text, code=code, status=status, sqlstate=sqlstate, error_class=code))


def denied(what: str, on: str, who: str = "User") -> Outcome:
    return failed(
        f"Insufficient privileges: {who} does not have {what} on {on}.", "INSUFFICIENT_PERMISSIONS", None, "42501"
    )


def rows(of: Securable, *names: str, who: str = ME, source: Securable | None = None) -> list[Held]:
    return [Held(who, name, source or of) for name in names]


def all_well() -> Evidence:
    """What is read where everything is as it is wished."""
    held = {grant.of: rows(grant.of, *grant.privileges) for grant in WISH.grants}
    ok = Outcome([])
    return Evidence(
        principal=ME,
        now=NOW,
        record=Outcome({"token_id": "a" * 64, "expiry": "2099-01-01T00:00:00Z"}),
        place="file token.json",
        runner=ok,
        me=Outcome(
            {"user_name": ME, "application_id": ME, "display_name": "partner", "groups": ["staff"], "admin": False}
        ),
        hostname="abc.cloud.databricks.com",
        http_path="/sql/1.0/warehouses/1",
        session=Outcome(seconds=0.2),
        schemas={"main": Outcome(["import", "tmp"])},
        grants={of: Outcome(list(found)) for of, found in held.items()},
        effective={of: Outcome(list(found)) for of, found in held.items()},
        read_by_runner=set(held),
        owners={"main": "data-team", "main.import": "data-team", "main.tmp": "data-team"},
        tables={"main.import": Outcome(["people"]), "main.tmp": Outcome([])},
        reads={"main.import.people": Outcome()},
        details={"main.import.people": {"owner": "ada", "type": "TABLE", "row_filter": None, "created": NOW}},
        probes={"main.tmp": {"create": ok, "insert": ok, "count": Outcome([[2]]), "drop": ok}},
        probe_names={"main.tmp": "main.tmp.partner_probe_00"},
        forbidden={
            "main.import": denied("CREATE TABLE", "Schema 'main.import'"),
            "main.default": denied("USE SCHEMA", "Schema 'main.default'"),
        },
    )


def verdicts(
    evidence: Evidence, strict: bool = False, allowed: t.Collection[str] = ("default",), wish: Wanted = WISH
) -> dict[str, Check]:
    return {check.id: check for check in judge(wish, evidence, strict=strict, allowed=allowed).checks}


def without(evidence: Evidence, of: Securable, *names: str) -> Evidence:
    for found in (evidence.grants, evidence.effective):
        found[of] = Outcome([row for row in found[of].value if row.privilege not in names])
    return evidence
