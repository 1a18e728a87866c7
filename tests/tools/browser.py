# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser to look at pages with: which one is here, and what Python needs to drive it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "there is no Chromium here. Install one (Debian: apt-get install chromium fonts-nanum), or say CHROMIUM=<its path>"
)


def found() -> str | None:
    """Path of a Chromium: the one in CHROMIUM, or the first on the path; None without one."""
    said = os.environ.get("CHROMIUM")
    return shutil.which(said) if said else next(filter(None, map(shutil.which, NAMES)), None)


def why_not() -> str:
    """Why no browser can be driven from this interpreter; empty if one can."""
    if found() is None:
        return MISSING
    if importlib.util.find_spec("axe_playwright_python") is None:
        return "its driver is not installed: pip install -r tests/browser/requirements.txt"
    return ""


def install_driver() -> int:
    """Install what drives the browser into this interpreter's environment, unless it is there; pip's status."""
    if importlib.util.find_spec("axe_playwright_python") is not None:
        return 0
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    return subprocess.run([*command, "-r", "tests/browser/requirements.txt"], check=False, cwd=ROOT).returncode
