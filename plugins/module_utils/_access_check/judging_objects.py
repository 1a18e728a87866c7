# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Verdicts on schemas, tables and probes: what works, and what is refused as it should be. Pure."""

from __future__ import annotations

from .._api.grants import Held, Securable
from .._objects import privileges as algebra
from . import judging_access
from .evidence import NOT_TRIED, Evidence, Outcome
from .statements import SYSTEM_SCHEMAS
from .verdict import LEAST, WORKS, Check, Strictness
from .wanted import Schema, Wanted

_NO_SESSION = "Not run: there was no SQL session."
_BY_OTHERS = "not by a grant to the principal itself, so by a group, an owner or everybody"
_BY_NOBODY_KNOWN = "whether by a grant to the principal itself is not known"
_AGAIN = "Run the set-up again, which makes what is missing; what is not its own, such as a table, its owner repairs."
_REVOKE_THERE = "Revoke what was granted to the principal there, or name the schema among the allowed ones."
_DROPPED_LATER = "A verification an hour later or after that drops it, if the principal owns it and may drop it then."
_DAY = 86400.0
# Staging tables that are older than this were not left by a sync that still goes on.
_OLD = 7 * _DAY


def works(wanted: Wanted, evidence: Evidence) -> list[Check]:
    """Whether the partner can do its job."""
    checks = [_visible(wanted, evidence)]
    for catalog in wanted.makes_schemas:
        checks.append(_makes_schemas(catalog, evidence))
    for schema in wanted.using("write"):
        checks += _writes(schema, wanted, evidence)
        checks.append(_leftovers(schema, wanted, evidence))
    for schema in wanted.using("read"):
        checks += _reads(schema, wanted, evidence)
    return checks


def refused(wanted: Wanted, evidence: Evidence, how: Strictness) -> list[Check]:
    """Whether it can do no more."""
    checks = [_refused(schema, wanted, evidence, how) for schema in wanted.using("read")]
    checks += [_default(catalog, wanted, evidence, how) for catalog in wanted.catalogs]
    return [*checks, _others(wanted, evidence, how)]


# -- works --------------------------------------------------------------------------------------
def _visible(wanted: Wanted, evidence: Evidence) -> Check:
    names = [schema.name for schema in wanted.schemas if not schema.partner_makes_it]
    check = Check("schemas", WORKS, f"{'Both' if len(names) == 2 else 'The'} schemas are visible")
    if not evidence.schemas:
        return check.skipped(_NO_SESSION)
    for shown in evidence.schemas.values():
        if shown.failure is not None:
            return _went_wrong(check, shown)
    seen = {f"{catalog}.{name}" for catalog, shown in evidence.schemas.items() for name in shown.value}
    seconds = sum(shown.seconds for shown in evidence.schemas.values())
    missing = sorted(set(names) - seen)
    if missing:
        return check.failed(
            f"Not visible: {', '.join(missing)}.",
            "They do not exist, or the principal has no USE SCHEMA on them; run the set-up again.",
            seconds,
        )
    return check.passed(f"Visible: {', '.join(sorted(names))}.", seconds)


def _makes_schemas(catalog: str, evidence: Evidence) -> Check:
    check = Check("probe_schema", WORKS, f"A schema can be created in catalog {catalog}")
    return _went(check, evidence.made_schema.get(catalog, NOT_TRIED), evidence, "Created and dropped again.")


def _writes(schema: Schema, wanted: Wanted, evidence: Evidence) -> list[Check]:
    done = evidence.probes.get(schema.name, {})
    table = evidence.probe_names.get(schema.name, "")
    steps = {
        "create": (f"A table can be created in {schema.name}", f"Created {table}."),
        "insert": ("Rows can be inserted there", "Two rows inserted."),
        "count": ("Rows can be counted there", "Two rows counted."),
        "drop": ("The table can be dropped", "Dropped."),
    }
    checks = []
    for step, (title, said) in steps.items():
        check = Check(wanted.check_id(f"probe_{step}", schema), WORKS, title)
        if _made_by_partner_later(schema, evidence):
            checks.append(check.passed(f"Not tried: {wanted.title} makes {schema.name} with its first sync."))
            continue
        one = done.get(step, NOT_TRIED)
        if step == "count" and one.ok and one.value != [[2]]:
            checks.append(check.failed(f"Two rows were expected, {one.value} came.", None, one.seconds))
        elif not one.tried and done.get("create", NOT_TRIED).tried:
            checks.append(check.skipped("Not run: no table could be created."))
        elif step == "drop" and not one.ok and any(name.startswith(table) for name in evidence.left_behind):
            checks.append(check.failed(f"{table} is left behind: {one.said}", _DROPPED_LATER, one.seconds))
        else:
            checks.append(_went(check, one, evidence, said))
    return checks


