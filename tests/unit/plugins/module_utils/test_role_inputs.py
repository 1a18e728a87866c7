# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role, whatever way they came in: read as they are meant, or refused by name."""

from __future__ import annotations

import typing as t
from datetime import date

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.module_utils._role import inputs

PAT = "dapi0123456789abcdef0123456789abcdef"
PLAN = "a1b2c3d4-12345678-" + "0" * 40
OTHER_PLAN = PLAN.replace("0", "f")
STORE = {"type": "file", "path": "~/.lakeops/klaviyo/ws1.json"}
LEAST = {"catalog": "main", "warehouse": "Starter Warehouse"}
UNTOUCHED = "1234567890abcdef"
VAULT = {"type": "tasks", "recipe": "hashicorp_vault", "url": "https://vault:8200", "path": "klaviyo/a"}


def clean(given: dict[str, t.Any], own_token: t.Any = None) -> inputs.Cleaned:
    defaults = {"token_store": STORE, "report_dir": "/home/me/klaviyo-reports"}
    return inputs.clean("klaviyo", {**LEAST, **given}, defaults, own_token)


NOTHING = [None, "", " ", "\n", "\t \r\n", "\ufeff", "\u200b"]
DEFAULTS = {
    **inputs.DEFAULTS,
    "token_store": STORE,
    "report_dir": "/home/me/klaviyo-reports",
    "hand_over": "",
    "plan": [],
    **dict.fromkeys(("owner", "purpose", "ticket", "review_by"), ""),
    "report_sign_key": "",
    "offboard_keep_principal": False,
    "token_given": False,
}


@pytest.mark.parametrize("nothing", NOTHING, ids=ascii)
def test_null_and_blank_answers_mean_the_default(nothing: t.Any) -> None:
    found = clean(dict.fromkeys(set(inputs.NAMES) - {"catalog", "warehouse"}, nothing)).variables
    assert found == {**DEFAULTS, **LEAST}


def test_nothing_given_is_the_same() -> None:
    assert clean({}) == ({**DEFAULTS, **LEAST}, [])


