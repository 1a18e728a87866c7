# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be wrong with a partner's access: found, named, of the right kind, and nothing else with it."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.support.modules import run_module
from tests.support.partner import Partner
from tests.support.sandbox import Sandbox, running_sandbox

ADA = "ada.analyst@example.com"
EVERYBODY = "account users"


@pytest.fixture
def partner(sandbox: Sandbox, tmp_path: Path) -> Partner:
    return Partner(sandbox, tmp_path).set_up()


# -- what is broken on purpose --------------------------------------------------------------------
def warehouse_permission_removed(p: Partner) -> None:
    """A PUT of everything else, as an unwary tool does it."""
    client, path = p.client(), f"/api/2.0/permissions/warehouses/{p.sandbox.warehouse_id}"
    kept = [
        {key: entry[key] for key in entry if key.endswith("_name") and key != "display_name"}
        | {"permission_level": permission["permission_level"]}
        for entry in client.api_client.do("GET", path)["access_control_list"]
        for permission in entry["all_permissions"]
        if not permission.get("inherited") and entry.get("service_principal_name") != p.principal
    ]
    client.api_client.do("PUT", path, body={"access_control_list": kept})


def entitlement_removed(p: Partner) -> None:
    p.do("service_principal", name="partner", entitlements=[], purge_entitlements=True)


def into_group(p: Partner, name: str) -> None:
    client = p.client()
    group = next(iter(client.groups.list(filter=f'displayName eq "{name}"')))
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": p.scim_id}]}],
    }
    client.api_client.do("PATCH", f"/api/2.0/preview/scim/v2/Groups/{group.id}", body=body)


def token_revoked(p: Partner) -> None:
    p.do("token", principal=p.principal, integration="partner", store=p.store, state="absent")
    Path(p.store["path"]).write_text(p.record, encoding="utf-8")


def view_owner_lost_the_right(p: Partner) -> None:
    # Ada makes a view of what she may read, and then may not read it any more.
    p.sql("CREATE SCHEMA main.source", "CREATE TABLE main.source.people (id INT)")
    p.grant("schema", "main.source", ADA, add="USE_SCHEMA")
    p.grant("schema", "main.source", ADA, add="SELECT")
    p.grant("schema", p.imports, ADA, add="USE_SCHEMA")
    p.grant("schema", p.imports, ADA, add="CREATE_TABLE")
    into_sql(p, ADA)
    by_ada = p.sandbox.control("POST", "mint", {"owner": ADA})["token_value"]
    statement = f"CREATE VIEW {p.imports}.people AS SELECT id FROM main.source.people"
    p.do("sql", token=by_ada, warehouse=p.sandbox.warehouse_id, statement=statement)
    p.grant("schema", "main.source", ADA, remove="SELECT")


def into_sql(p: Partner, who: str) -> None:
    for kind in ({"object_type": "warehouse", "object": p.sandbox.warehouse_id},):
        p.do("permission", principal=who, level="CAN_USE", **kind)


def filtered(body: str) -> t.Callable[[Partner], None]:
    def hide(p: Partner) -> None:
        p.sql(
            f"INSERT INTO {p.imports}.customers VALUES (1)",
            "CREATE SCHEMA main.filters",
            f"CREATE FUNCTION main.filters.some(number INT) RETURN {body}",
            f"ALTER TABLE {p.imports}.customers SET ROW FILTER main.filters.some ON (id)",
        )

    return hide


def empty(p: Partner) -> None:
    p.sql(f"DROP TABLE {p.imports}.customers", f"DROP TABLE {p.imports}.events")


def owner_of_the_import_schema(p: Partner) -> None:
    p.do("schema", catalog=p.catalog, name=p.imports.split(".")[1], owner=p.principal)


class Row(t.NamedTuple):
    """What is broken, which checks say so and how, and what it comes to."""

    what: str
    broken: t.Callable[[Partner], None]
    expected: dict[str, str]
    status: str
    says: str
    options: dict[str, t.Any] = {}


def catalog(add: str = "", remove: str = "", whom: str | None = None) -> t.Callable[[Partner], None]:
    return lambda p: p.grant("catalog", p.catalog, whom or p.principal, add=add, remove=remove)


def imports(add: str = "", remove: str = "", whom: str | None = None) -> t.Callable[[Partner], None]:
    return lambda p: p.grant("schema", p.imports, whom or p.principal, add=add, remove=remove)


