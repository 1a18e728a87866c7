# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of runs on the machine that runs the play: written once, chained by hashes, never overwritten."""

from __future__ import annotations

from .. import _bytecode

__getattr__ = _bytecode.submodules(__name__)
