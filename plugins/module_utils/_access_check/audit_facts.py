# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What an auditor wants beside a verdict: what was asked as whom, what should be seen, and what is held. Pure."""

from __future__ import annotations

import typing as t

from .._api.grants import BASE, Securable
from .._common.json_types import Json
from .._wire.sql import quote
from .evidence import NOT_TRIED, Evidence
from .verdict import Check
from .wanted import Wanted

PRINCIPAL, RUNNER = "principal", "runner"
_ME = "GET /api/2.0/preview/scim/v2/Me"


class _Asked(t.NamedTuple):
    statements: list[str]
    identity: str | None = PRINCIPAL


def how(check: Check, wanted: Wanted, evidence: Evidence) -> Json:
    """Statements, identity and expectation of one check; no statement where nothing was asked for it."""
    asked = _asked(wanted, evidence).get(check.id) or _of_a_table(check.id, evidence) or _Asked([], None)
    return {
        "statements": asked.statements,
        "identity": asked.identity if asked.statements else None,
        "expected": f"{check.title}.",
    }


def found(wanted: Wanted, evidence: Evidence) -> Json:
    """What the principal holds; null where nobody could tell."""
    me = evidence.me.value if evidence.me.ok else None
    return {
        "access": [
            {"securable": grant.of.kind, "name": grant.of.full_name, "privileges": _direct(grant.of, evidence)}
            for grant in wanted.grants
        ],
        "groups": sorted(me["groups"]) if me else None,
        "admin": bool(me["admin"]) if me else None,
        "owners": {name: owner for name, owner in sorted(evidence.owners.items()) if owner},
    }


def _direct(of: Securable, evidence: Evidence) -> list[str] | None:
    rows = evidence.direct(of)
    return None if rows is None else sorted({row.privilege for row in rows if row.source == of})


def _asked(wanted: Wanted, evidence: Evidence) -> dict[str, _Asked]:
    """By the id of the check."""
    who = evidence.me.value["user_name"] if evidence.me.ok else evidence.principal
    me = [_ME] if evidence.me.tried else []
    catalogs = [f"SHOW SCHEMAS IN {quote(name)}" for name in evidence.schemas]
    asked = {
        "identity": _Asked([*me, *(["SELECT current_user()"] if evidence.current_user.tried else [])]),
        "not_admin": _Asked(me),
        "session": _Asked([f"OpenSession on {evidence.http_path}"] if evidence.session.tried else []),
        "schemas": _Asked(catalogs),
        "no_other_schemas": _Asked(catalogs),
    }
    for grant in wanted.grants:
        shown = evidence.grants.get(grant.of, NOT_TRIED).tried
        shows = _Asked([f"SHOW GRANTS {quote(who)} ON {grant.of.sql}"] if shown else [])
        asked |= {f"grants_{grant.id}": shows, f"surplus_{grant.id}": shows}
        if evidence.effective.get(grant.of, NOT_TRIED).tried:
            path = f"GET {BASE}/effective-permissions/{grant.of.kind}/{grant.of.full_name}"
            asked[f"indirect_{grant.id}"] = _Asked([path], RUNNER if grant.of in evidence.read_by_runner else PRINCIPAL)
    for schema in wanted.schemas:
        parts = schema.name.split(".")
        listed = _Asked(
            [f"SHOW TABLES IN {quote(*parts)}"] if evidence.tables.get(schema.name, NOT_TRIED).tried else []
        )
        asked |= {wanted.check_id(base, schema): listed for base in ("leftovers", "tables")}
        if evidence.forbidden.get(schema.name, NOT_TRIED).tried:
            asked[wanted.check_id("forbidden_create", schema)] = _creating(schema.name)
        table = quote(*evidence.probe_names.get(schema.name, schema.name).split("."))
        steps = {
            "create": f"CREATE TABLE {table} (id INT)",
            "insert": f"INSERT INTO {table} VALUES (1), (2)",
            "count": f"SELECT count(*) FROM {table}",
            "drop": f"DROP TABLE {table}",
        }
        for step, done in evidence.probes.get(schema.name, {}).items():
            if done.tried:
                asked[wanted.check_id(f"probe_{step}", schema)] = _Asked([steps[step]])
    for catalog in wanted.catalogs:
        if evidence.forbidden.get(f"{catalog}.default", NOT_TRIED).tried:
            check_id = "default_schema" if len(wanted.catalogs) == 1 else f"default_schema_{catalog}"
            asked[check_id] = _creating(f"{catalog}.default")
    return asked


def _creating(schema: str) -> _Asked:
    # The name of the table is random and kept nowhere.
    return _Asked([f"CREATE TABLE {quote(*schema.split('.'))}.`...` (id INT)"])


def _of_a_table(check_id: str, evidence: Evidence) -> _Asked | None:
    kind, _underscore, name = check_id.partition("_")
    done = {"select": evidence.reads, "rows": evidence.first_row}.get(kind, {}).get(name, NOT_TRIED)
    limit = 0 if kind == "select" else 1
    return _Asked([f"SELECT 1 FROM {quote(*name.split('.'))} LIMIT {limit}"]) if done.tried else None
