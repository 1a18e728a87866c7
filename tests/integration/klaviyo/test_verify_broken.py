# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each single thing that can be broken makes klaviyo_verify fail, naming the check and the guide's section."""

from __future__ import annotations

import typing as t

import pytest
from databricks.sdk.service.catalog import PermissionsChange, Privilege
from databricks.sdk.service.iam import Patch, PatchOp, PatchSchema

from tests.support.klaviyo import Site, start_site

IMPORT, TMP = "klaviyo_import_from_dwh", "klaviyo_tmp"


def principal(site: Site) -> t.Any:
    return next(iter(site.client().service_principals.list(filter='displayName eq "klaviyo-import"')))


def change(site: Site, securable: str, schema: str = "", *, add: str = "", remove: str = "") -> None:
    """Of the principal on the site's catalog, or on a schema of it."""
    site.client().grants.update(
        securable,
        f"{site.catalog}.{schema}" if schema else site.catalog,
        changes=[
            PermissionsChange(
                principal=principal(site).application_id,
                add=[Privilege(add)] if add else [],
                remove=[Privilege(remove)] if remove else [],
            )
        ],
    )


def drop_warehouse_permission(site: Site) -> None:
    """A PUT of everything else, as an unwary tool does it."""
    client, mine = site.client(), principal(site).application_id
    path = f"/api/2.0/permissions/warehouses/{site.ready['warehouse_id']}"
    entries = client.api_client.do("GET", path)["access_control_list"]
    kept = [
        {key: entry[key] for key in entry if key.endswith("_name") and key != "display_name"}
        | {"permission_level": permission["permission_level"]}
        for entry in entries
        for permission in entry["all_permissions"]
        if not permission.get("inherited") and entry.get("service_principal_name") != mine
    ]
    client.api_client.do("PUT", path, body={"access_control_list": kept})


def drop_entitlement(site: Site) -> None:
    site.client().service_principals.patch(
        str(principal(site).id),
        operations=[Patch(op=PatchOp.REMOVE, path='entitlements[value eq "databricks-sql-access"]')],
        schemas=[PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )


def revoke_token(site: Site) -> None:
    site.client().token_management.delete(site.record["token_id"])


def expire_token(site: Site) -> None:
    # The runner's own token lives longer than Klaviyo's.
    site.post("clock", {"advance_days": 91})


BROKEN: list[tuple[str, t.Callable[[Site], None], dict[str, t.Any], list[tuple[str, str]]]] = [
    ("SELECT revoked", lambda s: change(s, "schema", IMPORT, remove="SELECT"), {}, [("grants_import", "4.3")]),
    (
        "CREATE TABLE revoked",
        lambda s: change(s, "schema", TMP, remove="CREATE_TABLE"),
        {},
        [("grants_tmp", "4.3"), ("probe_create", "4.4")],
    ),
    ("surplus MODIFY", lambda s: change(s, "schema", IMPORT, add="MODIFY"), {}, [("surplus_import", "3")]),
    ("warehouse CAN_USE removed", drop_warehouse_permission, {}, [("session", "5")]),
    ("entitlement removed", drop_entitlement, {}, [("session", "5")]),
    ("wrong catalog", lambda s: None, {"klaviyo_catalog": "no_such_catalog"}, [("schemas", "4.1")]),
    ("token revoked", revoke_token, {}, [("token", "2.2"), ("identity", "4.2")]),
    ("token expired", expire_token, {}, [("token", "2.2"), ("identity", "4.2")]),
    ("warehouse deleted", lambda s: s.client().warehouses.delete(s.ready["warehouse_id"]), {}, [("warehouse", "5")]),
]


@pytest.mark.parametrize(("what", "breakage", "variables", "expected"), BROKEN, ids=[row[0] for row in BROKEN])
def test_verification_names_what_is_broken(
    connected: Site,
    what: str,
    breakage: t.Callable[[Site], None],
    variables: dict[str, t.Any],
    expected: list[tuple[str, str]],
) -> None:
    # Repairs what the case before has broken, and proves that the repair is whole.
    repaired = connected.play("klaviyo_setup", klaviyo_purge_surplus=True)
    if "the token that Klaviyo was last given ended" in repaired.output:
        # Its successor waits, and only a person knows when Klaviyo has it.
        connected.play("klaviyo_rotate", "-e", "confirmed=true").ok()
    else:
        repaired.ok()
    breakage(connected)
    output = connected.play("klaviyo_verify", **variables).failed().output
    for check, guide in expected:
        assert f"failed: {check} (guide {guide})" in output, output[-4000:]
        assert connected.checks[check]["result"] == "failed"
    assert not connected.report["passed"]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    """On a catalog that nobody enters without a grant of their own: into the others everybody gets by a group."""
    with start_site(tmp_path_factory.mktemp("closed")) as started:
        started.variables["klaviyo_catalog"] = "vault"
        started.play("klaviyo_setup").ok()
        yield started


def test_verification_names_the_catalog_that_cannot_be_entered(closed: Site) -> None:
    change(closed, "catalog", remove="USE_CATALOG")
    output = closed.play("klaviyo_verify").failed().output
    assert "failed: schemas (guide 4.1)" in output, output[-4000:]
    assert closed.checks["schemas"]["result"] == "failed"
    assert not closed.report["passed"]


def test_verification_leaves_nothing_behind(connected: Site) -> None:
    assert not [table for table in connected.state["tables"] if "klaviyo_probe_" in table["full_name"]]
