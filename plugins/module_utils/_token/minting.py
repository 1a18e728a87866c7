# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Ways to get a token for a principal. A request that makes one is never repeated blindly."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
import typing as t
from dataclasses import dataclass, replace

from .._api import oauth_secrets, principals, tokens
from .._common import names
from .._common.failure import BadOption, Failure, LostAnswer, Refused
from .._common.json_types import Json
from .._wire import retry
from .._wire.workspace import Workspace
from .lifecycle import Marker, RehearsalMarker, Token, marker_in

# How often a lost answer is followed by another request.
_TRIES = 3
# A new OAuth secret or token is not known everywhere at once.
SETTLE = 30.0
# For how many seconds a refused token that the service lists as alive is tried again.
DOUBT = 20.0
_NOT_ON_BEHALF = "on-behalf-of token creation"
# Refusals that hold for every way of making a token: the owner may not use tokens, or nobody may.
_NO_TOKENS = re.compile(
    r"permission to use tokens|access tokens? (?:is|are) (?:disabled|switched off|not enabled)", re.I
)
# How a scoped token is told that it may not ask who it is, which means that it was recognised.
_ADDRESS = re.compile(r"\bIP\b|address|network", re.I)
# The service names no limit for comments (SDK settings.py); below this nobody saw a refusal.
_COMMENT = 255


@dataclass(frozen=True)
class Order:
    """What kind of token is wanted."""

    principal: principals.Principal
    marker: Marker | RehearsalMarker
    lifetime: float
    comment: str | None = None
    scopes: tuple[str, ...] | None = None
    method: str = "auto"  # auto, on_behalf_of, self

    def wanted(self) -> Json:
        return {
            "comment": f"{self.comment} {self.marker}" if self.comment else str(self.marker),
            "lifetime_seconds": int(self.lifetime),
            "scopes": list(self.scopes) if self.scopes else None,
        }


