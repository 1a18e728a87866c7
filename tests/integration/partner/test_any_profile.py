# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Partners by their access profiles alone: no line of code knows them."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.klaviyo import HOST, Site, start_site

ROOT = Path(__file__).resolve().parents[3]
_COUNTS = re.compile(rf"^{HOST}\s*: ok=(\d+).*skipped=(\d+)", re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("partners")) as started:
        catalog = started.ready["workspace_catalog"]
        client = started.client()
        for name in ("sales", "web", "hr"):
            client.schemas.create(name, catalog)
        yield started


def play(site: Site, profile: str, entry: str = "main", *options: str, **more: t.Any) -> t.Any:
    """Include the role as a user does."""
    variables = {
        "partner_profile": profile,
        "partner_variables": {
            "catalog": site.ready["workspace_catalog"],
            "warehouse": site.ready["warehouse_id"],
            **more.pop("variables", {}),
        },
        "partner_token_store": {"path": str(site.folder / f"{Path(profile).stem}.json")},
        "partner_report_dir": str(site.folder / "reports"),
        **more,
    }
    tasks = [
        {
            "name": "Connect the partner",
            "ansible.builtin.include_role": {"name": "lakeops.databricks.partner", "tasks_from": entry},
        },
        {
            "name": "Hand all variables on",
            "ansible.builtin.copy": {
                "dest": str(site.folder / "hostvars.json"),
                "content": "{{ hostvars[inventory_hostname] | to_json }}",
                "mode": "0600",
            },
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "changed_when": False,
        },
    ]
    book = site.folder / "play.yml"
    book.write_text(yaml.safe_dump([{"name": "Play", "hosts": "all", "gather_facts": False, "tasks": tasks}]), "utf-8")
    given = {name: value for name, value in variables.items() if value is not None}
    return site.play(str(book), *options, **given)


def report(site: Site, partner: str) -> dict[str, t.Any]:
    """The newest one: the chain of the partner ends with it."""
    folder = site.folder / "reports" / HOST
    newest = (folder / f"{partner}.sha256").read_text(encoding="utf-8").split()[-1]
    return json.loads((folder / newest).with_name("report.json").read_text(encoding="utf-8"))


def granted(site: Site, principal: str) -> dict[str, set[str]]:
    """What the principal holds directly, by securable, as the workspace itself says."""
    one = next(iter(site.client().service_principals.list(filter=f'displayName eq "{principal}"')))
    found: dict[str, set[str]] = {}
    catalog = site.ready["workspace_catalog"]
    names = [catalog, *(schema.full_name for schema in site.client().schemas.list(catalog))]
    for name in names:
        kind = "schema" if "." in name else "catalog"
        rows = site.client().grants.get(kind, name).privilege_assignments or []
        held = {
            p if isinstance(p, str) else p.value
            for row in rows
            if row.principal == one.application_id
            for p in row.privileges
        }
        if held:
            found[name.removeprefix(f"{catalog}.")] = held
    return found


STATE = {"USE_SCHEMA", "SELECT", "MODIFY", "CREATE_TABLE"}
READ = {"USE_SCHEMA", "SELECT"}


