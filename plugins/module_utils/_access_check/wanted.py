# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The wanted access as module access_check takes it: plain data in, typed and safe names out."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._api.grants import HIVE, Securable, securable
from .._common import names
from .._common.failure import BadOption
from .._common.json_types import Json
from .._data_contract.contract import Contract, contract
from .._objects import privileges as algebra
from .._wire import connection

USES = ("read", "write")
_KEYS = "partner, catalog, schemas and grants"


@dataclass(frozen=True)
class Schema:
    """A schema that the partner works with; ``use`` is read or write."""

    id: str
    name: str
    use: str
    partner_makes_it: bool = False

    @property
    def hive(self) -> bool:
        return self.name.split(".")[0] == HIVE


@dataclass(frozen=True)
class Grant:
    """Privileges on one securable, as they are wished."""

    id: str
    of: Securable
    privileges: frozenset[str]


@dataclass(frozen=True)
class Wanted:
    """Everything that is verified, and nothing that says how."""

    partner: str
    title: str
    catalog: str
    schemas: tuple[Schema, ...]
    grants: tuple[Grant, ...]
    guides: t.Mapping[str, str]
    connection: Json
    data: Contract | None = None

    def using(self, use: str) -> list[Schema]:
        return [schema for schema in self.schemas if schema.use == use]

    def holds_data(self, name: str) -> bool:
        """Whether the tables of a schema have to fit a data contract."""
        return self.data is not None and any(
            schema.name == name and schema.id == self.data.schema for schema in self.schemas
        )

    @property
    def catalogs(self) -> list[str]:
        """The catalogs that any of it lies in, the main one first."""
        return list(dict.fromkeys((self.catalog, *(schema.name.split(".")[0] for schema in self.schemas))))

    @property
    def makes_schemas(self) -> list[str]:
        """The catalogs in which the partner makes schemas of its own."""
        return [
            grant.of.full_name
            for grant in self.grants
            if grant.of.kind == "catalog" and "CREATE_SCHEMA" in grant.privileges
        ]

    @property
    def probe_prefix(self) -> str:
        """How the names of our probe tables begin."""
        return re.sub(r"[^a-z0-9]+", "_", self.partner.lower()).strip("_") + "_probe_"

    def guide(self, check: str) -> str:
        """The section of the partner's guide that asks for a check; "0" for what it forgets."""
        pieces = check.split("_")
        prefixes = ["_".join(pieces[:count]) for count in range(len(pieces), 0, -1)]
        return next((self.guides[name] for name in prefixes if name in self.guides), "0")

    def check_id(self, base: str, schema: Schema) -> str:
        """The id of a check on a schema; the schema is named only where there are several of its use."""
        return base if len(self.using(schema.use)) == 1 else f"{base}_{schema.id}"


def wanted(value: t.Any, option: str = "profile") -> Wanted:
    """The wanted access from the option of a module.

    :param value: a mapping, also as JSON; whatever else a user may have given is refused
    :raises BadOption: says which key, and what it should be
    """
    given = connection.other_profile(value)
    if given is None:
        raise BadOption(option, f"must be the wanted access, a mapping with {_KEYS}, and is {_instead(value)}.")
    partner = _text(given, "partner", option)
    catalog = names.identifier(f"{option}.catalog", _text(given, "catalog", option))
    schemas = tuple(
        _schema(f"{option}.schemas[{number}]", one) for number, one in enumerate(_list(given, "schemas", option))
    )
    ids = {schema.name: schema.id for schema in schemas}
    grants = [_grant(f"{option}.grants[{number}]", one) for number, one in enumerate(_list(given, "grants", option))]
    catalogs = {of.full_name for of, _privileges in grants if of.kind == "catalog"}
    guide = given.get("guide") or {}
    return Wanted(
        partner=partner,
        title=str(given.get("title") or partner),
        catalog=catalog,
        schemas=schemas,
        grants=tuple(Grant(_grant_id(of, ids, catalogs), of, privileges) for of, privileges in grants),
        guides={str(key): str(value) for key, value in (guide.get("checks") or {}).items()},
        connection=given.get("connection") or {},
        data=contract(given.get("data_contract"), f"{option}.data_contract"),
    )


def _instead(value: t.Any) -> str:
    if isinstance(value, str):
        return (
            f"{value!r}. A profile to sign in with is the host's variable databricks_profile here, or "
            "DATABRICKS_CONFIG_PROFILE"
        )
    return "a list" if isinstance(value, list) else repr(value)


def _grant_id(of: Securable, schemas: t.Mapping[str, str], catalogs: t.Collection[str]) -> str:
    if of.kind == "catalog":
        return "catalog" if len(catalogs) == 1 else f"catalog_{of.full_name}"
    return schemas.get(of.full_name, of.full_name)


def _schema(where: str, given: t.Any) -> Schema:
    given = _mapping(where, given)
    use = given.get("use", "read")
    if use not in USES:
        raise BadOption(f"{where}.use", f"is {use!r}; give read or write.")
    name = names.full_name(f"{where}.name", _text(given, "name", where), 2)
    return Schema(str(given.get("id") or name), name, use, given.get("made_by", "us") == "partner")


def _grant(where: str, given: t.Any) -> tuple[Securable, frozenset[str]]:
    given = _mapping(where, given)
    kind = given.get("securable", "schema")
    if kind not in algebra.VALID:
        raise BadOption(f"{where}.securable", f"is {kind!r}; give one of {', '.join(sorted(algebra.VALID))}.")
    of = securable(kind, _text(given, "name", where), f"{where}.name")
    privileges = _list(given, "privileges", where)
    return of, algebra.checked(
        f"{where}.privileges", map(str, privileges), kind, hive=of.full_name.split(".")[0] == HIVE
    )


def _mapping(where: str, given: t.Any) -> Json:
    if not isinstance(given, dict):
        raise BadOption(where, f"is {given!r}; give a mapping.")
    return given


def _text(given: Json, key: str, where: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadOption(f"{where}.{key}", "is missing; give its name.")
    return value.strip()


def _list(given: Json, key: str, where: str) -> list[t.Any]:
    value = given.get(key)
    if not isinstance(value, list) or not value:
        raise BadOption(f"{where}.{key}", "is missing; give a list with at least one element.")
    return value
