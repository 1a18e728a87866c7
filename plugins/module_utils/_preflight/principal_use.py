# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""What a principal that exists already is used for, as short sentences; what could not be read is one of them."""

from __future__ import annotations

import typing as t

from .._api import principals, tokens
from .._common.failure import Failure
from .._common.json_types import Json
from .._wire.errors import is_absent
from .._wire.workspace import Workspace

CATALOG = "/api/2.1/unity-catalog"
# Everybody is in these: being in them says nothing about a use.
_EVERYBODY = ("users", "account users")


def of(workspace: Workspace, principal: Json, kind: str, catalog: str, schemas: t.Iterable[str]) -> list[str]:
    """Its live tokens, its groups, and what it was granted on the catalog besides the two schemas.

    :param principal: as module service_principal_info or user_info shows it
    :param schemas: full names of the schemas of the integration
    :raises Failure: nothing of it; a read that fails becomes a sentence
    """
    name = str(principal.get("application_id") or principal.get("user_name"))
    sentences = workspace.together(
        lambda: _sentence("its tokens", lambda: _tokens(workspace, str(principal["id"]))),
        lambda: _sentence("its groups", lambda: _groups(workspace, str(principal["id"]), kind)),
        lambda: _sentence(f"its grants on catalog {catalog}", lambda: _grants(workspace, name, catalog)),
        *(
            (lambda schema=schema: _sentence(f"its grants on schema {schema}", lambda: _more(workspace, name, schema)))
            for schema in schemas
        ),
    )
    return [sentence for sentence in sentences if sentence]


def _sentence(what: str, read: t.Callable[[], str]) -> str:
    try:
        return read()
    except Failure as failure:
        # A schema that is not there yet holds no grants.
        return "" if is_absent(failure) else f"{what} could not be read"


def _tokens(workspace: Workspace, scim_id: str) -> str:
    live = [one for one in tokens.owned_by(workspace, scim_id) if one.alive(workspace.now)]
    shown = ", ".join(sorted(one.token_id[:12] for one in live))
    return f"it has {len(live)} live token(s) ({shown})" if live else ""


def _groups(workspace: Workspace, scim_id: str, kind: str) -> str:
    path = principals.USERS if kind == "user" else principals.SERVICE_PRINCIPALS
    raw = workspace.call("GET", f"{path}/{scim_id}", "read the groups of the principal")
    names = sorted(
        str(group.get("display") or group.get("value") or "")
        for group in raw.get("groups") or []
        if str(group.get("display")).lower() not in _EVERYBODY
    )
    return f"it is a member of {', '.join(names)}" if names else ""


def _grants(workspace: Workspace, name: str, catalog: str) -> str:
    held = _direct(workspace, name, f"catalog/{catalog}") - {"USE_CATALOG"}
    return f"it holds {', '.join(sorted(held))} on catalog {catalog}" if held else ""


def _more(workspace: Workspace, name: str, schema: str) -> str:
    """Only what no partner is given: the wanted privileges themselves may be left by a run that died."""
    held = _direct(workspace, name, f"schema/{schema}") & {"MANAGE"}
    return f"it holds {', '.join(sorted(held))} on schema {schema}" if held else ""


def _direct(workspace: Workspace, name: str, where: str) -> set[str]:
    path = f"{CATALOG}/permissions/{where}"
    rows = workspace.pages(path, "privilege_assignments", f"read the privileges of {name}", principal=name)
    return {
        str(privilege)
        for row in rows
        if str(row.get("principal") or "").lower() == name.lower()
        for privilege in row.get("privileges") or []
    }