def _made_by_partner_later(schema: Schema, evidence: Evidence) -> bool:
    catalog, name = schema.name.split(".")
    shown = evidence.schemas.get(catalog, NOT_TRIED)
    return schema.partner_makes_it and shown.ok and name not in shown.value


def _went(check: Check, done: Outcome, evidence: Evidence, said: str) -> Check:
    if done.ok:
        return check.passed(said, done.seconds)
    if done.failure is not None:
        return _went_wrong(check, done)
    return check.skipped("Not run in check mode." if evidence.predict and evidence.session.ok else _NO_SESSION)


def _went_wrong(check: Check, done: Outcome) -> Check:
    """Failed, if that is what the service says; a lost answer says nothing."""
    hint = done.failure.hint if done.failure else None
    if not done.answered_by_service:
        return check.skipped(f"Could not be established: {done.said}", hint or _AGAIN)
    return check.failed(done.said, hint or _AGAIN, done.seconds)


def _leftovers(schema: Schema, wanted: Wanted, evidence: Evidence) -> Check:
    check = Check(wanted.check_id("leftovers", schema), WORKS, f"Nothing was left behind in {schema.name}")
    if _made_by_partner_later(schema, evidence):
        return check.passed("The schema is not there yet.")
    listed = evidence.tables.get(schema.name, NOT_TRIED)
    if not listed.ok:
        if not listed.tried:
            return check.skipped(_NO_SESSION)
        said = f"Could not be established: {listed.said}"
        if not evidence.probes.get(schema.name, {}).get("create", NOT_TRIED).ok:
            return check.skipped(said)
        return check.warned(said, listed.failure.hint if listed.failure else None, listed.seconds)
    dropped = [name for name in evidence.dropped if name.startswith(f"{schema.name}.")]
    found = [f"dropped {', '.join(dropped)}, which a verification that died had left"] if dropped else []
    old = False
    for name in listed.value:
        full_name = f"{schema.name}.{name}".lower()
        if full_name in dropped or full_name == evidence.probe_names.get(schema.name):
            continue
        known = evidence.details.get(full_name) or {}
        created = known.get("created")
        days = (evidence.now - created) / _DAY if created else None
        mine = str(known.get("owner", "")).lower() in evidence.names
        age = "of unknown age" if days is None else f"{max(days, 0):.0f} days old"
        found.append(f"{name}, {age}, owned by {known.get('owner') or 'somebody unknown'}")
        old = old or (days is not None and days * _DAY > _OLD) or bool(known.get("owner") and not mine)
    if not found:
        return check.passed("It is empty.", listed.seconds)
    text = f"{'; '.join(found)}."
    if old:
        return check.warned(
            text,
            f"{wanted.title} drops what it made when it no longer needs it. What another principal owns it cannot "
            "drop: the owner, or whoever owns the schema, does.",
            listed.seconds,
        )
    return check.passed(text, listed.seconds)


def _reads(schema: Schema, wanted: Wanted, evidence: Evidence) -> list[Check]:
    listed = evidence.tables.get(schema.name, NOT_TRIED)
    check = Check(wanted.check_id("tables", schema), WORKS, f"The tables of {schema.name} can be listed")
    if listed.failure is not None:
        return [_went_wrong(check, listed)]
    if not listed.ok:
        return [check.skipped(_NO_SESSION)]
    reads = {name: done for name, done in evidence.reads.items() if name.startswith(f"{schema.name}.")}
    hidden = sorted(
        name
        for name in evidence.details
        if name.startswith(f"{schema.name}.")
        and name not in reads
        and not name.split(".")[-1].startswith(wanted.probe_prefix)
    )
    if not reads and not hidden:
        return [
            check.warned(
                f"{schema.name} is empty: there is nothing to read yet.",
                f"Put tables or views into it, for example CREATE VIEW {schema.name}.example AS SELECT ...; whoever "
                "owns a view needs SELECT on what it reads.",
                listed.seconds,
            )
        ]
    found = [check.passed(f"{len(reads)} found.", listed.seconds)]
    found += [_hidden(schema, name) for name in hidden]
    for name, done in sorted(reads.items()):
        found.append(_reading(schema, name, done, evidence))
        filtered = _row_filter(name, evidence)
        found += [filtered] if filtered else []
    return found


