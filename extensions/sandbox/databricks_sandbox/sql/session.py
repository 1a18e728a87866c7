# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SQL session: who asks, what is current, and what a name means there."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .. import privileges
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