MEANT = [
    # -- names, with what is pasted around them
    *(
        ("catalog", text, "main")
        for text in (" main", "main\n", "main\r\n", "`main`", '"main"', "'main'", "\ufeffmain")
    ),
    *(
        ("catalog", text, "main")
        for text in ("\u200bmain\u200b", "\u00a0main\u00a0", " `main` ", "\u201cmain\u201d", ["main"])
    ),
    *(("catalog", text, "main") for text in ("main\x00", "\u202amain\u202c", "\u00ef\u00bb\u00bfmain", "\u2028main")),
    ("catalog", "Main-1_é", "Main-1_é"),
    ("catalog", 2024, "2024"),
    ("catalog", "hive_metastore", "hive_metastore"),
    ("import_schema", "`KLAVIYO`", "KLAVIYO"),
    ("import_schema", "main.klaviyo", "klaviyo"),
    ("import_schema", "`MAIN`.`klaviyo`", "klaviyo"),
    ("tmp_schema", " tmp ", "tmp"),
    ("principal_name", " klaviyo import\n", "klaviyo import"),
    ("principal_name", "`klaviyo-import`", "klaviyo-import"),
    ("principal_name", "11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-555555555555"),
    # -- the warehouse, in the forms in which it is shown
    ("warehouse", " Starter Warehouse ", "Starter Warehouse"),
    ("warehouse", UNTOUCHED, UNTOUCHED),
    ("warehouse", 1234567890123456, "1234567890123456"),
    ("warehouse", f"/sql/1.0/warehouses/{UNTOUCHED}", UNTOUCHED),
    ("warehouse", f"sql/1.0/warehouses/{UNTOUCHED}", UNTOUCHED),
    ("warehouse", f"/sql/1.0/warehouses/{UNTOUCHED}/", UNTOUCHED),
    ("warehouse", f"/sql/1.0/endpoints/{UNTOUCHED}", UNTOUCHED),
    ("warehouse", f"/sql/1.0/warehouses/{UNTOUCHED}?o=12345", UNTOUCHED),
    ("warehouse", f"/SQL/1.0/warehouses/{UNTOUCHED.upper()}", UNTOUCHED),
    ("warehouse", f'"/sql/1.0/warehouses/{UNTOUCHED}"\n', UNTOUCHED),
    ("warehouse", f"https://abc.cloud.databricks.com/sql/warehouses/{UNTOUCHED}?o=1", UNTOUCHED),
    ("warehouse", f"https://abc.cloud.databricks.com/sql/warehouses/{UNTOUCHED}/monitoring", UNTOUCHED),
    ("warehouse", f"https://abc.cloud.databricks.com/sql/1.0/warehouses/{UNTOUCHED}", UNTOUCHED),
    ("warehouse", f"abc.cloud.databricks.com/sql/1.0/warehouses/{UNTOUCHED}", UNTOUCHED),
    (
        "warehouse",
        "jdbc:databricks://abc.cloud.databricks.com:443/default;transportMode=http;ssl=1;"
        f"httpPath=/sql/1.0/warehouses/{UNTOUCHED};AuthMech=3;UID=token;PWD={PAT}",
        UNTOUCHED,
    ),
    ("warehouse", f"HTTPPath=/sql/1.0/warehouses/{UNTOUCHED}", UNTOUCHED),
    ("warehouse", "BI / reporting", "BI / reporting"),
    # -- words
    *(
        ("principal_kind", text, "service_principal")
        for text in ("Service Principal", "service-principal", " SERVICE_PRINCIPAL ")
    ),
    *(("tmp_privileges", text, "all") for text in ("ALL", "all privileges", "ALL_PRIVILEGES", "'all'")),
    ("token_method", "On-Behalf-Of", "on_behalf_of"),
    ("token_method", "self\n", "self"),
    ("unknown_tokens", "Keep", "keep"),
    ("least_privilege", " Strict ", "strict"),
    # -- yes and no
    *(("purge_surplus", text, True) for text in (True, "yes", "True", "ON", "1", 1, "y", " true\n", "'true'")),
    *(("drop_schemas", text, False) for text in (False, "no", "False", "off", "0", 0, "n")),
    ("confirmed", "true", True),
    ("offboard_in_use", "yes", True),
    ("offboard_keep_principal", "yes", True),
    ("offboard_keep_principal", False, False),
    # -- numbers
    *(("token_lifetime_days", text, 45) for text in (45, "45", " 45\n", 45.0, "+45", '"45"', "045")),
    ("token_renew_before_days", "0", 0),
    ("token_grace_days", "21", 21),
    # -- lists
    *(
        ("allowed_schemas", text, ["a", "b"])
        for text in ("a,b", "a, b", "[a, b]", '["a", "b"]', "['a', 'b']", "a\nb", "a;b")
    ),
    *(
        ("allowed_schemas", text, ["a", "b"])
        for text in (["a", "b"], ("a", "b"), [" a ", "`b`"], ["a", "", None, "b", "a"])
    ),
    *(
        ("allowed_schemas", text, ["a", "b"])
        for text in ("main.a,b", ["MAIN.a", "b"], '\'["a", "b"]\'', "a,b,", "'a,b'")
    ),
    ("allowed_schemas", "information_schema", ["information_schema"]),
    ("allowed_schemas", [], []),
    ("allowed_schemas", "[]", []),
    # -- the store
    *(
        ("token_store", text, {"type": "file", "path": "/x/a.json"})
        for text in (
            {"type": "file", "path": "/x/a.json"},
            {"path": " /x/a.json\n"},
            {"type": "File", "path": "/x/a.json", "scope": None, "key": ""},
            '{"type": "file", "path": "/x/a.json"}',
            '\'{"type":"file","path":"/x/a.json"}\'',
            "{type: file, path: /x/a.json}",
            "{'type': 'file', 'path': '/x/a.json'}",
            "type: file\npath: /x/a.json\n",
            "/x/a.json",
        )
    ),
    ("token_store", "~/a.json", {"type": "file", "path": "~/a.json"}),
    *(
        ("token_store", text, {"type": "databricks_secret", "scope": "a", "key": "b", "create_scope": True})
        for text in (
            {"type": "databricks_secret", "scope": "a", "key": "b", "create_scope": "yes"},
            {"type": "databricks-secret", "scope": " a", "key": "b", "create_scope": True},
            {"scope": "a", "key": "b", "create_scope": True},
        )
    ),
    ("token_store", {**VAULT, "token": "s3cret"}, {"type": "tasks", "recipe": "hashicorp_vault"}),
    ("token_store", {**VAULT, "recipe": "HashiCorp Vault"}, {"type": "tasks", "recipe": "hashicorp_vault"}),
    (
        "token_store",
        {"get": "/a.yml", "put": "/b.yml", "mine": "s3cret"},
        {"type": "tasks", "get": "/a.yml", "put": "/b.yml"},
    ),
    # -- the reports
    ("owner", " data-platform@example.com\n", "data-platform@example.com"),
    ("purpose", "`Import of profiles`", "Import of profiles"),
    ("ticket", 4711, "4711"),
    ("review_by", " 2027-03-31 ", "2027-03-31"),
    ("review_by", date(2027, 3, 31), "2027-03-31"),
    ("review_by", "2027-03-31T00:00:00", "2027-03-31"),
    ("report_dir", " /srv/reports/ ", "/srv/reports"),
    ("report_dir", "reports", "reports"),
    ("hand_over", " '/srv/hand over.yml'\n", "/srv/hand over.yml"),
    ("report_dir", ".", "."),
    ("plan", f" {PLAN}\n", [PLAN]),
    ("plan", f"{PLAN},{OTHER_PLAN},", [PLAN, OTHER_PLAN]),
    ("plan", [PLAN], [PLAN]),
    ("report_keep", 50, "50"),
    ("report_keep", " 400 Days ", "400 days"),
    ("report_keep", "ALL", "all"),
    ("report_language", "Korean", "ko"),
    # -- the data
    ("check_data", "yes", True),
    ("data", '{"customers": {"kind": "profile"}}', {"customers": {"kind": "profile"}}),
    ("data", {" customers\n": {"changed": "loaded_at"}}, {"customers": {"changed": "loaded_at"}}),
    ("report_sign_key", " ~/.ssh/evidence ", "~/.ssh/evidence"),
    ("fail_on", "broken, Handover", ["broken", "handover"]),
    ("fail_on", "None", []),
    ("fail_on", [], []),
    ("fail_on", '["drift"]', ["drift"]),
]


