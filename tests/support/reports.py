# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of many kinds, made of the example of the published format and held to that format."""

from __future__ import annotations

import copy
import json
import typing as t
from pathlib import Path

import yaml

from ansible_collections.lakeops.databricks.plugins.module_utils._data_contract import contract as data_contract
from ansible_collections.lakeops.databricks.plugins.module_utils._data_contract import judging
from ansible_collections.lakeops.databricks.plugins.module_utils._profile.resolve import resolve

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests" / "unit" / "plugins" / "report" / "example.json"
SCHEMA = ROOT / "roles" / "partner" / "files" / "report.schema.json"
PROFILES = ROOT / "roles" / "partner" / "profiles"

Report = dict[str, t.Any]

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% for x in y %}",
    "abc\u202egnp.exe\u2066 \u05d0\u05d1\u05d2 \u0627\u0628",
    'it\'s `quoted` & "so" on; </style></svg></title><b>',
)


def profile(name: str, **said: str) -> Report:
    """The wanted access of one of the collection's profiles."""
    rules = json.loads((PROFILES / "schema.json").read_text(encoding="utf-8"))
    document = yaml.safe_load((PROFILES / f"{name}.yml").read_text(encoding="utf-8"))
    return resolve(document, {"catalog": "acme_ws", "warehouse": "123b3fdb6b094a83", **said}, rules)


def all_well() -> Report:
    """Every check passed."""
    report = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    report["wanted"] = {**profile("klaviyo"), "people": report["people"]}
    for check in report["checks"]:
        if check["result"] != "passed":
            check |= {"result": "passed", "observed": "12 found.", "hint": None}
    return _counted(report, "ok")


def example() -> Report:
    """The example of the format: all well, and one remark."""
    report = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    report["wanted"] = {**profile("klaviyo"), "people": report["people"]}
    return report


def one_broken() -> Report:
    """The token may not use the warehouse."""
    report = all_well()
    check(report, "session").update(
        result="failed",
        observed="No SQL session: User is not authorized to use this SQL Endpoint. Please contact your administrator.",
        hint="Give the principal CAN_USE on the SQL warehouse: module permission with object_type=warehouse.",
    )
    return _counted({**report, "connection": {}}, "broken")


def thirty_broken() -> Report:
    """Thirty checks failed, most of them for the same reason."""
    report = all_well()
    select = check(report, "tables")
    for number in range(26):
        name = f"acme_ws.klaviyo_import_from_dwh.customers_of_region_{number:02}"
        report["checks"].append(
            {
                **select,
                "id": f"select_{name}",
                "title": f"{name.rsplit('.', 1)[1]} can be read",
                "result": "failed",
                "observed": f"{name} is there, but the token does not list it.",
                "hint": "The principal has no SELECT on it; run the set-up again, or grant SELECT on schema "
                "acme_ws.klaviyo_import_from_dwh.",
            }
        )
    for ident, seen, hint in (
        ("grants_import", "On acme_ws.klaviyo_import_from_dwh: missing SELECT.", "Run the set-up again, or have the "
         "owner run: GRANT SELECT ON SCHEMA `acme_ws`.`klaviyo_import_from_dwh` TO the principal."),
        ("probe_create", "Could not run the statement: [INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does "
         "not have CREATE TABLE on Schema 'acme_ws.klaviyo_tmp'. SQLSTATE: 42501.", None),
        ("not_admin", "The principal is a member of admins.", "A workspace administrator takes it out of the group "
         "admins."),
        ("surplus_tmp", "Surplus: APPLY_TAG on schema acme_ws.klaviyo_tmp.", "Set klaviyo_purge_surplus or option "
         "purge, or run: REVOKE APPLY TAG ON SCHEMA `acme_ws`.`klaviyo_tmp` FROM the principal."),
    ):  # fmt: skip
        check(report, ident).update(result="failed", observed=seen, hint=hint)
    for ident in ("probe_insert", "probe_count", "probe_drop"):
        check(report, ident).update(result="skipped", observed="Not run: no table could be created.")
    return _counted({**report, "connection": {}}, "broken")