def staging(add: str = "", remove: str = "", whom: str | None = None) -> t.Callable[[Partner], None]:
    return lambda p: p.grant("schema", p.staging, whom or p.principal, add=add, remove=remove)


def use_catalog_revoked(p: Partner) -> None:
    for whom in (None, EVERYBODY):
        catalog(remove="USE_CATALOG", whom=whom)(p)


def schema(name: str, *add: str, whom: str | None = None) -> t.Callable[[Partner], None]:
    def give(p: Partner) -> None:
        for privilege in add:
            p.grant("schema", f"{p.catalog}.{name}", whom or p.principal, add=privilege)

    return give


def select(*names: str) -> dict[str, str]:
    return {f"select_main.partner_import.{name}": "failed" for name in names}


F, W, S = "failed", "warned", "skipped"
# Everybody may browse the catalog of a workspace, which is a warning and no more.
USUAL = {"indirect_catalog": W}
BROKEN = [
    Row(
        "USE CATALOG revoked",
        use_catalog_revoked,
        {"schemas": F, "grants_catalog": F, "probe_create": F, "tables": F},
        "broken",
        "USE CATALOG on Catalog 'main'",
    ),
    Row(
        "SELECT revoked",
        imports(remove="SELECT"),
        {"grants_import": F, **select("customers", "events")},
        "broken",
        "missing SELECT",
    ),
    Row(
        "CREATE TABLE revoked",
        staging(remove="CREATE_TABLE"),
        {"grants_tmp": F, "probe_create": F},
        "broken",
        "missing CREATE_TABLE",
    ),
    # The probe goes through all the same: whoever makes a table owns it.
    Row("MODIFY revoked", staging(remove="MODIFY"), {"grants_tmp": F}, "broken", "missing MODIFY"),
    Row(
        "surplus MODIFY", imports(add="MODIFY"), {"surplus_import": F}, "drift", "MODIFY on schema main.partner_import"
    ),
    Row(
        "surplus on the catalog",
        catalog(add="CREATE_SCHEMA"),
        {"surplus_catalog": F},
        "drift",
        "CREATE_SCHEMA on catalog",
    ),
    Row(
        "may write where it reads",
        imports(add="CREATE_TABLE"),
        {"surplus_import": F, "forbidden_create": F},
        "drift",
        "was dropped again",
    ),
    Row(
        "everybody may change tables",
        imports(add="MODIFY", whom=EVERYBODY),
        {"indirect_import": W},
        "ok",
        "account users",
    ),
    Row(
        "everybody may change tables, and strict",
        imports(add="MODIFY", whom=EVERYBODY),
        {"indirect_import": F, "indirect_catalog": F},
        "drift",
        "MODIFY through account users",
        {"least_privilege": "strict"},
    ),
    Row(
        "everybody may create tables",
        imports(add="CREATE_TABLE", whom=EVERYBODY),
        {"indirect_import": W, "forbidden_create": W},
        "ok",
        "through account users (granted on schema main.partner_import)",
    ),
    Row("everybody may browse", lambda p: None, {}, "ok", "BROWSE through account users (granted on catalog main)"),
    Row(
        "a group may change the whole catalog",
        lambda p: (into_group(p, "data-platform"), catalog(add="MODIFY", whom="data-platform")(p))[0],
        # It owns the metastore in the sandbox, so names of schemas show.
        {"indirect_catalog": W, "no_other_schemas": W},
        "ok",
        "MODIFY through data-platform (granted on catalog main)",
    ),
    Row(
        "everybody may create in default",
        schema("default", "USE_SCHEMA", "CREATE_TABLE", whom=EVERYBODY),
        {},
        "ok",
        "since default is among the allowed schemas",
    ),
    Row(
        "everybody may create in default, which is not allowed",
        schema("default", "USE_SCHEMA", "CREATE_TABLE", whom=EVERYBODY),
        {"default_schema": W, "no_other_schemas": W},
        "ok",
        "A table could be created in main.default",
        {"allowed_schemas": ["information_schema"]},
    ),
    Row(
        "another schema through a group",
        lambda p: into_group(p, "analysts"),
        {"no_other_schemas": W},
        "ok",
        "main.analytics (SELECT through analysts (granted on schema main.analytics)",
    ),
    Row(
        "another schema by a grant",
        schema("analytics", "USE_SCHEMA", "SELECT"),
        {"no_other_schemas": F},
        "drift",
        "main.analytics (SELECT, USE_SCHEMA)",
    ),
    Row("administrator", lambda p: into_group(p, "admins"), {"not_admin": F}, "drift", "is a member of admins"),
    Row(
        "owns the import schema",
        owner_of_the_import_schema,
        {"indirect_import": W, "forbidden_create": W},
        "ok",
        "owner of",
    ),
    Row("warehouse permission removed", warehouse_permission_removed, {"session": F}, "broken", "No SQL session"),
    Row("entitlement removed", entitlement_removed, {"session": F}, "broken", "No SQL session"),
    Row(
        "warehouse deleted",
        lambda p: p.client().warehouses.delete(p.sandbox.warehouse_id),
        {"warehouse": F},
        "broken",
        "no SQL warehouse called",
    ),
    Row("token revoked", token_revoked, {"token": F, "identity": F, "session": F}, "broken", "is refused"),
    Row(
        "token expired",
        lambda p: p.sandbox.control("POST", "clock", {"advance_days": 91}),
        {"token": F, "identity": F, "session": F},
        "broken",
        "Token ",
    ),
    Row("no token", lambda p: Path(p.store["path"]).unlink(), {"token": F}, "broken", "There is no token in"),
    Row("another principal", lambda p: None, {"identity": F}, "broken", "belongs to partner", {"principal": ADA}),
    Row(
        "the import schema is gone",
        lambda p: p.sql(f"DROP SCHEMA {p.imports} CASCADE"),
        {"schemas": F, "tables": F, "grants_import": F},
        "broken",
        "Not visible: main.partner_import",
    ),
    Row("the import schema is empty", empty, {"tables": W}, "ok", "is empty"),
    Row(
        "a view whose owner lost the right",
        view_owner_lost_the_right,
        {"select_main.partner_import.people": F},
        "broken",
        "is a view, and ada.analyst@example.com, who owns it, has no SELECT on main.source.people",
    ),
    Row(
        "a row filter that hides everything",
        filtered("current_user() = 'ada.analyst@example.com'"),
        {"rows_main.partner_import.customers": W},
        "ok",
        "has the row filter main.filters.some, and the principal sees no row of it",
    ),
    Row(
        "a row filter that lets rows through", filtered("number > 0"), {}, "ok", "At least one row passes main.filters"
    ),
    Row(
        "somebody else's table in the staging schema",
        lambda p: p.sql(f"CREATE TABLE {p.staging}.leftover (id INT)"),
        {"leftovers": W},
        "ok",
        "leftover, 0 days old, owned by admin@example.com",
    ),
]


