# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workspace was sent, in the words of a plan, so that the two can be compared line by line."""

from __future__ import annotations

import typing as t

from tests.support.klaviyo import Site

Plan = dict[str, t.Any]


def in_words(site: Site, entry: dict[str, t.Any]) -> str:
    """A request as the plan says it, worked out from what the workspace was sent."""
    body, path = entry["body"], entry["path"]
    if path.endswith("/unity-catalog/schemas"):
        return f"create schema {body['catalog_name']}.{body['name']}"
    if path.endswith("/scim/v2/ServicePrincipals"):
        return (
            f"create service principal {body['displayName']} with {', '.join(e['value'] for e in body['entitlements'])}"
        )
    names = {one["application_id"]: one["display_name"] for one in site.state["service_principals"]}
    if "/permissions/" in path and "unity" not in path:
        (one,) = body["access_control_list"]
        on = "tokens" if path.endswith("/authorization/tokens") else f"warehouse {path.rpartition('/')[2]}"
        return f"give {names[one['service_principal_name']]} {one['permission_level']} on {on}"
    if "/unity-catalog/permissions/" in path:
        (one,) = body["changes"]
        kind, name = path.split("/")[-2:]
        said = [f"{verb} {', '.join(one[key])}" for verb, key in (("grant", "add"), ("revoke", "remove")) if one[key]]
        return f"{' and '.join(said)} on {kind} {name} for {names[one['principal']]}"
    assert path.endswith("/on-behalf-of/tokens"), path
    return f"mint a token of {names[body['application_id']]} for at most {body['lifetime_seconds'] // 86_400} days"


def journal_equals(site: Site, plan: Plan) -> None:
    sent = [in_words(site, one) for one in site.journal if one["mutating"] and not one["path"].startswith("/sql/")]
    steps = [one["line"].partition(" (")[0] for one in plan["steps"] if one["where"] == "workspace"]
    assert sent == steps
    statements = [one["statement"] for one in site.journal if one["mutating"] and one["path"].startswith("/sql/")]
    assert statements and all("klaviyo_probe_" in one for one in statements)
    assert site.report["plan"] == {**plan, "as_planned": True}
