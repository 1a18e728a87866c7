# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""From what was read to findings. Only what is proven to be absent blocks. No request is made here."""

from __future__ import annotations

import contextlib
import ipaddress
import typing as t

from .._api import permissions
from .._common.failure import Failure, Refused
from .._common.json_types import Json
from .._common.names import same
from .._token import ownership
from .._wire.errors import is_absent
from . import rights
from .data import Seen, Wish
from .evidence import HIVE, is_missing
from .findings import Finding, Variables, finding
from .rights import Rights

_FORBIDDEN = (401, 403)
_NO_UNITY_CATALOG = ("METASTORE_DOES_NOT_EXIST", "FEATURE_DISABLED")
# "Catalog '...' is not accessible in current workspace" and older wordings.
_BOUND = ("not accessible in current workspace", "no binding to this workspace", "not bound to")
OFFERED = ("aws", "gcp")  # where tokens on behalf are documented (API reference, token management)


class Judged(t.NamedTuple):
    """Facts and findings about one wish."""

    findings: list[Finding]
    rights: Rights
    exists: bool | None  # the catalog
    level: str | None  # of the caller on the warehouse


def judge(seen: Seen, wish: Wish, v: Variables) -> Judged:
    """All findings, in the order of the set-up.

    :raises Failure: a read failed for a reason that is neither absence nor a missing right
    """
    say = _Say(seen, wish, v)
    found: list[Finding] = []
    without_catalog = wish.catalog != HIVE and _metastore(seen, wish, say, found)
    held, exists = _catalog(seen, wish, say, found, without_catalog)
    level = _warehouse(seen, wish, say, found)
    if wish.provisioning:
        _schemas(seen, wish, say, found, held, exists)
        _caller(seen, say, found)
        _settings(seen, wish, say, found)
        _principal(seen, wish, say, found)
        _store(seen, say, found)
        _token(seen, wish, say, found)
    return Judged(found, held, exists, level)


class _Say:
    """Findings with the names that most sentences use."""

    def __init__(self, seen: Seen, wish: Wish, v: Variables) -> None:
        candidates = seen["principals"].value or []
        principal = candidates[0] if len(candidates) == 1 else {}
        self.common: Json = {
            "v": v,
            "caller": seen.caller["user_name"] or "the caller",
            "catalog": wish.catalog,
            "workspace_id": seen.caller.get("workspace_id") or "WORKSPACE_ID",
            "principal": principal.get("display_name") or wish.principal,
            "kind": wish.kind.replace("_", " "),
            "module": wish.kind,
            "integration": wish.integration,
        }

    def __call__(self, code: str, **names: t.Any) -> Finding:
        return finding(code, **{**self.common, **names})


def passing(failure: Failure | None, *codes: str) -> Failure:
    """The failure, if it is an answer about absence or rights; anything else fails the whole preflight."""
    if failure is None:
        raise Failure("A read gave neither an answer nor a reason.")
    answered = is_missing(failure) or failure.status in _FORBIDDEN or failure.code in codes
    if isinstance(failure, Refused) or not answered or failure.code == "INVALID_ACCESS_TOKEN":
        raise failure
    return failure


def said(failure: Failure) -> str:
    """The service's own words, as one sentence."""
    words = failure.message.partition(": ")[2] or failure.message
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _metastore(seen: Seen, wish: Wish, say: _Say, found: list[Finding]) -> bool:
    """Whether the workspace has no Unity Catalog; then nothing more is to be said about the catalog."""
    for answer in (seen["metastore"], seen["catalog"]):
        failure = answer.failure
        if failure is not None and failure.code in _NO_UNITY_CATALOG:
            if wish.catalog or wish.provisioning:
                found.append(say(failure.code, said=said(failure)))
            return True
    if seen["metastore"].failure is not None:
        passing(seen["metastore"].failure)
    return False


def _catalog(seen: Seen, wish: Wish, say: _Say, found: list[Finding], without: bool) -> tuple[Rights, bool | None]:
    if not wish.catalog or wish.catalog == HIVE:
        if wish.catalog and wish.provisioning:
            found.append(say("LEGACY_METASTORE"))
        return Rights(), None
    if without:
        return Rights(), False
    answer = seen["catalog"]
    if answer.value is None:
        failure = passing(answer.failure)
        if any(words in failure.message for words in _BOUND):
            found.append(say("CATALOG_BOUND_ELSEWHERE", said=said(failure)))
            return Rights(), True
        if failure.status in _FORBIDDEN:
            found.append(say("NO_USE_CATALOG", owner=f"the owner of catalog {wish.catalog}"))
            return Rights(use=False), True
        others = ", ".join(seen["catalogs"].value or []) or "none"
        found.append(say("CATALOG_DOES_NOT_EXIST", others=others))
        return Rights(), False
    metastore_owner = (seen["metastore owner"].value or {}).get("owner")
    held = rights.on_catalog(seen.caller, answer.value.get("owner"), seen["privileges"].value or [], metastore_owner)
    if answer.value.get("browse_only") and held.use is None:
        owner = who_owns(answer.value.get("owner"), f"catalog {wish.catalog}")
        found.append(say("NO_USE_CATALOG", owner=owner))
        return held._replace(use=False), True
    return held, True


