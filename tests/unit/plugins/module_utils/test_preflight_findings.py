# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight finds, from evidence alone: from a workspace where all is well, one thing is changed at a time."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight import judge
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.evidence import HIVE, Outcome, Seen, Wish
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.findings import Finding, Variables
from ansible_collections.lakeops.databricks.plugins.module_utils._preflight.rights import Rights

ME = "ada@example.com"
APPLICATION = "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"
ALL = Rights(True, True, True)
WISH = Wish(
    catalog="main",
    schemas=("a", "b"),
    warehouse="w",
    principal="klaviyo",
    store={},
    lifetime_days=90,
    addresses=("192.0.2.7", "198.51.100.9"),
)
KLAVIYO = {"id": "7", "application_id": APPLICATION, "display_name": "Klaviyo", "active": True}
# Whoever is no administrator is told less, and has less.
NOBODY: dict[str, t.Any] = {"groups": ["staff"], "admin": False}


def no(message: str = "Could not look: No.", code: str = "PERMISSION_DENIED", status: int | None = 403) -> Outcome:
    return Outcome(failure=Failure(message, code=code, status=status))


GONE = no("Could not read it: It does not exist.", "RESOURCE_DOES_NOT_EXIST", 404)
BROKEN = no("Could not read it: Oops.", "INTERNAL_ERROR", 500)
# No token is stored, so that one has to be made.
FRESH = {"store": Outcome({"intents": []})}


def look(wish: Wish = WISH, who: dict[str, t.Any] | None = None, /, **changed: Outcome) -> judge.Judged:
    """What is found where all is well but for what changed; blanks in the names of reads are underscores."""
    answers = {
        "metastore": Outcome({"metastore_id": "m"}),
        "catalog": Outcome({"owner": ME}),
        "schema a": Outcome({"owner": ME}),
        "schema b": Outcome({"owner": ME}),
        "warehouse": Outcome({"id": "w", "name": "Serving"}),
        "settings": Outcome({"maxTokenLifetimeDays": "90"}),
        "principals": Outcome([KLAVIYO]),
        "store": Outcome({"token_id": "t1"}),
        **{name.replace("_", " "): outcome for name, outcome in changed.items()},
    }
    caller = {"user_name": ME, "groups": ["admins"], "admin": True, "workspace_id": "42", **(who or {})}
    return judge.judge(Seen(caller, "https://x", "x", True, answers), wish, Variables("klaviyo_"))


def codes(judged: judge.Judged) -> list[str]:
    return [one.code for one in judged.findings]


def only(judged: judge.Judged) -> Finding:
    (finding,) = judged.findings
    return finding


def wish(**changed: t.Any) -> Wish:
    return dataclasses.replace(WISH, **changed)


def test_nothing_is_found_where_all_is_well() -> None:
    assert look() == judge.Judged([], ALL, True, "CAN_MANAGE")


@pytest.mark.parametrize(
    "read", ["metastore", "catalog", "schema_a", "warehouse", "settings", "principals", "schema_b"]
)
def test_a_read_that_failed_otherwise_is_no_finding(read: str) -> None:
    with pytest.raises(Failure, match="Oops"):
        look(WISH, **{read: BROKEN})


def test_a_read_without_an_answer_and_a_reason_is_a_bug_and_says_so() -> None:
    with pytest.raises(Failure, match="neither an answer nor a reason"):
        look(catalog=Outcome())


@pytest.mark.parametrize(
    "failure",
    [
        Failure("Could not read it: Invalid access token.", code="INVALID_ACCESS_TOKEN", status=403),
        Refused("We do not ask that.", status=403),
    ],
)
def test_who_is_not_signed_in_learns_that_instead(failure: Failure) -> None:
    with pytest.raises(Failure) as raised:
        look(settings=Outcome(failure=failure))
    assert raised.value is failure


