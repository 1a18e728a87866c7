# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """What every module promises, as data; a test holds the modules to it."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and say what would change, without changing anything.
    support: full
  diff_mode:
    description: In diff mode, shows what changed, or would change in C(check_mode).
    support: full
  idempotent:
    description: A second run with the same arguments changes nothing.
    support: full
  action_group:
    description: Use C(group/lakeops.databricks.workspace) in C(module_defaults) to set connection options once.
    support: full
    membership: [lakeops.databricks.workspace]
"""

    # Modules that only read.
    INFO = r"""
attributes:
  diff_mode:
    description: This module changes nothing.
    support: N/A
  idempotent:
    description: This module changes nothing.
    support: full
"""
