# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For pytest: instead of the tests once, those that reach a fault, for every fault of a file, each in a process of its
own that forks from one which has imported and collected everything.

The fault is put into functions that exist already, by their code; so everybody who imported one has it. For a fault in
what runs once, at the import, the process forgets the collection and the tests, and collects them again with the fault.

In the environment, LAKEOPS_MUTANTS holds as JSON the file, where the results go and how many processes run at once.
"""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import json
import os
import signal
import sys
import threading
import time
import types
import typing as t
from collections import defaultdict
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import settings

from .faults import Mutant, mutants

# Every run shall find the same: examples are derived from the tests, not drawn.
settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
settings.load_profile("mutants")

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.lakeops.databricks"
# A fault may make a loop endless; the slowest tests take some seconds. It is the computing that is counted: on a busy
# machine a fault must not pass for seen because its tests had to wait.
_MOST_SECONDS, _MOST_WAITING = 60, 3600
SURVIVED, KILLED = 0, 1


def pytest_configure(config: pytest.Config) -> None:
    path, results, jobs = json.loads(os.environ["LAKEOPS_MUTANTS"])
    config.pluginmanager.register(Loop(Path(path), Path(results), jobs))


class Loop:
    """The tests, run once to see which lines each reaches, then once for every fault as far as the first that fails.

    :param path: the file under test
    :param results: where to write what became of every mutant, as JSON
    :param jobs: how many processes at once
    """

    def __init__(self, path: Path, results: Path, jobs: int) -> None:
        self.path, self.results, self.jobs = path.resolve(), results, jobs
        self.source = path.read_text(encoding="utf-8")
        self.alive: dict[tuple[str, int], list[types.FunctionType]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return False  # pytest says which file cannot be collected
        # Made here, or every child would make a folder of its own for what tests write, and tidy those of others.
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        reached = self._reached(session)
        process = _forked(lambda: self._survives_from_the_start(session, None))
        if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) != SURVIVED:
            pytest.exit(f"{self.path.name}: its tests fail when they are collected again", returncode=3)
        self.alive = self._functions()
        # What is there now is not looked at by the garbage collector of any child, so its memory stays shared.
        gc.freeze()
        waiting = list(enumerate(mutants(self.source)))
        found: dict[int, bool] = {}
        running: dict[int, int] = {}
        while waiting or running:
            while waiting and len(running) < self.jobs:
                number, mutant = waiting.pop(0)
                tests = reached.get(mutant.line, [])
                try_it = functools.partial(self._survives, session, mutant, tests)
                if mutant.scope is None or not tests:
                    try_it = functools.partial(self._survives_from_the_start, session, mutant)
                running[_forked(try_it)] = number
            if running:
                process, status = os.wait()
                number, ended = running.pop(process), os.waitstatus_to_exitcode(status)
                if ended not in (SURVIVED, KILLED, -signal.SIGPROF, -signal.SIGALRM):
                    pytest.exit(f"fault {number} could not be tried: its process ended with {ended}", returncode=3)
                found[number] = ended == SURVIVED
        self.results.write_text(json.dumps([found[number] for number in sorted(found)]), encoding="utf-8")
        return True

    def _reached(self, session: pytest.Session) -> dict[int, list[int]]:
        """The tests that reach each line, by their number, the quickest first."""
        notes = self.results.with_suffix(".lines")
        process = _forked(lambda: self._noted(session, notes))
        _process, status = os.waitpid(process, 0)
        if os.waitstatus_to_exitcode(status) != SURVIVED:
            pytest.exit(f"{self.path.name}: its tests fail without any fault", returncode=3)
        reached: dict[int, list[int]] = defaultdict(list)
        for number, _seconds, lines in sorted(json.loads(notes.read_text(encoding="utf-8")), key=lambda row: row[1]):
            for line in lines:
                reached[line].append(number)
        return reached

    def _noted(self, session: pytest.Session, notes: Path) -> int:
        rows: list[tuple[int, float, list[int]]] = []
        own: dict[str, bool] = {}
        lines: set[int] = set()

        def within(frame: types.FrameType, event: str, _argument: t.Any) -> t.Any:
            if event == "line":
                lines.add(frame.f_lineno)
            return within

        def called(frame: types.FrameType, _event: str, _argument: t.Any) -> t.Any:
            name = frame.f_code.co_filename
            if name not in own:
                own[name] = os.path.realpath(name) == str(self.path)
            return within if own[name] else None

        for number in range(len(session.items)):
            lines.clear()
            started = time.monotonic()
            threading.settrace(called)
            sys.settrace(called)
            good = _passes(session, number)
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            if not good:
                return KILLED
            rows.append((number, time.monotonic() - started, sorted(lines)))
        notes.write_text(json.dumps(rows), encoding="utf-8")
        return SURVIVED

    def _survives(self, session: pytest.Session, mutant: Mutant, tests: list[int]) -> int:
        _end_in_time()
        self._put_in(mutant)
        return SURVIVED if all(_passes(session, number) for number in tests) else KILLED

    def _survives_from_the_start(self, session: pytest.Session, mutant: Mutant | None) -> int:
        """The same with a fault that is there before anything is imported."""
        _end_in_time()
        for name, module in list(sys.modules.items()):
            if _is_ours(name, module):
                del sys.modules[name]
        tree = ast.parse(self.source) if mutant is None else mutant.planted(self.source)
        try:
            self._import(compile(tree, str(self.path), "exec", dont_inherit=True))
            session.perform_collect()
        except Exception:  # noqa: BLE001  whatever it is, nobody could overlook it
            return KILLED
        collected = session.items and not session.testsfailed
        return (
            SURVIVED if collected and all(_passes(session, number) for number in range(len(session.items))) else KILLED
        )

    def _import(self, code: types.CodeType) -> None:
        name = ".".join([COLLECTION, *self.path.relative_to(ROOT).with_suffix("").parts])
        parent, _dot, short = name.rpartition(".")
        module = types.ModuleType(name)
        module.__package__, module.__file__ = parent, str(self.path)
        package = importlib.import_module(parent)
        sys.modules[name] = module
        setattr(package, short, module)
        exec(code, module.__dict__)

    def _put_in(self, mutant: Mutant) -> None:
        code = compile(mutant.planted(self.source), str(self.path), "exec", dont_inherit=True)
        faulty = next(one for one in _codes(code) if one.co_firstlineno == mutant.scope)
        alive = self.alive.get((faulty.co_qualname, faulty.co_firstlineno))
        if not alive:
            raise LookupError(f"nobody holds the function of {mutant}")
        for function in alive:
            function.__code__ = faulty

    def _functions(self) -> dict[tuple[str, int], list[types.FunctionType]]:
        """The file's functions that somebody holds, by their name and line. Looked for once: it takes a while."""
        found: dict[tuple[str, int], list[types.FunctionType]] = defaultdict(list)
        own = functools.cache(lambda name: os.path.realpath(name) == str(self.path))
        for one in gc.get_objects():
            if isinstance(one, types.FunctionType) and own(one.__code__.co_filename):
                found[one.__code__.co_qualname, one.__code__.co_firstlineno].append(one)
        return found


def _codes(code: types.CodeType) -> t.Iterator[types.CodeType]:
    """The code of functions, those of classes included, without what is inside of a function."""
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield one
            yield from _codes(one)


def _end_in_time() -> None:
    signal.setitimer(signal.ITIMER_PROF, _MOST_SECONDS)
    signal.alarm(_MOST_WAITING)


def _is_ours(name: str, module: types.ModuleType) -> bool:
    """Whether it is of the collection or of its tests. What pytest holds as plugins stays."""
    if name.startswith(("tests.mutants", "conftest")) or name.endswith(".conftest"):
        return False
    path = getattr(module, "__file__", None)
    return name.startswith(COLLECTION) or (path is not None and Path(path).resolve().is_relative_to(ROOT / "tests"))


def _passes(session: pytest.Session, number: int) -> bool:
    # Without the next item, so that nothing of a test is left for the one after it.
    reports = runtestprotocol(session.items[number], log=False, nextitem=None)
    return not any(report.failed for report in reports)


def _forked(act: t.Callable[[], int]) -> int:
    process = os.fork()
    if process:
        return process
    status = 2
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        status = act()
    finally:
        os._exit(status)
