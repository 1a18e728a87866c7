# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access profiles: those of the collection fit their schema and come to what they mean; what does not fit is named."""

from __future__ import annotations

import copy
import json
import typing as t
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from ansible_collections.lakeops.databricks.plugins.module_utils._access_check.wanted import wanted
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._profile import reads, schema
from ansible_collections.lakeops.databricks.plugins.module_utils._profile.resolve import check, resolve

ROOT = Path(__file__).resolve().parents[4]
PROFILES = ROOT / "roles" / "partner" / "profiles"
RULES = json.loads((PROFILES / "schema.json").read_text(encoding="utf-8"))
FILES = [*sorted(PROFILES.glob("*.yml")), *sorted((ROOT / "docs" / "examples").glob("*_profile.yml"))]
SAID = {"catalog": "Main", "warehouse": "Starter Warehouse"}
RULE = {"id": "x", "test": "unread", "severity": "advice", "title": "A.", "hint": "B.", "source": "profiles"}


def profile(name: str) -> dict[str, t.Any]:
    return yaml.safe_load((PROFILES / f"{name}.yml").read_text(encoding="utf-8"))


def granted(access: dict[str, t.Any]) -> dict[str, list[str]]:
    return {one["name"]: one["privileges"] for one in access["grants"]}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(RULES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_profile_fits_and_can_be_verified(file: Path) -> None:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(RULES).validate(document)
    check(document, RULES)
    access = resolve(document, SAID, RULES)
    assert json.loads(json.dumps(access)) == access, "plain data"
    assert wanted(access).catalog == "main"
    used = set(document["guide"].get("sections", {})) | {"0"}
    asked = [*document["guide"].get("checks", {}).values(), *(one["guide"] for one in access["grants"])]
    asked += [one.get("guide", "0") for one in access["asked_not_given"]]
    assert set(asked) <= used, "every section that is named is one of the guide"


# -- klaviyo --------------------------------------------------------------------------------------
def test_klaviyo() -> None:
    access = resolve(profile("klaviyo"), SAID, RULES)
    assert [(one["id"], one["name"], one["use"]) for one in access["schemas"]] == [
        ("import", "main.klaviyo_import_from_dwh", "read"),
        ("tmp", "main.klaviyo_tmp", "write"),
    ]
    assert granted(access) == {
        "main": ["USE_CATALOG"],
        "main.klaviyo_import_from_dwh": ["SELECT", "USE_SCHEMA"],
        "main.klaviyo_tmp": ["CREATE_TABLE", "MODIFY", "SELECT", "USE_SCHEMA"],
    }
    assert access["permissions"][0]["object"] == "Starter Warehouse"
    assert access["entitlements"] == ["databricks-sql-access"]


def test_klaviyo_in_the_guides_other_way() -> None:
    access = resolve(profile("klaviyo"), {**SAID, "tmp_privileges": "all", "tmp_schema": "Other-Tmp"}, RULES)
    assert granted(access)["main.other-tmp"] == ["ALL_PRIVILEGES"]


def test_klaviyo_in_the_legacy_metastore() -> None:
    access = resolve(profile("klaviyo"), {**SAID, "catalog": "hive_metastore"}, RULES)
    assert access["legacy"]
    assert granted(access) == {
        "hive_metastore.klaviyo_import_from_dwh": ["READ_METADATA", "SELECT", "USAGE"],
        "hive_metastore.klaviyo_tmp": ["CREATE", "MODIFY", "READ_METADATA", "SELECT", "USAGE"],
    }
    assert wanted(access).grants[1].privileges == {"READ_METADATA", "SELECT", "USAGE"}


# -- segment --------------------------------------------------------------------------------------
def test_segment_with_our_state_schema() -> None:
    said = {**SAID, "reads": ["sales", "other.web", "!web"]}
    access = resolve(profile("segment"), said, RULES)
    assert granted(access) == {
        "main": ["USE_CATALOG"],
        "other": ["USE_CATALOG"],
        "main.__segment_reverse_etl": ["CREATE_TABLE", "MODIFY", "SELECT", "USE_SCHEMA"],
        "main.sales": ["SELECT", "USE_SCHEMA"],
        "other.web": ["SELECT", "USE_SCHEMA"],
    }
    assert {one["what"] for one in access["asked_not_given"]} >= {"a token without an end"}
    assert [one["made_by"] for one in access["schemas"]] == ["us", "user", "user"]


def test_segment_makes_its_state_schema() -> None:
    access = resolve(profile("segment"), {**SAID, "state_made_by": "partner"}, RULES)
    assert granted(access) == {"main": ["CREATE_SCHEMA", "USE_CATALOG"]}
    assert wanted(access).makes_schemas == ["main"]


def test_segment_in_the_legacy_metastore() -> None:
    access = resolve(profile("segment"), {**SAID, "catalog": "hive_metastore", "reads": ["sales"]}, RULES)
    assert granted(access)["hive_metastore.sales"] == ["READ_METADATA", "SELECT", "USAGE"]


# -- lists of schemas -----------------------------------------------------------------------------
EXISTING = {"main": ["sales", "Sales_EU", "hr", "information_schema", "__segment_reverse_etl"]}


@pytest.mark.parametrize(
    ("asked", "expected", "left_out"),
    [
        ([], [], []),
        (["sales"], ["main.sales"], []),
        (["*"], ["main.hr", "main.sales", "main.sales_eu"], []),
        (["*", "!hr"], ["main.sales", "main.sales_eu"], ["main.hr"]),
        (["main.sales*", "other.web", "!main.sales"], ["main.sales_eu", "other.web"], ["main.sales"]),
    ],
)
def test_lists_of_schemas(asked: list[str], expected: list[str], left_out: list[str]) -> None:
    access = resolve(profile("segment"), {**SAID, "reads": asked}, RULES, EXISTING)
    assert access["reads"]["schemas"] == expected
    assert set(left_out) <= set(access["reads"]["left_out"])
    assert access["reads"]["asked"] == asked


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["!hr"], "only leaves something out"),
        (["main.sales.customers"], "has 3 parts"),
        (["*.sales"], "several catalogs"),
        (["other.*"], "which schemas other has is not known"),
        (["sa les"], "contains ' '"),
        ("sales", "is not a list"),
    ],
)
def test_lists_that_cannot_be_meant(asked: t.Any, says: str) -> None:
    with pytest.raises(BadOption, match="reads") as refusal:
        resolve(profile("segment"), {**SAID, "reads": asked}, RULES, EXISTING)
    assert says in str(refusal.value)


