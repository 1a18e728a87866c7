# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Terraform's provider: Klaviyo's objects are made, change and go, and every plan in between says what it should."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from tests.judges.judging import ROOT, NotHere, Verdict, run
from tests.support.sandbox import running_sandbox

_CONFIGURATION = ROOT / "tests" / "bench" / "terraform" / "main.tf"
_MIRRORS = (
    *("~/.terraform.d/plugins", "~/.local/share/terraform/plugins"),
    *("/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"),
)
_PROVIDER = "registry.terraform.io/databricks/databricks"
_CHANGED = "Staging area, said otherwise"
_NOTHING, _SOMETHING = 0, 2  # of plan -detailed-exitcode


def judge() -> list[Verdict]:
    """:raises NotHere: Terraform or its provider is not installed"""
    program = shutil.which("terraform")
    if program is None:
        raise NotHere("terraform is not installed")
    mirror = next((one for one in (Path(place).expanduser() for place in _MIRRORS) if (one / _PROVIDER).is_dir()), None)
    if mirror is None:
        raise NotHere(f"terraform is installed, its provider databricks/databricks is not (looked in {_MIRRORS})")
    version = next((one.name for one in sorted((mirror / _PROVIDER).iterdir()) if one.is_dir()), "")
    verdict = Verdict(f"terraform, provider {version}")
    with running_sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="judge-") as made:
        folder, ready = Path(made), sandbox.ready
        main = folder / "main.tf"
        shutil.copy(_CONFIGURATION, main)
        (folder / "empty.tfrc").touch()
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "TF_"))}
        env = {
            **mine,
            "CHECKPOINT_DISABLE": "true",
            "TF_CLI_CONFIG_FILE": str(folder / "empty.tfrc"),
            "TF_IN_AUTOMATION": "true",
            "TF_VAR_host": ready["host"],
            "TF_VAR_token": ready["token"],
            "TF_VAR_catalog": ready["workspace_catalog"],
            "TF_VAR_warehouse": ready["warehouse_id"],
        }

        def step(case: str, wanted: int, *arguments: str) -> None:
            status, said = run([program, *arguments, "-input=false", "-no-color"], env, folder)
            if status == wanted:
                verdict.agree.append(case)
            else:
                lines = [line.strip(" │╷╵") for line in said.splitlines() if "Error" in line or "will be" in line]
                verdict.disagree[case] = f"status {status}: {' / '.join(lines)[:300] or said[-300:]}"

        step("init", 0, "init", f"-plugin-dir={mirror}")
        step("apply, at the first attempt", 0, "apply", "-auto-approve")
        step("plan after it: nothing to do", _NOTHING, "plan", "-detailed-exitcode")
        said = main.read_text(encoding="utf-8")
        changed = said.replace("Staging area of Klaviyo's syncs; its contents belong to Klaviyo", _CHANGED)
        if changed == said:
            raise NotHere(f"{_CONFIGURATION.name} has no longer the comment that the judge changes")
        main.write_text(changed, encoding="utf-8")
        step("plan of a change: something to do", _SOMETHING, "plan", "-detailed-exitcode")
        step("apply of the change", 0, "apply", "-auto-approve")
        step("plan after it: nothing to do, again", _NOTHING, "plan", "-detailed-exitcode")
        step("destroy", 0, "destroy", "-auto-approve")
        left = sorted(name for name in sandbox.state()["schemas"] if "klaviyo" in name)
        if left:
            verdict.disagree["nothing is left"] = ", ".join(left)
        else:
            verdict.agree.append("nothing is left")
    return [verdict]
