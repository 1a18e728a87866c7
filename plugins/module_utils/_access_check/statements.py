# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The statements of a verification, in two sessions of the token: one looks, the other tries out.

Two, since neither needs what the other finds, and since a probe that hangs must not keep the reading from its result.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
import typing as t
from concurrent.futures import Future

from .._api.grants import HIVE, Held, Securable, _hive_source
from .._objects import privileges as algebra
from .._wire.sql import Session, quote
from .._wire.workspace import Workspace
from .evidence import NOT_TRIED, Evidence, Outcome, attempt
from .wanted import Schema, Wanted

# One statement reads so many tables; when it fails, they are read one by one to know which.
_AT_ONCE = 50
# Other schemas that are looked into; of more it is said that they are visible, which is enough to act on.
_MOST_OTHERS = 10
# A probe of a run that still goes on is younger than this.
_LEFTOVER_SECONDS = 3600.0
# What every catalog has, whoever looks (Databricks docs, "Information schema").
SYSTEM_SCHEMAS = ("information_schema",)
_KINDS = {"DATABASE": "schema", "CATALOG$": "catalog"}


class Sessions:
    """The two sessions and what is done in them."""

    def __init__(
        self, token: Workspace, wanted: Wanted, evidence: Evidence, timeout: int, allowed: t.Iterable[str]
    ) -> None:
        self.token, self.wanted, self.evidence, self.timeout = token, wanted, evidence, timeout
        self.ignored_schemas = {*SYSTEM_SCHEMAS, *(name.lower() for name in allowed)}
        self.counting: t.Callable[[Session, Schema], None] | None = None  # of rows, where that is wished
        self._there: set[str] = set()  # quoted names of what was certainly made
        self._lock = threading.Lock()

    # -- session one: looking ---------------------------------------------------------------------
    def read(
        self,
        me: t.Callable[[], None],
        path: t.Callable[[], str | None],
        details: t.Mapping[str, Future[None]],
        more: t.Callable[[str], None],
    ) -> None:
        """What the token sees: schemas, its own grants, and the tables it shall read, each of them read.

        :param me: waits until it is known who the token belongs to
        :param path: waits for the HTTP path; None if there is none
        :param details: by schema: what is being read of its tables
        :param more: reads that of one more schema
        """
        session = self._opened(path)
        if session is None:
            return
        try:
            for catalog in self.wanted.catalogs:
                shown = self._run(session, f"SHOW SCHEMAS IN {quote(catalog)}")
                self.evidence.schemas[catalog] = _first_column(shown)
            me()
            if not self.evidence.me.ok:
                # A token whose scopes do not reach as far as that may do all the same (Databricks docs, "Scoped PATs").
                self.evidence.current_user = self._run(session, "SELECT current_user()")
            for grant in self.wanted.grants:
                self.evidence.grants[grant.of] = self._grants(session, grant.of)
            for schema in self.wanted.using("read"):
                self._read(session, schema)
                if schema.name in details:
                    details[schema.name].result()
                self._filtered(session, schema)
                if self.counting is not None and self.wanted.holds_data(schema.name):
                    self.counting(session, schema)
            for schema in self.wanted.using("write"):
                self._leftovers(session, schema, more)
            self._others(session)
        finally:
            session.close()

    def _grants(self, session: Session, of: Securable) -> Outcome:
        """SHOW GRANTS with the principal named, which needs no right at all for the principal itself (docs)."""
        whom = self._name()
        shown = self._run(session, f"SHOW GRANTS {quote(whom)} ON {of.sql}")
        if not shown.ok:
            return shown
        held = []
        for who, action, kind, key in (row[:4] for row in shown.value if len(row) >= 4):
            kind = str(kind).upper()
            name = str(key or "").replace("`", "").lower()
            if str(action) == "OWN" or str(action).startswith("DENIED_"):
                continue
            source = _hive_source(kind, name) if of.hive else Securable(_KINDS.get(kind, kind.lower()), name)
            held.append(Held(str(who), algebra.spelled(str(action)), source))
        return Outcome(held, seconds=shown.seconds)

    def _name(self) -> str:
        """What grants call the principal; its display name would not do."""
        me = self.evidence.me
        known = {str(me.value.get(key) or "").lower() for key in ("user_name", "display_name")} if me.ok else set()
        return me.value["user_name"] if self.evidence.principal.lower() in known else self.evidence.principal

    def _read(self, session: Session, schema: Schema) -> None:
        """A zero-row SELECT on everything that the token itself lists."""
        listed = self._run(session, f"SHOW TABLES IN {quote(*schema.name.split('.'))}")
        names = sorted(str(row[1]) for row in listed.value) if listed.ok else []
        self.evidence.tables[schema.name] = Outcome(names, listed.failure, listed.seconds, listed.tried)
        names = [name for name in names if not self._is_probe(name)]
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            if len(some) > 1:
                selects = (f"SELECT * FROM (SELECT 1 FROM {self._table(schema, name)} LIMIT 0)" for name in some)
                done = self._run(session, " UNION ALL ".join(selects))
                if done.ok:
                    self.evidence.reads.update(
                        {f"{schema.name}.{name}".lower(): Outcome(seconds=done.seconds / len(some)) for name in some}
                    )
                    continue
            for name in some:
                done = self._run(session, f"SELECT 1 FROM {self._table(schema, name)} LIMIT 0")
                self.evidence.reads[f"{schema.name}.{name}".lower()] = done

    def _filtered(self, session: Session, schema: Schema) -> None:
        """Whether a row filter lets anything through; only of tables that are known to have one."""
        for name in self.evidence.tables[schema.name].value or ():
            full_name = f"{schema.name}.{name}".lower()
            has_filter = (self.evidence.details.get(full_name) or {}).get("row_filter")
            if has_filter and self.evidence.reads.get(full_name, NOT_TRIED).ok:
                self.evidence.first_row[full_name] = self._run(
                    session, f"SELECT 1 FROM {self._table(schema, name)} LIMIT 1"
                )

    def _others(self, session: Session) -> None:
        """Schemas that are visible and none of the partner's: what is in them, and whether by a grant of its own."""
        ours = {schema.name for schema in self.wanted.schemas}
        for catalog, shown in self.evidence.schemas.items():
            names = [
                name
                for name in shown.value or ()
                if f"{catalog}.{name}" not in ours and name not in self.ignored_schemas
            ]
            for name in sorted(names)[:_MOST_OTHERS]:
                listed = self._run(session, f"SHOW TABLES IN {quote(catalog, name)}")
                granted = self._grants(session, Securable("schema", f"{catalog}.{name}")) if listed.ok else NOT_TRIED
                self.evidence.others[f"{catalog}.{name}"] = (listed, granted)

    def _leftovers(self, session: Session, schema: Schema, more: t.Callable[[str], None]) -> None:
        """Probe tables of runs that died: ours, old enough, and made by this principal, so they are dropped."""
        listed = self._run(session, f"SHOW TABLES IN {quote(*schema.name.split('.'))}")
        # The probe of this run may be there at this moment.
        mine = self.evidence.probe_names.get(schema.name)
        names = sorted(str(row[1]) for row in listed.value) if listed.ok else []
        names = [name for name in names if f"{schema.name}.{name}".lower() != mine]
        self.evidence.tables[schema.name] = Outcome(names, listed.failure, listed.seconds, listed.tried)
        if names and not schema.name.startswith(f"{HIVE}."):
            more(schema.name)
        for name in names:
            full_name = f"{schema.name}.{name}".lower()
            known = self.evidence.details.get(full_name)
            if known is None or not self._is_probe(name) or known["owner"].lower() not in self.evidence.names:
                continue
            young = known["created"] is None or self.evidence.now - known["created"] < _LEFTOVER_SECONDS
            if not young and not self.evidence.predict and self._drops(session, schema, name):
                self.evidence.dropped.append(full_name)

    def _drops(self, session: Session, schema: Schema, name: str) -> bool:
        return self._run(session, f"DROP TABLE IF EXISTS {self._table(schema, name)}").ok

    # -- session two: trying out ------------------------------------------------------------------
    def try_out(self, path: t.Callable[[], str | None]) -> None:
        """Write where that is wished, try to write where it is not, and take everything back."""
        if self.evidence.predict:
            return
        session = self._opened(path)
        if session is None:
            return
        made: dict[str, str] = {}  # quoted name -> the statement that takes it away; it may be there
        try:
            for schema in self.wanted.using("write"):
                self._write(session, schema, made)
            for schema in self.wanted.using("read"):
                self.evidence.forbidden[schema.name] = self._create(session, schema.name, made)
            for catalog in self.wanted.catalogs:
                self.evidence.forbidden[f"{catalog}.default"] = self._create(session, f"{catalog}.default", made)
            for catalog in self.wanted.makes_schemas:
                self._make_schema(session, catalog, made)
        finally:
            self._take_back(session, made)
            session.close()

    def _write(self, session: Session, schema: Schema, made: dict[str, str]) -> None:
        """The guide's probe: create, insert, count, drop."""
        parts = (*schema.name.split("."), self._new_name())
        name = quote(*parts)
        done: dict[str, Outcome] = {}
        self.evidence.probes[schema.name] = done
        self.evidence.probe_names[schema.name] = ".".join(parts)
        made[name] = f"DROP TABLE IF EXISTS {name}"
        done["create"] = self._made(session, f"CREATE TABLE {name} (id INT)")
        if done["create"].ok:
            self._there.add(name)
            done["insert"] = self._run(session, f"INSERT INTO {name} VALUES (1), (2)")
            done["count"] = self._run(session, f"SELECT count(*) FROM {name}")
            done["drop"] = self._run(session, f"DROP TABLE {name}")
        if done["create"].judged_by_service or done.get("drop", NOT_TRIED).ok:
            del made[name]

    def _create(self, session: Session, schema: str, made: dict[str, str]) -> Outcome:
        """Creating a table where none is wished; one that was made is taken away at once."""
        name = quote(*schema.split("."), self._new_name())
        return self._try(session, name, f"CREATE TABLE {name} (id INT)", f"DROP TABLE IF EXISTS {name}", made)

    def _make_schema(self, session: Session, catalog: str, made: dict[str, str]) -> None:
        name = quote(catalog, self._new_name())
        statement = f"CREATE SCHEMA {name}"
        self.evidence.made_schema[catalog] = self._try(session, name, statement, f"DROP SCHEMA IF EXISTS {name}", made)

    def _made(self, session: Session, create: str) -> Outcome:
        """Create something of a name that nobody else has: if it is there, an answer was lost and asked again."""
        done = self._run(session, create)
        there = done.failure is not None and str(done.failure.code).endswith("_ALREADY_EXISTS")
        return Outcome(seconds=done.seconds) if there else done

    def _try(self, session: Session, name: str, create: str, drop: str, made: dict[str, str]) -> Outcome:
        made[name] = drop
        done = self._made(session, create)
        if done.ok:
            self._there.add(name)
        if done.judged_by_service or (done.ok and self._run(session, drop).ok):
            del made[name]
        return done

    def _take_back(self, session: Session, made: dict[str, str]) -> None:
        """What may still be there, in this session and, should that have broken, in a new one."""
        for name, statement in made.items():
            if self._run(session, statement).ok:
                continue
            again = Session(self.token, session.http_path, timeout=self.timeout)
            done = self._run(again, statement)
            again.close()
            # Where the schema is not even visible, nothing was made in it.
            nothing = done.denied or "NOT_FOUND" in str(done.failure and done.failure.code)
            if not done.ok and (name in self._there or not nothing):
                self.evidence.left_behind.append(name.replace("`", ""))

    # -- both -------------------------------------------------------------------------------------
    def _opened(self, path: t.Callable[[], str | None]) -> Session | None:
        """A session, which waits for a warehouse that has to start and tells so meanwhile."""
        where = path()
        if where is None:
            return None
        session = Session(self.token, where, timeout=self.timeout)
        opened = attempt("open a SQL session", session.open, self.token.secrets)
        with self._lock:
            # The worse of the two: a second session that fails is as bad as a first one.
            if opened.failure is not None or not self.evidence.session.tried:
                self.evidence.session = Outcome(None, opened.failure, opened.seconds)
        return session if opened.ok else None

    def _run(self, session: Session, statement: str) -> Outcome:
        begun = time.monotonic()
        done = attempt("run the statement", lambda: session.run(statement).rows, self.token.secrets)
        return Outcome(done.value, done.failure, time.monotonic() - begun)

    def _new_name(self) -> str:
        # A fixed name could be somebody's table.
        return f"{self.wanted.probe_prefix}{secrets.token_hex(6)}"

    def _is_probe(self, name: str) -> bool:
        return re.fullmatch(rf"{re.escape(self.wanted.probe_prefix)}[0-9a-f]+", name.lower()) is not None

    @staticmethod
    def _table(schema: Schema, name: str) -> str:
        return quote(*schema.name.split("."), name)


def _first_column(shown: Outcome) -> Outcome:
    names = [str(row[0]).lower() for row in shown.value if row] if shown.ok else None
    return Outcome(names, shown.failure, shown.seconds, shown.tried)
