# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the Klaviyo role, run as a user runs them, against a sandbox of their own."""

from __future__ import annotations

import tempfile
import typing as t
from pathlib import Path

import pytest

from tests.support.interpreter import loaded_interpreter
from tests.support.klaviyo import Site, start_site


@pytest.fixture(scope="session")
def python() -> t.Iterator[str]:
    """What ``ansible_python_interpreter`` says where a play has many tasks with the modules of Ansible itself."""
    with tempfile.TemporaryDirectory(prefix="python-") as short, loaded_interpreter(Path(short)) as path:
        yield str(path)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    """A workspace that nobody else uses, and an inventory for it."""
    with start_site(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture(scope="module")
def connected(site: Site) -> Site:
    """The same workspace after a first klaviyo_setup."""
    site.play("klaviyo_setup").ok()
    return site