def _schemas(seen: Seen, wish: Wish, say: _Say, found: list[Finding], held: Rights, exists: bool | None) -> None:
    if not exists or any(one.kind == "blocks" for one in found):
        return
    owner = who_owns((seen["catalog"].value or {}).get("owner"), f"catalog {wish.catalog}")
    missing, foreign = [], False
    for name in wish.schemas:
        answer, full_name = seen.schema(name), f"{wish.catalog}.{name}"
        if answer.value is not None:
            if not rights.owns(seen.caller, answer.value.get("owner")):
                foreign = True
                shown = answer.value.get("owner") or "somebody else"
                found.append(say("SCHEMA_OF_ANOTHER", schema=full_name, owner=shown))
            continue
        failure = passing(answer.failure)
        if failure.status in _FORBIDDEN:
            found.append(say("SCHEMA_UNKNOWN", schema=full_name, said=said(failure)))
        missing.append(name)
    missing_any = bool(missing) or not wish.schemas
    if missing_any and held.create_schemas is None and held.use is not False:
        found.append(say("CREATE_SCHEMA_UNKNOWN", owner=owner))
    fresh = not seen.stored
    if held.grant is None and held.use is not False and (missing_any or foreign or fresh):
        found.append(say("MANAGE_UNKNOWN", owner=owner))


def who_owns(owner: str | None, what: str) -> str:
    """Who can give a right on something, in words."""
    if not owner:
        return f"the owner of {what}"
    if owner.lower().startswith(rights.SYSTEM_ADMINS):
        return f"an administrator of the workspace, since {what} belongs to all of them"
    return f"{owner}, who owns {what}"


def _warehouse(seen: Seen, wish: Wish, say: _Say, found: list[Finding]) -> str | None:
    answer = seen["warehouse"]
    if not answer.asked:
        return None
    if answer.value is None:
        failure = passing(answer.failure, "WAREHOUSE_AMBIGUOUS")
        code = failure.code if failure.code == "WAREHOUSE_AMBIGUOUS" else "WAREHOUSE_DOES_NOT_EXIST"
        found.append(say(code, said=failure.message.partition(": ")[2] or failure.message))
        return None
    if seen.caller["admin"]:
        return "CAN_MANAGE"
    entries = seen["level"]
    if entries.value is None:
        because = "only who manages it may see the list"
        passing(entries.failure)
        level = None
    else:
        mine = [one for one in entries.value if (one["principal"] or "").lower() in rights.names_of(seen.caller)]
        level = permissions.highest(one for each in mine for one in (each["level"], each["inherited_level"]) if one)
        because = "the list does not show it, and rights that come through nested groups are not shown"
    if wish.provisioning and not permissions.covers(level, "CAN_MANAGE"):
        found.append(say("LEVEL_UNKNOWN", warehouse=answer.value["name"], because=because))
    return level


def _caller(seen: Seen, say: _Say, found: list[Finding]) -> None:
    if not seen.caller["admin"]:
        found.append(say("NOT_ADMIN"))


def _settings(seen: Seen, wish: Wish, say: _Say, found: list[Finding]) -> None:
    settings = seen["settings"]
    if settings.value is None:
        passing(settings.failure)
        found.append(say("SETTINGS_UNKNOWN"))
        return
    if tokens_enabled(settings.value) is False:
        found.append(say("TOKENS_DISABLED"))
    longest = longest_life(settings.value)
    if wish.lifetime_days and longest and longest < wish.lifetime_days and not seen.stored:
        found.append(say("LIFETIME_CAPPED", wished=wish.lifetime_days, longest=longest))
    lists = seen["ip lists"]
    if not lists.asked:
        return
    if lists.value is None:
        shown = ", ".join(wish.addresses)
        found.append(say("IP_ACCESS_LISTS_UNKNOWN", said=said(t.cast(Failure, lists.failure)), addresses=shown))
        return
    refused = refused_addresses(wish.addresses, lists.value.get("ip_access_lists") or [])
    if refused:
        quoted = ", ".join(f'"{one}"' for one in refused)
        found.append(say("IP_ACCESS_LISTS", count=len(refused), addresses=", ".join(refused), quoted=quoted))


