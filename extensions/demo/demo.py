# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main playbook, twice, against a sandbox workspace: the first run converges, the second finds nothing to do.

Succeeds only if the second run changed nothing and every check of the verification passed.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import ROOT, DidNotStart, sandbox

HOST = "sandbox"
PLAYBOOK = "lakeops.databricks.klaviyo_setup"
REPORTS = ROOT / "reports" / "demo"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RECAP = re.compile(rf"{HOST}\s*: ok=(?P<ok>\d+)\s+changed=(?P<changed>\d+)\s+unreachable=\d+\s+failed=(?P<failed>\d+)")

REAL = """\
The same playbook on a real workspace: an inventory with one host per workspace, for instance workspaces.yml

  all:
    hosts:
      acme:
        ansible_connection: local
        ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
        databricks_host: https://<your workspace>
        klaviyo_catalog: <catalog>
        klaviyo_warehouse: <name or id of a SQL warehouse>

and credentials of a workspace administrator in the environment or in a profile, never in that file:

  export DATABRICKS_TOKEN=...  # or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or DATABRICKS_CONFIG_PROFILE
  {bin}/ansible-playbook {playbook} -i workspaces.yml --check --diff
  {bin}/ansible-playbook {playbook} -i workspaces.yml
"""


@dataclass(frozen=True)
class Run:
    status: int
    changed: int
    seconds: float


class DemoFailed(Exception):
    """Something that the demo is there to show is not so."""


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))  # so that the sandbox is stopped then, too
    try:
        with tempfile.TemporaryDirectory(prefix="lakeops-demo-") as folder, sandbox() as workspace:
            inventory = _inventory(Path(folder), workspace)
            first = _run("first", inventory)
            second = _run("second", inventory)
    except (DidNotStart, DemoFailed) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    report = REPORTS / HOST / "latest" / "report.json"
    checks = json.loads(report.read_text(encoding="utf-8"))["checks"]
    print(f"\nFirst run:  changed={first.changed} ({first.seconds:.1f} s)")
    print(f"Second run: changed={second.changed} ({second.seconds:.1f} s)\n")
    print("\n".join(_table([("Check", "Guide", "Result"), *((c["title"], c["guide"], c["result"]) for c in checks)])))
    for check in checks:
        if check["result"] != "passed":
            print(f"\n{check['result']}: {check['observed']}")
    print(f"\nReport: {report}\n")
    print(REAL.format(bin=Path(sys.executable).parent, playbook=PLAYBOOK))
    problems = list(_problems(second, checks))
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    return bool(problems)


def _inventory(folder: Path, workspace: dict[str, Any]) -> Path:
    """The administrator's token goes into a file that only this user can read, never onto a command line."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "databricks_host": workspace["host"],
        "databricks_token": workspace["token"],
        "klaviyo_catalog": workspace["workspace_catalog"],
        "klaviyo_warehouse": workspace["warehouse_id"],
        "klaviyo_token_store": {"type": "file", "path": str(folder / "klaviyo-token.json")},
        "klaviyo_report_dir": str(REPORTS),
    }
    path = folder / "workspaces.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"all": {"hosts": {HOST: variables}}}), encoding="utf-8")
    return path


def _run(which: str, inventory: Path) -> Run:
    """One run of the playbook, shown as it happens."""
    print(f"==> {which} run: ansible-playbook {PLAYBOOK}\n", flush=True)
    command = [str(Path(sys.executable).with_name("ansible-playbook")), PLAYBOOK, "-i", str(inventory)]
    started, recap = time.monotonic(), None
    with subprocess.Popen(
        command,
        cwd=inventory.parent,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            recap = RECAP.search(COLOUR.sub("", line)) or recap
    if process.returncode or recap is None:
        raise DemoFailed(f"The {which} run failed (ansible-playbook ended with status {process.returncode}).")
    return Run(process.returncode, int(recap["changed"]), time.monotonic() - started)


def _environment() -> dict[str, str]:
    """The caller's, without what could send the demo to a workspace that is not the sandbox."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "KLAVIYO_"))
    }
    # A copy of the collection in the user's home would otherwise come first.
    environment["ANSIBLE_COLLECTIONS_PATH"] = sysconfig.get_path("purelib")
    environment["ANSIBLE_FORCE_COLOR" if sys.stdout.isatty() else "ANSIBLE_NOCOLOR"] = "true"
    return environment


def _problems(second: Run, checks: list[dict[str, Any]]) -> Iterator[str]:
    if second.changed:
        yield f"the second run changed {second.changed} things"
    if not checks:
        yield "the report holds no check"
    for check in checks:
        if check["result"] == "failed":
            yield f"{check['title']} (guide {check['guide']}): {check['observed']}"


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  ".join("-" * width for width in widths)


if __name__ == "__main__":
    sys.exit(main())
