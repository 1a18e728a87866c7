# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SHOW, DESCRIBE and USE. sqlglot leaves SHOW unread, so its forms are read here."""

from __future__ import annotations

import re

from sqlglot import exp

from .. import privileges
from ..errors import SqlError
from ..model import Securable
from . import access, information_schema, names, parsing, query, refusals, rules
from .session import Result, Session

_LIKE = r"(?:\s+(?:LIKE\s+)?'(?P<like>[^']*)')?"
_SCHEMAS = re.compile(
    rf"SHOW\s+(?:SCHEMAS|DATABASES)(?:\s+(?:IN|FROM)\s+(?P<name>{names.NAME}))?{_LIKE}$", re.IGNORECASE
)
_TABLES = re.compile(
    rf"SHOW\s+(?P<what>TABLES|VIEWS)(?:\s+(?:IN|FROM)\s+(?P<name>{names.NAME}))?{_LIKE}$", re.IGNORECASE
)
_CATALOGS = re.compile(rf"SHOW\s+CATALOGS{_LIKE}$", re.IGNORECASE)
_GRANTS = re.compile(
    rf"SHOW\s+GRANTS?(?:\s+(?P<principal>`(?:[^`]|``)+`|(?!ON\b)[A-Za-z0-9_]+))?\s+ON\s+"
    rf"(?:(?P<kind>CATALOG|SCHEMA|DATABASE|TABLE|VIEW)\s+)?(?P<name>{names.NAME})$",
    re.IGNORECASE,
)
_COLUMNS = re.compile(
    rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+(?P<name>{names.NAME})(?:\s+(?:IN|FROM)\s+(?P<schema>{names.NAME}))?$",
    re.IGNORECASE,
)
_CREATE_TABLE = re.compile(rf"SHOW\s+CREATE\s+TABLE\s+(?P<name>{names.NAME})(?:\s+AS\s+SERDE)?$", re.IGNORECASE)
_USE = re.compile(rf"USE\s+(?:(?P<kind>CATALOG|SCHEMA|DATABASE)\s+)?(?P<name>{names.NAME})$", re.IGNORECASE)
_SET_CATALOG = re.compile(rf"SET\s+CATALOG\s+(?P<name>{names.PART})$", re.IGNORECASE)
_DESCRIBE = re.compile(
    rf"DESC(?:RIBE)?\s+(?:(?P<kind>TABLE|SCHEMA|DATABASE|CATALOG)\s+)?(?P<more>EXTENDED\s+)?(?P<name>{names.NAME})$",
    re.IGNORECASE,
)


_NOT_HERE_WORDS = """
FUNCTIONS USER ALL SYSTEM TBLPROPERTIES PARTITIONS TABLE CURRENT VOLUMES CONNECTIONS SHARES RECIPIENTS
PROVIDERS CREDENTIALS LOCATIONS EXTERNAL STORAGE GROUPS USERS POLICIES PROCEDURES
"""
_NOT_HERE = frozenset(_NOT_HERE_WORDS.split())


def show(session: Session, text: str) -> Result:
    for pattern, handler in (
        (_SCHEMAS, _schemas),
        (_TABLES, _tables),
        (_CATALOGS, _catalogs),
        (_GRANTS, _grants),
        (_COLUMNS, _columns),
        (_CREATE_TABLE, _create_table),
    ):
        match = pattern.match(text)
        if match:
            return handler(session, match)
    word = re.match(r"SHOW\s+(\w+)", text, re.IGNORECASE)
    if word and word[1].upper() in _NOT_HERE:
        raise refusals.unsupported(" ".join(text.split())[:200])
    raise refusals.syntax(word[1] if word else "", text, word.start(1) if word else len(text))


def _columns(session: Session, match: re.Match[str]) -> Result:
    full = _described(session, match)
    return Result(
        [("col_name", "string")], [(one["name"],) for one in session.workspace.tables[".".join(full)].columns]
    )


def _described(session: Session, match: re.Match[str]) -> tuple[str, str, str]:
    """The table that is named, for whoever may read it."""
    named = names.parts(match["name"])
    if match.groupdict().get("schema"):
        named = [*names.parts(match["schema"]), *named[-1:]]
    full = session.table_name(named)
    session.check_catalog(full[0])
    if ".".join(full) not in session.workspace.tables:
        raise refusals.table_not_found(*named)
    rules.need(session.workspace, session.identity, "SELECT", ("table", ".".join(full)))
    return full