def test_segment_with_exclusions(site: Site) -> None:
    wish = {
        "variables": {"reads": ["*", "!hr", "!default"]},
        "partner_review_by": "2020-01-31",
        "partner_owner": "crm@example.com",
    }
    play(site, "segment", "main", "--check", **wish).ok()
    assert not [one for one in site.client().service_principals.list() if one.display_name == "segment-reverse-etl"]
    first = play(site, "segment", **wish).ok()
    assert "a review of this access is due by 2020-01-31" in first.output
    second = play(site, "segment", **wish).ok()
    assert second.changed == 0
    ok, skipped = map(int, _COUNTS.findall(second.output)[0])
    assert ok <= 18 and skipped <= 4, "the include of the role and the task that hands on are the test's own"
    assert granted(site, "segment-reverse-etl") == {
        site.ready["workspace_catalog"]: {"USE_CATALOG"},
        "__segment_reverse_etl": STATE,
        "sales": READ,
        "shared": READ,
        "web": READ,
    }
    found = report(site, "segment")
    assert found["passed"] and found["status"] == "ok"
    assert {one["what"] for one in found["asked_not_given"]} >= {"a token without an end"}
    assert found["wanted"]["reads"]["left_out"] == [
        f"{site.ready['workspace_catalog']}.{name}" for name in ("default", "hr")
    ]
    assert found["people"] == {"owner": "crm@example.com", "review_by": "2020-01-31"}
    assert [field["label"] for field in found["connection"]["fields"]] == [
        "Hostname",
        "HTTP path",
        "Port",
        "Token",
        "Catalog",
    ]
    assert str(site.folder / "segment.json") in found["connection"]["show_token"], "a command that shows the token"
    value = json.loads((site.folder / "segment.json").read_text(encoding="utf-8"))["token_value"]
    assert value not in json.dumps(found) and value not in first.output
    held = json.loads((site.folder / "hostvars.json").read_text(encoding="utf-8"))
    assert held["partner_result"]["status"] == "ok" and value not in json.dumps(held)
    kept = {name: left for name, left in held.items() if name.startswith("_partner") and left}
    assert set(kept) <= {"_partner_token"}, "nothing else of the role outlives it"


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"partner_report_keep": "for ever"}, "partner_report_keep: is 'for ever'; give a number of runs such as 50"),
        ({"partner_report_sign_key": "/no/key"}, "partner_report_sign_key: /no/key cannot sign reports."),
        ({"partner_review_by": "soon"}, "partner_review_by: is 'soon'. Give a day as year-month-day, like 2027-03-31."),
        ({"partner_report_language": "fr"}, "partner_report_language: is 'fr'. Give en or ko."),
        (
            {"partner_data": {"people": {"kind": "robot"}}},
            "partner_data.people.kind: is 'robot'.",
        ),
        (
            {"partner_variables": "catalog=main"},
            "partner_variables: is a text that cannot be read as a mapping. Give it like",
        ),
        (
            {"partner_profile": "segmnt"},
            "partner_profile: is 'segmnt', and no profile of this name ships with the role.",
        ),
        (
            {"partner_profile": "/no/such.yml"},
            "partner_profile: /no/such.yml is no file. Give the path of your profile",
        ),
        ({"partner_profile": "{folder}/empty.yml"}, "the profile is None; give a mapping."),
        ({"partner_profile": "{folder}/tab.yml"}, "partner_profile: {folder}/tab.yml cannot be read: "),
    ],
    ids=["keep", "key", "review", "language", "data", "variables", "name", "path", "empty", "tab"],
)
def test_what_the_end_would_stumble_over_is_refused_at_the_beginning(
    site: Site, variables: dict[str, t.Any], says: str
) -> None:
    (site.folder / "empty.yml").write_text("", encoding="utf-8")
    (site.folder / "tab.yml").write_text("a:\n\tb: c\n", encoding="utf-8")
    given = json.loads(json.dumps(variables).replace("{folder}", str(site.folder)))
    site.forget_journal()
    refused = play(site, **{"profile": "segment", **given}).failed()
    assert says.replace("{folder}", str(site.folder)) in " ".join(refused.output.split()), refused.output[-3000:]
    assert site.mutating() == []


def test_what_the_exclusion_leaves_out_stays_out(site: Site) -> None:
    """A table in the schema that is left out, and one in a schema that is read."""
    catalog = site.ready["workspace_catalog"]
    for name in ("hr", "sales"):
        site.client().statement_execution.execute_statement(
            f"CREATE TABLE {catalog}.{name}.people (id INT)", site.ready["warehouse_id"]
        )
    play(site, "segment", "verify", variables={"reads": ["*", "!hr", "!default"]}).ok()
    checks = {check["id"]: check for check in report(site, "segment")["checks"]}
    assert checks[f"select_{catalog}.sales.people"]["result"] == "passed"
    assert not [name for name in checks if ".hr." in name]


