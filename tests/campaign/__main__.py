# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load ansible-core before anything imports the collection, or its loader does not know the collection."""

import importlib
import sys
import tempfile

from tests.support import loaded

with tempfile.TemporaryDirectory() as folder:
    # What a callback, the log or a cache keeps of a run is searched for secrets.
    loaded.load(
        ANSIBLE_LOG_PATH=f"{folder}/ansible.log",
        ANSIBLE_CALLBACKS_ENABLED="ansible.builtin.junit",
        ANSIBLE_CACHE_PLUGIN="ansible.builtin.jsonfile",
    )
    status = importlib.import_module("tests.campaign.campaign").main()
sys.exit(status)
