# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A JSON object, as the service sends it, a store keeps it or Ansible hands it on."""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]