@pytest.mark.parametrize(("name", "value", "meant"), MEANT, ids=ascii)
def test_read_as_it_is_meant(name: str, value: t.Any, meant: t.Any) -> None:
    found = clean({name: value})
    assert found.variables[name] == meant and type(found.variables[name]) is type(meant)
    assert found.warnings == []


REFUSED = [
    *(({"catalog": nothing}, "catalog", "is missing") for nothing in NOTHING),
    *(({"warehouse": nothing}, "warehouse", "is missing") for nothing in NOTHING),
    ({"catalog": "main.klaviyo"}, "catalog", "Give the catalog alone, as 'main'"),
    ({"catalog": "`main`.`klaviyo`"}, "catalog", "Give the catalog alone, as 'main'"),
    ({"catalog": "a.b.c"}, "catalog", "more than a catalog"),
    ({"catalog": "my catalog"}, "catalog", "contains a blank"),
    ({"catalog": "main\nother"}, "catalog", "a line break"),
    ({"catalog": "ma\u2028in"}, "catalog", "U+2028"),
    ({"catalog": "ma\u200bin"}, "catalog", "U+200B"),
    ({"catalog": "ma\x1bin"}, "catalog", "U+001B"),
    ({"catalog": "main/x"}, "catalog", "contains /"),
    ({"catalog": "main?x#y%z"}, "catalog", "contains #, %, ?"),
    ({"catalog": "ma`in"}, "catalog", "contains `"),
    ({"catalog": "``"}, "catalog", "is empty"),
    ({"catalog": "n" * 256}, "catalog", "256 characters"),
    ({"catalog": {"name": "main"}}, "catalog", "is a mapping"),
    ({"catalog": ["a", "b"]}, "catalog", "is a list"),
    ({"catalog": True}, "catalog", "Put the name in quotes"),
    ({"import_schema": "other.klaviyo"}, "import_schema", "not a schema of klaviyo_catalog (main)"),
    ({"tmp_schema": "a.b.c"}, "tmp_schema", "not a schema of klaviyo_catalog"),
    ({"import_schema": "klaviyo import"}, "import_schema", "a blank"),
    ({"tmp_schema": "information_schema"}, "tmp_schema", "Give another schema"),
    ({"import_schema": "one", "tmp_schema": "ONE"}, "tmp_schema", "same schema as klaviyo_import_schema"),
    ({"tmp_schema": "main.klaviyo_import_from_dwh"}, "tmp_schema", "same schema"),
    ({"principal_kind": "group"}, "principal_kind", "Give service_principal or user"),
    ({"principal_kind": True}, "principal_kind", "is true"),
    ({"principal_kind": "user"}, "principal_name", "is not an e-mail address"),
    ({"principal_kind": "user", "principal_name": "klaviyo"}, "principal_name", "is not an e-mail address"),
    ({"principal_kind": "User", "principal_name": "K <k@x.io>"}, "principal_name", "is not an e-mail address"),
    ({"principal_name": "a\nb"}, "principal_name", "a line break"),
    ({"principal_name": ["a", "b"]}, "principal_name", "is a list"),
    ({"warehouse": "/sql/protocolv1/o/0/0123-456789-abcdefgh"}, "warehouse", "is a cluster's"),
    ({"warehouse": "sql/protocolv1/o/123/0123-456789-abcdefgh/"}, "warehouse", "is a cluster's"),
    (
        {"warehouse": "jdbc:databricks://h:443;httpPath=sql/protocolv1/o/0/0123-4-a;PWD=s3cret"},
        "warehouse",
        "cluster's",
    ),
    ({"warehouse": "https://h/compute/clusters/0123-456789-abcdefgh?o=1"}, "warehouse", "is a cluster's"),
    ({"warehouse": "https://h/?o=1#setting/clusters/0123-456789-abcdefgh"}, "warehouse", "is a cluster's"),
    ({"warehouse": "https://abc.cloud.databricks.com"}, "warehouse", "not the path of a SQL warehouse"),
    ({"warehouse": "/sql/1.0/warehouses/"}, "warehouse", "not the path of a SQL warehouse"),
    ({"warehouse": "jdbc:databricks://h:443;PWD=s3cret"}, "warehouse", "The connection string is not the path"),
    ({"warehouse": "a\tb"}, "warehouse", "U+0009"),
    ({"warehouse": {"id": "a"}}, "warehouse", "is a mapping"),
    ({"tmp_privileges": "some"}, "tmp_privileges", "Give granular or all"),
    ({"tmp_privileges": ["granular", "all"]}, "tmp_privileges", "is a list"),
    ({"token_method": "sso"}, "token_method", "Give auto, on_behalf_of or self"),
    ({"unknown_tokens": "delete"}, "unknown_tokens", "Give refuse, keep or replace"),
    ({"least_privilege": "fail"}, "least_privilege", "Give warn or strict"),
    *(({name: "perhaps"}, name, "Give true or false") for name in inputs._TRUTHS),
    *(({name: ["yes"]}, name, "Give true or false") for name in ("purge_surplus", "offboard_keep_principal")),
    ({"confirmed": 2}, "confirmed", "Give true or false"),
    *(({name: "90 days"}, name, "not a whole number") for name in ("token_lifetime_days", "token_renew_before_days")),
    ({"token_lifetime_days": "1e3"}, "token_lifetime_days", "not a whole number"),
    ({"token_lifetime_days": 1.5}, "token_lifetime_days", "not a whole number"),
    ({"token_lifetime_days": True}, "token_lifetime_days", "not a whole number"),
    ({"token_lifetime_days": [90]}, "token_lifetime_days", "not a whole number"),
    ({"token_lifetime_days": "\u0669\u0660"}, "token_lifetime_days", "not a whole number"),
    ({"token_lifetime_days": "9" * 5000}, "token_lifetime_days", "not a whole number"),
    ({"token_lifetime_days": 0}, "token_lifetime_days", "Give 1 to 730 days"),
    ({"token_lifetime_days": "731"}, "token_lifetime_days", "Give 1 to 730 days"),
    ({"token_renew_before_days": -1}, "token_renew_before_days", "Give 0 to 730 days"),
    ({"token_grace_days": "-1"}, "token_grace_days", "Give 0 or more days"),
    ({"token_renew_before_days": "90"}, "token_renew_before_days", "klaviyo_token_lifetime_days is 90"),
    ({"token_lifetime_days": 10, "token_renew_before_days": 10}, "token_renew_before_days", "Give less than 10"),
    ({"allowed_schemas": {"a": 1}}, "allowed_schemas", "is a mapping, not a list"),
    ({"allowed_schemas": '{"a": 1}'}, "allowed_schemas", "cannot be read as a list"),
    ({"allowed_schemas": "[a, b"}, "allowed_schemas", "cannot be read as a list"),
    ({"allowed_schemas": 5}, "allowed_schemas", "is a number, not a list"),
    ({"allowed_schemas": True}, "allowed_schemas", "not a list"),
    ({"allowed_schemas": "a b"}, "allowed_schemas", "a blank"),
    ({"allowed_schemas": ["other.a"]}, "allowed_schemas", "not a schema of klaviyo_catalog"),
    ({"allowed_schemas": [["a", "b"]]}, "allowed_schemas", "is a list"),
    ({"allowed_schemas": [{"a": 1}]}, "allowed_schemas", "is a mapping"),
    ({"owner": True}, "owner", "is true, which is no name"),
    ({"purpose": "a\nb"}, "purpose", "a line break"),
    ({"ticket": ["A-1", "A-2"]}, "ticket", "is a list. Give one text."),
    *(
        ({"review_by": value}, "review_by", f"is {value!r}. Give a day as year-month-day, like 2027-03-31.")
        for value in ("soon", "31.03.2027", "2027-02-30", "20270331", "2027-3-1", "2027-03-31T10:00:00")
    ),
    ({"review_by": 20270331}, "review_by", "is '20270331'. Give a day"),
    ({"report_dir": "/"}, "report_dir", "root of the file system"),
    ({"report_dir": " // "}, "report_dir", "root of the file system"),
    ({"report_dir": "/.."}, "report_dir", "root of the file system"),
    ({"hand_over": "/srv/tasks/"}, "hand_over", "is a directory"),
    ({"hand_over": True}, "hand_over", "is true"),
    ({"plan": "9f2c61"}, "plan", "'9f2c61' is no plan. Give what a run with --check shows as plan."),
    ({"plan": True}, "plan", "is true"),
    ({"fail_on": "warnings"}, "fail_on", "is 'warnings'. Give a list of broken, drift and handover, or none."),
    ({"fail_on": ["none", "broken"]}, "fail_on", "is 'none'"),
    ({"fail_on": True}, "fail_on", "not a list"),
    ({"report_language": "german"}, "report_language", "en"),
    ({"check_data": "perhaps"}, "check_data", "true or false"),
    ({"data": "customers"}, "data", "cannot be read as a mapping"),
    ({"data": ["customers"]}, "data", "is a list, not a mapping"),
    ({"data": {"customers": "profile"}}, "data.customers", "is no mapping"),
    ({"data": {"customers": {"kind": "people"}}}, "data.customers.kind", "Give profile or event"),
    ({"data": {"customers": {"mail": "x"}}}, "data.customers.mail", "is not known"),
    ({"report_keep": 0}, "report_keep", "give a number of runs"),
    ({"report_keep": True}, "report_keep", "give a number of runs"),
    ({"report_keep": "a while"}, "report_keep", "give a number of runs"),
    ({"report_sign_key": ["a", "b"]}, "report_sign_key", "is a list"),
    ({"report_dir": ["a", "b"]}, "report_dir", "is a list"),
    ({"report_dir": "a\nb"}, "report_dir", "a line break"),
    # -- the store, key by key
    ({"token_store": "vault"}, "token_store", "cannot be read as a mapping"),
    ({"token_store": '{"type": "tasks", "token": "s3cret"'}, "token_store", "cannot be read as a mapping"),
    ({"token_store": ["file"]}, "token_store", "is a list, not a mapping"),
    ({"token_store": 5}, "token_store", "is a number, not a mapping"),
    ({"token_store": {}}, "token_store", "is empty"),
    ({"token_store": {"type": None}}, "token_store", "is empty"),
    ({"token_store": {"type": "file"}}, "token_store.path", "is missing"),
    ({"token_store": {"type": "file", "path": " "}}, "token_store.path", "is missing"),
    ({"token_store": {"path": "/x/"}}, "token_store.path", "is a directory"),
    ({"token_store": {"path": "~"}}, "token_store.path", "is a directory"),
    ({"token_store": {"path": "/x/a\u2028b"}}, "token_store.path", "U+2028"),
    ({"token_store": {"path": ["/a", "/b"]}}, "token_store.path", "is a list"),
    ({"token_store": {"path": "/x", "scope": "a"}}, "token_store.path", "is not for a store of type databricks_secret"),
    ({"token_store": {"type": "file", "pth": "/x"}}, "token_store.pth", "Did you mean path?"),
    ({"token_store": {"type": "file", "path": "/x", "mode": "0600"}}, "token_store.mode", "It takes type, path"),
    ({"token_store": {"type": "file", "path": "/x", "a b": 1}}, "token_store.?", "is not for a store of type file"),
    ({"token_store": {"type": "vault", "path": "/x"}}, "token_store.type", "Give file, databricks_secret or tasks"),
    ({"token_store": {"type": "hashicorp_vault"}}, "token_store.type", "Give type: tasks and recipe: hashicorp_vault"),
    ({"token_store": {"type": "databricks_secret", "scope": "a"}}, "token_store.key", "is missing"),
    ({"token_store": {"type": "databricks_secret", "key": "a"}}, "token_store.scope", "is missing"),
    ({"token_store": {"scope": "a/b", "key": "a"}}, "token_store.scope", "1 to 128 letters"),
    (
        {"token_store": {"scope": "a", "key": "a", "create_scope": "perhaps"}},
        "token_store.create_scope",
        "true or false",
    ),
    ({"token_store": {"type": "tasks"}}, "token_store.get", "is missing"),
    ({"token_store": {"type": "tasks", "get": "/a.yml"}}, "token_store.put", "is missing"),
    ({"token_store": {"type": "tasks", "recipe": "vault"}}, "token_store.recipe", "or get and put"),
    ({"token_store": {"recipe": "hashicorp_vault", "path": "a"}}, "token_store.url", "is missing"),
    ({"token_store": {**VAULT, "tokn": "s3cret"}}, "token_store.tokn", "Did you mean token?"),
    ({"token_store": '{"type": "tasks", "recipe": "hashicorp_vault", "token": "s3cret"}'}, "token_store", "is a text"),
    # -- what is no personal access token
    *(
        ({"token": token}, "token", says)
        for token, says in (
            ("dapi01234 s3cret", "is a blank"),
            ("dapi01234\ns3cret", "is a line break"),
            ("dapi01234\u2028s3cret", "is U+2028"),
            ("dapi01234\x00s3cret", "is U+0000"),
            ("dapi01234s3crét", "is U+00E9"),
            ("Bearer dapi-s3cret", "is a blank"),
            ("``", "is empty"),
            ("dose0123456789abcdef-s3cret", "is an OAuth secret"),
            ("eyJs3cret.s3cret.s3cret", "is an OAuth access token"),
            ("11111111-2222-3333-4444-555555555555", "is an ID"),
            ("a" * 64, "the ID of a token"),
            ("pk_s3cret", "is a key of Klaviyo's"),
            ("$ANSIBLE_VAULT;1.1;AES256", "is still encrypted"),
            ("********", "is a mask"),
            ("xxxxxxxx", "is a mask"),
            ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "is a mask"),
            ("<your-token>", "is a placeholder"),
            ("${TOKEN}", "is a placeholder"),
            ("https://abc.cloud.databricks.com", "is an address"),
            ("ada@example.com", "is an address"),
            ("/run/secrets/s3cret", "or a path"),
            (["dapi-s3cret"], "is no text"),
            ({"token_value": "dapi-s3cret"}, "is no text"),
            (12345, "is no text"),
        )
    ),
    # -- a secret where a name is wanted
    ({"token": PAT, "token_method": PAT}, "token_method", "is '********'"),
    ({"warehouse": f"https://{PAT}"}, "warehouse", "********"),
]