def test_catalogs_that_must_be_listed() -> None:
    document = profile("segment")
    assert reads.catalogs(document, {"catalog": "main", "reads": ["*", "other.web*", "third.one", "!fourth.*"]}) == [
        "main",
        "other",
    ]


# -- refusals -------------------------------------------------------------------------------------
def broken(change: t.Callable[[dict[str, t.Any]], t.Any]) -> dict[str, t.Any]:
    document = copy.deepcopy(profile("klaviyo"))
    change(document)
    return document


BY_SCHEMA = [
    ("no title", lambda d: d.pop("title"), "title is missing"),
    ("an unknown key", lambda d: d.update(titel="x"), "titel is not known; there are"),
    (
        "a use that is none",
        lambda d: d["schemas"][0].update(use="look"),
        "schemas[0].use is 'look'; give one of read, write",
    ),
    ("a key of the wrong type", lambda d: d.update(schemas={}), "schemas is {}; give a list"),
    (
        "a number as text",
        lambda d: d["token"].update(lifetime_days="90"),
        "token.lifetime_days is '90'; give a whole number",
    ),
    (
        "yes as number",
        lambda d: d["token"].update(lifetime_days=True),
        "token.lifetime_days is True; give a whole number",
    ),
    ("no days at all", lambda d: d["token"].update(lifetime_days=0), "token.lifetime_days is 0; give 1 or more"),
    ("a date that is none", lambda d: d["source"].update(read_on="today"), "source.read_on is 'today'"),
    ("a year that YAML has read", lambda d: d["source"].update(read_on=2026), "source.read_on is 2026; give text"),
    (
        "a date that YAML has read",
        lambda d: d["source"].update(read_on=date(2026, 11, 25)),
        "source.read_on is 2026-11-25; give text, in quotes",
    ),
    ("no grants", lambda d: d.update(grants=[]), "grants must not be empty"),
    ("no text", lambda d: d.update(title=""), "title must not be empty"),
    ("a kind twice", lambda d: d["principal"].update(kinds=["user", "user"]), "principal.kinds holds something twice"),
    ("a word as profile", None, "the profile is 'klaviyo'; give a mapping"),
]


@pytest.mark.parametrize(("what", "change", "says"), BY_SCHEMA, ids=[row[0] for row in BY_SCHEMA])
def test_what_does_not_fit_the_schema(what: str, change: t.Any, says: str) -> None:
    document: t.Any = "klaviyo" if change is None else broken(change)
    assert not jsonschema.Draft202012Validator(RULES).is_valid(document), "the schema itself must refuse it"
    with pytest.raises(BadOption) as refusal:
        check(document, RULES)
    assert says in str(refusal.value)


