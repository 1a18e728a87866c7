# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clean copy of the sources where Ansible's own tools want a collection to lie.

ansible-test insists on a path ending in ansible_collections/<namespace>/<name> and follows no links; the others would
walk into .venv. Everything that git tracks or would track is copied, so that a forgotten ``git add`` changes nothing.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache"
COLLECTION = COLLECTIONS / "ansible_collections" / "lakeops" / "databricks"


def copy_sources() -> None:
    if COLLECTION.exists():
        shutil.rmtree(COLLECTION)
    copy_sources_to(COLLECTION)
    # Without a repository of its own the copy would count as ignored by ours, and ansible-test would test nothing.
    subprocess.run(["git", "init", "--quiet", str(COLLECTION)], check=True)


def copy_sources_to(folder: Path) -> None:
    """Copy them into a folder that is not there yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    names = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
