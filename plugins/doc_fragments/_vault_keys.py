# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """What an action sends to a module with a store that runs as a program."""

    DOCUMENTATION = r"""
options:
  _vault_keys:
    description: Set by this collection itself where a module runs as a program in a play with vault secrets.
    type: str
"""