BEYOND = [
    (
        "a word that is no variable",
        lambda d: d["schemas"][0].update(name="{catalog}.{nothing}"),
        "schemas[0].name names {nothing}",
    ),
    ("no catalog", lambda d: d["variables"].pop("catalog"), "variables.catalog is missing"),
    ("two ways to name privileges", lambda d: d["grants"][1].update(privileges=["SELECT"]), "grants[1] needs either"),
    ("no way to name privileges", lambda d: d["grants"][0].pop("privileges"), "grants[0] needs either"),
    ("choices that are not those", lambda d: d["grants"][1]["choices"].pop("all"), "grants[1].choices are not those"),
    ("a condition on nothing", lambda d: d["schemas"][0].update(when={"nothing": 1}), "schemas[0].when.nothing"),
    (
        "a privilege that is none",
        lambda d: d["grants"][2].update(privileges=["USE_CATALOG"]),
        "USE_CATALOG cannot be granted on a schema",
    ),
    (
        "data of a schema that is none",
        lambda d: d["data_contract"].update(schema="nothing"),
        "data_contract.schema is 'nothing', which is the id of no schema.",
    ),
    (
        "a rule without what its test takes",
        lambda d: d["data_contract"]["rules"].append(RULE | {"test": "lacks"}),
        ".role is missing; test lacks takes it.",
    ),
    (
        "a rule with more than its test takes",
        lambda d: d["data_contract"]["rules"].append(RULE | {"role": "email"}),
        ".role means nothing to test unread.",
    ),
    (
        "a rule twice",
        lambda d: d["data_contract"]["rules"].append(RULE | {"id": "no_metric"}),
        ".id is 'no_metric', as that of another rule.",
    ),
    (
        "a rule from nowhere",
        lambda d: d["data_contract"]["rules"].append(RULE | {"source": "hearsay"}),
        ".source is 'hearsay', which is not under sources.",
    ),
    (
        "names that are not listed",
        lambda d: d["data_contract"]["rules"].append(RULE | {"test": "named", "words": "nothing"}),
        ".words is 'nothing', which is not under columns.",
    ),
    (
        "an error that lets it be imported",
        lambda d: d["data_contract"]["rules"].append(RULE | {"severity": "error"}),
        ".importable must be no, since its severity is error.",
    ),
    (
        "a sentence that nobody fills in",
        lambda d: d["data_contract"]["rules"].append(RULE | {"hint": "Look at {nothing}."}),
        ".hint names {nothing}, which no test fills in.",
    ),
    ("a list from nowhere", lambda d: d.update(reads={"from": "nothing", "privileges": []}), "reads.from is 'nothing'"),
]


@pytest.mark.parametrize(("what", "change", "says"), BEYOND, ids=[row[0] for row in BEYOND])
def test_what_the_schema_cannot_say(what: str, change: t.Any, says: str) -> None:
    with pytest.raises(BadOption) as refusal:
        check(broken(change), RULES)
    assert says in str(refusal.value)


@pytest.mark.parametrize(
    ("said", "option", "says"),
    [
        ({"warehouse": "one"}, "catalog", "is needed: Catalog that holds both schemas"),
        ({**SAID, "tmp_privileges": "some"}, "tmp_privileges", "give one of granular, all"),
        ({**SAID, "tmp_schema": "a.b"}, "tmp_schema", "contains '.'"),
    ],
)
def test_what_a_user_says_must_fit(said: dict[str, t.Any], option: str, says: str) -> None:
    with pytest.raises(BadOption) as refusal:
        resolve(profile("klaviyo"), said, RULES)
    assert refusal.value.details["option"] == option and says in str(refusal.value)


def test_people_are_kept() -> None:
    people = {"owner": "crm@example.com", "review_by": "2027-03-31"}
    assert resolve(profile("klaviyo"), {**SAID, **people, "ticket": ""}, RULES)["people"] == people


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_texts_in_other_languages_are_of_what_there_is(file: Path) -> None:
    access = resolve(yaml.safe_load(file.read_text(encoding="utf-8")), SAID, RULES)
    labels = {one["label"] for one in access["connection"]["fields"]}
    for texts in access["languages"].values():
        assert set(texts.get("guide", {}).get("sections", {})) <= set(access["guide"].get("sections", {}))
        assert set(texts.get("connection", {}).get("labels", {})) <= labels
        assert len(texts.get("asked_not_given", [])) in (0, len(access["asked_not_given"]))


def test_klaviyo_is_whole_in_korean() -> None:
    access = resolve(profile("klaviyo"), SAID, RULES)
    korean = access["languages"]["ko"]
    assert set(korean["guide"]["sections"]) == set(access["guide"]["sections"])
    assert set(korean["connection"]["labels"]) == {one["label"] for one in access["connection"]["fields"]}
    assert len(korean["connection"]["steps"]) == len(access["connection"]["steps"])
    assert len(korean["asked_not_given"]) == len(access["asked_not_given"])
    assert "/ko-kr/" in korean["guide"]["address"] and "/en-us/" in access["guide"]["address"]


def test_a_word_of_json_schema_that_is_not_known_is_not_passed_over() -> None:
    with pytest.raises(KeyError):
        schema.problems("x", {"type": "string", "maxLength": 3})