@pytest.mark.parametrize("row", BROKEN, ids=[row.what for row in BROKEN])
def test_what_is_broken_is_found_and_named(partner: Partner, row: Row) -> None:
    partner.record = Path(partner.store["path"]).read_text(encoding="utf-8")
    row.broken(partner)
    seen = partner.verify(**row.options)
    found = {name: seen.checks[name]["result"] for name in seen.having(F, W)}
    usual = {} if row.what == "no token" else USUAL
    if row.what == "another principal":  # nothing that is asked about another one can be answered
        found = {name: result for name, result in found.items() if name in {*USUAL, *row.expected}}
    assert found == {**usual, **row.expected}, seen
    assert seen.result["status"] == row.status, seen
    assert seen.result["passed"] == (row.status == "ok"), seen
    assert bool(seen.result["connection"]) == (row.status != "broken"), "shown whenever the partner can do its job"
    assert row.says in repr(seen), seen
    assert all(seen.checks[name]["hint"] for name in found), "what can be done about it is said"
    assert partner.probes_left() == []


def test_the_catalog_of_the_workspace(sandbox: Sandbox, tmp_path: Path) -> None:
    """Everybody may make tables in its schema default, which is named and put up with."""
    partner = Partner(sandbox, tmp_path, sandbox.ready["workspace_catalog"]).set_up()
    seen = partner.verify()
    assert seen.having(F, W, S) == set(), seen
    assert "A table could be created" in seen.checks["default_schema"]["evidence"]
    assert "default" in seen.checks["no_other_schemas"]["evidence"]
    seen = partner.verify(allowed_schemas=[])
    assert seen.having(F, W) == {"default_schema", "no_other_schemas"} == seen.having(W), seen
    assert "_workspace_users_" in seen.checks["default_schema"]["evidence"]
    assert partner.probes_left() == []