# -- the catalog --------------------------------------------------------------------------------
@pytest.mark.parametrize("read", ["metastore", "catalog"])
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("METASTORE_DOES_NOT_EXIST", "metastore-assignments create 42 METASTORE_ID"),
        ("FEATURE_DISABLED", "The workspace says: It is off."),
    ],
)
def test_without_unity_catalog_nothing_else_is_said_of_the_catalog(read: str, code: str, says: str) -> None:
    judged = look(WISH, **{read: no("Could not read it: It is off.", code, 404), "schema_a": GONE})
    assert only(judged).code == code and says in only(judged).line
    assert (judged.rights, judged.exists) == (Rights(), False)


def test_who_wants_no_catalog_and_sets_nothing_up_is_not_told_of_a_missing_metastore() -> None:
    missing = no("Could not read it: None.", "METASTORE_DOES_NOT_EXIST", 404)
    facts = wish(catalog=None, schemas=(), provisioning=False)
    assert codes(look(facts, metastore=missing)) == []
    assert codes(look(dataclasses.replace(facts, provisioning=True), metastore=missing)) == ["METASTORE_DOES_NOT_EXIST"]
    assert codes(look(wish(provisioning=False), metastore=missing)) == ["METASTORE_DOES_NOT_EXIST"]


def test_a_workspace_whose_number_is_not_known_leaves_a_place_for_it() -> None:
    judged = look(WISH, {"workspace_id": None}, metastore=no("No.", "METASTORE_DOES_NOT_EXIST", 404))
    assert "metastore-assignments create WORKSPACE_ID METASTORE_ID" in only(judged).how


def test_without_a_catalog_there_are_no_rights_on_it() -> None:
    judged = look(wish(catalog=None, schemas=()))
    assert (judged.findings, judged.rights, judged.exists) == ([], Rights(), None)


def test_the_legacy_metastore_is_noted_by_who_sets_up() -> None:
    judged = look(wish(catalog=HIVE), catalog=Outcome(), metastore=BROKEN, schema_a=Outcome(), schema_b=Outcome())
    assert codes(judged) == ["LEGACY_METASTORE"] and (judged.rights, judged.exists) == (Rights(), None)
    assert codes(look(wish(catalog=HIVE, provisioning=False), catalog=Outcome(), metastore=Outcome())) == []


@pytest.mark.parametrize(
    "words",
    [
        "Catalog 'main' is not accessible in current workspace",
        "Catalog 'main' has no binding to this workspace.",
        "Catalog 'main' is not bound to workspace 42!",
    ],
)
def test_a_catalog_of_other_workspaces(words: str) -> None:
    judged = look(catalog=no(f"Could not read catalog main: {words}"), schema_a=no(), schema_b=no())
    assert only(judged).code == "CATALOG_BOUND_ELSEWHERE"
    assert only(judged).what.endswith(f"The workspace says: {words}" + ("." if words[-1] not in ".!" else ""))
    assert '"workspace_id": 42' in only(judged).how and (judged.rights, judged.exists) == (Rights(), True)


def test_a_catalog_that_the_caller_may_not_use() -> None:
    judged = look(WISH, NOBODY, catalog=no(status=401), level=Outcome([entry("IS_OWNER")]), schema_a=no())
    assert (judged.rights, judged.exists) == (Rights(use=False), True)
    assert codes(judged) == ["NO_USE_CATALOG", "SCHEMA_UNKNOWN", "NOT_ADMIN"]
    first = judged.findings[0]
    assert first.who == "the owner of catalog main"
    assert first.what.startswith(f"{ME} does not have USE CATALOG on catalog main")
    assert first.how == f"run: GRANT USE CATALOG ON CATALOG `main` TO `{ME}`."


@pytest.mark.parametrize(("others", "shown"), [(["dev", "prod"], "dev, prod"), ([], "none"), (None, "none")])
def test_a_catalog_that_is_not_there(others: list[str] | None, shown: str) -> None:
    judged = look(catalog=GONE, catalogs=Outcome(others), schema_a=GONE, schema_b=GONE)
    assert only(judged).code == "CATALOG_DOES_NOT_EXIST" and f"The caller sees: {shown}." in only(judged).what
    assert (judged.rights, judged.exists) == (Rights(), False)