def tokens_enabled(settings: Json | None) -> bool | None:
    """Whether personal access tokens may be used; null in the settings means the service's own default, yes."""
    return None if settings is None else str(settings.get("enableTokensConfig")).lower() != "false"


def longest_life(settings: Json | None) -> int | None:
    """The workspace's own maximum in days; None where only the service's limit holds or nothing is known."""
    days = str((settings or {}).get("maxTokenLifetimeDays"))
    return int(days) if days.isdecimal() and int(days) > 0 else None


def refused_addresses(addresses: t.Iterable[str], lists: t.Iterable[Json]) -> list[str]:
    """The addresses that IP access lists refuse: named by a list of type BLOCK, or by none of type ALLOW where there is
    one (Databricks docs, "Configure IP access lists for workspaces").
    """
    enabled = [one for one in lists if one.get("enabled")]
    allowed = [_networks(one) for one in enabled if one.get("list_type") == "ALLOW"]
    blocked = [_networks(one) for one in enabled if one.get("list_type") == "BLOCK"]

    def names(groups: list[list[t.Any]], address: str) -> bool:
        wanted = ipaddress.ip_network(address, strict=False)
        return any(
            wanted.version == network.version and wanted.subnet_of(network) for group in groups for network in group
        )

    return [one for one in addresses if names(blocked, one) or (allowed and not names(allowed, one))]


def _networks(one: Json) -> list[t.Any]:
    found = []
    for text in one.get("ip_addresses") or []:
        with contextlib.suppress(ValueError):
            found.append(ipaddress.ip_network(str(text), strict=False))
    return found


def _principal(seen: Seen, wish: Wish, say: _Say, found: list[Finding]) -> None:
    answer = seen["principals"]
    if not answer.asked:
        return
    if answer.value is None:
        passing(answer.failure)
        found.append(say("PRINCIPAL_UNKNOWN"))
        return
    candidates = answer.value
    if len(candidates) > 1:
        names = ", ".join(str(one.get("application_id") or one.get("user_name")) for one in candidates)
        found.append(say("PRINCIPAL_AMBIGUOUS", count=len(candidates), principal=wish.principal, candidates=names))
    elif candidates and not candidates[0]["active"]:
        found.append(say("PRINCIPAL_INACTIVE"))
    elif seen["uses"].value:
        found.append(say("PRINCIPAL_IN_USE", uses="; ".join(seen["uses"].value)))
    elif not candidates and wish.kind == "user":
        found.append(say("USER_DOES_NOT_EXIST"))


def _store(seen: Seen, say: _Say, found: list[Finding]) -> None:
    failure, foreign = seen["store"].failure, seen["whose"].failure
    # Where whose it is could not be asked, module token decides, which asks again.
    failure = foreign if isinstance(foreign, Refused) else failure
    if failure is None:
        return
    if failure.retryable:
        raise failure
    hint = failure.hint
    if failure.code == ownership.OTHER_PRINCIPAL:
        meant = f"{say.common['v'].principal_name} to {seen['store'].value.get('principal')}"
        hint = f"set {meant} if that is the one that is meant, or give every principal a store of its own."
    words = failure.message.partition(": ")[2] if failure.message.startswith("store") else failure.message
    found.append(say("STORE", said=words, hint=hint or "give the store that the first run had."))


def _token(seen: Seen, wish: Wish, say: _Say, found: list[Finding]) -> None:
    if wish.store is None or seen["store"].failure is not None or seen.stored or wish.supplied:
        return
    if wish.kind == "user":
        principal = (seen["principals"].value or [{}])[0]
        if not same(principal.get("user_name") or wish.principal, seen.caller["user_name"]):
            found.append(say("USER_WITHOUT_TOKEN"))
        return
    missing = seen["token permissions"].failure
    if missing is not None and is_absent(missing):
        found.append(say("NO_TOKENS_YET"))
    cloud = seen["cloud"].value or "aws"
    status = (((seen["restriction"].value or {}).get("restrict_workspace_admins")) or {}).get("status")
    restricted = status == "RESTRICT_TOKENS_AND_JOB_RUN_AS"
    if wish.method == "on_behalf_of":
        if restricted:
            found.append(say("ON_BEHALF_RESTRICTED"))
        elif cloud not in OFFERED:
            found.append(say("ON_BEHALF_NOT_OFFERED"))
        return
    because = None
    if wish.method == "self":
        because = f"{say.common['v'].token_method} is self"
    elif cloud not in OFFERED:
        because = "Azure does not offer tokens on behalf of others"
    elif restricted:
        because = "the workspace restricts tokens on behalf of others (RESTRICT_TOKENS_AND_JOB_RUN_AS)"
    if because:
        found.append(say("TOKEN_SELF", because=because))
    else:
        found.append(say("TOKEN_ON_BEHALF"))