@pytest.mark.parametrize("entry", ["main", "preflight", "verify", "rotate", "offboard"])
def test_a_place_for_the_token_is_not_guessed(site: Site, entry: str) -> None:
    site.forget_journal()
    output = play(site, "segment", entry, partner_token_store=None).failed().output
    assert "missing required arguments: partner_token_store" in output, output[-2000:]
    assert site.journal == []


def test_reports_without_a_directory_of_ones_own_lie_beside_the_playbook(site: Site) -> None:
    # Whatever it finds is written.
    play(site, "segment", "verify", variables={"reads": ["sales"]}, partner_report_dir=None)
    assert (site.folder / "partner-reports" / HOST / "latest" / "report.json").is_file()


def test_segment_makes_its_state_schema_itself(site: Site) -> None:
    catalog = site.ready["workspace_catalog"]
    wish = {
        "partner_principal_name": "segment-two",
        "variables": {"state_made_by": "partner", "state_schema": "segment_state", "reads": ["sales"]},
        "partner_token_store": {"path": str(site.folder / "two.json")},
    }
    play(site, "segment", **wish).ok()
    assert granted(site, "segment-two")[catalog] == {"USE_CATALOG", "CREATE_SCHEMA"}
    assert play(site, "segment", **wish).ok().changed == 0
    # Now Segment makes it with its first sync, and owns it.
    value = json.loads((site.folder / "two.json").read_text(encoding="utf-8"))["token_value"]
    site.client(value).schemas.create("segment_state", catalog)
    assert play(site, "segment", **wish).ok().changed == 0
    checks = {check["id"]: check for check in report(site, "segment")["checks"]}
    assert checks["probe_create"]["observed"].startswith("Created "), "it is tried as soon as it is there"


def test_rudderstack_beside_segment(site: Site) -> None:
    before = granted(site, "segment-reverse-etl")
    play(site, "rudderstack", variables={"reads": ["web"]}).ok()
    assert play(site, "rudderstack", variables={"reads": ["web"]}).ok().changed == 0
    assert granted(site, "rudderstack-reverse-etl") == {
        site.ready["workspace_catalog"]: {"USE_CATALOG"},
        "_rudderstack": STATE,
        "web": READ,
    }
    assert granted(site, "segment-reverse-etl") == before


def test_two_partners_in_one_play(site: Site) -> None:
    """Each has its own principal, store and report, also when one is only verified after the other's set-up."""
    where = {"catalog": site.ready["workspace_catalog"], "warehouse": site.ready["warehouse_id"]}
    uses = [("rudderstack", "main", ["web"]), ("segment", "verify", ["sales", "web", "shared"])]
    include = {
        "name": "Connect each partner",
        "ansible.builtin.include_role": {"name": "lakeops.databricks.partner", "tasks_from": "{{ item[1] }}"},
        "vars": {
            "partner_profile": "{{ item[0] }}",
            "partner_variables": {**where, "reads": "{{ item[2] }}"},
            "partner_token_store": {"path": f"{site.folder}/{{{{ item[0] }}}}.json"},
            "partner_report_dir": str(site.folder / "reports"),
        },
        "loop": [list(use) for use in uses],
    }
    book = site.folder / "both.yml"
    book.write_text(
        yaml.safe_dump([{"name": "Play", "hosts": "all", "gather_facts": False, "tasks": [include]}]), "utf-8"
    )
    assert site.play(str(book)).ok().changed == 0
    principals = {name: report(site, name)["checks"][1]["observed"] for name, _entry, _reads in uses}
    assert "segment-reverse-etl" in principals["segment"] and "rudderstack-reverse-etl" in principals["rudderstack"]
    assert report(site, "segment")["sql"] == [] != report(site, "rudderstack")["sql"]