def test_rights_come_from_privileges_and_from_the_metastore() -> None:
    theirs = {"catalog": Outcome({"owner": "bob"})}
    assert look(**theirs, privileges=Outcome([(ME, "USE_CATALOG")])).rights == Rights(True, None, None)
    assert look(**theirs, metastore_owner=Outcome({"owner": ME})).rights == Rights(None, True, True)
    assert look(**theirs).rights == Rights() and look(**theirs).exists is True


def test_a_page_that_is_not_there_is_no_answer_about_the_catalog() -> None:
    with pytest.raises(Failure, match="web page"):
        look(catalog=no("Could not read it: a web page.", "NOT_THE_API", 404))


def test_who_may_only_browse_a_catalog_lacks_its_use() -> None:
    browsed = Outcome({"owner": "bob", "browse_only": True})
    judged = look(catalog=browsed)
    assert only(judged).code == "NO_USE_CATALOG" and only(judged).who == "bob, who owns catalog main"
    assert (judged.rights, judged.exists) == (Rights(use=False), True)
    held = look(catalog=browsed, privileges=Outcome([(ME, "ALL_PRIVILEGES"), (ME, "MANAGE")]))
    assert (held.findings, held.rights) == ([], ALL)


@pytest.mark.parametrize(
    ("owner", "who"),
    [
        (None, "the owner of catalog main"),
        ("bob", "bob, who owns catalog main"),
        (
            "_Workspace_Admins_acme_42",
            "an administrator of the workspace, since catalog main belongs to all of them",
        ),
    ],
)
def test_who_can_give_a_right(owner: str | None, who: str) -> None:
    judged = look(
        WISH, NOBODY, catalog=Outcome({"owner": owner, "browse_only": True}), level=Outcome([entry("IS_OWNER")])
    )
    assert judged.findings[0].who == who


# -- the schemas --------------------------------------------------------------------------------
THEIRS = {"catalog": Outcome({"owner": "bob"})}
GRANTER = Outcome([(ME, "MANAGE"), (ME, "USE_CATALOG")])


def test_a_schema_of_another_is_noted() -> None:
    judged = look(schema_b=Outcome({"owner": "carol"}))
    assert only(judged).code == "SCHEMA_OF_ANOTHER" and only(judged).who == "carol"
    assert only(judged).what.startswith("Schema main.b exists and belongs to carol.")
    assert "belongs to somebody else." in only(look(schema_a=Outcome({"browse_only": True}))).what


def test_whether_schemas_can_be_made_matters_only_where_one_is_missing() -> None:
    assert codes(look(**THEIRS, privileges=GRANTER)) == []
    judged = look(**THEIRS, privileges=GRANTER, schema_b=GONE)
    assert only(judged).code == "CREATE_SCHEMA_UNKNOWN" and only(judged).who == "bob, who owns catalog main"
    assert codes(look(wish(schemas=()), **THEIRS, privileges=GRANTER)) == ["CREATE_SCHEMA_UNKNOWN"]
    maker = Outcome([(ME, "MANAGE"), (ME, "CREATE_SCHEMA")])
    assert codes(look(**THEIRS, privileges=maker, schema_b=GONE)) == []
    assert codes(look(schema_b=GONE)) == []


@pytest.mark.parametrize(("said", "status"), [("Could not read schema main.a: Not yours!", 401), ("Not yours!", 403)])
def test_a_schema_that_the_caller_may_not_see_may_be_missing(said: str, status: int) -> None:
    hidden = no(said, status=status)
    judged = look(**THEIRS, privileges=GRANTER, schema_a=hidden)
    assert codes(judged) == ["SCHEMA_UNKNOWN", "CREATE_SCHEMA_UNKNOWN"]
    assert "Whether schema main.a exists" in judged.findings[0].what
    assert "The workspace says: Not yours! It is created" in judged.findings[0].what


