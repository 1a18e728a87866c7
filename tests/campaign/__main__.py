# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load ansible-core before anything imports the collection, or its loader does not know the collection."""

import importlib
import sys

from tests.support import loaded

loaded.load()
sys.exit(importlib.import_module("tests.campaign.campaign").main())
