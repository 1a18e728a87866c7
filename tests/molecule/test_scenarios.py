# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every scenario in extensions/molecule, as a test. The promise of a scenario is in its name and in its verify.yml."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted(path.parent.name for path in (ROOT / "extensions" / "molecule").glob("*/molecule.yml"))
MOLECULE = Path(sys.executable).with_name("molecule")
RECAP = re.compile(r"^\S+\s*: ok=(\d+)", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(MOLECULE), "test", "--scenario-name", scenario],
        check=False,
        cwd=ROOT,
        env=_environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    output = COLOUR.sub("", done.stdout)
    print(output)
    assert done.returncode == 0, f"molecule test -s {scenario} ended with status {done.returncode}"
    # Molecule is content with playbooks that found no host, or that are not there; then nothing was proven.
    assert "no hosts matched" not in output
    for action in ("create", "converge", "idempotence", "verify", "destroy"):
        assert re.search(rf"{scenario} (➜|>) {action}: (Completed|Executed: Successful)", output), (
            f"{action} did not run"
        )
    ran = [int(tasks) for tasks in RECAP.findall(output)]
    assert len(ran) >= 5, "a play is missing"
    assert all(ran), "a play ran no task"


def _environment(tmp_path: Path) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ANSIBLE_"))}
    bin_first = f"{MOLECULE.parent}{os.pathsep}{mine.get('PATH', os.defpath)}"
    return {
        **mine,
        "PATH": bin_first,
        "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"),  # this checkout, not a copy in the user's home
        "MOLECULE_EPHEMERAL_DIRECTORY": str(tmp_path),
        "NO_COLOR": "1",
    }