class Mint:
    """Makes, lists and revokes tokens of one principal; knows whether the caller is the principal itself."""

    def __init__(self, workspace: Workspace, principal: principals.Principal) -> None:
        self.workspace, self.principal = workspace, principal
        self._me: Json | None = None
        self._as_owner = False  # the caller is no administrator, but owns the tokens
        self.warnings: list[str] = []  # what a person should know about the way that was taken

    @property
    def me(self) -> Json:
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
        one is made. It bears the same nonce, which the store's record names already, so that what shows up late is
        known for what it is.
        """
        for _try in range(_TRIES):
            try:
                token, value, method = self._by_method(order)
            except LostAnswer:
                self._revoke_nonce(order.marker)
                continue
            if not value or not token.token_id:
                self._revoke_nonce(order.marker)
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

    def _revoke_nonce(self, marker: Marker | RehearsalMarker) -> None:
        # The request may still be under way when its answer is given up; the next run revokes what shows up later.
        for pause in (0.0, 0.5):
            time.sleep(pause)
            lost = [token for token in self.list() if _nonce_of(token) == marker.nonce]
            for token in lost:
                self.workspace.notify(
                    f"An answer was lost; revoking the token {token.token_id[:12]} that nobody received."
                )
                self.revoke(token)
            if lost:
                return

    def active(self) -> bool | None:
        """Whether the principal may sign in at all; None if the caller is not told."""
        if self.principal.kind not in ("service_principal", "user") or self.principal.id is None:
            return None
        read = principals.service_principal if self.principal.kind == "service_principal" else principals.user
        try:
            found = read(self.workspace, str(self.principal.id))
        except Failure as failure:
            if failure.status in (401, 403):
                return None
            raise
        return bool(found["active"]) if found else None

    def _by_method(self, order: Order) -> tuple[Token, str, str]:
        wanted, marker = order.wanted(), order.marker
        is_service_principal = self.principal.kind == "service_principal"
        refused: Failure | None = None
        if order.method in ("auto", "on_behalf_of") and is_service_principal and not self._is_azure(order):
            try:
                token, value = tokens.create_on_behalf(self.workspace, self.principal.name_for_services, **wanted)
                return _marked(token, marker), value, "on_behalf_of"
            except LostAnswer:
                raise
            except Failure as failure:
                if order.method == "on_behalf_of" or not _may_go_another_way(failure):
                    raise
                refused = failure
        try:
            token, value = self._by_itself(wanted, is_service_principal)
        except LostAnswer:
            raise
        except Failure as failure:
            if refused and refused.status == 403:
                failure.message = f"{refused.message} The other way, signed in as the principal: {failure.message}"
                failure.hint = failure.hint or refused.hint
            raise
        if refused and refused.status == 403:
            self.warnings.append(
                f"method: the workspace refused a token on behalf of {self.principal.display} ({refused.message}), so "
                "it was made signed in as the principal. Set method=self (klaviyo_token_method in the role) to do that "
                "at once."
            )
        return _marked(token, marker), value, "self"

    def _by_itself(self, wanted: Json, is_service_principal: bool) -> tuple[Token, str]:
        if self.is_me:
            return tokens.create_own(self.workspace, **wanted)
        if not is_service_principal:
            raise needs_supplied(self.principal)
        with self._signed_in() as itself:
            return tokens.create_own(itself, **wanted)

    def _is_azure(self, order: Order) -> bool:
        return order.method == "auto" and ".azuredatabricks." in self.workspace.host

    @contextlib.contextmanager
    def _signed_in(self) -> t.Iterator[Workspace]:
        """The workspace as the principal, by an OAuth secret that does not outlive this block."""
        scim_id = str(self.principal.id)
        self.leftovers(delete=True)
        secret = self._secret()
        try:
            itself = self.workspace.as_service_principal(self.principal.name_for_services, secret["secret"])
            _until_known(lambda: principals.me(itself), SETTLE)
            yield itself
        finally:
            oauth_secrets.delete(self.workspace, scim_id, str(secret["id"]))

    def _secret(self) -> Json:
        for number, seconds in enumerate(oauth_secrets.LIFETIMES, start=1):
            try:
                made = oauth_secrets.create(self.workspace, str(self.principal.id), seconds)
            except LostAnswer:
                self.leftovers(delete=True)
                made = oauth_secrets.create(self.workspace, str(self.principal.id), seconds)
            except Failure as failure:
                if "lifetime" not in failure.message.lower() or number == len(oauth_secrets.LIFETIMES):
                    raise
                continue
            if made.get("id") and made.get("secret"):
                return made
            self.leftovers(delete=True)
            break
        raise Failure(
            "The workspace answered the request for an OAuth secret without one.", code="OAUTH_SECRET", retryable=True
        )

    def leftovers(self, *, delete: bool) -> t.Sequence[str]:
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
    workspace: Workspace,
    value: str,
    principal: principals.Principal,
    *,
    patience: float = 0.0,
    scoped: bool = False,
    identity: Json | None = None,
) -> bool:
    """Whether the service accepts a token as its owner's. A third answer, that nobody knows, is raised.

    :param identity: whose token it is, if this run has asked the service already
    :param patience: seconds for which a refusal is asked about again, since one refusal proves nothing
    :param scoped: it may not be allowed to ask who it is; then being recognised is enough
    :raises Refused: it works, but belongs to somebody else
    :raises Failure: whether it works could not be established
    """
    try:
        who = identity or _until_known(lambda: principals.me(workspace.as_token(value)), patience, scoped=scoped)
    except Failure as failure:
        if is_bad_token(failure):
            return False
        if failure.status == 403:
            return scoped and not _ADDRESS.search(failure.message)
        raise
    if str(who["id"]) != str(principal.id) and not names.same(who["user_name"], principal.name_for_services):
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
    if not value or any(char.isspace() or not char.isprintable() for char in value):
        raise BadOption("supplied_token", "has a blank or a line break in it. Give the value alone.")
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


def _may_go_another_way(failure: Failure) -> bool:
    """Whether a refusal is about tokens on behalf of others only.

    Azure has no such tokens, and some workspaces elsewhere neither (terraform-provider-databricks,
    docs/resources/obo_token.md). Others restrict them: RESTRICT_TOKENS_AND_JOB_RUN_AS. A caller that is no
    administrator may still be the principal itself, or may make a secret for it.
    """
    if _NO_TOKENS.search(failure.message) or is_bad_token(failure):
        return False
    if _NOT_ON_BEHALF in failure.message.lower() or failure.code in ("FEATURE_DISABLED", "ENDPOINT_NOT_FOUND"):
        return True
    return failure.status == 403


def checked_comment(comment: str | None, integration: str) -> str | None:
    """Free text for a token's comment.

    :raises BadOption: longer than there is room for beside the marker
    """
    room = _COMMENT - 1 - len(str(Marker(integration, 999_999, "0" * 16, "0" * 8)))
    if comment and len(comment) > room:
        raise BadOption("comment", f"has {len(comment)} characters; give at most {room}, the marker needs the rest.")
    return comment


def _nonce_of(token: Token) -> str | None:
    marker = token.marker or token.rehearsal
    return marker.nonce if marker else None


def _marked(token: Token, marker: Marker | RehearsalMarker) -> Token:
    return token if token.marker else replace(token, marker=marker_in(str(marker)))


def _until_known(ask: t.Callable[[], Json], patience: float, *, scoped: bool = False) -> Json:
    """Ask again while the service refuses a credential that ought to be good.

    :param patience: seconds
    """
    refusals: list[Failure] = []

    def answered() -> Json | None:
        try:
            return ask()
        except Failure as failure:
            if not (
                is_bad_token(failure) or failure.code == "AUTHENTICATION" or (failure.status == 403 and not scoped)
            ):
                raise
            refusals.append(failure)
            return None

    who = retry.until(answered, patience)
    if who is None:
        raise refusals[-1]
    return who
