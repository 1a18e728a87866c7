# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what reports leave behind, as somebody who trusts nothing that could have been written later."""

from __future__ import annotations

from .. import _bytecode

__getattr__ = _bytecode.submodules(__name__)
