# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools find the sources in a clone, in an unpacked tarball, and in a tarball inside somebody else's repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SOURCES = ["README.md", "docs/docsite/rst/guide.rst", "plugins/modules/one.py"]
PRODUCTS = [
    *(".venv/lib/one.py", ".venv-3.12/bin/python", ".cache/run/one", "docs/build/html/index.html", "dist/a.tar.gz"),
    *("plugins/modules/__pycache__/one.pyc", "tests/output/one.png", "reports/demo/report.json", ".ruff_cache/one"),
]


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    root = tmp_path / "outer" / "unpacked"
    for name in SOURCES + PRODUCTS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("", encoding="utf-8")
    return root


@pytest.mark.parametrize("where", ["nowhere", "in another repository", "in one that ignores it"])
def test_without_a_repository_of_its_own(unpacked: Path, where: str) -> None:
    import copy_of_sources

    if where != "nowhere":
        subprocess.run(["git", "init", "--quiet", str(unpacked.parent)], check=True)
    if where == "in one that ignores it":
        (unpacked.parent / ".gitignore").write_text("unpacked/\n", encoding="utf-8")
    assert copy_of_sources.sources(unpacked) == SOURCES


def test_without_git(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import copy_of_sources

    monkeypatch.setenv("PATH", str(unpacked))
    assert copy_of_sources.sources(unpacked) == SOURCES


def test_in_a_clone_what_git_ignores_is_left_out_and_what_is_new_is_not(unpacked: Path) -> None:
    import copy_of_sources

    subprocess.run(["git", "init", "--quiet", str(unpacked)], check=True)
    ignored = [
        ".venv*",
        ".cache",
        "docs/build",
        "dist",
        "__pycache__",
        "tests/output",
        "reports",
        ".ruff_cache",
        "*.rst",
    ]
    (unpacked / ".gitignore").write_text("\n".join(ignored), encoding="utf-8")
    assert copy_of_sources.sources(unpacked) == [".gitignore", "README.md", "plugins/modules/one.py"]
