# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SQL session: who asks, what is current, and which file answers which statement."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .. import privileges
from ..errors import SqlError
from ..model import Identity, Workspace
from . import refusals, rules


@dataclass
class Result:
    """What a statement gave: columns as (name, type), and rows."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[tuple[t.Any, ...]] = field(default_factory=list)


@dataclass
class Session:
    workspace: Workspace
    identity: Identity
    catalog: str = ""
    schema: str = "default"

    def __post_init__(self) -> None:
        if not self.catalog:
            self.catalog = self.workspace.default_catalog if self.workspace.unity_catalog else rules.HIVE

    # -- names --------------------------------------------------------------------------------
    def schema_name(self, parts: list[str]) -> tuple[str, str]:
        """(catalog, schema) of a name of one or two parts, lower-cased."""
        lowered = [part.lower() for part in parts]
        if len(lowered) == 1:
            return self.catalog, lowered[0]
        if len(lowered) == 2:
            return lowered[0], lowered[1]
        raise refusals.syntax(".".join(parts))

    def table_name(self, parts: list[str]) -> tuple[str, str, str]:
        lowered = [part.lower() for part in parts]
        if not 1 <= len(lowered) <= 3:
            raise refusals.syntax(".".join(parts))
        catalog, schema, table = ([self.catalog, self.schema][: 3 - len(lowered)] + lowered)[-3:]
        return catalog, schema, table

    def find_catalog(self, catalog: str) -> None:
        """Refuse a catalog that is not there, or not for this workspace."""
        found = self.workspace.catalogs.get(catalog)
        if found is None or not self.workspace.unity_catalog:
            raise refusals.catalog_not_found(catalog)
        sentence = privileges.inaccessible(self.workspace, found)
        if sentence:
            raise refusals.denied(sentence)

    def check_catalog(self, catalog: str) -> None:
        """Refuse a catalog that is not there, or that the caller may not enter."""
        if catalog == rules.HIVE:
            return
        self.find_catalog(catalog)
        rules.need(self.workspace, self.identity, "USE_CATALOG", ("catalog", catalog))

    def check_schema(self, catalog: str, schema: str) -> None:
        """Refuse a schema that is not there, or whose catalog the caller may not enter."""
        self.check_catalog(catalog)
        if f"{catalog}.{schema}" not in self.workspace.schemas:
            raise refusals.schema_not_found(catalog, schema)

    # -- statements ---------------------------------------------------------------------------
    def execute(self, statement: str, parameters: dict[str, tuple[str, str | None]] | None = None) -> Result:
        """Run one statement as the session's identity.

        :param parameters: name -> (type, value as text or None)
        :raises SqlError: it was refused or failed
        """
        from . import access, alter, ddl, filters, query, show

        text = _without_comments(statement).strip().rstrip(";").strip()
        if not statement.strip():
            raise refusals.empty(statement)
        if not text:
            stripped = statement.strip()
            near = ";" if stripped.startswith(";") else ""
            raise refusals.syntax(near, statement, statement.find(";") if near else len(statement))
        word = text.split(None, 1)[0].upper()
        handlers: dict[str, t.Callable[[Session, str], Result]] = {
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
        with self.workspace.lock, query.in_sparks_words(self, text):
            if filters.is_about_filters(text):
                return filters.run(self, text)
            if word in handlers:
                return handlers[word](self, text)
            return query.run(self, text, parameters or {})


def _without_comments(text: str) -> str:
    """Line and block comments outside quotes."""
    pattern = re.compile(r"('(?:[^'\\]|\\.)*'|`(?:[^`]|``)*`|\"(?:[^\"\\]|\\.)*\")|--[^\n]*|/\*.*?\*/", re.DOTALL)
    return pattern.sub(lambda match: match.group(1) or " ", text)


__all__ = ["Result", "Session", "SqlError"]
