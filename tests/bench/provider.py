# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same objects by Terraform, where it and its provider for Databricks are installed. Nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import typing as t
from pathlib import Path

from playing import Cost, run

CONFIGURATION = Path(__file__).parent / "terraform" / "main.tf"
# A mirror has the provider below this path, as archives or unpacked (Terraform docs, "Provider Installation").
ADDRESS = Path("registry.terraform.io/databricks/databricks")
MIRRORS = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)


class NotThere(Exception):
    """Why there is nothing to compare with, as a sentence."""


def installed(mirror: Path | None) -> tuple[str, Path]:
    """The program, and the directory that has the provider.

    :param mirror: where to look; without one, in the directories that Terraform itself looks in
    :raises NotThere: one of both is missing
    """
    program = shutil.which("terraform")
    if program is None:
        raise NotThere("terraform is not installed, so the rows are ours only.")
    places = [mirror] if mirror else [Path(place).expanduser() for place in MIRRORS]
    for place in places:
        if (place / ADDRESS).is_dir():
            return program, place.resolve()
    looked = ", ".join(map(str, places))
    raise NotThere(
        f"terraform is installed, its provider databricks/databricks is not (looked in {looked}): ours only."
    )


class Terraform:
    """One state of one workspace, in a directory of its own, which holds the token and goes with it."""

    def __init__(self, program: str, mirror: Path, folder: Path, ready: dict[str, t.Any]) -> None:
        self.program, self.folder = program, folder
        folder.mkdir(mode=0o700)
        shutil.copy(CONFIGURATION, folder)
        (folder / "empty.tfrc").touch()
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "TF_"))}
        self.environment = {
            **mine,
            "CHECKPOINT_DISABLE": "true",
            "TF_CLI_CONFIG_FILE": str(folder / "empty.tfrc"),
            "TF_IN_AUTOMATION": "true",
            "TF_VAR_host": ready["host"],
            "TF_VAR_token": ready["token"],
            "TF_VAR_catalog": ready["workspace_catalog"] or ready["catalog"],
            "TF_VAR_warehouse": ready["warehouse_id"],
        }
        self._run("init", "-input=false", "-no-color", f"-plugin-dir={mirror}")
        self._run("apply", "-input=false", "-no-color", "-auto-approve")

    def plan(self) -> Cost:
        """Look whether everything is as wanted.

        :raises NotThere: it is not, or the plan failed
        """
        return self._run("plan", "-input=false", "-no-color", "-detailed-exitcode")

    def _run(self, *arguments: str) -> Cost:
        said = self.folder / "terraform.log"
        status, cost = run([self.program, *arguments], self.folder, self.environment, said)
        if status:
            lines = [line for line in said.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
            wrong = next((line for line in lines if "Error" in line), lines[-1] if lines else "nothing was said")
            raise NotThere(f"terraform {arguments[0]} ended with status {status} ({wrong.strip(' │')}): ours only.")
        return cost