@pytest.mark.parametrize(("given", "name", "says"), REFUSED, ids=ascii)
def test_refused_by_name_and_without_a_secret(given: dict[str, t.Any], name: str, says: str) -> None:
    with pytest.raises(BadOption) as caught:
        clean(given)
    message = str(caught.value)
    assert message.startswith(f"klaviyo_{name}: ") and says in message
    assert caught.value.details["option"] == f"klaviyo_{name}"
    assert message.endswith((".", "?")) and "\n" not in message
    assert "s3cret" not in message and PAT not in message
    if isinstance(given.get("token"), str) and len(given["token"]) > 5:
        assert given["token"] not in message


def test_every_variable_has_a_row_of_each_kind() -> None:
    never_wrong = {"token_given"}
    assert {name for name, _value, _meant in MEANT} | {"token", "drop_force"} == set(inputs.NAMES)
    assert {name.split(".")[0] for _given, name, _says in REFUSED} == set(inputs.NAMES) - never_wrong
    assert len(MEANT) + len(REFUSED) >= 200


@pytest.mark.parametrize(
    "text", [PAT, f" {PAT}", f"{PAT}\n", f"\ufeff{PAT}", f"`{PAT}`", f'"{PAT}"', f"{PAT}\r\n", f"{PAT}-2"]
)
def test_a_token_with_slips_around_it_is_taken_and_never_given_back(text: str) -> None:
    found = clean({"token": text})
    assert found.variables["token_given"] is True
    assert PAT not in str(found)
    assert inputs.token("klaviyo_token", text) in (PAT, f"{PAT}-2")


