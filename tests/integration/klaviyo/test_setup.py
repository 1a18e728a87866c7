# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""klaviyo_setup from an empty workspace: announced, done, done again, and nobody else touched."""

from __future__ import annotations

import json
import re
import typing as t

from tests.support.klaviyo import ROOT, Site

# The run that README begins with: what Ansible said in the end of the first one, and of the second one.
RECAPS = re.findall(r"^sandbox  : (ok=.*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


def recap(output: str) -> str:
    """The last line about a host, without its name."""
    return re.sub(r"\s+", " ", re.findall(r" : (ok=.*)", output)[-1]).strip()


def test_check_mode_announces_each_creation_and_changes_nothing(site: Site) -> None:
    site.forget_journal()
    before = site.state
    output = site.play("klaviyo_setup", "--check", "--diff").ok().output
    assert site.mutating() == []
    after = site.state
    for key in ("schemas", "service_principals", "tokens", "grants", "permissions"):
        assert stable(after[key]) == stable(before[key])
    for announced in (
        "klaviyo_import_from_dwh",
        "klaviyo_tmp",
        "klaviyo-import",
        "CAN_USE",
        "USE_CATALOG",
        "CREATE_TABLE",
    ):
        assert re.search(rf"^\+.*{announced}", output, re.MULTILINE), f"the diff does not announce {announced}"
    assert not site.store.exists()


def test_first_run_makes_exactly_what_the_guide_asks_for(site: Site) -> None:
    before = site.state
    played = site.play("klaviyo_setup").ok()
    after = site.state
    assert recap(played.output) == re.sub(r"\s+", " ", RECAPS[0]), "README shows another run"
    assert "ok: 24 checks, 1 warned. Report: " in played.output
    assert new(before, after, "schemas", "full_name") == {
        f"{site.catalog}.klaviyo_import_from_dwh",
        f"{site.catalog}.klaviyo_tmp",
    }
    principals = new(before, after, "service_principals", "application_id")
    assert len(principals) == 1
    principal = principals.pop()
    tokens = [token for token in after["tokens"] if token["owner"] == principal and token["live"]]
    assert [token["token_id"] for token in tokens] == [site.record["token_id"]]
    client = site.client()
    for securable, name, wanted in (
        ("catalog", site.catalog, {"USE_CATALOG"}),
        ("schema", f"{site.catalog}.klaviyo_tmp", {"USE_SCHEMA", "MODIFY", "SELECT", "CREATE_TABLE"}),
        ("schema", f"{site.catalog}.klaviyo_import_from_dwh", {"USE_SCHEMA", "SELECT"}),
    ):
        assigned = client.grants.get(securable, name, principal=principal).privilege_assignments or []
        assert {p.value for a in assigned for p in a.privileges or []} == wanted
    assert after["bystanders"] == before["bystanders"]
    assert site.objections == set()


def test_second_run_changes_nothing_and_only_reads(connected: Site) -> None:
    site = connected
    before = site.state
    site.forget_journal()
    played = site.play("klaviyo_setup").ok()
    assert played.changed == 0
    assert recap(played.output) == re.sub(r"\s+", " ", RECAPS[1]), "README shows another run"
    assert site.mutating() == []
    statements = [entry["statement"] for entry in site.journal if entry.get("statement")]
    reading = re.compile(r"\s*(/\*.*?\*/\s*)?(SELECT|SHOW|USE)\b", re.IGNORECASE)
    writing = [text for text in statements if not reading.match(text)]
    assert writing
    assert all("klaviyo_probe_" in text for text in writing), writing
    for key in ("schemas", "service_principals", "tokens", "permissions", "tables"):
        assert stable(site.state[key]) == stable(before[key])
    rest = [entry for entry in site.journal if not entry["path"].startswith("/sql/")]
    print(f"second klaviyo_setup: {len(rest)} REST requests, {len(statements)} SQL statements")


def test_another_check_mode_announces_nothing(connected: Site) -> None:
    connected.forget_journal()
    played = connected.play("klaviyo_setup", "--check", "--diff").ok()
    assert played.changed == 0
    assert connected.mutating() == []


def test_the_tokens_value_is_only_in_the_store(connected: Site) -> None:
    value = connected.record["token_value"]
    admin = connected.ready["token"]
    assert connected.store.stat().st_mode & 0o777 == 0o600
    output = connected.play("klaviyo_setup", "-vvvv", "--diff").ok().output
    places = {
        "output of -vvvv": output,
        "journal": json.dumps(connected.get("journal")),
        "state": json.dumps(connected.state),
    }
    for path in (connected.folder / "reports").rglob("*.*"):
        places[str(path.relative_to(connected.folder))] = path.read_text(encoding="utf-8")
    assert {name.split("/")[-1] for name in places} >= {"report.html", "report.json", "index.html"}
    for place, text in places.items():
        assert value not in text, f"the token's value is in the {place}"
        assert admin not in text, f"the runner's token is in the {place}"


def test_typed_clients_list_get_and_delete_what_was_made(connected: Site) -> None:
    client = connected.client()
    names = {schema.name for schema in client.schemas.list(connected.catalog)}
    assert {"klaviyo_tmp", "klaviyo_import_from_dwh"} <= names
    principal = next(p for p in client.service_principals.list(filter='displayName eq "klaviyo-import"'))
    assert client.service_principals.get(str(principal.id)).application_id == principal.application_id
    token_id = connected.record["token_id"]
    assert token_id in {token.token_id for token in client.token_management.list()}
    assert client.token_management.get(token_id).token_info.owner_id == int(principal.id)
    client.token_management.delete(token_id)
    client.service_principals.delete(str(principal.id))
    for schema in ("klaviyo_tmp", "klaviyo_import_from_dwh"):
        assert client.schemas.get(f"{connected.catalog}.{schema}").full_name == f"{connected.catalog}.{schema}"
        client.schemas.delete(f"{connected.catalog}.{schema}")
    assert not {"klaviyo_tmp", "klaviyo_import_from_dwh"} & {
        schema.name for schema in client.schemas.list(connected.catalog)
    }


def new(before: dict[str, t.Any], after: dict[str, t.Any], kind: str, key: str) -> set[str]:
    return {item[key] for item in after[kind]} - {item[key] for item in before[kind]}


def stable(items: t.Any) -> str:
    """Without the marks that mere use leaves."""
    return re.sub(r'"(last_used_\w+|updated_\w+|num_active_sessions)": [^,}]+', "", json.dumps(items, sort_keys=True))
