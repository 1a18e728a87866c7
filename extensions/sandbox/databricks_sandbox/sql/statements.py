# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file answers which statement."""

from __future__ import annotations

import re
import typing as t

from . import access, alter, ddl, filters, query, refusals, show
from .session import Result, Session

_ANSWERED_BY: dict[str, t.Callable[[Session, str], Result]] = {
    "SHOW": show.show,
    "EXPLAIN": show.explain,
    "DESCRIBE": show.describe,
    "DESC": show.describe,
    "USE": show.use,
    "SET": show.set_catalog,
    "GRANT": access.grant,
    "REVOKE": access.revoke,
    "ALTER": alter.alter,
    "COMMENT": alter.comment,
    "CREATE": ddl.create,
    "DROP": ddl.drop,
}


def execute(session: Session, statement: str, parameters: dict[str, tuple[str, str | None]] | None = None) -> Result:
    """Run one statement as the session's identity.

    :param parameters: name -> (type, value as text or None)
    :raises SqlError: it was refused or failed
    """
    text = _without_comments(statement).strip().rstrip(";").strip()
    if not statement.strip():
        raise refusals.empty(statement)
    if not text:
        stripped = statement.strip()
        near = ";" if stripped.startswith(";") else ""
        raise refusals.syntax(near, statement, statement.find(";") if near else len(statement))
    word = text.split(None, 1)[0].upper()
    with session.workspace.lock, query.in_sparks_words(session, text):
        if filters.is_about_filters(text):
            return filters.run(session, text)
        if word in _ANSWERED_BY:
            return _ANSWERED_BY[word](session, text)
        return query.run(session, text, parameters or {})


def _without_comments(text: str) -> str:
    """Line and block comments outside quotes."""
    pattern = re.compile(r"('(?:[^'\\]|\\.)*'|`(?:[^`]|``)*`|\"(?:[^\"\\]|\\.)*\")|--[^\n]*|/\*.*?\*/", re.DOTALL)
    return pattern.sub(lambda match: match.group(1) or " ", text)