def _hidden(schema: Schema, name: str) -> Check:
    return Check(f"select_{name}", WORKS, f"{name.split('.')[-1]} can be read").failed(
        f"{name} is there, but the token does not list it.",
        f"The principal has no SELECT on it; run the set-up again, or grant SELECT on schema {schema.name}.",
    )


def _reading(schema: Schema, name: str, done: Outcome, evidence: Evidence) -> Check:
    check = Check(f"select_{name}", WORKS, f"{name.split('.')[-1]} can be read")
    if done.ok:
        return check.passed(f"SELECT 1 FROM {name} LIMIT 0 went through.", done.seconds)
    denial = done.denial
    on_the_way = (name, schema.name, schema.name.split(".")[0], name.split(".", 1)[1], schema.name.split(".")[1])
    if denial is not None and denial.name not in on_the_way:
        owner = (evidence.details.get(name) or {}).get("owner") or "its owner"
        lost = ", ".join(sorted(denial.privileges))
        return check.failed(
            f"{name} is a view, and {owner}, who owns it, has no {lost} on {denial.name} any more: {done.said}",
            f"Whoever owns {denial.name} grants {lost} on it to {owner}, or somebody who has it becomes owner of the "
            f"view: ALTER VIEW {name} SET OWNER TO `...`.",
            done.seconds,
        )
    return _went_wrong(check, done)


def _row_filter(name: str, evidence: Evidence) -> Check | None:
    used = (evidence.details.get(name) or {}).get("row_filter")
    if not used:
        return None
    check = Check(f"rows_{name}", WORKS, f"The row filter of {name.split('.')[-1]} shows rows to the principal")
    first = evidence.first_row.get(name, NOT_TRIED)
    if first.value:
        return check.passed(f"At least one row passes {used}.", first.seconds)
    if first.ok:
        return check.warned(
            f"{name} has the row filter {used}, and the principal sees no row of it; whether the table is empty "
            "otherwise is not known.",
            f"Let the filter pass rows for the principal, or take it off: ALTER TABLE {name} DROP ROW FILTER.",
            first.seconds,
        )
    return check.warned(f"{name} has the row filter {used}; what the principal sees is not known.", None)


# -- refused ------------------------------------------------------------------------------------
def _refused(schema: Schema, wanted: Wanted, evidence: Evidence, how: Strictness) -> Check:
    check = Check(wanted.check_id("forbidden_create", schema), LEAST, f"No table can be created in {schema.name}")
    done = evidence.forbidden.get(schema.name, NOT_TRIED)
    return _stays_out(check, schema.name, done, evidence, how)


def _stays_out(check: Check, schema: str, done: Outcome, evidence: Evidence, how: Strictness) -> Check:
    if not done.tried:
        return check.skipped("Not run in check mode." if evidence.predict and evidence.session.ok else _NO_SESSION)
    if done.denied:
        return check.passed(f"Refused as it should be: {done.said}", done.seconds)
    if done.failure is not None:
        return check.skipped(f"Could not be established: it failed for another reason: {done.said}")
    of = Securable("schema", schema)
    privilege = "CREATE" if of.hive else "CREATE_TABLE"
    left = [name for name in evidence.left_behind if name.lower().startswith(f"{schema}.")]
    what = f"{left[0]} is left behind, since it could not be dropped" if left else "was dropped again"
    said = f"A table could be created in {schema}, and {what}"
    own = _own(of, evidence)
    by_name = {row.privilege for row in (*(own or ()), *judging_access.direct_above(of, evidence))}
    if algebra.covers(by_name, privilege):
        return check.failed(
            f"{said}: the principal was granted that.", f"Revoke {privilege} from the principal.", done.seconds
        )
    through = judging_access.sources(of, evidence, privilege)
    owner = evidence.owners.get(schema) or "its owner"
    return check.surplus(
        f"{said}: {', '.join(through) or _not_by_name(own)}.",
        f"Whoever owns {schema} ({owner}) takes {privilege} from whom it was granted to.",
        how,
        done.seconds,
    )