def unsure() -> Report:
    """Nothing failed, and something that the partner needs could not be tried."""
    report = all_well()
    check(report, "warehouse").update(result="skipped", observed="Not run: no session was opened on it.")
    return _counted({**report, "connection": {}}, "broken")


def drift() -> Report:
    """The partner can do its job, and more."""
    report = all_well()
    check(report, "surplus_import").update(
        result="failed",
        observed="Surplus: MODIFY on schema acme_ws.klaviyo_import_from_dwh.",
        hint="Set klaviyo_purge_surplus or option purge, or run: REVOKE MODIFY ON SCHEMA "
        "`acme_ws`.`klaviyo_import_from_dwh` FROM the principal.",
    )
    return _counted(report, "drift")


def handover(level: str = "note") -> Report:
    """A new token waits to be carried to the partner; ``broken`` is too late."""
    report = all_well()
    left = {"note": 9.4, "warn": 5.0, "broken": -1.0}[level]
    report["handover"] = {
        "since": "2026-11-20T04:55:36Z",
        "successor": report["token"]["token_id"],
        "predecessor": "0c" * 32,
        "ends": "2026-12-04T14:31:12Z",
        "days_left": left,
        "level": level,
        "steps": ["Since 2026-11-20 a new token waits.", "Enter it.", "Then say so."],
    }
    return _counted(report, "broken" if level == "broken" else "handover")


def check_mode() -> Report:
    """What a run would change."""
    report = all_well()
    report["run"] |= {"mode": "check"}
    report |= {"checks": [], "connection": {}, "passed": None, "status": "unverified", "sql": report["sql"][1:2]}
    report["changed"] = report["changed"][2:3] + report["changed"][6:7]
    report["summary"] = {"line": "check mode: 2 change(s) would be made"}
    return report


def removed() -> Report:
    """After off-boarding."""
    report = all_well()
    report["run"] |= {"entry": "offboard", "id": "20261125T045536Z-klaviyo_offboard"}
    report |= {"checks": [], "connection": {}, "passed": None, "status": "removed", "token": {}}
    report["changed"] = [{"method": "revoke", "object": "token of d20f502f-063c-4e15-a26f-aa8a5358ef6d"}]
    report["summary"] = {"line": "removed"}
    return report


def user() -> Report:
    """The principal is a person's account."""
    report = all_well()
    mail = "klaviyo.import@example.com"
    report["principal"] = {"name": mail, "id": mail, "kind": "user"}
    return report


def hive() -> Report:
    """In the legacy metastore."""
    report = all_well()
    text = json.dumps({**report, "wanted": None}).replace("acme_ws", "hive_metastore")
    return {**json.loads(text), "wanted": profile("klaviyo", catalog="hive_metastore")}


def segment() -> Report:
    """Another partner, whose guide has no Korean texts."""
    report = all_well()
    report["partner"] = {"id": "segment", "title": "Segment Reverse ETL"}
    wanted = profile("segment", reads=["sales", "marketing"])
    report |= {"wanted": wanted, "asked_not_given": wanted["asked_not_given"]}
    report["run"]["id"] = report["run"]["id"].replace("klaviyo", "segment")
    report["connection"] |= {"steps": wanted["connection"]["steps"], "show_token": "as your own store shows it"}
    return report


def long_names() -> Report:
    """Names as long as the service admits."""
    long = "a_very_long_name_that_somebody_chose_for_it_" * 6
    text = json.dumps(one_broken()["checks"]).replace("klaviyo_import_from_dwh", long)
    report = {**one_broken(), "checks": json.loads(text)}
    report["workspace"] |= {"name": long, "host": f"{'sub-' * 15}.cloud.databricks.com"}
    report["principal"]["name"] = "x" * 255
    report["people"]["owner"] = f"{'o' * 120}@{'d' * 100}.example.com"
    report["wanted"] = profile("klaviyo", catalog="c" * 255, import_schema=long[:255])
    return report