@pytest.mark.parametrize(
    "changed",
    [
        {"schema_b": GONE},
        {"schema_b": Outcome({"owner": "carol"})},
        {"store": Outcome({})},
    ],
)
def test_whether_grants_can_be_made_matters_only_where_one_may_be_missing(changed: dict[str, Outcome]) -> None:
    maker = Outcome([(ME, "USE_CATALOG"), (ME, "CREATE_SCHEMA")])
    given = {**THEIRS, "privileges": maker, "cloud": Outcome("aws"), "token_permissions": Outcome({})}
    assert codes(look(**given)) == []
    judged = look(**given, **changed)
    (finding,) = [one for one in judged.findings if one.code == "MANAGE_UNKNOWN"]
    assert finding.who == "bob, who owns catalog main"
    able = {**given, "privileges": Outcome([(ME, "USE_CATALOG"), (ME, "CREATE_SCHEMA"), (ME, "MANAGE")])}
    assert "MANAGE_UNKNOWN" not in codes(look(**able, **changed))


def test_who_may_not_use_the_catalog_is_told_only_that() -> None:
    judged = look(catalog=Outcome({"owner": "bob", "browse_only": True}), schema_b=GONE)
    assert codes(judged) == ["NO_USE_CATALOG"]


def test_what_blocks_comes_before_doubts_about_schemas() -> None:
    assert codes(look(**THEIRS, schema_b=GONE, warehouse=GONE)) == ["WAREHOUSE_DOES_NOT_EXIST"]


def test_who_sets_nothing_up_needs_the_catalog_and_the_warehouse_only() -> None:
    verifying = wish(provisioning=False)
    judged = look(
        verifying, NOBODY, **THEIRS, schema_b=GONE, settings=Outcome(), level=Outcome([]), principals=no(), store=no()
    )
    assert judged == judge.Judged([], Rights(), True, None)


# -- the warehouse ------------------------------------------------------------------------------
def entry(level: str | None, inherited: str | None = None, principal: str | None = ME.upper()) -> dict[str, t.Any]:
    return {"principal": principal, "level": level, "inherited_level": inherited}


def test_without_a_warehouse_there_is_no_level() -> None:
    assert look(wish(warehouse=None), warehouse=Outcome()) == judge.Judged([], ALL, True, None)


@pytest.mark.parametrize(
    ("failure", "code", "what"),
    [
        (GONE, "WAREHOUSE_DOES_NOT_EXIST", "klaviyo_warehouse: It does not exist."),
        (no("Two are named w."), "WAREHOUSE_DOES_NOT_EXIST", "klaviyo_warehouse: Two are named w."),
        (
            no("warehouse: Two are named w.", "WAREHOUSE_AMBIGUOUS", None),
            "WAREHOUSE_AMBIGUOUS",
            "klaviyo_warehouse: Two are named w.",
        ),
    ],
)
def test_a_warehouse_that_is_not_found(failure: Outcome, code: str, what: str) -> None:
    judged = look(warehouse=failure)
    assert (only(judged).code, only(judged).what, judged.level) == (code, what, None)


@pytest.mark.parametrize(
    ("entries", "level"),
    [
        ([entry("CAN_USE"), entry(None, "CAN_MANAGE")], "CAN_MANAGE"),
        ([entry("IS_OWNER", "CAN_MANAGE")], "IS_OWNER"),
        ([entry("CAN_USE"), entry("CAN_MONITOR", None, "staff")], "CAN_MONITOR"),
        ([entry("CAN_MANAGE", None, "others"), entry("CAN_MANAGE", None, None)], None),
        ([], None),
    ],
)
def test_the_level_on_the_warehouse_comes_from_every_name_of_the_caller(
    entries: list[t.Any], level: str | None
) -> None:
    judged = look(WISH, NOBODY, level=Outcome(entries))
    assert judged.level == level
    doubtful = level not in ("CAN_MANAGE", "IS_OWNER")
    assert codes(judged) == ["LEVEL_UNKNOWN"] * doubtful + ["NOT_ADMIN"]
    if doubtful:
        what = judged.findings[0].what
        assert "access to SQL warehouse Serving" in what and "nested groups are not shown" in what
    verifying = look(wish(provisioning=False), NOBODY, level=Outcome(entries))
    assert (verifying.findings, verifying.level) == ([], level)


