# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which SQL engine pays for itself in the sandbox: ``python -m tests.judges.engines`` (``make engines``).

Start-up time, memory, and agreement with the 57 statements of Spark 4.0.1. Each engine gets an environment of its own
under .cache; the first time pip downloads some hundred megabytes. What cannot be measured here says why.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import typing as t
import venv
from pathlib import Path

from tests.judges.judging import ROOT, NotHere
from tests.sandbox.people import client, cursor
from tests.sandbox.spark import STATEMENTS, Answer, answer, filled_in, fits
from tests.support.sandbox import running_sandbox

CACHE = ROOT / ".cache" / "engines"
OURS = "sandbox (DuckDB, with our translation)"
# Name -> what pip installs; nothing where the environment of the tests has it.
PACKAGES = {"sqlglot": "", "sqlframe": "sqlframe[duckdb]==4.10.0", "pyspark": "pyspark==4.0.1"}


def main(names: list[str]) -> int:
    print(f"| {'engine':38} | first answer | peak memory | as Spark | ... or Databricks | but for types, codes |")
    print(f"| {'---':38} | ------------ | ----------- | -------- | ----------------- | --------------------- |")
    for name in names or [OURS, *PACKAGES]:
        try:
            found = _sandbox() if name == OURS else _measured(name)
        except NotHere as error:
            print(f"| {name:38} | not measured: {error} |")
            continue
        spark, either, loosely = (sum(one) for one in zip(*(_judged(found, one) for one in _pairs(found)), strict=True))
        cost = f"{found['started']:10.1f} s | {found['mb']:8.0f} MB"
        print(f"| {name:38} | {cost} | {spark:8} | {either:17} | {loosely:21} |")
    print(f"\nof {len(STATEMENTS)} statements: columns with types and rows, or error class and SQLSTATE")
    return 0


def _pairs(found: dict[str, t.Any]) -> t.Iterator[tuple[dict[str, t.Any], Answer]]:
    return zip(STATEMENTS, found["answers"], strict=True)


def _judged(found: dict[str, t.Any], pair: tuple[dict[str, t.Any], Answer]) -> tuple[bool, bool, bool]:
    """As Spark; as Spark or as Databricks, which differs; and so if types, classes and SQLSTATEs do not count."""
    one, said = pair
    wanted = [filled_in(one[who], found["catalog"], found["user"]) for who in ("spark", "databricks") if who in one]
    spark = fits(said, wanted[0])
    return spark, any(fits(said, each) for each in wanted), any(fits(_plain(said), _plain(each)) for each in wanted)


def _plain(said: Answer) -> Answer:
    if "error" in said:
        return {"error": True}
    return {**said, "columns": [re.sub(":.*", "", one) for one in said["columns"]]}


def _sandbox() -> dict[str, t.Any]:
    """As the connector of the service sees it, from the start of the process."""
    began = time.monotonic()
    with running_sandbox() as sandbox, cursor(sandbox) as session:
        session.execute("SELECT 1 AS a")
        started = time.monotonic() - began
        session.execute("USE CATALOG main")
        found = [answer(session, one["statement"]) for one in STATEMENTS]
        status = Path(f"/proc/{sandbox.ready['pid']}/status").read_text(encoding="utf-8")
        peak = re.search(r"VmHWM:\s+(\d+)", status)
        if peak is None:
            raise NotHere("this system does not tell the peak memory of a process")
        user = client(sandbox).current_user.me().user_name
        mb = int(peak[1]) / 1024
    return {"started": started, "mb": mb, "catalog": "main", "user": user, "answers": found}


def _python(name: str) -> Path:
    """The Python of the engine's environment, made when it is not there.

    :raises NotHere: pip could not install it
    """
    if not PACKAGES[name]:
        return Path(sys.executable)
    folder = CACHE / name
    done = folder / "installed"
    if not done.exists() or done.read_text(encoding="utf-8") != PACKAGES[name]:
        venv.create(folder, with_pip=True, clear=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        ran = subprocess.run([*pip, PACKAGES[name]], capture_output=True, text=True, check=False)
        if ran.returncode:
            raise NotHere(f"pip could not install {PACKAGES[name]}: {ran.stderr.strip().splitlines()[-1]}")
        done.write_text(PACKAGES[name], encoding="utf-8")
    return folder / "bin" / "python"


def _measured(name: str) -> dict[str, t.Any]:
    """
    :raises NotHere: the engine is not one that is known, or does not run here
    """
    if name not in PACKAGES:
        raise NotHere(f"there is no such engine; there are {', '.join(PACKAGES)}")
    if name == "pyspark" and not shutil.which("java"):
        raise NotHere("PySpark needs Java, and there is no java on the PATH")
    ran = subprocess.run(
        [_python(name), Path(__file__).with_name("engine.py"), name],
        input=json.dumps([one["statement"] for one in STATEMENTS]),
        env={key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SPARK_"))},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if ran.returncode:
        raise NotHere(f"it ended with {ran.returncode}: {(ran.stderr.strip().splitlines() or [''])[-1][:200]}")
    return t.cast(dict[str, t.Any], json.loads(ran.stdout.strip().splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