def hostile() -> Report:
    """Names that break out of pages that do not look."""
    report = drift()
    script, image, braces, arabic, quotes = HOSTILE
    report["workspace"] |= {"name": script, "host": image}
    report["principal"] |= {"name": f"{quotes}{braces}", "id": arabic}
    report["people"] |= {"owner": script, "purpose": braces, "ticket": arabic}
    report["partner"]["title"] = f"Kla{quotes}viyo"
    for one, text in zip(report["checks"], HOSTILE * 9, strict=False):
        one |= {"title": text, "observed": f"{text} {text}"}
    report["connection"]["fields"] = [{"label": text, "value": text} for text in HOSTILE]
    report["connection"] |= {"show_token": f"echo {image}", "notes": list(HOSTILE), "steps": list(HOSTILE)}
    report["found"]["warehouse"]["name"] = quotes
    report["changed"] = [{"method": text, "object": text, "fields": [text]} for text in HOSTILE]
    report["wanted"]["grants"] = [
        {"securable": "schema", "name": f"c.{text}", "privileges": [text], "guide": "3"} for text in HOSTILE
    ]
    report["wanted"]["languages"] = {}
    report["wanted"]["guide"] = {"title": script, "address": "javascript:alert(1)", "sections": {"3": image}}
    report["wanted"]["addresses"] = {script: [image, arabic]}
    return report


def data_problems() -> Report:
    """Thirteen tables, most of them with findings about their columns and rows."""
    report = all_well()
    told = data_contract.contract(report["wanted"]["data_contract"])
    assert told is not None
    tables = []
    for name, columns, more in DATA:
        pairs = (part.rsplit(" ", 1) for part in columns.split(", "))
        made = tuple(data_contract.Column(column, kind) for column, kind in pairs)
        tables.append(data_contract.Table(f"acme_ws.klaviyo_import_from_dwh.{name}", made, **more))
    report["data"] = judging.judge(tables, told)
    report["data_summary"] = judging.summary(report["data"])
    return report


DATA: tuple[tuple[str, str, dict[str, t.Any]], ...] = (
    ("customers", "email string, first_name string, modified_at timestamp", {}),
    ("placed_orders", "order_id string, metric string, email string, order_date timestamp, inserted_at timestamp", {}),
    ("one_number", "id int", {}),
    ("subscribers", "phone_number string, updated_at string", {}),
    ("returns", "unique_id string, metric string, email string, event_time timestamp", {}),
    ("members", "email struct<a:string>, points int, updated_at timestamp", {}),
    ("contacts", "email string, first_name string, created_at timestamp", {}),
    ("stuff", "kundennummer string, stand timestamp", {}),
    (
        "support_tickets",
        "ticket_id bigint, email string, event_date date, loaded_at timestamp_ntz, payload map<string,string>, "
        "photo binary, first_name string, item string, item___sku string, amount string",
        {},
    ),
    (
        "leads",
        "email string, updated_at timestamp",
        {"rows": 9999, "counts": {("change_time_null", "updated_at"): 12, ("email_form", "email"): 3}},
    ),
    ("visits", "email string, event_time timestamp, inserted_at timestamp", {"uncounted": "CAST_INVALID_INPUT"}),
    ("appointments", "appointment_id int, email string, event_at timestamp_ntz, x interval, inserted_at timestamp", {}),
    ("people", "external_id bigint, phone int, _rescued_data string, updated_at timestamp", {"row_filter": True}),
)
KINDS: dict[str, t.Callable[[], Report]] = {
    "data_problems": data_problems,
    "all_well": all_well,
    "one_remark": example,
    "one_broken": one_broken,
    "thirty_broken": thirty_broken,
    "unsure": unsure,
    "drift": drift,
    "handover": handover,
    "handover_too_late": lambda: handover("broken"),
    "drift_in_check_mode": check_mode,
    "removed": removed,
    "user_principal": user,
    "hive_metastore": hive,
    "other_partner": segment,
    "long_names": long_names,
    "hostile_names": hostile,
}


def check(report: Report, ident: str) -> Report:
    """The check with an id."""
    return next(one for one in report["checks"] if one["id"] == ident)


def _counted(report: Report, status: str) -> Report:
    report = copy.deepcopy(report)
    results = [one["result"] for one in report["checks"]]
    counts = {name: results.count(name) for name in ("passed", "failed", "warned", "skipped")}
    line = "example: acme" if status in ("broken", "drift") else f"{status}: {len(results)} checks"
    return {**report, "status": status, "passed": counts["failed"] == 0, "summary": {**counts, "line": line}}
