# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GRANT and REVOKE, for Unity Catalog and for hive_metastore."""

from __future__ import annotations

import re

from .. import privileges
from ..errors import ApiError, SqlError
from ..model import Securable, Workspace
from . import names, refusals, rules
from .session import Result, Session

_STATEMENT = re.compile(
    rf"(?:GRANT|REVOKE)\s+(?P<privileges>.+?)\s+ON\s+(?:(?P<kind>CATALOG|SCHEMA|DATABASE|TABLE|VIEW)\s+)?(?P<name>{names.NAME})"
    rf"\s+(?:TO|FROM)\s+(?P<principal>`(?:[^`]|``)+`|[A-Za-z0-9_]+)$",
    re.IGNORECASE | re.DOTALL,
)


def grant(session: Session, text: str) -> Result:
    return _change(session, text, adding=True)


def revoke(session: Session, text: str) -> Result:
    return _change(session, text, adding=False)


def _change(session: Session, text: str, *, adding: bool) -> Result:
    match = _STATEMENT.match(text)
    if not match or (" TO " if adding else " FROM ") not in re.sub(r"`[^`]*`", "", text.upper()):
        raise refusals.syntax("", text, len(text))
    securable = securable_of(session, match["kind"], match["name"])
    asked = [part.strip() for part in match["privileges"].split(",")]
    principal = names.unquoted(match["principal"])
    if not rules.may_grant(session.workspace, session.identity, securable):
        raise refusals.denied(f"User is not an owner of {securable[0].capitalize()} '{securable[1]}'.")
    if rules.is_hive(securable):
        return _change_hive(session.workspace, securable, asked, principal, adding)
    try:
        known = {privileges.checked(securable[0], one) for one in asked}
        principal = privileges.resolve_principal(session.workspace, principal, securable[0])
    except ApiError as error:
        if error.error_code == "PRINCIPAL_DOES_NOT_EXIST":
            raise refusals.principal_unknown(principal) from error
        raise refusals.invalid(error.message) from error
    privileges.change(session.workspace, securable, principal, known if adding else set(), set() if adding else known)
    return Result()


def securable_of(session: Session, kind: str | None, name: str) -> Securable:
    """The securable that a statement names.

    :raises SqlError: it does not exist
    """
    parts = names.parts(name)
    kind = (kind or "TABLE").upper()
    if kind == "CATALOG":
        catalog = parts[0].lower()
        if len(parts) != 1:
            raise refusals.syntax(name)
        if catalog != rules.HIVE:
            session.find_catalog(catalog)
        return "catalog", catalog
    if kind in ("SCHEMA", "DATABASE"):
        catalog, schema = session.schema_name(parts)
        if catalog != rules.HIVE:
            session.find_catalog(catalog)
        if f"{catalog}.{schema}" not in session.workspace.schemas:
            raise refusals.schema_not_found(catalog, schema)
        return "schema", f"{catalog}.{schema}"
    full = session.table_name(parts)
    if full[0] != rules.HIVE:
        session.find_catalog(full[0])
    if ".".join(full) not in session.workspace.tables:
        raise refusals.table_not_found(*full)
    return "table", ".".join(full)


def _change_hive(workspace: Workspace, securable: Securable, asked: list[str], principal: str, adding: bool) -> Result:
    known = {" ".join(one.upper().split()) for one in asked}
    wrong = sorted(known - rules.HIVE_PRIVILEGES)
    if wrong:
        raise SqlError(
            None, None, f"Action Unknown ActionType {wrong[0]} cannot be granted on {securable[0]} {securable[1]}"
        )
    identity = workspace.identity_by_principal(principal)
    group = next(
        (g.display_name for g in workspace.groups.values() if g.display_name.lower() == principal.lower()), None
    )
    if identity is None and group is None:
        raise refusals.principal_unknown(principal)
    stored = identity.principal if identity else str(group)
    rows = workspace.grants.setdefault(securable, {})
    held = rows.get(stored, set())
    if not adding and "ALL PRIVILEGES" in known:
        held = set()
    rows[stored] = held | known if adding else held - known
    if not rows[stored]:
        del rows[stored]
    if not rows:
        del workspace.grants[securable]
    return Result()