def test_everything_is_well(partner: Partner) -> None:
    seen = partner.verify()
    assert seen.having("passed") == set(seen.checks) - set(USUAL), seen
    assert seen.result["passed"] and seen.result["status"] == "ok" and not seen.result["changed"]
    assert seen.result["connection"]["hostname"] and seen.result["connection"]["http_path"].endswith(
        partner.sandbox.warehouse_id
    )
    assert seen.checks["grants_import"]["guide"] == "4.3" and seen.checks["not_admin"]["guide"] == "0"
    value = Path(partner.store["path"]).read_text(encoding="utf-8").split('"token_value": "')[1].split('"')[0]
    assert value not in repr(seen.result), "the value is in no result"


def test_all_at_once(partner: Partner) -> None:
    """What is broken does not hide what else is."""
    view_owner_lost_the_right(partner)
    filtered("false")(partner)
    imports(remove="SELECT")(partner)
    staging(remove="CREATE_TABLE")(partner)
    catalog(add="CREATE_SCHEMA")(partner)
    imports(add="MODIFY", whom=EVERYBODY)(partner)
    schema("analytics", "USE_SCHEMA")(partner)
    into_group(partner, "admins")
    partner.sql(f"CREATE TABLE {partner.staging}.leftover (id INT)")
    seen = partner.verify()
    assert seen.having(F) == {
        *("grants_import", "grants_tmp", "probe_create", "surplus_catalog", "no_other_schemas", "not_admin"),
        *select("customers", "events", "people"),
    }, seen
    assert seen.having(W) == {"indirect_import", "leftovers", "rows_main.partner_import.customers", *USUAL}, seen
    assert seen.result["status"] == "broken" and seen.result["connection"] == {}


def test_a_token_that_was_replaced_and_is_still_alive(partner: Partner) -> None:
    store = Path(partner.store["path"])
    record = json.loads(store.read_text(encoding="utf-8"))
    for before, status in (
        ({"expiry": "2099-01-01T00:00:00Z"}, "handover"),
        ({"expiry": "2099-01-01T00:00:00Z", "confirmed": True}, "ok"),
        ({"expiry": "2020-01-01T00:00:00Z"}, "ok"),
    ):
        store.write_text(json.dumps({**record, "predecessors": [{"token_id": "b" * 64, **before}]}), encoding="utf-8")
        seen = partner.verify()
        assert seen.result["passed"] and seen.result["status"] == status
    store.write_text(json.dumps({**record, "predecessors": [{"token_id": "b" * 64, "expiry": None}]}), encoding="utf-8")
    assert partner.verify().result["summary"]["line"].startswith("handover until it is confirmed: ")
    imports(add="MODIFY")(partner)
    assert partner.verify().result["status"] == "drift", "what is wrong is said first"


# -- with less than an administrator -------------------------------------------------------------


def test_with_nothing_but_the_store_and_the_warehouse(partner: Partner) -> None:
    """Who could not sign in as anybody verifies all that the token can show, and says what it could not see."""
    seen = partner.verify(token=None)
    assert not seen.result["runner"]
    assert seen.having(F, W) == set(USUAL), seen
    assert seen.having(S) == {"indirect_import", "indirect_tmp"}, seen
    assert seen.result["passed"] and seen.result["status"] == "ok" and seen.result["connection"]


def test_a_monitor_that_is_no_administrator(partner: Partner) -> None:
    monitor = partner.sandbox.control("POST", "mint", {"owner": ADA})["token_value"]
    seen = partner.verify(token=monitor)
    assert seen.having(F, W) == set(USUAL) and seen.result["passed"], seen
    assert seen.having(S) == {"indirect_import", "indirect_tmp"}, seen


def test_what_a_monitor_does_not_see_is_not_missing(partner: Partner) -> None:
    """MODIFY comes through a group, which the token itself is told of."""
    into_group(partner, "analysts")
    staging(remove="MODIFY")(partner)
    staging(add="MODIFY", whom="analysts")(partner)
    seen = partner.verify(token=None, allowed_schemas=["analytics"])
    assert seen.checks["grants_tmp"]["result"] == "passed", seen
    assert "MODIFY through analysts" in seen.checks["grants_tmp"]["evidence"]


def test_what_nobody_can_tell_is_unknown(partner: Partner) -> None:
    staging(remove="MODIFY")(partner)
    seen = partner.verify(token=None)
    assert seen.checks["grants_tmp"]["result"] == W, seen
    assert "could not be established" in seen.checks["grants_tmp"]["evidence"]
    assert partner.verify().checks["grants_tmp"]["result"] == F, "an administrator knows"


