# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A workspace in which nobody ever made a personal access token has no token permissions to read or to change.

Both are "not found" until there is a token (terraform-provider-databricks#1122 and its docs/resources/permissions.md;
Databricks.API.PowerShell#61 has the words). So the caller makes one of its own that ends by itself soon, does what is
to be done, and revokes it. Its value is never kept: nobody needs it.
"""

from __future__ import annotations

import contextlib
import typing as t

from .._common.failure import Failure
from .._common.json_types import Json
from .._wire import retry
from .._wire.workspace import Workspace
from . import principals, tokens

T = t.TypeVar("T")

COMMENT = "lakeops: opens the token permissions, ends by itself"
LIFETIME_SECONDS = 600
# How long the permissions may take to appear once there is a token; nobody documents it.
_OPENS_WITHIN = 30.0


def is_missing(failure: Failure) -> bool:
    """Whether a refusal means that there are no token permissions yet, and not that a principal is unknown."""
    absent = failure.status == 404 and failure.code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")
    return absent and not principals.is_unknown(failure)


def left_behind(workspace: Workspace) -> list[str]:
    """The ids of such tokens that an earlier run of the same caller could not revoke any more.

    A caller that signs in with a personal access token never needed one, so nothing is asked then. Who may not use
    tokens has none.
    """
    if workspace.config.auth_type == "pat":
        return []
    try:
        return _ours(workspace)
    except Failure:
        return []  # they end by themselves


def revoke(workspace: Workspace, token_ids: t.Iterable[str]) -> None:
    """Revoke such tokens. One that has ended by then is fine."""
    for token_id in token_ids:
        tokens.revoke_own(workspace, token_id)


def with_one(workspace: Workspace, warn: t.Callable[[str], None], act: t.Callable[[], T]) -> T:
    """Do something while a token of the caller's opens the token permissions.

    Another run of the same caller takes our token for one that was left behind, and revokes it; so there is a second
    try.
    """
    try:
        with open_for_a_while(workspace, warn):
            return act()
    except Failure as failure:
        if not is_missing(failure):
            raise
    with open_for_a_while(workspace, warn):
        return act()


@contextlib.contextmanager
def open_for_a_while(workspace: Workspace, warn: t.Callable[[str], None]) -> t.Iterator[None]:
    """A token of the caller's for the length of a ``with``, in which the token permissions exist.

    :param warn: told if it could not be revoked
    :raises Failure: the caller may not make one
    """
    workspace.notify("Nobody ever made a token in this workspace; making one for ten minutes to open its permissions.")
    token_id = _make(workspace)
    try:
        yield
    finally:
        try:
            revoke(workspace, [token_id])
        except Failure as failure:
            warn(
                f"The token {token_id[:12]} ({COMMENT}) could not be revoked: {failure.message} It ends by itself "
                "within ten minutes, and the next run of this caller revokes it."
            )


def when_open(act: t.Callable[[], T]) -> T:
    """Do something that needs the token permissions, which may appear a moment after the token."""

    def ready() -> list[T] | None:
        try:
            return [act()]
        except Failure as failure:
            if not is_missing(failure):
                raise
            failures.append(failure)
            return None

    failures: list[Failure] = []
    done = retry.until(ready, _OPENS_WITHIN)
    if done:
        return done[0]
    refusal = failures[-1]
    refusal.hint = "The token permissions did not appear although the workspace has a token now. Run the task again."
    raise refusal


def _make(workspace: Workspace) -> str:
    try:
        made, _value = tokens.create_own(workspace, comment=COMMENT, lifetime_seconds=LIFETIME_SECONDS)
    except Failure as failure:
        if failure.code == "LOST_ANSWER":
            found = _ours(workspace)
            if found:
                revoke(workspace, found[1:])
                return found[0]
        failure.message = (
            "The workspace has no token permissions before its first personal access token, and the caller could not "
            f"make one: {failure.message}"
        )
        raise
    return made.token_id


def _ours(workspace: Workspace) -> list[str]:
    """Those of the caller's own tokens that have exactly our comment."""
    path = f"{tokens.OWN}/list"
    found: list[Json] = workspace.call("GET", path, "list the caller's tokens").get("token_infos") or []
    return sorted(str(raw["token_id"]) for raw in found if raw.get("comment") == COMMENT and raw.get("token_id"))
