# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Access profile + what a user says -> the wanted access. Pure: it asks nobody.

Grants, schemas, permissions, checks and the connection sheet all come from here; module access_check takes the result
as it is.
"""

from __future__ import annotations

import re
import typing as t

from .._common import names
from .._common.failure import BadOption
from .._common.json_types import Json
from .._objects import privileges as algebra
from .._role import people
from . import data_contract, reads, schema

HIVE = "hive_metastore"
# What the service and the store know, and the profile only names.
_LATER = ("hostname", "http_path", "access_token")
_WORD = re.compile(r"\{(\w+)\}")
# Names that guides written for the legacy metastore use (databrickslabs/ucx, hive_metastore/grants.py).
_LEGACY = {
    ("USAGE", "catalog"): "USE_CATALOG",
    ("USAGE", "schema"): "USE_SCHEMA",
    ("CREATE", "catalog"): "CREATE_SCHEMA",
    ("CREATE", "schema"): "CREATE_TABLE",
    ("READ_METADATA", "catalog"): None,
    ("READ_METADATA", "schema"): None,
}


def resolve(
    document: t.Any, said: t.Mapping[str, t.Any], rules: Json, existing: t.Mapping[str, t.Sequence[str]] | None = None
) -> Json:
    """The wanted access.

    :param document: the access profile
    :param said: what the user says: values of the profile's variables, and of ``people``
    :param rules: the JSON schema of access profiles
    :param existing: catalog -> the names of its schemas, for lists with *
    :raises BadOption: names the key of the profile, or the variable
    """
    check(document, rules)
    values = _values(document, said)
    legacy = str(values.get("catalog", "")).lower() == HIVE
    schemas = [_schema(one, values) for one in document["schemas"] if _counts(one, values)]
    grants = [
        _grant(number, one, values, legacy) for number, one in enumerate(document["grants"]) if _counts(one, values)
    ]
    asked = reads.expand(document, values, existing)
    for name in asked["schemas"]:
        schemas.append({"id": name.replace(".", "_"), "name": name, "use": "read", "purpose": "", "made_by": "user"})
        grants.append(_entry("schema", name, _translated(document["reads"], "schema", legacy), document["reads"]))
    for name in sorted({name.split(".")[0] for name in asked["schemas"]}):
        privileges = [] if legacy else list(document["reads"].get("catalog", ["USE_CATALOG"]))
        grants.append(_entry("catalog", name, privileges, document["reads"]))
    return {
        "partner": document["partner"],
        "title": document["title"],
        "catalog": values["catalog"],
        "legacy": legacy,
        "principal": {
            "kinds": document["principal"]["kinds"],
            "name": values.get("principal_name") or document["principal"]["name"],
        },
        "schemas": schemas,
        "grants": _merged(grants),
        "entitlements": [one["name"] for one in document.get("entitlements", [])],
        "permissions": [_permission(one, values) for one in document.get("permissions", []) if _counts(one, values)],
        "token": document.get("token", {}),
        "reads": asked,
        "connection": _filled(document["connection"], values),
        "guide": document["guide"],
        "source": document["source"],
        "asked_not_given": document.get("asked_not_given", []),
        "addresses": document.get("addresses", {}),
        "notes": document.get("notes", []),
        "languages": _filled(document.get("languages", {}), values),
        **({"data_contract": document["data_contract"]} if "data_contract" in document else {}),
        "people": _told(said),
    }


def _told(said: t.Mapping[str, t.Any]) -> Json:
    given = {name: said[name] for name in people.NAMES if said.get(name)}
    return {**given, **({"review_by": people.day("review_by", given["review_by"])} if "review_by" in given else {})}


def check(document: t.Any, rules: Json) -> None:
    """Refuse what is no access profile.

    :raises BadOption: every key that is wrong
    """
    found = schema.problems(document, rules)
    if not found:
        found = [*_words(document), *_choices(document), *_privileges(document), *data_contract.problems(document)]
    if found:
        raise BadOption("profile", " ".join(found))


# -- what JSON Schema cannot say ------------------------------------------------------------------
def _words(document: Json) -> list[str]:
    known = {*document["variables"], *_LATER}
    found: list[str] = []

    def walk(value: t.Any, where: str) -> None:
        if isinstance(value, str):
            found.extend(
                f"{where} names {{{word}}}, which is no variable of the profile."
                for word in _WORD.findall(value)
                if word not in known
            )
        elif isinstance(value, dict):
            for key, held in value.items():
                walk(held, f"{where}.{key}" if where else str(key))
        elif isinstance(value, list):
            for number, held in enumerate(value):
                walk(held, f"{where}[{number}]")

    walk({key: document[key] for key in ("schemas", "grants", "connection", "languages") if key in document}, "")
    walk(document.get("permissions", []), "permissions")
    if "catalog" not in document["variables"]:
        found.append("variables.catalog is missing.")
    return found


def _choices(document: Json) -> list[str]:
    found = []
    for key in ("schemas", "grants", "permissions"):
        for number, one in enumerate(document.get(key, [])):
            for name in one.get("when", {}):
                if name not in document["variables"]:
                    found.append(f"{key}[{number}].when.{name} is no variable of the profile.")
    for number, grant in enumerate(document["grants"]):
        if ("chosen_by" in grant) != ("choices" in grant) or ("choices" in grant) == ("privileges" in grant):
            found.append(f"grants[{number}] needs either privileges, or chosen_by with choices.")
        elif "choices" in grant and set(document["variables"].get(grant["chosen_by"], {}).get("choices", ())) != set(
            grant["choices"]
        ):
            found.append(f"grants[{number}].choices are not those of variable {grant['chosen_by']}.")
    if "reads" in document and document["reads"]["from"] not in document["variables"]:
        found.append(f"reads.from is {document['reads']['from']!r}, which is no variable of the profile.")
    return found


def _privileges(document: Json) -> list[str]:
    found = []
    for number, grant in enumerate(document["grants"]):
        for one in (grant, *grant.get("choices", {}).values()):
            try:
                _translated(one, grant["securable"], False, f"grants[{number}]")
                _translated(one, grant["securable"], True, f"grants[{number}]")
            except BadOption as refusal:
                found.append(refusal.message)
    return found


# -- resolving ------------------------------------------------------------------------------------
def _values(document: Json, said: t.Mapping[str, t.Any]) -> Json:
    """The profile's variables; the user's word counts, then the default."""
    values: Json = {}
    for name, about in document["variables"].items():
        value = said.get(name)
        if value is None or value == "":
            if about.get("required"):
                raise BadOption(name, f"is needed: {about['description']}")
            value = about.get("default")
        if "choices" in about and value not in about["choices"]:
            raise BadOption(name, f"is {value!r}; give one of {', '.join(map(str, about['choices']))}.")
        if about.get("kind") == "name" and value is not None:
            value = names.identifier(name, str(value))
        values[name] = value
    if said.get("principal_name"):
        values["principal_name"] = said["principal_name"]
    return values


def _counts(one: Json, values: Json) -> bool:
    return all(values.get(name) == value for name, value in one.get("when", {}).items())


def _text(text: str, values: Json) -> str:
    """The text with its words filled in; what only the service knows stays as it is."""
    return _WORD.sub(lambda word: word[0] if word[1] in _LATER else str(values[word[1]]), text)


def _filled(value: t.Any, values: Json) -> t.Any:
    if isinstance(value, str):
        return _text(value, values)
    if isinstance(value, dict):
        return {key: _filled(held, values) for key, held in value.items()}
    if isinstance(value, list):
        return [_filled(held, values) for held in value]
    return value


def _schema(one: Json, values: Json) -> Json:
    name = names.full_name("name", _text(one["name"], values), 2)
    return {
        "id": one["id"],
        "name": name,
        "use": one["use"],
        "purpose": one["purpose"],
        "made_by": one.get("made_by", "us"),
        "guide": one.get("guide", "0"),
    }


def _grant(number: int, one: Json, values: Json, legacy: bool) -> Json:
    chosen = one["choices"][values[one["chosen_by"]]] if "choices" in one else one
    privileges = _translated(chosen, one["securable"], legacy, f"grants[{number}]")
    return _entry(one["securable"], _text(one["name"], values).lower(), privileges, one)


def _entry(kind: str, name: str, privileges: t.Iterable[str], one: Json) -> Json:
    return {"securable": kind, "name": name, "privileges": list(privileges), "guide": one.get("guide", "0")}


def _translated(one: Json, securable: str, legacy: bool, where: str = "reads") -> list[str]:
    """The privileges in the spelling of REST; legacy names of a guide become what they mean in Unity Catalog."""
    if legacy:
        asked = [algebra.spelled(name) for name in one.get("hive_metastore", ())]
    else:
        spelled = [algebra.spelled(name) for name in one.get("privileges", ())]
        asked = [name for name in (_LEGACY.get((each, securable), each) for each in spelled) if name]
    return sorted(algebra.checked(f"{where}.privileges", dict.fromkeys(asked), securable, hive=legacy))


def _permission(one: Json, values: Json) -> Json:
    named = {"object": _text(one["object"], values)} if "object" in one else {}
    return {"object_type": one["object_type"], "level": one["level"], "guide": one.get("guide", "0"), **named}


def _merged(grants: list[Json]) -> list[Json]:
    """One entry per securable, catalogs first; those that come to nothing are left out."""
    found: dict[tuple[str, str], Json] = {}
    for one in grants:
        key = (one["securable"], one["name"])
        before = found.get(key, {**one, "privileges": []})
        found[key] = {**before, "privileges": sorted({*before["privileges"], *one["privileges"]})}
    ordered = sorted(found.values(), key=lambda one: one["securable"] != "catalog")
    return [one for one in ordered if one["privileges"]]
