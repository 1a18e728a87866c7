# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clean copy of the sources where Ansible's own tools want a collection to lie.

ansible-test insists on a path ending in ansible_collections/<namespace>/<name> and follows no links; the others would
walk into .venv. Everything that git tracks or would track is copied, so that a forgotten ``git add`` changes nothing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache"
NAME = Path("ansible_collections", "lakeops", "databricks")
COLLECTION = COLLECTIONS / NAME


# What the targets of the Makefile and tools leave behind, for a folder that git knows nothing of.
LEFT_BEHIND = re.compile(
    r"(?:^|/)(?:\.git|\.venv[^/]*|\.cache|\.ansible|__pycache__|\.\w+_cache|[^/]*\.egg-info)(?:/|$)"
    r"|^(?:reports|dist|docs/build|tests/output|collections)/|\.py[co]$|\.tar\.gz$"
)


def copy_sources(collections: Path = COLLECTIONS) -> Path:
    """Copy them to where a folder of collections has this one; gives that place."""
    collection = collections / NAME
    if collection.exists():
        shutil.rmtree(collection)
    copy_sources_to(collection)
    if shutil.which("git"):
        # Without a repository of its own the copy would count as ignored by ours, and ansible-test would test nothing.
        subprocess.run(["git", "init", "--quiet", str(collection)], check=True)
    return collection


def copy_sources_to(folder: Path) -> None:
    """Copy them into a folder that is not there yet."""
    for name in sources(ROOT):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)


def sources(root: Path) -> list[str]:
    """What git tracks or would track; of an unpacked tarball all but what work on it has made."""
    if shutil.which("git") and _says_git(root, "rev-parse", "--show-toplevel") == f"{root.resolve()}\n":
        listed = _says_git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    else:
        every = (str(path.relative_to(root)) for path in root.rglob("*"))
        listed = [name for name in every if not LEFT_BEHIND.search(name)]
    return sorted(name for name in set(listed) if name and (root / name).is_file())


def _says_git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], check=False, cwd=root, capture_output=True, text=True).stdout