def _create_table(session: Session, match: re.Match[str]) -> Result:
    full = _described(session, match)
    table = session.workspace.tables[".".join(full)]
    parts = []
    for one in table.columns:
        kind = "" if table.table_type == "VIEW" else f" {one['type_text'].upper()}"
        needed = "" if one.get("nullable", True) else " NOT NULL"
        said = f" COMMENT '{_escaped(one['comment'])}'" if one.get("comment") else ""
        parts.append(f"  {one['name']}{kind}{needed}{said}")
    body = " (\n" + ",\n".join(parts) + ")\n" if parts else "\n"
    tail = f"AS {table.view_definition}\n" if table.table_type == "VIEW" else "USING delta\n"
    what = "VIEW" if table.table_type == "VIEW" else "TABLE"
    return Result([("createtab_stmt", "string")], [(f"CREATE {what} {'.'.join(full)}{body}{tail}",)])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def explain(session: Session, text: str) -> Result:
    """A plan that names no more than the statement; what cannot be planned is said in the plan, as Spark does it."""
    inner = re.sub(r"^EXPLAIN(?:\s+(?:EXTENDED|CODEGEN|COST|FORMATTED))?\s*", "", text, flags=re.IGNORECASE)
    if not inner:
        raise refusals.syntax("", text, len(text))
    tree = parsing.parsed(inner)
    if not isinstance(tree, exp.Query):
        raise refusals.unsupported("EXPLAIN of a statement that is no query")
    plan = [("== Physical Plan ==\n*(1) Project\n+- *(1) Scan\n",)]
    try:
        query.run(session, f"SELECT * FROM ({inner}) LIMIT 0", {})
    except SqlError as error:
        if error.sqlstate == "42501":
            raise
        plan = [("Error occurred during query planning: ",), *((line,) for line in error.message.splitlines())]
    return Result([("plan", "string")], plan)


def _fits(pattern: str | None, name: str) -> bool:
    """* stands for anything, | for or; case does not matter (Databricks docs, SHOW SCHEMAS)."""
    if pattern is None:
        return True
    regex = "|".join(".*".join(re.escape(piece) for piece in one.split("*")) for one in pattern.split("|"))
    return re.fullmatch(regex, name, re.IGNORECASE) is not None


def _schemas(session: Session, match: re.Match[str]) -> Result:
    parts = names.lowered(match["name"]) if match["name"] else [session.catalog]
    if len(parts) != 1:
        raise refusals.syntax(match["name"])
    session.check_catalog(parts[0])
    found = [
        (schema.name,)
        for full_name, schema in sorted(session.workspace.schemas.items())
        if schema.catalog_name == parts[0]
        and rules.may_see_schema(session.workspace, session.identity, full_name)
        and _fits(match["like"], schema.name)
    ]
    return Result([("databaseName", "string")], found)


def _tables(session: Session, match: re.Match[str]) -> Result:
    catalog, schema = (
        session.schema_name(names.parts(match["name"])) if match["name"] else (session.catalog, session.schema)
    )
    session.check_schema(catalog, schema)
    _need_sight(session, catalog, schema)
    views = match["what"].upper() == "VIEWS"
    if schema == information_schema.NAME:
        found = [(schema, name, False) for name in sorted(information_schema.VIEWS) if _fits(match["like"], name)]
        return Result([("database", "string"), ("tableName", "string"), ("isTemporary", "boolean")], found)
    rows = [
        (schema, table.name, False)
        for full_name, table in sorted(session.workspace.tables.items())
        if full_name.startswith(f"{catalog}.{schema}.")
        and (table.table_type == "VIEW" or not views)
        and _sees_table(session, ("table", full_name))
        and _fits(match["like"], table.name)
    ]
    first = "namespace" if views else "database"
    second = "viewName" if views else "tableName"
    return Result([(first, "string"), (second, "string"), ("isTemporary", "boolean")], rows)


def _need_use(session: Session, catalog: str, schema: str) -> None:
    """Getting in; the catalog's owner gets into its schemas, too."""
    if catalog == rules.HIVE:
        rules.need(session.workspace, session.identity, "USE_SCHEMA", ("schema", f"{catalog}.{schema}"))
        return
    sentence = privileges.missing_way_in(session.workspace, session.identity, ("schema", f"{catalog}.{schema}"))
    if sentence:
        raise refusals.denied(sentence)


def _need_sight(session: Session, catalog: str, schema: str) -> None:
    """SHOW and DESCRIBE; in hive_metastore they take READ_METADATA (Databricks docs, its privilege types)."""
    if catalog == rules.HIVE:
        rules.need(session.workspace, session.identity, "READ_METADATA", ("schema", f"{catalog}.{schema}"))
    else:
        _need_use(session, catalog, schema)


def _sees_table(session: Session, securable: Securable) -> bool:
    if rules.is_hive(securable):
        return True
    if privileges.owns_from_above(session.workspace, session.identity, securable):
        return True
    return any(
        privileges.may(session.workspace, session.identity, one, securable) for one in ("SELECT", "MODIFY", "MANAGE")
    )


def _catalogs(session: Session, match: re.Match[str]) -> Result:
    found = (
        [rules.HIVE]
        if not session.workspace.unity_catalog
        else [
            name
            for name, catalog in session.workspace.catalogs.items()
            if privileges.inaccessible(session.workspace, catalog) is None
            and privileges.may(session.workspace, session.identity, "USE_CATALOG", ("catalog", name))
        ]
        + [rules.HIVE]
    )
    return Result([("catalog", "string")], [(name,) for name in sorted(set(found)) if _fits(match["like"], name)])


