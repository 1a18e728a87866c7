# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a workspace, to come back to and to look at as it was.

A set-up takes seconds and a copy milliseconds, so a test that needs the same workspace a hundred times makes it once.
"""

from __future__ import annotations

import copy
import os
import random
import threading
import typing as t

from .model import Workspace
from .sql import duck

# What belongs to the process and not to what the workspace holds.
_OF_THE_PROCESS = ("lock", "on_discard", "account_workspaces", "account", "seeded", "running")


class Kept(t.NamedTuple):
    """A workspace at one moment, and the rows of its tables."""

    workspace: Workspace
    rows: duck.Rows


def copied(workspace: Workspace) -> Workspace:
    """A workspace that shares nothing with this one that a handler could change, without the rows of its tables."""
    twin = copy.copy(workspace)
    twin.lock, twin.on_discard = threading.RLock(), []
    held = {name: value for name, value in vars(workspace).items() if name not in _OF_THE_PROCESS}
    vars(twin).update(copy.deepcopy(held))
    # Nothing that is made later may equal what was made after the copy was taken.
    twin.rng = random.Random(os.urandom(16))
    return twin


def kept(workspace: Workspace) -> Kept:
    """Call it while holding the workspace's lock."""
    return Kept(copied(workspace), duck.rows_of(workspace))


def brought_back(one: Kept) -> Workspace:
    """The workspace as it was kept; the copy itself stays as it is."""
    workspace = copied(one.workspace)
    workspace.running = {}
    duck.fill(workspace, one.rows)
    return workspace
