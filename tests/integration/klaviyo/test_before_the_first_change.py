# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every finding and every refusal as a person sees it: the real playbook, the sentence on the screen, no change.

Each row says what the workspace is like, what is asked for, and the words that must be on the screen: what is the
matter, who can change it, and how. A row whose sentence is lost fails, and so does a finding that no row shows.
"""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.findings import SENTENCES
from tests.support.klaviyo import HOST, Site, start_site

ADA, BOB = "ada.analyst@example.com", "Bob.Builder@example.com"

Row = dict[str, t.Any]


# -- what a workspace may be like ----------------------------------------------------------------
def settings(**wish: t.Any) -> t.Callable[[Site], Row]:
    def arrange(site: Site) -> Row:
        site.post("settings", wish)
        return {}

    return arrange


def conf(**wish: str) -> t.Callable[[Site], Row]:
    def arrange(site: Site) -> Row:
        site.client().api_client.do("PATCH", "/api/2.0/workspace-conf", body=wish)
        return {}

    return arrange


def by_oauth(*others: t.Callable[[Site], Row]) -> t.Callable[[Site], Row]:
    """The runner signs in without a personal access token."""

    def arrange(site: Site) -> Row:
        variables = {
            "databricks_token": None,
            "databricks_client_id": site.ready["client_id"],
            "databricks_client_secret": site.ready["client_secret"],
        }
        for other in others:
            variables |= other(site)
        return variables

    return arrange


def as_ada(site: Site) -> Row:
    """Somebody who may use the workspace and administers nothing."""
    return {"databricks_token": site.post("mint", {"owner": ADA})["token_value"]}


def catalog_of_bob(site: Site) -> Row:
    maker = site.client(site.post("mint", {"owner": BOB})["token_value"])
    maker.catalogs.create(name="bobs")
    return as_ada(site) | {"klaviyo_catalog": "bobs"}


def schema_of_the_administrator(site: Site) -> Row:
    site.client().schemas.create("klaviyo_tmp", "main")
    return as_ada(site) | {"klaviyo_catalog": "main"}


def schema_of_bob(site: Site) -> Row:
    client, catalog = site.client(), site.variables["klaviyo_catalog"]
    client.schemas.create("klaviyo_tmp", catalog, comment="Bob's")
    client.schemas.update(f"{catalog}.klaviyo_tmp", owner=BOB)
    return {}


def inactive_principal(site: Site) -> Row:
    site.client().service_principals.create(display_name="klaviyo-import", active=False)
    return {}


def second_warehouse(site: Site) -> Row:
    site.client().warehouses.create(name="starter warehouse", cluster_size="2X-Small", max_num_clusters=1)
    return {"klaviyo_warehouse": "STARTER WAREHOUSE"}


def foreign_store(site: Site) -> Row:
    path = site.folder / "notes.txt"
    path.write_text("my notes", encoding="utf-8")
    return {"klaviyo_token_store": {"type": "file", "path": str(path)}}


def store_of_a_principal_that_was_renamed(site: Site) -> Row:
    made = site.client().service_principals.create(display_name="klaviyo-renamed")
    path = site.folder / "renamed.json"
    record = {"token_id": "0" * 64, "token_value": "dapi0", "principal": made.application_id}
    path.write_text(json.dumps(record), encoding="utf-8")
    path.chmod(0o600)
    return {"klaviyo_token_store": {"type": "file", "path": str(path)}}


def store_of_another_integration(site: Site) -> Row:
    path = site.folder / "segment.json"
    record = {"token_id": "0" * 64, "token_value": "dapi0", "integration": "segment"}
    path.write_text(json.dumps(record), encoding="utf-8")
    path.chmod(0o600)
    return {"klaviyo_token_store": {"type": "file", "path": str(path)}}


def store_of_another_workspace(site: Site) -> Row:
    path = site.folder / "other.json"
    host = "https://abc-12345678.cloud.databricks.com"
    record = {"token_id": "0" * 64, "token_value": "dapi0", "host": host, "workspace_id": "12"}
    path.write_text(json.dumps(record), encoding="utf-8")
    path.chmod(0o600)
    return {"klaviyo_token_store": {"type": "file", "path": str(path)}}


def ip_lists(site: Site) -> Row:
    client = site.client()
    client.api_client.do("PATCH", "/api/2.0/workspace-conf", body={"enableIpAccessLists": "true"})
    wish = {"label": "office", "list_type": "ALLOW", "ip_addresses": ["127.0.0.0/8", "52.206.71.52/32"]}
    client.api_client.do("POST", "/api/2.0/ip-access-lists", body=wish)
    return {}


def hidden_ip_lists(site: Site) -> Row:
    ip_lists(site)
    refusal = {"status": 403, "error_code": "PERMISSION_DENIED", "message": "Not for you."}
    site.post("faults", {"method": "GET", "path": "/api/2.0/ip-access-lists", **refusal})
    return {}


# Findings that stop a run are shown by the set-up itself, all others by the preflight, which goes well.
STOPS = "klaviyo_setup"


def nothing(site: Site) -> Row:
    return {}


# code of the finding, playbook, what the workspace is like, variables, words on the screen
FINDINGS: list[tuple[str, str, t.Callable[[Site], Row], Row, tuple[str, ...]]] = [
    (
        "CATALOG_DOES_NOT_EXIST",
        "klaviyo_setup",
        nothing,
        {"klaviyo_catalog": "nosuch"},
        ("klaviyo_catalog: the workspace has no catalog nosuch", "The caller sees:", "CREATE CATALOG `nosuch`"),
    ),
    (
        "CATALOG_BOUND_ELSEWHERE",
        "klaviyo_setup",
        nothing,
        {"klaviyo_catalog": "elsewhere"},
        (
            "klaviyo_catalog: catalog elsewhere is bound to other workspaces only",
            "the owner of the catalog",
            "databricks workspace-bindings update-bindings catalog elsewhere",
        ),
    ),
    (
        "FEATURE_DISABLED",
        "klaviyo_setup",
        settings(feature_tier="standard"),
        {},
        ("Unity Catalog is switched off", "STANDARD_TIER", "an account administrator", "move the workspace to"),
    ),
    (
        "TOKENS_DISABLED",
        "klaviyo_setup",
        by_oauth(conf(enableTokensConfig="false")),
        {},
        (
            "tokens are switched off",
            "an administrator of the workspace",
            "Settings > Advanced > Personal Access Tokens",
        ),
    ),
    (
        "WAREHOUSE_DOES_NOT_EXIST",
        "klaviyo_setup",
        nothing,
        {"klaviyo_warehouse": "Nightly"},
        ("klaviyo_warehouse: no SQL warehouse called 'Nightly'", "Starter Warehouse", "CAN USE"),
    ),
    (
        "WAREHOUSE_AMBIGUOUS",
        "klaviyo_setup",
        second_warehouse,
        {},
        ("klaviyo_warehouse: 'STARTER WAREHOUSE' fits 2 SQL warehouses", "set klaviyo_warehouse to the ID"),
    ),
    (
        "PRINCIPAL_AMBIGUOUS",
        "klaviyo_setup",
        nothing,
        {"klaviyo_principal_name": "duplicated-sp"},
        (
            "klaviyo_principal_name: the workspace has 2 service principals named duplicated-sp",
            "set klaviyo_principal_name to the application ID",
        ),
    ),
    (
        "PRINCIPAL_INACTIVE",
        "klaviyo_setup",
        inactive_principal,
        {},
        ("klaviyo-import is deactivated", "an administrator of the workspace", "active=true"),
    ),
    (
        "USER_WITHOUT_TOKEN",
        "klaviyo_setup",
        nothing,
        {"klaviyo_principal_kind": "user", "klaviyo_principal_name": ADA},
        ("klaviyo_token is missing", "Settings > Developer > Access tokens", "Permission Settings"),
    ),
    (
        "STORE",
        "klaviyo_setup",
        foreign_store,
        {},
        ("klaviyo_token_store:", "holds something that is not the record of a token", "Give the token a place"),
    ),
    (
        "STORE",
        "klaviyo_setup",
        store_of_a_principal_that_was_renamed,
        {},
        (
            "klaviyo_token_store:",
            "holds the token of klaviyo-renamed (",
            "not of klaviyo-import",
            "set klaviyo_principal_name to",
        ),
    ),
    (
        "STORE",
        "klaviyo_setup",
        store_of_another_integration,
        {},
        ("klaviyo_token_store:", "holds the token of integration segment", "Give every integration a store of its own"),
    ),
    (
        "STORE",
        "klaviyo_setup",
        store_of_another_workspace,
        {},
        (
            "klaviyo_token_store:",
            "holds the token of another workspace, https://abc-12345678.cloud.databricks.com (workspace id 12).",
            "Give every workspace a store of its own, for example with inventory_hostname in the path.",
        ),
    ),
    (
        "NO_USE_CATALOG",
        "klaviyo_preflight",
        catalog_of_bob,
        {},
        ("does not have USE CATALOG on catalog bobs", f"GRANT USE CATALOG ON CATALOG `bobs` TO `{ADA}`"),
    ),
    (
        "CREATE_SCHEMA_UNKNOWN",
        "klaviyo_preflight",
        as_ada,
        {"klaviyo_catalog": "sales"},
        (
            "may create schemas in catalog sales could not be established",
            "Bob.Builder@example.com, who owns catalog sales",
            f"GRANT CREATE SCHEMA ON CATALOG `sales` TO `{ADA}`",
        ),
    ),
    (
        "MANAGE_UNKNOWN",
        "klaviyo_preflight",
        as_ada,
        {"klaviyo_catalog": "sales"},
        (
            "may grant privileges on catalog sales could not be established",
            f"GRANT MANAGE ON CATALOG `sales` TO `{ADA}`",
        ),
    ),
    (
        "NOT_ADMIN",
        "klaviyo_preflight",
        as_ada,
        {},
        (f"{ADA} is no administrator of the workspace as far as its groups show", "group admins"),
    ),
    (
        "LEVEL_UNKNOWN",
        "klaviyo_preflight",
        as_ada,
        {},
        ("to SQL warehouse Starter Warehouse could not be established", "whoever manages the warehouse", "Can manage"),
    ),
    (
        "SETTINGS_UNKNOWN",
        "klaviyo_preflight",
        as_ada,
        {},
        ("could not be established, since only administrators may read these settings", "Settings > Security"),
    ),
    (
        "PRINCIPAL_UNKNOWN",
        "klaviyo_preflight",
        as_ada,
        {},
        ("service principal klaviyo-import already could not be established", "klaviyo_principal_name"),
    ),
    (
        "SCHEMA_UNKNOWN",
        "klaviyo_preflight",
        schema_of_the_administrator,
        {},
        ("Whether schema main.klaviyo_tmp exists could not be established", "one that exists is left as it is"),
    ),
    (
        "SCHEMA_OF_ANOTHER",
        "klaviyo_preflight",
        schema_of_bob,
        {},
        ("klaviyo_tmp exists and belongs to Bob.Builder@example.com", "GRANT MANAGE ON SCHEMA"),
    ),
    (
        "PRINCIPAL_IN_USE",
        "klaviyo_preflight",
        nothing,
        {"klaviyo_principal_name": "nightly-etl"},
        (
            "nightly-etl exists and is used for something else",
            "it has 1 live token(s)",
            "it is a member of data-platform",
            "set klaviyo_principal_name to a name that is not taken",
        ),
    ),
    (
        "USER_DOES_NOT_EXIST",
        "klaviyo_preflight",
        nothing,
        {
            "klaviyo_principal_kind": "user",
            "klaviyo_principal_name": "new@example.com",
            "klaviyo_token": "dapi0123456789abcdef0123456789abcdef",
        },
        ("the workspace has no user new@example.com; it will be created",),
    ),
    (
        "LIFETIME_CAPPED",
        "klaviyo_preflight",
        conf(maxTokenLifetimeDays="30"),
        {},
        ("klaviyo_token_lifetime_days is 90, but the workspace allows at most 30 days", "maxTokenLifetimeDays"),
    ),
    (
        "TOKEN_ON_BEHALF",
        "klaviyo_preflight",
        nothing,
        {},
        ("The token will be made by admin@example.com on behalf of the service principal",),
    ),
    (
        "TOKEN_SELF",
        "klaviyo_preflight",
        settings(restrict_tokens_and_job_run_as=True),
        {},
        ("signing in as the service principal", "RESTRICT_TOKENS_AND_JOB_RUN_AS"),
    ),
    (
        "ON_BEHALF_RESTRICTED",
        "klaviyo_preflight",
        settings(restrict_tokens_and_job_run_as=True),
        {"klaviyo_token_method": "on_behalf_of"},
        ("could not be established", "Service Principal: User", "set klaviyo_token_method=auto"),
    ),
    (
        "NO_TOKENS_YET",
        "klaviyo_preflight",
        by_oauth(settings(no_tokens_yet=True)),
        {},
        ("The workspace never had a personal access token", "for ten minutes"),
    ),
    (
        "IP_ACCESS_LISTS",
        "klaviyo_preflight",
        ip_lists,
        {},
        ("refuse 7 of the addresses", "184.72.183.187/32", "databricks ip-access-lists create"),
    ),
    (
        "IP_ACCESS_LISTS_UNKNOWN",
        "klaviyo_preflight",
        hidden_ip_lists,
        {},
        ("which addresses they allow could not be read", "Not for you", "databricks ip-access-lists list"),
    ),
]

# Findings that need a workspace of another kind.
ELSEWHERE: list[tuple[str, str, tuple[str, ...], Row, tuple[str, ...]]] = [
    (
        "METASTORE_DOES_NOT_EXIST",
        "klaviyo_setup",
        ("--no-unity-catalog",),
        {"klaviyo_catalog": "main"},
        ("klaviyo_catalog: the workspace has no Unity Catalog metastore", "an account administrator", "hive_metastore"),
    ),
    (
        "LEGACY_METASTORE",
        "klaviyo_preflight",
        ("--no-unity-catalog",),
        {"klaviyo_catalog": "hive_metastore"},
        ("klaviyo_catalog is hive_metastore", "federation"),
    ),
    (
        "ON_BEHALF_NOT_OFFERED",
        "klaviyo_preflight",
        ("--cloud", "azure"),
        {"klaviyo_token_method": "on_behalf_of"},
        ("which Databricks does not document for Azure", "set klaviyo_token_method=auto"),
    ),
]


@pytest.fixture
def fresh(site: Site) -> t.Iterator[Site]:
    """The workspace as it was made; the next test gets it so, too."""
    yield site
    site.post("reset")


def shown(site: Site, playbook: str, blocks: bool, variables: Row) -> str:
    """What is on the screen after a playbook that must change nothing."""
    site.forget_journal()
    played = site.play(playbook, **{name: value for name, value in variables.items() if value is not None})
    assert site.mutating() == [], "something was changed"
    assert [entry for entry in site.journal if entry["path"].startswith("/sql/")] == []
    return (played.failed() if blocks else played.ok()).output.replace('\\"', '"')


@pytest.mark.parametrize(
    ("code", "playbook", "arrange", "variables", "words"),
    FINDINGS,
    ids=lambda one: getattr(one, "__name__", str(one))[:24],
)
def test_a_finding_says_what_who_and_how(
    fresh: Site,
    code: str,
    playbook: str,
    arrange: t.Callable[[Site], Row],
    variables: Row,
    words: tuple[str, ...],
) -> None:
    wish = {**fresh.variables, **arrange(fresh), **variables}
    kept = dict(fresh.variables)
    fresh.variables = {name: value for name, value in wish.items() if value is not None}
    try:
        screen = shown(fresh, playbook, playbook == STOPS, {})
    finally:
        fresh.variables = kept
    for word in words:
        assert word in screen, f"{word!r} is not on the screen:\n{screen[-3000:]}"
    if playbook == STOPS:
        assert "Nothing was changed" in screen
        assert screen.index("[ERROR]") < screen.index(words[0]), "the reason stands in the error itself"


@pytest.mark.parametrize(
    ("code", "playbook", "options", "variables", "words"), ELSEWHERE, ids=lambda one: str(one)[:24]
)
def test_a_finding_of_another_kind_of_workspace(
    tmp_path: t.Any, code: str, playbook: str, options: tuple[str, ...], variables: Row, words: tuple[str, ...]
) -> None:
    with start_site(tmp_path, *options) as site:
        screen = shown(site, playbook, playbook == STOPS, variables)
    for word in words:
        assert word in screen, f"{word!r} is not on the screen:\n{screen[-3000:]}"


def test_every_finding_has_a_row() -> None:
    assert {row[0] for row in FINDINGS} | {row[0] for row in ELSEWHERE} == set(SENTENCES)


def test_a_preflight_needs_no_administrator(fresh: Site) -> None:
    screen = shown(fresh, "klaviyo_preflight", False, as_ada(fresh))
    assert screen.count("could not be established") >= 3, "it says of each thing that it may not see it"


def test_several_findings_are_told_together(fresh: Site) -> None:
    wish = {"klaviyo_catalog": "nosuch", "klaviyo_warehouse": "Nightly", "klaviyo_principal_name": "duplicated-sp"}
    screen = shown(fresh, "klaviyo_setup", True, wish)
    for word in ("- klaviyo_catalog:", "- klaviyo_warehouse:", "- klaviyo_principal_name:"):
        assert word in screen, "each finding is a line of its own"


# -- what is refused, or read as it is meant, by the name of the variable ------------------------
REFUSED: list[tuple[Row, str]] = [
    ({"klaviyo_catalog": ""}, "klaviyo_catalog"),
    ({"klaviyo_catalog": "main.schema"}, "klaviyo_catalog"),
    ({"klaviyo_catalog": "ma in"}, "klaviyo_catalog"),
    ({"klaviyo_warehouse": ""}, "klaviyo_warehouse"),
    ({"klaviyo_warehouse": "sql/protocolv1/o/0/0123-456789-abcdefgh"}, "cluster"),
    ({"klaviyo_tmp_schema": "klaviyo_import_from_dwh"}, "klaviyo_tmp_schema"),
    ({"klaviyo_import_schema": "a/b"}, "klaviyo_import_schema"),
    ({"klaviyo_principal_kind": "robot"}, "klaviyo_principal_kind"),
    ({"klaviyo_principal_kind": "user", "klaviyo_principal_name": "nobody"}, "klaviyo_principal_name"),
    ({"klaviyo_tmp_privileges": "some"}, "klaviyo_tmp_privileges"),
    ({"klaviyo_token_lifetime_days": "ninety"}, "klaviyo_token_lifetime_days"),
    ({"klaviyo_token_renew_before_days": 90}, "klaviyo_token_renew_before_days"),
    ({"klaviyo_token_method": "magic"}, "klaviyo_token_method"),
    ({"klaviyo_token_store": {"type": "floppy"}}, "klaviyo_token_store"),
    ({"klaviyo_token_store": {"type": "databricks_secret", "scope": "s"}}, "klaviyo_token_store"),
    ({"klaviyo_token_store": "{broken"}, "klaviyo_token_store"),
    ({"klaviyo_allowed_schemas": {"a": 1}}, "klaviyo_allowed_schemas"),
    ({"klaviyo_purge_surplus": "perhaps"}, "klaviyo_purge_surplus"),
    ({"confirmed": "perhaps"}, "klaviyo_confirmed: is 'perhaps'. Give true or false."),
    ({"klaviyo_report_dir": "/"}, "klaviyo_report_dir"),
    ({"klaviyo_unknown_tokens": "shoot"}, "klaviyo_unknown_tokens"),
    ({"klaviyo_report_keep": "a while"}, "klaviyo_report_keep: is 'a while'; give a number of runs such as 50"),
    ({"klaviyo_report_keep": 0}, "klaviyo_report_keep: is '0'; give a number of runs such as 50"),
    ({"klaviyo_report_language": "german"}, "klaviyo_report_language"),
    ({"klaviyo_report_sign_key": "/no/such/key"}, "klaviyo_report_sign_key: /no/such/key cannot sign reports."),
    ({"databricks_token": "dapi\u2028x"}, "token"),
]

MEANT: list[Row] = [
    {"klaviyo_catalog": " `sandbox`\n"},
    {"klaviyo_warehouse": "  starter warehouse "},
    {"klaviyo_warehouse": "/sql/1.0/warehouses/<id>/"},
    {"klaviyo_warehouse": "sql/1.0/endpoints/<id>?o=1"},
    {"klaviyo_principal_name": "`klaviyo-import` "},
    {"klaviyo_allowed_schemas": "information_schema,default"},
    {"klaviyo_allowed_schemas": '["information_schema", "default"]'},
    {"klaviyo_token_store": '{"type": "file", "path": "<store>"}'},
    {"klaviyo_report_keep": " 400 Days ", "klaviyo_report_language": "Korean", "klaviyo_report_sign_key": ""},
    {"klaviyo_purge_surplus": "no", "klaviyo_token_lifetime_days": "90", "klaviyo_tmp_privileges": ""},
    dict.fromkeys(
        (
            "klaviyo_import_schema",
            "klaviyo_principal_kind",
            "klaviyo_principal_name",
            "klaviyo_token_lifetime_days",
            "klaviyo_allowed_schemas",
            "klaviyo_unknown_tokens",
        ),
        "",
    ),
    {"confirmed": {"changed": True}},
    {"klaviyo_import_schema": None, "klaviyo_token_grace_days": None, "klaviyo_token_method": None},
]


@pytest.mark.parametrize(("variables", "named"), REFUSED, ids=lambda one: str(one)[:60])
def test_what_cannot_be_meant_is_refused_by_name(site: Site, variables: Row, named: str) -> None:
    screen = shown(site, "klaviyo_setup", True, variables)
    failure = next(line for line in screen.splitlines() if line.startswith("[ERROR]"))
    assert named in failure, failure


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("klaviyo_catalog", "is missing. Give the catalog that holds both schemas."),
        ("klaviyo_warehouse", "is missing. Give the name, ID or HTTP path of the SQL warehouse."),
    ],
)
def test_what_is_missing_is_said_with_what_to_give(site: Site, name: str, sentence: str) -> None:
    site.forget_journal()
    hosts = {HOST: {given: value for given, value in site.variables.items() if given != name}}
    output = site.play("klaviyo_verify", hosts=hosts).failed().output
    assert f"{name}: {sentence}" in output and site.journal == []


@pytest.mark.parametrize("variables", MEANT, ids=lambda one: str(one)[:60])
@pytest.mark.parametrize("extra", [False, True], ids=["inventory", "extra variables"])
def test_what_is_meant_is_read(site: Site, variables: Row, extra: bool) -> None:
    text = json.dumps(variables).replace("<id>", site.ready["warehouse_id"]).replace("<store>", str(site.store))
    options = ["-e", text] if extra else []
    site.forget_journal()
    site.play("klaviyo_preflight", *options, **({} if extra else json.loads(text))).ok()
    assert site.mutating() == []


def test_a_report_directory_of_null_is_not_the_root(site: Site) -> None:
    output = site.play("klaviyo_preflight", "-e", '{"klaviyo_report_dir": null}', "-vv").ok().output
    assert '"report_dir": "/"' not in output and '"report_dir": ""' not in output