def test_a_profile_of_ones_own(site: Site) -> None:
    own = str(ROOT / "docs" / "examples" / "dashboard_profile.yml")
    play(site, own).ok()
    assert play(site, own).ok().changed == 0
    assert granted(site, "dashboards")["published"] == READ


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"titel": "x"}, "titel is not known; there are"),
        ({"grants": []}, "grants must not be empty"),
    ],
)
def test_a_profile_that_does_not_fit_is_refused_before_anything(
    site: Site, change: dict[str, t.Any], says: str
) -> None:
    document = yaml.safe_load((ROOT / "docs" / "examples" / "dashboard_profile.yml").read_text(encoding="utf-8"))
    file = site.folder / "wrong.yml"
    file.write_text(yaml.safe_dump({**document, **change}), encoding="utf-8")
    site.forget_journal()
    assert says in play(site, str(file)).failed().output
    assert site.mutating() == []


def test_text_is_read_as_it_is_meant(site: Site) -> None:
    """Extra variables are text, false too."""
    wish = {"partner_principal_name": "by-text", "partner_token_store": {"path": str(site.folder / "text.json")}}
    told = {
        "catalog": site.ready["workspace_catalog"],
        "warehouse": site.ready["warehouse_id"],
        "reads": ["*", "!hr", "!default"],
    }
    options = ("-e", json.dumps({"partner_variables": json.dumps(told)}), "-e", "partner_purge_surplus=false")
    play(site, "segment", "main", *options, "-e", "partner_fail_on=broken,drift", **wish).ok()
    assert report(site, "segment")["wanted"]["reads"]["schemas"], "the list was expanded"
    assert (
        "handover until"
        in play(site, "segment", "rotate", *options, "-e", "partner_confirmed=false", **wish).ok().output
    )
    play(site, "segment", "rotate", *options, "-e", "partner_confirmed=yes", **wish).ok()
    no = ("-e", "partner_offboard_keep_principal=false", "-e", "partner_drop_schemas=false")
    refused = play(site, "segment", "offboard", *options, *no, "-e", "partner_drop_force=maybe", **wish).failed()
    assert "partner_drop_force" in refused.output
    play(site, "segment", "offboard", *options, *no, "-e", "partner_offboard_in_use=true", **wish).ok()
    assert not [one for one in site.client().service_principals.list() if one.display_name == "by-text"]


def test_rotation_and_leaving(site: Site) -> None:
    wish = {"variables": {"reads": ["web"]}}
    assert "handover until" in play(site, "rudderstack", "rotate", **wish).ok().output
    assert report(site, "rudderstack")["status"] == "handover"
    play(site, "rudderstack", "rotate", partner_confirmed=True, **wish).ok()
    play(site, "rudderstack", "verify", **wish).ok()
    assert report(site, "rudderstack")["status"] == "ok"
    # RudderStack at work; our own verifications would stop nobody.
    value = json.loads((site.folder / "rudderstack.json").read_text(encoding="utf-8"))["token_value"]
    partner = site.client(value)
    partner.statement_execution.execute_statement("SELECT 1", site.ready["warehouse_id"], wait_timeout="30s")
    site.forget_journal()
    refused = play(site, "rudderstack", "offboard", **wish).failed()
    assert "Nothing was changed" in re.sub(r"\s+", " ", refused.output) and site.mutating() == []
    before = granted(site, "segment-reverse-etl")
    play(site, "rudderstack", "offboard", partner_offboard_in_use=True, **wish).ok()
    assert not [one for one in site.client().service_principals.list() if one.display_name == "rudderstack-reverse-etl"]
    assert play(site, "rudderstack", "offboard", **wish).ok().changed == 0
    assert granted(site, "segment-reverse-etl") == before