def _grants(session: Session, match: re.Match[str]) -> Result:
    """Four columns; inherited rows name the parent they come from (databrickslabs/ucx, TF).

    Captured outputs show of a parent what the securable itself can carry: on a schema never USE CATALOG, CREATE SCHEMA
    or BROWSE; and READ METADATA of the METASTORE. Two spellings of columns and object types were captured.
    """
    workspace = session.workspace
    kind = (match["kind"] or "TABLE").upper()
    if kind in ("SCHEMA", "DATABASE") and len(names.parts(match["name"])) == 1 and session.catalog != rules.HIVE:
        raise refusals.invalid(
            "For unity catalog, please specify the catalog name explicitly. "
            "E.g. SHOW GRANT your.address@email.com ON SCHEMA main.x"
        )
    securable = access.securable_of(session, match["kind"], match["name"])
    only = names.unquoted(match["principal"]).lower() if match["principal"] else None
    if not rules.is_hive(securable):
        session.check_catalog(securable[1].split(".")[0])
    if not rules.may_grant(workspace, session.identity, securable) and only != session.identity.principal.lower():
        raise refusals.denied(f"User is not an owner of {securable[0].capitalize()} '{securable[1]}'.")
    columns = [(name, "string") for name in ("Principal", "ActionType", "ObjectType", "ObjectKey")]
    if workspace.second_form:
        columns = [(name[0].lower() + name[1:], kind) for name, kind in columns]
    hive = rules.is_hive(securable)
    rows = (
        _hive_rows(session, securable)
        if hive
        else [
            (principal, held.privilege.replace("_", " "), _object_type(session, held.source[0]), held.source[1])
            for principal, found in privileges.effective(workspace, securable).items()
            for held in found
            if held.source == securable or held.privilege in privileges.APPLICABLE[securable[0]]
        ]
        + [
            (principal, "READ METADATA", "METASTORE", "sandbox-metastore")
            for principal, held in privileges.direct(workspace, ("metastore", workspace.metastore_id)).items()
            if "READ_METADATA" in held
        ]
    )
    rows = [row for row in rows if only is None or row[0].lower() == only]
    return Result(columns, sorted(rows))


def _object_type(session: Session, kind: str) -> str:
    return "DATABASE" if kind == "schema" and session.workspace.second_form else kind.upper()


def _hive_rows(session: Session, securable: Securable) -> list[tuple[str, str, str, str]]:
    rows = []
    for kind, name in privileges.chain(session.workspace, securable):
        shown = {"schema": "DATABASE", "catalog": "CATALOG$", "table": "TABLE"}[kind]
        key = name.split(".", 1)[-1] if kind != "catalog" else ""
        for principal, held in session.workspace.grants.get((kind, name), {}).items():
            rows += [(principal, action, shown, key) for action in held]
        owner = privileges.owner(session.workspace, (kind, name))
        if owner:
            rows.append((owner, "OWN", shown, key))
    return rows


def use(session: Session, text: str) -> Result:
    match = _USE.match(text)
    if not match:
        raise refusals.syntax(text)
    kind, parts = (match["kind"] or "").upper(), names.lowered(match["name"])
    if kind == "CATALOG":
        if len(parts) != 1:
            raise refusals.syntax(match["name"])
        session.check_catalog(parts[0])
        session.catalog, session.schema = parts[0], "default"
        return Result()
    catalog, schema = session.schema_name(parts)
    session.check_schema(catalog, schema)
    _need_use(session, catalog, schema)
    session.catalog, session.schema = catalog, schema
    return Result()


def set_catalog(session: Session, text: str) -> Result:
    match = _SET_CATALOG.match(text)
    if not match:
        raise refusals.unsupported(text)
    return use(session, f"USE CATALOG {match['name']}")


def _properties(held: dict[str, str]) -> str:
    """As Spark prints them: ((key,value), ...), and nothing where there are none."""
    return f"({', '.join(f'({key},{value})' for key, value in sorted(held.items()))})" if held else ""


def describe(session: Session, text: str) -> Result:
    match = _DESCRIBE.match(text)
    if not match:
        raise refusals.syntax(text)
    kind = (match["kind"] or "TABLE").upper()
    if kind in ("SCHEMA", "DATABASE"):
        catalog, schema = session.schema_name(names.parts(match["name"]))
        session.check_schema(catalog, schema)
        _need_sight(session, catalog, schema)
        found = session.workspace.schemas[f"{catalog}.{schema}"]
        rows = [
            ("Catalog Name", catalog),
            ("Namespace Name", schema),
            ("Comment", found.comment),
            ("Location", ""),  # of a managed schema
            ("Owner", found.owner),
            *([("Properties", _properties(found.properties))] if match["more"] else []),
        ]
        return Result([("database_description_item", "string"), ("database_description_value", "string")], rows)
    if kind == "CATALOG":
        raise refusals.unsupported("DESCRIBE CATALOG")
    table = session.workspace.tables[".".join(_described(session, match))]
    columns = [("col_name", "string"), ("data_type", "string"), ("comment", "string")]
    return Result(columns, [(column["name"], column["type_text"], column.get("comment")) for column in table.columns])
