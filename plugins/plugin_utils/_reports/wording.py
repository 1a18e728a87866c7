# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report holds, in the words of the page: names for IDs, and the profile's texts in its language. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from . import sentences

Text = t.Callable[..., str]

# What the roles say of a store whose commands they do not know.
OWN_STORE = "as your own store shows it"
_METHODS = ("create", "update", "delete", "mint", "announce", "store", "revoke")


def profile(report: Json, language: str) -> Json:
    """The texts that the access profile has for the language."""
    found = (report["wanted"].get("languages") or {}).get(language)
    return found if isinstance(found, dict) else {}


def guide(report: Json, language: str) -> Json:
    """The partner's own guide in the language, or the one that there is."""
    known = report["wanted"].get("guide") or {}
    merged = {**known, **(profile(report, language).get("guide") or {})}
    address = str(merged.get("address") or "")
    return {
        # What a profile says becomes a link only if it leads to a page.
        "address": address if address.startswith(("https://", "http://")) else "",
        "title": merged.get("title") or "",
        "sections": {str(key): value for key, value in (merged.get("sections") or {}).items()},
    }


def sheet(report: Json, language: str) -> Json:
    """What a person does at the partner: clicks, and the values with the labels that the partner's page has."""
    connection = report["connection"] or {}
    wording = profile(report, language).get("connection") or {}
    labels = wording.get("labels") or {}
    command = str(connection.get("show_token") or "")
    return {
        "steps": wording.get("steps") or connection.get("steps") or [],
        "fields": [
            {
                "label": labels.get(field["label"], field["label"]),
                "value": field["value"],
                "token": field["value"] == connection.get("access_token"),
            }
            for field in connection.get("fields") or []
        ],
        "own_store": command == OWN_STORE,
        "command": command,
        "notes": connection.get("notes") or [],
    }


def addresses(report: Json, text: Text) -> list[Json]:
    """The partner's addresses by region."""
    found = report["wanted"].get("addresses") or {}
    return [
        {"name": text("region_any") if name == "any" else text("region", region=name), "addresses": listed}
        for name, listed in found.items()
    ]


def not_given(report: Json, language: str) -> list[Json]:
    """What the guide asks for and is not given."""
    texts = profile(report, language).get("asked_not_given") or []
    found = []
    for number, one in enumerate(report["asked_not_given"]):
        other = texts[number] if number < len(texts) else {}
        found.append({key: other.get(key) or one.get(key) or "" for key in ("what", "why", "insist")})
    return found


def change(action: Json, report: Json, text: Text, language: str) -> Json:
    """What was done, or would be: the object with names for IDs, and a verb."""
    tense = "would" if report["run"]["mode"] == "check" else "did"
    method = action["method"]
    verb = text(f"{tense}_{method}") if method in _METHODS else method
    fields = ", ".join(action.get("fields") or [])
    shown = sentences.named(_named(str(action["object"]), report), language)
    return {"object": shown, "action": f"{verb} ({fields})" if fields else verb}


def _named(words: str, report: Json) -> str:
    """The name of the account for its ID, and of the warehouse beside its own."""
    ident, name = report["principal"]["id"], report["principal"]["name"]
    if ident and ident != name:
        words = words.replace(ident, name)
    warehouse = report["found"]["warehouse"] or {}
    if warehouse.get("name") and words.endswith(f"warehouse {warehouse.get('id')}"):
        words = f"{words.removesuffix(str(warehouse['id']))}{warehouse['name']} ({warehouse['id']})"
    return words


def wanted(report: Json, text: Text) -> list[Json]:
    """The wanted access, an object each."""
    access = report["wanted"]
    rows = [
        {
            "object": f"{text('draw_' + grant['securable'])} {grant['name']}",
            "privileges": ", ".join(grant["privileges"]).replace("_", " ") or text("draw_none"),
        }
        for grant in access["grants"]
    ]
    warehouse = report["found"]["warehouse"] or {}
    for permission in access["permissions"]:
        name = text("tokens_object")
        if permission["object_type"] == "warehouse":
            shown = permission.get("object") or ""
            if warehouse.get("name") and warehouse["name"] != shown:
                shown = f"{warehouse['name']} ({shown})"
            name = f"{text('draw_warehouse')} {shown}"
        rows.append({"object": name, "privileges": str(permission["level"]).replace("_", " ")})
    if access["entitlements"]:
        rows.append({"object": text("entitlements"), "privileges": ", ".join(access["entitlements"])})
    return rows
