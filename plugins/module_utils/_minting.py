# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Ways to get a token for a principal. A request that makes one is never repeated blindly."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import time
import typing as t
from dataclasses import dataclass

from . import _names, _retry
from ._api import oauth_secrets, principals, tokens
from ._failure import Failure, LostAnswer, Refused
from ._token_lifecycle import Marker, Token, marker_in
from ._workspace import Workspace

# How often a lost answer is followed by another request.
_TRIES = 3
# A new OAuth secret or token is not known everywhere at once.
_SETTLE = 30.0
_NOT_ON_BEHALF = "on-behalf-of token creation"


@dataclass(frozen=True)
class Order:
    """What kind of token is wanted."""

    principal: principals.Principal
    integration: str
    generation: int
    lifetime: float
    comment: str | None = None
    scopes: tuple[str, ...] | None = None
    method: str = "auto"  # auto, on_behalf_of, self

    def wanted(self, marker: Marker) -> dict[str, t.Any]:
        comment = f"{self.comment} {marker}" if self.comment else str(marker)
        return {
            "comment": comment,
            "lifetime_seconds": int(self.lifetime),
            "scopes": list(self.scopes) if self.scopes else None,
        }


class Mint:
    """Makes, lists and revokes tokens of one principal; knows whether the caller is the principal itself."""

    def __init__(self, workspace: Workspace, principal: principals.Principal) -> None:
        self.workspace, self.principal = workspace, principal
        self._me: dict[str, t.Any] | None = None
        self._as_owner = False  # the caller is no administrator, but owns the tokens

    @property
    def me(self) -> dict[str, t.Any]:
        if self._me is None:
            self._me = principals.me(self.workspace)
        return self._me

    @property
    def is_me(self) -> bool:
        return str(self.me["id"]) == str(self.principal.id)

    def list(self) -> list[Token]:
        """The principal's tokens: as administrator with their last use, else as their owner without."""
        if not self._as_owner:
            try:
                return tokens.owned_by(self.workspace, str(self.principal.id))
            except Failure as failure:
                if failure.status != 403 or failure.code == "INVALID_ACCESS_TOKEN" or not self.is_me:
                    raise
                self._as_owner = True
        return tokens.own(self.workspace)

    def revoke(self, token: Token) -> None:
        (tokens.revoke_own if self._as_owner else tokens.revoke)(self.workspace, token.token_id)

    def make(self, order: Order) -> tuple[Token, str, str]:
        """A new token, its value, and the method that worked.

        After a lost answer the token that may have been made is looked for by its nonce and revoked; only then another
        one is made.
        """
        for _try in range(_TRIES):
            marker = Marker(order.integration, order.generation, secrets.token_hex(8))
            try:
                token, value, method = self._by_method(order, marker)
            except LostAnswer:
                self._revoke_nonce(marker)
                continue
            if not value or not token.token_id:
                self._revoke_nonce(marker)
                raise Failure(
                    "The workspace answered the request for a token without a token.", code="NO_TOKEN", retryable=True
                )
            return token, value, method
        raise Failure(
            f"No answer came to any of {_TRIES} requests for a token; "
            "what they may have made was looked for and revoked.",
            code="LOST_ANSWER",
            retryable=True,
        )

    def _revoke_nonce(self, marker: Marker) -> None:
        # The request may still be under way when its answer is given up; the next run revokes what shows up later.
        for pause in (0.0, 0.5):
            time.sleep(pause)
            for token in self.list():
                if token.marker and token.marker.nonce == marker.nonce:
                    self.workspace.notify(
                        f"An answer was lost; revoking the token {token.token_id[:12]} that nobody received."
                    )
                    self.revoke(token)
                    return

    def _by_method(self, order: Order, marker: Marker) -> tuple[Token, str, str]:
        wanted = order.wanted(marker)
        is_service_principal = self.principal.kind == "service_principal"
        if order.method in ("auto", "on_behalf_of") and is_service_principal and not self._is_azure(order):
            try:
                token, value = tokens.create_on_behalf(self.workspace, self.principal.name_for_services, **wanted)
                return _marked(token, marker), value, "on_behalf_of"
            except LostAnswer:
                raise
            except Failure as failure:
                if order.method == "on_behalf_of" or not self._may_help_itself(failure):
                    raise
        if self.is_me:
            token, value = tokens.create_own(self.workspace, **wanted)
        elif is_service_principal:
            with self._signed_in() as itself:
                token, value = tokens.create_own(itself, **wanted)
        else:
            raise needs_supplied(self.principal)
        return _marked(token, marker), value, "self"

    def _is_azure(self, order: Order) -> bool:
        return order.method == "auto" and ".azuredatabricks." in self.workspace.host

    def _may_help_itself(self, failure: Failure) -> bool:
        # Azure has no on-behalf-of tokens, and some workspaces elsewhere neither (terraform-provider-databricks,
        # docs/resources/obo_token.md). A caller that is no administrator may still be the principal itself.
        if _NOT_ON_BEHALF in failure.message.lower() or failure.code in ("FEATURE_DISABLED", "ENDPOINT_NOT_FOUND"):
            return True
        return failure.status == 403 and "permission to use tokens" not in failure.message and self.is_me

    @contextlib.contextmanager
    def _signed_in(self) -> t.Iterator[Workspace]:
        """The workspace as the principal, by an OAuth secret that does not outlive this block."""
        scim_id = str(self.principal.id)
        self.leftovers(delete=True)
        secret = self._secret()
        try:
            itself = self.workspace.as_service_principal(self.principal.name_for_services, secret["secret"])
            _until_known(lambda: principals.me(itself))
            yield itself
        finally:
            oauth_secrets.delete(self.workspace, scim_id, str(secret["id"]))

    def _secret(self) -> dict[str, t.Any]:
        for number, seconds in enumerate(oauth_secrets.LIFETIMES, start=1):
            try:
                return oauth_secrets.create(self.workspace, str(self.principal.id), seconds)
            except LostAnswer:
                self.leftovers(delete=True)
                return oauth_secrets.create(self.workspace, str(self.principal.id), seconds)
            except Failure as failure:
                if "lifetime" not in failure.message.lower() or number == len(oauth_secrets.LIFETIMES):
                    raise
        raise Failure("The workspace refused every lifetime for an OAuth secret.", code="OAUTH_SECRET")

    def leftovers(self, *, delete: bool) -> list[str]:
        """Ids of secrets of a run that died; nothing else has their lifetime."""
        if self.principal.kind != "service_principal":
            return []
        try:
            every = oauth_secrets.listing(self.workspace, str(self.principal.id))
        except Failure as failure:
            # Who may not see them did not make them either: the principal itself needs none.
            if failure.status == 403 and self.is_me:
                return []
            raise
        ours = [str(secret["id"]) for secret in every if oauth_secrets.is_ours(secret)]
        for secret_id in ours if delete else ():
            oauth_secrets.delete(self.workspace, str(self.principal.id), secret_id)
        return ours