def _own(of: Securable, evidence: Evidence) -> list[Held] | None:
    """What the principal was granted by name on a schema or above it; None if nobody could tell."""
    direct = evidence.direct(of)
    if direct is not None:
        return direct
    grants = evidence.others.get(of.full_name, (NOT_TRIED, NOT_TRIED))[1]
    return [row for row in grants.value if row.principal.lower() in evidence.names] if grants.ok else None


def _not_by_name(own: list[Held] | None) -> str:
    return _BY_NOBODY_KNOWN if own is None else _BY_OTHERS


def _default(catalog: str, wanted: Wanted, evidence: Evidence, how: Strictness) -> Check:
    """Schema default of a workspace's own catalog, where everybody may make tables (docs, "Manage privileges")."""
    name = f"{catalog}.default"
    check_id = "default_schema" if len(wanted.catalogs) == 1 else f"default_schema_{catalog}"
    check = Check(check_id, LEAST, f"No table can be created in {name}")
    done = evidence.forbidden.get(name, NOT_TRIED)
    if done.failure is not None and str(done.failure.code).endswith("_NOT_FOUND"):
        return check.passed("There is no such schema, or it cannot be seen.", done.seconds)
    if done.ok and "default" in how.allowed:
        return check.passed(
            f"A table could be created in {name}, and was dropped again. That is put up with, since default is among "
            "the allowed schemas; every user of the workspace may do so there unless its owner revokes it.",
            done.seconds,
        )
    return _stays_out(check, name, done, evidence, how)


def _others(wanted: Wanted, evidence: Evidence, how: Strictness) -> Check:
    check = Check("no_other_schemas", LEAST, "No other schema is visible")
    if not evidence.schemas:
        return check.skipped(_NO_SESSION)
    failures = [shown for shown in evidence.schemas.values() if not shown.ok]
    if failures:
        return check.skipped(f"Could not be established: {failures[0].said}")
    ours = {schema.name for schema in wanted.schemas}
    seen = sorted(f"{catalog}.{name}" for catalog, shown in evidence.schemas.items() for name in shown.value)
    given = [name for name in seen if name not in ours and name.split(".")[1] in SYSTEM_SCHEMAS]
    allowed = [name for name in seen if name not in ours and name not in given and name.split(".")[1] in how.allowed]
    granted: list[str] = []
    told: list[str] = []
    through: list[str] = []
    above: list[str] = []
    for name in seen:
        if name in ours or name in given or name in allowed:
            continue
        of, own = Securable("schema", name), _own(Securable("schema", name), evidence)
        by_name = [row for row in own or () if row.source.full_name == name]
        if by_name:
            granted.append(f"{name} ({', '.join(sorted({row.privilege for row in by_name}))})")
        elif evidence.others.get(name, (NOT_TRIED, NOT_TRIED))[0].denied:
            told.append(f"{name} (its name only)")
        else:
            # What was granted on the catalog is judged there.
            higher = sorted(
                {
                    f"{row.privilege} by a grant to the principal on {row.source}"
                    for row in own or ()
                    if row.privilege in algebra.VALID["schema"]
                }
            )
            known = [*higher, *judging_access.reaching(of, evidence)]
            (above if higher else through).append(f"{name} ({', '.join(known) or _not_by_name(own)})")

    kept = f" Every catalog has {', '.join(given)}." if given else ""
    kept += f" Allowed by setting: {', '.join(allowed)}." if allowed else ""
    if granted:
        return check.failed(
            f"The principal also has {', '.join([*granted, *above, *through, *told])}.{kept}",
            _REVOKE_THERE,
        )
    if above or through or told:
        return check.surplus(
            f"The principal also sees {', '.join([*above, *through, *told])}.{kept}",
            _REVOKE_THERE
            if above
            else "Whoever owns it takes the access from the group or from everybody who has it, or name the schema "
            "among the allowed ones.",
            how,
        )
    return check.passed(f"Nothing else is visible.{kept}")