def test_a_list_of_levels_that_the_caller_may_not_read() -> None:
    judged = look(WISH, NOBODY, level=no())
    assert codes(judged) == ["LEVEL_UNKNOWN", "NOT_ADMIN"] and judged.level is None
    assert "only who manages it may see the list" in judged.findings[0].what
    with pytest.raises(Failure, match="Oops"):
        look(WISH, NOBODY, level=BROKEN)


def test_a_caller_without_a_name_is_called_the_caller() -> None:
    judged = look(WISH, {**NOBODY, "user_name": ""}, level=Outcome([entry("IS_OWNER", None, "staff")]))
    assert any(one.what.startswith("the caller is no administrator") for one in judged.findings)


# -- the settings -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("settings", "enabled", "longest"),
    [
        (None, None, None),
        ({}, True, None),
        ({"enableTokensConfig": None, "maxTokenLifetimeDays": None}, True, None),
        ({"enableTokensConfig": "true", "maxTokenLifetimeDays": "0"}, True, None),
        ({"enableTokensConfig": "False", "maxTokenLifetimeDays": "1"}, False, 1),
        ({"enableTokensConfig": False, "maxTokenLifetimeDays": 30}, False, 30),
        ({"maxTokenLifetimeDays": "soon"}, True, None),
    ],
)
def test_what_the_settings_say(settings: dict[str, t.Any] | None, enabled: bool | None, longest: int | None) -> None:
    assert judge.tokens_enabled(settings) is enabled and judge.longest_life(settings) == longest


def test_settings_that_only_administrators_may_read() -> None:
    assert codes(look(settings=no(), ip_lists=no())) == ["SETTINGS_UNKNOWN"]


def test_tokens_that_are_switched_off_block() -> None:
    assert codes(look(settings=Outcome({"enableTokensConfig": "false"}))) == ["TOKENS_DISABLED"]


@pytest.mark.parametrize(
    ("wished", "longest", "stored", "capped"),
    [
        (90, "89", False, True),
        (90, "90", False, False),
        (90, "30", True, False),
        (None, "30", False, False),
        (90, "0", False, False),
    ],
)
def test_a_life_that_the_workspace_shortens(wished: int | None, longest: str, stored: bool, capped: bool) -> None:
    given = {} if stored else {**FRESH, "token_permissions": Outcome({})}
    judged = look(wish(lifetime_days=wished), settings=Outcome({"maxTokenLifetimeDays": longest}), **given)
    said = [one.what for one in judged.findings if one.code == "LIFETIME_CAPPED"]
    assert bool(said) is capped
    if said:
        assert said[0].startswith("klaviyo_token_lifetime_days is 90, but the workspace allows at most 89 days")


def allowing(*addresses: str, kind: str = "ALLOW") -> Outcome:
    return Outcome({"ip_access_lists": [{"list_type": kind, "enabled": True, "ip_addresses": list(addresses)}]})


def test_addresses_of_the_partner_that_are_refused() -> None:
    assert codes(look(ip_lists=allowing("192.0.2.0/24", "198.51.100.1/24"))) == []
    assert codes(look(ip_lists=Outcome({"ip_access_lists": None}))) == []
    finding = only(look(ip_lists=allowing("10.0.0.0/8")))
    assert finding.what == (
        "IP access lists are on and refuse 2 of the addresses that the partner calls from: 192.0.2.7, 198.51.100.9."
    )
    assert '"ip_addresses": ["192.0.2.7", "198.51.100.9"]' in finding.how
    assert "refuse 1 of" in only(look(ip_lists=allowing("192.0.2.7", kind="BLOCK"))).what


