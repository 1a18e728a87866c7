# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One SQL engine, measured in an environment of its own: statements come by stdin, JSON goes out (see engines.py)."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
import typing as t
from pathlib import Path

Answer = dict[str, t.Any]
Ask = t.Callable[[str], Answer]


def main(name: str) -> None:
    statements = json.load(sys.stdin)
    began = time.monotonic()
    ask, catalog, user = ENGINES[name]()
    if "error" in ask("SELECT 1 AS a"):
        raise SystemExit(f"{name} does not even answer SELECT 1")
    started = time.monotonic() - began
    found = [ask(one) for one in statements]
    took = time.monotonic() - began
    print(
        json.dumps(
            {
                "started": started,
                "took": took,
                "mb": peak_mb(),
                "catalog": catalog,
                "user": user,
                "answers": found,
            }
        )
    )


def peak_mb() -> float:
    """Of this process and its descendants: the most memory that each ever had, as Linux counts it."""
    me, parents, peaks = int(Path("/proc/self").readlink().name), {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            said = status.read_text(encoding="utf-8")
        except OSError:
            continue  # it has ended since it was listed
        numbers = {key: int(value) for key, value in re.findall(r"^(PPid|VmHWM):\s+(\d+)", said, re.MULTILINE)}
        parents[int(status.parent.name)], peaks[int(status.parent.name)] = numbers["PPid"], numbers.get("VmHWM", 0)
    family = {me}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(peaks[pid] for pid in family) / 1024


def _shown(value: t.Any) -> str | None:
    return None if value is None else str(value)


def pyspark() -> tuple[Ask, str, str]:
    """Local mode, without a web page; ANSI mode is the default since 4.0."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    folder = tempfile.mkdtemp()
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
        "spark.sql.session.timeZone": "UTC",
    }
    builder = SparkSession.builder.master("local[1]")
    for key, setting in settings.items():
        builder = builder.config(key, setting)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")

    def ask(statement: str) -> Answer:
        try:
            frame = session.sql(statement)
            rows = [[_shown(value) for value in row] for row in frame.collect()]
            return {"columns": [f"{one.name}:{one.dataType.simpleString()}" for one in frame.schema], "rows": rows}
        except PySparkException as error:
            return {"error": error.getCondition(), "sqlstate": error.getSqlState()}

    return ask, "spark_catalog", session.sql("SELECT current_user()").collect()[0][0]


def sqlframe() -> tuple[Ask, str, str]:
    """Its session on DuckDB; the standalone one makes SQL only and runs nothing."""
    from sqlframe.duckdb import DuckDBSession

    session = DuckDBSession()

    def ask(statement: str) -> Answer:
        try:
            frame = session.sql(statement)
            rows = [[_shown(value) for value in row] for row in frame.collect()]
            return {"columns": [f"{one.name}:{one.dataType.simpleString()}" for one in frame.schema], "rows": rows}
        except Exception as error:  # noqa: BLE001  of whatever library below; none of them has Spark's classes
            return {"error": type(error).__name__, "sqlstate": None}

    return ask, "memory", "nobody"


def sqlglot() -> tuple[Ask, str, str]:
    """Its executor in Python: queries over tables that it is handed; it knows names of columns, no types."""
    from sqlglot import executor

    def ask(statement: str) -> Answer:
        try:
            found = executor.execute(statement, dialect="databricks")
            return {"columns": list(found.columns), "rows": [[_shown(value) for value in row] for row in found.rows]}
        except Exception as error:  # noqa: BLE001  of whatever kind; none of them has Spark's classes
            return {"error": type(error).__name__, "sqlstate": None}

    return ask, "nothing", "nobody"


ENGINES: dict[str, t.Callable[[], tuple[Ask, str, str]]] = {
    "pyspark": pyspark,
    "sqlframe": sqlframe,
    "sqlglot": sqlglot,
}

if __name__ == "__main__":
    main(sys.argv[1])