@pytest.mark.parametrize("own", [PAT, f"{PAT}\n", f" '{PAT}'"])
def test_the_token_of_the_play_is_not_the_partners(own: str) -> None:
    with pytest.raises(BadOption, match="klaviyo_token: is the token that the play itself signs in with") as caught:
        clean({"token": PAT}, own_token=own)
    assert PAT not in str(caught.value)


def test_a_user_is_kept_when_the_connection_ends_unless_it_is_said_otherwise() -> None:
    user = {"principal_kind": "user", "principal_name": "ada@example.com"}
    assert clean(user).variables["offboard_keep_principal"] is True
    assert clean({**user, "offboard_keep_principal": "no"}).variables["offboard_keep_principal"] is False


def test_a_short_life_shortens_the_default_of_the_other_number_and_says_so() -> None:
    found = clean({"token_lifetime_days": "8"})
    assert found.variables["token_renew_before_days"] == 2
    assert found.warnings == [
        "klaviyo_token_lifetime_days is 8, so a token is replaced 2 days before its end and not 30."
    ]


@pytest.mark.parametrize(
    ("given", "says"),
    [({"drop_force": True}, "klaviyo_drop_force"), ({"principal_name": "ada@example.com"}, "klaviyo_principal_name")],
)
def test_what_is_odd_but_possible_is_a_warning(given: dict[str, t.Any], says: str) -> None:
    (warning,) = clean(given).warnings
    assert says in warning


def test_slips_in_the_names_of_variables() -> None:
    names = [
        "klaviyo_catalogue",
        "klaviyo_catalog",
        "klaviyo_hosts",
        "klaviyo_tokenstore",
        "databricks_token",
        "klaviyo_x",
    ]
    assert inputs.misspelt("klaviyo", names) == [
        "The variable klaviyo_catalogue means nothing to the role. Did you mean klaviyo_catalog?",
        "The variable klaviyo_tokenstore means nothing to the role. Did you mean klaviyo_token_store?",
    ]
    assert inputs.misspelt("klaviyo", names, known=["klaviyo_catalogue", "klaviyo_tokenstore"]) == []


@pytest.mark.parametrize(
    ("kind", "keep", "kept"),
    [
        *(("user", "", True), ("user", None, True), ("user", False, False), ("user", "no", False)),
        *(("service_principal", "", False), ("service_principal", "false", False), ("service_principal", "yes", True)),
    ],
)
def test_a_user_is_kept_unless_that_is_said(kind: str, keep: object, kept: bool) -> None:
    found = inputs.said("partner", {"principal_kind": kind, "offboard_keep_principal": keep, "confirmed": ""})
    assert (found["offboard_keep_principal"], found["confirmed"]) == (kept, False)