def test_an_address_may_be_written_as_one_of_its_network() -> None:
    network = wish(addresses=("192.0.2.7/24",))
    assert codes(look(network, ip_lists=allowing("192.0.2.0/23"))) == []
    assert codes(look(network, ip_lists=allowing("192.0.2.0/25"))) == ["IP_ACCESS_LISTS"]


@pytest.mark.parametrize("outcome", [no(), BROKEN])
def test_access_lists_that_cannot_be_read(outcome: Outcome) -> None:
    finding = only(look(ip_lists=outcome))
    assert finding.code == "IP_ACCESS_LISTS_UNKNOWN" and "calls from: 192.0.2.7, 198.51.100.9." in finding.what
    assert f"The workspace says: {'Oops' if outcome is BROKEN else 'No'}." in finding.what


# -- the principal, its store and its token -----------------------------------------------------
def test_a_principal_that_nobody_wants_is_not_looked_at() -> None:
    assert codes(look(wish(principal=None), principals=Outcome())) == []


def test_a_principal_that_only_administrators_can_look_up() -> None:
    judged = look(principals=no())
    assert codes(judged) == ["PRINCIPAL_UNKNOWN"]
    assert "Whether the workspace has service principal klaviyo already" in judged.findings[0].what


@pytest.mark.parametrize("key", ["application_id", "user_name"])
def test_several_principals_of_the_name(key: str) -> None:
    several = Outcome([{**KLAVIYO, "application_id": None, key: name, "active": False} for name in ("one", "two")])
    finding = only(look(principals=several, uses=Outcome(["group a"])))
    assert finding.code == "PRINCIPAL_AMBIGUOUS"
    assert "the workspace has 2 service principals named klaviyo: one, two." in finding.what


def test_a_principal_that_is_deactivated_or_used_for_something_else() -> None:
    off = only(look(principals=Outcome([{**KLAVIYO, "active": False}]), uses=Outcome(["group a"])))
    assert off.code == "PRINCIPAL_INACTIVE" and off.what.startswith("klaviyo_principal_name: Klaviyo is deactivated")
    assert "with module service_principal and active=true" in off.how
    used = only(look(uses=Outcome(["group a", "schema main.x"])))
    assert used.code == "PRINCIPAL_IN_USE" and "too: group a; schema main.x." in used.what
    assert codes(look(uses=Outcome([]))) == []


def test_a_principal_that_is_not_there_is_made() -> None:
    assert codes(look(principals=Outcome([]))) == []
    assert codes(look(wish(kind="user", principal="klaviyo"))) == [], "it is there"
    finding = only(look(wish(kind="user", principal="eve@example.com"), principals=Outcome([])))
    assert finding.code == "USER_DOES_NOT_EXIST" and "no user eve@example.com; it will be created" in finding.what


@pytest.mark.parametrize(
    ("failure", "what", "how"),
    [
        (Failure("store: It is full.", hint="Make room."), "It is full.", "How: Make room."),
        (Failure("No such vault: x"), "No such vault: x", "How: give the store that the first run had."),
    ],
)
def test_a_store_that_cannot_be_used(failure: Failure, what: str, how: str) -> None:
    finding = only(look(store=Outcome(failure=failure)))
    assert finding.code == "STORE" and finding.what == f"klaviyo_token_store: {what}" and how in finding.line


def test_a_token_of_another_principal_stops_only_where_that_is_known() -> None:
    stored = Outcome({"token_id": "t1", "principal": "id-of-etl"})
    refusal = Refused("store: file x holds the token of etl (id-of-etl), not of klaviyo.", code="OTHER_PRINCIPAL")
    finding = only(look(store=stored, whose=Outcome(failure=refusal)))
    assert finding.code == "STORE" and "file x holds the token of etl (id-of-etl), not of klaviyo." in finding.what
    assert finding.how.startswith("set klaviyo_principal_name to id-of-etl if that is the one that is meant, or give")
    for status, retryable in ((403, False), (503, True)):
        unknown = Failure("Could not look up service principal.", code="X", status=status, retryable=retryable)
        assert codes(look(store=stored, whose=Outcome(failure=unknown))) == []