def prove(
    workspace: Workspace, value: str, principal: principals.Principal, *, fresh: bool = False, scoped: bool = False
) -> bool:
    """Whether the service accepts a token as its owner's.

    :param fresh: it was just made, so that a refusal may pass
    :param scoped: it may not be allowed to ask who it is; then being recognised is enough
    :raises Refused: it works, but belongs to somebody else
    """
    ask: t.Callable[[], dict[str, t.Any]] = lambda: principals.me(workspace.as_token(value))  # noqa: E731
    try:
        who = _until_known(ask) if fresh else ask()
    except Failure as failure:
        if is_bad_token(failure):
            return False
        if scoped and failure.status == 403:
            return True
        raise
    if str(who["id"]) != str(principal.id) and not _names.same(who["user_name"], principal.name_for_services):
        raise Refused(
            f"The token signs in as {who['user_name']}, not as {principal.display} ({principal.name_for_services}).",
            code="IDENTITY_MISMATCH",
            hint="Give the token of the principal that option principal names.",
        )
    return True


def is_bad_token(failure: Failure) -> bool:
    """Old and new fronts of the service differ in how they refuse a token."""
    return failure.code == "INVALID_ACCESS_TOKEN" or failure.status == 401 or "Invalid access token" in failure.message


def needs_supplied(principal: principals.Principal) -> Refused:
    """Nobody can make a token for a person but the person."""
    return Refused(
        f"supplied_token: an administrator cannot make a token for the user {principal.name_for_services}.",
        code="NEEDS_SUPPLIED_TOKEN",
        hint=f"Sign in to the workspace as {principal.name_for_services}; open Settings > Developer > "
        "Access tokens > Manage > Generate new token, with the word klaviyo in the comment; then give the token as "
        "supplied_token (klaviyo_token in the role).",
    )


def supplied(workspace: Workspace, value: str, principal: principals.Principal) -> Token:
    """What the service knows about a token that a person made.

    :raises Refused: it does not work, is somebody else's, or is the one this run itself signs in with
    """
    if value in workspace.secrets:
        raise Refused(
            "supplied_token: this is the token the play itself signs in with; the partner must get one of its own.",
            code="OWN_TOKEN",
            hint="Make another token as the dedicated principal.",
        )
    if not prove(workspace, value, principal):
        raise Refused(
            "supplied_token: the workspace does not accept this token.",
            code="INVALID_ACCESS_TOKEN",
            hint="Make a new one.",
        )
    found = tokens.which_is(value, tokens.own(workspace.as_token(value)))
    return found or Token(hashlib.sha256(value.encode()).hexdigest(), workspace.now)


def _marked(token: Token, marker: Marker) -> Token:
    from dataclasses import replace

    return token if token.marker else replace(token, marker=marker_in(str(marker)))


def _until_known(ask: t.Callable[[], dict[str, t.Any]]) -> dict[str, t.Any]:
    """Ask again while the service does not know a credential that it just issued."""
    refusals: list[Failure] = []

    def answered() -> dict[str, t.Any] | None:
        try:
            return ask()
        except Failure as failure:
            if not (is_bad_token(failure) or failure.code == "AUTHENTICATION"):
                raise
            refusals.append(failure)
            return None

    who = _retry.until(answered, _SETTLE)
    if who is None:
        raise refusals[-1]
    return who
