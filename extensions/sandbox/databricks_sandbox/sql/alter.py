# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ALTER SCHEMA ... OWNER TO and COMMENT ON SCHEMA (Databricks docs, "ALTER SCHEMA" and "COMMENT ON")."""

from __future__ import annotations

import re

from .. import privileges
from ..errors import ApiError
from ..model import Schema
from . import names, refusals, rules
from .session import Result, Session

_OWNER = re.compile(
    rf"ALTER\s+(?:SCHEMA|DATABASE)\s+(?P<name>{names.NAME})\s+(?:SET\s+)?OWNER\s+TO\s+"
    r"(?P<principal>`(?:[^`]|``)+`|[A-Za-z0-9_]+)$",
    re.IGNORECASE,
)
_COMMENT = re.compile(
    rf"COMMENT\s+ON\s+(?:SCHEMA|DATABASE)\s+(?P<name>{names.NAME})\s+IS\s+"
    r"(?:(?P<null>NULL)|'(?P<text>(?:[^'\\]|\\.)*)')$",
    re.IGNORECASE | re.DOTALL,
)


def alter(session: Session, text: str) -> Result:
    match = _OWNER.match(text)
    if not match:
        raise refusals.unsupported(" ".join(text.split()[:4]))
    schema, principal = _owned(session, match["name"]), names.unquoted(match["principal"])
    workspace = session.workspace
    if schema.catalog_name == rules.HIVE:
        groups = {group.display_name.lower(): group.display_name for group in workspace.groups.values()}
        identity = workspace.identity_by_principal(principal)
        owner = identity.principal if identity else groups.get(principal.lower())
        if owner is None:
            raise refusals.principal_unknown(principal)
    else:
        try:
            owner = privileges.resolve_principal(workspace, principal, "schema")
        except ApiError as error:
            if error.error_code != "PRINCIPAL_DOES_NOT_EXIST":
                raise refusals.invalid(error.message) from error
            raise refusals.principal_unknown(principal) from error
    schema.owner = owner
    return Result()


def comment(session: Session, text: str) -> Result:
    match = _COMMENT.match(text)
    if not match:
        raise refusals.unsupported(" ".join(text.split()[:4]))
    schema = _owned(session, match["name"])
    schema.comment = "" if match["null"] else re.sub(r"\\(.)", r"\1", match["text"])
    return Result()


def _owned(session: Session, name: str) -> Schema:
    """The schema, for its owner."""
    catalog, schema = session.schema_name(names.parts(name))
    session.check_schema(catalog, schema)
    rules.need_owner(session.workspace, session.identity, ("schema", f"{catalog}.{schema}"))
    return session.workspace.schemas[f"{catalog}.{schema}"]
