# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, one for each process that tests; without one the tests are skipped, and say why."""

from __future__ import annotations

import contextlib
import sys
import typing as t
from pathlib import Path

import pytest

from . import looking

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import browser as here


@pytest.fixture(scope="session")
def chromium() -> t.Iterator[t.Any]:
    reason = here.why_not()
    if reason:
        pytest.skip(f"no browser test: {reason}")
    with contextlib.ExitStack() as closing:
        yield closing.enter_context(looking.browser(here.found()))