# -- probes ---------------------------------------------------------------------------------------
def test_a_probe_of_a_run_that_died_is_dropped(partner: Partner) -> None:
    name = f"{partner.staging}.partner_probe_0123456789ab"
    partner.do(
        "sql",
        token_store=partner.store,
        warehouse=partner.sandbox.warehouse_id,
        statement=f"CREATE TABLE {name} (id INT)",
    )
    young = partner.verify()
    assert partner.probes_left() == [name], "it may be of a run that still goes on"
    assert "partner_probe_0123456789ab" in young.checks["leftovers"]["evidence"]
    partner.sandbox.control("POST", "clock", {"advance_seconds": 7200})
    seen = partner.verify()
    assert partner.probes_left() == [] and f"dropped {name}" in seen.checks["leftovers"]["evidence"]
    assert seen.result["passed"]


def test_a_probe_that_may_not_be_dropped_is_told_and_dropped_later(partner: Partner) -> None:
    partner.sandbox.fault(statement="DROP TABLE", status=403, error_code="PERMISSION_DENIED", times=0)
    seen = partner.verify()
    partner.sandbox.control("DELETE", "faults")
    (name,) = partner.probes_left()
    drop = seen.checks["probe_drop"]
    assert (
        drop["result"] == F and drop["evidence"] == f"{name} is left behind: {drop['evidence'].partition(': ')[2]}"
    ), drop
    assert drop["hint"].startswith("A verification an hour later or after that drops it")
    partner.sandbox.control("POST", "clock", {"advance_seconds": 7200})
    again = partner.verify()
    assert partner.probes_left() == [] and f"dropped {name}" in again.checks["leftovers"]["evidence"]


def test_a_probe_that_is_somebody_elses_stays(partner: Partner) -> None:
    name = f"{partner.staging}.partner_probe_0123456789ab"
    partner.sql(f"CREATE TABLE {name} (id INT)")
    partner.sandbox.control("POST", "clock", {"advance_seconds": 7200})
    seen = partner.verify()
    assert partner.probes_left() == [name] and seen.checks["leftovers"]["result"] == W


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("statement", ["CREATE TABLE", "INSERT", "DROP TABLE"])
def test_probes_are_taken_back_whatever_is_lost(partner: Partner, statement: str, drop: str) -> None:
    partner.sandbox.fault(statement=statement, drop=drop, times=1)
    partner.verify()
    assert partner.sandbox.control("GET", "faults")["faults"][0]["applied"] == 1
    assert partner.probes_left() == []


def test_check_mode_writes_nothing(partner: Partner) -> None:
    partner.sandbox.control("DELETE", "journal")
    seen = partner.verify(check=True)
    assert not [entry for entry in partner.sandbox.control("GET", "journal")["entries"] if entry["mutating"]]
    assert seen.checks["probe_create"]["result"] == S and "check mode" in seen.checks["probe_create"]["evidence"]
    assert seen.having(F) == set(), seen


# -- other workspaces ----------------------------------------------------------------------------
def test_a_cold_warehouse_is_waited_for(partner: Partner) -> None:
    cold = next(one for one in partner.do("warehouse_info")["warehouses"] if one["state"] == "STOPPED")
    partner.do("permission", object_type="warehouse", object=cold["id"], principal=partner.principal, level="CAN_USE")
    partner.sandbox.set(cold_start_seconds=1.5)
    seen = partner.verify(warehouse=cold["name"])
    assert seen.result["passed"], seen
    assert seen.checks["session"]["seconds"] >= 1.4, "the report says how long it took"


def test_a_warehouse_that_does_not_start_in_time(partner: Partner) -> None:
    cold = next(one for one in partner.do("warehouse_info")["warehouses"] if one["state"] == "STOPPED")
    partner.do("permission", object_type="warehouse", object=cold["id"], principal=partner.principal, level="CAN_USE")
    partner.sandbox.set(cold_start_seconds=120.0)
    seen = partner.verify(warehouse=cold["name"], timeout=2)
    assert seen.checks["session"]["result"] == S and seen.result["status"] == "unknown", seen
    assert seen.checks["session"]["seconds"] < 60


