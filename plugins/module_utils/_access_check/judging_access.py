# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Verdicts on privileges: which are held and how, and which are held beyond the wish. Pure.

A row that SHOW GRANTS does not show proves nothing: it leaves out what comes through groups, and what a schema cannot
carry (USE CATALOG). So what is not held by name may come through others, through ownership, or be proven by a probe.
"""

from __future__ import annotations

import typing as t

from .._api.grants import Held, Securable
from .._api.principals import ACCOUNT_USERS
from .._objects import privileges as algebra
from .evidence import NOT_TRIED, Evidence
from .verdict import LEAST, WORKS, Check, Strictness
from .wanted import Grant, Wanted

# Groups that the service keeps itself; every principal of the workspace is in the users' one, whether or not its list
# of groups says so (Databricks docs, "Admin privileges in Unity Catalog"). Their names are known by prefix only.
WORKSPACE_USERS, WORKSPACE_ADMINS = "_workspace_users_", "_workspace_admins_"


def held(wanted: Wanted, evidence: Evidence) -> list[Check]:
    """For each securable whether the wanted privileges are held, directly or not."""
    return [_held(grant, wanted, evidence) for grant in wanted.grants]


def surplus(wanted: Wanted, evidence: Evidence, how: Strictness) -> list[Check]:
    """For each securable what is held beyond the wish: by name, and through others."""
    checks = []
    for grant in wanted.grants:
        checks += [_direct(grant, wanted, evidence), _indirect(grant, wanted, evidence, how)]
    return checks


def reaches(principal: str, evidence: Evidence) -> bool:
    """Whether a grant to somebody is known to reach the principal although it is not to it."""
    name = principal.lower()
    if name.startswith(WORKSPACE_ADMINS):
        return bool(evidence.me.ok and evidence.me.value["admin"])
    return name == ACCOUNT_USERS or name.startswith(WORKSPACE_USERS) or name in evidence.groups


def direct_above(of: Securable, evidence: Evidence) -> list[Held]:
    """What the principal is known to hold by name on what a securable lies in."""
    return [row for parent in _parents(of) for row in evidence.direct(parent) or ()]


def sources(of: Securable, evidence: Evidence, privilege: str) -> list[str]:
    """Through whom the principal has a privilege, as far as that is known."""
    rows = [row for row in _read(of, evidence) if reaches(row.principal, evidence)]
    found = {_named(row) for row in rows if algebra.covers({row.privilege}, privilege)}
    owner = owning(of, evidence)
    return sorted(found) + ([owner] if owner else [])


def reaching(of: Securable, evidence: Evidence) -> list[str]:
    """What reaches the principal on a securable through others, as far as that is known."""
    rows = [row for row in _read(of, evidence) if reaches(row.principal, evidence)]
    rows = [row for row in rows if row.source == of or row.privilege in algebra.VALID["table"]]
    owner = owning(of, evidence)
    return sorted({f"{row.privilege} {_named(row)}" for row in rows}) + ([owner] if owner else [])


# -- held ---------------------------------------------------------------------------------------
def _held(grant: Grant, wanted: Wanted, evidence: Evidence) -> Check:
    check = Check(f"grants_{grant.id}", WORKS, f"The wanted privileges on {grant.of} are held")
    shown = evidence.grants.get(grant.of, NOT_TRIED)
    if not shown.tried and not evidence.effective.get(grant.of, NOT_TRIED).ok:
        return check.skipped("Not run: there was no SQL session.")
    if shown.failure is not None and str(shown.failure.code).endswith(("_NOT_FOUND", "_DOES_NOT_EXIST")):
        return check.failed(
            f"There is no {grant.of}: {shown.said}",
            "Check the spelling, or run the set-up again, which creates the schemas.",
            shown.seconds,
        )
    direct = evidence.direct(grant.of)
    names = {row.privilege for row in direct or ()}
    ways: list[str] = []
    missing, unknown = [], []
    for privilege in sorted(grant.privileges):
        if algebra.covers(names, privilege):
            continue
        through = sources(grant.of, evidence, privilege)
        if through:
            ways.append(f"{privilege} {through[0]}")
        elif _proven(grant.of, privilege, wanted, evidence):
            ways.append(f"{privilege} in some way that a probe went")
        elif _disproven(grant.of, privilege, wanted, evidence) or _runner_would_see(grant.of, evidence):
            missing.append(privilege)
        else:
            unknown.append(privilege)
    if missing:
        fix = f"GRANT {', '.join(map(algebra.sql_name, missing))} ON {grant.of.sql} TO the principal"
        return check.failed(
            f"On {grant.of.full_name}: missing {', '.join(missing)}.",
            f"Run the set-up again, or have the owner run: {fix}.",
            shown.seconds,
        )
    if unknown:
        return check.warned(
            f"On {grant.of.full_name}: {', '.join(unknown)} not held by name; whether through a group or an owner "
            "could not be established.",
            "Verify once as somebody who owns or manages it, who is shown everybody's privileges.",
            shown.seconds,
        )
    said = f"On {grant.of.full_name}: {', '.join(sorted(grant.privileges))}"
    return check.passed(f"{said}{'; ' + ', '.join(ways) if ways else ''}.", shown.seconds)


def _proven(of: Securable, privilege: str, wanted: Wanted, evidence: Evidence) -> bool:
    """Whether something went through that needs the privilege."""
    inside = [schema for schema in wanted.schemas if schema.name == of.full_name or of.kind == "catalog"]
    inside = [schema for schema in inside if schema.name.split(".")[0] == of.full_name.split(".")[0]]
    created = any(evidence.probes.get(schema.name, {}).get("create", NOT_TRIED).ok for schema in inside)
    listed = any(evidence.tables.get(schema.name, NOT_TRIED).ok for schema in inside)
    read = [
        done.ok for name, done in evidence.reads.items() if any(name.startswith(f"{schema.name}.") for schema in inside)
    ]
    if privilege in ("USE_CATALOG", "USE_SCHEMA", "USAGE"):
        return created or any(read)
    if privilege in ("CREATE_TABLE", "CREATE"):
        return of.kind == "schema" and created
    if privilege == "CREATE_SCHEMA":
        return evidence.made_schema.get(of.full_name, NOT_TRIED).ok
    if privilege == "READ_METADATA":
        return listed
    # Whoever makes a table owns it, so that the probe in the staging schema says nothing of SELECT and MODIFY there;
    # and of an empty schema nobody knows.
    readable = of.kind == "schema" and all(schema.use == "read" for schema in inside)
    return privilege == "SELECT" and readable and bool(read) and all(read)


def _disproven(of: Securable, privilege: str, wanted: Wanted, evidence: Evidence) -> bool:
    """Whether the service has named the privilege as missing, on this or below it."""
    for done in evidence_of_failures(wanted, evidence):
        denial = done.denial
        if denial is None or privilege not in denial.privileges:
            continue
        bare = denial.name.removeprefix("hive_metastore.")
        mine = of.full_name.removeprefix("hive_metastore.")
        if bare == mine or bare.startswith(f"{mine}."):
            return True
    return False


def evidence_of_failures(wanted: Wanted, evidence: Evidence) -> list[t.Any]:
    """Whatever failed of what the partner needs."""
    done = [*evidence.schemas.values(), *evidence.tables.values(), *evidence.reads.values()]
    done += [one for probes in evidence.probes.values() for one in probes.values()]
    done += list(evidence.made_schema.values())
    return [one for one in done if one.failure is not None]


def _runner_would_see(of: Securable, evidence: Evidence) -> bool:
    """Whether the answer that was read holds what was granted to others than its reader.

    A lesser caller is told a part of the rows and no error (no page states the rule), so absence alone proves nothing:
    where the principal is known to hold something by name, that must be in the answer, too.
    """
    if of not in evidence.read_by_runner:
        return False
    shown = evidence.grants.get(of, NOT_TRIED)
    mine = [row for row in shown.value if row.principal.lower() in evidence.names] if shown.ok else []
    if mine:
        return _has_mine(of, evidence)
    return any(_has_mine(other, evidence) for other in evidence.read_by_runner)


def _has_mine(of: Securable, evidence: Evidence) -> bool:
    return any(row.principal.lower() in evidence.names for row in _read(of, evidence))


# -- surplus ------------------------------------------------------------------------------------
def _direct(grant: Grant, wanted: Wanted, evidence: Evidence) -> Check:
    check = Check(f"surplus_{grant.id}", LEAST, f"Nothing more is granted to the principal on {grant.of}")
    rows = evidence.direct(grant.of)
    if rows is None:
        return check.skipped("Could not be established: nobody could tell what was granted to the principal.")
    judged = {one.of for one in wanted.grants}
    # What was granted above is judged there, if anything is wanted there.
    here = [
        row for row in rows if row.source == grant.of or (row.source not in judged and row.source.kind in algebra.VALID)
    ]
    more = sorted(
        {
            (row.privilege, row.source)
            for row in here
            if row.privilege not in grant.privileges
            and not (row.source == grant.of and algebra.covers(grant.privileges, row.privilege))
        }
    )
    if not more:
        return check.passed(f"On {grant.of.full_name}: nothing beyond {', '.join(sorted(grant.privileges))}.")
    shown = "; ".join(f"{privilege} on {of}" for privilege, of in more)
    fix = "; ".join(f"REVOKE {algebra.sql_name(privilege)} ON {of.sql} FROM the principal" for privilege, of in more)
    return check.failed(f"Surplus: {shown}.", f"Set klaviyo_purge_surplus or option purge, or run: {fix}.")


def _indirect(grant: Grant, wanted: Wanted, evidence: Evidence, how: Strictness) -> Check:
    check = Check(
        f"indirect_{grant.id}", LEAST, f"Nothing more reaches the principal on {grant.of} through groups or ownership"
    )
    read = evidence.effective.get(grant.of, NOT_TRIED)
    owner = owning(grant.of, evidence)
    if not read.ok and not owner:
        why = "SQL does not tell." if grant.of.hive else read.said or "nobody could read the effective privileges."
        return check.skipped(f"Could not be established: {why}")
    more = sorted(
        {
            (row.privilege, row.principal, row.source)
            for row in (read.value if read.ok else ())
            if row.principal.lower() not in evidence.names
            and reaches(row.principal, evidence)
            and (row.source == grant.of or not _judged_above(row.source, wanted))
            and not algebra.covers(grant.privileges, row.privilege)
        }
    )
    said = [f"{privilege} through {who} (granted on {of})" for privilege, who, of in more]
    said += [owner] if owner else []
    if not said:
        if not evidence.me.ok or not _runner_would_see(grant.of, evidence):
            return check.skipped(
                "None is known, but not everybody's privileges could be read.",
                "Verify once as somebody who owns or manages it, who is shown everybody's privileges.",
            )
        return check.passed(f"On {grant.of.full_name}: none.")
    return check.surplus(f"{'; '.join(said)}.", _take_away(more, grant, evidence), how)


def _judged_above(source: Securable, wanted: Wanted) -> bool:
    return any(one.of == source for one in wanted.grants)


def _take_away(more: list[tuple[str, str, Securable]], grant: Grant, evidence: Evidence) -> str:
    if not more:
        return f"Whoever owns {grant.of} gives it to somebody else: ALTER {grant.of.sql} SET OWNER TO `...`."
    steps = []
    for privilege, who, of in more:
        owner = evidence.owners.get(of.full_name)
        by = f"{owner}, who owns {of}," if owner else f"Whoever owns {of}"
        if privilege == "BROWSE":
            steps.append(f"{by} can take it away; everybody has it by default and sees names only")
        elif who.lower() == ACCOUNT_USERS or who.startswith("_workspace_"):
            steps.append(f"{by} can run REVOKE {algebra.sql_name(privilege)} ON {of.sql} FROM `{who}`, for everybody")
        else:
            steps.append(
                f"{by} can run REVOKE {algebra.sql_name(privilege)} ON {of.sql} FROM `{who}`, or the principal leaves "
                "the group"
            )
    return ". ".join(dict.fromkeys(steps)) + "."


# -- details ------------------------------------------------------------------------------------
def _read(of: Securable, evidence: Evidence) -> list[Held]:
    found = evidence.effective.get(of, NOT_TRIED)
    return found.value if found.ok else []


def _parents(of: Securable) -> list[Securable]:
    return [Securable(kind, name) for kind, name in algebra.parents(of.kind, of.full_name)]


def _named(row: Held) -> str:
    return f"through {row.principal} (granted on {row.source})"


def owning(of: Securable, evidence: Evidence) -> str | None:
    """Which of the securable and what it lies in the principal owns, itself or in a group."""
    for one in (of, *_parents(of)):
        owner = evidence.owners.get(one.full_name, "").lower()
        if owner in evidence.names:
            return f"owner of {one}"
        if reaches(owner, evidence):
            return f"owner of {one} through {owner}"
    return None