def test_a_store_that_may_answer_a_little_later_ends_the_preflight() -> None:
    with pytest.raises(Failure, match="Busy"):
        look(store=Outcome(failure=Failure("store: Busy.", retryable=True)))


@pytest.mark.parametrize(
    ("wished", "changed"),
    [
        ({}, {"store": Outcome({"token_id": "t1"})}),
        ({"store": None}, {"store": Outcome()}),
        ({"supplied": True}, {"store": Outcome({})}),
    ],
)
def test_where_no_token_has_to_be_made_nothing_is_said_of_the_making(
    wished: dict[str, t.Any], changed: dict[str, Outcome]
) -> None:
    assert codes(look(wish(**wished), token_permissions=GONE, **changed)) == []


RESTRICTED = Outcome({"restrict_workspace_admins": {"status": "RESTRICT_TOKENS_AND_JOB_RUN_AS"}})
OPEN = Outcome({"restrict_workspace_admins": {"status": "ALLOW_ALL"}})


@pytest.mark.parametrize(
    ("method", "cloud", "restriction", "code", "says"),
    [
        ("auto", "aws", OPEN, "TOKEN_ON_BEHALF", "on behalf of the service principal"),
        ("auto", "gcp", Outcome({"restrict_workspace_admins": None}), "TOKEN_ON_BEHALF", "on behalf"),
        ("auto", None, no(), "TOKEN_ON_BEHALF", "on behalf"),
        ("auto", "azure", OPEN, "TOKEN_SELF", "since Azure does not offer tokens on behalf of others."),
        ("auto", "aws", RESTRICTED, "TOKEN_SELF", "since the workspace restricts tokens on behalf of others"),
        ("self", "azure", RESTRICTED, "TOKEN_SELF", "since klaviyo_token_method is self."),
        ("on_behalf_of", "aws", OPEN, None, ""),
        ("on_behalf_of", "azure", OPEN, "ON_BEHALF_NOT_OFFERED", "is tried"),
        ("on_behalf_of", "azure", RESTRICTED, "ON_BEHALF_RESTRICTED", "Service Principal User"),
    ],
)
def test_how_a_token_will_be_made(
    method: str, cloud: str | None, restriction: Outcome, code: str | None, says: str
) -> None:
    judged = look(wish(method=method), **FRESH, cloud=Outcome(cloud), restriction=restriction)
    assert codes(judged) == ([code] if code else [])
    assert says in "".join(one.what for one in judged.findings)


def test_a_workspace_that_never_had_a_token_gets_one_first() -> None:
    assert codes(look(**FRESH, token_permissions=GONE)) == ["NO_TOKENS_YET", "TOKEN_ON_BEHALF"]
    assert codes(look(**FRESH, token_permissions=no())) == ["TOKEN_ON_BEHALF"]


@pytest.mark.parametrize(
    ("name", "users", "needed"),
    [
        (ME.upper(), [], False),
        ("eve@example.com", [], True),
        ("eve", [{"user_name": ME, "active": True}], False),
        (ME, [{"user_name": "eve@example.com", "display_name": "Eve", "active": True}], True),
    ],
)
def test_a_user_makes_the_token_alone(name: str, users: list[t.Any], needed: bool) -> None:
    judged = look(wish(kind="user", principal=name), **FRESH, principals=Outcome(users), token_permissions=GONE)
    said = [one for one in judged.findings if one.code != "USER_DOES_NOT_EXIST"]
    assert [one.code for one in said] == ["USER_WITHOUT_TOKEN"] * needed
    if said:
        assert f"nobody but {'Eve' if users else name} can make a token" in said[0].what
        assert "write klaviyo into the comment" in said[0].how
