# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of modules, roles and guides as HTML in docs/build/html, made without the network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from copy_of_sources import COLLECTION, COLLECTIONS, ROOT, copy_sources

BIN = Path(sys.executable).parent
BUILD = ROOT / "docs" / "build"

CONF = """\
project = "lakeops.databricks"
copyright = "lakeops contributors"
extensions = ["sphinx_antsibull_ext"]
html_theme = "alabaster"
html_theme_options = {"page_width": "70em", "sidebar_width": "16em"}
html_show_sphinx = False
# What belongs to Ansible itself is linked only by sites that can look it up.
suppress_warnings = ["ref.ref"]
"""


def main() -> int:
    copy_sources()
    shutil.rmtree(BUILD, ignore_errors=True)
    source = BUILD / "rst"
    source.mkdir(parents=True)
    (BUILD / "conf.py").write_text(CONF, encoding="utf-8")
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
    }
    steps: tuple[list[str | Path], ...] = (
        [
            *(BIN / "antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"),
            *("--dest-dir", source, "lakeops.databricks"),
        ],
        [BIN / "sphinx-build", "-q", "--fail-on-warning", "-b", "html", "-c", BUILD, source, BUILD / "html"],
    )
    for step in steps:
        done = subprocess.run([str(word) for word in step], check=False, cwd=COLLECTION, env=environment)
        if done.returncode:
            return done.returncode
    print(f"{BUILD / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