@pytest.mark.parametrize("forms", ["first", "second"])
@pytest.mark.parametrize("listed", [True, False])
def test_system_groups_in_any_form(sandbox: Sandbox, tmp_path: Path, forms: str, listed: bool) -> None:
    """Whether Me lists the groups that the service keeps is not known, nor how their names go on."""
    sandbox.set(forms=forms, me_lists_system_groups=listed, no_metastore_admin=True)
    partner = Partner(sandbox, tmp_path, sandbox.ready["workspace_catalog"]).set_up()
    group = next(row for row in partner.everybody(f"{partner.catalog}.default") if row.startswith("_workspace_users_"))
    assert partner.verify().having(F, W, S) == set()
    sandbox.set(account_users_hold="MODIFY")
    seen = partner.verify(allowed_schemas=["information_schema"])
    assert f"through {group}" in seen.checks["default_schema"]["evidence"]
    assert seen.result["passed"] and seen.having(W) >= {"default_schema", "no_other_schemas"}, seen


def test_a_user(partner: Partner) -> None:
    """The same for a person's account, whose token the person makes."""
    partner.do("user", name="partner.service@example.com", entitlements=["databricks-sql-access"])
    partner.principal = "partner.service@example.com"
    for what in ({"object_type": "warehouse", "object": partner.sandbox.warehouse_id}, {"object_type": "tokens"}):
        partner.do("permission", principal=partner.principal, level="CAN_USE", **what)
    partner.do("access", principal=partner.principal, grants=partner.wanted["grants"])
    wish = {"owner": partner.principal, "comment": "by hand", "lifetime_seconds": 86400}
    value = partner.sandbox.control("POST", "mint", wish)["token_value"]
    partner.store = {"path": f"{partner.store['path']}.user"}
    partner.do("token", principal=partner.principal, integration="partner", store=partner.store, supplied_token=value)
    seen = partner.verify()
    assert seen.having(F, W, S) == set(USUAL) and seen.result["status"] == "ok", seen
    staging(remove="MODIFY", whom=partner.principal)(partner)
    assert partner.verify().having(F) == {"grants_tmp"}


def test_a_path_as_pages_show_it(partner: Partner) -> None:
    seen = partner.verify(
        warehouse=None, http_path=f"{partner.sandbox.host}/sql/warehouses/{partner.sandbox.warehouse_id}?o=1"
    )
    assert seen.result["passed"], seen
    assert seen.result["connection"]["http_path"].startswith(f"/sql/1.0/warehouses/{partner.sandbox.warehouse_id}")
    assert seen.checks["warehouse"]["result"] == "passed", "a session on it proves it"


def test_few_round_trips(partner: Partner) -> None:
    partner.sql(*(f"CREATE TABLE {partner.imports}.table_{number} (id INT)" for number in range(20)))
    partner.sandbox.control("DELETE", "journal")
    partner.verify()
    entries = partner.sandbox.control("GET", "journal")["entries"]
    # One of them asks who the runner is, for the report; the role has asked already and hands it on.
    assert len([entry for entry in entries if not entry["path"].startswith("/sql/")]) <= 10
    assert len([entry for entry in entries if entry.get("statement")]) <= 15
    assert len([entry for entry in entries if entry.get("call") == "OpenSession"]) <= 2


def test_hive_metastore(tmp_path: Path) -> None:
    with running_sandbox("--no-unity-catalog") as sandbox:
        partner = Partner(sandbox, tmp_path, "hive_metastore").set_up()
        seen = partner.verify()
        assert seen.having(F, W) == set() and seen.result["status"] == "ok", seen
        partner.sql(f"REVOKE CREATE ON SCHEMA {partner.staging} FROM `{partner.principal}`")
        partner.sql(f"GRANT MODIFY ON SCHEMA {partner.imports} TO `{partner.principal}`")
        seen = partner.verify()
        assert seen.having(F) == {"grants_tmp", "probe_create", "surplus_import"}, seen
        assert seen.result["status"] == "broken" and partner.probes_left() == []


def test_a_workspace_that_cannot_be_reached_is_a_failure(partner: Partner) -> None:
    gone = {"host": "http://127.0.0.1:9", "token": "x", "retry_timeout": 1, "http_timeout": 1}
    record = Path(partner.store["path"])
    record.write_text(record.read_text(encoding="utf-8").replace(partner.sandbox.host, gone["host"]), encoding="utf-8")
    options = {"profile": partner.wanted, "principal": partner.principal, "token_store": partner.store}
    result = run_module("access_check", {**gone, **options, "warehouse": partner.sandbox.warehouse_id})
    assert result["failed"] and result["error"]["code"] == "UNREACHABLE", result
